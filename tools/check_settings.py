# SPDX-License-Identifier: Apache-2.0
"""Check that the manual and the server agree on the settings: names, sections and defaults.

The server's side is the table in src/musterd/config.c, the manual's are the tables under the section
headings of doc/configuration.md. A default of NULL is "required" in the manual, "" is "empty".

usage: check_settings.py [ROOT]
"""

import os
import re
import sys

CODE = "src/musterd/config.c"
MANUAL = "doc/configuration.md"

ROW = re.compile(r'\bROW\(\s*"(\w+)",\s*"(\w+)",\s*\w+,\s*[\w.]+,\s*(NULL|"[^"]*")\s*\)')
HEADING = re.compile(r"^## (?:`\[(\w+)\]`)?")
LINE = re.compile(r"^\| `(\w+)` \| (required|empty|`[^`]*`) \| \S")


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as source:
        return source.read()


def of_code(text):
    """{(section, key): default}"""
    names = {"NULL": "required", '""': "empty"}
    return {(section, key): names.get(default, default.strip('"'))
            for section, key, default in ROW.findall(text)}


def of_manual(text):
    """The same, and complaints about lines that cannot be right."""
    settings, wrong, section = {}, [], None
    for line in text.splitlines():
        heading, row = HEADING.match(line), LINE.match(line)
        if heading:
            section = heading.group(1)
        elif row and section:
            key = (section, row.group(1))
            if key in settings:
                wrong.append(f"[{section}] {row.group(1)} is described twice")
            settings[key] = row.group(2).strip("`")
        elif section and line.startswith("| `"):
            wrong.append(f"a row without name, default or meaning: {line}")
    return settings, wrong


def check(root):
    code = of_code(read(root, CODE))
    manual, found = of_manual(read(root, MANUAL))
    found = [f"{MANUAL}: {why}" for why in found]
    if not code:
        found.append(f"{CODE}: the table of settings was not found")
    for section, key in sorted(code.keys() | manual.keys()):
        name = f"[{section}] {key}"
        have, said = code.get((section, key)), manual.get((section, key))
        if said is None:
            found.append(f"{MANUAL}: {name} is missing")
        elif have is None:
            found.append(f"{MANUAL}: {name} is not a setting")
        elif have != said:
            found.append(f"{MANUAL}: the default of {name} is {have}, not {said}")
    return found


def main(args):
    root = args[0] if args else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = check(root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
