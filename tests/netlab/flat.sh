#!/usr/bin/env bash
# A flat network of namespaces in which every peer has an address of its own, gone without a trace when it ends.
#
#   flat.sh HOST=ADDRESS… -- COMMAND [ARG…]   runs COMMAND inside; it reaches the hosts by `ip netns exec HOST …`
#
# The hosts hang on one bridge, which has no address of its own. It needs root, or a kernel that lets users make namespaces.
# Everything lives in a network, mount and process namespace of its own: any number of these networks can run side by side, and
# when COMMAND ends, or is ended by Ctrl-C, every process, mount and interface made inside ends with it.
set -euo pipefail

if [ "${COOEE_FLAT:-}" != inside ]; then
  user=()
  [ "$(id -u)" = 0 ] || user=(--user --map-root-user)
  unshare "${user[@]}" --net --mount --pid --fork true 2>/dev/null || {
    echo "netlab: this needs root, or a kernel that lets users make network namespaces." >&2
    exit 77
  }
  exec env COOEE_FLAT=inside unshare "${user[@]}" --net --mount --pid --fork --kill-child --mount-proc bash "$0" "$@"
fi

mkdir -p /run/netns 2>/dev/null || true
mount -t tmpfs netns /run/netns 2>/dev/null || { mount -t tmpfs run /run && mkdir -p /run/netns; }
ip link set lo up
ip link add br0 type bridge
ip link set br0 up
host() {
  ip netns add "$1"
  ip link add "v-$1" type veth peer name eth0 netns "$1"
  ip link set "v-$1" master br0 up
  ip -n "$1" link set lo up
  ip -n "$1" address add "$2/24" dev eth0
  ip -n "$1" link set eth0 up
}
while [ "${1:---}" != -- ]; do
  host "${1%%=*}" "${1#*=}"
  shift
done
shift
"$@"
