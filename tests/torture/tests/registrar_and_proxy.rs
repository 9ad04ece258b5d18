//! From every torture message to what a registrar or proxy does about it, where its domain is theirs and everybody may do
//! what they ask for, so that what is wrong with it gets to be seen.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod scene;

use std::net::SocketAddr;
use std::time::Duration;

use cooee_machine::{Entropy, SocketId, StreamId, Transport};
use cooee_sip::proxy::{Caller, Gate, Location, Names, Proxy, ProxyConfig, ProxyOutput};
use cooee_sip::registrar::{Binding, BindingKey, RegisterRequest, Registrar, RegistrarConfig, RegistrarOutput};
use cooee_sip::{Flow, FlowId, Framing, Message, Method, refuse};
use cooee_torture::{rfc4475, rfc5118};
use scene::{check, datagrams, now};

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// The registrar answers with this status.
    Registrar(u16),
    /// The proxy answers with this status.
    Proxy(u16),
    /// The proxy sends it on to the callee's device.
    Forwards,
    /// No message for either: answered with this status.
    Refuses(u16),
    /// Nothing at all.
    Ignores,
}

use Does::{Forwards, Ignores, Refuses};

const fn registrar(status: u16) -> Does {
    Does::Registrar(status)
}

const fn proxy(status: u16) -> Does {
    Does::Proxy(status)
}

const RFC_4475: &[(&str, Does)] = &[
    // 3.1.1 Valid messages.
    // Its Route leads elsewhere: no relaying for strangers.
    ("wsinv", proxy(403)),
    // Methods unknown to us are the callee's business.
    ("intmeth", Forwards),
    ("esc01", Forwards),
    ("escnull", registrar(200)),
    ("esc02", Forwards),
    ("lwsdisp", Forwards),
    ("longreq", Forwards),
    // What follows the first request is noise.
    ("dblreq", registrar(200)),
    ("semiuri", Forwards),
    ("transports", Forwards),
    // As wsinv.
    ("mpart01", proxy(403)),
    // Responses to nothing we sent.
    ("unreason", Ignores),
    ("noreason", Ignores),
    // 3.1.2 Invalid messages.
    ("badinv01", Refuses(400)),
    ("clerr", Refuses(400)),
    ("ncl", Refuses(400)),
    ("scalar02", Refuses(400)),
    // A response.
    ("scalarlg", Ignores),
    ("quotbal", Refuses(400)),
    ("ltgtruri", Refuses(400)),
    ("lwsruri", Refuses(400)),
    ("lwsstart", Refuses(400)),
    ("trws", Refuses(400)),
    ("escruri", Refuses(400)),
    ("baddate", Forwards),
    ("regbadct", Refuses(400)),
    ("badaspec", Refuses(400)),
    ("baddn", Refuses(400)),
    ("badvers", Refuses(505)),
    ("mismatch01", Refuses(400)),
    ("mismatch02", Refuses(501)),
    // A response.
    ("bigcode", Ignores),
    // 3.2 Transaction layer.
    ("badbranch", Forwards),
    // 3.3 Application layer.
    ("insuf", Refuses(400)),
    ("unkscm", proxy(416)),
    ("novelsc", proxy(416)),
    // An address of record is a SIP address.
    ("unksm2", registrar(400)),
    ("bext01", proxy(420)),
    ("invut", Forwards),
    // A registrar that challenges does so before; the scheme it does not know then counts as none.
    ("regaut01", registrar(200)),
    ("multi01", Refuses(400)),
    ("mcl01", Refuses(400)),
    // A second Via that would make us shout at everybody.
    ("bcast", Ignores),
    ("zeromf", proxy(483)),
    ("cparam01", registrar(200)),
    ("cparam02", registrar(200)),
    // Escaped headers stay in the binding; the request-URI made of it has none.
    ("regescrt", registrar(200)),
    ("sdp01", Forwards),
    // 3.4 Backward compatibility.
    ("inv2543", Forwards),
];

const RFC_5118: &[(&str, Does)] = &[
    ("ipv6-good", registrar(200)),
    ("ipv6-bad", Refuses(400)),
    ("port-ambiguous", registrar(200)),
    ("port-unambiguous", registrar(200)),
    ("via-received-param-with-delim", Forwards),
    ("via-received-param-no-delim", Forwards),
    ("ipv6-in-sdp", Forwards),
    ("mult-ip-in-header", Forwards),
    ("mult-ip-in-sdp", Forwards),
    ("ipv4-mapped-ipv6", Forwards),
    ("ipv6-bug-abnf-3-colons", Forwards),
    ("ipv6-correct-abnf-2-colons", Forwards),
];

fn device() -> Flow {
    let (local, remote) = (SocketAddr::from(([192, 0, 2, 1], 5061)), SocketAddr::from(([192, 0, 2, 10], 40000)));
    Flow { id: FlowId::Stream(StreamId(1)), transport: Transport::Tls, local, remote }
}

fn binding() -> Binding {
    Binding {
        key: BindingKey(1),
        contact: "sip:device@192.0.2.10".into(),
        params: String::new(),
        instance: None,
        reg_id: None,
        q: 1000,
        expires: Duration::from_secs(2_000_000_000),
        updated: Duration::from_secs(1),
        call_id: "r".into(),
        cseq: 1,
        path: Vec::new(),
        flow: device(),
        epoch: 1,
        user_agent: None,
    }
}

fn does(bytes: &[u8]) -> Does {
    match Message::parse(bytes, Framing::Datagram) {
        Err(error) => refuse(bytes, &error, Some(datagrams().remote)).map_or(Ignores, |refusal| Refuses(refusal.status)),
        Ok(message) if message.is_request() && message.method() == Method::Register => register(&message),
        Ok(message) => forward(&message),
    }
}

fn register(request: &Message<'_>) -> Does {
    let mut registrar = Registrar::new(RegistrarConfig::default(), Entropy::for_test(1));
    let message = request.as_bytes().to_vec();
    registrar.handle_register(RegisterRequest { aor: "sip:user@example.com".into(), message: message.into(), flow: datagrams(), epoch: 1 });
    loop {
        match registrar.poll_output().unwrap() {
            RegistrarOutput::Locate { ticket, .. } => registrar.handle_located(ticket, Ok(Vec::new()), now()),
            RegistrarOutput::Persist { ticket, .. } => registrar.handle_persisted(ticket, Ok(()), now()),
            RegistrarOutput::Respond { status, .. } => return Does::Registrar(status),
        }
    }
}

fn forward(message: &Message<'_>) -> Does {
    let domain = message.request_uri().filter(|uri| uri.is_sip()).map_or("example.com", |uri| uri.host()).to_ascii_lowercase();
    let names = Names { host: domain.clone(), domain, addresses: vec![datagrams().local, device().local] };
    let mut proxy = Proxy::new(ProxyConfig::new(names, [1; 32], 1), Entropy::for_test(1));
    proxy.socket_bound(SocketId(0), datagrams().local);
    proxy.flow_opened(device());
    if message.is_request() {
        proxy.handle_request(datagrams(), message, |_| Gate::Admit(Caller::Stranger), now());
    } else {
        proxy.handle_response(message, now());
    }
    let mut does = Ignores;
    while let Some(output) = proxy.poll_output() {
        match output {
            ProxyOutput::Send { flow, payload } if flow == device().id => {
                assert!(Message::parse(&payload, Framing::Stream).unwrap().is_request());
                does = Forwards;
            }
            ProxyOutput::Send { payload, .. } => {
                let status = Message::parse(&payload, Framing::Stream).unwrap().status().unwrap();
                if status != 100 {
                    does = Does::Proxy(status);
                }
            }
            ProxyOutput::Locate { ticket, .. } => proxy.handle_located(ticket, Ok(Location::Bindings(vec![binding()])), now()),
            ProxyOutput::Admit { .. } | ProxyOutput::Reach { .. } => panic!("admitted already"),
        }
    }
    does
}

#[test]
fn registrar_and_proxy_do_the_right_thing_about_every_message_of_rfc_4475() {
    assert_eq!(RFC_4475.len(), 49);
    check(&rfc4475().unwrap(), RFC_4475, does);
}

#[test]
fn registrar_and_proxy_do_the_right_thing_about_every_message_of_rfc_5118() {
    check(&rfc5118().unwrap(), RFC_5118, does);
}
