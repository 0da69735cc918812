#!/usr/bin/env python3
"""Holds what shells offer against what the commands say.

completions.py bash|zsh SECCOMPC SECCOMP_EXEC SOURCE_ROOT

Runs the shell, lets it complete, and compares options, choices and commands
with --help, the names of diagnostics and capabilities with those of the
compiler, and files with what a folder has.  Prints TAP.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from common import Choices, Tap, commands, help_of, parse_help, skip_all

HERE = pathlib.Path(__file__).resolve().parent
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"
FILES = ["a.json", "b.bpf", "c.txt", "folder/d.json"]


class Shell:
    """A shell that completes one line after another."""

    def __init__(self, command, folder, path):
        self.process = subprocess.Popen(
            command, cwd=folder, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": path, "HOME": str(folder), "TERM": "dumb",
                 "LC_ALL": "C.UTF-8"})

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        offered = set()
        for answer in self.process.stdout:
            if answer == "\n":
                return offered
            offered.add(answer.rstrip("\n"))
        raise EOFError(f"the shell ended at: {line}")

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


class Bash(Shell):
    def __init__(self, root, folder, path):
        source = root / "tools/completions"
        super().__init__(["bash", "--norc", HERE / "complete.bash",
                          BASH_COMPLETION, source / "seccompc.bash",
                          source / "seccomp-exec.bash"], folder, path)

    def offers(self, *words):
        """What the last word can be; readline has = and : as words."""
        pieces = []
        for word in words[:-1]:
            pieces += [p for p in re.split("([=:])", word) if p]
        pieces += [p for p in re.split("([=:])", words[-1]) if p] or [""]
        return self.ask("\t".join(pieces))

    def options(self, *words):
        return self.offers(*words, "-")

    @staticmethod
    def spelled(option):
        return set(option.names[:-1]) | {
            option.name + ("=" if option.argument else "")}


class Zsh(Shell):
    def __init__(self, root, folder, path):
        super().__init__(["zsh", "-f", HERE / "complete.zsh",
                          root / "tools/completions", folder / ".captured"],
                         folder, path)

    def offers(self, *words):
        return self.ask(" ".join(words))

    def options(self, *words):
        return self.offers(*words, "-") | self.offers(*words, "--")

    @staticmethod
    def spelled(option):
        return set(option.names)


def check_options(tap, shell, words, wanted):
    spelled = set().union(*map(shell.spelled, wanted.values()))
    tap.same(("--help", spelled), (words[0], shell.options(*words)),
             f"{' '.join(words)}: options")


def check_values(tap, shell, choices, command, option):
    """Each value is taken, and those that --help names are offered."""
    offered = shell.offers("seccompc", command, option.name + "=")
    named = choices.named(command, option)
    if not choices.closed(command, option):
        return
    # since: goes on with a version.
    wrong = {v for v in offered
             if not choices.takes(command, option,
                                  v + "6.1" if v.endswith(":") else v)}
    tap.ok(not wrong and named <= offered,
           f"{command} {option.name}: {len(named)} named, "
           f"{len(offered)} offered",
           f"not taken: {wrong}", f"not offered: {named - offered}")
    for short in option.names[:-1]:
        tap.same((option.name, offered),
                 (short, shell.offers("seccompc", command, short, "")),
                 f"{command} {short}: the same")


def check_command(tap, shell, choices, command):
    wanted = parse_help(help_of(choices.seccompc, command))
    check_options(tap, shell, ["seccompc", command], wanted)
    for option in wanted.values():
        if option.argument:
            check_values(tap, shell, choices, command, option)


def check_names(tap, shell, root):
    text = (root / "compiler/options.c").read_text()
    caps = set(re.findall(r'"CAP_(\w+)"', text))
    tap.same(("the compiler", caps | {"none", "all", "docker"}),
             ("the shell", shell.offers("seccompc", "run", "--caps=")),
             "capabilities")
    again = shell.offers("seccompc", "run", "--caps=KILL,SYS_ADMIN,")
    tap.same(("the compiler", caps - {"KILL", "SYS_ADMIN"}),
             ("the shell", {word.split(",")[-1] for word in again}),
             "capabilities after a comma")
    text = (root / "compiler/diag-names.h").read_text()
    found = dict(re.findall(r'^X\(\w+, "([^"]+)", SEVERITY_\w+, (\w+),',
                            text, re.M))
    tap.same(("the compiler", found.keys() | {"warnings"}),
             ("the shell", shell.offers("seccompc", "compile", "--deny=")),
             "diagnostics to deny")
    for option in "--warn=", "--allow=":
        tap.same(("the compiler", {n for n in found if found[n] == "true"}),
                 ("the shell", shell.offers("seccompc", "diff", option)),
                 f"diagnostics for {option}")
    lints = dict(re.findall(
        r'^X\(\w+, "([^"]+)",[\s\\]*SEVERITY_\w+, (\w+),',
        (root / "compiler/lint-names.h").read_text(), re.M))
    tap.same(("the compiler", found.keys() | {"warnings", *lints}),
             ("the shell", shell.offers("seccompc", "check", "--deny=")),
             "findings to deny")
    tap.same(("the compiler",
              {n for names in (found, lints)
               for n in names if names[n] == "true"}),
             ("the shell", shell.offers("seccompc", "check", "--allow=")),
             "findings to allow")


def check_files(tap, shell, folder):
    for name in FILES:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    for words, names in (
            (["check", ""], {"a.json", "folder"}),
            (["compile", ""], {"a.json", "folder"}),
            (["compile", "-f", "c", "a.json", ""], {"a.json", "folder"}),
            (["compile", "folder/"], {"d.json"}),
            (["prove", ""], {"a.json", "folder"}),
            (["prove", "--all", "--caps=none", "a.json", ""],
             {"b.bpf", "folder"}),
            (["diff", ""], {"a.json", "b.bpf", "folder"}),
            (["merge", "a.json", "b"], {"b.bpf"}),
            (["run", "--kernel", "6.1", ""], {"a.json", "b.bpf", "folder"}),
            (["disasm", ""], {"b.bpf", "folder"}),
            (["oci-annotate", ""], {"a.json", "folder"}),
            (["oci-annotate", "a.json", ""], {"a.json", "b.bpf", "folder"}),
            (["compile", "-o", ""],
             {"a.json", "b.bpf", "c.txt", "folder"}),
            (["compile", "--output=c"], {"c.txt"})):
        offered = {name.rstrip("/").split("/")[-1]
                   for name in shell.offers("seccompc", *words)}
        tap.same(("the folder", names), ("the shell", offered),
                 f"{' '.join(words)}: files")
    offered = shell.offers("seccompc", "run", "--caps=none", "a.json", "--",
                           "mkdi")
    tap.ok("mkdir" in offered, "run: a command", *offered)
    offered = shell.offers("seccompc", "compile", "--weights=")
    tap.ok({"built-in", "uniform", "c.txt"} <= offered, "weights", *offered)


def check_exec(tap, shell, seccomp_exec):
    check_options(tap, shell, ["seccomp-exec"],
                  parse_help(help_of(seccomp_exec)))
    for words, names in (
            ([""], {"b.bpf", "folder"}),
            (["--log", "b.bpf", ""], {"b.bpf", "folder"}),
            (["b.bpf", "--", "cat", "a.js"], {"a.json"})):
        offered = {name.rstrip("/")
                   for name in shell.offers("seccomp-exec", *words)}
        tap.same(("the folder", names), ("the shell", offered - {"--"}),
                 f"seccomp-exec {' '.join(words)}: files")
    offered = shell.offers("seccomp-exec", "b.bpf", "--", "mkdi")
    tap.ok("mkdir" in offered, "seccomp-exec: a command", *offered)


def check(tap, shell, seccompc, seccomp_exec, root, folder):
    choices = Choices(seccompc, folder)
    tap.same(("--help", set(commands(seccompc))),
             ("the shell", shell.offers("seccompc", "")), "commands")
    check_options(tap, shell, ["seccompc"], parse_help(help_of(seccompc)))
    for command in commands(seccompc):
        check_command(tap, shell, choices, command)
    check_names(tap, shell, root)
    check_files(tap, shell, folder)
    check_exec(tap, shell, seccomp_exec)
    tap.same(("the tables", {"openat", "openat2", "open_tree",
                             "open_by_handle_at", "open_tree_attr", "open"}),
             ("the shell", shell.offers("seccompc", "syscalls", "open")),
             "syscalls")


def main(arguments):
    if len(arguments) != 4 or arguments[0] not in ("bash", "zsh"):
        print(__doc__, file=sys.stderr)
        return 2
    name, seccompc, seccomp_exec, root = arguments
    if not shutil.which(name):
        return skip_all(f"{name} is not installed")
    if name == "bash" and not os.path.exists(BASH_COMPLETION):
        return skip_all("bash-completion is not installed")
    seccompc = os.path.abspath(seccompc)
    seccomp_exec = os.path.abspath(seccomp_exec)
    path = f"{os.path.dirname(seccompc)}:{os.environ['PATH']}"
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        kind = Bash if name == "bash" else Zsh
        shell = kind(pathlib.Path(root).resolve(), folder, path)
        check(tap, shell, seccompc, seccomp_exec, pathlib.Path(root), folder)
        shell.close()
    return tap.end()


sys.exit(main(sys.argv[1:]))
