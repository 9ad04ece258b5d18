"""asterisk: it ends the call itself (echo, announcement, recording, menu, voicemail), or makes a second one and transcodes."""
import contextlib
import re
import time

from cooee import Cooee
from lab import until
from peers.asterisk import KINDS
from peers.baresip import Baresip
from row import Row
from speech import arrived, both_ways

SECURITY = dict(dict.fromkeys(("dtls", "nomux", "savp", "savptls", *KINDS), "encrypted end to end"), sdes="encrypted to the servers", plain="not encrypted")
ADD = dict(sdes=("--tls-throughout",), plain=("--media", "plain"))  # what our account is told for some ways of media
TRANSPORT = dict(savp="udp")  # one way of signalling without TLS
ENC = dict(dtls="dtls_srtp", sdes="srtp-mand", plain="")
SECONDS = 8
# Our codec, baresip's, and baresip's media security: where the codecs differ, asterisk transcodes.
BRIDGES = (("opus", "opus", "dtls"), ("opus", "g722", "sdes"), ("opus", "pcma", "dtls"), ("pcma", "opus", "dtls"), ("g722", "opus", "sdes"))


def phone_of(lab, pair, folder, way):
    """Anna's phone with the account for this way of media."""
    return Cooee(lab, pair.ours, folder / "cooee", pair.anna + way, lab.server("asterisk"), ADD.get(way, ()), TRANSPORT.get(way, "tls"))


class Caller:
    """Anna's call to one of asterisk's numbers."""

    def __init__(self, lab, pair, folder, way, codec, number, *arguments, code=0):
        self.pbx = lab.server("asterisk")
        self.name = pair.anna + way
        anna = phone_of(lab, pair, folder, way)
        self.heard = folder / "cooee.wav"
        speak = ["--speak", lab.ours, "--record", self.heard, "--codec", codec, "--for", SECONDS + 2]
        try:
            self.events = anna.call(number, *speak, *arguments, code=code)
        finally:
            (folder / "asterisk.log").write_text(self.pbx.about(self.name))
        if code == 0:
            security = self.events.values("secured", "security")
            assert security == [SECURITY[way]], f"security: {security}"

    def reason(self):
        return self.events.first(event="ended")["reason"]


def echo(lab, pair, folder, way, codec):
    return f"own voice {arrived(lab.ours, Caller(lab, pair, folder, way, codec, 'echo').heard, lab.ben):.2f}"


def announcement(lab, pair, folder, way, codec):
    return f"speech {arrived(lab.ben, Caller(lab, pair, folder, way, codec, 'say').heard, lab.ours):.2f}"


def recording(lab, pair, folder, way, codec):
    call = Caller(lab, pair, folder, way, codec, "record")
    return f"speech {arrived(lab.ours, call.pbx.folder / f'run/record-{call.name}.wav', lab.ben):.2f}"


def voicemail(lab, pair, folder, way, codec):
    box = lab.server("asterisk").folder / "spool/voicemail/lab/100/INBOX"
    call = Caller(lab, pair, folder, way, codec, "mailbox")

    def deposited():
        mine = [text for text in box.glob("msg*.txt") if call.name in text.read_text()]
        return mine and mine[0].with_suffix(".wav")

    return f"speech {arrived(lab.ours, until('the message is in the box', deposited, 10), lab.ben):.2f}"


def early(lab, pair, folder, way, codec):
    """The announcement before the answer, and then none: 183 with SDP, and 486."""
    call = Caller(lab, pair, folder, way, codec, "early", code=4)
    assert call.reason().startswith("busy"), call.reason()
    return f"speech {arrived(lab.ben, call.heard, lab.ours):.2f}, then {call.reason()}"


def busy(lab, pair, folder, way, codec):
    call = Caller(lab, pair, folder, way, codec, "busy", code=4)
    assert call.reason().startswith("busy"), call.reason()
    return call.reason()


def menu(lab, pair, folder, way, codec):
    """Digits to a menu, which sends the same back."""
    pbx, name, first, second = lab.server("asterisk"), pair.anna + way, "1592", "78"
    anna = phone_of(lab, pair, folder, way)
    phone = anna.caller(f"menu@{pbx.domain}", "--speak", lab.ours, "--codec", codec)
    try:
        phone.wait("the call is active", event="call", state="active")
        time.sleep(1.5)  # the beep
        phone.say(command="digits", digits=first)
        time.sleep(1)
        phone.say(command="digits", digits=second)
        pressed = first + second
        until("asterisk reads the digits", lambda: f"menu {name} pressed {pressed}" in pbx.process.text(), 15)
        until("they come back", lambda: "".join(phone.events().values("digit", "digit")) == pressed, 15)
        return f"{pressed} there and back"
    finally:
        phone.stop()
        (folder / "asterisk.log").write_text(pbx.about(name))


def refreshed(lab, pair, folder, way):
    """asterisk calls, and refreshes the session at its half (RFC 4028)."""
    pbx, name = lab.server("asterisk"), pair.anna + way
    with called(lab, pair, folder, way) as (phone, _):
        dialog = until("its INVITE is there", lambda: re.search(r"INVITE sip:" + name + r"@(?s:.*?)Call-ID: (\S+)", pbx.about(name)), 5)[1]
        update = re.compile(r"^SIP/2.0 200 OK(?:(?!\n<---)(?s:.))*CSeq: \d+ UPDATE", re.M)
        until("an UPDATE is answered", lambda: update.search(pbx.about(dialog)), 80)
        assert not phone.events().first(event="ended"), "the call ended"
    return "a session of 90 s goes on"


@contextlib.contextmanager
def called(lab, pair, folder, way, *arguments):
    """asterisk has called Anna and echoes: her phone, and what it records."""
    pbx, name, heard = lab.server("asterisk"), pair.anna + way, folder / "cooee.wav"
    phone = phone_of(lab, pair, folder, way).phone("--answer", "--speak", lab.ours, "--record", heard)
    try:
        pbx.cli(f"channel originate PJSIP/{name} extension echo@lab")
        phone.wait("the call is active", event="call", state="active")
        yield phone, heard
    finally:
        phone.stop()
        (folder / "asterisk.log").write_text(pbx.about(name))


def echoed(lab, pair, folder, way):
    with called(lab, pair, folder, way) as (phone, heard):
        time.sleep(SECONDS)
        phone.say(command="hang_up")
        phone.ended()
    assert phone.events().values("secured", "security") == [SECURITY[way]]
    return f"own voice {arrived(lab.ours, heard, lab.ben):.2f}"


def through(lab, pair, folder, way, codec, theirs, their_way, incoming):
    """A call with baresip that asterisk bridges, and transcodes where the codecs differ."""
    pbx = lab.server("asterisk")
    anna = phone_of(lab, pair, folder, way)
    ben = Baresip(lab, folder / "baresip", pair.theirs, pair.ben + their_way, pbx, theirs, ENC[their_way], "ice")
    heard, phone = folder / "cooee.wav", None
    sound = ["--speak", lab.ours, "--record", heard, "--codec", codec]
    try:
        if incoming:
            phone = anna.phone("--answer", *sound)
            ben.dial(pair.anna + way)
            phone.wait("the call is active", event="call", state="active")
            time.sleep(SECONDS)
            ben.command("hangup")
            phone.wait("the call ends", event="ended")
        else:
            anna.call(pair.ben + their_way, *sound, "--for", SECONDS)
            time.sleep(0.5)
        return both_ways(lab, ben.heard(), heard)
    finally:
        ben.stop()
        if phone:
            phone.stop()
        (folder / "asterisk.log").write_text(pbx.about(pair.anna + way))


def rows():
    found = []

    def add(name, run, *arguments, **options):
        found.append(Row("asterisk", name, lambda lab, pair, folder: run(lab, pair, folder, *arguments), **options))

    add("asterisk calls us and keeps the session alive by UPDATE", refreshed, "dtls", slow=True)
    add("echo: DTLS-SRTP without feedback, signalling by TLS, opus", echo, "savptls", "opus")
    add("asterisk calls us, echo: DTLS-SRTP without feedback, signalling by TLS", echoed, "savptls")
    add("echo: DTLS-SRTP, RTCP on a port of its own, opus", echo, "nomux", "opus")
    add("asterisk calls us, echo: DTLS-SRTP, RTCP on a port of its own", echoed, "nomux")
    for way, kind in KINDS.items():
        add(f"echo: DTLS-SRTP with a certificate of {kind}, opus", echo, way, "opus")
        add(f"asterisk calls us, echo: DTLS-SRTP with a certificate of {kind}", echoed, way)
    for way, label in (("dtls", "DTLS-SRTP"), ("savp", "DTLS-SRTP without feedback"), ("sdes", "SDES"), ("plain", "plain RTP")):
        is_whole = way in ("dtls", "sdes")
        for codec in ("opus", "g722", "pcma") if is_whole else ("opus",):
            add(f"echo: {label}, {codec}", echo, way, codec)
        for codec in ("opus", "pcma") if is_whole else ("g722",):
            add(f"announcement: {label}, {codec}", announcement, way, codec)
        if is_whole:
            add(f"asterisk records us: {label}, opus", recording, way, "opus")
            add(f"voicemail deposit: {label}, opus", voicemail, way, "opus")
            add(f"announcement before the answer (183 with SDP), then busy: {label}, pcma", early, way, "pcma")
            add(f"a menu by digits, which presses them back: {label}", menu, way, "opus")
            add(f"busy: {label}", busy, way, "opus")
        for codec, theirs, their_way in BRIDGES if is_whole else BRIDGES[:1]:
            bridge = f"Cooee {codec} {label}, baresip {theirs} {their_way}"
            add(f"Cooee calls baresip over asterisk: {bridge}", through, way, codec, theirs, their_way, False)
            add(f"baresip calls Cooee over asterisk: {bridge}", through, way, codec, theirs, their_way, True)
    return found
