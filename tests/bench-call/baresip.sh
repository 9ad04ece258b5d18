# The same call by two baresips, to compare with: the same clips, bit rate, complexity and media security, on loopback without a server.
# Sourced by run.sh, which has `work`, `speech`, `long`, `await`, `processes` and `measure`.

# A clip at the one rate that baresip's source of files is told, by linear interpolation.
at_48_khz() {
  python3 - "$1" "$2" <<'EOF'
import array, sys, wave

with wave.open(sys.argv[1]) as clip:
    times, low = 48000 // clip.getframerate(), array.array("h", clip.readframes(clip.getnframes()))
high = array.array("h", (a + (b - a) * k // times for a, b in zip(low, low[1:]) for k in range(times)))
with wave.open(sys.argv[2], "wb") as out:
    out.setparams((1, 2, 48000, 0, "NONE", ""))
    out.writeframes(high.tobytes())
EOF
}

# Two free ports in a row, one for UDP and TCP and the next for TLS.
free_ports() {
  python3 -c '
import socket
for _ in range(100):
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        try: second.bind(("127.0.0.1", first.getsockname()[1] + 1))
        except OSError: continue
        print(first.getsockname()[1]); break'
}

# baresip NAME CLIP ARGS…
start_baresip() {
  local name=$1 folder=$work/$1 port
  port=$(free_ports)
  mkdir "$folder"
  at_48_khz "$2" "$folder/clip.wav"
  long "$folder/clip.wav" "$folder/in.wav"
  cat >"$folder/config" <<EOF
poll_method epoll
module_path $(dirname "$(dpkg -L baresip-core | grep '/opus\.so$')")
sip_listen 127.0.0.1:$port
audio_player aufile,$folder/out.wav
audio_source aufile,$folder/in.wav
audio_alert aufile,$folder/alert.wav
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 1
auplay_channels 1
audio_txmode thread
audio_level no
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
jitter_buffer_delay 5-10
rtcp_mux yes
module opus.so
module aufile.so
module srtp.so
module dtls_srtp.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
opus_bitrate 24000
opus_complexity $complexity
opus_stereo no
opus_sprop_stereo no
opus_inbandfec yes
opus_application voip
snd_path $folder
EOF
  echo "<sip:$name@127.0.0.1:$port>;regint=0;answermode=auto;mediaenc=dtls_srtp;audio_codecs=opus/48000/1" >"$folder/accounts"
  : >"$folder/contacts"
  stdbuf -oL baresip -4 -v -f "$folder" "${@:3}" >"$work/$name.log" 2>&1 </dev/null &
  processes+=($!)
  started=$! door=sip:$name@127.0.0.1:$port
}

call_by_baresip() {
  local called calls
  start_baresip called "$speech/anna.wav"
  called=$started
  await "$work/called.log" "baresip is ready" >/dev/null
  start_baresip calls "$speech/ben.wav" -e "/dial $door"
  calls=$started
  await "$work/called.log" "DTLS-SRTP complete" >/dev/null
  sleep 3
  measure "baresip called" "$called" "baresip that calls" "$calls"
}
