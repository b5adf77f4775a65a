#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# test.sh: what `make test` does: install what the tests need, then run all of them.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install-deps.sh test
exec /usr/bin/python3 -B tools/run_tests.py
