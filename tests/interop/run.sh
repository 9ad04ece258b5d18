#!/usr/bin/env bash
# Calls with other people's phones and servers, in network namespaces.
#
#   run.sh smoke             the short form that CI runs
#   run.sh all [--only RE]   everything; writes the table of docs/interop.md (not with --only: rows whose name matches RE)
#
# As root it installs what is missing (Debian packages), and nothing it starts outlives it, Ctrl-C or not. Certificates, settings, logs
# and recordings of a run are kept in target/interop/DATE-TIME; of smoke, only if it failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

suite=${1:-smoke}
[ $# -eq 0 ] || shift
[ "$suite" = smoke ] || [ "$suite" = all ] || { echo "run.sh smoke | all [--only RE]" >&2; exit 2; }
needed=(baresip-core kamailio kamailio-tls-modules kamailio-outbound-modules sip-tester dnsmasq-base iproute2 openssl python3 python3-numpy util-linux)
[ "$suite" = smoke ] || needed+=(debootstrap)
. ./packages.sh
. ../netlab/lab.sh

cargo build --locked --quiet -p cooee
target=$(readlink -f "${CARGO_TARGET_DIR:-../../target}")
run=$target/interop/$(date +%Y%m%d-%H%M%S)-$$
mkdir -p "$run"
mapfile -t hosts < <(/usr/bin/python3 -B -c 'import lab; print(*(f"{host}={address}" for host, address in lab.ADDRESS.items() if host != "nobody"), sep="\n")')
options=()
if [ "$suite" = all ]; then
  options=(--table ../../docs/interop.md)
  # Without it the rows that need it say so in the table.
  if [ "$(id -u)" = 0 ]; then COOEE_ASTERISK=$(setpriv --pdeathsig TERM peers/asterisk-chroot.sh) || true; fi
  export COOEE_ASTERISK=${COOEE_ASTERISK:-}
fi
code=0
limited 5400 ../netlab/flat.sh "${hosts[@]}" -- /usr/bin/python3 -B interop.py "$suite" "$target/debug/cooee" "$run" "${options[@]}" "$@" || code=$?
if [ "$suite" = smoke ] && [ $code = 0 ]; then rm -rf "$run"; else echo "Logs and recordings: $run"; fi
exit $code
