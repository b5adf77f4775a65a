#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# build.sh: configure build/release once and build it.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! tools/install-deps.sh --check build; then
	echo "build: install them with: tools/install-deps.sh build" >&2
	exit 1
fi
if [ ! -f build/release/build.ninja ]; then
	meson setup build/release --prefix "${PREFIX:-/usr/local}" >build-setup.log 2>&1 || {
		cat build-setup.log >&2
		exit 1
	}
	rm -f build-setup.log
fi
exec meson compile -C build/release
