//! Reading a text as a pattern says: to_date, to_timestamp.

use super::{DAYS, Dots, Field, MONTHS, Piece, parse};
use crate::base::datetime::{Civil, HOUR, MINUTE, Moment, SECOND};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};

/// Microseconds since 1970 of a text that a pattern describes.
pub fn parse_by_pattern(text: &str, pattern: &str) -> Result<i64> {
    let mut reader = Reader { rest: text };
    let mut year: Option<i32> = None;
    let (mut month, mut day) = (1, 1);
    let mut day_of_year = None;
    let (mut hour, mut minute, mut second, mut micros) = (0_i64, 0_i64, 0_i64, 0_i64);
    let mut afternoon = None;
    let mut half_day = false;
    let mut of_day = None;
    let mut offset = 0_i64;
    let pieces = parse(pattern);
    for (at, piece) in pieces.iter().enumerate() {
        let field = match piece {
            Piece::Text(text) => {
                for c in text.chars() {
                    reader.skip_separator(c);
                }
                continue;
            }
            Piece::Field { field, .. } => *field,
        };
        reader.skip_spaces();
        // A field right before another takes only as many digits as its width says.
        let exact = matches!(pieces.get(at + 1), Some(Piece::Field { .. }));
        let mut number = |width: usize| reader.number(if exact { width } else { 19 }, text);
        match field {
            Field::Hour12 => {
                hour = number(2)?;
                half_day = true;
            }
            Field::Hour24 => hour = number(2)?,
            Field::Minute => minute = number(2)?,
            Field::Second => second = number(2)?,
            Field::Fraction(digits) => {
                let taken = reader.digits(digits as usize);
                let scaled = format!("{taken:0<6}");
                micros = scaled.parse().unwrap_or(0);
            }
            Field::SecondsOfDay => of_day = Some(number(5)?),
            Field::Meridiem(_, dots) => {
                let width = if dots == Dots::With { 4 } else { 2 };
                let word = reader.take(width).to_ascii_lowercase();
                afternoon = Some(word.starts_with('p'));
            }
            Field::Year(digits) | Field::IsoYear(digits) => {
                let value = number(digits as usize)? as i32;
                // Two digits and fewer mean the years around 2020, as PostgreSQL adjusts them.
                year = Some(match digits {
                    1..=3 if value < 70 => value + 2000,
                    1..=3 if value < 100 => value + 1900,
                    1..=3 if value < 520 => value + 2000,
                    1..=3 if value < 1000 => value + 1000,
                    _ => value,
                });
            }
            Field::YearComma => {
                let thousands = reader.number(3, text)?;
                reader.skip_separator(',');
                year = Some((thousands * 1000 + reader.number(3, text)?) as i32);
            }
            Field::MonthName(_) | Field::MonthShort(_) => {
                month = reader.name(&MONTHS, text)? as i32 + 1;
            }
            Field::Month => month = number(2)? as i32,
            Field::Day => day = number(2)? as i32,
            Field::DayOfYear => day_of_year = Some(number(3)? as i32),
            Field::DayName(_) | Field::DayShort(_) => {
                reader.name(&DAYS, text)?;
            }
            Field::DayOfWeek | Field::IsoDayOfWeek | Field::Quarter => {
                number(1)?;
            }
            Field::ZoneHours => {
                let sign = if reader.rest.starts_with('-') { -1 } else { 1 };
                reader.rest = reader.rest.trim_start_matches(['+', '-']);
                offset = sign * reader.number(2, text)? * HOUR;
            }
            Field::ZoneMinutes => {
                let minutes = reader.number(2, text)? * MINUTE;
                offset += if offset < 0 { -minutes } else { minutes };
            }
            Field::Era(_, _)
            | Field::RomanMonth(_)
            | Field::IsoDayOfYear
            | Field::WeekOfMonth
            | Field::WeekOfYear
            | Field::IsoWeek
            | Field::Century
            | Field::JulianDay
            | Field::Zone(_)
            | Field::ZoneOffset => {
                return Err(Diagnostic::error(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "this field of the pattern is not supported here when reading a date",
                )
                .hint("Supported are YYYY, MM, DD, DDD, HH24, HH12, MI, SS, MS, US, AM/PM and names of months and days."));
            }
        }
    }
    let out_of_range = || {
        Diagnostic::error(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            format!("date/time field value out of range: \"{text}\""),
        )
    };
    if half_day && !(1..=12).contains(&hour) {
        return Err(Diagnostic::error(
            sqlstate::INVALID_DATETIME_FORMAT,
            format!("hour \"{hour}\" is invalid for the 12-hour clock"),
        )
        .hint("Use the 24-hour clock, or give an hour between 1 and 12."));
    }
    match afternoon {
        Some(true) if hour < 12 => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        _ => {}
    }
    if hour >= 24 || minute >= 60 || second >= 60 {
        return Err(out_of_range());
    }
    let mut date = Civil::new(year.unwrap_or(1), month, day).ok_or_else(out_of_range)?;
    if let Some(day_of_year) = day_of_year {
        let first = Civil::new(date.year, 1, 1).ok_or_else(out_of_range)?;
        date = Civil::from_days(first.to_days() + day_of_year - 1);
    }
    let time = of_day.unwrap_or(hour * 3600 + minute * 60 + second) * SECOND + micros;
    let midnight = Moment {
        date,
        hour: 0,
        minute: 0,
        second: 0,
        micros: 0,
    }
    .to_micros()?;
    midnight
        .checked_add(time)
        .and_then(|micros| micros.checked_sub(offset))
        .ok_or_else(out_of_range)
}

/// Reads a text from left to right.
pub(super) struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// A separator of the pattern stands for any separator, or none, of the text.
    fn skip_separator(&mut self, wanted: char) {
        if let Some(c) = self.rest.chars().next()
            && (c == wanted || (!wanted.is_alphanumeric() && !c.is_alphanumeric()))
        {
            self.rest = self.rest.get(c.len_utf8()..).unwrap_or("");
        }
    }

    fn take(&mut self, width: usize) -> &'t str {
        let end = self
            .rest
            .char_indices()
            .nth(width)
            .map_or(self.rest.len(), |(at, _)| at);
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn digits(&mut self, most: usize) -> &'t str {
        let end = self
            .rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits
    }

    fn number(&mut self, most: usize, whole: &str) -> Result<i64> {
        let digits = self.digits(most);
        digits.parse().map_err(|_| {
            let found = self.rest.chars().take(4).collect::<String>();
            Diagnostic::error(
                sqlstate::INVALID_DATETIME_FORMAT,
                format!("invalid value \"{found}\" in \"{whole}\": a number was expected"),
            )
            .hint("Value must be an integer.")
        })
    }

    /// The place of the name that comes next, whole or its first three letters.
    fn name(&mut self, table: &[&str], whole: &str) -> Result<usize> {
        let starts = |name: &str| {
            self.rest
                .get(..name.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(name))
        };
        let found = table
            .iter()
            .position(|name| starts(name))
            .map(|at| (at, table.get(at).map_or(0, |name| name.len())))
            .or_else(|| {
                table
                    .iter()
                    .position(|name| starts(name.get(..3).unwrap_or(name)))
                    .map(|at| (at, 3))
            });
        match found {
            Some((at, length)) => {
                self.rest = self.rest.get(length..).unwrap_or("");
                Ok(at)
            }
            None => Err(Diagnostic::error(
                sqlstate::INVALID_DATETIME_FORMAT,
                format!("invalid value in \"{whole}\": a name of a month or day was expected"),
            )),
        }
    }
}
