# SPDX-License-Identifier: Apache-2.0
"""Check rules of the code base that a search can decide.

For C: no function that runs a shell or a program, overruns a buffer or makes weak random numbers;
time, randomness and the system's clock only where they belong; no SQL composed by a format; every
file starts with the licence tag and a comment that introduces it; include guards named after the
file; no name that belongs to the C library. For all text: no note of unfinished work.

Comments and the contents of string literals do not count as calls. An exception is a row in
EXCEPTIONS with its reason.

usage: check_rules.py [ROOT]
       check_rules.py --self-test
"""

import os
import re
import sys
import tempfile

TOPS = ("src", "sim", "fuzz", "bench")
TEXT_TOPS = TOPS + ("test", "tools", "console/src", "doc", "packaging", ".ci")
TEXT_ENDINGS = (".c", ".h", ".py", ".sh", ".ts", ".tsx", ".md", ".build", ".sql", ".yaml", ".yml")
TEXT_ROOT = ("Makefile", "meson.build", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md",
             "SECURITY.md", "CHANGELOG.md")

# what may not be called -> (why, the paths where it may)
CALLS = {
    r"system|popen|execlp?|execle|execvp?|execve|execvpe|execveat|fexecve|posix_spawnp?":
        ("runs another program", ()),
    r"strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strtok|alloca": ("has no bound", ()),
    r"atoi|atol|atoll|atof": ("cannot tell a wrong number", ()),
    r"rand|srand|rand_r|random|srandom|drand48|lrand48":
        ("is predictable: use base/rand.h", ()),
    r"getrandom|getentropy|RAND_bytes|RAND_priv_bytes":
        ("randomness comes from base/rand.h", ("src/base/rand.c",)),
    r"time|gettimeofday|clock_gettime":
        ("time comes from base/clock.h", ("src/base/clock.c", "src/*/test_*")),
    r"mktemp|tmpnam|tempnam|tmpfile": ("makes guessable names: use mkstemp", ()),
    r"setlocale": ("changes how numbers are read and written", ()),
    r"XML_ResumeParser|XML_ExternalEntityParserCreate": ("entities are never followed", ()),
    r"PKCS7_verify|d2i_PKCS7(?:_bio)?": ("use the CMS functions", ()),
    r"PQexec|sqlite3_exec": ("takes text without parameters", ("src/store/db_*",)),
}

# (path, rule) -> reason
EXCEPTIONS = {}

FORMATS = re.compile(r"\b(?:snprintf|buf_printf|arena_printf|asprintf)\s*\(")
SQL = re.compile(r"\b(?:SELECT|INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\S+\s+SET|ORDER\s+BY)\b")
LIBRARY_NAMES = re.compile(r"^(?:str|mem|wcs)[a-z]")
UNFINISHED = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
HEAD_LINES = range(3, 30)

TOKENS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
FUNCTION = re.compile(r"^(?:[A-Za-z_][\w \t\*]*?[ \t\*])([A-Za-z_]\w*)\([^;]*?\)\s*\{", re.M)


def blank(match):
    """Keep the line structure and the quotes of what is taken out."""
    text = match.group(0)
    if text[0] in "\"'":
        return text[0] + " " * (len(text) - 2) + text[0]
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return TOKENS.sub(lambda m: m.group(0) if m.group(0)[0] in "\"'" else blank(m), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def statement_from(text, offset):
    """The call that starts at offset, to its closing parenthesis. text has no comments; its
    strings are blanked in `text`, so parentheses inside them do not count."""
    depth = 0
    for end in range(offset, len(text)):
        if text[end] == "(":
            depth += 1
        elif text[end] == ")":
            depth -= 1
            if depth == 0:
                return end
    return len(text)


def allowed(path, places):
    return any(re.fullmatch(place.replace("*", ".*"), path) for place in places)


def check_calls(path, code):
    for names, (why, places) in CALLS.items():
        if allowed(path, places):
            continue
        for match in re.finditer(rf"(?<![\w.>])({names})\s*\(", code):
            yield line_of(code, match.start()), f"{match.group(1)}() {why}"


def check_sql(code, strings):
    for match in FORMATS.finditer(code):
        end = statement_from(code, match.end() - 1)
        if SQL.search(strings[match.start():end]):
            yield line_of(code, match.start()), "SQL is composed by a format: use parameters"


def check_names(code):
    for match in FUNCTION.finditer(code):
        name = match.group(1)
        internal = re.search(r"\bstatic\b", match.group(0)[:match.start(1) - match.start()])
        if name.startswith("_") or (LIBRARY_NAMES.match(name) and not internal):
            yield line_of(code, match.start(1)), f"{name}: the C library owns such names"


def check_head(text):
    lines = text.splitlines()
    if not lines or lines[0] != "/* SPDX-License-Identifier: Apache-2.0 */":
        yield 1, "the first line must be the licence tag"
        return
    if len(lines) < 2 or lines[1] != "/*":
        yield 2, "a comment that introduces the file must follow the licence tag"
        return
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "*/"), 0)
    if end not in HEAD_LINES:
        yield 2, "the comment that introduces the file has an unusual length"


def guard_of(path):
    parts = path.split("/")
    return "MUSTER_" + re.sub(r"\W", "_", "_".join(parts[1:] if parts[0] == "src" else parts)).upper()


def check_guard(path, code):
    guard = guard_of(path)
    directives = re.findall(r"^\s*#\s*(\w+)\s*(\w*)", code, re.M)
    if directives[:2] != [("ifndef", guard), ("define", guard)] or directives[-1][0] != "endif":
        yield 1, f"the include guard must be {guard}"


def check_c(path, text):
    strings = without_comments(text)
    code = TOKENS.sub(blank, text)
    yield from check_head(text)
    yield from check_calls(path, code)
    yield from check_sql(code, strings)
    yield from check_names(code)
    if path.endswith(".h"):
        yield from check_guard(path, code)


def check_unfinished(text):
    for match in UNFINISHED.finditer(text):
        yield line_of(text, match.start()), f"unfinished work is noted: {match.group(0)}"


def texts(root):
    for name in TEXT_ROOT:
        if os.path.exists(os.path.join(root, name)):
            yield name
    for top in TEXT_TOPS:
        for folder, names, files in os.walk(os.path.join(root, top)):
            names[:] = sorted(name for name in names if name not in ("node_modules", "corpus"))
            for name in sorted(files):
                if name.endswith(TEXT_ENDINGS):
                    yield os.path.relpath(os.path.join(folder, name), root)


def check_tree(root):
    found = []
    for path in texts(root):
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as source:
            text = source.read()
        rows = list(check_unfinished(text))
        if path.endswith((".c", ".h")) and path.startswith(TOPS):
            rows += check_c(path, text)
        found += [(path, line, why) for line, why in rows
                  if not any(path == p and rule in why for p, rule in EXCEPTIONS)]
    return found


HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n/*\n * a.c: a file.\n *\n * It is one.\n */\n"
GUARD = "#ifndef MUSTER_A_A_H\n#define MUSTER_A_A_H\n#endif\n"
SELF_TEST = [
    # path, content, number of violations
    ("src/a/a.c", HEAD + "int a_do(void)\n{\n\treturn b_system(\"system(1)\"); /* system(2) */\n}\n", 0),
    ("src/a/a.c", HEAD + "int a_do(void)\n{\n\treturn system (\"x\");\n}\n", 1),
    ("src/a/a.c", HEAD + "void a_do(void)\n{\n\tpopen(x);\n\texecvp(y);\n\tstrcpy(a, b);\n}\n", 3),
    ("src/a/a.c", HEAD + "int a_do(void)\n{\n\treturn rand() + w->time(1) + x.time(2);\n}\n", 1),
    ("src/a/a.c", HEAD + "int a_do(void)\n{\n\treturn time(NULL);\n}\n", 1),
    ("src/base/clock.c", HEAD + "int a_do(void)\n{\n\treturn time(NULL);\n}\n", 0),
    ("src/a/a.c", HEAD + "void a_do(void)\n{\n\tbuf_printf(&b,\n\t\t\"SELECT a \"\n\t\t\"%s\", x);\n}\n", 1),
    ("src/a/a.c", HEAD + "void a_do(void)\n{\n\tdb_run(db, \"SELECT 1\");\n\tbuf_printf(&b, \"Select\");\n}\n", 0),
    ("src/a/a.c", HEAD + "static char *strange(void)\n{\n}\nint string_of(void)\n{\n}\n", 1),
    ("src/a/a.c", HEAD + "static int _a(void)\n{\n}\n", 1),
    ("src/a/a.c", HEAD + "int a_string(void)\n{\n}\n", 0),
    ("src/a/a.c", "int x;\n", 1),
    ("src/a/a.c", "/* SPDX-License-Identifier: Apache-2.0 */\nint x;\n", 1),
    ("src/a/a.c", "/* SPDX-License-Identifier: Apache-2.0 */\n/*\n */\n", 1),
    ("src/a/a.h", HEAD + GUARD, 0),
    ("src/a/b.h", HEAD + GUARD, 1),
    ("src/a/a.h", HEAD, 1),
    ("sim/entra/a.h", HEAD + GUARD.replace("MUSTER_A", "MUSTER_SIM_ENTRA"), 0),
    ("src/a/a.c", HEAD + "/* TO" + "DO: later */\n", 1),
    ("test/a.py", "# FIX" + "ME\n", 1),
    ("README.md", "TO" + "DO and XX" + "X\n", 2),
]


def self_test():
    failed = 0
    for number, (path, content, expected) in enumerate(SELF_TEST):
        with tempfile.TemporaryDirectory() as root:
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as out:
                out.write(content)
            try:
                found = check_tree(root)
            except IndexError as error:
                found = [error]
        if len(found) != expected:
            print(f"check_rules self-test: row {number}: {found}")
            failed = 1
    return failed


def main(args):
    if args == ["--self-test"]:
        return self_test()
    root = args[0] if args else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = check_tree(root)
    for path, line, why in found:
        print(f"{path}:{line}: {why}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
