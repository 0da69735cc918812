#!/usr/bin/env python3
"""Installs everything below several prefixes and looks at what is there.

install.py SOURCE_ROOT MESON CC...

Everything is built once and installed again for each prefix, with DESTDIR.
What has to be there is listed here.  Prints TAP.
"""

import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile

from common import Tap, run, skip_all

# By the options of meson; {} are its folders.
EXPECTED = """
{bindir}/seccomp-exec
{bindir}/seccompc
{includedir}/seccompc.h
{libdir}/libseccompc.a
{libdir}/libseccompc.so -> libseccompc.so.0
{libdir}/libseccompc.so.0 -> libseccompc.so.{version}
{libdir}/libseccompc.so.{version}
{libdir}/pkgconfig/libseccompc.pc
{datadir}/bash-completion/completions/seccomp-exec
{datadir}/bash-completion/completions/seccompc
{datadir}/cmake/seccompc/seccompc-config-version.cmake
{datadir}/cmake/seccompc/seccompc-config.cmake
{datadir}/seccompc/findings.schema.json
{datadir}/seccompc/manifest.schema.json
{datadir}/seccompc/profile.schema.json
{datadir}/seccompc/settings.schema.json
{datadir}/zsh/site-functions/_seccomp-exec
{datadir}/zsh/site-functions/_seccompc
{mandir}/man1/seccomp-exec.1
{mandir}/man1/seccompc.1
{mandir}/man3/libseccompc.3
{mandir}/man5/seccompc-profile.5
{docdir}/CONTRIBUTING.md
{docdir}/LICENSE
{docdir}/README.md
"""
# What is in these folders, as it is in the source.
DOCUMENTS = ["docs/*.md", "docs/*.json", "docs/examples/**/*", "docs/images/**/*"]
PROGRAMS = ["{bindir}/seccomp-exec", "{bindir}/seccompc"]
LAYOUTS = [
    ("/usr", {}),
    ("/usr/local", {}),
    ("/opt/x", {"libdir": "lib64", "mandir": "man",
                "docdir": "share/doc/packages/seccompc"}),
]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)")


class Build:
    def __init__(self, root, meson, folder, compiler):
        self.root, self.meson, self.folder = root, meson, folder
        # No debug info, where the paths of sources are to be found.
        self.call(meson, "setup", folder, root, "-Dtests=disabled",
                  "-Dman=enabled", "-Doptimization=0", "-Ddebug=false",
                  env={**os.environ, "CC": " ".join(compiler)})

    @staticmethod
    def call(*command, **more):
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False, **more)
        if done.returncode:
            sys.exit(f"{command}:\n{done.stdout}")
        return done.stdout

    def introspect(self, what):
        return json.loads(self.call(self.meson, "introspect", self.folder,
                                    f"--{what}"))

    def install(self, prefix, options, destination):
        self.call(self.meson, "configure", self.folder, f"-Dprefix={prefix}",
                  *[f"-D{name}={options[name]}" for name in options])
        self.call("ninja", "-C", self.folder)
        self.call(self.meson, "install", "-C", self.folder, "--no-rebuild",
                  env={**os.environ, "DESTDIR": str(destination)})

    def folders(self, prefix):
        """Where meson puts what, for {} in the lists above."""
        values = {o["name"]: o["value"]
                  for o in self.introspect("buildoptions")}
        names = ["bindir", "includedir", "libdir", "datadir", "mandir"]
        folders = {n: os.path.join(prefix, values[n]) for n in names}
        folders["docdir"] = os.path.join(
            prefix, values["docdir"] or f"{values['datadir']}/doc/seccompc")
        folders["version"] = self.introspect("projectinfo")["version"]
        return folders


def expected(root, folders):
    files = set(EXPECTED.format(**folders).split("\n")) - {""}
    for pattern in DOCUMENTS:
        files |= {f"{folders['docdir']}/{path.relative_to(root)}"
                  for path in root.glob(pattern) if path.is_file()}
    return files


def installed(destination):
    """Files as on the machine that they are for, and where links lead."""
    for folder, _, names in os.walk(destination):
        for name in names:
            path = pathlib.Path(folder) / name
            text = "/" + str(path.relative_to(destination))
            yield f"{text} -> {os.readlink(path)}" if path.is_symlink() \
                else text


def check_files(tap, build, destination, folders):
    """Permissions, and nothing of the build in them."""
    programs = {p.format(**folders) for p in PROGRAMS}
    modes, paths, rpaths = [], [], []
    for path in destination.rglob("*"):
        if path.is_symlink():
            continue
        name = "/" + str(path.relative_to(destination))
        wanted = 0o755 if path.is_dir() or name in programs else 0o644
        if path.suffix == ".sh":
            wanted = 0o755
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode != wanted and ".so." not in name:
            modes.append(f"{name}: {mode:o}, not {wanted:o}")
        if path.is_dir():
            continue
        content = path.read_bytes()
        paths += [f"{name}: {p}" for p in (build.folder, build.root,
                                           destination)
                  if str(p).encode() in content]
        if content.startswith(b"\x7fELF"):
            dynamic = run("readelf", "-d", path).stdout
            rpaths += [name] if "(RUNPATH)" in dynamic or \
                "(RPATH)" in dynamic else []
    tap.ok(not modes, "permissions", *modes)
    tap.ok(not paths, "no path of the build or the source", *paths)
    tap.ok(not rpaths, "no path for libraries", *rpaths)


def check_use(tap, destination, folders):
    """The command works from there, and links in documents lead on."""
    def at(text):
        return str(destination) + text.format(**folders)

    done = run(at("{bindir}/seccompc"), "compile", "-f", "asm",
               at("{docdir}/docs/examples/fine-grained.json"))
    tap.ok(done.returncode == 0 and "AUDIT_ARCH_X86_64" in done.stdout,
           "the command compiles an example", done.stderr)
    for program in PROGRAMS:
        done = run(at(program), "--version")
        name = os.path.basename(program)
        tap.ok(done.stdout == f"{name} {folders['version']}\n",
               f"{name} --version", done.stdout, done.stderr)
    dead = []
    for page in pathlib.Path(at("{docdir}")).rglob("*.md"):
        text = re.sub(r"^```.*?^```$", "", page.read_text(),
                      flags=re.M | re.S)
        dead += [f"{page.name}: {link}" for link in LINK.findall(text)
                 if "://" not in link and not (page.parent / link).exists()]
    tap.ok(not dead, "links in documents", *dead)
    for variable in "libdir", "includedir":
        done = run("pkg-config", f"--variable={variable}",
                   at("{libdir}/pkgconfig/libseccompc.pc"))
        tap.ok(done.stdout.strip() == folders[variable],
               f"pkg-config: {variable}", done.stdout, done.stderr)
    done = run("pkg-config", "--modversion",
               at("{libdir}/pkgconfig/libseccompc.pc"))
    tap.ok(done.stdout.strip() == folders["version"], "pkg-config: version",
           done.stdout, done.stderr)


def check_versions(tap, root, version):
    changelog = root / "debian/changelog"
    first = changelog.read_text().splitlines()[0]
    tap.ok(first.startswith(f"seccompc ({version}) "),
           f"debian/changelog has version {version}", first)


def check_layout(tap, build, prefix, options, folder):
    destination = folder / "destination"
    build.install(prefix, options, destination)
    folders = build.folders(prefix)
    print(f"# {prefix}")
    tap.same(("expected", expected(build.root, folders)),
             ("installed", set(installed(destination))), "files")
    log = (build.folder / "meson-logs/install-log.txt").read_text()
    outside = [line for line in log.splitlines()
               if line.startswith("/") and
               not line.startswith(f"{destination}{prefix}/") and
               not f"{destination}{prefix}/".startswith(f"{line}/")]
    tap.ok(not outside, "nothing outside of DESTDIR and prefix", *outside)
    check_files(tap, build, destination, folders)
    check_use(tap, destination, folders)
    shutil.rmtree(destination)


def main(arguments):
    if len(arguments) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    root = pathlib.Path(arguments[0]).resolve()
    for needed in "scdoc", "readelf", "pkg-config":
        if not shutil.which(needed):
            return skip_all(f"{needed} is not installed")
    os.umask(0o022)
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        build = Build(root, arguments[1], folder / "build", arguments[2:])
        for prefix, options in LAYOUTS:
            check_layout(tap, build, prefix, options, folder)
        check_versions(tap, root,
                       build.introspect("projectinfo")["version"])
    return tap.end()


sys.exit(main(sys.argv[1:]))
