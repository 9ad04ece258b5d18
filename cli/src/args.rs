//! What a person types.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Cooee, a free phone for the Internet.
///
/// Exit codes: 0 done; 1 something here is wrong (disk, file, port); 2 not understood; 3 the login was refused;
/// 4 the call did not come about; 5 the call had no sound; 6 the server could not be reached or trusted.
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
    /// Trust the certificate authorities in this PEM file too; may be given again
    #[arg(long, global = true, value_name = "FILE")]
    pub trust: Vec<PathBuf>,
    /// Ask this DNS resolver instead of the system's (ADDR or ADDR:PORT)
    #[arg(long, global = true, value_name = "ADDR", value_parser = resolver)]
    pub dns: Option<SocketAddr>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Your addresses
    #[command(subcommand)]
    Account(AccountVerb),
    /// Call somebody, e.g. `cooee call ben@example.org`
    Call(Call),
    /// Stay reachable: rings, and takes keys to answer, hang up, mute and send digits
    Phone(Phone),
    /// Past calls, and why each ended
    Log(Log),
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

/// `cooee account …`
#[derive(Debug, Subcommand)]
pub enum AccountVerb {
    /// Add an address; the password is asked for (or read from standard input, one line)
    Add(AccountAdd),
    /// List your addresses
    List,
    /// Forget an address and its password
    Remove {
        /// The address to forget
        address: String,
    },
}

/// `cooee account add`
#[derive(Debug, Args)]
pub struct AccountAdd {
    /// Your address, e.g. anna@example.org
    pub address: String,
    /// The name others see
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Go to this server instead of asking DNS (HOST or HOST:PORT)
    #[arg(long, value_name = "HOST[:PORT]")]
    pub proxy: Option<String>,
    /// Log in with this name instead of the part before the @
    #[arg(long, value_name = "NAME")]
    pub auth_user: Option<String>,
    /// How to speak to the server; udp and tcp are not encrypted
    #[arg(long)]
    pub transport: Option<TransportArg>,
}

/// How signalling travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TransportArg {
    /// Encrypted
    Tls,
    /// Not encrypted
    Tcp,
    /// Not encrypted
    Udp,
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
    /// Only these codecs, the preferred first: opus, pcma, pcmu
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub codec: Vec<String>,
    /// Hang up after this many seconds of sound
    #[arg(long = "for", value_name = "SECONDS")]
    pub seconds: Option<u64>,
}

/// `cooee call`
#[derive(Debug, Args)]
pub struct Call {
    /// Whom to call, e.g. ben@example.org
    pub address: String,
    /// From which of your addresses (default: the first)
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
    /// Sound.
    #[command(flatten)]
    pub sound: Sound,
}

/// `cooee phone`
#[derive(Debug, Args)]
pub struct Phone {
    /// Answer every call at once
    #[arg(long)]
    pub answer: bool,
    /// Sound.
    #[command(flatten)]
    pub sound: Sound,
}

/// `cooee log`
#[derive(Debug, Args)]
pub struct Log {
    /// How many, newest last
    #[arg(long, default_value_t = 50)]
    pub last: u32,
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

/// `cooee serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// The domain to serve, e.g. example.org
    #[arg(long)]
    pub domain: String,
    /// The certificate chain for the domain, PEM
    #[arg(long, value_name = "FILE")]
    pub certificate: PathBuf,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The host name or address that phones reach it by, where the domain itself is not in DNS
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Listen for TLS here (default: everywhere, port 5061); may be given again
    #[arg(long, value_name = "ADDR:PORT")]
    pub tls: Vec<SocketAddr>,
    /// Serve phones without TLS on this address of your own network too (UDP and TCP, port 5060 unless given)
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = lan)]
    pub lan: Option<SocketAddr>,
    /// Answer STUN here (default: everywhere, port 3478); may be given again
    #[arg(long, value_name = "ADDR:PORT")]
    pub stun: Vec<SocketAddr>,
}

/// `cooee user …`
#[derive(Debug, Subcommand)]
pub enum UserVerb {
    /// Add a person, or set a new password (asked for, or one line of standard input)
    Add {
        /// The new address, e.g. anna@example.org
        address: String,
    },
    /// List the people
    List {
        /// Of which domain, e.g. example.org
        domain: String,
    },
    /// Remove a person
    Remove {
        /// The address to remove
        address: String,
    },
}

/// `cooee localserve`
#[derive(Debug, Args)]
pub struct Localserve {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub address: IpAddr,
    /// The port for TLS; UDP and TCP are on the one below; with 0 all take ports that are free
    #[arg(long, default_value_t = 5061, value_parser = port)]
    pub port: u16,
    /// The domain to serve
    #[arg(long, default_value = "cooee.test")]
    pub domain: String,
}

fn with_port(text: &str, port: u16) -> Result<SocketAddr, String> {
    text.parse::<SocketAddr>()
        .or_else(|_| text.trim_matches(['[', ']']).parse::<IpAddr>().map(|ip| SocketAddr::new(ip, port)))
        .map_err(|_| format!("“{text}” is no address; write 192.0.2.1, 192.0.2.1:{port} or [2001:db8::1]:{port}"))
}

fn port(text: &str) -> Result<u16, String> {
    let wrong = || format!("“{text}” is no port: 0 or 2 to 65535");
    text.parse().ok().filter(|port| *port != 1).ok_or_else(wrong)
}

fn resolver(text: &str) -> Result<SocketAddr, String> {
    with_port(text, 53)
}

fn lan(text: &str) -> Result<SocketAddr, String> {
    with_port(text, 5060)
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
        assert_eq!(resolver("192.0.2.1").unwrap().port(), 53);
        assert_eq!(resolver("[2001:db8::1]:5353").unwrap().port(), 5353);
        assert_eq!(lan("2001:db8::1").unwrap().to_string(), "[2001:db8::1]:5060");
        assert!(lan("example.org").unwrap_err().contains("192.0.2.1"));
    }

    #[test]
    fn what_every_command_takes_may_stand_behind_it() {
        let cooee = Cooee::try_parse_from(["cooee", "call", "ben@example.org", "--json", "--home", "h", "--codec", "opus,pcma"]).unwrap();
        assert!(cooee.common.json);
        let Verb::Call(call) = cooee.command else { panic!("not a call") };
        assert_eq!(call.sound.codec, ["opus", "pcma"]);
    }
}
