"""Every type of router in nats.sh is what it claims: mapping and filtering, found from behind it as RFC 5780 4 does; and so is a bad line.

usage: nats.sh prove.py                     proves all types and lines on both sides
       prove.py server | classify | measure  what it runs inside, at srv and behind a router"""
import pathlib
import select
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ADDRESSES, PORTS = ("198.51.100.10", "198.51.100.11"), (3478, 3479)
INDEPENDENT, ADDRESS, PORT = "endpoint-independent", "address-dependent", "address-and-port-dependent"
CLAIMS = dict(none=(INDEPENDENT, INDEPENDENT), full=(INDEPENDENT, INDEPENDENT), address=(INDEPENDENT, ADDRESS), port=(INDEPENDENT, PORT),
              symmetric=(PORT, PORT), blocked=("blocked", "blocked"))


def server():
    """Tells everybody where they come from; the answer leaves from another address or port if they ask for that."""
    sockets = {}
    for end in ((address, port) for address in ADDRESSES for port in PORTS):
        sockets[end] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sockets[end].bind(end)
    print("ready", flush=True)
    while True:
        for ready in select.select(list(sockets.values()), [], [])[0]:
            asked, sender = ready.recvfrom(300)
            address, port = ready.getsockname()
            if b"address" in asked:
                address = ADDRESSES[address == ADDRESSES[0]]
            if b"port" in asked:
                port = PORTS[port == PORTS[0]]
            is_echo = asked[:1].isdigit()
            sockets[address, port].sendto(asked if is_echo else "{}:{}".format(*sender).encode(), sender)


def ask(phone, address, port, how=b"-"):
    """Asks twice at most; nothing if no answer comes through."""
    phone.settimeout(0.4)
    for _ in range(2):
        phone.sendto(how, (address, port))
        try:
            return phone.recvfrom(100)[0]
        except TimeoutError:
            pass
    return None


def classify():
    phone, fresh = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    seen = [ask(phone, ADDRESSES[0], PORTS[0]), ask(phone, ADDRESSES[0], PORTS[1]), ask(phone, ADDRESSES[1], PORTS[0])]
    if not any(seen):
        print("blocked", "blocked")
        return
    mapping = INDEPENDENT if len(set(seen)) == 1 else ADDRESS if seen[0] == seen[1] else PORT
    ask(fresh, ADDRESSES[0], PORTS[0])  # a socket that has written to one place only
    if ask(fresh, ADDRESSES[0], PORTS[0], b"address port"):
        filtering = INDEPENDENT
    else:
        filtering = ADDRESS if ask(fresh, ADDRESSES[0], PORTS[0], b"port") else PORT
    print(mapping, filtering)


# Options of link.py, and what they do to 400 small packets there and back, 5 ms apart: how many come back, and the shortest time.
LINES = [([], (400, 400), 0), (["--loss", "0.2", "--burst", "2"], (190, 320), 0), (["--delay", "50", "--jitter", "20"], (400, 400), 100),
         (["--rate", "50", "--queue", "100"], (20, 200), 10)]


def measure():
    """400 packets of 200 octets to the server and back: how many came, and the shortest way there and back in ms."""
    phone, begun, came, shortest = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), time.monotonic(), 0, 9.9
    phone.connect((ADDRESSES[0], PORTS[0]))
    sent = 0
    while sent < 400 or select.select([phone], [], [], 1)[0]:
        if sent < 400 and time.monotonic() >= begun + sent * 0.005:
            phone.send(f"{time.monotonic():.6f}".encode().ljust(200))
            sent += 1
        while select.select([phone], [], [], 0 if sent == 400 else 0.002)[0]:
            shortest = min(shortest, time.monotonic() - float(phone.recv(300)))
            came += 1
    print(came, round(1000 * shortest))


def prove_lines(inside):
    failed = 0
    for side in "ab":
        subprocess.run([HERE / "nats.sh", "type", side, "port"], check=True)
        for options, (least, most), shortest in LINES:
            line = subprocess.Popen([*inside, f"l{side}", sys.executable, HERE / "link.py", *options], stdout=subprocess.PIPE, text=True)
            line.stdout.readline()
            measure = [*inside, f"c{side}", sys.executable, __file__, "measure"]
            came, time_there = map(int, subprocess.run(measure, capture_output=True, text=True, check=True).stdout.split())
            line.terminate()
            line.wait()
            right = least <= came <= most and time_there >= shortest
            failed += not right
            said = " ".join(options) or "with nothing bad"
            print("PASS" if right else "FAIL", f"line {side}, {said}: {came} of 400 come back, in {time_there} ms or more", flush=True)
    return failed


def prove():
    inside = ["ip", "netns", "exec"]
    answering = subprocess.Popen([*inside, "srv", sys.executable, __file__, "server"], stdout=subprocess.PIPE, text=True)
    answering.stdout.readline()
    failed = 0
    for side in "ab":
        for kind, claim in CLAIMS.items():
            subprocess.run([HERE / "nats.sh", "type", side, kind], check=True)
            classify = [*inside, f"c{side}", sys.executable, __file__, "classify"]
            found = subprocess.run(classify, capture_output=True, text=True, check=True).stdout.split()
            right = tuple(found) == claim
            failed += not right
            print("PASS" if right else "FAIL", f"router {side}, {kind}: mapping {found[0]}, filtering {found[1]}", flush=True)
    failed += prove_lines(inside)
    answering.kill()
    print(f"{2 * (len(CLAIMS) + len(LINES)) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    job = dict(server=server, classify=classify, measure=measure).get(sys.argv[1] if len(sys.argv) > 1 else "", prove)
    sys.exit(bool(job()))
