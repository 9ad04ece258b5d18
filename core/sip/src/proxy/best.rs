use crate::{HeaderName, Message};

/// The final responses of the branches so far, and which is the best (RFC 3261 16.7 step 6).
#[derive(Debug, Default)]
pub(super) struct Best {
    chosen: Option<(u16, Option<Vec<u8>>)>,
    /// Challenges of all 401 and 407, as header lines (16.7 step 7).
    challenges: Vec<u8>,
}

/// Octets of challenges of other branches that are passed on.
const MAX_CHALLENGES: usize = 8192;

impl Best {
    /// Considers a response of a branch, our `Via` taken off already.
    pub(super) fn consider(&mut self, status: u16, response: &Message<'_>, forwarded: Vec<u8>) {
        if matches!(status, 401 | 407) {
            let names = [HeaderName::WwwAuthenticate, HeaderName::ProxyAuthenticate];
            for header in response.headers().filter(|header| names.contains(&header.name)) {
                if self.challenges.len() + header.raw.len() <= MAX_CHALLENGES {
                    self.challenges.extend_from_slice(header.raw);
                }
            }
        }
        self.offer(status, Some(forwarded));
    }

    /// It speaks of the server that was asked, not of the callee: 503, no answer, a connection that broke (RFC 3263 4.3).
    pub(super) fn is_of_one_server(&self) -> bool {
        matches!(&self.chosen, Some((503, _) | (408 | 480, None)))
    }

    /// Octets of responses kept.
    pub(super) fn octets(&self) -> usize {
        self.challenges.len() + self.chosen.as_ref().and_then(|(_, response)| response.as_ref()).map_or(0, Vec::len)
    }

    /// Considers what the branch came to without a response.
    pub(super) fn consider_own(&mut self, status: u16) {
        self.offer(status, None);
    }

    fn offer(&mut self, status: u16, response: Option<Vec<u8>>) {
        if self.chosen.as_ref().is_none_or(|(chosen, _)| rank(status) < rank(*chosen)) {
            self.chosen = Some((status, response));
        }
    }

    /// The best: a response to pass on, or a status to answer with.
    pub(super) fn take(&mut self) -> Option<(u16, Option<Vec<u8>>)> {
        let (status, response) = self.chosen.take()?;
        // 16.7 step 6: a 503 speaks of one element only; passing it on would shut the whole proxy for the caller.
        if status == 503 {
            return Some((500, None));
        }
        let response = match response {
            Some(response) if matches!(status, 401 | 407) => Some(self.with_all_challenges(&response)),
            other => other,
        };
        Some((status, response))
    }

    fn with_all_challenges(&self, response: &[u8]) -> Vec<u8> {
        let Ok(message) = Message::parse(response, crate::Framing::Datagram) else { return response.to_vec() };
        let own: Vec<&[u8]> = message.headers().map(|header| header.raw).collect();
        let Some(line_end) = response.windows(2).position(|two| two == b"\r\n") else { return response.to_vec() };
        let (start, rest) = response.split_at(line_end + 2);
        let mut whole = start.to_vec();
        for line in self.challenges.split_inclusive(|b| *b == b'\n').filter(|line| !own.contains(line)) {
            whole.extend_from_slice(line);
        }
        whole.extend_from_slice(rest);
        whole
    }
}

/// Lower is better: 6xx, then the lowest class; within 4xx first what helps the caller to try again, last what only says
/// that a device is gone.
fn rank(status: u16) -> (u16, u16) {
    let class = if status >= 600 { 0 } else { status / 100 };
    let within = match status {
        401 | 407 | 415 | 420 | 484 => 0,
        480 | 487 => 2,
        408 | 430 | 503 => 3,
        _ => 1,
    };
    (class, within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(statuses: &[u16]) -> u16 {
        let mut best = Best::default();
        statuses.iter().for_each(|status| best.consider_own(*status));
        best.take().unwrap().0
    }

    #[test]
    fn the_best_response_is_chosen_as_the_standard_says() {
        assert_eq!(best(&[486, 603, 404]), 603);
        assert_eq!(best(&[500, 486]), 486);
        assert_eq!(best(&[486, 302]), 302);
        assert_eq!(best(&[404, 407, 486]), 407);
        assert_eq!(best(&[408, 486]), 486);
        assert_eq!(best(&[408, 480]), 480);
        assert_eq!(best(&[503]), 500);
        assert_eq!(best(&[503, 500]), 500);
    }

    #[test]
    fn every_challenge_reaches_the_caller() {
        let response = |realm: &str| {
            format!(
                "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n\
                 Call-ID: 1\r\nCSeq: 1 INVITE\r\nWWW-Authenticate: Digest realm=\"{realm}\", nonce=\"1\"\r\nContent-Length: 0\r\n\r\n"
            )
        };
        let mut best = Best::default();
        for realm in ["one", "two"] {
            let text = response(realm);
            let message = Message::parse(text.as_bytes(), crate::Framing::Stream).unwrap();
            best.consider(401, &message, text.clone().into_bytes());
        }
        let bytes = best.take().unwrap().1.unwrap();
        let message = Message::parse(&bytes, crate::Framing::Stream).unwrap();
        let mut realms: Vec<_> =
            message.header_values(HeaderName::WwwAuthenticate).map(|v| String::from_utf8_lossy(v).into_owned()).collect();
        realms.sort();
        assert_eq!(realms, ["Digest realm=\"one\", nonce=\"1\"", "Digest realm=\"two\", nonce=\"1\""]);
    }
}
