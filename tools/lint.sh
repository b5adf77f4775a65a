#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# lint.sh: every check that needs no running program: layers, sizes, rules, format, scripts, static
# analysis. All of them run, whatever the earlier ones found; the last line says how it went.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

failed=

# check NAME COMMAND...: run one check and remember when it fails.
check() {
	local name=$1
	shift
	echo "== $name"
	"$@" || failed="$failed $name"
}

c_files() {
	local tops=()
	for top in src sim fuzz bench; do
		[ ! -d $top ] || tops+=("$top")
	done
	find "${tops[@]}" -name '*.[ch]' | sort
}

format() {
	c_files | xargs -r clang-format --dry-run -Werror
}

scripts() {
	local status=0 file
	for file in tools/*.sh .ci/run; do
		shellcheck "$file" || status=1
		[ -x "$file" ] || { echo "$file is not executable" && status=1; }
	done
	for file in tools/*.py test/*.py; do
		[ -e "$file" ] || continue
		python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$file" ||
			status=1
	done
	return $status
}

# Programs of the console and documentation bring their own checks.
extra() {
	local status=0 file
	for file in tools/check_*.py; do
		case "$file" in
		tools/check_layers.py | tools/check_sizes.py | tools/check_rules.py) ;;
		*) python3 -B "$file" || status=1 ;;
		esac
	done
	return $status
}

tools/install-deps.sh lint || exit 1

for name in layers sizes rules; do
	check "self-test of $name" python3 -B "tools/check_$name.py" --self-test
	check "$name" python3 -B "tools/check_$name.py"
done
check scripts scripts
check "other checks" extra
check format format
mkdir -p build
if tools/build.sh >build/lint.log 2>&1; then
	check analysis python3 -B tools/run_clang_tidy.py build/release
else
	tail -n 40 build/lint.log
	failed="$failed build"
fi

if [ -n "$failed" ]; then
	echo "lint: failed:$failed"
	exit 1
fi
echo "lint: ok"
