#!/usr/bin/env python3
"""Holds the schema of .seccompc.json against what `check` takes.

settings.py SECCOMPC SOURCE_ROOT

Files of settings are put together at random, most of them with something
wrong; the schema and the command have to agree on which.  Prints TAP.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP python3-jsonschema is missing")
    sys.exit(77)

FILES = 400
# By key: values that are fine, and values that are not.
KEYS = {
    "$schema": (["x"], [1]),
    "for": (["docker", "podman", "crio", "kubernetes", "oci"], ["rkt", 1]),
    "dialect": (["docker", "podman", "oci"], ["auto", "", None]),
    "caps": (["none", "docker,", "SYS_ADMIN", ["CAP_CHOWN"], []], [1, [1]]),
    "kernel": (["6.1", "5.10.0-1-amd64"], ["6", 6.1]),
    "native": (["x86_64"], [["x86_64"]]),
    "arch": (["x86_64", ["x86_64", "x32"]], [{}, [None]]),
    "foreign-arch": (["default", "SCMP_ACT_KILL_PROCESS"], [False]),
    "unknown": (["enosys", "default", "since:4.8"], ["since", "none"]),
    "conflicts": (["refuse", "runc", "first", "strictest"], ["last"]),
    "repeated-index": (["refuse", "or", "and"], ["xor"]),
    "multiplexers": (["strict", "libseccomp"], [0]),
    "deny": ([[], ["warnings"], ["unknown-name"]], ["unknown-name", [1]]),
    "warn": ([["unknown-name"]], [{}]),
    "allow": ([[],
               [{"name": "unknown-name", "reason": "x"}],
               [{"name": "unknown-name", "reason": "x", "syscall": "read",
                 "files": ["*.json"]}]],
              [["unknown-name"], [{"name": "unknown-name"}],
               [{"reason": "x"}], [{"name": "unknown-name", "reason": ""}],
               [{"name": "unknown-name", "reason": " \n"}], {},
               [{"name": "unknown-name", "reason": "x", "file": ["x"]}],
               [{"name": "unknown-name", "reason": "x", "files": "x"}]]),
    "max-instructions": ([1, 4096, 4294967295], [0, -1, 4294967296, "9", 1.5]),
    "max-path": ([30], [0, "30"]),
    "min-cached": ([1, "1%", "100%", "090%"], [0, "0%", "101%", "1", "%"]),
    "no-weaker-than": (["profile.json"], [1]),
    "max-pathh": ([], [1]),
}


def draw(rng):
    """Settings, and whether they are fine."""
    keys = rng.sample(sorted(KEYS), rng.randint(0, 4))
    wrong = rng.choice([None] + keys) if keys else None
    settings = {}
    for key in keys:
        good, bad = KEYS[key]
        if good or key == wrong:
            settings[key] = rng.choice(bad if key == wrong else good)
    return settings, wrong is None


def main():
    seccompc = pathlib.Path(sys.argv[1]).resolve()
    root = pathlib.Path(sys.argv[2])
    schema = json.loads((root / "docs/settings.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    rng = random.Random(1)
    failures = fine = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "profile.json").write_text(
            '{ "defaultAction": "SCMP_ACT_ERRNO" }')
        for _ in range(FILES):
            settings, expected = draw(rng)
            (folder / ".seccompc.json").write_text(json.dumps(settings))
            done = subprocess.run([seccompc, "check", "profile.json"],
                                  cwd=folder, capture_output=True)
            taken = done.returncode in (0, 1)
            fine += expected
            if (done.returncode in (0, 1, 2)
                    and expected == taken == validator.is_valid(settings)):
                continue
            failures += 1
            print(f"# {settings}: {'fine' if expected else 'wrong'}, schema "
                  f"{validator.is_valid(settings)}, command "
                  f"{done.returncode}: {done.stderr.decode()}")
    # Both kinds are drawn often.
    failures += not FILES / 10 < fine < FILES * 9 / 10
    print(f"{'not ok' if failures else 'ok'} - {FILES} files of settings, "
          f"{fine} of them fine")
    print("1..1")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
