"""sipp at our own server: what a proxy must carry, and phones that share a name. Cooee is there by TLS, sipp by UDP and with a password."""
import contextlib
import functools

from cooee import Cooee
from peers.sipp import PLAIN, Sipp, logged_in, pause, recv, registers, reply, routed
from row import Row
from rows import sipp
from rows.sipp import (ANSWERED_TOO_LATE, BROKEN, BUSY_WITH_OURS, CANCELLED, FORKED, HELD_THREE_WAYS, IN_CALL, PLAIN_ACCOUNT, PRACK_LOST,
                       RELIABLY, RINGING, TAKES_BYE, TOO_SHORT, answered, echoing, gives_up, is_answered, is_refused, refused)
from speech import arrived

IS_CANCELLED = [recv("CANCEL"), reply("200 OK"), reply("487 Request Terminated", late=True, again=True), recv("ACK")]


@contextlib.contextmanager
def registered(folder, host, steps, name, server, **options):
    """One more phone of that name, which does these steps."""
    folder.mkdir()
    user = f"{name}@{server.domain}"
    login = Sipp(folder, host, registers(), "registers", name, server, user, auth_uri=server.domain)
    login.done()
    peer = Sipp(folder, host, routed(steps), caller=user, port=login.port, media=echoing(host), **options)
    try:
        yield peer
    finally:
        peer.stop()


def calls(lab, pair, folder, phones, reason, code=4, add=(), hang_up=None, hold=False, echo=False, calls=1):
    """Cooee calls Ben, who has as many phones as there are lists of steps; the call must end for `reason`."""
    server, heard = lab.server("own"), folder / "cooee.wav"
    ben = f"ben{folder.name}"
    server.users([ben])
    anna = Cooee(lab, pair.ours, folder / "cooee", pair.anna, server, add=add)
    sound = ["--speak", lab.ours, "--record", heard]
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(registered(folder / f"phone{number}", host, steps, ben, server, calls=calls))
                 for number, (host, steps) in enumerate(zip((pair.theirs, pair.ours), phones))]
        if hang_up:
            events = gives_up(anna, sound, hang_up, hold, f"{ben}@{server.domain}")
        else:
            events = anna.call(ben, *sound, *(["--for", 9] if echo else []), code=code)
        ended = events.first(event="ended")
        assert ended and ended["reason"] == reason, f"ended for {ended and ended['reason']}, not for {reason}"
        for peer in peers:
            peer.done()
    return f"own voice {arrived(lab.ours, heard, lab.ben):.2f}" if echo else ended["text"]


def from_here(pair, folder, steps, server):
    """sipp, as Ben who has logged in and calls Anna."""
    return Sipp(folder, pair.theirs, logged_in(steps), "sipp", pair.anna, server, f"{pair.ben}@{server.domain}",
                auth_uri=f"{pair.anna}@{server.domain}", media=echoing(pair.theirs))


is_called = functools.partial(sipp.is_called, through="own", caller=from_here)


BUSY = refused("486 Busy Here")
ANSWERS = answered(PLAIN)
DECLINES_LATER = [*RINGING, pause(500), *refused("603 Decline")[3:]]
ANSWERS_LATER = [*RINGING, pause(500), *ANSWERS[2:]]
RINGS_ELSEWHERE_ANSWERED = [*RINGING, *IS_CANCELLED]
EARLY_ELSEWHERE_ANSWERED = [recv("INVITE"), reply("183 Session Progress", PLAIN), *IS_CANCELLED]
SLOW = [recv("INVITE"), pause(9000), reply("200 OK", PLAIN, again=True), recv("ACK"), *TAKES_BYE]


def rows():
    found = []

    def out(name, reason, *phones, code=4, **options):
        found.append(Row("our server", f"we call through our server: {name}",
                         lambda lab, pair, folder: calls(lab, pair, folder, phones, reason, code, **options)))

    def come(name, steps, reason=None, **options):
        found.append(Row("our server", f"we are called through our server: {name}",
                         lambda lab, pair, folder: is_called(lab, pair, folder, steps, reason, **options)))

    plain = dict(add=PLAIN_ACCOUNT)
    talk = dict(hang_up="active", **plain)
    out("refused with 486 Busy Here", "busy.peer", BUSY)
    out("refused with 488 Not Acceptable Here, twice", "not-acceptable", refused("488 Not Acceptable Here"), calls=2)
    out("redirected (302) to the same", "redirected.loop", refused("302 Moved Temporarily", contact="Contact: <sip:[from]>"))
    out("redirected (302) to nobody", "not-found", refused("302 Moved Temporarily", contact="Contact: <sip:nobody@own.lab>"))
    out("the session interval is too short (422), then busy", "busy.peer", TOO_SHORT)
    out("cancelled while it rings", "cancelled.us", CANCELLED, hang_up="ringing")
    out("answered at the moment it is cancelled", "cancelled.us", ANSWERED_TOO_LATE, hang_up="ringing")
    out("another proxy behind it forks, with early media, and both refuse", "busy.peer", FORKED)
    out("answered with a broken description", "bad-description", answered(BROKEN))
    out("answered after nine seconds without a word", "hung-up.us", SLOW, **talk)
    out("plain RTP, no ICE, echo", "hung-up.us", ANSWERS, code=0, echo=True, **plain)
    out("183 reliably (100rel), then an answer without a description", "hung-up.us", RELIABLY, **talk)
    out("our first PRACK is lost", "hung-up.us", PRACK_LOST, **talk)
    out("our hold meets theirs (491), and is tried again", "hung-up.us", answered(PLAIN, *BUSY_WITH_OURS), hold=True, **talk)
    out("two phones, both busy", "busy.peer", BUSY, BUSY)
    out("two phones, one busy, one declines (603)", "declined.peer", BUSY, DECLINES_LATER)
    out("two phones ring, one answers, the other is cancelled", "hung-up.us", ANSWERS_LATER, RINGS_ELSEWHERE_ANSWERED, **talk)
    out("two phones, one is busy, the other answers", "hung-up.us", BUSY, ANSWERS_LATER, **talk)
    out("two phones with early media, one answers", "hung-up.us", [recv("INVITE"), reply("183 Session Progress", PLAIN), pause(1000), *ANSWERS[2:]],
        EARLY_ELSEWHERE_ANSWERED, **talk)
    come("a broken description", is_refused(488, sdp=BROKEN))
    come("an extension that we lack (Require)", is_refused(420, sdp=PLAIN, headers=["Require: teleportation"]))
    come("a session interval that is too short", is_refused(422, sdp=PLAIN, headers=["Supported: timer", "Session-Expires: 30"]))
    answer = dict(reason="hung-up.peer", answer=True, **plain)
    come("plain RTP, no ICE, echo", is_answered(pause(9000)), echo=True, **answer)
    come("without an offer: ours in the answer, theirs in the ACK", is_answered(pause(9000), sdp=None, ack_sdp=PLAIN), echo=True, **answer)
    come("held and resumed, by sendonly and by inactive", is_answered(*HELD_THREE_WAYS), **answer)
    come("UPDATE with and without an offer, a re-INVITE without one, OPTIONS", IN_CALL, **answer)
    return found
