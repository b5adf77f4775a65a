# SPDX-License-Identifier: Apache-2.0
"""Check that `muster` has a command for every row of the admin API, and no other.

Both sides are tables: src/edge/api_rows.c and src/muster/resources*.c. Where they differ, this names
the row that lacks its counterpart.

usage: check_cli.py [ROOT]
"""

import glob
import os
import re
import sys

API = "src/edge/api_rows.c"
CLI = "src/muster/resources*.c"

# Rows that are for programs, not for people.
WITHOUT_COMMAND = {("GET", "openapi.json")}

MACROS = {"LIST": "GET", "SHOW": "GET", "ADD": "POST", "PUT": "PUT", "UPDATE": "PATCH",
          "REMOVE": "DELETE"}
API_ROW = re.compile(r'\{HTTP_([A-Z]+),\s*"([^"]+)"')
CLI_ROW = re.compile(
    r'\b(LIST|SHOW|ADD|PUT|UPDATE|REMOVE)\(\s*"([^"]+)"'
    r'|\bACTION\(\s*"[^"]+",\s*"([^"]+)"'
    r'|\.method = "([A-Z]+)",\s*\.path = "([^"]+)"')


def read(root, pattern):
    text = ""
    for path in sorted(glob.glob(os.path.join(root, pattern))):
        with open(path, encoding="utf-8") as source:
            text += source.read()
    return text


def api_rows(root):
    return set(API_ROW.findall(read(root, API)))


def cli_rows(root):
    rows = set()
    for macro, path, action, method, named in CLI_ROW.findall(read(root, CLI)):
        method = method or MACROS.get(macro, "POST")
        rows.add((method, re.sub(r"\{\w+\}", "{}", (path or action or named).partition("?")[0])))
    return rows


def matches(row, command):
    """{} of the API stands for any one segment of a command's path."""
    want, have = row[1].split("/"), command[1].split("/")
    return (row[0] == command[0] and len(want) == len(have)
            and all(w in ("{}", h) for w, h in zip(want, have)))


def check(root):
    api, cli = api_rows(root) - WITHOUT_COMMAND, cli_rows(root)
    if not api or not cli:
        return ["a table was not found"]
    return ([f"{API}: no command in {CLI} for {' '.join(row)}"
             for row in sorted(api) if not any(matches(row, command) for command in cli)]
            + [f"{CLI}: no row in {API} for {' '.join(command)}"
               for command in sorted(cli) if not any(matches(row, command) for row in api)])


def main(args):
    root = args[0] if args else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if not all(glob.glob(os.path.join(root, path)) for path in (API, CLI)):
        print("check_cli: the tables are not where they should be")
        return 1
    found = check(root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
