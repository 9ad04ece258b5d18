#!/usr/bin/env bash
# Two phones behind routers of every kind: proves that an interrupted lab leaves nothing and that the routers are what they claim, then
# makes calls through pairs of them. As root it installs what is missing (Debian packages); nothing it starts outlives it.
# Logs and recordings of a run that failed are kept in target/netlab/DATE-TIME.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

needed=(iproute2 nftables conntrack dnsmasq-base ethtool openssl procps python3 python3-numpy util-linux)
. ../interop/packages.sh
. ./lab.sh
cargo build --locked --quiet -p cooee
target=$(readlink -f "${CARGO_TARGET_DIR:-../../target}")
run=$target/netlab/$(date +%Y%m%d-%H%M%S)-$$
mkdir -p "$run"
./ends.sh
limited 300 ./nats.sh /usr/bin/python3 -B prove.py
limited 1200 ./nats.sh /usr/bin/python3 -B calls.py "$target/debug/cooee" "$run" || { code=$?; echo "Logs and recordings: $run"; exit $code; }
rm -rf "$run"
