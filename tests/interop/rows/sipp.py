"""sipp: what a phone cannot be told to do. Cooee calls it straight over UDP; it calls Cooee through kamailio."""
from cooee import Cooee
from peers.sipp import PLAIN, REGISTRAR, Sipp, ack, ack_refusal, expect, first, has, keep, pause, recv, reply, request
from row import Row

NO_AUDIO = PLAIN.replace("m=audio [media_port]", "m=audio 0")
G729 = "v=0\no=ben 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\nm=audio [media_port] RTP/AVP 18\na=rtpmap:18 G729/8000\n"
BROKEN = "v=0\no=\nm=audio none RTP/AVP\n=\n"

RINGING = [recv("INVITE"), reply("180 Ringing")]
HANGS_UP = [recv("BYE"), reply("200 OK", tag="")]
CANCELLED = [*RINGING, recv("CANCEL"), reply("200 OK"), reply("487 Request Terminated", cseq="INVITE", again=True), recv("ACK")]
ANSWERED_TOO_LATE = [*RINGING, recv("CANCEL"), reply("200 OK"), reply("200 OK", PLAIN, cseq="INVITE", again=True), recv("ACK"), *HANGS_UP]
FORKED = [recv("INVITE"), reply("180 Ringing", tag="one"), reply("180 Ringing", tag="two"), reply("183 Session Progress", PLAIN, tag="one"),
          pause(300), reply("486 Busy Here", tag="two", again=True), recv("ACK")]


# Responses that must be acknowledged (RFC 3262); half of what acknowledges them is lost.
RELIABLE = [recv("INVITE", keep("via", "Via")), reply("183 Session Progress", headers=["Require: 100rel", "RSeq: 71"], again=True),
            recv("PRACK", has("RAck: 71 1 INVITE"), lost=50), reply("200 OK", tag=""),
            reply("180 Ringing", tag="", headers=["Require: 100rel", "RSeq: 72"], cseq="INVITE", number=1, via="[$via]", again=True),
            recv("PRACK", has("RAck: 72 1 INVITE"), lost=50), reply("200 OK", tag=""),
            reply("486 Busy Here", tag="", cseq="INVITE", number=1, via="[$via]", again=True), recv("ACK")]
LONGER = [recv("INVITE", has("Session-Expires: 1800")), reply("422 Session Interval Too Small", headers=["Min-SE: 3600"], again=True),
          recv("ACK"), recv("INVITE", has("Min-SE: 3600")), reply("486 Busy Here", again=True), recv("ACK")]
# In a call: UPDATE without an offer and with one, a re-INVITE without one, OPTIONS, an end.
IN_CALL = [first("INVITE", PLAIN, headers=["Supported: timer", "Session-Expires: 600;refresher=uac", "Allow: INVITE, ACK, BYE, UPDATE"]),
           *(expect(code, optional="true") for code in (100, 180)), expect(200, has("Session-Expires: 600;refresher=uac"), rrs="true"), ack(),
           request("UPDATE", headers=["Supported: timer", "Session-Expires: 600;refresher=uac"]), expect(200, has("Require: timer")),
           request("UPDATE", PLAIN.replace("ben 1 1", "ben 1 2")), expect(200, has("m=audio")),
           request("INVITE"), expect(100, optional="true"), expect(200, has("m=audio")), ack(PLAIN.replace("ben 1 1", "ben 1 3")),
           request("OPTIONS"), expect(200), request("BYE"), expect(200)]


def refused(status):
    return [recv("INVITE"), reply("100 Trying", tag=""), reply("180 Ringing"), reply(status, again=True), recv("ACK")]


def answered(sdp):
    """Answers so that no call can come of it: the caller must acknowledge, and hang up."""
    return [*RINGING, reply("200 OK", sdp, again=True), recv("ACK"), *HANGS_UP]


def is_refused(status, method="INVITE", sdp=None, headers=()):
    """Sipp's request must be refused like this."""
    waiting = [expect(code, optional="true") for code in (100, 180)] if method == "INVITE" else []
    return [first(method, sdp, headers), *waiting, expect(status), *([ack_refusal()] if method == "INVITE" else [])]


def calls(lab, pair, folder, steps, reason, code=4, add=(), hang_up=None, times=1):
    """Cooee calls sipp; the call must end for `reason`. `hang_up`: in which state the caller gives up. `times`: that many INVITEs come."""
    registrar = Sipp(folder, pair.theirs, REGISTRAR, name="registrar")
    try:
        anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, registrar, add=add, transport="udp")
    finally:
        registrar.stop()
    peer = Sipp(folder, pair.theirs, steps, calls=times)
    try:
        if hang_up:
            phone = anna.caller("ben@sip.lab", "--speak", lab.ours)
            try:
                phone.wait(f"the call is {hang_up}", event="call", state=hang_up)
                phone.say(command="hang_up")
                events = phone.ended()
            finally:
                phone.stop()
        else:
            events = anna.call("ben@sip.lab", "--speak", lab.ours, code=code)
        ended = events.first(event="ended")
        assert ended and ended["reason"] == reason, f"ended for {ended and ended['reason']}, not for {reason}"
        peer.done()
        return ended["text"]
    finally:
        peer.stop()


def is_called(lab, pair, folder, steps, reason=None, add=(), answer=False):
    """sipp calls Cooee through kamailio, with `elsewhere.lab` as its domain; a call, if one is noticed, must end for `reason`."""
    server = lab.server("kamailio")
    anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server, add=add)
    phone, peer = anna.phone(*(["--answer"] if answer else []), "--speak", lab.ours), None
    try:
        peer = Sipp(folder, pair.theirs, steps, call=pair.anna, proxy=server)
        peer.done()
        ended = phone.ended(5).first(event="ended") if reason else phone.events().first(event="call")
        assert (ended and ended["reason"]) == reason, f"ended for {ended}, not for {reason}"
        return ended["text"] if ended else ""
    finally:
        phone.stop()
        if peer:
            peer.stop()


def rows():
    return [*outgoing(), *incoming()]


def incoming():
    found = []

    def add(name, steps, reason=None, **options):
        def run(lab, pair, folder):
            return is_called(lab, pair, folder, steps, reason, **options)

        found.append(Row("sipp", f"we are called: {name}", run))

    add("a broken description", is_refused(488, sdp=BROKEN))
    add("audio that is not there (port 0)", is_refused(488, sdp=NO_AUDIO))
    add("only a codec that we lack", is_refused(488, sdp=G729))
    add("plain RTP, where the account wants encryption", is_refused(488, sdp=PLAIN))
    add("an extension that we lack (Require)", is_refused(420, sdp=PLAIN, headers=["Require: teleportation"]))
    add("OPTIONS of a stranger", is_refused(200, method="OPTIONS"))
    add("SUBSCRIBE, which we do not do", is_refused(405, method="SUBSCRIBE", headers=["Event: presence"]))
    add("REFER outside a call", is_refused(403, method="REFER", headers=["Refer-To: <sip:carol@elsewhere.lab>"]))
    add("too short a session interval (Session-Expires)",
        is_refused(422, sdp=PLAIN, headers=["Supported: timer", "Session-Expires: 60"]))
    add("in the call: UPDATE with and without an offer, a re-INVITE without one", IN_CALL, "hung-up.peer", add=("--media", "plain"),
        answer=True)
    add("BYE outside a call", is_refused(481, method="BYE"))
    return found


def outgoing():
    found = []

    def add(name, steps, reason, code=4, **options):
        def run(lab, pair, folder):
            return calls(lab, pair, folder, steps, reason, code, **options)

        found.append(Row("sipp", f"we call: {name}", run))

    for status, reason in (("486 Busy Here", "busy.peer"), ("603 Decline", "declined.peer"),
                           ("480 Temporarily Unavailable", "no-answer.peer"), ("404 Not Found", "not-found"),
                           ("503 Service Unavailable", "server-error"),
                           ("699 What", "peer-error")):
        add(f"refused with {status}", refused(status), reason)
    add("refused with 488 Not Acceptable Here, and the other offer, too", refused("488 Not Acceptable Here"), "not-acceptable", times=2)
    add("cancelled while it rings", CANCELLED, "cancelled.us", hang_up="ringing")
    add("answered at the moment it is cancelled", ANSWERED_TOO_LATE, "cancelled.us", hang_up="ringing")
    add("two phones ring behind a proxy, one with early media, both refuse", FORKED, "busy.peer")
    add("responses that must be acknowledged, half of the PRACKs lost", RELIABLE, "busy.peer")
    add("a server that wants a longer session interval (422)", LONGER, "busy.peer")
    add("no answer to anything", [recv("INVITE"), pause(36000)], "unreachable.silent", code=6)
    add("answered with a broken description", answered(BROKEN), "bad-description")
    add("answered without a description", answered(None), "bad-description")
    add("answered with audio rejected", answered(NO_AUDIO), "not-acceptable")
    add("answered with a codec that was not offered", answered(G729), "no-common-codec", code=5)
    return found
