#!/usr/bin/env python3
"""What container runtimes make of profiles, as `seccompc check` has it.

consumers.py SECCOMPC EXIT [all]

`seccompc check` says what runc and crun need of a profile that allows nothing
(runtime-needs).  Containers whose program makes one syscall are started with a
profile that allows exactly that, which has to do; and once without each call,
which must not.  Refused is with EPERM; with "all" also with ENOSYS and by
killing, where otherwise only the whole list is tried.

What they make of listeners and flags is tried as well (listener-needed,
listener-path, flag-refused).

The lists are about the versions that are named in them: with others, what
differs is printed and nothing fails.  Prints TAP; exits 77 where containers
cannot be made.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading

from containers import Tap, enter

STARTED = 42
REFUSALS = [("EPERM", "SCMP_ACT_ERRNO", 1), ("ENOSYS", "SCMP_ACT_ERRNO", 38),
            ("killed", "SCMP_ACT_KILL_PROCESS", None)]
# How often a call is waited for that Go makes at times.
TRIES = 25


class Runtime:
    def __init__(self, name, work, program):
        self.name, self.work, self.made = name, work, 0
        self.command = [name, "--root", str(work / "state")]
        if name == "crun":
            self.command.append("--cgroup-manager=disabled")
        self.bundle = work / "bundle"
        for folder in ("bin", "dev", "proc"):
            (self.bundle / "rootfs" / folder).mkdir(parents=True)
        shutil.copy(program, self.bundle / "rootfs/bin/exit")

    def call(self, *args):
        """The status, and the last line of what is printed."""
        # A container that goes on would keep a pipe open.
        with open(self.work / "log", "w+", errors="replace") as log:
            try:
                status = subprocess.run(
                    [*self.command, *args], timeout=20, check=False,
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=log).returncode
            except subprocess.TimeoutExpired:
                status = "no end"
            log.seek(0)
            lines = log.read().splitlines()
        return status, lines[-1] if lines else ""

    def version(self):
        done = subprocess.run([self.name, "--version"], check=False, text=True,
                              stdout=subprocess.PIPE)
        return re.search(r"version (\d+\.\d+(\.\d+)?)", done.stdout)[1]

    def process(self, late, user, args):
        return {"user": {"uid": user, "gid": user}, "args": args, "cwd": "/",
                "noNewPrivileges": late}

    def configure(self, profile, late, user, args):
        config = {
            "ociVersion": "1.0.2",
            "process": self.process(late, user, args),
            "root": {"path": "rootfs", "readonly": True},
            "mounts": [{"destination": "/proc", "type": "proc",
                        "source": "proc"}],
            "linux": {"seccomp": profile, "namespaces": [
                {"type": "pid"}, {"type": "mount"}]},
        }
        (self.bundle / "config.json").write_text(json.dumps(config))
        self.made += 1
        return f"needs-{os.getpid()}-{self.made}"

    def run(self, profile, late, user):
        """Whether the program of a container runs, and what is said."""
        name = self.configure(profile, late, user, ["/bin/exit"])
        status, said = self.call("run", "--bundle", str(self.bundle), name)
        self.call("delete", "--force", name)
        return status == STARTED, f"{status}: {said}"

    def exec(self, profile, late, user):
        """The same of a second process; None: there is no first one."""
        name = self.configure(profile, late, 0, ["/bin/exit", "wait"])
        status, said = self.call("run", "--detach", "--bundle",
                                 str(self.bundle), name)
        runs = None
        if status == 0:
            process = self.work / "process.json"
            process.write_text(json.dumps(
                self.process(late, user, ["/bin/exit"])))
            status, said = self.call("exec", "--process", str(process), name)
            runs = status == STARTED
        self.call("delete", "--force", name)
        return runs, f"{status}: {said}"


def profile(action, errno, allowed):
    made = {"defaultAction": action, "architectures": ["SCMP_ARCH_X86_64"],
            "syscalls": [{"names": sorted(allowed),
                          "action": "SCMP_ACT_ALLOW"}]}
    if errno:
        made["defaultErrnoRet"] = errno
    return made


def read_needs(seccompc, work, action, errno):
    """By maker such as "runc 1.1.5": names with no_new_privs and without,
    as `check` says them of a profile that allows nothing."""
    path = work / "nothing.json"
    path.write_text(json.dumps(profile(action, errno, ["swapoff"])))
    done = subprocess.run(
        [seccompc, "check", "--for=oci", "--format=json", "--unknown=default",
         str(path)], check=False, stdout=subprocess.PIPE)
    [message] = [f["message"] for f in json.loads(done.stdout)["findings"]
                 if f["name"] == "runtime-needs"]
    needs = {}
    for part in message.split("own filter: ")[1].split("; "):
        maker, names = part.split(" needs ")
        late, comma, early = names.partition(
            ", and without no_new_privs also ")
        if names.endswith(" without no_new_privs"):
            late, early = "", names.removesuffix(" without no_new_privs")
        needs[maker] = [[n for n in text.split(", ") if n]
                        for text in (late, early)]
    return needs


class Test:
    """A runtime, with or without no_new_privs, and a way to refuse."""

    def __init__(self, tap, runtime, needs, late, refusal):
        self.tap, self.runtime, self.late = tap, runtime, late
        (self.how, self.action, self.errno) = refusal
        maker = next((m for m in needs if m.startswith(runtime.name) and
                      not m.endswith("exec")), None)
        self.run_needs = self.take(needs, maker)
        self.exec_needs = self.take(needs, f"{maker} exec")
        self.title = (f"{runtime.name}, {'' if late else 'no '}"
                      f"no_new_privs, {self.how}")

    def take(self, needs, maker):
        late, early = needs.get(maker, ([], []))
        return late if self.late else late + early

    def profile(self, *without):
        names = {n.split()[0] for n in self.run_needs + self.exec_needs}
        return profile(self.action, self.errno,
                       (names | {"exit_group", "pause"}) - set(without))

    def whole(self):
        for user in (0, 1000):
            for start in (self.runtime.run, self.runtime.exec):
                runs, said = start(self.profile(), self.late, user)
                self.tap.ok(runs, f"{self.title}: {start.__name__} with these "
                            f"calls alone, user {user}", said)

    def without(self, start, needs):
        for need in needs:
            name = need.split()[0]
            user = 1000 if "(unless root)" in need else 0
            at_times = "(at times)" in need
            for _ in range(TRIES if at_times else 1):
                runs, said = start(self.profile(name), self.late, user)
                if not runs:
                    break
            if at_times and runs:
                self.tap.note(f"{self.title}: {name} was not called in "
                              f"{TRIES} starts")
                continue
            self.tap.ok(runs is False, f"{self.title}: no {start.__name__} "
                        f"without {need}", said)

    def each(self):
        self.without(self.runtime.run, self.run_needs)
        self.without(self.runtime.exec,
                     [n for n in self.exec_needs if n not in self.run_needs])


def listen(path):
    """Answers on a socket: takes what runtimes send, and asks for nothing."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()

    def serve():
        while True:
            connection, _ = server.accept()
            _, descriptors, _, _ = socket.recv_fds(connection, 1 << 16, 4)
            for descriptor in descriptors:
                os.close(descriptor)
            connection.close()

    threading.Thread(target=serve, daemon=True).start()


def test_listener(tap, runtime):
    """The claims of lint-dialect-listener.c."""
    crun = runtime.name == "crun"
    path, absent = (str(runtime.bundle / name)
                    for name in ("agent.sock", "none"))
    listen(path)

    def expect(runs, title, action="SCMP_ACT_NOTIFY", **more):
        seccomp = {"defaultAction": "SCMP_ACT_ALLOW",
                   "syscalls": [{"names": ["swapoff"], "action": action}],
                   **more}
        ran, said = runtime.run(seccomp, True, 0)
        tap.ok(ran == runs, f"{runtime.name}: {title}: "
               f"{'runs' if runs else 'no container'}", said)

    expect(crun, "NOTIFY without a listenerPath")
    expect(True, "NOTIFY and a listener", listenerPath=path)
    expect(False, "NOTIFY and nobody who listens", listenerPath=absent)
    expect(not crun, "a listenerPath and nobody who listens or notifies",
           action="SCMP_ACT_ERRNO", listenerPath=absent)
    expect(not crun, "a listenerPath that is relative to the bundle",
           listenerPath="agent.sock")
    expect(crun, "a flag", action="SCMP_ACT_ERRNO",
           flags=["SECCOMP_FILTER_FLAG_LOG"])
    expect(crun, "WAIT_KILLABLE_RECV", listenerPath=path,
           flags=["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"])
    expect(crun, "TSYNC", action="SCMP_ACT_ERRNO",
           flags=["SECCOMP_FILTER_FLAG_TSYNC"])
    expect(False, "TSYNC and NOTIFY", listenerPath=path,
           flags=["SECCOMP_FILTER_FLAG_TSYNC"])


def test_runtime(tap, seccompc, runtime, everything):
    runs, said = runtime.run(None, True, 0)
    if not runs:
        return f"{runtime.name} makes no containers here: {said}"
    version = runtime.version()
    for refusal in REFUSALS:
        needs = read_needs(seccompc, runtime.work, *refusal[1:])
        if f"{runtime.name} {version}" not in needs:
            return (f"this {runtime.name} is {version}, and not one of "
                    f"{', '.join(needs)}")
        for late in (True, False):
            test = Test(tap, runtime, needs, late, refusal)
            test.whole()
            if everything or refusal[0] == "EPERM":
                test.each()
    test_listener(tap, runtime)
    return None


def main(args):
    (seccompc, program, *more), folder = enter(__file__, args)
    seccompc, program = os.path.abspath(seccompc), os.path.abspath(program)
    tap = Tap()
    for name in ("runc", "crun"):
        if not shutil.which(name):
            tap.skip(f"there is no {name}")
            continue
        work = folder / name
        work.mkdir()
        reason = test_runtime(tap, seccompc, Runtime(name, work, program),
                              "all" in more)
        if reason:
            tap.skip(reason)
    return tap.end()


sys.exit(main(sys.argv[1:]))
