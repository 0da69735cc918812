#!/usr/bin/env python3
"""Runs the steps of docs/examples/ci/seccomp.yml, as GitHub does.

ci.py SECCOMPC SOURCE_ROOT

A repository with a profile gets pull requests; the steps of the workflow that
run commands are run for each, by `bash -e` as a runner does, and have to pass
or fail as they should.  Building the static command is left to static.sh.
Prints TAP.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    print("1..0 # SKIP python3-yaml is missing")
    sys.exit(77)

WORKFLOW = "docs/examples/ci/seccomp.yml"
CHECK, BASELINE, TEST, SARIF = (
    "Nothing is wrong with the profiles",
    "No profile lets through more than before",
    "They do what is expected",
    "Findings for code scanning")
NAMES = ["execve", "exit_group", "write", "read", "brk", "mmap"]
# A title, names that are added, and the step that fails, or none.
REQUESTS = [
    ("nothing of importance", [], None),
    ("a slip", ["moutn"], CHECK),
    ("more is allowed", ["ptrace"], BASELINE),
]


def profile(names):
    return json.dumps({
        "defaultAction": "SCMP_ACT_ERRNO",
        "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": [{"names": names, "action": "SCMP_ACT_ALLOW"}]}, indent=2)


class Runner:
    def __init__(self, seccompc, folder):
        self.seccompc, self.folder, self.requests = seccompc, folder, 0
        self.origin = folder / "origin"
        git = ["git", "-c", "user.name=me", "-c", "user.email=me@example.org"]
        self.git = lambda *words, cwd: subprocess.run(
            [*git, *words], cwd=cwd, check=True, capture_output=True)
        (self.origin / "profiles").mkdir(parents=True)
        (self.origin / "expectations").mkdir()
        self.git("init", "-q", "-b", "main", cwd=self.origin)
        self.write(self.origin, NAMES)
        (self.origin / "expectations/app.txt").write_text(
            "x86_64 read(*) allow\n* mount(*) deny\n")
        (self.origin / ".seccompc.json").write_text(
            '{ "deny": ["unknown-name"] }')
        self.git("add", ".", cwd=self.origin)
        self.git("commit", "-q", "-m", "profiles", cwd=self.origin)

    @staticmethod
    def write(tree, names):
        (tree / "profiles/app.json").write_text(profile(names))

    def check_out(self, names):
        """What the checkout action leaves for a pull request."""
        self.requests += 1
        tree = self.folder / str(self.requests) / "tree"
        tree.parent.mkdir()
        self.git("clone", "-q", self.origin, tree, cwd=self.folder)
        self.write(tree, names)
        return tree

    def run(self, step, tree, variables):
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c",
             step["run"]], cwd=tree, capture_output=True, text=True,
            env={**variables, "GITHUB_BASE_REF": "main", "LC_ALL": "C",
                 "PATH": f"{self.seccompc.parent}:{os.environ['PATH']}"})
        return done.returncode, done.stdout + done.stderr


def main():
    seccompc, root = map(pathlib.Path, sys.argv[1:])
    workflow = yaml.safe_load((root / WORKFLOW).read_text())
    steps = {s["name"]: s for s in workflow["jobs"]["check"]["steps"]
             if "name" in s}
    # YAML 1.1 reads the key "on" as true.
    assert "pull_request" in workflow[True]
    failures = count = 0

    def ok(passed, text, detail=""):
        nonlocal failures, count
        count += 1
        failures += not passed
        print(f"{'ok' if passed else 'not ok'} {count} - {text}")
        if not passed:
            print("".join(f"# {line}\n" for line in detail.splitlines()))

    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(seccompc.resolve(), pathlib.Path(folder))
        for title, names, failing in REQUESTS:
            tree = runner.check_out(NAMES + names)
            failed = False
            for name in CHECK, BASELINE, TEST, SARIF:
                # A runner leaves out what is behind a failure.
                if failed and steps[name].get("if") != "always()":
                    continue
                status, text = runner.run(steps[name], tree,
                                          workflow["env"])
                ok(status == (name == failing), f"{title}: {name}", text)
                failed |= status != 0
                if name == failing:
                    ok("\n::error file=profiles/app.json,line=" in "\n" + text,
                       f"{title}: an annotation", text)
            report = json.loads((tree / "seccomp.sarif").read_text())
            ok(report["version"] == "2.1.0", f"{title}: a report")
        tree = runner.check_out(["execve", "exit_group"])
        status, text = runner.run(steps[TEST], tree, workflow["env"])
        ok(status != 0 and "read" in text, "less is allowed: " + TEST, text)
    print(f"1..{count}")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
