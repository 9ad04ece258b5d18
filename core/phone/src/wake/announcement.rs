use cooee_machine::Pii;
use cooee_sip::{NameAddr, session_id_of};

/// A push has at most 4096 octets (RFC 8030 7.2).
const LONGEST: usize = 4096;

/// The call that a push is sent for, by its own words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Announcement {
    pub(crate) ids: CallIds,
    /// Who calls.
    pub(crate) from: Pii<String>,
    pub(crate) name: Option<Pii<String>>,
    /// Which address is called.
    pub(crate) to: Pii<String>,
}

/// What names a call before it has one of our names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CallIds {
    /// The caller's half (RFC 7989): the same whatever servers are in between.
    pub(crate) session: Option<String>,
    /// The same only where no server in between makes a call of its own.
    pub(crate) call: Option<String>,
}

impl CallIds {
    /// One call, by either.
    pub(crate) fn meet(&self, other: &Self) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        same(&self.session, &other.session) || same(&self.call, &other.call)
    }
}

impl Announcement {
    /// Reads header fields of an INVITE; `None` where they name no call.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(payload).ok().filter(|text| text.len() <= LONGEST)?;
        let field = |name: &str| {
            let fields = text.lines().filter_map(|line| line.split_once(':'));
            fields.filter(|(field, _)| field.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
        };
        let (from, to) = (NameAddr::parse(field("From")?.as_bytes())?, NameAddr::parse(field("To")?.as_bytes())?);
        let call = field("Call-ID").filter(|id| !id.is_empty()).map(str::to_owned);
        let ids = CallIds { session: field("Session-ID").and_then(session_id_of), call };
        (ids != CallIds::default()).then(|| Self {
            ids,
            from: Pii(from.uri().as_str().to_owned()),
            name: from.display().map(Pii),
            to: Pii(to.uri().as_str().to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn header_fields_of_an_invite_announce_its_call() {
        let payload =
            format!("from: \"Ben\" <sip:ben@example.org>;tag=1\r\nTo: <sip:anna@example.org>\r\nSession-ID: {SESSION};remote=0\r\n");
        let read = Announcement::read(payload.as_bytes()).unwrap();
        assert_eq!(read.from, Pii("sip:ben@example.org".to_owned()));
        assert_eq!(read.name, Some(Pii("Ben".to_owned())));
        assert_eq!(read.to, Pii("sip:anna@example.org".to_owned()));
        assert!(read.ids.meet(&CallIds { session: Some(SESSION.to_owned()), call: Some("other".to_owned()) }));
        assert!(!read.ids.meet(&CallIds { session: None, call: None }), "nothing is not the same as nothing");
    }

    #[test]
    fn what_names_no_call_announces_none() {
        let long = format!("From: <sip:b@x.example>\nTo: <sip:a@x.example>\nCall-ID: 1\nX: {}", "x".repeat(LONGEST));
        for payload in [
            &b""[..],
            b"wake up",
            b"\xff\xfe: \x00",
            b"From: <sip:ben@example.org>\nTo: <sip:anna@example.org>\n",
            b"From: <sip:ben@example.org>\nCall-ID: 1\n",
            b"From: ben\nTo: anna\nCall-ID: 1\n",
            b"From: <sip:ben@example.org>\nTo: <sip:anna@example.org>\nSession-ID: short\n",
            long.as_bytes(),
        ] {
            assert_eq!(Announcement::read(payload), None, "{:?}", String::from_utf8_lossy(payload));
        }
    }
}
