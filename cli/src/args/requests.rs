use clap::{Args, Subcommand};
use cooee_phone::WhoRings;

/// `cooee requests`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Requests {
    /// What to do besides looking.
    #[command(subcommand)]
    pub what: Option<RequestsVerb>,
    /// Whose calls ring aloud from now on: everybody's (`everybody`), those of people you know and of your own domain (`own-domain`), or of
    /// people you know alone (`known`): who is in your contacts, whom you have called or written to, or allowed
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
