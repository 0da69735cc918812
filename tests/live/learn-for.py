#!/usr/bin/env python3
"""`seccompc learn --for=RUNTIME`: containers start under what was learned.

learn-for.py SECCOMPC

A script of busybox is learned outside of any container.  With --for the
profile has to do for runc and crun, which call under it what they need, with
no_new_privs and without; all else kills, so that no call is missed unseen.
Without --for the container must not start.  crun is given the program as well.
Prints TAP; exits 77 where containers cannot be made.
"""

import json
import os
import subprocess
import sys

from containers import Tap, config, enter, runtimes

SCRIPT = ["/bin/busybox", "sh", "-c",
          "busybox sleep 0; busybox cat /proc/self/stat; echo end"]
TIMES = 3


def learn(seccompc, runtime, profile, *options):
    """Runs the script with the environment of the container."""
    rootfs = runtime.bundle / "rootfs"
    command = [str(rootfs) + SCRIPT[0], *SCRIPT[1:]]
    subprocess.run([seccompc, "learn", "--quiet", "-o", profile,
                    "--default=SCMP_ACT_KILL_PROCESS", *options, "--",
                    *command], check=True, cwd="/",
                   env={"PATH": f"{rootfs}/bin"}, stdout=subprocess.DEVNULL)
    return json.loads(profile.read_text())


def runs(tap, runtime, name):
    for time in range(TIMES):
        status, said = runtime.run()
        if status or not said.endswith("end\n"):
            tap.ok(False, f"{name}: time {time + 1}", status, said)
            return
    tap.ok(True, f"{name}: {TIMES} times")


def try_runtime(tap, seccompc, runtime, work):
    profile = work / f"{runtime.name}.json"
    for late in (True, False):
        name = f"{runtime.name}, {'' if late else 'no '}no_new_privs"
        caps = () if late else ["CAP_SETUID", "CAP_SETGID"]
        more = ["--no-new-privs"] if late else []
        learned = learn(seccompc, runtime, profile, f"--for={runtime.name}",
                        *more)
        runtime.write(config(SCRIPT, learned, caps=caps, late=late))
        runs(tap, runtime, f"{name}, the profile")
        if runtime.name == "crun":
            runtime.write(config(SCRIPT, caps=caps, late=late))
            subprocess.run([seccompc, "oci-annotate", "--quiet",
                            runtime.bundle, profile], check=True)
            runs(tap, runtime, f"{name}, the program")
        bare = learn(seccompc, runtime, profile)
        runtime.write(config(SCRIPT, bare, caps=caps, late=late))
        status, said = runtime.run()
        if runtime.name == "runc" or not late:
            tap.ok(status != 0 and "end" not in said,
                   f"{name}: without --for it does not start", status, said)


def main(args):
    [seccompc], work = enter(__file__, args)
    seccompc, tap = os.path.abspath(seccompc), Tap()
    for runtime in runtimes(tap, ("runc", "crun"), work):
        try_runtime(tap, seccompc, runtime, work)
    return tap.end()


sys.exit(main(sys.argv[1:]))
