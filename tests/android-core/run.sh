#!/usr/bin/env bash
# Compiles the core for Android (arm64, armv7) without an NDK, to see that it does; docs/android.md says what that proves and what not.
#   run.sh FOLDER   works in that folder
# Debian's sid has the source of Rust's standard library; the compiler at hand is used where it is of the same release, else sid's own.
# Leaves with 3 where these cannot be had: not checked, and nothing found wrong.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
work=$(mkdir -p "${1:?a folder to work in}" && cd "$1" && pwd)
export CLANG_VERSION=19 CARGO_TARGET_DIR=$work/target

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
unchecked() { say "The core was not compiled for Android: $*" && exit 3; }

# Debian's sid beside the system: nothing of it is installed.
sid() {
  local apt=$work/apt base
  base=$(grep -hoE '^URIs: \S+/debian/?$' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1 | cut -d' ' -f2 || true)
  base=${base:-$(grep -hoE '^deb (\[[^]]*\] )?\S+/debian/? ' /etc/apt/sources.list 2>/dev/null | grep -oE '\S+/debian' | head -n 1 || true)}
  [ -n "$base" ] || unchecked "this system is no Debian."
  mkdir -p "$apt"/etc/{sources.list.d,preferences.d,apt.conf.d,trusted.gpg.d} "$apt"/state/lists/partial "$apt"/cache/archives/partial
  : >"$apt/state/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $base sid main" >"$apt/etc/sources.list"
  printf '%s\n' "Dir::Etc \"$apt/etc\"; Dir::Etc::sourcelist \"$apt/etc/sources.list\"; Dir::Etc::sourceparts \"$apt/etc/sources.list.d\";" \
    "Dir::State \"$apt/state\"; Dir::State::status \"$apt/state/status\"; Dir::Cache \"$apt/cache\";" \
    'Acquire::Languages "none"; Acquire::Check-Valid-Until "false";' >"$apt/apt.conf"
  APT_CONFIG=$apt/apt.conf apt-get update -qq || unchecked "Debian's sid does not answer."
}

# The source of the standard library: `library` below this.
standard_library() {
  local source=$work/rust-src
  if ! ls "$source"/usr/src/rustc-*/library >/dev/null 2>&1; then
    sid
    rm -rf "$source" "$work"/rust-src_*.deb
    (cd "$work" && APT_CONFIG=$work/apt/apt.conf apt-get download -qq rust-src) || unchecked "sid has no rust-src."
    dpkg-deb -x "$work"/rust-src_*.deb "$source"
    rm "$work"/rust-src_*.deb
  fi
  echo "$source"/usr/src/rustc-*
}

# A compiler of its release: CARGO, RUSTC.
compiler() {
  local source wanted
  source=$(standard_library) || exit $?
  wanted=$(basename "$source" | sed -E 's/^rustc-([0-9]+\.[0-9]+)\..*/\1/')
  # Cargo takes it from there; nothing is written into the compiler's own folders.
  export __CARGO_TESTS_ONLY_SRC_ROOT=$source/library
  local name
  for name in nightly stable; do
    if [ "$(rustup run $name rustc --version 2>/dev/null | sed -E 's/^rustc ([0-9]+\.[0-9]+).*/\1/')" = "$wanted" ]; then
      CARGO=$(rustup which --toolchain $name cargo) RUSTC=$(rustup which --toolchain $name rustc)
      break
    fi
  done
  [ -n "${CARGO:-}" ] || sids_compiler "$wanted"
  export RUSTC RUSTC_BOOTSTRAP=1
  say "$("$RUSTC" --version), for the standard library $(basename "$source")"
}

# Sid's own in a folder: the ones here know another release. It runs by sid's loader and libraries.
sids_compiler() {
  local root=$work/sid name
  if [ ! -e "$root/usr/bin/cargo" ]; then
    command -v debootstrap >/dev/null || apt-get install -y -qq --no-install-recommends debootstrap >/dev/null || unchecked "no debootstrap."
    [ -e "$work/apt/etc/sources.list" ] || sid
    rm -rf "$root"
    debootstrap --variant=minbase --include=rustc,cargo,ca-certificates sid "$root" "$(cut -d' ' -f3 "$work/apt/etc/sources.list")" \
      >"$work/debootstrap.log" 2>&1 || unchecked "sid's compiler of release $1 could not be laid out; see $work/debootstrap.log"
  fi
  mkdir -p "$work/bin"
  for name in cargo rustc; do
    printf '#!/bin/sh\nexec "%s" --library-path "%s/usr/lib/x86_64-linux-gnu" "%s/usr/bin/%s" "$@"\n' \
      "$root/lib64/ld-linux-x86-64.so.2" "$root" "$root" "$name" >"$work/bin/$name"
    chmod +x "$work/bin/$name"
  done
  CARGO=$work/bin/cargo RUSTC=$work/bin/rustc
}

# A C compiler for both targets; C++ is not compiled.
c_compiler() {
  [ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check ziglang==0.17.1 || unchecked "the headers of musl are not to be had."
  export ZIG_LIB ANDROID_CORE_CC=$work/cc ANDROID_NDK_HOME=$here/ndk ANDROID_PLATFORM=28
  ZIG_LIB=$("$work/venv/bin/python" -c 'import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), "lib"))')
  mkdir -p "$work/cc"
  local name variable
  for name in aarch64-linux-android:aarch64-linux-android armv7a-linux-androideabi:armv7-linux-androideabi; do
    variable=$(echo "${name#*:}" | tr - _)
    name=${name%:*}
    ln -sf "$here/android-cc" "$work/cc/$name"
    export "CC_$variable=$work/cc/$name" "CXX_$variable=$here/no-cxx" "AR_$variable=llvm-ar-$CLANG_VERSION"
  done
}

# What only the build runs need not be fast: quick to build is better. Both targets at once share what runs on this machine.
check() {
  local begun=$SECONDS
  "$CARGO" check --locked --quiet -Zbuild-std=std,panic_unwind --target aarch64-linux-android --target armv7-linux-androideabi -p cooee-uniffi \
    --config 'profile.dev.package."*".opt-level=0'
  say "The core compiles for Android, arm64 and armv7 ($((SECONDS - begun)) s)"
}

compiler
c_compiler
check
