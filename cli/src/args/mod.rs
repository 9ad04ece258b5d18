//! What a person types.

mod account;
mod history;
mod numbers;
mod requests;
mod serve;

pub use account::{AccountAdd, AccountVerb, Fingerprint, TransportArg, YesNo};
pub use history::{HistoryVerb, Page, Which};
pub use numbers::{Choose, Explain, Numbers};
pub use requests::{Requests, RequestsVerb, RingTest};
pub use serve::{Localserve, Serve, UserVerb};

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use cooee_net::DnsServers;

/// Cooee, a free phone for the Internet.
///
/// Exit codes: 0 done; 1 something here is wrong (disk, file, port); 2 not understood; 3 the login was refused;
/// 4 the call did not come about, or would not ring (reach, ring-test); 5 the call had no sound; 6 the server could not be reached or trusted;
/// 130 asked twice to end, it left at once.
#[derive(Debug, Parser)]
#[command(name = "cooee", version, max_term_width = 110)]
pub struct Cooee {
    /// Where to go and how to speak.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Verb,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// Folder for everything Cooee keeps (default: the folders your system has for that)
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// One JSON object a line on standard output, for scripts (docs/json.md)
    #[arg(long, global = true)]
    pub json: bool,
    /// Trust the certificate authorities in this PEM file too; may be given again. With `account add` they are kept, and the only
    /// ones believed for that account
    #[arg(long, global = true, value_name = "FILE")]
    pub trust: Vec<PathBuf>,
    /// Ask this DNS resolver: system, 192.0.2.1, tls://dns.example or https://dns.example/dns-query (with @192.0.2.1 behind it, its
    /// name need not be looked up); several with commas between
    #[arg(long, global = true, value_name = "RESOLVER")]
    pub dns: Option<DnsServers>,
    /// Traffic costs money here, or the network is a foreign operator's: nothing is asked in the background
    #[arg(long, global = true)]
    pub metered: bool,
    /// Read numbers as they are dialled in this country, e.g. CH, whatever is stored. With `cooee numbers` it is stored
    #[arg(long, global = true, value_name = "COUNTRY")]
    pub region: Option<cooee_phone::Region>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Your addresses
    #[command(subcommand)]
    Account(AccountVerb),
    /// Call somebody, e.g. `cooee call ben@example.org`
    Call(Call),
    /// What an address or number is understood as, and what calling it would do
    Explain(Explain),
    /// From which of your addresses, and at which of theirs, somebody is called from now on
    Choose(Choose),
    /// Who is reached by a number over the Internet, and who says so
    Enum {
        /// E.g. +41446681800
        number: String,
    },
    /// Where you telephone from, and who may learn which numbers you dial
    Numbers(Numbers),
    /// Stay reachable: rings, and takes keys to answer, hang up, mute and send digits
    Phone(Phone),
    /// Whether a call would ring here, and what mends it if not (exit code 4 then)
    Reach,
    /// Call your own address, to see whether it rings: your server sends the call back (exit code 4 if it does not come)
    RingTest(RingTest),
    /// Past calls, and why each ended
    Log(Log),
    /// Why it did not ring, why there was no sound, why an account does not log in: what was tried, step by step
    Story(StoryOf),
    /// The same for others to read: without names, addresses and numbers
    Report(StoryOf),
    /// Make sure that nobody is in between: the words to read to each other after a call
    Verify(Verify),
    /// Send a short text, e.g. `cooee message ben@example.org "Call me"`
    Message(Message),
    /// Texts that came and were sent
    Messages(Messages),
    /// Take no more calls and texts of an address, or of everybody at a domain
    Block {
        /// E.g. ben@example.org or example.org
        whom: String,
    },
    /// Take calls and texts of an address or domain again
    Unblock {
        /// As `cooee blocked` shows it
        whom: String,
    },
    /// Who is blocked
    Blocked,
    /// Let calls of an address, or of everybody at a domain, ring at any time: also of people you do not know, and when you are not to
    /// be disturbed
    Allow {
        /// E.g. ben@example.org or example.org
        whom: String,
    },
    /// No longer
    Disallow {
        /// As `cooee allowed` shows it
        whom: String,
    },
    /// Whose calls ring at any time
    Allowed,
    /// People you do not know who called: they did not ring, and ask to be let through
    Requests(Requests),
    /// Find out which of your contacts can be called: asks a DNS resolver about their domains, never about the people
    Probe(Contacts),
    /// What is known of your contacts; nobody is asked
    Contacts(ContactsList),
    /// What is stored here, and what was asked of whom in the last 30 days
    Privacy(Privacy),
    /// Microphones and speakers of this computer, and which of them calls use
    Devices(Devices),
    /// Two phones and a server on this machine speak to each other
    Demo(Demo),
    /// Run the server for a domain
    Serve(Serve),
    /// The people of your server
    #[command(subcommand)]
    User(UserVerb),
    /// A server with a throw-away certificate and two accounts, until Ctrl-C
    Localserve(Localserve),
}

/// `cooee probe` and `cooee contacts`
#[derive(Debug, Args)]
pub struct Contacts {
    /// vCards, or one address a line, perhaps with a name before it; `-` for standard input (default: the file of last time)
    pub file: Option<PathBuf>,
}

/// `cooee contacts`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ContactsList {
    /// What to do besides looking.
    #[command(subcommand)]
    pub what: Option<ContactsVerb>,
    /// Of whom.
    #[command(flatten)]
    pub contacts: Contacts,
}

/// `cooee contacts mark` and `unmark`
#[derive(Clone, Debug, Subcommand)]
pub enum ContactsVerb {
    /// While `cooee phone` runs, ask this contact's phone once a week whether it is there, though you have never called
    Mark {
        /// E.g. ben@example.org
        whom: String,
    },
    /// Do not ask this contact's phone, even though you have called
    Unmark {
        /// E.g. ben@example.org
        whom: String,
    },
}

/// `cooee privacy`
#[derive(Debug, Args)]
pub struct Privacy {
    /// What to do besides looking.
    #[command(subcommand)]
    pub what: Option<PrivacyVerb>,
}

/// `cooee privacy wipe`
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum PrivacyVerb {
    /// Forget what is known of contacts, and who was asked
    Wipe,
}

/// Where sound comes from and goes to.
#[derive(Clone, Debug, Default, Args)]
pub struct Sound {
    /// Speak this WAV file (any rate) instead of the microphone
    #[arg(long, value_name = "FILE")]
    pub speak: Option<PathBuf>,
    /// Record what is heard to this WAV file
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Use this microphone (as `cooee devices` shows it), this time
    #[arg(long, value_name = "NAME", conflicts_with = "speak")]
    pub microphone: Option<String>,
    /// Use this speaker, this time
    #[arg(long, value_name = "NAME")]
    pub speaker: Option<String>,
    /// Only these codecs, the preferred first: opus, g722, pcma, pcmu
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub codec: Vec<String>,
    /// Take little data, this time: at most 2.5 kB/s each way, all headers included, where both phones speak Opus. In a call or at `cooee phone`, the key g changes it for
    /// good
    #[arg(long)]
    pub low_data: bool,
    /// Hang up after this many seconds of sound
    #[arg(long = "for", value_name = "SECONDS")]
    pub seconds: Option<u64>,
}

/// `cooee call`
#[derive(Debug, Args)]
pub struct Call {
    /// Whom to call, e.g. ben@example.org
    pub address: String,
    /// From which of your addresses, now and from now on for this person (default: the one chosen before; else the one at the domain
    /// that is called; for a telephone number, one that dials numbers; else the first that works)
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
    /// Do not show them who calls; your own server knows
    #[arg(long)]
    pub anonymous: bool,
    /// One line that says what it is about: somebody who does not know you sees it before they let you through
    #[arg(long, value_name = "TEXT", conflicts_with = "anonymous")]
    pub subject: Option<String>,
    /// Sound.
    #[command(flatten)]
    pub sound: Sound,
}

/// `cooee phone`
#[derive(Debug, Args)]
pub struct Phone {
    /// Answer every call at once, of people you do not know as well
    #[arg(long)]
    pub answer: bool,
    /// Be busy for a second call while there is one
    #[arg(long)]
    pub one_call: bool,
    /// Sound.
    #[command(flatten)]
    pub sound: Sound,
}

/// `cooee log`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Log {
    /// What to do besides looking.
    #[command(subcommand)]
    pub what: Option<HistoryVerb>,
    /// Which.
    #[command(flatten)]
    pub page: Page,
    /// Only calls that nobody here took notice of
    #[arg(long)]
    pub missed: bool,
}

/// `cooee story` and `cooee report`
#[derive(Debug, Args)]
pub struct StoryOf {
    /// The number of a call as `cooee log` shows it, `last`, `missed` (the last missed one), or one of your addresses for its last log-in
    #[arg(default_value = "last")]
    pub what: String,
}

/// `cooee verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// With whom you spoke, e.g. ben@example.org
    pub address: String,
    /// The words are the same at both ends: calls with this phone of theirs are verified from now on
    #[arg(long = "match", conflicts_with_all = ["forget", "code"])]
    pub is_match: bool,
    /// They are not, or you do not count on it any more
    #[arg(long, conflicts_with = "code")]
    pub forget: bool,
    /// Instead of reading words: what the QR code on their screen says (the `code` that `cooee verify` prints over there)
    #[arg(long, value_name = "TEXT")]
    pub code: Option<String>,
}

/// `cooee message`
#[derive(Debug, Args)]
pub struct Message {
    /// To whom, e.g. ben@example.org
    pub address: String,
    /// What it says, at most 900 octets
    pub text: String,
    /// From which of your addresses (default: the first that fits)
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
}

/// `cooee messages`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Messages {
    /// What to do besides looking.
    #[command(subcommand)]
    pub what: Option<HistoryVerb>,
    /// Which.
    #[command(flatten)]
    pub page: Page,
}

/// `cooee devices`
#[derive(Debug, Args)]
pub struct Devices {
    /// Use this microphone from now on (“default”: whichever your system uses)
    #[arg(long, value_name = "NAME")]
    pub microphone: Option<String>,
    /// Use this speaker from now on (“default”: whichever your system uses)
    #[arg(long, value_name = "NAME")]
    pub speaker: Option<String>,
}

/// `cooee demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Play what ben hears, where there is sound hardware
    #[arg(long)]
    pub play: bool,
    /// Let anna speak this WAV file
    #[arg(long, value_name = "FILE")]
    pub speech: Option<PathBuf>,
}

fn with_port(text: &str, port: u16) -> Result<SocketAddr, String> {
    text.parse::<SocketAddr>()
        .or_else(|_| text.trim_matches(['[', ']']).parse::<IpAddr>().map(|ip| SocketAddr::new(ip, port)))
        .map_err(|_| format!("“{text}” is no address; write 192.0.2.1, 192.0.2.1:{port} or [2001:db8::1]:{port}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cooee::command().debug_assert();
    }

    #[test]
    fn an_address_may_leave_its_port_out() {
        assert_eq!(with_port("192.0.2.1", 5060).unwrap().port(), 5060);
        assert_eq!(with_port("[2001:db8::1]:5070", 5060).unwrap().port(), 5070);
        assert_eq!(with_port("2001:db8::1", 5060).unwrap().to_string(), "[2001:db8::1]:5060");
        assert!(with_port("example.org", 5060).unwrap_err().contains("192.0.2.1"));
    }

    #[test]
    fn what_every_command_takes_may_stand_behind_it() {
        let cooee = Cooee::try_parse_from(["cooee", "call", "ben@example.org", "--json", "--home", "h", "--codec", "opus,pcma"]).unwrap();
        assert!(cooee.common.json);
        let Verb::Call(call) = cooee.command else { panic!("not a call") };
        assert_eq!(call.sound.codec, ["opus", "pcma"]);
    }
}
