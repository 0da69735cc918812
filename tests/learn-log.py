#!/usr/bin/env python3
"""`seccompc learn` from logs, from outside.

learn-log.py SECCOMPC

The same calls in each form in which a log has them give the same profile;
which of them are asked for; what is said of lines that are missing, broken or
not the kernel's; logs that grow, are moved away and emptied while they are
read; signals at any moment; memory for input of any length.  Prints TAP.
"""

import json
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

# Syscalls of x86_64 and their numbers, as <asm/unistd_64.h> has them.
NUMBERS = {"read": 0, "write": 1, "openat": 257, "socket": 41, "mmap": 9}
AT = 1795692637  # 2026-11-26 11:30:37 UTC
ACTS = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f-\xff]")


class Call:
    """A call of a log: a name, who made it, and when, from AT on."""

    def __init__(self, name, serial, comm="web", exe="/bin/web", pid=7,
                 after=0, code=0x7ffc0000):
        self.name, self.serial, self.pid = name, serial, pid
        self.comm, self.exe, self.code = comm, exe, code
        self.time = AT + after

    def fields(self):
        return (f"auid=4294967295 uid=0 gid=0 ses=4294967295 pid={self.pid} "
                f"comm={text(self.comm)} exe={text(self.exe)} sig=0 "
                f"arch=c000003e syscall={NUMBERS[self.name]} compat=0 "
                f"ip=0x7f5904399ce7 code=0x{self.code:x}")

    def record(self):
        return (f"audit: type=1326 audit({self.time}.911:{self.serial}): "
                + self.fields())

    def date(self, form, zone=0):
        return time.strftime(form, time.gmtime(self.time + zone))


def text(name):
    """As kernel/audit.c puts text that a program has chosen."""
    raw = name.encode()
    if any(c < 0x21 or c > 0x7e or c == 0x22 for c in raw):
        return raw.hex().upper()
    return f'"{name}"'


def journal(call, transport="audit", message=None):
    return json.dumps({
        "_AUDIT_ID": str(call.serial), "_TRANSPORT": transport,
        "_SOURCE_REALTIME_TIMESTAMP": f"{call.time}911000",
        "MESSAGE": message or "SECCOMP " + call.fields(),
        "__REALTIME_TIMESTAMP": f"{call.time}917942", "_HOSTNAME": "vm"})


FORMS = {
    "dmesg": lambda c: f"[46879.46{c.serial % 10}] {c.record()}",
    "dmesg -T": lambda c: c.date("[%a %b %d %H:%M:%S %Y] ") + c.record(),
    "dmesg -x": lambda c: f"kern  :notice: [46879.466918] {c.record()}",
    "dmesg iso": lambda c: c.date("%Y-%m-%dT%H:%M:%S,338982+00:00 ")
    + c.record(),
    "dmesg -r": lambda c: f"<5>[46879.466918] {c.record()}",
    "dmesg -J": lambda c: '         "msg": ' + json.dumps(c.record()),
    "kmsg": lambda c: f"5,{c.serial},46879466918,-;{c.record()}",
    "syslog": lambda c: c.date("%b %d %H:%M:%S vm kernel: [46904.49] ")
    + c.record(),
    "rsyslog": lambda c: c.date("%Y-%m-%dT%H:%M:%S.266032+00:00 vm kernel: ")
    + c.record(),
    "RFC 5424": lambda c: c.date(
        "<5>1 %Y-%m-%dT%H:%M:%S.266032+00:00 vm kernel - - - ") + c.record(),
    "audit.log": lambda c: f"type=SECCOMP msg=audit({c.time}.911:{c.serial}): "
    + c.fields(),
    "enriched": lambda c: FORMS["audit.log"](c) + '\x1dAUID="unset" '
    'UID="root" GID="root" ARCH=x86_64 SYSCALL=' + c.name,
    "ausearch": lambda c: c.date("----\ntime->%a %b %d %H:%M:%S %Y\n")
    + FORMS["audit.log"](c),
    "ausearch -i": lambda c: "----\ntype=SECCOMP msg=audit("
    + c.date("%m/%d/%y %H:%M:%S", 3600) + f".911:{c.serial}) : auid=unset "
    f"uid=root gid=root ses=unset pid={c.pid} comm={c.comm} exe={c.exe} "
    f"sig=SIG0 arch=x86_64 syscall={c.name} compat=0 ip=0x7f code=log ",
    "short": lambda c: c.date("%b %d %H:%M:%S vm audit[7]: SECCOMP ", 3600)
    + c.fields(),
    "short-precise": lambda c: c.date(
        "%b %d %H:%M:%S.911000 vm audit[7]: SECCOMP ", 3600) + c.fields(),
    "short-iso": lambda c: c.date("%Y-%m-%dT%H:%M:%S+0100 vm audit[7]: "
                                  "SECCOMP ", 3600) + c.fields(),
    "short-full": lambda c: c.date("%a %Y-%m-%d %H:%M:%S CET vm audit[7]: "
                                   "SECCOMP ", 3600) + c.fields(),
    "short-unix": lambda c: f"{c.time}.911000 vm audit[7]: SECCOMP "
    + c.fields(),
    "json": journal,
    "journalctl -k -o json": lambda c: journal(c, "kernel", c.record()),
}
# They do not say when.
TIMELESS = {
    "cat": lambda c: "SECCOMP " + c.fields(),
    "short-monotonic": lambda c: "[46879.466918] vm audit[7]: SECCOMP "
    + c.fields(),
    "verbose": lambda c: "    MESSAGE=SECCOMP " + c.fields(),
    "json-pretty": lambda c: '\t"MESSAGE" : '
    + json.dumps("SECCOMP " + c.fields()) + ",",
}


def names(profile):
    """What a profile allows, but for the exit that is added: no log here has
    one."""
    if not profile:
        return None
    return {name for rule in json.loads(profile)["syscalls"]
            for name in rule["names"]} - {"exit_group"}


class Test:
    def __init__(self, seccompc, folder):
        self.seccompc, self.folder = seccompc, pathlib.Path(folder)
        self.count = self.failures = 0
        # An hour ahead of UTC, without a database of zones.
        self.environment = dict(os.environ, TZ="CET-1")

    def ok(self, good, what, detail=""):
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} - {what}", flush=True)
        if not good:
            for line in str(detail).splitlines()[:30]:
                print(f"# {line}")

    def learn(self, *arguments, log="", files=None):
        for name, content in (files or {}).items():
            (self.folder / name).write_text(content)
        data = log if isinstance(log, bytes) else log.encode()
        return subprocess.run(
            [self.seccompc, "learn", *arguments], cwd=self.folder, input=data,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            env=self.environment, check=False)

    def expect(self, what, calls, *arguments, log, said=()):
        """These calls and no others, and words on standard error."""
        done = self.learn(*arguments, log=log)
        error = done.stderr.decode()
        self.ok(done.returncode == (0 if calls else 1)
                and names(done.stdout) == (calls or None)
                and all(word in error for word in said)
                and (said or "warning" not in error),
                what, f"{done.returncode}\n{done.stdout}\n{error}")
        return error

    def start(self, *arguments, **options):
        return subprocess.Popen(
            [self.seccompc, "learn", *arguments], cwd=self.folder,
            stderr=subprocess.PIPE, env=self.environment, **options)

    def profile(self, name="out.json"):
        path = self.folder / name
        return names(path.read_bytes()) if path.exists() else None


def lines(calls, form):
    return "".join(form(c) + "\n" for c in calls)


def forms(t):
    calls = [Call("read", 1), Call("write", 2, comm="a b", exe="/bin/a b"),
             Call("openat", 3, after=10), Call("socket", 4, after=20)]
    plain = [c for c in calls if " " not in c.comm]
    for name, form in FORMS.items():
        log = "other words\n" + lines(
            plain if name == "ausearch -i" else calls, form)
        if name == "ausearch -i":
            log += FORMS["audit.log"](calls[1]) + "\n"
        t.expect(f"{name}: all of it", {"read", "write", "openat", "socket"},
                 log=log)
        t.expect(f"{name}: of a time", {"openat"}, f"--since=@{AT + 5}",
                 "--until=2026-11-26 12:30:50", "--comm=web", log=log)
    for name, form in TIMELESS.items():
        log = lines(calls, form)
        t.expect(f"{name}: all of it", {"read", "write", "openat", "socket"},
                 log=log)
        t.expect(f"{name}: no time is said", None, "--since=2026-11-26",
                 log=log, said=["4 calls are left out because the time is not "
                                "said"])


def filters(t):
    calls = [Call("read", 1, pid=1), Call("write", 2, comm="a b", pid=2),
             Call("openat", 3, exe="/opt/é\x1b[2J", pid=3),
             Call("socket", 4, comm="a-long-name-tha", pid=4),
             Call("mmap", 5, comm="web2", exe="/bin/web (deleted)", pid=5)]
    log = lines(calls, FORMS["audit.log"])
    for what, expected, arguments in (
            ("a name", {"read", "openat"}, ["--comm=web"]),
            ("two names", {"read", "openat", "mmap"},
             ["--comm=web", "--comm=web2"]),
            ("a name with a blank", {"write"}, ["--comm=a b"]),
            ("a name that the kernel cut", {"socket"},
             ["--comm=a-long-name-that-is-cut"]),
            ("a path", {"read", "write", "socket"}, ["--exe=/bin/web"]),
            ("a path of any bytes", {"openat"}, ["--exe=/opt/é\x1b[2J"]),
            ("such a path as it is printed", {"openat"},
             ["--exe=/opt/\\xc3\\xa9\\x1b[2J"]),
            ("a name and a path", {"read"},
             ["--comm=web", "--exe=/bin/web"]),
            ("processes", {"read", "mmap"}, ["--pid=1", "--pid=5"])):
        t.expect(f"only {what}", expected, *arguments, log=log)
    for time_, expected in (
            ("2026-11-26T11:30:37Z", True), ("2026-11-26T11:30:38Z", False),
            ("2026-11-26T12:30:37+01:00", True),
            ("2026-11-26 12:30:38", False), ("2026-11-26 12:30", True),
            ("2026-11-26 12:31", False), ("2026-11-26", True),
            ("2026-11-27", False), (str(AT), True), (f"@{AT}.912", False),
            ("now", time.time() < AT), ("-5000weeks", True),
            ("yesterday", time.time() < AT + 86400)):
        done = t.learn(f"--since={time_}", log=log)
        t.ok(done.returncode == (0 if expected else 1), f"since {time_}",
             done.stderr.decode())
    recent = journal(Call("read", 1, after=int(time.time()) - AT - 300))
    for time_, expected in (("-10min", True), ("-1min", False),
                            ("yesterday", True), ("-2 h", True)):
        done = t.learn(f"--since={time_}", log=recent)
        t.ok(done.returncode == (0 if expected else 1),
             f"five minutes ago, since {time_}", done.stderr.decode())
    for bad in ("--since=never", "--since=2026-02-30", "--until=-5parsecs",
                "--pid=0", "--pid=x", "--comm=", "--since=",
                "--since=99999999999999999999"):
        done = t.learn(bad, log=log)
        t.ok(done.returncode == 2 and not done.stdout, f"refused: {bad}",
             done.stderr.decode())
    t.ok(t.learn("--since=200", "--until=100", log=log).returncode == 2,
         "refused: times that have nothing between them")
    error = t.expect("a slip", None, "--comm=wep", log=log,
                     said=["no call is one of --comm=wep",
                           "did you mean --comm=web?", "comm 'a b'",
                           "exe '/opt/\\xc3\\xa9\\x1b[2J'"])
    t.ok("\x1b" not in error, "what was there is safe for terminals")
    many = lines([Call("read", i, comm=f"n{i}") for i in range(1000)],
                 FORMS["audit.log"])
    error = t.expect("a slip among many names", None, "--comm=m", log=many,
                     said=["968 calls of others"])
    t.ok(len(error.splitlines()) < 50, "a list of bounded length", error)


def missing(t):
    def log(*serials, after=0):
        return lines([Call("read", i, after=after) for i in serials],
                     FORMS["audit.log"])

    other = f"type=LOGIN msg=audit({AT}.5:2): pid=1\n"
    t.expect("other records explain a gap", {"read"}, log=log(1) + other
             + log(3))
    t.expect("a gap", {"read"}, log=log(1, 2, 6, 8),
             said=["warning: 4 audit events between the first and the last"])
    t.expect("auditd's own numbers are no gap", {"read"},
             log=f"type=DAEMON_START msg=audit({AT}.5:900): op=start\n"
             + log(1, 2))
    t.expect("the machine started again", {"read"},
             log=log(5000, 5001) + log(1, 2, after=100))
    t.expect("a log twice", {"read"}, log=log(1, 2, 3) * 2,
             said=["3 lines are there twice", "in 3 calls of"])
    t.expect("one event in two forms", {"read"},
             log=journal(Call("read", 5)) + "\n"
             + FORMS["kmsg"](Call("read", 5)) + "\n",
             said=["1 line is there twice"])
    t.expect("logs in another order", {"read"},
             log=log(*range(200, 300)) + log(*range(100, 200)),
             said=["warning: 100 audit events are older"])
    newer, older = log(*range(200, 300)), log(*range(100, 200))
    done = t.learn("new", "old", files={"new": newer, "old": older})
    t.ok(done.returncode == 0 and b"warning" not in done.stderr
         and b"in 200 calls" in done.stderr,
         "files in another order", done.stderr)
    for line, words in (
            ("[1.5] kauditd_printk_skb: 57 callbacks suppressed",
             "57 lines are lost: without auditd"),
            ("audit: rate limit exceeded", "auditctl -r 0"),
            ("audit: audit_lost=9 audit_rate_limit=0 audit_backlog_limit=64",
             "auditctl -b"),
            ("vm systemd-journald[1]: Missed 5 kernel messages",
             "5 lines are lost: messages of the kernel"),
            ("vm systemd-journald[1]: Suppressed 1 messages from a.service",
             "1 line is lost: journald"),
            ("rsyslogd: imjournal: 236 messages lost due to rate-limiting",
             "236 lines are lost: rsyslog")):
        t.expect(line[-40:], {"read"}, log=log(1) + line + "\n", said=[words])
    t.expect("numbers of the kernel's messages", {"read"},
             log=lines([Call("read", i) for i in (7, 8, 12)], FORMS["kmsg"]),
             said=["3 lines are lost: messages of the kernel",
                   "7 messages of the kernel since it started"])


def broken(t):
    good = FORMS["audit.log"](Call("read", 1)) + "\n"
    t.expect("a line that is cut off", {"read"},
             log=good + FORMS["audit.log"](Call("write", 2))[:120] + "\n",
             said=["warning: 1 line is of seccomp without arch"])
    record = FORMS["audit.log"](Call("write", 2))
    for front in ("[5.1] a[7]: segfault at 8 ip 1 sp 2 error 6 in b audit: ",
                  "type=PROCTITLE msg=audit(11/26/26 06:31:41.087:9) : "
                  "proctitle=a "):
        t.expect(f"a record in {front[:14]}", {"read"},
                 log=good + front + record + "\n",
                 said=["warning: 1 line is of seccomp without arch, syscall "
                       "or code, or just like one"])
    t.expect("a line without end", {"read"}, log=good + "x" * (1 << 17),
             said=["warning: 1 line is longer than 65536 bytes"])
    t.expect("who is not the kernel", {"read"},
             log=good + journal(Call("write", 2), "syslog") + "\n",
             said=["warning: 1 line is of seccomp not from the kernel"])
    t.expect("who cannot be told", {"read"},
             log=good + journal(Call("write", 2), ["kernel"]) + "\n",
             said=["warning: 1 line is of seccomp not from the kernel"])
    t.expect("a call that was refused", {"read", "write"},
             log=good + FORMS["audit.log"](Call("write", 2, code=0x50000))
             + "\n", said=["1 of these calls was refused"])
    t.expect("a log of nothing", None, log="hello\n",
             said=["there is no call in the log: 1 line,"])
    t.ok(t.learn("missing.log").returncode == 1
         and t.learn(".").returncode == 1, "a log that cannot be read")
    seed = random.Random(5)
    for i in range(6):
        parts = [good.encode(), FORMS["json"](Call("write", 2)).encode(),
                 b'type=1326 comm="\x1b[2J" exe=(\x07) arch=c000003e '
                 b'syscall=1 code=0x0\n', bytes([255, 254]), b"\n"]
        log = b"".join(
            seed.choice([seed.choice(parts), seed.randbytes(40)])
            for _ in range(200))
        done = t.learn("-", *[["--comm=x"], ["--since=now"], [],
                              ["-f", "-o", "hostile.json"]][i % 4], log=log)
        t.ok(done.returncode in (0, 1) and not ACTS.search(done.stderr),
             f"any bytes, {i}", ACTS.search(done.stderr))
    done = t.learn("-q", log=good)
    t.ok(done.returncode == 0 and not done.stderr, "--quiet", done.stderr)


def wait_for(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def append(path, *calls):
    with open(path, "a", encoding="utf-8") as out:
        out.write(lines(calls, FORMS["audit.log"]))


def files_that_grow(t):
    log, out = t.folder / "grow.log", t.folder / "out.json"
    append(log, Call("read", 1))
    child = t.start("-f", "grow.log", "-o", "out.json")
    os.set_blocking(child.stderr.fileno(), False)
    said = b""

    def hears(word):
        nonlocal said
        said += child.stderr.read() or b""
        return word in said

    t.ok(wait_for(lambda: t.profile() == {"read"}), "follow: what is there")
    start = time.monotonic()
    append(log, Call("write", 2), Call("write", 3, pid=9))
    t.ok(wait_for(lambda: hears(b"new: write (x86_64 1) by /bin/web")),
         "follow: what is new is said", said)
    t.ok(time.monotonic() - start < 1, "follow: within a second")
    # Moved away, and written to for a while; then the new one.
    log.rename(t.folder / "grow.log.1")
    log.write_text("")
    append(t.folder / "grow.log.1", Call("openat", 4))
    t.ok(wait_for(lambda: hears(b"new: openat")),
         "follow: a file that was moved away", said)
    append(t.folder / "grow.log.1", Call("mmap", 5))
    append(log, Call("socket", 6))
    t.ok(wait_for(lambda: hears(b"new: socket") and hears(b"new: mmap")),
         "follow: the one that took its place", said)
    with open(log, "r+", encoding="utf-8") as emptied:
        emptied.truncate(0)
    time.sleep(0.5)
    append(log, Call("socket", 7, exe="/bin/other"))
    t.ok(wait_for(lambda: hears(b"also: socket (x86_64 41) by /bin/other")),
         "follow: a file that was emptied", said)
    child.send_signal(signal.SIGTERM)
    child.wait(10)
    hears(b"")
    t.ok(child.returncode == 0 and t.profile() == set(NUMBERS)
         and b"rotated 1 time and emptied 1 time" in said
         and b"7 lines, 7 of seccomp" in said
         and said.count(b"new: ") == 5,
         "follow: a signal ends it, and all is written",
         f"{child.returncode} {t.profile()} {said.decode()}")
    out.unlink()


def signals(t):
    """At any moment: a whole profile or none, and no other file."""
    before = {p.name for p in t.folder.iterdir()}
    seed = random.Random(8)
    good = True
    for i, number in enumerate([signal.SIGKILL] * 5 + [
            signal.SIGINT, signal.SIGHUP, signal.SIGTERM]):
        child = t.start("-f", "-", "-o", "out.json", stdin=subprocess.PIPE)
        for j in range(3):
            child.stdin.write((FORMS["json"](Call(
                seed.choice(list(NUMBERS)), j)) + "\n").encode())
            child.stdin.flush()
            time.sleep(seed.random() / 50)
        if number != signal.SIGKILL:
            # All that came before the signal is taken.
            child.stdin.write((FORMS["json"](Call("mmap", 9)) + "\n").encode())
            child.stdin.flush()
        if i % 2 or number != signal.SIGKILL:
            wait_for(lambda: t.profile() is not None)
        if number == signal.SIGINT:
            # Both are there when it looks.
            child.send_signal(signal.SIGSTOP)
            child.stdin.write((FORMS["json"](Call("write", 10, comm="x"))
                               + "\n").encode())
            child.stdin.flush()
        child.send_signal(number)
        child.send_signal(signal.SIGCONT)
        child.wait(10)
        child.stdin.close()
        child.stderr.read()
        profile = t.profile()
        good &= child.returncode == (
            -number if number == signal.SIGKILL else 0)
        good &= number == signal.SIGKILL or "mmap" in profile
        good &= number != signal.SIGINT or "write" in profile
        if not good:
            break
        (t.folder / "out.json").unlink(missing_ok=True)
    t.ok(good, f"signals at any moment, {i}: {number}",
         f"{child.returncode} {profile}")
    t.ok({p.name for p in t.folder.iterdir()} == before,
         "signals: nothing else is left",
         {p.name for p in t.folder.iterdir()} - before)
    child = t.start("-f", "-", "-o", "no/such/folder", stdin=subprocess.PIPE)
    child.stdin.write((FORMS["json"](Call("read", 1)) + "\n").encode())
    child.stdin.flush()
    t.ok(wait_for(lambda: child.poll() is not None) and child.returncode == 1,
         "follow: what can never be written is known at once")
    child.communicate()


def memory(t, size):
    """The peak of a process, in KiB, that reads that much."""
    piece = lines([Call("read", i) for i in range(200)], FORMS["dmesg"]) + \
        "something else\n" * 2000
    code = ("import resource, subprocess, sys\n"
            "subprocess.run(sys.argv[1:], check=True, "
            "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    child = subprocess.Popen(
        [sys.executable, "-c", code, t.seccompc, "learn", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=t.environment)
    for _ in range(size // len(piece) + 1):
        child.stdin.write(piece.encode())
    child.stdin.close()
    return int(child.stdout.read()) if child.wait() == 0 else 1 << 40


def main():
    with tempfile.TemporaryDirectory() as folder:
        t = Test(os.path.abspath(sys.argv[1]), folder)
        forms(t)
        filters(t)
        missing(t)
        broken(t)
        files_that_grow(t)
        signals(t)
        small, large = memory(t, 1 << 17), memory(t, 1 << 23)
        t.ok(large < small + 4096, "memory does not grow with the log",
             f"{small} KiB, {large} KiB")
    print(f"1..{t.count}")
    return t.failures != 0


if __name__ == "__main__":
    sys.exit(main())
