#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# install_packages.sh [run|test|all] - installs the Debian packages a build needs.
#
#   run    to build the programs and run a script (make demo)
#   test   adds what `make test` needs: the default
#   all    adds coverage, the aarch64 cross build and the lint tools
#
# Installs only what is missing, asks no questions, uses sudo only when it must,
# and leaves no redis-server running: tests and the tool start their own.
set -eu

# POSIX sh and dpkg only: this runs before anything else is installed.
RUN_PACKAGES="clang-19 libc6-dev binutils cmake ninja-build pkg-config
  libseccomp-dev libjansson-dev libssl-dev libncurses-dev libmicrohttpd-dev libsqlite3-dev libyaml-dev redis-server redis-tools"
TEST_PACKAGES="gcc libclang-rt-19-dev libprotobuf-c-dev protobuf-c-compiler check
  python3 python3-yaml python3-jsonschema universal-ctags lua5.1 liblua5.1-0-dev luajit procps util-linux dpkg-dev make systemd tcl tmux zsh fish prometheus openssl golang-github-yuin-gopher-lua-dev"
# Sources for the compiler's tests: 24 packages, 67,000 lines of other people's Lua.
CORPUS_PACKAGES="lua-argparse lua-busted lua-cgi lua-check lua-cliargs lua-copas lua-cosmo lua-dkjson
  lua-http lua-inspect lua-json lua-leg lua-logging lua-lpeg-patterns lua-luassert lua-markdown
  lua-messagepack lua-penlight lua-redis lua-soap lua-socket lua-unit lua-wsapi lua-xmlrpc"
# Node.js from elsewhere brings its npm along, and Debian's package would fight with it.
command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || TEST_PACKAGES="$TEST_PACKAGES nodejs npm ca-certificates"
ALL_PACKAGES="llvm-19 clang-format-19 clang-tidy-14 gcc-aarch64-linux-gnu libc6-dev-arm64-cross
  qemu-user-static valgrind"

die() {
  printf 'install_packages: %s\n' "$*" >&2
  exit 1
}

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

list_missing() {
  for package in "$@"; do
    is_installed "$package" || printf '%s ' "$package"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo -n true 2>/dev/null || [ -t 0 ] || die "not root and sudo wants a password: run  apt-get install $missing"
    sudo "$@"
  fi
}

# A package's service must not start: port 6379 belongs to whoever uses it now.
# policy-rc.d is Debian's switch for that; one already there is left alone.
POLICY=/usr/sbin/policy-rc.d
forbid_services() {
  [ -e "$POLICY" ] && return 0
  as_root sh -c "printf '#!/bin/sh\nexit 101\n' > $POLICY && chmod 755 $POLICY"
  trap 'as_root rm -f $POLICY' EXIT
  trap 'exit 130' INT TERM HUP
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
    -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1
}

case "${1:-test}" in
  run) wanted="$RUN_PACKAGES" ;;
  test) wanted="$RUN_PACKAGES $TEST_PACKAGES $CORPUS_PACKAGES" ;;
  all) wanted="$RUN_PACKAGES $TEST_PACKAGES $CORPUS_PACKAGES $ALL_PACKAGES" ;;
  *) die "usage: install_packages.sh [run|test|all]" ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
  die "this is no Debian system; install the equivalents of: $wanted"
fi
# shellcheck disable=SC2086 # the lists are words
missing=$(list_missing $wanted)
[ -n "$missing" ] || exit 0
[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null 2>&1 ||
  die "not root and no sudo here; as root, run:  apt-get install $missing"

log=$(mktemp)
printf 'Installing: %s\n' "$missing"
forbid_services
apt update || printf 'install_packages: apt-get update failed, trying the lists at hand\n' >&2
# shellcheck disable=SC2086
if ! apt install --no-install-recommends $missing; then
  tail -n 15 "$log" >&2
  die "could not install: $missing(no network, or a package source is missing; the full log is $log)"
fi
rm -f "$log"
