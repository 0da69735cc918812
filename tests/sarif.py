#!/usr/bin/env python3
"""What SARIF 2.1.0 asks of the parts of it that `seccompc check` writes.

sarif.py FILE... prints what is wrong with SARIF files; problems() is for
tests.  SCHEMA has the shapes, allowing no property that is not written, and
the functions below what a schema cannot say.  Numbers are sections of the
standard (OASIS, Static Analysis Results Interchange Format Version 2.1.0, 27
March 2020); "GitHub" is what its code scanning wants besides ("SARIF support
for code scanning" in its documentation).
"""

import json
import re
import sys
import urllib.parse

try:
    import jsonschema
except ImportError:
    jsonschema = None

# RFC 3986: a URI, and a reference that may be relative, of the characters
# that it allows, with hexadecimal digits in capitals (6.2.2.1).
PATH = r"(?:[-._~!$&'()*+,;=:@/0-9A-Za-z]|%[0-9A-F]{2})*"
URI = re.compile(rf"[a-z][-+.a-z0-9]*:{PATH}(?:\?{PATH})?(?:#{PATH})?$")
REFERENCE = re.compile(rf"(?:[a-z][-+.a-z0-9]*:)?{PATH}$")
# 3.11.6: a link in a plain text message.
EMBEDDED = re.compile(r"\[(?:[^\[\]\\]|\\[\[\]\\])*\]\([^)]*\)")


def of(properties, *optional):
    """The schema of an object: all properties but the optional ones are
    required, and there are no others."""
    return {"type": "object", "properties": properties,
            "required": [p for p in properties if p not in optional],
            "additionalProperties": False}


TEXT = {"type": "string", "minLength": 1}
POSITIVE = {"type": "integer", "minimum": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}          # 3.27.10
MESSAGE = of({"text": TEXT})                            # 3.11.8, 3.12.3
CONTENT = of({"text": {"type": "string"}})              # 3.3.2
REGION = of({                                           # 3.30
    "startLine": POSITIVE, "startColumn": POSITIVE, "endColumn": POSITIVE,
    "snippet": CONTENT,
}, "snippet")
CONTEXT = of({"startLine": POSITIVE, "snippet": CONTENT}, "snippet")
RULE = of({                                             # 3.49
    "id": TEXT, "name": TEXT,
    # GitHub: descriptions have at most 1024 characters.
    "shortDescription": of({"text": TEXT | {"maxLength": 1024}}),
    "fullDescription": of({"text": TEXT | {"maxLength": 1024}}),
    "help": MESSAGE, "helpUri": TEXT,
    "defaultConfiguration": of({"level": LEVEL}),       # 3.50.3
    # GitHub
    "properties": of({"problem.severity": {
        "enum": ["error", "warning", "recommendation"]}}),
}, "name")
LOCATION = of({                                         # 3.28
    "physicalLocation": of({                            # 3.29
        "artifactLocation": of({"uri": TEXT}),          # 3.4
        "region": REGION, "contextRegion": CONTEXT,
    }, "contextRegion"),
    "logicalLocations": {                               # 3.28.4, 3.33.5
        "type": "array", "minItems": 1, "maxItems": 1,
        "items": of({"fullyQualifiedName": TEXT})},
}, "logicalLocations")
RESULT = of({                                           # 3.27
    "ruleId": TEXT, "ruleIndex": {"type": "integer", "minimum": 0},
    "level": LEVEL, "message": MESSAGE,
    "locations": {"type": "array", "minItems": 1, "maxItems": 1,
                  "items": LOCATION},
    # 3.27.17: strings, by names that end in a version; GitHub reads the
    # first of these.
    "partialFingerprints": of({
        "primaryLocationLineHash": {"type": "string",
                                    "pattern": "^[0-9a-f]{16}:[0-9]+$"},
        "finding/v1": {"type": "string", "pattern": "^[0-9a-f]{64}:[0-9]+$"},
    }),
})
RUN = of({                                              # 3.14
    "tool": of({"driver": of({                          # 3.18, 3.19
        "name": TEXT, "version": TEXT, "informationUri": TEXT,
        "rules": {"type": "array", "uniqueItems": True, "items": RULE},
    })}),
    "columnKind": {"const": "unicodeCodePoints"},       # 3.14.27
    "invocations": {                                    # 3.14.11, 3.20
        "type": "array", "minItems": 1, "maxItems": 1, "items": of({
            "executionSuccessful": {"type": "boolean"},
            "exitCode": {"type": "integer"}})},
    # 3.14.23: present, even if nothing was found.
    "results": {"type": "array", "items": RESULT},
})
SCHEMA = of({                                           # 3.13
    "$schema": TEXT, "version": {"const": "2.1.0"},
    "runs": {"type": "array", "minItems": 1, "maxItems": 1, "items": RUN},
})


def plain(text):
    """What a viewer shows of a plain text message without arguments, or None
    if it has a placeholder or single braces (3.11.5)."""
    rest = text.replace("{{", "").replace("}}", "")
    if "{" in rest or "}" in rest:
        return None
    return text.replace("{{", "{").replace("}}", "}")


def check_message(where, message):
    shown = plain(message["text"])
    if shown is None:
        yield f"{where}: braces are not doubled (3.11.5)"
    elif EMBEDDED.search(shown):
        yield f"{where}: a link of a profile (3.11.6)"


def check_uri(where, uri, absolute=False):
    if not (URI if absolute else REFERENCE).match(uri):
        yield f"{where}: {uri!r} is no URI (3.10.1)"
    # RFC 3986, 4.2: it would be taken for a scheme.
    if not absolute and not uri.startswith("file:") and \
            ":" in uri.partition("/")[0]:
        yield f"{where}: {uri!r} has a colon in its first part (3.10.1)"
    segments = urllib.parse.urlsplit(uri).path.split("/")[1:-1]
    # 3.10.2: no segments that are empty, . or ..
    if not absolute and set(segments) & {"", ".", ".."}:
        yield f"{where}: {uri!r} is not normalized (3.10.2)"


def check_rules(rules):
    ids = [rule["id"] for rule in rules]
    if len(set(ids)) != len(ids):
        yield "rules: an id stands twice (3.19.23)"
    for rule in rules:
        where = f"rule {rule['id']}"
        for text in "shortDescription", "fullDescription", "help":
            yield from check_message(f"{where}: {text}", rule[text])
        yield from check_uri(where, rule["helpUri"], True)      # 3.49.12
        # SHOULD of 3.49.9: short enough for a line of text.
        if len(rule["shortDescription"]["text"]) > 120:
            yield f"{where}: its short description is long (3.49.9)"


def slice_of(data, region):
    """The characters of a region of a text, or None if it is outside."""
    lines = data.replace(b"\r\n", b"\n").split(b"\n")
    if region["startLine"] > len(lines):
        return None
    line = lines[region["startLine"] - 1].decode()
    start = region.get("startColumn", 1)
    end = region.get("endColumn", len(line) + 1)
    return line[start - 1:end - 1] if end <= len(line) + 1 else None


def check_regions(where, location, read):
    region = location["region"]
    context = location.get("contextRegion")
    if region["endColumn"] < region["startColumn"]:
        yield f"{where}: the region ends before it starts (3.30.8)"
    data = read(location["artifactLocation"]["uri"]) if read else None
    try:
        data.decode()
    except (AttributeError, UnicodeDecodeError):
        return
    for part in filter(None, (region, context)):
        text = slice_of(data, part)
        if text is None:
            yield f"{where}: a region is outside of the text (3.30.2)"
        # 3.30.13: the portion that the region says.
        elif part.get("snippet", {"text": text})["text"] != text:
            yield f"{where}: the snippet is not the region (3.30.13)"
    if context and (context["startLine"] != region["startLine"] or
                    slice_of(data, context) == slice_of(data, region)):
        yield f"{where}: the context is not more than the region (3.29.5)"


def problems(log, read=None):
    """What is wrong.  read(uri) gives the bytes of a file, or None."""
    if jsonschema:
        errors = list(jsonschema.Draft7Validator(SCHEMA).iter_errors(log))
        if errors:
            for error in errors:
                yield f"{'/'.join(map(str, error.path))}: {error.message}"
            return
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    rules = driver["rules"]
    yield from check_uri("driver", driver["informationUri"], True)
    yield from check_rules(rules)
    for i, result in enumerate(run["results"]):
        where = f"result {i}"
        index = result["ruleIndex"]
        # 3.27.6 with 3.27.5: both name the same rule.
        if index >= len(rules) or rules[index]["id"] != result["ruleId"]:
            yield f"{where}: ruleIndex is not of {result['ruleId']}"
        yield from check_message(where, result["message"])
        location = result["locations"][0]["physicalLocation"]
        yield from check_uri(where, location["artifactLocation"]["uri"])
        yield from check_regions(where, location, read)
        hashes = result["partialFingerprints"]
        short, _, number = hashes["primaryLocationLineHash"].partition(":")
        if not re.match(rf"{short}[0-9a-f]+:{number}$",
                        hashes["finding/v1"]):
            yield f"{where}: fingerprints differ"


def main(paths):
    found = 0
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for problem in problems(json.load(file)):
                print(f"{path}: {problem}")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
