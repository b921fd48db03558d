//! Intervals from text.

use super::Interval;
use crate::base::datetime::{DAY, HOUR, MINUTE, SECOND};

/// Why a text is no interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalError {
    /// It does not read as one.
    Syntax,
    /// A field is out of range.
    OutOfRange,
}

type Parsed<T> = Result<T, IntervalError>;

/// What a number in an interval counts.
#[derive(Clone, Copy)]
enum Unit {
    Micros(i64),
    Days(i32),
    Months(i32),
}

/// Reads `1 day 2 hours`, `1-2`, `04:05:06`, `P1Y2M`, `1 week ago` and their mixtures. A number
/// without a unit counts `unit` (from `INTERVAL '3' DAY`), or seconds.
pub fn parse_interval(text: &str, unit: Option<&str>) -> Parsed<Interval> {
    let lower = joined_signs(text.trim().to_ascii_lowercase());
    if let Some(iso) = lower.strip_prefix('p') {
        return iso_interval(iso);
    }
    let mut sum = Interval::default();
    let mut ago = false;
    let words = words(lower.strip_prefix('@').unwrap_or(&lower))?;
    if words.is_empty() {
        return Err(IntervalError::Syntax);
    }
    let mut at = words.iter().peekable();
    while let Some(word) = at.next() {
        if *word == "ago" {
            if at.peek().is_some() || words.len() == 1 {
                return Err(IntervalError::Syntax);
            }
            ago = true;
        } else if word.contains(':') {
            sum = plus(sum, clock(word)?)?;
        } else if let Some((years, months)) = years_and_months(word)? {
            sum = plus(
                sum,
                Interval::new(
                    years
                        .checked_mul(12)
                        .and_then(|y| y.checked_add(months))
                        .ok_or(IntervalError::OutOfRange)?,
                    0,
                    0,
                ),
            )?;
        } else if word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
            let counted = match at.peek() {
                Some(next)
                    if next.starts_with(|c: char| c.is_ascii_alphabetic()) && **next != "ago" =>
                {
                    unit_of(next).inspect(|_| {
                        at.next();
                    })
                }
                // Behind days may stand a bare time: '1 12:00' counts days.
                Some(next) if next.contains(':') => Some(Unit::Days(1)),
                _ => unit_of(unit.unwrap_or("second")),
            };
            sum = plus(sum, amount(word, counted.ok_or(IntervalError::Syntax)?)?)?;
        } else {
            return Err(IntervalError::Syntax);
        }
    }
    if ago {
        sum = sum.checked_negate().ok_or(IntervalError::OutOfRange)?;
    }
    Ok(match unit {
        Some(unit) => cut(sum, unit),
        None => sum,
    })
}

/// `INTERVAL '..' HOUR` keeps nothing smaller than an hour.
fn cut(interval: Interval, unit: &str) -> Interval {
    let Interval {
        months,
        days,
        micros,
    } = interval;
    match unit_of(unit) {
        Some(Unit::Months(1)) => Interval::new(months, 0, 0),
        Some(Unit::Months(_)) => Interval::new(months / 12 * 12, 0, 0),
        Some(Unit::Days(_)) => Interval::new(months, days, 0),
        Some(Unit::Micros(size)) if size > SECOND => {
            Interval::new(months, days, micros / size * size)
        }
        Some(Unit::Micros(_)) | None => interval,
    }
}

fn plus(sum: Interval, more: Interval) -> Parsed<Interval> {
    sum.checked_add(more).ok_or(IntervalError::OutOfRange)
}

/// A sign may stand apart from its number: `1 month - 1 day`.
fn joined_signs(text: String) -> String {
    if !text.contains("- ") && !text.contains("+ ") {
        return text;
    }
    let mut joined = String::with_capacity(text.len());
    for letter in text.chars() {
        if !(letter.is_ascii_whitespace() && joined.ends_with(['+', '-'])) {
            joined.push(letter);
        }
    }
    joined
}

/// Splits at blanks and between a number and its unit: `1day` is two words.
fn words(text: &str) -> Parsed<Vec<&str>> {
    let mut words = Vec::new();
    for word in text.split_ascii_whitespace() {
        let letters = word
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(word.len());
        let (number, unit) = word
            .split_at_checked(letters)
            .ok_or(IntervalError::Syntax)?;
        words.extend([number, unit].into_iter().filter(|part| !part.is_empty()));
    }
    Ok(words)
}

fn unit_of(word: &str) -> Option<Unit> {
    Some(match word {
        "microsecond" | "microseconds" | "us" | "usec" | "usecs" => Unit::Micros(1),
        "millisecond" | "milliseconds" | "ms" | "msec" | "msecs" => Unit::Micros(1000),
        "second" | "seconds" | "s" | "sec" | "secs" => Unit::Micros(SECOND),
        "minute" | "minutes" | "m" | "min" | "mins" => Unit::Micros(MINUTE),
        "hour" | "hours" | "h" | "hr" | "hrs" => Unit::Micros(HOUR),
        "day" | "days" | "d" => Unit::Days(1),
        "week" | "weeks" | "w" => Unit::Days(7),
        "month" | "months" | "mon" | "mons" => Unit::Months(1),
        "year" | "years" | "y" | "yr" | "yrs" => Unit::Months(12),
        "decade" | "decades" | "dec" | "decs" => Unit::Months(120),
        "century" | "centuries" | "c" | "cent" => Unit::Months(1200),
        "millennium" | "millennia" | "mil" | "mils" => Unit::Months(12_000),
        _ => return None,
    })
}

/// A number of units; its fraction spills into the smaller ones.
fn amount(word: &str, unit: Unit) -> Parsed<Interval> {
    let (whole, fraction) = decimal(word)?;
    let small = |value: i64| i32::try_from(value).map_err(|_| IntervalError::OutOfRange);
    Ok(match unit {
        Unit::Micros(size) => {
            let micros = whole
                .checked_mul(size)
                .and_then(|m| m.checked_add((fraction * size as f64).round_ties_even() as i64))
                .ok_or(IntervalError::OutOfRange)?;
            Interval::new(0, 0, micros)
        }
        Unit::Days(size) => {
            let days = whole
                .checked_mul(i64::from(size))
                .ok_or(IntervalError::OutOfRange)?;
            plus(
                Interval::new(0, small(days)?, 0),
                fraction_of_days(fraction * f64::from(size)),
            )?
        }
        Unit::Months(1) => plus(
            Interval::new(small(whole)?, 0, 0),
            fraction_of_days(fraction * 30.0),
        )?,
        Unit::Months(size) => {
            let months = whole
                .checked_mul(i64::from(size))
                .ok_or(IntervalError::OutOfRange)?;
            let more = (fraction * f64::from(size)).round_ties_even() as i32;
            plus(
                Interval::new(small(months)?, 0, 0),
                Interval::new(more, 0, 0),
            )?
        }
    })
}

fn fraction_of_days(days: f64) -> Interval {
    let whole = days.trunc();
    let micros = ((days - whole) * DAY as f64).round_ties_even();
    Interval::new(0, whole as i32, micros as i64)
}

/// The whole part and the fraction, both with the number's sign.
fn decimal(word: &str) -> Parsed<(i64, f64)> {
    let (negative, digits) = match word.as_bytes().first() {
        Some(b'-') => (true, word.get(1..).unwrap_or_default()),
        Some(b'+') => (false, word.get(1..).unwrap_or_default()),
        _ => (false, word),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return Err(IntervalError::Syntax);
    }
    let count: i64 = match whole {
        "" => 0,
        digits => digits.parse().map_err(|_| IntervalError::OutOfRange)?,
    };
    let fraction: f64 = match fraction {
        "" => 0.0,
        digits => format!("0.{digits}")
            .parse()
            .map_err(|_| IntervalError::Syntax)?,
    };
    Ok(if negative {
        (-count, -fraction)
    } else {
        (count, fraction)
    })
}

/// `04:05`, `04:05:06.7`, with a sign for the whole.
fn clock(word: &str) -> Parsed<Interval> {
    let (sign, digits) = match word.as_bytes().first() {
        Some(b'-') => (-1, word.get(1..).unwrap_or_default()),
        Some(b'+') => (1, word.get(1..).unwrap_or_default()),
        _ => (1, word),
    };
    let parts: Vec<&str> = digits.split(':').collect();
    let mut micros = 0_i64;
    let units: &[i64] = match parts[..] {
        // 'mm:ss.fff' is minutes and seconds.
        [_, second] if second.contains('.') => &[MINUTE, SECOND],
        [_, _] => &[HOUR, MINUTE],
        [_, _, _] => &[HOUR, MINUTE, SECOND],
        _ => return Err(IntervalError::Syntax),
    };
    for (place, (part, &unit)) in parts.iter().zip(units).enumerate() {
        if part.starts_with(['-', '+']) || (part.contains('.') && unit != SECOND) {
            return Err(IntervalError::Syntax);
        }
        let (whole, fraction) = decimal(part)?;
        if place > 0 && whole > 59 {
            return Err(IntervalError::OutOfRange);
        }
        micros = whole
            .checked_mul(unit)
            .and_then(|m| m.checked_add((fraction * unit as f64).round_ties_even() as i64))
            .and_then(|m| micros.checked_add(m))
            .ok_or(IntervalError::OutOfRange)?;
    }
    Ok(Interval::new(0, 0, sign * micros))
}

/// `1-2`: one year and two months.
fn years_and_months(word: &str) -> Parsed<Option<(i32, i32)>> {
    let (sign, digits) = match word.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, word.strip_prefix('+').unwrap_or(word)),
    };
    let Some((years, months)) = digits.split_once('-') else {
        return Ok(None);
    };
    let number = |part: &str| -> Parsed<i32> {
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return Err(IntervalError::Syntax);
        }
        part.parse().map_err(|_| IntervalError::OutOfRange)
    };
    let (years, months) = (number(years)?, number(months)?);
    if months > 11 {
        return Err(IntervalError::OutOfRange);
    }
    Ok(Some((sign * years, sign * months)))
}

/// ISO 8601 with designators, behind the `P`.
fn iso_interval(text: &str) -> Parsed<Interval> {
    let mut sum = Interval::default();
    let mut time = false;
    let mut rest = text;
    if rest.is_empty() {
        return Err(IntervalError::Syntax);
    }
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('t') {
            time = true;
            rest = behind;
            continue;
        }
        let end = rest
            .find(|c: char| c.is_ascii_alphabetic())
            .ok_or(IntervalError::Syntax)?;
        let (number, behind) = rest.split_at(end);
        let unit = match (behind.as_bytes().first(), time) {
            (Some(b'y'), false) => Unit::Months(12),
            (Some(b'm'), false) => Unit::Months(1),
            (Some(b'w'), false) => Unit::Days(7),
            (Some(b'd'), false) => Unit::Days(1),
            (Some(b'h'), true) => Unit::Micros(HOUR),
            (Some(b'm'), true) => Unit::Micros(MINUTE),
            (Some(b's'), true) => Unit::Micros(SECOND),
            _ => return Err(IntervalError::Syntax),
        };
        sum = plus(sum, amount(number, unit)?)?;
        rest = behind.get(1..).unwrap_or_default();
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers are PostgreSQL 15's.
    #[test]
    fn many_forms_are_read() {
        for (text, expected) in [
            ("1 day", "1 day"),
            ("2 days", "2 days"),
            (
                "1 year 2 months 3 days 04:05:06.789",
                "1 year 2 mons 3 days 04:05:06.789",
            ),
            ("90 minutes", "01:30:00"),
            ("1.5 hours", "01:30:00"),
            ("1.5 months", "1 mon 15 days"),
            ("1.5 years", "1 year 6 mons"),
            ("1-2", "1 year 2 mons"),
            ("1 week ago", "-7 days"),
            ("-1 mon +3 days", "-1 mons +3 days"),
            ("@ 1 minute", "00:01:00"),
            ("P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06"),
            ("1day 2h", "1 day 02:00:00"),
            ("1 12:00", "1 day 12:00:00"),
            ("10", "00:00:10"),
            ("-00:30", "-00:30:00"),
            ("0.5 days", "12:00:00"),
            ("1 day -1 hour", "1 day -01:00:00"),
            ("-1 day 1 hour", "-1 days +01:00:00"),
        ] {
            let read = parse_interval(text, None).map(|i| i.to_string());
            assert_eq!(read.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_unit_stands_for_numbers_without_one() {
        assert_eq!(
            parse_interval("3", Some("day")).map(|i| i.to_string()),
            Ok("3 days".into())
        );
    }

    #[test]
    fn what_is_no_interval_is_refused() {
        for text in ["", "day", "1 fortnight", "ago", "1:2:3:4", "x", "é1"] {
            assert_eq!(
                parse_interval(text, None),
                Err(IntervalError::Syntax),
                "{text}"
            );
        }
        assert_eq!(
            parse_interval("9999999999 years", None),
            Err(IntervalError::OutOfRange)
        );
    }
}
