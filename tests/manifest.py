#!/usr/bin/env python3
"""Manifests: what they say, when they differ, and their schema.

manifest.py SECCOMPC CALLS SOURCE_ROOT; CALLS is not needed.

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

TOKENS = {"x86_64": (0xc000003e, 0), "i386": (0x40000003, 0),
          "x32": (0xc000003e, 0x40000000)}
ALLOW = 0x7fff0000
ANSWERS = {0x7fff: "allowed", 0x7ffc: "logged", 0x7ff0: "traced",
           0x7fc0: "notified"}


def rule(names, action="ALLOW", args=(), **more):
    return {"names": names, "action": "SCMP_ACT_" + action,
            "args": [{"index": i, "op": "SCMP_CMP_" + op, "value": value,
                      "valueTwo": two} for i, op, value, two in args], **more}


def profile(*rules, default="ERRNO", **more):
    return {"defaultAction": "SCMP_ACT_" + default, "syscalls": list(rules),
            **more}


PLAIN = profile(rule(["read", "write", "exit"]), rule(["pause"], "ERRNO"))
MINUS = {"includes": {"caps": ["CAP_SYS_ADMIN"]}}
BOTH = {"includes": {"caps": ["CAP_SYS_ADMIN"], "minKernel": "4.8"}}
ARCHES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
PROFILES = {
    "plain": PLAIN,
    "allow": profile(rule(["ptrace"], "ERRNO"), default="ALLOW"),
    "caps": profile(rule(["read"]), rule(["mount"], **MINUS)),
    "kernel": profile(rule(["read"]), rule(
        ["ptrace"], includes={"minKernel": "4.8"}), rule(
            ["bpf"], excludes={"minKernel": "6.0"})),
    "both": profile(rule(["read"]), rule(["mount"], **BOTH)),
    "map": profile(rule(["read"]), archMap=[
        {"architecture": ARCHES[0], "subArchitectures": ARCHES[1:]}]),
    "empty-map": profile(*PLAIN["syscalls"], archMap=[]),
    "apart": profile(rule(["personality"], "ALLOW", [(0, "EQ", 0, 0)]),
                     rule(["personality"], "TRAP", [(0, "EQ", 8, 0)])),
    "overlap": profile(rule(["ioctl"], "LOG", [(1, "GE", 5, 0)]),
                       rule(["ioctl"], "TRAP", [(1, "EQ", 8, 0)]),
                       default="KILL_PROCESS"),
    "voided": profile(
        rule(["mprotect"], "ERRNO", [(2, "MASKED_EQ", 4, 4)]),
        rule(["mprotect"])),
    "repeats": profile(rule(["socket"], "ALLOW", [(0, "EQ", 1, 0),
                                                  (0, "EQ", 2, 0)])),
    "window": profile(rule(["socket"], "ALLOW", [(0, "GE", 1, 0),
                                                 (0, "LE", 9, 0)])),
    "unheard": profile(*PLAIN["syscalls"], rule(
        ["frobnicate"], "ALLOW", [(0, "GE", 1, 0), (0, "LE", 9, 0)])),
    "mux": profile(rule(["socket"], "ALLOW", [(0, "EQ", 1, 0)]),
                   rule(["socketcall"], "ALLOW", [(0, "EQ", 2, 0)]),
                   architectures=ARCHES[:2]),
    "flags": profile(*PLAIN["syscalls"], flags=[
        "SECCOMP_FILTER_FLAG_LOG"]),
    "listener": profile(*PLAIN["syscalls"], listenerPath="/run/a.sock",
                        listenerMetadata="a\"\\*/\n\u00e9\U0001f512"),
    "listener-b": profile(*PLAIN["syscalls"], listenerPath="/run/b.sock",
                          listenerMetadata="a\"\\*/\n\u00e9\U0001f512"),
    "answers": profile(
        rule(["read"]), rule(["write"], "LOG"), rule(["open"], "TRACE"),
        rule(["close"], "NOTIFY"), rule(["stat"], "TRAP"),
        rule(["fstat"], "KILL_PROCESS"), rule(["lseek"], "ERRNO", errnoRet=9),
        rule(["dup"], "ALLOW", [(0, "GT", 2, 0)]),
        rule(["socket"], "ALLOW", [(0, "NE", 40, 0)]),
        architectures=ARCHES),
}

# A profile, options in two ways, and the members of "input" that then
# differ.  Where none does, manifests have to be the same byte by byte.
PAIRS = [
    # What no profile here asks changes nothing.
    *[("plain", option, "", "") for option in (
        "--caps=none", "--caps=all", "--kernel=2.6", "--kernel=7.0",
        "--dialect=docker", "--dialect=podman", "--dialect=oci",
        "--native=x86_64", "--arch=x86_64",
        "--foreign-arch=SCMP_ACT_KILL_THREAD", "--unknown=enosys",
        "--conflicts=runc", "--conflicts=first", "--conflicts=strictest",
        "--repeated-index=or", "--repeated-index=and",
        "--multiplexers=libseccomp", "--weights=built-in",
        "--optimize=balanced", "--tune=uncached", "--deny=unknown-name",
        "--allow=unknown-name", "--deny=warnings",
        "--allow=voided-condition", "--quiet", "--color=never", "-f asm",
        "-f base64", "-j2", "-v", "--symbol=x")],
    ("allow", "--unknown=enosys", "--unknown=default", ""),
    ("allow", "--unknown=enosys", "--unknown=since:4.8", ""),
    ("plain", "", "--unknown=default", "unknown"),
    ("plain", "", "--unknown=since:4.8", "unknown"),
    ("plain", "--unknown=since:4.8", "--unknown=since:5.11", "unknown"),
    ("plain", "", "--native=i386", "native abis"),
    ("plain", "--native=i386 --arch=x86_64", "--arch=i386", "native"),
    ("plain", "", "--arch=x86_64,x32", "abis"),
    ("plain", "", "--foreign-arch=default", "foreignAction"),
    ("plain", "", "--foreign-arch=SCMP_ACT_TRAP", "foreignAction"),
    ("plain", "--foreign-arch=default", "--foreign-arch=SCMP_ACT_ERRNO", ""),
    ("plain", "", "--weights=uniform", "weights"),
    ("plain", "", "--weights=counts", "weights"),
    ("plain", "--weights=counts", "--weights=counts2", "weights"),
    ("plain", "--weights=counts", "--weights=strace", ""),
    ("plain", "", "--optimize=size", "optimize"),
    ("plain", "--optimize=size", "--optimize=speed", "optimize"),
    ("plain", "", "--tune=cached", "tune"),
    ("caps", "--caps=none", "--caps=SYS_ADMIN", "caps rules"),
    ("caps", "--caps=none", "--caps=docker", ""),
    ("caps", "--caps=all", "--caps=SYS_ADMIN", ""),
    ("caps", "--caps=none", "--dialect=oci", "caps dialect rules"),
    ("kernel", "--kernel=4.7", "--kernel=4.8", "kernel rules"),
    ("kernel", "--kernel=4.8", "--kernel=5.19", ""),
    ("kernel", "--kernel=5.19", "--kernel=6.0", "kernel rules"),
    ("kernel", "--kernel=6.0", "--kernel=7.0", ""),
    ("kernel", "--kernel=4.0", "--kernel=4.7", ""),
    ("both", "--caps=none --kernel=4.7", "--caps=none --kernel=4.8", ""),
    ("both", "--caps=all --kernel=4.7", "--caps=all --kernel=4.8",
     "kernel rules"),
    ("map", "", "--dialect=podman", "dialect"),
    ("map", "", "--dialect=oci", "dialect abis"),
    ("empty-map", "", "--dialect=oci", ""),
    ("apart", "", "--conflicts=first", "conflicts"),
    ("apart", "", "--conflicts=strictest", ""),
    ("apart", "", "--conflicts=runc", ""),
    ("overlap", "--conflicts=first", "--conflicts=strictest", "conflicts"),
    ("overlap", "--conflicts=strictest", "--allow=conflicting-rules",
     "accepted"),
    ("overlap", "--warn=conflicting-rules", "--allow=conflicting-rules", ""),
    ("voided", "--conflicts=runc", "--conflicts=first", ""),
    ("voided", "--conflicts=runc", "--warn=voided-condition", "accepted"),
    ("voided", "--allow=voided-condition", "--warn=voided-condition", ""),
    ("repeats", "", "--repeated-index=or", ""),
    ("repeats", "", "--repeated-index=and", "repeatedIndex"),
    ("window", "--repeated-index=or", "--repeated-index=and",
     "repeatedIndex"),
    ("window", "--repeated-index=and", "--allow=repeated-index", "accepted"),
    ("unheard", "--repeated-index=or", "--repeated-index=and", ""),
    ("mux", "", "--multiplexers=libseccomp", "multiplexers"),
    ("mux", "--arch=x86_64", "--arch=x86_64 --multiplexers=libseccomp", ""),
    ("answers", "--arch=x86_64", "", "abis multiplexers"),
]

# Two profiles without options.
TEXTS = [
    ("plain", "flags", "profile flags"),
    ("listener", "listener-b", "profile listenerPath"),
    ("plain", "listener", "profile listenerPath listenerMetadata"),
    ("plain", "empty-map", "profile"),
    ("plain", "spaced", "profile"),
    ("plain", "folder/renamed", ""),
    ("plain", "allow", "profile rules defaultAction unknown"),
    ("plain", "map", "profile rules dialect abis"),
]


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


def count(program, abi, numbers):
    """The counts of an ABI, by running."""
    token, bit = TOKENS[abi]
    counts = dict.fromkeys(["allowed", "conditional", "logged", "traced",
                            "notified", "denied", "cached"], 0)
    for number in numbers:
        words, asked = [number | bit, token] + [0] * 14, {}
        action, _, looked = program.run(words, asked)
        depends = False
        for _ in range(300 if asked else 0):
            for word in range(4, 16):
                words[word] = random.choice(sorted(asked.get(word, [])) + [0])
            depends |= program.run(words, asked)[0] != action
        counts["conditional" if depends else
               ANSWERS.get(action >> 16, "denied")] += 1
        counts["cached"] += action == ALLOW and not looked and not bit
    return {"known": len(numbers), **counts}


class Tests:
    def __init__(self, seccompc, root, folder):
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
    worst = made["worstPath"]
    call = worst["call"]
    words = [call["number"], call["arch"], 0, 0]
    for arg in call["args"]:
        words += [int(arg, 0) & 0xffffffff, int(arg, 0) >> 32]
    expected = {
        "profile": (given["profile"], sha256(t.path(name).read_bytes())),
        "program": (made["program"], sha256(program.data)),
        "instructions": (made["instructions"], len(program.code)),
        "bytes": (made["bytes"], len(program.data)),
        "worst path": (worst["instructions"], program.run(words)[1]),
        "exact": (worst["exact"], True),
        "compiler": (given["compiler"], t.run("--version").stdout.strip()),
    }
    for abi, numbers in t.numbers.items():
        expected[abi] = made["syscalls"][abi], count(program, abi, numbers)
    return "\n".join(f"{key}: {got}, not {wanted}"
                     for key, (got, wanted) in expected.items()
                     if got != wanted)


def try_values(t):
    for name, options in [("plain", ""), ("answers", ""), ("mux", ""),
                          ("answers", "--tune=cached --optimize=size"),
                          ("allow", "--arch=x86_64,i386,x32")]:
        t.report(f"values of {name} {options}",
                 check_values(t, name, options))
    given = json.loads(t.make("listener")[0])["input"]
    wanted = PROFILES["listener"]
    t.report("text of a profile", [
        given[key] for key in ("listenerPath", "listenerMetadata")
        if given[key] != wanted[key]])
    given = json.loads(t.make("both", "--caps=all --kernel=5.0")[0])["input"]
    t.report("answers", (given["caps"], given["kernel"]) != (
        {"held": ["CAP_SYS_ADMIN"], "missing": []},
        {"from": "4.8", "below": None}) and f"{given}")


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
    check("one file by two names", 1, "plain.json", "-o", "3",
          "--manifest=./3")
    t.report("it is the program", (t.folder / "3").read_bytes() !=
             (t.folder / "1.bpf").read_bytes())
    check("over its profile", 2, "spaced.json", "-o", "4",
          "--manifest=spaced.json", missing=["4"])
    for option in ("--format=oci", "--dump=emit"):
        check(option, 2, option, "plain.json", "-o", "5", "--manifest=5.json",
              missing=["5", "5.json"])
    check("a profile with an error", 1, "window.json", "-o", "6",
          "--manifest=6.json", missing=["6", "6.json"])
    check("no such folder for the program", 1, "plain.json", "-o",
          "none/7.bpf", "--manifest=7.json", missing=["7.json"])
    done = check("no such folder for the manifest", 1, "plain.json", "-o",
                 "8.bpf", "--manifest=none/8.json", there=["8.bpf"])
    t.report("it says what is there",
             "the program is there, but not its manifest" not in done.stderr)
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
    if len(arguments) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    random.seed(int(os.environ.get("SECCOMPC_SEED", "1")))
    with tempfile.TemporaryDirectory() as folder:
        t = Tests(arguments[0], arguments[2], folder)
        try_values(t)
        try_pairs(t)
        try_files(t)
        try_schema(t)
    print(f"1..{t.tests}")
    return 1 if t.failures else 0 if jsonschema else 77


sys.exit(main(sys.argv[1:]))
