# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium for tests: test/browser/driver.mjs, told what to do line by line."""

import json
import os
import pathlib
import shutil
import subprocess

DIRECTORY = pathlib.Path(__file__).resolve().parent / "browser"


def missing():
    """What is not there that a browser test needs; empty when all is."""
    wanted = [name for name in ("chromium", "node") if not shutil.which(name)]
    if not (DIRECTORY / "node_modules" / "playwright-core" / "package.json").exists():
        wanted.append("npm ci in test/browser")
    return wanted


class Browser:
    """Commands of driver.mjs as methods: browser.open(url=...), browser.check(), ..."""

    def __init__(self, log):
        self.log = open(log, "ab")
        self.process = subprocess.Popen(
            ["node", "driver.mjs"], cwd=DIRECTORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log, text=True,
            env={**os.environ, "FONTCONFIG_FILE": str(DIRECTORY / "fonts.conf")})
        self.call("start", executable=shutil.which("chromium"))

    def call(self, command, **options):
        self.process.stdin.write(json.dumps({"command": command, **options}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the driver of the browser ended, see {self.log.name}"
        answer = json.loads(line)
        assert "error" not in answer, f"{command}: {answer['error']}"
        return answer["result"]

    def __getattr__(self, name):
        return lambda **options: self.call(name, **options)

    def end(self):
        try:
            self.call("end")
            self.process.stdin.close()
            assert self.process.wait(60) == 0
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.log.close()
