#!/usr/bin/env python3
"""What `seccompc oci-annotate` makes of config.json, from outside.

oci-annotate.py SECCOMPC [TEXTS]

Configurations are laid out at random, and read back with Python's reader:
they have to have the annotation, Python's base64 of the program, and what they
had before; and byte by byte nothing else may have changed.  Hostile ones (TEXTS
of them) are refused with a position, or Python takes them, too.  Writers that
are killed, files that change meanwhile, links, owners and permissions.
Prints TAP.
"""

import base64
import json
import os
import pathlib
import random
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time

KEY = "run.oci.seccomp_bpf_data"
# The same key for a reader of JSON.
SPELLINGS = [KEY, "run.oci.seccomp\\u005fbpf\\u005Fdata", "\\u0072" + KEY[1:]]
PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO",
     "errnoRet": 13}]}
VALUES = [None, True, 0, -1.5e3, "", "a\"b\\", "{[,]}", "\u00e9\u20ac", [], {},
          [1, [2, {"a": None}]], {"annotations": {KEY: "not this one"}}]


class Test:
    def __init__(self, seccompc, work):
        self.seccompc, self.work = seccompc, work
        self.config = work / "config.json"
        self.count = self.failures = 0
        self.profile = work / "profile.json"
        self.profile.write_text(json.dumps(PROFILE))
        self.program = work / "program.bpf"
        self.run("compile", self.profile, "-o", self.program)
        self.value = base64.b64encode(self.program.read_bytes()).decode()

    def ok(self, good, name, *details):
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        for line in details if not good else ():
            print(f"# {line}")

    def run(self, *args, **more):
        return subprocess.run([self.seccompc, *map(str, args)], check=False,
                              stdin=more.pop("stdin", subprocess.DEVNULL),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60, **more)

    def annotate(self, *args, **more):
        done = self.run("oci-annotate", *args, **more)
        done.stderr = done.stderr.decode(errors="replace")
        return done

    def put(self, text, *args):
        """Status and text once the program is in."""
        self.config.write_bytes(text)
        done = self.annotate(self.work, self.program, *args)
        return done, self.config.read_bytes()

    def leftovers(self):
        return [p.name for p in self.work.iterdir() if "json." in p.name]

    def refused(self, name, text, status, says, *args):
        self.config.write_bytes(text)
        before = self.config.stat()
        done = self.annotate(*args)
        after = self.config.stat()
        self.ok(done.returncode == status and says in done.stderr and
                not done.stdout and self.config.read_bytes() == text and
                (before.st_ino, before.st_mtime_ns) ==
                (after.st_ino, after.st_mtime_ns) and not self.leftovers(),
                f"{name}: {status}, and nothing is written",
                done.returncode, done.stderr, self.leftovers())


class Layout:
    """Writes JSON in one of many ways."""

    def __init__(self, rng):
        self.rng = rng
        self.indent = rng.choice([None, "", "\t", "  ", "    "])
        self.newline = rng.choice(["\n", "\r\n"])
        self.comma = rng.choice(["", " "])

    def break_(self, depth):
        if self.indent is None:
            return self.comma
        return self.newline + self.indent * depth

    def key(self, key):
        if key == KEY:
            return f'"{self.rng.choice(SPELLINGS)}"'
        return json.dumps(key, ensure_ascii=self.rng.random() < 0.5)

    def write(self, value, depth=0):
        if not isinstance(value, (dict, list)):
            return json.dumps(value, ensure_ascii=self.rng.random() < 0.5)
        is_dict = isinstance(value, dict)
        inner = self.break_(depth + 1)
        parts = [(self.key(k) + ":" + self.comma + self.write(v, depth + 1))
                 for k, v in value.items()] if is_dict else \
            [self.write(v, depth + 1) for v in value]
        opens, closes = "{}" if is_dict else "[]"
        if not parts:
            return opens + self.rng.choice(["", " ", "\n"]) + closes
        return opens + inner + ("," + inner).join(parts) + \
            self.break_(depth) + closes


def random_config(rng):
    """A config.json as a value; its annotations are of all kinds."""
    members = [("ociVersion", "1.0.2"), ("root", {"path": "rootfs"}),
               ("linux", rng.choice([{}, None, {"seccomp": None},
                                     {"seccomp": PROFILE}]))]
    members += [(f"x{i}", rng.choice(VALUES)) for i in range(rng.randrange(4))]
    others = {f"a{i}": rng.choice(["", "b", "\u00e9"])
              for i in range(rng.randrange(4))}
    if rng.random() < 0.4:
        others[KEY] = rng.choice(["", "old", "A" * 5000, None, 7, ["x", {}]])
    kind = rng.randrange(4)
    if kind:
        pairs = list(others.items())
        rng.shuffle(pairs)
        members.append(("annotations", None if kind == 1 else dict(pairs)))
    rng.shuffle(members)
    return dict(members)


def changed(before, after):
    """What was taken out of bytes, and what came in its place."""
    start = 0
    while start < min(len(before), len(after)) and \
            before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and \
            before[-1 - end] == after[-1 - end]:
        end += 1
    return before[start:len(before) - end], after[start:len(after) - end]


def same_but(test, config, before, after):
    """Whether what changed is what should have, in value and in text."""
    want = dict(config)
    want["annotations"] = dict(config.get("annotations") or {})
    want["annotations"][KEY] = test.value
    read = json.loads(after)
    if read != want:
        return "another value"
    # An order is kept as well: what is new is behind what was there.
    if list(read) != list(want) or \
            list(read["annotations"]) != list(want["annotations"]):
        return "another order"
    out, into = changed(before, after)
    old = (config.get("annotations") or {}).get(KEY, "")
    # What the old and the new text share at both ends is not in `out`.
    if len(b"".join(out.split())) > len(json.dumps(old)) + 8 or \
            len(into) > len(test.value) + 100:
        return f"more was changed: {out[:200]} {into[:200]}"
    if old == "" and out.strip(b" \n{}nul"):
        return f"taken out: {out[:200]}"
    return None


def test_layouts(test, rng, texts):
    wrong, notes = [], set()
    for i in range(texts):
        config = random_config(rng)
        text = Layout(rng).write(config).encode() + \
            rng.choice([b"", b"\n", b" \r\n\t"])
        done, after = test.put(text)
        if done.returncode:
            wrong.append(f"{i}: {done.stderr} {text}")
            continue
        why = same_but(test, config, text, after)
        if why:
            wrong.append(f"{i}: {why}: {text[:500]}")
        seccomp = (config["linux"] or {}).get("seccomp")
        said = "and ignores linux.seccomp" if seccomp else "there is no filter"
        notes.add(said)
        if said not in done.stderr or len(done.stderr.splitlines()) != 1:
            wrong.append(f"{i}: {done.stderr}")
        again, twice = test.put(after, "--quiet")
        if twice != after or again.stderr or again.returncode:
            wrong.append(f"{i}: the second time: {again.stderr}")
        test.annotate("--remove", "--quiet", test.work)
        left = test.config.read_bytes()
        if "annotations" not in config and left != text:
            wrong.append(f"{i}: not as it was before: {changed(text, left)}")
        if KEY in (json.loads(left).get("annotations") or {}) or \
                {k: v for k, v in (config.get("annotations") or {}).items()
                 if k != KEY} != (json.loads(left).get("annotations") or {}):
            wrong.append(f"{i}: removed: {left[:500]}")
    test.ok(not wrong and len(notes) == 2,
            f"{texts} configurations: the annotation, and nothing else",
            *wrong[:5])


def reject_twins(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("twins")
    return dict(pairs)


def test_hostile(test, rng, texts):
    """Mutants of configurations."""
    wrong, ends = [], {0: 0, 1: 0}
    for i in range(texts):
        text = bytearray(Layout(rng).write(random_config(rng)).encode())
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(text))
            piece = rng.choice([b"", b"\"", b"{", b"}", b",", b"\0", b"\xff",
                                b"[", b"\\", b"0", b"null", b"\xed\xa0\x80"])
            text[at:at + rng.randrange(3)] = piece
        done, after = test.put(bytes(text))
        ends[done.returncode] = ends.get(done.returncode, 0) + 1
        if done.returncode == 0:
            try:
                read = json.loads(after, object_pairs_hook=reject_twins)
                json.loads(text, object_pairs_hook=reject_twins)
                good = read["annotations"][KEY] == test.value
            except (ValueError, KeyError):
                good = False
        else:
            # A position, without a message for every mistake of a text.
            good = done.returncode == 1 and after == text and \
                re.search(r"config\.json:\d+:\d+: error: .*\[[a-z0-9-]+\]$",
                          done.stderr, re.M)
        if not good:
            wrong.append(f"{i}: {done.returncode} {done.stderr} {text}")
    test.ok(not wrong and min(ends.values()) > texts // 20 and
            not test.leftovers(),
            f"{texts} mutants: a position and no change, or what Python reads",
            ends, *wrong[:3])


def test_refused(test):
    good = b'{ "ociVersion": "1.0.2" }\n'
    at = test.work, test.program
    for name, text, says in (
            ("an array", b"[]", ":1:1: error: expected an object"),
            ("empty", b"", "[json-syntax]"),
            ("twice", b'{"ociVersion": "1", "ociVersion": "1"}',
             "[duplicate-key]"),
            ("annotations of another type",
             b'{"ociVersion": "1",\n "annotations": []}',
             ":2:17: error: /annotations: expected an object"),
            ("a version of another type", b'{"ociVersion": 1}',
             ":1:16: error: /ociVersion: expected a string"),
            ("no version", b'{"annotations": {}}', "'ociVersion' is required"),
            ("a profile", json.dumps(PROFILE).encode(), "this is a profile"),
            ("linux of another type", b'{"ociVersion": "1", "linux": 1}',
             "/linux: expected an object"),
            ("deep", b'{"ociVersion": "1", "a": ' + b"[" * 5000 + b"]" * 5000
             + b"}", "[limit]")):
        test.refused(name, text, 1, says, *at)
    test.refused("17 MiB", good + b" " * (17 << 20), 1, "larger than", *at)
    bad = test.work / "bad"
    bad.write_text('{"defaultAction": "SCMP_ACT_ALOW"}')
    test.refused("a bad profile", good, 1, "did you mean", test.work, bad)
    bad.write_bytes(test.program.read_bytes()[:-8])
    test.refused("a bad program", good, 1, "bad: ", test.work, bad)
    bad.write_bytes(b"\6\0\0\0\0\0\xc0\x7f")
    test.refused("NOTIFY in a program", good, 1, "NOTIFY", test.work, bad)
    bad.write_text('{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names":'
                   '["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}')
    test.refused("NOTIFY in a profile", good, 1, "listener", test.work, bad)
    test.refused("no such file", good, 1, "none: No such", test.work, "none")
    test.refused("over the profile", good, 1, "would be written over",
                 test.work, test.profile, "-o", test.profile)
    for args in ([], [test.work], [*at, "more"], ["--remove", *at],
                 ["-", "-"], ["--caps=none", "--nothing", *at]):
        test.refused(f"called with {len(args)} operands", good, 2,
                     "Try 'seccompc oci-annotate --help'", *args)


def test_said(test):
    flags = test.work / "flags.json"
    flags.write_text(json.dumps({**PROFILE, "listenerPath": "/run/a.sock",
                                 "flags": ["SECCOMP_FILTER_FLAG_LOG"]}))
    config = b'{"ociVersion": "1.0.2"}'
    test.config.write_bytes(config)
    done = test.annotate(test.work, flags)
    as_compiled = test.run("compile", flags, "-o", test.work / "x.bpf") \
        .stderr.decode()
    test.ok(done.returncode == 0 and as_compiled in done.stderr and
            done.stderr.count("[not-in-blob]") == 2,
            "what a program cannot carry is reported as compile does",
            done.stderr, as_compiled)
    none = test.work / "none.json"
    none.write_text('{"defaultAction": "SCMP_ACT_ERRNO"}')
    test.config.write_bytes(config)
    done = test.annotate(test.work, none)
    test.ok(done.returncode == 0 and "it refuses execve" in done.stderr,
            "a program that refuses execve: a warning", done.stderr)
    test.config.write_bytes(config)
    done = test.annotate("--remove", test.work)
    test.ok(done.returncode == 0 and "no annotation" in done.stderr and
            test.config.read_bytes() == config,
            "nothing to remove: said, and 0", done.stderr)


def test_places(test):
    config = b'{"ociVersion": "1.0.2"}'
    want = {"ociVersion": "1.0.2", "annotations": {KEY: test.value}}
    test.config.write_bytes(config)
    done = test.annotate(test.config, test.program, "-o", "-")
    test.ok(json.loads(done.stdout) == want and
            test.config.read_bytes() == config,
            "-o -: printed, and the file is as it was", done.stderr)
    done = test.annotate(test.work, test.profile, "-o", test.work / "new")
    test.ok(json.loads((test.work / "new").read_bytes()) == want and
            test.config.read_bytes() == config,
            "-o FILE, of a profile", done.stderr)
    with open(test.config, "rb") as source:
        done = test.annotate("-", test.program, stdin=source)
    test.ok(json.loads(done.stdout) == want,
            "standard input goes to standard output", done.stderr)
    with open(test.profile, "rb") as source:
        done = test.annotate(test.work, "-", stdin=source)
    test.ok(json.loads(test.config.read_bytes()) == want,
            "a profile from standard input", done.stderr)
    test.config.write_text(json.dumps({"ociVersion": "1.0.2",
                                       "linux": {"seccomp": PROFILE}}))
    done = test.annotate(test.work, test.config)
    test.ok(json.loads(test.config.read_bytes())["annotations"] ==
            want["annotations"], "the profile in config.json itself",
            done.stderr)
    fifo = test.work / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(["cp", test.work / "new", fifo]):
        done = test.annotate(fifo, test.program)
    test.ok(done.returncode == 1 and "not a regular file" in done.stderr,
            "a pipe cannot be written anew", done.stderr)
    fifo.unlink()


def test_file(test):
    """What a file is, besides its text, stays."""
    config = b'{"ociVersion": "1.0.2"}'
    real = test.work / "folder" / "real.json"
    real.parent.mkdir()
    real.write_bytes(config)
    real.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(real, 1234, 4321)
    owner = real.stat().st_uid, real.stat().st_gid
    link = test.work / "link.json"
    link.symlink_to("folder/real.json")
    done = test.annotate(link, test.program)
    after = real.stat()
    test.ok(link.is_symlink() and KEY.encode() in real.read_bytes() and
            stat.S_IMODE(after.st_mode) == 0o640 and
            (after.st_uid, after.st_gid) == owner,
            "a link stays one, permissions and owner stay", done.stderr,
            after)
    shutil.rmtree(real.parent)
    link.unlink()


def meanwhile(test, change):
    """What is said if something happens while the profile is waited for."""
    test.config.write_bytes(b'{"ociVersion": "1.0.2"}')
    fifo = test.work / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen([test.seccompc, "oci-annotate", test.work, fifo],
                          stderr=subprocess.PIPE, text=True) as process:
        # It has read config.json once it opens this.
        with fifo.open("wb") as pipe:
            change()
            pipe.write(test.program.read_bytes())
        said = process.stderr.read()
    fifo.unlink()
    return process.returncode, said, test.config.read_bytes()


def test_meanwhile(test):
    longer = b'{"ociVersion": "1.0.2", "hostname": "a"}'
    other = test.work / "other"
    status, said, text = meanwhile(
        test, lambda: test.config.write_bytes(longer))
    test.ok(status == 1 and "changed by somebody" in said and text == longer,
            "written to meanwhile: refused, and that stays", said)

    def replace():
        other.write_bytes(longer)
        other.rename(test.config)

    status, said, text = meanwhile(test, replace)
    test.ok(status == 1 and "changed by somebody" in said and text == longer,
            "replaced meanwhile: refused, and that stays", said)
    status, said, text = meanwhile(test, test.config.touch)
    test.ok(status == 1 and "changed by somebody" in said,
            "touched meanwhile: refused", said)
    status, said, text = meanwhile(test, lambda: None)
    test.ok(status == 0 and test.value.encode() in text,
            "nothing happens meanwhile: written", said)


def test_killed(test, rng):
    """Killed at any time, it leaves the old text or the new one."""
    before = json.dumps({"ociVersion": "1.0.2", "pad": "x" * 300000}).encode()
    _, new = test.put(before)
    began = time.monotonic()
    test.put(before)
    took = time.monotonic() - began
    wrong, seen = 0, set()
    for _ in range(60):
        test.config.write_bytes(before)
        with subprocess.Popen([test.seccompc, "oci-annotate", "--quiet",
                               test.work, test.program]) as process:
            time.sleep(rng.random() * took * 1.3)
            process.kill()
        text = test.config.read_bytes()
        seen.add(text == new)
        wrong += text not in (before, new)
    for path in test.work.glob("config.json.*"):
        path.unlink()
    test.ok(not wrong and len(seen) == 2,
            "killed 60 times: the old text or the new one, both seen",
            f"{wrong} neither", seen)


def main(seccompc, texts="400"):
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as work:
        test = Test(os.path.abspath(seccompc), pathlib.Path(work))
        test_layouts(test, rng, int(texts) // 3)
        test_hostile(test, rng, int(texts))
        test_refused(test)
        test_said(test)
        test_places(test)
        test_file(test)
        test_meanwhile(test)
        test_killed(test, rng)
    print(f"1..{test.count}")
    return 1 if test.failures else 0


sys.exit(main(*sys.argv[1:]))
