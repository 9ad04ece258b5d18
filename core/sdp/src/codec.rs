use crate::Codec;

/// The static payload types of RFC 3551 6: number, name, clock, channels.
const STATIC: [(u8, &str, u32, u8); 24] = [
    (0, "PCMU", 8000, 1),
    (3, "GSM", 8000, 1),
    (4, "G723", 8000, 1),
    (5, "DVI4", 8000, 1),
    (6, "DVI4", 16000, 1),
    (7, "LPC", 8000, 1),
    (8, "PCMA", 8000, 1),
    (9, "G722", 8000, 1),
    (10, "L16", 44100, 2),
    (11, "L16", 44100, 1),
    (12, "QCELP", 8000, 1),
    (13, "CN", 8000, 1),
    (14, "MPA", 90000, 1),
    (15, "G728", 8000, 1),
    (16, "DVI4", 11025, 1),
    (17, "DVI4", 22050, 1),
    (18, "G729", 8000, 1),
    (25, "CelB", 90000, 1),
    (26, "JPEG", 90000, 1),
    (28, "nv", 90000, 1),
    (31, "H261", 90000, 1),
    (32, "MPV", 90000, 1),
    (33, "MP2T", 90000, 1),
    (34, "H263", 90000, 1),
];

impl Codec {
    /// A codec without parameters.
    #[must_use]
    pub fn new(payload_type: u8, name: &str, clock_rate: u32, channels: u8) -> Self {
        Self { payload_type, name: name.to_owned(), clock_rate, channels, parameters: String::new() }
    }

    /// What RFC 3551 says a static payload type is.
    #[must_use]
    pub fn of_static_type(payload_type: u8) -> Option<Self> {
        let (number, name, clock, channels) = STATIC.into_iter().find(|row| row.0 == payload_type)?;
        Some(Self::new(number, name, clock, channels))
    }

    /// Opus with in-band FEC (RFC 7587), mono to receive (`stereo` left at its default 0).
    #[must_use]
    pub fn opus() -> Self {
        Self { parameters: "minptime=10;useinbandfec=1".into(), ..Self::new(111, "opus", 48000, 2) }
    }

    /// G.711 A-law.
    #[must_use]
    pub fn pcma() -> Self {
        Self::new(8, "PCMA", 8000, 1)
    }

    /// G.711 u-law.
    #[must_use]
    pub fn pcmu() -> Self {
        Self::new(0, "PCMU", 8000, 1)
    }

    /// G.722: 16 kHz of sound on a clock that is called 8000 Hz (RFC 3551 4.5.2).
    #[must_use]
    pub fn g722() -> Self {
        Self::new(9, "G722", 8000, 1)
    }

    /// Comfort noise beside codecs with a clock of 8000 Hz (RFC 3389).
    #[must_use]
    pub fn comfort_noise() -> Self {
        Self::new(13, "CN", 8000, 1)
    }

    /// DTMF digits (RFC 4733) on the clock of an audio codec.
    #[must_use]
    pub fn telephone_event(clock_rate: u32) -> Self {
        let payload_type = if clock_rate == 48000 { 110 } else { 101 };
        Self { parameters: "0-15".into(), ..Self::new(payload_type, "telephone-event", clock_rate, 1) }
    }

    /// One of Cooee's audio codecs by the name a person types (`opus`, `g722`, `pcma`, `pcmu`; case does not matter).
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::opus(), Self::g722(), Self::pcma(), Self::pcmu()].into_iter().find(|codec| codec.name.eq_ignore_ascii_case(name))
    }

    /// These audio codecs and a `telephone-event` for each of their clocks: what [`crate::LocalMedia::codecs`] wants.
    #[must_use]
    pub fn with_telephone_events(mut audio: Vec<Self>) -> Vec<Self> {
        let mut clocks: Vec<u32> = audio.iter().map(|codec| codec.clock_rate).collect();
        clocks.sort_unstable_by(|a, b| b.cmp(a));
        clocks.dedup();
        audio.extend(clocks.into_iter().map(Self::telephone_event));
        audio
    }

    /// Opus, G.722, PCMA, PCMU and their telephone events: what is offered unless the account says otherwise.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        Self::with_telephone_events(vec![Self::opus(), Self::g722(), Self::pcma(), Self::pcmu()])
    }

    /// DTMF digits and other events, not audio.
    #[must_use]
    pub fn is_telephone_event(&self) -> bool {
        self.name.eq_ignore_ascii_case("telephone-event")
    }

    /// Comfort noise, not audio.
    #[must_use]
    pub fn is_comfort_noise(&self) -> bool {
        self.name.eq_ignore_ascii_case("CN")
    }

    /// Whether both name the same encoding. Payload types and parameters may differ; Opus is one encoding however its
    /// channels were written (RFC 7587 7 wants 2, some write none).
    #[must_use]
    pub fn is_same_encoding(&self, other: &Self) -> bool {
        self.name.eq_ignore_ascii_case(&other.name)
            && self.clock_rate == other.clock_rate
            && (self.channels == other.channels || self.name.eq_ignore_ascii_case("opus"))
    }

    /// Something to speak through, as opposed to events, comfort noise and redundancy.
    pub(crate) fn is_audio(&self) -> bool {
        !["telephone-event", "CN", "red", "ulpfec"].iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_codecs_have_a_telephone_event_for_each_clock_and_no_payload_type_twice() {
        let codecs = Codec::defaults();
        let events: Vec<u32> = codecs.iter().filter(|codec| codec.is_telephone_event()).map(|codec| codec.clock_rate).collect();
        assert_eq!(events, [48000, 8000]);
        let mut types: Vec<u8> = codecs.iter().map(|codec| codec.payload_type).collect();
        types.sort_unstable();
        types.dedup();
        assert_eq!(types.len(), codecs.len());
    }

    #[test]
    fn an_encoding_is_the_same_whatever_its_case_and_payload_type() {
        assert!(Codec::opus().is_same_encoding(&Codec::new(96, "OPUS", 48000, 1)));
        assert!(Codec::pcma().is_same_encoding(&Codec::new(97, "pcma", 8000, 1)));
        assert!(!Codec::pcma().is_same_encoding(&Codec::new(97, "pcma", 16000, 1)));
        assert!(!Codec::new(10, "L16", 44100, 2).is_same_encoding(&Codec::new(11, "L16", 44100, 1)));
    }
}
