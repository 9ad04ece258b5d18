"""A bad line between a phone and its router, in place of the good one that nats.sh lays (this needs no module of the kernel).

usage, inside la or lb: link.py [--loss SHARE] [--burst PACKETS] [--delay MS] [--jitter MS] [--rate KBIT/S] [--queue MS] [--seed N]

It holds for each direction on its own: SHARE of the packets are lost, in bursts of PACKETS on average; each packet takes the delay and up
to the jitter more, so that some overtake others; what a line of that rate could not carry waits, and is dropped once the wait is longer
than the queue. The good line is back when this is told to end."""
import argparse
import heapq
import random
import select
import signal
import socket
import subprocess
import sys
import time

OUTGOING = 4  # PACKET_OUTGOING: what we have sent ourselves


class Direction:
    def __init__(self, source, target, options, seed):
        self.source, self.target, self.options = source, target, options
        self.random, self.is_losing, self.free_at, self.last = random.Random(seed), False, 0.0, 0.0
        self.number, self.waiting = 0, []

    def is_lost(self, now):
        """Gilbert: losing goes on with a probability that makes bursts as long as asked for, on average; a pause ends a burst."""
        if self.options.loss <= 0:
            return False
        if now - self.last > 0.1:
            self.is_losing = False
        self.last = now
        leave = 1 / self.options.burst
        enter = leave * self.options.loss / (1 - self.options.loss)
        self.is_losing = self.random.random() >= leave if self.is_losing else self.random.random() < enter
        return self.is_losing

    def take(self, frame, now):
        if self.is_lost(now):
            return
        begins = max(now, self.free_at)
        if begins - now > self.options.queue / 1000:
            return
        self.free_at = begins + (len(frame) * 8 / (1000 * self.options.rate) if self.options.rate else 0)
        due = self.free_at + (self.options.delay + self.random.random() * self.options.jitter) / 1000
        self.number += 1
        heapq.heappush(self.waiting, (due, self.number, frame))

    def give(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            self.target.send(heapq.heappop(self.waiting)[2])


def packets(interface):
    found = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    found.bind((interface, 3))
    return found


def carry(options):
    bridge("nomaster")
    up, down = packets("up0"), packets("down0")
    print("ready", flush=True)
    ways = [Direction(up, down, options, options.seed), Direction(down, up, options, options.seed + 1)]
    by_socket = {way.source: way for way in ways}
    while True:
        due = min((way.waiting[0][0] for way in ways if way.waiting), default=None)
        ready = select.select([up, down], [], [], None if due is None else max(due - time.monotonic(), 0))[0]
        for source in ready:
            frame, address = source.recvfrom(65536)
            if address[2] != OUTGOING:
                by_socket[source].take(frame, time.monotonic())
        for way in ways:
            way.give(time.monotonic())


def bridge(*what):
    """Takes both ends off the good line's bridge, or gives them back to it."""
    for interface in ("up0", "down0"):
        subprocess.run(["ip", "link", "set", interface, *what], check=True)


def main():
    parser = argparse.ArgumentParser()
    for name, default in (("loss", 0.0), ("burst", 1.0), ("delay", 0.0), ("jitter", 0.0), ("rate", 0.0), ("queue", 300.0)):
        parser.add_argument(f"--{name}", type=float, default=default)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        carry(options)
    finally:
        bridge("master", "br0")


if __name__ == "__main__":
    main()
