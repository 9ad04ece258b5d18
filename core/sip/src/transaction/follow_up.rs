//! The two requests that a client transaction makes out of its INVITE.

use crate::build::RequestBuilder;
use crate::header::HeaderName;
use crate::message::{Framing, Message};
use crate::method::Method;

/// The ACK to a non-2xx response (RFC 3261 17.1.1.3). `None` only if `invite` is no request.
pub(crate) fn ack(invite: &[u8], response: &Message<'_>) -> Option<Vec<u8>> {
    let invite = Message::parse(invite, Framing::Datagram).ok()?;
    let to = response.header(HeaderName::To)?;
    Some(follow_up(&invite, Method::Ack, to)?.into_bytes())
}

/// The CANCEL of an INVITE (RFC 3261 9.1). `reason` is a whole Reason header value (RFC 3326).
pub(crate) fn cancel(invite: &[u8], reason: Option<&str>) -> Option<Vec<u8>> {
    let invite = Message::parse(invite, Framing::Datagram).ok()?;
    let to = invite.header(HeaderName::To)?;
    Some(follow_up(&invite, Method::Cancel, to)?.header_if(HeaderName::Reason, reason).into_bytes())
}

fn follow_up(invite: &Message<'_>, method: Method<'_>, to: &[u8]) -> Option<RequestBuilder> {
    let mut request = RequestBuilder::new(method, invite.request_uri()?.as_str())
        .header(HeaderName::Via, invite.via().as_bytes())
        .max_forwards(70)
        .header(HeaderName::From, invite.header(HeaderName::From)?)
        .header(HeaderName::To, to)
        .call_id(invite.call_id())
        .cseq(invite.cseq().number, method);
    for header in invite.headers().filter(|header| header.name == HeaderName::Route) {
        request = request.header(HeaderName::Route, header.value);
    }
    Some(request)
}
