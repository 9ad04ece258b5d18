"""baresip: a phone that speaks a file, records what it hears, and is told what to do over TCP (netstrings of JSON)."""
import json
import os
import pathlib
import re
import subprocess

from lab import ADDRESS, Process, inside, password, render, until

HERE = pathlib.Path(__file__).resolve().parent
# Exact names only, or it offers all it has; Opus is /1 because of `opus_stereo no`.
CODECS = dict(opus="opus/48000/1", g722="G722/16000/1", pcma="PCMA/8000/1", pcmu="PCMU/8000/1")


class Baresip:
    """`enc`: dtls_srtp, srtp-mand (SDES), srtp (best effort) or nothing; `nat`: ice or nothing."""

    def __init__(self, lab, folder, host, name, server, codec="opus", enc="dtls_srtp", nat="ice", answer="auto", speech=None, mux=True):
        folder.mkdir(parents=True)
        self.folder, self.host, self.server = folder, host, server
        extra = "".join(f";{key}={value}" for key, value in (("mediaenc", enc), ("medianat", nat)) if value)
        pem, key = lab.phone_certificate
        (folder / "cert.pem").write_text(key.read_text() + pem.read_text())
        (folder / "contacts").write_text("")
        render(HERE / "baresip.config.in", folder / "config", MODULES=modules(), IP=ADDRESS[host], DIR=folder, SPEECH=speech or lab.theirs,
               AUTHORITY=lab.authority.file, RTCPMUX="yes" if mux else "no")
        render(HERE / "baresip.accounts.in", folder / "accounts", NAME=name, PASSWORD=password(name), DOMAIN=server.domain,
               SERVER=server.address, CODEC=CODECS[codec], ANSWER=answer, EXTRA=extra)
        # -s prints every SIP message, -v what it makes of them.
        self.process = Process(folder / "log", inside(host, ["baresip", "-4", "-v", "-s", "-f", folder]))
        until(f"baresip registers {name}", lambda: re.search(r"\} 200 OK .*\[\d+ binding", self.text()), 20)

    def text(self):
        return re.sub(r"\x1b\[[0-9;]*m", "", self.process.text())

    def command(self, command, parameters=""):
        """One command through the control port, from inside the peer's own namespace."""
        message = json.dumps(dict(command=command, params=parameters, token="t"))
        script = ("import socket,sys; s=socket.create_connection(('127.0.0.1',14441),5); m=sys.argv[1].encode();"
                  " s.sendall(b'%d:%s,'%(len(m),m)); s.settimeout(5); print(s.recv(65536).decode(errors='replace'))")
        done = subprocess.run(inside(self.host, ["/usr/bin/python3", "-c", script, message]), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def dial(self, name):
        self.command("dial", f"sip:{name}@{self.server.domain}")

    def events(self):
        """What it tells from now on, in a file that grows."""
        script = ("import socket; s=socket.create_connection(('127.0.0.1',14441),5); s.settimeout(None); print('connected', flush=True)\n"
                  "while x := s.recv(65536): print(x.decode(errors='replace'), flush=True)")
        listener = Process(self.folder / "events", inside(self.host, ["/usr/bin/python3", "-c", script]))
        until("baresip's events are listened to", listener.text, 10)
        return listener

    def encoder(self):
        """The codec it speaks."""
        found = re.findall(r"Set audio encoder: (\S+)", self.text())
        return found[-1].lower() if found else None

    def received(self):
        """RTP packets of the call that has ended."""
        return until("baresip ends the call", lambda: int(next(iter(re.findall(r"packets: +\d+ +(\d+)", self.text())), 0)), 5)

    def heard(self):
        """What it decoded: its longest recording."""
        found = list(self.folder.glob("dump*dec.wav"))
        assert found, "baresip recorded nothing"
        return max(found, key=lambda path: path.stat().st_size)

    def stop(self):
        self.process.stop()


def modules():
    listing = subprocess.run(["dpkg", "-L", "baresip-core"], capture_output=True, text=True, check=True).stdout
    return os.path.dirname(re.search(r"\S+/opus\.so", listing)[0])


def version():
    shown = subprocess.run(["dpkg-query", "-W", "-f=${Version}", "baresip-core"], capture_output=True, text=True)
    return f"baresip {shown.stdout.split('-')[0]}" if shown.returncode == 0 else None
