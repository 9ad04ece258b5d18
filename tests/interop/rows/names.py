"""Servers and people found by DNS: domains of which one server is down, and numbers (ENUM). Ben has baresip, at kamailio."""
import time

from cooee import Cooee
from peers.baresip import Baresip
from peers.names import SUFFIX
from row import Row
from speech import both_ways

SECONDS = 8


def talk(lab, pair, folder, call):
    """Ben is called, by `call` with options for the sound."""
    server, heard = lab.server("kamailio"), folder / "cooee.wav"
    ben = Baresip(lab, folder / "baresip", pair.theirs, pair.ben, server)
    try:
        call(server, "--speak", lab.ours, "--record", heard, "--for", SECONDS)
        time.sleep(0.5)
        return both_ways(lab, ben.heard(), heard)
    finally:
        ben.stop()


def found(lab, pair, folder, domain):
    """Our phone finds its own server, the first of which is down."""
    def call(server, *sound):
        anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server, dns=lab.server("names").address, domain=domain)
        anna.call(f"{pair.ben}@{domain}", *sound)

    return talk(lab, pair, folder, call)


def number(lab, pair, folder, of=lambda names: names.numbers, first=None):
    """A number is dialled, and an ENUM record leads to Ben; where one is named `first`, not before that address was called."""
    def call(server, *sound):
        names = lab.server("names")
        anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server, dns=names.address)
        anna.run("numbers", "--suffix", SUFFIX)
        anna.run("call", of(names)[pair.ben], *sound)
        if first:
            legs = [leg["outcome"] for leg in anna.run("log").first(event="past")["legs"]]
            assert legs == [first, "answered"], legs

    return talk(lab, pair, folder, call)


def rows():
    return [Row("names", "the server is found by NAPTR and SRV; the first is a host that is not there",
                lambda lab, pair, folder: found(lab, pair, folder, "one.lab")),
            Row("names", "the server is found by SRV; of two alike the first refuses connections",
                lambda lab, pair, folder: found(lab, pair, folder, "two.lab")),
            Row("names", "a number rings baresip by an ENUM record", number),
            Row("names", "a number rings baresip by its second ENUM record; the first is refused",
                lambda lab, pair, folder: number(lab, pair, folder, lambda names: names.second, first="unavailable"))]
