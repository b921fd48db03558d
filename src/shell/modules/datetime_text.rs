//! Dates and times as text: what `fromisoformat()` reads and `strftime()` writes.

use super::datetime::{date_part, time_part};
use crate::shell::interpret::Interpreter;
use crate::shell::value::date::{iso_date, iso_offset};
use crate::shell::value::{DateTime, Object, PyResult, TimeZone};
use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use std::rc::Rc;

/// `2026-03-01T12:00:00.5+01:00`, with a space for the `T`, or only the date.
pub(super) fn parse_datetime(text: &str) -> Option<DateTime> {
    let (date, rest) = text.split_at_checked(10)?;
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    if rest.is_empty() {
        return Some(DateTime {
            wall: date.and_time(NaiveTime::MIN),
            zone: None,
        });
    }
    let rest = rest.get(1..)?;
    let split = rest.find(['+', '-', 'Z']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(split);
    let clock = clock.trim_end();
    let time = ["%H:%M:%S%.f", "%H:%M"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(clock, format).ok())?;
    let zone = match zone {
        "" => None,
        "Z" | "z" => Some(TimeZone::utc()),
        offset => {
            let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
            let hours: i32 = digits.get(..2)?.parse().ok()?;
            let minutes: i32 = digits.get(2..4).unwrap_or("0").parse().ok()?;
            let seconds = hours * 3600 + minutes * 60;
            let seconds = if offset.starts_with('-') {
                -seconds
            } else {
                seconds
            };
            Some(Rc::new(TimeZone::Fixed(seconds, None)))
        }
    };
    Some(DateTime {
        wall: date.and_time(time),
        zone,
    })
}

/// `strftime`, also of `format()`.
pub(crate) fn strftime(vm: &mut Interpreter, value: &Object, format: &str) -> PyResult<String> {
    let date =
        date_part(value).unwrap_or_else(|| NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default());
    let time = time_part(value).unwrap_or_default();
    let offset = match value.plain() {
        Object::DateTime(moment) => moment.offset(),
        _ => None,
    };
    let zone = match value.plain() {
        Object::DateTime(moment) => moment.zone.as_ref().map(|zone| zone.name()),
        _ => None,
    };
    let wall = date.and_time(time);
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let Some(mut directive) = chars.next() else {
            out.push('%');
            break;
        };
        let bare = directive == '-';
        if bare {
            directive = chars.next().unwrap_or('%');
        }
        let number = |value: u32, width: usize| match bare {
            true => value.to_string(),
            false => format!("{value:0width$}"),
        };
        match directive {
            'Y' => out += &date.year().to_string(),
            'm' => out += &number(date.month(), 2),
            'd' => out += &number(date.day(), 2),
            'y' => out += &number(date.year().unsigned_abs() % 100, 2),
            'H' => out += &number(time.hour(), 2),
            'I' => out += &number(time.hour12().1, 2),
            'M' => out += &number(time.minute(), 2),
            'S' => out += &number(time.second(), 2),
            'f' => out += &format!("{:06}", time.nanosecond() / 1000),
            'j' => out += &number(date.ordinal(), 3),
            'p' => out += if time.hour() < 12 { "AM" } else { "PM" },
            'z' => out += &offset.map(|it| iso_offset(it, "")).unwrap_or_default(),
            'Z' => out += &zone.clone().unwrap_or_default(),
            'F' => out += &iso_date(date),
            'T' | 'X' => out += &time.format("%H:%M:%S").to_string(),
            'x' | 'D' => out += &date.format("%m/%d/%y").to_string(),
            'c' => out += &wall.format("%a %b %e %H:%M:%S %Y").to_string(),
            'a' => out += &date.format("%a").to_string(),
            'A' => out += &date.format("%A").to_string(),
            'b' | 'h' => out += &date.format("%b").to_string(),
            'B' => out += &date.format("%B").to_string(),
            'e' => out += &date.format("%e").to_string(),
            'w' => out += &date.weekday().num_days_from_sunday().to_string(),
            'u' => out += &date.weekday().number_from_monday().to_string(),
            'U' => out += &date.format("%U").to_string(),
            'W' => out += &date.format("%W").to_string(),
            'V' => out += &number(date.iso_week().week(), 2),
            'G' => out += &date.iso_week().year().to_string(),
            'n' => out.push('\n'),
            't' => out.push('\t'),
            '%' => out.push('%'),
            other => {
                out.push('%');
                out.push(other);
            }
        }
        vm.check_size(out.len())?;
    }
    Ok(out)
}
