#!/usr/bin/env python3
"""A typed probe of a large book against a resolver as phones find them: bench.py COOEE [SEED].

5,000 contacts in 600 domains. Every answer takes a while (four in five around 30 ms, one in five around 300 ms), 2 % of the packets are
lost, and 5 % of the questions, however often they are asked, end in SERVFAIL after 4 s. The resolver notes what it is asked."""
import collections, hashlib, json, os, random, re, socket, struct, subprocess, sys, tempfile, threading, time, heapq

CONTACTS, DOMAINS = 5_000, 600
GOALS = {"seconds": 10, "questions a domain": 8, "in flight": 64, "MB": 30}
SRV, NAPTR = 33, 35


def name(labels):
    return b"".join(bytes([len(label)]) + label.encode() for label in labels.split(".")) + b"\0"


def record(kind, data, ttl=3600):
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def published(number, service):
    """The SRV record of every fifth domain's first service; every 20th domain says that it takes no calls."""
    if number % 20 == 7 and service == "_sips._tcp":
        return struct.pack("!HHH", 0, 0, 0) + b"\0"
    services = ["_sips._tcp", "_sip._udp", "_xmpp-server._tcp", "_xmpps-server._tcp"]
    if number % 5 == 0 and service == services[number // 5 % 4]:
        return struct.pack("!HHH", 10, 0, 5061) + name(f"sip.d{number}.example")
    return None


class Resolver(threading.Thread):
    def __init__(self, seed):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.dice, self.seed = random.Random(seed), str(seed).encode()
        self.asked, self.packets, self.lost, self.foreign = collections.Counter(), 0, 0, []

    def run(self):
        waiting = []
        while True:
            self.socket.settimeout(max(0.0005, waiting[0][0] - time.monotonic()) if waiting else 1)
            try:
                packet, peer = self.socket.recvfrom(1500)
                when, reply = self.answer(packet)
                if reply:
                    heapq.heappush(waiting, (time.monotonic() + when, self.packets, reply, peer))
            except (TimeoutError, BlockingIOError):
                pass
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, reply, peer = heapq.heappop(waiting)
                if self.dice.random() < 0.01:
                    self.lost += 1
                else:
                    self.socket.sendto(reply, peer)

    def answer(self, packet):
        self.packets += 1
        labels, at = [], 12
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode("ascii", "replace").lower())
            at += 1 + packet[at]
        question, kind = packet[12:at + 5], struct.unpack("!H", packet[at + 1:at + 3])[0]
        asked = ".".join(labels)
        self.asked[asked, kind] += 1
        known = re.fullmatch(r"(?:(_[a-z-]+\._[a-z]+)\.)?d(\d+)\.example", asked)
        if not known:
            self.foreign.append(asked)
        if self.dice.random() < 0.01:
            self.lost += 1
            return 0, None
        if int.from_bytes(hashlib.sha256(self.seed + question.lower()).digest()[:2], "big") < 0.05 * 65536:
            return 4, packet[:2] + bytes([0x81, 0x82, 0, 1, 0, 0, 0, 0, 0, 0]) + question
        slow = self.dice.random() < 0.20
        delay = self.dice.lognormvariate(0, 0.35) * (0.300 if slow else 0.030)
        data = published(int(known[2]), known[1]) if known and kind == SRV else None
        if data:
            return delay, packet[:2] + bytes([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]) + question + record(SRV, data)
        soa = name("ns.example") + name("root.example") + struct.pack("!IIIII", 1, 3600, 600, 86400, 3600)
        owner = name(f"d{known[2]}.example") if known else name("example")
        authority = owner + struct.pack("!HHIH", 6, 1, 3600, len(soa)) + soa
        return delay, packet[:2] + bytes([0x81, 0x83, 0, 1, 0, 0, 0, 1, 0, 0]) + question + authority


def probe(cooee, home, book, resolver):
    """One typed probe: how long it took from the process's beginning to its end, its peak of memory in MB, its rows and its last word."""
    begun = time.monotonic()
    command = [cooee, "--home", home, "--json", "--dns", f"127.0.0.1:{resolver.socket.getsockname()[1]}", "probe", book]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines = [json.loads(line) for line in process.stdout]
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - begun
    if process.returncode:
        sys.exit(f"cooee probe ended with {process.returncode}")
    rows = [line for line in lines if line["event"] == "contact"]
    return took, usage.ru_maxrss / 1024, rows, next(line for line in lines if line["event"] == "probe")


def main():
    cooee, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7
    with tempfile.TemporaryDirectory() as home:
        book = os.path.join(home, "book.vcf")
        with open(book, "w") as file:
            for number in range(CONTACTS):
                mail = f"person-{number}@d{number % DOMAINS}.example"
                print(f"BEGIN:VCARD\nVERSION:3.0\nFN:Person {number}\nEMAIL:{mail}\nEND:VCARD", file=file)
        empty = os.path.join(home, "empty.txt")
        open(empty, "w").close()
        resolver = Resolver(seed)
        resolver.start()
        _, idle, _, _ = probe(cooee, home, empty, resolver)
        took, memory, rows, last = probe(cooee, home, book, resolver)
        domains = collections.Counter(".".join(asked.split(".")[-2:]) for asked, _ in resolver.asked)
        packets, lost = resolver.packets, resolver.lost
        again, _, _, second = probe(cooee, home, book, resolver)
    states = collections.Counter(row["state"] for row in rows)
    kinds = collections.Counter((asked.rsplit(".d", 1)[0] if kind == SRV else "NAPTR") for asked, kind in resolver.asked)
    print(f"{CONTACTS} contacts in {DOMAINS} domains: {took:.1f} s in all, of it {last['took_ms'] / 1000:.1f} s probing")
    print(f"questions {last['questions']}, packets {packets} ({lost} of them or of their answers lost), at most {last['most_in_flight']} in flight")
    print(f"questions a domain: at most {max(domains.values())}; " + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    print(f"memory {memory:.1f} MB at the peak, {memory - idle:.1f} MB of it more than for an empty book")
    print("contacts: " + ", ".join(f"{count} {state}" for state, count in states.most_common()))
    print(f"a second time: {second['asked']} domains asked (those that did not answer), {again:.1f} s")
    failed = [f"{what}: {got:.1f}, at most {GOALS[what]} wanted" for what, got in
              {"seconds": took, "questions a domain": max(domains.values()), "in flight": last["most_in_flight"], "MB": memory}.items()
              if got > GOALS[what]]
    if resolver.foreign:
        failed.append(f"asked about what is no domain of the book: {resolver.foreign[:3]}")
    if failed:
        sys.exit("\n".join(failed))


main()
