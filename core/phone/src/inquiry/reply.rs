use std::time::Duration;

/// What asking whether somebody is there has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// A phone is there, be it busy.
    There,
    /// The server says that there is nobody of that name.
    NoSuchUser,
    /// The other side answers no such questions.
    NotTaken,
    /// It is not known: nobody answered, no phone was there at the moment, or does not tell us.
    Unknown,
}

impl Reply {
    /// By the final status (RFC 3261 11.2: that which an INVITE would get), 408 for none.
    #[must_use]
    pub fn of(status: u16) -> Self {
        match status {
            200..300 | 486 | 600 => Self::There,
            404 | 410 | 604 => Self::NoSuchUser,
            405 | 501 => Self::NotTaken,
            _ => Self::Unknown,
        }
    }
}

/// What is known by asking. What is not known displaces nothing that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// When this person was asked last, since the Unix epoch.
    pub asked: Duration,
    /// What was said last and when, never [`Reply::Unknown`]; `None`: nothing yet.
    pub said: Option<(Reply, Duration)>,
}

impl Inquiry {
    /// When a phone was there.
    #[must_use]
    pub fn there(&self) -> Option<Duration> {
        self.said(Reply::There)
    }

    /// When the server said that there is nobody.
    #[must_use]
    pub fn denied(&self) -> Option<Duration> {
        self.said(Reply::NoSuchUser)
    }

    fn said(&self, wanted: Reply) -> Option<Duration> {
        self.said.filter(|(reply, _)| *reply == wanted).map(|(_, when)| when)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_somebody_is_there() {
        for (status, reply) in [
            (200, Reply::There),
            (202, Reply::There),
            (486, Reply::There),
            (600, Reply::There),
            (404, Reply::NoSuchUser),
            (410, Reply::NoSuchUser),
            (604, Reply::NoSuchUser),
            (405, Reply::NotTaken),
            (501, Reply::NotTaken),
            (302, Reply::Unknown),
            (403, Reply::Unknown),
            (408, Reply::Unknown),
            (480, Reply::Unknown),
            (502, Reply::Unknown),
            (503, Reply::Unknown),
            (603, Reply::Unknown),
        ] {
            assert_eq!(Reply::of(status), reply, "{status}");
        }
    }
}
