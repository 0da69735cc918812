#!/usr/bin/env python3
"""Reports, read back and held against programs that are run.

report.py SECCOMPC CALLS SOURCE_ROOT [TEXT]; CALLS is not used.  With TEXT only
the tests are made whose names have it.  SECCOMPC_REPORT_STEP=1 takes all
profiles of the shared folder.

Pages have to be well-formed, with no text of a profile in their markup; their
links lead somewhere, in the page.  Each verdict, each condition and each leaf
of a tree has to be what the program gives such calls, which a second compile
wrote and an interpreter here runs.  Prints TAP.
"""

import errno
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import report_page as pages
from report_page import ARCH, BIT, MASK32, MASK64, Condition, Page, Program, Tables, \
    action_value, check_structure

TARGET = ["--caps=docker", "--kernel=6.1", "--conflicts=strictest",
          "--repeated-index=or", "--quiet"]
RANDOM = random.Random(1)


class Test:
    def __init__(self, seccompc, root, work, only):
        self.seccompc, self.root = seccompc, root
        self.work, self.only = work, only
        self.tables = Tables(seccompc)
        self.count = self.failures = 0

    def ok(self, name, work, *args):
        if self.only not in name:
            return
        self.count += 1
        try:
            work(*args)
            print(f"ok {self.count} - {name}")
        except AssertionError as wrong:
            self.failures += 1
            print(f"not ok {self.count} - {name}")
            for line in str(wrong).splitlines():
                print(f"# {line}")

    def report(self, *args, status=0):
        done = subprocess.run(
            [self.seccompc, "report", *map(str, args), "-o", "-"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            timeout=120)
        assert done.returncode == status, (done.returncode, done.stderr)
        return done.stdout.decode()

    def program(self, profile, *options):
        done = subprocess.run(
            [self.seccompc, "compile", *options, profile],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            timeout=120)
        assert done.returncode == 0, done.stderr
        return Program(done.stdout)


def samples(constants):
    """Values around constants, in both halves, and random ones."""
    near = {0, 1, MASK64, 1 << 32}
    for k in constants:
        for v in (k - 1, k, k + 1, k ^ (k & -k), ~k):
            near |= {v & MASK32, v & MASK64, v & MASK32 | 1 << 32,
                     v << 32 & MASK64, v & MASK32 | 0xffffffff00000000}
    return sorted(near)


def some_args(values, count):
    for v in values[:count]:
        yield (v,) * 6
    for _ in range(count):
        yield tuple(RANDOM.choice(values) for _ in range(6))


def cell_cases(cell, tables, abi, name):
    """(action, condition or None) of a cell that depends on arguments."""
    for item in cell.all("li"):
        action = action_value(item.one("b").text)
        words = item.all("span", "w")
        if words:
            end = item.text.partition(words[0].text)[2]
            assert end in ("", " and in more cases"), item.text
            condition = Condition(words[0].text, tables, abi, name)
            condition.complete = not end
            yield action, condition
        else:
            assert item.text.endswith(" otherwise"), item.text
            yield action, None


def check_cell(cell, test, program, abi, name, around):
    number = int(cell.one("span", "n").text)
    abis = test.tables.by_name[name][abi]
    assert number | BIT[abi] == abis["number"], (abi, name, number)
    since = cell.all("span", "since")
    assert (since[0].text if since else None) == abis["since"], name
    badge = [b for b in cell.children
             if isinstance(b, pages.Node) and b.tag == "b"][0]
    if badge.text != "depends":
        wanted = action_value(badge.text)
        assert badge.classes[0] == "v" and len(badge.classes) == 2
        for args in some_args(around, 6):
            got = program.run(abi, number | BIT[abi], args)[0]
            assert got == wanted, (abi, name, args, badge.text, hex(got))
        return
    cases = list(cell_cases(cell, test.tables, abi, name))
    near = samples(set().union(*[c.constants() for _, c in cases if c]))
    rest = [action for action, c in cases if not c]
    seen = set()
    assert len(rest) == 1, cell.text
    at_edges = [args for _, c in cases if c for args in c.examples()]
    for args in itertools.chain(at_edges, some_args(near, 100)):
        held = [action for action, c in cases if c and c.holds(args)]
        assert len(held) < 2, (abi, name, args, held)
        wanted = held[0] if held else rest[0]
        got = program.run(abi, number | BIT[abi], args)[0]
        if not held and not all(c.complete for _, c in cases if c):
            wanted = got
        assert got == wanted, (abi, name, args, hex(wanted), hex(got))
        seen.add(got)
    assert len(seen) > 1, (abi, name, "depends, and does not")


def check_verdicts(article, test, program):
    table = article.one("table", "verdicts")
    abis = [t.text for t in table.all("th", "abi")]
    around = samples(program.constants() & set(range(1 << 16)))
    RANDOM.shuffle(around)
    rows = table.one("tbody").all("tr")
    named = [r.one("th").text for r in rows]
    assert named == sorted(n for n, a in test.tables.by_name.items()
                           if set(a) & set(abis)), "not all syscalls"
    for row, name in zip(rows, named):
        cells = row.all("td")[:len(abis)]
        for abi, cell in zip(abis, cells):
            if cell.text == "none":
                assert abi not in test.tables.by_name[name]
            else:
                check_cell(cell, test, program, abi, name, around)
    check_gaps(article.one("table", "gaps"), test, program, abis)
    check_places(article, rows)
    check_figures(article, rows, abis, program)
    return abis


def check_places(article, rows):
    """Lines that decide have the name, or the default action."""
    lines = {"#" + s.get("id"): s.text
             for s in article.one("pre", "source").all("span")}
    for row in rows:
        name = row.one("th").text
        place = row.all("td")[-1]
        for link in place.all("a"):
            line = lines[link.get("href")]
            number = re.match("line ([0-9]+)$", link.text)[1]
            assert line.startswith(number), (name, link.text, line)
            wanted = "defaultAction" if "default" in place.text else name
            assert f'"{wanted}"' in line or "more bytes" in line or \
                name in ("socketcall", "ipc"), (name, line)
        assert place.all("a") or "newer than the profile" in place.text


def check_findings(article):
    """A finding and its line lead to each other."""
    lines = {"#" + s.get("id"): s
             for s in article.one("pre", "source").all("span")}
    for finding in article.all("li", "finding"):
        links = finding.one("p", "at").all("a")
        back = "#" + finding.get("id")
        assert links or not finding.all("pre"), finding.text
        for link in links:
            line = lines[link.get("href")]
            assert back in [a.get("href") for a in line.all("a")], back
            shown = finding.one("pre").text.split("\n")[0]
            number, _, text = shown.partition(" |")
            assert line.one("i").text == number.strip(), shown
            text = text.strip(" …")[:40]
            assert "?" in text or "\\" in line.text or \
                "more bytes" in line.text or \
                text in line.text.replace("\t", " "), (text, line.text)


def check_figures(article, rows, abis, program):
    """Figures count what the table of verdicts has."""
    section = [s for s in article.all("section")
               if (s.get("aria-labelledby") or "").endswith("-figures")][0]
    assert str(len(program.code)) in [d.text for d in section.all("dd")]
    of_row = [[b.classes[1] for b in row.all("b", "v")
               if b.parent.tag == "td"] for row in rows]
    present = [[c.text != "none" for c in row.all("td")[:len(abis)]]
               for row in rows]
    figures = section.one("tbody").all("tr")
    assert [f.one("th").text for f in figures] == abis
    for i, figure in enumerate(figures):
        kinds = [of[sum(there[:i])] for of, there in zip(of_row, present)
                 if there[i]]
        counts = [len(kinds)] + [kinds.count(k) for k in
                                 ("allow", "depends", "log", "ask")] + \
            [kinds.count("errno") + kinds.count("kill")]
        shown = [int(c.text) for c in figure.all("td", "num")]
        assert shown[:-1] == counts and shown[-1] <= counts[1], \
            (abis[i], shown, counts)
        parts = [r for r in figure.all("rect") if "cached" not in r.classes]
        assert sum(int(r.get("width")) for r in parts) == 600
        for part in parts:
            share = counts[1 + ("allow", "depends", "log", "ask",
                                "errno").index(part.classes[0])]
            assert abs(int(part.get("width")) - share * 600 / counts[0]) < 1.5


def check_gaps(table, test, program, abis):
    """Numbers without a name: at both ends of ranges and within.  With the
    names they have to be all numbers, each once."""
    covered = {ARCH[abi]: [] for abi in abis}
    for row in table.one("tbody").all("tr"):
        abi, numbers = row.one("th").text, row.all("td")[0].text
        action = row.all("td")[1].all("b")[0].text
        if abi == "any other":
            for arch in (0, 0xc00000b7, MASK32):
                got = program.run(None, 0, arch=arch)[0]
                assert got == action_value(action), arch
            continue
        first, _, last = numbers.partition("–")
        first, last = int(first, 0), int(last or first, 0)
        covered[ARCH[abi]].append((first, last))
        for n in {first, last, (first + last) // 2}:
            got = program.run(abi, n)[0]
            assert action == "depends" or got == action_value(action), \
                (abi, n, action, hex(got))
    for abi in abis:
        covered[ARCH[abi]] += [(a[abi]["number"],) * 2 for a in
                               test.tables.by_name.values() if abi in a]
    for ranges in covered.values():
        ranges.sort()
        assert ranges[0][0] == 0 and ranges[-1][1] == MASK32
        assert all(a[1] + 1 == b[0] for a, b in zip(ranges, ranges[1:]))


LABEL = re.compile(r"(\w+|args\[\d\])\.(low|high)(?: & (0x\w+))? "
                   r"(=|>|≥|&) (\w+)( ≠ 0)?")


class ArgumentTree:
    """Tests on arguments, as the list says."""

    def __init__(self, heading, items):
        callers = heading.text.partition(": ")[2].partition(" and ")[0]
        self.callers = [c.split() for c in callers.split(", ")]
        self.tests = []
        for item in items:
            label = LABEL.fullmatch(item.one("code").text)
            sides = re.fullmatch(r".*\? Yes: (.*), no: (.*)", item.text)
            assert label and sides, item.text
            self.tests.append((label.groups(), sides.groups()))

    def decide(self, tables, abi, name, args):
        at = 1
        while True:
            label, (yes, no) = self.tests[at - 1]
            word, half, mask, sign, k, _ = label
            index = tables.argument(abi, name, word)
            value = args[index] >> (32 if half == "high" else 0) & MASK32
            value &= int(mask, 0) if mask else MASK32
            k = int(k, 0)
            holds = {"=": value == k, ">": value > k, "≥": value >= k,
                     "&": value & k != 0}[sign]
            to = yes if holds else no
            if not to.startswith("test "):
                return action_value(to)
            at = int(to[5:])


def find_argument_trees(section):
    """By id; a list follows its heading, behind the picture."""
    found = {}
    nodes = [n for n in section.children if isinstance(n, pages.Node)]
    for i, node in enumerate(nodes):
        if node.tag == "h4" and "-args" in node.get("id"):
            found["#" + node.get("id")] = \
                ArgumentTree(node, nodes[i + 2].one("ol").all("li"))
    return found


def check_tree(article, test, program, abis):
    section = [s for s in article.all("section")
               if (s.get("aria-labelledby") or "").endswith("-tree")][0]
    trees = find_argument_trees(section)
    around = samples(program.constants())
    tables = section.all("table", "ranges")
    used = set()
    assert len(tables) == len(abis)
    for abi, table in zip(abis, tables):
        names = []
        for row in table.one("tbody").all("tr"):
            verdict, numbers, calls, count = row.all("td")
            calls = [c for c in calls.text.split(", ") if c]
            names += calls
            first, _, last = re.sub("some of ", "",
                                    numbers.text).partition("–")
            for name in calls:
                number = test.tables.number(abi, name)
                assert int(first) <= number ^ BIT[abi] <= \
                    int(last or first), (abi, name, numbers.text)
                link = verdict.all("a")
                if not link:
                    got = program.run(abi, number)
                    assert got == (action_value(verdict.text),
                                   int(count.text)), (abi, name, got)
                    continue
                tree = trees[link[0].get("href")]
                used.add(link[0].get("href"))
                for args in some_args(around, 40):
                    got = program.run(abi, number, args)[0]
                    said = tree.decide(test.tables, abi, name, args)
                    assert got == said, (abi, name, args, hex(said))
        assert sorted(names) == sorted(
            n for n, a in test.tables.by_name.items() if abi in a), abi
    assert used == set(trees), "trees that nobody comes to"
    check_pictures(section)


def check_pictures(section):
    """Every leaf and every test of the texts is in some picture."""
    drawn = [svg for svg in section.all("svg")]
    leaves = sum(len(t.one("tbody").all("tr"))
                 for t in section.all("table", "ranges"))
    in_pictures = sum(len(svg.all("text", "names")) -
                      sum("below" in t.text for t in svg.all("text", "leaf"))
                      for svg in drawn)
    assert leaves == in_pictures, (leaves, in_pictures)
    tests = sum(len(o.all("li")) for o in section.all("ol"))
    assert tests == sum(len(svg.all("tspan", "ordinal")) for svg in drawn)


def check_profile(test, path, *options):
    text = test.report(*TARGET, *options, path)
    page = Page(text)
    check_structure(page)
    article = page.root.one("article")
    if not article.all("table", "verdicts"):
        raise AssertionError("no verdicts")
    program = test.program(path, *TARGET, *options)
    check_findings(article)
    abis = check_verdicts(article, test, program)
    check_tree(article, test, program, abis)
    assert article.one("pre", "source").text.count("\n") == \
        len(article.one("pre", "source").all("span"))


def check_same(test, path):
    assert test.report(*TARGET, path) == test.report(*TARGET, path)


EVIL = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>',
        "' onfocus='x", "</style><style>*{}", "</script>", "</pre></table>",
        "<!--", "]]>", "&lt;b&gt;", "&#60;b>", "javascript:alert(1)",
        "\u202egnp.exe", "a\u2028b", "\x7f\x9b31m", "</title>", "{{x}}",
        "\t", "\u00e9\U0001f600", "%s%n"]


def write_profile(test, name, value):
    path = pathlib.Path(test.work) / name
    path.write_text(value if isinstance(value, str)
                    else json.dumps(value, indent=1, ensure_ascii=False))
    return path


def check_evil(test):
    """Wherever a profile can have a text."""
    profile = {
        "defaultAction": "SCMP_ACT_ERRNO", "architectures":
            ["SCMP_ARCH_X86_64"],
        "comment": EVIL, "listenerPath": EVIL[0],
        "syscalls": [
            {"names": [text], "action": "SCMP_ACT_ALLOW", "comment": text,
             text: text, "includes": {"caps": [text]}} for text in EVIL]}
    name = "<b onclick='x'>&amp;\"--><script>x.json"
    path = write_profile(test, name, profile)
    page = Page(test.report(*TARGET, path))
    check_structure(page)
    assert name in page.root.one("h2").text
    source = page.root.one("pre", "source").text
    for text in EVIL:
        shown = json.dumps(text, ensure_ascii=False)
        shown = re.sub("[\x7f\x9b\u202e\u2028]",
                       lambda c: f"\\u{ord(c[0]):04x}", shown)
        assert shown in source, text
    messages = [li.text for li in page.root.all("li", "finding")]
    assert any("<script>alert(1)</script>" in m for m in messages)


def check_refused(test):
    """Bytes that are no profile are shown, with why."""
    for i, text in enumerate(["{", "", "<b>", '{"defaultAction": 1}',
                              "\x00\x01<i>\x00", "[" * 100000]):
        path = write_profile(test, f"refused{i}.json", text)
        page = Page(test.report(path, status=1))
        check_structure(page)
        article = page.root.one("article")
        assert article.all("b", "error") and article.all("li", "finding")
        assert not article.all("table")
    page = Page(test.report(path, test.root / "docs/examples/audit.json",
                            status=1))
    check_structure(page)
    assert len(page.root.all("article")) == 2
    assert len(page.root.one("table", "overview").all("tr")) == 3


def check_limits(test):
    """Long lines and long texts are cut, and it is said."""
    rule = '{"names": ["read"], "action": "SCMP_ACT_ALLOW"}'
    lines = '{"defaultAction": "SCMP_ACT_ERRNO",%s "syscalls": [%s]}' % (
        "\n" * 30000, rule)
    page = Page(test.report(write_profile(test, "lines.json", lines)))
    check_structure(page)
    source = page.root.one("pre", "source")
    assert len(source.all("span")) == 20000
    assert "Only the first 20000 lines" in page.source
    long = '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [%s]}' % (
        " " * 5000000 + rule)
    text = test.report(write_profile(test, "long.json", long))
    check_structure(Page(text))
    assert "more bytes" in text and len(text) < 1000000, len(text)
    many = ", ".join('{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": '
                     '[{"index": %d, "value": %d, "op": "SCMP_CMP_EQ"}]}' %
                     (i % 6, i * 7919) for i in range(3000))
    many = '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [%s]}' % many
    text = test.report(write_profile(test, "many.json", many))
    check_structure(Page(text))
    assert "too large to draw" in text


def check_help(test):
    """The examples of --help run as printed."""
    text = subprocess.run([test.seccompc, "report", "--help"], check=True,
                          stdout=subprocess.PIPE, timeout=60).stdout.decode()
    examples = re.findall(r"^  seccompc (report .*)$", text, re.M)
    work = pathlib.Path(test.work) / "help"
    work.mkdir()
    for name in ("profile", "default", "old", "new"):
        (work / f"{name}.json").write_text(json.dumps(CONDITIONS))
    assert len(examples) > 2, text
    for example in examples:
        done = subprocess.run(
            [pathlib.Path(test.seccompc).resolve(), *example.split(), "--quiet"],
            cwd=work, stderr=subprocess.PIPE, check=False, timeout=60)
        assert done.returncode == 0 and not done.stderr, done.stderr
        check_structure(Page((work / "report.html").read_text()))
        (work / "report.html").unlink()


def check_status(test):
    """What is wrong with the command line is 2, with files 1."""
    path = str(test.root / "docs/examples/audit.json")
    for status, args in ((2, [path]), (2, ["-o", "-"]), (2, ["--no", path]),
                         (2, ["--for=x", path, "-o", "-"]),
                         (1, ["/nonexistent.json", "-o", "-"]),
                         (1, ["--baseline=/nonexistent", path, "-o", "-"]),
                         (1, [path, "-o", "/nonexistent/x.html"])):
        done = subprocess.run([test.seccompc, "report", *args], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60)
        assert done.returncode == status and not done.stdout and \
            done.stderr, (args, done)


def check_too_many(test):
    path = test.root / "docs/examples/audit.json"
    done = subprocess.run([test.seccompc, "report", *[path] * 101, "-o", "-"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, timeout=60)
    assert done.returncode == 1 and not done.stdout, done.returncode
    assert b"101 profiles" in done.stderr, done.stderr


class Difference:
    """When two sides differ: "a or b, but not when c", "except when c"."""

    def __init__(self, text, *about):
        text = text.removesuffix(" or others")
        self.never = text == "on some arguments"
        where, _, beside = text.partition(", but not when ")
        if where.startswith("except when "):
            where, beside = "always", where.removeprefix("except when ")
        self.where = None if self.never or where == "always" else \
            Condition(where, *about)
        self.beside = Condition(beside, *about) if beside else None

    def holds(self, args):
        return not self.never and \
            (not self.where or self.where.holds(args)) and \
            not (self.beside and self.beside.holds(args))


def check_baseline(test, new, old):
    page = Page(test.report(*TARGET, f"--baseline={old}", new))
    check_structure(page)
    here, there = test.program(new, *TARGET), test.program(old, *TARGET)
    table = page.root.one("table", "diff")
    around = samples(here.constants() | there.constants())
    named = set()
    where = None
    for row in table.one("tbody").all("tr"):
        if row.all("th"):
            where = [li.text for li in row.one("th").all("li")]
        order, old_action, new_action, when = [c.text for c in
                                               row.all("td")[:4]]
        for place in where:
            abi, _, names = place.partition(": ")
            for name in names.split(", ") if abi in ARCH else []:
                number = test.tables.number(abi, name)
                named.add((abi, name))
                condition = Difference(when, test.tables, abi, name)
                for args in some_args(around, 20):
                    if not condition.holds(args):
                        continue
                    a = here.run(abi, number, args)[0]
                    b = there.run(abi, number, args)[0]
                    assert a == action_value(new_action), (abi, name, args)
                    assert b == action_value(old_action), (abi, name, args)
        assert order in ("stricter", "weaker", "other data"), order
    for name, abis in test.tables.by_name.items():
        for abi, call in abis.items():
            for args in some_args(around, 3):
                same = here.run(abi, call["number"], args)[0] == \
                    there.run(abi, call["number"], args)[0]
                assert same or (abi, name) in named, (abi, name)


def luminance(colour):
    """Of #rrggbb (WCAG 2.1, relative luminance)."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4
               for p in parts]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def check_contrast(test):
    """Of every text on everything that it can lie on."""
    css = (test.root / "compiler/report/report.css").read_text()
    themes = re.findall(r":root \{([^}]*--bg[^}]*)\}", css)
    assert len(themes) == 2, "light and dark"
    kinds = ["allow", "log", "ask", "errno", "kill", "depends"]
    pairs = [(f"--{k}-fg", f"--{k}") for k in kinds]
    pairs += [("--fg", f"--{k}") for k in kinds]
    pairs += itertools.product(["--fg", "--muted", "--link"],
                               ["--bg", "--panel"])
    pairs += [("--fg", "--mark"), ("--link", "--mark"), ("--muted", "--mark")]
    decorations = {"--line"}
    for theme in themes:
        colours = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", theme))
        assert {c for p in pairs for c in p} | decorations == set(colours)
        for text, ground in pairs:
            got = contrast(colours[text], colours[ground])
            assert got >= 4.5, (text, ground, round(got, 2))
    used = set(re.findall(r"var\((--[\w-]+)\)", css))
    assert used == {c for p in pairs for c in p} | decorations, used
    plain = re.sub(r":root \{[^}]*\}", "", css)
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", plain), "other colours"


CONDITIONS = {
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    "syscalls": [
        {"names": ["read", "exit"], "action": "SCMP_ACT_ALLOW"},
        {"names": ["write"], "action": "SCMP_ACT_LOG"},
        {"names": ["ptrace"], "action": "SCMP_ACT_TRACE", "errnoRet": 7},
        {"names": ["reboot"], "action": "SCMP_ACT_KILL_PROCESS"},
        {"names": ["swapon"], "action": "SCMP_ACT_TRAP"},
        {"names": ["mlock"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
for _name, _op, _value, _second in [
        ("clone", "MASKED_EQ", 0x7e020000, 0), ("personality", "EQ", 8, 0),
        ("lseek", "NE", 2, 0), ("kill", "LT", 0x80000000, 0),
        ("mmap", "GE", 0x100000001, 0), ("dup2", "LE", 2, 0),
        ("prctl", "MASKED_EQ", 0xff00000000, 0x1200000000),
        ("ioctl", "GT", 0x5412, 0)]:
    CONDITIONS["syscalls"].append({
        "names": [_name], "action": "SCMP_ACT_ALLOW", "args": [
            {"index": 1, "value": _value, "valueTwo": _second,
             "op": "SCMP_CMP_" + _op},
            {"index": 0, "value": 9, "op": "SCMP_CMP_LE"}]})


# More alternatives than are spelled out.
CONDITIONS["syscalls"] += [
    {"names": ["futex"], "action": "SCMP_ACT_ALLOW", "args": [
        {"index": 1, "value": 37 * i, "op": "SCMP_CMP_EQ"}]}
    for i in range(1, 21)]


def make_examples(test):
    root = test.root
    test.ok("contrast of colours", check_contrast, test)
    for example in ["audit", "fine-grained", "violation"]:
        test.ok(f"{example}: what the program does", check_profile, test,
                root / f"docs/examples/{example}.json")
    conditions = write_profile(test, "conditions.json", CONDITIONS)
    test.ok("conditions: what the program does", check_profile, test,
            conditions)
    test.ok("one ABI: what the program does", check_profile, test,
            conditions, "--arch=i386", "--native=i386")
    test.ok("the same twice", check_same, test, conditions)
    test.ok("hostile texts", check_evil, test)
    test.ok("what is no profile", check_refused, test)
    test.ok("limits", check_limits, test)
    test.ok("examples of --help", check_help, test)
    test.ok("exit status", check_status, test)
    test.ok("too many profiles", check_too_many, test)
    test.ok("a baseline", check_baseline, test, conditions,
            root / "docs/examples/fine-grained.json")


def make_corpus(test, folder):
    """Some profiles of a folder, or all that are not refused."""
    names = ["moby-default-current", "containers-common-seccomp-current"]
    step = int(os.environ.get("SECCOMPC_REPORT_STEP", 0))
    paths = sorted(folder.glob("*.json"))[::step] if step else \
        [folder / f"{name}.json" for name in names]
    for path in paths:
        done = subprocess.run([test.seccompc, "compile", *TARGET, path],
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            test.ok(f"{path.stem}: what the program does", check_profile, test,
                    path)
    test.ok("versions of a profile", check_baseline, test,
            folder / "moby-default-current.json",
            folder / "moby-default-2020-05-08-e6932a9.json")


def main():
    seccompc, root = sys.argv[1], pathlib.Path(sys.argv[3])
    folder = root / "../shared/corpus"
    pages.ERRNO.update({name: number
                        for number, name in errno.errorcode.items()})
    with tempfile.TemporaryDirectory() as work:
        test = Test(seccompc, root, work, " ".join(sys.argv[4:]))
        make_examples(test)
        if folder.is_dir():
            make_corpus(test, folder)
        else:
            print("# skipped: no folder of profiles")
    print(f"1..{test.count}")
    return 1 if test.failures or not test.count else 0


if __name__ == "__main__":
    sys.exit(main())
