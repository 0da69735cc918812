"""How GitHub's runner reads what a step prints.

Written after the rules that it documents ("Workflow commands for GitHub
Actions") and what it does besides: a command is a line that starts, behind
blank space, with "::NAME ", or, of the first kind that there was, has
"##[NAME" anywhere.  Names that it does not know are no commands.
"""

import re

# What the runner has commands for; any text may follow such a name.
NAMES = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup",
    "error", "group", "notice", "remove-matcher", "save-state", "set-env",
    "set-output", "stop-commands", "warning", "internal-set-repo-path",
}
FIRST_KIND = re.compile(r"##\[([^ \]]*)[^\]]*\]")
# Of other systems: Azure Pipelines, TeamCity, Travis and GitLab.
OTHERS = re.compile(r"##vso\[|##teamcity\[|travis_fold:|section_start:")


def decode(text, colon):
    for code, character in [("%0D", "\r"), ("%0A", "\n")] + (
            [("%3A", ":"), ("%2C", ",")] if colon else []) + [("%25", "%")]:
        text = text.replace(code, character)
    return text


def parse_line(line):
    """(name, properties, message) of a command, or None."""
    stripped = line.lstrip()
    if stripped.startswith("::"):
        head, separator, message = stripped[2:].partition("::")
        name, _, rest = head.partition(" ")
        if separator and name.lower() in NAMES:
            pairs = [p.partition("=") for p in rest.strip().split(",") if p]
            return (name, {k: decode(v, True) for k, _, v in pairs},
                    decode(message, False))
    old = FIRST_KIND.search(line)
    if old and old[1].lower() in NAMES:
        return old[1], {}, line[old.end():]
    if OTHERS.search(line):
        return "other", {}, line
    return None


def parse(text):
    """All commands in what a step prints; lines end as .NET has it."""
    found = [parse_line(line) for line in re.split("\r\n|\r|\n", text)]
    return [command for command in found if command]
