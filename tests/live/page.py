#!/usr/bin/env python3
"""The commands of a page that need containers print what is written there.

page.py [--update] SECCOMPC SOURCE_ROOT PAGE

As tests/docs.py, with the blocks behind <!-- live: WHAT... --> as well, where
all of WHAT is there: commands, or files by their paths.  They run in namespaces
of their own.  crun and podman are called with options for a machine without
systemd, and with state of their own; that is all that is not on the page.
Prints TAP; exits 77 if a block was left out.
"""

import os
import pathlib
import shutil
import sys

from containers import Podman, enter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from docs import Document, Tools  # noqa: E402


class Page(Document):
    left_out = 0

    def live(self, line, block, needs):
        missing = [need for need in needs if not (
            os.path.exists(need) if "/" in need else shutil.which(need))]
        if missing:
            print(f"# skipped: line {line}: there is no {missing[0]}")
            self.left_out += 1
            return block
        return self.console(line, block)


def make_wrappers(folder, work):
    """crun and podman, as they work here."""
    folder.mkdir()
    crun = shutil.which("crun")
    podman = Podman(work).options("--rootfs")
    at = podman.index("run")
    before, behind = podman[:at], podman[at + 1:podman.index("--rootfs")]
    before[0] = shutil.which("podman")
    for option in "--rm", "--network=none":
        behind.remove(option)
    for name, text in (
            ("crun", f'exec {crun} --root {work}/crun '
                     '--cgroup-manager=disabled "$@"'),
            ("podman", f'[ "$1" = run ] || exit 2; shift\n'
                       f'exec {" ".join(map(str, before))} run '
                       f'{" ".join(behind)} "$@"')):
        if shutil.which(name):
            (folder / name).write_text(f"#!/bin/sh\n{text}\n")
            (folder / name).chmod(0o755)


def main(args):
    args, work = enter(__file__, args)
    update = "--update" in args
    seccompc, root, name = [a for a in args if a != "--update"]
    root = pathlib.Path(root).resolve()
    make_wrappers(work / "wrappers", work)
    os.environ["PATH"] = f"{work}/wrappers:{os.environ['PATH']}"
    os.umask(0o022)
    folder = work / "page"
    folder.mkdir()
    (folder / "docs").symlink_to(root / "docs")
    page = Page(Tools(seccompc, seccompc), root / name, folder)
    text = page.examine()
    if update:
        (root / name).write_text(text)
    print(f"1..{page.examples}")
    return 1 if page.failures else 77 if page.left_out else 0


sys.exit(main(sys.argv[1:]))
