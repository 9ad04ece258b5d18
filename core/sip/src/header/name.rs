use std::fmt;

use crate::grammar::{TOKEN, all, text};

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
        const SPELLINGS: &[(&str, HeaderName<'static>)] = &[$(($name, HeaderName::$variant), $(($compact, HeaderName::$variant),)?)*];

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
    FeatureCaps = "Feature-Caps";
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

/// The positions of the names that the hot paths ask for.
pub(crate) mod position {
    use super::HeaderName;

    pub(super) const fn of(name: HeaderName<'static>) -> u8 {
        match name.index() {
            Some(index) => index,
            None => OTHER,
        }
    }

    /// Of every name that is none of the known.
    pub(crate) const OTHER: u8 = u8::MAX;
    pub(crate) const CALL_ID: u8 = of(HeaderName::CallId);
    pub(crate) const CONTACT: u8 = of(HeaderName::Contact);
    pub(crate) const CONTENT_LENGTH: u8 = of(HeaderName::ContentLength);
    pub(crate) const CONTENT_TYPE: u8 = of(HeaderName::ContentType);
    pub(crate) const CSEQ: u8 = of(HeaderName::CSeq);
    pub(crate) const FROM: u8 = of(HeaderName::From);
    pub(crate) const MAX_FORWARDS: u8 = of(HeaderName::MaxForwards);
    pub(crate) const RECORD_ROUTE: u8 = of(HeaderName::RecordRoute);
    pub(crate) const ROUTE: u8 = of(HeaderName::Route);
    pub(crate) const TO: u8 = of(HeaderName::To);
    pub(crate) const VIA: u8 = of(HeaderName::Via);
}

/// How many letters a name may have to be found by its word: most have fewer.
pub(crate) const WORD: usize = 16;
/// Every octet 1.
const ONES: u64 = u64::MAX / 255;
/// Sets the bit that makes a letter lower-case.
const FOLD: u64 = ONES * 0x20;

/// A name of at most [`WORD`] letters as two numbers: its letters in lower case, 255 behind them.
type Word = [u64; 2];

const fn word_of(name: &[u8]) -> Word {
    let mut word = u128::MAX;
    let mut rest = name;
    while let [before @ .., last] = rest {
        word = (word << 8) | *last as u128;
        rest = before;
    }
    [word as u64 | FOLD, (word >> 64) as u64 | FOLD]
}

/// A slot for a word; the table resolves what still collides.
#[inline]
const fn slot_of([low, high]: Word) -> usize {
    ((low ^ high.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SLOT_BITS)) as usize
}

/// The table has two to the power of this many slots, so that most names are found in the first.
const SLOT_BITS: u32 = 9;
const SLOTS: usize = 1 << SLOT_BITS;
const FREE: u8 = u8::MAX;

/// Which of [`WORDS`] to compare with.
#[expect(clippy::indexing_slicing, reason = "the compiler computes it: out of bounds would not build")]
static TABLE: [u8; SLOTS] = {
    let mut table = [FREE; SLOTS];
    let mut i = 0;
    while i < SPELLINGS.len() {
        if SPELLINGS[i].0.len() <= WORD {
            let mut slot = slot_of(WORDS[i].0);
            while table[slot] != FREE {
                slot = (slot + 1) % SLOTS;
            }
            table[slot] = i as u8;
        }
        i += 1;
    }
    table
};

/// The words of [`SPELLINGS`] and the positions they stand for.
#[expect(clippy::indexing_slicing, reason = "the compiler computes it: out of bounds would not build")]
static WORDS: [(Word, u8); SPELLINGS.len()] = {
    let mut words = [([0; 2], position::OTHER); SPELLINGS.len()];
    let mut i = 0;
    while i < SPELLINGS.len() {
        if SPELLINGS[i].0.len() <= WORD {
            words[i] = (word_of(SPELLINGS[i].0.as_bytes()), position::of(SPELLINGS[i].1));
        }
        i += 1;
    }
    words
};

#[inline]
fn find_word(word: Word) -> u8 {
    let mut slot = slot_of(word);
    while let Some((known, position)) = TABLE.get(slot).and_then(|i| WORDS.get(usize::from(*i))) {
        if *known == word {
            return *position;
        }
        slot = (slot + 1) % SLOTS;
    }
    position::OTHER
}

/// Reads a known name of at most [`WORD`] letters and the colon behind it from the start of `text`: the name's position and
/// where the colon is. `None` says nothing but that it is to be read octet by octet. A carriage return passes for a hyphen.
#[inline]
pub(crate) fn find_before_colon(text: &[u8; WORD]) -> Option<(u8, usize)> {
    let ([low, high], _) = text.as_chunks::<8>() else { return None };
    let (low, high) = (u64::from_le_bytes(*low), u64::from_le_bytes(*high));
    let (colon, position) = match colon_in(low) {
        0 => match colon_in(high) {
            0 => return None,
            colon => (64 + colon.trailing_zeros(), find_word([low | FOLD, high | from(colon) | FOLD])),
        },
        colon => (colon.trailing_zeros(), find_word([low | from(colon) | FOLD, u64::MAX])),
    };
    (position != position::OTHER).then_some((position, colon as usize / 8))
}

/// The lowest bit that is set stands in the first octet that is a colon.
#[inline]
fn colon_in(word: u64) -> u64 {
    let differing = word ^ (ONES * b':' as u64);
    differing.wrapping_sub(ONES) & !differing & (ONES << 7)
}

/// Every octet from the first colon on, by what [`colon_in`] says.
#[inline]
fn from(colon: u64) -> u64 {
    !((colon ^ colon.wrapping_sub(1)) >> 8)
}

/// The position of the name that `name` spells, in any case, long or compact.
pub(crate) fn find(name: &[u8]) -> u8 {
    if name.len() <= WORD && all(name, TOKEN) {
        return find_word(word_of(name));
    }
    let known = SPELLINGS.iter().find(|(spelling, _)| spelling.as_bytes().eq_ignore_ascii_case(name));
    known.map_or(position::OTHER, |(_, name)| position::of(*name))
}

impl<'a> HeaderName<'a> {
    /// The name that `name` spells, in any case, long or compact.
    #[inline]
    #[must_use]
    pub fn from_bytes(name: &'a [u8]) -> Self {
        Self::from_index(find(name)).unwrap_or(Self::Other(name))
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
            for spelling in [spelling.to_string(), spelling.to_ascii_uppercase(), spelling.to_ascii_lowercase()] {
                assert_eq!(HeaderName::from_bytes(spelling.as_bytes()), *name);
            }
            assert_eq!(HeaderName::from_index(name.index().unwrap()).unwrap(), *name);
        }
    }

    fn before_colon(text: &str) -> Option<(u8, usize)> {
        let mut padded = [b'x'; WORD];
        padded[..text.len()].copy_from_slice(text.as_bytes());
        find_before_colon(&padded)
    }

    #[test]
    fn every_short_name_is_found_in_its_word() {
        for (spelling, name) in SPELLINGS {
            let length = spelling.len();
            for text in [format!("{spelling}:"), format!("{}:", spelling.to_ascii_uppercase())] {
                if text.len() <= WORD {
                    assert_eq!(before_colon(&text), name.index().map(|i| (i, length)), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_word_with_one_octet_changed_is_no_name_or_another() {
        for (spelling, name) in SPELLINGS.iter().filter(|(s, _)| s.len() < WORD) {
            for place in 0..spelling.len() {
                for octet in (0..=127).filter(|o| *o != b'\r') {
                    let mut changed = spelling.as_bytes().to_vec();
                    changed[place] = octet;
                    let found = before_colon(&format!("{}:", String::from_utf8(changed.clone()).unwrap()));
                    let expected = HeaderName::from_bytes(&changed).index();
                    assert!(octet == b':' || found.map(|(position, _)| position) == expected, "{name} {octet} at {place}");
                }
            }
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
