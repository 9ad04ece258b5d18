use std::fmt::{Display, Formatter, Result, Write};
use std::net::IpAddr;

use crate::parse::encode_base64;
use crate::{Candidate, Codec, Crypto, Description, Direction, Fingerprint, Media, MediaKind, Setup};

/// SDP with CRLF line ends, as RFC 8866 orders them. What is read from it again is equal.
impl Display for Description {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let origin = &self.origin;
        let family = if origin.address.contains(':') { "IP6" } else { "IP4" };
        write!(f, "v=0\r\no={} {} {} IN ", origin.username, origin.session_id, origin.session_version)?;
        write!(f, "{family} {}\r\ns=-\r\n", origin.address)?;
        let shared = self.shared_address();
        if let Some(address) = shared {
            connection(f, address)?;
        }
        f.write_str("t=0 0\r\n")?;
        if !self.bundle.is_empty() {
            write!(f, "a=group:BUNDLE {}\r\n", self.bundle.join(" "))?;
        }
        if self.ice_lite {
            f.write_str("a=ice-lite\r\n")?;
        }
        if !self.ice_options.is_empty() {
            write!(f, "a=ice-options:{}\r\n", self.ice_options.join(" "))?;
        }
        self.attributes.iter().try_for_each(|attribute| write!(f, "a={attribute}\r\n"))?;
        self.media.iter().try_for_each(|media| print_media(f, media, shared.is_none()))
    }
}

impl Description {
    /// The address of all lines, if they have the same: old devices look for it above the first `m=`.
    fn shared_address(&self) -> Option<IpAddr> {
        let first = self.media.first()?.address?;
        self.media.iter().all(|media| media.address == Some(first)).then_some(first)
    }
}

fn connection(f: &mut Formatter<'_>, address: IpAddr) -> Result {
    write!(f, "c=IN {} {address}\r\n", family(address))
}

fn family(address: IpAddr) -> &'static str {
    if address.is_ipv4() { "IP4" } else { "IP6" }
}

fn print_media(f: &mut Formatter<'_>, media: &Media, with_connection: bool) -> Result {
    let kind = match &media.kind {
        MediaKind::Audio => "audio",
        MediaKind::Other(kind) => kind,
    };
    write!(f, "m={kind} {} {}", media.port, media.protocol.as_str())?;
    media.codecs.iter().try_for_each(|codec| write!(f, " {}", codec.payload_type))?;
    media.formats.iter().try_for_each(|format| write!(f, " {format}"))?;
    f.write_str("\r\n")?;
    if let Some(address) = media.address.filter(|_| with_connection) {
        connection(f, address)?;
    }
    for (name, most) in [("AS", media.bandwidth.total), ("TIAS", media.bandwidth.payload)] {
        most.map_or(Ok(()), |most| write!(f, "b={name}:{most}\r\n"))?;
    }
    if let Some(mid) = &media.mid {
        write!(f, "a=mid:{mid}\r\n")?;
    }
    media.codecs.iter().try_for_each(|codec| print_codec(f, codec))?;
    for (name, duration) in [("ptime", media.ptime), ("maxptime", media.max_ptime)] {
        duration.map_or(Ok(()), |duration| write!(f, "a={name}:{}\r\n", duration.as_millis()))?;
    }
    media.bandwidth.packets.map_or(Ok(()), |packets| write!(f, "a=maxprate:{packets}\r\n"))?;
    write!(f, "a={}\r\n", media.direction.as_str())?;
    print_transport(f, media)?;
    media.attributes.iter().try_for_each(|attribute| write!(f, "a={attribute}\r\n"))
}

fn print_codec(f: &mut Formatter<'_>, codec: &Codec) -> Result {
    write!(f, "a=rtpmap:{} {}/{}", codec.payload_type, codec.name, codec.clock_rate)?;
    if codec.channels != 1 {
        write!(f, "/{}", codec.channels)?;
    }
    f.write_str("\r\n")?;
    if codec.parameters.is_empty() { Ok(()) } else { write!(f, "a=fmtp:{} {}\r\n", codec.payload_type, codec.parameters) }
}

fn print_transport(f: &mut Formatter<'_>, media: &Media) -> Result {
    if media.rtcp_mux {
        f.write_str("a=rtcp-mux\r\n")?;
    }
    if let Some(rtcp) = media.rtcp {
        write!(f, "a=rtcp:{} IN {} {}\r\n", rtcp.port(), family(rtcp.ip()), rtcp.ip())?;
    }
    media.crypto.iter().try_for_each(|crypto| print_crypto(f, crypto))?;
    if let Some(setup) = media.setup {
        write!(f, "a=setup:{}\r\n", setup.as_str())?;
    }
    media.fingerprints.iter().try_for_each(|fingerprint| write!(f, "a=fingerprint:{fingerprint}\r\n"))?;
    if let Some(ice) = &media.ice {
        write!(f, "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n", ice.ufrag, ice.pwd)?;
    }
    media.candidates.iter().try_for_each(|candidate| write!(f, "a=candidate:{candidate}\r\n"))?;
    if media.end_of_candidates {
        f.write_str("a=end-of-candidates\r\n")?;
    }
    if media.ice_mismatch { f.write_str("a=ice-mismatch\r\n") } else { Ok(()) }
}

fn print_crypto(f: &mut Formatter<'_>, crypto: &Crypto) -> Result {
    write!(f, "a=crypto:{} {} inline:{}{}\r\n", crypto.tag, crypto.suite, encode_base64(&crypto.key_salt), crypto.parameters)
}

/// The value of `a=fingerprint`: `sha-256 AB:CD:…`.
impl Display for Fingerprint {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.hash)?;
        for (index, octet) in self.digest.iter().enumerate() {
            f.write_char(if index == 0 { ' ' } else { ':' })?;
            write!(f, "{octet:02X}")?;
        }
        Ok(())
    }
}

/// The value of `a=candidate`.
impl Display for Candidate {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (ip, port) = (self.address.ip(), self.address.port());
        write!(f, "{} {} udp {} {ip} {port} typ {}", self.foundation, self.component, self.priority, self.kind.as_str())?;
        match self.related {
            Some(related) => write!(f, " raddr {} rport {}", related.ip(), related.port()),
            None => Ok(()),
        }
    }
}

impl Setup {
    /// As it stands after `a=setup:`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Passive => "passive",
            Self::ActPass => "actpass",
            Self::HoldConn => "holdconn",
        }
    }
}

impl Direction {
    /// The attribute's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }
}
