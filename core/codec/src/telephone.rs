//! The codecs of telephones, G.711 and G.722, between their own rate and 48 kHz.

use crate::g711::{alaw_decode, alaw_encode, ulaw_decode, ulaw_encode};
use crate::{Band, Concealment, Downsampler, G722Decoder, G722Encoder, Upsampler};

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Law {
    A,
    Mu,
    G722,
}

impl Law {
    fn band(self) -> Band {
        match self {
            Self::A | Self::Mu => Band::Narrow,
            Self::G722 => Band::Wide,
        }
    }
}

pub(crate) struct TelephoneEncoder {
    encode: Encode,
    downsampler: Downsampler,
    samples: Vec<i16>,
}

enum Encode {
    Sample(fn(i16) -> u8),
    G722(Box<G722Encoder>),
}

impl TelephoneEncoder {
    pub(crate) fn new(law: Law) -> Self {
        let encode = match law {
            Law::A => Encode::Sample(alaw_encode),
            Law::Mu => Encode::Sample(ulaw_encode),
            Law::G722 => Encode::G722(Box::default()),
        };
        Self { encode, downsampler: Downsampler::new(law.band()), samples: Vec::new() }
    }

    /// Appends one octet for each six samples.
    pub(crate) fn encode(&mut self, frame: &[i16], payload: &mut Vec<u8>) {
        self.samples.clear();
        self.downsampler.process(frame, &mut self.samples);
        match &mut self.encode {
            Encode::Sample(law) => payload.extend(self.samples.iter().map(|sample| law(*sample))),
            Encode::G722(encoder) => encoder.encode(&self.samples, payload),
        }
    }
}

pub(crate) struct TelephoneDecoder {
    decode: Decode,
    band: Band,
    concealment: Concealment,
    upsampler: Upsampler,
    samples: Vec<i16>,
}

enum Decode {
    Table(Box<[i16; 256]>),
    G722(Box<G722Decoder>),
}

impl TelephoneDecoder {
    pub(crate) fn new(law: Law) -> Self {
        let decode = match law {
            Law::A => Decode::table(alaw_decode),
            Law::Mu => Decode::table(ulaw_decode),
            Law::G722 => Decode::G722(Box::default()),
        };
        let band = law.band();
        Self { decode, band, concealment: Concealment::new(band), upsampler: Upsampler::new(band), samples: Vec::new() }
    }

    /// Appends six samples for each octet.
    pub(crate) fn decode(&mut self, octets: &[u8], output: &mut Vec<i16>) {
        self.samples.clear();
        match &mut self.decode {
            Decode::Table(table) => {
                self.samples.extend(octets.iter().map(|code| table.get(usize::from(*code)).copied().unwrap_or(0)));
            }
            Decode::G722(decoder) => decoder.decode(octets.iter().copied(), &mut self.samples),
        }
        self.concealment.heard(&mut self.samples);
        self.upsampler.process(&self.samples, output);
    }

    /// Appends at least `count` invented samples, which fade.
    pub(crate) fn conceal(&mut self, count: usize, output: &mut Vec<i16>) {
        self.samples.clear();
        self.concealment.conceal(count.div_ceil(self.band.factor()), &mut self.samples);
        self.upsampler.process(&self.samples, output);
    }

    /// Appends at least `count` samples of silence.
    pub(crate) fn rest(&mut self, count: usize, output: &mut Vec<i16>) {
        self.samples.clear();
        self.samples.resize(count.div_ceil(self.band.factor()), 0);
        self.concealment.heard(&mut self.samples);
        self.upsampler.process(&self.samples, output);
    }
}

impl Decode {
    fn table(law: fn(u8) -> i16) -> Self {
        let mut table = Box::new([0; 256]);
        for (code, sample) in (0..=u8::MAX).zip(table.iter_mut()) {
            *sample = law(code);
        }
        Self::Table(table)
    }
}
