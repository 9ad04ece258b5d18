/// Year, month (1 to 12) and day (1 to 31) in the Gregorian calendar, so many days after 1970-01-01. Years are counted from March in eras
/// of 400, so that the leap day comes last.
#[must_use]
pub fn civil_date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12 + 1;
    (year + era * 400 + u64::from(month < 3), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leap_days_come_every_four_years_but_in_three_of_four_centuries() {
        for (days, date) in
            [(0, (1970, 1, 1)), (11_016, (2000, 2, 29)), (11_017, (2000, 3, 1)), (47_540, (2100, 2, 28)), (47_541, (2100, 3, 1))]
        {
            assert_eq!(civil_date(days), date);
        }
    }
}
