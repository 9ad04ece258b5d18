"""baresip: media security, ICE and codecs, through either proxy, in either direction of calling."""
import dataclasses
import time

from cooee import Cooee
from peers.baresip import Baresip
from row import Row
from speech import both_ways

SECONDS = 8  # longer than either clip


@dataclasses.dataclass(frozen=True)
class Media:
    """What baresip is told (`enc`, `nat`, `codec`), what our account is told (`add`), and the security to be reported."""

    name: str
    enc: str = "dtls_srtp"
    nat: str = "ice"
    mux: bool = True
    codec: str = "opus"
    add: tuple = ()
    security: str = "encrypted end to end"


KEYS = ("--tls-throughout",)  # else no keys are offered, and none count
CODECS = dict(opus="Opus", g722="G.722", pcma="PCMA")
WAYS = [("DTLS-SRTP", dict()), ("SDES", dict(enc="srtp-mand", add=KEYS, security="encrypted to the servers")),
        ("plain RTP", dict(enc="", add=("--media", "plain"), security="not encrypted"))]
MEDIA = [Media(f"{way}, {'ICE' if nat else 'no ICE'}, {label}", nat=nat, codec=codec, **options)
         for way, options in WAYS for nat in ("ice", "") for codec, label in CODECS.items()]
MEDIA += [
    Media("DTLS-SRTP, ICE, PCMU", codec="pcmu"),
    *(Media(f"{way}, {'ICE' if nat else 'no ICE'}, Opus, RTCP on a port of its own", nat=nat, mux=False, **options)
      for way, options in WAYS for nat in ("ice", "")),
    Media("best effort, ICE, Opus", enc="srtp", add=(*KEYS, "--media", "best-effort"), security="encrypted to the servers"),
]


# What CI runs of it, by server.
SMOKE = dict(own=["DTLS-SRTP, ICE, Opus"], kamailio=["DTLS-SRTP, ICE, Opus", "SDES, ICE, Opus", "plain RTP, no ICE, PCMA"])


def phones(lab, pair, folder, server, media):
    anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server, add=media.add)
    ben = Baresip(lab, folder / "baresip", pair.theirs, pair.ben, server, media.codec, media.enc, media.nat, mux=media.mux)
    return anna, ben


def outgoing(lab, pair, folder, server, media):
    anna, ben = phones(lab, pair, folder, server, media)
    try:
        heard = folder / "cooee.wav"
        events = anna.call(pair.ben, "--speak", lab.ours, "--record", heard, "--codec", media.codec, "--for", SECONDS)
        time.sleep(0.5)
        return judged(lab, events, ben, heard, media)
    finally:
        ben.stop()


def incoming(lab, pair, folder, server, media):
    anna, ben = phones(lab, pair, folder, server, media)
    heard = folder / "cooee.wav"
    phone = None
    try:
        phone = anna.phone("--answer", "--speak", lab.ours, "--record", heard, "--codec", media.codec)
        ben.dial(pair.anna)
        phone.wait("the call is active", event="call", state="active")
        time.sleep(SECONDS)
        ben.command("hangup")
        phone.wait("the call ends", event="ended")
        phone.stop()
        return judged(lab, phone.events(), ben, heard, media)
    finally:
        ben.stop()
        if phone:
            phone.stop()


def judged(lab, events, ben, heard, media):
    """Speech both ways, the security that the phone reports, and the codec on both sides."""
    assert events.values("secured", "security") == [media.security], f"security: {events.values('secured', 'security')}"
    codec = (ben.encoder() or "").replace("/", "")
    assert codec == media.codec, f"baresip speaks {codec}, {media.codec} expected"
    ends = events.values("ended", "reason")
    assert ends and ends[0].startswith("hung-up."), f"the call ended otherwise: {ends}"
    return both_ways(lab, ben.heard(), heard)


def rows():
    found = []
    for server, through in (("kamailio", "kamailio"), ("own", "cooee serve")):
        for media in MEDIA:
            for name, way in (("calls", outgoing), ("is called by", incoming)):
                def run(lab, pair, folder, way=way, server=server, media=media):
                    return way(lab, pair, folder, lab.server(server), media)

                smoke = media.name in SMOKE[server]
                found.append(Row("baresip", f"Cooee {name} baresip through {through}: {media.name}", run, smoke=smoke))
    return found
