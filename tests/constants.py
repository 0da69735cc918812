"""Names of argument values, held against what others make of the headers.

    constants.py DUMP SOURCE_ROOT CC...

DUMP is constants-dump.  A C program that includes the C library's headers,
where most tables come from the kernel's, prints the same names; Python's
modules have some of them as well.  What values are called is by hand.
"""

import errno
import fcntl
import os
import re
import resource
import shlex
import signal
import socket
import subprocess
import sys
import tempfile

DUMP, ROOT, *CC = sys.argv[1:]

# The C library's on purpose: another source than compiler/explain's.
HEADERS = """errno.h sched.h fcntl.h sys/stat.h sys/mman.h sys/prctl.h
    sys/ioctl.h sys/personality.h signal.h sys/resource.h sys/ptrace.h
    sys/socket.h sys/epoll.h netinet/in.h sys/mount.h sys/wait.h sys/shm.h
    sys/sem.h sys/msg.h sys/timerfd.h sys/inotify.h sys/random.h time.h
    sys/eventfd.h sys/fanotify.h sys/reboot.h sys/file.h""".split()

# The C library means something else by these, or has no constant.
OTHERS = {
    "O_LARGEFILE", "SIGRTMIN", "SIGRTMAX", "SIGSTKSZ", "MINSIGSTKSZ",
    "F_GETLK64", "F_SETLK64", "F_SETLKW64", "SA_RESTORER", "O_FSYNC",
    "FAN_ALL_CLASS_BITS", "CAP_LAST_CAP",
    "TCGETS2", "TCSETS2", "TCSETSF2", "TCSETSW2",
}
# Enums that are no macros in the C library.
ENUMS = """PTRACE_TRACEME PTRACE_PEEKTEXT PTRACE_ATTACH PTRACE_SEIZE
    PTRACE_SETREGSET PTRACE_O_TRACESECCOMP PTRACE_GET_SYSCALL_INFO
    PER_LINUX PER_LINUX32 ADDR_NO_RANDOMIZE UNAME26""".split()
REQUIRED = """AF_INET AF_ALG AF_VSOCK PF_PACKET SOCK_STREAM SOCK_DGRAM SOCK_RAW
    SOCK_CLOEXEC IPPROTO_TCP IPPROTO_SCTP CLONE_NEWUSER CLONE_THREAD PROT_EXEC
    MAP_FIXED MAP_ANONYMOUS O_CREAT O_TMPFILE O_PATH PR_SET_SECCOMP
    PR_SET_NO_NEW_PRIVS TIOCSTI TIOCLINUX TIOCGWINSZ FIONREAD FIOCLEX TCGETS
    TCGETS2 F_DUPFD F_ADD_SEALS PER_LINUX AT_FDCWD MSG_NOSIGNAL SHUT_RDWR
    S_ISUID S_IFIFO SIGKILL SIGCHLD RLIMIT_NOFILE PTRACE_ATTACH KEYCTL_READ
    BPF_PROG_LOAD BPF_MAP_CREATE FUTEX_WAIT FUTEX_PRIVATE_FLAG MADV_DONTNEED
    EPOLL_CTL_ADD EPOLL_CLOEXEC EPERM ENOSYS ENOTSUP SECCOMP_SET_MODE_FILTER
    SYS_SOCKET SEMOP SHMAT""".split()

failed = 0


def check(condition, *message):
    global failed
    if not condition:
        failed += 1
        print("FAILED:", *message)


def run(*args):
    done = subprocess.run([DUMP, *map(str, args)], stdout=subprocess.PIPE,
                          text=True)
    return done.returncode, done.stdout.rstrip("\n")


def dump():
    names = {}
    for line in run()[1].split("\n"):
        name, value = line.split()
        check(name not in names or names[name] == int(value),
              name, "has two values")
        names.setdefault(name, int(value))
    return names


def compiled(names):
    """What the C library's headers say, by a program that is run."""
    source = "".join(f"#include <{h}>\n" for h in HEADERS)
    source += "#include <stdio.h>\nint main(void) {\n"
    for name in sorted(names - OTHERS):
        show = f'printf("{name} %lld\\n", (long long)({name}));\n'
        if name in ENUMS:
            source += show
        else:
            source += f"#ifdef {name}\n{show}#endif\n"
    source += "return 0; }\n"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "names")
        with open(path + ".c", "w") as file:
            file.write(source)
        subprocess.run([*CC, "-D_GNU_SOURCE", "-w", "-o", path, path + ".c"],
                       check=True)
        out = subprocess.run([path], stdout=subprocess.PIPE, check=True,
                             text=True).stdout
    return {name: int(value) for name, value in map(str.split,
                                                    out.splitlines())}


def python_names():
    for module, pattern in ((socket, r"(AF|SOCK|MSG|IPPROTO|SHUT|SO|SOL)_"),
                            (errno, r"E[A-Z0-9]+$"),
                            (fcntl, r"(F|LOCK|FD)_"),
                            (resource, r"RLIMIT_"),
                            (os, r"(O|PRIO|SCHED|SPLICE|RWF|CLONE|PR)_"),
                            (signal, r"SIG[A-Z0-9]+$")):
        for name in dir(module):
            value = getattr(module, name)
            if re.match(pattern, name) and isinstance(value, int):
                yield name, int(value)


def hold_values():
    names = dump()
    for name in REQUIRED:
        check(name in names, name, "is missing")
    found = compiled(set(names))
    check(len(found) > 700, "only", len(found), "names in the C library")
    for name, value in found.items():
        check(names[name] == value, name, names[name], "is", value)
    seen = 0
    for name, value in python_names():
        if name in names and name not in OTHERS:
            seen += 1
            check(names[name] == value, name, names[name], "is", value,
                  "in Python")
    check(seen > 250, "only", seen, "names in Python")
    print(len(names), "names,", len(found), "compiled,", seen, "in Python")


def hold_one_list():
    """clang, if it is there, finds the same names as the build's compiler."""
    script = os.path.join(ROOT, "compiler/explain/list-constants")
    names = os.path.join(ROOT, "compiler/explain/constants.list")
    texts = []
    for cc in (CC, CC, ["clang"]):
        with tempfile.TemporaryDirectory() as folder:
            try:
                subprocess.run(cc + ["--version"], check=True,
                               stdout=subprocess.DEVNULL)
            except FileNotFoundError:
                continue
            subprocess.run([script, names, folder, *cc, "-D_GNU_SOURCE"],
                           check=True)
            texts.append([open(os.path.join(folder, f)).read()
                          for f in sorted(os.listdir(folder))])
            check(folder not in str(texts[-1]), "a path of the build")
    check(all(text == texts[0] for text in texts), "compilers differ")


CALLED = """
socket 0 2              AF_INET (one name)
socket 0 1              AF_UNIX (one name)
socket 0 0x100000002    -
socket 0 12345          -
socket 1 0x80001        SOCK_STREAM|SOCK_CLOEXEC
socket 1 0x80805        SOCK_SEQPACKET|SOCK_CLOEXEC|SOCK_NONBLOCK
socket 1 7              -
socket 2 6              -
clone 0 0x10000000      CLONE_NEWUSER (one name)
clone 0 0x10000011      SIGCHLD|CLONE_NEWUSER
clone 0 0               -
open 1 0                O_RDONLY (one name)
open 1 0x241            O_WRONLY|O_CREAT|O_TRUNC
open 1 0x101000         O_RDONLY|O_SYNC
openat 0 0xffffff9c     AT_FDCWD (one name)
openat 0 0xffffffffffffff9c AT_FDCWD (one name)
mmap 2 0                PROT_NONE (one name)
mmap 2 7                PROT_EXEC|PROT_READ|PROT_WRITE
mmap 3 0x22             MAP_PRIVATE|MAP_ANONYMOUS
ioctl 1 0x5412          TIOCSTI (one name)
ioctl 1 0x541c          TIOCLINUX (one name)
ioctl 1 0x80045430      TIOCGPTN (one name)
prctl 0 22              PR_SET_SECCOMP (one name)
prctl 0 1               PR_SET_PDEATHSIG (one name)
prctl 0 2               PR_GET_PDEATHSIG (one name)
prctl 0 38              PR_SET_NO_NEW_PRIVS (one name)
ptrace 0 16             PTRACE_ATTACH (one name)
kill 1 9                SIGKILL (one name)
kill 1 17               SIGCHLD (one name)
bpf 0 5                 BPF_PROG_LOAD (one name)
futex 1 0x80            FUTEX_WAIT|FUTEX_PRIVATE_FLAG
futex 1 0x189           FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME|FUTEX_PRIVATE_FLAG
keyctl 0 11             KEYCTL_READ (one name)
keyctl 0 31             KEYCTL_CAPABILITIES (one name)
socketcall 0 1          SYS_SOCKET (one name)
ipc 0 21                SHMAT (one name)
personality 0 0x40000   PER_LINUX|ADDR_NO_RANDOMIZE
personality 0 0xffffffff -
fcntl 1 1033            F_ADD_SEALS (one name)
seccomp 0 1             SECCOMP_SET_MODE_FILTER (one name)
madvise 2 4             MADV_DONTNEED (one name)
prlimit64 1 7           RLIMIT_NOFILE (one name)
mount 3 0x1001          MS_BIND|MS_RDONLY
mount 3 0x100000000001  MS_RDONLY|0x100000000000
nosuchcall 0 1          -
"""

READ = """
AF_INET                       0x2
SOCK_STREAM|SOCK_CLOEXEC      0x80001
SOCK_STREAM | 0x10            0x11
0755                          0x1ed
0                             0x0
-1                            0xffffffffffffffff
AT_FDCWD                      0xffffffffffffff9c
18446744073709551615          0xffffffffffffffff
-9223372036854775808          0x8000000000000000
18446744073709551616          error: '18446744073709551616' is not a number of 64 bits
-9223372036854775809          error: '-9223372036854775809' is not a number of 64 bits
08                            error: '08' is not a number of 64 bits
0x                            error: '0x' is not a number of 64 bits
-                             error: '-' is not a number of 64 bits
1x                            error: '1x' is not a number of 64 bits
AF_INTE                       error: unknown constant 'AF_INTE'; did you mean 'AF_INET'?
CLONE_NEWUSR                  error: unknown constant 'CLONE_NEWUSR'; did you mean 'CLONE_NEWUSER'?
XYZZY                         error: unknown constant 'XYZZY'
1|                            error: a value is missing
|                             error: a value is missing
"""


def hold_words():
    for line in CALLED.strip().split("\n"):
        call, arg, value, expected = line.split(None, 3)
        check(run(call, arg, value)[1] == expected, line, "gave",
              run(call, arg, value)[1])
    for line in READ.strip().split("\n"):
        text, expected = re.split(r" {2,}", line, maxsplit=1)
        check(run(text)[1] == expected, line, "gave", run(text)[1])
    for text in ("A" * 100000, "\x1b[31m", "\n", "|" * 5000, "\xff" * 70):
        code, out = run(text)
        check(code == 1 and out.isprintable() and len(out) < 200,
              repr(text[:20]), repr(out))


hold_values()
hold_one_list()
hold_words()
sys.exit(failed != 0)
