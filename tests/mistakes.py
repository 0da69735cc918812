#!/usr/bin/env python3
"""Holds what `check` finds in profiles against another reading of them.

mistakes.py SECCOMPC SOURCE_ROOT CORPUS

The profiles of a folder are read here a second time, with positions, and some
mistakes looked for that need no diagrams: each has to be found at its line,
and nothing else of that kind.  So have mistakes in profiles that are written
here.  No finding is without a position, and profiles that many use have no
errors.  Prints TAP.
"""

import collections
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from json.decoder import scanstring

# Every so many profiles and options: sanitizers slow all of it down.
STEP = int(os.environ.get("SECCOMPC_CORPUS_STEP", 1))
OPTIONS = ["--no-config", "--caps=docker", "--kernel=6.1"]
# In the kernel's order: what comes first wins when filters stack.
RANKS = ["KILL_PROCESS", "KILL_THREAD", "TRAP", "ERRNO", "NOTIFY", "TRACE",
         "LOG", "ALLOW"]
# Profiles that many use, and who reads them: others ignore fields of theirs,
# which is an error indeed.
EVERYBODY = ["docker", "podman", "crio", "kubernetes", "oci"]
SOUND = {
    "moby-default-current.json": ["docker"],
    "containers-common-seccomp-current.json": ["podman", "crio"],
    "k8s-audit.json": EVERYBODY,
    "k8s-fine-grained.json": EVERYBODY,
    "k8s-violation.json": EVERYBODY,
}


class Value:
    """A JSON value and where it is."""

    def __init__(self, value, line, members=None):
        self.value, self.line, self.members = value, line, members

    def get(self, key):
        found = (self.members or {}).get(key)
        return found if found and found.value is not None else None

    def items(self, key):
        found = self.get(key)
        return found.members if found else []


class Reader:
    """JSON with the line of each value."""

    SPACE = re.compile(r"\s*")
    PLAIN = re.compile(r"[-+.\w]+")

    def __init__(self, text):
        self.text, self.at = text, 0

    def line(self):
        return self.text.count("\n", 0, self.at) + 1

    def next(self):
        self.at = self.SPACE.match(self.text, self.at).end()
        return self.text[self.at]

    def read(self):
        first, line = self.next(), self.line()
        if first == '"':
            value, self.at = scanstring(self.text, self.at + 1)
            return Value(value, line)
        if first in "{[":
            return Value(first, line, self.children(first))
        plain = self.PLAIN.match(self.text, self.at)
        self.at = plain.end()
        return Value(json.loads(plain[0]), line)

    def children(self, first):
        found = {} if first == "{" else []
        self.at += 1
        while self.next() not in "}]":
            if first == "{":
                key = self.read().value
                assert self.next() == ":"
                self.at += 1
                found[key] = self.read()
            else:
                found.append(self.read())
            self.at += self.next() == ","
        self.at += 1
        return found


def short(action):
    name = action.value.removeprefix("SCMP_ACT_")
    return "KILL_THREAD" if name == "KILL" else name


class Rule:
    def __init__(self, value, default):
        self.value, self.default = value, default
        action = value.get("action")
        self.action = short(action)
        errno = value.get("errnoRet")
        self.data = errno.value if errno else 1
        self.names = value.items("names")
        if value.get("name"):
            self.names = [value.get("name")]
        self.args = value.items("args")
        # Those that need no capability, arch or kernel are always there.
        self.kept = not any(
            item.members for key in ("includes", "excludes")
            for item in [value.get(key)] if item)

    def is_default(self):
        return self.action == self.default[0] and (
            self.action not in ("ERRNO", "TRACE")
            or self.data == self.default[1])

    def rank(self):
        return RANKS.index(self.action)


class Profile:
    def __init__(self, path, known):
        self.root = Reader(path.read_text()).read()
        if self.root.get("linux"):  # a runtime's config.json
            self.root = self.root.get("linux").get("seccomp")
        self.known = known
        action = self.root.get("defaultAction")
        errno = self.root.get("defaultErrnoRet")
        self.default = (short(action), errno.value if errno else 1)
        self.rules = [Rule(item, self.default)
                      for item in self.root.items("syscalls")]
        self.expected = collections.Counter()

    def expect(self, name, value):
        self.expected[name, value.line] += 1

    def find(self):
        self.find_errno(self.root, self.default[0], "defaultErrnoRet")
        for rule in self.rules:
            self.find_errno(rule.value, rule.action, "errnoRet")
            if rule.kept:
                self.find_in(rule)
        by_name = collections.defaultdict(list)
        for rule in self.rules:
            for name in rule.names:
                by_name[name.value].append((rule, name))
        for name, parts in by_name.items():
            if name in self.known and all(rule.kept for rule, _ in parts):
                self.find_lost(parts)

    def find_errno(self, value, action, key):
        if value.get(key) and action not in ("ERRNO", "TRACE"):
            self.expect("errno-without-effect", value.get(key))

    def find_in(self, rule):
        indices = [arg.get("index").value for arg in rule.args]
        if len(set(indices)) < len(indices):
            self.expect("repeated-index", rule.value)
        for name in rule.names:
            if name.value not in self.known:
                self.expect("unknown-name", name)

    def find_lost(self, parts):
        """Rules that a rule without conditions beats, and are stricter."""
        plain = [rule for rule, _ in parts
                 if not rule.args and not rule.is_default()]
        for rule, name in parts:
            if plain and rule.rank() < plain[0].rank():
                self.expect("voided-condition" if rule.args
                            else "contradicting-rules", name)


# Names of findings that are one kind here.
KINDS = {"repeated-index-or": "repeated-index",
         "unknown-denied-name": "unknown-name"}
COUNTED = {"errno-without-effect", "repeated-index", "unknown-name",
           "contradicting-rules", "voided-condition"}


class Checks:
    def __init__(self, seccompc):
        self.seccompc, self.count, self.failures = seccompc, 0, 0

    def ok(self, passed, text, *details):
        self.count += 1
        self.failures += not passed
        print(f"{'ok' if passed else 'not ok'} {self.count} - {text}")
        if not passed:
            for detail in details:
                print(f"# {detail}")

    def check(self, path, *options):
        done = subprocess.run(
            [self.seccompc, "check", "--format=json", *options, path],
            capture_output=True)
        assert done.returncode in (0, 1), (path, done.stderr)
        report = json.loads(done.stdout)
        assert done.returncode == report["status"]
        return report

    def corpus_profile(self, path, known, totals):
        report = self.check(path, *OPTIONS)
        findings = report["findings"]
        lost = [f for f in findings if f["offset"] is None]
        self.ok(not lost, f"{path.name}: findings have positions", *lost)
        names = {f["name"] for f in findings}
        if names & {"json-syntax", "missing-field", "out-of-range",
                    "key-case", "wrong-type"} or report["files"][0]["omitted"]:
            return
        profile = Profile(path, known)
        profile.find()
        found = collections.Counter(
            (KINDS.get(f["name"], f["name"]), f["line"]) for f in findings)
        expected = set(profile.expected)
        found = {key for key in found if key[0] in COUNTED}
        # What only holds with capabilities or so is not looked for here.
        unsure = {line for rule in profile.rules if not rule.kept
                  for line in [rule.value.line] + [n.line for n in rule.names]}
        more = {key for key in found - expected if key[1] not in unsure
                and key[0] != "voided-condition"}
        self.ok(expected <= found and not more,
                f"{path.name}: {len(expected)} mistakes",
                f"not found: {expected - found}", f"found: {more}")
        totals.update(name for name, _ in expected)


def known_names(root):
    names = set()
    for table in "x86_64", "i386", "x32":
        for line in (root / f"syscall-tables/{table}.tbl").open():
            if line[0].isdigit():
                names.add(line.split()[1])
    for line in (root / "syscall-tables/foreign.tbl").open():
        if line[0] not in "#\n":
            names.add(line.split()[0])
    return names | {"recv", "send", "accept", "semop", "semtimedop"}


WRITTEN = [
    # What is wrong, the name of the finding, the rule; the mark is on the
    # line where it has to be found.
    ("mask and value exchanged", "impossible-mask",
     '''{ "names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [
     { "index": 0,
       "value": 0, "valueTwo": 2114060288, "op": "SCMP_CMP_MASKED_EQ" } ] }''',
     '"index": 0'),
    ("SCMP_ARCH_ in includes", "arch-spelling",
     '''{ "names": ["arch_prctl"], "action": "SCMP_ACT_ALLOW",
     "includes": {
       "arches": ["SCMP_ARCH_X86_64"] } }''', '"arches"'),
    ("errnoRet on ALLOW", "errno-without-effect",
     '''{ "names": ["read"], "action": "SCMP_ACT_ALLOW",
     "errnoRet": 38 }''', '"errnoRet"'),
    ("a misspelt deny", "unknown-denied-name",
     '''{ "action": "SCMP_ACT_KILL_PROCESS", "names": [
     "mount",
     "ptrase" ] }''', '"ptrase"'),
]


def written(checks, folder):
    for what, name, rule, mark in WRITTEN:
        text = ('{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\n'
                '{ "names": ["execve", "exit_group"],\n'
                '  "action": "SCMP_ACT_ALLOW" },\n' + rule + "\n] }\n")
        path = folder / "profile.json"
        path.write_text(text)
        line = text[:text.index(mark)].count("\n") + 1
        found = [f for f in checks.check(path, "--no-config")["findings"]
                 if f["name"] == name]
        checks.ok([f["line"] for f in found] == [line] and
                  found[0]["severity"] == ("warning" if name == "arch-spelling"
                                           else "error"),
                  f"{what}: line {line}", *found)


def sound(checks, corpus):
    for name, consumers in SOUND.items():
        combinations = itertools.product(
            ("none", "docker", "all"), ("4.4", "5.10", "6.12"),
            ([], ["--arch=x86_64,i386,x32"],
             *([f"--for={c}"] for c in consumers)))
        for caps, kernel, more in itertools.islice(combinations, 0, None,
                                                   STEP):
            options = [f"--caps={caps}", f"--kernel={kernel}", *more]
            errors = [f for f in
                      checks.check(corpus / name, "--no-config",
                                   *options)["findings"]
                      if f["severity"] == "error"]
            checks.ok(not errors, f"{name} {' '.join(options)}: no errors",
                      *errors)


def main():
    seccompc, root, corpus = map(pathlib.Path, sys.argv[1:])
    checks = Checks(seccompc.resolve())
    with tempfile.TemporaryDirectory() as folder:
        written(checks, pathlib.Path(folder))
    if corpus.is_dir():
        totals = collections.Counter()
        known = known_names(root)
        for path in sorted(corpus.glob("*.json"))[::STEP]:
            checks.corpus_profile(path, known, totals)
        # All kinds are there, or this would not say much.
        checks.ok(STEP > 1 or set(totals) == COUNTED,
                  f"kinds: {dict(totals)}")
        sound(checks, corpus)
    else:
        print(f"# skipped: {corpus} is not there: no profiles of others")
    print(f"1..{checks.count}")
    return checks.failures > 0


if __name__ == "__main__":
    sys.exit(main())
