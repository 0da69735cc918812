#!/usr/bin/env python3
"""`seccompc oci-annotate`: crun and podman install its program.

annotation.py SECCOMPC GET_FILTER

Containers of busybox run under a program that refuses two calls, each with an
errno of its own: the calls get it, and the filter is read back and compared,
byte for byte.  What is no program has to keep crun from starting anything, and
runc has to ignore the annotation, as the command says.  Prints TAP; exits 77
where containers cannot be made.
"""

import base64
import json
import os
import shutil
import subprocess
import sys

from containers import Podman, Tap, config, enter, runtimes

KEY = "run.oci.seccomp_bpf_data"
EACCES, EDOM = 13, 33
TEXTS = {EACCES: "Permission denied", EDOM: "Numerical argument out of domain"}
PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO",
     "errnoRet": EACCES},
    {"names": ["chmod", "fchmodat", "fchmodat2"], "action": "SCMP_ACT_ERRNO",
     "errnoRet": EDOM}]}
# In /linux/seccomp: other calls, to see who is asked.
OTHER = {"defaultAction": "SCMP_ACT_ALLOW",
         "architectures": ["SCMP_ARCH_X86_64"],
         "syscalls": [{"names": ["sethostname", "rmdir"],
                       "action": "SCMP_ACT_ERRNO", "errnoRet": EDOM}]}
SCRIPT = ("mkdir /tmp/made; chmod 700 /tmp; rmdir /none; "
          "grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status; echo end")
RUN = ["/bin/sh", "-c", SCRIPT]
WAIT = ["/bin/cat"]


class Test:
    def __init__(self, tap, seccompc, get_filter, work):
        self.tap, self.seccompc = tap, seccompc
        self.get_filter, self.work = get_filter, work
        self.profile, self.blob = work / "profile.json", work / "blob.bpf"
        self.profile.write_text(json.dumps(PROFILE))
        self.call("compile", self.profile, "-o", self.blob)

    def call(self, *args):
        return subprocess.run([self.seccompc, *map(str, args)], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True)

    def confined(self, name, status, said, more=()):
        """What is printed under the program."""
        self.tap.ok(status == 0 and said.endswith("end\n"),
                    f"{name}: the container runs", status, said)
        for call, errno in (("mkdir", EACCES), ("chmod", EDOM)):
            self.tap.ok(any(line.startswith(f"{call}: ") and
                            line.endswith(TEXTS[errno])
                            for line in said.splitlines()),
                        f"{name}: {call} gets its errno", said)
        for line in ("Seccomp:\t2", *more):
            self.tap.ok(f"{line}\n" in said, f"{name}: {line}", said)

    def installed(self, name, filters):
        self.tap.ok(filters is not None, f"{name}: busybox runs")
        if filters is None:
            return
        self.tap.same(len(filters.programs), 1, f"{name}: one filter")
        self.tap.ok(filters.programs[:1] == [self.blob.read_bytes()],
                    f"{name}: it is the program, byte for byte")
        self.tap.same(filters.field("Seccomp"), "2",
                      f"{name}: Seccomp is 2 in /proc/PID/status")

    def crun(self, runtime):
        for source in (self.profile, self.blob):
            for late in (True, False):
                name = (f"crun, {source.name}, "
                        f"{'' if late else 'no '}no_new_privs")
                caps = () if late else ["CAP_SYS_ADMIN"]
                runtime.write(config(RUN, OTHER, caps=caps, late=late))
                done = self.call("oci-annotate", runtime.bundle, source)
                self.tap.ok("ignores linux.seccomp" in done.stderr,
                            f"{name}: the profile beside it is noted")
                status, said = runtime.run()
                self.confined(name, status, said,
                              ["NoNewPrivs:\t1"] if late else ())
                self.tap.ok("rmdir: '/none': No such file" in said,
                            f"{name}: linux.seccomp is not in force", said)
        runtime.write(config(WAIT, OTHER))
        self.call("oci-annotate", runtime.bundle, self.profile)
        self.installed("crun", runtime.filters(self.get_filter,
                                               self.work / "got"))
        self.call("oci-annotate", "--remove", runtime.bundle)
        filters = runtime.filters(self.get_filter, self.work / "got")
        self.tap.ok(filters and len(filters.programs) == 1 and
                    filters.programs[0] != self.blob.read_bytes(),
                    "crun: removed, the profile in linux.seccomp is used")
        self.bad_data(runtime)

    def bad_data(self, runtime):
        """crun refuses what is none, whether or not there is a profile."""
        good = self.blob.read_bytes()
        jump = bytes([5, 0, 0, 0, 9, 0, 0, 0]) + good[8:]
        for name, data in (
                ("no base64", "!" * 8),
                ("half an instruction", base64.b64encode(good[:-4]).decode()),
                ("a jump past the end", base64.b64encode(
                    jump[:8] + jump[-8:]).decode()),
                ("no RET at the end", base64.b64encode(good[:-8]).decode()),
                ("a file's name", str(self.blob))):
            for seccomp in (None, OTHER):
                runtime.write(config(RUN, seccomp, {KEY: data}))
                status, said = runtime.run()
                self.tap.ok(status != 0 and "end\n" not in said and
                            "mkdir" not in said,
                            f"crun, {name}: nothing is started", status, said)

    def ignored(self, runtime):
        runtime.write(config(RUN))
        done = self.call("oci-annotate", runtime.bundle, self.profile)
        self.tap.ok("there is no filter" in done.stderr,
                    "runc: said that there is no filter then", done.stderr)
        status, said = runtime.run()
        self.tap.ok(status == 0 and "Seccomp:\t0\n" in said,
                    "runc: the annotation is ignored, as is said", said)

    def podman(self):
        podman = Podman(self.work)
        status, said = podman.run([], "true")
        if status:
            self.tap.skip(f"podman makes no containers here: {said.strip()}")
            return
        data = self.call("compile", "-f", "base64", self.profile) \
            .stdout.rstrip("\n")
        self.tap.same(base64.b64decode(data, validate=True),
                      self.blob.read_bytes(), "podman: the data")
        options = ["--annotation", f"{KEY}={data}"]
        status, said = podman.run(options, *RUN)
        self.confined("podman", status, said)
        self.installed("podman", podman.filters(
            options, self.get_filter, self.work / "got"))
        status, said = podman.run(["--annotation", f"{KEY}={data[:-4]}"], *RUN)
        self.tap.ok(status != 0 and "end\n" not in said,
                    "podman: a program that is cut off starts nothing", said)


def main(args):
    (seccompc, get_filter), work = enter(__file__, args)
    tap = Tap()
    test = Test(tap, os.path.abspath(seccompc), os.path.abspath(get_filter),
                work)
    tried = {"crun": test.crun, "runc": test.ignored}
    for runtime in runtimes(tap, tried, work):
        tried[runtime.name](runtime)
    if shutil.which("podman"):
        test.podman()
    else:
        tap.skip("there is no podman")
    return tap.end()


sys.exit(main(sys.argv[1:]))
