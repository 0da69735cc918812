#!/usr/bin/env python3
"""Does what docs/tutorial.md tells its readers to do.

tutorial.py [--update] SECCOMPC SOURCE_ROOT

Its ```console blocks are for one shell, from the first to the last, as
tests/docs.py has them, and besides:

  COMMAND &          when it has printed what it has to, the next is run
  8080               is a port that is free
  …                  stands for any text, and in a line of its own for any
                     lines
  <!-- needs: log -->  the next block is left out where the kernel's log
                     cannot be read; before commands that read it, it is
                     waited until all is there

--update writes what commands print into the document, but for what fits.
Prints TAP.
"""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import docs  # noqa: E402
import kernel_log  # noqa: E402
from free_port import free_port  # noqa: E402

SECONDS = 20


class Shell:
    """A shell that takes commands one by one, and what is printed by all
    that it started."""

    def __init__(self, folder, seccompc):
        path = f"{seccompc.parent}:{os.environ['PATH']}"
        self.process = subprocess.Popen(
            ["sh"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
            env={"PATH": path, "LC_ALL": "C", "HOME": str(folder)})
        self.printed = ""
        self.news = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while data := os.read(self.process.stdout.fileno(), 65536):
            with self.news:
                self.printed += data.decode(errors="replace")
                self.news.notify()

    def wait(self, done, seconds=SECONDS):
        """Whether that comes true of what was printed."""
        with self.news:
            return self.news.wait_for(lambda: done(self.printed), seconds)

    def run(self, command, enough):
        """What it prints; to the end, and until that is enough."""
        mark = f"-- {os.urandom(8).hex()} --"
        text = f"{{ {command}\n}} </dev/null\nprintf '\\n%s\\n' '{mark}'\n"
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

        def got(printed):
            # Behind the mark is what runs in the background.
            return printed.replace(f"\n{mark}\n", "", 1)
        if not self.wait(lambda printed: f"\n{mark}\n" in printed):
            return self.printed + "\n(it does not end)"
        if command.endswith("&"):
            self.wait(lambda printed: enough(got(printed)), 5)
        with self.news:
            text, self.printed = got(self.printed), ""
        return text

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.stdin.close()
        self.process.wait()


def fits(expected, printed):
    """Whether lines are what a document says."""
    pattern = "".join(
        "(?:.*\n)*?" if line == "…" else
        ".*".join(re.escape(part) for part in line.split("…")) + "\n"
        for line in expected)
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed))


class Page(docs.Document):
    def __init__(self, tools, path, folder, log):
        super().__init__(tools, path, folder)
        self.shell = Shell(folder, tools.seccompc)
        self.port, self.log = free_port(), log
        self.left_out = 0

    def block(self, line, kind, block, comment):
        if comment and comment[0] == "needs":
            comment = None
            if not self.log:
                self.left_out += 1
                return block
        return super().block(line, kind, block, comment)

    def command(self, line, command, expected):
        if self.log and "dmesg" in command:
            self.log.settle()

        def lines(text):
            text = text.replace("\r", "").replace(self.port, "8080")
            return text.splitlines()
        printed = lines(self.shell.run(
            command.replace("8080", self.port),
            lambda text: fits(expected, lines(text))))
        if fits(expected, printed):
            printed = expected
        self.compare(line, command, expected, printed)
        return printed


def follow(tools, root, log, update):
    path = root / "docs/tutorial.md"
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "docs").symlink_to(root / "docs")
        page = Page(tools, path, pathlib.Path(folder), log)
        try:
            text = page.examine()
        finally:
            page.shell.end()
    if update and text != path.read_text():
        path.write_text(text)
    return page


def main(arguments):
    update = "--update" in arguments
    arguments = [a for a in arguments if a != "--update"]
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    tools = docs.Tools(arguments[0], "")
    root = pathlib.Path(arguments[1]).resolve()
    audited = [tools.seccompc, "run", root / "docs/examples/audit.json", "--",
               "true"]
    with contextlib.ExitStack() as stack:
        try:
            # The limit is lifted by the reader.
            log = stack.enter_context(
                kernel_log.KernelLog(audited, lift=False))
        except kernel_log.Missing as why:
            log = None
            print(f"# {why}")
        page = follow(tools, root, log, update)
    if page.left_out:
        print(f"# skipped: {page.left_out} blocks that need the log of the "
              "kernel: 'learn --' alone is tried")
    print(f"1..{page.examples}")
    return 1 if page.failures else 0


sys.exit(main(sys.argv[1:]))
