#!/usr/bin/env python3
"""Runs the examples of the documents and follows their links.

docs.py [--update] SECCOMPC CALLS SOURCE_ROOT; CALLS is golden-calls.

In README.md and docs/*.md:

  <!-- file: NAME -->            the next fenced block is that file
  ```console                     lines "$ COMMAND" for sh, each followed by
                                 all that it prints; ends in \\ to go on;
                                 after "$ cd FOLDER", what follows is there
  <!-- calls: NAME OPTION... --> the next fenced block has lines as in
                                 golden/calls.c, which the profile NAME,
                                 compiled with the options, has to fulfil
  <!-- live: WHAT... -->         the next fenced block has commands as in a
                                 console, for tests/live/page.py
  <!-- from: PATH -->            the next fenced block is a part of that file,
                                 by its path from the source root

Each document has a folder of its own, with docs/ in it and files from one
example to the next.  Of one that says <!-- live --> the test is
live/tutorial.py, and its links alone are followed here.  --update writes what
commands print into the documents.  Prints TAP.
"""

import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

COMMENT = re.compile(
    r"<!-- (file|calls|from|live|needs): (\S+)((?: \S+)*) -->$")
LIVE = "\n<!-- live -->\n"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PROGRAM = "calls.bpf"


class Document:
    def __init__(self, tools, path, folder):
        self.tools, self.path, self.folder = tools, path, folder
        self.top = folder
        self.failures = 0
        self.examples = 0

    def report(self, ok, line, text, detail=""):
        print(f"{'ok' if ok else 'not ok'} - "
              f"{self.path.name}:{line}: {text}")
        for diagnostic in detail.splitlines():
            print(f"# {diagnostic}")
        self.examples += 1
        self.failures += not ok

    def run(self, command):
        path = f"{self.tools.seccompc.parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-c", command], cwd=self.folder, timeout=60,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env={"PATH": path, "LC_ALL": "C"})
        return done.stdout.decode(errors="replace")

    def console(self, line, block):
        """The block as it has to be, command by command."""
        made, at = [], 0
        while at < len(block):
            start = at
            while block[at].endswith("\\") and at + 1 < len(block):
                at += 1
            at += 1
            prompt = block[start:at]
            command = "\n".join(prompt)
            if not command.startswith("$ "):
                self.report(False, line + start, "not a command", command)
                return block
            expected = []
            while at < len(block) and not block[at].startswith("$ "):
                expected.append(block[at])
                at += 1
            made += prompt + self.command(line + start, command[2:], expected)
        return made

    def command(self, line, command, expected):
        """What it prints."""
        printed = self.run(command).splitlines()
        if not printed and re.fullmatch(r"cd [\w./-]+", command):
            self.folder = self.folder / command[3:]
        self.compare(line, command, expected, printed)
        return printed

    def compare(self, line, command, expected, printed):
        diff = difflib.unified_diff(expected, printed, "document", "printed",
                                    lineterm="")
        self.report(expected == printed, line,
                    "$ " + command.split("\n")[0], "\n".join(diff))

    def calls(self, line, block, name, options):
        compiled = self.run(f"seccompc compile --quiet {' '.join(options)} "
                            f"{name} -o {PROGRAM}")
        expected = self.folder / "calls"
        expected.write_text("\n".join(block) + "\n")
        done = subprocess.run(
            [self.tools.calls, self.folder / PROGRAM, expected],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        wrong = "" if done.returncode == 0 else done.stdout.decode()
        self.report(not compiled and not wrong, line, f"calls of {name}",
                    compiled + wrong)
        (self.folder / PROGRAM).unlink(missing_ok=True)

    def live(self, line, block, needs):
        """Commands that need what is not everywhere."""
        del line, needs
        return block

    def block(self, line, kind, block, comment):
        """What replaces the lines of a fenced block."""
        if comment and comment[0] == "file":
            text = "\n".join(block) + "\n"
            (self.folder / comment[1]).write_text(text)
        elif comment and comment[0] == "from":
            text = "\n".join(block) + "\n"
            found = text in (self.top / comment[1]).read_text()
            self.report(found, line, f"a part of {comment[1]}",
                        "" if found else text)
        elif comment and comment[0] == "live":
            return self.live(line, block, [comment[1], *comment[2].split()])
        elif comment:
            self.calls(line, block, comment[1], comment[2].split())
        elif kind == "console":
            return self.console(line, block)
        return block

    def examine(self):
        lines = self.path.read_text().splitlines()
        out, comment, at = [], None, 0
        while at < len(lines):
            text = lines[at]
            out.append(text)
            at += 1
            if not text.startswith("```"):
                found = COMMENT.match(text)
                if found:
                    comment = found.groups()
                continue
            end = at
            while end < len(lines) and lines[end] != "```":
                end += 1
            if end == len(lines):
                self.report(False, at, "a fenced block does not end")
            out += self.block(at + 1, text[3:], lines[at:end], comment)
            out += lines[end:end + 1]
            comment, at = None, end + 1
        if comment:
            self.report(False, at, "a comment without a block behind it")
        return "\n".join(out) + "\n"


def headings(path):
    """The anchors of a document, as code hosts make them."""
    anchors, fenced = set(), False
    for line in path.read_text().splitlines():
        fenced ^= line.startswith("```")
        if not fenced and re.match("#+ ", line):
            text = re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower())
            anchors.add(text.replace(" ", "-"))
    return anchors


def follow_links(root, path):
    """The links of a document that lead nowhere."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.M | re.S)
    for target in LINK.findall(text):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        other = (path.parent / name).resolve() if name else path
        if not other.exists() or root not in other.parents:
            yield target
        elif anchor and anchor not in headings(other):
            yield target


class Tools:
    def __init__(self, seccompc, calls):
        self.seccompc = pathlib.Path(seccompc).resolve()
        self.calls = pathlib.Path(calls).resolve()


def missing_diagnostics(root):
    """The names of all diagnostics, and those with a section.

    The compiler's come first and in order."""
    names = []
    for header in "diag-names.h", "lint-names.h":
        text = (root / "compiler" / header).read_text()
        names.append(re.findall(r'^X\(\w+, "([^"]+)"', text, re.M))
    path = root / "docs/diagnostics.md"
    found = re.findall(r"^## (\S+)$", path.read_text(), re.M)
    first = len(names[0])
    return (names[0] + sorted(names[1]),
            found[:first] + sorted(found[first:]))


def main(arguments):
    update = "--update" in arguments
    arguments = [a for a in arguments if a != "--update"]
    if len(arguments) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    tools = Tools(*arguments[:2])
    # What others may write is no filter for seccomp-exec.
    os.umask(0o022)
    root = pathlib.Path(arguments[2]).resolve()
    failures = tests = 0
    for path in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        if LIVE in path.read_text():
            continue
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "docs").symlink_to(root / "docs")
            document = Document(tools, path, pathlib.Path(folder))
            text = document.examine()
            if update and text != path.read_text():
                path.write_text(text)
        failures += document.failures
        tests += document.examples
    for path in sorted([*root.glob("*.md"), *(root / "docs").glob("*.md")]):
        broken = list(follow_links(root, path))
        print(f"{'not ok' if broken else 'ok'} - {path.name}: links")
        for target in broken:
            print(f"# {target} leads nowhere")
        failures += bool(broken)
        tests += 1
    names, found = missing_diagnostics(root)
    ok = names == found
    print(f"{'ok' if ok else 'not ok'} - a section for every diagnostic")
    if not ok:
        print("\n".join(f"# {line}" for line in difflib.unified_diff(
            names, found, "names", "diagnostics.md", lineterm="")))
    print(f"1..{tests + 1}")
    return 1 if failures or not ok else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
