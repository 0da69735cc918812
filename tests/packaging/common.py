"""What --help says of a command, and TAP; for the other scripts here."""

import re
import subprocess

LINE = re.compile(r"^ {2,6}(-\S.*?)(?: {2,}(.*))?$")
# A value that no option has as a choice, but every file could be called.
NONSENSE = "nosuchchoice"


class Tap:
    def __init__(self):
        self.tests = self.failures = 0

    def ok(self, good, text, *details):
        self.tests += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} {self.tests} - {text}")
        if not good:
            for detail in details:
                for line in str(detail).splitlines():
                    print(f"# {line}")

    def same(self, one, other, text):
        """Whether two sets are equal; each comes with what it is."""
        (what, a), (what_else, b) = one, other
        self.ok(a == b, text,
                f"{what} alone: {' '.join(sorted(a - b))}",
                f"{what_else} alone: {' '.join(sorted(b - a))}")

    def skip(self, text, why):
        self.tests += 1
        print(f"ok {self.tests} - {text} # SKIP {why}")

    def end(self):
        print(f"1..{self.tests}")
        return 1 if self.failures or not self.tests else 0


def skip_all(why):
    print(f"# skipped: {why}")
    return 77


class Option:
    """-o, --output=FILE and the text beside it."""

    def __init__(self, spelling, text=""):
        self.text = text
        self.names, self.argument = [], None
        for name in spelling.split(", "):
            name, _, argument = name.partition("=")
            self.names.append(name)
            self.argument = argument or self.argument

    @property
    def name(self):
        return self.names[-1]

    def __str__(self):
        return ", ".join(self.names) + \
            (f"={self.argument}" if self.argument else "")


def parse_help(text):
    """The options in a help text, by their long names."""
    options, last = {}, []
    for line in text.splitlines():
        found = LINE.match(line)
        if found:
            spelling, beside = found.groups()
            # "--deny=NAME --warn=NAME" are two options with one text.
            last = [Option(part) for part in
                    re.split(r"(?<!,) ", spelling)]
            for option in last:
                option.text = beside or ""
                options[option.name] = option
        elif line.startswith(" " * 9):
            for option in last:
                option.text += " " + line.strip()
        else:
            last = []
    return options


def run(*command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60, check=False, **more)


def help_of(*command):
    done = run(*command, "--help")
    assert done.returncode == 0 and done.stdout, command
    return done.stdout


def commands(seccompc):
    """The commands that the help text lists, with what they do."""
    listed = help_of(seccompc).split("Commands:\n")[1].split("\n\n")[0]
    return dict(line.split(None, 1) for line in listed.splitlines())


class Choices:
    """What values an option takes, by asking the command."""

    # Some options of check are for manifests alone.
    OPERANDS = {"check": ["none", "--manifest=none"], "compile": ["none"],
                "prove": ["none", "none"],
                "diff": ["none", "none"], "merge": ["none", "none"],
                "intersect": ["none", "none"], "disasm": ["none"],
                "explain": ["type=1326"],
                "learn": ["--base=none", "--for=runc", "none"],
                "learn --default": ["none"],
                "report": ["none", "-o", "-"],
                "run": ["none", "--", "none"],
                "test": ["none", "none"], "sim": ["none", "read"],
                "oci-annotate": ["none", "none"],
                "syscalls": ["read"]}

    def __init__(self, seccompc, folder):
        self.seccompc, self.folder = seccompc, folder

    def takes(self, command, option, value):
        """Status 2 is for wrong options; files that are missing get 1."""
        operands = self.OPERANDS.get(f"{command} {option.name}",
                                     self.OPERANDS[command])
        done = run(self.seccompc, command, f"{option.name}={value}",
                   *operands, cwd=self.folder)
        return done.returncode != 2

    def closed(self, command, option):
        """Whether it takes some words alone."""
        return option.argument and \
            not self.takes(command, option, NONSENSE)

    def named(self, command, option):
        """The words of the help text that the command takes."""
        words = set(re.findall(r"[\w:.-]*\w", option.text))
        if not self.closed(command, option):
            return set()
        return {w for w in words if self.takes(command, option, w)}
