#!/usr/bin/env python3
"""Compares the JSON reader with Python's on mutated texts.

json-oracle.py BINARY [COUNT [SEED]]; BINARY is tests/json-accepts.c.
Python's reader is made strict: no constants, no duplicate keys.  What the
compiler refuses beyond that is listed in judge().
"""

import json
import random
import struct
import subprocess
import sys

DEPTH = 64

SEEDS = [
    b'{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"syscalls":'
    b'[{"names":["read","write"],"action":"SCMP_ACT_ALLOW","args":'
    b'[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]}]}',
    b'[1, -1, 0, -0, 1.5, 1e5, 0E-2, -0.0, 18446744073709551616, '
    b'-18446744073709551615, 9223372036854775808, -9223372036854775809]',
    b'["\\u0041", "\\ud83d\\ude00", "\xc3\xa9", "\xf0\x9f\x98\x80", '
    b'"\\"\\\\\\/\\b\\f\\n\\r\\t", "\x7f", "", "\\u00e9", "\\uFFFF"]',
    b'{"a":1,"b":{"a":2,"\\u0062":null},"":true,"\xc3\xa9":false,"c":[{}]}',
    b' \t\r\n[ [ ] , { } , "x" , null ]\n',
    b'["a text of some length, so that what is odd can stand anywhere in it"]',
    b'"text"', b'true', b'null', b'-12', b'', b' ',
]

BITS = [b'"', b"'", b',', b':', b'[', b']', b'{', b'}', b'\\', b'\\u', b'/',
        b'0', b'1', b'9', b'-', b'+', b'.', b'e', b'E', b' ', b'\n', b'\t',
        b'\x00', b'\x1f', b'\x7f', b'\x80', b'\xc0\x80', b'\xc3', b'\xc3\xa9',
        b'\xe0\x80\x80', b'\xed\xa0\x80', b'\xef\xbb\xbf', b'\xf4\x90\x80\x80',
        b'\xf0\x9f\x98\x80', b'\\u0000', b'\\ud800', b'\\udc00', b'\\ud83d',
        b'\\ude00', b'\\u0061', b'"a":1,', b'"\\u0061":2,', b'NaN', b'Infinity',
        b'true', b'false', b'null', b'//', b'/*', b'#', b'0x1', b'01', b'1e',
        b'\xff\xfe', b'\x0c', b'\xc2\xa0', b'[' * 40, b']' * 40]


class Duplicate(ValueError):
    pass


class Constant(ValueError):
    pass


def pairs(members):
    seen = dict(members)
    if len(seen) != len(members):
        # Twice is an error, but what else is wrong must be found too.
        raise Duplicate()
    return seen


def constant(name):
    raise Constant(name)


def integer(digits):
    number = int(digits)
    if abs(number) >= 1 << 64 or digits == '-0':
        return 0.5
    return number


def hexed(text):
    return "'" + text.encode('utf-8').hex() + "'"


def dump(value):
    if value is None:
        return 'n'
    if value is True or value is False:
        return 't' if value else 'f'
    if isinstance(value, float):
        return 'x'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return hexed(value)
    if isinstance(value, list):
        return '[' + ','.join(map(dump, value)) + ']'
    return '{' + ','.join(hexed(k) + ':' + dump(v)
                          for k, v in value.items()) + '}'


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for element in value:
            yield from strings(element)
    elif isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from strings(member)


def depth(value):
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 0


def judge(text):
    """Returns the tree as text, or the names of which one must be given."""
    try:
        value = json.loads(text.decode('utf-8'), object_pairs_hook=pairs,
                           parse_constant=constant, parse_int=integer,
                           parse_float=lambda digits: 0.5)
    except UnicodeDecodeError:
        # Whichever comes first, a bad byte or another error.
        return None, {'invalid-utf8', 'json-syntax', 'limit'}
    except Duplicate:
        return None, {'duplicate-key', 'json-syntax', 'nul-in-string',
                      'invalid-utf8', 'limit'}
    except ValueError:
        # To Python a raw NUL in a string is a control character.
        nul = {'nul-in-string'} if b'\0' in text else set()
        return None, {'json-syntax', 'invalid-utf8', 'limit'} | nul
    if depth(value) > DEPTH:
        return None, {'limit'}
    names = set()
    for string in strings(value):
        if '\0' in string:
            names.add('nul-in-string')
        if any('\ud800' <= c <= '\udfff' for c in string):
            names.add('invalid-utf8')
    return (None, names) if names else (dump(value), None)


def mutate(rng):
    text = bytearray(rng.choice(SEEDS))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            del text[at:at + rng.choice((1, 1, 2, 10))]
        elif kind == 1:
            text[at:at] = rng.choice(BITS)
        elif kind == 2:
            bit = rng.choice(BITS)
            text[at:at + len(bit)] = bit
        elif kind == 3 and at < len(text):
            text[at] = rng.randrange(256)
        else:
            start = rng.randrange(len(text) + 1)
            text[at:at] = text[start:start + rng.randrange(30)]
    return bytes(text)


def main():
    binary = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    if hasattr(sys, 'set_int_max_str_digits'):
        sys.set_int_max_str_digits(0)
    rng = random.Random(seed)
    texts = SEEDS + [mutate(rng) for _ in range(count)]
    feed = b''.join(struct.pack('<I', len(t)) + t for t in texts)
    lines = subprocess.run([binary], input=feed, stdout=subprocess.PIPE,
                           check=True).stdout.decode().splitlines()
    bad = len(lines) != len(texts)
    accepted = 0
    for text, line in zip(texts, lines):
        tree, names = judge(text)
        verdict, *rest = line.split(' ')
        if tree is not None:
            good = line == 'accept ' + tree
            accepted += 1
        else:
            good = verdict == 'reject' and any(n in names for n in rest)
        if not good:
            bad = True
            print(f'{text!r}\n  got      {line}\n  expected '
                  f'{tree if tree is not None else names}')
    print(f'{len(texts)} texts, {accepted} of them JSON, seed {seed}: '
          f'{"differences" if bad else "no difference"}')
    return 1 if bad or accepted < len(texts) // 50 else 0


sys.exit(main())
