#!/usr/bin/env bash
# Two phones behind routers of every kind: proves that an interrupted lab leaves nothing and that routers and bad lines are what they
# claim, then makes calls through pairs of them, over bad lines, between homes with the same addresses, while the server dies, and without any IPv4. As root it installs what is missing (Debian packages); nothing it starts outlives it.
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
failed=0
limited 1200 ./nats.sh /usr/bin/python3 -B calls.py "$target/debug/cooee" "$run" || failed=1
COOEE_HOMES=same limited 600 ./nats.sh /usr/bin/python3 -B calls.py "$target/debug/cooee" "$run/same" || failed=1
COOEE_HOMES=ipv6 limited 300 ./flat.sh srv=2001:db8::10 ca=2001:db8::a cb=2001:db8::b -- /usr/bin/python3 -B calls.py "$target/debug/cooee" "$run/ipv6" || failed=1
if [ $failed = 0 ]; then rm -rf "$run"; else echo "Logs and recordings: $run"; fi
exit $failed
