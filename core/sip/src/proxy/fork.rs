use super::answer::towards_contact;
use super::end::End;
use super::flows::Flows;
use crate::flow::Flow;
use crate::registrar::{Binding, BindingKey};
use crate::{Scheme, Uri};
use cooee_machine::{Now, Transport};

/// One device to forward to.
#[derive(Clone)]
pub(super) struct Target {
    /// The new request-URI; `None` leaves it as it is.
    pub(super) uri: Option<String>,
    /// `Route` values to put on top.
    pub(super) path: Vec<String>,
    pub(super) flow: Flow,
    /// How a token names it, where a dialog may begin.
    pub(super) end: Option<End>,
}

/// What of a user's bindings can be reached.
pub(super) struct Reach<'a> {
    pub(super) flows: &'a Flows,
    pub(super) epoch: u64,
    /// The user part of the address of record.
    pub(super) user: &'a str,
    /// A `sips` request goes over TLS only (RFC 3261 16.6, RFC 5630).
    pub(super) secure: bool,
    pub(super) now: Now,
}

impl Reach<'_> {
    fn flow(&self, binding: &Binding) -> Option<Flow> {
        if binding.is_expired(self.now.unix) {
            return None;
        }
        let flow = self.flows.stored(&binding.flow, binding.epoch == self.epoch)?;
        (!self.secure || flow.transport == Transport::Tls)
            .then(|| if binding.path.is_empty() { towards_contact(flow, &binding.contact) } else { flow })
    }

    fn target(&self, binding: &Binding, flow: Flow) -> Target {
        Target {
            uri: Some(request_uri(&binding.contact)),
            path: binding.path.clone(),
            flow,
            end: Some(End::Device { user: self.user.to_owned(), key: binding.key }),
        }
    }

    /// Every device that can be reached, most preferred first: for each instance the flow registered last
    /// (RFC 5626 5.3: never two flows of one instance at a time).
    pub(super) fn all(&self, bindings: &[Binding], limit: usize) -> Vec<Target> {
        let mut living: Vec<(&Binding, Flow)> = bindings.iter().filter_map(|binding| Some((binding, self.flow(binding)?))).collect();
        living.sort_by_key(|(binding, _)| std::cmp::Reverse((binding.q, binding.updated, binding.cseq, binding.key)));
        let mut instances: Vec<&str> = Vec::new();
        let mut targets = Vec::new();
        for (binding, flow) in living {
            if let Some(instance) = binding.instance.as_deref() {
                let newest = bindings
                    .iter()
                    .filter(|other| other.instance.as_deref() == Some(instance) && self.flow(other).is_some())
                    .max_by_key(|other| (other.updated, other.cseq, other.key));
                if instances.contains(&instance) || newest.is_some_and(|newest| newest.key != binding.key) {
                    continue;
                }
                instances.push(instance);
            }
            if targets.len() < limit {
                targets.push(self.target(binding, flow));
            }
        }
        targets
    }

    /// One device inside a dialog: its binding, or another flow of the same instance. The request-URI stays.
    pub(super) fn one(&self, bindings: &[Binding], key: BindingKey) -> Option<Target> {
        let binding = bindings.iter().find(|binding| binding.key == key)?;
        let siblings = bindings.iter().filter(|other| binding.instance.is_some() && other.instance == binding.instance);
        let flow = std::iter::once(binding).chain(siblings).find_map(|binding| self.flow(binding))?;
        Some(Target { uri: None, path: Vec::new(), flow, end: None })
    }

    /// The binding that a request over `flow` comes from.
    pub(super) fn source(&self, bindings: &[Binding], flow: &Flow) -> Option<End> {
        let came_from =
            |binding: &&Binding| self.flows.stored(&binding.flow, binding.epoch == self.epoch).is_some_and(|own| own.id == flow.id);
        let binding = bindings.iter().filter(|binding| !binding.is_expired(self.now.unix)).filter(came_from).max_by_key(|b| b.updated)?;
        Some(End::Device { user: self.user.to_owned(), key: binding.key })
    }
}

/// A contact as a request-URI: without headers, which may not stand there (RFC 3261 19.1.1).
fn request_uri(contact: &str) -> String {
    match Uri::parse(contact) {
        Ok(uri) if uri.has_headers() => {
            let scheme = if uri.scheme() == Scheme::Sips { "sips" } else { "sip" };
            let password = uri.password().map(|password| format!(":{password}")).unwrap_or_default();
            let user = uri.user().map(|user| format!("{user}{password}@")).unwrap_or_default();
            let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{scheme}:{user}{}{port}{}", uri.host(), uri.raw_params())
        }
        _ => contact.to_owned(),
    }
}
