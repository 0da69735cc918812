"""Profiles for findings.py: with hostile names and texts, mutated, moved."""

import json
import os
import re

PROFILE = """{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [{ "names": ["opennat"], "action": "SCMP_ACT_ALLOW" }]
}
"""

# What is found in the profiles that are made here to have one finding.
KEPT = {"unknown-name", "repeated-index-or", "empty-names",
        "contradicting-rules"}

# Names of files: what shells, terminals, URIs and CI systems read in them.
NAMES = [
    b"::error::x.json", b"::error file=x::y.json", b" ::warning::z.json",
    b"##[error]x.json", b"##[add-mask]a.json", b"##vso[task.x]b.json",
    b"a,b=c:d.json", b"%41%0A%25.json", b"line\nfeed.json",
    b"line\n::error::feed.json", b"return\r::notice::x.json",
    b"escape\x1b[31m.json", b"bytes\xff\xfe.json", b"half\xed\xa0\xbd.json",
    "umläut ß 😀.json".encode(), "bidi\u202eevil.json".encode(),
    "wide\u3000::error::x.json".encode(), "\u3000::error::x.json".encode(),
    b"quote\"'`$(id).json", b"back\\slash\\n.json", b"<stdin>.json",
    b"{0}[link](mailto:x).json", b"c:x.json", b"#?&;.json",
    b"-dash.json", b"~tilde.json", b"\x7fdel.json", "\u2028::group::.json"
    .encode(), "\x85::endgroup::x.json".encode(),
]

# Words of a profile: likewise.
WORDS = [
    "::error::x", "\n::error::x", "\r\n::set-env name=a::b", "\r::debug::",
    "##[error]x", "##[stop-commands]token", "###[error]", "##vso[task.x]",
    "##teamcity[x]", "%0A::error::", "%25%0D", "[a](https://example.org)",
    "[a\\](b)](c)", "{0}", "{{1}}", "}{", "\x1b]0;title\x07", "\u202e\u2066",
    "\u2028\u2029", "\x85", "\u200b", "\ufeff", "<script>", "\"quoted\"",
    "\\u0041", "💣💣", "e\u0301", "a~b/c", "x" * 300, "\x7f", "\t\t",
]


def profile(**more):
    return {"defaultAction": "SCMP_ACT_ERRNO", **more}


def texts():
    """Whole files, as bytes."""
    for word in WORDS:
        for ascii_only in True, False:
            for value in (
                    profile(syscalls=[{"names": [word],
                                       "action": "SCMP_ACT_ALLOW"}]),
                    profile(syscalls=[{"names": ["read"], "action": word}]),
                    profile(**{word: {word: 1}}),
                    profile(syscalls=[{
                        "names": ["read"], "action": "SCMP_ACT_ALLOW",
                        "includes": {"caps": [word], "arches": [word]}}])):
                yield json.dumps(value, ensure_ascii=ascii_only).encode()
    word = json.dumps("::error::x ##[error]y")[1:-1].encode()
    yield b""
    yield b"\n"
    yield b"\n\n\n{"
    yield b"\xff" + word
    yield b"{\"defaultAction\": \"" + word + b"\xff\"}"
    yield b"\xef\xbb\xbf" + PROFILE.encode()
    yield b"{ \"a\x00b\": 1 }"
    yield b"\x00" * 100
    yield PROFILE.replace("\n", "\r\n").encode()
    yield PROFILE.replace("\n", "\r").encode()
    yield PROFILE.encode()[:-5]
    yield b"{\"defaultAction\":\"x\r::error::y\"}"
    yield b"::error::" + word
    yield b"\n::error::" + word + b"\n##[error]\n"
    yield ("{\"😀\": 1, \"é\": 2, \"defaultAction\": "
           "\"SCMP_ACT_ERNO\"}").encode()
    yield (" " * 100000 + PROFILE.replace("\n", " ")).encode()
    yield json.dumps(profile(syscalls=[
        {"names": [f"unknown{i}" for i in range(400)],
         "action": "SCMP_ACT_ALLOW"}])).encode()
    # Alike but for where they stand.
    yield PROFILE.replace('"opennat"', '"opennat", "opennat"').encode()
    yield b"[" * 100


def write_hostile(folder):
    """Writes files; returns their names."""
    names = list(NAMES)
    for i, text in enumerate(texts()):
        names.append(b"text-%d.json" % i)
        with open(os.path.join(os.fsencode(folder), names[-1]), "wb") as file:
            file.write(text)
    for name in NAMES:
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(PROFILE.encode())
    return names


def write_mutants(folder, paths, numbers):
    """Writes files that are like others but for some bytes."""
    names = []
    pieces = [b"::error::", b"\n::error::x", b"##[error]", b"\\", b"\"",
              b"{", b"]", b"\x80", b"\xf0\x9f\x92", b"\r", b"\n", b"%0A",
              "\u202e".encode(), b"\\ud800", b"\x00"]
    for i in range(400):
        data = bytearray(numbers.choice(paths).read_bytes())
        for _ in range(numbers.randint(1, 3)):
            at = numbers.randrange(len(data) + 1)
            end = min(len(data), at + numbers.choice([0, 0, 1, 2, 20]))
            data[at:end] = numbers.choice(pieces)
        names.append(f"mutant-{i}.json")
        (folder / names[-1]).write_bytes(data)
    return names


def to_move():
    """Profiles whose findings have to be known again elsewhere."""
    yield "a name", PROFILE
    yield "a rule", """{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [
    { "names": ["personality"], "action": "SCMP_ACT_ALLOW",
      "args": [{ "index": 0, "op": "SCMP_CMP_EQ", "value": 0 },
               { "index": 0, "op": "SCMP_CMP_EQ", "value": 8 }] }
  ]
}
"""
    yield "an empty rule", """{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [
    { "names": [], "action": "SCMP_ACT_ALLOW", "comment": "reads a { file" }
  ]
}
"""
    yield "an action that wins", """{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [
    { "names": ["sync"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["sync"], "action": "SCMP_ACT_ERRNO" }
  ]
}
"""
    yield "two rules", """{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [
    { "names": ["mount", "read"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["mount"], "action": "SCMP_ACT_ERRNO" }
  ]
}
"""


def moved(text):
    """The same in other places: (how, text)."""
    yield "lines before it", "\n\n\n" + text
    yield "other blank space", re.sub(
        r'("[^"]*")|\s+', lambda m: m[1] or "", text)
    yield "on a line each", re.sub(
        r'("[^"]*")|([,{\[])', lambda m: m[1] or m[2] + "\r\n\t ", text)
    yield "a rule before it", text.replace(
        '"syscalls": [', '"syscalls": [{ "names": ["getpid"], '
        '"action": "SCMP_ACT_ALLOW" }, ')


def changed(text):
    """Findings that are others."""
    return text.replace("opennat", "openaat").replace(
        '"value": 8', '"value": 9').replace("mount", "umount2").replace(
            "reads", "writes").replace(
                '"sync"], "action": "SCMP_ACT_ALLOW"',
                '"sync"], "action": "SCMP_ACT_LOG"')
