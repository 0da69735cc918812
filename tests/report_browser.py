#!/usr/bin/env python3
"""A report in a browser without a screen.

report_browser.py SECCOMPC PROFILE [OPTION]...

Needs chromium, chromedriver and pdftotext of Debian; exits 77 without them.
The page opens and fetches nothing; searching, sorting and links work, by
keyboard as well; it is there without its script, prints whole, is light or
dark, fits a narrow screen, and has names and roles for screen readers.
Prints TAP.
"""

import base64
import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
import urllib.error
import urllib.request

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--disable-default-apps", "--disable-dev-shm-usage",
         "--window-size=1280,900"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
STARTED = re.compile(r"started successfully on port (\d+)")


class Browser:
    """The WebDriver protocol, and Chromium's own beside it."""

    def __init__(self, base, profile):
        self.base = base
        options = {"args": FLAGS + [f"--user-data-dir={profile}"],
                   "binary": shutil.which("chromium"),
                   "perfLoggingPrefs": {"enableNetwork": True}}
        answer = self.call("POST", "/session", capabilities={"alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}})
        self.session = f"/session/{answer['sessionId']}"

    def call(self, method, path, **body):
        request = urllib.request.Request(
            self.base + path, method=method,
            data=json.dumps(body).encode() if method == "POST" else None,
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()[:800]) from error

    def post(self, path, **body):
        return self.call("POST", self.session + path, **body)

    def run(self, script, *args):
        return self.post("/execute/sync", script=script, args=list(args))

    def cdp(self, cmd, **params):
        return self.post("/goog/cdp/execute", cmd=cmd, params=params)

    def log(self, kind):
        return self.post("/se/log", type=kind)

    def find(self, selector):
        return self.post("/element", using="css selector",
                         value=selector)[ELEMENT]

    def type(self, element, text):
        self.post(f"/element/{element}/value", text=text)

    def click(self, element):
        self.post(f"/element/{element}/click")

    def press(self, key, code, text=None):
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.cdp("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                     windowsVirtualKeyCode=code, **more)

    def close(self):
        self.call("DELETE", self.session)


@contextlib.contextmanager
def start(work):
    driver = subprocess.Popen(
        [shutil.which("chromedriver"), "--port=0"], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, cwd=work)
    browser = None
    try:
        for line in driver.stdout:
            port = STARTED.search(line)
            if port:
                break
        browser = Browser(f"http://127.0.0.1:{port[1]}", f"{work}/profile")
        yield browser
    finally:
        if browser:
            browser.close()
        driver.terminate()
        driver.wait(timeout=30)


VISIBLE = """return [...document.querySelectorAll('.verdicts tbody tr')]
    .filter(r => r.getClientRects().length).map(r => r.cells[0].textContent)"""
STATUS = "return document.querySelector('[role=status]').textContent"


def check_opens(b, url):
    assert b.run("return document.title").startswith("Seccomp report: ")
    assert not b.log("browser"), "the console has something to say"
    assert b.run("return document.querySelector('.tools').hidden") is False
    assert b.run("return getComputedStyle(document.body).margin") == "0px"


def check_fetches(b, url):
    assert b.run("return performance.getEntriesByType('resource').length") == 0
    fetched = set()
    for entry in b.log("performance"):
        message = json.loads(entry["message"])["message"]
        params = message["params"]
        # The browser's own first page has chrome:// and data: alone.
        if message["method"] == "Network.requestWillBeSent" and \
                not params["documentURL"].startswith("chrome://"):
            fetched.add(params["request"]["url"])
    assert fetched == {url}, fetched


def check_policy(b, url):
    """What somebody would smuggle in does not run and fetches nothing."""
    b.run("""window.violations = [];
        document.addEventListener('securitypolicyviolation',
            e => window.violations.push(e.effectiveDirective));
        const box = document.createElement('div');
        box.innerHTML = '<img src="http://127.0.0.1:9/x.png" ' +
            'onerror="window.ran = 1"><p style="color: red"></p>';
        document.body.append(box);
        const script = document.createElement('script');
        script.textContent = 'window.ran = 2';
        document.body.append(script);""")
    seen = set()
    for _ in range(50):
        seen = set(b.run("return window.violations"))
        if len(seen) == 4:
            break
    assert seen == {"img-src", "script-src-attr", "script-src-elem",
                    "style-src-attr"}, seen
    assert b.run("return window.ran === undefined")
    b.log("browser")


def check_search(b, url):
    every = b.run(VISIBLE)
    box = b.find("input[type=search]")
    b.type(box, "clone")
    shown = b.run(VISIBLE)
    assert shown and len(shown) < len(every), shown
    assert {"clone", "clone3"} <= set(shown)
    assert b.run(STATUS) == f"{len(shown)} of {len(every)} syscalls shown"
    assert b.run("return document.querySelector('[role=status]')"
                 ".getAttribute('aria-live')") == "polite"
    b.type(box, " nosuchthing")
    assert b.run(VISIBLE) == [] and b.run(STATUS).startswith("0 of ")
    b.post(f"/element/{box}/clear")
    assert b.run(VISIBLE) == every
    depends = b.run("""return [...document.querySelectorAll(
        '.verdicts tbody tr')].filter(r => r.querySelector('.depends'))
        .map(r => r.cells[0].textContent)""")
    b.type(b.find(".tools select"), "depends")
    assert b.run(VISIBLE) == depends and depends, depends
    b.type(b.find(".tools select"), "all")


def check_sort(b, url):
    button = b.find(".verdicts thead th:nth-child(2) button")
    numbers = """return [...document.querySelectorAll(
        '.verdicts tbody tr td:nth-child(2) .n')].map(n => +n.textContent)"""
    state = """return document.querySelector('.verdicts thead th:nth-child(2)')
        .getAttribute('aria-sort')"""
    b.click(button)
    assert b.run(state) == "ascending"
    up = b.run(numbers)
    assert up == sorted(up) and len(up) > 300
    b.click(button)
    assert b.run(state) == "descending" and b.run(numbers) == up[::-1]
    b.click(b.find(".verdicts thead th:first-child button"))
    assert b.run(VISIBLE) == sorted(b.run(VISIBLE))


def check_links(b, url):
    """A finding leads to its line, also where the source is folded up."""
    b.run("""document.querySelectorAll('details').forEach(
        d => { d.open = false; })""")
    link = b.find(".finding a[href]")
    target = b.run("return arguments[0].getAttribute('href')",
                   {ELEMENT: link})
    b.click(link)
    assert b.run("return location.hash") == target
    assert b.run("""return document.querySelector(arguments[0])
        .checkVisibility({contentVisibilityAuto: true})""", target)
    ground = "return getComputedStyle(document.querySelector(arguments[0])" \
             ").backgroundColor"
    assert b.run(ground, target) != "rgba(0, 0, 0, 0)"


def colours(b):
    return b.run("""const c = getComputedStyle(document.body);
        return [c.color, c.backgroundColor].map(
            v => v.match(/\\d+/g).slice(0, 3).reduce((a, n) => a + +n, 0))""")


def check_themes(b, url):
    for theme in ("light", "dark"):
        b.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": theme}])
        text, ground = colours(b)
        assert (ground > text) == (theme == "light"), (theme, text, ground)
        badge = b.run("""const c = getComputedStyle(
            document.querySelector('.v.errno'));
            return c.color !== c.backgroundColor""")
        assert badge
    b.cdp("Emulation.setEmulatedMedia", features=[])


def check_narrow(b, url):
    for width in (320, 400, 768, 1920):
        b.cdp("Emulation.setDeviceMetricsOverride", width=width, height=800,
              deviceScaleFactor=1, mobile=False)
        wide = b.run("return document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} wide at {width}"
    b.cdp("Emulation.clearDeviceMetricsOverride")


def check_keyboard(b, url):
    b.post("/url", url=url)
    where = """const e = document.activeElement;
        const c = getComputedStyle(e);
        return [e.tagName, e.className, e.type || '',
            c.outlineStyle !== 'none', e.getBoundingClientRect().left]"""
    b.press("Tab", 9)
    tag, name, _, outlined, left = b.run(where)
    assert (tag, name) == ("A", "skip") and outlined and left >= 0
    b.press("Enter", 13, "\r")
    assert b.run("return document.activeElement.id") == "main"
    for _ in range(200):
        b.press("Tab", 9)
        tag, _, kind, outlined, _ = b.run(where)
        assert outlined, f"{tag}: focus is not seen"
        if kind == "search":
            break
    else:
        raise AssertionError("the search box is out of reach")
    for letter in "reboot":
        b.press(letter, ord(letter.upper()), letter)
    assert "reboot" in b.run(VISIBLE) and len(b.run(VISIBLE)) < 5


def check_tree(b, url):
    """What a screen reader gets."""
    b.post("/url", url=url)
    b.cdp("Accessibility.enable")
    nodes = [n for n in b.cdp("Accessibility.getFullAXTree")["nodes"]
             if not n.get("ignored")]
    named = {}
    for n in nodes:
        role = n.get("role", {}).get("value")
        named.setdefault(role, []).append(n.get("name", {}).get("value", ""))
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert len(named[role]) == 1, role
    assert named["navigation"] == ["Contents"]
    for name in ("Findings", "Verdicts", "Decision tree", "Figures", "Source"):
        assert name in named["heading"], name
    assert any(n.startswith("Every syscall") for n in named["table"])
    assert all(named["table"]), "a table without a name"
    assert {"clone", "read", "ptrace"} <= set(named["rowheader"])
    assert any(n.startswith("x86_64") for n in named["columnheader"])
    assert any(n.startswith("Search") for n in named["searchbox"]), named
    images = named.get("image", []) + named.get("img", [])
    assert len(images) > 4 and all(images), images
    assert "status" in named and "search" in named
    assert all(named["link"]) and all(named["button"])


def check_print(b, url):
    b.post("/url", url=url)
    b.run("""document.querySelectorAll('details').forEach(
        d => { d.open = false; })""")
    data = b.cdp("Page.printToPDF", printBackground=True)["data"]
    done = subprocess.run(["pdftotext", "-layout", "-", "-"],
                          input=base64.b64decode(data),
                          stdout=subprocess.PIPE, check=True, timeout=120)
    text = done.stdout.decode()
    for wanted in ("Seccomp report", "ERRNO(EPERM)", "ALLOW", "otherwise",
                   "defaultAction", "The same as a table", "Yes: "):
        assert wanted in text, wanted
    rows = b.run("return document.querySelectorAll('.verdicts tbody tr')"
                 ".length")
    names = set(re.findall(r"^ *(\w+)  ", text, re.M))
    assert rows > 300 and len(names) > 300, len(names)
    assert "syscalls shown" not in text and "condition\n" not in text


def check_without_script(b, url):
    b.cdp("Emulation.setScriptExecutionDisabled", value=True)
    b.post("/url", url=url)
    b.cdp("Accessibility.enable")
    nodes = [n for n in b.cdp("Accessibility.getFullAXTree")["nodes"]
             if not n.get("ignored")]
    roles = [n.get("role", {}).get("value") for n in nodes]
    assert "searchbox" not in roles and "button" not in roles
    assert roles.count("rowheader") > 300
    b.cdp("Emulation.setScriptExecutionDisabled", value=False)


CHECKS = [("it opens", check_opens), ("nothing is fetched", check_fetches),
          ("searching", check_search), ("sorting", check_sort),
          ("links", check_links), ("light and dark", check_themes),
          ("narrow and wide", check_narrow), ("keyboard", check_keyboard),
          ("names and roles", check_tree), ("printing", check_print),
          ("without its script", check_without_script),
          ("what is smuggled in", check_policy)]


def main():
    for tool in ("chromium", "chromedriver", "pdftotext"):
        if not shutil.which(tool):
            print(f"# skipped: no {tool}")
            return 77
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        path = pathlib.Path(work) / "report.html"
        subprocess.run([sys.argv[1], "report", "--quiet", *sys.argv[3:],
                        sys.argv[2], "-o", path], check=True, timeout=60)
        with start(work) as browser:
            browser.post("/url", url=path.as_uri())
            for i, (name, check) in enumerate(CHECKS, 1):
                try:
                    check(browser, path.as_uri())
                    print(f"ok {i} - {name}", flush=True)
                except AssertionError as wrong:
                    failed += 1
                    frames = traceback.extract_tb(wrong.__traceback__)
                    print(f"not ok {i} - {name}\n# {frames[1].line}\n"
                          f"# {wrong}", flush=True)
    print(f"1..{len(CHECKS)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
