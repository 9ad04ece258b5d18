use std::fmt;

use crate::grammar::text;

macro_rules! names {
    ($($variant:ident = $name:literal $(, $compact:literal)?;)*) => {
        /// The name of a header field: known ones in any case and in their compact form, others as they came.
        #[derive(Clone, Copy)]
        #[allow(missing_docs, reason = "each variant is the name it stands for")]
        pub enum HeaderName<'a> {
            $(#[doc = $name] $variant,)*
            /// Any other token.
            Other(&'a [u8]),
        }

        const KNOWN: &[(&str, HeaderName<'static>)] = &[$(($name, HeaderName::$variant),)*];
        const SPELLINGS: &[(&[u8], HeaderName<'static>)] =
            &[$(($name.as_bytes(), HeaderName::$variant), $(($compact.as_bytes(), HeaderName::$variant),)?)*];

        /// Positions in [`KNOWN`].
        #[repr(u8)]
        enum Position { $($variant,)* }

        impl<'a> HeaderName<'a> {
            /// Position among the known names; `None` for any other.
            #[inline]
            pub(crate) const fn index(self) -> Option<u8> {
                match self {
                    $(Self::$variant => Some(Position::$variant as u8),)*
                    Self::Other(_) => None,
                }
            }
        }
    };
}

names! {
    Accept = "Accept";
    AcceptContact = "Accept-Contact", "a";
    AcceptEncoding = "Accept-Encoding";
    AcceptLanguage = "Accept-Language";
    AlertInfo = "Alert-Info";
    Allow = "Allow";
    AllowEvents = "Allow-Events", "u";
    AuthenticationInfo = "Authentication-Info";
    Authorization = "Authorization";
    CallId = "Call-ID", "i";
    CallInfo = "Call-Info";
    Contact = "Contact", "m";
    ContentDisposition = "Content-Disposition";
    ContentEncoding = "Content-Encoding", "e";
    ContentLanguage = "Content-Language";
    ContentLength = "Content-Length", "l";
    ContentType = "Content-Type", "c";
    CSeq = "CSeq";
    Date = "Date";
    Diversion = "Diversion";
    ErrorInfo = "Error-Info";
    Event = "Event", "o";
    Expires = "Expires";
    FlowTimer = "Flow-Timer";
    From = "From", "f";
    HistoryInfo = "History-Info";
    Identity = "Identity", "y";
    InReplyTo = "In-Reply-To";
    MaxForwards = "Max-Forwards";
    MimeVersion = "MIME-Version";
    MinExpires = "Min-Expires";
    MinSe = "Min-SE";
    Organization = "Organization";
    PAssertedIdentity = "P-Asserted-Identity";
    PPreferredIdentity = "P-Preferred-Identity";
    Path = "Path";
    Priority = "Priority";
    Privacy = "Privacy";
    ProxyAuthenticate = "Proxy-Authenticate";
    ProxyAuthorization = "Proxy-Authorization";
    ProxyRequire = "Proxy-Require";
    RAck = "RAck";
    RSeq = "RSeq";
    Reason = "Reason";
    RecordRoute = "Record-Route";
    ReferTo = "Refer-To", "r";
    ReferredBy = "Referred-By", "b";
    RejectContact = "Reject-Contact", "j";
    Replaces = "Replaces";
    ReplyTo = "Reply-To";
    RequestDisposition = "Request-Disposition", "d";
    Require = "Require";
    RetryAfter = "Retry-After";
    Route = "Route";
    Server = "Server";
    ServiceRoute = "Service-Route";
    SessionExpires = "Session-Expires", "x";
    SessionId = "Session-ID";
    SipEtag = "SIP-ETag";
    SipIfMatch = "SIP-If-Match";
    Subject = "Subject", "s";
    SubscriptionState = "Subscription-State";
    Supported = "Supported", "k";
    Timestamp = "Timestamp";
    To = "To", "t";
    Unsupported = "Unsupported";
    UserAgent = "User-Agent";
    Via = "Via", "v";
    Warning = "Warning";
    WwwAuthenticate = "WWW-Authenticate";
}

const _: () = assert!(KNOWN.len() < 128, "the set of names seen is kept in 128 bits");

/// Slots of the spelling table; a power of two.
const SLOTS: usize = 512;
const EMPTY: u8 = u8::MAX;

/// Mixes length, first and last letter; the table resolves what still collides.
const fn slot_of(length: usize, first: u8, last: u8) -> usize {
    (length.wrapping_mul(89) ^ ((first | 0x20) as usize).wrapping_mul(31) ^ ((last | 0x20) as usize).wrapping_mul(7)) & (SLOTS - 1)
}

#[expect(clippy::indexing_slicing, reason = "the compiler computes it: out of bounds would not build")]
const TABLE: [u8; SLOTS] = {
    let mut table = [EMPTY; SLOTS];
    let mut i = 0;
    while i < SPELLINGS.len() {
        let name = SPELLINGS[i].0;
        let mut slot = slot_of(name.len(), name[0], name[name.len() - 1]);
        while table[slot] != EMPTY {
            slot = (slot + 1) & (SLOTS - 1);
        }
        table[slot] = i as u8;
        i += 1;
    }
    table
};

impl<'a> HeaderName<'a> {
    /// The name that `name` spells, in any case, long or compact.
    #[inline]
    #[must_use]
    pub fn from_bytes(name: &'a [u8]) -> Self {
        let ([first, .., last] | [first @ last]) = name else { return Self::Other(name) };
        let mut slot = slot_of(name.len(), *first, *last);
        while let Some((spelling, known)) = TABLE.get(slot).and_then(|i| SPELLINGS.get(usize::from(*i))) {
            if *spelling == name || spelling.eq_ignore_ascii_case(name) {
                return *known;
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
        Self::Other(name)
    }

    /// The known name at a position given by [`HeaderName::index`].
    pub(crate) fn from_index(index: u8) -> Option<HeaderName<'static>> {
        KNOWN.get(usize::from(index)).map(|(_, name)| *name)
    }

    /// Its long form as it is written.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        match self {
            Self::Other(name) => name,
            known => known.index().and_then(|i| KNOWN.get(usize::from(i))).map_or(b"", |(name, _)| name.as_bytes()),
        }
    }

    /// Its long form as text (a name is a token, hence ASCII).
    #[must_use]
    pub fn as_str(self) -> &'a str {
        text(self.as_bytes())
    }
}

impl PartialEq for HeaderName<'_> {
    fn eq(&self, other: &HeaderName<'_>) -> bool {
        match (self.index(), other.index()) {
            (None, None) => self.as_bytes().eq_ignore_ascii_case(other.as_bytes()),
            (a, b) => a == b,
        }
    }
}

impl Eq for HeaderName<'_> {}

impl fmt::Display for HeaderName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for HeaderName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_found_in_any_case() {
        for (spelling, name) in SPELLINGS {
            assert_eq!(HeaderName::from_bytes(spelling), *name);
            assert_eq!(HeaderName::from_bytes(&spelling.to_ascii_uppercase()), *name);
            assert_eq!(HeaderName::from_bytes(&spelling.to_ascii_lowercase()), *name);
            assert_eq!(HeaderName::from_index(name.index().unwrap()).unwrap(), *name);
        }
    }

    #[test]
    fn an_unknown_name_is_kept_as_it_came_and_compared_without_case() {
        assert_eq!(HeaderName::from_bytes(b"C%6Fntact").as_str(), "C%6Fntact");
        assert_eq!(HeaderName::Other(b"X-One"), HeaderName::Other(b"x-oNE"));
        assert_ne!(HeaderName::Other(b"X-One"), HeaderName::Via);
        assert_eq!(HeaderName::from_bytes(b""), HeaderName::Other(b""));
    }
}
