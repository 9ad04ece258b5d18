use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use rtc_shared::error::{Error, Result};
use rtc_srtp::context::Context;

use super::{Keys, Profile, context};

/// What the peer protects by one pair of master key and salt.
pub(super) struct Incoming {
    context: Context,
    /// Tries packets of unknown sources, while there are any.
    trial: Option<Context>,
    keys: Keys,
    known: Vec<u32>,
    misses: u32,
    /// How many packets were.
    pub(super) authentic: u64,
}

/// Sources that have authenticated. A peer that goes beyond starts afresh, its replay windows included.
const MAX_SOURCES: usize = 32;
/// The trial context forgets its strangers after this many.
const MAX_MISSES: u32 = 64;

impl Incoming {
    pub(super) fn new(keys: &Keys) -> Result<Self> {
        Ok(Self { context: context(keys, &keys.theirs)?, trial: None, keys: keys.clone(), known: Vec::new(), misses: 0, authentic: 0 })
    }

    /// Whether a packet's source is one that has authenticated before. All may be, until the first has.
    pub(super) fn may_know(&self, datagram: &[u8]) -> bool {
        self.known.is_empty() || word(datagram, 8).is_ok_and(|source| self.known.contains(&source))
    }

    pub(super) fn unprotect(&mut self, datagram: &[u8]) -> Result<Bytes> {
        let datagram = self.without_mki(datagram, self.keys.profile.rtp_auth_tag_len())?;
        self.admit(word(&datagram, 8)?, |trial| trial.decrypt_rtp(&datagram).is_ok())?;
        let plain = self.context.decrypt_rtp(&datagram).map(BytesMut::freeze)?;
        self.authentic += 1;
        Ok(plain)
    }

    pub(super) fn unprotect_rtcp(&mut self, datagram: &[u8]) -> Result<Bytes> {
        let datagram = self.without_mki(datagram, self.keys.profile.rtcp_auth_tag_len())?;
        self.admit(word(&datagram, 4)?, |trial| trial.decrypt_rtcp(&datagram).is_ok())?;
        self.context.decrypt_rtcp(&datagram).map(BytesMut::freeze)
    }

    /// Takes out the master key identifier, which stands before the authentication tag (RFC 3711 3.1), or at the end where the cipher holds
    /// the tag (RFC 7714 8.1, 9.1).
    fn without_mki<'a>(&self, datagram: &'a [u8], tag: usize) -> Result<Cow<'a, [u8]>> {
        let Some(mki) = &self.keys.mki else { return Ok(datagram.into()) };
        let is_aead = matches!(self.keys.profile, Profile::AeadAes128Gcm | Profile::AeadAes256Gcm);
        let tag_at = datagram.len().checked_sub(if is_aead { 0 } else { tag });
        let split = tag_at.and_then(|at| datagram.split_at_checked(at));
        match split.and_then(|(body, tag)| Some((body.strip_suffix(mki.as_slice())?, tag))) {
            Some((body, [])) => Ok(body.into()),
            Some((body, tag)) => Ok([body, tag].concat().into()),
            None => Err(Error::RtpFailedToVerifyAuthTag),
        }
    }

    /// A context makes state for a source *before* it authenticates the packet and never frees it, so a stranger is first tried in a context
    /// that is thrown away.
    fn admit(&mut self, source: u32, authenticates: impl Fn(&mut Context) -> bool) -> Result<()> {
        if self.known.contains(&source) {
            return Ok(());
        }
        let mut trial = match self.trial.take() {
            Some(trial) => trial,
            None => context(&self.keys, &self.keys.theirs)?,
        };
        if authenticates(&mut trial) {
            if self.known.len() >= MAX_SOURCES {
                self.known.clear();
                self.context = context(&self.keys, &self.keys.theirs)?;
            }
            self.known.push(source);
            return Ok(());
        }
        self.misses += 1;
        if !self.misses.is_multiple_of(MAX_MISSES) {
            self.trial = Some(trial);
        }
        Err(Error::RtpFailedToVerifyAuthTag)
    }

    #[cfg(test)]
    pub(super) fn known(&self) -> usize {
        self.known.len()
    }
}

fn word(datagram: &[u8], at: usize) -> Result<u32> {
    datagram.get(at..).and_then(|rest| rest.first_chunk::<4>()).map(|octets| u32::from_be_bytes(*octets)).ok_or(Error::ErrTooShortRtp)
}
