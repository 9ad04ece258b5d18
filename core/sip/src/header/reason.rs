use std::borrow::Cow;
use std::fmt;

use super::param::{Params, params};
use crate::grammar::{Number, TOKEN, number, quote, skip_space, span, text};

/// One value of `Reason` (RFC 3326): why a request was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Reason<'a> {
    protocol: &'a [u8],
    cause: Option<u32>,
    params: Params<'a>,
}

impl<'a> Reason<'a> {
    /// Reads one value; `None` if it is malformed.
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let (protocol, rest) = span(skip_space(value), TOKEN);
        let (params, rest) = params(rest, |_, _, _| {})?;
        let cause = match params.token("cause").map(|c| number(c.as_bytes())) {
            Some(Some(Number::Fits(cause))) => Some(cause),
            _ => None,
        };
        (!protocol.is_empty() && rest.is_empty()).then_some(Self { protocol, cause, params })
    }

    /// Whose causes are meant: `SIP`, `Q.850` …
    #[must_use]
    pub fn protocol(&self) -> &'a str {
        text(self.protocol)
    }

    /// The cause: a status code for `SIP`.
    #[must_use]
    pub fn cause(&self) -> Option<u32> {
        self.cause
    }

    /// Words for a person.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        self.params.value("text")
    }

    /// The cause, if the protocol is `SIP`; 200 is "call completed elsewhere".
    #[must_use]
    pub fn sip_cause(&self) -> Option<u32> {
        self.protocol.eq_ignore_ascii_case(b"SIP").then_some(self.cause).flatten()
    }
}

/// A `Reason` of protocol SIP as it goes on the wire: `SIP;cause=200;text="Call completed elsewhere"`.
#[must_use]
pub fn sip_reason(cause: u16, text: &str) -> String {
    if text.is_empty() { format!("SIP;cause={cause}") } else { format!("SIP;cause={cause};text={}", quote(text)) }
}

impl fmt::Debug for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reason({} {:?})", self.protocol(), self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_reads_back_as_printed() {
        let printed = sip_reason(200, "Call \"completed\" elsewhere");
        let reason = Reason::parse(printed.as_bytes()).unwrap();
        assert_eq!((reason.protocol(), reason.sip_cause()), ("SIP", Some(200)));
        assert_eq!(reason.text().unwrap(), "Call \"completed\" elsewhere");
        assert_eq!(sip_reason(487, ""), "SIP;cause=487");
    }

    #[test]
    fn other_protocols_and_missing_causes_are_no_sip_cause() {
        assert_eq!(Reason::parse(b"Q.850 ;cause=16 ;text=\"Terminated\"").unwrap().sip_cause(), None);
        assert_eq!(Reason::parse(b"SIP;cause=abc").unwrap().sip_cause(), None);
        assert_eq!(Reason::parse(b";cause=1"), None);
    }
}
