#!/usr/bin/env python3
"""Holds what `check` says is open, or breaks, against running the programs.

holes.py SECCOMPC SOURCE_ROOT CORPUS

Each profile of a folder is compiled, and the program is run here on calls:
what a finding says of a syscall has to be so.  For findings that a few calls
decide it is also worked out which profiles must have them.  Prints TAP.
"""

import collections
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

OPTIONS = ["--caps=docker", "--kernel=6.1"]
TOKENS = {"x86_64": 0xc000003e, "i386": 0x40000003, "x32": 0xc000003e}
BITS = {"x86_64": 0, "i386": 0, "x32": 1 << 30}
ENOSYS = 0x00050000 | 38
NAMES = ["terminal-open", "terminal-missed", "default-allow", "abi-open",
         "variant-open", "clone3-open", "clone3-errno", "no-fallback",
         "libc-choice", "no-execve", "no-exit"]
# What is tried first and what comes after ENOSYS, by family.
FALLBACKS = {
    "faccessat": [("x86_64 i386", "faccessat2", "faccessat")],
    "stat": [("x86_64", "statx", "newfstatat"),
             ("i386", "statx", "fstatat64")],
    "rename": [("x86_64 i386", "renameat2", "renameat")],
    "read": [("x86_64 i386", "preadv2", "preadv"),
             ("x86_64 i386", "pwritev2", "pwritev")],
    "time": [("i386", "clock_getres_time64", "clock_getres"),
             ("i386", "clock_adjtime64", "clock_adjtime"),
             ("i386", "recvmmsg_time64", "recvmmsg"),
             ("i386", "timer_gettime64", "timer_gettime"),
             ("i386", "timer_settime64", "timer_settime"),
             ("i386", "timerfd_gettime64", "timerfd_gettime"),
             ("i386", "sched_rr_get_interval_time64",
              "sched_rr_get_interval"),
             ("i386", "clock_gettime64", "clock_gettime")],
    "chmod": [("x86_64 i386", "fchmodat2", "fchmodat")],
    "open": [("x86_64 i386", "openat2", "openat")],
}
# Profiles that many use, and all that is to be found in them.
SOUND = {"moby-default-current.json": ["terminal-open"],
         "containers-common-seccomp-current.json": ["terminal-open"]}
# The last release on which something is found in an example, and the next.
EDGES = [("ptrace-open", "bad.json", "4.7", "4.8"),
         ("abi-open", "bad-3.json", "5.3", "5.4")]
# The first release on which something is found, and the one before.
BEGINNINGS = [("variant-open", "bad-4.json", "5.18", "5.19")]
CLONE_FLAGS = [0] + [1 << i for i in range(32)]


def run(code, number, token, args):
    """What a classic BPF program returns for a call."""
    data = struct.pack("<IIQ6Q", number, token, 0, *args)
    a = at = 0
    while True:
        op, yes, no, k = code[at]
        at += 1
        if op == 0x20:  # LD W ABS
            a = struct.unpack_from("<I", data, k)[0]
        elif op == 0x06:  # RET K
            return k
        elif op == 0x05:  # JA
            at += k
        elif op == 0x54:  # AND K
            a &= k
        else:
            test = {0x15: a == k, 0x25: a > k, 0x35: a >= k,
                    0x45: a & k != 0}[op]
            at += yes if test else no


class Program:
    def __init__(self, data, text, numbers):
        self.code = list(struct.iter_unpack("<HBBI", data))
        self.numbers = numbers
        constants = {int(n) % 2**64 for n in re.findall(
            r'"value(?:Two)?":\s*(\d+)', text)}
        self.values = sorted({0, 1, 0x12345678, 0xffffffff, 2**64 - 1} |
                             constants)
        self.flags = CLONE_FLAGS + sorted(constants)

    def action(self, abi, name, *args):
        """None where the ABI does not have it."""
        number = self.numbers[abi].get(name)
        if number is None:
            return None
        words = list(args) + [0] * (6 - len(args))
        return run(self.code, number | BITS[abi], TOKENS[abi], words)

    def several(self, abi, name):
        """Actions for arguments of several kinds."""
        actions = {self.action(abi, name, *[value] * 6)
                   for value in self.values}
        # Conditions on two arguments can want another value of each.
        if len(self.values) <= 12:
            actions |= {self.action(abi, name, a, b)
                        for a in self.values for b in self.values}
        return actions

    def runs(self, abi, name, *args):
        return self.action(abi, name, *args) in (0x7fff0000, 0x7ffc0000)

    def always(self, abi, name):
        return self.several(abi, name) <= {0x7fff0000, 0x7ffc0000}

    def never(self, abi, name):
        return not self.several(abi, name) & {0x7fff0000, 0x7ffc0000}

    def denies_new(self):
        """By a number of x86_64 that is not assigned."""
        return run(self.code, 400, TOKENS["x86_64"], [0] * 6) != 0x7fff0000

    def fails(self, abi, name):
        """Denied, and not with ENOSYS alone: what nothing falls back on."""
        actions = self.several(abi, name) - {None}
        denied = {a for a in actions if a >> 16 in (5, 3, 0, 0x8000)}
        return bool(actions) and actions == denied and denied != {ENOSYS}


def read_numbers(root):
    numbers = {}
    for abi in TOKENS:
        table = {}
        text = (root / f"syscall-tables/{abi}.tbl").read_text()
        for line in text.splitlines():
            words = line.split("#")[0].split()
            if len(words) >= 2:
                table[words[1]] = int(words[0])
        numbers[abi] = table
    return numbers


def quoted(text):
    return re.findall(r"'(\w+)'", text)


def is_true(program, name, message):
    """Whether what a finding says is so, on the calls that are tried."""
    p, abi = program, message.split(":")[0].split(" ")[0]
    if name == "terminal-open":
        return any(p.runs(abi, "ioctl", 0, r) for r in (0x5412, 0x541c)
                   for abi in TOKENS)
    if name == "terminal-missed":
        abi, request = re.search(r"(\w+) ioctl\(cmd=(0x\w+)",
                                 message).groups()
        return p.runs(abi, "ioctl", 0, int(request, 16))
    if name == "default-allow":
        return all(p.runs("x86_64", n) for n in quoted(message))
    if name == "abi-open":
        return all(any(p.runs(abi, n, *[v] * 6) for v in p.values)
                   for n in quoted(message))
    if name == "variant-open":
        if "CLONE_NEWUSER" in message:
            return p.always(abi, "unshare") and \
                not p.runs(abi, "clone", 0x10000000)
        first, *others = quoted(message)
        if p.denies_new() and p.never(abi, first):
            return False  # it may just not be needed
        return not p.always(abi, first) and \
            all(p.always(abi, n) for n in others)
    if name == "clone3-open":
        abi = re.search(r"(\w+) clone3\(", message).group(1)
        return {p.runs(abi, "clone", f) for f in p.flags} == \
            {True, False} and p.runs(abi, "clone3")
    if name == "clone3-errno":
        return p.fails(abi, "clone3") and \
            any(p.runs(abi, "clone", f) for f in p.flags)
    if name == "no-fallback":
        pairs = re.findall(r"'(\w+)' \(before '(\w+)'\)", message)
        return pairs and all(p.fails(abi, a) and not p.never(abi, b)
                             for a, b in pairs)
    if name == "libc-choice":
        pairs = re.findall(r"'(\w+)' \(not '(\w+)'\)", message)
        return pairs and all(
            p.never("x86_64", a) and
            (not p.never("x86_64", b) or
             any(p.runs("x86_64", b, f) for f in p.flags))
            for a, b in pairs)
    return p.never("x86_64", "execve" if name == "no-execve"
                   else "exit_group")


def expected(program):
    """How often some findings are to be there."""
    p, count = program, collections.Counter()
    both = ("x86_64", "i386")
    count["clone3-errno"] = int(any(
        p.fails(abi, "clone3") and
        any(p.runs(abi, "clone", f) for f in p.flags) for abi in both))
    count["no-fallback"] = sum(
        any(p.fails(abi, a) and not p.never(abi, b)
            for abis, a, b in family for abi in abis.split())
        for family in FALLBACKS.values())
    count["clone3-open"] = int(any(
        p.runs(abi, "clone3") and
        {p.runs(abi, "clone", f) for f in p.flags} == {True, False}
        for abi in TOKENS))
    return count


def check(seccompc, path, *options):
    """The findings of these kinds, as (name, message)."""
    done = subprocess.run([seccompc, "check", "--no-config", "--format=json",
                           *options, path], stdout=subprocess.PIPE)
    return [(f["name"], f["message"])
            for f in json.loads(done.stdout)["findings"]]


def check_edges(seccompc, root):
    wrong = []
    for name, case, last, fixed in EDGES:
        path = root / "tests/lints" / name / case
        for kernel, there in (last, True), (fixed, False):
            found = dict(check(seccompc, path, f"--kernel={kernel}"))
            if (name in found) != there:
                wrong.append(f"{name}, Linux {kernel}: {not there}")
    for name, case, before, first in BEGINNINGS:
        path = root / "tests/lints" / name / case
        for kernel, there in (before, False), (first, True):
            found = dict(check(seccompc, path, f"--kernel={kernel}"))
            if (name in found) != there:
                wrong.append(f"{name}, Linux {kernel}: {not there}")
    return wrong


def main(arguments):
    seccompc, root, corpus = map(pathlib.Path, arguments)
    numbers = read_numbers(root)
    found, wrong, differ, profiles = collections.Counter(), [], [], 0
    # Sanitizers slow the compiler down; one profile in five will do.
    step = 5 if "SECCOMPC_CORPUS_STEP" in os.environ else 1
    paths = sorted(corpus.glob("*.json"))[::step] + \
        sorted((root / "tests/lints").glob("*/bad*.json"))
    if not corpus.is_dir():
        paths = [p for p in paths if root in p.parents]
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.bpf"
        for path in paths:
            if subprocess.run(
                    [seccompc, "compile", "--quiet", *OPTIONS, "-o", out,
                     path],
                    stderr=subprocess.DEVNULL).returncode:
                continue
            program = Program(out.read_bytes(), path.read_text(),
                              numbers)
            profiles += 1
            count = collections.Counter()
            for name, message in check(seccompc, path, *OPTIONS):
                if name in NAMES:
                    count[name] += 1
                    if not is_true(program, name, message):
                        wrong.append(f"{path.name}: {name}: {message}")
            found += count
            if list(count) != SOUND.get(path.name, list(count)):
                differ.append(f"{path.name}: {dict(count)}")
            for name, times in expected(program).items():
                if count[name] != times:
                    differ.append(f"{path.name}: {name}: {count[name]}, "
                                  f"expected {times}")
    return report_all(profiles, found, wrong, differ,
                      check_edges(seccompc, root))


def report_all(profiles, found, wrong, differ, edges):
    tests = [(profiles > 20, f"{profiles} profiles", [])]
    for name in NAMES:
        bad = [w for w in wrong if f": {name}: " in w]
        tests.append((not bad and found[name],
                      f"{name}: {found[name]} times, true", bad))
    tests.append((not differ, "nothing else, and nothing missed", differ))
    tests.append((not edges, "from a release on, or until the one that fixed it", edges))
    for good, name, details in tests:
        print(f"{'ok' if good else 'not ok'} - {name}")
        for detail in details[:20]:
            print(f"# {detail}")
    print(f"1..{len(tests)}")
    return 0 if all(good for good, _, _ in tests) else 1


sys.exit(main(sys.argv[1:]))
