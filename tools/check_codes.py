# SPDX-License-Identifier: Apache-2.0
"""Check that the manual's table of codes is that of the program.

The rows of src/enroll/code.c and those of doc/troubleshooting.md must be the same codes in the same
order with the same words.

usage: check_codes.py [ROOT]      report each difference, exit 1 if there are any
       check_codes.py --print     the table for the manual
"""

import os
import re
import sys

SOURCE = "src/enroll/code.c"
MANUAL = "doc/troubleshooting.md"
ORIGINS = {"SERVER": "server", "DEVICE": "Windows", "ENTRA": "Entra", "EITHER": "either"}


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as source:
        return source.read()


def text_of(words, macros):
    """The text that string literals and macros between commas make."""
    out = ""
    for literal, name in re.findall(r'"((?:[^"\\]|\\.)*)"|([A-Z_]+)', words):
        out += macros.get(name, "") if name else literal
    return out


def members_of(row):
    """The members of one initializer, split at the commas outside of strings."""
    parts, depth, current, quoted = [], 0, "", False
    for char in row:
        if char == '"':
            quoted = not quoted
        if char == "," and not quoted and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += char
    return parts + [current]


def messages_of(source, macros):
    """{id: what Windows shows}."""
    body = re.search(r"\} messages\[\] = \{\n(.*?)\n\};", source, re.S).group(1)
    rows = [members_of(row) for row in re.findall(r'\{("idError.*?)\},?$', body, re.M | re.S)]
    return {text_of(row[0], macros): text_of(row[1], macros) for row in rows}


def table(root):
    source = read(root, SOURCE)
    macros = {}
    for name, body in re.findall(r"#define ([A-Z_]+)((?:.*\\\n)*.*)\n", source):
        macros[name] = text_of(body, macros)
    messages = messages_of(source, macros)
    body = re.search(r"struct enroll_code codes\[\] = \{\n(.*?)\n\};", source, re.S).group(1)
    rows = []
    for row in re.findall(r"^    \{(.*?)\},?$", body, re.M | re.S):
        parts = members_of(row)
        origin = re.search(r"CODE_([A-Z]+)", parts[5]).group(1)
        words = [text_of(part, macros) for part in parts]
        rows.append((words[0], words[1], messages.get(words[4], ""), ORIGINS[origin], words[6],
                     words[7]))
    return rows


def line_of(row):
    code, name, message, origin, cause, remedy = row
    return (f"| `{code}` | {name} | {message.replace('{0}', code)} | {origin} | {cause} |"
            f" {remedy} |")


def check(root):
    want = [line_of(row) for row in table(root)]
    chapter = read(root, MANUAL).partition("\n## The codes\n")[2]
    have = re.findall(r"^\| `.*\|$", chapter, re.M)
    if len(want) < 60:
        return [f"{SOURCE}: the table was not found"]
    found = [f"{MANUAL}: missing or different: {line}" for line in want if line not in have]
    found += [f"{MANUAL}: not in {SOURCE}: {line}" for line in have if line not in want]
    if not found and want != have:
        found = [f"{MANUAL}: the codes are in another order than in {SOURCE}"]
    return found


def main(args):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if args == ["--print"]:
        print("\n".join(line_of(row) for row in table(root)))
        return 0
    found = check(args[0] if args else root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
