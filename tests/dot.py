#!/usr/bin/env python3
"""Pictures of programs, against running the programs.

dot.py SECCOMPC CALLS SOURCE_ROOT [TEXT]; CALLS is golden-calls.  With TEXT
only the tests are made whose names have it.

Reads each picture as text, and nothing else: the tests in its nodes decide
many calls, and the leaves that they come to have to be what the program gives
them.  Programs are those of profiles, and random ones with all instructions.
Graphviz reads some of them as well.  Prints TAP; exits 77 without Graphviz.
"""

import html
import os
import pathlib
import random
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile

NODE = re.compile(r'\t+i(\d+)([yn]?) \[label="((?:[^"\\]|\\.)*)"(.*)\];$')
EDGE = re.compile(r"\ti(\d+) -> i(\d+)([yn]?)"
                  r"( \[style=dashed, arrowhead=empty\])?;$")
OTHER = re.compile(r"//|digraph filter \{$|\t(graph|node) \[.*\];$|\t?\}$|"
                   r'\tsubgraph cluster_\w+ \{$|\t\tlabel="[\w, ]+";$')
TEST = re.compile(r"(.+?)((?: & 0x[0-9a-f]+)*) (==|>|>=|&) (x|\w+)( != 0)?$")
WORDS = {"nr": 0, "arch": 1, "ip.low": 2, "ip.high": 3}
WORDS |= {f"args[{i}].{half}": 4 + 2 * i + j for i in range(6)
          for j, half in enumerate(["low", "high"])}
ALL = 0xffffffff
ARCHES = [0xc000003e, 0x40000003, 0xc00000b7]


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False,
                          **options)


class Picture:
    def __init__(self, text):
        self.label, self.about, self.style, self.edges = {}, {}, {}, {}
        entered = set()
        for line in text.splitlines():
            node, edge = NODE.match(line), EDGE.match(line)
            if node:
                name = node[1] + node[2]
                assert name not in self.label, f"{name} is there twice"
                self.label[name], *about = node[3].split("\\n")
                self.about[name] = about[0] if about else ""
                self.style[name] = node[4]
            elif edge:
                sides = self.edges.setdefault(edge[1], {})
                assert (not edge[4]) not in sides, f"two edges: {line}"
                sides[not edge[4]] = edge[2] + edge[3]
                entered.add(edge[2] + edge[3])
            else:
                assert OTHER.match(line), f"what is this? {line}"
        first = set(self.label) - entered
        assert len(first) == 1, f"first nodes: {first}"
        assert entered <= set(self.label), "an edge to nowhere"
        self.first = first.pop()
        for name, label in self.label.items():
            sides = len(self.edges.get(name, ()))
            wanted = 2 if TEST.match(label) else 1
            leaf = bool(re.match("A$|[A-Z]{3}", label))
            assert sides == (0 if leaf else wanted), f"{name}: {sides} edges"

    def constants(self):
        """What words are compared with."""
        asked = {word: {0, 1, ALL} for word in range(16)}
        for label in self.label.values():
            test = TEST.match(label)
            if test and test[4] != "x":
                k = int(test[4], 0)
                near = {k - 1, k, k + 1, k & -k, k | 1 << 31, k | 1 << 16}
                for word in [WORDS[test[1]]] if test[1] in WORDS else asked:
                    asked[word] |= {v & ALL for v in near}
        return {word: sorted(values) for word, values in asked.items()}

    def decide(self, words):
        """The leaf of a call."""
        machine = Machine(words)
        name = self.first
        while name in self.edges:
            test = TEST.match(self.label[name])
            yes = machine.test(test) if test else \
                machine.step(self.label[name].split())
            if yes is None:
                return "KILL_THREAD"
            name = self.edges[name][yes]
        return self.label[name]


class Machine:
    def __init__(self, words):
        self.words, self.a, self.x, self.cells = words, 0, 0, {}

    def value(self, operand):
        if operand.startswith("["):
            return self.words[int(operand[1:-1]) // 4]
        if operand.startswith("M["):
            return self.cells[operand]
        return {"x": self.x, "len": 64}[operand] \
            if operand in ("x", "len") else int(operand.lstrip("#"), 0)

    def test(self, test):
        if test[1] != "A":
            self.a = self.words[WORDS[test[1]]]
            for mask in test[2].split(" & ")[1:]:
                self.a &= int(mask, 0)
        b = self.value(test[4])
        return {"==": self.a == b, ">": self.a > b, ">=": self.a >= b,
                "&": self.a & b != 0}[test[3]]

    def step(self, words):
        op, operand = words[0], (words + [""])[1]
        if op in ("st", "stx"):
            self.cells[operand] = self.a if op == "st" else self.x
        elif op == "tax":
            self.x = self.a
        elif op == "txa":
            self.a = self.x
        elif op == "ldx":
            self.x = self.value(operand)
        elif op == "ld":
            self.a = self.value(operand)
        elif op == "neg":
            self.a = -self.a & ALL
        else:
            b = self.value(operand)
            if op == "div" and b == 0:
                return None
            self.a = {"add": self.a + b, "sub": self.a - b,
                      "mul": self.a * b, "div": self.a // (b or 1),
                      "and": self.a & b, "or": self.a | b,
                      "xor": self.a ^ b, "lsh": self.a << (b & 31),
                      "rsh": self.a >> (b & 31)}[op] & ALL
        return True


def choose_calls(picture, count):
    asked = picture.constants()
    for _ in range(count):
        words = [random.choice(asked[word]) if random.random() < 0.7 else 0
                 for word in range(16)]
        words[1] = random.choice(ARCHES)
        words[2] = words[3] = 0  # CALLS has no other
        yield words


def numbers_agree(tools, program, picture, count):
    """Whether what the picture decides is what the program returns."""
    lines = []
    for words in choose_calls(picture, count):
        label = picture.decide(words)
        if label == "A":
            continue  # CALLS has names of actions, not all values
        args = [words[4 + 2 * i] | words[5 + 2 * i] << 32 for i in range(6)]
        lines.append(f"{words[1]:#x} {words[0]:#x} "
                     f"{' '.join(map(hex, args))} -> {label}\n")
    if not lines:
        return None
    tools.calls_tried += len(lines)
    calls = tools.folder / "calls"
    calls.write_text("".join(lines))
    done = run(tools.calls, program, calls)
    wrong = [line for line in done.stdout.splitlines()
             if line.startswith("not ok")]
    return (done.returncode or not done.stdout) and \
        "\n".join(wrong[:3] or [done.stderr or "no calls"])


def random_instruction(left, plain):
    """As the kernel takes it, most often; plain: as compilers use them."""
    code = random.choice([
        0x20, 0x20, 0x54, 0x05, 0x06, 0x15, 0x25, 0x35, 0x45] if plain else [
            0x20, 0x20, 0x20, 0x54, 0x54, 0x80, 0x81, 0x00, 0x01, 0x60, 0x61,
        0x02, 0x03, 0x04, 0x0c, 0x14, 0x24, 0x34, 0x3c, 0x44, 0x4c, 0x5c,
        0x64, 0x6c, 0x74, 0x84, 0xa4, 0xac, 0x05, 0x15, 0x15, 0x1d, 0x25,
        0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x06, 0x07, 0x87])
    k = random.choice([0, 1, 2, 3, 4, 5, 6, 7] if plain else [
        0, 1, 2, 3, 5, 16, 59, 0x40000000, 0xc000003e, ALL])
    if code == 0x20:
        k = 4 * random.choice([0, 1, 0, 1, 4, 5, 6, 9])
    elif code in (0x02, 0x03, 0x60, 0x61):
        k = 0
    elif code == 0x34:
        k |= 1
    elif code in (0x64, 0x74):
        k %= 32
    elif code == 0x05:
        k = random.randrange(left)
    elif code == 0x06:
        k = random.choice([0, 0x7fff0000, 0x50001, 0x7ffc0000, 0x30000])
    near = min(left, 4 if plain else 256)
    return struct.pack("HBBI", code, random.randrange(near),
                       random.randrange(near), k)


def random_program():
    count = random.randrange(2, 40)
    plain = random.random() < 0.5
    body = [random_instruction(count - i - 1, plain)
            for i in range(count - 1)]
    if not plain and random.random() < 0.5:
        body[0] = struct.pack("HBBI", 0x02, 0, 0, 0)
    return b"".join(body) + struct.pack(
        "HBBI", random.choice([0x06, 0x16]), 0, 0, 0x7fff0000)


class Tools:
    def __init__(self, folder, seccompc, calls, root, only=""):
        self.only = only
        self.seccompc = pathlib.Path(seccompc).resolve()
        self.calls = pathlib.Path(calls).resolve()
        self.root = pathlib.Path(root).resolve()
        self.folder = pathlib.Path(folder)
        self.tests = self.failures = self.calls_tried = 0
        self.numbers = self.list_numbers()

    def list_numbers(self):
        """By name, the numbers on each ABI as filters see them."""
        lines = run(self.seccompc, "syscalls").stdout.splitlines()[1:]
        rows = [line.split() for line in lines]
        return {row[0]: {abi: int(row[at], 0) for abi, at in (
            ("x86_64", 1), ("i386", 3), ("x32", 5)) if row[at] != "-"}
                for row in rows}

    def report(self, text, wrong):
        self.tests += 1
        self.failures += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.tests} - {text}")
        for line in str(wrong or "").splitlines():
            print(f"# {line}")

    def judge(self, program, dot, count):
        """What is wrong with a picture of a program."""
        try:
            return numbers_agree(self, program, Picture(dot), count)
        except (AssertionError, KeyError, IndexError) as error:
            return repr(error)

    def wants(self, text):
        return self.only in text


def check_names(tools, picture):
    """That numbers are those of the syscalls beside them; how many are."""
    named = 0
    for name, about in picture.about.items():
        test = TEST.match(picture.label[name])
        if not test or test[1] not in ("nr", "A"):
            continue
        for call in filter(None, re.sub("^>=? ", "", about).split(", ")):
            abi, _, call = call.rpartition(" ")
            numbers = tools.numbers.get(call, {})
            assert int(test[4], 0) in ([numbers.get(abi)] if abi else
                                       numbers.values()), \
                f"{name}: {picture.label[name]} is not {abi} {call}"
            named += 1
    return named


def profiles(root):
    for path in sorted([*root.glob("docs/examples/*.json"),
                        *root.glob("tests/golden/*.json"),
                        *root.glob("tests/live/profiles/*.json")]):
        opts = path.with_suffix(".opts")
        yield path, shlex.split(opts.read_text()) if opts.exists() else []


def try_profiles(tools):
    program = tools.folder / "program.bpf"
    named = 0
    for path, opts in profiles(tools.root):
        command = [tools.seccompc, "compile", "--quiet", *opts, path]
        if not tools.wants(path.name) or run(*command, "-o", program).returncode:
            continue
        dot = run(*command, "-f", "dot").stdout
        tools.report(path.name, tools.judge(program, dot, 150))
        try:
            named += check_names(tools, Picture(dot))
        except AssertionError as error:
            tools.report(f"{path.name}: names", error)
        again = run(tools.seccompc, "disasm", "-f", "dot", program).stdout
        if re.sub("^//.*\n", "", dot, flags=re.M) != again:
            tools.report(f"{path.name}: the same from disasm", "it is not")
    if not tools.only:
        tools.report(f"{named} names of numbers", named < 500 and "too few")


def try_random(tools):
    tools.calls_tried = 0
    program = tools.folder / "random.bpf"
    drawn = 0
    for _ in range(400):
        program.write_bytes(random_program())
        done = run(tools.seccompc, "disasm", "-f", "dot", program)
        if done.returncode:
            continue
        drawn += 1
        wrong = tools.judge(program, done.stdout, 40)
        if wrong:
            tools.report("a random program", f"{wrong}\n{done.stdout}")
    tools.report(f"{drawn} random programs, {tools.calls_tried} calls",
                 (drawn < 30 or tools.calls_tried < 5000) and "too few")


def try_looks(tools):
    """One shape and colour for each action, and no two alike."""
    looks = {}
    for path, opts in profiles(tools.root):
        done = run(tools.seccompc, "compile", "--quiet", *opts, path, "-f",
                   "dot")
        if done.returncode == 0:
            picture = Picture(done.stdout)
            for name, label in picture.label.items():
                if re.match("[A-Z]{3}", label):
                    kind = label.split("(")[0]
                    looks.setdefault(kind, set()).add(picture.style[name])
    groups = [looks.get(kind, set()) for kind in (
        "ALLOW", "LOG", "ERRNO", "TRAP", "KILL_PROCESS", "TRACE")]
    one = all(len(group) == 1 for group in groups)
    tools.report("looks of leaves", not one and f"{looks}")
    alike = len(set().union(*groups)) < len(groups)
    tools.report("no two alike", alike and f"{looks}")


def try_graphviz(tools):
    if not shutil.which("dot"):
        print("# skipped: there is no Graphviz")
        return False
    # A name that is no comment's, nor a string's.
    name = 'a"\n}];*\\' + ".json"
    hostile = tools.folder / name
    hostile.write_text((tools.root / "docs/examples/audit.json").read_text())
    for path in [*sorted(tools.root.glob("docs/examples/*.json")), hostile]:
        dot = run(tools.seccompc, "compile", "--quiet", path, "-f", "dot")
        done = run("dot", "-Tsvg", input=dot.stdout)
        nodes = done.stdout.count('<g id="node')
        wanted = len(Picture(dot.stdout).label)
        tools.report(f"Graphviz draws {ascii(path.name)}",
                     (done.stderr or nodes != wanted) and
                     f"{nodes} nodes, not {wanted}\n{done.stderr}")
    return True


def try_image(tools):
    """The image in docs/ is of the program that is made today."""
    svg = (tools.root / "docs/images/fine-grained.svg").read_text()
    dot = run(tools.seccompc, "compile", "--quiet", "--arch=x86_64", "-f",
              "dot", tools.root / "docs/examples/fine-grained.json").stdout
    shown = re.findall(r'<g id="node\d+" class="node">\n'
                       r"<title>i(\w+)</title>(.*?)</g>", svg, flags=re.S)
    shown = {name: html.unescape("\\n".join(
        re.findall("<text[^>]*>(.*?)</text>", text)))
             for name, text in shown}
    edges = set(re.findall(r"<title>i(\w+)&#45;&gt;i(\w+)</title>", svg))
    lines = dot.splitlines()
    nodes = {node[1] + node[2]: node[3]
             for node in map(NODE.match, lines) if node}
    lines = {(edge[1], edge[2] + edge[3])
             for edge in map(EDGE.match, lines) if edge}
    tools.report("docs/images/fine-grained.svg",
                 (shown != nodes or edges != lines) and
                 "it is out of date: docs/testing.md says how it is made")


def main(arguments):
    if len(arguments) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    random.seed(int(os.environ.get("SECCOMPC_SEED", "1")))
    with tempfile.TemporaryDirectory() as folder:
        tools = Tools(folder, *arguments)
        try_profiles(tools)
        if tools.wants("a random program"):
            try_random(tools)
        if tools.wants("no two alike"):
            try_looks(tools)
        if tools.wants("fine-grained.svg"):
            try_image(tools)
        drawn = not tools.wants("Graphviz") or try_graphviz(tools)
    print(f"1..{tools.tests}")
    return 1 if tools.failures else 0 if drawn else 77


sys.exit(main(sys.argv[1:]))
