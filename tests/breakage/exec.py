#!/usr/bin/env python3
"""Breaks seccomp-exec in one place at a time: its tests must fail.

exec.py SOURCE_ROOT HELLO TRY_INSTALL LIST CC [ARGUMENT]...

A LIST has breakages:

  = what is broken
  @ FILE                from SOURCE_ROOT
  -line  +line   line   a hunk as in a diff: its lines must be there, once
  @                     another hunk in the same file
  > SCRIPT: TITLE       the check of tests/live/SCRIPT that must fail

What is not broken must pass all checks.  Prints TAP.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from run import Failure, read_tests, report

SOURCES = ["tools/seccomp-exec.c", "compiler/bpf.c", "compiler/install.c"]


class Launcher:
    def __init__(self, root, hello, try_install, compiler):
        self.root = root
        self.arguments = {"exec.sh": [hello, try_install],
                          "exec-kernel.sh": [hello, "dynamic"]}
        self.compiler = compiler

    def make(self, folder, breakage=None):
        sources = [self.root / name for name in SOURCES]
        if breakage:
            changed = folder / "changed.c"
            at = SOURCES.index(breakage.file)
            changed.write_text(breakage.change(sources[at].read_text()))
            sources[at] = changed
        includes = [f"-I{self.root / name}"
                    for name in ["", "compiler", "tools"]]
        output = folder / "seccomp-exec"
        done = subprocess.run(
            [*self.compiler, "-std=gnu11", "-D_GNU_SOURCE", "-w", *includes,
             '-DSECCOMPC_VERSION="0"', *sources, "-o", output],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise Failure(done.stdout)
        return output

    def checks(self, program, script):
        """The exit status, and the titles of checks that pass and fail."""
        done = subprocess.run(
            ["sh", self.root / "tests/live" / script, program,
             *self.arguments[script]],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
            timeout=200)
        lines = done.stdout.splitlines()
        return done.returncode, *(
            {line[len(mark):] for line in lines if line.startswith(mark)}
            for mark in ["ok - ", "not ok - "])


def check(launcher, breakage, passing):
    if breakage.message not in passing[breakage.script]:
        return "there is no check of that name"
    with tempfile.TemporaryDirectory() as name:
        try:
            program = launcher.make(pathlib.Path(name), breakage)
            _, _, failing = launcher.checks(program, breakage.script)
        except (Failure, subprocess.TimeoutExpired) as failure:
            return str(failure)
    if breakage.message not in failing:
        return f"no check of that name failed, but {sorted(failing)}"
    return None


def check_whole(launcher):
    """The titles by script of what passes, when nothing is broken."""
    passing = {}
    with tempfile.TemporaryDirectory() as name:
        program = launcher.make(pathlib.Path(name))
        for script in launcher.arguments:
            status, passing[script], failing = launcher.checks(program, script)
            if status == 77:
                return None
            if status:
                raise Failure(f"unbroken, {script}: {sorted(failing)}")
    return passing


def main():
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    root, hello, try_install, path = map(pathlib.Path, sys.argv[1:5])
    launcher = Launcher(root, hello, try_install, sys.argv[5:])
    for missing, reason in [
            (os.geteuid() != 0, "files of other users take root"),
            (not shutil.which("strace"), "there is no strace")]:
        if missing:
            print(f"# skipped: {reason}\n1..0 # SKIP {reason}")
            return
    passing = check_whole(launcher)
    if passing is None:
        print("# skipped: no filters here\n1..0 # SKIP no filters here")
        return
    sys.exit(report(read_tests(path), lambda b: check(launcher, b, passing)))


main()
