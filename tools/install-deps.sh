#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# install-deps.sh: install the Debian packages that a task needs and that are missing.
#
#   tools/install-deps.sh [--check] build|demo|test|lint|fuzz|bench...
#
# Says nothing and changes nothing when all are there. --check only names what is missing and
# fails. Packages come from the apt sources of the machine, by name. "a|b" is satisfied by either;
# the first that apt knows is installed (names differ between releases of Debian).
set -euo pipefail

declare -A packages
packages[build]='gcc libc6-dev pkg-config meson ninja-build ca-certificates libevent-dev
	node-llhttp|libllhttp-dev libssl-dev libexpat1-dev libjansson-dev libsqlite3-dev libpq-dev
	libcurl4-openssl-dev|libcurl-dev libinih-dev libyaml-dev libcmocka-dev libargon2-dev
	libldap-dev|libldap2-dev libxmlsec1-dev'
packages[test]="${packages[build]} openssl curl procps python3 python3-pytest
	python3-cryptography postgresql slapd xmlsec1 chromium nodejs npm softhsm2 opensc
	libengine-pkcs11-openssl"
packages[demo]="${packages[build]} python3"
packages[lint]="${packages[build]} python3 clang-format clang-tidy universal-ctags shellcheck"
packages[fuzz]="${packages[build]} clang libclang-rt-dev llvm"
packages[bench]="${packages[build]} openssl python3 postgresql nginx-light wrk"

usage() {
	echo "usage: tools/install-deps.sh [--check] build|demo|test|lint|fuzz|bench..." >&2
	exit 2
}

# Some builds of nodejs bring npm along, and refuse the package beside them.
installed() {
	if [ "$1" = npm ] && command -v npm >/dev/null; then
		return 0
	fi
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Is one of the alternatives a|b there?
satisfied() {
	local name
	for name in ${1//|/ }; do
		if installed "$name"; then
			return 0
		fi
	done
	return 1
}

# The first of the alternatives a|b that apt can install.
choose() {
	local name
	for name in ${1//|/ }; do
		if apt-cache show --no-all-versions "$name" >/dev/null 2>&1; then
			echo "$name"
			return
		fi
	done
	echo "${1%%|*}"
}

check=no
wanted=
for task in "$@"; do
	case "$task" in
	--check) check=yes ;;
	build | demo | test | lint | fuzz | bench) wanted="$wanted ${packages[$task]}" ;;
	*) usage ;;
	esac
done
[ -n "$wanted" ] || usage

if ! command -v dpkg-query >/dev/null; then
	echo "install-deps: this is not Debian; see CONTRIBUTING.md for what to install" >&2
	exit 0
fi

missing=
for package in $wanted; do
	case " $missing " in *" $package "*) continue ;; esac
	satisfied "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$check" = yes ]; then
	echo "missing packages:$missing" >&2
	exit 1
fi

if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null; then
	as_root=sudo
else
	echo "install-deps: run as root: apt-get install --no-install-recommends${missing//|*/}" >&2
	exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

apt() {
	if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
		"$@" >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		echo "install-deps: apt-get $1 failed" >&2
		exit 1
	fi
}

apt update
names=()
for package in $missing; do
	names+=("$(choose "$package")")
done
echo "installing: ${names[*]}"
apt install --no-install-recommends "${names[@]}"
