use std::time::Duration;

use super::answer::Rejection;
use super::contact::Contact;
use super::machine::{RegisterRequest, RegistrarConfig};
use super::{Binding, BindingKey};
use crate::{HeaderName, Message};

/// What a REGISTER does to an address of record: all of it or nothing.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) put: Vec<Binding>,
    pub(super) remove: Vec<BindingKey>,
    /// The bindings as they are then, most preferred first.
    pub(super) after: Vec<Binding>,
    pub(super) is_outbound: bool,
}

/// Proxies on the way that are remembered.
const MAX_PATH: usize = 8;

/// Works out the change that `message` makes to `existing` (RFC 3261 10.3 steps 6 to 8).
///
/// # Errors
/// What to answer instead.
pub(super) fn change(
    request: &RegisterRequest,
    message: &Message<'_>,
    existing: Vec<Binding>,
    config: &RegistrarConfig,
    unix: Duration,
) -> Result<Change, Rejection> {
    check_options(message)?;
    if !message.to().uri().is_sip() {
        return Err(Rejection::new(400, "To is no SIP address"));
    }
    let expired = existing.iter().filter(|binding| binding.is_expired(unix)).map(|binding| binding.key).collect();
    let living = existing.into_iter().filter(|binding| !binding.is_expired(unix)).collect();
    let mut change = Change { put: Vec::new(), remove: expired, after: living, is_outbound: false };
    if message.has_star_contact() {
        change.clear(message)?;
    } else {
        change.bind(request, message, config, unix)?;
    }
    change.limit(config.max_bindings);
    change.after.sort_by(|a, b| (b.q, b.updated, a.key).cmp(&(a.q, a.updated, b.key)));
    Ok(change)
}

fn check_options(message: &Message<'_>) -> Result<(), Rejection> {
    let known = [&b"path"[..], b"outbound"];
    let unknown: Vec<&[u8]> = message
        .header_values(HeaderName::Require)
        .filter(|option| !known.iter().any(|known| option.eq_ignore_ascii_case(known)))
        .take(8)
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Rejection::new(420, "").with(HeaderName::Unsupported, String::from_utf8_lossy(&unknown.join(&b", "[..])).into_owned()))
}

impl Change {
    /// `Contact: *` with `Expires: 0`.
    fn clear(&mut self, message: &Message<'_>) -> Result<(), Rejection> {
        if message.expires() != Some(0) {
            return Err(Rejection::new(400, "Contact * needs Expires 0"));
        }
        for binding in &self.after {
            check_order(binding, message)?;
        }
        self.remove.extend(self.after.drain(..).map(|binding| binding.key));
        Ok(())
    }

    fn bind(
        &mut self,
        request: &RegisterRequest,
        message: &Message<'_>,
        config: &RegistrarConfig,
        unix: Duration,
    ) -> Result<(), Rejection> {
        let named: Vec<_> = message.contacts().take(config.max_bindings + 1).collect();
        if named.len() > config.max_bindings {
            return Err(Rejection::new(403, "Too many contacts"));
        }
        let contacts: Vec<Contact<'_>> = named.iter().map(|contact| Contact::read(contact, message, config)).collect::<Result<_, _>>()?;
        if contacts.iter().filter(|contact| contact.outbound.is_some()).count() > 1 {
            return Err(Rejection::new(400, "Only one contact may have a reg-id"));
        }
        let path = path(message)?;
        for contact in &contacts {
            self.bind_one(contact, request, message, &path, unix)?;
        }
        self.is_outbound = contacts.iter().any(|contact| contact.outbound.is_some() && contact.expires > 0)
            && message.has_token(HeaderName::Supported, "outbound");
        if self.is_outbound && message.vias().nth(1).is_some() && !first_hop_is_outbound(message) {
            return Err(Rejection::new(439, "First Hop Lacks Outbound Support"));
        }
        Ok(())
    }

    fn bind_one(
        &mut self,
        contact: &Contact<'_>,
        request: &RegisterRequest,
        message: &Message<'_>,
        path: &[String],
        unix: Duration,
    ) -> Result<(), Rejection> {
        let is_same = |binding: &Binding| match &contact.outbound {
            Some(_) => binding.key == contact.key(),
            None => binding.reg_id.is_none() && binding.has_contact(&contact.uri),
        };
        let place = self.after.iter().position(is_same);
        let mut key = contact.key();
        if let Some(old) = place.map(|place| self.after.remove(place)) {
            if old.call_id == message.call_id() && old.cseq == message.cseq().number {
                // The same request again: it has had its effect, and gets the same answer.
                self.after.push(old);
                return Ok(());
            }
            check_order(&old, message)?;
            key = old.key;
            if contact.expires == 0 {
                self.remove.push(key);
            }
        }
        if contact.expires > 0 {
            let binding = Binding {
                key,
                contact: contact.uri.as_str().to_owned(),
                params: contact.params.clone(),
                instance: contact.instance.clone(),
                reg_id: contact.outbound.as_ref().map(|(_, reg_id)| *reg_id),
                q: contact.q,
                expires: unix + Duration::from_secs(contact.expires.into()),
                updated: unix,
                call_id: message.call_id().to_owned(),
                cseq: message.cseq().number,
                path: path.to_vec(),
                flow: request.flow,
                epoch: request.epoch,
                user_agent: message.header_text(HeaderName::UserAgent).map(|text| text.chars().take(128).collect()),
            };
            self.remove.retain(|removed| *removed != key);
            self.put.retain(|put| put.key != key);
            self.after.retain(|other| other.key != key);
            self.put.push(binding.clone());
            self.after.push(binding);
        }
        Ok(())
    }

    /// Makes room by dropping what was registered longest ago: mostly connections that died without a word.
    fn limit(&mut self, max: usize) {
        while self.after.len() > max {
            let Some((place, _)) = self.after.iter().enumerate().min_by_key(|(_, binding)| (binding.updated, binding.key)) else { return };
            let dropped = self.after.remove(place).key;
            self.put.retain(|put| put.key != dropped);
            self.remove.push(dropped);
        }
    }
}

/// A request of the same device that was overtaken by a later one (RFC 3261 10.3 step 7).
fn check_order(binding: &Binding, message: &Message<'_>) -> Result<(), Rejection> {
    if binding.call_id == message.call_id() && binding.cseq > message.cseq().number {
        return Err(Rejection::new(500, "Overtaken by a later REGISTER"));
    }
    Ok(())
}

fn path(message: &Message<'_>) -> Result<Vec<String>, Rejection> {
    let path: Vec<String> = message.name_addrs(HeaderName::Path).take(MAX_PATH + 1).map(|hop| format!("<{}>", hop.uri())).collect();
    if path.len() != message.header_values(HeaderName::Path).take(MAX_PATH + 1).count() || path.len() > MAX_PATH {
        return Err(Rejection::new(400, "Path is malformed or too long"));
    }
    Ok(path)
}

/// RFC 5626 6: the last `Path` value is the proxy that the device talks to.
fn first_hop_is_outbound(message: &Message<'_>) -> bool {
    message.name_addrs(HeaderName::Path).last().is_some_and(|hop| hop.uri().param("ob").is_some())
}
