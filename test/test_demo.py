# SPDX-License-Identifier: Apache-2.0
"""The demonstration: it shows every step, and does not claim one that did not happen."""

import os
import re
import shutil
import subprocess
import sys

from muster import BUILD, ROOT

DEMO = ROOT / "tools" / "demo.py"


def run(place, build=BUILD):
    return subprocess.run([sys.executable, "-B", DEMO, "--once", "--dir", place],
                          capture_output=True, text=True, timeout=300,
                          env={**os.environ, "MUSTER_BUILD": str(build)})


def steps():
    """The names in the script's table."""
    table = DEMO.read_text().split("STEPS = [", 1)[1].split("\n]", 1)[0]
    return len(re.findall(r"^    \(", table, re.M))


def test_every_step_happens(tmp_path):
    done = run(tmp_path / "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == steps() and all(line.startswith("ok  ") for line in lines), done.stdout
    assert "Graph (the stand-in) shows isManaged and isCompliant" in done.stdout


def test_a_step_that_fails_is_told(tmp_path):
    """With a device that only says it did its work, the server's records must disagree."""
    build = tmp_path / "build"
    for program in ("src/musterd/musterd", "src/muster/muster", "sim/entra/muster-entra"):
        (build / program).parent.mkdir(parents=True)
        (build / program).symlink_to(BUILD / program)
    liar = build / "sim/device/muster-device"
    liar.parent.mkdir(parents=True)
    shutil.copy("/bin/true", liar)
    done = run(tmp_path / "demo", build)
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert last.startswith("FAILED a Windows device joins") and "knows 0 devices" in last
