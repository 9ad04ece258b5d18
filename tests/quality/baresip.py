#!/usr/bin/env python3
"""Lets baresip hear the packets that `quality render` wrote, each at its time, over plain RTP on loopback: baresip.py DIR AT_ONCE TIMES.

For each DIR/NAME.packets so many calls. What baresip gives to its loudspeaker comes back as uncompressed samples, through the bridge it has
from loudspeaker to microphone; it is cut at the clips into DIR/NAME-baresip-TIME-N.wav."""
import concurrent.futures, os, pathlib, re, shutil, signal, socket, struct, subprocess, sys, tempfile, threading, time, wave

import numpy

# As baresip names it, payload type, as SDP does, RTP ticks a packet, rate of what comes back.
CODECS = {"opus": ("opus/48000/1", 111, "opus/48000/2", 960, 48000), "G722": ("G722/16000/1", 9, "G722/8000", 160, 16000)}
# Milliseconds from baresip's first sound to the first packet's, at most.
LATEST = 3000
# By how many samples a clip may be earlier than on average.
EARLIER = 24000
CONFIG = """\
poll_method epoll
module_path {modules}
sip_listen 127.0.0.1:{port}
audio_player aubridge,ear
audio_source aubridge,ear
audio_alert aubridge,bell
audio_buffer 20-160
jitter_buffer_delay 5-10
rtp_ports {first}-{last}
opus_stereo no
opus_sprop_stereo no
module opus.so
module g722.so
module plc.so
module l16.so
module aubridge.so
module_tmp account.so
module_app menu.so
"""


def wav(path, samples):
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 48000, 0, "NONE", ""))
        out.writeframes(numpy.asarray(samples, "<i2").tobytes())


def samples(path):
    with wave.open(str(path)) as file:
        return numpy.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)


def free():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def modules():
    listing = subprocess.run(["dpkg", "-L", "baresip-core"], capture_output=True, text=True, check=True).stdout
    return os.path.dirname(re.search(r"\S+/opus\.so", listing)[0])


class Call:
    """A caller that only sends: INVITE, packets at their times, BYE."""

    def __init__(self, port, codec, here="127.0.0.1"):
        self.here = here
        self.sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sip.bind(("127.0.0.1", 0))
        self.sip.settimeout(0.5)
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind((here, 0))
        self.at, self.uri, self.to, self.codec = ("127.0.0.1", port), f"sip:b@127.0.0.1:{port}", "<sip:b@127.0.0.1>", codec
        self.heard, self.heard_at = {}, {}
        self.name = f"{os.getpid()}-{self.sip.getsockname()[1]}"

    def message(self, method, number, body=""):
        here = self.sip.getsockname()[1]
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} {self.uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bK{self.name}{method}{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag={self.name}\r\nTo: {self.to}\r\nCall-ID: {self.name}\r\nCSeq: {number} {method}\r\n"
            f"Contact: <sip:a@127.0.0.1:{here}>\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def begin(self):
        _, payload_type, rtpmap, _, rate = self.codec
        body = (
            f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 {self.here}\r\nt=0 0\r\nm=audio {self.rtp.getsockname()[1]} RTP/AVP 96 {payload_type}\r\n"
            f"a=rtpmap:96 L16/{rate}/1\r\na=rtpmap:{payload_type} {rtpmap}\r\na=ptime:20\r\na=sendrecv\r\n"
        )
        invite, end = self.message("INVITE", 1, body), time.monotonic() + 15
        while time.monotonic() < end:
            self.sip.sendto(invite, self.at)
            try:
                while True:
                    answer = self.sip.recv(65536).decode(errors="replace")
                    if answer.startswith("SIP/2.0 200"):
                        self.to = re.search(r"(?im)^To: (.*?)\r", answer)[1]
                        self.sip.sendto(self.message("ACK", 1), self.at)
                        return re.search(r"(?m)^c=IN IP4 (\S+)", answer)[1], int(re.search(r"m=audio (\d+)", answer)[1])
            except TimeoutError:
                pass
        raise RuntimeError("nobody answers")

    def send(self, packets, to):
        _, payload_type, _, ticks, _ = self.codec
        threading.Thread(target=self.listen, daemon=True).start()
        begin = self.begun = time.monotonic() + 0.2
        for at, number, octets in packets:
            time.sleep(max(0.0, begin + at / 1e6 - time.monotonic()))
            header = struct.pack("!BBHII", 0x80, payload_type, (1000 + number) & 0xFFFF, (number * ticks) & 0xFFFFFFFF, 77)
            self.rtp.sendto(header + octets, to)
        time.sleep(1)

    def listen(self):
        """What comes back, by its place in time."""
        while True:
            octets = self.rtp.recv(65536)
            if octets[1] & 0x7F == 96:
                self.heard[struct.unpack("!I", octets[4:8])[0]] = octets[12:]
                self.heard_at[struct.unpack("!I", octets[4:8])[0]] = time.monotonic()

    def recording(self):
        """All of it at 48 kHz; what did not come back is silence."""
        rate, first = self.codec[4], min(self.heard)
        out = numpy.zeros(max(self.heard) - first + rate)
        for at, octets in self.heard.items():
            piece = numpy.frombuffer(octets, ">i2")
            out[at - first : at - first + len(piece)] = piece
        if rate == 48000:
            return out
        fine = numpy.zeros(len(out) * 3)
        fine[::3] = out
        taps = numpy.sinc(numpy.arange(-96, 97) / 3) * numpy.kaiser(193, 6)
        return numpy.convolve(fine, taps, "same")

    def delay(self, at):
        """Seconds from the mouth to baresip's ear: sample `at` of the recording was spoken first. Its way back takes a packet of 20 ms."""
        place = min(self.heard) + at * self.codec[4] / 48000
        came = (when for stamp, when in sorted(self.heard_at.items()) if stamp >= place)
        return next(came) - self.begun - 0.02

    def end(self):
        self.sip.sendto(self.message("BYE", 2), self.at)


def packets_of(path):
    lines = (line.split(" ") for line in path.read_text().splitlines())
    return [(int(at), int(number), bytes.fromhex(octets)) for at, number, octets in lines]


def spoken(folder):
    """All that was said, and where the clips are in it."""
    clips = [tuple(map(int, line.split())) for line in (folder / "clips").read_text().splitlines()]
    said = numpy.zeros(clips[-1][1])
    for number, (start, end) in enumerate(clips):
        said[start:end] = samples(folder / f"said-{number}.wav")[: end - start]
    return said, clips


def hear(path, time_of_it, said, clips):
    """One call; the clips as they were heard."""
    name = path.stem
    codec = CODECS[name.rsplit("-", 1)[1]]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cooee-quality-"))
    try:
        port, first = free(), free() // 2 * 2
        config = CONFIG.format(modules=modules(), port=port, folder=folder, first=first, last=min(first + 40, 65534))
        (folder / "config").write_text(config)
        (folder / "accounts").write_text(f"<sip:b@127.0.0.1>;regint=0;answermode=auto;audio_codecs=L16/{codec[4]}/1,{codec[0]}\n")
        (folder / "contacts").write_text("")
        with open(folder / "log", "wb") as log:
            phone = subprocess.Popen(["baresip", "-4", "-f", folder], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            call = Call(port, codec)
            call.send(packets_of(path), call.begin())
            call.end()
            time.sleep(0.5)
        finally:
            phone.send_signal(signal.SIGTERM)
            phone.wait(10)
        heard = call.recording()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    at = offset(said, heard)
    later = []
    for number, (start, end) in enumerate(clips):
        from_here = max(0, start + at - EARLIER)
        later.append(offset(said[start:end], heard[from_here : end + at + EARLIER]) + from_here - start - at)
        piece = heard[max(0, start + at - 4800) : end + at + 9600]
        wav(path.with_name(f"{name}-baresip-{time_of_it}-{number}.wav"), numpy.clip(piece, -32768, 32767))
    ahead = drift(packets_of(path)) * numpy.mean([(start + end) / 2 for start, end in clips])
    return name, call.delay(at) * 1000 + (numpy.mean(later) - ahead) / 48


def drift(packets):
    """By which part of its time the speaker's clock is slow, if by much."""
    late = numpy.array([at - 20000 * number for at, number, _ in packets])
    tenth = len(late) // 10
    whole = numpy.median(late[-tenth:]) - numpy.median(late[:tenth])
    return whole / (20000 * len(late) * 0.9) if abs(whole) > 200000 else 0.0


def offset(said, heard):
    """By how many samples what was heard is later, by the loudness of both in steps of 1 ms."""
    loud = lambda s: numpy.sqrt(numpy.mean(s[: len(s) // 48 * 48].reshape(-1, 48) ** 2, axis=1))
    one, other = loud(said), loud(heard)
    size = 1 << (len(one) + len(other)).bit_length()
    alike = numpy.fft.irfft(numpy.conj(numpy.fft.rfft(one - one.mean(), size)) * numpy.fft.rfft(other - other.mean(), size), size)
    return int(numpy.argmax(alike[:LATEST])) * 48


def main():
    folder, at_once, times = pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:4])
    said, clips = spoken(folder)
    with concurrent.futures.ProcessPoolExecutor(at_once) as pool:
        paths = sorted(folder.glob("*.packets"))
        calls = [pool.submit(hear, path, time_of_it, said, clips) for time_of_it in range(times) for path in paths]
        found = {}
        for call in concurrent.futures.as_completed(calls):
            name, delay = call.result()
            print(f"baresip heard {name} after {delay:.0f} ms", flush=True)
            found.setdefault(name, []).append(delay)
    lines = (f"{name} delay {numpy.mean(delays):.0f}\n" for name, delays in sorted(found.items()))
    (folder / "delays").write_text("".join(lines))


if __name__ == "__main__":
    main()
