#!/usr/bin/env python3
"""What `seccompc check` prints, in every form, against each other, against
the files that it is about, and against what reads it.

findings.py SECCOMPC CALLS SOURCE_ROOT [TEXT]; CALLS is not needed.  With TEXT
only the group of tests is made whose name it begins with.

Profiles are the bad ones of tests/lints, files with hostile names and texts,
and mutants.  Where a finding stands is found again in the bytes of the file;
schemas, SARIF's rules and GitHub's runner are in files of their own.  Prints
TAP; exits 77 if schemas cannot be checked.
"""

import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unicodedata
import urllib.parse

try:
    import jsonschema
except ImportError:
    jsonschema = None

import annotations
import findings_cases
import sarif

FORMATS = ["text", "json", "sarif", "github"]
LEVELS = {"error": "error", "warning": "warning", "notice": "note"}
COUNTS = {"error": "errors", "warning": "warnings", "note": "notes"}
HEAD = re.compile(r"(?:(\d+):(\d+): )?(error|warning|note): .* "
                  r"\[([a-z0-9-]+)\]$")


class Tap:
    def __init__(self):
        self.count = self.failures = 0

    def ok(self, good, name, *details):
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} - {name}")
        for detail in details if not good else ():
            for line in str(detail).splitlines()[:40]:
                print(f"# {line[:400]!r}")

    def none(self, problems, name):
        problems = list(problems)
        self.ok(not problems, name, *problems[:20])


class Printed:
    """What the command prints about files, in each format."""

    def __init__(self, seccompc, folder, names, *options, workspace=None):
        self.folder, self.bytes = pathlib.Path(folder), {}
        self.statuses, self.errors = set(), b""
        environment = {"LC_ALL": "C"}
        if workspace:
            environment["GITHUB_WORKSPACE"] = str(workspace)
        for form in FORMATS:
            done = subprocess.run(
                [seccompc, "check", f"--format={form}", *options, "--",
                 *names], cwd=folder, env=environment, timeout=120,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, check=False)
            self.bytes[form] = done.stdout
            self.statuses.add(done.returncode)
            self.errors += done.stderr
        self.base = pathlib.Path(workspace or folder).resolve()
        # Strict: what is no JSON for some reader is none here.
        self.json = json.loads(self.bytes["json"].decode("ascii"),
                               parse_constant=None)
        self.sarif = json.loads(self.bytes["sarif"].decode("ascii"))
        self.github = annotations.parse(self.bytes["github"].decode())
        self.found = self.json["findings"]

    def read(self, uri):
        path = urllib.parse.unquote_to_bytes(uri.removeprefix("file://"))
        try:
            return pathlib.Path(
                os.fsdecode(os.path.join(bytes(self.base), path))
            ).read_bytes()
        except OSError:
            return None


def columns(data):
    """How many characters; a byte in none counts as one."""
    return len(data.decode("utf-8", "surrogateescape"))


def position_problems(printed):
    """Whether lines, columns and offsets are of the same place."""
    for f in printed.found:
        data = printed.read(f["uri"])
        where = f"{f['uri']}:{f['line']}:{f['column']}: {f['name']}"
        if data is None:
            yield f"{where}: no such file"
            continue
        start, end = f["offset"], f["endOffset"]
        first = data.rfind(b"\n", 0, start) + 1
        if not 0 <= start <= end <= len(data) or b"\n" in data[start:end]:
            yield f"{where}: offsets {start} to {end}"
        elif f["line"] != data.count(b"\n", 0, start) + 1:
            yield f"{where}: the line"
        elif f["endColumn"] - f["column"] != columns(data[start:end]):
            yield f"{where}: the end column"
        try:
            before = data[first:start].decode()
        except UnicodeDecodeError:
            continue
        if f["column"] != len(before) + 1:
            yield f"{where}: the column"


def resolve(value, pointer):
    """The key or index that a JSON pointer ends in, and the value there."""
    key = None
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key) if isinstance(value, list) else key]
    return key, value


def pointer_problems(printed):
    """Whether a finding stands at the value, or key, that it points to."""
    decoder = json.JSONDecoder()
    for f in printed.found:
        data = printed.read(f["uri"])
        try:
            text = data.decode()
            root = json.loads(text)
        except (AttributeError, ValueError, RecursionError):
            continue
        if f["pointer"] is None:
            continue
        start = len(data[:f["offset"]].decode())
        try:
            there, _ = decoder.raw_decode(text, start)
            key, value = resolve(root, f["pointer"])
        except (ValueError, KeyError, IndexError) as problem:
            yield f"{f['uri']}: {f['pointer']}: {problem!r}"
            continue
        if there not in (value, key):
            yield f"{f['uri']}: {f['pointer']} is not at {f['offset']}"


def count_problems(printed):
    """Whether the numbers are those of what is listed."""
    by_uri = collections.Counter()
    totals = collections.Counter()
    for f in printed.found:
        by_uri[f["uri"]] += 1
    files = {f["uri"]: f for f in printed.json["files"]}
    for file in printed.json["files"]:
        for key in COUNTS.values():
            totals[key] += file[key]
    for uri, file in files.items():
        counted = sum(file[key] for key in COUNTS.values())
        if counted - file["omitted"] != by_uri[uri]:
            yield f"{uri}: {counted} counted, {by_uri[uri]} listed"
    for key in COUNTS.values():
        if totals[key] != printed.json[key]:
            yield f"{key}: {printed.json[key]} are {totals[key]}"
    prints = [(f["uri"], f["fingerprint"]) for f in printed.found]
    if len(set(prints)) != len(prints):
        yield "a fingerprint stands twice"
    # At the threshold it fails.
    order = ["error", "warning", "note"]
    failing = order[:order.index(printed.json["threshold"]) + 1]
    fails = any(printed.json[COUNTS[s]] for s in failing)
    if printed.statuses != {printed.json["status"]} or \
            printed.json["status"] != int(fails):
        yield f"status {printed.statuses}, {printed.json['status']}"


def text_problems(printed):
    """Whether the text for people has the same findings, and sums them up."""
    text = printed.bytes["text"].decode()
    lines = text.split("\n")
    heads = []
    for line in lines:
        # Of names with colons the last place counts.
        match = HEAD.search(line)
        if match and line[:6] != "  hint" and " | " not in line[:9]:
            heads.append((match[4], match[3], int(match[1] or 1)))
    wanted = [(f["name"], f["severity"], f["line"]) for f in printed.found]
    if heads != wanted:
        yield f"headings {heads[:5]}, not {wanted[:5]}"
    last = max(i for i, line in enumerate(lines)
               if re.match(r"\d+ files?:", line))
    files = len(printed.json["files"])
    summary = f"{files} file{'s' * (files != 1)}:"
    parts = [f" {n} {word}{'s' * (n != 1)}" for word, key in COUNTS.items()
             if (n := printed.json[key])]
    summary += ",".join(parts) or " nothing found"
    if not lines[last].startswith(summary):
        yield f"{lines[last]!r}, not {summary!r}"
    names = collections.Counter(f["name"] for f in printed.found)
    listed = re.findall(r"([a-z0-9-]+) (\d+)", " ".join(lines[last + 1:]))
    if {name: int(n) for name, n in listed} != names or \
            [int(n) for _, n in listed] != sorted(names.values())[::-1]:
        yield f"names {listed}"
    if any(len(line) > 79 for line in lines[last + 1:]):
        yield "a line of the summary is long"


def sarif_problems(printed):
    """Whether SARIF is what it has to be, and has the same findings."""
    yield from sarif.problems(printed.sarif, printed.read)
    results = printed.sarif["runs"][0]["results"]
    if len(results) != len(printed.found):
        yield f"{len(results)} results of {len(printed.found)}"
    for f, result in zip(printed.found, results):
        place = result["locations"][0]
        region = place["physicalLocation"]["region"]
        message = f["message"] + (f"\nHint: {f['hint']}" if f["hint"] else "")
        names = [n["fullyQualifiedName"]
                 for n in place.get("logicalLocations", [])]
        one = (result["ruleId"], result["level"], names,
               place["physicalLocation"]["artifactLocation"]["uri"],
               region["startLine"], region["startColumn"],
               region["endColumn"],
               sarif.plain(result["message"]["text"]),
               result["partialFingerprints"]["finding/v1"])
        other = (f["name"], f["severity"],
                 [f["pointer"]] if f["pointer"] else [], f["uri"], f["line"],
                 f["column"], f["endColumn"], message.replace("](", "] ("),
                 f["fingerprint"])
        if one != other:
            yield f"{one}, not {other}"
    invocation = printed.sarif["runs"][0]["invocations"][0]
    if invocation != {"executionSuccessful": printed.json["complete"],
                      "exitCode": printed.json["status"]}:
        yield f"invocation {invocation}"


def github_problems(printed):
    """Whether annotations are the same findings, and there is nothing else."""
    if len(printed.github) != len(printed.found) or \
            len(printed.bytes["github"].splitlines()) != len(printed.found):
        yield f"{len(printed.github)} commands of {len(printed.found)}"
    for f, (name, properties, message) in zip(printed.found, printed.github):
        wanted = {"line": str(f["line"]), "endLine": str(f["line"]),
                  "col": str(f["column"]),
                  "endColumn": str(max(f["column"], f["endColumn"] - 1)),
                  "title": f"{f['name']} (seccompc)"}
        path = urllib.parse.unquote_to_bytes(
            f["uri"].removeprefix("file://")).decode(errors="replace")
        # Other characters are shown, and match no file.
        if path.isprintable() and "\ufffd" not in path:
            wanted["file"] = path
        got = {k: properties.get(k) for k in wanted}
        if LEVELS.get(name) != f["severity"] or got != wanted or \
                properties.keys() != wanted.keys() | {"file"}:
            yield f"{name} {properties}, not {wanted}"
        text = f["message"] + (f"\nhint: {f['hint']}" if f["hint"] else "")
        if not message.endswith(text):
            yield f"{message!r} does not end with {text!r}"


def hostile_problems(printed):
    """Whether any line but an annotation is a command, or a byte acts on a
    terminal."""
    for form in FORMATS:
        text = printed.bytes[form].decode()
        if form != "github":
            yield from (f"{form}: {c}" for c in annotations.parse(text))
        for character in set(text):
            if character != "\n" and not character.isprintable() and \
                    unicodedata.category(character) != "Zs":
                yield f"{form}: {character!r}"


def check(tap, title, make):
    try:
        printed = make()
    except ValueError as problem:
        tap.ok(False, f"{title}: JSON", problem)
        return
    tap.ok(not printed.errors, f"{title}: no message", printed.errors)
    tap.ok(len(printed.found) > 5, f"{title}: there are findings")
    if jsonschema:
        tap.none((f"{list(e.path)}: {e.message}" for e in
                  printed.schema.iter_errors(printed.json)),
                 f"{title}: the schema")
    for what, function in [
            ("positions", position_problems), ("pointers", pointer_problems),
            ("counts", count_problems), ("text", text_problems),
            ("SARIF", sarif_problems), ("annotations", github_problems),
            ("nothing is a command", hostile_problems)]:
        tap.none(function(printed), f"{title}: {what}")


def prints(printed):
    return collections.Counter(f["fingerprint"] for f in printed.found)


def only(seccompc):
    """Options that silence what profiles here are not about."""
    lines = subprocess.run([seccompc, "check", "--list"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
    return [f"--allow={name}" for name in
            re.findall(r"^(\S+) +(?:none|note|warning|error) ",
                                   lines, re.M)
            if name not in findings_cases.KEPT]


def check_moved(tap, run, folder):
    """Fingerprints when findings are moved, and when they are changed."""
    path = folder / "moved.json"
    for name, text in findings_cases.to_move():
        path.write_text(text)
        before = prints(run(folder, ["moved.json"]))
        for how, other in findings_cases.moved(text):
            path.write_text(other)
            after = prints(run(folder, ["moved.json"]))
            tap.ok(before and before == after,
                   f"fingerprints: {name}: {how}", before, after)
        path.write_text(findings_cases.changed(text))
        after = prints(run(folder, ["moved.json"]))
        tap.ok(after and not before & after,
               f"fingerprints: {name}: changed", before, after)
    path.unlink()


def check_paths(tap, run, folder):
    """What paths are relative to."""
    text = findings_cases.PROFILE
    deep = folder / "work space" / "a" / "b"
    deep.mkdir(parents=True)
    for path in deep / "x.json", deep.parent / "y.json", folder / "z.json":
        path.write_text(text)
    (folder / "link").symlink_to(deep)
    (folder / "work").mkdir()
    names = ["x.json", "./x.json", "..//y.json", str(deep / "x.json"),
             "../../../z.json", "../../../link/../y.json"]
    outside = "file://" + urllib.parse.quote(str(folder.resolve() / "z.json"))
    for workspace, prefix, up in [
            (None, "", "file://" + urllib.parse.quote(
                str(deep.parent.resolve() / "y.json"))),
            (folder / "work space", "a/b/", "a/y.json"),
            (deep, "", None), (folder / "work", "", None)]:
        printed = run(deep, names, workspace=workspace)
        # Read from where the URIs start, whatever the variable says.
        if up is None:
            printed.base = deep.resolve()
        uris = [f["uri"] for f in printed.json["files"]]
        wanted = [f"{prefix}x.json", f"{prefix}x.json", up or uris[2],
                  f"{prefix}x.json", outside, up or uris[2]]
        tap.ok(uris == wanted, f"paths: workspace {workspace and workspace.name}",
               uris, wanted)
        tap.none(position_problems(printed), "paths: they lead to the files")


def check_incomplete(tap, run, folder):
    """A file that cannot be read."""
    (folder / "there.json").write_text(findings_cases.PROFILE)
    printed = run(folder, ["missing.json", "there.json"])
    tap.ok(printed.json["complete"] is False and
           printed.json["status"] == 1 and printed.statuses == {1} and
           len(printed.found) == 1, "incomplete: what is there is reported",
           printed.json)
    tap.none(sarif_problems(printed), "incomplete: SARIF")
    printed = run(folder, ["there.json"])
    tap.ok(printed.json["complete"] is True and printed.statuses == {0},
           "incomplete: all is there", printed.json)


def check_excepted(tap, run, folder):
    """Findings that settings silence."""
    (folder / "excepted.json").write_text(findings_cases.PROFILE)
    (folder / ".seccompc.json").write_text(json.dumps({"allow": [
        {"name": "unknown-name", "reason": "our kernel has it"}]}))
    printed = run(folder, ["excepted.json"])
    text = printed.bytes["text"].decode()
    tap.ok([f["excepted"] for f in printed.json["files"]] == [1] and
           not printed.found and
           text == "1 file: nothing found, 1 excepted\n"
           "  settings: .seccompc.json\n", "excepted: counted",
           printed.json, text)


def main(arguments):
    if len(arguments) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    seccompc = os.path.abspath(arguments[0])
    root = pathlib.Path(arguments[2]).resolve()
    group_name = arguments[3] if len(arguments) == 4 else None
    schema = json.loads((root / "docs/findings.schema.json").read_text())
    tap = Tap()

    silent = only(seccompc)

    def run_silent(folder, names, **more):
        return run(folder, names, *silent, **more)

    def run(folder, names, *options, **more):
        printed = Printed(seccompc, folder, names, *options, **more)
        if jsonschema:
            printed.schema = jsonschema.Draft202012Validator(schema)
        return printed

    lints = root / "tests/lints"
    bad = sorted(str(p.relative_to(lints)) for p in lints.glob("*/bad*.json"))
    groups = {
        "examples": lambda title, _: check(
            tap, title, lambda: run(lints, bad, "--no-config")),
        "threshold": lambda title, _: check(
            tap, title, lambda: run(lints, bad[:6], "--threshold=note")),
        "hostile": lambda title, folder: check(
            tap, title,
            lambda: run(folder, findings_cases.write_hostile(folder))),
        "mutants": lambda title, folder: check(
            tap, title, lambda: run(folder, findings_cases.write_mutants(
                folder, [lints / name for name in bad], random.Random(1)))),
    }
    manifests = sorted(lints.glob("kubernetes-*/bad*.yaml"))
    groups["manifests"] = lambda title, folder: check(
        tap, title, lambda: run(folder, [], "--profile-root=.", *(
            f"--manifest={name}" for name in findings_cases.write_mutants(
                folder, manifests, random.Random(2)))))
    for title, function in [
            ("fingerprints", check_moved), ("paths", check_paths),
            ("incomplete", check_incomplete), ("excepted", check_excepted)]:
        groups[title] = lambda _, folder, function=function: function(
            tap, run_silent, folder)
    for title, group in groups.items():
        if group_name and not group_name.startswith(title):
            continue
        with tempfile.TemporaryDirectory() as folder:
            group(title, pathlib.Path(folder).resolve())
    print(f"1..{tap.count}")
    return 1 if tap.failures else 0 if jsonschema else 77


sys.exit(main(sys.argv[1:]))
