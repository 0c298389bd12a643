#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fuzz.sh [target...] - runs fuzz targets, FUZZ_SECONDS (60) each, on what they
# found before (build/fuzz/corpus) and the committed seeds.  Targets that read
# source text start from the scripts of the tree, with a dictionary.  A finding
# is kept in build/fuzz/findings and makes the exit status 1.
set -eu
cd "$(dirname "$0")/../.."
tools/dev/build.sh fuzz
findings=build/fuzz/findings
mkdir -p "$findings"
# shellcheck disable=SC2046 # target names are words
[ $# -gt 0 ] || set -- $(cd build/fuzz/fuzz 2>/dev/null && ls)
[ $# -gt 0 ] || { echo 'fuzz.sh: there are no fuzz targets' >&2; exit 1; }

scripts=build/fuzz/scripts
mkdir -p "$scripts"
find tests/lua tests/redis/cases tests/bench/programs examples -name '*.lua' -size -16k |
  while read -r script; do cp "$script" "$scripts/$(echo "$script" | tr / _)"; done

failed=0
for target in "$@"; do
  name=${target#fuzz_}
  corpus="build/fuzz/corpus/$name"
  mkdir -p "$corpus"
  seeds="tests/fuzz/corpus/$name"
  [ -d "$seeds" ] || seeds=""
  options=""
  case $name in vm|compile|lexer|verify) seeds="$seeds $scripts" options="-dict=tests/fuzz/lua.dict -max_len=4096" ;; esac
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
exit $failed
