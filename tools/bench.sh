#!/usr/bin/env bash
# make bench: measure the server beside nginx on this machine. See bench/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/install-deps.sh build
tools/install-deps.sh bench
tools/build.sh build/release
exec python3 bench/bench.py "$@"
