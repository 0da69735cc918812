"""`seccompc test` and `seccompc sim` from outside.

    expect.py SECCOMPC CALLS SOURCE_ROOT [TEXT]; CALLS and TEXT are not needed

What sim says is held against manifest.py's machine, which runs programs
again; reports of test are read by an XML parser and by the rules of TAP.
Prints TAP; exits 1 if a test fails.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

from manifest import TOKENS, Program

SECCOMPC, ROOT = sys.argv[1], pathlib.Path(sys.argv[3]).resolve()

PROFILE = """{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
	"syscalls": [
		{"names": ["read", "write", "openat", "socketcall"],
		 "action": "SCMP_ACT_ALLOW"},
		{"names": ["socket"], "action": "SCMP_ACT_ALLOW",
		 "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
		{"names": ["fchownat"], "action": "SCMP_ACT_ALLOW",
		 "args": [{"index": 0, "value": 4294967196,
		           "op": "SCMP_CMP_EQ"}]},
		{"names": ["fchmodat"], "action": "SCMP_ACT_ALLOW",
		 "args": [{"index": 0, "value": 4294967196,
		           "op": "SCMP_CMP_EQ"}]},
		{"names": ["unshare"], "action": "SCMP_ACT_ALLOW",
		 "args": [{"index": 0, "value": 2114060288, "valueTwo": 0,
		           "op": "SCMP_CMP_MASKED_EQ"}]},
		{"names": ["kcmp"], "action": "SCMP_ACT_ALLOW",
		 "args": [{"index": 2, "value": 2, "op": "SCMP_CMP_GE"},
		          {"index": 3, "value": 7, "op": "SCMP_CMP_EQ"}]},
		{"names": ["kcmp"], "action": "SCMP_ACT_ALLOW",
		 "args": [{"index": 2, "value": 0, "op": "SCMP_CMP_EQ"}]},
		{"names": ["ioctl"], "action": "SCMP_ACT_LOG",
		 "args": [{"index": 1, "value": 21505, "op": "SCMP_CMP_EQ"}]}
	]
}
"""
GOOD = """# All of these hold.
x86_64 socket(AF_UNIX, *, *) allow
x86_64 socket(!= AF_UNIX) errno(EPERM)	# whatever the high bits
* read(*) allow
i386 socketcall(SYS_SOCKET, *) allow
x32 * kill
* time(*) deny
* ioctl(*, TCGETS) log
* ptrace(*) not allow
* 1000..2000 errno(ENOSYS)
x32 socket(*) kill_thread | kill_process
i386 fchmodat(AT_FDCWD, ...) allow
x86_64 unshare(flags & CLONE_NEWUSER|CLONE_NEWNS) errno(EPERM)
x86_64 kcmp(*, *, {0, 2..6}, 7) allow
x86_64 open(*, O_RDONLY|O_CREAT|O_EXCL, 0600) errno
x86_64 socket(!= AF_UNIX, type & 0x80f == SOCK_RAW|SOCK_NONBLOCK) deny
x86_64 mmap(*, *, PROT_NONE|PROT_READ, MAP_PRIVATE|MAP_FIXED) deny
x86_64 {openat, read}(dfd == 5) allow
"""
# With what each has to say: the line, what it is about, what that gets.
BAD = {
    "x86_64 socket(AF_UNIX) deny": "socket(family=AF_UNIX, ...) gets ALLOW",
    "x86_64 ioctl(*, != TCGETS) log":
        "ioctl(cmd=0, ...) gets ERRNO(EPERM)",
    "* fchownat(AT_FDCWD) allow":
        "(dfd=AT_FDCWD (0xffffffffffffff9c), ...) gets ERRNO(EPERM)",
    "x86_64 kcmp(*, *, 1) deny":
        "kcmp(type=0x100000001, idx1=7, ...) gets ALLOW",
    "x86_64 ioctl(*, TCGETS) deny": "ioctl(cmd=TCGETS, ...) gets LOG",
    "x86_64 kcmp(*, *, 0..1) deny": "kcmp(type=KCMP_FILE, ...) gets ALLOW",
    "x86_64 unshare(& CLONE_NEWUSER|1) allow":
        "(unshare_flags=CLONE_NEWNS|0x1) gets ERRNO(EPERM)",
    "x86_64 write(*) errno": "x86_64 write(...) gets ALLOW",
    "x86_64 open(*) errno(ENOENT)": "open(...) gets ERRNO(EPERM)",
    "i386 socketcall(*) deny": "i386 socketcall(...) gets ALLOW",
    "x32 read(*) allow": "x32 read(...) gets KILL_THREAD",
    "x86_64 socket(not 0..0xffffffff) deny": "it is about no call at all",
}
# What is wrong at which column.
MALFORMED = {
    "socket(*) allow": (1, "an ABI is expected here"),
    "x86_64 soket(*) allow": (8, "did you mean 'socket'?"),
    "x86_64 socket(AF_INTE) deny": (15, "did you mean 'AF_INET'?"),
    "  x86_64\tsocket(1,2,3,4) deny": (23, "the call has 3 arguments"),
    "x86_64 socketcall(*) deny": (8, "x86_64 has no syscall 'socketcall'"),
    "i386 recv(*) deny": (6, "i386 has it as socketcall(10, ...)"),
    "i386 accept(*) deny": (6, "i386 has it as socketcall(5, ...)"),
    "x86_64 socket(*) errno(EPREM)": (24, "did you mean 'EPERM'?"),
    "x86_64 socket(*) alow": (18, "did you mean 'allow'?"),
    "x86_64 socket(*) allow deny": (24, "the end of the line"),
    "x86_64 socket(5..1) deny": (18, "the range is empty"),
    "x86_64 socket(0x100000000) deny": (15, "the argument has 32 bits"),
    "x86_64 socket(& 1 == 2) deny": (22, "bits that the mask leaves out"),
    "x86_64 socket(type & 1) deny": (15, "type is argument 2 of socket"),
    "x86_64 socket(1 deny": (17, "a comma or ) is expected here"),
    "x86_64 socket(tpye == 1) deny": (15, "has an argument 'tpye'"),
    "x86_64 41(tpye == 1) deny": (11, "has an argument 'tpye'"),
    "x86_64 socket(nott 1) deny": (15, "unknown constant 'nott'"),
    "x86_64 clone(*, flags & 1) deny": (17, "flags is argument 1 of clone"),
    "x86_64 40..42(2) deny": (15, "arguments of a range of syscalls"),
    "x86_64 socket(AF_UNIX|AF_INET) deny": (23, "no flags cannot be joined"),
    "x86_64 socket(AF_UNSPEC|AF_INET) deny": (25, "cannot be joined"),
    "x86_64 socket(*, SOCK_STREAM|SOCK_DGRAM) deny": (30, "cannot be joined"),
    "x86_64 open(*, O_RDWR|O_WRONLY) deny": (23, "cannot be joined"),
    "x86_64 0|41 deny": (10, "cannot be joined"),
    "x86_64 socket(*) errno(EPERM|ENOENT)": (30, "cannot be joined"),
    "x86_64 *(1) deny": (10, "arguments of all syscalls"),
    "x86_64 0x40000001 deny": (19, "those of x32"),
    "x86_64 socket(*) errno(4096)": (24, "above 4095"),
    "x86_64 socket(*)": (17, "an action is expected here"),
    "x86_64 \x1b[31m": (8, "a syscall is expected here"),
    "x86_64 sock\x00et": (1, "NUL"),
    "x86_64 " + "{" * 5000: (1, "longer than 4096 bytes"),
    "x86_64 socket({" + "1," * 300 + "1}) deny": (None, "more than 256 tests"),
}

failed = tests = 0


def check(condition, text, *details):
    global failed, tests
    tests += 1
    failed += not condition
    print(f"{'ok' if condition else 'not ok'} {tests} - {text}")
    if not condition:
        for detail in details:
            print("#", repr(detail))


def run(*args, text=""):
    done = subprocess.run([SECCOMPC, *map(str, args)], input=text.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60)
    return (done.returncode, done.stdout.decode(), done.stderr.decode())


def try_lines(profile, program):
    for subject in (profile, program):
        code, out, err = run("test", "--quiet", subject, "-", text=GOOD)
        check(code == 0 and "17 expectations, 0 failed" in out and not err,
              f"{subject.name}: all hold", code, out, err)
        code, out, err = run("test", subject, "-", text="\n".join(BAD))
        lines = out.split("\n")
        check(code == 1 and f"{len(BAD)} failed" in out, "none holds", out)
        for number, (line, answer) in enumerate(BAD.items(), 1):
            head = f"<stdin>:{number}: {line}"
            after = lines[lines.index(head) + 1] if head in lines else ""
            check(answer in after, f"{subject.name}: {line}", after, out)
    code, out, _ = run("test", profile, "-", text="x86_64 write(*) errno\n")
    check(out.split("\n")[1] == "  x86_64 write(...) gets ALLOW, by "
          f"{profile}:5:22", "the rule's line", out)

    code, out, _ = run("test", profile, "-",
                       text="x86_64 kcmp(*, *, 0, 7) deny\n")
    check(f"by {profile}:21:14" in out, "a rule's conditions", out)
    for line, answer in (
            ("x32 read(*) allow", "KILL_THREAD, as its ABI is not in the "
             "filter"),
            ("x86_64 openat2(*) allow", "ERRNO(ENOSYS), as it is newer than "
             "the profile")):
        out = run("test", profile, "-", text=line + "\n")[1]
        check(f" gets {answer}\n" in out, f"a reason: {line}", out)

def try_malformed(profile):
    for line, (column, answer) in MALFORMED.items():
        code, out, err = run("test", profile, "-", text=f"\n{line}\n")
        found = re.match(r"<stdin>:2:(\d+): error: (.*)\n$", err)
        check(code == 2 and not out and found and answer in found[2] and
              column in (None, int(found[1])), f"refused: {line[:40]!r}",
              code, out, err[:300])
    code, _, err = run("test", profile, "-", text="x\n" * 1000)
    check(code == 2 and err.count("\n") == 20, "20 errors and no more", err)
    code, _, err = run("test", profile, "-",
                       text="* read(*) allow\n" * 8193)
    check(code == 2 and "more than 8192" in err, "too many lines", err)
    code, _, err = run("test", profile, "-", text="#" * (1 << 20) + "#")
    check(code == 1, "too large a file", code, err)
    code, _, err = run("test", profile, "-", text="# nothing\n\n")
    check(code == 2 and "no expectations" in err, "nothing to test", err)
    check(run("test", profile)[0] == 2, "no expectations are given")
    check(run("test", "-", "-")[0] == 2, "standard input for two files")
    check(run("test", profile, "/nonexistent")[0] == 1, "a missing file")


def parse_tap(text):
    """Results by number, as TAP 13 has them."""
    lines = text.split("\n")
    assert lines[0] == "TAP version 13" and lines.pop() == ""
    plan = re.fullmatch(r"1\.\.(\d+)", lines[1])
    results = []
    for line in lines[2:]:
        if line.startswith("# "):
            continue
        found = re.fullmatch(r"(not )?ok (\d+) - ((?:[^#\\]|\\.)*)"
                             r"(?: # SKIP .*)?", line)
        assert found and int(found[2]) == len(results) + 1, line
        results.append((not found[1], re.sub(r"\\(.)", r"\1", found[3]),
                        "# SKIP" in line))
    assert int(plan[1]) == len(results)
    return results


def try_reports(folder, profile):
    one = folder / "a & <b> \"c\" 'd' # \\ \udcff é\n\x1b[31m.expect"
    two = folder / "two.expect"
    one.write_text("x86_64 read(*) allow\nx86_64 read(*) deny # é\n"
                   "* clone3(*) allow\n")
    two.write_text("* socketcall(*) allow\n* time(> 1, ...) allow\n"
                   "x32 socket(& 0x3 != 1) allow\n")
    arch = "--arch=x86_64"
    code, out, err = run("test", arch, "-f", "tap", profile, one, two)
    results = parse_tap(out)
    check(code == 1 and not err, "tap: status", code, err)
    check([r[0] for r in results] == [True, False, False, True, False, False],
          "tap: results", results)
    check([r[2] for r in results] == [False] * 3 + [True] + [False] * 2,
          "tap: what is skipped", results)
    check(results[4][1].endswith("two.expect:2: * time(> 1, ...) allow"),
          "tap: description", results[4])
    report = folder / "report.xml"
    code, out, _ = run("test", arch, "--format=junit", "-o", report, profile,
                       one, two)
    text = report.read_bytes()
    check(code == 1 and not out and text.isascii(), "junit: written", code)
    root = xml.etree.ElementTree.fromstring(text)
    suites = root.findall("testsuite")
    check([(s.get("tests"), s.get("failures"), s.get("skipped"))
           for s in [root, *suites]] ==
          [("6", "4", "1"), ("3", "2", "0"), ("3", "2", "1")],
          "junit: counts")
    check([len(s.findall("testcase/failure")) for s in suites] == [2, 2] and
          len(root.findall(".//skipped")) == 1, "junit: cases")
    names = [case.get("name") for case in root.iter("testcase")]
    check(names[1] == "2: x86_64 read(*) deny" and
          names[5] == "3: x32 socket(& 0x3 != 1) allow", "junit: names", names)
    check("a & <b> \"c\" 'd' # \\" in suites[0].get("name"),
          "junit: a name of a file", suites[0].get("name"))
    message = root.find(".//failure").get("message")
    check(message.startswith("x86_64 read(...) gets ALLOW, by "),
          "junit: message", message)


def simulated(*args):
    code, out, err = run("sim", "--format=json", "--trace", "--quiet", *args)
    return json.loads(out)["calls"] if code == 0 else (code, err)


def again(program, call):
    """What another machine makes of a simulated call."""
    words = [call["number"], TOKENS[call["abi"]][0], 0, 0]
    for arg in call["args"]:
        words += [int(arg, 16) & 0xffffffff, int(arg, 16) >> 32]
    action, executed, looked = program.run(words)
    cached = action == 0x7fff0000 and not looked and call["abi"] != "x32"
    return action, executed, cached


def try_sim(profile, path):
    program = Program(path)
    calls = []
    for name, *args in (["read"], ["socket", "AF_UNIX"], ["socket", 2],
                        ["fchownat", "AT_FDCWD"], ["ioctl", 0, "TCGETS"],
                        ["ioctl", "cmd=TIOCSTI"], ["socketcall", 1], [1],
                        [99999], ["clone", "CLONE_NEWUSER|SIGCHLD"]):
        found = simulated(path, name, *args)
        check(isinstance(found, list) and found, f"sim {name}", found)
        calls += found
    random.seed(1)
    for _ in range(60):
        calls += simulated(profile, random.choice(list(TOKENS)),
                           random.choice(["socket", "ioctl", "fchownat"]),
                           random.choice(["-100", "1", "0x100000001"]),
                           random.choice(["TCGETS", "0xffffffffffffffff"]))
    wrong = [call for call in calls if again(program, call) !=
             (call["value"], call["executed"], call["cached"])]
    check(not wrong, f"{len(calls)} calls against another machine", *wrong)
    wrong = [call for call in calls if len(call["path"]) != call["executed"]
             or call["path"][0]["instruction"] != 0
             or "ret " not in call["path"][-1]["text"]
             or f"{call['value']:08x}" not in call["path"][-1]["text"]
             or any(a["instruction"] >= b["instruction"] for a, b in
                    zip(call["path"], call["path"][1:]))]
    check(not wrong, "paths go on and end in the action", *wrong)

    for operands in ["--trace", "read"], ["x86_64", "read", "--trace"]:
        code, _, err = run("sim", profile, *operands)
        check(code == 2 and "options stand before FILE" in err,
              f"sim: {' '.join(operands)}", err)
    both = simulated(profile, "x86_64", "fchownat", "AT_FDCWD")
    check([(c["args"][0], c["action"]) for c in both] ==
          [("0xffffff9c", "ALLOW"), ("0xffffffffffffff9c", "ERRNO(EPERM)")],
          "both extensions of an int", both)
    one = simulated(profile, "i386", "fchownat", "AT_FDCWD")
    check([c["args"][0] for c in one] == ["0xffffff9c"],
          "i386 has one of them", one)
    code, out, _ = run("sim", profile, "write")
    check(code == 0 and re.search(
        r"^x86_64 write\(\.\.\.\): ALLOW, by .*:5:22; \d+ instructions, "
        r"none where the kernel caches$", out, re.M), "text", out)
    for args in (["nosuch"], ["recv"], ["read", "1", "2", "3", "4", "5", "6",
                 "7"], ["read", "xyz"], ["read", "x=1"], [],
                 ["x86_64", "socketcall"], ["0x100000000"],
                 ["socket", "2", "family=1"], ["socket", "type=1", "2", "3"],
                 ["socket", "type=1", "type=1"], ["x86_64", "0x40000029"]):
        code, out, err = run("sim", profile, *args)
        check(code == 2 and not out and err, f"misused: {args}", code, out)
    check(run("sim", "/nonexistent", "read")[0] == 1, "a missing file")


def try_examples(folder):
    """The examples of --help, as they are printed, on files of their names."""
    (folder / "profile.json").write_text(PROFILE)
    (folder / "default.json").write_text(PROFILE)
    (folder / "profile.expect").write_text(GOOD)
    (folder / "hosts.expect").write_text(GOOD)
    run("compile", "--quiet", folder / "profile.json", "-o",
        folder / "filter.bpf")
    path = f"{pathlib.Path(SECCOMPC).resolve().parent}:{os.environ['PATH']}"
    for command in ("test", "sim"):
        examples = run(command, "--help")[1].split("Examples:\n")[1]
        lines = [line[2:] for line in examples.split("\n\n")[0].split("\n")
                 if line.startswith("  ")]
        check(len(lines) >= 4, f"{command}: examples in --help", examples)
        for line in lines:
            done = subprocess.run(["sh", "-c", line], cwd=folder,
                                  env={"PATH": path}, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            check(done.returncode == 0, line, done.stdout)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        profile, program = folder / "profile.json", folder / "filter.bpf"
        profile.write_text(PROFILE)
        code, _, err = run("compile", "--quiet", profile, "-o", program)
        check(code == 0, "the profile compiles", err)
        try_lines(profile, program)
        try_malformed(profile)
        try_reports(folder, profile)
        try_sim(profile, program)
        try_examples(folder)
    print(f"1..{tests}")
    return failed != 0


sys.exit(main())
