//! Dates, times and zones.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Weekday};
use std::rc::Rc;

/// A `datetime.datetime`: the wall clock, and the zone it hangs in.
#[derive(Clone, Debug)]
pub struct DateTime {
    /// What the clock shows.
    pub wall: NaiveDateTime,
    /// The zone; none for a naive one.
    pub zone: Option<Rc<TimeZone>>,
}

impl DateTime {
    /// The moment in microseconds since 1970, UTC; a naive one counts as UTC.
    pub fn micros(&self) -> i64 {
        let offset = self
            .zone
            .as_ref()
            .map_or(0, |zone| zone.offset_at_wall(self.wall));
        self.wall.and_utc().timestamp_micros() - i64::from(offset) * 1_000_000
    }

    /// What the clock shows, in microseconds since 1970.
    pub fn wall_micros(&self) -> i64 {
        self.wall.and_utc().timestamp_micros()
    }

    /// The moment `micros` (since 1970, UTC) on the clock of a zone; `None` outside the years 1 to
    /// 9999.
    pub fn at(micros: i64, zone: &Rc<TimeZone>) -> Option<Self> {
        let utc = from_micros(micros)?;
        let offset = zone.offset_at_utc(utc);
        let wall = utc.checked_add_signed(TimeDelta::seconds(i64::from(offset)))?;
        Some(Self {
            wall: in_range(wall)?,
            zone: Some(zone.clone()),
        })
    }

    /// Seconds east of UTC, for one with a zone.
    pub fn offset(&self) -> Option<i32> {
        self.zone
            .as_ref()
            .map(|zone| zone.offset_at_wall(self.wall))
    }

    /// As `isoformat()` writes it.
    pub fn iso(&self, separator: &str) -> String {
        let date = self.wall.date();
        let time = iso_time(self.wall.time());
        let offset = self
            .offset()
            .map(|it| iso_offset(it, ":"))
            .unwrap_or_default();
        format!("{}{separator}{time}{offset}", iso_date(date))
    }
}

/// The wall clock of microseconds since 1970; `None` outside the years 1 to 9999.
pub fn from_micros(micros: i64) -> Option<NaiveDateTime> {
    let moment = chrono::DateTime::from_timestamp_micros(micros)?;
    in_range(moment.naive_utc())
}

/// `None` outside of Python's years.
pub fn in_range(wall: NaiveDateTime) -> Option<NaiveDateTime> {
    (1..=9999).contains(&wall.year()).then_some(wall)
}

/// `2026-03-01`
pub fn iso_date(date: NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// `12:00:00`, with microseconds where there are some.
pub fn iso_time(time: chrono::NaiveTime) -> String {
    let text = format!(
        "{:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    );
    match time.nanosecond() / 1000 {
        0 => text,
        micros => format!("{text}.{micros:06}"),
    }
}

/// `+05:00`
pub fn iso_offset(seconds: i32, separator: &str) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let all = seconds.unsigned_abs();
    let (hours, minutes, rest) = (all / 3600, all / 60 % 60, all % 60);
    if rest == 0 {
        format!("{sign}{hours:02}{separator}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{separator}{minutes:02}{separator}{rest:02}")
    }
}

/// `str()` of a timedelta of microseconds: `2 days, 1:00:00`.
pub fn timedelta_text(micros: i64) -> String {
    let day = 86_400_000_000;
    let (days, rest) = (micros.div_euclid(day), micros.rem_euclid(day));
    let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
    let mut text = format!(
        "{}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    if fraction != 0 {
        text += &format!(".{fraction:06}");
    }
    match days {
        0 => text,
        1 | -1 => format!("{days} day, {text}"),
        _ => format!("{days} days, {text}"),
    }
}

/// A `datetime.tzinfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeZone {
    /// `datetime.timezone`: a fixed offset in seconds east of UTC, perhaps with a name.
    Fixed(i32, Option<Rc<str>>),
    /// `zoneinfo.ZoneInfo`: a place, with its winter offset in seconds and its summer rule.
    Place(&'static str, i32, Summer),
}

/// When a place moves its clocks, today's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summer {
    /// Never.
    Never,
    /// From the last Sunday of March to the last Sunday of October, at 01:00 UTC.
    Europe,
    /// From the second Sunday of March to the first Sunday of November, at 02:00 on the wall.
    NorthAmerica,
    /// From the first Sunday of October to the first Sunday of April, at 02:00 on the wall.
    Australia,
}

/// Places by name, with the winter offset in minutes.
const PLACES: [(&str, i32, Summer); 56] = [
    ("Africa/Cairo", 120, Summer::Never),
    ("Africa/Johannesburg", 120, Summer::Never),
    ("Africa/Lagos", 60, Summer::Never),
    ("Africa/Nairobi", 180, Summer::Never),
    ("America/Argentina/Buenos_Aires", -180, Summer::Never),
    ("America/Bogota", -300, Summer::Never),
    ("America/Chicago", -360, Summer::NorthAmerica),
    ("America/Denver", -420, Summer::NorthAmerica),
    ("America/Los_Angeles", -480, Summer::NorthAmerica),
    ("America/Mexico_City", -360, Summer::Never),
    ("America/New_York", -300, Summer::NorthAmerica),
    ("America/Phoenix", -420, Summer::Never),
    ("America/Sao_Paulo", -180, Summer::Never),
    ("America/Toronto", -300, Summer::NorthAmerica),
    ("America/Vancouver", -480, Summer::NorthAmerica),
    ("Asia/Almaty", 300, Summer::Never),
    ("Asia/Baku", 240, Summer::Never),
    ("Asia/Bangkok", 420, Summer::Never),
    ("Asia/Calcutta", 330, Summer::Never),
    ("Asia/Dhaka", 360, Summer::Never),
    ("Asia/Dubai", 240, Summer::Never),
    ("Asia/Ho_Chi_Minh", 420, Summer::Never),
    ("Asia/Hong_Kong", 480, Summer::Never),
    ("Asia/Jakarta", 420, Summer::Never),
    ("Asia/Karachi", 300, Summer::Never),
    ("Asia/Kathmandu", 345, Summer::Never),
    ("Asia/Kolkata", 330, Summer::Never),
    ("Asia/Manila", 480, Summer::Never),
    ("Asia/Riyadh", 180, Summer::Never),
    ("Asia/Samarkand", 300, Summer::Never),
    ("Asia/Seoul", 540, Summer::Never),
    ("Asia/Shanghai", 480, Summer::Never),
    ("Asia/Singapore", 480, Summer::Never),
    ("Asia/Tashkent", 300, Summer::Never),
    ("Asia/Tehran", 210, Summer::Never),
    ("Asia/Tokyo", 540, Summer::Never),
    ("Australia/Brisbane", 600, Summer::Never),
    ("Australia/Sydney", 600, Summer::Australia),
    ("Etc/UTC", 0, Summer::Never),
    ("Europe/Amsterdam", 60, Summer::Europe),
    ("Europe/Athens", 120, Summer::Europe),
    ("Europe/Berlin", 60, Summer::Europe),
    ("Europe/Dublin", 0, Summer::Europe),
    ("Europe/Istanbul", 180, Summer::Never),
    ("Europe/Kyiv", 120, Summer::Europe),
    ("Europe/Lisbon", 0, Summer::Europe),
    ("Europe/London", 0, Summer::Europe),
    ("Europe/Madrid", 60, Summer::Europe),
    ("Europe/Moscow", 180, Summer::Never),
    ("Europe/Paris", 60, Summer::Europe),
    ("Europe/Rome", 60, Summer::Europe),
    ("Europe/Stockholm", 60, Summer::Europe),
    ("Europe/Warsaw", 60, Summer::Europe),
    ("Europe/Zurich", 60, Summer::Europe),
    ("Pacific/Honolulu", -600, Summer::Never),
    ("UTC", 0, Summer::Never),
];

impl TimeZone {
    /// UTC, as `datetime.timezone.utc`.
    pub fn utc() -> Rc<Self> {
        Rc::new(Self::Fixed(0, None))
    }

    /// A place by the name of the tz database.
    pub fn place(name: &str) -> Option<Rc<Self>> {
        let (name, minutes, summer) = PLACES.iter().find(|(it, _, _)| *it == name)?;
        Some(Rc::new(Self::Place(name, minutes * 60, *summer)))
    }

    /// The name, for PostgreSQL and for `str()`.
    pub fn name(&self) -> String {
        match self {
            Self::Fixed(0, None) => String::from("UTC"),
            Self::Fixed(seconds, None) => format!("UTC{}", iso_offset(*seconds, ":")),
            Self::Fixed(_, Some(name)) => name.to_string(),
            Self::Place(name, _, _) => (*name).to_owned(),
        }
    }

    /// Seconds east of UTC when the clock in UTC shows `utc`.
    pub fn offset_at_utc(&self, utc: NaiveDateTime) -> i32 {
        match self {
            Self::Fixed(seconds, _) => *seconds,
            Self::Place(_, winter, summer) => {
                winter + if summer.holds(utc, *winter) { 3600 } else { 0 }
            }
        }
    }

    /// Seconds east of UTC when the clock there shows `wall`; of a time that comes twice, the
    /// first.
    pub fn offset_at_wall(&self, wall: NaiveDateTime) -> i32 {
        match self {
            Self::Fixed(seconds, _) => *seconds,
            Self::Place(_, winter, summer) => {
                let as_summer = wall - TimeDelta::seconds(i64::from(winter + 3600));
                winter
                    + if summer.holds(as_summer, *winter) {
                        3600
                    } else {
                        0
                    }
            }
        }
    }
}

impl Summer {
    fn holds(self, utc: NaiveDateTime, winter: i32) -> bool {
        let year = utc.year();
        let local = |date: Option<NaiveDate>, offset: i32| {
            let at = date.and_then(|date| date.and_hms_opt(2, 0, 0))?;
            Some(at - TimeDelta::seconds(i64::from(offset)))
        };
        let within = |start: Option<NaiveDateTime>, end: Option<NaiveDateTime>| {
            start
                .zip(end)
                .is_some_and(|(start, end)| start <= utc && utc < end)
        };
        match self {
            Self::Never => false,
            Self::Europe => {
                let at = |month| {
                    let last = (25..=31).rev().find_map(|day| {
                        let date = NaiveDate::from_ymd_opt(year, month, day)?;
                        (date.weekday() == Weekday::Sun).then_some(date)
                    })?;
                    last.and_hms_opt(1, 0, 0)
                };
                within(at(3), at(10))
            }
            Self::NorthAmerica => {
                let start = NaiveDate::from_weekday_of_month_opt(year, 3, Weekday::Sun, 2);
                let end = NaiveDate::from_weekday_of_month_opt(year, 11, Weekday::Sun, 1);
                within(local(start, winter), local(end, winter + 3600))
            }
            Self::Australia => {
                let end = NaiveDate::from_weekday_of_month_opt(year, 4, Weekday::Sun, 1);
                let start = NaiveDate::from_weekday_of_month_opt(year, 10, Weekday::Sun, 1);
                // Summer lasts over the new year: it is winter between the two.
                !within(local(end, winter), local(start, winter))
            }
        }
    }
}
