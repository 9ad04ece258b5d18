//! Messages made from nothing.

mod phrase;

use std::io::Write;
use std::marker::PhantomData;
use std::net::SocketAddr;

use memchr::memchr3;

use crate::header::HeaderName;
use crate::message::Message;
use crate::method::Method;
pub use phrase::reason_phrase;

/// Marks a [`Builder`] of requests.
#[derive(Clone, Copy, Debug)]
pub enum Request {}
/// Marks a [`Builder`] of responses.
#[derive(Clone, Copy, Debug)]
pub enum Response {}

/// Builds a request.
pub type RequestBuilder = Builder<Request>;
/// Builds a response.
pub type ResponseBuilder = Builder<Response>;

/// Writes a message line by line, in the order of the calls. A line break in a value becomes a space, so that no value can
/// smuggle in a header.
#[derive(Clone)]
pub struct Builder<K> {
    head: Vec<u8>,
    body: Vec<u8>,
    kind: PhantomData<K>,
}

impl Builder<Request> {
    /// `method uri SIP/2.0`.
    #[must_use]
    pub fn new(method: Method<'_>, uri: &str) -> Self {
        let mut builder = Self::empty();
        builder.push(method.as_bytes());
        builder.head.push(b' ');
        builder.head.extend(uri.bytes().filter(|b| !b.is_ascii_control() && *b != b' '));
        builder.head.extend_from_slice(b" SIP/2.0\r\n");
        builder
    }

    /// A `Via` of ours that asks for `rport` (RFC 3581). `sent_by` is `host` or `host:port`.
    #[must_use]
    pub fn via(self, transport: &str, sent_by: &str, branch: &str) -> Self {
        self.header(HeaderName::Via, format!("SIP/2.0/{transport} {sent_by};branch={branch};rport"))
    }

    /// `Max-Forwards`.
    #[must_use]
    pub fn max_forwards(self, hops: u8) -> Self {
        self.header(HeaderName::MaxForwards, hops.to_string())
    }
}

impl Builder<Response> {
    /// `SIP/2.0 status reason`; with an empty reason, the standard's phrase for the status.
    #[must_use]
    pub fn new(status: u16, reason: &str) -> Self {
        let mut builder = Self::empty();
        builder.push(format!("SIP/2.0 {status} ").as_bytes());
        builder.push(if reason.is_empty() { reason_phrase(status).as_bytes() } else { reason.as_bytes() });
        builder.head.extend_from_slice(b"\r\n");
        builder
    }
}

impl<K> Builder<K> {
    fn empty() -> Self {
        Self { head: Vec::with_capacity(1024), body: Vec::new(), kind: PhantomData }
    }

    fn push(&mut self, value: &[u8]) {
        if memchr3(b'\r', b'\n', b'\0', value).is_none() {
            self.head.extend_from_slice(value);
        } else {
            self.head.extend(value.iter().map(|b| if matches!(b, b'\r' | b'\n' | b'\0') { b' ' } else { *b }));
        }
    }

    /// Any header.
    #[must_use]
    pub fn header(mut self, name: HeaderName<'_>, value: impl AsRef<[u8]>) -> Self {
        self.push(name.as_bytes());
        self.head.extend_from_slice(b": ");
        self.push(value.as_ref());
        self.head.extend_from_slice(b"\r\n");
        self
    }

    /// The header, if there is a value for it.
    #[must_use]
    pub fn header_if(self, name: HeaderName<'_>, value: Option<impl AsRef<[u8]>>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    /// `From`: a `name-addr` (see [`crate::name_addr`]) and our tag.
    #[must_use]
    pub fn from(self, name_addr: &str, tag: &str) -> Self {
        self.header(HeaderName::From, format!("{name_addr};tag={tag}"))
    }

    /// `To`: a `name-addr` (see [`crate::name_addr`]) and the peer's tag, if known.
    #[must_use]
    pub fn to(self, name_addr: &str, tag: Option<&str>) -> Self {
        match tag {
            Some(tag) => self.header(HeaderName::To, format!("{name_addr};tag={tag}")),
            None => self.header(HeaderName::To, name_addr),
        }
    }

    /// `Call-ID`.
    #[must_use]
    pub fn call_id(self, id: &str) -> Self {
        self.header(HeaderName::CallId, id)
    }

    /// `CSeq`.
    #[must_use]
    pub fn cseq(self, number: u32, method: Method<'_>) -> Self {
        self.header(HeaderName::CSeq, format!("{number} {method}"))
    }

    /// `Contact`.
    #[must_use]
    pub fn contact(self, value: &str) -> Self {
        self.header(HeaderName::Contact, value)
    }

    /// The body and its type; `Content-Length` comes by itself.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut builder = self.header(HeaderName::ContentType, content_type);
        builder.body = body.into();
        builder
    }

    /// The message.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        let Self { mut head, mut body, .. } = self;
        // Writing to a Vec cannot fail.
        let _ = write!(head, "Content-Length: {}\r\n\r\n", body.len());
        head.append(&mut body);
        head
    }
}

/// A response to `request` with the headers that RFC 3261 8.2.6 copies from it. `to_tag` is added to `To` unless that has a
/// tag already; pass `None` for a 100. An empty `reason` becomes the standard's phrase.
#[must_use]
pub fn response_to(request: &Message<'_>, status: u16, reason: &str, to_tag: Option<&str>) -> ResponseBuilder {
    respond(request, None, status, reason, to_tag)
}

/// [`response_to`], with the top `Via` stamped as a server must for a request that came from `source` (RFC 3261 18.2.1,
/// RFC 3581).
#[must_use]
pub fn respond(request: &Message<'_>, source: Option<SocketAddr>, status: u16, reason: &str, to_tag: Option<&str>) -> ResponseBuilder {
    let mut response = ResponseBuilder::new(status, reason);
    response.head.reserve(ROOM);
    let mut source = source;
    for header in request.headers() {
        response = match header.name {
            HeaderName::Via => match source.take() {
                Some(source) => response.stamped(request, header.value, source),
                None => response.raw(header.raw),
            },
            HeaderName::To => match to_tag.filter(|_| request.to().tag().is_none()) {
                Some(tag) => response.header(HeaderName::To, [header.value, b";tag=", tag.as_bytes()].concat()),
                None => response.raw(header.raw),
            },
            HeaderName::From | HeaderName::CallId | HeaderName::CSeq => response.raw(header.raw),
            HeaderName::Timestamp if status == 100 => response.raw(header.raw),
            _ => response,
        };
    }
    response
}

/// What most responses without a body fit in.
const ROOM: usize = 768;

impl Builder<Response> {
    /// The first line of `Via` with its first value stamped.
    fn stamped(mut self, request: &Message<'_>, line: &[u8], source: SocketAddr) -> Self {
        let via = request.via();
        self.head.extend_from_slice(b"Via: ");
        via.stamp(source, &mut self.head);
        self.head.extend_from_slice(line.get(via.as_bytes().len()..).unwrap_or_default());
        self.head.extend_from_slice(b"\r\n");
        self
    }

    /// A line of the request as it came.
    fn raw(mut self, line: &[u8]) -> Self {
        self.head.extend_from_slice(line);
        self
    }
}

impl<K> std::fmt::Debug for Builder<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Builder({} octets)", self.head.len() + self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::name_addr;
    use crate::message::Framing;

    fn options() -> Vec<u8> {
        RequestBuilder::new(Method::Options, "sip:ben@example.org")
            .via("TLS", "phone.invalid", "z9hG4bKabc")
            .max_forwards(70)
            .from(&name_addr(Some("Anna"), "sip:anna@example.org"), "f1")
            .to("<sip:ben@example.org>", None)
            .call_id("call-1")
            .cseq(7, Method::Options)
            .header_if(HeaderName::Subject, None::<&str>)
            .header(HeaderName::Other(b"X-One"), "a\r\nVia: evil")
            .body("text/plain", *b"hello")
            .into_bytes()
    }

    #[test]
    fn a_built_request_reads_back() {
        let bytes = options();
        let message = Message::parse(&bytes, Framing::Stream).unwrap();
        assert_eq!((message.method(), message.request_uri().unwrap().as_str()), (Method::Options, "sip:ben@example.org"));
        assert_eq!((message.via().transport(), message.via().branch(), message.via().wants_rport()), ("TLS", Some("z9hG4bKabc"), true));
        assert_eq!((message.from().display().unwrap().as_str(), message.from().tag()), ("Anna", Some("f1")));
        assert_eq!((message.call_id(), message.cseq().number, message.max_forwards()), ("call-1", 7, Some(70)));
        assert_eq!((message.body(), message.content_type().unwrap().to_string().as_str()), (&b"hello"[..], "text/plain"));
    }

    #[test]
    fn no_value_can_smuggle_in_a_header() {
        let bytes = options();
        let message = Message::parse(&bytes, Framing::Stream).unwrap();
        assert_eq!(message.vias().count(), 1);
        assert_eq!(message.header(HeaderName::Other(b"x-one")), Some(&b"a  Via: evil"[..]));
        let request = RequestBuilder::new(Method::Other(b"A\r\nB"), "sip:a@b\r\nVia: evil SIP/2.0").into_bytes();
        assert_eq!(request, b"A  B sip:a@bVia:evilSIP/2.0 SIP/2.0\r\nContent-Length: 0\r\n\r\n");
    }

    #[test]
    fn a_response_copies_what_identifies_the_request() {
        let bytes = options();
        let request = Message::parse(&bytes, Framing::Stream).unwrap();
        let ok = respond(&request, "192.0.2.7:5070".parse().ok(), 200, "", Some("t1")).into_bytes();
        let ok = Message::parse(&ok, Framing::Stream).unwrap();
        assert_eq!((ok.status(), ok.to().tag(), ok.from().tag()), (Some(200), Some("t1"), Some("f1")));
        assert_eq!((ok.via().received(), ok.via().rport()), (Some("192.0.2.7".parse().unwrap()), Some(5070)));
        assert_eq!((ok.call_id(), ok.cseq()), (request.call_id(), request.cseq()));
        let trying = response_to(&request, 100, "", None).into_bytes();
        assert!(trying.starts_with(b"SIP/2.0 100 Trying\r\n"));
        assert_eq!(Message::parse(&trying, Framing::Stream).unwrap().to().tag(), None);
    }

    #[test]
    fn a_response_keeps_every_via_in_order_and_an_existing_tag() {
        let request =
            b"BYE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1 ,\r\n SIP/2.0/UDP b\r\nTo: <sip:a@b>;tag=x\r\nVia: SIP/2.0/TCP c\r\n\
            From: <sip:c@d>;tag=1\r\ni: 1\r\nCSeq: 2 BYE\r\n\r\n";
        let request = Message::parse(request, Framing::Datagram).unwrap();
        let bytes = respond(&request, "192.0.2.7:5070".parse().ok(), 200, "", Some("t1")).into_bytes();
        let response = Message::parse(&bytes, Framing::Stream).unwrap();
        assert_eq!(response.vias().map(|v| v.host()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!((response.to().tag(), response.via().received()), (Some("x"), Some("192.0.2.7".parse().unwrap())));
    }
}
