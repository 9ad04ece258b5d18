use super::{EndReason, LoginTrouble, MediaTrouble, NetworkTrouble, RedirectTrouble, Side, TlsTrouble};

/// English for a person: what happened, and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// One sentence.
    pub what: String,
    /// What to do next; empty if nothing needs doing.
    pub advice: &'static str,
}

fn explain(what: impl Into<String>, advice: &'static str) -> Explanation {
    Explanation { what: what.into(), advice }
}

impl EndReason {
    /// The reason in English; a translation starts from [`EndReason::id`] instead.
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        match self {
            Self::HungUp(Side::Us) => explain("You hung up.", ""),
            Self::HungUp(Side::Peer) => explain("The other side hung up.", ""),
            Self::Cancelled(Side::Us) => explain("You gave up before an answer.", ""),
            Self::Cancelled(Side::Peer) => explain("The caller gave up before an answer.", ""),
            Self::Declined(Side::Us) => explain("You declined the call.", ""),
            Self::Declined(Side::Peer) => explain("The other side declined the call.", ""),
            Self::Busy(Side::Us) => explain("You were in another call, or another one was ringing.", ""),
            Self::Busy(Side::Peer) => explain("The other side is busy.", "Call again later."),
            Self::NoAnswer(Side::Us) => explain("The call was not answered here.", ""),
            Self::NoAnswer(Side::Peer) => explain("Nobody answered.", "Call again later."),
            Self::NoSign => explain("Nothing rang there.", ""),
            Self::NotArrived => explain("A call was announced, and never came.", "Call back."),
            Self::AnsweredElsewhere => explain("Another of your devices answered.", ""),
            Self::DeclinedElsewhere => explain("Another of your devices declined.", ""),
            Self::ShutDown => explain("This phone was shut down.", ""),
            Self::CutOffUnanswered => explain("This phone was ended before anybody answered.", "Call again."),
            Self::CutOff => explain("This phone was ended in the middle of the call.", "Call again."),
            Self::Overload => explain("This phone has too many calls at once.", "End another call first."),
            Self::Unavailable => explain("None of the other side's phones is reachable.", "Call again later."),
            Self::NotFound => explain("There is nobody at that address.", "Check how the address is spelled."),
            Self::BadAddress => explain("That is no address that can be called.", "Write it like anna@example.org."),
            Self::NoAccount => explain("You have no address to call from.", "Add one: cooee account add anna@example.org"),
            Self::Emergency => explain("This is an emergency number. Cooee never carries it.", "Dial it on an ordinary telephone, now."),
            Self::OrdinaryDialler => {
                explain("No way over the Internet to this number is known.", "Hand it to the ordinary dialler: call it on a telephone.")
            }
            Self::NotYet => explain("Calls by XMPP are not yet possible with this version.", "Ask for an address that takes calls by SIP."),
            Self::Redirected(trouble) => trouble.explanation(),
            Self::Transferred => explain("The call was handed over.", ""),
            Self::Replaced => explain("Another call took its place.", ""),
            Self::DoNotDisturb => explain("You did not want to be disturbed.", ""),
            Self::Blocked => explain("You take no calls from there.", ""),
            Self::Anonymous => explain("The caller withheld who it is, and you take no such calls.", ""),
            _ => self.explain_trouble(),
        }
    }

    fn explain_trouble(&self) -> Explanation {
        match self {
            Self::Login(trouble) => trouble.explanation(),
            Self::Untrusted(trouble) => trouble.explanation(),
            Self::Unreachable(trouble) => trouble.explanation(),
            Self::Media(trouble) => trouble.explanation(),
            Self::Forbidden { text } => explain(format!("Your server, theirs or the other side does not allow this call ({text})."), ""),
            Self::NoSuchDomain { domain } => {
                explain(format!("There is no domain “{domain}”."), "Check how the account's address is spelled.")
            }
            Self::NoService { domain } => {
                explain(format!("“{domain}” says that it offers no calls by SIP."), "Ask its operator which domain to use.")
            }
            Self::InsecureOnly { domain, offered } => explain(
                format!("“{domain}” can only be called without encryption ({offered})."),
                if offered.contains("TCP") {
                    "If that is what you want, set this account's transport to TCP."
                } else {
                    "If that is what you want, set this account's transport to UDP."
                },
            ),
            Self::ServerGone => explain("The connection to the account's server was lost.", "Check this device's network."),
            Self::WrongSignatures { domain } => explain(
                format!("What {domain} says of where to call was not used: its signatures (DNSSEC) are wrong."),
                "Somebody on the way may have changed it. Try another network, or call on a telephone.",
            ),
            Self::ServerError { status, text } => explain(format!("A server failed: {status} {text}."), "Call again later."),
            Self::PeerSilent => explain("The other phone stopped answering.", "Call again."),
            Self::NetworkChanged => explain("Your network changed.", "Call again."),
            Self::SessionExpired => explain("The other phone no longer said that it is in the call.", "Call again."),
            Self::NoCommonCodec => explain("The two phones have no codec in common.", "Allow more codecs."),
            Self::SecurityRefused => explain(
                "The two phones have no way to encrypt the call in common.",
                "Ask the other side for a phone that encrypts, or allow unencrypted calls for this account.",
            ),
            Self::NotAcceptable { text } => {
                explain(format!("The other phone cannot take such a call ({text})."), "Try other codecs or media security.")
            }
            Self::BadDescription => explain("The other phone's description of the call makes no sense.", ""),
            Self::PeerError { status, text } => explain(format!("The other side refused: {status} {text}."), ""),
            _ => explain(self.to_string(), ""),
        }
    }
}

impl LoginTrouble {
    /// In English.
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        match self {
            Self::WrongPassword => {
                explain("The server does not accept the password.", "Give the right one: cooee account password ADDRESS.")
            }
            Self::Withheld => explain(
                "The other side's server takes calls of its own users only, or your server asks for your password as the other side could.",
                "Ask who you call how to reach them. Your password was not told to anybody.",
            ),
            Self::PasswordLost => {
                explain("This device cannot read the account's password any more.", "Give it again: cooee account password ADDRESS.")
            }
            Self::KeyLost => explain(
                "This device has lost the key that it proves itself by.",
                "Sign in again: remove the account and add it with another key.",
            ),
            Self::UnknownUser => explain("The server knows no such user.", "Check how the account's address is spelled."),
            Self::Forbidden => explain("The server does not let this account in.", "Ask its operator."),
            Self::Other { status, text } => explain(format!("The server refuses: {status} {text}."), "Ask its operator."),
        }
    }
}

impl TlsTrouble {
    /// In English.
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        match self {
            Self::UnknownAuthority { shown } => {
                let by = shown.as_ref().map_or(String::new(), |shown| format!(", but by the authority with the fingerprint {shown}"));
                explain(
                    format!("The server's certificate is signed by nobody this device trusts{by}."),
                    "If the server is private, compare that fingerprint with its owner, by another way than this one; if it is the same, trust it for \
                     this account. Otherwise somebody may be in between.",
                )
            }
            Self::OtherAuthority { shown } => explain(
                format!(
                    "The server's certificate is signed by another authority than the one you compared: by that with the fingerprint {shown}."
                ),
                "Somebody may be in between. Trust the new one only if the server's owner has changed it and the fingerprints are the same.",
            ),
            Self::Expired => {
                explain("The server's certificate is not valid at this time.", "Check this device's clock, else ask the server's operator.")
            }
            Self::WrongName { names } => explain(
                format!("The server's certificate is for another name ({names})."),
                "Check how the account's address is spelled, else ask the server's operator.",
            ),
            Self::NotPinned { shown } => explain(
                format!("The server's certificate is not the one that was pinned, but {shown}."),
                "If its operator has renewed it, remove the account and add it again with the new pin; else somebody may be in between.",
            ),
            Self::OldVersion => {
                explain("The server knows only versions of TLS before 1.2, which are broken.", "Ask its operator to allow TLS 1.2 or 1.3.")
            }
            Self::NoTls => explain(
                "The server takes the connection but does not speak TLS on it.",
                "Check the port, or ask its operator which port takes calls by TLS.",
            ),
            Self::Other { text } => explain(format!("No secure connection to the server: {text}."), "Ask its operator."),
        }
    }
}

impl NetworkTrouble {
    /// In English.
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        match self {
            Self::Refused => explain("Nobody listens at the server's address.", "Check that the server is running, and its address."),
            Self::Timeout => explain("The server cannot be reached.", "Check this device's network, and that the server is running."),
            Self::Silent => explain("The server is there but does not answer.", "Try again later, or ask its operator."),
            Self::NoAddress { domain } => explain(format!("“{domain}” has no address."), "Check how the account's address is spelled."),
            Self::Dns { text } => explain(format!("The domain could not be looked up: {text}."), "Check this device's network."),
            Self::Network { text } => explain(format!("The network refuses: {text}."), "Check this device's network."),
        }
    }
}

impl RedirectTrouble {
    /// In English.
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        let ask = "Ask for the new address.";
        match self {
            Self::Nowhere => explain("The address has moved, and its new place cannot be called.", ask),
            Self::TooMany => explain("The address has moved, and moved, and moved on.", ask),
            Self::Loop => explain("The address has moved, and its new place points back to it.", ask),
            Self::Number => explain(
                "The address has moved to a telephone number, and calling that may cost.",
                "If that is what you want, call the number yourself.",
            ),
            Self::Emergency => explain(
                "The address has moved to an emergency number, which is not called from here.",
                "If you need help, call that number with the telephone.",
            ),
            Self::Insecure => explain(
                "The address has moved to a place that may be called without encryption.",
                "If that is what you want, call the new address yourself.",
            ),
        }
    }
}

impl MediaTrouble {
    /// In English.
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        match self {
            Self::NoPath => explain("No path for sound between the two phones.", "Try another network on either side."),
            Self::NoAddress => explain("The other phone named no place to send sound to.", ""),
            Self::Handshake => explain("The keys for the sound could not be agreed.", "Call again."),
            Self::Fingerprint => explain("The other phone did not prove who it is: somebody may be in between.", "Do not trust this path."),
            Self::NoCommonCipher => explain("The two phones have no cipher in common.", ""),
            Self::NoSocket { text } => explain(format!("No port for sound could be opened: {text}."), "Close other programs."),
            Self::Internal => explain("This phone could not set up the sound.", "Please report this."),
            Self::Timeout => explain("No sound came about in time.", "Call again."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_a_sentence_and_every_fault_of_ours_comes_with_advice() {
        for reason in EndReason::examples("its words") {
            let explanation = reason.explanation();
            assert!(explanation.what.ends_with('.') && !explanation.what.contains(reason.id()), "{reason}");
            let needs_advice = reason.fault() == super::super::Fault::Ours && reason.id() != "shut-down";
            assert!(!needs_advice || !explanation.advice.is_empty(), "{reason}");
        }
    }
}
