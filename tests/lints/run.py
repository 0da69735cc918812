#!/usr/bin/env python3
"""Runs `seccompc check` on the examples of every diagnostic.

run.py [--update] SECCOMPC SOURCE_ROOT [NAME...]

tests/lints/NAME/ is about the diagnostic NAME:

  bad.json   a profile in which exactly this is found (or bad.yaml)
  good.json  the same, repaired: nothing at all is found
  args       options of `seccompc check` for both, as a shell would take
             them; may be absent.  {input} stands for the name of the
             profile, which otherwise is put behind them
  expect     what is printed about bad.json

Other files are for args to name.  More cases have numbers: bad-2.json,
good-2.json, args-2, expect-2.  Commands run in a copy of the folder.

tests/lints/wide names diagnostics about what a whole profile lacks, which
small ones always do: they are allowed everywhere but in their own folders.

--update writes expect, to be read before it is committed; with NAME only those
are run.

Every name of `seccompc check --list` has such a folder, or is in ELSEWHERE,
and a section in docs/diagnostics.md that begins with its severity and has a
bad and a good example.  Prints TAP.
"""

import difflib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

# What no small profile triggers, and the file that has its test.
ELSEWHERE = {
    "limit": "tests/test_json.c",
    "kubernetes-outside": "tests/manifests.sh",
    "too-complex": "docs/diagnostics.md",
    "too-long": "tests/test_incidents_size.c",
    "weights-syntax": "tests/test_weights.c",
    "weights-name": "tests/test_weights.c",
    "weights-total": "tests/test_weights.c",
    "weights-empty": "tests/test_weights.c",
}
LINE = re.compile(r"([a-z0-9-]+)  *(always )?(none|note|warning|error) +(\S.*)$")
# How a section begins, by the severity in the list.
BEGINNINGS = {
    "always error": "Always an error.",
    "error": "Error; can be changed.",
    "warning": "Warning; can be changed.",
    "note": "Note; can be changed.",
    "none": "Off; can be changed.",
}
CASE = re.compile(r"bad(-[0-9]+)?\.(json|yaml)$")


class Tap:
    def __init__(self):
        self.count = self.failures = 0

    def ok(self, good, name, *details):
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} - {name}")
        for detail in details if not good else ():
            for line in detail.splitlines():
                print(f"# {line}")
        return good


class Case:
    """A folder and a number of a case in it: "" or "-2"."""

    def __init__(self, seccompc, wide, folder, number, suffix):
        self.wide = [f"--allow={n}" for n in wide if n != folder.name]
        self.seccompc, self.folder, self.number = seccompc, folder, number
        self.bad, self.good = (f"{kind}{number}.{suffix}"
                               for kind in ("bad", "good"))
        args = folder / f"args{number}"
        self.args = shlex.split(args.read_text()) if args.exists() else []
        self.title = folder.name + number

    def run(self, name, *more):
        """Status, standard output and error."""
        args = [a.replace("{input}", name) for a in self.args]
        if args == self.args:
            args.append(name)
        with tempfile.TemporaryDirectory() as parent:
            copy = pathlib.Path(parent) / "case"
            shutil.copytree(self.folder, copy)
            done = subprocess.run(
                [self.seccompc, "check", *self.wide, *more, *args], cwd=copy, timeout=60,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env={"LC_ALL": "C"}, check=False)
        return (done.returncode, done.stdout.decode(errors="replace"),
                done.stderr.decode(errors="replace"))

    def test_text(self, tap, update):
        path = self.folder / f"expect{self.number}"
        _, out, error = self.run(self.bad)
        if update:
            path.write_text(out)
        expected = path.read_text() if path.exists() else ""
        diff = difflib.unified_diff(
            expected.splitlines(), out.splitlines(), path.name, "printed",
            lineterm="")
        tap.ok(out and out == expected and not error,
               f"{self.title}: what is printed", "\n".join(diff), error)

    def test_names(self, tap):
        """That only this is found, and that the status says so."""
        status, out, error = self.run(self.bad, "--format=json",
                                      "--threshold=note")
        try:
            found = json.loads(out)["findings"]
        except (ValueError, KeyError, TypeError) as problem:
            tap.ok(False, f"{self.title}: JSON", str(problem), out, error)
            return
        names = sorted({f["name"] for f in found})
        placed = all(f["line"] > 0 and f["column"] > 0 for f in found)
        tap.ok(names == [self.folder.name] and placed and status == 1,
               f"{self.title}: nothing else is found",
               f"status {status}, found {', '.join(names)}", error)

    def test_good(self, tap):
        if not (self.folder / self.good).exists():
            tap.ok(False, f"{self.title}: there is a good example")
            return
        status, out, error = self.run(self.good, "--format=json",
                                      "--threshold=note")
        tap.ok(status == 0 and not error and
               json.loads(out)["findings"] == [],
               f"{self.title}: nothing is found when it is repaired",
               f"status {status}", self.run(self.good)[1], error)


def cases(seccompc, wide, folder):
    for path in sorted(folder.iterdir()):
        match = CASE.match(path.name)
        if match:
            yield Case(seccompc, wide, folder, match[1] or "", match[2])


def list_names(tap, seccompc):
    """The names that `check --list` prints, with their severities."""
    done = subprocess.run([seccompc, "check", "--list"], check=False,
                          stdout=subprocess.PIPE, text=True)
    lines = done.stdout.splitlines()
    # An error that is one "always" cannot be turned down.
    matches = [LINE.match(line) for line in lines]
    tap.ok(lines and all(matches), "check --list: name, severity, help",
           *(line for line, m in zip(lines, matches) if not m))
    names = [m[1] for m in matches if m]
    tap.ok(len(set(names)) == len(names), "check --list: each name once")
    return {m[1]: f"{m[2] or ''}{m[3]}" for m in matches if m}


def sections(path):
    """The text of each section of docs/diagnostics.md by name."""
    parts = re.split(r"^## (\S+)$", path.read_text(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def check_complete(tap, root, names, folders):
    """That nothing lacks a folder or a section, and none is left over."""
    known, have = set(names), {folder.name for folder in folders}
    tap.ok(have | set(ELSEWHERE) >= known and have <= known,
           "a folder for every name",
           *(f"{n}: no folder in tests/lints, and not in ELSEWHERE"
             for n in sorted(known - have - set(ELSEWHERE))),
           *(f"{n}: not in check --list" for n in sorted(have - known)))
    stale = [n for n, path in ELSEWHERE.items()
             if n in have or n not in known or
             not re.search(rf"{n}|DIAG_{n.upper().replace('-', '_')}",
                           (root / path).read_text())]
    tap.ok(not stale, "what has its test elsewhere",
           *(f"{n}: has a folder, is no name, or has no test there"
             for n in stale))
    documented = sections(root / "docs/diagnostics.md")
    missing = [n for n in names if n not in documented]
    tap.ok(not missing, "a section for every name", *missing)
    for name, severity in names.items():
        text = documented.get(name, "")
        first = text.strip().partition("\n")[0]
        tap.ok(first.startswith(BEGINNINGS[severity]),
               f"docs/diagnostics.md: {name}: its severity",
               f"{first!r} of {severity}")
        # The good example is run by docs.py, and has to print nothing, or
        # that all is well.
        tap.ok(f"[{name}]" in text and GOOD.search(text),
               f"docs/diagnostics.md: {name}: a bad and a good example")


# A command in a section that prints nothing, or that nothing was found.
GOOD = re.compile(r"^\$ seccompc (?:[^\n]*\\\n)*[^\n]*\n"
                  r"(?:```$|\$ |\d+ files?: nothing found)|"
                  r"\| seccompc [^\n]*\n```$", re.M)


def main(arguments):
    update = "--update" in arguments
    arguments = [a for a in arguments if a != "--update"]
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    seccompc = os.path.abspath(arguments[0])
    root = pathlib.Path(arguments[1]).resolve()
    only = arguments[2:]
    folders = sorted(p for p in (root / "tests/lints").iterdir()
                     if p.is_dir() and not p.name.startswith("__"))
    wide = [line for line in (root / "tests/lints/wide").read_text().split("\n")
            if line and line[0] != "#"]
    tap = Tap()
    for folder in folders:
        if only and folder.name not in only:
            continue
        some = list(cases(seccompc, wide, folder))
        if not some:
            tap.ok(False, f"{folder.name}: there is a bad example")
        for case in some:
            case.test_text(tap, update)
            case.test_names(tap)
            case.test_good(tap)
    if not only:
        check_complete(tap, root, list_names(tap, seccompc), folders)
    print(f"1..{tap.count}")
    return 1 if tap.failures else 0


sys.exit(main(sys.argv[1:]))
