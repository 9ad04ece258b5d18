#!/usr/bin/env bash
# What one Opus call costs: a server and two phones of this build on loopback, a speech clip each way, and what the kernel has
# counted for each process; and the same call by two baresips, if there is one. usage: run.sh COOEE [SECONDS]
# Goals (a busy machine measures too much): a phone in a call takes at most 1.5 % of a core; one that waits 20 MB, and 10 switches of context
# a minute.
set -euo pipefail
cooee=$1 seconds=${2:-30}
complexity=6 # of Opus, as a phone with one call has it
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
speech=$here/../fixtures/speech
work=$(mktemp -d)
processes=()
clean() {
  for process in "${processes[@]}"; do kill -INT "$process" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap clean EXIT
die() { printf '%s\n' "$*" >&2; tail -n 5 "$work"/*.log >&2 || true; exit 1; }

# Waits up to a minute for a line with this in a file, and prints it.
await() {
  for _ in $(seq 600); do
    if grep -m 1 -- "$2" "$1" 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  die "nothing like “$2” came"
}

field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

word() { printf '%b' "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)))"; }

# A clip again and again (its header has 44 octets), so that nobody falls silent while it is measured.
long() {
  local times=$(((seconds + 30) / 6)) length
  length=$((($(stat -c %s "$1") - 44) * times))
  {
    printf RIFF
    word $((36 + length))
    head -c 40 "$1" | tail -c +9
    word "$length"
    for _ in $(seq "$times"); do tail -c +45 "$1"; done
  } >"$2"
}

# Ticks of user and system time, and switches of context over all threads, of a process so far.
ticks() { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f12,13 | tr ' ' '+' | bc; }
switches() { cat /proc/"$1"/task/*/status | awk '/ctxt_switches/ { n += $2 } END { print n }'; }
resident() { awk '/VmRSS/ { printf "%.1f", $2 / 1000 }' "/proc/$1/status"; }

# Measures processes side by side: measure NAME PID [NAME PID …]
measure() {
  local names=() pids=() begun=() switched=() index
  while [ $# -gt 0 ]; do names+=("$1") pids+=("$2"); shift 2; done
  for index in "${!pids[@]}"; do begun+=("$(ticks "${pids[index]}")") switched+=("$(switches "${pids[index]}")"); done
  sleep "$seconds"
  for index in "${!pids[@]}"; do
    awk -v name="${names[index]}" -v t=$(($(ticks "${pids[index]}") - begun[index])) -v hz="$(getconf CLK_TCK)" -v s="$seconds" \
      -v w=$(($(switches "${pids[index]}") - switched[index])) -v m="$(resident "${pids[index]}")" \
      'BEGIN { printf "  %-22s %6.2f %% of a core  %7.1f context switches a %s  %5.1f MB\n", name, 100 * t / hz / s,
        w / s < 1 ? 60 * w / s : w / s, w / s < 1 ? "minute" : "second", m }'
  done
}

start() { # NAME ARGS…
  local name=$1
  shift
  "$cooee" --json --home "$work/$name" "$@" >"$work/$name.log" 2>"$work/$name.err" </dev/null &
  processes+=($!)
}

start server localserve --port 0
server=$!
serving=$(await "$work/server.log" '"event":"serving"')
authority=$(field authority <<<"$serving")
door=$(sed 's/.*"tls \([0-9.:]*\)".*/\1/' <<<"$serving")
printf 'load of this machine: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
echo "idle:"
measure "server" "$server"
for name in anna ben; do
  long "$speech/$name.wav" "$work/$name.wav"
  password=$(await "$work/server.log" "\"$name@" | field password)
  "$cooee" --home "$work/$name" --trust "$authority" account add "$name@cooee.test" --proxy "$door" <<<"$password" >/dev/null
done
start anna --trust "$authority" phone
waits=$!
await "$work/anna.log" '"state":"registered"' >/dev/null
sleep 3
echo "a phone that waits:"
measure "phone" "$waits"
kill -INT "$waits"
wait "$waits" || true
rm "$work/anna.log"
start anna --trust "$authority" phone --answer --speak "$work/anna.wav" --record "$work/anna.out.wav"
anna=$!
await "$work/anna.log" '"state":"registered"' >/dev/null
start ben --trust "$authority" call anna@cooee.test --codec opus --speak "$work/ben.wav" --record "$work/ben.out.wav"
ben=$!
await "$work/ben.log" '"state":"active"' >/dev/null
sleep 3
echo "one Opus call (a phone keeps what it speaks in memory, 5.8 MB a minute):"
measure "the phone called" "$anna" "the phone that calls" "$ben" "server" "$server"
kill -INT "$ben" "$anna"
if command -v baresip >/dev/null; then
  # shellcheck source=baresip.sh
  . "$here/baresip.sh"
  echo "the same call by $(baresip -h 2>&1 | grep -o -m 1 'baresip v[0-9.]*'):"
  call_by_baresip
else
  echo "no baresip is here to compare with (sudo apt-get install baresip-core)"
fi
