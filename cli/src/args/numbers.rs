use clap::{ArgAction, Args};

use super::YesNo;

/// `cooee explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// An address or number as you would write it
    pub what: String,
    /// From which of your addresses (default: the one that fits)
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
    /// Look nothing up: nobody is asked anything
    #[arg(long)]
    pub offline: bool,
}

/// `cooee choose`
#[derive(Debug, Args)]
pub struct Choose {
    /// Whom it is for, e.g. ben@example.org or +41446681800
    pub whom: String,
    /// From which of your addresses
    #[arg(long, value_name = "ADDRESS", required_unless_present_any = ["by", "forget"])]
    pub from: Option<String>,
    /// At which of those that `cooee explain` shows first; for a number, the number itself means the exchange
    #[arg(long, value_name = "ADDRESS")]
    pub by: Option<String>,
    /// Forget what was chosen
    #[arg(long, conflicts_with_all = ["from", "by"])]
    pub forget: bool,
}

/// `cooee numbers`; with nothing said, shows how it is.
#[derive(Debug, Args)]
pub struct Numbers {
    /// Understand only numbers in full again: forget the region
    #[arg(long, conflicts_with = "region")]
    pub no_region: bool,
    /// Look numbers up below the calling address's own domain first (e164.example.org), unless its server takes numbers
    #[arg(long, value_name = "YES/NO")]
    pub own_zone: Option<YesNo>,
    /// Look numbers up below this domain too; may be given again, the most trusted first. Replaces the list
    #[arg(long, value_name = "DOMAIN", conflicts_with = "no_suffixes", action = ArgAction::Append)]
    pub suffix: Vec<cooee_phone::EnumSuffix>,
    /// Empty that list
    #[arg(long)]
    pub no_suffixes: bool,
    /// Look numbers up in the public tree, e164.arpa, last: its operators, those of your country's part, and whoever is on the way
    /// learn which numbers you dial
    #[arg(long, value_name = "YES/NO")]
    pub arpa: Option<YesNo>,
}
