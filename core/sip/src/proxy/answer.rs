use std::net::SocketAddr;

use super::gate::GateRefusal;
use crate::flow::{Flow, FlowId};
use crate::{Message, Uri, respond};

/// The flow that responses to a request take: back the way it came; over UDP to the port it came from only if it asks for that
/// by `rport` (RFC 3581), else to the port its `Via` names (RFC 3261 18.2.2).
#[must_use]
pub fn reply_flow(request: &Message<'_>, flow: &Flow) -> FlowId {
    match flow.id {
        FlowId::Udp { socket, remote } if !request.via().wants_rport() => {
            let port = request.via().port().unwrap_or(5060);
            FlowId::Udp { socket, remote: SocketAddr::new(remote.ip(), port) }
        }
        id => id,
    }
}

/// A final response of the proxy's own.
pub(super) fn refusal(request: &Message<'_>, flow: &Flow, refusal: &GateRefusal, tag: &str) -> Vec<u8> {
    let response = respond(request, Some(flow.remote), refusal.status, refusal.reason, Some(tag));
    refusal.headers.iter().fold(response, |response, (name, value)| response.header(*name, value)).into_bytes()
}

/// Where a device behind a UDP flow listens: at the contact it gave if that is the address its packets come from (no NAT in
/// between), else where they come from.
pub(super) fn towards_contact(flow: Flow, contact: &str) -> Flow {
    let FlowId::Udp { socket, remote } = flow.id else { return flow };
    let Ok(uri) = Uri::parse(contact) else { return flow };
    if uri.address() != Some(remote.ip()) {
        return flow;
    }
    let remote = SocketAddr::new(remote.ip(), uri.port().unwrap_or(5060));
    Flow { id: FlowId::Udp { socket, remote }, remote, ..flow }
}
