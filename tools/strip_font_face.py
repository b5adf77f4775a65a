# SPDX-License-Identifier: Apache-2.0
"""Copy a style sheet without the @font-face rules that load a file.

usage: strip_font_face.py IN OUT
"""

import re
import sys


def stripped(css):
    return re.sub(r"@font-face\s*\{[^{}]*url\([^{}]*\}", "", css)


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8-sig") as css:
        text = stripped(css.read())
    if re.search(r"@font-face[^}]*url\(", text):
        sys.exit(f"{source}: a @font-face rule has a form that is not known")
    with open(target, "w", encoding="utf-8") as made:
        made.write(text)


if __name__ == "__main__":
    main()
