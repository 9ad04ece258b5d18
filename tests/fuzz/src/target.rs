use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::machines::{self, Victim};
use crate::media::{self, Stage};
use crate::mutate::mutant;
use crate::{address, corpus, dns, enum_rules, frames, sdp, sip};

/// What is fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Message parser, typed headers, forwarding, answers, framer, digest.
    Sip,
    /// Session descriptions, offer and answer.
    Sdp,
    /// What people write as addresses, and files of cards.
    Address,
    /// The rules of a telephone number (ENUM).
    Enum,
    /// What a name server answers.
    Dns,
    /// What a connection carries, torn anywhere.
    Frames,
    /// Media before any answer: STUN of servers and strangers.
    Gathering,
    /// Media while ICE and DTLS (client and server) are under way.
    Handshake,
    /// Media with keys that the attacker has not: DTLS records, SRTP, SRTCP.
    Secured,
    /// Media with keys that the attacker has: every mutant is authentic.
    Insider,
    /// Media without keys: RTP, RTCP, telephone-event, jitter buffer.
    Plain,
    /// Three phones; what they are told is tampered with.
    Phone,
    /// The server; what it is told is tampered with.
    Server,
}

/// What was fed when it happened, and the words of the panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// The panic's message.
    pub words: String,
    /// The octets, where they alone are enough to find it again.
    pub input: Option<Vec<u8>>,
}

impl Target {
    /// All targets.
    pub const ALL: [Self; 13] = [
        Self::Sip,
        Self::Sdp,
        Self::Address,
        Self::Enum,
        Self::Dns,
        Self::Frames,
        Self::Gathering,
        Self::Handshake,
        Self::Secured,
        Self::Insider,
        Self::Plain,
        Self::Phone,
        Self::Server,
    ];

    /// Its name on the command line and in file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Sdp => "sdp",
            Self::Address => "address",
            Self::Enum => "enum",
            Self::Dns => "dns",
            Self::Frames => "frames",
            Self::Gathering => "gathering",
            Self::Handshake => "handshake",
            Self::Secured => "secured",
            Self::Insider => "insider",
            Self::Plain => "plain",
            Self::Phone => "phone",
            Self::Server => "server",
        }
    }

    /// The target of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    /// Mutants (of whole machines: steps) that one number stands for.
    #[must_use]
    pub fn mutants(self) -> u64 {
        match self {
            Self::Sip | Self::Sdp | Self::Address | Self::Enum | Self::Dns | Self::Frames => 1,
            Self::Phone | Self::Server => machines::STEPS,
            _ => media::MUTANTS,
        }
    }

    /// Its share of a budget for all, in percent.
    #[must_use]
    pub fn share(self) -> u64 {
        match self {
            Self::Sip => 21,
            Self::Sdp | Self::Frames | Self::Insider | Self::Plain => 10,
            Self::Address | Self::Enum | Self::Dns => 3,
            Self::Gathering | Self::Handshake | Self::Secured | Self::Phone => 6,
            Self::Server => 6,
        }
    }

    /// Octets that mutants are made from; none where a run makes its own.
    #[must_use]
    pub fn corpus(self) -> Vec<Vec<u8>> {
        match self {
            Self::Sip => corpus::sip(),
            Self::Sdp => corpus::sdp(),
            Self::Address => address::corpus(),
            Self::Enum => enum_rules::corpus(),
            Self::Dns => dns::corpus(),
            Self::Frames => corpus::streams(),
            _ => Vec::new(),
        }
    }

    /// Feeds octets, where octets are what it takes.
    ///
    /// # Errors
    /// It panicked.
    pub fn survives(self, input: &[u8]) -> Result<(), Crash> {
        let run = match self {
            Self::Sip => sip::run,
            Self::Sdp => sdp::run,
            Self::Address => address::run,
            Self::Enum => enum_rules::run,
            Self::Dns => dns::run,
            Self::Frames => frames::run,
            _ => return Ok(()),
        };
        survive(|| run(input)).map_err(|words| Crash { words, input: Some(input.to_vec()) })
    }
}

/// A target and what its mutants are made from.
#[derive(Debug)]
pub struct Fuzzer {
    target: Target,
    corpus: Vec<Vec<u8>>,
}

impl Fuzzer {
    /// Reads the corpus.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self { target, corpus: target.corpus() }
    }

    /// Feeds what that seed and number stand for.
    ///
    /// # Errors
    /// Something panicked, or did not hold.
    pub fn feed(&self, seed: u64, number: u64) -> Result<(), Crash> {
        let run = || match self.target {
            Target::Sip | Target::Sdp | Target::Address | Target::Enum | Target::Dns | Target::Frames => {}
            Target::Gathering => _ = media::run(Stage::Gathering, seed, number),
            Target::Handshake => _ = media::run(Stage::Handshake, seed, number),
            Target::Secured => _ = media::run(Stage::Secured, seed, number),
            Target::Insider => _ = media::run(Stage::Insider, seed, number),
            Target::Plain => _ = media::run(Stage::Plain, seed, number),
            Target::Phone => _ = machines::run(Victim::Phones, seed, number),
            Target::Server => _ = machines::run(Victim::Server, seed, number),
        };
        if self.corpus.is_empty() {
            return survive(run).map_err(|words| Crash { words, input: None });
        }
        self.target.survives(&mutant(&self.corpus, seed, number))
    }
}

fn survive(run: impl FnOnce()) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let words = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        words.unwrap_or_else(|| "a panic without words".to_owned())
    })
}
