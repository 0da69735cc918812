"""What a program calls: one run of it under strace."""
import collections
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time

TIMEOUT = 300  # seconds that one command may take

STRACE = ["strace", "-f", "-qq", "-s", "0", "-e", "raw=all",
          "-e", "signal=none"]


class Failed(Exception):
    """A workload did not do what it should."""


def count_calls(text):
    """The calls that strace wrote down, each when it was entered."""
    return collections.Counter(
        match.decode() for match in
        re.findall(rb"^\d+ +([a-z_][a-z_0-9]*)\(", text, re.M))


def is_traced_by(tracer, pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status",
                                            encoding="utf-8") as status:
        return f"TracerPid:\t{tracer}\n" in status.read()
    return False


class Run:
    """One run of one workload, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.start = collections.Counter()
        self.steady = collections.Counter()
        self.log = folder / "trace"

    def command(self, *argv, **options):
        """Runs a command that is not traced."""
        options.setdefault("cwd", self.folder)
        with open(self.folder / "output", "ab") as output:
            done = subprocess.run([str(a) for a in argv], stdout=output,
                                  stderr=output, timeout=TIMEOUT,
                                  check=False, **options)
        if done.returncode:
            self.fail(f"{argv[0]} ended with status {done.returncode}")

    def batch(self, *argv):
        """Traces a command from its first call to its last."""
        self.command(*STRACE, "-o", self.log, *argv,
                     stdin=subprocess.DEVNULL)
        self.steady += count_calls(self.log.read_bytes())

    def fail(self, why):
        with contextlib.suppress(OSError):
            sys.stderr.write((self.folder / "output").read_text()[-2000:])
        raise Failed(why)

    @contextlib.contextmanager
    def server(self, *argv, port, user=None, end=signal.SIGTERM):
        """Traces a server; what is in the block is its steady state."""
        strace = STRACE + (["-u", user] if user else [])
        with open(self.folder / "output", "ab") as output:
            # pylint: disable-next=consider-using-with
            process = subprocess.Popen(
                [str(a) for a in [*strace, "-o", self.log, *argv]],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output)
        try:
            self.wait_for(process, port)
            before = self.settle()
            yield
            after = self.settle()
            # The first call in the log is the server's own.
            os.kill(int(self.log.read_bytes().split()[0]), end)
            process.wait(60)
        finally:
            if process.poll() is None:
                self.kill_all(process)
        text = self.log.read_bytes()
        self.start += count_calls(text[:before] + text[after:])
        self.steady += count_calls(text[before:after])

    def kill_all(self, strace):
        """Whatever it still traces, which would outlive it."""
        pids = re.findall(rb"^(\d+)", self.log.read_bytes(), re.M)
        for pid in map(int, set(pids)):
            if is_traced_by(strace.pid, pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        strace.wait()

    def wait_for(self, process, port):
        """Until something listens on the port."""
        limit = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < limit:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            time.sleep(0.1)
        self.fail("the server does not start")

    def settle(self):
        """The size of the log once it stops growing, or grows slowly."""
        size, grown = self.log.stat().st_size, 1 << 20
        limit = time.monotonic() + 10
        while grown > 2000 and time.monotonic() < limit:
            time.sleep(0.5)
            grown = self.log.stat().st_size - size
            size += grown
        # To the end of the last whole line.
        with open(self.log, "rb") as log:
            text = log.read(size)
        return text.rfind(b"\n") + 1

    def bench(self, port, requests=1500, path="small.html"):
        """Requests, on connections of their own and on kept ones."""
        url = f"http://127.0.0.1:{port}/{path}"
        for options in (["-k"], []):
            self.command("ab", "-q", "-n", requests, "-c", 20, *options, url)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def pages(self):
        self.write("small.html", "<p>hello</p>\n" * 40)
        self.write("large.html", "<p>hello</p>\n" * 8000)
