use std::time::Duration;

use bytes::Bytes;

/// What to play next. The audio side asks for the next frame whenever it has less than one device period of samples left; each answer
/// stands for one frame, whose length the packets themselves dictate (10 to 60 ms).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Playout {
    /// Decode this packet.
    Decode {
        /// The codec's octets.
        payload: Bytes,
        /// Which codec: one of [`cooee_sdp::Negotiated::receive`].
        payload_type: u8,
        /// Whether to play it at another length.
        stretch: Stretch,
    },
    /// A frame of `duration` is lost; recover it from the redundancy in the packet after it, which is kept and comes next.
    Fec {
        /// The octets of the *next* packet.
        next: Bytes,
        /// Which codec.
        payload_type: u8,
        /// Length of the lost frame.
        duration: Duration,
    },
    /// A frame of `duration` is lost or late: let the codec conceal it.
    Conceal {
        /// Length of the frame.
        duration: Duration,
    },
    /// The peer says how its background sounds (RFC 3389), and then sends nothing: comfort noise, from now on until the next packet.
    ComfortNoise {
        /// Level and colour of the noise.
        payload: Bytes,
        /// For how long to play it before asking again; may be zero.
        duration: Duration,
    },
    /// Nothing is due (before the first packet, in a pause of the peer, after a long loss): play comfort noise, if how it should sound is
    /// known, or silence.
    Silence {
        /// For how long, then ask again.
        duration: Duration,
    },
}

/// Whether a decoded frame should be played faster or slower than it was spoken, without changing its pitch, to steer the delay. How much
/// is up to the stretcher (a pitch period or two); the buffer measures the result by when the next frame is asked for. Ignoring it is safe:
/// the delay is then corrected more coarsely.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stretch {
    /// As spoken.
    #[default]
    None,
    /// Shorter, if nobody speaks in it: delay has gathered, which can wait for a pause.
    ShortenPause,
    /// Most of it left out, if nobody speaks in it: much delay has gathered.
    SkipPause,
    /// Shorter: too much delay has gathered.
    Shorten,
    /// Longer: the buffer runs dry.
    Lengthen,
}
