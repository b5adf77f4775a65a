#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# fetch-winjs.sh: get WinJS's two style sheets (MIT licence) for tenants with `winjs`.
#
#   tools/fetch-winjs.sh [DIR]
#
# Puts winjs/ui-dark.min.css, winjs/ui-light.min.css and winjs/License.txt below DIR, which is what
# assets_dir in section [terms] names; the default is build/assets, which `make install` installs.
# The package comes through npm and its files must have the sums below. A font that the sheets load
# is taken out: its licence is not clear, and the pages use no symbol of it.
set -euo pipefail
cd "$(dirname "$0")/.."

version=4.4.3
dark=80707fb4ac04a664fe8d65a18c027e70177d8d0690b70b1100e9e816ee0149cb
light=93e28f7c034e099cd5eedaa753edb8e1fba08b08c2ce23aa079758cffce55c8d

mkdir -p "${1:-build/assets}"
target=$(cd "${1:-build/assets}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! command -v npm >/dev/null; then
	echo "fetch-winjs: npm is missing; on Debian: apt-get install npm" >&2
	exit 1
fi
(cd "$work" && npm pack --silent "winjs@$version" >/dev/null)
tar -xzf "$work/winjs-$version.tgz" -C "$work"

take() { # NAME SUM
	local file="$work/package/css/$1"
	if ! echo "$2  $file" | sha256sum --check --status; then
		echo "fetch-winjs: $1 of winjs $version is not the file that was reviewed" >&2
		exit 1
	fi
	python3 -B tools/strip_font_face.py "$file" "$work/$1"
}
take ui-dark.min.css "$dark"
take ui-light.min.css "$light"

mkdir -p "$target/winjs"
install -m 0644 "$work/ui-dark.min.css" "$work/ui-light.min.css" "$target/winjs/"
install -m 0644 "$work/package/License.txt" "$target/winjs/License.txt"
echo "WinJS $version is in $target/winjs"
