#!/usr/bin/env python3
"""The default profile of the machine, compiled, against what runtimes make.

runtime-default.py SECCOMPC GET_FILTER SOURCE_ROOT

podman starts containers with /usr/share/containers/seccomp.json for several
sets of capabilities.  The filter that libseccomp makes inside crun is read back
from the process, and so is what runc makes of the same OCI profile, the one in
podman's config.json.  `seccompc diff` then has to prove them equal to that file
as seccompc compiles it, but for calls that an exception in docs/profile.md is
about: each difference is held against the one that it is said to be.  Prints
TAP, with what differs; exits 77 where containers cannot be made.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from containers import Podman, Runtime, Tap, config, enter

PROFILE = pathlib.Path("/usr/share/containers/seccomp.json")
# What podman grants, and what is left and added with options.
CASES = [("podman's own capabilities", [],
          "CHOWN,DAC_OVERRIDE,FOWNER,FSETID,KILL,NET_BIND_SERVICE,SETFCAP,"
          "SETGID,SETPCAP,SETUID,SYS_CHROOT"),
         ("no capabilities", ["--cap-drop=all"], "none"),
         ("SYS_ADMIN and BPF", ["--cap-drop=all", "--cap-add=SYS_ADMIN",
                                "--cap-add=BPF"], "SYS_ADMIN,BPF")]
ENOSYS = 0x50026


class Exceptions:
    """The rows of a table, and whether a difference is one of them."""

    def __init__(self, seccompc, root):
        self.seccompc = seccompc
        text = (root / "docs/profile.md").read_text()
        self.rows = re.findall(r"^\| (\d+(?:, \d+)*) \| ([^|]+) \|",
                               text.split("## Exceptions")[1], re.M)
        listed = json.loads(self.call("syscalls", "--format=json"))
        self.numbers = {(abi, syscall["name"]): found["number"]
                        for syscall in listed["syscalls"]
                        for abi, found in syscall["abis"].items()}

    def call(self, *args):
        return subprocess.run([self.seccompc, *map(str, args)], check=False,
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL).stdout

    def row(self, rule, begin):
        [found] = [f"{rule}: {here}" for number, here in self.rows
                   if number == rule and here.startswith(begin)]
        return found

    def largest(self, profile, abi):
        names = {n for rule in profile["syscalls"] for n in rule["names"]}
        return max(number for (a, name), number in self.numbers.items()
                   if a == abi and name in names)

    def low(self, call, programs, abi, syscall):
        """Whether both say the same once high words are 0, and did not."""
        values = [int(v, 16) for v in call["args"]]
        said = [[self.action(p, abi, syscall, [v & mask for v in values])
                 for p in programs] for mask in (0xffffffff, 2**64 - 1)]
        return said[0][0] == said[0][1] and said[1][0] != said[1][1]

    def action(self, program, abi, syscall, values):
        done = json.loads(self.call("sim", "--format=json", program, abi,
                                    syscall, *values))
        return done["calls"][0]["action"]

    def name(self, place, case, runtime, profile, programs):
        """The exception that a difference is; None if it is none."""
        abi, first = place["abi"], place["first"]
        if abi == "x32" and "syscall" in place and \
                self.low(case["call"], programs, abi, place["syscall"]):
            return self.row("9", "x32: 64 bits")
        default = 0x50000 | profile.get("defaultErrnoRet", 1)
        if runtime == "crun" and case["a"]["value"] == ENOSYS and \
                case["b"]["value"] == default and \
                first > self.largest(profile, abi):
            return self.row("11", "numbers above the largest")
        return None


class Test:
    def __init__(self, tap, seccompc, get_filter, root, work):
        self.tap, self.seccompc, self.work = tap, seccompc, work
        self.get_filter = get_filter
        self.exceptions = Exceptions(seccompc, root)
        self.podman = Podman(work)
        self.compiled = work / "compiled.bpf"
        self.seen = set()

    def run(self, *args):
        return subprocess.run([self.seccompc, *map(str, args)], check=False,
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.PIPE)

    def compare(self, title, source, options, plain, runtime, program):
        """A profile with options, and a filter as it was read."""
        path = self.work / "got.bpf"
        path.write_bytes(program)
        done = self.run("diff", "--quiet", "--format=json", *options, source,
                        path)
        self.tap.ok(done.returncode in (0, 1), f"{title}: compared",
                    done.stderr)
        named, others = {}, []
        for group in json.loads(done.stdout)["differences"]:
            for place in group["places"]:
                for case in group["cases"]:
                    name = self.exceptions.name(
                        place, case, runtime, plain, (self.compiled, path))
                    what = f"{place['abi']} " + place.get(
                        "syscall", f"{place['first']} to {place['last']}")
                    if name:
                        named.setdefault(name, []).append(what)
                    else:
                        others.append(f"{what}: {case['a']['name']}, "
                                      f"{case['b']['name']} {case['call']}")
        self.tap.ok(not others, f"{title}: proved equal, but for exceptions "
                    "of docs/profile.md", *others)
        for name, calls in named.items():
            self.tap.note(f"rule {name}: {', '.join(calls)}")
        self.tap.note(f"instructions: {self.compiled.stat().st_size // 8}, "
                      f"{runtime} {len(program) // 8}")
        self.seen |= named.keys()

    def case(self, title, source, options, caps):
        ours = ["--dialect=podman", f"--caps={caps}"]
        written = self.work / "config.json"
        found = self.podman.filters(
            [*options, "--security-opt", f"seccomp={source}"]
            if source != PROFILE else options,
            self.get_filter, self.work / "got", config_to=written)
        self.tap.ok(found and len(found.programs) == 1,
                    f"{title}: podman runs it under one filter")
        if not found:
            return
        plain = json.loads(written.read_text())["linux"]["seccomp"]
        granted = json.loads(written.read_text())["process"]["capabilities"]
        self.tap.same(sorted(c[4:] for c in granted.get("bounding", [])),
                      [] if caps == "none" else sorted(caps.split(",")),
                      f"{title}: these are the capabilities")
        done = self.run("compile", "--quiet", *ours, source, "-o",
                        self.compiled)
        self.tap.same(done.returncode, 0, f"{title}: it compiles")
        done = self.run("diff", "--quiet", *ours, source, written)
        self.tap.same(done.returncode, 0,
                      f"{title}: podman reads it as --dialect=podman does")
        self.compare(f"{title}, podman and crun", source, ours, plain, "crun",
                     found.programs[0])
        self.instead(title, options)
        self.under_runc(title, source, ours, plain)

    def instead(self, title, options):
        """The compiled profile in the place of podman's own."""
        data = self.run("disasm", "--format=base64", self.compiled).stdout
        found = self.podman.filters(
            [*options, "--annotation",
             f"run.oci.seccomp_bpf_data={data.strip()}"],
            self.get_filter, self.work / "got")
        self.tap.ok(found and found.programs == [self.compiled.read_bytes()],
                    f"{title}: podman runs it under the program instead")

    def under_runc(self, title, source, ours, plain):
        if not shutil.which("runc"):
            self.tap.skip("there is no runc")
            return
        written = self.work / "plain.json"
        self.run("compile", "--quiet", "--format=oci", *ours, source, "-o",
                 written)
        runtime = Runtime("runc", self.work / "runc")
        for what, profile in (("runc with podman's", plain),
                              ("runc with -f oci",
                               json.loads(written.read_text()))):
            runtime.write(config(["/bin/cat"], profile))
            found = runtime.filters(self.get_filter, self.work / "got")
            self.tap.ok(found and len(found.programs) == 1,
                        f"{title}: {what} runs it under one filter")
            if found:
                self.compare(f"{title}, {what}", source, ours, plain, "runc",
                             found.programs[0])
        shutil.rmtree(self.work / "runc")


def main(args):
    (seccompc, get_filter, root), work = enter(__file__, args)
    tap = Tap()
    if not PROFILE.exists():
        tap.skip(f"there is no {PROFILE}")
        return tap.end()
    test = Test(tap, os.path.abspath(seccompc), os.path.abspath(get_filter),
                pathlib.Path(root).resolve(), work)
    status, said = test.podman.run([], "true")
    if status:
        tap.skip(f"podman makes no containers here: {said.strip()}")
        return tap.end()
    for title, options, caps in CASES:
        test.case(title, PROFILE, options, caps)
    # Its default is ENOSYS, so rule 11 shows with another one alone.
    changed = json.loads(PROFILE.read_text())
    changed["defaultErrnoRet"], changed["defaultErrno"] = 1, "EPERM"
    source = work / "eperm.json"
    source.write_text(json.dumps(changed))
    test.case("with EPERM by default", source, CASES[0][1], CASES[0][2])
    tap.same(sorted(name.split(":")[0] for name in test.seen), ["11", "9"],
             "the exceptions that were seen")
    return tap.end()


sys.exit(main(sys.argv[1:]))
