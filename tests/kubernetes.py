#!/usr/bin/env python3
"""Which container gets which profile, against a second reader of YAML.

kubernetes.py CONTAINERS [COUNT [SEED]]; CONTAINERS is kubernetes-containers
of the build.  Random manifests are made as data, written as YAML in different
styles, with anchors, and read by PyYAML; what is in force is then worked out
from that, by the documentation of Kubernetes.  Where kubectl is installed, it
reads manifests with what PyYAML has another meaning for as well, and its JSON
has to have the same containers as the YAML.  Prints TAP.
"""

import json
import os
import posixpath
import random
import shutil
import struct
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    print("# skipped: no python3-yaml")
    sys.exit(77)

PATHS = {
    "Pod": [], "PodTemplate": ["template"],
    "ReplicationController": ["spec", "template"],
    "Deployment": ["spec", "template"], "DaemonSet": ["spec", "template"],
    "StatefulSet": ["spec", "template"], "ReplicaSet": ["spec", "template"],
    "Job": ["spec", "template"],
    "CronJob": ["spec", "jobTemplate", "spec", "template"],
}
GROUPS = {"Pod": "v1", "PodTemplate": "v1", "ReplicationController": "v1",
          "Job": "batch/v1", "CronJob": "batch/v1"}
LEVELS = ["initContainers", "containers", "ephemeralContainers"]

# Text that go-yaml and PyYAML read differently; kubectl has the last word.
FOR_KUBECTL = [
    # Merge keys follow the order of the text.
    "kind: Pod\nspec:\n  x: &x {seccompProfile: {type: Unconfined}}\n"
    "  containers:\n"
    "  - {name: a, securityContext: {seccompProfile: {type: RuntimeDefault},"
    " <<: *x}}\n"
    "  - {name: b, securityContext: {<<: *x, seccompProfile:"
    " {type: RuntimeDefault}}}\n",
    "kind: Pod\nspec:\n  x: &x {name: a}\n  y: &y {name: b, securityContext:"
    " {privileged: on}}\n  containers:\n  - <<: [*x, *y]\n"
    "  - <<: [*y, *x]\n    name: c\n",
    # y and n are booleans, and text in quotes.
    "kind: Pod\nspec:\n  containers:\n"
    "  - {name: 'y', securityContext: {privileged: y}}\n"
    "  - {name: \"n\", securityContext: {privileged: n}}\n",
    # What stands behind ... is a document of its own, or none.
    "kind: Pod\nspec: {containers: [{name: a}]}\n...\n",
    "kind: Pod\nspec: {containers: [{name: !!str 12, securityContext:"
    " {privileged: !!bool 'yes'}}]}\n",
    "kind: Pod\nspec:\n  containers:\n  - name: >-\n      a\n      b\n"
    "    securityContext: {seccompProfile: {type: Localhost,"
    " localhostProfile: \"a\\x62/\\u0063.json\"}}\n",
    "\ufeffkind: Pod\r\nspec:\r\n  containers:\r\n  - name: a\r\n"
    "    securityContext: {privileged: TRUE}\r\n",
    "? kind\n: Pod\n? spec\n: ? containers\n  : - ? name\n      : a\n",
]


def containers(tool, texts):
    data = b"".join(struct.pack("<I", len(t)) + t for t in texts)
    done = subprocess.run([tool], input=data, stdout=subprocess.PIPE,
                          check=False)
    if done.returncode == 77:
        print("# skipped: built without libyaml")
        sys.exit(77)
    lines = done.stdout.decode().splitlines()
    return [json.loads(line[7:]) if line.startswith("accept ") else line
            for line in lines]


class Maker:
    def __init__(self, rng):
        self.rng = rng
        self.pool = []

    def maybe(self, chance=0.5):
        return self.rng.random() < chance

    def profile(self):
        kind = self.rng.choice(["RuntimeDefault", "Unconfined", "Localhost",
                                "Localhost", "Other", None])
        value = {}
        if kind or self.maybe():
            value["type"] = kind
        if (kind == "Localhost") == self.maybe(0.9):
            value["localhostProfile"] = self.rng.choice(
                ["a.json", "profiles/a.json", "./x//y.json", "", "/abs",
                 "a/../b", "é/ß.json", "yes", "0x10", None, "a b: c#d"])
        return value

    def context(self):
        if self.pool and self.maybe(0.3):
            return self.rng.choice(self.pool)
        value = {}
        if self.maybe(0.6):
            value["seccompProfile"] = self.profile() if self.maybe(0.9) \
                else None
        if self.maybe(0.3):
            value["privileged"] = self.maybe()
        if self.maybe(0.3):
            value["runAsUser"] = 1000
        self.pool.append(value)
        return value

    def container(self, number):
        value = {"image": "x:1"}
        if self.maybe(0.9):
            value["name"] = self.rng.choice(["c", "é", "no", "1x", "~"]) \
                + str(number)
        if self.maybe(0.8):
            value["securityContext"] = self.context() if self.maybe(0.95) \
                else None
        return value

    def pod(self):
        spec = {}
        if self.maybe():
            # A pod's context has no privileged.
            spec["securityContext"] = {
                key: value for key, value in self.context().items()
                if key != "privileged"}
        for level in LEVELS:
            if level == "containers" or self.maybe(0.3):
                spec[level] = [self.container(n) for n in
                               range(self.rng.randrange(4))]
        if self.maybe(0.1):
            spec["os"] = {"name": self.rng.choice(["linux", "windows"])}
        return {"metadata": {"name": "p"}, "spec": spec}

    def manifest(self, depth=0):
        if depth < 2 and self.maybe(0.15):
            return {"apiVersion": "v1", "kind": "List",
                    "items": [self.manifest(depth + 1)
                              for _ in range(self.rng.randrange(4))]}
        kind = self.rng.choice(list(PATHS) + ["ConfigMap"])
        value = self.pod()
        for key in reversed(PATHS.get(kind, [])):
            value = {key: value}
        value["kind"] = kind
        value["apiVersion"] = GROUPS.get(kind, "apps/v1")
        return value

    def text(self):
        documents = [self.manifest() for _ in range(self.rng.randrange(1, 4))]
        style = self.rng.choice([None, None, '"', "'", "|", ">"])
        text = yaml.dump_all(
            documents, default_style=style,
            default_flow_style=self.rng.choice([True, False, None]),
            allow_unicode=self.maybe(), canonical=self.maybe(0.1),
            indent=self.rng.choice([2, 4, 7]), width=self.rng.choice([20, 80]),
            explicit_start=self.maybe(), sort_keys=self.maybe())
        return text


def resolve(own, pod):
    """What is in force, as the documentation has it."""
    field = own if own is not None else pod
    if field is None:
        return "none", ""
    kind, path = field.get("type"), field.get("localhostProfile")
    if kind == "Localhost":
        if not path or path.startswith("/") or ".." in path.split("/"):
            return "invalid", ""
        return kind, posixpath.normpath(path)
    if kind not in ("RuntimeDefault", "Unconfined") or path is not None:
        return "invalid", ""
    return kind, ""


def expected(manifest):
    if manifest is None:
        return []
    if manifest["kind"] == "List":
        return sum((expected(item) for item in manifest["items"]), [])
    if manifest["kind"] not in PATHS:
        return []
    pod = manifest
    for key in PATHS[manifest["kind"]]:
        pod = pod[key]
    spec, out = pod["spec"], []
    if (spec.get("os") or {}).get("name") == "windows":
        return []
    outer = (spec.get("securityContext") or {}).get("seccompProfile")
    for level in LEVELS:
        for number, container in enumerate(spec.get(level) or []):
            context = container.get("securityContext") or {}
            kind, path = resolve(context.get("seccompProfile"), outer)
            name = container.get("name")
            out.append([f"'{name}'" if name else f"number {number + 1}",
                        kind, path, bool(context.get("privileged"))])
    return out


def report(ok, text, detail=""):
    print(f"{'ok' if ok else 'not ok'} - {text}")
    for line in [] if ok else detail.splitlines():
        print(f"# {line}")
    return ok


def against_pyyaml(tool, count, seed):
    maker = Maker(random.Random(seed))
    texts = []
    for _ in range(count):
        maker.pool = []
        texts.append(maker.text())
    found = containers(tool, [t.encode() for t in texts])
    total = profiles = aliases = 0
    for text, have in zip(texts, found):
        want = sum((expected(m) for m in yaml.safe_load_all(text)), [])
        total += len(want)
        profiles += sum(c[1] == "Localhost" for c in want)
        aliases += "*id" in text
        if want != have:
            return report(False, "PyYAML reads the same",
                          f"{text}\nexpected {want}\nfound {have}")
    few = total < count or profiles < count // 4 or aliases < count // 4
    return report(not few and len(found) == count,
                  f"PyYAML reads the same: {total} containers of {count} "
                  f"files, {profiles} with profiles, {aliases} with aliases")


def kubectl_json(text):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", newline="") as file:
        # kubectl wants to know where it would send it.
        file.write(text.replace("kind: Pod", "apiVersion: v1\nkind: Pod\n"
                                "metadata: {name: m}")
                   if "? kind" not in text else
                   text + "? apiVersion\n: v1\n? metadata\n: {name: m}\n")
        file.flush()
        done = subprocess.run(
            ["kubectl", "annotate", "--local", "-f", file.name, "x=y",
             "-o", "json"], capture_output=True, check=False,
            env=dict(os.environ, KUBECONFIG=os.devnull))
    return done.stdout if done.returncode == 0 else None


def against_kubectl(tool):
    if not shutil.which("kubectl"):
        print("# skipped: no kubectl")
        return True
    made = [kubectl_json(text) for text in FOR_KUBECTL]
    if None in made:
        return report(False, "kubectl reads it",
                      FOR_KUBECTL[made.index(None)])
    ok = True
    here = containers(tool, [t.encode() for t in FOR_KUBECTL])
    there = containers(tool, made)
    for i, (text, ours, theirs) in enumerate(zip(FOR_KUBECTL, here, there)):
        ok &= report(ours == theirs and len(ours) > 0,
                     f"kubectl reads manifest {i} in the same way",
                     f"{text}\nkubectl {theirs}\nhere {ours}")
    return ok


def main():
    tool = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    ok = against_pyyaml(tool, count, seed)
    ok &= against_kubectl(tool)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
