#!/usr/bin/env bash
# A lab that is interrupted leaves nothing: no process, no interface, no mount. Each way to end it is tried.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./lab.sh

mark=$((600000 + RANDOM)) # tells what runs in this lab from all else
running() { pgrep -fx "sleep $mark" >/dev/null; }
state() { ip -o link show; ip netns list; cut -d' ' -f2,3 /proc/self/mountinfo | sort; findmnt -rno TARGET | sort; }

# What a lab of somebody's may run: something in a namespace, something that asks not to be ended, something in a session of its own.
# shellcheck disable=SC2016 # for the shell inside
lab='ip netns exec one sleep $0 & (trap "" INT TERM HUP; sleep $0) & setsid sleep $0 & mount -t tmpfs lab /mnt; wait'
start=(env --default-signal=INT ./flat.sh one=10.0.0.1 -- bash -c "$lab" "$mark") # else what runs beside a script ignores INT

failed=0
before=$(state)
for how in TERM INT HUP KILL limit; do
  case $how in
    limit) limited 2 "${start[@]}" & ;;
    *) "${start[@]}" & ;;
  esac
  for _ in $(seq 100); do if running; then break; else sleep 0.1; fi; done
  running || { echo "FAIL the lab does not start"; exit 1; }
  [ $how = limit ] || kill -s "$how" $!
  wait $! 2>/dev/null || true
  for _ in $(seq 50); do if running; then sleep 0.1; else break; fi; done
  if running || [ "$(state)" != "$before" ]; then echo "FAIL ended by $how, a lab leaves something"; failed=1; else echo "PASS ended by $how, a lab leaves nothing"; fi
done
exit $failed
