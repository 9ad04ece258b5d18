use std::str::FromStr;

use clap::{Args, Subcommand};
use cooee_engine::Engine;

/// Which part of a list.
#[derive(Clone, Debug, Args)]
pub struct Page {
    /// How many, newest last
    #[arg(long, default_value_t = 50)]
    pub last: u32,
    /// Only those before this number
    #[arg(long, value_name = "NUMBER")]
    pub before: Option<u64>,
    /// Only those with this address or number; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub with: Vec<String>,
}

impl Page {
    /// As the engine takes it.
    #[must_use]
    pub fn of(&self, engine: &Engine) -> cooee_engine::Page {
        let page = cooee_engine::Page { before: self.before, ..self.last.into() };
        engine.page_with(page, self.with.iter().map(String::as_str))
    }
}

/// `cooee log forget`, `cooee messages seen` and so on
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum HistoryVerb {
    /// Forget one, or all, and overwrite it in the file
    Forget {
        /// A number as the list shows it, or `all`
        which: Which,
    },
    /// None of them is new any more
    Seen,
}

/// One of a list, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// The one of this number.
    One(u64),
}

impl Which {
    /// The number of one; `None` for all.
    #[must_use]
    pub fn number(self) -> Option<u64> {
        if let Self::One(number) = self { Some(number) } else { None }
    }
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let number = text.trim_start_matches('#').parse();
        number.map(Self::One).map_err(|_| format!("“{text}” is neither a number nor “all”"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_named_as_the_list_shows_it() {
        assert_eq!(["12", "#12", "all"].map(str::parse), [Ok(Which::One(12)), Ok(Which::One(12)), Ok(Which::All)]);
        assert!("everything".parse::<Which>().is_err());
    }
}
