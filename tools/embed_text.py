# SPDX-License-Identifier: Apache-2.0
"""Turn a style sheet into a C string literal to be included, without comments and indentation.

usage: embed_text.py IN OUT
"""

import re
import sys


def squeezed(css):
    """What a style sheet says. Only for sheets without comments or runs of blanks in strings."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    lines = (re.sub(r"\s+", " ", line.strip()) for line in css.splitlines())
    return [line for line in lines if line]


def literal(line):
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"\n'


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as css:
        lines = squeezed(css.read())
    with open(target, "w", encoding="utf-8") as made:
        made.writelines(literal(line) for line in lines)


if __name__ == "__main__":
    main()
