#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# coverage.sh - runs all tests instrumented and says what they executed: lines by file
# and folder, raise sites, and instructions by kind of operand; fails below
# coverage_thresholds.txt.  An HTML report is left in build/coverage/html.
set -eu
cd "$(dirname "$0")/../.."
# What some tests compare with, and the module, which has no instrumented build.
tools/dev/build.sh release ferrous-vm ferrous-module ferrous-sandboxctl ferrous-sandbox-worker ferrous-sandbox-ledger
tools/dev/build.sh coverage
cd build/coverage
rm -rf profraw
failed=0
# lua.costs compares with the release build and says nothing about coverage.
ctest -LE '^(nightly|release_only)$' -E '^lua\.costs$' -j "$(nproc)" --output-on-failure >tests.log 2>&1 || {
  sed -n '/The following tests FAILED/,$p' tests.log
  echo 'coverage.sh: tests failed, see build/coverage/tests.log' >&2
  failed=1
}
# The tool's commands for a living server.
with_server() {
  FERROUS_BUILD_DIR="$PWD/../release" FERROUS_TOOL="$PWD/bin/ferrous-sandboxctl" python3 "../../tests/module/$1" >tool.log 2>&1 || {
    tail -n 40 tool.log >&2
    failed=1
  }
}
with_server run_tool.py
with_server run_accounting.py
llvm-profdata-19 merge -sparse profraw/*.profraw -o merged.profdata
objects=$(find bin tests -type f -perm -u+x | sed 's/^/-object /')
# shellcheck disable=SC2086 # the options are words
set -- $objects
shift
llvm-cov-19 show -format=html -output-dir=html -instr-profile=merged.profdata \
  -ignore-filename-regex='(build|tests)/' "$@" >/dev/null 2>&1
llvm-cov-19 export --skip-functions --skip-expansions -instr-profile=merged.profdata \
  -ignore-filename-regex='(build|tests)/' "$@" >export.json 2>export.log || { cat export.log >&2; exit 1; }
cd ../..
python3 tools/dev/coverage_report.py build/coverage/export.json || failed=1
python3 tests/lua/run_operands.py --tool "build/coverage/bin/ferrous-vm run" || failed=1
echo 'HTML: build/coverage/html/index.html'
exit $failed
