#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fuzz.sh [target...] - runs fuzz targets, FUZZ_SECONDS (60) each, on what they
# found before (build/fuzz/corpus) and the committed seeds.  Targets that read
# source text start from the scripts of the tree, with a dictionary.  A finding
# is kept in build/fuzz/findings and makes the exit status 1.
#
# Without arguments also the long runs of the release build's random tests: programs
# beside Lua 5.1 (FUZZ_PROGRAMS, 300000) and writes into the arena (FUZZ_WRITES,
# 1000000; a tenth of them while function libraries are loaded), from seeds that follow
# the clock.
set -eu
cd "$(dirname "$0")/../.."
tools/dev/build.sh fuzz
findings=build/fuzz/findings
mkdir -p "$findings"
# shellcheck disable=SC2046 # target names are words
all=$#
[ $# -gt 0 ] || set -- $(cd build/fuzz/fuzz 2>/dev/null && ls)
[ $# -gt 0 ] || { echo 'fuzz.sh: there are no fuzz targets' >&2; exit 1; }

scripts=build/fuzz/scripts
mkdir -p "$scripts"
find tests/lua tests/redis/cases tests/bench examples -name '*.lua' -size -16k |
  while read -r script; do cp "$script" "$scripts/$(echo "$script" | tr / _)"; done

failed=0
for target in "$@"; do
  name=${target#fuzz_}
  corpus="build/fuzz/corpus/$name"
  mkdir -p "$corpus"
  seeds="tests/fuzz/corpus/$name"
  [ -d "$seeds" ] || seeds=""
  options=""
  case $name in vm|compile|lexer|verify) seeds="$seeds $scripts" options="-dict=tests/fuzz/lua.dict -max_len=4096" ;;
    policy) options="-dict=tests/fuzz/policy.dict -max_len=8192" ;;
  esac
  log="build/fuzz/$target.log"
  # shellcheck disable=SC2086 # no seeds, no word; options are words
  if "build/fuzz/fuzz/$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$findings/$name-" $options "$corpus" $seeds >"$log" 2>&1; then
    printf '%s: %s\n' "$target" "$(grep -E '^Done' "$log" || tail -n 1 "$log")"
  else
    tail -n 40 "$log"
    printf '%s: FAILED, input in %s\n' "$target" "$findings"
    failed=1
  fi
done

# The seed is printed: the same seed makes the same run.
long_run() {
  log="build/fuzz/$1.log"
  shift
  if nice "$@" >"$log" 2>&1; then
    printf '%s: %s\n' "$1" "$(tail -n 1 "$log")"
  else
    tail -n 60 "$log"
    printf '%s: FAILED\n' "$*"
    failed=1
  fi
}
if [ "$all" -eq 0 ]; then
  tools/dev/build.sh release compare_programs corrupt_arena
  seed=$(date +%s)000
  corpus=$(find tests/lua tests/redis/cases tests/bench examples -name '*.lua' |
    grep -v -e long_key_order -e order_long_keys -e lexical_nested_long)
  bin=build/release/tests
  echo "seed $seed"
  # shellcheck disable=SC2086 # file names are words
  long_run generated $bin/differential/compare_programs --isolation --seed "$seed" --count "${FUZZ_PROGRAMS:-300000}"
  # shellcheck disable=SC2086
  long_run mutated $bin/differential/compare_programs --isolation --seed "$seed" --count "${FUZZ_PROGRAMS:-300000}" --sources $corpus
  # shellcheck disable=SC2086
  long_run corrupted $bin/corruption/corrupt_arena --seed "$seed" --writes "${FUZZ_WRITES:-1000000}" --sources $corpus
  writes=${FUZZ_WRITES:-1000000}
  long_run libraries $bin/corruption/corrupt_arena --seed "$seed" --writes "$((writes / 10))" --libraries
fi
exit $failed
