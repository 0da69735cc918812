#!/usr/bin/env python3
"""What `seccompc learn -- COMMAND` does to commands, and what it sees.

observe.py SECCOMPC ODD [ODD32]

Each command runs twice, with an observer and without: what it prints, its exit
status or the signal that ends it have to be the same.  What was seen is held
against strace, and against what odd.c was told to do.  Prints TAP; exits 77
where processes cannot be traced.
"""

import json
import os
import pathlib
import pty
import random
import re
import select
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE = 30  # seconds, for what takes none on an idle machine
TRACED = re.compile(r"\d+ +(\w+)\(")


class Test:
    def __init__(self, seccompc, odds, work):
        self.seccompc, self.odds, self.work = seccompc, odds, work
        self.output = work / "out.json"
        self.failed = 0

    def ok(self, good, title, *details):
        print(("ok - " if good else "not ok - ") + title)
        if not good:
            self.failed += 1
            for detail in details:
                print("#", str(detail).replace("\n", "\n# "))

    def same(self, got, wanted, title):
        self.ok(got == wanted, title, f"wanted: {wanted}", f"got: {got}")

    def learn(self, command, options=("-q",)):
        return [self.seccompc, "learn", *options, "-o", str(self.output),
                "--", *command]

    def names(self):
        """What the profile that was written allows, and for what."""
        profile = json.loads(self.output.read_text())
        names = {name for rule in profile["syscalls"]
                 if rule["action"] == "SCMP_ACT_ALLOW"
                 for name in rule["names"]}
        return names, set(profile["architectures"])

    def run(self, command, **how):
        self.output.unlink(missing_ok=True)
        return subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=self.work,
                              timeout=PATIENCE * 4, **how)

    def both(self, command, title, **how):
        """Runs it with an observer and without."""
        plain = self.run(command, **how)
        seen = self.run(self.learn(command), **how)
        self.same((seen.returncode, seen.stdout, seen.stderr),
                  (plain.returncode, plain.stdout, plain.stderr), title)
        return plain


def wait_until(true):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.005)
    return bool(true())


def marked(mark):
    """Processes that have the mark in their environment."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark in pathlib.Path("/proc", name, "environ").read_bytes():
                found.append(int(name))
        except OSError:
            pass
    return found


# What is done, what has to be seen of it, and what must not be.
THINGS = [
    (["exit", "7"], {"exit_group", "execve"}, {"getppid"}),
    (["untraced"], {"clone", "times", "getppid"}, set()),
    (["untraced3"], {"clone3", "times"}, set()),
    (["children", "300", "20"], {"vfork"}, set()),
    (["threads", "20"], {"getppid", "exit"}, set()),
    (["exec-thread"], {"execve", "pause"}, set()),
    (["end-leader"], {"exit", "exit_group"}, set()),
    # What a filter of its own refuses is not seen.
    (["filter-errno"], {"prctl", "times"}, {"getppid"}),
    (["filter-trace"], {"prctl", "times"}, {"getppid"}),
    (["info"], {"rt_sigqueueinfo", "kill"}, set()),
    (["interrupt"], {"read", "rt_sigreturn"}, set()),
    (["stop"], {"tgkill", "kill"}, set()),
    # Some are killed before their first call.
    (["kill-busy", "60"], {"kill"}, set()),
]
# The same at each run, and nothing that strace keeps from happening.
COMPARED = {"exit", "children", "info", "stop", "exec-thread"}


def traced(test, command):
    """What strace sees."""
    path = test.work / "trace"
    subprocess.run(["strace", "-f", "-qq", "-e", "signal=none", "-o",
                    str(path), *command], stdout=subprocess.PIPE,
                   stderr=subprocess.PIPE, cwd=test.work, check=False)
    return set(TRACED.findall(path.read_text(errors="replace")))


def test_things(test):
    for odd in test.odds:
        for args, wanted, unwanted in THINGS:
            command = [odd, *args]
            title = f"{pathlib.Path(odd).name} {' '.join(args)}"
            if test.both(command, title).returncode == 77:
                print(f"# skipped: {title}: the kernel has no such call")
                continue
            names, _ = test.names()
            test.ok(wanted <= names and not unwanted & names,
                    f"{title}: what is seen", wanted - names, unwanted & names)
            if args[0] in COMPARED and shutil.which("strace"):
                test.same(sorted(names), sorted(traced(test, command)),
                          f"{title}: what strace sees")
        command = [odd, "traced"]
        test.same(test.run(test.learn(command)).returncode, 0,
                  f"{pathlib.Path(odd).name}: it cannot trace itself")


def test_abis(test):
    odd = test.odds[0]
    getsid = 124
    test.run(test.learn([odd, "calls", str(getsid)]))
    names, abis = test.names()
    test.same(("getsid" in names, abis), (True, {"SCMP_ARCH_X86_64"}),
              "a number of x86_64")
    test.run(test.learn([odd, "calls", str(0x40000000 + getsid)]))
    names, abis = test.names()
    test.same(("getsid" in names, abis),
              (True, {"SCMP_ARCH_X86_64", "SCMP_ARCH_X32"}),
              "a number of x32")
    test.run(test.learn([odd, "int80", "147"]))
    names, abis = test.names()
    test.same(("getsid" in names, abis),
              (True, {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"}),
              "int 0x80 in a 64-bit process")


def test_programs(test):
    if not shutil.which("strace"):
        print("# skipped: programs against strace, which is not there")
        return
    for command in [["ls", "-l", "/usr"],
                    ["sh", "-c", "for i in 1 2 3; do ls / | cat; done"],
                    [sys.executable, "-c", "import json"]]:
        test.both(command, f"{command[0]} {command[1]}")
        names, _ = test.names()
        test.same(sorted(names), sorted(traced(test, command)),
                  "what strace sees of it")


def test_ends(test):
    for status in 0, 1, 255:
        test.both(["sh", "-c", f"exit {status}"], f"it exits with {status}")
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV,
                   signal.SIGABRT, signal.SIGINT, signal.SIGHUP,
                   signal.SIGRTMIN + 2):
        test.both(["sh", "-c", f"kill -{int(number)} $$"],
                  f"signal {int(number)} ends it")
    # Only a command may leave a core.
    limits = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (limits[1], limits[1]))
    tool = subprocess.Popen(test.learn(["sh", "-c", "kill -SEGV $$"]),
                            cwd=test.work, stderr=subprocess.DEVNULL)
    _, status = os.waitpid(tool.pid, 0)
    tool.returncode = 0
    resource.setrlimit(resource.RLIMIT_CORE, limits)
    test.ok(os.WIFSIGNALED(status) and not os.WCOREDUMP(status),
            "and leaves no core of ours", status)
    for command, status in [("./none", 127), ("none-such", 127), ("/", 126),
                            (str(test.output.parent / "plain"), 126)]:
        (test.work / "plain").write_text("true\n")
        done = test.run(test.learn([command]))
        test.same((done.returncode, test.output.exists()), (status, False),
                  f"{command}: not run, nothing written")
        test.ok(done.stderr.count(b"\n") == 1, "one message", done.stderr)


def test_inherited(test):
    def prepare():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK,
                               {signal.SIGUSR1, signal.SIGTERM})

    status = ["grep", "-E", "^(Sig[BIC]|Shd|Seccomp_f|Cpus|Cap|NoNew)",
              "/proc/self/status"]
    plain = test.run(status, preexec_fn=prepare)
    seen = test.run(test.learn(status), preexec_fn=prepare)
    test.same(seen.stdout.replace(b"NoNewPrivs:\t1", b"NoNewPrivs:\t0")
              .replace(b"Seccomp_filters:\t1", b"Seccomp_filters:\t0"),
              plain.stdout, "signals, capabilities and processors")
    ends = os.pipe()
    for how in {}, {"close_fds": False}, {"pass_fds": ends}:
        test.both(["ls", "/proc/self/fd"], f"descriptors {how}", **how)
    os.close(ends[0])
    os.close(ends[1])
    test.both(["sh", "-c", "env; pwd; umask; ulimit -a; nice"],
              "environment, folder and limits")
    test.both(["sh", "-c", "cut -d' ' -f5-8 /proc/self/stat"],
              "process group, session and terminal", start_new_session=False)


def test_descriptors(test):
    """What the command closes is closed."""
    go, end = os.pipe()
    os.set_inheritable(go, True)
    tool = subprocess.Popen(
        test.learn(["sh", "-c", f"exec <&- >&- {go}<&-; sleep 600"]),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[go],
        cwd=test.work)
    os.close(go)
    test.same(tool.stdout.read(), b"", "standard output comes to its end")
    for fd, title in (tool.stdin.fileno(), "standard input"), (end, "a pipe"):
        def is_broken(fd=fd):
            try:
                os.write(fd, b"x")
            except BrokenPipeError:
                return True
            return False
        test.ok(wait_until(is_broken), f"{title} has no reader left")
    tool.kill()
    tool.wait()
    os.close(end)
    # But for what a shell hands over to be written to.
    done = test.run(["bash", "-c", '"$@" | cat', "bash", test.seccompc,
                     "learn", "-o", "/dev/fd/3", "--", "true"])
    done = test.run(["bash", "-c", '"$@" 3>&1 >/dev/null | cat', "bash",
                     test.seccompc, "learn", "-o", "/dev/fd/3", "--", "true"])
    test.ok(b'"execve"' in done.stdout, "-o /dev/fd/3", done.stdout[:200])


def test_outputs(test):
    """Where nothing can be written nothing is run; else nothing is lost."""
    folder = test.work / "outputs"
    folder.mkdir()
    for path, why in (folder / "none" / "out", "No such file"), \
            (folder, "Is a directory"), ("", "No such file"), \
            ("/dev/fd/99", "Bad file"), ("/dev/fd/0", "Bad file"):
        for option in [["-o"], ["-o", str(test.output), "--counts"]]:
            done = test.run([test.seccompc, "learn", *option, str(path), "--",
                             "touch", str(folder / "ran")],
                            input=b"")
            test.same((done.returncode, why in done.stderr.decode(),
                       list(folder.iterdir())), (1, True, []),
                      f"nothing runs for {' '.join(option)} '{path}'")
    done = test.run(["bash", "-c", '"$@" 3>profile 4>&1 >/dev/null | cat',
                     "bash", test.seccompc, "learn", "-o", "/dev/fd/3",
                     "--counts=/dev/fd/4", "--", "true"])
    test.ok(b"execve" in done.stdout, "--counts=/dev/fd/4", done.stderr)
    # What is open is not replaced: others write to it as well.
    shared = folder / "shared"
    shared.write_text("before\n")
    test.run(["bash", "-c", 'exec 3>>"$0"; "$@"; echo after >&3', str(shared),
              test.seccompc, "learn", "-q", "-o", "/dev/fd/3", "--", "true"])
    lines = shared.read_text().splitlines()
    test.ok(lines[0] == "before" and lines[-1] == "after" and
            json.loads("".join(lines[1:-1]))["syscalls"],
            "-o /dev/fd/3 adds to a file", lines)
    # With a terminal there is a timer, which is not to end the wait for who
    # reads.
    os.mkfifo(folder / "pipe")
    master, slave = pty.openpty()
    tool = subprocess.Popen([test.seccompc, "learn", "-o",
                             str(folder / "pipe"), "--", "true"], stderr=slave)
    time.sleep(1.3)
    with open(os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK),
              "rb") as pipe:
        test.same(tool.wait(PATIENCE), 0, "a pipe that is read later")
        test.ok(b"execve" in pipe.read(), "gets the profile")
    os.close(master)
    os.close(slave)


FORWARDED = ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "WINCH", "ALRM"]


def test_signals(test):
    traps = "\n".join(f"trap 'echo {name}' {name}" for name in FORWARDED)
    tool = subprocess.Popen(
        test.learn(["sh", "-c", f"{traps}\ntrap 'exit 9' PWR\necho up\n"
                    "while :; do sleep 0.01; done"]),
        stdout=subprocess.PIPE, cwd=test.work)
    test.same(tool.stdout.readline(), b"up\n", "a command with traps")
    for name in FORWARDED:
        tool.send_signal(getattr(signal, "SIG" + name))
        test.same(tool.stdout.readline().decode().strip(), name,
                  f"{name} is forwarded")
    tool.send_signal(signal.SIGPWR)
    test.same((tool.stdout.read(), tool.wait()), (b"", 9),
              "each once; the last one ends it")
    test.both(["sh", "-c", "trap 'echo got' TERM; kill -TERM 0; exit 4"],
              "what it sends to its own group comes once",
              start_new_session=True)
    # An alarm that was set before is the command's.
    test.both(["sleep", "600"], "an alarm from before exec",
              preexec_fn=lambda: signal.alarm(1))


def test_children_of_others(test):
    """A process that becomes the tool may have children."""
    script = 'sleep 600 & echo $!; exec "$@"'
    done = subprocess.Popen(["sh", "-c", script, "sh",
                             *test.learn(["sh", "-c", "true; exit 3"])],
                            stdout=subprocess.PIPE, cwd=test.work)
    sleep = int(done.stdout.readline())
    try:
        test.same(done.wait(PATIENCE), 3, "children from before are not waited"
                  " for")
    finally:
        os.kill(sleep, signal.SIGKILL)


def test_rest(test):
    """Processes that the command leaves behind."""
    made = test.work / "made"
    done = test.run(test.learn(["sh", "-c", "(sleep 0.2; mkdir made) & exit 6"]))
    test.same((done.returncode, made.is_dir()), (6, True), "all are waited for")
    test.ok("mkdir" in test.names()[0], "and seen")
    test.same(done.stderr, b"", "without a word where there is no terminal")
    rest = "trap 'echo term' TERM; echo up; while :; do sleep 0.01; done"
    tool = subprocess.Popen(
        test.learn(["sh", "-c", f"setsid sh -c \"{rest}\" & "
                    "while [ ! -e gone ]; do sleep 0.01; done"], ()),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=test.work)
    test.same(tool.stdout.readline(), b"up\n", "a process in another session")
    (test.work / "gone").touch()
    children = pathlib.Path(f"/proc/{tool.pid}/task/{tool.pid}/children")
    wait_until(lambda: not children.read_text())
    tool.send_signal(signal.SIGTERM)
    test.same(tool.stdout.readline(), b"term\n", "a signal goes to it")
    tool.send_signal(signal.SIGINT)
    out, err = tool.communicate(timeout=PATIENCE)
    test.same((out, tool.returncode), (b"", 0), "another kills it")
    test.ok(b"the profile ends here" in err, "which is said", err)
    test.ok("execve" in test.names()[0], "the profile is written")


class Terminal:
    """An interactive shell, which has job control."""

    def __init__(self, folder):
        self.text, self.at = "", 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvp("bash", ["bash", "--norc", "--noediting", "-i"])
        self.type("PS1=; PS2=; stty -echo; echo re''ady\n")
        self.wait_for("ready")

    def type(self, text):
        os.write(self.fd, text.encode())

    def read(self, seconds):
        if select.select([self.fd], [], [], seconds)[0]:
            self.text += os.read(self.fd, 4096).decode(errors="replace")

    def wait_for(self, what):
        """Whether it is printed, behind what was waited for last."""
        end = time.monotonic() + PATIENCE
        while what not in self.text[self.at:] and time.monotonic() < end:
            self.read(0.1)
        found = self.text.find(what, self.at)
        if found >= 0:
            self.at = found + len(what)
        return found >= 0

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def state(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1][1]


def test_terminal(test):
    """Keys of a terminal, and what is printed on one."""
    shell = Terminal(test.work)
    script = test.work / "keys.sh"
    script.write_text("trap 'echo got-int' INT\ntrap 'echo got-quit; exit 8' "
                      "QUIT\necho pid-$$-\nwhile :; do sleep 0.05; done\n")
    shell.type(" ".join(test.learn(["sh", str(script)], ())) + "\n")
    test.ok(shell.wait_for("pid-") and shell.wait_for("-"), "in a terminal")
    pid = int(re.search(r"pid-(\d+)-", shell.text)[1])
    test.ok(re.search(r"seccompc: \d+ syscalls, \d+ calls, \d+ process",
                      shell.text) or shell.wait_for(" syscalls, "),
            "progress is shown", shell.text)
    shell.type("\x03")
    test.ok(shell.wait_for("got-int"), "^C", shell.text)
    for _ in range(2):
        shell.type("\x1a")
        test.ok(shell.wait_for("Stopped"), "^Z stops the tool", shell.text)
        # D: it waits for a child of vfork, which is stopped.
        test.ok(state(pid) in "tTD", "and the command", state(pid))
        shell.type("fg\n")
        test.ok(wait_until(lambda: state(pid) in "RS"), "fg", state(pid))
    shell.type("\x1c")
    test.ok(shell.wait_for("got-quit"), "^\\", shell.text)
    shell.type("echo status-$?-\n")
    test.ok(shell.wait_for("status-8-"), "its status", shell.text)
    test.same(shell.text.count("got-int"), 1, "a key comes once")
    # Nobody says anything if nobody wants to hear it.
    before = len(shell.text)
    shell.type(" ".join(test.learn(["sh", "-c", "'sleep 1.2; ls >ls &'"]))
               + "; echo done-$?-\n")
    test.ok(shell.wait_for("done-0-") and "seccompc:" not in
            shell.text[before:], "--quiet", shell.text[before:])
    deaf = """'trap "" INT; sleep 600 &'"""
    shell.type(" ".join(test.learn(["sh", "-c", deaf], ())) + "\n")
    test.ok(shell.wait_for("goes on"), "what goes on is said", shell.text)
    wait_until(lambda: shell.type("\x03") or shell.read(0.2) or
               "ends here" in shell.text)
    test.ok(shell.wait_for("ends here"), "until ^C twice", shell.text)
    shell.type("echo end-$?-\n")
    test.ok(shell.wait_for("end-0-"), "with the status of the command",
            shell.text)
    shell.close()


def test_hung_up(test):
    """A terminal of the tool's own that is closed ends all that runs on it."""
    output = test.work / "hung.json"
    mark = f"OBSERVED={os.getpid()}-hung"
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["OBSERVED"] = mark.split("=")[1]
        os.execvp(test.seccompc, [test.seccompc, "learn", "-q", "-o",
                                  str(output), "--", "sh", "-c",
                                  "sleep 600 & echo up; sleep 600"])
    while b"up" not in os.read(fd, 4096):
        pass
    os.close(fd)
    ended = wait_until(lambda: os.waitid(os.P_PID, pid, os.WEXITED |
                                         os.WNOHANG | os.WNOWAIT))
    if not ended:
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    test.same(status, -signal.SIGHUP, "a terminal is closed: the signal")
    test.ok(is_profile(output), "the profile is written")
    test.ok(wait_until(lambda: not marked(mark.encode())), "nothing is left",
            marked(mark.encode()))


def is_profile(path):
    try:
        return bool(json.loads(path.read_text())["syscalls"])
    except ValueError:
        return False


def test_killed(test, rounds):
    """Whatever ends the tool, and when: nothing is left."""
    rng = random.Random(7)
    odd, folder = test.odds[0], test.work / "killed"
    output, left, broken, others = folder / "out.json", 0, 0, 0
    for i in range(rounds):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        output.write_text("old")
        mark = f"OBSERVED={os.getpid()}-{i}"
        number = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT][i % 3]
        tool = subprocess.Popen(
            [test.seccompc, "learn", "-q", "-o", str(output), "--",
             odd, *(["tree", "2"] if i % 4 else ["children", "20", "4"])],
            env={**os.environ, **dict([mark.split("=")])}, cwd=folder,
            stderr=subprocess.DEVNULL)
        # Mostly early, when the tool and the command start.
        time.sleep(rng.random() ** 2 * 0.03)
        tool.send_signal(number)
        # Children of the first process may go on until they see its end.
        tool.wait(PATIENCE)
        if not wait_until(lambda mark=mark.encode(): not marked(mark)):
            left += 1
        if output.read_text() != "old" and not is_profile(output):
            broken += 1
        if number != signal.SIGKILL and len(list(folder.iterdir())) > 1:
            others += 1
    test.same((left, broken, others), (0, 0, 0),
              f"killed {rounds} times: processes left, files broken, others")


def test_bounded(test):
    """Memory is for what lives, not for all that ever did."""
    peaks = []
    for count in 100, 2000:
        tool = subprocess.Popen(test.learn(
            [test.odds[0], "children", str(count), "10"]), cwd=test.work)
        _, status, usage = os.wait4(tool.pid, 0)
        tool.returncode = status
        test.same(status, 0, f"{count} processes")
        peaks.append(usage.ru_maxrss)
    test.ok(peaks[1] < peaks[0] + 2048, "take no more memory", peaks)


def test_refused(test):
    """Nothing is run unobserved."""
    touch = ["touch", str(test.work / "ran")]
    # A sanitizer that cannot trace, as it wants to, makes the status its own.
    how = {"env": {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}}
    for call in "ptrace", "prctl":
        profile = test.work / "refuse.json"
        profile.write_text(json.dumps({
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": [call], "action": "SCMP_ACT_ERRNO"}]}))
        done = test.run([test.seccompc, "run", "--quiet", str(profile), "--",
                         *test.learn(touch)], **how)
        test.same((done.returncode, test.output.exists(),
                   (test.work / "ran").exists()), (126, False, False),
                  f"{call} is refused: nothing runs")
        test.ok(b"cannot be observed" in done.stderr, "and why is said",
                done.stderr)
    if shutil.which("strace"):
        done = test.run(["strace", "-f", "-o", "/dev/null",
                         *test.learn(touch)], **how)
        test.same((done.returncode, (test.work / "ran").exists()),
                  (126, False), "under strace nothing runs")
        test.ok(b"is traced itself" in done.stderr, "and why is said",
                done.stderr)


def test_unprivileged(test):
    if os.getuid() != 0 or not shutil.which("setpriv"):
        print("# skipped: as another user, which takes root and setpriv")
        return
    folder = test.work / "nobody"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    for path in test.work, folder:
        path.chmod(0o755)
    tool = shutil.copy(test.seccompc, folder)
    odd = shutil.copy(test.odds[0], folder)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
              "--inh-caps=-all", "--bounding-set=-all"]
    for command, status in ([odd, "children", "20", "5"], 0), \
            (["sh", "-c", f"{odd} threads 3; exit 5"], 5):
        output = folder / "out.json"
        done = subprocess.run([*nobody, tool, "learn", "-o", str(output), "--",
                               *command], cwd=folder, stderr=subprocess.PIPE,
                              check=False)
        test.same(done.returncode, status, f"as nobody: {command[0]}")
        test.ok(output.exists() and is_profile(output), "a profile of it",
                done.stderr)


def main():
    seccompc, *odds = (os.path.realpath(arg) for arg in sys.argv[1:])
    rounds = int(os.environ.get("OBSERVE_KILLED",
                                100 if len(sys.argv) > 3 else 10))
    with tempfile.TemporaryDirectory() as work:
        test = Test(seccompc, odds, pathlib.Path(work))
        test_refused(test)
        if test.failed == 0:
            test_things(test)
            test_abis(test)
            test_programs(test)
            test_ends(test)
            test_inherited(test)
            test_descriptors(test)
            test_outputs(test)
            test_signals(test)
            test_children_of_others(test)
            test_rest(test)
            test_terminal(test)
            test_hung_up(test)
            test_killed(test, rounds)
            test_bounded(test)
            test_unprivileged(test)
        sys.exit(test.failed > 0)


if __name__ == "__main__":
    main()
