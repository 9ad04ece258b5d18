use clap::{Args, Subcommand};
use cooee_phone::WhoRings;

/// `cooee requests`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Requests {
    /// What to do besides looking.
    #[command(subcommand)]
    pub what: Option<RequestsVerb>,
    /// Whose calls ring aloud from now on: everybody's (`everybody`), those of people you know, of your own domain and of telephone numbers
    /// that its server connects (`own-domain`), or of people you know alone (`known`): who is in your contacts, whom you have called or written to, or allowed
    #[arg(long, value_name = "WHO")]
    pub ring: Option<WhoRings>,
}

/// `cooee requests accept` and `refuse`
#[derive(Clone, Debug, Subcommand)]
pub enum RequestsVerb {
    /// Let them through: their calls ring at any time, as with `cooee allow`
    Accept {
        /// E.g. ben@example.org
        whom: String,
    },
    /// Take no calls and texts of theirs, as with `cooee block`
    Refuse {
        /// E.g. ben@example.org
        whom: String,
    },
}

/// `cooee ring-test`
#[derive(Debug, Args)]
pub struct RingTest {
    /// Ask your server to wait so many seconds before it rings, so that a phone can fall asleep meanwhile (Cooee's server can; others
    /// ring at once)
    #[arg(long = "in", value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=240))]
    pub after: u32,
    /// Which of your addresses
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
}
