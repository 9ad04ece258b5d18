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
    codec: str = "opus"
    add: tuple = ()
    security: str = "encrypted end to end"


MEDIA = [
    Media("DTLS-SRTP, ICE, Opus"),
    Media("DTLS-SRTP, ICE, PCMA", codec="pcma"),
    Media("DTLS-SRTP, ICE, PCMU", codec="pcmu"),
    Media("DTLS-SRTP, no ICE, Opus", nat=""),
    Media("DTLS-SRTP, no ICE, PCMA", nat="", codec="pcma"),
    Media("DTLS-SRTP, ICE, G.722", codec="g722"),
    Media("SDES, ICE, Opus", enc="srtp-mand", security="encrypted to the servers"),
    Media("SDES, no ICE, PCMA", enc="srtp-mand", nat="", codec="pcma", security="encrypted to the servers"),
    Media("best effort, ICE, Opus", enc="srtp", add=("--media", "best-effort"), security="encrypted to the servers"),
    Media("plain RTP, ICE, Opus", enc="", add=("--media", "plain"), security="not encrypted"),
    Media("plain RTP, no ICE, G.722", enc="", nat="", codec="g722", add=("--media", "plain"), security="not encrypted"),
    Media("plain RTP, no ICE, PCMA", enc="", nat="", codec="pcma", add=("--media", "plain"), security="not encrypted"),
]


# What CI runs of it, by server.
SMOKE = dict(own=["DTLS-SRTP, ICE, Opus"], kamailio=["DTLS-SRTP, ICE, Opus", "SDES, ICE, Opus", "plain RTP, no ICE, PCMA"])


def phones(lab, pair, folder, server, media):
    anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server, add=media.add)
    ben = Baresip(lab, folder / "baresip", pair.theirs, pair.ben, server, media.codec, media.enc, media.nat)
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
