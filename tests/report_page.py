"""A report's page read back: its tree, its tables, and programs run by it."""

import base64
import hashlib
import html.parser
import json
import re
import struct
import subprocess

VOID = {"meta", "input", "br", "link", "img", "hr"}
MASK32, MASK64 = 0xffffffff, 0xffffffffffffffff
ARCH = {"x86_64": 0xc000003e, "i386": 0x40000003, "x32": 0xc000003e}
BIT = {"x86_64": 0, "i386": 0, "x32": 0x40000000}


class Node:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children = []

    def get(self, name):
        return self.attributes.get(name)

    @property
    def classes(self):
        return (self.get("class") or "").split()

    def walk(self):
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, tag, name=None):
        return [n for n in self.walk() if n.tag == tag and
                (name is None or name in n.classes)]

    def one(self, tag, name=None):
        found = self.all(tag, name)
        assert len(found) == 1, f"{len(found)} of {tag}.{name}"
        return found[0]

    @property
    def text(self):
        return "".join(c if isinstance(c, str) else c.text
                       for c in self.children)


class Page(html.parser.HTMLParser):
    """Fails on what is not well-formed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("", {}, None)
        self.doctype = None
        self.source = text
        self.feed(text)
        self.close()
        assert self.at is self.root, f"<{self.at.tag}> is not closed"
        assert self.doctype == "DOCTYPE html", self.doctype

    def handle_decl(self, decl):
        self.doctype = decl

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}>: attribute twice"
        node = Node(tag, {n: "" if v is None else v for n, v in attrs}, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag, attrs):
        assert any(n.tag == "svg" for n in self.path()), f"<{tag}/>"
        self.at.children.append(Node(tag, dict(attrs), self.at))

    def handle_endtag(self, tag):
        assert tag == self.at.tag, f"</{tag}> in <{self.at.tag}>"
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"comment: {data}")

    def handle_pi(self, data):
        raise AssertionError(f"instruction: {data}")

    def unknown_decl(self, data):
        raise AssertionError(f"declaration: {data}")

    def path(self):
        node = self.at
        while node.parent:
            yield node
            node = node.parent


REFERENCES = ["aria-labelledby", "aria-describedby", "aria-controls", "for"]
TAGS = set("""html head meta title style body a header h1 h2 h3 h4 p nav ul ol
    li main section article dl div dt dd b i em code pre span table caption
    thead tbody tr th td details summary svg rect path text tspan g desc label
    input select option footer script""".split())
ATTRIBUTES = set("""lang charset http-equiv content name id class href tabindex
    role scope rowspan colspan hidden for type autocomplete spellcheck
    placeholder value open x y width height rx d viewbox
    preserveaspectratio""".split()) | {
        "aria-label", "aria-labelledby", "aria-live"}


def hash_of(text):
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def check_structure(page):
    """What holds of every page."""
    nodes = list(page.root.walk())[1:]
    ids = [n.get("id") for n in nodes if n.get("id") is not None]
    assert len(ids) == len(set(ids)), "an id is there twice"
    assert all(re.fullmatch(r"[a-z0-9_-]+", i) for i in ids), "odd id"
    for n in nodes:
        assert n.tag in TAGS, f"<{n.tag}>"
        assert not set(n.attributes) - ATTRIBUTES, (n.tag, n.attributes)
        for name in REFERENCES:
            for word in (n.get(name) or "").split():
                assert word in ids, f"{name}={word} leads nowhere"
        if n.get("href") is not None:
            assert n.tag == "a" and n.get("href")[0] == "#", n.get("href")
            assert n.get("href")[1:] in ids, n.get("href")
        if n.tag == "svg":
            assert n.get("role") == "img" and n.get("aria-labelledby")
            assert n.all("title")
        if n.tag == "table":
            assert n.one("caption").text and n.one("thead")
            assert all(t.get("scope") for t in n.all("th"))
            width = {sum(int(c.get("colspan") or 1) for c in r.children)
                     for r in n.all("tr")}
            assert n.get("class") == "diff" or len(width) == 1, width
        if n.get("class") and "scroll" in n.classes:
            assert n.get("tabindex") == "0" and n.get("role") == "region"
            assert n.get("aria-label") or n.get("aria-labelledby")
    head_levels(nodes)
    check_policy(page)
    for tag in ["main", "header", "footer", "nav", "h1", "title"]:
        assert len([n for n in nodes if n.tag == tag and
                    not any(p.tag == "svg" for p in above(n))]) == 1, tag


def above(node):
    while node.parent:
        node = node.parent
        yield node


def head_levels(nodes):
    level = 0
    for n in nodes:
        if re.fullmatch("h[1-6]", n.tag):
            assert int(n.tag[1]) <= level + 1, f"{n.tag} after h{level}"
            level = int(n.tag[1])


def check_policy(page):
    metas = {m.get("http-equiv"): m.get("content")
             for m in page.root.all("meta")}
    policy = dict(p.strip().split(" ", 1)
                  for p in metas["Content-Security-Policy"].split(";"))
    style, script = page.root.one("style"), page.root.one("script")
    assert policy == {"default-src": "'none'",
                      "style-src": hash_of(style.text),
                      "script-src": hash_of(script.text),
                      "base-uri": "'none'", "form-action": "'none'"}, policy
    for text in (style.text, script.text):
        assert not re.search(r"https?:|@import|url\(|fetch\(|XMLHttp|import\(",
                             text)


class Program:
    """Runs classic BPF as the kernel does: what compile() uses of it."""

    def __init__(self, data):
        self.code = list(struct.iter_unpack("=HBBI", data))

    def run(self, abi, number, args=(0,) * 6, arch=None):
        """The action and how many instructions ran."""
        token = ARCH[abi] if arch is None else arch
        words = [number, token, 0, 0]
        for arg in args:
            words += [arg & MASK32, arg >> 32 & MASK32]
        pc = a = count = 0
        while True:
            code, yes, no, k = self.code[pc]
            pc, count = pc + 1, count + 1
            if code == 0x20:
                a = words[k // 4]
            elif code == 0x54:
                a &= k
            elif code == 0x05:
                pc += k
            elif code in (0x15, 0x25, 0x35, 0x45):
                holds = {0x15: a == k, 0x25: a > k, 0x35: a >= k,
                         0x45: a & k != 0}[code]
                pc += yes if holds else no
            elif code == 0x06:
                return k, count
            else:
                raise AssertionError(f"instruction {code:#x}")

    def constants(self):
        return {k for code, _, _, k in self.code if code & 7 == 5}


ERRNO = {}


def action_value(name):
    plain = {"ALLOW": 0x7fff0000, "LOG": 0x7ffc0000, "KILL_THREAD": 0,
             "KILL_PROCESS": 0x80000000, "TRAP": 0x30000,
             "USER_NOTIF": 0x7fc00000, "NOTIFY": 0x7fc00000}
    if name in plain:
        return plain[name]
    kind, data = re.fullmatch(r"(\w+)\((\w+)\)", name).groups()
    if not data.isdigit():
        data = ERRNO[data]
    return {"ERRNO": 0x50000, "TRACE": 0x7ff00000, "TRAP": 0x30000}[kind] | \
        int(data)


class Tables:
    """The syscalls, as the command lists them."""

    def __init__(self, seccompc):
        done = subprocess.run([seccompc, "syscalls", "-f", "json"],
                              stdout=subprocess.PIPE, check=True, timeout=60)
        self.by_name = {s["name"]: s["abis"]
                        for s in json.loads(done.stdout)["syscalls"]}

    def number(self, abi, name):
        return self.by_name[name][abi]["number"]

    def argument(self, abi, name, word):
        """Which argument a word of a condition is."""
        names = [a["name"] for a in self.by_name[name][abi]["arguments"]]
        numbered = re.fullmatch(r"arg(\d)|args\[(\d)\]", word)
        # The second argument of prctl is called arg2.
        if word not in names and numbered:
            return int(numbered[1] or numbered[2])
        return names.index(word)


PIECE = re.compile(r"(not )?(?:(\w+) <= )?(\((\w+) & (\w+)\)|\w+) "
                   r"(==|!=|<=|>=|<|>) (\w+)")
COMPARE = {"==": lambda a, b: a == b, "!=": lambda a, b: a != b,
           "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
           "<": lambda a, b: a < b, ">": lambda a, b: a > b}


class Condition:
    """A text such as "a == 1 and (b & 0x3) == 2 or 3 <= c <= 4"."""

    def __init__(self, text, tables, abi, name):
        self.abi = abi
        self.any = [[self.piece(p, tables, abi, name)
                     for p in c.split(" and ")] for c in text.split(" or ")]

    @staticmethod
    def piece(text, tables, abi, name):
        found = PIECE.fullmatch(text)
        assert found, f"what is this? {text}"
        negated, low, whole, word, mask, sign, high = found.groups()
        index = tables.argument(abi, name, word or whole)
        return (index, int(mask, 0) if mask else MASK64, sign, int(high, 0),
                int(low, 0) if low else 0, bool(negated))

    def constants(self):
        return {v for c in self.any for p in c for v in (p[3], p[4], p[1])}

    def examples(self):
        """Calls at the edges of each alternative, all of its arguments."""
        for conjunction in self.any:
            for step in (-1, 0, 1):
                for low in (False, True):
                    args = [0] * 6
                    for index, _, _, value, first, _ in conjunction:
                        args[index] = (first if low else value) + step & MASK64
                    yield tuple(args)

    def holds(self, args):
        def test(p):
            index, mask, sign, value, low, negated = p
            arg = args[index] & (MASK32 if self.abi == "i386" else MASK64)
            within = low <= arg & mask and COMPARE[sign](arg & mask, value)
            return within != negated
        return any(all(map(test, c)) for c in self.any)
