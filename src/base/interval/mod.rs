//! PostgreSQL's interval.

mod parse;

pub use parse::{IntervalError, parse_interval};

use super::datetime::{DAY, HOUR, MINUTE, SECOND, push_fraction};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A span of time in three units that do not convert into each other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interval {
    /// Months.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Microseconds.
    pub micros: i64,
}

impl Interval {
    /// Months, days and microseconds.
    pub const fn new(months: i32, days: i32, micros: i64) -> Self {
        Self {
            months,
            days,
            micros,
        }
    }

    /// What orders intervals: microseconds, with months of 30 days and days of 24 hours.
    pub fn span(self) -> i128 {
        (i128::from(self.months) * 30 + i128::from(self.days)) * i128::from(DAY)
            + i128::from(self.micros)
    }

    /// The sum, unless a field overflows.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_add(other.months)?,
            days: self.days.checked_add(other.days)?,
            micros: self.micros.checked_add(other.micros)?,
        })
    }

    /// The difference, unless a field overflows.
    pub fn checked_subtract(self, other: Self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_sub(other.months)?,
            days: self.days.checked_sub(other.days)?,
            micros: self.micros.checked_sub(other.micros)?,
        })
    }

    /// The negated interval, unless a field overflows.
    pub fn checked_negate(self) -> Option<Self> {
        Self::default().checked_subtract(self)
    }

    /// The product with a number; fractions of months spill into days, of days into time
    /// (`interval_mul` in PostgreSQL's `timestamp.c`).
    pub fn scale(self, factor: f64) -> Option<Self> {
        self.spread(|field| field * factor)
    }

    /// The quotient with a number other than zero, spilling as [`Self::scale`] does.
    pub fn divide(self, divisor: f64) -> Option<Self> {
        self.spread(|field| field / divisor)
    }

    fn spread(self, operation: impl Fn(f64) -> f64) -> Option<Self> {
        let to_micros = |x: f64| (x * 1e6).round_ties_even() / 1e6;
        let whole = |x: f64| -> Option<i32> {
            // The comparison is false for NaN.
            (x.abs() <= f64::from(i32::MAX)).then_some(x as i32)
        };
        let (exact_months, exact_days) = (
            operation(f64::from(self.months)),
            operation(f64::from(self.days)),
        );
        let (months, mut days) = (whole(exact_months)?, whole(exact_days)?);
        let spilled_days = to_micros((exact_months - f64::from(months)) * 30.0);
        let mut seconds = to_micros(
            (exact_days - f64::from(days) + spilled_days - spilled_days.trunc()) * 86_400.0,
        );
        if seconds.abs() >= 86_400.0 {
            let more = (seconds / 86_400.0).trunc();
            days = days.checked_add(more as i32)?;
            seconds -= more * 86_400.0;
        }
        days = days.checked_add(spilled_days as i32)?;
        let micros = (operation(self.micros as f64) + seconds * 1e6).round_ties_even();
        // 2^63 as a double; the comparison is false for NaN.
        if !(micros.abs() < 9_223_372_036_854_775_808.0) {
            return None;
        }
        Some(Self {
            months,
            days,
            micros: micros as i64,
        })
    }

    /// Whole days out of 24 hours each: `justify_hours`.
    pub fn justify_hours(self) -> Option<Self> {
        let mut days = self
            .days
            .checked_add(i32::try_from(self.micros / DAY).ok()?)?;
        let mut micros = self.micros % DAY;
        if days > 0 && micros < 0 {
            micros += DAY;
            days -= 1;
        } else if days < 0 && micros > 0 {
            micros -= DAY;
            days += 1;
        }
        Some(Self {
            months: self.months,
            days,
            micros,
        })
    }

    /// Whole months out of 30 days each: `justify_days`.
    pub fn justify_days(self) -> Option<Self> {
        let mut months = self.months.checked_add(self.days / 30)?;
        let mut days = self.days % 30;
        if months > 0 && days < 0 {
            days += 30;
            months -= 1;
        } else if months < 0 && days > 0 {
            days -= 30;
            months += 1;
        }
        Some(Self {
            months,
            days,
            micros: self.micros,
        })
    }

    /// Both, with one sign for all fields: `justify_interval`.
    pub fn justify(self) -> Option<Self> {
        let mut days = self
            .days
            .checked_add(i32::try_from(self.micros / DAY).ok()?)?;
        let mut micros = self.micros % DAY;
        let mut months = self.months.checked_add(days / 30)?;
        days %= 30;
        if months > 0 && (days < 0 || (days == 0 && micros < 0)) {
            days += 30;
            months -= 1;
        } else if months < 0 && (days > 0 || (days == 0 && micros > 0)) {
            days -= 30;
            months += 1;
        }
        if days > 0 && micros < 0 {
            micros += DAY;
            days -= 1;
        } else if days < 0 && micros > 0 {
            micros -= DAY;
            days += 1;
        }
        Some(Self {
            months,
            days,
            micros,
        })
    }
}

impl PartialEq for Interval {
    fn eq(&self, other: &Self) -> bool {
        self.span() == other.span()
    }
}

impl Eq for Interval {}

impl PartialOrd for Interval {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Interval {
    fn cmp(&self, other: &Self) -> Ordering {
        self.span().cmp(&other.span())
    }
}

impl Hash for Interval {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.span().hash(state);
    }
}

/// As PostgreSQL prints it with `intervalstyle = 'postgres'`.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let mut before = false;
        for (count, unit) in [
            (self.months / 12, "year"),
            (self.months % 12, "mon"),
            (self.days, "day"),
        ] {
            if count == 0 {
                continue;
            }
            if !text.is_empty() {
                text.push(' ');
            }
            if before && count > 0 {
                text.push('+');
            }
            let plural = if count == 1 { "" } else { "s" };
            text.push_str(&format!("{count} {unit}{plural}"));
            before = count < 0;
        }
        if text.is_empty() || self.micros != 0 {
            if !text.is_empty() {
                text.push(' ');
            }
            if self.micros < 0 {
                text.push('-');
            } else if before {
                text.push('+');
            }
            let time = self.micros.unsigned_abs();
            let (hour, minute, second) = (
                HOUR.unsigned_abs(),
                MINUTE.unsigned_abs(),
                SECOND.unsigned_abs(),
            );
            text.push_str(&format!(
                "{:02}:{:02}:{:02}",
                time / hour,
                time / minute % 60,
                time / second % 60
            ));
            push_fraction(&mut text, (time % second) as i64);
        }
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(text: &str) -> Interval {
        parse_interval(text, None).unwrap_or(Interval::new(-1, -1, -1))
    }

    /// Answers are PostgreSQL 15's.
    #[test]
    fn products_spill_downwards() {
        for (text, factor, expected) in [
            ("1 month", 0.5, "15 days"),
            ("1 day", 1.5, "1 day 12:00:00"),
            ("1 year 1 mon", 0.5, "6 mons 15 days"),
            ("01:00", 1.0 / 3.0, "00:20:00"),
            ("1 mon 1 day", 0.1, "3 days 02:24:00"),
            ("10 days", -0.25, "-2 days -12:00:00"),
        ] {
            let product = interval(text).scale(factor).map(|i| i.to_string());
            assert_eq!(product.as_deref(), Some(expected), "{text} * {factor}");
        }
    }

    #[test]
    fn order_counts_thirty_days_a_month() {
        assert_eq!(interval("1 month"), interval("30 days"));
        assert_eq!(interval("1 day"), interval("24:00"));
        assert!(interval("1 month") < interval("31 days"));
    }

    #[test]
    fn justification_carries() {
        let text = |i: Option<Interval>| i.map(|i| i.to_string()).unwrap_or_default();
        assert_eq!(text(interval("27:00").justify_hours()), "1 day 03:00:00");
        assert_eq!(text(interval("35 days").justify_days()), "1 mon 5 days");
        assert_eq!(
            text(interval("1 mon -1 hour").justify()),
            "29 days 23:00:00"
        );
    }
}
