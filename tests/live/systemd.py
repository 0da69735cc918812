#!/usr/bin/env python3
"""The unit in docs/examples/systemd does what docs/consumers.md says.

systemd.py SECCOMPC SECCOMP_EXEC GET_FILTER SOURCE_ROOT

systemd-analyze verifies it, in a tree in which its programs are where it says,
and complains about copies in which something is wrong.  Its ExecStart is then
run in that tree by crun, as a user without capabilities and with no_new_privs,
as the unit asks for: a page is served under the filter.  Prints TAP.
"""

import configparser
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

from containers import Server, Tap, enter, make_rootfs, skip

NOBODY = "65534:65534"


def read_unit(path):
    """The [Service] section; each key is there once."""
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str
    parser.read(path)
    return parser["Service"]


def verify(unit, root):
    done = subprocess.run(["systemd-analyze", "verify", "--man=no",
                           f"--root={root}", unit], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def test_verify(tap, text, root):
    folder = root / "etc/systemd/system"
    folder.mkdir(parents=True)
    # It looks for what units want by themselves.
    shutil.copytree("/lib/systemd/system", root / "lib/systemd/system",
                    symlinks=True)
    unit = folder / "web.service"

    def said(changed):
        unit.write_text(changed)
        status, out = verify(unit, root)
        # About this unit alone.
        return status, [line for line in out.splitlines()
                        if "web.service" in line]

    status, lines = said(text)
    tap.ok(status == 0 and not lines, "systemd-analyze has nothing to say",
           status, *lines)
    for name, old, new in (
            ("a program that is not there", "/usr/bin/seccomp-exec",
             "/usr/bin/no-such"),
            ("a setting that does not exist", "NoNewPrivileges",
             "NoNewPrivilege"),
            ("a value that is none", "NoNewPrivileges=yes",
             "NoNewPrivileges=perhaps")):
        assert text.count(old) == 1, old
        status, lines = said(text.replace(old, new))
        tap.ok(lines, f"and says so: {name}", status)
    unit.write_text(text)


def test_security(tap, unit):
    done = subprocess.run(["systemd-analyze", "security", "--offline=true",
                           "--no-pager", unit], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for setting in ("NoNewPrivileges=", "CapabilityBoundingSet=~CAP_SYS_ADMIN",
                    "User=/DynamicUser=", "ProtectSystem=", "PrivateDevices="):
        tap.ok(re.search(rf"^\S*✓\S* {re.escape(setting)}", done.stdout, re.M),
               f"systemd-analyze security: {setting}", done.stdout[:2000])


def test_run(tap, command, root, blob, get_filter, work):
    """As systemd would, with what the unit says of privileges."""
    server = Server(work, root, command, NOBODY)
    found = server.serve(tap, root / "srv/www/index.html", get_filter)
    if not found:
        return
    tap.same(found.programs, [blob.read_bytes()],
             "under the filter that the unit names")
    tap.same([found.field(name) for name in
              ("Seccomp", "NoNewPrivs", "CapBnd", "Uid")],
             ["2", "1", "0000000000000000", NOBODY.split(":")[0]],
             "as /proc/PID/status says")


def test_consistent(tap, service, status):
    tap.same(service["NoNewPrivileges"], "yes",
             "the unit says what seccomp-exec does")
    tap.same(service["CapabilityBoundingSet"], "",
             "no capabilities, as --caps=none")
    tap.same(service["RestartPreventExitStatus"], str(status),
             "no restart for the status of a filter that is refused")


def main(args):
    (seccompc, seccomp_exec, get_filter, source), work = enter(__file__, args)
    if not shutil.which("systemd-analyze"):
        skip("there is no systemd-analyze")
    if not shutil.which("crun"):
        skip("there is no crun")
    if subprocess.run(["ldd", seccomp_exec], check=False,
                      stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).returncode == 0:
        skip("seccomp-exec is not static")
    examples = pathlib.Path(source).resolve() / "docs/examples"
    unit = examples / "systemd/web.service"
    service, tap = read_unit(unit), Tap()
    command = shlex.split(service["ExecStart"])
    root = work / "root"
    make_rootfs(root)
    root.chmod(0o755)
    blob = root / command[1].lstrip("/")
    for folder in (root / "usr/bin", root / "srv/www", blob.parent):
        folder.mkdir(parents=True)
    shutil.copy(seccomp_exec, root / command[0].lstrip("/"))
    (root / "usr/bin/busybox").symlink_to("/bin/busybox")
    shutil.copy(examples / "docker/index.html", root / "srv/www")
    done = subprocess.run([os.path.abspath(seccompc), "compile", "--caps=none",
                           examples / "web.json", "-o", blob], check=False)
    tap.same(done.returncode, 0, "its profile compiles")
    test_verify(tap, unit.read_text(), root)
    test_security(tap, unit)
    test_run(tap, command, root, blob, get_filter, work)
    blob.chmod(0o666)
    done = subprocess.run(["chroot", root, *command], check=False,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True)
    tap.ok("others may write" in done.stderr,
           "a filter that others may write is refused", done.stderr)
    test_consistent(tap, service, done.returncode)
    return tap.end()


sys.exit(main(sys.argv[1:]))
