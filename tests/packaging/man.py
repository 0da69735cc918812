#!/usr/bin/env python3
"""Holds the manual pages against what they are about.

man.py SECCOMPC SECCOMP_EXEC SOURCE_ROOT PAGE... -- CC...

Every option in --help has to be in the page with the same names and the same
argument, and no other; every choice as well.  libseccompc(3) has to have the
functions of the header; CC... is a command that makes "example" of its
example.c with the library.  Prints TAP.
"""

import errno
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from common import Choices, Option, Tap, commands, help_of, parse_help, \
    run, skip_all

HEADING = re.compile(r"^( {0,3})(\S.*)$")
OPTION = re.compile(r"^ {7}(-\S+(?:, -\S+)*)$")
# Not for the page's own parts: what a command takes besides its own options.
SHARED = ["PROFILE OPTIONS", "DIAGNOSTIC OPTIONS", "TUNING OPTIONS"]
BOLD = re.compile("(?:(\\S)\b\\1)+")  # grotty strikes twice
STRUCK = re.compile(".\b")


def render(page):
    """Text with lines that are never broken, and what groff says."""
    done = subprocess.run(
        ["groff", "-man", "-ww", "-rLL=2000n", "-rHY=0", "-Tascii",
         "-P-c", page], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, timeout=60, check=False)
    return done.stdout, done.stderr + ("" if done.returncode == 0 else
                                       f"status {done.returncode}")


class Page:
    def __init__(self, path):
        self.path = path
        struck, self.complaints = render(path)
        self.text = STRUCK.sub("", struck)
        self.sections, self.bold = {}, {}
        lines = []
        for raw in struck.splitlines()[1:-1]:
            line = STRUCK.sub("", raw)
            found = HEADING.match(line)
            if found:
                lines = self.sections.setdefault(found.group(2), [])
            else:
                lines.append(line)
                # What is in bold, but other pages.
                self.bold[line.strip()] = {
                    STRUCK.sub("", word.group())
                    for word in BOLD.finditer(raw)
                    if raw[word.end():word.end() + 1] != "("}

    def section(self, name):
        return "\n".join(self.sections.get(name, []))

    def options(self, name):
        options, last = {}, None
        for line in self.sections.get(name, []):
            found = OPTION.match(line)
            if found:
                last = Option(found.group(1))
                last.bold = set()
                options[last.name] = last
            elif last and line.startswith(" " * 11):
                last.text += " " + line.strip()
                last.bold |= self.bold[line.strip()]
            elif line.strip():
                last = None
        return options

    def all_options(self, name):
        """With those of the shared sections that the text names."""
        options = self.options(name)
        for shared in SHARED:
            if shared in self.section(name):
                options.update(self.options(shared))
        return options

    def literals(self, name="EXAMPLES"):
        """The blocks of program text in a section, as they are shown."""
        blocks, lines = [], []
        for line in self.sections.get(name, []) + [" " * 7 + "end"]:
            if line.startswith(" " * 11) or (lines and not line.strip()):
                lines.append(line[11:])
            elif lines:
                blocks.append("\n".join(lines).strip() + "\n")
                lines = []
        return blocks


def same_options(tap, what, wanted, found):
    tap.same(("--help", {str(o) for o in wanted.values()}),
             ("the page", {str(o) for o in found.values()}),
             f"{what}: the options of --help")


def check_choices(tap, choices, command, wanted, found):
    """Choices of --help are in the page; what is bold there is a choice."""
    missing, wrong = [], []
    for name in wanted.keys() & found.keys():
        for choice in choices.named(command, wanted[name]):
            if not re.search(rf"(?<![\w-]){re.escape(choice)}(?![\w-])",
                             found[name].text):
                missing.append(f"{name}={choice}")
        if choices.closed(command, wanted[name]):
            wrong += [f"{name}={word}" for word in found[name].bold
                      if re.fullmatch(r"\w[\w-]*", word)
                      and word not in choices.OPERANDS
                      and not choices.takes(command, wanted[name], word)]
    tap.ok(not missing and not wrong,
           f"{command}: the choices of --help, and no other",
           "not there:", *missing, "no choices:", *wrong)


def check_seccompc(tap, seccompc, page, folder):
    listed = commands(seccompc)
    same_options(tap, "seccompc", parse_help(help_of(seccompc)),
                 page.options("OPTIONS"))
    choices = Choices(seccompc, folder)
    parts = [name for name in page.sections if name in listed]
    tap.ok(parts == list(listed), "the commands of --help, in its order",
           f"--help: {' '.join(listed)}", f"the page: {' '.join(parts)}")
    synopsis = re.findall(r"seccompc (\w[\w-]*)", page.section("SYNOPSIS"))
    # A command that is called in several ways has several.
    tap.ok([name for name, _ in itertools.groupby(synopsis)] == list(listed),
           "a synopsis for each command", *synopsis)
    for command in listed:
        text = help_of(seccompc, command)
        wanted, found = parse_help(text), page.all_options(command)
        same_options(tap, command, wanted, found)
        usages = re.findall(rf"^(?:Usage:| {{6}}) (seccompc {command} .*)$",
                            text, re.M)
        tap.ok([line for line in page.section("SYNOPSIS").splitlines()
                if line.startswith(f"       seccompc {command} ")] ==
               [f"       {usage}" for usage in usages],
               f"{command}: the synopsis", *usages)
        check_choices(tap, choices, command, wanted, found)


def check_exec(tap, seccomp_exec, page):
    text = help_of(seccomp_exec)
    same_options(tap, "seccomp-exec", parse_help(text),
                 page.options("OPTIONS"))
    usage = text.splitlines()[0].removeprefix("Usage: ")
    tap.ok(usage in page.section("SYNOPSIS"), "seccomp-exec: the synopsis",
           usage)


def names_in(root, path, pattern):
    return set(re.findall(pattern, (root / path).read_text(), re.M))


def check_profile(tap, seccompc, root, page, folder):
    body = page.text
    fields = set()
    for name, lines in page.sections.items():
        if name.startswith("FIELDS"):
            for line in lines:
                found = re.match(r"^ {7}(\w+(?:, \w+)*) \(", line)
                fields |= set(found.group(1).split(", ") if found else [])
                found = re.match(r"^ {11}(\w+) \(", line)
                fields |= {found.group(1)} if found else set()
    known = names_in(root, "compiler/profile.c", r'^\t\{ "(\w+)", [A-Z_| ]+\}')
    known |= {"index", "value", "valueTwo", "op"}
    # The two that archMap's objects have are in its text.
    tap.same(("the reader", known - {"architecture", "subArchitectures"}),
             ("the page", fields), "the fields of a profile")
    for what, path, pattern in (
            ("actions", "compiler/action.c", r'"(SCMP_ACT_\w+)"'),
            ("flags", "compiler/profile.c", r'"(SECCOMP_FILTER_\w+)"'),
            ("operators", "compiler/condition.c", r'"(SCMP_CMP_\w+)"'),
            ("archs", "arch/x32.c", r'"(SCMP_ARCH_\w+)"'),
            ("archs", "arch/i386.c", r'"(SCMP_ARCH_\w+)"'),
            ("archMap", "compiler/profile.c", r'"(\w*[aA]rchitecture)s?"')):
        names = names_in(root, path, pattern)
        missing = {n for n in names if not re.search(rf"\b{n}", body)}
        tap.ok(names and not missing, f"{what} in {path}", *missing)
    examples = page.literals()
    tap.ok(examples, "examples")
    for text in examples:
        (folder / "example.json").write_text(text)
        done = run(seccompc, "compile", "--deny=warnings", "example.json",
                   "-o", "example.bpf", cwd=folder)
        tap.ok(done.returncode == 0 and not done.stderr,
               "the example compiles", done.stderr, text)


def declarations(header):
    """Prototypes with single spaces, and the names of constants."""
    text = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    prototypes = re.findall(r"^[\w ]+[ *\n]+scc_\w+\([^;]*\);", text, re.M)
    assert len(prototypes) == len(re.findall(r"\bscc_\w+\(", text))
    constants = set(re.findall(r"\bSCC_[A-Z_]+", text))
    return {re.sub(r"\* ", "*", re.sub(r"\s+", " ", p))
            for p in prototypes}, constants


def check_library(tap, root, page, folder, compiler):
    header = (root / "compiler/seccompc.h").read_text()
    prototypes, constants = declarations(header)
    written = {line.strip() for line in page.text.splitlines()
               if line.endswith(");") and " scc_" in line.replace("*", " ")
               and re.match(r" {7}\w", line)}
    tap.same(("the header", prototypes), ("the page", written),
             "libseccompc: prototypes")
    missing = {c for c in constants - {"SCC_"}
               if c != "SECCOMPC_H" and not re.search(rf"\b{c}\b", page.text)}
    tap.ok(not missing, "libseccompc: constants", *missing)
    (example,) = [text for text in page.literals() if "main(" in text]
    (folder / "example.c").write_text(example)
    done = run(*compiler, "-Wall", "-Wextra", "-Werror", cwd=folder)
    tap.ok(done.returncode == 0, "libseccompc: the example compiles",
           done.stderr)
    if done.returncode:
        return
    done = run(folder / "example", cwd=folder)
    tap.ok((done.returncode, done.stdout) == (
        0, f"mkdir gets 0x{0x50000 + errno.EACCES:x}\n"
           f"mkdir: {os.strerror(errno.EACCES)}\n")
           and not (folder / "folder").exists(),
           "libseccompc: the example runs", done.returncode, done.stdout,
           done.stderr)


def check_page(tap, page, names):
    tap.ok(not page.complaints, f"{page.path.name}: groff has nothing to say",
           page.complaints)
    tap.ok(re.match(rf"^ {{7}}{page.path.stem}.* - \S", page.section("NAME")),
           f"{page.path.name}: the name and what it is",
           page.section("NAME"))
    others = set(re.findall(r"\b((?:lib)?seccomp[\w-]+)\((\d)\)", page.text))
    missing = {f"{name}.{n}" for name, n in others} - names
    tap.ok(not missing, f"{page.path.name}: other pages that it names",
           *missing)


def main(arguments):
    if len(arguments) < 5 or "--" not in arguments:
        print(__doc__, file=sys.stderr)
        return 2
    end = arguments.index("--")
    if not shutil.which("groff"):
        return skip_all("groff is not installed")
    if end == 3:
        return skip_all("there are no pages without scdoc")
    seccompc, seccomp_exec = map(os.path.abspath, arguments[:2])
    root = pathlib.Path(arguments[2])
    pages = {pathlib.Path(p).name: Page(pathlib.Path(p))
             for p in arguments[3:end]}
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for page in pages.values():
            check_page(tap, page, pages.keys())
        check_seccompc(tap, seccompc, pages["seccompc.1"], folder)
        check_profile(tap, seccompc, root, pages["seccompc-profile.5"],
                      folder)
        check_library(tap, root, pages["libseccompc.3"], folder,
                      [os.path.abspath(word) if os.path.exists(word) else word
                       for word in arguments[end + 1:]])
        check_exec(tap, seccomp_exec, pages["seccomp-exec.1"])
    return tap.end()


sys.exit(main(sys.argv[1:]))
