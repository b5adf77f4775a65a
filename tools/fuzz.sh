#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# fuzz.sh: run every fuzz target for FUZZ_SECONDS (default 60), or those named as arguments.
#
# New inputs gather in build/fuzz/corpus, findings in build/fuzz/findings. A finding fails the run;
# fix it and add its file to fuzz/corpus/<name>, where every `make test` replays it.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-60}
dir=build/fuzz

tools/install-deps.sh fuzz
if [ ! -f $dir/build.ninja ]; then
	CC=clang meson setup $dir -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
		-Dwerror=false
fi
ninja -C $dir fuzzers

if [ $# -eq 0 ]; then
	for program in "$dir"/fuzz/fuzz_*; do
		[ -f "$program" ] && [ -x "$program" ] && set -- "$@" "${program##*/fuzz_}"
	done
fi
if [ $# -eq 0 ]; then
	echo "fuzz: there are no targets" >&2
	exit 1
fi

failed=
for name in "$@"; do
	mkdir -p "$dir/corpus/$name" "$dir/findings"
	options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536
		-artifact_prefix="$dir/findings/$name-" -print_final_stats=1)
	[ ! -f "fuzz/$name.dict" ] || options+=(-dict="fuzz/$name.dict")
	echo "== $name, $seconds s"
	if "$dir/fuzz/fuzz_$name" "${options[@]}" "$dir/corpus/$name" "fuzz/corpus/$name" \
		>"$dir/$name.log" 2>&1; then
		sed -n 's/^stat::number_of_executed_units: */   inputs: /p' "$dir/$name.log"
	else
		tail -n 60 "$dir/$name.log"
		failed="$failed $name"
	fi
done

if [ -n "$failed" ]; then
	echo "fuzz: findings in$failed, see $dir/findings" >&2
	exit 1
fi
echo "fuzz: no findings"
