//! Sentences for what happened to a call or a log-in, and for what can be done.

use std::time::Duration;

use cooee_call::{AddressKind, Advice, EndReason, Fact, LinkWeakness, Side, SoundTrouble, Story, StorySide, Stream};
use cooee_machine::{Pii, Transport};
use cooee_sdp::CandidateKind;

use super::{candidate, one_way, security, sound_again};
use crate::time::age;

/// Whose side something is on.
#[must_use]
pub fn side(side: StorySide) -> &'static str {
    match side {
        StorySide::Yours => "your side",
        StorySide::YourServer => "your server",
        StorySide::Network => "the network",
        StorySide::TheirServer => "their server",
        StorySide::Theirs => "their side",
    }
}

/// What happened, as one sentence.
#[must_use]
pub fn fact(fact: &Fact) -> String {
    match fact {
        Fact::LookingUp { domain } => format!("Asked where {} is.", server(domain)),
        Fact::ServersFound { places: 1 } => "It is at one place.".to_owned(),
        Fact::ServersFound { places } => format!("It is at {places} places."),
        Fact::Connecting { server: name, transport, at } => {
            format!("Connecting to {} by {transport}, at {}.", server(name), address_kind(*at))
        }
        Fact::NotConnected(reason) => format!("That did not work. {}", what(reason)),
        Fact::Connected { transport: Transport::Tls } => "Connected; the server has proven who it is.".to_owned(),
        Fact::Connected { transport } => format!("Connected by {transport}, without encryption."),
        Fact::LoggedIn { devices: 0 | 1 } => "Logged in.".to_owned(),
        Fact::LoggedIn { devices } => format!("Logged in; {devices} devices of yours are."),
        Fact::ServerFailed(reason) => format!("Your server could not be used. {}", what(reason)),
        Fact::ServerLost => "The connection to your server was lost.".to_owned(),
        Fact::ServerReady { server: name, transport, since } => {
            format!("{} was connected by {transport} (for {}).", capital(&server(name)), age(since.as_secs()))
        }
        Fact::NumberLookedUp { found: 0 } => "The number was looked up; no address on the Internet is known for it.".to_owned(),
        Fact::NumberLookedUp { found } => format!("The number was looked up; addresses found: {found}."),
        Fact::Dialled { address } => format!("You called {}.", person(address, "somebody")),
        Fact::Called { address } => format!("{} called.", capital(&person(address, "somebody"))),
        Fact::Gathered { own, seen, relayed } => gathered(*own, *seen, *relayed),
        Fact::Invited => "The call went to your server.".to_owned(),
        Fact::ServerTook => "Your server has it and looks for them.".to_owned(),
        Fact::Progress { status: 181 } => "The call is being forwarded to somewhere else.".to_owned(),
        Fact::Progress { status: 182 } => "The call waits in a queue.".to_owned(),
        Fact::Progress { status } => format!("Something is done about it over there ({status})."),
        Fact::RangThere => "It rang there.".to_owned(),
        Fact::EarlySound => "Something could be heard before the answer.".to_owned(),
        Fact::LegFailed(reason) => format!("That came to nothing. {}", what(reason)),
        Fact::OfferedOtherwise => "They could not take what this phone offered; it offered something else.".to_owned(),
        Fact::Redirected { address } => format!("They sent the call on to {}.", person(address, "another address")),
        Fact::NextTried { address } => format!("The next address was called: {}.", person(address, "another address")),
        Fact::Introduced { domain, line } => introduced(domain.as_deref(), line.as_ref()),
        Fact::Returned => "Your server sent it back to this phone.".to_owned(),
        Fact::RangHere { silently: false } => "It rang here.".to_owned(),
        Fact::RangHere { silently: true } => "It was shown as a request, without ringing: nobody you know.".to_owned(),
        Fact::Answered(Side::Us) => "You answered.".to_owned(),
        Fact::Answered(Side::Peer) => "They answered.".to_owned(),
        Fact::PathFound { local, local_kind, remote, remote_kind, rtt } => {
            let rtt = rtt.map_or_else(String::new, |rtt| format!("; there and back in {} ms", rtt.as_millis()));
            format!("Packets have a way, from {} to {}{rtt}.", end(*local, *local_kind), end(*remote, *remote_kind))
        }
        Fact::PathLost => "Nothing came on it any more.".to_owned(),
        Fact::NetworkLost => "This device was no longer on the network that it went over.".to_owned(),
        Fact::Secured { security: how, cipher } if cipher == "none" => format!("The sound is {}.", security(*how)),
        Fact::Secured { security: how, cipher } => format!("The sound is {} ({cipher}).", security(*how)),
        Fact::KeyVerified => "Their key is the one that you have compared: verified.".to_owned(),
        Fact::KeyChanged => "Their key is not the one that you have compared.".to_owned(),
        Fact::SoundCame => "Their first sound came.".to_owned(),
        Fact::SoundArrived => "They said that your sound arrives.".to_owned(),
        Fact::OneWay(cause) => one_way(*cause).to_owned(),
        Fact::BothWays => "Sound went both ways.".to_owned(),
        Fact::Weak { stream, weakness, loss, jitter, rtt } => weak(*stream, *weakness, *loss, *jitter, *rtt),
        Fact::Strong { stream: Stream::Theirs } => "Their sound came well again.".to_owned(),
        Fact::Strong { stream: Stream::Ours } => "Your sound arrived well again.".to_owned(),
        Fact::Sound { trouble: SoundTrouble::MicrophoneSilent, begins: true } => {
            "Your microphone was silent: they could not hear you.".to_owned()
        }
        Fact::Sound { trouble: SoundTrouble::Clipping, begins: true } => "You were too loud for the microphone.".to_owned(),
        Fact::Sound { trouble: SoundTrouble::NothingArrives, begins: true } => "Nothing arrived from the other side.".to_owned(),
        Fact::Sound { trouble, .. } => sound_again(*trouble).to_owned(),
        Fact::Muted { muted: true } => "You muted the microphone.".to_owned(),
        Fact::Muted { muted: false } => "You let the microphone be heard again.".to_owned(),
        Fact::Held(Side::Us) => "You put the call on hold.".to_owned(),
        Fact::Held(Side::Peer) => "They put the call on hold.".to_owned(),
        Fact::Resumed(Side::Us) => "You took it back from hold.".to_owned(),
        Fact::Resumed(Side::Peer) => "They took it back from hold.".to_owned(),
        Fact::Ended(reason) => what(reason),
        Fact::Traffic { sent, received } => {
            let kilobytes = |octets: &u32| f64::from(*octets) / 1000.0;
            format!("Its sound took {:.1} kB/s to them and {:.1} kB/s to you.", kilobytes(sent), kilobytes(received))
        }
        Fact::Omitted { facts } => format!("({facts} steps were not kept.)"),
        other => other.id().to_owned(),
    }
}

fn introduced(domain: Option<&str>, line: Option<&Pii<String>>) -> String {
    let domain = domain.map_or_else(
        || "Nobody vouches for who they say they are".to_owned(),
        |domain| format!("That they are of {} is proven", server(domain)),
    );
    let line = line.map_or_else(String::new, |line| format!("; they say: “{}”", line.reveal()));
    format!("{domain}{line}.")
}

/// What can be done, as one sentence; empty where nothing needs doing. `peer`: who was at the other end, if that may be said.
#[must_use]
pub fn advice(advice: Advice, peer: Option<&str>) -> String {
    let peer = peer.unwrap_or("ADDRESS");
    match advice {
        Advice::Nothing => String::new(),
        Advice::CallAgain => format!("Call again: cooee call {peer}"),
        Advice::CallLater => format!("Call again later: cooee call {peer}"),
        Advice::CallBack => format!("Call back: cooee call {peer}"),
        Advice::CheckAddress => format!("Check how the address is spelled, and what calling it does: cooee explain {peer}"),
        Advice::CheckAccount => "Check how your own address is spelled: cooee account list".to_owned(),
        Advice::AddAccountAgain => "Give the right password: cooee account password ADDRESS. If a key proves who you are, remove the account and add it with another key".to_owned(),
        Advice::TrustServer => {
            "If the server is private, compare the fingerprint it showed with its owner; then: cooee account trust ADDRESS FINGERPRINT. If not, ask its \
             operator."
                .to_owned()
        }
        Advice::CheckClock => "Check this device's clock and date; if they are right, ask the server's operator.".to_owned(),
        Advice::CheckNetwork => "Check this device's network, then try again.".to_owned(),
        Advice::TryAnotherNetwork => {
            "Try another network, on your side or theirs: mobile in place of Wi-Fi, or the other way round.".to_owned()
        }
        Advice::AskOperator => "Ask who runs your server.".to_owned(),
        Advice::AskThem => "Ask the other side to look at theirs, in some other way than by a call.".to_owned(),
        Advice::ChooseTransport => {
            "If calls without encryption are what you want, say so: cooee account add ADDRESS --transport tcp".to_owned()
        }
        Advice::LoosenMedia => "Allow this account more codecs or other protection of the sound: cooee account add".to_owned(),
        Advice::Unmute => "Let the microphone be heard: the key m.".to_owned(),
        Advice::Resume => "Take the call back from hold: the key h.".to_owned(),
        Advice::CheckMicrophone => "Is the microphone on, and the right one? cooee devices".to_owned(),
        Advice::TurnDownMicrophone => "Turn the microphone down, or move away from it.".to_owned(),
        Advice::EndOtherCalls => "End other calls and close other programs, then try again.".to_owned(),
        Advice::AllowCaller => format!("Let them ring at any time: cooee allow {peer}"),
        Advice::UnblockCaller => format!("Take their calls again: cooee unblock {peer}"),
        Advice::UseTelephone => "Call it on an ordinary telephone.".to_owned(),
        Advice::DistrustPath => "Say nothing there that others must not hear, and tell the other side.".to_owned(),
        Advice::Report => "Report this as a fault of Cooee, with what cooee report prints.".to_owned(),
        Advice::AddAccount => "Add an address of your own: cooee account add anna@example.org".to_owned(),
        Advice::StartPhone => "Start the phone: cooee phone".to_owned(),
        Advice::Wait => "Wait a moment, and look again.".to_owned(),
        Advice::TakeCalls => "Start the phone: cooee phone. A command that only calls takes no calls.".to_owned(),
        Advice::UseTls => "If your server speaks TLS, use it: remove the account, and cooee account add it without --transport.".to_owned(),
        Advice::EndDoNotDisturb => {
            "Let calls ring again: the key d in cooee phone. Or let some people through: cooee allow ADDRESS".to_owned()
        }
        Advice::AllowNotifications | Advice::AllowFullScreen | Advice::AllowBackground => {
            "Allow it in the settings of your system.".to_owned()
        }
        Advice::EndPowerSaving => "End power saving in the settings of your system, or charge the device.".to_owned(),
        other => other.as_str().to_owned(),
    }
}

fn what(reason: &EndReason) -> String {
    reason.explanation().what
}

fn server(name: &str) -> String {
    if name == Story::LEFT_OUT { "your server".to_owned() } else { format!("your server {name}") }
}

fn person(address: &Pii<String>, else_: &str) -> String {
    if address.reveal() == Story::LEFT_OUT { else_.to_owned() } else { address.reveal().clone() }
}

/// An address that begins a sentence stays as it is.
fn capital(words: &str) -> String {
    if words.contains(':') {
        return words.to_owned();
    }
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn address_kind(kind: AddressKind) -> &'static str {
    match kind {
        AddressKind::PublicV4 => "a public IPv4 address",
        AddressKind::PrivateV4 => "a private IPv4 address",
        AddressKind::SharedV4 => "an IPv4 address that a carrier shares among many",
        AddressKind::PublicV6 => "a public IPv6 address",
        AddressKind::PrivateV6 => "a private IPv6 address",
        AddressKind::LinkLocal => "an address of one link only",
        AddressKind::Loopback => "this very machine",
        AddressKind::Unspecified => "no address",
    }
}

fn end(address: AddressKind, kind: CandidateKind) -> String {
    format!("{} ({})", address_kind(address), candidate(kind))
}

fn gathered(own: u32, seen: u32, relayed: u32) -> String {
    let counts = [(own, "of this device"), (seen, "as servers see it"), (relayed, "of a relay")];
    let counts: Vec<String> = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, whose)| format!("{count} {whose}")).collect();
    if counts.is_empty() {
        return "No address was found where sound could be sent to.".to_owned();
    }
    let alone = if seen == 0 && relayed == 0 { "; what the Internet sees is not known" } else { "" };
    format!("Addresses for sound: {}{alone}.", counts.join(", "))
}

fn weak(stream: Stream, weakness: LinkWeakness, loss: u32, jitter: Duration, rtt: Duration) -> String {
    let (whose, comes) = match stream {
        Stream::Theirs => ("The way of their sound to you was weak", "came"),
        Stream::Ours => ("The way of your sound to them was weak", "arrived"),
    };
    let (loss, jitter) = (format!("{}.{} % of the packets were lost", loss / 10, loss % 10), jitter.as_millis());
    match weakness {
        LinkWeakness::Loss => format!("{whose}: {loss}."),
        LinkWeakness::Jitter => format!("{whose}: packets {comes} unevenly, by {jitter} ms."),
        LinkWeakness::LossAndJitter => format!("{whose}: {loss}, and the others {comes} unevenly, by {jitter} ms."),
        LinkWeakness::Delay => format!("{whose}: packets take {} ms there and back.", rtt.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use cooee_call::{Argument, LoginTrouble};

    use super::*;

    #[test]
    fn a_fact_is_a_sentence_with_what_belongs_into_it() {
        let weak = Fact::Weak {
            stream: Stream::Theirs,
            weakness: LinkWeakness::LossAndJitter,
            loss: 71,
            jitter: Duration::from_millis(80),
            rtt: Duration::ZERO,
        };
        let told = "The way of their sound to you was weak: 7.1 % of the packets were lost, and the others came unevenly, by 80 ms.";
        assert_eq!(fact(&weak), told);
        let ready = Fact::ServerReady { server: "example.org".into(), transport: Transport::Tls, since: Duration::from_secs(7300) };
        assert_eq!(fact(&ready), "Your server example.org was connected by TLS (for 2 h).");
        let wrong = EndReason::Login(LoginTrouble::WrongPassword);
        assert_eq!(fact(&Fact::ServerFailed(wrong)), "Your server could not be used. The server does not accept the password.");
        assert_eq!(fact(&Fact::Called { address: Pii("sip:ben@example.org".into()) }), "sip:ben@example.org called.");
        assert_eq!(
            fact(&Fact::Gathered { own: 2, seen: 0, relayed: 0 }),
            "Addresses for sound: 2 of this device; what the Internet sees is not known."
        );
    }

    #[test]
    fn every_fact_is_a_sentence_that_names_whom_it_is_about() {
        for of in Fact::examples("sip:q0123456789z") {
            let told = fact(&of);
            assert!(told.ends_with(['.', ')', '?']) && told != of.id() && told.contains(' '), "{}: {told}", of.id());
            let names = of.arguments().into_iter().filter(|(_, argument)| matches!(argument, Argument::Person(_) | Argument::Server(_)));
            for (name, argument) in names {
                assert!(told.contains(&argument.to_text()), "{} says nothing of its {name}: {told}", of.id());
            }
        }
    }

    #[test]
    fn every_advice_but_none_is_a_sentence() {
        for reason in EndReason::examples("its words") {
            let (of, told) = (reason.advice(), advice(reason.advice(), Some("ben@example.org")));
            assert_eq!(told.is_empty(), of == Advice::Nothing, "{reason}");
            assert!(told.is_empty() || (told.contains(' ') && told != of.as_str()), "{reason}: {told}");
        }
    }

    #[test]
    fn what_is_left_out_of_a_report_is_still_a_sentence() {
        let address = || Pii(Story::LEFT_OUT.to_owned());
        assert_eq!(fact(&Fact::Called { address: address() }), "Somebody called.");
        assert_eq!(fact(&Fact::Dialled { address: address() }), "You called somebody.");
        let ready = Fact::ServerReady { server: Story::LEFT_OUT.to_owned(), transport: Transport::Tls, since: Duration::ZERO };
        assert_eq!(fact(&ready), "Your server was connected by TLS (for moments).");
    }
}
