"""baresip: media security, ICE and codecs, through either proxy, in either direction of calling."""
import dataclasses
import time

from cooee import Cooee
from peers.baresip import Baresip
from lab import until
from row import Row
from speech import arrived, both_ways

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
]


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


def held(lab, pair, folder, server):
    """Ben puts the call on hold and takes it back: speech then goes both ways again."""
    anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server)
    ben = Baresip(lab, folder / "baresip", pair.theirs, pair.ben, server, speech=lab.theirs_twice)
    heard, phone = folder / "cooee.wav", None
    try:
        phone = anna.caller(f"{pair.ben}@{server.domain}", "--speak", lab.ours_twice, "--record", heard, "--codec", "opus")
        phone.wait("the call is active", event="call", state="active")
        time.sleep(2)
        ben.command("hold")
        time.sleep(3)
        assert not phone.events().first(event="ended"), "the call ended by being held"
        ben.command("resume")
        time.sleep(2 * SECONDS - 5)
        phone.say(command="hang_up")
        events = phone.ended()
        states = [event["state"] for event in events.all(event="call")]
        assert states[-3:] == ["active", "held", "active"], f"states: {states}"
        # Its recorder does not go on after a hold: its counter of packets stands for the speech.
        assert ben.received() > 50 * (2 * SECONDS - 5), f"baresip received {ben.received()} packets"
        return f"speech {arrived(lab.theirs, heard, lab.ours):.2f} back, {ben.received()} packets there"
    finally:
        ben.stop()
        if phone:
            phone.stop()


def handed_over(lab, pair, folder, server, by_us):
    """Anna and ben speak; one of them sends the other to carol, who answers: those two speak then."""
    name = f"carol{pair.anna}"
    anna, carol = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server), Cooee(lab, pair.ours, folder / "carol", name, server)
    ben = Baresip(lab, folder / "baresip", pair.theirs, pair.ben, server)
    waiting, phone = carol.phone("--answer", "--speak", lab.ours), None
    try:
        phone = anna.phone("--speak", lab.ours)
        phone.say(command="dial", address=f"{pair.ben}@{server.domain}")
        phone.wait("the call is active", event="call", state="active")
        if by_us:
            phone.say(command="transfer", address=f"{name}@{server.domain}")
            phone.wait("ben has called carol", event="transfer", state="succeeded")
            phone.ended()
        else:
            ben.command("transfer", f"sip:{name}@{server.domain}")
            phone.wait("ben asks for it", event="transfer-asked")
            until("baresip hears that it came about", lambda: "200 OK" in ben.text().split("message/sipfrag")[-1], 20)
        waiting.wait("carol speaks", event="call", state="active")
        caller = waiting.events().first(event="call")["peer"]
        assert caller == f"sip:{pair.ben if by_us else pair.anna}@{server.domain}", f"carol is called by {caller}"
        return f"{caller} speaks with carol"
    finally:
        ben.stop()
        for each in filter(None, (phone, waiting)):
            each.stop()


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

                smoke = media.name == "DTLS-SRTP, ICE, Opus" or (media.name == "DTLS-SRTP, no ICE, PCMA" and server == "kamailio")
                found.append(Row("baresip", f"Cooee {name} baresip through {through}: {media.name}", run, smoke=smoke))
        if server == "kamailio":  # which lets a carol log in that nobody has added
            for by_us, what in ((True, "Cooee sends baresip to another phone"), (False, "baresip sends Cooee to another phone")):
                found.append(Row("baresip", f"{what} through {through}", lambda lab, pair, folder, by_us=by_us, server=server:
                                 handed_over(lab, pair, folder, lab.server(server), by_us)))
        found.append(Row("baresip", f"baresip holds and resumes through {through}", lambda lab, pair, folder, server=server:
                         held(lab, pair, folder, lab.server(server))))
    return found
