//! A call that takes the place of another: RFC 3891.

use super::leg::Leg;
use super::{LegId, UserAgent};
use crate::header::HeaderName;
use crate::message::Message;

/// The value of `Replaces`.
struct Replaces<'a> {
    call_id: &'a str,
    to_tag: &'a str,
    from_tag: &'a str,
    early_only: bool,
}

impl<'a> Replaces<'a> {
    fn parse(value: &'a str) -> Option<Self> {
        let mut parts = value.split(';').map(str::trim);
        let call_id = parts.next().filter(|id| !id.is_empty())?;
        let (mut to_tag, mut from_tag, mut early_only) = (None, None, false);
        for part in parts {
            let (name, value) = part.split_once('=').map_or((part, ""), |(name, value)| (name.trim_end(), value.trim_start()));
            let tag = if name.eq_ignore_ascii_case("to-tag") {
                &mut to_tag
            } else if name.eq_ignore_ascii_case("from-tag") {
                &mut from_tag
            } else {
                early_only |= name.eq_ignore_ascii_case("early-only");
                continue;
            };
            if value.is_empty() || tag.replace(value).is_some() {
                return None;
            }
        }
        Some(Self { call_id, to_tag: to_tag?, from_tag: from_tag?, early_only })
    }

    fn is(&self, key: &crate::dialog::DialogKey) -> bool {
        // A tag of zero means none as well (6.1).
        let same = |theirs: &str, ours: &str| theirs == ours || theirs == "0" && ours.is_empty();
        self.call_id == key.call_id && same(self.to_tag, &key.local_tag) && same(self.from_tag, &key.remote_tag)
    }
}

impl UserAgent {
    /// The leg that an INVITE is to take the place of, if any; else the status to refuse it with. Whoever knows all three names
    /// of a dialog has them from one of its two ends, or from a server on its way: that is authority enough.
    pub(super) fn replaced_by(&self, invite: &Message<'_>) -> Result<Option<LegId>, u16> {
        let mut values = invite.headers().filter(|header| header.name == HeaderName::Replaces).map(|header| header.value);
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(400);
        }
        let replaces = std::str::from_utf8(value).ok().and_then(Replaces::parse).ok_or(400_u16)?;
        if self.core.ended.iter().any(|key| replaces.is(key)) {
            return Err(603);
        }
        let mut found = self.legs.iter().filter(|(_, leg)| leg.keys().any(|key| replaces.is(key)));
        let (Some((id, leg)), None) = (found.next(), found.next()) else { return Err(481) };
        match leg {
            Leg::Session(session) if session.bye.is_some() => Err(603),
            Leg::Session(_) if replaces.early_only => Err(486),
            Leg::Session(_) | Leg::Caller(_) => Ok(Some(*id)),
            // An early dialog that we did not begin.
            Leg::Callee(_) => Err(481),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Option<(&str, &str, &str, bool)> {
        Replaces::parse(value).map(|replaces| (replaces.call_id, replaces.to_tag, replaces.from_tag, replaces.early_only))
    }

    #[test]
    fn the_examples_of_rfc_3891_6_1_are_read() {
        assert_eq!(
            parse("98732@sip.example.com ;from-tag=r33th4x0r ;to-tag=ff87ff"),
            Some(("98732@sip.example.com", "ff87ff", "r33th4x0r", false))
        );
        assert_eq!(parse("12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only"), Some(("12adf2f34456gs5", "12345", "54321", true)));
        assert_eq!(parse("87134@171.161.34.23;to-tag=24796;from-tag=0"), Some(("87134@171.161.34.23", "24796", "0", false)));
    }

    #[test]
    fn a_value_without_exactly_one_tag_of_each_kind_is_none() {
        for value in
            ["", "x", ";to-tag=a;from-tag=b", "x;to-tag=a", "x;from-tag=b", "x;to-tag=a;from-tag=b;to-tag=c", "x;to-tag=;from-tag=b"]
        {
            assert_eq!(parse(value), None, "{value}");
        }
    }
}
