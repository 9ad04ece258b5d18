//! Moments and durations as people read them.

use cooee_machine::civil_date;

/// `2026-11-24 15:04` in UTC, from Unix seconds.
#[must_use]
pub fn date(unix: u64) -> String {
    let (days, seconds) = (unix / 86_400, unix % 86_400);
    let (year, month, day) = civil_date(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", seconds / 3600, seconds / 60 % 60)
}

/// `1:05`, from seconds.
#[must_use]
pub fn minutes(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// `3 days`, `2 h`, `5 min`, `now`, from seconds: the largest unit that fits.
#[must_use]
pub fn age(seconds: u64) -> String {
    match seconds {
        0..60 => "moments".to_owned(),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        86_400..172_800 => "1 day".to_owned(),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_know_leap_years() {
        assert_eq!(date(0), "1970-01-01 00:00 UTC");
        assert_eq!(date(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(date(1_795_532_640), "2026-11-24 15:04 UTC");
        assert_eq!(date(4_107_542_400), "2100-03-01 00:00 UTC");
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        assert_eq!([0, 60, 7200, 90_000, 700_000].map(age), ["moments", "1 min", "2 h", "1 day", "8 days"]);
    }

    #[test]
    fn durations_count_minutes() {
        assert_eq!(minutes(65), "1:05");
        assert_eq!(minutes(3600), "60:00");
    }
}
