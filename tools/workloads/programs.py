"""The workloads: servers under load and batches of commands."""
import contextlib
import glob
import http.server
import os
import pathlib
import shutil
import signal
import socket
import threading

HERE = pathlib.Path(__file__).resolve().parent

# The Debian packages that each workload needs besides strace and python3.
PACKAGES = {
    "nginx": "nginx-light apache2-utils",
    "haproxy": "haproxy apache2-utils",
    "redis": "redis-server redis-tools",
    "memcached": "memcached",
    "postgres": "postgresql postgresql-contrib",
    "mariadb": "mariadb-server mariadb-client",
    "httpd-python": "apache2-utils",
    "httpd-threads": "apache2-utils",
    "httpd-node": "nodejs apache2-utils",
    "httpd-go": "golang-go apache2-utils",
    "httpd-java": "default-jdk-headless apache2-utils",
    "python": "",
    "sqlite": "sqlite3",
    "shell": "bash coreutils tar gzip findutils grep sed diffutils",
    "git": "git",
    "gcc": "gcc libc6-dev make",
    "dpkg": "dpkg",
    "curl": "curl",
    "container": "bubblewrap busybox-static",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def nginx_config(run, port):
    return run.write("nginx.conf", f"""
worker_processes 2;
daemon off;
pid {run.folder}/nginx.pid;
error_log {run.folder}/error.log;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    access_log {run.folder}/access.log;
    sendfile on;
    gzip on;
    server {{ listen 127.0.0.1:{port}; root {run.folder}; }}
}}
""")


def nginx(run):
    port = free_port()
    run.pages()
    with run.server("/usr/sbin/nginx", "-c", nginx_config(run, port),
                    port=port):
        run.bench(port)
        run.bench(port, 300, "large.html")
        run.bench(port, 100, "missing.html")


@contextlib.contextmanager
def pages_served(run):
    """A server of files that is not traced; gives its port."""
    run.pages()
    handler = http.server.SimpleHTTPRequestHandler
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0),
            lambda *a: handler(*a, directory=run.folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def haproxy(run):
    front = free_port()
    with pages_served(run) as back:
        config = run.write("haproxy.cfg", f"""
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
listen web
    bind 127.0.0.1:{front}
    server one 127.0.0.1:{back} check
""")
        with run.server("/usr/sbin/haproxy", "-db", "-f", config,
                        port=front):
            run.bench(front, 800)
            run.bench(front, 100, "large.html")


def redis(run):
    port = free_port()
    with run.server("redis-server", "--port", port, "--bind", "127.0.0.1",
                    "--dir", run.folder, "--appendonly", "yes", port=port):
        run.command("redis-benchmark", "-p", port, "-n", 1500, "-c", 20, "-q")
        run.command("redis-benchmark", "-p", port, "-n", 4000, "-c", 20,
                    "-P", 8, "-t", "get,set", "-q")
        run.command("redis-cli", "-p", port, "bgsave")


def memcached(run):
    port = free_port()

    def talk():
        with socket.create_connection(("127.0.0.1", port)) as s:
            for i in range(300):
                s.sendall(b"set key%d 0 60 100\r\n%s\r\n" % (i, b"x" * 100))
                s.recv(4096)
                for key in (i, i * 7 % 300, i * 13 % 300):
                    s.sendall(b"get key%d\r\n" % key)
                    s.recv(4096)

    with run.server("memcached", "-u", "nobody", "-l", "127.0.0.1", "-p",
                    port, "-U", 0, port=port):
        threads = [threading.Thread(target=talk) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def newest(pattern):
    return sorted(glob.glob(pattern))[-1]


def postgres(run):
    port = free_port()
    programs = newest("/usr/lib/postgresql/*/bin")
    data = run.folder / "data"
    data.mkdir()
    shutil.chown(data, "postgres")
    user = {"user": "postgres", "cwd": data,
            "env": dict(os.environ, PGHOST=str(data), PGPORT=str(port))}
    run.command(f"{programs}/initdb", "-D", data / "base", "-A", "trust",
                **user)
    bench = f"{programs}/pgbench"
    # SIGINT: a shutdown that does not wait for clients.
    with run.server(f"{programs}/postgres", "-D", data / "base", "-k", data,
                    "-p", port, port=port, user="postgres",
                    end=signal.SIGINT):
        run.command(bench, "-i", "-q", "-s", 2, "postgres", **user)
        run.command(bench, "-c", 4, "-t", 150, "postgres", **user)
        run.command(bench, "-c", 4, "-t", 1000, "-S", "postgres", **user)
        run.command(bench, "-c", 2, "-t", 40, "-S", "-C", "postgres", **user)


def mariadb(run):
    port = free_port()
    data = run.folder / "data"
    data.mkdir()
    shutil.chown(data, "mysql")
    run.command("mariadb-install-db", "--no-defaults", "--user=mysql",
                "--auth-root-authentication-method=normal",
                f"--datadir={data}")
    slap = ["mariadb-slap", "--no-defaults", "-h", "127.0.0.1", "-P", port,
            "-u", "root", "--auto-generate-sql", "--concurrency=4"]
    with run.server("/usr/sbin/mariadbd", "--no-defaults", "--user=mysql",
                    f"--datadir={data}", f"--socket={data}/socket",
                    "--bind-address=127.0.0.1", f"--port={port}",
                    port=port):
        run.command(*slap, "--number-of-queries=1500",
                    "--auto-generate-sql-load-type=mixed")
        run.command(*slap, "--number-of-queries=1500",
                    "--auto-generate-sql-load-type=read")


def httpd_python(run, program="httpd.py"):
    port = free_port()
    run.pages()
    with run.server("/usr/bin/python3", HERE / program, port, port=port):
        run.bench(port, 1000)


def httpd_threads(run):
    httpd_python(run, "httpd-threads.py")


def httpd_node(run):
    port = free_port()
    run.pages()
    with run.server("/usr/bin/node", HERE / "node.js", port,
                    port=port):
        run.bench(port, 1000)


def httpd_go(run):
    port = free_port()
    run.pages()
    run.command("go", "build", "-o", run.folder / "server",
                HERE / "server.go",
                env=dict(os.environ, HOME=str(run.folder)))
    with run.server(run.folder / "server", port, port=port):
        run.bench(port, 1000)
        run.bench(port, 100, "large.html")
        run.bench(port, 500, "count")


def httpd_java(run):
    port = free_port()
    run.pages()
    run.command("javac", "-d", run.folder, HERE / "Server.java")
    with run.server("java", "-cp", run.folder, "Server", port, port=port):
        run.bench(port, 1000)


def curl(run):
    with pages_served(run) as port:
        script = run.write("curl.sh", f"""
for i in 1 2 3 4 5 6 7 8 9 10; do
    curl -sf http://127.0.0.1:{port}/small.html
    curl -sf -o large-$i http://127.0.0.1:{port}/large.html
    curl -sf http://localhost:{port}/[1-3].html || :
done
""")
        run.batch("sh", script)


def python(run):
    run.batch("/usr/bin/python3", HERE / "python.py")


def script(name, shell="sh"):
    """A workload that is a script."""
    return lambda run: run.batch(shell, HERE / f"{name}.sh")


WORKLOADS = {
    "nginx": nginx,
    "haproxy": haproxy,
    "redis": redis,
    "memcached": memcached,
    "postgres": postgres,
    "mariadb": mariadb,
    "httpd-python": httpd_python,
    "httpd-threads": httpd_threads,
    "httpd-node": httpd_node,
    "httpd-go": httpd_go,
    "httpd-java": httpd_java,
    "python": python,
    "sqlite": script("sqlite"),
    "shell": script("shell", "bash"),
    "git": script("git"),
    "gcc": script("gcc"),
    "dpkg": script("dpkg"),
    "curl": curl,
    "container": script("container"),
}
