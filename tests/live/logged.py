#!/usr/bin/env python3
"""Runs a test while the kernel's log drops no lines.

logged.py SECCOMPC AUDIT_PROFILE COMMAND [ARGUMENT]...

Where that cannot be had, the command is run all the same, and says what it has
to skip.  Ends as the command does.
"""

import contextlib
import subprocess
import sys

import kernel_log


def main(seccompc, profile, *command):
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(kernel_log.KernelLog(
                [seccompc, "run", profile, "--", "true"]))
        except kernel_log.Missing as why:
            print(f"# {why}", flush=True)
        return subprocess.run(command, check=False).returncode


sys.exit(main(*sys.argv[1:]))
