# SPDX-License-Identifier: BSD-2-Clause
# Makefile - the commands people type.  CMake does the building; this names it.
# On a bare Debian 12 machine `make demo` and `make test` need nothing else.

PRESET ?= release
JOBS ?= $(shell nproc)
SCRIPTS ?= 1000000
TENANTS ?= 1000
PACKAGES = tools/dev/install_packages.sh
BIN = build/release/bin

.DEFAULT_GOAL := help
.PHONY: help demo build test soak test-all test-valkey bench bench-redis coverage fuzz check format clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | expand -t 12

demo: ## installs packages, builds, runs a rate limiter sealed against a real Redis
	@$(PACKAGES) run
	@FERROUS_TESTS=OFF tools/dev/build.sh release ferrous-sandboxctl ferrous-sandbox-worker ferrous-vm
	@printf '\n$$ ferrous-sandboxctl run --usage examples/rate_limiter.lua rate:user:42 , 5 10000\n'
	@$(BIN)/ferrous-sandboxctl run --usage examples/rate_limiter.lua rate:user:42 , 5 10000

build: ## builds everything of PRESET (release unless given)
	@$(PACKAGES) test
	@tools/dev/build.sh $(PRESET)

test: ## installs packages, builds release, dev, stress and gcc, runs everything
	@$(PACKAGES) test
	@python3 tools/dev/run_tests.py

soak: ## SCRIPTS (1000000) scripts of TENANTS (1000), everybody killed at random, a verdict
	@$(PACKAGES) test
	@tools/dev/build.sh release
	@python3 tests/module/run_soak.py --scripts $(SCRIPTS) --tenants $(TENANTS) --kill-every 4000

test-all: ## test, and what is marked nightly: fuzzing, aarch64, foreign suites
	@$(PACKAGES) all
	@python3 tools/dev/run_tests.py --nightly

test-valkey: ## builds Valkey from Debian's sources; its own tests and our cases with the module as its engine
	@$(PACKAGES) test
	@tools/dev/build.sh release
	@python3 tests/valkey/run_valkey.py

bench: ## speed against lua5.1, luajit -joff and Redis's Lua; then wire, start, journal, density
	@$(PACKAGES) test
	@tools/dev/build.sh release
	@python3 tests/bench/run_bench.py $(BENCH_OPTIONS)
	@for part in wire start journal; do printf '\n%s:\n' $$part; build/release/tests/bench/bench_$$part || exit 1; done
	@printf '\ndensity:\n'; ulimit -n 20000; build/release/tests/bench/bench_density

bench-redis: ## redis-server with the module against one without, in one run, beside the bars
	@$(PACKAGES) test
	@tools/dev/build.sh release
	@python3 tests/bench/run_redis_bench.py $(BENCH_OPTIONS)

coverage: ## line coverage of the tests, per file
	@$(PACKAGES) all
	@tools/dev/coverage.sh

fuzz: ## every fuzz target for FUZZ_SECONDS (60) each, long runs of the random tests
	@$(PACKAGES) test
	@tools/dev/fuzz.sh

check: ## layers, names, sizes: the checks that need no test run
	@$(PACKAGES) test
	@tools/dev/build.sh release
	@python3 tools/dev/check_layers.py
	@python3 tools/dev/check_names.py --build build/release

clean: ## removes build/
	rm -rf build
