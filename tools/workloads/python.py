"""A script as they run in containers: imports, files, JSON, processes,
threads, a socket and a queue between them."""
import concurrent.futures
import csv
import json
import os
import pathlib
import queue
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import urllib.request  # noqa: F401 - the import is the work
import zipfile


def write_files(root):
    for i in range(60):
        folder = root / str(i % 5)
        folder.mkdir(exist_ok=True)
        rows = [{"id": n, "name": f"row {n}", "even": n % 2 == 0}
                for n in range(i * 5)]
        (folder / f"{i}.json").write_text(json.dumps(rows))


def read_files(root):
    total = 0
    for path in sorted(root.rglob("*.json")):
        if path.stat().st_size:
            total += len(json.loads(path.read_text()))
    return total


def read_one(path):
    return len(path.read_bytes())


def pass_messages(count):
    """A thread that answers on a socket, and one that waits on a queue."""
    results = queue.Queue()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection:
            while data := connection.recv(4096):
                connection.sendall(data.upper())

    def collect():
        while results.get() is not None:
            pass

    threads = [threading.Thread(target=serve),
               threading.Thread(target=collect)]
    for thread in threads:
        thread.start()
    with socket.create_connection(listener.getsockname()) as client:
        for i in range(count):
            client.sendall(b"message %d" % i)
            results.put(client.recv(4096))
    results.put(None)
    for thread in threads:
        thread.join()
    listener.close()


def main():
    root = pathlib.Path(tempfile.mkdtemp(dir="."))
    write_files(root)
    total = read_files(root)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        total += sum(pool.map(read_one, root.rglob("*.json")))
    with zipfile.ZipFile(root / "all.zip", "w",
                         zipfile.ZIP_DEFLATED) as archive:
        for path in root.rglob("*.json"):
            archive.write(path)
    with open(root / "rows.csv", "w", newline="") as file:
        csv.writer(file).writerows([i, i * i] for i in range(2000))
    database = sqlite3.connect(root / "rows.db")
    database.execute("create table rows (a integer, b integer)")
    for i in range(10):
        with database:
            database.executemany("insert into rows values (?, ?)",
                                 [(i, n) for n in range(50)])
    database.close()
    pass_messages(200)
    for i in range(10):
        subprocess.run(["/bin/true"], check=True)
        total += len(subprocess.run(["ls", root], check=True,
                                    capture_output=True).stdout)
    os.replace(root / "rows.csv", root / "old.csv")
    shutil.rmtree(root)
    print(total)


main()
