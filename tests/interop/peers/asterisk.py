"""asterisk, from the Debian that asterisk-chroot.sh makes: a telephone exchange that ends every call and makes another."""
import os
import pathlib
import re
import shutil
import subprocess

from lab import ADDRESS, Process, inside, listens, password, render, until
from row import Skipped

HERE = pathlib.Path(__file__).resolve().parent
KINDS = dict(rsa2048="rsa:2048", rsa4096="rsa:4096", p384="ec:P-384")  # of certificates for DTLS; else it makes one with P-256
WAYS = ("dtls", "nomux", "savp", "savptls", "sdes", "plain", *KINDS)  # a suffix of the user name says how that account's media is encrypted


class Asterisk:
    name, domain, host, address = "asterisk", "pbx.lab", "pbx", ADDRESS["pbx"]

    def __init__(self, lab, folder):
        self.root = chroot()
        self.folder = folder
        for sub in ("etc", "run", "spool"):
            (folder / sub).mkdir(parents=True)
        pem, key = lab.authority.certificate(self.domain, self.address)
        shutil.copy(pem, folder / "server.pem"), shutil.copy(key, folder / "server.key")
        for name, kind in KINDS.items():
            pem, key = lab.authority.certificate(self.domain, self.address, kind, name=f"pbx-{name}")
            (folder / f"{name}.pem").write_text(key.read_text() + pem.read_text())
        shutil.copy(lab.ben, folder / "ben.wav16")
        modules = next((self.root / "usr/lib").rglob("res_pjsip.so")).parent
        for file in (HERE / "asterisk").glob("*.conf"):
            render(file, folder / "etc" / file.name, IP=self.address, MODULES="/" / modules.relative_to(self.root))
        with open(folder / "etc/pjsip.conf", "a") as conf:
            for pair in lab.pairs:
                for name in (pair.anna, pair.ben, pair.carl):
                    conf.writelines(endpoint(name + way, way) for way in WAYS)
        # The mounts are seen, and end, in our own mount namespace only.
        for source, target in (("/proc", "proc"), ("/dev", "dev"), (folder, "srv")):
            subprocess.run(["mount", "--bind", str(source), str(self.root / target)], check=True)
        # Without -p it gives up the priority that the lab lends it.
        priority = ["-p"] if os.sched_getscheduler(0) == os.SCHED_RR else []
        command = ["chroot", self.root, "asterisk", "-f", "-n", *priority, "-C", "/srv/etc/asterisk.conf", "-vvv"]
        self.process = Process(folder / "log", inside(self.host, command))
        listens(self.host, self.address, 5061, 40)
        until("asterisk is ready", lambda: "Asterisk Ready" in self.process.text(), 40)
        self.cli("pjsip set logger on")

    def cli(self, command):
        cli = ["chroot", self.root, "asterisk", "-C", "/srv/etc/asterisk.conf", "-rx", command]
        return subprocess.run(inside(self.host, list(cli)), capture_output=True, text=True, timeout=20).stdout

    def about(self, name):
        """What its log says near `name`: evidence for a row."""
        blocks = re.split(r"\n(?=<---)", self.process.text())
        return "\n".join(block for block in blocks if name in block)

    def stop(self):
        self.process.stop()


def endpoint(name, way):
    return (f"[{name}]({way})\naors = {name}\nauth = {name}\n[{name}](account)\n"
            f"[{name}](login)\nusername = {name}\npassword = {password(name)}\n")


def chroot():
    """The root folder; says why there is none."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise Skipped("asterisk needs root and debootstrap")
    made = os.environ.get("COOEE_ASTERISK", "")
    if not made:
        raise Skipped("no Debian with asterisk could be made")
    return pathlib.Path(made)


def version():
    try:
        shown = subprocess.run(["chroot", chroot(), "asterisk", "-V"], capture_output=True, text=True).stdout.split()
    except Skipped:
        return None
    return f"asterisk {shown[1].split('+')[0].split('~')[0]}" if shown else None
