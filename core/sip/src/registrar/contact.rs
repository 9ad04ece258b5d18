use crate::{HeaderName, Message, NameAddr, Uri};

use super::BindingKey;
use super::answer::Rejection;
use super::machine::RegistrarConfig;

/// Octets of a contact URI, and of its parameters, that are stored.
const MAX_LENGTH: usize = 1024;

/// One `Contact` of a REGISTER, checked.
pub(super) struct Contact<'a> {
    pub(super) uri: Uri<'a>,
    pub(super) params: String,
    pub(super) q: u16,
    /// Seconds granted; 0 removes.
    pub(super) expires: u32,
    pub(super) outbound: Option<(String, u32)>,
    pub(super) instance: Option<String>,
}

impl<'a> Contact<'a> {
    /// # Errors
    /// 400 for what cannot be stored or called, 423 for too short a time.
    pub(super) fn read(contact: &NameAddr<'a>, request: &Message<'_>, config: &RegistrarConfig) -> Result<Self, Rejection> {
        let uri = contact.uri();
        if !uri.is_sip() {
            return Err(Rejection::new(400, "Contact is no SIP address"));
        }
        let params = kept_params(contact).ok_or_else(|| Rejection::new(400, "Contact has parameters that cannot be kept"))?;
        if uri.as_str().len() > MAX_LENGTH || params.len() > MAX_LENGTH {
            return Err(Rejection::new(400, "Contact is too long"));
        }
        let instance = instance(contact);
        let reg_id = contact.params().token("reg-id").and_then(|text| text.parse::<u32>().ok()).filter(|id| *id > 0);
        let outbound = instance.clone().zip(reg_id);
        Ok(Self { uri, params, q: contact.q(), expires: granted(contact, request, config)?, outbound, instance })
    }

    pub(super) fn key(&self) -> BindingKey {
        match &self.outbound {
            Some((instance, reg_id)) => BindingKey::of_instance(instance, *reg_id),
            None => BindingKey::of_contact(self.uri.as_str()),
        }
    }
}

/// The `+sip.instance` value: a quoted string with a URN in angle brackets (RFC 5626 4.1).
fn instance(contact: &NameAddr<'_>) -> Option<String> {
    let value = contact.params().value("+sip.instance")?;
    let urn = value.trim().strip_prefix('<')?.strip_suffix('>')?;
    (!urn.is_empty()).then(|| urn.to_ascii_lowercase())
}

/// RFC 3261 10.3 step 7: the contact's own `expires`, else the header, else the default; never above the maximum.
fn granted(contact: &NameAddr<'_>, request: &Message<'_>, config: &RegistrarConfig) -> Result<u32, Rejection> {
    let asked = contact.expires().or_else(|| request.expires()).unwrap_or(config.default_expires);
    if asked > 0 && asked < config.min_expires {
        return Err(Rejection::new(423, "").with(HeaderName::MinExpires, config.min_expires.to_string()));
    }
    Ok(asked.min(config.max_expires))
}

fn kept_params(contact: &NameAddr<'_>) -> Option<String> {
    let mut kept = String::new();
    for param in contact.params() {
        if param.name().eq_ignore_ascii_case("expires") || param.name().eq_ignore_ascii_case("q") {
            continue;
        }
        kept.push(';');
        kept.push_str(param.name());
        if let Some(value) = param.raw_value() {
            kept.push('=');
            kept.push_str(std::str::from_utf8(value).ok()?);
        }
    }
    (!kept.contains(['\r', '\n'])).then_some(kept)
}
