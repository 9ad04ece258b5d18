use std::time::Instant;

use cooee_sdp::{IceCredentials, Negotiated, NegotiatedSecurity};

use super::protection::Protection;
use super::terms::Terms;
use super::{Context, Session};
use crate::dtls::Dtls;
use crate::ice::{Ice, LocalIce, Pair};
use crate::outbox::Outbox;
use crate::srtp::Keys;
use crate::{MediaFailure, MediaSecurity};

/// What was agreed last about path and keys: what a new agreement is compared with.
#[derive(Debug)]
pub(super) struct Agreed {
    security: NegotiatedSecurity,
    /// The peer's and ours.
    ice: Option<(IceCredentials, IceCredentials)>,
    address: Option<std::net::SocketAddr>,
}

impl Agreed {
    pub(super) fn new(remote: &Negotiated) -> Self {
        Self {
            security: remote.security.clone(),
            ice: remote.ice.as_ref().map(|ice| (ice.credentials.clone(), ice.ours.clone())),
            address: remote.remote_address,
        }
    }
}

/// How a session goes on by another agreement with the same peer.
impl Session {
    /// Direction, codec, address, keys, ICE: whatever has changed. The old path and the old keys serve until the new ones do.
    pub(crate) fn update(&mut self, remote: &Negotiated, context: &Context<'_>, now: Instant, out: &mut Outbox) {
        let was_idle = !self.media.terms.receives() && !self.media.terms.sends();
        self.media.change_terms(Terms::new(remote));
        self.without_ice.is_described(remote);
        if was_idle && self.is_secured() && (self.media.terms.receives() || self.media.terms.sends()) {
            self.activity.begin(now + self.timing.one_way_after);
        }
        let new = Agreed::new(remote);
        let old = std::mem::replace(&mut self.agreed, new);
        self.renew_ice(&old, remote, context, now);
        self.agree_on_rtcp(remote, old.security != remote.security, context, now);
        self.move_without_ice(&old, remote, context, now, out);
        if old.security != remote.security {
            self.renew_keys(&remote.security, context, now, out);
        }
        self.liveness.renew(now);
        self.is_here(out);
        self.settle(now, out);
    }

    /// An ICE restart (RFC 8445 9) is a second agent over the same sockets.
    fn renew_ice(&mut self, old: &Agreed, remote: &Negotiated, context: &Context<'_>, now: Instant) {
        let Some(theirs) = &remote.ice else {
            (self.ice, self.old_ice) = (None, None);
            return self.liveness.rest_on_ice(false, now);
        };
        if let (Some(ice), true) = (&mut self.ice, self.agreed.ice == old.ice) {
            return ice.add_candidates(theirs);
        }
        self.local = LocalIce { credentials: theirs.ours.clone(), ..context.local.clone() };
        let new = Ice::new(&self.local, theirs, 1, remote.controlling, &self.timing, now);
        // A restart during a restart: the one that has a path is worth keeping.
        let previous = self.ice.replace(new);
        self.old_ice = previous.filter(|ice| ice.chosen().is_some()).or(self.old_ice.take());
        self.liveness.rest_on_ice(true, now);
    }

    /// Without ICE only a changed description moves the path: the address that was found by the peer's packets is better than one that is
    /// merely said again.
    fn move_without_ice(&mut self, old: &Agreed, remote: &Negotiated, context: &Context<'_>, now: Instant, out: &mut Outbox) {
        let is_news = old.ice.is_some() || old.address != remote.remote_address;
        let (None, true, Some(address), Some(local)) = (&self.ice, is_news, remote.remote_address, context.socket) else { return };
        self.without_ice.moves(self.path.filter(|path| path.remote != address), now);
        self.use_path(Pair { local, remote: address }, now, out);
    }

    fn renew_keys(&mut self, security: &NegotiatedSecurity, context: &Context<'_>, now: Instant, out: &mut Outbox) {
        match security {
            NegotiatedSecurity::Dtls { role, fingerprints } => {
                // RFC 8842 3.1: another fingerprint or role means another association.
                match Dtls::new(context.certificate, *role, fingerprints, self.timing.dtls_rto) {
                    Ok(dtls) => self.begin_handshake(dtls, now, out),
                    Err(failure) => self.fail(failure, out),
                }
            }
            NegotiatedSecurity::Sdes { ours, theirs } => match Keys::sdes(ours, theirs) {
                Some(keys) if self.path.is_some() => {
                    self.dtls = None;
                    self.install(keys, MediaSecurity::ToServers, now, out);
                }
                Some(keys) => self.sdes = Some(keys),
                None => self.fail(MediaFailure::NoSrtpProfile, out),
            },
            NegotiatedSecurity::None => {
                (self.dtls, self.sdes) = (None, None);
                if self.path.is_some() {
                    self.secured(Protection::Plain, MediaSecurity::None, "none", now, out);
                }
            }
        }
    }

    fn begin_handshake(&mut self, mut dtls: Dtls, now: Instant, out: &mut Outbox) {
        self.sdes = None;
        self.deadline = Some(now + self.timing.fail_after);
        if self.path.is_some()
            && let Err(failure) = dtls.start(self.rtt(), now)
        {
            return self.fail(failure, out);
        }
        self.dtls = Some(dtls);
    }
}
