"""sipp: sends and expects exactly the messages it is told, for what a phone cannot be told to do. Over UDP.

A scenario is a list of steps made by the functions below; sipp's XML is written into the row's folder, with all messages beside it."""
import itertools
import subprocess
from xml.sax.saxutils import quoteattr

from lab import ADDRESS, Process, inside, password

PORTS = itertools.count(5070)  # each row has one of its own: what comes late for another is not its concern
TAG = "[pid]t[call_number]"
# Of an INVITE, for late responses: header, name, which of several.
KEPT = [("Via:", "via", 1), ("Via:", "via2", 2), ("To:", "to", 1), ("CSeq:", "cseq", 1), ("Record-Route:", "route", 1),
        ("Record-Route:", "route2", 2)]
PLAIN = """v=0
o=ben 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 0 101
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
"""


def message(start, headers, body, again, kind="application/sdp"):
    """A `send` step; `again`: over UDP, until it is answered; `kind`: of body."""
    body = f"Content-Type: {kind}\nContent-Length: [len]\n\n{body}" if body else "Content-Length: 0\n"
    retransmitted = ' retrans="500"' if again else ""
    return f"  <send{retransmitted}><![CDATA[\n{start}\n" + "\n".join(filter(None, headers)) + f"\n{body}\n]]></send>\n"


def reply(status, sdp=None, tag=TAG, headers=(), late=False, again=False, contact=f"Contact: <sip:ben@[local_ip]:[local_port]>"):
    """A response to the last request, or `late`: to the INVITE, after others. `tag`: of the dialog it makes, "" for none."""
    if late:
        to = f"To:[$to];tag={tag}" if tag else "To:[$to]"
        request = ["Via:[$via]", "[last_From:]", to, "[last_Call-ID:]", "CSeq:[$cseq]"]
    else:
        to = f"[last_To:];tag={tag}" if tag else "[last_To:]"
        request = ["[last_Via:]", "[last_From:]", to, "[last_Call-ID:]", "[last_CSeq:]", "[last_Record-Route:]"]
    return message(f"SIP/2.0 {status}", [*request, contact, *headers], sdp, again)


def request(method, body=None, headers=(), to="[peer_tag_param]", uri="[next_url]", cseq="[cseq]", again=True, kind="application/sdp"):
    """A request of the caller: by default within the dialog that the callee's answer made."""
    fixed = [f"Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]", "[routes]", "Max-Forwards: 70",
             f"From: <sip:[from]>;tag={TAG}", f"To: <sip:[service]@[domain]>{to}", "Call-ID: [call_id]", f"CSeq: {cseq} {method}",
             f"Contact: <sip:ben@[local_ip]:[local_port]>"]
    return message(f"{method} {uri} SIP/2.0", [*fixed, *headers], body, again and method != "ACK", kind)


def first(method, body=None, headers=(), **options):
    """A request outside any dialog."""
    return request(method, body, headers, to="", uri="sip:[service]@[domain]", cseq="1", **options)


def ack(sdp=None, **options):
    return request("ACK", sdp, cseq=options.pop("cseq", "[last_cseq_number]"), again=False, **options)


def ack_refusal():
    """For a final response that is none of 2xx: of the INVITE's own transaction."""
    headers = ["[last_Via:]", "Max-Forwards: 70", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "CSeq: [last_cseq_number] ACK"]
    return message("ACK sip:[service]@[domain] SIP/2.0", headers, None, False)


def recv(method, action="", **attributes):
    """A request; an INVITE is remembered for late responses."""
    if method == "INVITE":
        action += "".join(keep(*kept) for kept in KEPT)
    return received(f"request={quoteattr(method)}", action, attributes)


def expect(status, action="", **attributes):
    """A response; `rrs="true"` where it makes the dialog."""
    return received(f'response="{status}"', action, attributes)


def received(what, action, attributes):
    said = "".join(f" {name}={quoteattr(str(value))}" for name, value in attributes.items())
    return f"  <recv {what}{said}>{f'<action>{action}</action>' if action else ''}</recv>\n"


def keep(header, name, occurrence=1):
    return f'<ereg regexp=".*" search_in="hdr" header="{header}" occurrence="{occurrence}" assign_to="{name}"/>'


def has(pattern, where="msg", header=None):
    """An action: the message must match."""
    place = f'search_in="hdr" header={quoteattr(header)}' if header else f'search_in="{where}"'
    return f'<ereg regexp={quoteattr(pattern)} {place} check_it="true" assign_to="found"/><log message="found [$found]"/>'


def pause(milliseconds):
    return f'  <pause milliseconds="{milliseconds}"/>\n'


def routed(steps):
    """The same where a proxy is between that changes the transport: late responses have its way too."""
    return [step.replace("Via:[$via]", "Via:[$via]\nVia:[$via2]\nRecord-Route:[$route]\nRecord-Route:[$route2]") for step in steps]


# Our server asks them for MD5 alone, which is all that sipp knows: it takes them for baresip.
LOGIN = ["User-Agent: baresip/1.0 (sipp)", "[authentication]"]


def logged_in(steps):
    """The same steps of a caller, the first request sent again with a password once it has been asked for."""
    begin, *rest = steps
    twice = begin.replace("CSeq: 1 ", "CSeq: 2 ").replace("\nContact:", "\n" + "\n".join(LOGIN) + "\nContact:")
    asked = [expect(100, optional="true"), expect(407, auth="true"), *([ack_refusal()] if "INVITE sip" in begin else [])]
    return [begin.replace("\nContact:", f"\n{LOGIN[0]}\nContact:"), *asked, twice, *(step.replace("CSeq: 1 ACK", "CSeq: 2 ACK") for step in rest)]


def registers():
    """Logs in at a server that asks for a password."""
    fixed = ["Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]", "Max-Forwards: 70", f"From: <sip:[from]>;tag={TAG}", "To: <sip:[from]>",
             "Call-ID: [call_id]", f"Contact: <sip:ben@[local_ip]:[local_port]>", "Expires: 600", LOGIN[0]]
    send = lambda cseq, *more: message("REGISTER sip:[domain] SIP/2.0", [*fixed, f"CSeq: {cseq} REGISTER", *more], None, True)
    return [send(1), expect(401, auth="true"), send(2, LOGIN[1]), expect(200)]


# Takes one registration and lets it go again, as `cooee account add` does.
REGISTRAR = [step for headers in (("Expires: 3600",), ("Expires: 0",))
             for step in (recv("REGISTER"), reply("200 OK", contact="[last_Contact:]", headers=headers))]


class Sipp:
    """One sipp with one call, or as many as are said: it waits for it, or, given whom to call and a proxy, makes it."""

    domain = "sip.lab"

    def __init__(self, folder, host, steps, name="sipp", call=None, proxy=None, caller="ben@elsewhere.lab", port=None, auth_uri=None,
                 media=(), calls=1):
        self.host, self.address, self.port = host, ADDRESS[host], port or next(PORTS)
        self.folder, self.name = folder, name
        xml = "".join(steps)
        names = [name for name in ("found", *(name for _, name, _ in KEPT)) if f'assign_to="{name}"' in xml]
        used = f'  <Reference variables="{",".join(names)}"/>\n' if names else ""
        file = folder / f"{name}.xml"
        file.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n{xml}{used}</scenario>\n')
        where = ["-s", call, f"{proxy.address}:{proxy.port}"] if call else []
        user = caller.split("@")[0]
        where += ["-key", "from", caller, "-key", "domain", proxy.domain if proxy else self.domain, "-au", user, "-ap", password(user)]
        where += ["-auth_uri", auth_uri] if auth_uri else []
        traces = ["-trace_msg", "-message_file", f"{name}.messages", "-trace_err", "-error_file", f"{name}.errors", "-trace_logs",
                  "-log_file", f"{name}.found"]
        command = ["sipp", "-sf", file.name, "-i", self.address, "-p", self.port, "-m", calls, "-nostdin", "-timeout", 60, "-timeout_error",
                   *traces, *media, *where]
        self.process = Process(folder / f"{name}.log", inside(host, command), cwd=folder)

    def done(self, seconds=40):
        """Waits for the scenario's end, and says what did not go as it should."""
        try:
            code = self.process.process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = "none yet"
        self.process.stop()
        errors = self.folder / f"{self.name}.errors"
        said = errors.read_text(errors="replace") if errors.exists() else self.process.text()[-300:]
        assert code == 0, f"the scenario failed (exit code {code}): {' '.join(said.split())[:250]}"

    def messages(self):
        return (self.folder / f"{self.name}.messages").read_text(errors="replace")

    def stop(self):
        self.process.stop()


def version():
    shown = subprocess.run(["dpkg-query", "-W", "-f=${Version}", "sip-tester"], capture_output=True, text=True)
    return f"sipp {shown.stdout.split(':')[-1].split('-')[0]}" if shown.returncode == 0 else None
