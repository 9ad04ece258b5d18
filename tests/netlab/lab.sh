# What both labs are made of; sourced by flat.sh and nats.sh.

# enter "$0" "$@": runs the script again in a network, mount and process namespace of its own. It needs root, or a kernel that lets
# users make namespaces. Any number of labs can run side by side, and when the script ends, or is ended by Ctrl-C, every process,
# mount and interface made inside ends with it.
enter() {
  if [ "${COOEE_LAB:-}" = inside ]; then
    mkdir -p /run/netns 2>/dev/null || true
    mount -t tmpfs netns /run/netns 2>/dev/null || { mount -t tmpfs run /run && mkdir -p /run/netns; }
    ip link set lo up
    ip link add br0 type bridge
    ip link set br0 up
    return
  fi
  local user=()
  [ "$(id -u)" = 0 ] || user=(--user --map-root-user)
  unshare "${user[@]}" --net --mount --pid --fork true 2>/dev/null || {
    echo "netlab: this needs root, or a kernel that lets users make network namespaces." >&2
    exit 77
  }
  # Sound has deadlines: whether it arrives must not depend on what else the machine does.
  local priority=(chrt --rr 1)
  "${priority[@]}" true 2>/dev/null || priority=()
  exec env COOEE_LAB=inside "${priority[@]}" unshare "${user[@]}" --net --mount --pid --fork --kill-child --mount-proc bash "$@"
}

# namespace NAME: with a loopback of its own
namespace() {
  ip netns add "$1"
  ip -n "$1" link set lo up
}

# on_bridge NAME INTERFACE ADDRESS…: connects a namespace to the bridge
on_bridge() {
  local name=$1 interface=$2 address
  shift 2
  ip link add "v-$name" type veth peer name "$interface" netns "$name"
  ip link set "v-$name" master br0 up
  for address in "$@"; do ip -n "$name" address add "$address/24" dev "$interface"; done
  ip -n "$name" link set "$interface" up
}
