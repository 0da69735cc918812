#!/usr/bin/env python3
"""`seccompc explain` from outside.

explain.py SECCOMPC SOURCE_ROOT

Exit statuses; the examples of --help as they are printed; JSON, whose changes
are put into the profile here and tried with the command; logs with anything
in them, and of any length.  Prints TAP.
"""

import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

PROFILE = """{
  "defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  "syscalls": [
    { "names": ["bind", "read"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["socket"], "action": "SCMP_ACT_ALLOW",
      "args": [{ "index": 0, "value": 2, "op": "SCMP_CMP_EQ" }] },
    { "names": ["mount"], "action": "SCMP_ACT_ALLOW",
      "includes": { "caps": ["CAP_SYS_ADMIN"] } },
    { "names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 },
    { "names": ["umount2", "swapon"], "action": "SCMP_ACT_KILL" }
  ]
}
"""
LINE = ('audit: type=1326 audit(1.0:1): auid=1 uid=0 gid=0 ses=1 pid={pid} '
        'comm={comm} exe="/bin/a" sig=0 arch={arch} syscall={nr} compat=0 '
        'ip=0x1 code=0x{code:x}')
CAPS = "--caps=docker"
# What a terminal could act on; lines end.
ACTS = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f-\xff]")


class Test:
    def __init__(self, seccompc, folder):
        self.seccompc, self.folder = seccompc, folder
        self.count = self.failures = 0

    def ok(self, good, text, detail=""):
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} - {text}")
        if not good:
            for line in str(detail).splitlines()[:30]:
                print(f"# {line}")

    def run(self, *arguments, data=b""):
        return subprocess.run(
            [self.seccompc, "explain", *arguments], cwd=self.folder,
            input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=120, check=False)

    def status(self, wanted, *arguments, says="", data=b""):
        done = self.run(*arguments, data=data)
        printed = (done.stdout + done.stderr).decode(errors="replace")
        self.ok(done.returncode == wanted and says in printed,
                f"exit status {wanted}: {' '.join(arguments)[:60]}",
                f"{done.returncode}: {printed}")
        return done.stdout.decode(errors="replace")


def check_statuses(t):
    t.status(0, CAPS, "p.json", "read")
    t.status(0, CAPS, "p.json", "0x40000029")
    t.status(0, CAPS, "-", "read", data=PROFILE.encode())
    t.status(1, CAPS, "p.json", "raed", says="did you mean 'read'?")
    t.status(1, CAPS, "p.json", "9999999999", says="unknown syscall")
    t.status(1, CAPS, "p.json", "recv", says="i386 has it as socketcall(10")
    t.status(1, "p.json", "mount", says="caps-needed")
    t.status(1, CAPS, "none.json", "read", says="none.json")
    t.status(1, CAPS, "p.json", "type=1326 nothing", says="no arch")
    t.status(1, CAPS, "p.json", "--abi=x86_64", "socketcall",
             says="no number")
    t.status(1, CAPS, "p.json", "--audit=none.log", says="none.log")
    t.status(2)
    t.status(2, "p.json")
    t.status(2, CAPS, "p.json", "--abi=i386", "x86_64", "read", says="--abi")
    t.status(2, CAPS, "p.json", "read", "1", "2", "3", "4", "5", "6", "7")
    t.status(2, CAPS, "p.json", "read", "AF_INTE", says="AF_INET")
    t.status(2, CAPS, "p.json", "read", "0x10000000000000000")
    t.status(2, "--want=ALLOW", "p.json", "read", says="unknown action")
    t.status(2, "--abi=arm", "p.json", "read", says="unknown ABI")
    t.status(2, "--format=xml", "p.json", "read", says="text and json")
    t.status(2, "-", "--audit=-", says="read once")
    t.status(2, "a.json", "b.json", "--audit=-", says="one file")


def check_abi(t):
    """An ABI before the syscall is --abi, with arguments and without."""
    for call in (["socket"], ["socket", "AF_INET", "*"]):
        t.ok(t.status(0, CAPS, "p.json", "i386", *call) ==
             t.status(0, CAPS, "p.json", "--abi=i386", *call),
             f"i386 {call[0]}: as with --abi")


def check_examples(t, root):
    """--help's own, with the files that they name."""
    printed = t.status(0, "--help")
    lines = printed.split("Examples:\n")[1].split("\n\n")[0].splitlines()
    shutil.copy(root / "docs/examples/violation.json",
                t.folder / "profile.json")
    shutil.copy(t.folder / "p.json", t.folder / "default.json")
    subprocess.run([t.seccompc, "compile", "profile.json", "-o",
                    "filter.bpf"], cwd=t.folder, check=True)
    (t.folder / "audit.log").write_text(LINE.format(
        pid=1, comm='"a"', arch="c000003e", nr=41, code=0x50000) + "\n")
    t.ok(len(lines) > 3, "there are examples", printed)
    for line in lines:
        done = subprocess.run(
            ["sh", "-c", line.replace("dmesg", "cat audit.log")],
            cwd=t.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False, env={"PATH": f"{t.seccompc.parent}:/usr/bin:/bin"})
        t.ok(done.returncode == 0 and done.stdout, line.strip(),
             done.stdout.decode())


def apply(text, steps):
    """Steps by their offsets in the first text; equal ones in their order."""
    data, out, at = text.encode(), b"", 0
    for step in sorted((s for s in steps if "offset" in s),
                       key=lambda s: s["offset"]):
        out += data[at:step["offset"]] + step["insert"].encode()
        at = step["offset"] + step["remove"]
    return out + data[at:]


def check_place(t, step):
    """What goes is where the step says."""
    found = re.match(r"take (out the rule for )?(\"\w+\")", step["text"])
    if found:
        line = PROFILE.splitlines()[step["line"] - 1][step["column"] - 1:]
        t.ok(line.startswith("{" if found[1] else found[2]),
             f"the place: {step['text']}", line)


def check_json(t):
    for call in (["mount"], ["clone3"], ["socket", "AF_NETLINK"], ["openat2"], ["swapon"],
                 ["--abi=x32", "read"], ["ptrace", "*", "7"]):
        done = t.run(CAPS, "--quiet", "--format=json", "p.json", *call)
        made = json.loads(done.stdout)
        edits = 0
        for one in made["calls"]:
            t.ok(sum(c["always"] for c in one["cases"]) == 1
                 or len(one["cases"]) > 1, f"{call}: cases")
            for case in one["cases"]:
                t.ok(len(case["path"]) == case["executed"] > 1
                     and case["path"] == sorted(set(case["path"])),
                     f"{call}: a path", case)
                if case["why"] != "rule":
                    continue
                line = PROFILE.splitlines()[case["line"] - 1]
                named = line[case["column"] - 1:]
                t.ok(named.startswith(f'"{one["syscall"]}"'),
                     f"{call}: the place of the rule", named)
            for edit in one["edits"]:
                edits += 1
                check_place(t, edit["steps"][0])
                (t.folder / "edited.json").write_bytes(
                    apply(PROFILE, edit["steps"]))
                options = [s["option"] for s in edit["steps"]
                           if "option" in s] or [CAPS]
                again = json.loads(t.run(
                    "--quiet", "--format=json", *options,
                    f"--abi={one['abi']}", "edited.json",
                    *[c for c in call if not c.startswith("--")]).stdout)
                t.ok({c["action"]["name"]
                      for c in again["calls"][0]["cases"]} == {"ALLOW"},
                     f"{call}: {edit['steps'][0]['text']}", again)
        t.ok(edits > 0, f"{call}: there are changes", done.stdout.decode())


def check_high(t):
    """What is above 32 bits: of ints below 0, and on i386."""
    (t.folder / "int.json").write_text(
        '{"defaultAction": "SCMP_ACT_KILL", "syscalls": [{"names": '
        '["fchownat"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, '
        '"value": 4294967196, "op": "SCMP_CMP_EQ"}]}]}')
    for value in ("AT_FDCWD", "0xffffff9c"):
        one = json.loads(t.run("--quiet", "-f", "json", "--abi=x86_64",
                               "int.json", "fchownat", value).stdout)["calls"][0]
        t.ok([(c["action"]["name"], c["call"]["args"][0])
              for c in one["cases"]] ==
             [("ALLOW", "0xffffff9c"), ("KILL_THREAD", "0xffffffffffffff9c")],
             f"{value}: both signs", one["cases"])
        t.ok(any('"SCMP_CMP_MASKED_EQ"' in s["text"] for e in one["edits"]
                 for s in e["steps"]), f"{value}: a rule for both", one)
    # ld args[0].high; jeq 0: allow, else kill
    code = [(0x20, 0, 0, 20), (0x15, 0, 1, 0), (6, 0, 0, 0x7fff0000),
            (6, 0, 0, 0)]
    (t.folder / "high.bpf").write_bytes(
        b"".join(struct.pack("<HBBI", *insn) for insn in code))
    for abi, value, actions in (("i386", "2", ["ALLOW", "KILL_THREAD"]),
                                ("i386", "0x100000002",
                                 ["ALLOW", "KILL_THREAD"]),
                                ("x86_64", "2", ["ALLOW"]),
                                ("x86_64", "0x100000002", ["KILL_THREAD"])):
        done = t.run("-f", "json", f"--abi={abi}", "high.bpf", "read", value)
        t.ok(done.returncode == 0 and
             [c["action"]["name"] for c in
              json.loads(done.stdout)["calls"][0]["cases"]] == actions,
             f"{abi}: {value} and what is above it", done)


def check_log(t):
    lines = [LINE.format(pid=i, comm=comm, arch=arch, nr=nr, code=code)
             for i, (comm, arch, nr, code) in enumerate([
                 ('"a"', "c000003e", 41, 0x50000),
                 ('"a"', "c000003e", 41, 0x50000),
                 ("1B5B324A", "c000003e", 41, 0x50000),
                 ('"a\x1b[2J"', "40000003", 102, 0x50000),
                 ('"b"', "c000003e", 0x40000029, 0),
                 ('"b"', "c00000b7", 29, 0x7ffc0000),
                 ('"b"', "c000003e", -1, 0x50000)])]
    data = "\n".join(lines).encode() + b"\n\x00\xff\x1b[2J\n{\n[]\n"
    for options in ([], ["--format=json"]):
        for file in ([], ["p.json"]):
            done = t.run(CAPS, "--quiet", *options, *file, "--audit=-",
                         data=data)
            t.ok(not ACTS.search(done.stdout + done.stderr),
                 f"{options} {file}: nothing acts on a terminal",
                 done.stdout)
            t.ok(done.returncode == (1 if file else 0),
                 f"{options} {file}: {done.returncode}", done.stderr)
    printed = t.status(1, CAPS, "--brief", "p.json", "--audit=-", data=data)
    for text in ('2 x x86_64 socket (41) by "a"', "it is this case",
                 "ERRNO(EPERM) when family != 2", "x32 is not in the filter",
                 "the architecture is not in the filter",
                 "the line is from another filter", "p.json:2:20",
                 'by "\\x1b[2J"'):
        t.ok(text in printed, f"the log: {text}", printed)
    made = json.loads(t.run(CAPS, "--format=json", "p.json", "--audit=-",
                            data=data).stdout)
    t.ok(sum(g["count"] for g in made["groups"]) == made["calls"] == 7,
         "all calls are in a group", made)
    t.ok([g["agrees"] for g in made["groups"]].count(False) == 1,
         "one is from another filter", made["groups"])


def check_length(t):
    """Memory for a long log is that for a short one."""
    def peak(megabytes):
        block = "".join(
            LINE.format(pid=i, comm=f'"{i}"', arch="c000003e", nr=i % 500,
                        code=0x50000) + "\n" for i in range(5000)).encode()
        done = subprocess.run(
            [sys.executable, "-c",
             "import resource,subprocess,sys\n"
             "p=subprocess.Popen(sys.argv[2:],stdin=subprocess.PIPE,"
             "stdout=subprocess.DEVNULL)\n"
             "b=sys.stdin.buffer.read()\n"
             "n=int(sys.argv[1])*(1<<20)\n"
             "while n>0:\n p.stdin.write(b);n-=len(b)\n"
             "p.stdin.write(b'x'*(1<<22));p.stdin.close()\n"
             "assert p.wait()==0\n"
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
             str(megabytes), t.seccompc, "explain", "--audit=-"],
            input=block, stdout=subprocess.PIPE, check=True, timeout=120)
        return int(done.stdout)

    small, large = peak(1), peak(12)
    t.ok(large < small * 1.3 + 2048, "memory does not grow with the log",
         f"{small} KiB for 1 MiB, {large} KiB for 12 MiB")


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    root = pathlib.Path(arguments[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        t = Test(pathlib.Path(arguments[0]).resolve(), pathlib.Path(folder))
        (t.folder / "p.json").write_text(PROFILE)
        check_statuses(t)
        check_json(t)
        check_high(t)
        check_log(t)
        check_length(t)
        check_abi(t)
        check_examples(t, root)
    print(f"1..{t.count}")
    return 1 if t.failures else 0


sys.exit(main(sys.argv[1:]))
