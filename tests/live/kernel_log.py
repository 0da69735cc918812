"""What the running kernel logs of calls, complete.

printk drops lines past its rate, and its buffer wraps: a KernelLog reads as
the lines come, with the limit of the rate lifted while it is open.  One is
open at a time on a machine, by a lock on kernel.printk_ratelimit.  A process
of its own puts the limit back, however this one ends.
"""

import contextlib
import fcntl
import os
import select
import subprocess
import threading
import time

LIMIT = "/proc/sys/kernel/printk_ratelimit"
# Reads to the end of the pipe, which is that of the one who has the log open.
RESTORE = 'trap "" HUP INT TERM; cat; printf %s "$1" >' + LIMIT
SECONDS = 20


class Missing(Exception):
    """Why the log cannot be read here."""


class KernelLog:
    """audited is a command without arguments, under a filter that logs all
    its calls.  lift: whether to lift the limit at once."""

    def __init__(self, audited, lift=True):
        self.audited, self.lift = audited, lift
        self.lines = []  # all that is about calls, as dmesg prints it
        self.lost = False  # whether some are missing

    def __enter__(self):
        try:
            self.kmsg = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
            self.limit = os.open(LIMIT, os.O_RDWR)
        except OSError as error:
            raise Missing(f"{error.filename}: {error.strerror}") from error
        os.lseek(self.kmsg, 0, os.SEEK_END)
        fcntl.flock(self.limit, fcntl.LOCK_EX)
        before = os.read(self.limit, 32).decode().strip()
        self.watcher = subprocess.Popen(
            ["sh", "-c", RESTORE, "sh", before], stdin=subprocess.PIPE,
            pass_fds=[self.limit], start_new_session=True)
        self.closing = threading.Event()
        self.reader = threading.Thread(target=self.read_all)
        self.reader.start()
        try:
            os.pwrite(self.limit, b"0", 0)
            self.settle()
            if not self.lift:
                os.pwrite(self.limit, before.encode(), 0)
        except RuntimeError as error:
            self.__exit__()
            raise Missing(str(error)) from error
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.reader.join()
        os.close(self.kmsg)
        self.watcher.stdin.close()
        self.watcher.wait()
        os.close(self.limit)

    def read_all(self):
        # The buffer may have room for what comes in some milliseconds.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -20)
        ready = select.poll()
        ready.register(self.kmsg, select.POLLIN)
        while not self.closing.is_set():
            try:
                record = os.read(self.kmsg, 8192).decode(errors="replace")
            except BlockingIOError:
                ready.poll(50)
                continue
            except OSError:  # EPIPE: it was written over
                self.lost = True
                continue
            text = record.partition(";")[2].partition("\n")[0]
            if text.startswith("audit: type=1326 "):
                self.lines.append(text)

    def settle(self):
        """Comes back when all calls that were made are in lines: the kernel
        logs in order, so one that is made now comes behind them."""
        start = len(self.lines)
        last = subprocess.Popen(self.audited, stdout=subprocess.DEVNULL)
        last.wait()
        end = time.monotonic() + SECONDS
        while not any(f" pid={last.pid} " in line and " syscall=231 " in line
                      for line in self.lines[start:]):
            if time.monotonic() > end:
                raise RuntimeError("calls do not come to the kernel's log")
            time.sleep(0.005)
