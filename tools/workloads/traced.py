"""What a program calls: one run of it, alone or as a server under load."""
import collections
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

from ways import Failed

TIMEOUT = 300  # seconds that one command may take
FEW = 40  # calls in half a second


class Run:
    """One run of one workload, in a folder of its own."""

    def __init__(self, folder, way):
        self.folder = folder
        self.way = way
        self.start = collections.Counter()
        self.steady = collections.Counter()

    def command(self, *argv, **options):
        """Runs a command that is not traced."""
        options.setdefault("cwd", self.folder)
        with open(self.folder / "output", "ab") as output:
            done = subprocess.run([str(a) for a in argv], stdout=output,
                                  stderr=output, timeout=TIMEOUT,
                                  check=False, **options)
        if done.returncode:
            self.fail(f"{argv[0]} ended with status {done.returncode}")

    @contextlib.contextmanager
    def traced(self, *argv, user=None):
        """A trace of a program; nothing that it traces outlives it."""
        with open(self.folder / "output", "ab") as output:
            trace = self.way(self.folder, argv, user, cwd=self.folder,
                             stdin=subprocess.DEVNULL, stdout=output,
                             stderr=output)
        try:
            yield trace
        finally:
            trace.close()

    def batch(self, *argv):
        """Traces a command from its first call to its last."""
        with self.traced(*argv) as trace:
            status = trace.wait(TIMEOUT)
            if status:
                self.fail(f"{argv[0]} ended with status {status}")
            self.steady += trace.counts()[0]

    def fail(self, why):
        with contextlib.suppress(OSError):
            sys.stderr.write((self.folder / "output").read_text()[-2000:])
        raise Failed(why)

    @contextlib.contextmanager
    def server(self, *argv, port, user=None, end=signal.SIGTERM):
        """Traces a server; what is in the block is its steady state."""
        with self.traced(*argv, user=user) as trace:
            self.wait_for(trace.process, port)
            self.settle(trace)
            trace.mark()
            yield
            self.settle(trace)
            trace.mark()
            os.kill(trace.pid(), end)
            trace.wait(60)
            start, steady, stop = trace.counts()
        self.start += start + stop
        self.steady += steady

    def wait_for(self, process, port):
        """Until something listens on the port."""
        limit = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < limit:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            time.sleep(0.1)
        self.fail("the server does not start")

    @staticmethod
    def settle(trace):
        """Waits until there are no more calls, or few."""
        before, more = trace.calls(), FEW + 1
        limit = time.monotonic() + 10
        while more > FEW and time.monotonic() < limit:
            time.sleep(0.5)
            more = trace.calls() - before
            before += more

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
