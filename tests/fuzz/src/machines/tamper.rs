use cooee_machine::Entropy;

use crate::mutate::{below, mutate, pick};

/// What the attacker does to octets on their way.
pub(super) struct Tamper {
    /// Of a thousand deliveries, so many are spoiled.
    often: u64,
    /// What has been on the wire of late, to mix in.
    heard: Vec<Vec<u8>>,
    next: usize,
}

/// Messages of the network stay shorter than this; long ones are the parser's own target.
const LONGEST: usize = 8 * 1024;
const HEARD: usize = 48;

impl Tamper {
    pub(super) fn new(corpus: &[Vec<u8>], entropy: &mut Entropy) -> Self {
        let heard = (0..8).map(|_| pick(corpus, entropy).clone()).filter(|message| message.len() <= LONGEST).collect();
        Self { often: *pick(&[5, 20, 60, 250], entropy), heard, next: 0 }
    }

    fn remember(&mut self, octets: &[u8]) {
        if self.heard.len() < HEARD {
            self.heard.push(octets.to_vec());
        } else if let Some(old) = self.heard.get_mut(self.next % HEARD) {
            *old = octets.to_vec();
            self.next += 1;
        }
    }

    pub(super) fn strikes(&self, entropy: &mut Entropy) -> bool {
        entropy.below(1000) < self.often
    }

    /// What arrives in place of `octets`, piece by piece.
    pub(super) fn deliver(&mut self, octets: Vec<u8>, is_victim: bool, entropy: &mut Entropy) -> Vec<Vec<u8>> {
        self.remember(&octets);
        if !is_victim || !self.strikes(entropy) {
            return vec![octets];
        }
        match entropy.below(10) {
            0 => Vec::new(),
            1 => vec![octets.clone(), octets],
            2 => vec![octets, self.forged(entropy)],
            3 => vec![self.forged(entropy), octets],
            _ => vec![self.changed(octets, entropy)],
        }
    }

    /// A mutant of something that was heard before.
    pub(super) fn forged(&mut self, entropy: &mut Entropy) -> Vec<u8> {
        let heard = if self.heard.is_empty() { Vec::new() } else { pick(&self.heard, entropy).clone() };
        if entropy.below(4) == 0 { heard } else { self.changed(heard, entropy) }
    }

    fn changed(&mut self, mut octets: Vec<u8>, entropy: &mut Entropy) -> Vec<u8> {
        if entropy.below(4) == 0 {
            octets = with_method(&octets, pick::<&str>(&METHODS, entropy));
        } else if entropy.below(4) == 0 {
            octets = with_status(&octets, pick::<&str>(&STATUSES, entropy));
        }
        if entropy.below(4) != 0 {
            mutate(&mut octets, &self.heard, LONGEST, entropy);
        }
        // Most of what is no longer whole is only good for closing the connection.
        if entropy.below(4) != 0 { with_true_length(&octets) } else { octets }
    }
}

const METHODS: [&str; 12] =
    ["INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "REFER", "NOTIFY", "INFO", "MESSAGE", "OPTIONS", "REGISTER"];
const STATUSES: [&str; 16] =
    ["100", "180", "183", "200", "202", "300", "302", "401", "407", "408", "422", "481", "488", "491", "503", "603"];

/// The same request by another method, in the request line and in `CSeq`: within a dialog, it is taken for part of it.
fn with_method(octets: &[u8], method: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(octets);
    let Some((old, _)) = text.split_once(' ').filter(|(old, _)| METHODS.contains(old)) else { return octets.to_vec() };
    let text = text.replacen(old, method, 1);
    let has_cseq = |line: &str| line.to_ascii_lowercase().starts_with("cseq:");
    let lines = text.split_inclusive('\n').map(|line| if has_cseq(line) { line.replace(old, method) } else { line.to_owned() });
    lines.collect::<String>().into_bytes()
}

/// The same response with another status.
fn with_status(octets: &[u8], status: &str) -> Vec<u8> {
    match octets.strip_prefix(b"SIP/2.0 ").and_then(|rest| rest.get(3..)) {
        Some(rest) => [b"SIP/2.0 ", status.as_bytes(), rest].concat(),
        None => octets.to_vec(),
    }
}

/// The same with a `Content-Length` that fits.
fn with_true_length(octets: &[u8]) -> Vec<u8> {
    let Some(head) = octets.windows(4).position(|four| four == b"\r\n\r\n") else { return octets.to_vec() };
    let (head, body) = octets.split_at(head);
    let body = body.get(4..).unwrap_or_default();
    let is_length = |line: &&[u8]| {
        let name = line.split(|octet| *octet == b':').next().unwrap_or_default();
        name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l")
    };
    let lines: Vec<&[u8]> = head.split(|octet| *octet == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    let mut whole = lines.into_iter().filter(|line| !is_length(line)).collect::<Vec<_>>().join(&b"\r\n"[..]);
    whole.extend_from_slice(format!("\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes());
    whole.extend_from_slice(body);
    whole
}

/// `octets` torn where the network likes.
pub(super) fn torn(octets: Vec<u8>, entropy: &mut Entropy) -> Vec<Vec<u8>> {
    if entropy.below(4) != 0 {
        return vec![octets];
    }
    let place = below(octets.len() + 1, entropy);
    let (head, tail) = octets.split_at(place);
    vec![head.to_vec(), tail.to_vec()]
}
