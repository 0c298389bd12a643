#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# build.sh PRESET [target...] - configures (when needed) and builds, saying little.
# FERROUS_TESTS=OFF leaves the tests, and the packages only they need, out.
# Warnings and errors are shown in full; a good build prints one line.
set -eu
cd "$(dirname "$0")/../.."
preset=$1
shift
log="build/$preset.log"
mkdir -p build
started=$(date +%s)

run() {
  "$@" >>"$log" 2>&1 && return 0
  cat "$log" >&2
  printf '%s: build failed\n' "$preset" >&2
  exit 1
}

: >"$log"
[ "$preset" != aarch64 ] || run tools/dev/aarch64_sysroot.sh
run cmake --preset "$preset" ${FERROUS_TESTS:+"-DFERROUS_TESTS=$FERROUS_TESTS"}
if [ $# -gt 0 ]; then
  run cmake --build --preset "$preset" ${JOBS:+-j "$JOBS"} --target "$@"
else
  run cmake --build --preset "$preset" ${JOBS:+-j "$JOBS"}
fi
printf '%s: built in %d s\n' "$preset" "$(($(date +%s) - started))"
