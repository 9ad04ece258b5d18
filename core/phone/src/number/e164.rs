use cooee_machine::Pii;

/// A number of the whole world (ITU-T E.164): 2 to 15 digits that begin with a country code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct E164(Pii<String>);

impl E164 {
    /// Takes the digits behind the plus sign.
    #[must_use]
    pub fn new(digits: &str) -> Option<Self> {
        let is_number = (2..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| Self(Pii(digits.to_owned())))
    }

    /// The digits, without plus sign.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.reveal()
    }

    /// `+41446681800`.
    #[must_use]
    pub fn dialled(&self) -> String {
        format!("+{}", self.digits())
    }
}
