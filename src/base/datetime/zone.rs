//! Time zones by name: UTC, fixed distances, and the zones whose rules fit on a page.
//!
//! The rules are today's, and hold from the year a zone last changed them; moments before are
//! refused rather than answered by rules that did not hold then (source: IANA's tz database).

use super::{Civil, DAY, HOUR, MINUTE, Moment, parse_timezone};

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Microseconds to add to UTC in winter.
    standard: i64,
    summer: Summer,
    /// The first year for which this holds.
    since: i32,
}

/// When clocks are an hour ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Summer {
    Never,
    /// From the last Sunday of March to the last of October, at 01:00 UTC.
    European,
    /// From the second Sunday of March to the first of November, at 02:00 local time.
    American,
}

/// Names, minutes east of Greenwich in winter.
const FIXED: [(&str, i64); 26] = [
    ("africa/johannesburg", 120),
    ("africa/lagos", 60),
    ("africa/nairobi", 180),
    ("america/argentina/buenos_aires", -180),
    ("america/bogota", -300),
    ("america/lima", -300),
    ("america/phoenix", -420),
    ("asia/bangkok", 420),
    ("asia/calcutta", 330),
    ("asia/dhaka", 360),
    ("asia/dubai", 240),
    ("asia/ho_chi_minh", 420),
    ("asia/hong_kong", 480),
    ("asia/jakarta", 420),
    ("asia/karachi", 300),
    ("asia/kathmandu", 345),
    ("asia/kolkata", 330),
    ("asia/manila", 480),
    ("asia/samarkand", 300),
    ("asia/seoul", 540),
    ("asia/shanghai", 480),
    ("asia/singapore", 480),
    ("asia/tashkent", 300),
    ("asia/tokyo", 540),
    ("europe/istanbul", 180),
    ("europe/moscow", 180),
];

/// PostgreSQL's abbreviations (its default set), of summer time too: minutes east of Greenwich.
const ABBREVIATIONS: [(&str, i64); 18] = [
    ("bst", 60),
    ("cdt", -300),
    ("cest", 120),
    ("cet", 60),
    ("cst", -360),
    ("edt", -240),
    ("eest", 180),
    ("eet", 120),
    ("est", -300),
    ("hst", -600),
    ("jst", 540),
    ("kst", 540),
    ("mdt", -360),
    ("mst", -420),
    ("pdt", -420),
    ("pst", -480),
    ("west", 60),
    ("wet", 0),
];

const EUROPEAN: [(&str, i64); 25] = [
    ("europe/amsterdam", 60),
    ("europe/athens", 120),
    ("europe/belgrade", 60),
    ("europe/berlin", 60),
    ("europe/brussels", 60),
    ("europe/bucharest", 120),
    ("europe/budapest", 60),
    ("europe/copenhagen", 60),
    ("europe/dublin", 0),
    ("europe/helsinki", 120),
    ("europe/kiev", 120),
    ("europe/kyiv", 120),
    ("europe/lisbon", 0),
    ("europe/london", 0),
    ("europe/madrid", 60),
    ("europe/oslo", 60),
    ("europe/paris", 60),
    ("europe/prague", 60),
    ("europe/riga", 120),
    ("europe/rome", 60),
    ("europe/sofia", 120),
    ("europe/stockholm", 60),
    ("europe/vienna", 60),
    ("europe/warsaw", 60),
    ("europe/zurich", 60),
];

const AMERICAN: [(&str, i64); 7] = [
    ("america/chicago", -360),
    ("america/denver", -420),
    ("america/detroit", -300),
    ("america/halifax", -240),
    ("america/los_angeles", -480),
    ("america/new_york", -300),
    ("america/toronto", -300),
];

impl Zone {
    /// The zone of a name or a distance. A distance has POSIX's sign: west of Greenwich counts as
    /// positive, as PostgreSQL reads it behind AT TIME ZONE.
    pub fn named(name: &str) -> Option<Self> {
        let fixed = |standard| Self {
            standard,
            summer: Summer::Never,
            since: 1,
        };
        if let Some(zone) = parse_timezone(name) {
            let posix = name.trim().starts_with(['+', '-']);
            return Some(fixed(if posix { -zone.offset } else { zone.offset }));
        }
        let lower = name.to_ascii_lowercase();
        if let Some((_, minutes)) = ABBREVIATIONS.iter().find(|(known, _)| *known == lower) {
            return Some(fixed(minutes * MINUTE));
        }
        let tables = [
            (FIXED.as_slice(), Summer::Never, 2017),
            (EUROPEAN.as_slice(), Summer::European, 2002),
            (AMERICAN.as_slice(), Summer::American, 2008),
        ];
        tables.into_iter().find_map(|(zones, summer, since)| {
            let (_, minutes) = zones.iter().find(|(known, _)| *known == lower)?;
            Some(Self {
                standard: minutes * MINUTE,
                summer,
                since,
            })
        })
    }

    /// Local time of a moment in UTC; nothing where the rules are not known.
    pub fn to_local(self, utc: i64) -> Option<i64> {
        self.covers(utc)?;
        utc.checked_add(self.offset(utc))
    }

    /// The moment in UTC of a local time. A time that the clocks skip, or show twice, counts as
    /// winter time, as in PostgreSQL.
    pub fn to_utc(self, local: i64) -> Option<i64> {
        self.covers(local)?;
        let winter = local.checked_sub(self.standard)?;
        let summer = winter.checked_sub(HOUR)?;
        let is_summer = self.is_summer(winter) && self.is_summer(summer);
        Some(if is_summer { summer } else { winter })
    }

    fn covers(self, micros: i64) -> Option<()> {
        (Moment::from_micros(micros).date.year >= self.since).then_some(())
    }

    fn offset(self, utc: i64) -> i64 {
        self.standard + if self.is_summer(utc) { HOUR } else { 0 }
    }

    fn is_summer(self, utc: i64) -> bool {
        let year = Moment::from_micros(utc.saturating_add(self.standard))
            .date
            .year;
        let (start, end) = match self.summer {
            Summer::Never => return false,
            Summer::European => {
                let at = |month| midnight(last_sunday(year, month)) + HOUR;
                (at(3), at(10))
            }
            Summer::American => (
                midnight(sunday(year, 3, 2)) + 2 * HOUR - self.standard,
                midnight(sunday(year, 11, 1)) + HOUR - self.standard,
            ),
        };
        (start..end).contains(&utc)
    }
}

fn midnight(days: i32) -> i64 {
    i64::from(days) * DAY
}

/// The nth Sunday of a month.
fn sunday(year: i32, month: i32, nth: i32) -> i32 {
    let first = Civil {
        year,
        month,
        day: 1,
    };
    first.to_days() + (7 - first.weekday()) % 7 + (nth - 1) * 7
}

/// The last Sunday of a month of 31 days.
fn last_sunday(year: i32, month: i32) -> i32 {
    let last = Civil {
        year,
        month,
        day: 31,
    };
    last.to_days() - last.weekday()
}

#[cfg(test)]
mod tests {
    use super::super::{parse_timestamp, timestamp_text};
    use super::*;

    /// Answers are PostgreSQL 15's.
    #[test]
    fn clocks_change_when_they_do() {
        for (zone, utc, local) in [
            (
                "Europe/Berlin",
                "2024-03-31 00:59:59",
                "2024-03-31 01:59:59",
            ),
            (
                "Europe/Berlin",
                "2024-03-31 01:00:00",
                "2024-03-31 03:00:00",
            ),
            (
                "Europe/Berlin",
                "2024-10-27 00:59:59",
                "2024-10-27 02:59:59",
            ),
            (
                "Europe/London",
                "2024-07-01 12:00:00",
                "2024-07-01 13:00:00",
            ),
            (
                "America/New_York",
                "2024-03-10 06:59:59",
                "2024-03-10 01:59:59",
            ),
            (
                "America/New_York",
                "2024-03-10 07:00:00",
                "2024-03-10 03:00:00",
            ),
            (
                "America/New_York",
                "2024-11-03 06:00:00",
                "2024-11-03 01:00:00",
            ),
            (
                "America/Los_Angeles",
                "2024-12-31 23:30:00",
                "2024-12-31 15:30:00",
            ),
            (
                "Asia/Tashkent",
                "2025-03-31 20:00:00",
                "2025-04-01 01:00:00",
            ),
            ("+03", "2024-01-01 00:00:00", "2023-12-31 21:00:00"),
        ] {
            let micros = |text: &str| parse_timestamp(text, 0).unwrap_or_default();
            let moved = Zone::named(zone).and_then(|zone| zone.to_local(micros(utc)));
            assert_eq!(
                moved.map(timestamp_text).as_deref(),
                Some(local),
                "{zone} {utc}"
            );
        }
    }

    /// Answers are PostgreSQL 15's.
    #[test]
    fn times_that_clocks_skip_or_repeat_are_winter_time() {
        for (zone, local, utc) in [
            (
                "Europe/Berlin",
                "2024-03-31 02:30:00",
                "2024-03-31 01:30:00",
            ),
            (
                "Europe/Berlin",
                "2024-10-27 02:30:00",
                "2024-10-27 01:30:00",
            ),
            (
                "Europe/Berlin",
                "2024-07-01 12:00:00",
                "2024-07-01 10:00:00",
            ),
            (
                "America/New_York",
                "2024-03-10 02:30:00",
                "2024-03-10 07:30:00",
            ),
            (
                "America/New_York",
                "2024-11-03 01:30:00",
                "2024-11-03 06:30:00",
            ),
        ] {
            let micros = |text: &str| parse_timestamp(text, 0).unwrap_or_default();
            let moved = Zone::named(zone).and_then(|zone| zone.to_utc(micros(local)));
            assert_eq!(
                moved.map(timestamp_text).as_deref(),
                Some(utc),
                "{zone} {local}"
            );
        }
        let early = parse_timestamp("1990-01-01", 0).unwrap_or_default();
        assert_eq!(
            Zone::named("Europe/Berlin").and_then(|zone| zone.to_utc(early)),
            None
        );
    }
}
