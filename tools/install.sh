#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# install.sh: build, then install under PREFIX, below DESTDIR where that is set.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/build.sh
built=$(meson introspect build/release --buildoptions |
	tr '}' '\n' | sed -n 's/.*"name": "prefix", "value": "\([^"]*\)".*/\1/p')
if [ "$built" != "${PREFIX:-/usr/local}" ]; then
	meson configure build/release --prefix "${PREFIX:-/usr/local}"
	tools/build.sh
fi
meson install -C build/release --no-rebuild ${DESTDIR:+--destdir "$DESTDIR"}

# What tools/fetch-winjs.sh got, if it was run.
if [ -d build/assets/winjs ]; then
	share=${DESTDIR:-}${PREFIX:-/usr/local}/share/muster/assets/winjs
	mkdir -p "$share"
	install -m 0644 build/assets/winjs/* "$share/"
	echo "installed WinJS's style sheets in $share"
fi
