#!/usr/bin/env python3
"""The image of docs/examples/docker, built and started without Docker.

dockerfile.py SECCOMPC SECCOMP_EXEC GET_FILTER SOURCE_ROOT

Reads the Dockerfile and does what each line says.  RUN has this machine's own
files below it, in an overlay, as no base image is to be had: two steps of that
stage, which take minutes or a network, are replaced by what is here already,
and that is printed.  The last stage is a folder that crun runs, with the
ENTRYPOINT and USER that are written there and with the machine's default
profile as Docker would add it: a page has to come, the filters are read back,
and without a good filter nothing may start.  Prints TAP.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from containers import BUSYBOX, Server, Tap, enter, skip

DEFAULT = pathlib.Path("/usr/share/containers/seccomp.json")


def instructions(path):
    """(NAME, rest) of each line, continued lines as one."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.M)
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name.upper(), rest.strip()


class Stage:
    def __init__(self, base, root):
        self.base, self.root, self.folder = base, root, "/"
        self.user, self.entrypoint = "0:0", None

    def path(self, name):
        return self.root / os.path.join(self.folder, name).lstrip("/")


class Builder:
    def __init__(self, work, context, instead):
        self.work, self.context, self.instead = work, context, instead
        self.stages, self.notes = {}, []
        self.ignored = (context / "docs/examples/docker/"
                        "Dockerfile.dockerignore").read_text().split()

    def build(self, path):
        stage = None
        for name, rest in instructions(path):
            if name == "FROM":
                base, _, label = rest.partition(" AS ")
                stage = Stage(base, self.make_root(base, label))
                self.stages[label] = stage
            else:
                getattr(self, name.lower())(stage, rest)
        return stage

    def make_root(self, base, label):
        root = self.work / f"stage-{label or 'last'}"
        root.mkdir(mode=0o755)
        if base == "scratch":
            return root
        layers = self.work / "layers"
        layers.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "none", layers], check=True)
        for folder in ("upper", "work"):
            (layers / folder).mkdir()
        done = subprocess.run(
            ["mount", "-t", "overlay", "overlay", "-o",
             f"lowerdir=/,upperdir={layers}/upper,workdir={layers}/work",
             root], check=False, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            skip(f"no overlay over this machine's files: {done.stderr}")
        for folder in ("dev", "proc"):
            subprocess.run(["mount", "--bind", f"/{folder}", root / folder],
                           check=True)
        self.notes.append(f"FROM {base}: in its place this machine's files")
        return root

    def run(self, stage, command):
        for begin, (why, function) in self.instead.items():
            if command.startswith(begin):
                self.notes.append(f"RUN {command}: not run: {why}")
                function(stage)
                return
        done = subprocess.run(
            ["chroot", stage.root, "sh", "-c",
             f"cd {stage.folder} && {command}"], check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        if done.returncode:
            raise RuntimeError(f"RUN {command}: {done.stdout}")

    def copy(self, stage, rest):
        words = rest.split()
        source = self.context
        if words[0].startswith("--from="):
            source = self.stages[words.pop(0)[7:]].root
        *names, to = words
        target = stage.path(to)
        for name in names:
            path = source / name.lstrip("/")
            if path.is_dir():
                shutil.copytree(path, target, dirs_exist_ok=True,
                                symlinks=True, ignore=shutil.ignore_patterns(
                                    *self.ignored))
                continue
            file = target / path.name if to.endswith("/") else target
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, file)

    @staticmethod
    def workdir(stage, rest):
        stage.folder = rest
        stage.path(".").mkdir(parents=True, exist_ok=True)

    @staticmethod
    def user(stage, rest):
        stage.user = rest

    @staticmethod
    def expose(stage, rest):
        assert rest == "8080", stage

    @staticmethod
    def entrypoint(stage, rest):
        stage.entrypoint = json.loads(rest)


def refuses(tap, image, title, says):
    status, said = image.run()
    tap.ok(status == 125 and says in said,
           f"{title}: nothing is served, and the status is 125", status, said)


def main(args):
    (seccompc, seccomp_exec, get_filter, root), work = enter(__file__, args)
    seccompc = os.path.abspath(seccompc)
    root = pathlib.Path(root).resolve()
    if not shutil.which("crun"):
        skip("there is no crun")
    if not shutil.which("busybox"):
        skip("there is no busybox")

    def put_built(stage):
        folder = stage.path("build-static")
        folder.mkdir()
        shutil.copy(seccompc, folder / "seccompc")
        shutil.copy(seccomp_exec, folder / "seccomp-exec")

    tap = Tap()
    builder = Builder(work, root, {
        "apt-get ": ("busybox is here", lambda stage: None),
        "tools/build-static": ("the build's own commands are taken",
                               put_built)})
    stage = builder.build(root / "docs/examples/docker/Dockerfile")
    for note in builder.notes:
        tap.note(note)
    tap.same(len(builder.notes), 3, "all other steps ran")
    tap.same(sorted(str(p.relative_to(stage.root))
                    for p in stage.root.rglob("*") if p.is_file()),
             ["bin/busybox", "bin/seccomp-exec", "srv/www/index.html",
              "web.bpf"], "what is in the image")
    done = subprocess.run([seccompc, "prove", "--quiet",
                           root / "docs/examples/web.json",
                           stage.root / "web.bpf"], check=False,
                          stdout=subprocess.PIPE)
    tap.same(done.returncode, 0, "its filter is proved")
    if subprocess.run(["chroot", stage.root, BUSYBOX, "true"], check=False,
                      stderr=subprocess.DEVNULL).returncode:
        skip("busybox needs more than its own file")
    done = subprocess.run([seccompc, "compile", "--quiet", "--dialect=podman",
                           "--caps=docker", "-f", "oci", DEFAULT],
                          check=False, stdout=subprocess.PIPE)
    if done.returncode:
        skip(f"there is no {DEFAULT}")
    blob = stage.root / "web.bpf"
    image = Server(work, stage.root, stage.entrypoint, stage.user,
                   seccomp=json.loads(done.stdout), late=False)
    found = image.serve(tap, stage.root / "srv/www/index.html", get_filter)
    if found:
        tap.ok(len(found.programs) == 2 and
               blob.read_bytes() in found.programs,
               "the filter of the image is in force, and the runtime's own",
               [len(p) for p in found.programs])
        tap.same([found.field(name) for name in
                  ("Seccomp", "NoNewPrivs", "Uid")],
                 ["2", "1", stage.user.split(":")[0]],
                 "Seccomp, no_new_privs and user")
    blob.chmod(0o664)
    refuses(tap, image, "a filter that others may write", "others may write")
    blob.unlink()
    refuses(tap, image, "no filter", "No such file")
    return tap.end()


sys.exit(main(sys.argv[1:]))
