use std::fmt::{Display, Formatter, Result};
use std::time::Duration;

use crate::Codec;

/// What a side says in `a=fmtp` of how it wants Opus to be sent to it, and of what it sends (RFC 7587 6.1). Defaults are those of the RFC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpusParameters {
    /// It plays no higher rate, in Hz: sound above half of it is wasted. 8000..=48000.
    pub max_playback_rate: u32,
    /// It captures no higher rate, in Hz. 8000..=48000.
    pub max_capture_rate: u32,
    /// The most it wants on average, in bit/s. 6000..=510000.
    pub max_average_bitrate: Option<u32>,
    /// It prefers two channels.
    pub stereo: bool,
    /// It is likely to send two channels.
    pub sends_stereo: bool,
    /// It prefers a constant bit rate.
    pub constant_bitrate: bool,
    /// It makes use of in-band redundancy.
    pub in_band_fec: bool,
    /// It prefers pauses not to be sent.
    pub dtx: bool,
    /// `ptime` in this place, where some peers write it.
    pub ptime: Option<Duration>,
    /// `maxptime` in this place.
    pub max_ptime: Option<Duration>,
    /// The least in one packet: not in the RFC, yet written by many.
    pub min_ptime: Option<Duration>,
}

const FULL_RATE: u32 = 48_000;

impl Default for OpusParameters {
    fn default() -> Self {
        Self {
            max_playback_rate: FULL_RATE,
            max_capture_rate: FULL_RATE,
            max_average_bitrate: None,
            stereo: false,
            sends_stereo: false,
            constant_bitrate: false,
            in_band_fec: false,
            dtx: false,
            ptime: None,
            max_ptime: None,
            min_ptime: None,
        }
    }
}

impl OpusParameters {
    /// Reads the value of `a=fmtp`. What is unknown, malformed or out of range counts as not said.
    #[must_use]
    pub fn parse(parameters: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in parameters.split(';').filter_map(|parameter| parameter.split_once('=')) {
            read.set(name.trim(), value.trim());
        }
        read
    }

    fn set(&mut self, name: &str, value: &str) {
        let number = |least: u32, most: u32| value.parse::<u32>().ok().filter(|number| (least..=most).contains(number));
        let time = || number(1, 120).map(|ms| Duration::from_millis(ms.into()));
        let flag = value == "1";
        match name.to_ascii_lowercase().as_str() {
            "maxplaybackrate" => self.max_playback_rate = number(8_000, FULL_RATE).unwrap_or(FULL_RATE),
            "sprop-maxcapturerate" => self.max_capture_rate = number(8_000, FULL_RATE).unwrap_or(FULL_RATE),
            "maxaveragebitrate" => self.max_average_bitrate = number(6_000, 510_000),
            "stereo" => self.stereo = flag,
            "sprop-stereo" => self.sends_stereo = flag,
            "cbr" => self.constant_bitrate = flag,
            "useinbandfec" => self.in_band_fec = flag,
            "usedtx" => self.dtx = flag,
            "ptime" => self.ptime = time(),
            "maxptime" => self.max_ptime = time(),
            "minptime" => self.min_ptime = time(),
            _ => {}
        }
    }
}

/// The value of `a=fmtp`; what has its default is left out.
impl Display for OpusParameters {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let rate = |rate: u32| (rate != FULL_RATE).then_some(rate);
        let time = |time: Option<Duration>| time.and_then(|time| u32::try_from(time.as_millis()).ok());
        let said = [
            ("minptime", time(self.min_ptime)),
            ("ptime", time(self.ptime)),
            ("maxptime", time(self.max_ptime)),
            ("maxplaybackrate", rate(self.max_playback_rate)),
            ("sprop-maxcapturerate", rate(self.max_capture_rate)),
            ("maxaveragebitrate", self.max_average_bitrate),
            ("stereo", self.stereo.then_some(1)),
            ("sprop-stereo", self.sends_stereo.then_some(1)),
            ("cbr", self.constant_bitrate.then_some(1)),
            ("useinbandfec", self.in_band_fec.then_some(1)),
            ("usedtx", self.dtx.then_some(1)),
        ];
        let mut separator = "";
        for (name, value) in said.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            write!(f, "{separator}{name}={value}")?;
            separator = ";";
        }
        Ok(())
    }
}

impl Codec {
    /// What the describing side says of Opus; `None` for other codecs.
    #[must_use]
    pub fn opus_parameters(&self) -> Option<OpusParameters> {
        self.name.eq_ignore_ascii_case("opus").then(|| OpusParameters::parse(&self.parameters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_example_of_rfc_7587_is_read() {
        let text = "maxplaybackrate=16000; sprop-maxcapturerate=16000; maxaveragebitrate=20000; stereo=1; useinbandfec=1; usedtx=0";
        let expected = OpusParameters {
            max_playback_rate: 16_000,
            max_capture_rate: 16_000,
            max_average_bitrate: Some(20_000),
            stereo: true,
            in_band_fec: true,
            ..OpusParameters::default()
        };
        assert_eq!(OpusParameters::parse(text), expected);
        assert_eq!(
            expected.to_string(),
            "maxplaybackrate=16000;sprop-maxcapturerate=16000;maxaveragebitrate=20000;stereo=1;useinbandfec=1"
        );
    }

    #[test]
    fn what_is_out_of_range_or_malformed_counts_as_not_said() {
        let text = "maxplaybackrate=99;maxaveragebitrate=5999;ptime=0;maxptime=121;stereo=yes;cbr;usedtx==1;;=;x=1";
        assert_eq!(OpusParameters::parse(text), OpusParameters::default());
        assert_eq!(OpusParameters::parse("maxaveragebitrate=510001").max_average_bitrate, None);
        assert_eq!(OpusParameters::default().to_string(), "");
    }

    #[test]
    fn every_parameter_goes_both_ways() {
        let text = "minptime=10;ptime=40;maxptime=60;maxplaybackrate=8000;sprop-maxcapturerate=12000;maxaveragebitrate=6000;stereo=1;\
                    sprop-stereo=1;cbr=1;useinbandfec=1;usedtx=1";
        assert_eq!(OpusParameters::parse(text).to_string(), text);
        assert_eq!(OpusParameters::parse(&text.to_uppercase()).to_string(), text);
    }
}
