#!/usr/bin/env python3
"""Manifests: what they say, when they differ, and their schema.

manifest.py SECCOMPC CALLS SOURCE_ROOT [TEXT]; CALLS is not needed.  With TEXT
only the tests are made whose names have it.

What a manifest says of a program is counted again here, by running it.  For
each option there are pairs of command lines, with the members in which the
manifests have to differ, and no others.  Prints TAP; exits 77 if the schema
cannot be checked.
"""

import copy
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    jsonschema = None

from manifest_cases import PAIRS, PLAIN, PROFILES, TEXTS

TOKENS = {"x86_64": (0xc000003e, 0), "i386": (0x40000003, 0),
          "x32": (0xc000003e, 0x40000000)}
ALLOW = 0x7fff0000
ANSWERS = {0x7fff: "allowed", 0x7ffc: "logged", 0x7ff0: "traced",
           0x7fc0: "notified"}


class Program:
    def __init__(self, path):
        self.data = path.read_bytes()
        self.code = [(int.from_bytes(self.data[i:i + 2], "little"),
                      self.data[i + 2], self.data[i + 3],
                      int.from_bytes(self.data[i + 4:i + 8], "little"))
                     for i in range(0, len(self.data), 8)]

    def run(self, words, asked=None):
        """The action, how many instructions ran, whether arguments were
        looked at; adds to asked what they were compared with."""
        a = pc = executed = word = 0
        looked = False
        while True:
            code, jt, jf, k = self.code[pc]
            pc, executed = pc + 1, executed + 1
            if code == 0x20:
                a, word = words[k // 4], k // 4
                looked |= word > 1
            elif code == 0x54:
                a &= k
            elif code == 0x05:
                pc += k
            elif code == 0x06:
                return k, executed, looked
            else:
                if asked is not None and word > 1:
                    asked.setdefault(word, set()).update(
                        v & 0xffffffff for v in (k - 1, k, k + 1, k & -k))
                pc += jt if {0x15: a == k, 0x25: a > k, 0x35: a >= k,
                             0x45: a & k}[code] else jf


def count(program, abi, numbers, most):
    """The counts of an ABI, by running; adds to most what ran longest."""
    token, bit = TOKENS[abi]
    counts = dict.fromkeys(["allowed", "conditional", "logged", "traced",
                            "notified", "denied", "cached"], 0)
    for number in numbers:
        words, asked = [number | bit, token] + [0] * 14, {}
        action, executed, looked = program.run(words, asked)
        depends = False
        for _ in range(300 if asked else 0):
            for word in range(4, 16):
                words[word] = random.choice(sorted(asked.get(word, [])) + [0])
            again, longer, _ = program.run(words, asked)
            depends |= again != action
            executed = max(executed, longer)
        most.append(executed)
        counts["conditional" if depends else
               ANSWERS.get(action >> 16, "denied")] += 1
        counts["cached"] += action == ALLOW and not looked and not bit
    return {"known": len(numbers), **counts}


class Tests:
    def __init__(self, folder, seccompc, root, only=""):
        self.only = only
        self.seccompc = pathlib.Path(seccompc).resolve()
        self.root = pathlib.Path(root).resolve()
        self.folder = pathlib.Path(folder)
        self.tests = self.failures = 0
        self.numbers = {abi: self.list_numbers(abi) for abi in TOKENS}
        for name, value in PROFILES.items():
            self.path(name).write_text(json.dumps(value))
        self.path("spaced").write_text(json.dumps(PLAIN, indent=3) + "\n")
        (self.folder / "folder").mkdir()
        self.path("folder/renamed").write_text(json.dumps(PLAIN))
        (self.folder / "counts").write_text("read 7\nfutex 12\nwrite 0\n")
        (self.folder / "counts2").write_text("read 7\nfutex 13\n")
        (self.folder / "strace").write_text(
            "% time     seconds  usecs/call     calls    errors syscall\n"
            "------ ----------- ----------- --------- --------- ------\n"
            " 60.00    0.000060           5        12         1 futex\n"
            " 40.00    0.000040           5         7           read\n"
            "------ ----------- ----------- --------- --------- ------\n"
            "100.00    0.000100           5        19         1 total\n")

    def path(self, name):
        return self.folder / f"{name}.json"

    def list_numbers(self, abi):
        """As --help of syscalls has it: name and number come first."""
        text = subprocess.run(
            [self.seccompc, "syscalls", f"--arch={abi}"], check=True,
            stdout=subprocess.PIPE, text=True).stdout
        numbers = [line.split()[1] for line in text.splitlines()[1:]]
        return [int(n, 0) & ~TOKENS[abi][1] for n in numbers if n != "-"]

    def report(self, text, wrong):
        if self.only not in text:
            return
        self.tests += 1
        self.failures += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.tests} - {text}")
        for line in str(wrong or "").splitlines():
            print(f"# {line}")

    def run(self, *arguments):
        return subprocess.run(
            [self.seccompc, *arguments], cwd=self.folder, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

    def make(self, name, options=""):
        """The text of a manifest, and the program."""
        for left in ("m.json", "out", "raw"):
            (self.folder / left).unlink(missing_ok=True)
        done = self.run("compile", *options.split(), "--manifest=m.json",
                        "-o", "out", f"{name}.json")
        if done.returncode:
            raise ValueError(f"{name} {options}: {done.stderr}")
        raw = self.folder / "out"
        if "-f" in options.split():
            raw = self.folder / "raw"
            self.run("compile", "--quiet", "-o", "raw", f"{name}.json")
        return (self.folder / "m.json").read_text(), Program(raw)

    def compare(self, text, a, b, members):
        if self.only not in text:
            return
        try:
            (one, before), (two, after) = self.make(*a), self.make(*b)
        except ValueError as error:
            self.report(text, error)
            return
        x, y = json.loads(one)["input"], json.loads(two)["input"]
        differ = {key for key in x if x[key] != y[key]}
        wrong = ""
        if differ != set(members.split()):
            wrong = f"these differ: {' '.join(sorted(differ))}"
        elif not members and one != two:
            wrong = "the texts differ"
        elif before.data != after.data and not differ:
            wrong = "the programs differ alone"
        self.report(text, wrong)


def try_pairs(t):
    for name, a, b, members in PAIRS:
        t.compare(f"{name}: '{a}' and '{b}': {members or 'the same'}",
                  (name, a), (name, b), members)
    for a, b, members in TEXTS:
        t.compare(f"{a} and {b}: {members or 'the same'}", (a,), (b,),
                  members)


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def check_values(t, name, options):
    """What is wrong with a manifest's values."""
    text, program = t.make(name, options)
    manifest = json.loads(text)
    given, made = manifest["input"], manifest["output"]
    worst, most = made["worstPath"], []
    call = worst["call"] or {"number": 0, "arch": 0, "args": []}
    words = [call["number"], call["arch"], 0, 0]
    for arg in call["args"]:
        words += [int(arg, 0) & 0xffffffff, int(arg, 0) >> 32]
    expected = {
        "profile": (given["profile"], sha256(t.path(name).read_bytes())),
        "program": (made["program"], sha256(program.data)),
        "instructions": (made["instructions"], len(program.code)),
        "bytes": (made["bytes"], len(program.data)),
        "exact": (worst["exact"], True),
        "compiler": (given["compiler"], t.run("--version").stdout.strip()),
    }
    for abi, numbers in t.numbers.items():
        expected[abi] = (made["syscalls"][abi],
                         count(program, abi, numbers, most))
    if worst["exact"]:
        expected["worst path"] = (worst["instructions"],
                                  max(program.run(words)[1], *most))
    return "\n".join(f"{key}: {got}, not {wanted}"
                     for key, (got, wanted) in expected.items()
                     if got != wanted)


def try_answers(t):
    """Members that hold what was asked of a profile, or is said in it."""
    for name, options, wanted in [
            ("both", "--caps=all --kernel=5.0",
             {"caps": {"held": ["CAP_SYS_ADMIN"], "missing": []},
              "kernel": {"from": "4.8", "below": None}}),
            ("kernel", "--kernel=4.0",
             {"caps": None, "kernel": {"from": None, "below": "4.8"}}),
            ("kernel", "--kernel=5.0",
             {"kernel": {"from": "4.8", "below": "6.0"}}),
            ("kernel", "--kernel=7.0",
             {"kernel": {"from": "6.0", "below": None}}),
            ("flags", "", {"flags": PROFILES["flags"]["flags"]}),
            ("listener", "", {key: PROFILES["listener"][key] for key in
                              ("listenerPath", "listenerMetadata")})]:
        try:
            given = json.loads(t.make(name, options)[0])["input"]
            wrong = "\n".join(f"{key}: {given[key]}, not {value}"
                              for key, value in wanted.items()
                              if given[key] != value)
        except ValueError as error:
            wrong = error
        t.report(f"what is said of {name} {options}", wrong)


def try_values(t):
    for name, options in [("plain", ""), ("answers", ""), ("mux", ""),
                          ("answers", "--tune=cached --optimize=size"),
                          ("allow", "--arch=x86_64,i386,x32")]:
        text = f"values of {name} {options}"
        if t.only in text:
            t.report(text, check_values(t, name, options))
    try_answers(t)


def try_files(t):
    """Where manifests go, and what is written if something fails."""
    def check(text, status, *arguments, there=(), missing=()):
        done = t.run("compile", *arguments)
        wrong = [f"exit status {done.returncode}\n{done.stderr}"] \
            if done.returncode != status else []
        wrong += [f"no {name}" for name in there
                  if not (t.folder / name).exists()]
        wrong += [name for name in missing if (t.folder / name).exists()]
        t.report(text, "\n".join(wrong))
        return done

    done = check("to standard output", 0, "plain.json", "-o", "1.bpf",
                 "--manifest=-", there=["1.bpf"])
    t.report("it is one", json.loads(done.stdout)["manifest"] != 1)
    check("both to standard output", 2, "plain.json", "-f", "asm",
          "--manifest=-")
    check("one file", 2, "plain.json", "-o", "2", "--manifest=2",
          missing=["2"])
    check("one file by two names", 2, "plain.json", "-o", "3",
          "--manifest=./3", missing=["3"])
    (t.folder / "link").symlink_to("13")
    check("a link to the program", 0, "plain.json", "-o", "13",
          "--manifest=link")
    t.report("it is the program", (t.folder / "13").read_bytes() !=
             (t.folder / "1.bpf").read_bytes())
    t.report("and the manifest no link any more",
             (t.folder / "link").is_symlink())
    check("a file of the name that is standard output", 0, "plain.json", "-o",
          "./-", "--manifest=-", there=["-"])
    check("over its profile", 2, "spaced.json", "-o", "4",
          "--manifest=spaced.json", missing=["4"])
    for option in ("--format=oci", "--dump=emit"):
        check(option, 2, option, "plain.json", "-o", "5", "--manifest=5.json",
              missing=["5", "5.json"])
    check("a profile with an error", 1, "window.json", "-o", "6",
          "--manifest=6.json", missing=["6", "6.json"])
    check("no such folder for the program", 1, "plain.json", "-o",
          "none/7.bpf", "--manifest=7.json", missing=["7.json"])
    (t.folder / "8.bpf").write_text("older")
    check("no such folder for the manifest", 1, "plain.json", "-o", "8.bpf",
          "--manifest=none/8.json", there=["8.bpf"])
    t.report("the program is as it was",
             (t.folder / "8.bpf").read_text() != "older")
    check("no room for the manifest", 1, "plain.json", "-o", "14.bpf",
          "--manifest=/dev/full", missing=["14.bpf"])
    t.report("no temporary file", list(t.folder.glob("*.??????")))
    check("several", 0, "plain.json", "allow.json", "-o", "9/",
          "--manifest=10/", there=["9/plain.bpf", "9/allow.bpf",
                                   "10/plain.manifest.json",
                                   "10/allow.manifest.json"])
    t.report("each with its own",
             (t.folder / "10/plain.manifest.json").read_text() !=
             t.make("plain")[0])
    check("a folder", 0, "folder", "-o", "11", "--manifest=11", "-f", "hex",
          there=["11/renamed.hex", "11/renamed.manifest.json"])
    check("several without a folder", 2, "plain.json", "allow.json", "-o",
          "12", "--manifest=-", missing=["12/plain.bpf"])


def objects(value, path=()):
    """Every object and array in a manifest, by its way there."""
    if isinstance(value, (dict, list)):
        yield path
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in pairs:
            yield from objects(child, path + (key,))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def mutants(manifest):
    """Manifests that are none, and why."""
    for path in objects(manifest):
        here = at(manifest, path)
        where = "/".join(map(str, path))
        if isinstance(here, dict):
            changed = copy.deepcopy(manifest)
            at(changed, path)["extra"] = None
            yield f"{where}: one more member", changed
        for key in list(here) if isinstance(here, dict) else range(len(here)):
            if isinstance(here, dict):
                changed = copy.deepcopy(manifest)
                del at(changed, path)[key]
                yield f"{where}: no {key}", changed
            for value in ({"a": 1}, -1, 1.5, [[]], "~", True):
                changed = copy.deepcopy(manifest)
                # A boolean and texts of the profile can be any.
                if type(value) is type(here[key]) and (
                        value is True or str(key).startswith("listener")):
                    continue
                if str(key).startswith("listener") and value == "~":
                    continue
                at(changed, path)[key] = value
                yield f"{where}: {key} is {value}", changed


def try_schema(t):
    if not jsonschema:
        print("# skipped: there is no jsonschema for this Python")
        return
    schema = json.loads(
        (t.root / "docs/manifest.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    cases = sorted({(name, options) for name, a, b, _ in PAIRS
                    for options in (a, b) if "-v" not in options})
    for name in ("flags", "listener", "allow"):
        cases.append((name, ""))
    wrong = tried = 0
    for name, options in cases:
        try:
            manifest = json.loads(t.make(name, options)[0])
        except ValueError:
            continue  # a pair that did not compile is reported above
        for error in validator.iter_errors(manifest):
            wrong += 1
            print(f"# {name} {options}: {error.message}")
    t.report(f"{len(cases)} manifests fulfil the schema", wrong)
    wrong = []
    for name, options in (("listener", ""), ("both", "--caps=all --kernel=5"
                                             ".0"), ("flags", "")):
        for text, mutant in mutants(json.loads(t.make(name, options)[0])):
            tried += 1
            if validator.is_valid(mutant):
                wrong.append(f"{name}: {text}")
    t.report(f"{tried} mutants do not", "\n".join(wrong))
    missing = [key for key, value in walk_properties(schema)
               if "description" not in value and
               value.get("$ref", "") != "#/$defs/counts"]
    t.report("every member is described", " ".join(missing))


def walk_properties(schema):
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for value in schema.values():
            yield from walk_properties(value)


def main(arguments):
    if len(arguments) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    random.seed(int(os.environ.get("SECCOMPC_SEED", "1")))
    with tempfile.TemporaryDirectory() as folder:
        t = Tests(folder, arguments[0], *arguments[2:])
        try_values(t)
        try_pairs(t)
        if not t.only:
            try_files(t)
            try_schema(t)
    print(f"1..{t.tests}")
    return 1 if t.failures else 0 if jsonschema else 77


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
