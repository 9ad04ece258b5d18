//! From every torture message to what a user agent does about it, when the message comes from its own server.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod scene;

use cooee_machine::{Entropy, Secret};
use cooee_sip::ua::{LegEvent, QueryEvent};
use cooee_sip::{Framing, Message, UserAgent, UserAgentConfig, UserAgentOutput};
use cooee_torture::{rfc4475, rfc5118};
use scene::{check, datagrams, now};

/// What a user agent does about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// Answers with this status.
    Answers(u16),
    /// Answers 100 and rings.
    Rings,
    /// Nothing at all.
    Ignores,
}

use Does::{Answers, Ignores, Rings};

const RFC_4475: &[(&str, Does)] = &[
    // 3.1.1 Valid messages.
    // A tag in To, and no such dialog.
    ("wsinv", Answers(481)),
    // Methods unknown.
    ("intmeth", Answers(501)),
    ("esc01", Rings),
    ("escnull", Answers(405)),
    ("esc02", Answers(501)),
    ("lwsdisp", Answers(200)),
    ("longreq", Rings),
    // No phone is a registrar.
    ("dblreq", Answers(405)),
    ("semiuri", Answers(200)),
    ("transports", Answers(200)),
    ("mpart01", Answers(415)),
    ("unreason", Ignores),
    ("noreason", Ignores),
    // 3.1.2 Invalid messages.
    ("badinv01", Answers(400)),
    ("clerr", Answers(400)),
    ("ncl", Answers(400)),
    ("scalar02", Answers(400)),
    ("scalarlg", Ignores),
    ("quotbal", Answers(400)),
    ("ltgtruri", Answers(400)),
    ("lwsruri", Answers(400)),
    ("lwsstart", Answers(400)),
    ("trws", Answers(400)),
    ("escruri", Answers(400)),
    ("baddate", Rings),
    ("regbadct", Answers(400)),
    ("badaspec", Answers(400)),
    ("baddn", Answers(400)),
    ("badvers", Answers(505)),
    ("mismatch01", Answers(400)),
    ("mismatch02", Answers(501)),
    ("bigcode", Ignores),
    // 3.2 Transaction layer.
    ("badbranch", Answers(200)),
    // 3.3 Application layer.
    ("insuf", Answers(400)),
    ("unkscm", Answers(416)),
    ("novelsc", Answers(416)),
    ("unksm2", Answers(405)),
    ("bext01", Answers(420)),
    ("invut", Answers(415)),
    ("regaut01", Answers(405)),
    ("multi01", Answers(400)),
    ("mcl01", Answers(400)),
    // Responses to nothing we asked.
    ("bcast", Ignores),
    // Max-Forwards does not concern its target.
    ("zeromf", Answers(200)),
    ("cparam01", Answers(405)),
    ("cparam02", Answers(405)),
    ("regescrt", Answers(405)),
    ("sdp01", Answers(406)),
    // 3.4 Backward compatibility.
    ("inv2543", Rings),
];

const RFC_5118: &[(&str, Does)] = &[
    ("ipv6-good", Answers(405)),
    ("ipv6-bad", Answers(400)),
    ("port-ambiguous", Answers(405)),
    ("port-unambiguous", Answers(405)),
    ("via-received-param-with-delim", Answers(481)),
    ("via-received-param-no-delim", Answers(200)),
    ("ipv6-in-sdp", Rings),
    ("mult-ip-in-header", Answers(481)),
    ("mult-ip-in-sdp", Rings),
    ("ipv4-mapped-ipv6", Rings),
    ("ipv6-bug-abnf-3-colons", Answers(200)),
    ("ipv6-correct-abnf-2-colons", Answers(200)),
];

/// A user agent of the user that the message is for, so that what is wrong with it gets to be seen.
fn agent(bytes: &[u8]) -> UserAgent {
    let user = Message::parse(bytes, Framing::Datagram).ok().and_then(|m| m.request_uri()?.user().map(str::to_owned));
    let aor = format!("sip:{}@example.org", user.as_deref().unwrap_or("anna"));
    let config = UserAgentConfig::new(aor, Secret::new("secret"), "urn:uuid:00000000-0000-4000-8000-000000000001");
    let mut agent = UserAgent::new(config, Entropy::for_test(1));
    agent.flow_opened(datagrams(), now());
    agent
}

fn does(bytes: &[u8]) -> Does {
    let mut agent = agent(bytes);
    agent.handle_message(datagrams().id, bytes, now());
    let (mut statuses, mut rings) = (Vec::new(), false);
    while let Some(output) = agent.poll_output() {
        match output {
            UserAgentOutput::Send { payload, .. } => statuses.push(status(&payload)),
            UserAgentOutput::Leg { event, .. } => rings |= matches!(event, LegEvent::Incoming { .. }),
            // Its owner knows who asks whether somebody is there.
            UserAgentOutput::Query(QueryEvent::Asked { id, .. }) => agent.answer_query(id, true, now()),
            other => panic!("{other:?}"),
        }
    }
    match statuses[..] {
        [100] if rings => Rings,
        [status] if !rings => Answers(status),
        [] if !rings => Ignores,
        _ => panic!("{statuses:?}, rings {rings}"),
    }
}

/// Of a response, which may have been made of something that is no message.
fn status(response: &[u8]) -> u16 {
    std::str::from_utf8(response.get(8..11).unwrap()).unwrap().parse().unwrap()
}

#[test]
fn a_user_agent_does_the_right_thing_about_every_message_of_rfc_4475() {
    assert_eq!(RFC_4475.len(), 49);
    check(&rfc4475().unwrap(), RFC_4475, does);
}

#[test]
fn a_user_agent_does_the_right_thing_about_every_message_of_rfc_5118() {
    check(&rfc5118().unwrap(), RFC_5118, does);
}
