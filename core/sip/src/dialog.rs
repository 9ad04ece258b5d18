//! Dialogs: RFC 3261 section 12.

use crate::build::RequestBuilder;
use crate::flow::{Flow, via_transport};
use crate::header::{HeaderName, NameAddr, name_addr};
use crate::message::Message;
use crate::method::Method;
use crate::session_id::SessionId;
use crate::uri::Uri;

/// Names a dialog. A forked INVITE founds several, which differ in the remote tag.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DialogKey {
    /// `Call-ID`.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// The peer's tag; empty when a response bears none (RFC 2543).
    pub remote_tag: String,
}

/// The host of a `From` that tells nobody (RFC 3323 4.1.1.3).
pub(crate) const ANONYMOUS_HOST: &str = "anonymous.invalid";

/// A request whose CSeq number is below one that came before: answer 500 (RFC 3261 12.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request is older than one that came before")]
pub struct OutOfOrder;

/// A peer-to-peer relation of two user agents, early or confirmed.
#[derive(Clone)]
pub struct Dialog {
    key: DialogKey,
    /// `name-addr` without tag, as it goes into `From`.
    local: String,
    /// `name-addr` without tag, as it goes into `To`.
    remote: String,
    /// Where requests are aimed at: the peer's Contact.
    target: String,
    /// `Route` values, the first hop first.
    routes: Vec<String>,
    local_cseq: u32,
    remote_cseq: Option<u32>,
    session: Option<SessionId>,
    /// Our side of it does not tell who we are.
    anonymous: bool,
}

impl Dialog {
    /// The caller's dialog, from its INVITE and a response with a tag to it (12.1.2): the response adds the peer's tag,
    /// Contact and route, and has no say in the rest. `session` is our half of the Session-ID.
    #[must_use]
    pub fn of_caller(invite: &Message<'_>, response: &Message<'_>, session: Option<&str>) -> Self {
        let (from, to) = (invite.from(), invite.to());
        let mut dialog = Self {
            key: DialogKey {
                call_id: invite.call_id().to_owned(),
                local_tag: from.tag().unwrap_or_default().to_owned(),
                remote_tag: response.to().tag().unwrap_or_default().to_owned(),
            },
            local: print(&from),
            remote: print(&to),
            target: to.uri().as_str().to_owned(),
            routes: Vec::new(),
            local_cseq: invite.cseq().number,
            remote_cseq: None,
            session: session.map(|local| SessionId::answered(local, response)),
            anonymous: from.uri().host().eq_ignore_ascii_case(ANONYMOUS_HOST),
        };
        dialog.update(response);
        dialog
    }

    /// The callee's dialog, from an INVITE (12.1.1) and the tag we put on its responses.
    #[must_use]
    pub fn of_callee(invite: &Message<'_>, local_tag: &str, session: Option<&str>) -> Self {
        let from = invite.from();
        Self {
            key: DialogKey {
                call_id: invite.call_id().to_owned(),
                local_tag: local_tag.to_owned(),
                remote_tag: from.tag().unwrap_or_default().to_owned(),
            },
            local: print(&invite.to()),
            remote: print(&from),
            target: target(invite).unwrap_or_else(|| from.uri().as_str().to_owned()),
            routes: invite.record_routes().map(|route| text(route.as_bytes())).collect(),
            local_cseq: 0,
            remote_cseq: Some(invite.cseq().number),
            session: session.map(|local| SessionId::answered(local, invite)),
            anonymous: false,
        }
    }

    /// Leaves room for `count` requests that were sent in it before.
    pub(crate) fn skip(mut self, count: u32) -> Self {
        self.local_cseq = self.local_cseq.saturating_add(count);
        self
    }

    /// Whether our side of it does not tell who we are (RFC 3323).
    pub(crate) fn is_anonymous(&self) -> bool {
        self.anonymous
    }

    /// Whether the peer's requests reach us by our flow: the proxy next to us has put a token for it before the `@` of its
    /// `Record-Route` (RFC 5626 5.3). kamailio, where it is registrar and edge in one, does so for whom calls by it, and not for whom is
    /// called.
    pub(crate) fn comes_by_flow(&self) -> bool {
        let next = self.routes.first().and_then(|route| NameAddr::parse(route.as_bytes()));
        next.is_some_and(|next| next.uri().user().is_some())
    }

    /// The CSeq of our last request in it.
    pub(crate) fn local_cseq(&self) -> u32 {
        self.local_cseq
    }

    /// The peer's URI as it stands in `From` or `To`.
    pub(crate) fn remote_uri(&self) -> Option<String> {
        NameAddr::parse(self.remote.as_bytes()).map(|remote| remote.uri().as_str().to_owned())
    }

    /// Its name.
    #[must_use]
    pub fn key(&self) -> &DialogKey {
        &self.key
    }

    /// The `Session-ID` of our messages in it.
    pub(crate) fn session(&self) -> Option<&SessionId> {
        self.session.as_ref()
    }

    /// Caller: a further response of the same peer. Until the dialog is confirmed, and once more by the 2xx, it decides on
    /// the route set too (13.2.2.4).
    pub fn update(&mut self, response: &Message<'_>) {
        self.refresh_target(response);
        self.routes = response.record_routes().map(|route| text(route.as_bytes())).collect();
        self.routes.reverse();
        if let Some(session) = self.session.as_mut() {
            session.learn(response);
        }
    }

    /// Takes the peer's new Contact from a target refresh request or its response (12.2).
    pub fn refresh_target(&mut self, message: &Message<'_>) {
        if let Some(target) = target(message) {
            self.target = target;
        }
    }

    /// Whether a request came within this dialog.
    #[must_use]
    pub fn owns(&self, request: &Message<'_>) -> bool {
        self.key.call_id == request.call_id()
            && request.to().tag() == Some(self.key.local_tag.as_str())
            && request.from().tag().unwrap_or_default() == self.key.remote_tag
    }

    /// Whether a request outside of a dialog has the Call-ID and `From` tag of the peer (8.2.2.2).
    pub(crate) fn is_from_same_caller(&self, request: &Message<'_>) -> bool {
        self.key.call_id == request.call_id() && request.from().tag().unwrap_or_default() == self.key.remote_tag
    }

    /// Takes note of a request's CSeq.
    ///
    /// # Errors
    /// [`OutOfOrder`] if it is below the highest so far.
    pub fn receive(&mut self, request: &Message<'_>) -> Result<(), OutOfOrder> {
        let number = request.cseq().number;
        if self.remote_cseq.is_some_and(|highest| number < highest) {
            return Err(OutOfOrder);
        }
        self.remote_cseq = Some(number);
        Ok(())
    }

    /// A new request within the dialog (12.2.1.1), its CSeq counted up.
    pub fn request(&mut self, method: Method<'_>, flow: &Flow, branch: &str) -> RequestBuilder {
        self.local_cseq = self.local_cseq.saturating_add(1);
        self.numbered(method, self.local_cseq, flow, branch)
    }

    /// The ACK to a 2xx (13.2.2.4). `cseq` is the INVITE's number.
    #[must_use]
    pub fn ack(&self, cseq: u32, flow: &Flow, branch: &str) -> RequestBuilder {
        self.numbered(Method::Ack, cseq, flow, branch)
    }

    fn numbered(&self, method: Method<'_>, cseq: u32, flow: &Flow, branch: &str) -> RequestBuilder {
        let (uri, routes) = self.route();
        let mut request = RequestBuilder::new(method, &uri)
            .via(via_transport(flow.transport), &flow.sent_by(), branch)
            .max_forwards(70)
            .from(&self.local, &self.key.local_tag)
            .to(&self.remote, Some(self.key.remote_tag.as_str()).filter(|tag| !tag.is_empty()))
            .call_id(&self.key.call_id)
            .cseq(cseq, method);
        for route in routes {
            request = request.header(HeaderName::Route, route);
        }
        request.header_if(HeaderName::SessionId, self.session.as_ref().map(SessionId::to_string))
    }

    /// The request-URI that the next request bears, as digest credentials need it.
    #[must_use]
    pub fn request_uri(&self) -> String {
        self.route().0
    }

    /// Whether all that our requests pass on their way, and its end, are such hosts.
    pub(crate) fn passes_only(&self, is_such: impl Fn(&str) -> bool) -> bool {
        let is_route = |route: &String| NameAddr::parse(route.as_bytes()).is_some_and(|route| is_such(route.uri().host()));
        Uri::parse(&self.target).is_ok_and(|target| is_such(target.host())) && self.routes.iter().all(is_route)
    }

    /// Request-URI and Route values; a strict router takes the place of the target (12.2.1.1).
    fn route(&self) -> (String, Vec<String>) {
        let first = self.routes.first().and_then(|route| NameAddr::parse(route.as_bytes()));
        match first {
            Some(strict) if !strict.uri().is_loose_route() => {
                let rest = self.routes.iter().skip(1).cloned();
                (strict.uri().as_str().to_owned(), rest.chain([format!("<{}>", self.target)]).collect())
            }
            _ => (self.target.clone(), self.routes.clone()),
        }
    }
}

/// Names the dialog only: the rest tells who people are.
impl std::fmt::Debug for Dialog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dialog({:?}, {} routes)", self.key, self.routes.len())
    }
}

fn print(party: &NameAddr<'_>) -> String {
    name_addr(party.display().as_deref(), party.uri().as_str())
}

/// The URI of the first Contact, where it is one that requests can be sent to.
fn target(message: &Message<'_>) -> Option<String> {
    message.contacts().next().map(|contact| contact.uri()).filter(|uri| uri.is_sip()).map(|uri| uri.as_str().to_owned())
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[cfg(test)]
mod tests {
    use cooee_machine::{StreamId, Transport};

    use super::*;
    use crate::flow::FlowId;
    use crate::message::Framing;

    const INVITE: &str = "INVITE sip:ben@example.org SIP/2.0\r\nVia: SIP/2.0/TLS a;branch=z9hG4bK1\r\nFrom: Anna <sip:anna@example.org>;tag=f\r\n\
        To: <sip:ben@example.org>\r\nCall-ID: c\r\nCSeq: 7 INVITE\r\nContact: <sip:anna@192.0.2.1>\r\n\
        Record-Route: <sip:two;lr>, <sip:one;lr>\r\nContent-Length: 0\r\n\r\n";
    const RINGING: &str = "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/TLS a;branch=z9hG4bK1\r\nFrom: Anna <sip:anna@example.org>;tag=f\r\n\
        To: <sip:ben@example.org>;tag=t\r\nCall-ID: c\r\nCSeq: 7 INVITE\r\nContact: <sip:ben@192.0.2.2>\r\n\
        Record-Route: <sip:two;lr>, <sip:one;lr>\r\nContent-Length: 0\r\n\r\n";

    fn parse(text: &str) -> Message<'_> {
        Message::parse(text.as_bytes(), Framing::Stream).unwrap()
    }

    fn flow() -> Flow {
        let address = |text: &str| text.parse().unwrap();
        let (local, remote) = (address("[fe80::1]:5061"), address("[2001:db8::2]:5061"));
        Flow { id: FlowId::Stream(StreamId(2)), transport: Transport::Tls, local, remote }
    }

    fn routes(request: &[u8]) -> Vec<String> {
        let request = Message::parse(request, Framing::Stream).unwrap();
        request.routes().map(|route| route.uri().host().to_owned()).collect()
    }

    #[test]
    fn caller_and_callee_take_opposite_ways_and_call_each_other_by_the_same_names() {
        let mut caller = Dialog::of_caller(&parse(INVITE), &parse(RINGING), None);
        let mut callee = Dialog::of_callee(&parse(INVITE), "t", None);
        let from_caller = caller.request(Method::Bye, &flow(), "z9hG4bK2").into_bytes();
        let from_callee = callee.request(Method::Bye, &flow(), "z9hG4bK3").into_bytes();
        assert_eq!(routes(&from_caller), ["one", "two"]);
        assert_eq!(routes(&from_callee), ["two", "one"]);
        let (to_callee, to_caller) = (String::from_utf8(from_caller).unwrap(), String::from_utf8(from_callee).unwrap());
        assert!(to_callee.starts_with("BYE sip:ben@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/TLS [fe80::1]:5061;"), "{to_callee}");
        assert!(to_caller.starts_with("BYE sip:anna@192.0.2.1 SIP/2.0\r\n"), "{to_caller}");
        assert!(callee.owns(&parse(&to_callee)) && caller.owns(&parse(&to_caller)));
        assert!(!caller.owns(&parse(&to_callee)) && !callee.owns(&parse(INVITE)));
    }

    #[test]
    fn a_response_has_no_say_in_who_we_are() {
        let lies = RINGING.replace("anna@example.org>;tag=f", "mallory@example.org>;tag=g").replace("Call-ID: c", "Call-ID: d");
        let mut dialog = Dialog::of_caller(&parse(INVITE), &parse(&lies.replace("CSeq: 7", "CSeq: 4000000000")), None);
        let bye = String::from_utf8(dialog.request(Method::Bye, &flow(), "z9hG4bK2").into_bytes()).unwrap();
        assert!(bye.contains("anna@example.org>;tag=f\r\n") && bye.contains("Call-ID: c\r\nCSeq: 8 BYE\r\n"), "{bye}");
    }

    #[test]
    fn the_caller_counts_on_from_its_invite_and_the_ack_does_not_count() {
        let mut dialog = Dialog::of_caller(&parse(INVITE), &parse(RINGING), None);
        let cseq = |request: RequestBuilder| parse(&String::from_utf8(request.into_bytes()).unwrap()).cseq().to_string();
        assert_eq!(cseq(dialog.ack(7, &flow(), "z9hG4bK2")), "7 ACK");
        assert_eq!(cseq(dialog.request(Method::Invite, &flow(), "z9hG4bK3")), "8 INVITE");
        assert_eq!(cseq(dialog.request(Method::Bye, &flow(), "z9hG4bK4")), "9 BYE");
    }

    #[test]
    fn a_request_older_than_one_before_is_out_of_order() {
        let mut dialog = Dialog::of_callee(&parse(INVITE), "t", None);
        let numbered = |number: u32| INVITE.replace("CSeq: 7", &format!("CSeq: {number}"));
        assert_eq!(dialog.receive(&parse(&numbered(9))), Ok(()));
        assert_eq!(dialog.receive(&parse(&numbered(8))), Err(OutOfOrder));
        assert_eq!(dialog.receive(&parse(&numbered(u32::MAX))), Ok(()));
    }

    #[test]
    fn a_new_contact_is_the_new_target_and_one_that_is_no_sip_uri_is_not() {
        let mut dialog = Dialog::of_caller(&parse(INVITE), &parse(RINGING), None);
        dialog.refresh_target(&parse(&RINGING.replace("<sip:ben@192.0.2.2>", "<tel:+4930123>")));
        assert_eq!(dialog.request_uri(), "sip:ben@192.0.2.2");
        dialog.refresh_target(&parse(&RINGING.replace("<sip:ben@192.0.2.2>", "<sips:ben@192.0.2.3>")));
        assert_eq!(dialog.request_uri(), "sips:ben@192.0.2.3");
    }

    #[test]
    fn the_answer_decides_on_the_route_once_more() {
        let mut dialog = Dialog::of_caller(&parse(INVITE), &parse(RINGING), None);
        dialog.update(&parse(&RINGING.replace("180 Ringing", "200 OK").replace("<sip:two;lr>, <sip:one;lr>", "<sip:three;lr>")));
        assert_eq!(routes(&dialog.request(Method::Bye, &flow(), "z9hG4bK2").into_bytes()), ["three"]);
    }
}
