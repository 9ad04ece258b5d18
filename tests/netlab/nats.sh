#!/usr/bin/env bash
# Two phones behind two routers that translate addresses, and a public host, gone without a trace when it ends.
#
#   nats.sh COMMAND [ARG…]      runs COMMAND inside; it reaches the hosts by `ip netns exec srv|ca|cb …`
#   nats.sh type a|b TYPE       inside: makes the router of that side another one; all its mappings are forgotten
#
#   ca 10.1.0.2 ── la ── na 198.51.100.21 ─┐
#                                          ├─ bridge br0 ── srv 198.51.100.10 and .11
#   cb 10.2.0.2 ── lb ── nb 198.51.100.22 ─┘
#
# With COOEE_HOMES=same both homes have the net 10.1.0.0/24, and both phones the address 10.1.0.2. la and lb are good lines until link.py
# makes them bad.
#
# TYPE, in the words of RFC 4787 (mapping, filtering):
#   none       routed, no translation
#   full       endpoint-independent, endpoint-independent; one phone behind it
#   address    endpoint-independent, address-dependent; one phone behind it
#   port       endpoint-independent, address-and-port-dependent: most home routers
#   symmetric  address-and-port-dependent, address-and-port-dependent
#   blocked    symmetric, and UDP does not pass at all
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"

number() { if [ "$1" = a ]; then echo 1; else echo 2; fi; }
home() { if [ "${COOEE_HOMES:-}" = same ]; then echo 1; else number "$1"; fi; }

# The translation of a type; the inner net is 10.N.0.0/24.
translation() {
  local n=$1 masquerade="chain out { type nat hook postrouting priority 100; oif wan0 ip saddr 10.$1.0.0/24 masquerade"
  case $2 in
    full)
      echo "chain in { type nat hook prerouting priority -100; iif wan0 udp dport 1024-65535 dnat to 10.$n.0.2; }"
      echo "$masquerade; }"
      ;;
    address) # whom the phone has written to may answer from any port
      echo 'set peers { type ipv4_addr . inet_service; flags dynamic, timeout; timeout 60s; }'
      echo 'chain learn { type filter hook forward priority 0; oif wan0 update @peers { ip daddr . udp sport }; }'
      echo "chain in { type nat hook prerouting priority -100; iif wan0 ip saddr . udp dport @peers dnat to 10.$n.0.2; }"
      echo "$masquerade; }"
      ;;
    port) echo "$masquerade; }" ;; # the port is kept where it is free, which makes the mapping endpoint-independent
    symmetric | blocked) echo "$masquerade random, fully-random; }" ;;
  esac
}

# What a type lets pass.
filter() {
  echo 'chain pass { type filter hook forward priority 10; ct state established, related accept;'
  case $1 in
    none) echo 'accept;' ;;
    full | address) echo 'ct status dnat accept;' ;;
    blocked) echo 'ip protocol udp drop;' ;;
  esac
  echo 'iif wan0 drop; }'
  # What nobody asked for must leave no trace: with one, the phone's own packet to that peer would get another port.
  echo 'chain own { type filter hook input priority 0; iif wan0 ct state new drop; }'
}

become() {
  local router=n$1 type=$2
  case $type in none | full | address | port | symmetric | blocked) ;; *) echo "nats.sh: no type “$type”" >&2; exit 2 ;; esac
  {
    printf 'flush ruleset\ntable ip nat {\n%s\n}\n' "$(translation "$(home "$1")" "$type")"
    printf 'table ip filter {\n%s\n}\n' "$(filter "$type")"
  } | ip netns exec "$router" nft -f -
  ip netns exec "$router" conntrack -F 2>/dev/null
}

# wire HOST INTERFACE LINE END: one of the two ends of a line. What passes is whole packets with right checksums, as on a cable.
wire() {
  ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
  ip netns exec "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
  ip -n "$1" link set "$2" up
  ip -n "$3" link set "$4" master br0 up
  until [ "$(ip netns exec "$3" cat "/sys/class/net/$4/brport/state")" = 3 ]; do sleep 0.05; done # forwarding
}

if [ "${1:-}" = type ]; then
  become "$2" "$3"
  exit
fi
enter "$0" "$@"

namespace srv
on_bridge srv eth0 198.51.100.10 198.51.100.11
for side in a b; do
  home=10.$(home $side).0 line=l$side router=n$side phone=c$side
  for name in $line $router $phone; do namespace "$name"; done
  on_bridge "$router" wan0 "198.51.100.2$(number $side)"
  ip -n "$line" link add br0 type bridge
  ip -n "$line" link set br0 up
  wire "$router" lan0 "$line" up0
  wire "$phone" eth0 "$line" down0
  ip -n "$router" address add "$home.1/24" dev lan0
  ip -n "$phone" address add "$home.2/24" dev eth0
  ip -n "$phone" route add default via "$home.1"
  ip netns exec "$router" sysctl -qw net.ipv4.ip_forward=1
done
# Everybody routes the inner nets to their router, which drops what is not translated in silence, as the Internet would.
if [ "${COOEE_HOMES:-}" != same ]; then
  for host in srv nb; do ip -n $host route add 10.1.0.0/24 via 198.51.100.21; done
  for host in srv na; do ip -n $host route add 10.2.0.0/24 via 198.51.100.22; done
fi
become a port
become b port
"$@"
