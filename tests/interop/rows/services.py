"""What people do within a call: hold, transfer, a second call, with baresip as the others, through either proxy or asterisk."""
import contextlib
import re
import time

from cooee import Cooee
from lab import until
from peers.baresip import Baresip
from row import Row
from speech import arrived

SECONDS = 8
HEADERS_IN_URI = ("baresip 1.0 knows no Replaces and puts Refer-To into its request-URI with headers and all (RFC 3261 19.1.5)",
                  r"^INVITE sip:[^ ]*\?Replaces=")


@contextlib.contextmanager
def talking(lab, pair, folder, server, way="", carl=False):
    """Anna has called Ben and they speak; Carl has a phone too. `way`: asterisk's suffix of user names."""
    anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna + way, server)
    with contextlib.ExitStack() as stack:
        def peer(host, name, speech=None):
            found = Baresip(lab, folder / name, host, name, server, speech=speech)
            stack.callback(found.stop)
            return found

        ben = peer(pair.theirs, pair.ben + way, lab.theirs_twice)
        other = peer(pair.ours, pair.carl + way) if carl else None
        heard = folder / "cooee.wav"
        phone = anna.phone("--speak", lab.ours_twice, "--record", heard)
        stack.callback(phone.stop)
        phone.say(command="dial", address=f"{pair.ben}{way}@{server.domain}")
        phone.wait("the call is active", event="call", state="active")
        yield phone, ben, other, heard


def digits(lab, pair, folder, server):
    """Keys pressed in a call, by either."""
    with talking(lab, pair, folder, server) as (phone, ben, _, _):
        events = ben.events()
        try:
            phone.say(command="digits", digits="1592#")
            until("Ben sees Anna's keys", lambda: re.findall(r'CALL_DTMF_START.*?"param" *: *"(.)"', events.text()) == list("1592#"), 15)
            for digit in "78*":
                ben.command("sndcode", digit)
                time.sleep(0.3)
            until("Anna sees Ben's keys", lambda: phone.events().values("digit", "digit") == list("78*"), 15)
        finally:
            events.stop()


def text(lab, pair, folder, server):
    """A short text (MESSAGE) that baresip shows."""
    anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server)
    ben = Baresip(lab, folder / "ben", pair.theirs, pair.ben, server)
    try:
        anna.run("message", f"{pair.ben}@{server.domain}", "Cooee, Ben!")
        until("baresip shows it", lambda: re.search(r"^(?!MESSAGE).*Cooee, Ben!", ben.text(), re.M), 10)
    finally:
        ben.stop()


def states(phone):
    return [event["state"] for event in phone.events().all(event="call")]


def they_hold(lab, pair, folder, server, way=""):
    """Ben puts the call on hold and takes it back: speech then goes both ways again."""
    with talking(lab, pair, folder, server, way) as (phone, ben, _, heard):
        time.sleep(2)
        ben.command("hold")
        phone.wait("held by them", event="call", state="held-by-them")
        time.sleep(2)
        ben.command("resume")
        until("the call is active again", lambda: states(phone)[-1] == "active", 10)
        return spoke_on(lab, phone, ben, heard)


def we_hold(lab, pair, folder, server, way=""):
    """Anna puts the call on hold and takes it back."""
    with talking(lab, pair, folder, server, way) as (phone, ben, _, heard):
        time.sleep(2)
        phone.say(command="hold")
        phone.wait("held", event="call", state="held")
        time.sleep(2)
        phone.say(command="resume")
        until("the call is active again", lambda: states(phone)[-1] == "active", 10)
        return spoke_on(lab, phone, ben, heard)


def spoke_on(lab, phone, ben, heard):
    """The second time of the speech is heard whole. baresip's recorder does not go on after a hold: its count of packets must do."""
    time.sleep(2 * SECONDS - 4)
    phone.say(command="hang_up")
    phone.ended()
    received = ben.received()
    assert received > 50 * (2 * SECONDS - 5), f"baresip received {received} packets"
    return f"speech {arrived(lab.theirs, heard, lab.ours):.2f} back, {received} packets there"


def blind(lab, pair, folder, server, way=""):
    """Anna hands Ben over to Carl, and Ben calls Carl."""
    with talking(lab, pair, folder, server, way, carl=True) as (phone, ben, carl, _):
        phone.say(command="transfer", address=f"{pair.carl}{way}@{server.domain}")
        phone.wait("the transfer succeeds", event="transfer", state="succeeded")
        phone.ended()
        return carl_hears_ben(lab, ben, carl)


def carl_hears_ben(lab, ben, carl):
    time.sleep(SECONDS)
    ben.command("hangup")
    time.sleep(1)
    return f"Carl hears Ben {arrived(lab.ben, carl.heard(), lab.ours):.2f}"


def attended(lab, pair, folder, server, way=""):
    """Anna speaks with Ben, then with Carl, and joins them."""
    with talking(lab, pair, folder, server, way, carl=True) as (phone, ben, carl, _):
        first = phone.events().first(event="call")["call"]
        phone.say(command="hold")
        phone.wait("Ben is held", event="call", state="held")
        phone.say(command="dial", address=f"{pair.carl}{way}@{server.domain}")
        second = until("Carl answers", lambda: next((event["call"] for event in phone.events().all(event="call", state="active")
                                                     if event["call"] != first), None), 20)
        time.sleep(1)
        phone.say(command="transfer_to", call=second, other=first)
        phone.wait("the transfer succeeds", event="transfer", state="succeeded")
        until("both calls end", lambda: len(phone.events().all(event="ended")) == 2, 20)
        return carl_hears_ben(lab, ben, carl)


def transferred(lab, pair, folder, server):
    """Ben hands Anna over to Carl: Anna's phone calls Carl."""
    with talking(lab, pair, folder, server, carl=True) as (phone, ben, carl, heard):
        ben.command("transfer", f"sip:{pair.carl}@{server.domain}")
        phone.wait("she is asked", event="transfer-asked", state="open")
        phone.say(command="follow_transfer")
        follows = phone.wait("she follows", event="transfer-asked", state="followed")["follows"]
        phone.wait("Carl answers", event="call", call=follows, state="active")
        time.sleep(SECONDS)
        phone.say(command="hang_up", call=follows)
        phone.wait("the second call ends", event="ended", call=follows)
        return f"Anna hears Carl {arrived(lab.ben, heard, lab.ours):.2f}"


def waiting(lab, pair, folder, server):
    """Carl calls while Anna speaks with Ben: she holds Ben, speaks with Carl, and goes back to Ben."""
    with talking(lab, pair, folder, server, carl=True) as (phone, ben, carl, _):
        ben_call = phone.events().first(event="call")["call"]
        carl.dial(pair.anna)
        carl_call = phone.wait("Carl's call waits", event="call", state="ringing", direction="incoming")["call"]
        phone.say(command="answer", call=carl_call)
        phone.wait("Carl is spoken with", event="call", call=carl_call, state="active")
        phone.wait("Ben is held", event="call", call=ben_call, state="held")
        phone.say(command="hang_up", call=carl_call)
        phone.wait("Carl's call ends", event="ended", call=carl_call)
        phone.say(command="resume", call=ben_call)
        until("Ben is spoken with again", lambda: states(phone)[-1] == "active", 10)
        phone.say(command="hang_up", call=ben_call)
        phone.wait("Ben's call ends", event="ended", call=ben_call)


def low_data(lab, pair, folder, server):
    """A call where data is dear: what we send is bounded whatever baresip wishes for, what it sends is asked to be, and both are measured."""
    anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server)
    ben = Baresip(lab, folder / "ben", pair.theirs, pair.ben, server)
    try:
        events = anna.call(pair.ben, "--low-data", "--speak", lab.ours, "--record", folder / "cooee.wav", "--for", SECONDS)
        media = events.first(event="media")
        sent, received = media["data_sent"], media["data_received"]
        assert 500 < sent <= 2700, f"we sent {sent} octets a second"
        assert 500 < received <= 9000, f"baresip sent {received} octets a second"
        return f"kB/s there {sent / 1000:.1f}, back {received / 1000:.1f}"
    finally:
        ben.stop()


def ring_test(lab, pair, folder, server, proof):
    """The phone calls its own address. A server that knows no waiting lets it ring at once: then only the path is proved."""
    anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server)
    result = anna.run("ring-test", "--in", "1").first(event="ring-test")
    assert result["proof"] == proof, f"proved: {result['proof']}: {result['text']}"
    return result["text"]


def rows():
    found = []

    def add(name, run, server, *arguments, **options):
        through = dict(own="cooee serve").get(server, server)
        found.append(Row("services", f"{name}, through {through}",
                         lambda lab, pair, folder: run(lab, pair, folder, lab.server(server), *arguments), **options))

    for server in ("kamailio", "own"):
        add("baresip holds and resumes", they_hold, server)
        add("we hold and resume", we_hold, server, smoke=server == "own")
        add("keys pressed by either", digits, server)
        add("baresip shows a short text (MESSAGE)", text, server)
        add("we hand baresip over to another (blind)", blind, server)
        add("we join two baresips (attended)", attended, server, peer_fault=HEADERS_IN_URI if server == "own" else None)
        add("baresip hands us over to another", transferred, server)
        add("a second call waits, is taken, and the first resumed", waiting, server)
        add("little data (--low-data) with baresip", low_data, server)
        add("a phone rings itself (ring-test)", ring_test, server, "later" if server == "own" else "path")
    add("we hold and resume", we_hold, "asterisk", "dtls")
    add("we hand baresip over to another (blind)", blind, "asterisk", "dtls")
    add("we join two baresips (attended)", attended, "asterisk", "dtls")
    return found
