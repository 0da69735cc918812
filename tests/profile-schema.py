#!/usr/bin/env python3
"""docs/profile.schema.json against the compiler's reader.

profile-schema.py SECCOMPC SOURCE_ROOT CORPUS [SEED]

The schema is one for all dialects: a profile fits if every dialect that reads
a field takes it, which is asked of `seccompc check`.  Profiles of a folder and
mutants of some have to fit exactly when no finding is about their shape, but
for what no schema can say (see excused).  Words that the schema lists are
those that the reader and the tables have.  Prints TAP; exits 77 if a schema
cannot be checked here.
"""

import copy
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    jsonschema = None

# Findings about shape; the others are about what a profile means.
SHAPE = {"wrong-type", "out-of-range", "missing-field", "key-case",
         "exclusive-fields", "unknown-action", "unknown-operator",
         "unknown-arch", "unknown-flag", "errno-without-effect",
         "notify-refused"}
# What a schema never sees: then nothing is compared.
TEXT = {"json-syntax", "invalid-utf8", "nul-in-string", "duplicate-key"}
DIALECTS = ("docker", "podman")
MUTANTS = 500
# One of everything.
WHOLE = {
    "$schema": "profile.schema.json",
    "defaultAction": "SCMP_ACT_ERRNO",
    "defaultErrnoRet": 38,
    "defaultErrno": "ENOSYS",
    "archMap": [{"architecture": "SCMP_ARCH_X86_64",
                 "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}],
    "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "listenerPath": "/run/agent.sock",
    "listenerMetadata": "x",
    "syscalls": [
        {"names": ["read", "close"], "action": "SCMP_ACT_ALLOW",
         "args": [{"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": 7,
                   "valueTwo": 3}], "comment": "c",
         "includes": {"caps": ["CAP_KILL"], "arches": ["amd64"],
                      "minKernel": "4.8"},
         "excludes": {"caps": [], "arches": None, "minKernel": ""}},
        {"name": "mount", "action": "SCMP_ACT_TRACE", "errnoRet": 5},
        {"names": ["kill"], "action": "SCMP_ACT_ERRNO", "errno": "EPERM"},
        {"names": ["ptrace"], "action": "SCMP_ACT_NOTIFY"},
    ],
}
BASES = [
    WHOLE,
    {"ociVersion": "1.0.2", "linux": {"seccomp": {
        "defaultAction": "SCMP_ACT_KILL_PROCESS",
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
        "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG"}]}}},
]
VALUES = [None, True, False, 0, 1, -1, 5, 6, 38, 4095, 4096, 65535, 65536,
          2**64 - 1, 2**64, 1.5, "", "x", "4.8", "4.256", "SCMP_ACT_ALLOW",
          "SCMP_ACT_ERRNO", "SCMP_ACT_NOTIFY", "SCMP_ACT_ALLOWED",
          "SCMP_CMP_EQ", "SCMP_ARCH_X86", "SCMP_ARCH_RISCV64",
          "SCMP_ARCH_NONE", "ENOSYS", "12", [], {}, [None], ["read"], [{}]]


class Tap:
    def __init__(self):
        self.count = self.failures = 0

    def ok(self, good, name, *details):
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} - {name}")
        for line in details if not good else ():
            print(f"# {line}")


class Reader:
    def __init__(self, seccompc):
        self.seccompc = seccompc

    def check(self, folder, dialect):
        done = subprocess.run(
            [self.seccompc, "check", "--format=json", "--no-config",
             f"--dialect={dialect}", "--caps=none", "--kernel=6.1",
             str(folder)], check=False, stdout=subprocess.PIPE)
        return json.loads(done.stdout)["findings"]

    def refused(self, folder):
        """By file: what is said of its shape."""
        said = {}
        for dialect in DIALECTS:
            for found in self.check(folder, dialect):
                if found["severity"] == "error" and found["name"] in SHAPE | TEXT:
                    said.setdefault(pathlib.Path(found["file"]).name, {})[
                        found["name"]] = f"{found['pointer']}: " \
                        f"{found['message']} ({dialect})"
        return said

    def of_one(self, value):
        with tempfile.TemporaryDirectory() as work:
            (pathlib.Path(work) / "p.json").write_text(json.dumps(value))
            return self.refused(work).get("p.json", {}), \
                self.check(work, "docker")


def nodes(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield from nodes(child, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def keys_of(value):
    if isinstance(value, dict):
        yield from value
    for child in value.values() if isinstance(value, dict) else \
            value if isinstance(value, list) else ():
        yield from keys_of(child)


def mutate(rng, base, keys):
    """A profile with one or two things changed, and what they are."""
    made, changes = copy.deepcopy(base), []
    for _ in range(rng.choice((1, 1, 1, 2))):
        path = rng.choice(list(nodes(made)))
        value = at(made, path)
        kind = rng.choice(("replace", "delete", "key", "add"))
        changes.append((kind, path))
        if kind == "add" and isinstance(value, dict):
            value[rng.choice(keys)] = copy.deepcopy(rng.choice(VALUES))
        elif kind == "add" and isinstance(value, list):
            value.append(copy.deepcopy(rng.choice(value + VALUES)))
        elif not path:
            continue
        elif kind == "delete":
            del at(made, path[:-1])[path[-1]]
        elif kind == "key" and isinstance(path[-1], str):
            parent, key = at(made, path[:-1]), path[-1]
            other = rng.choice((key.upper(), key.capitalize(), key + "s",
                                key.replace("s", "\u017f"), key[:-1]))
            parent[other] = parent.pop(key)
        else:
            at(made, path[:-1])[path[-1]] = copy.deepcopy(rng.choice(VALUES))
    return made, changes


def excused(profile, refused, errors):
    """Why the schema may say something else, or None."""
    fits = not errors
    for path in nodes(profile):
        value, key = at(profile, path), path[-1] if path else None
        # Docker's reader takes no other; seccompc does not look.
        if key == "comment" and not fits and not refused and \
                not isinstance(value, (str, type(None))):
            return "a comment that is no string"
    text = " ".join(refused.values())
    if fits and re.search(r"unknown errno|errno: the value must be", text):
        return "errno in words or digits, by their list"
    return None


def compare(tap, title, validator, profile, refused):
    if refused.keys() & TEXT:
        return None
    errors = [f"/{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
              for e in validator.iter_errors(profile)]
    if bool(errors) == bool(refused):
        return None
    reason = excused(profile, refused, errors)
    if not reason:
        tap.ok(False, title, f"reader: {refused}", f"schema: {errors}",
               json.dumps(profile)[:2000])
    return reason or "wrong"


def test_corpus(tap, validator, reader, folder):
    refused, wrong, seen = reader.refused(folder), 0, 0
    for path in sorted(folder.glob("*.json")):
        try:
            profile = json.loads(path.read_text())
        except ValueError:
            tap.ok("json-syntax" in refused.get(path.name, {}),
                   f"{path.name}: is no JSON for both")
            continue
        seen += 1
        wrong += compare(tap, path.name, validator, profile,
                         refused.get(path.name, {})) == "wrong"
    tap.ok(seen and not wrong, f"{seen} profiles of {folder.name}: the schema "
           f"says what the reader says, who refuses {len(refused)}")


def test_mutants(tap, validator, reader, bases, seed):
    rng, made, reasons = random.Random(seed), {}, {}
    keys = sorted(set(keys_of(bases)) | {"architectures"})
    with tempfile.TemporaryDirectory() as work:
        for i in range(MUTANTS):
            profile, changes = mutate(rng, rng.choice(bases), keys)
            made[f"{i}.json"] = profile, changes
            (pathlib.Path(work) / f"{i}.json").write_text(json.dumps(profile))
        refused = reader.refused(work)
    for name, (profile, changes) in made.items():
        reason = compare(tap, f"mutant {changes}", validator, profile,
                         refused.get(name, {}))
        if reason:
            reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in reasons.items():
        print(f"# {count} that differ: {reason}")
    few, most = MUTANTS // 5, MUTANTS * 4 // 5
    tap.ok(few < len(refused) < most and "wrong" not in reasons and
           sum(reasons.values()) < MUTANTS // 20,
           f"{MUTANTS} mutants of seed {seed}: the schema says what the reader "
           f"says, who refuses {len(refused)}")


def words(schema, name):
    found = schema["definitions"][name]
    return found.get("enum") or found["anyOf"][1]["enum"]


def test_words(tap, schema, reader, root):
    """Whether the lists are complete, and hold nothing else."""
    done = subprocess.run([reader.seccompc, "syscalls"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.splitlines()
    names = {line.split()[0] for line in done[1:]}
    tap.ok(set(words(schema, "syscall")) == names,
           "all syscalls of the tables are offered, and no others",
           *sorted(names ^ set(words(schema, "syscall"))))
    for name, prefix, where in (
            ("action", "SCMP_ACT_", "compiler/action.c"),
            ("architecture", "SCMP_ARCH_", "compiler/select.c arch")):
        text = "".join(
            path.read_text() for part in where.split()
            for path in ([root / part] if (root / part).is_file()
                         else (root / part).glob("*.c")))
        source = set(re.findall(rf'"({prefix}[A-Z0-9_]+)"', text))
        tap.ok(source == set(words(schema, name)), f"{name}: as in {where}",
               *sorted(source ^ set(words(schema, name))))
    fields = {name for part in ("profile", "condition")
              for name in re.findall(r'^\t\{ "([$\w]+)", [A-Z_| ]+\}',
                                     (root / f"compiler/{part}.c").read_text(),
                                     re.M)}
    known = {key for d in schema["definitions"].values()
             for key in keys_in_properties(d)}
    tap.ok(fields and fields == known, "the fields that the reader knows",
           *sorted(fields ^ known))
    refused, found = reader.of_one(WHOLE)
    tap.ok(not refused and not [f for f in found
                                if f["name"] in ("unknown-field",
                                                 "unknown-capability",
                                                 "unknown-name")],
           "the profile with one of everything is taken", str(refused))


def keys_in_properties(value):
    if isinstance(value, dict):
        if value.get("type") == "object":
            yield from value.get("properties", {})
        for key, child in value.items():
            if key not in ("if", "then", "allOf", "not"):
                yield from keys_in_properties(child)
    elif isinstance(value, list):
        for child in value:
            yield from keys_in_properties(child)


def test_lists(tap, schema, reader):
    """Every word of the short lists is taken by the reader."""
    properties = schema["definitions"]["clause"]["anyOf"][1]["properties"]
    caps, arches = (properties[k]["items"]["anyOf"][1]["enum"]
                    for k in ("caps", "arches"))
    flags = schema["definitions"]["profile"]["properties"]["flags"]["items"]
    operators = schema["definitions"]["condition"]["properties"]["op"]["enum"]
    profile = {
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": words(schema, "architecture"),
        "flags": flags["enum"],
        "syscalls": [
            {"names": ["kill"], "action": "SCMP_ACT_ERRNO",
             "excludes": {"caps": caps, "arches": [
                 a for a in arches if a != "amd64"]}},
            *({"names": ["kill"], "action": "SCMP_ACT_ERRNO",
               "args": [{"index": 0, "op": op, "value": 0}]}
              for op in operators)],
    }
    refused, found = reader.of_one(profile)
    bad = [f["message"] for f in found
           if f["name"] in ("unknown-capability", "arch-spelling")]
    tap.ok(not refused and not bad and len(caps) >= 41 and
           len(flags["enum"]) == 4 and len(operators) == 7,
           "every word of the lists is taken", str(refused), *bad)


def main(seccompc, root, corpus, seed="1"):
    if jsonschema is None:
        print("1..0 # skipped: no python3-jsonschema")
        return 77
    root, corpus = pathlib.Path(root), pathlib.Path(corpus)
    schema = json.loads((root / "docs/profile.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    reader, tap = Reader(os.path.abspath(seccompc)), Tap()
    test_words(tap, schema, reader, root)
    test_lists(tap, schema, reader)
    folders = [root / "docs/examples", root / "tests/golden"]
    bases = list(BASES)
    if corpus.is_dir():
        folders.append(corpus)
        bases += [json.loads((corpus / name).read_text()) for name in (
            "4inzler--SEL--seccomp-profile.json",
            "0xabrar--code-run--seccomp.json")]
    for folder in folders:
        test_corpus(tap, validator, reader, folder)
    test_mutants(tap, validator, reader, bases, int(seed))
    print(f"1..{tap.count}")
    return 1 if tap.failures else 0


sys.exit(main(*sys.argv[1:]))
