//! Reading SDP (RFC 8866): tolerant in what it accepts, bounded in what it keeps.

mod attribute;
mod base64;
mod candidate;
mod line;
mod section;

pub(crate) use base64::encode as encode_base64;

use crate::{Description, Origin};
use line::MediaLine;
use section::Section;

/// The largest body that is read.
pub const MAX_OCTETS: usize = 64 * 1024;
/// The most lines that are read.
pub const MAX_LINES: usize = 2048;
/// The most `m=` lines; each needs its answer, so more is an error.
pub const MAX_MEDIA: usize = 32;
/// The most candidates kept for one `m=` line; the rest is dropped.
pub const MAX_CANDIDATES: usize = 64;
/// The most formats kept for one `m=` line.
pub const MAX_CODECS: usize = 64;
/// The most attributes not understood that are kept for the session and for each `m=` line.
pub const MAX_ATTRIBUTES: usize = 128;
/// The longest attribute that is read; longer ones are dropped.
pub const MAX_ATTRIBUTE_LENGTH: usize = 1024;
/// The most fingerprints, and the most SDES lines, kept for one `m=` line.
pub const MAX_KEYS: usize = 16;

/// Why a body is no session description that can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SdpError {
    /// It does not begin with `v=0`.
    #[error("not a session description of version 0")]
    NotSdp,
    /// More than [`MAX_OCTETS`] or [`MAX_LINES`].
    #[error("the session description is too large")]
    TooLarge,
    /// More than [`MAX_MEDIA`].
    #[error("the session description has too many media lines")]
    TooManyMedia,
    /// An `m=` line that cannot be read, so that it cannot be answered in order either. Counted from 1.
    #[error("line {0} is no media line")]
    MediaLine(usize),
}

impl Description {
    /// Reads a body of type `application/sdp`. Lines may end in CRLF, LF or CR; octets that are not UTF-8 are replaced;
    /// lines and attributes that make no sense are left out; what is not understood is kept as it came.
    ///
    /// # Errors
    /// [`SdpError`] if the body is not SDP, is beyond the bounds, or has an `m=` line that cannot be read.
    pub fn parse(body: &[u8]) -> Result<Self, SdpError> {
        if body.len() > MAX_OCTETS {
            return Err(SdpError::TooLarge);
        }
        let text = String::from_utf8_lossy(body);
        let mut reader = Reader::default();
        let lines = text.split(['\r', '\n']).filter(|line| !line.is_empty());
        for (index, line) in lines.enumerate() {
            if index >= MAX_LINES {
                return Err(SdpError::TooLarge);
            }
            reader.line(index, line)?;
        }
        if reader.is_sdp { Ok(reader.finish()) } else { Err(SdpError::NotSdp) }
    }
}

#[derive(Default)]
struct Reader {
    is_sdp: bool,
    origin: Option<Origin>,
    session: Section,
    media: Vec<(MediaLine, Section)>,
}

impl Reader {
    fn line(&mut self, index: usize, line: &str) -> Result<(), SdpError> {
        let Some((kind, value)) = line.split_once('=') else { return Ok(()) };
        if index == 0 {
            self.is_sdp = kind.trim() == "v" && value.trim() == "0";
            return if self.is_sdp { Ok(()) } else { Err(SdpError::NotSdp) };
        }
        match kind.trim() {
            "m" if self.media.len() >= MAX_MEDIA => return Err(SdpError::TooManyMedia),
            "m" => {
                let media = MediaLine::parse(value).ok_or(SdpError::MediaLine(index + 1))?;
                self.media.push((media, Section::default()));
            }
            "o" if self.media.is_empty() => self.origin = line::origin(value).or(self.origin.take()),
            "c" => self.section().connection = line::connection(value).or(self.section().connection),
            "b" => self.section().bandwidth.set(value),
            "a" if value.len() <= MAX_ATTRIBUTE_LENGTH => self.section().attribute(value),
            _ => {}
        }
        Ok(())
    }

    fn section(&mut self) -> &mut Section {
        self.media.last_mut().map_or(&mut self.session, |(_, section)| section)
    }

    fn finish(mut self) -> Description {
        let ice_lite = self.session.ice_lite || self.media.iter().any(|(_, section)| section.ice_lite);
        let mut ice_options = std::mem::take(&mut self.session.ice_options);
        for option in self.media.iter_mut().flat_map(|(_, section)| std::mem::take(&mut section.ice_options)) {
            if !ice_options.contains(&option) && ice_options.len() < MAX_ATTRIBUTES {
                ice_options.push(option);
            }
        }
        let session = self.session;
        Description {
            origin: self.origin.unwrap_or(Origin { username: "-".into(), session_id: 0, session_version: 0, address: "0.0.0.0".into() }),
            ice_lite,
            ice_options,
            media: self.media.into_iter().map(|(line, section)| section.into_media(line, &session)).collect(),
            bundle: session.bundle,
            attributes: session.unknown,
        }
    }
}
