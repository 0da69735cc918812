#!/usr/bin/env python3
"""Breaks libseccompc in one place at a time: its tests must fail.

library.py BUILD_ROOT SOURCE_ROOT LIST

A LIST has breakages as in run.py, but for what must notice them:

  > PROGRAM: TEST     the test of the build's tests/PROGRAM that must fail

The changed file takes the place of the library's in that program, as in
run.py.  Prints TAP.
"""

import functools
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from run import Build, Failure, read_tests, report


class Programs(Build):
    def __init__(self, build_root, source_root):
        super().__init__(build_root)
        self.source_root = source_root

    @functools.lru_cache(maxsize=None)
    def link_of(self, program):
        ninja = os.environ.get("NINJA", "ninja")
        return shlex.split(subprocess.run(
            [ninja, "-C", self.root, "-t", "commands", f"tests/{program}"],
            stdout=subprocess.PIPE, check=True,
            text=True).stdout.splitlines()[-1])

    def failures(self, program):
        """The tests that fail, by name."""
        done = subprocess.run(
            [program], cwd=self.source_root, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", timeout=200)
        if done.returncode == 77:
            return None
        return set(re.findall(r":[FE]:[^:]*:(\w+):\d+: ", done.stdout))

    def make_program(self, breakage, folder):
        self.compile(breakage, folder)
        output = folder / breakage.script
        command = [output if word == f"tests/{breakage.script}" else word
                   for word in self.link_of(breakage.script)]
        command.insert(1, folder / "changed.o")
        self.run(command)
        return output


def check(build, breakage):
    """What is wrong, or that it cannot be told here."""
    with tempfile.TemporaryDirectory() as name:
        try:
            program = build.make_program(breakage, pathlib.Path(name))
            failing = build.failures(program)
        except (Failure, subprocess.TimeoutExpired) as failure:
            return str(failure)
    if failing is None:
        print(f"# skipped: {breakage.script} cannot run here")
    elif breakage.message not in failing:
        return f"{breakage.message} did not fail, but {sorted(failing)}"
    return None


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    build = Programs(sys.argv[1], pathlib.Path(sys.argv[2]))
    breakages = read_tests(pathlib.Path(sys.argv[3]))
    sys.exit(report(breakages, lambda b: check(build, b)))


main()
