#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# build.sh: configure build/release once and build it, or only the targets that are named.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! tools/install-deps.sh --check build; then
	echo "build: install them with: tools/install-deps.sh build" >&2
	exit 1
fi
if [ ! -f build/release/build.ninja ]; then
	mkdir -p build
	if ! meson setup build/release --prefix "${PREFIX:-/usr/local}" >build/setup.log 2>&1; then
		cat build/setup.log >&2
		exit 1
	fi
fi
exec meson compile -C build/release "$@"
