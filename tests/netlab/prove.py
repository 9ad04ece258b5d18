"""Every type of router in nats.sh is what it claims: mapping and filtering, found from behind it as RFC 5780 4 does.

usage: nats.sh prove.py            proves all types on both sides
       prove.py server | classify  what it runs inside, at srv and behind a router"""
import pathlib
import select
import socket
import subprocess
import sys

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
            asked, sender = ready.recvfrom(100)
            address, port = ready.getsockname()
            if b"address" in asked:
                address = ADDRESSES[address == ADDRESSES[0]]
            if b"port" in asked:
                port = PORTS[port == PORTS[0]]
            sockets[address, port].sendto("{}:{}".format(*sender).encode(), sender)


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
    answering.kill()
    print(f"{2 * len(CLAIMS) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    job = dict(server=server, classify=classify).get(sys.argv[1] if len(sys.argv) > 1 else "", prove)
    sys.exit(bool(job()))
