use crate::Codec;

/// The codecs two sides share.
pub(super) struct Common {
    /// As we describe them: the first payload type of each is the offerer's in an answer, ours in an offer.
    pub(super) receive: Vec<Codec>,
    /// What we send.
    pub(super) send: Codec,
    /// `telephone-event` to send.
    pub(super) dtmf: Option<Codec>,
}

/// `theirs` in the peer's order of preference, `ours` as we know or offered them. `answering`: payload types are taken from
/// the peer's offer (RFC 3264 6.1). `None` without a common codec to speak through.
pub(super) fn common(theirs: &[Codec], ours: &[Codec], answering: bool) -> Option<Common> {
    let mut receive: Vec<Codec> = Vec::new();
    let mut send: Vec<Codec> = Vec::new();
    for their in theirs {
        let known = ours.iter().find(|our| our.is_same_encoding(their));
        if let Some(our) = known.filter(|_| !send.iter().any(|seen| seen.is_same_encoding(their))) {
            let payload_type = if answering { their.payload_type } else { our.payload_type };
            receive.push(Codec { payload_type, ..our.clone() });
            send.push(their.clone());
        }
    }
    let codec = send.iter().find(|codec| codec.is_audio())?.clone();
    let dtmf = telephone_event(&send, codec.clock_rate);
    Some(Common { receive: kept(receive, ours, answering), send: codec, dtmf })
}

/// An answer that names none of what was offered, yet a codec of ours by its static number: what it sends can be played, and what it wants
/// can be sent. More cannot be told from it, and RFC 3264 6.1 forbids it.
pub(super) fn unasked(theirs: &[Codec], ours: &[Codec]) -> Option<Common> {
    let is_ours = |codec: &&Codec| {
        let known = Codec::by_name(&codec.name).is_some_and(|known| known.is_same_encoding(codec));
        known && Codec::of_static_type(codec.payload_type).is_some_and(|named| named.is_same_encoding(codec))
    };
    let send = theirs.iter().filter(is_ours).find(|codec| ours.iter().all(|our| our.payload_type != codec.payload_type))?.clone();
    let receive = ours.iter().cloned().chain([send.clone()]).collect();
    Some(Common { receive, send, dtmf: None })
}

/// An answer names what is common; an offerer must go on taking everything it offered (RFC 3264 7: until the answer; a
/// peer that sends another offered codec is understood all the same).
fn kept(common: Vec<Codec>, ours: &[Codec], answering: bool) -> Vec<Codec> {
    if answering { common } else { ours.to_vec() }
}

/// The one with the clock of the audio codec (RFC 4733 2.1); else any, for peers that know only 8000 Hz events beside Opus.
fn telephone_event(send: &[Codec], clock_rate: u32) -> Option<Codec> {
    let mut events = send.iter().filter(|codec| codec.is_telephone_event());
    let first = events.clone().next();
    events.find(|event| event.clock_rate == clock_rate).or(first).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peers_order_decides_and_its_payload_types_are_sent() {
        let theirs = [Codec::new(3, "GSM", 8000, 1), Codec::new(8, "PCMA", 8000, 1), Codec::new(107, "OPUS", 48000, 2)];
        let common = common(&theirs, &Codec::defaults(), true).unwrap();
        assert_eq!((common.send.payload_type, common.dtmf), (8, None));
        let types: Vec<u8> = common.receive.iter().map(|codec| codec.payload_type).collect();
        assert_eq!(types, [8, 107]);
    }

    #[test]
    fn an_offerer_sends_by_the_answers_numbers_and_receives_by_its_own() {
        let ours = Codec::defaults();
        let common = common(&[Codec::new(97, "opus", 48000, 2), Codec::new(98, "telephone-event", 48000, 1)], &ours, false).unwrap();
        assert_eq!((common.send.payload_type, common.dtmf.unwrap().payload_type), (97, 98));
        assert_eq!(common.receive, ours);
    }

    #[test]
    fn the_telephone_event_has_the_clock_of_the_codec_or_else_any() {
        let event = |theirs: &[Codec]| common(theirs, &Codec::defaults(), true).unwrap().dtmf.map(|event| event.clock_rate);
        let (narrow, wide) = (Codec::new(101, "telephone-event", 8000, 1), Codec::new(102, "telephone-event", 48000, 1));
        assert_eq!(event(&[Codec::opus(), narrow.clone(), wide.clone()]), Some(48000));
        assert_eq!(event(&[Codec::pcma(), wide.clone(), narrow.clone()]), Some(8000));
        assert_eq!(event(&[Codec::opus(), narrow]), Some(8000));
        assert_eq!(event(&[Codec::opus()]), None);
    }

    #[test]
    fn events_and_comfort_noise_alone_are_no_codec() {
        let ours = [Codec::new(13, "CN", 8000, 1), Codec::telephone_event(8000), Codec::pcmu()];
        assert!(common(&[Codec::new(13, "CN", 8000, 1), Codec::telephone_event(8000)], &ours, true).is_none());
    }
}
