#!/usr/bin/env python3
"""Holds what the lints say of libcs against the libcs of this machine.

libcs.py SOURCE_ROOT

Reads the tables of compiler/check/lint-break-libc.c and lint-hole-variant.c.
Every name in them has to be a syscall.  libcs.c is linked with glibc, for
x86_64 and i386, and with musl, and traced: each libc has to make what the table
says, and not what it says of others.  With the error injection of strace, what
a libc falls back to has to be made after ENOSYS and not after EPERM.  Prints
TAP.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# What no libc here does, and where it was read instead.
READ = {"clock_gettime64": "musl for i386", "fchmodat2": "glibc 2.39",
        "openat2": "gnulib"}
# By program, not through libcs.c.
COMMANDS = {"renameat2": ["mv", "a", "b"]}
BUILDS = {
    "glibc": ["gcc", "-static", "-pthread"],
    "glibc-i386": ["gcc", "-m32", "-static", "-pthread"],
    "musl": ["musl-gcc", "-static"],
}


class Tap:
    def __init__(self):
        self.count = self.failures = 0

    def ok(self, good, name, detail=""):
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} - {name}")
        for line in detail.splitlines() if not good else []:
            print(f"# {line}")

    def skip(self, name, why):
        self.count += 1
        print(f"ok - {name} # SKIP {why}")


def tables(root):
    """Attempts (first, then, abis) and choices (libc, makes, other)."""
    text = (root / "compiler/check/lint-break-libc.c").read_text()
    attempts = re.findall(r'\{\s*"[^"]+",\s*"(\w+)",\s*"(\w+)",\s*(\w+),',
                          text)
    choices = re.findall(r'\{\s*(GLIBC|MUSL|GO),\s*"(\w+)",\s*"(\w+)",\s*'
                         r'(true|false)\s*\}', text)
    variants = (root / "compiler/check/lint-hole-variant.c").read_text()
    table = variants[variants.index("} families[]"):]
    table = table[:table.index("};")]
    return attempts, choices, re.findall(r'"(\w+)"', table)


def known_names(root):
    names = set()
    for path in (root / "syscall-tables").glob("*.tbl"):
        if path.stem in ("x86_64", "i386", "x32"):
            for line in path.read_text().splitlines():
                words = line.split("#")[0].split()
                names.update(words[1:2])
    return names


def trace(folder, command, inject=()):
    """The syscalls of each function, in order; None: not traced."""
    with tempfile.TemporaryDirectory(dir=folder) as work:
        (pathlib.Path(work) / "a").touch()
        out = pathlib.Path(folder) / "trace"
        options = [f"--inject={name}:error={error}" for name, error in inject]
        subprocess.run(["strace", "-f", "-qq", "-o", out, *options, *command],
                       cwd=work, timeout=60, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        functions, current = {}, "start"
        for line in out.read_text(errors="replace").splitlines():
            mark = re.search(r'write\(-1, "([^"]+)"', line)
            call = re.match(r"\d+ +(\w+)\(", line)
            if mark:
                current = mark.group(1)
            elif call:
                functions.setdefault(current, []).append(call.group(1))
    return functions


def check_choices(tap, libc, functions, choices):
    for who, makes, other, _ in choices:
        if who != libc.upper():
            continue
        made = [functions[name] for name in (other, makes)
                if name in functions]
        tap.ok(any(makes in calls and other not in calls for calls in made),
               f"{libc}: {makes}, not {other}", f"made {made}")


def check_attempt(tap, folder, libc, command, first, then):
    """False if this libc does not make the first one at all."""
    seen = {error: trace(folder, command, [(first, error)])
            for error in ("EPERM", "ENOSYS")}
    function = next((name for name, calls in seen["ENOSYS"].items()
                     if first in calls and
                     (name != "start" or first in COMMANDS)), None)
    if not function:
        return False

    def after(error):
        calls = seen[error][function]
        return then in calls[calls.index(first) + 1:]

    tap.ok(after("ENOSYS") and not after("EPERM"),
           f"{libc}: {first}, then {then} on ENOSYS and not on EPERM",
           f"{function}: {[calls[function] for calls in seen.values()]}")
    return True


def main(arguments):
    root = pathlib.Path(arguments[0]).resolve()
    tap = Tap()
    attempts, choices, variants = tables(root)
    names = {n for row in attempts for n in row[:2]} | set(variants) | \
        {n for row in choices for n in row[1:3]}
    unknown = sorted(names - known_names(root))
    tap.ok(len(attempts) > 8 and len(choices) > 40 and len(variants) > 80,
           "the tables are read",
           f"{len(attempts)}, {len(choices)}, {len(variants)}")
    tap.ok(not unknown, "all names are syscalls", " ".join(unknown))
    if not shutil.which("strace") or \
            subprocess.run(["strace", "-o", "/dev/null", "true"],
                           stderr=subprocess.DEVNULL).returncode:
        tap.skip("libcs", "no strace")
        print(f"1..{tap.count}")
        return 1 if tap.failures else 0
    with tempfile.TemporaryDirectory() as folder:
        measure(tap, root, folder, attempts, choices)
    print(f"1..{tap.count}")
    return 1 if tap.failures else 0


def measure(tap, root, folder, attempts, choices):
    programs = {}
    for libc, command in BUILDS.items():
        program = pathlib.Path(folder) / libc
        if shutil.which(command[0]) and not subprocess.run(
                [*command, "-O1", "-w", root / "tests/live/libcs.c",
                 "-o", program], stderr=subprocess.DEVNULL).returncode:
            programs[libc] = [str(program)]
        else:
            tap.skip(libc, "no such compiler")
    for libc in "glibc", "musl":
        if libc in programs:
            check_choices(tap, libc, trace(folder, programs[libc]), choices)
    falls = [(m, o, who) for who, m, o, back in choices if back == "true"]
    for first, then, where in attempts + falls + [("clone3", "clone", "BOTH")]:
        if first in READ:
            continue
        if first in COMMANDS:
            tried = {"coreutils": COMMANDS[first]}
        else:
            tried = {libc: p for libc, p in programs.items()
                     if (where == "I386") == libc.endswith("i386") and
                     (where != "MUSL" or libc == "musl")}
        made = [check_attempt(tap, folder, libc, command, first, then)
                for libc, command in tried.items()]
        if tried:
            tap.ok(any(made), f"some libc makes {first}")


sys.exit(main(sys.argv[1:]))
