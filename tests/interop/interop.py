"""Calls with other people's phones and servers. Run by run.sh, inside the network of namespaces.

usage: interop.py smoke|all COOEE RUN_FOLDER [--only REGEX] [--table FILE]"""
import argparse
import concurrent.futures
import pathlib
import queue
import re
import sys
import threading
import time

import table
from lab import PAIRS, Authority, Pair
from peers import asterisk, baresip, kamailio, sipp
from peers.asterisk import Asterisk
from peers.kamailio import Kamailio
from peers.names import Names
from peers.own import Own
from row import FAIL, PASS, PEER, SKIP, attempt
from rows import asterisk as asterisk_rows
from rows import baresip as baresip_rows
from rows import names as name_rows
from rows import server as server_rows
from rows import services as service_rows
from rows import sipp as sipp_rows
from rows import tls as tls_rows
from speech import at_48_khz, twice

SPEECH = pathlib.Path(__file__).resolve().parent.parent / "fixtures/speech"


class Lab:
    """What the rows share: Cooee's binary, the authority, the two voices, and servers that are started when first asked for."""

    def __init__(self, cooee, run):
        self.cooee, self.run = cooee, run
        self.pairs = [Pair(number) for number in range(1, PAIRS + 1)]
        self.authority = Authority(run / "authority")
        self.phone_certificate = self.authority.certificate("phone.lab", "127.0.0.1")
        self.ours, self.ben, self.theirs = SPEECH / "anna.wav", SPEECH / "ben.wav", run / "theirs.wav"
        at_48_khz(self.ben, self.theirs)
        self.ours_twice, self.theirs_twice = run / "ours-twice.wav", run / "theirs-twice.wav"
        twice(self.ours, self.ours_twice), twice(self.ben, self.theirs_twice)
        at_48_khz(self.theirs_twice, self.theirs_twice)
        self._servers, self._lock = {}, threading.Lock()

    def server(self, name):
        """A server by its name; one that would not start is not tried again."""
        makers = dict(
            kamailio=lambda folder: Kamailio(folder, self.authority.certificate(Kamailio.domain, Kamailio.address, also=Kamailio.also)),
            names=lambda folder: Names(self, folder),
            own=lambda folder: Own(self, folder),
            asterisk=lambda folder: Asterisk(self, folder),
        )
        with self._lock:
            if name not in self._servers:
                try:
                    self._servers[name] = makers[name](self.run / name)
                except Exception as error:
                    self._servers[name] = error
            server = self._servers[name]
        if isinstance(server, Exception):
            raise server
        return server

    def stop(self):
        for server in self._servers.values():
            if not isinstance(server, Exception):
                server.stop()


def run(rows, lab):
    """Runs the rows, as many at a time as there are pairs of phones; prints each as it ends."""
    free = queue.Queue()
    for pair in lab.pairs:
        free.put(pair)

    def one(number, row):
        pair = free.get()
        try:
            result = attempt(row, lab, pair, lab.run / "rows" / f"{number:03}")
        finally:
            free.put(pair)
        where = f" [rows/{result.folder}]" if result.verdict != PASS else ""
        print(f"{result.verdict.upper():12} {row.name}: {result.note} ({result.seconds:.0f} s){where}", flush=True)
        return result

    with concurrent.futures.ThreadPoolExecutor(len(lab.pairs)) as pool:
        order = sorted(enumerate(rows, 1), key=lambda numbered: not numbered[1].slow)
        begun = {number: pool.submit(one, number, row) for number, row in order}
        return [begun[number].result() for number in sorted(begun)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("suite", choices=["smoke", "all"])
    parser.add_argument("cooee", type=pathlib.Path)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--only", default="", help="only rows whose name matches")
    parser.add_argument("--table", type=pathlib.Path, help="the document to write the table into")
    args = parser.parse_args()
    everything = [row for rows in (baresip_rows, service_rows, asterisk_rows, sipp_rows, server_rows, name_rows, tls_rows) for row in rows.rows()]
    rows = [row for row in everything if (args.suite == "all" or row.smoke) and re.search(args.only, row.name)]
    lab = Lab(args.cooee.resolve(), args.run.resolve())
    begun = time.monotonic()
    try:
        results = run(rows, lab)
    finally:
        lab.stop()
    count = {verdict: sum(result.verdict == verdict for result in results) for verdict in (PASS, FAIL, PEER, SKIP)}
    if args.table and not args.only:
        versions = [peer.version() for peer in (kamailio, baresip, asterisk, sipp)]
        table.write(args.table, results, [version for version in versions if version])
    print(f"{count[PEER]} by the peer's fault; {time.monotonic() - begun:.0f} s in all")
    print(f"{count[PASS] + count[PEER]} passed, {count[FAIL]} failed, {count[SKIP]} skipped")
    return 1 if count[FAIL] or not results else 0


if __name__ == "__main__":
    sys.exit(main())
