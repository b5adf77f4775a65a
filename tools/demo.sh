#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# demo.sh: what `make demo` does: install what is missing, build, and show the main job on loopback.
# ONESHOT=1 ends after the last step instead of staying.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install-deps.sh demo
mkdir -p build
programs=()
for name in src/musterd/musterd src/muster/muster sim/entra/muster-entra sim/device/muster-device; do
	programs+=("$name:executable")
done
if ! tools/build.sh "${programs[@]}" >build/demo-build.log 2>&1; then
	tail -n 40 build/demo-build.log
	echo "FAILED build: see build/demo-build.log"
	exit 1
fi
case "${ONESHOT:-}" in
"" | 0 | no) exec /usr/bin/python3 -B tools/demo.py ;;
*) exec /usr/bin/python3 -B tools/demo.py --once ;;
esac
