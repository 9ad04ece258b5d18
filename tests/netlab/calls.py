"""Cooee phones behind the routers of nats.sh call each other: which pairs find a path by STUN alone, what is said where none is, and how
calls over bad lines, between homes with the same addresses, without a server, and without any IPv4 go on.

usage: nats.sh calls.py COOEE RUN_FOLDER        where both homes have nets of their own
       COOEE_HOMES=same nats.sh calls.py …      where both have the same
       COOEE_HOMES=ipv6 flat.sh HOSTS -- calls.py …   where no host has an IPv4 address (run.sh)

The domain is found as anywhere else: by SRV records, which the routers' name servers have. There are no relays yet, so some pairs
must fail, and say so."""
import contextlib
import os
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
HOMES = os.environ.get("COOEE_HOMES")
IS_SAME, IS_IPV6 = HOMES == "same", HOMES == "ipv6"
SERVER = "2001:db8::10" if IS_IPV6 else "198.51.100.10"
# Routers of the caller and of the callee, and whether there is a path between them without a relay.
PAIRS = [("none", "none", True), ("port", "port", True), ("full", "symmetric", True), ("symmetric", "address", True),
         ("none", "symmetric", True), ("address", "port", True), ("port", "symmetric", False), ("symmetric", "symmetric", False),
         ("port", "blocked", False)]
LOSSY = ("--loss", "0.05", "--burst", "2", "--delay", "40", "--jitter", "40")  # of link.py
RADIO = ("--loss", "0.01", "--delay", "60", "--jitter", "150")
NARROW = ("--rate", "100", "--delay", "20")
# Who answers the questions of a home: its router, or without routers the server's host.
NAMES = dict(ca=("srv", SERVER), cb=("srv", SERVER)) if IS_IPV6 else dict(ca=("na", "10.1.0.1"), cb=("nb", "10.1.0.1" if IS_SAME else "10.2.0.1"))


def name_server(address):
    domain = Own.domain
    return ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=", "--user=root",
            f"--listen-address={address}", "--bind-interfaces", f"--host-record={domain},{SERVER}",
            f"--srv-host=_sips._tcp.{domain},{domain},5061", f"--srv-host=_stun._udp.{domain},{domain},5062"]


class PublicOwn(Own):
    host, address = "srv", SERVER


class Lab:
    def __init__(self, cooee, run):
        run.mkdir(exist_ok=True)
        self.cooee, self.run, self.pairs = cooee, run, [Pair("")]
        self.authority, self.served = Authority(run / "authority"), 0
        self.names = [Process(run / f"names-{host}.log", inside(host, name_server(address))) for host, address in sorted(set(NAMES.values()))]
        self.certificate = self.authority.certificate(Own.domain, SERVER)
        self.serve()

    def serve(self):
        """Starts a server; an earlier one must have ended."""
        self.served += 1
        self.server = PublicOwn(self, self.run / f"server{self.served}", self.certificate, lan=False)

    def command(self, host, home, *arguments):
        common = ["--home", home, "--json", "--trust", self.authority.file, "--dns", NAMES[host][1]]
        return inside(host, [self.cooee, *common, *arguments])

    def phone(self, host, folder, name, *arguments):
        add = self.command(host, folder / name, "account", "add", f"{name}@{Own.domain}")
        done = subprocess.run(add, input=f"{password(name)}\n", capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        phone = Phone(f"{folder / name}.log", self.command(host, folder / name, "phone", *arguments))
        phone.wait(f"{name} registers", event="account", state="registered")
        return phone


@contextlib.contextmanager
def lines(options):
    """The lines of both phones, made bad."""
    links = []
    try:
        for name in ("la", "lb") if options else ():
            link = subprocess.Popen(inside(name, [sys.executable, HERE / "link.py", *options]), stdout=subprocess.PIPE)
            links.append(link)
            link.stdout.readline()
        yield
    finally:
        for link in links:
            link.terminate()
            link.wait()


def call(lab, folder, middle=None):
    """Anna, at ca, calls Ben, at cb: the speech that arrived each way, or why there was none. `middle`: what happens meanwhile."""
    folder.mkdir(parents=True)
    clips, heard = [SPEECH / "anna.wav", SPEECH / "ben.wav"], [folder / "anna.wav", folder / "ben.wav"]
    with contextlib.ExitStack() as stack:
        ben = lab.phone("cb", folder, "ben", "--answer", "--speak", clips[1], "--record", heard[1])
        stack.callback(ben.stop)
        anna = lab.phone("ca", folder, "anna", "--speak", clips[0], "--record", heard[0])
        stack.callback(anna.stop)
        time.sleep(1)  # STUN
        anna.say(command="dial", address=f"ben@{Own.domain}")
        outcomes = dict(event="call", state="active"), dict(event="ended")
        outcome = until("the call is active or over", lambda: anna.events().first(**outcomes[0]) or anna.events().first(**outcomes[1]), 40)
        if outcome["event"] == "ended":
            return None, None, outcome["reason"]
        if middle:
            middle(lab)
        time.sleep(8)
        anna.say(command="hang_up")
        anna.ended()
        path = anna.events().first(event="path")
        how = f"{path['local']} to {path['remote']}"
        if middle:
            how += f", and Ben's phone says {ben.ended(60).first(event='ended')['reason']}"
    there, back = arrival(clips[0], heard[1])["correlation"], arrival(clips[1], heard[0])["correlation"]
    return there, back, how


def server_dies(lab):
    lab.server.process.process.kill()
    lab.server.stop()


def trials():
    """What is tried: name, routers of both, whether there is a path, the lines, what happens in the middle."""
    if IS_IPV6:
        return [("IPv6 alone", None, None, True, (), None)]
    if IS_SAME:
        return [(f"{ours} calls {theirs}, both at 10.1.0.2", ours, theirs, True, (), None) for ours, theirs in
                (("port", "port"), ("full", "symmetric"), ("address", "port"))]
    found = [(f"{ours} calls {theirs}", ours, theirs, has_path, (), None) for ours, theirs, has_path in PAIRS]
    found += [(f"{ours} calls {theirs}, 5 % lost in bursts, 40 to 80 ms", ours, theirs, True, LOSSY, None)
              for ours, theirs, has_path in PAIRS if has_path]
    found.append(("port calls port, as over a bad radio: 60 to 210 ms, out of order", "port", "port", True, RADIO, None))
    found.append(("port calls port, over 100 kbit/s", "port", "port", True, NARROW, None))
    found.append(("port calls port, and the server dies in the call", "port", "port", True, (), server_dies))
    return found


def main():
    lab = Lab(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
    failed, tried = 0, trials()
    for number, (name, ours, theirs, has_path, line, middle) in enumerate(tried):
        for side, kind in () if IS_IPV6 else (("a", ours), ("b", theirs)):
            subprocess.run([HERE / "nats.sh", "type", side, kind], check=True)
        try:
            with lines(line):
                there, back, how = call(lab, lab.run / f"{number:02}", middle)
            enough = RIGHT - 0.2 if line else RIGHT  # what is lost is guessed; the wrong speech has less than 0.3
            right = min(there, back) >= enough if has_path and there else not has_path and how == "media.no-path"
            speech = f"speech {there:.2f} / {back:.2f}" if there else "no sound"
        except (AssertionError, TimeoutError) as error:
            right, speech, how = False, "broken off", str(error)
        failed += not right
        print("PASS" if right else "FAIL", f"{name}: {speech}, {how}" + ("" if right else f" [{number:02}]"), flush=True)
        if middle:
            lab.serve()
    for running in (*lab.names, lab.server):
        running.stop()
    print(f"{len(tried) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(bool(main()))
