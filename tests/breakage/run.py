#!/usr/bin/env python3
"""Breaks the compiler in one place at a time: each proof must fail, and
where there is nothing to prove, a test.

run.py BUILD_ROOT SECCOMPC CALLS SOURCE_ROOT LIST...

A LIST has breakages:

  = what is broken
  @ FILE                of compiler/, or tools/findings*.c; of libraries
                        of their own: report/FILE, explain/FILE,
                        learn/FILE
  -line  +line   line   a hunk as in a diff: its lines must be there, once
  @                     another hunk in the same file
  $ OPTION...           of seccompc compile; then, up to the next line that
  {...}                 starts with >, a profile.  Without them, both are
                        those of the breakage before
  > CALL: ACTION, not ACTION    the call on which the proof must fail
  ! SCRIPT: TEXT        in the place of the lines from $ on: tests/SCRIPT.py
                        SECCOMPC CALLS SOURCE_ROOT TEXT must fail in a test
                        whose name has TEXT

The changed file is compiled with the build's own flags and linked before the
library, so that it takes the place of the file of the same name there.  The
compiler as it is must compile the same profile.  Prints TAP.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

BEFORE = b"before"
SCRIPT = re.compile(r"! (\w+): (.*)$")
EXPECTED = re.compile(r"> (.*): (.*), not (.*)$")


class Breakage:
    def __init__(self, name, options, profile):
        self.name, self.options, self.profile = name, options, profile
        self.file, self.message, self.script = None, None, None
        self.hunks = []

    def take(self, line):
        """Takes a line of a hunk; False if it is none."""
        if line[0] == "@":
            self.file = line[1:].strip() or self.file
            self.hunks.append([])
        elif line[0] in "-+ ":
            self.hunks[-1].append(line)
        else:
            return False
        return True

    def change(self, text):
        for hunk in self.hunks:
            old = "".join(line[1:] for line in hunk if line[0] != "+")
            new = "".join(line[1:] for line in hunk if line[0] != "-")
            if text.count(old) != 1:
                raise Failure(f"{self.file} has these lines "
                              f"{text.count(old)} times:\n{old}")
            text = text.replace(old, new)
        return text


class Failure(Exception):
    pass


def read_list(path):
    breakages, options, profile, in_profile = [], [], "", False
    for line in path.read_text().splitlines(keepends=True):
        last = breakages[-1] if breakages else None
        if in_profile and line[0] != ">":
            profile += line
        elif line[0] == "=":
            breakages.append(Breakage(line[2:].strip(), options, profile))
        elif last and last.take(line):
            continue
        elif line[0] == "$":
            options, profile, in_profile = line[1:].split(), "", True
        elif line[0] == "!":
            last.script = SCRIPT.match(line).groups()
        elif line[0] == ">":
            in_profile = False
            call, said, done = EXPECTED.match(line).groups()
            last.message = f"{call}: the profile says {said}, " \
                           f"the program {done}; nothing was written"
            last.options, last.profile = options, profile
        elif line[0] not in "#\n":
            sys.exit(f"{path}: what is this? {line}")
    return breakages


def read_tests(path):
    """A list whose breakages each say which test must fail: > WHERE: TEST"""
    breakages = []
    for line in path.read_text().splitlines(keepends=True):
        last = breakages[-1] if breakages else None
        if line[0] == "=":
            breakages.append(Breakage(line[2:].strip(), [], ""))
        elif last and last.take(line):
            continue
        elif line[0] == ">":
            last.script, last.message = line[2:].strip().split(": ", 1)
        elif line[0] not in "#\n":
            sys.exit(f"{path}: what is this? {line}")
    return breakages


def report(breakages, check):
    """Prints what check(breakage) finds wrong with each, as TAP.  The exit
    status.  With SECCOMPC_BREAKAGE_STEP=N in the environment: every Nth."""
    breakages = breakages[::int(os.environ.get("SECCOMPC_BREAKAGE_STEP", 1))]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for i, (breakage, failure) in enumerate(
                zip(breakages, pool.map(check, breakages)), 1):
            print(f"{'not ok' if failure else 'ok'} {i} - "
                  f"{breakage.file}: {breakage.name}", flush=True)
            for line in (failure or "").splitlines():
                print(f"# {line}")
            failed += failure is not None
    print(f"1..{len(breakages)}")
    return failed != 0


class Build:
    """The commands that made the compiler, to make it once more."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        commands = json.loads(
            (self.root / "compile_commands.json").read_text())
        self.sources = {pathlib.Path(c["file"]).name: c for c in commands
                        if re.search(r"lib(compiler|findings)\.a\.p/",
                                     c["output"])}
        self.sources |= {f"report/{pathlib.Path(c['file']).name}": c
                         for c in commands if "libreport.a.p/" in c["output"]}
        self.sources |= {f"explain/{pathlib.Path(c['file']).name}": c
                         for c in commands
                         if "libexplain.a.p/" in c["output"]}
        self.sources |= {f"learn/{pathlib.Path(c['file']).name}": c
                         for c in commands if "liblearn.a.p/" in c["output"]}
        ninja = os.environ.get("NINJA", "ninja")
        self.link = shlex.split(subprocess.run(
            [ninja, "-C", root, "-t", "commands", "tools/seccompc"],
            stdout=subprocess.PIPE, check=True,
            text=True).stdout.splitlines()[-1])

    def run(self, command):
        done = subprocess.run(command, cwd=self.root, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise Failure(done.stdout)

    def compile(self, breakage, folder):
        """The changed file as an object, changed.o."""
        source = self.sources[breakage.file]
        path = (self.root / source["file"]).resolve()
        changed = folder / "changed.c"
        changed.write_text(breakage.change(path.read_text()))
        command = shlex.split(source["command"])
        command = [changed if word == source["file"] else
                   folder / "changed.o" if word == source["output"] else
                   folder / "changed.d" if word.endswith(".o.d") else word
                   for word in command]
        # What is broken may leave a function or a variable without use.
        self.run(command + ["-O0", "-w"])

    def make(self, breakage, folder):
        self.compile(breakage, folder)
        command = [folder / "seccompc" if word == "tools/seccompc" else word
                   for word in self.link]
        command.insert(1, folder / "changed.o")
        self.run(command)
        return folder / "seccompc"


def compile_profile(seccompc, breakage, folder, output):
    profile = folder / "profile.json"
    profile.write_text(breakage.profile)
    done = subprocess.run(
        [seccompc, "compile", *breakage.options, profile, "-o", output],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=60)
    return done.returncode, done.stdout


def check_broken(broken, breakage, folder):
    """A program that is not proved is neither written nor put in the place
    of a file."""
    output, new = folder / "out" / "old.bpf", folder / "out" / "new.bpf"
    output.parent.mkdir()
    output.write_bytes(BEFORE)
    for path in output, new:
        status, text = compile_profile(broken, breakage, folder, path)
        if status != 3:
            raise Failure(f"exit status {status}, not 3\n{text}")
        if f"profile.json: {breakage.message}\n" not in text:
            raise Failure(f"expected: {breakage.message}\n{text}")
    if output.read_bytes() != BEFORE or os.listdir(output.parent) != \
            [output.name]:
        raise Failure("something was written")


def check_script(tools, broken, breakage):
    """A test sees it."""
    script, text = breakage.script
    done = subprocess.run(
        [sys.executable, tools.root / "tests" / f"{script}.py", broken,
         tools.calls, tools.root, text], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", timeout=120)
    failed = [line for line in done.stdout.splitlines()
              if line.startswith("not ok") and text in line]
    if done.returncode != 1 or not failed:
        raise Failure(f"{script}: exit status {done.returncode}, and no test "
                      f"of '{text}' fails\n{done.stdout[-2000:]}")


class Tools:
    def __init__(self, seccompc, calls, root):
        self.seccompc = pathlib.Path(seccompc).resolve()
        self.calls = pathlib.Path(calls).resolve()
        self.root = pathlib.Path(root).resolve()


def check(build, tools, breakage):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        try:
            if breakage.script:
                check_script(tools, build.make(breakage, folder), breakage)
                return None
            status, text = compile_profile(tools.seccompc, breakage, folder,
                                           folder / "right.bpf")
            if status:
                raise Failure(f"unbroken: exit status {status}\n{text}")
            broken = build.make(breakage, folder)
            check_broken(broken, breakage, folder)
        except (Failure, subprocess.TimeoutExpired) as failure:
            return str(failure)
    return None


def main():
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    build = Build(sys.argv[1])
    if any("-fsanitize" in word for word in build.link):
        print("# skipped: linking with sanitizers takes a minute\n1..0 # SKIP")
        return
    tools = Tools(*sys.argv[2:5])
    breakages = [b for path in sys.argv[5:]
                 for b in read_list(pathlib.Path(path))]
    sys.exit(report(breakages, lambda b: check(build, tools, b)))


if __name__ == "__main__":
    main()
