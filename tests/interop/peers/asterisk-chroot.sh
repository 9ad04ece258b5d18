#!/usr/bin/env bash
# Makes a Debian with asterisk in a folder, once: bookworm has none. Needs root, debootstrap and about 700 MB; takes 1 to 3 minutes.
#
#   asterisk-chroot.sh       prints the folder, which is kept below ${XDG_CACHE_HOME:-~/.cache}/cooee/interop; delete it to get a newer one
#
# sid has the current asterisk; where that cannot be had, bullseye's (16) will do.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../netlab/lab.sh"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cooee/interop
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # two runs do not make it at once
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)

make() {
  local suite=$1 part=$cache/asterisk-$1.part
  shift
  rm -rf "$part"
  contained timeout 600 debootstrap --variant=minbase "$suite" "$part" "$mirror" || return 1
  printf '#!/bin/sh\nexit 101\n' >"$part/usr/sbin/policy-rc.d" # nothing is started by being installed
  chmod +x "$part/usr/sbin/policy-rc.d"
  # A mirror may lag behind by more than the weeks for which sid's index is valid.
  local apt=(contained timeout 600 chroot "$part" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y)
  "${apt[@]}" -o Acquire::Check-Valid-Until=false update || return 1
  "${apt[@]}" install --no-install-recommends asterisk asterisk-core-sounds-en-wav "$@" || return 1
  "${apt[@]}" clean
  mv "$part" "$cache/asterisk-$suite"
}

for suite in sid bullseye; do
  if [ -x "$cache/asterisk-$suite/usr/sbin/asterisk" ]; then
    echo "$cache/asterisk-$suite"
    exit 0
  fi
done
make sid >"$cache/sid.log" 2>&1 || make bullseye asterisk-opus asterisk-voicemail >"$cache/bullseye.log" 2>&1 || {
  echo "neither sid nor bullseye could be had; see $cache/*.log" >&2
  exit 1
}
for suite in sid bullseye; do [ ! -d "$cache/asterisk-$suite" ] || echo "$cache/asterisk-$suite"; done
