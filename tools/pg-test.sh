#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# pg-test.sh: a throw-away PostgreSQL for working on the store by hand. (`make test` starts one of
# its own, see temp_postgres.py.)
#
#   export MUSTER_TEST_POSTGRES=$(tools/pg-test.sh start [DIR])
#   build/asan/src/store/test_store
#   tools/pg-test.sh stop [DIR]
#
# DIR, by default /tmp/muster-pg, is made and holds the cluster and its Unix socket; no port is
# opened. As root the cluster belongs to the user postgres, or nobody. fsync is off. stop removes
# everything. Standard output is the URL and nothing else.
set -euo pipefail

usage() {
	echo "usage: pg-test.sh start|stop [DIR]" >&2
	exit 2
}

as_owner() {
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
	elif id postgres >/dev/null 2>&1; then
		runuser -u postgres -- "$@"
	else
		runuser -u nobody -- "$@"
	fi
}

start() {
	if [ -e "$dir" ]; then
		echo "pg-test.sh: $dir exists: stop it first, or name another directory" >&2
		exit 1
	fi
	mkdir -p "$dir"
	if [ "$(id -u)" -eq 0 ]; then
		chown "$(as_owner id -un)" "$dir"
	fi
	(
		cd "$dir"
		as_owner "$programs/initdb" -D "$dir/data" -U muster -A trust -E UTF8 --locale=C --no-sync
		as_owner "$programs/pg_ctl" -D "$dir/data" -l "$dir/log" -w \
			-o "-k $dir -c listen_addresses= -c fsync=off -c max_connections=200" start
	) >&2
	echo "postgresql://muster@/postgres?host=$dir"
}

stop() {
	if [ ! -f "$dir/data/PG_VERSION" ]; then
		echo "pg-test.sh: $dir holds no cluster" >&2
		exit 1
	fi
	(cd "$dir" && as_owner "$programs/pg_ctl" -D "$dir/data" -m immediate stop) >&2 || true
	rm -rf -- "$dir"
}

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	usage
fi
dir=$(realpath -m -- "${2:-/tmp/muster-pg}")
programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
if [ ! -x "$programs/initdb" ]; then
	echo "pg-test.sh: PostgreSQL is not installed: tools/install-deps.sh test" >&2
	exit 1
fi
case $1 in
start) start ;;
stop) stop ;;
*) usage ;;
esac
