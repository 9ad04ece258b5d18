use cooee_machine::Pii;

use super::text::{composed, unescaped};
use super::{Host, NoAddress, SipAddress, XmppAddress};

/// `anna@example.org`, said without a protocol, or as `mailto:` (RFC 6068): reached by whatever its domain publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    local: Pii<String>,
    host: Host,
}

impl Mailbox {
    /// Reads `local@domain` with a dot-atom or a quoted string before the `@` (RFC 5322 3.4.1, RFC 6531 3.3).
    pub(super) fn parse(text: &str) -> Result<Self, NoAddress> {
        let (local, host) = text.rsplit_once('@').ok_or(NoAddress::Malformed)?;
        let local = match local.strip_prefix('"') {
            Some(quoted) => unquoted(quoted).ok_or(NoAddress::Malformed)?,
            None => Some(local).filter(|local| is_dot_atom(local)).and_then(unescaped).ok_or(NoAddress::Malformed)?,
        };
        if local.is_empty() || local.contains(char::is_control) {
            return Err(NoAddress::Malformed);
        }
        let host = Host::parse(host).ok_or(NoAddress::Domain)?;
        Ok(Self { local: Pii(composed(&local)), host })
    }

    /// Reads what stands behind `mailto:`; subject and the like are left out.
    pub(super) fn parse_mailto(rest: &str) -> Result<Self, NoAddress> {
        let whom = rest.split('?').next().unwrap_or_default();
        if whom.contains(',') {
            return Err(NoAddress::Several);
        }
        Self::parse(&unescaped(whom).ok_or(NoAddress::Malformed)?)
    }

    /// Where it belongs.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Who it is there, case kept: only the domain knows what it means.
    #[must_use]
    pub fn local(&self) -> &Pii<String> {
        &self.local
    }

    /// The same person by SIP.
    pub fn sip(&self) -> Option<SipAddress> {
        SipAddress::new(self.local.reveal(), self.host.clone()).ok()
    }

    /// The same person by XMPP; `None` where XMPP has no such names.
    pub fn xmpp(&self) -> Option<XmppAddress> {
        XmppAddress::new(Some(self.local.reveal()), self.host.clone()).ok()
    }

    pub(super) fn canonical(&self) -> String {
        format!("mailto:{}@{}", self.local.reveal(), self.host)
    }
}

/// RFC 5322 3.2.3 with RFC 6531's letters. Dots stand where people put them.
fn is_dot_atom(local: &str) -> bool {
    let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || (!c.is_ascii() && !c.is_whitespace());
    !local.is_empty() && local.chars().all(is_atom)
}

/// What a quoted string stands for, its opening quote taken off.
fn unquoted(text: &str) -> Option<String> {
    let inner = text.strip_suffix('"')?;
    let (mut out, mut chars) = (String::with_capacity(inner.len()), inner.chars());
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => out.push(chars.next()?),
            c => out.push(c),
        }
    }
    Some(out)
}
