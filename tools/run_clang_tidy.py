# SPDX-License-Identifier: Apache-2.0
"""Run clang-tidy over the C files of the project, several at once, and print only findings.

The commands are those of a build with gcc; options that clang does not know, and -Werror, are
taken out first. Where the files are given as arguments only those are checked.

usage: run_clang_tidy.py BUILD [FILE...]
"""

import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOPS = tuple(os.path.join(ROOT, top) + os.sep for top in ("src", "sim", "fuzz", "bench"))
GCC_ONLY = re.compile(r"-ftrivial-auto-var-init=.*|-Werror|-fanalyzer.*|-MD|-fdiagnostics-.*")
# Tests are full of constants like 24 * 3600 and of texts written over several lines.
NOT_IN_TESTS = "--checks=-bugprone-implicit-widening-of-multiplication-result," \
    "-bugprone-suspicious-missing-comma"
NOISE = re.compile(r"^\d+ warnings?( treated as errors?)? ?(generated)?\.?$|^Suppressed |^Use -")


def commands(build):
    """The compile commands of our own files, one for each, as clang can take them."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as listed:
        entries = json.load(listed)
    chosen = {}
    for entry in entries:
        path = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
        if path.startswith(TOPS) and path not in chosen:
            words = [word for word in shlex.split(entry["command"]) if not GCC_ONLY.fullmatch(word)]
            chosen[path] = {"directory": entry["directory"], "file": path,
                            "command": shlex.join(words + ["-Wno-unknown-warning-option"])}
    return chosen


def check(database, path):
    """What clang-tidy has to say about one file, and whether it is content."""
    args = ["clang-tidy", "--quiet", "-p", database, path]
    if os.path.basename(path).startswith("test_"):
        args.append(NOT_IN_TESTS)
    done = subprocess.run(args, cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = [line for line in done.stdout.splitlines() if not NOISE.match(line)]
    return path, lines, done.returncode == 0


def main(args):
    build, wanted = args[0], [os.path.abspath(path) for path in args[1:]]
    chosen = commands(build)
    database = os.path.join(build, "clang-tidy")
    os.makedirs(database, exist_ok=True)
    with open(os.path.join(database, "compile_commands.json"), "w", encoding="utf-8") as out:
        json.dump(list(chosen.values()), out)
    paths = [path for path in sorted(chosen) if not wanted or path in wanted]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, lines, good in pool.map(lambda path: check(database, path), paths):
            if not good:
                bad += 1
                print("\n".join(lines) or f"{path}: clang-tidy failed", flush=True)
    print(f"clang-tidy: {len(paths)} files, {bad} with findings")
    return 1 if bad or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
