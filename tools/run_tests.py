# SPDX-License-Identifier: Apache-2.0
"""Build what the tests need, run all of them, and end with one line of totals.

Unit tests and the replay of the fuzz corpora run under AddressSanitizer and
UndefinedBehaviorSanitizer (build/asan); the tests of whole programs drive the ordinary build
(build/release) with pytest; build/mutation holds the test of the tests, which switches off one
check after the other and must see a test fail each time.

The environment of all tests:
  MUSTER_BUILD          absolute path of build/release
  MUSTER_MUTATION_BUILD absolute path of build/mutation
  MUSTER_TEST_POSTGRES  superuser URL of a PostgreSQL cluster that lives as long as the run

A build that fails counts as one failed test. Processes that a test left behind are ended and
named. The last line is `N passed, N failed`, with `, N skipped` where there are any.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree

from temp_postgres import TempPostgres

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
PR_SET_CHILD_SUBREAPER = 36

SANITIZED = ["-Db_sanitize=address,undefined", "-Db_lundef=false"]
# Options of each build directory.
BUILDS = {"asan": SANITIZED, "release": [], "mutation": ["-Dmutation=true"] + SANITIZED}

MESON_PASSED = {"OK", "EXPECTEDFAIL"}
MESON_SKIPPED = {"SKIP"}


class Totals:
    """What was counted so far, and the names of what failed."""

    def __init__(self):
        self.passed = 0
        self.skipped = 0
        self.failures = []

    def fail(self, name):
        self.failures.append(name)

    def print_failures(self):
        for name in self.failures:
            print(f"FAILED {name}")

    def last_line(self):
        line = f"{self.passed} passed, {len(self.failures)} failed"
        return line + (f", {self.skipped} skipped" if self.skipped else "")


def say(text):
    print(f"== {text}", flush=True)


def quiet(args, **kwargs):
    """Run a command whose output matters only when it fails; True when it did not."""
    done = subprocess.run(args, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **kwargs)
    if done.returncode != 0:
        sys.stdout.write(done.stdout.decode("utf-8", "replace"))
    return done.returncode == 0


def configure(name):
    path = os.path.join(BUILD, name)
    if os.path.exists(os.path.join(path, "build.ninja")):
        return True
    say(f"configure build/{name}")
    return quiet(["meson", "setup", path, ROOT] + BUILDS[name])


def suites(name):
    """The suites that tests of a configured build directory belong to."""
    done = subprocess.run(["meson", "introspect", os.path.join(BUILD, name), "--tests"],
                          cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return {suite.split(":")[-1] for test in json.loads(done.stdout) for suite in test["suite"]}


def count_meson(path, totals, label):
    """Add the results of a Meson test log: one JSON object a line."""
    seen = 0
    with open(path, encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            seen += 1
            if test["result"] in MESON_PASSED:
                totals.passed += 1
            elif test["result"] in MESON_SKIPPED:
                totals.skipped += 1
            else:
                totals.fail(f"{label} {test['name']} ({test['result'].lower()})")
    return seen


def meson_tests(name, wanted, totals, env):
    """Build and run the tests of the wanted suites of build/<name>."""
    if not configure(name):
        totals.fail(f"configure build/{name}")
        return
    wanted = [suite for suite in wanted if suite in suites(name)]
    if not wanted:
        return
    say(f"tests of build/{name}: {', '.join(wanted)}")
    log = os.path.join(BUILD, name, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.unlink(log)
    args = ["meson", "test", "-C", os.path.join(BUILD, name), "--print-errorlogs",
            "--timeout-multiplier", "4"]
    for suite in wanted:
        args += ["--suite", suite]
    env = dict(env, ASAN_OPTIONS="detect_leaks=1:abort_on_error=1",
               UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")
    done = subprocess.run(args, cwd=ROOT, stdin=subprocess.DEVNULL, env=env, check=False)
    before = len(totals.failures)
    seen = count_meson(log, totals, f"build/{name}") if os.path.exists(log) else 0
    if seen == 0 or (done.returncode != 0 and len(totals.failures) == before):
        totals.fail(f"build or run the tests of build/{name}")


def build_release(totals):
    if not configure("release"):
        totals.fail("configure build/release")
        return False
    say("build/release")
    if not quiet(["meson", "compile", "-C", os.path.join(BUILD, "release")]):
        totals.fail("compile build/release")
        return False
    return True


def browser_packages(totals):
    """What drives the browser, as test/browser/package-lock.json has it. Without it the tests that
    need it fail by themselves and say so."""
    path = os.path.join(ROOT, "test", "browser")
    with open(os.path.join(path, "package-lock.json"), encoding="utf-8") as lock:
        wanted = lock.read()
    stamp = os.path.join(path, "node_modules", ".muster-lock")
    if os.path.exists(stamp):
        with open(stamp, encoding="utf-8") as made:
            if made.read() == wanted:
                return
    say("npm ci in test/browser")
    if not quiet(["npm", "ci", "--prefix", path, "--ignore-scripts"]):
        totals.fail("npm ci in test/browser")
        return
    with open(stamp, "w", encoding="utf-8") as made:
        made.write(wanted)


def count_pytest(path, totals):
    seen = 0
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        seen += 1
        if kinds & {"failure", "error"}:
            totals.fail(f"{case.get('classname')}::{case.get('name')}")
        elif "skipped" in kinds:
            totals.skipped += 1
        else:
            totals.passed += 1
    return seen


def program_tests(totals, env):
    say("tests of the programs")
    report = os.path.join(BUILD, "pytest.xml")
    if os.path.exists(report):
        os.unlink(report)
    args = [sys.executable, "-B", "-m", "pytest", "-q", "-rsf", "-p", "no:cacheprovider",
            "--junitxml", report, os.path.join(ROOT, "test")]
    done = subprocess.run(args, cwd=ROOT, stdin=subprocess.DEVNULL, env=env, check=False)
    before = len(totals.failures)
    seen = count_pytest(report, totals) if os.path.exists(report) else 0
    if seen == 0 or (done.returncode != 0 and len(totals.failures) == before):
        totals.fail("run pytest")


def children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as listed:
                found += [int(child) for child in listed.read().split()]
        except OSError:
            continue
    return found


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            return cmdline.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""


def end_stragglers():
    """End what tests left running: it was handed to this process when its parent ended."""
    for _ in range(100):
        left = children(os.getpid())
        for pid in left:
            name = command_line(pid)
            if name:
                print(f"left behind by a test, ended: {pid} {name}")
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        except ChildProcessError:
            return
        time.sleep(0.05)


def run_all(totals):
    env = dict(os.environ, MUSTER_BUILD=os.path.join(BUILD, "release"),
               MUSTER_MUTATION_BUILD=os.path.join(BUILD, "mutation"),
               PYTHONDONTWRITEBYTECODE="1")
    with TempPostgres() as cluster:
        env["MUSTER_TEST_POSTGRES"] = cluster.url
        meson_tests("asan", ["unit", "fuzz"], totals, env)
        meson_tests("mutation", ["mutation"], totals, env)
        browser_packages(totals)
        if build_release(totals):
            program_tests(totals, env)


def stop_on_signal(signum, frame):
    raise KeyboardInterrupt


def main():
    totals = Totals()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGTERM, stop_on_signal)
    try:
        run_all(totals)
    except KeyboardInterrupt:
        totals.fail("the run was interrupted")
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        totals.fail(f"the run: {error}")
    finally:
        end_stragglers()
    totals.print_failures()
    print(totals.last_line(), flush=True)
    return 0 if totals.passed and not totals.failures else 1


if __name__ == "__main__":
    sys.exit(main())
