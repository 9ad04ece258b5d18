use clap::{Args, Subcommand, ValueEnum};
use cooee_call::MediaProtection;

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
    /// How the sound of calls is protected: encrypted, or no call; encrypted wherever the other side can; or plain
    #[arg(long, value_name = "encrypted|best-effort|plain", default_value = "encrypted")]
    pub media: MediaProtection,
    /// Ask this STUN server for your public address, instead of those that the domain publishes
    #[arg(long, value_name = "HOST[:PORT]")]
    pub stun: Option<String>,
    /// Believe only the certificate with this SHA-256, whoever signed it (64 hexadecimal digits; colons do no harm)
    #[arg(long, value_name = "SHA256", value_parser = pin, conflicts_with = "trust")]
    pub pin: Option<Pin>,
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
pub struct Pin(pub [u8; 32]);

/// A switch that is spelled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum YesNo {
    /// On.
    Yes,
    /// Off.
    No,
}

fn pin(text: &str) -> Result<Pin, String> {
    let digits: Vec<u8> = text.bytes().filter(|octet| !matches!(octet, b':' | b' ')).collect();
    let octet = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let octets: Option<Vec<u8>> = digits.chunks(2).map(octet).collect();
    let pin = octets.filter(|_| digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit)).and_then(|octets| octets.try_into().ok());
    let how = "openssl s_client -connect HOST:5061 </dev/null | openssl x509 -noout -fingerprint -sha256";
    pin.map(Pin).ok_or_else(|| format!("a pin has 64 hexadecimal digits; see the server's: {how}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_as_openssl_prints_it_and_as_plain_digits() {
        let plain = "0f".repeat(32);
        let colons = vec!["0F"; 32].join(":");
        assert_eq!(pin(&plain), Ok(Pin([15; 32])));
        assert_eq!(pin(&colons), Ok(Pin([15; 32])));
        for wrong in ["", "0f", &"0g".repeat(32), &"0f".repeat(33), &"+f".repeat(32)] {
            assert!(pin(wrong).unwrap_err().contains("-fingerprint"), "{wrong}");
        }
    }
}
