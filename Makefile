# The front door: every target is one call of a script under tools/.
#   make                 build into build/release
#   make install         PREFIX=/usr/local DESTDIR=
#   make demo            show the main job on loopback (ONESHOT=1: do it once and exit)
#   make test            all tests
#   make bench | fuzz | lint
PREFIX ?= /usr/local
export PREFIX DESTDIR ONESHOT FUZZ_SECONDS

all:
	@tools/build.sh

install:
	@tools/install.sh

demo:
	@tools/demo.sh

test:
	@tools/test.sh

bench:
	@tools/bench.sh

fuzz:
	@tools/fuzz.sh

lint:
	@tools/lint.sh

.PHONY: all install demo test bench fuzz lint
.NOTPARALLEL:
