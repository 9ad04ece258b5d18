use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use rtc_shared::error::{Error, Result};
use rtc_srtp::context::Context;

use super::{Keys, Profile, context};

/// What the peer protects by one pair of master key and salt.
pub(super) struct Incoming {
    /// Those that have authenticated, who was heard last at the end.
    sources: Vec<Source>,
    /// Tries packets of unknown sources, while there are any.
    trial: Option<Context>,
    keys: Keys,
    misses: u32,
    /// How many packets were.
    pub(super) authentic: u64,
}

/// Roll-over counters and replay windows of one source.
struct Source {
    ssrc: u32,
    context: Context,
}

/// Of a peer that goes beyond, who has been silent for the longest is forgotten, and would begin afresh.
const MAX_SOURCES: usize = 32;
/// The trial context forgets its strangers after this many.
const MAX_MISSES: u32 = 64;

impl Incoming {
    pub(super) fn new(keys: &Keys) -> Result<Self> {
        // That the keys can be used is found out now, and not by the first packet.
        let trial = Some(context(keys, &keys.theirs)?);
        Ok(Self { sources: Vec::new(), trial, keys: keys.clone(), misses: 0, authentic: 0 })
    }

    /// Whether a packet's source is one that has authenticated before. All may be, until the first has.
    pub(super) fn may_know(&self, datagram: &[u8]) -> bool {
        self.knows(word(datagram, 8))
    }

    /// The same of an RTCP packet's.
    pub(super) fn may_know_rtcp(&self, datagram: &[u8]) -> bool {
        self.knows(word(datagram, 4))
    }

    fn knows(&self, ssrc: Result<u32>) -> bool {
        self.sources.is_empty() || ssrc.is_ok_and(|ssrc| self.sources.iter().any(|source| source.ssrc == ssrc))
    }

    pub(super) fn unprotect(&mut self, datagram: &[u8]) -> Result<Bytes> {
        let datagram = self.without_mki(datagram, self.keys.profile.rtp_auth_tag_len())?;
        let plain = self.of_source(word(&datagram, 8)?, |context| context.decrypt_rtp(&datagram))?;
        self.authentic += 1;
        Ok(plain)
    }

    pub(super) fn unprotect_rtcp(&mut self, datagram: &[u8]) -> Result<Bytes> {
        let datagram = self.without_mki(datagram, self.keys.profile.rtcp_auth_tag_len())?;
        self.of_source(word(&datagram, 4)?, |context| context.decrypt_rtcp(&datagram))
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
    /// that is thrown away, and whoever passes has one of its own.
    fn of_source(&mut self, ssrc: u32, decrypt: impl Fn(&mut Context) -> Result<BytesMut>) -> Result<Bytes> {
        if let Some(at) = self.sources.iter().position(|source| source.ssrc == ssrc)
            && let Some(recent) = self.sources.get_mut(at..)
            && let Some(source) = recent.first_mut()
        {
            // What is forged or repeated does not make its alleged source a recent one.
            let plain = decrypt(&mut source.context)?;
            recent.rotate_left(1);
            return Ok(plain.freeze());
        }
        let mut source = self.admit(ssrc, &decrypt)?;
        let plain = decrypt(&mut source.context).map(BytesMut::freeze);
        self.sources.push(source);
        plain
    }

    fn admit(&mut self, ssrc: u32, decrypt: impl Fn(&mut Context) -> Result<BytesMut>) -> Result<Source> {
        let mut trial = match self.trial.take() {
            Some(trial) => trial,
            None => context(&self.keys, &self.keys.theirs)?,
        };
        if let Err(error) = decrypt(&mut trial) {
            self.misses += 1;
            if !self.misses.is_multiple_of(MAX_MISSES) {
                self.trial = Some(trial);
            }
            return Err(error);
        }
        if self.sources.len() >= MAX_SOURCES {
            self.sources.remove(0);
        }
        Ok(Source { ssrc, context: context(&self.keys, &self.keys.theirs)? })
    }

    #[cfg(test)]
    pub(super) fn known(&self) -> usize {
        self.sources.len()
    }
}

fn word(datagram: &[u8], at: usize) -> Result<u32> {
    datagram.get(at..).and_then(|rest| rest.first_chunk::<4>()).map(|octets| u32::from_be_bytes(*octets)).ok_or(Error::ErrTooShortRtp)
}
