//! Dates and times: days and microseconds since 1970-01-01 against years, months and days.
//!
//! The calendar is the Gregorian one in all years, as in PostgreSQL. Years run from 1 to 294246;
//! years before Christ are refused.

mod parse;
mod zone;

pub use parse::{
    DatetimeError, Timezone, parse_date, parse_time, parse_timestamp, parse_timestamptz,
    parse_timezone,
};

pub use zone::Zone;

use super::diagnostic::sqlstate;
use super::{Diagnostic, Interval, Result};

/// Microseconds a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Microseconds a day.
pub const DAY: i64 = 24 * HOUR;

/// The last whole year that 64 bits of microseconds reach.
pub const LAST_YEAR: i32 = 294_246;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// The year.
    pub year: i32,
    /// The month, from 1.
    pub month: i32,
    /// The day of the month, from 1.
    pub day: i32,
}

/// A moment of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Its day.
    pub date: Civil,
    /// Hours, from 0.
    pub hour: i32,
    /// Minutes.
    pub minute: i32,
    /// Whole seconds.
    pub second: i32,
    /// Microseconds within the second.
    pub micros: i32,
}

impl Civil {
    /// The day with this number.
    pub const fn from_days(days: i32) -> Self {
        // Howard Hinnant, "chrono-compatible low-level date algorithms": years start in March.
        let shifted = days as i64 + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * of_year + 2) / 153;
        let day = (of_year - (153 * march_month + 2) / 5 + 1) as i32;
        let month = (if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        }) as i32;
        let year = (year_of_era + era * 400) as i32 + (month <= 2) as i32;
        Self { year, month, day }
    }

    /// The number of the day. Month and day must be in their ranges.
    pub const fn to_days(self) -> i32 {
        let year = self.year as i64 - (self.month <= 2) as i64;
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let march_month = (self.month as i64 + 9) % 12;
        let of_year = (153 * march_month + 2) / 5 + self.day as i64 - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        (era * 146_097 + of_era - 719_468) as i32
    }

    /// The day, if the calendar has it and it is supported.
    pub const fn new(year: i32, month: i32, day: i32) -> Option<Self> {
        if year < 1
            || year > LAST_YEAR
            || month < 1
            || month > 12
            || day < 1
            || day > days_in_month(year, month)
        {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// The day so many months later, or the last of that month when it has no such day.
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let count = i64::from(self.year) * 12 + i64::from(self.month) - 1 + i64::from(months);
        let year = i32::try_from(count.div_euclid(12)).ok()?;
        let month = count.rem_euclid(12) as i32 + 1;
        Self::new(year, month, self.day.min(days_in_month(year, month)))
    }

    /// The day of the week, 0 for Sunday.
    pub fn weekday(self) -> i32 {
        (self.to_days() + 4).rem_euclid(7)
    }

    /// The day of the year, from 1.
    pub fn day_of_year(self) -> i32 {
        let first = Self {
            year: self.year,
            month: 1,
            day: 1,
        };
        self.to_days() - first.to_days() + 1
    }

    /// Year and week by ISO 8601: weeks start on Monday, the first holds January 4.
    pub fn iso_week(self) -> (i32, i32) {
        let days = self.to_days();
        let thursday = days + 3 - (days + 3).rem_euclid(7);
        let year = Self::from_days(thursday).year;
        let first = Self {
            year,
            month: 1,
            day: 1,
        }
        .to_days();
        (year, (thursday - first) / 7 + 1)
    }
}

/// Whether the year has 366 days.
pub const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days a month has.
pub const fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

impl Moment {
    /// The moment at so many microseconds since 1970.
    pub fn from_micros(micros: i64) -> Self {
        // 64 bits of microseconds are fewer than 2^31 days.
        let date = Civil::from_days(micros.div_euclid(DAY) as i32);
        let time = micros.rem_euclid(DAY);
        Self {
            date,
            hour: (time / HOUR) as i32,
            minute: (time / MINUTE % 60) as i32,
            second: (time / SECOND % 60) as i32,
            micros: (time % SECOND) as i32,
        }
    }

    /// Microseconds since 1970, if it is supported.
    pub fn to_micros(self) -> Result<i64> {
        let days = i64::from(self.date.to_days());
        timestamp_in_range(
            days.checked_mul(DAY)
                .and_then(|d| d.checked_add(self.time())),
        )
    }

    /// Microseconds since midnight.
    pub fn time(self) -> i64 {
        i64::from(self.hour) * HOUR
            + i64::from(self.minute) * MINUTE
            + i64::from(self.second) * SECOND
            + i64::from(self.micros)
    }
}

/// The date and the time of day of a timestamp.
pub fn split(micros: i64) -> (i32, i64) {
    (micros.div_euclid(DAY) as i32, micros.rem_euclid(DAY))
}

/// Checks that a timestamp lies within the supported years.
pub fn timestamp_in_range(micros: Option<i64>) -> Result<i64> {
    const FIRST: i64 = Civil {
        year: 1,
        month: 1,
        day: 1,
    }
    .to_days() as i64
        * DAY;
    const END: i64 = Civil {
        year: LAST_YEAR + 1,
        month: 1,
        day: 1,
    }
    .to_days() as i64
        * DAY;
    match micros {
        Some(micros) if (FIRST..END).contains(&micros) => Ok(micros),
        Some(micros) if micros < FIRST => Err(before_christ()),
        Some(_) | None => Err(Diagnostic::error(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            "timestamp out of range",
        )),
    }
}

/// Checks that a date lies within the supported years.
pub fn date_in_range(days: Option<i64>) -> Result<i32> {
    const FIRST: i64 = Civil {
        year: 1,
        month: 1,
        day: 1,
    }
    .to_days() as i64;
    const END: i64 = Civil {
        year: LAST_YEAR + 1,
        month: 1,
        day: 1,
    }
    .to_days() as i64;
    match days {
        Some(days) if (FIRST..END).contains(&days) => Ok(days as i32),
        Some(days) if days < FIRST => Err(before_christ()),
        Some(_) | None => Err(Diagnostic::error(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            "date out of range",
        )),
    }
}

/// The error of a date before the year 1.
pub fn before_christ() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FEATURE_NOT_SUPPORTED,
        "dates before the year 1 are not supported",
    )
}

/// A timestamp plus an interval: months first, clamped to the end of the month, then days, then
/// microseconds.
pub fn timestamp_add(micros: i64, interval: Interval) -> Result<i64> {
    let (mut days, time) = split(micros);
    if interval.months != 0 {
        let date = Civil::from_days(days).plus_months(interval.months);
        match date {
            Some(date) => days = date.to_days(),
            None if interval.months < 0 => return Err(before_christ()),
            None => return timestamp_in_range(None),
        }
    }
    let days = i64::from(days) + i64::from(interval.days);
    let sum = days
        .checked_mul(DAY)
        .and_then(|sum| sum.checked_add(time))
        .and_then(|sum| sum.checked_add(interval.micros));
    timestamp_in_range(sum)
}

/// A timestamp minus an interval.
pub fn timestamp_subtract(micros: i64, interval: Interval) -> Result<i64> {
    match interval.checked_negate() {
        Some(negated) => timestamp_add(micros, negated),
        None => timestamp_in_range(None),
    }
}

/// The time between two timestamps, in days and microseconds.
pub fn timestamp_difference(later: i64, earlier: i64) -> Interval {
    // Both lie within the supported years, so that the difference fits.
    let micros = later.saturating_sub(earlier);
    Interval {
        months: 0,
        days: (micros / DAY) as i32,
        micros: micros % DAY,
    }
}

/// `2026-03-01`.
pub fn date_text(days: i32) -> String {
    let Civil { year, month, day } = Civil::from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `12:30:00`, with as many decimals as are needed.
pub fn time_text(micros: i64) -> String {
    let (whole, fraction) = (micros / SECOND, micros % SECOND);
    let mut text = format!(
        "{:02}:{:02}:{:02}",
        whole / 3600,
        whole / 60 % 60,
        whole % 60
    );
    push_fraction(&mut text, fraction);
    text
}

/// Adds `.5` for 500,000 microseconds and nothing for none.
pub(super) fn push_fraction(text: &mut String, micros: i64) {
    if micros != 0 {
        let digits = format!("{micros:06}");
        text.push('.');
        text.push_str(digits.trim_end_matches('0'));
    }
}

/// `2026-03-01 12:30:00`, with as many decimals as are needed.
pub fn timestamp_text(micros: i64) -> String {
    let (days, time) = split(micros);
    format!("{} {}", date_text(days), time_text(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        for (days, year, month, day) in [
            (0, 1970, 1, 1),
            (-1, 1969, 12, 31),
            (19_782, 2024, 2, 29),
            (20_513, 2026, 3, 1),
            (-719_162, 1, 1, 1),
            (2_932_896, 9999, 12, 31),
        ] {
            let date = Civil { year, month, day };
            assert_eq!(Civil::from_days(days), date);
            assert_eq!(date.to_days(), days);
        }
    }

    #[test]
    fn months_clamp_to_the_last_day() {
        let date = |text: &str| parse_timestamp(text, 0).unwrap_or_default();
        let plus = |text: &str, months| {
            timestamp_add(
                date(text),
                Interval {
                    months,
                    ..Interval::default()
                },
            )
            .map(timestamp_text)
        };
        assert_eq!(plus("2024-01-31", 1), Ok("2024-02-29 00:00:00".into()));
        assert_eq!(
            plus("2023-03-31 10:00", -1),
            Ok("2023-02-28 10:00:00".into())
        );
        assert_eq!(plus("2023-12-15", 13), Ok("2025-01-15 00:00:00".into()));
        assert!(plus("0001-01-15", -1).is_err());
    }

    #[test]
    fn iso_weeks_belong_to_their_thursday() {
        for (year, month, day, expected) in [
            (2021, 1, 3, (2020, 53)),
            (2021, 1, 4, (2021, 1)),
            (2024, 12, 30, (2025, 1)),
            (2026, 3, 1, (2026, 9)),
        ] {
            assert_eq!(Civil { year, month, day }.iso_week(), expected);
        }
    }
}
