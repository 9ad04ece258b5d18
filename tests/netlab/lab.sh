# shellcheck shell=bash
# What both labs are made of; sourced by flat.sh, nats.sh and whoever else wants to leave nothing behind.

# contained [UNSHARE-OPTION…] COMMAND [ARG…]: runs it in a mount and process namespace of its own. All that it started, and every mount,
# is gone when it has ended, when this shell is told to end, and also when this shell is killed. Answers with its exit code.
contained() {
  local code=0 inside
  # By itself unshare ignores INT and TERM. Input is handed on, since the shell takes it from what runs beside it.
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc "$@" <&0 &
  inside=$!
  # shellcheck disable=SC2064 # which process is known now
  trap "{ kill -KILL $inside; wait $inside || true; } 2>/dev/null; exit 143" INT TERM HUP
  wait $inside || code=$?
  trap - INT TERM HUP
  return $code
}

# limited SECONDS COMMAND [ARG…]: tells it to end after that time, and when this shell has ended.
limited() { setpriv --pdeathsig TERM timeout --foreground -k 10 "$@"; }

# enter "$0" "$@": runs the script again in a network, mount and process namespace of its own. It needs root, or a kernel that lets
# users make namespaces. Any number of labs can run side by side.
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
  local code=0
  contained "${user[@]}" --net "${priority[@]}" env COOEE_LAB=inside bash "$@" || code=$?
  exit $code
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
  for address in "$@"; do
    case $address in
      *:*) ip -n "$name" address add "$address/64" dev "$interface" nodad ;; # nobody else has it, so nobody need be asked
      *) ip -n "$name" address add "$address/24" dev "$interface" ;;
    esac
  done
  ip -n "$name" link set "$interface" up
}
