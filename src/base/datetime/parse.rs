//! Dates and times from text, in the forms PostgreSQL reads with `datestyle = 'ISO, MDY'`.

use super::{Civil, DAY, HOUR, MINUTE, SECOND, Zone, timestamp_in_range};

/// Why a text is no date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatetimeError {
    /// It does not read as one.
    Syntax,
    /// A field, or the whole, is out of range.
    OutOfRange,
    /// Month or day out of range: perhaps they are the other way round.
    DayOrMonthOutOfRange,
    /// A year before 1.
    BeforeChrist,
    /// `infinity`, which is not supported.
    Infinite,
    /// A time zone that is not known.
    UnknownZone,
}

type Parsed<T> = Result<T, DatetimeError>;

/// A distance from UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timezone {
    /// Microseconds to add to UTC.
    pub offset: i64,
}

/// What a text says, as far as it says it.
#[derive(Default)]
struct Fields {
    date: Option<i32>,
    time: Option<i64>,
    zone: Option<Timezone>,
    /// A zone with rules, such as `Europe/Berlin`, or an abbreviation, such as `EST`.
    named: Option<Zone>,
}

/// Days since 1970; a time of day in the text is left out. `now` gives `today` its meaning.
pub fn parse_date(text: &str, now: i64) -> Parsed<i32> {
    read(text, now)?.date.ok_or(DatetimeError::Syntax)
}

/// Microseconds since midnight.
pub fn parse_time(text: &str, now: i64) -> Parsed<i64> {
    let plain = text.trim();
    let digits = plain.split_once('.').map_or(plain, |(whole, _)| whole);
    if matches!(digits.len(), 4 | 6) && digits.bytes().all(|b| b.is_ascii_digit()) {
        return compact_clock(plain);
    }
    read(text, now)?.time.ok_or(DatetimeError::Syntax)
}

/// Microseconds since 1970; a zone in the text is left out.
pub fn parse_timestamp(text: &str, now: i64) -> Parsed<i64> {
    let fields = read(text, now)?;
    let date = fields.date.ok_or(DatetimeError::Syntax)?;
    timestamp_in_range(Some(i64::from(date) * DAY + fields.time.unwrap_or(0)))
        .map_err(|_| DatetimeError::OutOfRange)
}

/// Microseconds since 1970 in UTC; without a zone the text is in UTC.
pub fn parse_timestamptz(text: &str, now: i64) -> Parsed<i64> {
    let fields = read(text, now)?;
    let date = fields.date.ok_or(DatetimeError::Syntax)?;
    let local = i64::from(date) * DAY + fields.time.unwrap_or(0);
    let moment = match (fields.named, fields.zone) {
        (Some(zone), None) => zone.to_utc(local),
        (Some(_), Some(_)) => return Err(DatetimeError::Syntax),
        (None, zone) => Some(local - zone.unwrap_or_default().offset),
    };
    timestamp_in_range(moment).map_err(|_| DatetimeError::OutOfRange)
}

/// `UTC` and its names, and fixed distances such as `+02`, `-05:30`, `UTC+3` (whose sign is
/// POSIX's: west of Greenwich counts as positive).
pub fn parse_timezone(text: &str) -> Option<Timezone> {
    let text = text.trim();
    const UTC: [&str; 9] = [
        "utc",
        "gmt",
        "z",
        "zulu",
        "uct",
        "universal",
        "etc/utc",
        "etc/gmt",
        "greenwich",
    ];
    let lower = text.to_ascii_lowercase();
    if UTC.contains(&lower.as_str()) {
        return Some(Timezone::default());
    }
    if text.starts_with(['+', '-']) {
        return offset(text).ok();
    }
    let posix = lower
        .strip_prefix("utc")
        .or_else(|| lower.strip_prefix("gmt"))?;
    let zone = offset(posix).ok()?;
    Some(Timezone {
        offset: -zone.offset,
    })
}

fn read(text: &str, now: i64) -> Parsed<Fields> {
    let mut fields = Fields::default();
    let lower = text.trim().to_ascii_lowercase();
    let mut named: Vec<i32> = Vec::new();
    let mut month = None;
    let mut afternoon = None;
    for word in words(&lower) {
        let first = word.as_bytes().first().copied().unwrap_or(b' ');
        if first.is_ascii_digit() {
            if word.contains(':') {
                set(&mut fields.time, clock(word)?)?;
            } else if word.contains(['-', '/']) || word.matches('.').count() == 2 {
                set(&mut fields.date, date(word)?)?;
            } else if fields.date.is_some() && fields.time.is_none() && word.len() >= 4 {
                set(&mut fields.time, compact_clock(word)?)?;
            } else if month.is_none()
                && named.is_empty()
                && fields.date.is_none()
                && word.len() >= 6
            {
                set(&mut fields.date, compact_date(word)?)?;
            } else {
                let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                let suffix = word.get(digits.len()..).unwrap_or_default();
                if !["", "st", "nd", "rd", "th"].contains(&suffix) {
                    return Err(DatetimeError::Syntax);
                }
                named.push(number(digits)?);
            }
        } else if first == b'+' || first == b'-' {
            if fields.time.is_none() {
                return Err(DatetimeError::Syntax);
            }
            set(&mut fields.zone, offset(word)?)?;
        } else if let Some(number) = month_number(word) {
            set(&mut month, number)?;
        } else {
            match word {
                "am" | "pm" => set(&mut afternoon, word == "pm")?,
                "t" | "at" | "on" => {}
                "bc" => return Err(DatetimeError::BeforeChrist),
                "ad" => {}
                "now" => {
                    let (days, time) = super::split(now);
                    set(&mut fields.date, days)?;
                    set(&mut fields.time, time)?;
                }
                "today" => set(&mut fields.date, super::split(now).0)?,
                "yesterday" => set(&mut fields.date, super::split(now).0 - 1)?,
                "tomorrow" => set(&mut fields.date, super::split(now).0 + 1)?,
                "epoch" => set(&mut fields.date, 0)?,
                "allballs" => {
                    set(&mut fields.time, 0)?;
                    set(&mut fields.zone, Timezone::default())?;
                }
                "infinity" => return Err(DatetimeError::Infinite),
                _ if is_weekday(word) => {}
                _ => match parse_timezone(word) {
                    Some(zone) => set(&mut fields.zone, zone)?,
                    None if fields.time.is_some() && word.len() >= 3 => {
                        let zone = Zone::named(word).ok_or(DatetimeError::UnknownZone)?;
                        set(&mut fields.named, zone)?;
                    }
                    None => return Err(DatetimeError::Syntax),
                },
            }
        }
    }
    if let Some(month) = month {
        let (year, day) = match named[..] {
            [a, b] if a > 31 => (a, b),
            [a, b] => (full_year(b), a),
            _ => return Err(DatetimeError::Syntax),
        };
        set(&mut fields.date, checked_date(year, month, day)?)?;
    } else if !named.is_empty() {
        return Err(DatetimeError::Syntax);
    }
    if let Some(afternoon) = afternoon {
        let time = fields.time.ok_or(DatetimeError::Syntax)?;
        let hour = time / HOUR;
        if !(1..=12).contains(&hour) {
            return Err(DatetimeError::OutOfRange);
        }
        let hour_of_day = hour % 12 + if afternoon { 12 } else { 0 };
        fields.time = Some(hour_of_day * HOUR + time % HOUR);
    }
    if fields.date.is_none() && fields.time.is_none() {
        return Err(DatetimeError::Syntax);
    }
    Ok(fields)
}

/// Splits at blanks and commas, between a time and what follows it, and at the `T` of ISO 8601.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for word in text.split(|c: char| c.is_ascii_whitespace() || c == ',') {
        let mut rest = word;
        if let Some((date, time)) = rest.split_once('t')
            && date.ends_with(|c: char| c.is_ascii_digit())
            && time.starts_with(|c: char| c.is_ascii_digit())
        {
            words.push(date);
            rest = time;
        }
        // A time ends where a zone or am/pm begins; a date of the form 15-jan-2024 does not.
        if rest.contains(':') && rest.starts_with(|c: char| c.is_ascii_digit()) {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.');
            if let Some(end) = end {
                let (time, behind) = rest.split_at(end);
                words.push(time);
                rest = behind;
            }
        }
        if !rest.is_empty() {
            words.push(rest);
        }
    }
    words
}

fn set<T>(slot: &mut Option<T>, value: T) -> Parsed<()> {
    if slot.is_some() {
        return Err(DatetimeError::Syntax);
    }
    *slot = Some(value);
    Ok(())
}

fn number(digits: &str) -> Parsed<i32> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DatetimeError::Syntax);
    }
    digits.parse().map_err(|_| DatetimeError::OutOfRange)
}

/// `12:30`, `12:30:15`, `12:30:15.123456`.
fn clock(word: &str) -> Parsed<i64> {
    let parts: Vec<&str> = word.split(':').collect();
    let (hour, minute, second) = match parts[..] {
        [hour, minute] => (hour, minute, "0"),
        [hour, minute, second] => (hour, minute, second),
        _ => return Err(DatetimeError::Syntax),
    };
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    time_of(
        number(hour)?,
        number(minute)?,
        number(second)?,
        fraction_micros(fraction)?,
    )
}

/// `1230` and `123015`.
fn compact_clock(word: &str) -> Parsed<i64> {
    let (digits, fraction) = word.split_once('.').unwrap_or((word, ""));
    let (hour, rest) = digits.split_at_checked(2).ok_or(DatetimeError::Syntax)?;
    let (minute, second) = rest.split_at_checked(2).ok_or(DatetimeError::Syntax)?;
    let second = if second.is_empty() { "0" } else { second };
    time_of(
        number(hour)?,
        number(minute)?,
        number(second)?,
        fraction_micros(fraction)?,
    )
}

/// The digits behind the point as microseconds, rounded; half a microsecond to the even one.
fn fraction_micros(digits: &str) -> Parsed<i64> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DatetimeError::Syntax);
    }
    let kept = digits.get(..digits.len().min(6)).unwrap_or_default();
    let micros: i64 = format!("{kept:0<6}")
        .parse()
        .map_err(|_| DatetimeError::Syntax)?;
    let rest = digits.as_bytes().get(6..).unwrap_or_default();
    let up = match rest.split_first() {
        Some((b'5', more)) if more.iter().all(|digit| *digit == b'0') => micros % 2 == 1,
        Some((digit, _)) => *digit >= b'5',
        None => false,
    };
    Ok(micros + i64::from(up))
}

fn time_of(hour: i32, minute: i32, second: i32, micros: i64) -> Parsed<i64> {
    let time =
        i64::from(hour) * HOUR + i64::from(minute) * MINUTE + i64::from(second) * SECOND + micros;
    if hour > 24 || minute > 59 || second > 60 || time > DAY {
        return Err(DatetimeError::OutOfRange);
    }
    Ok(time)
}

/// `2024-01-15`, `2024/01/15`, `1/15/2024`, `15-jan-2024`, `2024-jan-15`.
fn date(word: &str) -> Parsed<i32> {
    let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
    let [a, b, c] = parts[..] else {
        return Err(DatetimeError::Syntax);
    };
    if let Some(month) = month_number(b) {
        return if a.len() > 2 {
            checked_date(number(a)?, month, number(c)?)
        } else {
            checked_date(year_of(c)?, month, number(a)?)
        };
    }
    if a.len() > 2 {
        checked_date(number(a)?, number(b)?, number(c)?)
    } else {
        checked_date(year_of(c)?, number(a)?, number(b)?)
    }
}

/// `20240115` and `240115`.
fn compact_date(word: &str) -> Parsed<i32> {
    let split = match word.len() {
        8 => word.split_at_checked(4),
        6 => word.split_at_checked(2),
        _ => None,
    };
    let (year, rest) = split.ok_or(DatetimeError::Syntax)?;
    let (month, day) = rest.split_at_checked(2).ok_or(DatetimeError::Syntax)?;
    checked_date(year_of(year)?, number(month)?, number(day)?)
}

fn year_of(digits: &str) -> Parsed<i32> {
    let year = number(digits)?;
    Ok(if digits.len() <= 2 {
        full_year(year)
    } else {
        year
    })
}

/// Years of two digits are near 2000: 70 to 99 lie before.
fn full_year(year: i32) -> i32 {
    match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        _ => year,
    }
}

fn checked_date(year: i32, month: i32, day: i32) -> Parsed<i32> {
    if year == 0 || year > super::LAST_YEAR {
        return Err(DatetimeError::OutOfRange);
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err(DatetimeError::DayOrMonthOutOfRange);
    }
    Civil::new(year, month, day)
        .map(Civil::to_days)
        .ok_or(DatetimeError::OutOfRange)
}

/// `+02`, `-0530`, `+05:30`, `+05:30:15`.
fn offset(word: &str) -> Parsed<Timezone> {
    let (sign, digits) = match word.as_bytes().first() {
        Some(b'-') => (-1, word.get(1..)),
        Some(b'+') => (1, word.get(1..)),
        _ => return Err(DatetimeError::Syntax),
    };
    let digits = digits.unwrap_or_default();
    let parts: Vec<&str> = if digits.contains(':') {
        digits.split(':').collect()
    } else if digits.len() > 2 {
        let (hours, minutes) = digits
            .split_at_checked(digits.len() - 2)
            .ok_or(DatetimeError::Syntax)?;
        vec![hours, minutes]
    } else {
        vec![digits]
    };
    let mut offset = 0;
    for (part, unit) in parts.iter().zip([HOUR, MINUTE, SECOND]) {
        offset += i64::from(number(part)?) * unit;
    }
    if parts.len() > 3 {
        return Err(DatetimeError::Syntax);
    }
    if offset >= 16 * HOUR {
        return Err(DatetimeError::OutOfRange);
    }
    Ok(Timezone {
        offset: sign * offset,
    })
}

fn month_number(word: &str) -> Option<i32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    if word == "sept" {
        return Some(9);
    }
    let found = MONTHS
        .iter()
        .position(|month| *month == word || (word.len() == 3 && month.starts_with(word)));
    found.map(|at| at as i32 + 1)
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = [
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    const SHORT: [&str; 4] = ["tues", "wednes", "thur", "thurs"];
    SHORT.contains(&word)
        || DAYS
            .iter()
            .any(|day| *day == word || (word.len() == 3 && day.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::super::{time_text, timestamp_text};
    use super::*;

    /// Noon of 2026-03-01.
    const NOW: i64 = 20_513 * DAY + 12 * HOUR;

    #[test]
    fn many_forms_are_read() {
        for (text, expected) in [
            ("2024-01-15", "2024-01-15 00:00:00"),
            ("2024-01-15 10:30", "2024-01-15 10:30:00"),
            ("2024-01-15T10:30:15.5Z", "2024-01-15 10:30:15.5"),
            ("2024-01-15 10:30:15+02", "2024-01-15 10:30:15"),
            ("20240115 103015", "2024-01-15 10:30:15"),
            ("1/15/2024", "2024-01-15 00:00:00"),
            ("Jan 15, 2024", "2024-01-15 00:00:00"),
            ("15 January 2024 3:05 PM", "2024-01-15 15:05:00"),
            ("15-Jan-2024", "2024-01-15 00:00:00"),
            ("Mon Jan 15 2024", "2024-01-15 00:00:00"),
            ("2024-01-15 24:00:00", "2024-01-16 00:00:00"),
            ("2024-01-15 12:30 am", "2024-01-15 00:30:00"),
            ("today", "2026-03-01 00:00:00"),
            ("now", "2026-03-01 12:00:00"),
            ("tomorrow", "2026-03-02 00:00:00"),
            ("epoch", "1970-01-01 00:00:00"),
            ("2024-01-15 10:30:15.1234567", "2024-01-15 10:30:15.123457"),
        ] {
            let read = parse_timestamp(text, NOW).map(timestamp_text);
            assert_eq!(read.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn zones_move_a_timestamptz() {
        for (text, expected) in [
            ("2024-01-15 10:30:00+02", "2024-01-15 08:30:00"),
            ("2024-01-15 10:30:00-05:30", "2024-01-15 16:00:00"),
            ("2024-01-15 10:30:00 UTC", "2024-01-15 10:30:00"),
            ("2024-01-15 10:30:00", "2024-01-15 10:30:00"),
        ] {
            let read = parse_timestamptz(text, NOW).map(timestamp_text);
            assert_eq!(read.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn times_are_read() {
        assert_eq!(
            parse_time("04:05:06.789", NOW).map(time_text),
            Ok("04:05:06.789".into())
        );
        assert_eq!(
            parse_time("4:05 pm", NOW).map(time_text),
            Ok("16:05:00".into())
        );
        assert_eq!(parse_time("25:00", NOW), Err(DatetimeError::OutOfRange));
    }

    #[test]
    fn what_is_no_date_says_why() {
        for (text, expected) in [
            ("", DatetimeError::Syntax),
            ("soon", DatetimeError::Syntax),
            ("2024-02-30", DatetimeError::OutOfRange),
            ("2024-13-01", DatetimeError::DayOrMonthOutOfRange),
            ("2024-01-01 BC", DatetimeError::BeforeChrist),
            ("infinity", DatetimeError::Infinite),
            ("2024-01-15 2024-01-15", DatetimeError::Syntax),
        ] {
            assert_eq!(parse_date(text, NOW), Err(expected), "{text}");
        }
    }
}
