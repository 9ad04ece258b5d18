use std::time::Duration;

use cooee_machine::{DnsSecurity, Pii};

use super::{Finding, Protocol, Published, Service, Unknown};
use crate::{Address, Inquiry};

/// What is known of one address of a person: the dial plan ranks by it, and people read it. A hint, never a promise: whoever
/// dials looks the way up again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// This user took a call, last.
    pub answered: Option<Answered>,
    /// What asking this user's phone has come to.
    pub inquiry: Option<Inquiry>,
    /// What the domain says; `None`: nobody asked yet.
    pub domain: Option<Finding>,
}

/// This very user took a call of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// When, since the Unix epoch.
    pub when: Duration,
    /// Over which protocol.
    pub protocol: Protocol,
}

/// The one word for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReachState {
    /// This user took a call, or this user's phone answered a question, since the Unix epoch.
    Answered(Duration),
    /// The server of the domain says that there is nobody of this name.
    NoSuchUser,
    /// The domain takes calls.
    PublishesCalls,
    /// The domain says that it takes none.
    Refuses,
    /// The domain says nothing about calls.
    NotPublished,
    /// It is not known, and why.
    Unknown(Unknown),
}

impl ReachState {
    /// As people read it, in every place alike.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered(_) => "answered",
            Self::NoSuchUser => "no such user",
            Self::PublishesCalls => "publishes calls",
            Self::Refuses => "refuses",
            Self::NotPublished => "not published",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl Reach {
    /// What is known of an address, from what its domain says and when its user was there: services that it cannot be called by are
    /// left out.
    #[must_use]
    pub fn new(address: &Address, domain: Option<Finding>, answered: Option<Answered>, inquiry: Option<Inquiry>) -> Self {
        Self { answered, inquiry, domain: domain.map(|finding| finding.restricted_to(protocols(address))) }
    }

    /// The one word for it. That somebody answered outweighs everything but what was said since: that there is nobody of this name, or
    /// that the domain takes no calls.
    #[must_use]
    pub fn state(&self) -> ReachState {
        let domain = self.domain.as_ref();
        let refused = domain.filter(|finding| finding.published == Published::Refuses).map(|finding| finding.checked);
        let denied = self.inquiry.and_then(|inquiry| inquiry.denied());
        match self.there() {
            Some(when) if denied.max(refused) <= Some(when) => ReachState::Answered(when),
            _ if denied > refused => ReachState::NoSuchUser,
            _ => domain.map_or(ReachState::Unknown(Unknown::NotAsked), |finding| match finding.published {
                Published::Calls(_) => ReachState::PublishesCalls,
                Published::Refuses => ReachState::Refuses,
                Published::Nothing => ReachState::NotPublished,
                Published::Unknown(why) => ReachState::Unknown(why),
            }),
        }
    }

    /// When this user was there last, by a call or asked, since the Unix epoch.
    #[must_use]
    pub fn there(&self) -> Option<Duration> {
        self.answered.map(|answered| answered.when).max(self.inquiry.and_then(|inquiry| inquiry.there()))
    }

    /// The services to be called by, the best first; none if none is known.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        match self.domain.as_ref().map(|finding| &finding.published) {
            Some(Published::Calls(services)) => services,
            _ => &[],
        }
    }

    /// Whether the domain's word was validated; `None` if it said none.
    #[must_use]
    pub fn security(&self) -> Option<DnsSecurity> {
        let finding = self.domain.as_ref()?;
        (!matches!(finding.published, Published::Unknown(_))).then_some(finding.security)
    }

    /// How long ago the domain was asked; `None` if it never was.
    #[must_use]
    pub fn age(&self, unix: Duration) -> Option<Duration> {
        self.domain.as_ref().map(|finding| unix.saturating_sub(finding.checked))
    }
}

/// What a person of this address can be called by.
fn protocols(address: &Address) -> &'static [Protocol] {
    match address {
        Address::Sip(_) | Address::User(_) | Address::Number(_) => &[Protocol::Sip],
        Address::Xmpp(_) => &[Protocol::Xmpp],
        Address::Mailbox(_) => &[Protocol::Sip, Protocol::Xmpp],
    }
}

/// The names under which it is kept that a person was there: one for each protocol that the address may be called by.
#[must_use]
pub fn person_keys(address: &Address) -> Vec<Pii<String>> {
    match address {
        Address::Mailbox(mailbox) => {
            let (sip, xmpp) = (mailbox.sip().map(Address::Sip), mailbox.xmpp().map(Address::Xmpp));
            sip.into_iter().chain(xmpp).map(|address| address.canonical()).collect()
        }
        Address::User(_) => Vec::new(),
        other => vec![other.canonical()],
    }
}

#[cfg(test)]
mod tests {
    use super::super::Source;
    use super::*;
    use crate::Reply;

    const DAY: Duration = Duration::from_secs(86_400);

    fn says(published: Published) -> Reach {
        let domain = Finding { published, security: DnsSecurity::Secure, source: Source::Dns, checked: DAY * 2, ttl: DAY };
        Reach { domain: Some(domain), ..Reach::default() }
    }

    fn answered(when: Duration) -> Option<Answered> {
        Some(Answered { when, protocol: Protocol::Sip })
    }

    #[test]
    fn there_is_one_word_for_what_a_domain_says() {
        let words = [
            (Reach::default(), "unknown"),
            (says(Published::Calls(vec![Service::Sips])), "publishes calls"),
            (says(Published::Refuses), "refuses"),
            (says(Published::Nothing), "not published"),
            (says(Published::Unknown(Unknown::Implausible)), "unknown"),
        ];
        for (reach, word) in words {
            assert_eq!(reach.state().as_str(), word);
        }
        assert_eq!(says(Published::Unknown(Unknown::Implausible)).security(), None, "nothing was said that could be believed");
        assert_eq!(says(Published::Refuses).age(DAY * 5), Some(DAY * 3));
    }

    #[test]
    fn who_answered_is_reachable_until_the_domain_refuses_later() {
        for published in [Published::Nothing, Published::Unknown(Unknown::NotAsked), Published::Calls(vec![Service::SipUdp])] {
            let reach = Reach { answered: answered(DAY), ..says(published) };
            assert_eq!(reach.state(), ReachState::Answered(DAY));
        }
        let refused = |when| Reach { answered: answered(when), ..says(Published::Refuses) }.state();
        assert_eq!(refused(DAY), ReachState::Refuses);
        assert_eq!(refused(DAY * 3), ReachState::Answered(DAY * 3));
    }

    #[test]
    fn who_was_asked_is_there_or_is_nobody_by_what_was_said_last() {
        let says = |reply, when| Some(Inquiry { asked: when, said: Some((reply, when)) });
        let state = |answered, inquiry, published| Reach { answered, inquiry, ..self::says(published) }.state();
        let calls = || Published::Calls(vec![Service::Sips]);
        assert_eq!(state(None, says(Reply::There, DAY), calls()), ReachState::Answered(DAY));
        assert_eq!(state(answered(DAY), says(Reply::There, DAY * 3), calls()), ReachState::Answered(DAY * 3));
        assert_eq!(state(None, says(Reply::NoSuchUser, DAY), calls()), ReachState::NoSuchUser);
        assert_eq!(state(answered(DAY), says(Reply::NoSuchUser, DAY * 3), calls()), ReachState::NoSuchUser);
        assert_eq!(state(answered(DAY * 4), says(Reply::NoSuchUser, DAY * 3), calls()), ReachState::Answered(DAY * 4));
        assert_eq!(state(None, says(Reply::NoSuchUser, DAY), Published::Refuses), ReachState::Refuses, "said later");
        for unknown in [says(Reply::NotTaken, DAY), Some(Inquiry { asked: DAY, said: None })] {
            assert_eq!(state(None, unknown, calls()), ReachState::PublishesCalls);
        }
    }

    #[test]
    fn the_services_of_a_domain_are_found_by_their_labels() {
        for service in Service::ALL {
            assert_eq!(Service::of_label(service.label()), Some(service));
        }
        assert_eq!(Service::of_label("_sip._tls"), None);
        assert_eq!(says(Published::Calls(vec![Service::Sips])).services(), [Service::Sips]);
        assert_eq!(says(Published::Nothing).services(), []);
    }

    #[test]
    fn an_address_is_reached_by_its_own_protocols_only() {
        let state = |text: &str, service| {
            let address = Address::understand(text, None).unwrap().address;
            Reach::new(&address, says(Published::Calls(vec![service])).domain, None, None).state()
        };
        assert_eq!(state("anna@example.org", Service::XmppServer), ReachState::PublishesCalls);
        assert_eq!(state("sip:anna@example.org", Service::XmppServer), ReachState::NotPublished);
        assert_eq!(state("xmpp:anna@example.org", Service::XmppServer), ReachState::PublishesCalls);
        assert_eq!(state("xmpp:anna@example.org", Service::Sips), ReachState::NotPublished);
    }

    #[test]
    fn who_was_called_by_one_protocol_is_known_by_a_mailbox_of_the_same_name() {
        let keys = |text: &str| person_keys(&Address::understand(text, None).unwrap().address);
        assert!(keys("Anna <anna@example.org>").contains(&keys("sip:anna@EXAMPLE.org;transport=tcp")[0]));
        assert!(keys("anna@example.org").contains(&keys("xmpp:anna@example.org/desk")[0]));
        assert!(keys("ben").is_empty(), "whoever that is in the domain of the account");
    }
}
