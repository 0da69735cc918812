#!/usr/bin/env python3
"""Takes the names out of a profile that libseccomp does not know.

known-names.py SECCOMPC PROFILE ABI...

runc and crun pass over them without a word.  Writes what is left, and to
standard error a line for each ABI with the names that the tables of SECCOMPC
have there and libseccomp has not, if there are any.  Exits with 77 if there is
no libseccomp, and with 1 if it has another number for a name than the tables.
"""

import ctypes
import json
import subprocess
import sys

TOKENS = {"x86_64": 0xC000003E, "i386": 0x40000003, "x32": 0x4000003E}
UNKNOWN = -1
# Below are names that exist on other ABIs; above, multiplexed calls of i386.
OTHER_ABIS = -10000


def table(seccompc, abi):
    """Names and numbers of an ABI."""
    lines = subprocess.run([seccompc, "syscalls"], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    column = lines[0].split().index(abi)
    found = {line.split()[0]: line.split()[column] for line in lines[1:]}
    return {name: int(number, 0) for name, number in found.items()
            if number != "-"}


def main():
    seccompc, path, *abis = sys.argv[1:]
    try:
        resolve = ctypes.CDLL(
            "libseccomp.so.2").seccomp_syscall_resolve_name_arch
    except OSError as error:
        print(error, file=sys.stderr)
        return 77
    with open(path, encoding="utf-8") as file:
        profile = json.load(file)
    status = 0
    lacking = set()
    names = {name for rule in profile["syscalls"] for name in rule["names"]}
    for abi in abis:
        numbers = table(seccompc, abi)
        unknown = []
        for name in sorted(names & numbers.keys()):
            number = resolve(TOKENS[abi], name.encode())
            if number == UNKNOWN or number <= OTHER_ABIS:
                unknown.append(name)
            elif number >= 0 and number != numbers[name]:
                print(f"{abi} {name} is {number} in libseccomp, "
                      f"{numbers[name]} in the tables", file=sys.stderr)
                status = 1
        if unknown:
            print(f"{abi}:", *unknown, file=sys.stderr)
        lacking.update(unknown)
    for rule in profile["syscalls"]:
        rule["names"] = [n for n in rule["names"] if n not in lacking]
    profile["syscalls"] = [r for r in profile["syscalls"] if r["names"]]
    json.dump(profile, sys.stdout, indent=1)
    return status


if __name__ == "__main__":
    sys.exit(main())
