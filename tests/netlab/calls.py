"""Cooee phones behind the routers of nats.sh call each other: which pairs find a path by STUN alone, and what is said where none is.

usage: nats.sh calls.py COOEE RUN_FOLDER

The domain is found as anywhere else: by SRV records, which the routers' name servers have. There are no relays yet, so some pairs
must fail, and say so."""
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))
from audio import RIGHT, arrival
from cooee import Phone
from lab import Authority, Pair, Process, inside, password, until
from peers.own import Own

SPEECH = HERE.parent / "fixtures/speech"
SERVER = "198.51.100.10"
# Routers of the caller and of the callee, and whether there is a path between them without a relay.
PAIRS = [("none", "none", True), ("port", "port", True), ("full", "symmetric", True), ("symmetric", "address", True),
         ("none", "symmetric", True), ("address", "port", True), ("port", "symmetric", False), ("symmetric", "symmetric", False),
         ("port", "blocked", False)]


ROUTERS = dict(ca=("na", "10.1.0.1"), cb=("nb", "10.2.0.1"))


def name_server(address):
    domain = Own.domain
    return ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=", "--user=root",
            f"--listen-address={address}", "--bind-interfaces", f"--host-record={domain},{SERVER}",
            f"--srv-host=_sips._tcp.{domain},{domain},5061", f"--srv-host=_stun._udp.{domain},{domain},5062"]


class PublicOwn(Own):
    host, address = "srv", SERVER


class Lab:
    def __init__(self, cooee, run):
        self.cooee, self.run, self.pairs = cooee, run, [Pair("")]
        self.authority = Authority(run / "authority")
        self.server = PublicOwn(self, run / "server", lan=False)
        self.names = [Process(run / f"{router}.log", inside(router, name_server(address))) for router, address in ROUTERS.values()]

    def command(self, host, home, *arguments):
        common = ["--home", home, "--json", "--trust", self.authority.file, "--dns", ROUTERS[host][1]]
        return inside(host, [self.cooee, *common, *arguments])

    def phone(self, host, folder, name, *arguments):
        add = self.command(host, folder / name, "account", "add", f"{name}@{Own.domain}")
        done = subprocess.run(add, input=f"{password(name)}\n", capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        phone = Phone(f"{folder / name}.log", self.command(host, folder / name, "phone", *arguments))
        phone.wait(f"{name} registers", event="account", state="registered")
        return phone


def call(lab, folder):
    """Anna, at ca, calls Ben, at cb: the speech that arrived each way, or why there was none."""
    folder.mkdir(parents=True)
    clips, heard = [SPEECH / "anna.wav", SPEECH / "ben.wav"], [folder / "anna.wav", folder / "ben.wav"]
    ben = lab.phone("cb", folder, "ben", "--answer", "--speak", clips[1], "--record", heard[1])
    anna = None
    try:
        anna = lab.phone("ca", folder, "anna", "--speak", clips[0], "--record", heard[0])
        time.sleep(1)  # STUN
        anna.say(command="dial", address=f"ben@{Own.domain}")
        outcomes = dict(event="call", state="active"), dict(event="ended")
        outcome = until("the call is active or over", lambda: anna.events().first(**outcomes[0]) or anna.events().first(**outcomes[1]), 40)
        if outcome["event"] == "ended":
            return None, None, outcome["reason"]
        time.sleep(8)
        anna.say(command="hang_up")
        anna.ended()
        path = anna.events().first(event="path")
    finally:
        ben.stop()
        if anna:
            anna.stop()
    there, back = arrival(clips[0], heard[1])["correlation"], arrival(clips[1], heard[0])["correlation"]
    return there, back, f"{path['local']} to {path['remote']}"


def main():
    lab = Lab(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
    failed = 0
    for ours, theirs, expected in PAIRS:
        for side, kind in (("a", ours), ("b", theirs)):
            subprocess.run([HERE / "nats.sh", "type", side, kind], check=True)
        there, back, how = call(lab, lab.run / f"{ours}-{theirs}")
        right = min(there, back) >= RIGHT if expected and there else not expected and how == "media.no-path"
        failed += not right
        speech = f"speech {there:.2f} / {back:.2f}" if there else "no sound"
        print("PASS" if right else "FAIL", f"{ours} calls {theirs}: {speech}, {how}", flush=True)
    for running in (*lab.names, lab.server):
        running.stop()
    print(f"{len(PAIRS) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(bool(main()))
