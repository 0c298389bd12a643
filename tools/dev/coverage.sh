#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# coverage.sh - runs all tests instrumented and prints line coverage per file;
# an HTML report is left in build/coverage/html.
set -eu
cd "$(dirname "$0")/../.."
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
llvm-profdata-19 merge -sparse profraw/*.profraw -o merged.profdata
objects=$(find bin tests -type f -perm -u+x | sed 's/^/-object /')
sources='(policy|ipc|vm|sandbox|tools)/'
# shellcheck disable=SC2086 # the options are words
set -- $objects
shift
llvm-cov-19 show -format=html -output-dir=html -instr-profile=merged.profdata \
  -ignore-filename-regex='(build|tests)/' "$@" >/dev/null
llvm-cov-19 report -instr-profile=merged.profdata -ignore-filename-regex='(build|tests)/' "$@" |
  awk 'NR == 1 || /^TOTAL/ || /\.(c|h|inc) /' | grep -E "^Filename|^TOTAL|$sources|\.(c|h|inc) "
echo 'A sealed worker cannot write its counts: what only runs there (sandbox/worker) shows as not run.'
echo 'HTML: build/coverage/html/index.html'
exit $failed
