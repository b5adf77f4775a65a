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
exec meson install -C build/release --no-rebuild ${DESTDIR:+--destdir "$DESTDIR"}
