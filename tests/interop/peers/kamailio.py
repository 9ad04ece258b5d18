"""kamailio: registrar and proxy over UDP, TCP and TLS; any user whose password is its name and `-pw`."""
import pathlib
import shutil
import subprocess

from lab import ADDRESS, Process, inside, listens, render

HERE = pathlib.Path(__file__).resolve().parent


class Kamailio:
    name, domain, host, address = "kamailio", "sip.lab", "sip", ADDRESS["sip"]
    also = ("one.lab", "two.lab")  # domains that it has too, found by DNS alone

    def __init__(self, folder, certificate, port=5060, method="TLSv1.2+"):
        """`certificate`: its two files; TLS is on the port above `port`."""
        folder.mkdir(parents=True)
        self.port = port
        pem, key = certificate
        render(HERE / "kamailio.tls.in", folder / "tls.cfg", PEM=pem, KEY=key, METHOD=method)
        values = dict(RUN=folder, IP=self.address, DOMAIN=self.domain, PORT=port, TLSPORT=port + 1)
        render(HERE / "kamailio.cfg.in", folder / "kamailio.cfg", **values)
        command = ["kamailio", "-DD", "-E", "-f", folder / "kamailio.cfg", "-Y", folder, "-m", 64, "-M", 8]
        self.process = Process(folder / "log", inside(self.host, command))
        listens(self.host, self.address, port + 1)

    def users(self, names):
        pass

    def stop(self):
        self.process.stop()


def version():
    if not shutil.which("kamailio"):
        return None
    return "kamailio " + subprocess.run(["kamailio", "-v"], capture_output=True, text=True).stdout.split()[2]
