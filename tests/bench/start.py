#!/usr/bin/env python3
"""How long containers take to start: profiles as JSON, and as programs.

start.py SECCOMPC [--runs N] [--profile FILE [OPTION...]]

crun, runc, podman and bubblewrap start the same busybox, that ends at once,
without a filter, with a profile that the runtime's libseccomp compiles, and
with a program that seccompc compiled before.  Runs of all kinds take turns; the
minimum and the median of each kind are printed, and what they are to the runs
with a program.  The profile is /usr/share/containers/seccomp.json as podman
reads it, for x86_64, i386 and x32, or FILE with the OPTIONs of seccompc; the
runtimes get what `seccompc compile -f oci` makes of it.  Needs root.
"""

import argparse
import base64
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))
# pylint: disable=wrong-import-position
from containers import Podman, Runtime, config, enter  # noqa: E402

KEY = "run.oci.seccomp_bpf_data"
PROFILE = "/usr/share/containers/seccomp.json"
OPTIONS = ["--dialect=podman", "--arch=x86_64,i386,x32",
           "--caps=CHOWN,DAC_OVERRIDE,FOWNER,FSETID,KILL,NET_BIND_SERVICE,"
           "SETFCAP,SETGID,SETPCAP,SETUID,SYS_CHROOT"]
TRUE = ["/bin/busybox", "true"]


class Kind:
    """One way to start; before() makes ready for a run, without a clock."""

    def __init__(self, name, command, before=lambda: None, files=()):
        self.name, self.command, self.before = name, command, before
        self.files, self.times = files, []

    def run(self, warm):
        self.before()
        actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                   (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
        actions += [(os.POSIX_SPAWN_OPEN, fd, str(path), os.O_RDONLY, 0)
                    for fd, path in self.files]
        began = time.perf_counter_ns()
        pid = os.posix_spawnp(self.command[0], list(map(str, self.command)),
                              os.environ, file_actions=actions)
        status = os.waitpid(pid, 0)[1]
        took = time.perf_counter_ns() - began
        if status:
            sys.exit(f"start: {self.name}: status {status}")
        if not warm:
            self.times.append(took / 1e6)


def bundles(name, work, plain, blob):
    """The kinds of runc or crun: a bundle each."""
    both = {KEY: base64.b64encode(blob).decode()}
    wanted = [("no filter", None, None), ("JSON", plain, None)]
    if name == "crun":
        wanted += [("program", None, both), ("JSON beside a program", plain,
                                             both)]
    for title, seccomp, annotations in wanted:
        folder = work / title.replace(" ", "-")
        folder.mkdir()
        runtime = Runtime(name, folder)
        runtime.write(config(TRUE, seccomp, annotations))
        command = [*runtime.command, "run", "-b", runtime.bundle, "bench"]
        cache = folder / f"{name}-state/.cache"
        yield Kind(f"{name}, {title}", command,
                   lambda cache=cache: shutil.rmtree(cache, True))
        if title != "JSON" or name != "crun":
            continue
        # It keeps what it compiled, in some builds.
        subprocess.run(command, check=True)
        if cache.exists():
            yield Kind("crun, JSON that is in its cache", command)
        else:
            print("# this crun keeps nothing in a cache\n")


def podman_kinds(work, plain_path, blob):
    podman = Podman(work)
    data = base64.b64encode(blob).decode()
    for title, options in (
            ("no filter", ["--security-opt", "seccomp=unconfined"]),
            ("JSON", ["--security-opt", f"seccomp={plain_path}"]),
            ("program", ["--annotation", f"{KEY}={data}"]),
            ("program alone", ["--annotation", f"{KEY}={data}",
                               "--security-opt", "seccomp=unconfined"])):
        yield Kind(f"podman, {title}", [*podman.options(*options), *TRUE])


def bwrap_kinds(blob_path):
    box = ["bwrap", "--ro-bind", "/", "/"]
    yield Kind("bwrap, no filter", [*box, "busybox", "true"])
    yield Kind("bwrap, program", [*box, "--seccomp", "9", "busybox", "true"],
               files=[(9, blob_path)])


def report(kinds):
    """Each beside the one of the same runtime that ends in `program`."""
    print(f"{'':36} {'min':>8} {'median':>8}   beside a program")
    for kind in kinds:
        maker = kind.name.split(",")[0]
        base = next((k for k in kinds if k.name == f"{maker}, program"), None)
        line = f"{kind.name:36} {min(kind.times):8.2f} " \
            f"{statistics.median(kind.times):8.2f}"
        if base:
            line += f"   {min(kind.times) / min(base.times):.2f} " \
                f"{statistics.median(kind.times) / statistics.median(base.times):.2f}"
        print(line)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seccompc")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--profile", default=PROFILE)
    args, work = enter(__file__, sys.argv[1:])
    options, more = parser.parse_known_args(args)
    if options.profile == PROFILE:
        more = OPTIONS + more
    command = [os.path.abspath(options.seccompc), "compile", "--quiet", *more,
               options.profile, "-o"]
    blob_path, plain_path = work / "blob.bpf", work / "plain.json"
    subprocess.run([*command, blob_path], check=True)
    subprocess.run([*command, plain_path, "-f", "oci"], check=True)
    blob, plain = blob_path.read_bytes(), json.loads(plain_path.read_text())
    kinds = []
    for name in ("crun", "runc"):
        if shutil.which(name):
            (work / name).mkdir()
            kinds += bundles(name, work / name, plain, blob)
    if shutil.which("podman"):
        kinds += podman_kinds(work, plain_path, blob)
    if shutil.which("bwrap"):
        kinds += bwrap_kinds(blob_path)
    print(f"{options.profile}: {len(blob) // 8} instructions; ms, of "
          f"{options.runs} runs")
    for i in range(options.runs + 2):
        for kind in kinds:
            kind.run(warm=i < 2)
    report(kinds)


main()
