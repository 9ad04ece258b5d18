use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::with_port;

/// `cooee serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// The domain to serve, e.g. example.org
    #[arg(long, value_parser = domain)]
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
    /// Take no calls from other domains and make none to them
    #[arg(long, conflicts_with = "private_domains")]
    pub alone: bool,
    /// Let other domains lead to addresses of your own network too
    #[arg(long)]
    pub private_domains: bool,
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
    #[arg(long, default_value = "cooee.test", value_parser = domain)]
    pub domain: String,
    /// Whose accounts it has
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', default_value = "anna,ben")]
    pub people: Vec<String>,
}

fn port(text: &str) -> Result<u16, String> {
    let wrong = || format!("“{text}” is no port: 0 or 2 to 65535");
    text.parse().ok().filter(|port| *port != 1).ok_or_else(wrong)
}

fn lan(text: &str) -> Result<SocketAddr, String> {
    with_port(text, 5060)
}

/// As it is compared: without spaces around it and the final dot, in lower case.
fn domain(text: &str) -> Result<String, String> {
    let domain = text.trim().trim_end_matches('.').to_ascii_lowercase();
    if domain.is_empty() { Err("write a domain like example.org".to_owned()) } else { Ok(domain) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_taken_as_it_is_compared() {
        assert_eq!(domain(" Example.ORG. ").as_deref(), Ok("example.org"));
        assert!(domain(" . ").is_err());
    }
}
