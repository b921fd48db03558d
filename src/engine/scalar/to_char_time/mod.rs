//! `to_char`, `to_date` and `to_timestamp` of dates and times (PostgreSQL 15 manual, 9.8, tables
//! 9.27 and 9.28). Names of months and days are English, as in the C locale.

mod read;

use crate::base::datetime::{HOUR, MINUTE, Moment, SECOND};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Interval, Result};
pub use read::parse_by_pattern;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

const ROMAN_MONTHS: [&str; 12] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
];

/// What a keyword of a pattern stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Hour12,
    Hour24,
    Minute,
    Second,
    /// So many digits of the second's fraction.
    Fraction(u32),
    SecondsOfDay,
    Meridiem(Letters, Dots),
    YearComma,
    /// The last so many digits of the year.
    Year(u32),
    IsoYear(u32),
    Era(Letters, Dots),
    MonthName(Letters),
    MonthShort(Letters),
    Month,
    RomanMonth(Letters),
    DayName(Letters),
    DayShort(Letters),
    DayOfYear,
    IsoDayOfYear,
    Day,
    DayOfWeek,
    IsoDayOfWeek,
    WeekOfMonth,
    WeekOfYear,
    IsoWeek,
    Century,
    JulianDay,
    Quarter,
    Zone(Letters),
    ZoneHours,
    ZoneMinutes,
    ZoneOffset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letters {
    Upper,
    Title,
    Lower,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dots {
    With,
    Without,
}

/// Keywords whose letters matter, longest first where one begins another.
const EXACT: &[(&str, Field)] = &[
    ("MONTH", Field::MonthName(Letters::Upper)),
    ("Month", Field::MonthName(Letters::Title)),
    ("month", Field::MonthName(Letters::Lower)),
    ("MON", Field::MonthShort(Letters::Upper)),
    ("Mon", Field::MonthShort(Letters::Title)),
    ("mon", Field::MonthShort(Letters::Lower)),
    ("DAY", Field::DayName(Letters::Upper)),
    ("Day", Field::DayName(Letters::Title)),
    ("day", Field::DayName(Letters::Lower)),
    ("DY", Field::DayShort(Letters::Upper)),
    ("Dy", Field::DayShort(Letters::Title)),
    ("dy", Field::DayShort(Letters::Lower)),
    ("A.M.", Field::Meridiem(Letters::Upper, Dots::With)),
    ("P.M.", Field::Meridiem(Letters::Upper, Dots::With)),
    ("a.m.", Field::Meridiem(Letters::Lower, Dots::With)),
    ("p.m.", Field::Meridiem(Letters::Lower, Dots::With)),
    ("AM", Field::Meridiem(Letters::Upper, Dots::Without)),
    ("PM", Field::Meridiem(Letters::Upper, Dots::Without)),
    ("am", Field::Meridiem(Letters::Lower, Dots::Without)),
    ("pm", Field::Meridiem(Letters::Lower, Dots::Without)),
    ("A.D.", Field::Era(Letters::Upper, Dots::With)),
    ("B.C.", Field::Era(Letters::Upper, Dots::With)),
    ("a.d.", Field::Era(Letters::Lower, Dots::With)),
    ("b.c.", Field::Era(Letters::Lower, Dots::With)),
    ("AD", Field::Era(Letters::Upper, Dots::Without)),
    ("BC", Field::Era(Letters::Upper, Dots::Without)),
    ("ad", Field::Era(Letters::Lower, Dots::Without)),
    ("bc", Field::Era(Letters::Lower, Dots::Without)),
    ("TZH", Field::ZoneHours),
    ("TZM", Field::ZoneMinutes),
    ("TZ", Field::Zone(Letters::Upper)),
    ("tz", Field::Zone(Letters::Lower)),
    ("OF", Field::ZoneOffset),
    ("RM", Field::RomanMonth(Letters::Upper)),
    ("rm", Field::RomanMonth(Letters::Lower)),
];

/// Keywords in any letters, longest first where one begins another.
const LOOSE: &[(&str, Field)] = &[
    ("Y,YYY", Field::YearComma),
    ("YYYY", Field::Year(4)),
    ("YYY", Field::Year(3)),
    ("YY", Field::Year(2)),
    ("Y", Field::Year(1)),
    ("IDDD", Field::IsoDayOfYear),
    ("ID", Field::IsoDayOfWeek),
    ("IYYY", Field::IsoYear(4)),
    ("IYY", Field::IsoYear(3)),
    ("IY", Field::IsoYear(2)),
    ("IW", Field::IsoWeek),
    ("I", Field::IsoYear(1)),
    ("HH24", Field::Hour24),
    ("HH12", Field::Hour12),
    ("HH", Field::Hour12),
    ("MI", Field::Minute),
    ("MM", Field::Month),
    ("MS", Field::Fraction(3)),
    ("US", Field::Fraction(6)),
    ("FF1", Field::Fraction(1)),
    ("FF2", Field::Fraction(2)),
    ("FF3", Field::Fraction(3)),
    ("FF4", Field::Fraction(4)),
    ("FF5", Field::Fraction(5)),
    ("FF6", Field::Fraction(6)),
    ("SSSSS", Field::SecondsOfDay),
    ("SSSS", Field::SecondsOfDay),
    ("SS", Field::Second),
    ("DDD", Field::DayOfYear),
    ("DD", Field::Day),
    ("D", Field::DayOfWeek),
    ("WW", Field::WeekOfYear),
    ("W", Field::WeekOfMonth),
    ("CC", Field::Century),
    ("J", Field::JulianDay),
    ("Q", Field::Quarter),
];

/// A piece of a pattern.
#[derive(Clone, Debug)]
enum Piece {
    Field {
        field: Field,
        padding: Padding,
        suffix: Option<Letters>,
    },
    Text(String),
}

/// Whether a field is filled up to its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Padding {
    Full,
    /// `FM`
    None,
}

fn parse(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    let mut padding = Padding::Full;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("FM") || rest.starts_with("fm") {
            padding = Padding::None;
            rest = rest.get(2..).unwrap_or("");
            continue;
        }
        // Names in the session's language, which is English, are not filled up.
        if rest.starts_with("TM") {
            padding = Padding::None;
            rest = rest.get(2..).unwrap_or("");
            continue;
        }
        if rest.starts_with("FX") || rest.starts_with("fx") {
            rest = rest.get(2..).unwrap_or("");
            continue;
        }
        if c == '"' {
            let mut text = String::new();
            let mut length = 1;
            let mut escaped = false;
            for c in rest.chars().skip(1) {
                length += c.len_utf8();
                match c {
                    '\\' if !escaped => escaped = true,
                    '"' if !escaped => break,
                    c => {
                        escaped = false;
                        text.push(c);
                    }
                }
            }
            pieces.push(Piece::Text(text));
            rest = rest.get(length..).unwrap_or("");
            continue;
        }
        let exact = EXACT.iter().find(|(word, _)| rest.starts_with(word));
        let found = exact.or_else(|| {
            LOOSE.iter().find(|(word, _)| {
                rest.get(..word.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(word))
            })
        });
        match found {
            Some((word, field)) => {
                rest = rest.get(word.len()..).unwrap_or("");
                let suffix = match rest.get(..2) {
                    Some("TH") => Some(Letters::Upper),
                    Some("th") => Some(Letters::Lower),
                    _ => None,
                };
                if suffix.is_some() {
                    rest = rest.get(2..).unwrap_or("");
                }
                pieces.push(Piece::Field {
                    field: *field,
                    padding,
                    suffix,
                });
                padding = Padding::Full;
            }
            None => {
                let c = if c == '\\' {
                    rest = rest.get(1..).unwrap_or("");
                    rest.chars().next().unwrap_or('\\')
                } else {
                    c
                };
                pieces.push(Piece::Text(c.into()));
                rest = rest.get(c.len_utf8()..).unwrap_or("");
            }
        }
    }
    pieces
}

/// A timestamp as the pattern writes it; the zone is UTC where one is asked for.
pub fn timestamp_to_char(micros: i64, pattern: &str) -> String {
    let moment = Moment::from_micros(micros);
    let mut out = String::new();
    for piece in parse(pattern) {
        match piece {
            Piece::Text(text) => out.push_str(&text),
            Piece::Field {
                field,
                padding,
                suffix,
            } => write_field(&mut out, field, padding, suffix, &moment),
        }
    }
    out
}

/// An interval as the pattern writes it: hours may exceed a day, months and days stand for
/// themselves.
pub fn interval_to_char(interval: Interval, pattern: &str) -> Result<String> {
    let years = interval.months / 12;
    let months = interval.months % 12;
    let hours = interval.micros / HOUR;
    let mut out = String::new();
    for piece in parse(pattern) {
        let (field, padding) = match piece {
            Piece::Text(text) => {
                out.push_str(&text);
                continue;
            }
            Piece::Field { field, padding, .. } => (field, padding),
        };
        let number = |value: i64, width: usize| padded(value, width, padding);
        let text = match field {
            Field::Hour12 => {
                let hour = hours % 12;
                number(if hour == 0 { 12 } else { hour }, 2)
            }
            Field::Hour24 => number(hours, 2),
            Field::Minute => number(interval.micros / MINUTE % 60, 2),
            Field::Second => number(interval.micros / SECOND % 60, 2),
            Field::Fraction(digits) => fraction(interval.micros.rem_euclid(SECOND), digits),
            Field::SecondsOfDay => number(interval.micros / SECOND, 0),
            Field::Year(4) => number(i64::from(years), 4),
            Field::Year(digits) => number(i64::from(years) % 10_i64.pow(digits), digits as usize),
            Field::Month => number(i64::from(months), 2),
            // A sign takes one of a day's two places, and none of the others'.
            Field::Day => match padding {
                Padding::Full => format!("{:02}", interval.days),
                Padding::None => interval.days.to_string(),
            },
            Field::DayOfYear => number(
                i64::from(interval.months) * 30 + i64::from(interval.days),
                3,
            ),
            Field::Quarter => number(i64::from((months - 1).max(0) / 3 + 1), 0),
            _ => {
                return Err(Diagnostic::error(
                    sqlstate::INVALID_DATETIME_FORMAT,
                    "invalid format specification for an interval value",
                )
                .hint("Intervals are not tied to specific calendar dates."));
            }
        };
        out.push_str(&text);
    }
    Ok(out)
}

fn padded(value: i64, width: usize, padding: Padding) -> String {
    match padding {
        Padding::None => value.to_string(),
        Padding::Full if value < 0 => format!("-{:0width$}", value.unsigned_abs()),
        Padding::Full => format!("{value:0width$}"),
    }
}

fn fraction(micros: i64, digits: u32) -> String {
    let text = format!("{micros:06}");
    text.get(..digits as usize).unwrap_or(&text).to_owned()
}

fn cased(text: &str, letters: Letters) -> String {
    match letters {
        Letters::Upper => text.to_uppercase(),
        Letters::Title => text.to_owned(),
        Letters::Lower => text.to_lowercase(),
    }
}

fn write_field(
    out: &mut String,
    field: Field,
    padding: Padding,
    suffix: Option<Letters>,
    moment: &Moment,
) {
    let date = moment.date;
    let name = |table: &[&'static str], at: i32| -> &'static str {
        usize::try_from(at)
            .ok()
            .and_then(|at| table.get(at).copied())
            .unwrap_or("")
    };
    let wide = |text: String, width: usize| match padding {
        Padding::Full => format!("{text:<width$}"),
        Padding::None => text,
    };
    let short = |text: &str| text.get(..3).unwrap_or(text).to_owned();
    let number = |value: i32, width: usize| padded(i64::from(value), width, padding);
    let (iso_year, iso_week) = date.iso_week();
    let iso_weekday = if date.weekday() == 0 {
        7
    } else {
        date.weekday()
    };
    let text = match field {
        Field::Hour12 => number((moment.hour + 11) % 12 + 1, 2),
        Field::Hour24 => number(moment.hour, 2),
        Field::Minute => number(moment.minute, 2),
        Field::Second => number(moment.second, 2),
        Field::Fraction(digits) => fraction(i64::from(moment.micros), digits),
        Field::SecondsOfDay => (moment.time() / SECOND).to_string(),
        Field::Meridiem(letters, dots) => {
            let text = match (moment.hour < 12, dots) {
                (true, Dots::Without) => "AM",
                (false, Dots::Without) => "PM",
                (true, Dots::With) => "A.M.",
                (false, Dots::With) => "P.M.",
            };
            cased(text, letters)
        }
        Field::YearComma => format!("{},{:03}", date.year / 1000, date.year % 1000),
        Field::Year(4) => number(date.year, 4),
        Field::Year(digits) => number(date.year % 10_i32.pow(digits), digits as usize),
        Field::IsoYear(4) => number(iso_year, 4),
        Field::IsoYear(digits) => number(iso_year % 10_i32.pow(digits), digits as usize),
        Field::Era(letters, Dots::Without) => cased("AD", letters),
        Field::Era(letters, Dots::With) => cased("A.D.", letters),
        Field::MonthName(letters) => wide(cased(name(&MONTHS, date.month - 1), letters), 9),
        Field::MonthShort(letters) => cased(&short(name(&MONTHS, date.month - 1)), letters),
        Field::Month => number(date.month, 2),
        Field::RomanMonth(letters) => wide(cased(name(&ROMAN_MONTHS, date.month - 1), letters), 4),
        Field::DayName(letters) => wide(cased(name(&DAYS, date.weekday()), letters), 9),
        Field::DayShort(letters) => cased(&short(name(&DAYS, date.weekday())), letters),
        Field::DayOfYear => number(date.day_of_year(), 3),
        Field::IsoDayOfYear => number((iso_week - 1) * 7 + iso_weekday, 3),
        Field::Day => number(date.day, 2),
        Field::DayOfWeek => number(date.weekday() + 1, 0),
        Field::IsoDayOfWeek => number(iso_weekday, 0),
        Field::WeekOfMonth => number((date.day - 1) / 7 + 1, 0),
        Field::WeekOfYear => number((date.day_of_year() - 1) / 7 + 1, 2),
        Field::IsoWeek => number(iso_week, 2),
        Field::Century => number((date.year + 99) / 100, 2),
        Field::JulianDay => (i64::from(date.to_days()) + 2_440_588).to_string(),
        Field::Quarter => number((date.month - 1) / 3 + 1, 0),
        Field::Zone(letters) => cased("UTC", letters),
        Field::ZoneHours | Field::ZoneOffset => "+00".into(),
        Field::ZoneMinutes => "00".into(),
    };
    out.push_str(&text);
    if let Some(letters) = suffix {
        let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        let teen = digits.len() > 1 && digits.get(digits.len() - 2) == Some(&'1');
        let ending = match digits.last() {
            Some('1') if !teen => "ST",
            Some('2') if !teen => "ND",
            Some('3') if !teen => "RD",
            _ => "TH",
        };
        out.push_str(&cased(ending, letters));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: i64 = 1_741_271_045_123_456; // 2025-03-06 14:24:05.123456

    #[test]
    fn timestamps_are_written_as_postgresql_writes_them() {
        for (pattern, expected) in [
            ("YYYY-MM-DD HH24:MI:SS", "2025-03-06 14:24:05"),
            ("YYYY-MM", "2025-03"),
            ("Mon YYYY", "Mar 2025"),
            ("Month DD", "March     06"),
            ("FMMonth FMDD, YYYY", "March 6, 2025"),
            ("FMDay", "Thursday"),
            ("DY dy Dy", "THU thu Thu"),
            ("HH12:MI am", "02:24 pm"),
            ("HH:MI A.M.", "02:24 P.M."),
            ("MS US FF2", "123 123456 12"),
            ("Q IW WW W DDD D ID", "1 10 10 1 065 5 4"),
            ("YY Y YYY Y,YYY IYYY", "25 5 025 2,025 2025"),
            ("DDth FMDDth", "06th 6th"),
            ("\"Week\" IW", "Week 10"),
            ("J CC RM", "2460741 21 III "),
            ("TZ OF TZH:TZM", "UTC +00 +00:00"),
            ("SSSS", "51845"),
        ] {
            assert_eq!(timestamp_to_char(MOMENT, pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn what_a_pattern_writes_it_reads_again() {
        for pattern in [
            "YYYY-MM-DD HH24:MI:SS.US",
            "YYYYMMDDHH24MISSUS",
            "DD Mon YYYY HH12:MI:SS.US PM",
            "FMMonth DD, YYYY HH24:MI:SS.US",
        ] {
            let text = timestamp_to_char(MOMENT, pattern);
            assert_eq!(
                parse_by_pattern(&text, pattern).map_err(|e| e.message),
                Ok(MOMENT),
                "{text}"
            );
        }
    }
}
