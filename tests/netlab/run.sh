#!/usr/bin/env bash
# Two phones behind routers of every kind: proves that the routers are what they claim, then makes calls through pairs of them.
# As root it installs what is missing (Debian packages); nothing it starts outlives it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

needed=(iproute2 nftables conntrack dnsmasq-base openssl procps python3 python3-numpy util-linux)
. ../interop/packages.sh
cargo build --locked --quiet -p cooee
cooee=$(readlink -f "${CARGO_TARGET_DIR:-../../target}/debug/cooee")
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
timeout --foreground -k 10 300 ./nats.sh /usr/bin/python3 -B prove.py
timeout --foreground -k 10 900 ./nats.sh /usr/bin/python3 -B calls.py "$cooee" "$run"
