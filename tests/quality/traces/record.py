#!/usr/bin/env python3
"""Records how late packets of 20 ms arrive over a socket: record.py SECONDS [FROM] > FILE.trace

A child sends numbered datagrams by the clock, this process receives them; one line for each: microseconds later than the fastest, or `-`
if it never came. FROM is an address of another machine that runs `record.py send SECONDS TO` to record a real network."""
import os, socket, struct, sys, time


def send(seconds, to):
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    begin = time.monotonic_ns() + 100_000_000
    for number in range(int(seconds * 50)):
        wait = begin + number * 20_000_000 - time.monotonic_ns()
        time.sleep(max(0, wait) / 1e9)
        out.sendto(struct.pack("!I", number) + bytes(100), to)


if sys.argv[1] == "send":
    host, port = sys.argv[3].split(":")
    sys.exit(send(float(sys.argv[2]), (host, int(port))))
seconds = float(sys.argv[1])
inbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
inbox.bind(("127.0.0.1" if len(sys.argv) < 3 else "0.0.0.0", 0))
inbox.settimeout(3)
if len(sys.argv) < 3 and os.fork() == 0:
    send(seconds, inbox.getsockname())
    os._exit(0)
print(f"port {inbox.getsockname()[1]}", file=sys.stderr)
arrived = {}
try:
    while len(arrived) < int(seconds * 50):
        octets = inbox.recv(2048)
        arrived[struct.unpack("!I", octets[:4])[0]] = time.monotonic_ns() // 1000
except socket.timeout:
    pass
transit = {number: at - number * 20_000 for number, at in arrived.items()}
fastest = min(transit.values())
for number in range(int(seconds * 50)):
    print(transit[number] - fastest if number in transit else "-")
