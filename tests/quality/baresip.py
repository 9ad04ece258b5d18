#!/usr/bin/env python3
"""Lets baresip hear the packets that `quality render` wrote, each at its time, over plain RTP on loopback: baresip.py DIR [AT_ONCE].

For each DIR/NAME.packets one call; what baresip's loudspeaker would have played is cut at the clips into DIR/NAME-baresip-N.wav."""
import concurrent.futures, os, pathlib, re, shutil, signal, socket, struct, subprocess, sys, tempfile, time, wave

import numpy

CODECS = {"opus": ("opus/48000/1", 111, "opus/48000/2", 960), "G722": ("G722/16000/1", 9, "G722/8000", 160)}
CONFIG = """\
poll_method epoll
module_path {modules}
sip_listen 127.0.0.1:{port}
audio_player aufile,{folder}/play.wav
audio_source aufile,{folder}/silence.wav
audio_alert aufile,{folder}/alert.wav
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 1
auplay_channels 1
audio_buffer 20-160
jitter_buffer_delay 5-10
rtp_ports {first}-{last}
opus_stereo no
opus_sprop_stereo no
module opus.so
module g722.so
module plc.so
module aufile.so
module_tmp account.so
module_app menu.so
"""


def wav(path, samples):
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 48000, 0, "NONE", ""))
        out.writeframes(numpy.asarray(samples, "<i2").tobytes())


def samples(path):
    # The header of a file that was being written may name no length: the rest is taken as it is.
    octets = pathlib.Path(path).read_bytes()
    at = octets.find(b"data")
    return numpy.frombuffer(octets[at + 8 : len(octets) - (len(octets) - at) % 2], "<i2").astype(float)


def free():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def modules():
    listing = subprocess.run(["dpkg", "-L", "baresip-core"], capture_output=True, text=True, check=True).stdout
    return os.path.dirname(re.search(r"\S+/opus\.so", listing)[0])


class Call:
    """A caller that only sends: INVITE, packets at their times, BYE."""

    def __init__(self, port, codec):
        self.sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sip.bind(("127.0.0.1", 0))
        self.sip.settimeout(0.5)
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind(("127.0.0.1", 0))
        self.port, self.to, self.codec = port, "<sip:b@127.0.0.1>", codec
        self.name = f"{os.getpid()}-{self.sip.getsockname()[1]}"

    def message(self, method, number, body=""):
        here = self.sip.getsockname()[1]
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} sip:b@127.0.0.1:{self.port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bK{self.name}{method}{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag={self.name}\r\nTo: {self.to}\r\nCall-ID: {self.name}\r\nCSeq: {number} {method}\r\n"
            f"Contact: <sip:a@127.0.0.1:{here}>\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def begin(self):
        _, payload_type, rtpmap, _ = self.codec
        body = (
            f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {self.rtp.getsockname()[1]} RTP/AVP {payload_type}\r\n"
            f"a=rtpmap:{payload_type} {rtpmap}\r\na=ptime:20\r\na=sendrecv\r\n"
        )
        invite, end = self.message("INVITE", 1, body), time.monotonic() + 15
        while time.monotonic() < end:
            self.sip.sendto(invite, ("127.0.0.1", self.port))
            try:
                while True:
                    answer = self.sip.recv(65536).decode(errors="replace")
                    if answer.startswith("SIP/2.0 200"):
                        self.to = re.search(r"(?im)^To: (.*?)\r", answer)[1]
                        self.sip.sendto(self.message("ACK", 1), ("127.0.0.1", self.port))
                        return int(re.search(r"m=audio (\d+)", answer)[1])
            except TimeoutError:
                pass
        raise RuntimeError("baresip does not answer")

    def send(self, packets, port):
        _, payload_type, _, ticks = self.codec
        begin = time.monotonic() + 0.2
        for at, number, octets in packets:
            time.sleep(max(0.0, begin + at / 1e6 - time.monotonic()))
            header = struct.pack("!BBHII", 0x80, payload_type, (1000 + number) & 0xFFFF, (number * ticks) & 0xFFFFFFFF, 77)
            self.rtp.sendto(header + octets, ("127.0.0.1", port))
        time.sleep(1)

    def end(self):
        self.sip.sendto(self.message("BYE", 2), ("127.0.0.1", self.port))


def hear(path, said, clips):
    """One call; the clips as they were heard."""
    name = path.stem
    lines = (line.split(" ") for line in path.read_text().splitlines())
    packets = [(int(at), int(number), bytes.fromhex(octets)) for at, number, octets in lines]
    codec = CODECS[name.rsplit("-", 1)[1]]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cooee-quality-"))
    try:
        port, first = free(), free() // 2 * 2
        config = CONFIG.format(modules=modules(), port=port, folder=folder, first=first, last=min(first + 40, 65534))
        (folder / "config").write_text(config)
        (folder / "accounts").write_text(f"<sip:b@127.0.0.1>;regint=0;answermode=auto;audio_codecs={codec[0]}\n")
        (folder / "contacts").write_text("")
        wav(folder / "silence.wav", numpy.zeros(48000 * 90))
        with open(folder / "log", "wb") as log:
            phone = subprocess.Popen(["baresip", "-4", "-f", folder], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            call = Call(port, codec)
            call.send(packets, call.begin())
            call.end()
            time.sleep(0.5)
        finally:
            phone.send_signal(signal.SIGTERM)
            phone.wait(10)
        heard = samples(folder / "play.wav")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    at = offset(said, heard)
    for number, (start, end) in enumerate(clips):
        piece = heard[max(0, start + at - 4800) : end + at + 9600]
        wav(path.with_name(f"{name}-baresip-{number}.wav"), piece)
    return name, at / 48


def offset(said, heard):
    """By how many samples what was heard is later, by the loudness of both in steps of 1 ms."""
    loud = lambda s: numpy.sqrt(numpy.mean(s[: len(s) // 48 * 48].reshape(-1, 48) ** 2, axis=1))
    one, other = loud(said), loud(heard)
    size = 1 << (len(one) + len(other)).bit_length()
    alike = numpy.fft.irfft(numpy.conj(numpy.fft.rfft(one - one.mean(), size)) * numpy.fft.rfft(other - other.mean(), size), size)
    best = int(numpy.argmax(alike))
    return (best - size if best > size // 2 else best) * 48


def main():
    folder, at_once = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 6
    clips = [tuple(map(int, line.split())) for line in (folder / "clips").read_text().splitlines()]
    said = numpy.zeros(clips[-1][1])
    for number, (start, end) in enumerate(clips):
        said[start:end] = samples(folder / f"said-{number}.wav")[: end - start]
    with concurrent.futures.ProcessPoolExecutor(at_once) as pool:
        calls = [pool.submit(hear, path, said, clips) for path in sorted(folder.glob("*.packets"))]
        for call in concurrent.futures.as_completed(calls):
            print("baresip heard %s, %.0f ms after its beginning" % call.result(), flush=True)


if __name__ == "__main__":
    main()
