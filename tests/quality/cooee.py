#!/usr/bin/env python3
"""Lets a real `cooee phone` hear the packets that `quality render` wrote, as baresip.py does baresip: cooee.py DIR PROGRAM TRACE…

Each call has a process of its own, registered over UDP with the caller, which is its server, too. What it records of the call is cut at the
clips into DIR/NAME-process-N.wav."""
import concurrent.futures, pathlib, re, shutil, signal, socket, subprocess, sys, tempfile, time

from baresip import CODECS, Call, offset, packets_of, samples, spoken, wav

ADDRESS = "b@quality.test"


class Server(Call):
    """A caller that is the phone's registrar as well."""

    def serve(self, is_done):
        """Takes its registrations until that is so."""
        end = time.monotonic() + 60
        while not is_done() and time.monotonic() < end:
            try:
                request, came_from = self.sip.recvfrom(65536)
            except TimeoutError:
                continue
            text = request.decode(errors="replace")
            if not text.startswith("REGISTER"):
                continue
            kept = "".join(re.findall(r"(?im)^(?:via|from|call-id|cseq|contact|expires): .*?\r\n", text))
            to = re.search(r"(?im)^to: (.*?)\r\n", text)[1]
            self.sip.sendto(f"SIP/2.0 200 OK\r\n{kept}To: {to};tag=server\r\nContent-Length: 0\r\n\r\n".encode(), came_from)
            contact = re.search(r"(?im)^contact:.*?<(.*?)>", text)
            if contact:
                self.uri, self.at, self.to = contact[1], came_from, f"<sip:{ADDRESS}>"
        if not is_done():
            raise RuntimeError("cooee does not register")


def address_of_this_machine():
    """Where media comes from: not the loopback, unless there is nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return probe.getsockname()[0]


def hear(path, program, said, clips):
    """One call; the clips as they were recorded."""
    name = path.stem
    codec = name.rsplit("-", 1)[1]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cooee-quality-"))
    cooee = [program, "--home", folder / "home", "--json"]
    try:
        call = Server(0, CODECS[codec], address_of_this_machine())
        server = f"127.0.0.1:{call.sip.getsockname()[1]}"
        account = ["account", "add", ADDRESS, "--proxy", server, "--transport", "udp", "--media", "plain"]
        with open(folder / "log", "wb") as log:
            adds = subprocess.Popen([*cooee, *account], stdin=subprocess.PIPE, stdout=log, stderr=log)
            adds.stdin.write(b"secret\n")
            adds.stdin.close()
            call.serve(lambda: adds.poll() is not None)
            call.uri = None
            record = folder / "heard.wav"
            options = ["--answer", "--codec", codec.lower(), "--speak", path.with_name("said-0.wav"), "--record", record]
            phone = subprocess.Popen([*cooee, "phone", *options], stdin=subprocess.PIPE, stdout=log, stderr=log)
            try:
                call.serve(lambda: call.uri)
                call.send(packets_of(path), call.begin())
                call.end()
                time.sleep(1)
            finally:
                phone.send_signal(signal.SIGTERM)
                phone.wait(20)
        heard = samples(record)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    at = offset(said, heard)
    for number, (start, end) in enumerate(clips):
        wav(path.with_name(f"{name}-process-{number}.wav"), heard[max(0, start + at - 4800) : end + at + 9600])
    return name


def main():
    folder, program, traces = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    said, clips = spoken(folder)
    paths = [folder / f"{trace}-{codec}.packets" for trace in traces for codec in CODECS]
    with concurrent.futures.ProcessPoolExecutor(4) as pool:
        for name in pool.map(hear, paths, [program] * len(paths), [said] * len(paths), [clips] * len(paths)):
            print(f"cooee heard {name}", flush=True)


if __name__ == "__main__":
    main()
