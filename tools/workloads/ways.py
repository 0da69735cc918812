"""Two ways to see what a program and all that it starts call.

Each way is a class of traces.  A trace starts the program, knows how many
calls there were so far, and can set marks between them; counts() gives those
before the first mark, between marks and after the last one.
"""
import collections
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LAUNCH = pathlib.Path(__file__).resolve().parent / "launch.py"


class Failed(Exception):
    """A workload did not do what it should."""


def kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


class Kernel:
    """Calls written down by the kernel, into a buffer in memory, when they
    are entered.  Programs run on; a call takes some 80 ns longer.

    An instance of tracefs (Documentation/trace/ftrace.rst) has a buffer and
    events of its own.  Its set_event_pid says whose events are taken, and
    with event-fork the kernel adds what these start, and removes what ends.
    """

    TRACEFS = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")
    BUFFER = 12 << 10  # KiB for each CPU; a call takes 68 bytes
    EVENT = "events/raw_syscalls/sys_enter/enable"
    MARK = b": tracing_mark_write: record-weights\n"

    def __init__(self, _folder, argv, user=None, **options):
        root = next(path for path in map(pathlib.Path, self.TRACEFS)
                    if (path / "instances").is_dir())
        self.folder = pathlib.Path(tempfile.mkdtemp(
            prefix="record-weights-", dir=root / "instances"))
        self.process = None
        try:
            self.set("options/event-fork", 1)
            self.set("options/markers", 1)
            self.set("buffer_size_kb", self.BUFFER)
            self.launch(argv, user, options)
        except BaseException:
            self.close()
            raise

    def launch(self, argv, user, options):
        """Starts a program that waits until its events are taken."""
        argv = [str(a) for a in argv]
        program = shutil.which(argv[0])
        if not program:
            raise Failed(f"there is no {argv[0]}")
        read, write = os.pipe()
        try:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", LAUNCH, str(read), user or "",
                 program, *argv[1:]], pass_fds=[read], **options)
            self.set("set_event_pid", self.process.pid)
            self.set(self.EVENT, 1)
            environment = options.get("env") or dict(os.environ)
            os.write(write, json.dumps(environment).encode())
        finally:
            os.close(read)
            os.close(write)

    @staticmethod
    def works():
        """Whether it can be used here.  Numbers of processes in tracefs are
        those of the first PID namespace, whose inode is constant
        (PROC_PID_INIT_INO)."""
        try:
            if os.stat("/proc/self/ns/pid").st_ino != 0xEFFFFFFC:
                return False
            trace = Kernel(None, ["true"])
            try:
                trace.wait(10)
                return trace.counts()[0].total() > 1
            finally:
                trace.close()
        except (OSError, StopIteration, Failed, subprocess.SubprocessError):
            return False

    def set(self, name, value):
        (self.folder / name).write_text(f"{value}\n")

    def pids(self):
        """Threads that are traced and have not ended."""
        return [int(pid) for pid in
                (self.folder / "set_event_pid").read_text().split()]

    def statistic(self, name):
        return sum(int(value) for path in self.folder.glob("per_cpu/*/stats")
                   for value in re.findall(rf"^{name}: (\d+)",
                                           path.read_text(), re.M))

    def calls(self):
        return self.statistic("entries")

    def mark(self):
        self.set("trace_marker", "record-weights")

    def pid(self):
        return self.process.pid

    def wait(self, seconds):
        """The exit status, once nothing is left that is traced."""
        limit = time.monotonic() + seconds
        status = self.process.wait(seconds)
        while self.pids():
            if time.monotonic() > limit:
                raise Failed("something does not end")
            time.sleep(0.05)
        return status

    def counts(self):
        for name in ("overrun", "commit overrun", "dropped events"):
            if self.statistic(name):
                raise Failed(f"the kernel's buffer is too small: {name}")
        text = (self.folder / "trace").read_bytes()
        # Before its first execve it was the launcher.
        begin = re.search(rb"-%d +\[\d+\].*: sys_enter: NR 59 \(" %
                          self.process.pid, text)
        if not begin:
            raise Failed("the kernel wrote down no execve")
        return [collections.Counter(
            f"syscall_0x{int(number):x}" for number in
            re.findall(rb": sys_enter: NR (-?\d+) \(", part))
                for part in text[begin.start():].split(self.MARK)]

    def close(self):
        """Kills what it still traces, which would outlive it."""
        limit = time.monotonic() + 10
        try:
            if self.process:
                while pids := self.pids():
                    for pid in pids:
                        kill(pid)
                    self.process.poll()  # until then it is in the list
                    if time.monotonic() > limit:
                        raise Failed("something cannot be killed")
                    time.sleep(0.05)
                self.process.wait(10)
            self.set(self.EVENT, 0)
        finally:
            self.folder.rmdir()


class Strace:
    """Calls written down by strace, which stops the program at each."""

    ARGUMENTS = ["strace", "-f", "-qq", "-s", "0", "-e", "raw=all",
                 "-e", "signal=none"]

    def __init__(self, folder, argv, user=None, **options):
        self.log = folder / "trace"
        self.log.unlink(missing_ok=True)
        self.marks = []
        options.setdefault("stdin", subprocess.DEVNULL)
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(
            [*self.ARGUMENTS, *(["-u", user] if user else []), "-o", self.log,
             *map(str, argv)], **options)

    @staticmethod
    def works():
        """Whether there is strace, and it may trace."""
        return bool(shutil.which("strace")) and not subprocess.run(
            ["strace", "-f", "-o", "/dev/null", "true"], check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode

    def text(self):
        """Whole lines of the log, one for each call or end of one."""
        text = self.log.read_bytes() if self.log.exists() else b""
        return text[:text.rfind(b"\n") + 1]

    def calls(self):
        return self.text().count(b"\n")

    def mark(self):
        self.marks.append(len(self.text()))

    def pid(self):
        """The first call in the log is the program's own."""
        return int(self.text().split()[0])

    def wait(self, seconds):
        """The exit status; strace ends after all that it traces."""
        return self.process.wait(seconds)

    def counts(self):
        """By name, or by number where strace is older than the call."""
        text = self.log.read_bytes()
        borders = [0, *self.marks, len(text)]
        return [collections.Counter(
            name.decode() for name in
            re.findall(rb"^\d+ +([a-z_][a-z_0-9]*)\(", text[begin:end], re.M))
                for begin, end in zip(borders, borders[1:])]

    def traces(self, pid):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/status",
                                                encoding="utf-8") as status:
            return f"TracerPid:\t{self.process.pid}\n" in status.read()
        return False

    def close(self):
        """Kills what it still traces, which would outlive it."""
        if self.process.poll() is None:
            for pid in set(re.findall(rb"^(\d+)", self.text(), re.M)):
                if self.traces(int(pid)):
                    kill(int(pid))
            self.process.wait()


WAYS = {"kernel": Kernel, "strace": Strace}
