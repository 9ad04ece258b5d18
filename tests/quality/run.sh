#!/usr/bin/env bash
# Writes docs/quality.md and docs/quality.svg. What is rated and compared besides depends on what is here: Python with venv and a C
# compiler for PESQ, and baresip. run.sh DIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
out=$1
say() { printf '%s\n' "$*" >&2; }

rm -rf "$out/heard" && mkdir -p "$out/heard"
cargo run --locked --quiet -p cooee-quality -- render "$out/heard"
python=$out/venv/bin/python
# Where that is allowed, whoever plays goes before all else, so that what else this machine does is not heard.
first=(); if chrt -f 5 true 2>/dev/null; then first=(chrt -f 5); fi
if [ -x "$python" ] || { python3 -m venv "$out/venv" && "$python" -m pip install --quiet numpy pesq==0.0.4; }; then
  if command -v baresip >/dev/null; then
    "${first[@]}" "$python" baresip.py "$out/heard" 10 3
    cargo run --locked --quiet -p cooee-quality -- later "$out/heard"
    echo "baresip $(dpkg-query -W -f='${Version}' baresip-core 2>/dev/null || echo '(version unknown)'), heard on $(date +%F)." >"$out/heard/versions"
  else
    say "baresip is not here, so its column stays empty. Type: sudo apt-get install --no-install-recommends baresip-core"
  fi
  program=$(cargo build --locked --quiet -p cooee --message-format=json | sed -n 's/.*"executable":"\([^"]*cooee\)".*/\1/p' | tail -1)
  "${first[@]}" "$python" cooee.py "$out/heard" "$program" clean jitter loss5 stalls
  say "Rating by PESQ; this takes some minutes."
  "$python" score.py "$out/heard"
else
  rm -rf "$out/venv"
  say "PESQ could not be installed, so its columns stay empty. It needs: sudo apt-get install python3-venv python3-dev gcc"
fi
cargo run --locked --quiet -p cooee-quality -- report "$out/heard"
