use std::time::Duration;

use cooee_machine::civil_date;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The moment that a `Date` names, as time since the Unix epoch; `None` if it breaks the grammar, which knows no other zone
/// than `GMT` (RFC 3261 20.17), or lies before 1970.
#[must_use]
pub fn parse_date(value: &[u8]) -> Option<Duration> {
    let mut words = std::str::from_utf8(value).ok()?.split_ascii_whitespace();
    let weekday = words.next()?.strip_suffix(',')?;
    let day = digits(words.next()?, 2)?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(month))?;
    let year = digits(words.next()?, 4)?;
    let mut clock = words.next()?.split(':').map(|part| digits(part, 2));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if clock.next().is_some() || !words.next()?.eq_ignore_ascii_case("GMT") || words.next().is_some() {
        return None;
    }
    let known_day = DAYS.iter().any(|d| d.eq_ignore_ascii_case(weekday));
    if !known_day || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days_since_epoch(year, u64::try_from(month).ok()? + 1, day)?;
    Some(Duration::from_secs(days * 86_400 + hour * 3_600 + minute * 60 + second))
}

/// A moment as `Date` has it (RFC 3261 20.17), from its time since the Unix epoch.
#[must_use]
pub fn print_date(unix: Duration) -> String {
    let (days, seconds) = (unix.as_secs() / 86_400, unix.as_secs() % 86_400);
    let weekday = usize::try_from((days + 3) % 7).ok().and_then(|day| DAYS.get(day)).copied().unwrap_or_default();
    let (year, month, day) = civil_date(days);
    let month = usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

fn digits(text: &str, length: usize) -> Option<u64> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Days from 1970-01-01 in the Gregorian calendar, years counted from March so that the leap day comes last.
fn days_since_epoch(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month > 2 { year } else { year.checked_sub(1)? };
    let month = (month + 9) % 12;
    (year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day - 1).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_to_the_second() {
        assert_eq!(parse_date(b"Thu, 01 Jan 1970 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(parse_date(b"Sat, 13 Nov 2010 23:29:00 GMT"), Some(Duration::from_secs(1_289_690_940)));
        assert_eq!(parse_date(b"Tue, 29 Feb 2000 12:00:00 GMT"), Some(Duration::from_secs(951_825_600)));
    }

    #[test]
    fn a_date_is_written_as_it_is_read() {
        assert_eq!(print_date(Duration::from_secs(1_289_690_940)), "Sat, 13 Nov 2010 23:29:00 GMT");
        assert_eq!(print_date(Duration::ZERO), "Thu, 01 Jan 1970 00:00:00 GMT");
        for day in (0..90_000).step_by(37).chain(11_000..11_800) {
            let moment = Duration::from_secs(day * 86_400 + day % 86_400);
            assert_eq!(parse_date(print_date(moment).as_bytes()), Some(moment), "{}", print_date(moment));
        }
    }

    #[test]
    fn other_zones_and_broken_dates_are_refused() {
        for bad in [
            "Fri, 01 Jan 2010 16:00:00 EST",
            "Fri, 01 Jan 2010 16:00:00 UTC",
            "Fri, 1 Jan 2010 16:00:00 GMT",
            "Fri, 01 Jan 2010 24:00:00 GMT",
            "Fri, 01 Jan 2010 16:00 GMT",
            "Fri 01 Jan 2010 16:00:00 GMT",
            "Fri, 01 Jan 0000 16:00:00 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "",
        ] {
            assert_eq!(parse_date(bad.as_bytes()), None, "{bad}");
        }
    }
}
