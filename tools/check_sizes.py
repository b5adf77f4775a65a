# SPDX-License-Identifier: Apache-2.0
"""Check the size of functions, files, headers and lines; print how the functions are spread.

Limits: functions 100 lines (nine in ten under 50), files 800, headers 150, lines 100 columns with
tabs of 8. Function lengths come from Universal Ctags, from the line of the name to the closing
brace.

usage: check_sizes.py [ROOT]
       check_sizes.py --self-test
"""

import json
import os
import subprocess
import sys
import tempfile

FUNCTION_MAX = 100
FUNCTION_P90 = 50
FILE_MAX = 800
HEADER_MAX = 150
COLUMNS = 100

C_TOPS = ("src", "sim", "fuzz", "bench")
# Where other languages live, and the endings that are held to FILE_MAX.
OTHER_TOPS = ("console/src", "test", "tools")
OTHER_ENDINGS = (".ts", ".tsx", ".css", ".py", ".sh")


def walk(root, tops, endings):
    for top in tops:
        for folder, names, files in os.walk(os.path.join(root, top)):
            names[:] = sorted(name for name in names if name != "node_modules")
            for name in sorted(files):
                if name.endswith(endings):
                    yield os.path.relpath(os.path.join(folder, name), root)


def read_lines(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as source:
        return source.read().splitlines()


def check_lines(root, path, limit, columns):
    lines = read_lines(root, path)
    if len(lines) > limit:
        yield path, len(lines), f"{len(lines)} lines, more than {limit}"
    for number, line in enumerate(lines, 1):
        width = len(line.expandtabs(8))
        if columns and width > columns:
            yield path, number, f"{width} columns, more than {columns}"


def functions(root, paths):
    """(path, line, name, length) of every function in C files."""
    done = subprocess.run(
        ["ctags", "-f", "-", "-L", "-", "--languages=C", "--kinds-C=f", "--fields=+ne",
         "--output-format=json"],
        cwd=root, input="\n".join(paths), stdout=subprocess.PIPE, text=True, check=True)
    for line in done.stdout.splitlines():
        tag = json.loads(line)
        if "end" in tag:
            yield tag["path"], tag["line"], tag["name"], tag["end"] - tag["line"] + 1


def check_tree(root):
    """All violations, and the sorted lengths of all functions."""
    found = []
    c_files = list(walk(root, C_TOPS, (".c", ".h")))
    for path in c_files:
        limit = HEADER_MAX if path.endswith(".h") else FILE_MAX
        found += check_lines(root, path, limit, COLUMNS)
    for path in walk(root, OTHER_TOPS, OTHER_ENDINGS):
        found += check_lines(root, path, FILE_MAX, None)
    lengths = []
    for path, line, name, length in functions(root, c_files):
        lengths.append(length)
        if length > FUNCTION_MAX:
            found.append((path, line, f"{name} has {length} lines, more than {FUNCTION_MAX}"))
    return found, sorted(lengths)


def function_of(lines):
    return "int f(void)\n{\n" + "\tg();\n" * (lines - 3) + "}\n"


SELF_TEST = [
    # path, content, number of violations
    ("src/a/ok.c", function_of(FUNCTION_MAX), 0),
    ("src/a/long.c", function_of(FUNCTION_MAX + 1), 1),
    ("src/a/full.c", "\n" * FILE_MAX, 0),
    ("src/a/over.c", "\n" * (FILE_MAX + 1), 1),
    ("src/a/full.h", "\n" * HEADER_MAX, 0),
    ("src/a/over.h", "\n" * (HEADER_MAX + 1), 1),
    ("sim/a/wide.c", "\t" * 12 + "1234\n" + "\t" * 12 + "12345\n", 1),
    ("test/over.py", "#\n" * (FILE_MAX + 1), 1),
    ("console/src/node_modules/over.ts", "\n" * (FILE_MAX + 1), 0),
]


def self_test():
    failed = 0
    for path, content, expected in SELF_TEST:
        with tempfile.TemporaryDirectory() as root:
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full))
            with open(full, "w", encoding="utf-8") as out:
                out.write(content)
            found, _ = check_tree(root)
        if len(found) != expected:
            print(f"check_sizes self-test: {path}: {found}")
            failed = 1
    return failed


def main(args):
    if args == ["--self-test"]:
        return self_test()
    root = args[0] if args else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found, lengths = check_tree(root)
    for path, line, text in found:
        print(f"{path}:{line}: {text}")
    if lengths:
        p90 = lengths[len(lengths) * 9 // 10]
        print(f"{len(lengths)} functions: median {lengths[len(lengths) // 2]} lines, "
              f"nine in ten up to {p90}, longest {lengths[-1]}")
        if p90 > FUNCTION_P90:
            print(f"nine in ten functions should have at most {FUNCTION_P90} lines")
            return 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
