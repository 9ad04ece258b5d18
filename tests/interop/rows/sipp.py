"""sipp calls and is called: what a phone cannot be told to do.

Cooee calls it straight over UDP; it calls Cooee through kamailio, as somebody of another domain."""
import contextlib
import time

from cooee import Cooee
from lab import ADDRESS, HERE, Process, inside, until
from peers import icelite
from peers.sipp import PLAIN, REGISTRAR, Sipp, ack, ack_refusal, expect, first, has, pause, recv, reply, request
from row import Row
from speech import arrived

ECHO = 6000  # the port at which sipp sends back what it hears
PLAIN_ACCOUNT = ("--media", "plain")
NO_AUDIO = PLAIN.replace("m=audio [media_port]", "m=audio 0")
G729 = "v=0\no=ben 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\nm=audio [media_port] RTP/AVP 18\na=rtpmap:18 G729/8000\n"
BROKEN = "v=0\no=\nm=audio none RTP/AVP\n=\n"
TWO_LINES = PLAIN + "m=audio 6010 RTP/AVP 0\na=rtpmap:0 PCMU/8000\n"


def again(sdp, number):
    """The next version of a description, with a direction."""
    return lambda direction: sdp.replace("ben 1 1", f"ben 1 {number}") + f"a={direction}\n"


RINGING = [recv("INVITE"), reply("180 Ringing")]
TAKES_BYE = [recv("BYE"), reply("200 OK", tag="")]
HANGS_UP = [request("BYE"), expect(200)]


def refused(status, **options):
    return [recv("INVITE"), reply("100 Trying", tag=""), reply("180 Ringing"), reply(status, again=True, **options), recv("ACK")]


def answered(sdp, *between):
    """Answers, and takes the end of it."""
    return [*RINGING, reply("200 OK", sdp, again=True), recv("ACK"), *between, *TAKES_BYE]


CANCELLED = [*RINGING, recv("CANCEL"), reply("200 OK"), reply("487 Request Terminated", late=True, again=True), recv("ACK")]
ANSWERED_TOO_LATE = [*RINGING, recv("CANCEL"), reply("200 OK"), reply("200 OK", PLAIN, late=True, again=True), recv("ACK"), *TAKES_BYE]
FORKED = [recv("INVITE"), reply("180 Ringing", tag="one"), reply("180 Ringing", tag="two"), reply("183 Session Progress", PLAIN, tag="one"),
          pause(300), reply("486 Busy Here", tag="two", again=True), recv("ACK")]
TWO_ANSWERS = [recv("INVITE"), reply("180 Ringing", tag="one"), reply("200 OK", PLAIN, tag="one", again=True), recv("ACK"),
               reply("200 OK", PLAIN, tag="two", late=True, again=True), recv("ACK", has("tag=two", header="To:")),
               recv("BYE", has("tag=two", header="To:")), reply("200 OK", tag=""),
               recv("BYE", has("tag=one", header="To:")), reply("200 OK", tag="")]
# sipp knows a repeated request by itself, and repeats what it said to it.
LOST_ACK = [*RINGING, reply("200 OK", PLAIN), recv("ACK"), pause(500), reply("200 OK", PLAIN, late=True), *TAKES_BYE]
RELIABLE = ["Require: 100rel", "RSeq: 7"]
PROGRESS = reply("183 Session Progress", PLAIN, headers=RELIABLE)
PRACKED = recv("PRACK", has("7 +[0-9]+ +INVITE", header="RAck:"))
RELIABLY = [recv("INVITE", has("100rel", header="Supported:")), PROGRESS, PRACKED, reply("200 OK", tag=""), pause(300),
            reply("200 OK", late=True, again=True), recv("ACK"), *TAKES_BYE]
PRACK_LOST = [recv("INVITE"), PROGRESS, PRACKED, pause(1200), reply("200 OK", tag=""), pause(300), reply("200 OK", late=True, again=True),
              recv("ACK"), *TAKES_BYE]
TOO_SHORT = [recv("INVITE"), reply("422 Session Interval Too Small", headers=["Min-SE: 3600"], again=True), recv("ACK"),
             recv("INVITE", has("3600", header="Session-Expires:")), reply("486 Busy Here", again=True), recv("ACK")]
# Sessions of 90 s that we refresh at their half: by UPDATE, or where the peer allows none by a re-INVITE (RFC 4028 7.4).
SESSION = ["Supported: timer", "Require: timer", "Session-Expires: 90;refresher=uac"]


def refreshed(method, allow, *end):
    taken = reply("200 OK", PLAIN, headers=[*SESSION, f"Allow: {allow}"], again=True)
    return [*RINGING, taken, recv("ACK"), recv(method, has("90;refresher=uac", header="Session-Expires:")), *end, *TAKES_BYE]


BY_UPDATE = refreshed("UPDATE", "INVITE, ACK, BYE, CANCEL, UPDATE", reply("200 OK", tag="", headers=SESSION))
BY_INVITE = refreshed("INVITE", "INVITE, ACK, BYE, CANCEL", reply("200 OK", PLAIN, tag="", headers=SESSION, again=True), recv("ACK"))
BUSY_WITH_OURS = [recv("INVITE", has("sendonly")), reply("491 Request Pending", again=True, tag=""), recv("ACK"),
                  recv("INVITE", has("sendonly")), reply("200 OK", again(PLAIN, 2)("recvonly"), tag="", again=True), recv("ACK")]


def calls(lab, pair, folder, steps, reason, code=4, add=(), hang_up=None, hold=False, echo=False, calls=1, repeated=None, seconds=1):
    """Cooee calls sipp; the call must end for `reason`. `hang_up`: in which state the caller gives up, `hold`: holds before.

    `repeated`: a request that we must send more than once; `seconds`: how long the call lasts then."""
    registrar = Sipp(folder, pair.theirs, REGISTRAR, name="registrar")
    try:
        anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, registrar, add=add, transport="udp")
    finally:
        registrar.stop()
    peer = Sipp(folder, pair.theirs, steps, port=registrar.port, media=echoing(pair.theirs), calls=calls)
    heard = folder / "cooee.wav"
    sound = ["--speak", lab.ours, "--record", heard]
    try:
        if hang_up:
            events = gives_up(anna, sound, hang_up, hold, seconds=seconds)
        else:
            events = anna.call("ben@sip.lab", *sound, *(["--for", 9] if echo else []), code=code)
        ended = events.first(event="ended")
        assert ended and ended["reason"] == reason, f"ended for {ended and ended['reason']}, not for {reason}"
        peer.done()
        assert not repeated or peer.messages().count(f"\n{repeated} sip:") > 1, f"{repeated} was sent once"
        return f"own voice {arrived(lab.ours, heard, lab.ben):.2f}" if echo else ended["text"]
    finally:
        peer.stop()


def gives_up(anna, sound, state, hold, address="ben@sip.lab", seconds=1):
    phone = anna.caller(address, *sound)
    try:
        phone.wait(f"the call is {state}", event="call", state=state)
        if hold:
            phone.say(command="hold")
            phone.wait("the call is held", event="call", state="held")
            time.sleep(5)  # longer than who made the call waits after 491 (RFC 3261 14.1)
        time.sleep(seconds)
        phone.say(command="hang_up")
        events = phone.ended()
        # It leaves by itself, once its peer has an answer to everything; asked to, it would leave at once.
        phone.process.wait(20)
        return events
    finally:
        phone.stop()


def echoing(host):
    return ["-mi", ADDRESS[host], "-mp", ECHO, "-rtp_echo"]


@contextlib.contextmanager
def lite_media(host, folder):
    process = Process(folder / "icelite.log", inside(host, ["/usr/bin/python3", "-B", HERE / "peers/icelite.py", ADDRESS[host]]))
    try:
        until("the media is there", lambda: "ready" in process.text(), 10)
        yield
        assert "with USE-CANDIDATE" in process.text(), "nothing was nominated"
    finally:
        process.stop()


def with_icelite(run):
    """The same row with the media of ICE-lite beside sipp."""
    def lite(lab, pair, folder, *arguments, **options):
        with lite_media(pair.theirs, folder):
            return run(lab, pair, folder, *arguments, **options)

    return lite


def outgoing():
    found = []

    def add(name, steps, reason, code=4, run_by=calls, **options):
        def run(lab, pair, folder):
            return run_by(lab, pair, folder, steps, reason, code, **options)

        is_short = not ({"echo", "hold", "seconds"} & set(options) or code == 6)
        found.append(Row("sipp", f"we call: {name}", run, smoke=is_short, slow=code == 6 or "seconds" in options))

    plain = dict(add=PLAIN_ACCOUNT)
    for status, reason in (("486 Busy Here", "busy.peer"), ("603 Decline", "declined.peer"),
                           ("480 Temporarily Unavailable", "no-answer.peer"), ("404 Not Found", "not-found"),
                           ("488 Not Acceptable Here", "not-acceptable"), ("503 Service Unavailable", "server-error"),
                           ("699 What", "peer-error")):
        add(f"refused with {status}", refused(status), reason, calls=2 if status.startswith("488") else 1)
    add("cancelled while it rings", CANCELLED, "cancelled.us", hang_up="ringing")
    add("answered at the moment it is cancelled", ANSWERED_TOO_LATE, "cancelled.us", hang_up="ringing")
    add("two phones ring behind a proxy, one with early media, both refuse", FORKED, "busy.peer")
    add("no answer to anything", [recv("INVITE"), pause(36000)], "unreachable.silent", code=6)
    add("answered with a broken description", answered(BROKEN), "bad-description")
    add("answered without a description", answered(None), "bad-description")
    add("answered with audio rejected", answered(NO_AUDIO), "not-acceptable")
    add("answered with a codec that was not offered", answered(G729), "no-common-codec", **plain)
    add("plain RTP, no ICE, echo", answered(PLAIN), "hung-up.us", code=0, echo=True, **plain)
    add("plain RTP, ICE-lite, echo", answered(icelite.description(PLAIN)), "hung-up.us", code=0, echo=True, run_by=with_icelite(calls), **plain)
    add("183 without a description, then an answer", [recv("INVITE"), reply("183 Session Progress"), pause(500),
        *answered(PLAIN)[1:]], "hung-up.us", code=0, echo=True, **plain)
    add("183 with a description, then an answer with the same", [recv("INVITE"), reply("183 Session Progress", PLAIN), pause(500),
        *answered(PLAIN)[2:]], "hung-up.us", code=0, echo=True, **plain)
    add("one audio line answered with two", answered(TWO_LINES), "hung-up.us", code=0, echo=True, **plain)
    add("two phones answer: the second is acknowledged and hung up", TWO_ANSWERS, "hung-up.us", hang_up="active", **plain)
    add("our ACK is lost: the answer comes again", LOST_ACK, "hung-up.us", hang_up="active", repeated="ACK", **plain)
    add("183 reliably (100rel), then an answer without a description", RELIABLY, "hung-up.us", hang_up="active", **plain)
    add("our first PRACK is lost", PRACK_LOST, "hung-up.us", hang_up="active", repeated="PRACK", **plain)
    add("the session interval is too short (422), then busy", TOO_SHORT, "busy.peer")
    add("a session of 90 s, which we refresh by UPDATE", BY_UPDATE, "hung-up.us", hang_up="active", seconds=50, **plain)
    add("a session of 90 s, which we refresh by INVITE where UPDATE is not allowed", BY_INVITE, "hung-up.us", hang_up="active", seconds=50, **plain)
    redirected = refused("302 Moved Temporarily", contact="Contact: <sip:carl@sip.lab>")
    add("redirected (302), and there redirected to the same again", redirected, "redirected.loop", calls=2)
    add("our hold meets theirs (491), and is tried again", answered(PLAIN, *BUSY_WITH_OURS), "hung-up.us", hang_up="active", hold=True,
        **plain)
    return found


def is_refused(status, method="INVITE", sdp=None, headers=()):
    """sipp's request must be refused like this."""
    waiting = [expect(code, optional="true") for code in (100, 180)] if method == "INVITE" else []
    return [first(method, sdp, headers), *waiting, expect(status), *([ack_refusal()] if method == "INVITE" else [])]


def is_answered(*between, sdp=PLAIN, headers=(), answer="m=audio [1-9]", ack_sdp=None):
    """sipp's call must be answered, with `answer` in the description; sipp hangs up."""
    waiting = [expect(code, optional="true") for code in (100, 180)]
    return [first("INVITE", sdp, headers), *waiting, expect(200, has(answer), rrs="true"), ack(ack_sdp, cseq="1"), *between, *HANGS_UP]


def reinvited(sdp, answer):
    # Kamailio's workers can hand on what comes within a millisecond in another order: a re-INVITE before the ACK gets 491.
    return [pause(100), request("INVITE", sdp), expect(100, optional="true"), expect(200, has(answer)), ack()]


ZERO = PLAIN.replace("c=IN IP4 [local_ip]", "c=IN IP4 0.0.0.0").replace("ben 1 1", "ben 1 2")
HELD_THREE_WAYS = [*reinvited(again(PLAIN, 2)("sendonly"), "a=recvonly"), *reinvited(again(PLAIN, 3)("sendrecv"), "m=audio [1-9]"),
                   *reinvited(again(PLAIN, 4)("inactive"), "a=inactive"), *reinvited(again(PLAIN, 5)("sendrecv"), "m=audio [1-9]")]
HELD_AS_OF_OLD = [*reinvited(ZERO, "m=audio [1-9]"), *reinvited(again(PLAIN, 3)("sendrecv"), "m=audio [1-9]")]
REFERRED = [request("REFER", headers=["Refer-To: <sip:carl@elsewhere.lab>"]), expect(202), recv("NOTIFY", has("100 ")),
            recv("NOTIFY", has("SIP/2.0 [3-6]")), reply("200 OK", tag="")]  # the second comes before an answer to the first could

# In a call: UPDATE without an offer and with one, a re-INVITE without one, OPTIONS, an end.
TIMER = ["Supported: timer", "Session-Expires: 600;refresher=uac"]
IN_CALL = [first("INVITE", PLAIN, headers=[*TIMER, "Allow: INVITE, ACK, BYE, UPDATE"]),
           expect(100, optional="true"), expect(180, optional="true"),
           expect(200, has("Session-Expires: 600;refresher=uac"), rrs="true"), ack(),
           request("UPDATE", headers=TIMER), expect(200, has("Require: timer")),
           request("UPDATE", PLAIN.replace("ben 1 1", "ben 1 2")), expect(200, has("m=audio")),
           request("INVITE"), expect(100, optional="true"), expect(200, has("m=audio")), ack(PLAIN.replace("ben 1 1", "ben 1 3")),
           request("OPTIONS"), expect(200), *HANGS_UP]


def from_elsewhere(pair, folder, steps, server):
    """sipp, as somebody of another domain who calls Anna."""
    return Sipp(folder, pair.theirs, steps, call=pair.anna, proxy=server, media=echoing(pair.theirs))


def is_called(lab, pair, folder, steps, reason=None, add=(), answer=False, echo=False, through="kamailio", caller=from_elsewhere):
    """sipp calls Cooee through a server; a call, if one is noticed, must end for `reason`."""
    server = lab.server(through)
    anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server, add=add)
    heard = folder / "cooee.wav"
    phone, peer = anna.phone(*(["--answer"] if answer else []), "--speak", lab.ours, "--record", heard), None
    try:
        peer = caller(pair, folder, steps, server)
        peer.done()
        if not reason:
            assert not phone.events().first(event="call"), "it rang"
            return ""
        ended = phone.wait(f"a call ends for {reason}", 5, event="ended", reason=reason)
        return f"own voice {arrived(lab.ours, heard, lab.ben):.2f}" if echo else ended["text"]
    finally:
        phone.stop()
        if peer:
            peer.stop()


def incoming():
    found = []

    def add(name, steps, reason=None, run_by=is_called, **options):
        def run(lab, pair, folder):
            return run_by(lab, pair, folder, steps, reason, **options)

        found.append(Row("sipp", f"we are called: {name}", run, smoke="echo" not in options))

    def answered_call(name, steps, account=(), **options):
        add(name, steps, "hung-up.peer", add=[*PLAIN_ACCOUNT, *account], answer=True, **options)

    add("a broken description", is_refused(488, sdp=BROKEN))
    add("audio that is not there (port 0)", is_refused(488, sdp=NO_AUDIO))
    add("only a codec that we lack", is_refused(488, sdp=G729))
    add("plain RTP, where the account wants encryption", is_refused(488, sdp=PLAIN))
    add("an extension that we lack (Require)", is_refused(420, sdp=PLAIN, headers=["Require: teleportation"]))
    add("in place of a call that is not there (Replaces)", is_refused(481, sdp=PLAIN, headers=["Replaces: none;to-tag=a;from-tag=b"]))
    add("a session interval that is too short", is_refused(422, sdp=PLAIN, headers=["Supported: timer", "Session-Expires: 30"]))
    add("OPTIONS of a stranger", is_refused(480, method="OPTIONS"))
    add("SUBSCRIBE, which we do not do", is_refused(405, method="SUBSCRIBE", headers=["Event: presence"]))
    add("REFER outside a call", is_refused(403, method="REFER", headers=["Refer-To: <sip:carl@elsewhere.lab>"]))
    add("BYE outside a call", is_refused(481, method="BYE"))
    answered_call("plain RTP, no ICE, echo", is_answered(pause(9000)), echo=True)
    answered_call("plain RTP, ICE-lite, echo", is_answered(pause(9000), sdp=icelite.description(PLAIN)), echo=True, run_by=with_icelite(is_called))
    answered_call("without an offer: ours in the answer, theirs in the ACK", is_answered(pause(9000), sdp=None, ack_sdp=PLAIN), echo=True)
    second_refused = is_answered(pause(9000), sdp=TWO_LINES, answer="m=audio [1-9].*m=audio 0 ")
    answered_call("two audio lines: the second is rejected", second_refused, echo=True)
    answered_call("held and resumed, by sendonly and by inactive", is_answered(*HELD_THREE_WAYS))
    answered_call("held and resumed, by the address 0.0.0.0", is_answered(*HELD_AS_OF_OLD))
    answered_call("asked to call somebody else (REFER), who is not there", is_answered(*REFERRED), account=["--follow-transfers"])
    answered_call("UPDATE with and without an offer, a re-INVITE without one, OPTIONS", IN_CALL)
    return found


def text_arrives(lab, pair, folder):
    """A short text (MESSAGE), which is shown and acknowledged."""
    server = lab.server("kamailio")
    anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server)
    phone, peer = anna.phone(), None
    try:
        peer = Sipp(folder, pair.theirs, [first("MESSAGE", body="Cooee!", kind="text/plain"), expect(200)], call=pair.anna, proxy=server)
        peer.done()
        assert phone.wait("the text is shown", event="message", state="received")["text"].strip() == "Cooee!"
    finally:
        phone.stop()
        if peer:
            peer.stop()


def rows():
    return [*outgoing(), *incoming(), Row("sipp", "we get a short text (MESSAGE)", text_arrives, smoke=True)]
