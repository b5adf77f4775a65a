# SPDX-License-Identifier: Apache-2.0
"""Turn a style sheet or script into a C string literal to be included, without comments and
indentation.

usage: embed_text.py IN OUT
"""

import re
import sys


def squeezed(source):
    """What it says. Only for sources whose comments are all like those of C, and that have neither
    comments nor runs of blanks in strings."""
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.S)
    lines = (re.sub(r"\s+", " ", line.strip()) for line in source.splitlines())
    return [line for line in lines if line]


def literal(line):
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"\n'


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as opened:
        lines = squeezed(opened.read())
    with open(target, "w", encoding="utf-8") as made:
        made.writelines(literal(line) for line in lines)


if __name__ == "__main__":
    main()
