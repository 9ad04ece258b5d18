use std::net::IpAddr;
use std::time::Duration;

use super::line::MediaLine;
use super::{MAX_ATTRIBUTES, MAX_CANDIDATES, MAX_CODECS, MAX_KEYS, attribute};
use crate::{Bandwidth, Candidate, Codec, Crypto, Direction, Fingerprint, IceCredentials, Media, Setup};

/// What stands under one `m=` line, or above the first.
#[derive(Default)]
pub(super) struct Section {
    pub(super) connection: Option<Option<IpAddr>>,
    pub(super) ice_lite: bool,
    pub(super) ice_options: Vec<String>,
    pub(super) bundle: Vec<String>,
    pub(super) bandwidth: Bandwidth,
    pub(super) unknown: Vec<String>,
    direction: Option<Direction>,
    ufrag: Option<String>,
    pwd: Option<String>,
    candidates: Vec<Candidate>,
    end_of_candidates: bool,
    ice_mismatch: bool,
    fingerprints: Vec<Fingerprint>,
    setup: Option<Setup>,
    crypto: Vec<Crypto>,
    rtpmaps: Vec<Codec>,
    fmtps: Vec<(u8, String)>,
    ptime: Option<Duration>,
    max_ptime: Option<Duration>,
    rtcp_mux: bool,
    rtcp: Option<String>,
    mid: Option<String>,
}

impl Section {
    /// Takes the value of an `a=` line.
    pub(super) fn attribute(&mut self, whole: &str) {
        let (name, value) = whole.split_once(':').unwrap_or((whole.trim_end(), ""));
        match name {
            "rtpmap" => push(&mut self.rtpmaps, attribute::rtpmap(value), MAX_CODECS),
            "fmtp" => push(&mut self.fmtps, attribute::fmtp(value), MAX_CODECS),
            "ptime" => self.ptime = attribute::milliseconds(value).or(self.ptime),
            "maxptime" => self.max_ptime = attribute::milliseconds(value).or(self.max_ptime),
            "maxprate" => self.bandwidth.set_packets(value),
            "rtcp-mux" => self.rtcp_mux = true,
            "rtcp" => self.rtcp = Some(value.to_owned()),
            "mid" => self.mid = token(value),
            "fingerprint" => push(&mut self.fingerprints, attribute::fingerprint(value), MAX_KEYS),
            "setup" => self.setup = attribute::setup(value).or(self.setup),
            "crypto" => push(&mut self.crypto, attribute::crypto(value), MAX_KEYS),
            _ => self.ice_or_other(name, value, whole),
        }
    }

    fn ice_or_other(&mut self, name: &str, value: &str, whole: &str) {
        match name {
            "candidate" => push(&mut self.candidates, Candidate::parse(value), MAX_CANDIDATES),
            "end-of-candidates" => self.end_of_candidates = true,
            "ice-ufrag" => self.ufrag = token(value),
            "ice-pwd" => self.pwd = token(value),
            "ice-mismatch" => self.ice_mismatch = true,
            "ice-lite" => self.ice_lite = true,
            "ice-options" => value.split_ascii_whitespace().for_each(|option| self.ice_option(option)),
            "group" if value.split_ascii_whitespace().next() == Some("BUNDLE") => {
                self.bundle = value.split_ascii_whitespace().skip(1).take(super::MAX_MEDIA).map(str::to_owned).collect();
            }
            _ => match attribute::direction(name) {
                Some(direction) => self.direction = Some(direction),
                None => push(&mut self.unknown, Some(whole.to_owned()), MAX_ATTRIBUTES),
            },
        }
    }

    fn ice_option(&mut self, option: &str) {
        if !self.ice_options.iter().any(|known| known == option) {
            push(&mut self.ice_options, Some(option.to_owned()), MAX_ATTRIBUTES);
        }
    }

    /// The `Media` of this section, completed by what stood above all of them.
    pub(super) fn into_media(self, line: MediaLine, session: &Self) -> Media {
        let address = self.connection.or(session.connection).flatten();
        let (codecs, formats) =
            if line.protocol.is_rtp() { name_formats(line.formats, &self.rtpmaps, &self.fmtps) } else { (Vec::new(), line.formats) };
        let ufrag = self.ufrag.or_else(|| session.ufrag.clone());
        let pwd = self.pwd.or_else(|| session.pwd.clone());
        Media {
            kind: line.kind,
            port: line.port,
            address,
            protocol: line.protocol,
            codecs,
            formats,
            direction: self.direction.or(session.direction).unwrap_or_default(),
            ptime: self.ptime.or(session.ptime),
            max_ptime: self.max_ptime.or(session.max_ptime),
            bandwidth: self.bandwidth.or(session.bandwidth),
            ice: ufrag.zip(pwd).map(|(ufrag, pwd)| IceCredentials { ufrag, pwd }),
            candidates: self.candidates,
            end_of_candidates: self.end_of_candidates || session.end_of_candidates,
            ice_mismatch: self.ice_mismatch || session.ice_mismatch,
            fingerprints: if self.fingerprints.is_empty() { session.fingerprints.clone() } else { self.fingerprints },
            setup: self.setup.or(session.setup),
            crypto: self.crypto,
            rtcp_mux: self.rtcp_mux || session.rtcp_mux,
            rtcp: self.rtcp.and_then(|value| attribute::rtcp(&value, address)),
            mid: self.mid,
            attributes: self.unknown,
        }
    }
}

fn push<T>(list: &mut Vec<T>, item: Option<T>, most: usize) {
    if let Some(item) = item.filter(|_| list.len() < most) {
        list.push(item);
    }
}

/// A value without white space around or inside it, of at most 256 octets (the bound of RFC 8839 5.4).
fn token(value: &str) -> Option<String> {
    let value = value.trim();
    let valid = !value.is_empty() && value.len() <= 256 && !value.contains(char::is_whitespace);
    valid.then(|| value.to_owned())
}

/// Payload types in the order of the `m=` line, named by `rtpmap` or else by RFC 3551; those that nobody names stay formats.
fn name_formats(formats: Vec<String>, rtpmaps: &[Codec], fmtps: &[(u8, String)]) -> (Vec<Codec>, Vec<String>) {
    let mut codecs: Vec<Codec> = Vec::new();
    let mut nameless = Vec::new();
    for format in formats {
        let named = attribute::payload_type_of(&format)
            .and_then(|number| rtpmaps.iter().find(|map| map.payload_type == number).cloned().or_else(|| Codec::of_static_type(number)));
        match named {
            Some(codec) if codecs.iter().any(|known| known.payload_type == codec.payload_type) => {}
            Some(mut codec) => {
                let parameters = fmtps.iter().find(|(number, _)| *number == codec.payload_type);
                codec.parameters = parameters.map(|(_, text)| text.clone()).unwrap_or_default();
                codecs.push(codec);
            }
            None => nameless.push(format),
        }
    }
    (codecs, nameless)
}
