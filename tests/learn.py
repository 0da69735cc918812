#!/usr/bin/env python3
"""`seccompc learn` from outside.

learn.py SECCOMPC [CALLS SOURCE_ROOT TEXT]; what is in brackets is not used

Logs of random calls become profiles, which are read here: what a rule allows,
by name, is what was called, and `seccompc sim` says the same of each program.
--base, --for, --counts and -o over what was read; exit statuses; the examples
of --help.  Commands are observed where ptrace can.  Prints TAP.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ARCHS = {"x86_64": "c000003e", "i386": "40000003", "x32": "c000003e"}
SCMP = {"x86_64": "SCMP_ARCH_X86_64", "i386": "SCMP_ARCH_X86",
        "x32": "SCMP_ARCH_X32"}
LINE = ('audit: type=1326 audit(1.0:{serial}): auid=1 uid=0 gid=0 ses=1 pid=7 '
        'comm="a" exe="{exe}" sig=0 arch={arch} syscall={nr} compat=0 '
        'ip=0x1 code=0x{code:x}\n')
LOG = 0x7ffc0000
COMMAND = ["sh", "-c", "echo $((1 + 1)); exit 3"]
SCRIPT = """import fcntl, os, socket, sys
for family in (socket.AF_UNIX, socket.AF_INET)[:int(sys.argv[1])]:
    socket.socket(family, socket.SOCK_DGRAM)
"""


class Test:
    def __init__(self, seccompc, folder):
        self.seccompc, self.folder = seccompc, folder
        self.failures = 0
        self.numbers = self.read_numbers()

    def ok(self, good, text, detail=""):
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} - {text}")
        for line in str(detail).splitlines()[:20] if not good else []:
            print(f"# {line}")

    def run(self, *arguments, data=b"", command="learn"):
        return subprocess.run(
            [self.seccompc, command, *map(str, arguments)], cwd=self.folder,
            input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=120, check=False)

    def status(self, wanted, *arguments, says="", data=b"", command="learn"):
        done = self.run(*arguments, data=data, command=command)
        printed = done.stderr.decode(errors="replace")
        self.ok(done.returncode == wanted and says in printed,
                f"exit status {wanted}: {' '.join(map(str, arguments))[:60]}",
                f"{done.returncode}: {printed}")
        return printed

    def read_numbers(self):
        """By ABI: names and the numbers that logs have."""
        done = subprocess.run([self.seccompc, "syscalls", "--format=json"],
                              stdout=subprocess.PIPE, check=True)
        numbers = {abi: {} for abi in ARCHS}
        for call in json.loads(done.stdout)["syscalls"]:
            for abi in ARCHS:
                found = call["abis"].get(abi)
                if found:
                    numbers[abi][call["name"]] = found["number"]
        return numbers

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def read(self, name):
        return json.loads((self.folder / name).read_text())

    def log(self, calls):
        return "".join(
            LINE.format(serial=i, exe=f"/bin/{i % 3}", arch=ARCHS[abi],
                        nr=self.numbers[abi][name], code=LOG)
            for i, (abi, name) in enumerate(calls))


def allowed(profile):
    """The names that a profile allows, and those of them on any arguments."""
    some, plain = set(), set()
    for rule in profile["syscalls"]:
        if rule["action"] == "SCMP_ACT_ALLOW":
            some |= set(rule["names"])
            plain |= set() if rule.get("args") else set(rule["names"])
    return some, plain


def choose(t, seed, count):
    rng = random.Random(seed)
    abis = rng.choice([["x86_64"], ["x86_64", "i386"], list(ARCHS)])
    return [(abi, rng.choice(sorted(t.numbers[abi])))
            for abi in rng.choices(abis, k=count)]


def check_new(t):
    for seed in range(6):
        calls = choose(t, seed, 30)
        t.write("a.log", t.log(calls))
        t.write("b.log", t.log(random.Random(seed).sample(calls, 30)))
        t.status(0, "a.log", "-o", "a.json", "--counts=a.counts")
        t.status(0, "b.log", "-o", "b.json", "--counts=b.counts")
        made = t.read("a.json")
        names = {name for _, name in calls}
        ends = names & {"exit", "exit_group"} or {"exit_group"}
        t.ok(allowed(made) == (names | ends, names | ends),
             "what was called is allowed, and no more but an exit", made)
        t.ok(made["defaultAction"] == "SCMP_ACT_ERRNO" and
             set(made["architectures"]) == {SCMP[a] for a, _ in calls},
             "what else it has", made)
        t.ok(all(r["names"] == sorted(r["names"]) for r in made["syscalls"]),
             "names are in order")
        for kind in ("json", "counts"):
            t.ok((t.folder / f"a.{kind}").read_bytes() ==
                 (t.folder / f"b.{kind}").read_bytes(),
                 f"{kind}: the order of calls makes no difference")
        counts = dict(line.split() for line in
                      (t.folder / "a.counts").read_text().splitlines())
        t.ok(counts == {n: str([c for _, c in calls].count(n))
                        for n in names}, "counts", counts)
        t.status(0, "--quiet", "--weights=a.counts", "a.json", "-o", "a.bpf",
                 command="compile")
        for abi, name in calls[:3]:
            done = t.run("a.bpf", abi, t.numbers[abi][name], command="sim")
            t.ok(b"ALLOW" in done.stdout, f"sim: {abi} {name}", done)
        for consumer in ("docker", "kubernetes"):
            t.status(0, "--quiet", f"--for={consumer}", "a.json",
                     command="check")


def check_for(t):
    for runtime, consumers in (("runc", ["docker", "kubernetes"]),
                               ("crun", ["podman"]),
                               ("runc,crun", ["crio", "oci"]),
                               ("oci", ["docker", "podman", "oci"])):
        for default in ("EPERM", "ENOSYS", "SCMP_ACT_KILL_PROCESS"):
            says = t.status(0, f"--for={runtime}", f"--default={default}",
                            "one.log", "-o", "for.json", says="execve")
            t.ok("measured on 20" in says, "when it was measured", says)
            for consumer in consumers:
                found = t.run(f"--for={consumer}", "--deny=runtime-needs",
                              "for.json", command="check")
                t.ok(b"runtime-needs" not in found.stderr + found.stdout,
                     f"{runtime} and {default}: all that {consumer} needs",
                     found.stdout.decode())
    names = []
    for option in ("--for=runc", "--no-new-privs"):
        t.status(0, "--for=runc", option, "one.log", "-o", "for.json")
        names.append(allowed(t.read("for.json"))[0])
    t.ok(names[1] < names[0] and "setuid" in names[0] - names[1],
         "with no_new_privs fewer are needed", names)


BASE = """{ "defaultAction": "SCMP_ACT_ERRNO", "comment": "kept  so",
  "syscalls": [ {"names":["close",
     "exit_group"], "action":"SCMP_ACT_ALLOW"},
  { "names": ["mount", "umount2"], "action": "SCMP_ACT_KILL_PROCESS" },
  { "names": ["personality"], "action": "SCMP_ACT_ALLOW",
    "args": [{ "index": 0, "value": 0, "op": "SCMP_CMP_EQ" }] } ] }"""


def check_base(t):
    t.write("base.json", BASE)
    t.write("new.log", t.log([("x86_64", "read"), ("x86_64", "close"),
                              ("x86_64", "mount"), ("x86_64", "mount"),
                              ("x86_64", "personality")]))
    says = t.status(1, "--base=base.json", "new.log", "-o", "more.json")
    t.ok(re.search(r"^base.json:4:15: error: x86_64 mount \(2 calls: .*"
                   r"KILL_PROCESS", says, re.M), "a refusal, at its line", says)
    t.ok(re.search(r"^base.json:5:15: note: x86_64 personality", says, re.M),
         "arguments that are not known", says)
    t.ok("new: x86_64 read, 1 call: /bin/0" in says and
         "new: x86_64 close" not in says, "what is new", says)
    more = (t.folder / "more.json").read_text()
    t.ok(more == BASE.replace('"exit_group"', '"exit_group",\n     "read"'),
         "the text is the base's, and a name more", more)
    done = t.run("--compare=action", "--no-weaker", "more.json", "base.json",
                 command="diff")
    t.ok(done.returncode == 1, "it is laxer", done)
    done = t.run("--no-weaker", "base.json", "more.json", command="diff")
    t.ok(done.returncode == 0, "and nowhere stricter", done)
    t.write("same.log", t.log([("x86_64", "close")]))
    t.status(0, "--base=base.json", "same.log", "-o", "same.json",
             says="nothing is new")
    t.ok((t.folder / "same.json").read_text() == BASE, "nothing is new")
    t.write("crlf.json", BASE.replace("\n", "\r\n"))
    t.status(1, "-q", "--base=crlf.json", "new.log", "-o", "crlf.out")
    t.ok((t.folder / "crlf.out").read_bytes() ==
         more.replace("\n", "\r\n").encode(), "line ends are the base's")
    # Over itself.
    t.write("self.json", BASE)
    inode = os.stat(t.folder / "self.json").st_ino
    t.status(1, "-q", "--base=self.json", "new.log", "-o", "self.json")
    t.ok((t.folder / "self.json").read_text() == more and
         os.stat(t.folder / "self.json").st_ino != inode,
         "the base is replaced, by a rename")
    t.write("i386.log", t.log([("i386", "close"), ("i386", "write")]))
    says = t.status(0, "--base=more.json", "i386.log", "-o", "two.json",
                    says="new in the architectures: i386")
    t.ok(t.read("two.json")["architectures"] == ["SCMP_ARCH_X86"] and
         allowed(t.read("two.json"))[1] ==
         {"close", "exit_group", "read", "write"} and
         "new: i386 write" in says and "new: i386 close" not in says,
         "an ABI more", says)
    t.status(1, "--base=more.json", "--arch=x86_64", "i386.log", "-o",
             "three.json", says="--arch leaves i386 out")
    # Bases that name nothing: rule 11 begins.
    t.write("one-read.log", t.log([("x86_64", "read")]))
    for action in ("ERRNO", "KILL_PROCESS", "TRAP", "LOG"):
        for rules in ("", ', "syscalls": []', ', "defaultErrnoRet": 38'):
            if "38" in rules and action != "ERRNO":
                continue
            t.write("bare.json",
                    f'{{"defaultAction": "SCMP_ACT_{action}"{rules}}}')
            says = t.status(0, "--base=bare.json", "one-read.log", "-o",
                            "grown.json")
            t.ok(allowed(t.read("grown.json"))[1] == {"read"},
                 f"a base of {action} alone", says)
            t.ok(("nothing was named on x86_64" in says) == (action != "LOG"),
                 "numbers above get ENOSYS, which is said", says)


def check_families(t):
    says = t.status(0, "one.log", "-o", "few.json", says="may be called")
    t.status(0, "--families", "one.log", "-o", "many.json")
    few, many = (allowed(t.read(n))[0] for n in ("few.json", "many.json"))
    t.ok(few == {"exit_group", "openat"} and many > few and "open" in many and
         all(name in says for name in many - few), "what notes name is added",
         f"{says}{many}")
    t.ok(t.run("-q", "one.log").stderr == b"", "--quiet")
    t.ok("complete" not in says, "nothing is said to be whole")


def check_statuses(t):
    t.write("one.log", t.log([("x86_64", "openat")]))
    t.status(0, "--help")
    t.status(0, "one.log")
    t.status(0, data=(t.folder / "one.log").read_bytes())
    t.status(1, "none.log", says="none.log")
    t.status(1, "--base=none.json", "one.log", says="none.json")
    t.status(1, "one.log", "-o", "one.log", says="was read")
    t.status(2, "--args", "one.log", says="a log has no arguments")
    t.status(2, "--caps=none", "one.log", says="--base")
    t.status(2, "--default=EPERMM", "one.log", says="EPERMM")
    t.status(2, "--default=SCMP_ACT_ALLOW", "one.log")
    t.status(2, "--default=SCMP_ACT_NOTIFY", "one.log")
    t.status(2, "--default=EPERM", "--base=x.json", "one.log", says="--base")
    t.status(2, "--for=lxc", "one.log", says="runc")
    t.status(2, "--for=runc,", "one.log")
    t.status(2, "--no-new-privs", "one.log", says="--for")
    t.status(2, "--", "true", says="-o FILE")
    t.status(2, "-o", "x.json", "--")
    t.status(2, "-o", "x.json", "one.log", "--", "true")
    t.status(2, "-o", "x.json", "--counts=x.json", "one.log")
    t.status(2, "-o", "x.json", "--counts=./x.json", "one.log")
    t.status(2, "-o", "x.json", "--counts=b.json", "--base=b.json", "one.log")
    t.status(2, "--base=-", "-", says="read once")
    t.ok(not (t.folder / "x.json").exists(), "nothing was written")
    t.write("x.counts", "as it was")
    t.status(1, "-o", "/dev/full", "--counts=x.counts", "one.log")
    t.ok((t.folder / "x.counts").read_text() == "as it was",
         "both files or none")
    # What cannot be written is known before the command runs.
    for options in (("-o", "no/x.json"), ("-o", "."),
                    ("-o", "x.json", "--counts=no/x")):
        t.status(1, *options, "--", "touch", "ran", says="cannot write")
    t.ok(not (t.folder / "ran").exists(), "the command did not run")


def check_arguments(t):
    """Rules for what a command passed, and none for what it did not."""
    t.write("s.py", SCRIPT)
    learn = ["--args", "-o", "args.json", "--", "python3", "-S", "-E", "s.py"]
    done = t.run(*learn, "1")
    if done.returncode == 126:
        print("# skipped: no ptrace here")
        return
    t.ok(done.returncode == 0 and b"AF_UNIX, SOCK_DGRAM" in done.stderr and
         b"AF_INET" not in done.stderr, "arguments by name", done.stderr)
    first = t.read("args.json")
    t.ok([r["args"] for r in first["syscalls"] if r["names"] == ["socket"]] ==
         [[{"index": 0, "value": 0xffffffff, "valueTwo": 1,
            "op": "SCMP_CMP_MASKED_EQ"},
           {"index": 1, "value": 0xfff7f7ff, "valueTwo": 2,
            "op": "SCMP_CMP_MASKED_EQ"}]], "the condition", first)
    t.status(0, "--quiet", "--deny=truncated-allow", "args.json",
             command="check")
    done = t.run("--base=args.json", *learn, "2")
    t.ok(done.returncode == 0 and b"new: x86_64 socket" in done.stderr,
         "another value", done.stderr)
    sockets = [r.get("args", [{}])[0].get("valueTwo")
               for r in t.read("args.json")["syscalls"]
               if "socket" in r["names"]]
    t.ok(sockets == [1, 2], "is another rule", sockets)
    rules = t.read("args.json")["syscalls"]
    t.ok(rules[1:len(first["syscalls"])] == first["syscalls"][1:] and
         rules[-1]["names"] == ["socket"], "behind those that were there",
         rules)
    run = t.run("args.json", "--", "python3", "-S", "-E", "s.py", "2",
                command="run")
    t.ok(run.returncode == 0, "it runs under what was learned", run.stderr)
    done = t.run("-o", "run.json", "--", *COMMAND)
    t.ok((done.returncode, done.stdout) == (3, b"2\n") and
         "exit_group" in allowed(t.read("run.json"))[0],
         "the command's own status", done)


def check_examples(t):
    printed = t.run("--help").stdout.decode()
    lines = printed.split("Examples:\n")[1].split("\n\n")[0].splitlines()
    t.write("audit.log", t.log([("x86_64", "openat")]))
    t.write("server", "#!/bin/sh\nexit 0\n")
    (t.folder / "server").chmod(0o755)
    t.ok(len(lines) > 3, "there are examples", printed)
    for line in lines:
        done = subprocess.run(
            ["sh", "-c", line], cwd=t.folder, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False,
            env={"PATH": f"{t.seccompc.parent}:/usr/bin:/bin"})
        t.ok(done.returncode == 0, line.strip(), done.stdout.decode())


def main():
    seccompc = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        t = Test(seccompc, pathlib.Path(folder))
        for check in (check_statuses, check_new, check_for, check_base,
                      check_families, check_arguments, check_examples):
            check(t)
    return t.failures > 0


sys.exit(main())
