use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use cooee_call::MediaProtection;

/// `cooee account …`
#[derive(Debug, Subcommand)]
pub enum AccountVerb {
    /// Add an address; the password is asked for (or read from standard input, one line)
    Add(AccountAdd),
    /// List your addresses
    List,
    /// Give another password for an address; it is asked for (or read from standard input, one line). A phone that runs with this address
    /// uses it from its next start
    Password {
        /// The address
        address: String,
    },
    /// Believe, for this address alone, the authority of its private server that you have compared with the server's owner
    Trust {
        /// The address
        address: String,
        /// The authority's SHA-256 (64 hexadecimal digits; colons do no harm)
        #[arg(value_parser = fingerprint)]
        fingerprint: Fingerprint,
    },
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
    /// How the sound of calls is protected: encrypted, or no call; encrypted wherever the other side can; or plain
    #[arg(long, value_name = "encrypted|best-effort|plain", default_value = "encrypted")]
    pub media: MediaProtection,
    /// Ask this STUN server for your public address, instead of those that the domain publishes
    #[arg(long, value_name = "HOST[:PORT]")]
    pub stun: Option<String>,
    /// Believe only the authority with this SHA-256, for a private server; names and dates of its certificate count as ever. `openssl x509
    /// -noout -fingerprint -sha256 -in ca.pem` tells it to the server's owner
    #[arg(long, value_name = "SHA256", value_parser = fingerprint, conflicts_with_all = ["trust", "pin"])]
    pub ca_fingerprint: Option<Fingerprint>,
    /// Believe only the certificate with this SHA-256, whoever signed it (64 hexadecimal digits; colons do no harm)
    #[arg(long, value_name = "SHA256", value_parser = fingerprint, conflicts_with = "trust")]
    pub pin: Option<Fingerprint>,
    /// Prove yourself by this certificate (PEM, with those that lead to its authority) in place of a password
    #[arg(long, value_name = "FILE", requires = "client_key")]
    pub client_cert: Option<PathBuf>,
    /// Its key (PEM, for ECDSA with P-256), which is kept as passwords are
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
    /// Ask for registrations of this length; the server decides (default: 3600)
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(30..=86_400))]
    pub expires: Option<u32>,
    /// With `no`, calls are made from this address and not taken at it
    #[arg(long, value_name = "yes|no", default_value = "yes")]
    pub register: YesNo,
    /// Call whom this server asks you to call instead, without asking you: for an exchange that hands over by itself (needs TLS)
    #[arg(long)]
    pub follow_transfers: bool,
    /// Dial telephone numbers over this address
    #[arg(long)]
    pub numbers: bool,
    /// The server connects every phone by TLS and lets nobody call under another's name: keys may go through it (SDES)
    #[arg(long)]
    pub tls_throughout: bool,
}

/// The SHA-256 of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

/// A switch that is spelled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum YesNo {
    /// On.
    Yes,
    /// Off.
    No,
}

fn fingerprint(text: &str) -> Result<Fingerprint, String> {
    let how = "openssl s_client -connect HOST:5061 </dev/null | openssl x509 -noout -fingerprint -sha256";
    cooee_engine::read_fingerprint(text)
        .map(Fingerprint)
        .ok_or_else(|| format!("a fingerprint has 64 hexadecimal digits; see that of the server's certificate: {how}"))
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
