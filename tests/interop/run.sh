#!/usr/bin/env bash
# Calls with other people's phones and servers, in network namespaces.
#
#   run.sh smoke   one call each way with baresip through kamailio, for each of two codecs
#   run.sh all     the same for now; the table grows with the next releases
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

[ "${1:-smoke}" = smoke ] || [ "$1" = all ] || { echo "run.sh smoke | all" >&2; exit 2; }
needed=(baresip-core kamailio kamailio-tls-modules kamailio-outbound-modules iproute2 openssl python3 python3-numpy)
missing=()
for package in "${needed[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ]; then
    apt-get update -qq || true
    # No service of these packages is started: the tests run their own copies, inside namespaces.
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "interop: not run; it needs these packages: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi

cargo build --locked --quiet -p cooee
cooee=$(readlink -f "${CARGO_TARGET_DIR:-../../target}/debug/cooee")
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
PYTHONDONTWRITEBYTECODE=1 ../netlab/flat.sh /usr/bin/python3 smoke.py "$cooee" "$run"
