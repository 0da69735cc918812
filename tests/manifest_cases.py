"""Profiles, and how manifests of them have to differ: for manifest.py."""


def rule(names, action="ALLOW", args=(), **more):
    return {"names": names, "action": "SCMP_ACT_" + action,
            "args": [{"index": i, "op": "SCMP_CMP_" + op, "value": value,
                      "valueTwo": two} for i, op, value, two in args], **more}


def profile(*rules, default="ERRNO", **more):
    return {"defaultAction": "SCMP_ACT_" + default, "syscalls": list(rules),
            **more}


PLAIN = profile(rule(["read", "write", "exit"]), rule(["pause"], "ERRNO"))
MINUS = {"includes": {"caps": ["CAP_SYS_ADMIN"]}}
BOTH = {"includes": {"caps": ["CAP_SYS_ADMIN"], "minKernel": "4.8"}}
ARCHES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
PROFILES = {
    "plain": PLAIN,
    "allow": profile(rule(["ptrace"], "ERRNO"), default="ALLOW"),
    "caps": profile(rule(["read"]), rule(["mount"], **MINUS)),
    "kernel": profile(rule(["read"]), rule(
        ["ptrace"], includes={"minKernel": "4.8"}), rule(
            ["bpf"], excludes={"minKernel": "6.0"})),
    "both": profile(rule(["read"]), rule(["mount"], **BOTH)),
    "map": profile(rule(["read"]), archMap=[
        {"architecture": ARCHES[0], "subArchitectures": ARCHES[1:]}]),
    "empty-map": profile(*PLAIN["syscalls"], archMap=[]),
    "apart": profile(rule(["personality"], "ALLOW", [(0, "EQ", 0, 0)]),
                     rule(["personality"], "TRAP", [(0, "EQ", 8, 0)])),
    "overlap": profile(rule(["ioctl"], "LOG", [(1, "GE", 5, 0)]),
                       rule(["ioctl"], "TRAP", [(1, "EQ", 8, 0)]),
                       default="KILL_PROCESS"),
    "voided": profile(
        rule(["mprotect"], "ERRNO", [(2, "MASKED_EQ", 4, 4)]),
        rule(["mprotect"])),
    "repeats": profile(rule(["socket"], "ALLOW", [(0, "EQ", 1, 0),
                                                  (0, "EQ", 2, 0)])),
    "window": profile(rule(["socket"], "ALLOW", [(0, "GE", 1, 0),
                                                 (0, "LE", 9, 0)])),
    "unheard": profile(*PLAIN["syscalls"], rule(
        ["frobnicate"], "ALLOW", [(0, "GE", 1, 0), (0, "LE", 9, 0)])),
    "mux": profile(rule(["socket"], "ALLOW", [(0, "EQ", 1, 0)]),
                   rule(["socketcall"], "ALLOW", [(0, "EQ", 2, 0)]),
                   architectures=ARCHES[:2]),
    "more": profile(*PLAIN["syscalls"], rule(["dup"])),
    "other": profile(*PLAIN["syscalls"], rule(["lseek"])),
    "flags": profile(*PLAIN["syscalls"], flags=[
        "SECCOMP_FILTER_FLAG_LOG"]),
    "listener": profile(*PLAIN["syscalls"], listenerPath="/run/a.sock",
                        listenerMetadata="a\"\\*/\n\u00e9\U0001f512"),
    "listener-b": profile(*PLAIN["syscalls"], listenerPath="/run/b.sock",
                          listenerMetadata="a\"\\*/\n\u00e9\U0001f512"),
    "answers": profile(
        rule(["read"]), rule(["write"], "LOG"), rule(["open"], "TRACE"),
        rule(["close"], "NOTIFY"), rule(["stat"], "TRAP"),
        rule(["fstat"], "KILL_PROCESS"), rule(["lseek"], "ERRNO", errnoRet=9),
        rule(["dup"], "ALLOW", [(0, "GT", 2, 0)]),
        rule(["socket"], "ALLOW", [(0, "NE", 40, 0)]),
        architectures=ARCHES),
}

# A profile, options in two ways, and the members of "input" that then
# differ.  Where none does, manifests have to be the same byte by byte.
PAIRS = [
    # What no profile here asks changes nothing.
    *[("plain", option, "", "") for option in (
        "--caps=none", "--caps=all", "--kernel=2.6", "--kernel=7.0",
        "--dialect=docker", "--dialect=podman", "--dialect=oci",
        "--native=x86_64", "--arch=x86_64",
        "--foreign-arch=SCMP_ACT_KILL_THREAD", "--unknown=enosys",
        "--conflicts=runc", "--conflicts=first", "--conflicts=strictest",
        "--repeated-index=or", "--repeated-index=and",
        "--multiplexers=libseccomp", "--weights=built-in",
        "--optimize=balanced", "--tune=uncached", "--deny=unknown-name",
        "--allow=unknown-name", "--deny=warnings",
        "--allow=voided-condition", "--quiet", "--color=never", "-f asm",
        "-f base64", "-j2", "-v", "--symbol=x")],
    ("allow", "--unknown=enosys", "--unknown=default", ""),
    ("allow", "--unknown=enosys", "--unknown=since:4.8", ""),
    ("plain", "", "--unknown=default", "unknown"),
    ("plain", "", "--unknown=since:4.8", "unknown"),
    ("plain", "--unknown=since:4.8", "--unknown=since:5.11", "unknown"),
    ("plain", "", "--native=i386", "native abis"),
    ("plain", "--native=i386 --arch=x86_64", "--arch=i386", "native"),
    ("plain", "", "--arch=x86_64,x32", "abis"),
    ("plain", "", "--foreign-arch=default", "foreignAction"),
    ("plain", "", "--foreign-arch=SCMP_ACT_TRAP", "foreignAction"),
    ("plain", "--foreign-arch=default", "--foreign-arch=SCMP_ACT_ERRNO", ""),
    ("plain", "", "--weights=uniform", "weights"),
    ("plain", "", "--weights=counts", "weights"),
    ("plain", "--weights=counts", "--weights=counts2", "weights"),
    ("plain", "--weights=counts", "--weights=strace", ""),
    ("plain", "", "--optimize=size", "optimize"),
    ("plain", "--optimize=size", "--optimize=speed", "optimize"),
    ("plain", "", "--tune=cached", "tune"),
    ("caps", "--caps=none", "--caps=SYS_ADMIN", "caps rules"),
    ("caps", "--caps=none", "--caps=docker", ""),
    ("caps", "--caps=all", "--caps=SYS_ADMIN", ""),
    ("caps", "--caps=none", "--dialect=oci", "caps dialect rules"),
    ("kernel", "--kernel=4.7", "--kernel=4.8", "kernel rules"),
    ("kernel", "--kernel=4.8", "--kernel=5.19", ""),
    ("kernel", "--kernel=5.19", "--kernel=6.0", "kernel rules"),
    ("kernel", "--kernel=6.0", "--kernel=7.0", ""),
    ("kernel", "--kernel=4.0", "--kernel=4.7", ""),
    ("both", "--caps=none --kernel=4.7", "--caps=none --kernel=4.8", ""),
    ("both", "--caps=all --kernel=4.7", "--caps=all --kernel=4.8",
     "kernel rules"),
    ("map", "", "--dialect=podman", "dialect"),
    ("map", "", "--dialect=oci", "dialect abis"),
    ("empty-map", "", "--dialect=oci", ""),
    ("apart", "", "--conflicts=first", "conflicts"),
    ("apart", "", "--conflicts=strictest", ""),
    ("apart", "", "--conflicts=runc", ""),
    ("overlap", "--conflicts=first", "--conflicts=strictest", "conflicts"),
    ("overlap", "--conflicts=strictest", "--allow=conflicting-rules",
     "accepted"),
    ("overlap", "--warn=conflicting-rules", "--allow=conflicting-rules", ""),
    ("voided", "--conflicts=runc", "--conflicts=first", ""),
    ("voided", "--conflicts=runc", "--warn=voided-condition", "accepted"),
    ("voided", "--allow=voided-condition", "--warn=voided-condition", ""),
    ("repeats", "", "--repeated-index=or", ""),
    ("repeats", "", "--repeated-index=and", "repeatedIndex"),
    ("window", "--repeated-index=or", "--repeated-index=and",
     "repeatedIndex"),
    ("window", "--repeated-index=and", "--allow=repeated-index", "accepted"),
    ("unheard", "--repeated-index=or", "--repeated-index=and", ""),
    ("mux", "", "--multiplexers=libseccomp", "multiplexers"),
    ("mux", "--arch=x86_64", "--arch=x86_64 --multiplexers=libseccomp", ""),
    ("plain", "--arch=x86_64,i386",
     "--multiplexers=libseccomp --arch=i386", ""),
    ("answers", "--arch=x86_64", "", "abis multiplexers"),
]

# Two profiles without options.
TEXTS = [
    ("plain", "flags", "profile flags"),
    ("listener", "listener-b", "profile listenerPath"),
    ("plain", "listener", "profile listenerPath listenerMetadata"),
    ("plain", "empty-map", "profile"),
    ("plain", "spaced", "profile"),
    ("plain", "folder/renamed", ""),
    ("plain", "more", "profile rules"),
    ("more", "other", "profile rules"),
    ("plain", "allow", "profile rules defaultAction unknown"),
    ("plain", "map", "profile rules dialect abis"),
]
