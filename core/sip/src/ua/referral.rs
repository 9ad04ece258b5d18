//! A transfer that the peer asks us for: RFC 3515, 4488, 5589.

use std::time::{Duration, Instant};

use cooee_machine::{Now, Pii, Wake};

use super::core::Core;
use super::request::DialogRequest;
use super::session::Session;
use super::sipfrag;
use super::{LegEvent, LegId, UserAgent};
use crate::dialog::Dialog;
use crate::header::HeaderName;
use crate::message::{Framing, Message};
use crate::method::Method;
use crate::transaction::TransactionId;
use crate::uri::{Scheme, Uri, decode_header};

/// A person may take longer to decide than the transaction lives: then the answer is 202 (RFC 3515 2.4.2).
const DECISION: Duration = Duration::from_secs(10);
/// How long the subscription is said to last since the last notification, in seconds: as long as any phone rings.
const LIFE: u32 = 300;
/// RFC 4488 4.
const REFER_SUB: HeaderName<'static> = HeaderName::Other(b"Refer-Sub");
/// The longest address or header that is carried over.
const LONGEST: usize = 1024;

/// A REFER of the peer's.
pub(super) struct Referral {
    /// Its CSeq, which notifications name it by.
    id: u32,
    /// The REFER's transaction and the request, until it is answered.
    asked: Option<Asked>,
    /// The peer wants to hear how it goes (RFC 4488).
    is_subscribed: bool,
    /// We have said that we do it.
    is_accepted: bool,
    /// Whoever was to tell how it goes has not: the next REFER may come (RFC 6665 4.2.2).
    until: Instant,
}

struct Asked {
    transaction: TransactionId,
    request: Vec<u8>,
    until: Instant,
}

impl Referral {
    pub(super) fn wake(&self) -> Wake {
        let asked = self.asked.as_ref().map(|asked| Wake::at(asked.until, "answer to a REFER"));
        asked.unwrap_or(Wake::at(self.until, "end of a referral"))
    }

    /// It is not answered yet.
    pub(super) fn is_waiting(&self) -> bool {
        self.asked.is_some()
    }

    /// The call is over, and the question with it.
    pub(super) fn abandon(mut self, core: &mut Core, dialog: &Dialog, now: Now) {
        self.answer(core, dialog, 487, now);
    }

    fn answer(&mut self, core: &mut Core, dialog: &Dialog, status: u16, now: Now) {
        let Some(asked) = self.asked.take() else { return };
        let Ok(request) = Message::parse(&asked.request, Framing::Datagram) else { return };
        let Some(flow) = core.last_flow else { return };
        let mut response = core.identity.respond(&request, &flow, status, None);
        if status < 300 {
            response = response.contact(&core.identity.contact_within(&flow, dialog));
            if !self.is_subscribed {
                response = response.header(REFER_SUB, "false");
            }
        }
        let response = core.identity.sign(response, HeaderName::Server).into_bytes();
        core.respond(asked.transaction, status, response, now);
    }
}

/// What a REFER asks for.
struct Wish {
    target: String,
    replaces: Option<String>,
}

/// Reads `Refer-To`; else the status to refuse with.
fn wish(refer: &Message<'_>) -> Result<Wish, u16> {
    let mut values = refer.name_addrs(HeaderName::ReferTo);
    let (Some(to), None) = (values.next(), values.next()) else { return Err(400) };
    let uri = to.uri();
    if uri.as_str().len() > LONGEST {
        return Err(400);
    }
    if !(uri.is_sip() || uri.scheme() == Scheme::Tel) {
        return Err(416);
    }
    if uri.param("method").flatten().is_some_and(|method| !method.eq_ignore_ascii_case("INVITE")) {
        return Err(603);
    }
    let replaces = uri.headers().find(|(name, _)| name.eq_ignore_ascii_case("Replaces")).map(|(_, value)| decode_header(value));
    let target = without_headers(&uri);
    Ok(Wish { target, replaces })
}

fn without_headers(uri: &Uri<'_>) -> String {
    let text = uri.as_str();
    let end = if uri.has_headers() { text.find('?').unwrap_or(text.len()) } else { text.len() };
    text.get(..end).unwrap_or(text).to_owned()
}

impl UserAgent {
    /// Answers [`LegEvent::TransferAsked`] by 202; the peer is told of what comes by [`UserAgent::notify_transfer`].
    pub fn accept_transfer(&mut self, leg: LegId, now: Now) {
        self.with_session(leg, |session, core| session.accept_transfer(core, leg, now));
        self.drain(now);
    }

    /// Answers [`LegEvent::TransferAsked`] by a final response 4xx-6xx, usually 603.
    pub fn reject_transfer(&mut self, leg: LegId, status: u16, now: Now) {
        self.with_session(leg, |session, core| session.reject_transfer(core, leg, status, now));
        self.drain(now);
    }

    /// Tells the peer how the call goes that it asked for: 100-199 while it is under way, then once its final status. An empty
    /// phrase becomes the standard's.
    pub fn notify_transfer(&mut self, leg: LegId, status: u16, phrase: &str, now: Now) {
        self.with_session(leg, |session, core| session.notify_transfer(core, leg, status, phrase, now));
        self.drain(now);
    }
}

impl Session {
    /// A REFER came. The status to refuse it with, if it is refused at once.
    pub(super) fn handle_refer(
        &mut self,
        core: &mut Core,
        leg: LegId,
        transaction: TransactionId,
        refer: &Message<'_>,
        now: Now,
    ) -> Result<(), u16> {
        if self.bye.is_some() {
            return Err(481);
        }
        // One at a time: a peer could else make us hold any number of them.
        if self.referral.is_some() {
            return Err(491);
        }
        let Wish { target, replaces } = wish(refer)?;
        let referred_by = refer.header_text(HeaderName::ReferredBy).filter(|by| by.len() <= LONGEST).map(str::to_owned);
        let wants_silence = refer.header(REFER_SUB).is_some_and(|value| value.eq_ignore_ascii_case(b"false"));
        let asked = Asked { transaction, request: refer.as_bytes().to_vec(), until: now.instant + DECISION };
        let id = refer.cseq().number;
        self.referral = Some(Referral { id, asked: Some(asked), is_subscribed: !wants_silence, is_accepted: false, until: life(now) });
        core.tell(leg, LegEvent::TransferAsked { target: Pii(target), replaces, referred_by });
        Ok(())
    }

    fn accept_transfer(&mut self, core: &mut Core, leg: LegId, now: Now) {
        let Some(referral) = self.referral.as_mut().filter(|referral| !referral.is_accepted) else { return };
        referral.is_accepted = true;
        if referral.asked.is_some() {
            referral.answer(core, &self.dialog, 202, now);
            self.notify(core, leg, 100, "", now);
        }
    }

    fn reject_transfer(&mut self, core: &mut Core, leg: LegId, status: u16, now: Now) {
        let status = if (400..700).contains(&status) { status } else { 603 };
        let Some(referral) = self.referral.as_mut().filter(|referral| !referral.is_accepted) else { return };
        if referral.asked.is_some() {
            referral.answer(core, &self.dialog, status, now);
        } else {
            self.notify(core, leg, status, "", now);
        }
        self.referral = None;
    }

    fn notify_transfer(&mut self, core: &mut Core, leg: LegId, status: u16, phrase: &str, now: Now) {
        if !self.referral.as_ref().is_some_and(|referral| referral.is_accepted) || !(100..700).contains(&status) {
            return;
        }
        self.notify(core, leg, status, phrase, now);
        if status >= 200 {
            self.referral = None;
        }
    }

    fn notify(&mut self, core: &mut Core, leg: LegId, status: u16, phrase: &str, now: Now) {
        let state = if status >= 200 { "terminated;reason=noresource".to_owned() } else { format!("active;expires={LIFE}") };
        self.send_notify(core, leg, state, status, phrase, now);
    }

    fn send_notify(&mut self, core: &mut Core, leg: LegId, state: String, status: u16, phrase: &str, now: Now) {
        let Some(referral) = self.referral.as_mut() else { return };
        referral.until = life(now);
        if !referral.is_subscribed {
            return;
        }
        let notify = DialogRequest::new(leg, &self.dialog, Method::Notify)
            .header(HeaderName::Event, format!("refer;id={}", referral.id))
            .header(HeaderName::SubscriptionState, state)
            .body("message/sipfrag;version=2.0", sipfrag::print(status, phrase));
        notify.send(core, &mut self.dialog, now);
    }

    /// A notification was refused, or not answered: there will be no more of them (RFC 6665 4.2.2).
    pub(super) fn unsubscribe(&mut self) {
        if let Some(referral) = self.referral.as_mut() {
            referral.is_subscribed = false;
        }
    }

    /// Nobody has decided in time: 202, and the decision follows in a notification. Nobody has told how it went: that is the end of it.
    pub(super) fn accept_overdue(&mut self, core: &mut Core, leg: LegId, now: Now) {
        let Some(referral) = self.referral.as_mut() else { return };
        if referral.asked.as_ref().is_some_and(|asked| asked.until <= now.instant) {
            referral.answer(core, &self.dialog, 202, now);
            self.notify(core, leg, 100, "", now);
        } else if referral.asked.is_none() && referral.until <= now.instant {
            // How it ended is not known here; that nothing more will be told is.
            self.send_notify(core, leg, "terminated;reason=timeout".to_owned(), 100, "", now);
            self.referral = None;
        }
    }
}

fn life(now: Now) -> Instant {
    now.instant + Duration::from_secs(u64::from(LIFE))
}
