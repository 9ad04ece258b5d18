"""Other people's servers and phones, each in a namespace of tests/netlab/flat.sh."""
import json
import os
import pathlib
import re
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
ADDRESS = dict(srv="198.51.100.10", ca="198.51.100.21", cb="198.51.100.22")
DOMAIN = "sip.lab"


def inside(host, command):
    return ["ip", "netns", "exec", host, *map(str, command)]


def render(source, target, **values):
    text = source.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    left = re.findall(r"@[A-Z]+@", text)
    assert not left, f"{source}: nothing given for {left}"
    target.write_text(text)


def certificates(run):
    """A lab authority, and a server certificate for the domain."""
    folder = run / "certs"
    folder.mkdir(parents=True, exist_ok=True)

    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-days", "30", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Lab CA",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", f"/CN={DOMAIN}")
    (folder / "ext").write_text(f"subjectAltName=DNS:{DOMAIN},IP:{ADDRESS['srv']}\nextendedKeyUsage=serverAuth,clientAuth\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-out", "server.pem", "-extfile", "ext")


class Process:
    """A program that runs beside the test, its output in a file."""

    def __init__(self, log, command, **options):
        self.log = log
        self.file = open(log, "wb")
        self.process = subprocess.Popen(command, stdout=self.file, stderr=subprocess.STDOUT, **options)

    def stop(self, seconds=10):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.file.close()

    def text(self):
        return pathlib.Path(self.log).read_text(errors="replace")


def until(what, condition, seconds):
    """Waits for `condition`; says what did not happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.1)
    raise TimeoutError(f"{what}: not within {seconds} s")


def kamailio(run, algorithm=""):
    ip = ADDRESS["srv"]
    render(HERE / "kamailio/tls.cfg.in", run / "tls.cfg", RUN=run)
    render(HERE / "kamailio/kamailio.cfg.in", run / "kamailio.cfg", RUN=run, IP=ip, DOMAIN=DOMAIN, ALGORITHM=algorithm)
    server = Process(run / "kamailio.log", inside("srv", ["kamailio", "-DD", "-E", "-f", run / "kamailio.cfg", "-Y", run, "-m", 64, "-M", 8]))
    probe = inside("srv", ["bash", "-c", f"exec 3<>/dev/tcp/{ip}/5061"])
    until("kamailio listens", lambda: subprocess.run(probe, capture_output=True).returncode == 0, 15)
    return server


class Baresip:
    """One baresip, its account, and its control connection (netstrings of JSON)."""

    def __init__(self, folder, run, host, name, codec, speech):
        self.folder = folder
        self.folder.mkdir(parents=True)
        listing = subprocess.run(["dpkg", "-L", "baresip-core"], capture_output=True, text=True, check=True).stdout
        modules = os.path.dirname(re.search(r"\S+/opus\.so", listing)[0])
        values = dict(MODULES=modules, IP=ADDRESS[host], DIR=self.folder, RUN=run, SPEECH=speech, NAME=name, DOMAIN=DOMAIN,
                      SERVER=ADDRESS["srv"], CODEC=codec)
        certs = run / "certs"
        (self.folder / "cert.pem").write_text((certs / "server.key").read_text() + (certs / "server.pem").read_text())
        (self.folder / "contacts").write_text("")
        for file in ("config", "accounts"):
            render(HERE / f"baresip/{file}.in", self.folder / file, **values)
        self.host = host
        self.process = Process(self.folder / "log", inside(host, ["baresip", "-4", "-v", "-f", self.folder]))
        until("baresip registers", lambda: "200 OK" in self.process.text() or "registered successfully" in self.process.text(), 15)

    def command(self, command, parameters=""):
        """One command through the control port, from inside the peer's own namespace."""
        message = json.dumps(dict(command=command, params=parameters, token="t"))
        script = (f"import socket,sys; s=socket.create_connection(('127.0.0.1',14441),5); m=sys.argv[1].encode();"
                  f" s.sendall(b'%d:%s,'%(len(m),m)); s.settimeout(5); print(s.recv(65536).decode(errors='replace'))")
        done = subprocess.run(inside(self.host, ["/usr/bin/python3", "-c", script, message]), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def heard(self):
        """What it decoded: its longest recording."""
        return max(self.folder.glob("dump*dec.wav"), key=lambda p: p.stat().st_size)

    def stop(self):
        self.process.stop()
