#!/usr/bin/env python3
"""The hook for pre-commit, in a repository with profiles.

pre-commit.py SECCOMPC SOURCE_ROOT

The hook and the configuration that docs/editors.md shows are read by
pre-commit itself, which runs them on a good and on a bad profile; so is the
script there for repositories without it.  Prints TAP; exits 77 if git or
pre-commit is missing.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

GOOD = '{ "defaultAction": "SCMP_ACT_ALLOW" }\n'
BAD = '{ "defaultAction": "SCMP_ACT_ALOW" }\n'
SETTINGS = '{ "kernel": "6.1" }\n'


class Tap:
    def __init__(self):
        self.count = self.failures = 0

    def ok(self, good, name, *details):
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} - {name}")
        for line in "\n".join(details).splitlines() if not good else ():
            print(f"# {line}")


class Repository:
    def __init__(self, folder, seccompc):
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "bin/seccompc").symlink_to(seccompc)
        (folder / "home").mkdir()
        # Nothing of the user's, and nothing over the network.
        self.env = {
            "PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": str(folder / "home"),
            "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
            "GIT_ALLOW_PROTOCOL": "file", "no_proxy": "*",
        }

    def run(self, *args, cwd="app"):
        done = subprocess.run(args, cwd=self.folder / cwd, env=self.env,
                              stdin=subprocess.DEVNULL, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        return done.returncode, done.stdout

    def create(self, name, files):
        """A repository with files; the name of its commit."""
        for path, text in files.items():
            path = self.folder / name / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for args in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "a"]):
            status, out = self.run("git", *args, cwd=name)
            if status:
                raise RuntimeError(out)
        return self.run("git", "rev-parse", "HEAD", cwd=name)[1].strip()


def shown(document, language):
    """The first block of a language."""
    return re.search(rf"^```{language}\n(.*?)^```$", document,
                     re.M | re.S).group(1)


def test_hook(tap, repository, hooks, config):
    revision = repository.create("hooks", {".pre-commit-hooks.yaml": hooks})
    config, count = re.subn(r"repo: \S+", "repo: "
                            f"{repository.folder / 'hooks'}", config)
    config, more = re.subn(r"rev: \S+", f"rev: {revision}", config)
    plain = re.sub(r"^ +(files|args):.*\n", "", config, flags=re.M)
    tap.ok(count == 1 and more == 1 and plain != config,
           "docs/editors.md: the configuration")
    repository.create("app", {
        ".pre-commit-config.yaml": config, "plain.yaml": plain,
        "profiles/a.json": GOOD, "profiles/b.json": BAD,
        "profiles/readme.txt": BAD, "other/c.json": BAD,
        "deploy/seccomp/d.json": BAD, "my-seccomp.json": GOOD,
        # Settings are no profile, though their name has seccomp in it.
        ".seccompc.json": SETTINGS, "profiles/.seccompc.json": SETTINGS})
    for title, options, wanted, files in (
            ("manifest", ["validate-manifest", "../hooks/.pre-commit-hooks."
                          "yaml"], 0, None),
            ("configuration", ["validate-config", ".pre-commit-config.yaml"],
             0, None),
            ("a good profile", ["run", "--files", "profiles/a.json"], 0, []),
            ("a bad profile", ["run", "--files", "profiles/b.json"], 1,
             ["profiles/b.json"]),
            ("all files", ["run", "--all-files"], 1, ["profiles/b.json"]),
            ("other files", ["run", "--files", "other/c.json",
                             "profiles/readme.txt"], 0, []),
            ("all files, by the names of the hook",
             ["run", "-c", "plain.yaml", "--all-files"], 1,
             ["deploy/seccomp/d.json"])):
        status, out = repository.run("pre-commit", *options)
        found = sorted(set(re.findall(r"^(\S+\.json):\d+:\d+: error", out,
                                      re.M)))
        tap.ok(status == wanted and (files is None or found == files),
               f"pre-commit: {title}", f"status {status}", out)


def test_script(tap, repository, script):
    path = repository.folder / "app/.git/hooks/pre-commit"
    path.write_text(script)
    path.chmod(0o755)
    for text, wanted in ((GOOD.replace("{", "{ "), 0), (BAD, 1)):
        (repository.folder / "app/profiles/a.json").write_text(text)
        repository.run("git", "add", "-A")
        status, out = repository.run("git", "commit", "-qm", "b")
        tap.ok(status == wanted, "git's own hook: "
               f"{'refused' if wanted else 'committed'}", out)


def main(seccompc, root):
    for command in ("git", "pre-commit"):
        if not shutil.which(command, path="/usr/bin:/bin"):
            print(f"1..0 # skipped: there is no {command}")
            return 77
    root, tap = pathlib.Path(root), Tap()
    document = (root / "docs/editors.md").read_text()
    with tempfile.TemporaryDirectory() as work:
        repository = Repository(pathlib.Path(work), os.path.abspath(seccompc))
        test_hook(tap, repository,
                  (root / ".pre-commit-hooks.yaml").read_text(),
                  shown(document, "yaml"))
        test_script(tap, repository, shown(document, "sh"))
    print(f"1..{tap.count}")
    return 1 if tap.failures else 0


sys.exit(main(*sys.argv[1:]))
