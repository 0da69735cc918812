#!/usr/bin/env python3
"""`seccompc learn` on real programs.

learn-programs.py SECCOMPC SOURCE_ROOT [NAME...]; NAMEs are those below.

For each program: a profile is learned from one run, the same run works under it
three times in a row, and does not with one call taken out of the profile.  What
the kernel logs of one more run gives the same profile, if the program makes the
same calls each time.  One that does not is learned with --families, and is
killed for each call that is in no family.  Prints TAP, with sizes as comments.
"""

import contextlib
import dataclasses
import difflib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import kernel_log
from free_port import free_port

SECONDS = 20
RUNS = 3
# A session of its own for audit, which is in each line of the log.
SESSION = ('echo 0 2>/dev/null >/proc/self/loginuid; '
           'cat /proc/self/sessionid >session; exec "$@"')

PYTHON = r"""
import pathlib, socket, subprocess, threading
text = pathlib.Path("input").read_text()
listener = socket.create_server(("127.0.0.1", 0))
def serve():
    with listener.accept()[0] as peer:
        peer.sendall(peer.recv(100).upper())
thread = threading.Thread(target=serve)
thread.start()
with socket.create_connection(listener.getsockname()) as s:
    s.sendall(text.encode())
    text = s.recv(100)
thread.join()
print(subprocess.check_output(["tr", "A-Z", "a-z"], input=text).decode())
"""

BASH = r"""
set -e -o pipefail
for f in inp*; do sort <"$f" | tr a-z A-Z; done >made
(cd / && x=$(echo etc/host*) && [[ $x = *hosts* ]])
read -r line < <(cat made)
[ -e made ] && rm made
echo "${line,,}"
"""

NGINX = """
daemon off;
worker_processes 1;
pid FOLDER/pid;
error_log FOLDER/error.log;
events {}
http {
  access_log FOLDER/access.log;
  client_body_temp_path FOLDER/body;
  proxy_temp_path FOLDER/proxy;
  fastcgi_temp_path FOLDER/fastcgi;
  uwsgi_temp_path FOLDER/uwsgi;
  scgi_temp_path FOLDER/scgi;
  server { listen 127.0.0.1:PORT; root FOLDER; }
}
"""


@dataclasses.dataclass
class Program:
    name: str
    command: list  # of words, with FOLDER and PORT
    taken: list    # calls, by one of which it does what has to be done
    stop: int = 0  # the signal that ends it, if it is a server
    answer: str = "hello"
    steady: bool = True  # it makes the same calls each time


class Bench:
    """Where programs run, one after the other."""

    def __init__(self, seccompc, folder):
        self.seccompc, self.folder = seccompc, folder
        self.failures = self.tests = 0
        self.place = folder / "place"  # as new for each run
        os.chmod(folder, 0o755)

    def report(self, ok, text, why=""):
        print(f"{'ok' if ok else 'not ok'} - {text}")
        for line in why.splitlines():
            print(f"# {line}")
        self.tests += 1
        self.failures += not ok
        return ok

    def tool(self, *words):
        return subprocess.run([self.seccompc, *words], cwd=self.folder,
                              check=True, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT).stdout

    def request(self, process, port):
        """What a server answers, as soon as it does."""
        end = time.monotonic() + SECONDS
        while process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(ConnectionRefusedError):
                s = socket.create_connection(("127.0.0.1", port), timeout=5)
                with s, contextlib.suppress(TimeoutError):
                    s.sendall(b"GET /input HTTP/1.0\r\n\r\n")
                    return b"".join(iter(lambda: s.recv(4096), b"")).decode()
            time.sleep(0.005)
        return ""

    def run(self, program, prefix):
        """Returns what went wrong, or "" when it did all that it is for."""
        port = free_port()

        def fill(text):
            text = text.replace("FOLDER", str(self.place))
            return text.replace("PORT", port)
        words = ["sh", "-c", SESSION, "sh", self.seccompc, *prefix, "--"]
        words += map(fill, program.command)
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        (self.place / "input").write_text("hello\n")
        (self.place / "conf").write_text(fill(NGINX))
        with (open(self.folder / "out", "w+") as out,
              subprocess.Popen(words, cwd=self.place, stdout=out, stderr=out,
                               stdin=subprocess.DEVNULL,
                               start_new_session=True) as p):
            answer = ""
            if program.stop:
                answer = self.request(p, int(port))
                if p.poll() is None:
                    p.send_signal(program.stop)
            try:
                status = p.wait(SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                status = "it does not end"
            out.seek(0)
            answer += out.read()
        if status == 0 and program.answer in answer:
            return ""
        return f"status {status}\n{answer}"

    def learn(self, program):
        file = f"{program.name}.json"
        options = []
        if not program.steady:
            options = ["--families", "--default=SCMP_ACT_KILL_PROCESS"]
        wrong = self.run(program, ["learn", *options, "-o", f"../{file}"])
        return self.report(not wrong, f"{program.name}: it is observed", wrong)

    def under(self, program, profile):
        return self.run(program, ["run", f"../{profile}"])

    def examine(self, program):
        if not self.learn(program):
            return
        path = self.folder / f"{program.name}.json"
        self.tool("compile", "--quiet", path, "-o", "a.bpf")
        text = path.read_text()
        allowed = json.loads(text)["syscalls"][0]["names"]
        size = (self.folder / "a.bpf").stat().st_size // 8
        print(f"# {program.name}: {len(allowed)} syscalls, "
              f"{size} instructions")
        wrong = [self.under(program, "a.bpf") for _ in range(RUNS)]
        self.report(not any(wrong), f"{program.name}: works under it",
                    "".join(wrong))
        taken = [name for name in program.taken if name in allowed]
        for name in taken:
            text = re.sub(rf'"{name}",?\s*', "", text)
        (self.folder / "fewer.json").write_text(text)
        self.report(taken and self.under(program, "fewer.json"),
                    f"{program.name}: does not work without {taken}")

    def compare(self, program, log):
        """What is learned from the log, with what was observed before."""
        for _ in range(RUNS):
            log.lost, start = False, len(log.lines)
            wrong = self.under(program, "audit.bpf")
            log.settle()
            if not log.lost:
                break
        session = (self.place / "session").read_text().strip()
        lines = [line for line in log.lines[start:]
                 if f" ses={session} " in line]
        (self.folder / "log").write_text("".join(f"{x}\n" for x in lines))
        self.tool("learn", "-o", "logged.json", "log")
        observed, logged = (
            (self.folder / f"{name}.json").read_text().splitlines()
            for name in (program.name, "logged"))
        diff = difflib.unified_diff(observed, logged, "observed", "logged",
                                    lineterm="")
        self.report(
            not wrong and lines and not log.lost and observed == logged,
            f"{program.name}: the log gives what was observed",
            "\n".join([wrong, *diff]))


def programs(root, folder):
    """Those that are there, and what is missing."""
    def build(name, source, *command):
        done = subprocess.run(
            [*command, "-o", folder / name, root / source], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
            env=os.environ | {"GOCACHE": str(folder / "cache")})
        if done.returncode:
            print(done.stdout, file=sys.stderr)
        return not done.returncode
    found = [Program("bash", ["bash", "-c", BASH], ["pipe", "pipe2"])]
    python = "/usr/bin/python3"  # not one in a shell script
    if os.path.exists(python):
        found.append(Program("python3", [python, "-c", PYTHON], ["bind"]))
    if shutil.which("nginx"):
        found.append(Program(
            "nginx", ["nginx", "-c", "FOLDER/conf", "-e", "FOLDER/error.log"],
            ["bind"], signal.SIGQUIT))
    echo = "docs/examples/tutorial/echo.c"
    for name, flags in (("echo", ["-static"]),
                        ("echo32", ["-m32"]),
                        ("echo32-static", ["-m32", "-static"])):
        if build(name, echo, "cc", *flags):
            found.append(Program(name, [f"../{name}", "PORT"],
                                 ["bind", "socketcall"],
                                 signal.SIGTERM, "GET /input"))
    if shutil.which("go") and build("learned", "tests/live/learned.go",
                                    "go", "build"):
        found.append(Program("go", ["../learned", "file"], ["bind"],
                             steady=False))
    return found


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    seccompc = pathlib.Path(arguments[0]).resolve()
    root = pathlib.Path(arguments[1]).resolve()
    audit = root / "docs/examples/audit.json"
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(seccompc, pathlib.Path(folder))
        # 32-bit programs are killed under one for x86_64 alone.
        bench.tool("compile", "--quiet", "--arch=x86_64,i386", audit, "-o",
                   "audit.bpf")
        found = [p for p in programs(root, bench.folder)
                 if p.name in arguments[2:] or not arguments[2:]]
        for program in found:
            bench.examine(program)
        missing = "nginx python3 go echo32 echo32-static".split()
        for name in set(missing) - {p.name for p in found}:
            print(f"# skipped: {name}, which is not there")
        try:
            audited = [seccompc, "run", audit, "--", "true"]
            with kernel_log.KernelLog(audited) as log:
                for program in found:
                    if program.steady:
                        bench.compare(program, log)
        except kernel_log.Missing as why:
            print(f"# skipped: what the log gives: {why}")
    print(f"1..{bench.tests}")
    return 1 if bench.failures else 0


sys.exit(main(sys.argv[1:]))
