//! Telephone numbers: how people write them, and what they mean where.

mod e164;
mod exchange;
mod plan;
mod read;
mod region;
mod signs;

pub use e164::E164;
pub(crate) use exchange::dialled_for;
pub(crate) use read::{Reading, helps_everywhere};
pub use region::{NoRegion, Region};

use std::borrow::Cow;

use cooee_machine::Pii;

/// A telephone number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Number {
    /// Of the whole world.
    International(E164),
    /// For help, in the region or everywhere: the ordinary dialler's alone, at once.
    Emergency(Pii<String>),
    /// A short number of the region's telephone network (directory enquiries, a taxi).
    Short(Pii<String>),
    /// What only the exchange of the calling account can make sense of: `7042`, `*21#`.
    Local {
        /// As it is dialled.
        dialled: Pii<String>,
        /// Inside which domain, or below which number, it is meant (`phone-context`, RFC 3966 5.1.5).
        context: Option<String>,
    },
}

impl Number {
    /// As it is dialled: `+41446681800`, `7042`, `*21#`.
    #[must_use]
    pub fn dialled(&self) -> Cow<'_, str> {
        match self {
            Self::International(number) => Cow::Owned(number.dialled()),
            Self::Emergency(dialled) | Self::Short(dialled) | Self::Local { dialled, .. } => Cow::Borrowed(dialled.reveal()),
        }
    }

    /// As a `tel:` URI (RFC 3966 3), the same for all ways to write it.
    #[must_use]
    pub fn tel_uri(&self) -> Pii<String> {
        Pii(match self {
            Self::Local { dialled, context: Some(context) } => format!("tel:{};phone-context={context}", dialled.reveal()),
            number => format!("tel:{}", number.dialled()),
        })
    }
}
