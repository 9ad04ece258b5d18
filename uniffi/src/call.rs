use std::time::Duration;

use cooee_call as core;
use cooee_engine::{CallView, SoundTrouble as CoreSoundTrouble};
use cooee_machine::Pii;
use cooee_rtc::{MediaSecurity as CoreSecurity, OneWayCause as CoreCause, Statistics};

use crate::{Introduction, KeyTrust, Person};

/// A call as it is now. Over, it is gone from the stream, and [`Event::CallEnded`](crate::Event::CallEnded) says why.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Call {
    /// Names it as long as the phone lives.
    pub id: u64,
    /// The account it runs over.
    pub account: u64,
    /// Who called whom.
    pub direction: CallDirection,
    /// The other end.
    pub peer: Person,
    /// Where it is.
    pub state: CallState,
    /// What can be done with it now: buttons show if and only if their action is here.
    pub allowed: Vec<CallAction>,
    /// The caller withholds who it is.
    pub anonymous: bool,
    /// Who the caller is by word of our own server.
    pub asserted: Option<String>,
    /// Incoming: it makes no sound while it rings, and asks to be let through.
    pub request: Option<Introduction>,
    /// Incoming: it is our own, come back, to see whether it rings; it ends by itself and is not missed.
    pub is_test: bool,
    /// Incoming: it has rung aloud for 2 s; an app that waits for its system's word before it makes a sound waits no longer.
    pub is_overdue: bool,
    /// Who asked for this call, where it came of a transfer.
    pub referred_by: Option<String>,
    /// The call of ours whose place it took.
    pub replaces: Option<u64>,
    /// Whom the peer asks us to call instead, while that is undecided.
    pub transfer_asked: Option<String>,
    /// We hold it.
    pub held_by_us: bool,
    /// The peer holds it; what it plays meanwhile is heard.
    pub held_by_peer: bool,
    /// The microphone is not sent.
    pub muted: bool,
    /// How the sound is protected, once that is proven.
    pub security: Option<MediaSecurity>,
    /// What is known of the other phone's key; none where the sound is not encrypted end to end. [`KeyTrust::Changed`] is to be said.
    pub key: Option<KeyTrust>,
    /// The SRTP profile, for details.
    pub cipher: Option<String>,
    /// What we send, by its RTP name, for details.
    pub codec: Option<String>,
    /// The way packets take, for details.
    pub route: Option<CallRoute>,
    /// Why sound may flow one way only.
    pub one_way: Option<OneWayCause>,
    /// What is wrong with the sound now.
    pub troubles: Vec<SoundTrouble>,
    /// How it fares; at first nothing is known.
    pub figures: Option<Figures>,
    /// When it began, since the Unix epoch.
    pub begun: Duration,
    /// When it was answered, since the Unix epoch.
    pub answered: Option<Duration>,
}

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CallDirection {
    /// We called.
    Outgoing,
    /// We were called.
    Incoming,
}

/// Where a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CallState {
    /// Incoming: a push says that somebody calls, and the call itself is on its way. It rings.
    Announced,
    /// Outgoing: on its way to the other phone.
    Dialing,
    /// The called phone rings: theirs, or ours.
    Ringing,
    /// Answered; sound does not flow yet.
    Connecting,
    /// Sound flows both ways, and both sides have proof; or one way, and the call says why.
    Active,
    /// On hold, by whom [`Call::held_by_us`] and [`Call::held_by_peer`] say.
    Held,
    /// The network path is lost and looked for.
    Reconnecting,
    /// Over.
    Ended,
}

/// One of the two sides of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Side {
    /// This phone, or its owner.
    Us,
    /// The other one.
    Peer,
}

/// What a person can do with a call at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum CallAction {
    /// Take it. Other calls are held, or ended if that is asked for.
    Answer,
    /// Refuse it: declined, or as busy.
    Decline,
    /// End it.
    HangUp,
    /// Put it on hold.
    Hold,
    /// Take it back from hold. Other calls are held.
    Resume,
    /// Stop sending the microphone.
    Mute,
    /// Send it again.
    Unmute,
    /// Send a digit.
    Digit,
    /// Hand it over to somebody else, or to another call.
    Transfer,
    /// Call whom the peer asks us to call instead.
    FollowTransfer,
    /// Do not.
    RefuseTransfer,
}

/// Who can hear a call: these words and no stronger ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum MediaSecurity {
    /// Not encrypted.
    None,
    /// Encrypted to the servers.
    ToServers,
    /// Encrypted end to end.
    EndToEnd,
    /// Encrypted end to end, and the two people have compared the keys.
    Verified,
}

/// The likely reason why sound flows one way at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum OneWayCause {
    /// Nothing from the peer has arrived: it is silent, or a firewall on the way drops it.
    NothingReceived,
    /// Packets arrive, but none can be decrypted.
    Undecryptable,
    /// The peer's sound arrives, but it reports nothing of ours.
    NotHeard,
    /// Neither way is proven.
    Neither,
}

/// Something wrong with the sound of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, uniffi::Enum)]
#[non_exhaustive]
pub enum SoundTrouble {
    /// The microphone gives nothing.
    MicrophoneSilent,
    /// The microphone is at full scale: what the other side hears is distorted.
    Clipping,
    /// No packet of the peer comes.
    NothingArrives,
}

/// The way packets take.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct CallRoute {
    /// Our socket, e.g. `192.0.2.1:4000`.
    pub local: String,
    /// Where packets are sent.
    pub remote: String,
}

/// How a call fares: measured, over its whole time unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, uniffi::Record)]
pub struct Figures {
    /// Octets on the network that were sent, all headers included.
    pub bytes_sent: u64,
    /// The same for what was received.
    pub bytes_received: u64,
    /// Octets a second on the network that were sent lately, all headers included; none before there are two measurements.
    pub sending: Option<u32>,
    /// The same for what was received lately.
    pub receiving: Option<u32>,
    /// The share of the peer's packets that never came, 0 to 1.
    pub loss: f32,
    /// What the peer says it lost of ours lately, 0 to 1.
    pub loss_there: Option<f32>,
    /// How unevenly packets come.
    pub jitter: Duration,
    /// There and back.
    pub round_trip: Option<Duration>,
    /// How long a packet waits before it is played.
    pub playout_delay: Duration,
}

impl Figures {
    /// `sending` and `receiving`: what is measured beside the counters.
    pub(crate) fn new(counted: &Statistics, sending: Option<u32>, receiving: Option<u32>) -> Self {
        let expected = counted.packets_received + counted.packets_lost;
        Self {
            bytes_sent: counted.wire_sent,
            bytes_received: counted.wire_received,
            sending,
            receiving,
            loss: if expected == 0 { 0.0 } else { counted.packets_lost as f32 / expected as f32 },
            loss_there: counted.remote_loss,
            jitter: counted.jitter,
            round_trip: counted.rtt,
            playout_delay: counted.playout_delay,
        }
    }
}

impl Call {
    /// What the engine says, with what is measured besides.
    pub(crate) fn new(view: &CallView, troubles: Vec<SoundTrouble>, figures: Option<Figures>) -> Self {
        let core::CallSnapshot { id, direction, peer, state, allowed, timeline, .. } = &view.call;
        let reveal = |address: &Option<Pii<String>>| address.as_ref().map(|address| address.reveal().clone());
        let call = &view.call;
        Self {
            id: id.0,
            account: view.account.0,
            direction: (*direction).into(),
            peer: peer.into(),
            state: state.into(),
            allowed: allowed.iter().filter_map(|action| CallAction::of(*action)).collect(),
            anonymous: call.anonymous,
            asserted: reveal(&call.asserted),
            request: call.request.as_ref().map(Introduction::from),
            is_test: call.is_test,
            is_overdue: call.is_overdue,
            referred_by: reveal(&call.referred_by),
            replaces: call.replaces.map(|call| call.0),
            transfer_asked: reveal(&call.transfer_asked),
            held_by_us: call.held.by_us,
            held_by_peer: call.held.by_peer,
            muted: call.muted,
            security: call.security.map(MediaSecurity::from),
            key: call.keys.map(|_| call.key_trust.into()),
            cipher: call.cipher.map(str::to_owned),
            codec: call.codec.as_ref().map(|codec| codec.name.clone()),
            route: call.path.map(|path| CallRoute { local: path.local.to_string(), remote: path.remote.to_string() }),
            one_way: call.warning.map(OneWayCause::from),
            troubles,
            figures,
            begun: timeline.steps().first().map(|step| step.at).unwrap_or_default(),
            answered: timeline.step(core::Milestone::Answered).map(|step| step.at),
        }
    }
}

impl From<core::CallDirection> for CallDirection {
    fn from(direction: core::CallDirection) -> Self {
        match direction {
            core::CallDirection::Outgoing => Self::Outgoing,
            core::CallDirection::Incoming => Self::Incoming,
        }
    }
}

impl From<&core::CallState> for CallState {
    fn from(state: &core::CallState) -> Self {
        match state {
            core::CallState::Announced => Self::Announced,
            core::CallState::Dialing => Self::Dialing,
            core::CallState::Ringing => Self::Ringing,
            core::CallState::Connecting => Self::Connecting,
            core::CallState::Active => Self::Active,
            core::CallState::Held(_) => Self::Held,
            core::CallState::Reconnecting => Self::Reconnecting,
            core::CallState::Ended(_) => Self::Ended,
        }
    }
}

impl From<core::Side> for Side {
    fn from(side: core::Side) -> Self {
        match side {
            core::Side::Us => Self::Us,
            core::Side::Peer => Self::Peer,
        }
    }
}

impl CallAction {
    /// `None` for what only a later version can do.
    pub(crate) fn of(action: core::CallAction) -> Option<Self> {
        Some(match action {
            core::CallAction::Answer => Self::Answer,
            core::CallAction::Decline => Self::Decline,
            core::CallAction::HangUp => Self::HangUp,
            core::CallAction::Hold => Self::Hold,
            core::CallAction::Resume => Self::Resume,
            core::CallAction::Mute => Self::Mute,
            core::CallAction::Unmute => Self::Unmute,
            core::CallAction::Digit => Self::Digit,
            core::CallAction::Transfer => Self::Transfer,
            core::CallAction::FollowTransfer => Self::FollowTransfer,
            core::CallAction::RefuseTransfer => Self::RefuseTransfer,
            _ => return None,
        })
    }
}

impl From<CoreSecurity> for MediaSecurity {
    fn from(security: CoreSecurity) -> Self {
        match security {
            CoreSecurity::None => Self::None,
            CoreSecurity::ToServers => Self::ToServers,
            CoreSecurity::EndToEnd => Self::EndToEnd,
            CoreSecurity::Verified => Self::Verified,
        }
    }
}

impl From<CoreCause> for OneWayCause {
    fn from(cause: CoreCause) -> Self {
        match cause {
            CoreCause::NothingReceived => Self::NothingReceived,
            CoreCause::Undecryptable => Self::Undecryptable,
            CoreCause::NotHeard => Self::NotHeard,
            _ => Self::Neither,
        }
    }
}

impl SoundTrouble {
    /// `None` for what only a later version knows.
    pub(crate) fn of(trouble: CoreSoundTrouble) -> Option<Self> {
        Some(match trouble {
            CoreSoundTrouble::MicrophoneSilent => Self::MicrophoneSilent,
            CoreSoundTrouble::Clipping => Self::Clipping,
            CoreSoundTrouble::NothingArrives => Self::NothingArrives,
            _ => return None,
        })
    }
}
