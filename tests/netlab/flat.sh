#!/usr/bin/env bash
# A flat network of namespaces in which every peer has an address of its own, gone without a trace when it ends.
#
#   flat.sh HOST=ADDRESS… -- COMMAND [ARG…]   runs COMMAND inside; it reaches the hosts by `ip netns exec HOST …`
#
# The hosts hang on one bridge, which has no address of its own.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
enter "$0" "$@"

while [ "${1:---}" != -- ]; do
  namespace "${1%%=*}"
  on_bridge "${1%%=*}" eth0 "${1#*=}"
  shift
done
shift
"$@"
