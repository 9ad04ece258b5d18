use crate::build::{Builder, ResponseBuilder, respond};
use crate::dialog::{ANONYMOUS_HOST, Dialog};
use crate::flow::{Flow, via_transport};
use crate::header::{HeaderName, name_addr};
use crate::message::Message;
use crate::session_id::SessionId;
use crate::uri::Uri;

use super::UserAgentConfig;
use super::timer::Lines;

/// The methods a leg understands.
pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, REFER, NOTIFY, MESSAGE, INFO";
/// The body of an INVITE that it understands.
pub(super) const ACCEPT: &str = "application/sdp";
/// The bodies it understands anywhere.
pub(super) const ACCEPT_ALL: &str = "application/sdp, text/plain";
/// The events it hears of (RFC 3515, 3842).
pub(super) const ALLOW_EVENTS: &str = "refer, message-summary";

/// The extensions it understands (RFC 3262, 4488, 5626, 3891, 4028).
pub(super) const OPTION_TAGS: &str = "100rel, norefersub, outbound, replaces, timer";

/// What the user agent says about itself.
pub(super) struct Identity {
    /// `sip:anna@example.org`.
    aor: String,
    /// The AOR's user part, escapes included; empty without one.
    user: String,
    /// The AOR's host, with its port if it has one.
    domain: String,
    /// `"Anna" <sip:anna@example.org>`.
    name_addr: String,
    user_agent: String,
    instance: String,
    /// The host that stands in a Contact for our address, where the server finds us by our flow alone.
    pub(super) alias: Option<String>,
}

impl Identity {
    pub(super) fn new(config: &UserAgentConfig) -> Self {
        let aor = config.aor.reveal().clone();
        let uri = Uri::parse(&aor).ok();
        let part = |part: Option<&str>| part.unwrap_or_default().to_owned();
        Self {
            user: part(uri.and_then(|uri| uri.user())),
            domain: uri
                .map(|uri| uri.port().map_or_else(|| uri.host().to_owned(), |port| format!("{}:{port}", uri.host())))
                .unwrap_or_default(),
            name_addr: name_addr(config.display_name.as_ref().map(|name| name.reveal().as_str()), &aor),
            user_agent: config.user_agent.clone(),
            instance: config.instance.clone(),
            alias: None,
            aor,
        }
    }

    pub(super) fn name_addr(&self) -> &str {
        &self.name_addr
    }

    /// The request-URI of a REGISTER: the domain (RFC 3261 10.2).
    pub(super) fn registrar(&self) -> String {
        format!("sip:{}", self.domain)
    }

    /// The URI at which this device is reached over `flow`.
    pub(super) fn contact_uri(&self, flow: &Flow) -> String {
        contact_uri(&self.user, &flow.sent_by(), flow)
    }

    /// Contact of a request or response that founds a dialog; `ob` asks for all that follows to come over this flow
    /// (RFC 5626 4.3). Where they do, nobody needs our address, least of all who only makes us ring: a name that leads nowhere stands for
    /// it (RFC 6761 6.4). An anonymous one does not tell the user (RFC 3323 4.1.1.3), nor a name that is the same in the next call.
    pub(super) fn dialog_contact(&self, flow: &Flow, anonymous: bool) -> String {
        self.contact_by(flow, anonymous, self.alias.as_ref())
    }

    /// The same of what goes on in a dialog, or answers who founds one: a name that leads nowhere only where the flow is gone by.
    pub(super) fn contact_within(&self, flow: &Flow, dialog: &Dialog) -> String {
        self.contact_by(flow, dialog.is_anonymous(), self.alias.as_ref().filter(|_| dialog.comes_by_flow()))
    }

    fn contact_by(&self, flow: &Flow, anonymous: bool, alias: Option<&String>) -> String {
        let user = if anonymous { "anonymous" } else { &self.user };
        let host = match alias {
            None => flow.sent_by(),
            Some(_) if anonymous => ANONYMOUS_HOST.to_owned(),
            Some(alias) => alias.clone(),
        };
        format!("<{};ob>", contact_uri(user, &host, flow))
    }

    /// `From` of a call whose caller does not want to be known (RFC 3323 4.1.1.3).
    pub(super) fn anonymous(&self) -> String {
        name_addr(Some("Anonymous"), &format!("sip:anonymous@{ANONYMOUS_HOST}"))
    }

    /// Who we are, as who is referred wants to hear it (RFC 3892).
    pub(super) fn aor(&self) -> String {
        format!("<{}>", self.aor)
    }

    /// Contact of a REGISTER (RFC 5626 4.2.1).
    pub(super) fn registration_contact(&self, flow: &Flow) -> String {
        format!("<{}>;+sip.instance=\"<{}>\";reg-id=1", self.contact_uri(flow), self.instance)
    }

    /// Whether a Contact value is this device's binding: by instance, else by URI.
    pub(super) fn is_our_contact(&self, contact: &crate::header::NameAddr<'_>, flow: &Flow) -> bool {
        if let Some(instance) = contact.params().value("+sip.instance") {
            let inner = instance.trim_start_matches('<').trim_end_matches('>');
            let flow_of_ours = contact.params().token("reg-id").is_none_or(|id| id == "1");
            return inner.eq_ignore_ascii_case(&self.instance) && flow_of_ours;
        }
        let ours = self.contact_uri(flow);
        Uri::parse(&ours).is_ok_and(|ours| ours.is_equivalent(&contact.uri()))
    }

    /// Whether a request-URI means this account. The host is not looked at: servers put in the domain, our address as we
    /// see it, or as they do.
    pub(super) fn is_target(&self, uri: &Uri<'_>) -> bool {
        Uri::parse(&self.aor).is_ok_and(|aor| aor.decoded_user() == uri.decoded_user())
    }

    /// Whether a host is the account's domain, above or below it: `provider.example` and `sip.provider.example` are one provider.
    pub(super) fn is_of_own_domain(&self, host: &str) -> bool {
        let own = Uri::parse(&self.aor).map(|aor| aor.host().to_ascii_lowercase()).unwrap_or_default();
        let (own, host) = (own.trim_end_matches('.'), host.trim_end_matches('.').to_ascii_lowercase());
        let is_below = |lower: &str, upper: &str| {
            upper.contains('.') && lower.strip_suffix(upper).is_some_and(|rest| rest.ends_with('.')) && !upper.starts_with('[')
        };
        !own.is_empty() && (host == own || is_below(&host, own) || is_below(own, &host))
    }

    /// Adds what every request and response to an account's server says of its sender.
    pub(super) fn sign<K>(&self, builder: Builder<K>, name: HeaderName<'static>) -> Builder<K> {
        builder.header(name, &self.user_agent)
    }

    /// A response without secrets, for whoever asks.
    pub(super) fn respond(&self, request: &Message<'_>, flow: &Flow, status: u16, tag: Option<&str>) -> ResponseBuilder {
        respond(request, Some(flow.remote), status, "", tag)
    }

    /// What the responses of a dialog end with: further `lines`, the Session-ID, who we are and the description.
    pub(super) fn finish(&self, mut response: ResponseBuilder, dialog: &Dialog, lines: Lines, sdp: Option<Vec<u8>>) -> Vec<u8> {
        for (name, value) in lines {
            response = response.header(name, value);
        }
        let response = response.header_if(HeaderName::SessionId, dialog.session().map(SessionId::to_string));
        let response = self.sign(response, HeaderName::Server);
        match sdp {
            Some(sdp) => response.body("application/sdp", sdp),
            None => response,
        }
        .into_bytes()
    }
}

fn contact_uri(user: &str, host: &str, flow: &Flow) -> String {
    let at = if user.is_empty() { "" } else { "@" };
    format!("sip:{user}{at}{host};transport={}", via_transport(flow.transport).to_ascii_lowercase())
}
