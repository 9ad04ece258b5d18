use std::time::Duration;

/// Times and bounds of asking people's phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InquiryConfig {
    /// What counts as a day of the budget. Tests live faster.
    pub day: Duration,
    /// People asked within any such day; none: nobody is ever asked.
    pub people_a_day: usize,
    /// Those that are due are spread over this time, unevenly.
    pub spread: Duration,
    /// Who was there, or was asked, is not asked again within this time.
    pub rest: Duration,
    /// The same for whoever answers no such questions.
    pub long_rest: Duration,
}

impl Default for InquiryConfig {
    fn default() -> Self {
        let day = Duration::from_secs(86_400);
        Self { day, people_a_day: 20, spread: day / 4, rest: day * 7, long_rest: day * 28 }
    }
}
