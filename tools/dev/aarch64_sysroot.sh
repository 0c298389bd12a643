#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# aarch64_sysroot.sh - libcheck for arm64, unpacked into build/aarch64-sysroot.
#
# The cross build's tests link it; the compiler brings the C library.  apt-get fetches
# it by name with lists of its own below build/: neither root nor a foreign
# architecture on this machine is needed.  What is there is not fetched again.
set -eu
cd "$(dirname "$0")/../.."
root="$PWD/build/aarch64-sysroot"
packages="check libsubunit0 libsubunit-dev"
[ ! -e "$root/complete" ] || exit 0
rm -rf "$root"
mkdir -p "$root/state/lists/partial" "$root/cache/archives/partial"
: >"$root/state/status"
log="$root/apt.log"

apt() {
  (cd "$root" && apt-get -q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Acquire::Languages=none \
    -o Acquire::Retries=3 -o APT::Sandbox::User= -o Debug::NoLocking=1 -o Dir::State="$root/state" \
    -o Dir::State::status="$root/state/status" -o Dir::Cache="$root/cache" "$@") >>"$log" 2>&1 || {
    cat "$log" >&2
    printf 'aarch64_sysroot: apt-get %s failed\n' "$1" >&2
    exit 1
  }
}

apt update
# shellcheck disable=SC2086 # the list is words
apt download $packages
for package in "$root"/*.deb; do dpkg-deb -x "$package" "$root"; done
rm -rf "$root/state" "$root/cache" "$root"/*.deb
: >"$root/complete"
