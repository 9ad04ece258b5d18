"""dnsmasq: the name server of the lab's domains, of which two have servers that are down, and of its telephone numbers (ENUM)."""
from lab import ADDRESS, Process, inside

SUFFIX = "e164.lab"  # below it are numbers
SILENT, LIVE = ADDRESS["nobody"], ADDRESS["sip"]


def naptr(number, address, preference=10):
    """RFC 6116: the number, turned round, leads to an address."""
    labels = ".".join(reversed(number.lstrip("+")))
    return f"--naptr-record={labels}.{SUFFIX},100,{preference},u,E2U+sip,!^.*$!{address}!"


class Names:
    host, address = "sip", ADDRESS["sip"]
    # By NAPTR to TLS, then by SRV: the first server is a host that is not there.
    ONE = ["--naptr-record=one.lab,10,10,s,SIPS+D2T,,_sips._tcp.one.lab", "--srv-host=_sips._tcp.one.lab,silent.lab,5061,10,0",
           "--srv-host=_sips._tcp.one.lab,live.lab,5061,20,0"]
    # No NAPTR; two servers of one priority: the one that nearly always comes first refuses connections.
    TWO = ["--srv-host=_sips._tcp.two.lab,live.lab,5999,10,65535", "--srv-host=_sips._tcp.two.lab,live.lab,5061,10,1"]

    def __init__(self, lab, folder):
        folder.mkdir(parents=True)
        hosts = [f"--host-record=silent.lab,{SILENT}", f"--host-record=live.lab,{LIVE}"]
        self.numbers = {pair.ben: f"+4144668180{number}" for number, pair in enumerate(lab.pairs)}
        enum = [naptr(number, f"sip:{name}@sip.lab") for name, number in self.numbers.items()]
        # The first address of these is refused: nobody of that name is registered there.
        self.second = {pair.ben: f"+4144668190{number}" for number, pair in enumerate(lab.pairs)}
        for name, number in self.second.items():
            enum += [naptr(number, "sip:nobody@sip.lab", 10), naptr(number, f"sip:{name}@sip.lab", 20)]
        fixed = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=", "--user=root",
                 "--local=/lab/", f"--listen-address={self.address}", "--bind-interfaces", "--log-queries", "--log-facility=-"]
        self.process = Process(folder / "log", inside(self.host, [*fixed, *hosts, *self.ONE, *self.TWO, *enum]))

    def stop(self):
        self.process.stop()
