"""Containers under runc, crun and podman, for the scripts beside this file.

Each script runs itself once more as the first process of namespaces, which
nothing outlives: enter().  Root is needed, and busybox as a single file.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

INSIDE = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork",
          "--kill-child", "--mount-proc"]
BUSYBOX = "/bin/busybox"


def skip(reason):
    print(f"1..0 # skipped: {reason}")
    sys.exit(77)


class Tap:
    def __init__(self):
        self.count = self.failures = 0
        self.skipped = False

    def ok(self, good, name, *details):
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} - {name}", flush=True)
        for line in details if not good else ():
            print(f"# {line}")

    def same(self, got, wanted, name):
        self.ok(got == wanted, name, f"got: {got}", f"expected: {wanted}")

    def note(self, text):
        for line in text.splitlines():
            print(f"# {line}", flush=True)

    def skip(self, reason):
        self.note(f"skipped: {reason}")
        self.skipped = True

    def end(self):
        print(f"1..{self.count}")
        return 1 if self.failures else 77 if self.skipped else 0


def enter(script, args):
    """Inside: the arguments, and a folder that is removed when all processes
    are gone.  Outside it does not return."""
    if args and args[-1] == "inside":
        mount_cgroups()
        return args[:-2], pathlib.Path(args[-2])
    if os.geteuid():
        skip("containers take root")
    why = subprocess.run([*INSIDE, "true"], check=False, text=True,
                         stderr=subprocess.PIPE)
    if why.returncode:
        skip(f"no namespaces: {why.stderr.strip()}")
    with tempfile.TemporaryDirectory() as work:
        status = subprocess.run([*INSIDE, sys.executable, script, *args, work,
                                 "inside"], check=False).returncode
    sys.exit(status)


def mount_cgroups():
    """Without systemd and with both hierarchies runtimes refuse to work."""
    kind = subprocess.run(["stat", "-f", "-c", "%T", "/sys/fs/cgroup"],
                          text=True, stdout=subprocess.PIPE, check=False)
    if kind.stdout == "cgroup2fs\n":
        return
    subprocess.run(["umount", "-R", "/sys/fs/cgroup"], check=False,
                   stderr=subprocess.DEVNULL)
    if subprocess.run(["mount", "-t", "cgroup2", "none", "/sys/fs/cgroup"],
                      check=False).returncode:
        skip("cgroup2 cannot be mounted")


def make_rootfs(path):
    """A folder to be a container's root; busybox-static is all of it."""
    busybox = shutil.which("busybox")
    if not busybox:
        skip("there is no busybox")
    for folder in ("bin", "dev", "proc", "sys", "tmp", "etc"):
        (path / folder).mkdir(parents=True)
    shutil.copy(busybox, path / "bin/busybox")
    if subprocess.run(["chroot", path, BUSYBOX, "true"], check=False,
                      stderr=subprocess.DEVNULL).returncode:
        skip("busybox needs more than its own file")
    for name in ("sh", "cat", "mkdir", "chmod", "grep", "sleep", "true"):
        (path / "bin" / name).symlink_to("busybox")


def config(args, seccomp=None, annotations=None, caps=(), late=True):
    """A bundle's config.json as a value."""
    made = {
        "ociVersion": "1.0.2",
        "process": {"user": {"uid": 0, "gid": 0}, "args": args, "cwd": "/",
                    "env": ["PATH=/bin"], "noNewPrivileges": late,
                    "capabilities": {kind: list(caps) for kind in
                                     ("bounding", "effective", "permitted")}},
        "root": {"path": "rootfs"},
        "mounts": [{"destination": "/proc", "type": "proc",
                    "source": "proc"}],
        "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}]},
    }
    if seccomp is not None:
        made["linux"]["seccomp"] = seccomp
    if annotations is not None:
        made["annotations"] = annotations
    return made


class Runtime:
    """runc or crun, and a bundle with a rootfs."""

    def __init__(self, name, work):
        self.name, self.work, self.made = name, work, 0
        self.command = [name, "--root", str(work / f"{name}-state")]
        if name == "crun":
            self.command.append("--cgroup-manager=disabled")
        self.bundle = work / f"{name}-bundle"
        make_rootfs(self.bundle / "rootfs")

    def write(self, value):
        (self.bundle / "config.json").write_text(json.dumps(value, indent=2))

    def fresh(self):
        self.made += 1
        return f"test-{os.getpid()}-{self.made}"

    def run(self):
        """Runs the bundle to its end: status and all that it prints."""
        done = subprocess.run([*self.command, "run", "-b", self.bundle,
                               self.fresh()], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True, timeout=60,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout

    def filters(self, get_filter, folder):
        """Of the bundle's first process, which has to be busybox cat."""
        name = self.fresh()
        pid_file = self.work / "pid"
        with subprocess.Popen([*self.command, "run", "-b", self.bundle,
                               "--pid-file", pid_file, name],
                              stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL) as process:
            found = read_filters(get_filter, pid_file, folder, process)
            process.stdin.close()
        return found


def runtimes(tap, names, work):
    """Those that make containers here; of others it is said why not."""
    for name in names:
        if not shutil.which(name):
            tap.skip(f"there is no {name}")
            continue
        runtime = Runtime(name, work)
        runtime.write(config(["/bin/true"]))
        status, said = runtime.run()
        if status:
            tap.skip(f"{name} makes no containers here: {said}")
        else:
            yield runtime


def wait_for(condition, process, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Filters:
    def __init__(self, programs, status):
        self.programs, self.status = programs, status

    def field(self, name):
        return re.search(rf"^{name}:\s*(\S+)", self.status, re.M)[1]


def read_filters(get_filter, pid_file, folder, process):
    """The filters of the process in a file, once it runs what it is for; None
    if it never does.  Memory for them is folder."""
    def runs():
        try:
            pid = pid_file.read_text()
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                return file.read().split(b"\0")[0].endswith(b"cat")
        except (OSError, ValueError):
            return False

    good = wait_for(runs, process)
    try:
        pid = pid_file.read_text().strip()
    except OSError:
        return None
    finally:
        pid_file.unlink(missing_ok=True)
    return read_programs(get_filter, pid, folder) if good else None


def read_programs(get_filter, pid, folder):
    """The filters of a process."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    done = subprocess.run([get_filter, pid, folder], text=True, check=False,
                          stdout=subprocess.PIPE)
    if done.returncode == 77:
        skip(f"filters cannot be read: {done.stdout.strip()}")
    return Filters([(folder / f"{line.split()[0]}.bpf").read_bytes()
                    for line in done.stdout.splitlines()], status)


class Podman:
    """podman without a registry, network or systemd."""

    def __init__(self, work, runtime="crun"):
        self.work, self.name = work, f"podman with {runtime}"
        self.rootfs = work / "podman-rootfs"
        if not self.rootfs.exists():
            make_rootfs(self.rootfs)
        self.root = work / "podman"
        self.command = [
            "podman", "--root", str(self.root / "root"), "--runroot",
            str(self.root / "run"), "--tmpdir", str(self.root / "tmp"),
            "--storage-driver", "vfs", "--runtime", runtime,
            "--cgroup-manager", "cgroupfs", "--events-backend", "none"]

    def options(self, *more):
        return [*self.command, "run", "--rm", "--cgroups=disabled",
                "--network=none", *more, "--rootfs", str(self.rootfs)]

    def run(self, options, *args):
        done = subprocess.run([*self.options(*options), *args],
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True, timeout=60,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout

    def filters(self, options, get_filter, folder, config_to=None):
        """Of busybox cat; its config.json is copied to config_to."""
        pid_file = self.work / "pid"
        with subprocess.Popen(
                [*self.options("--pidfile", str(pid_file), "-i", *options),
                 "cat"], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL) as process:
            found = read_filters(get_filter, pid_file, folder, process)
            for path in self.root.glob(
                    "root/*-containers/*/userdata/config.json"):
                if config_to:
                    shutil.copy(path, config_to)
            process.stdin.close()
        return found


def fetch(pid, path="/"):
    """A page of the server on port 8080 in a process's network."""
    inside = ["nsenter", "-t", str(pid), "-n", "busybox"]
    subprocess.run([*inside, "ip", "link", "set", "lo", "up"], check=False)
    done = subprocess.run([*inside, "wget", "-q", "-O", "-",
                           f"http://127.0.0.1:8080{path}"], check=False,
                          timeout=20,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout


def listens(pid):
    """Whether a process's network has that port open: it is ready."""
    lines = []
    for name in ("tcp", "tcp6"):
        try:
            lines += pathlib.Path(f"/proc/{pid}/net/{name}").read_text() \
                .splitlines()[1:]
        except OSError:
            pass
    return any(line.split()[1].endswith(":1F90") and line.split()[3] == "0A"
               for line in lines)


class Server(Runtime):
    """A container under crun, with a network of its own, that serves pages."""

    def __init__(self, work, root, args, user, **more):
        self.name, self.work, self.made = "crun", work, 0
        self.command = ["crun", "--root", str(work / "state"),
                        "--cgroup-manager=disabled"]
        self.bundle = work / "bundle"
        self.bundle.mkdir()
        for folder in ("dev", "proc"):
            (root / folder).mkdir(exist_ok=True)
        made = config(args, **more)
        uid, gid = map(int, user.split(":"))
        made["process"]["user"] = {"uid": uid, "gid": gid}
        made["root"] = {"path": str(root), "readonly": True}
        made["linux"]["namespaces"].append({"type": "network"})
        self.write(made)

    def serve(self, tap, page, get_filter):
        """The filters while it serves a page, or None."""
        pid_file = self.work / "pid"
        with subprocess.Popen([*self.command, "run", "-b", self.bundle,
                               "--pid-file", pid_file, "web"],
                              stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as process:
            good = wait_for(lambda: pid_file.exists() and
                            (pid := pid_file.read_text()) and listens(pid),
                            process)
            found = None
            if good:
                pid = pid_file.read_text()
                got = fetch(pid)
                found = read_programs(get_filter, pid, self.work / "got")
            subprocess.run([*self.command, "kill", "web", "KILL"],
                           check=good, stderr=subprocess.DEVNULL)
            said = process.stdout.read()
        tap.ok(good, "the server starts", said)
        if good:
            tap.same(got, page.read_bytes(), "a page is served")
        return found
