//! Exact decimal numbers with PostgreSQL's display scale.
//!
//! A number holds 38 significant digits. Whatever needs more is an error that says so; no
//! operation ever gives a wrong digit in silence.

mod arithmetic;
mod text;
mod wide;

pub use arithmetic::division_by_zero;
pub use text::ParseNumericError;

use super::diagnostic::sqlstate;
use super::{Diagnostic, Result};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// `mantissa / 10^scale`. The scale is the number of digits shown after the point, so `1.50`
/// and `1.5` are equal and print differently.
#[derive(Clone, Copy, Debug)]
pub struct Numeric {
    mantissa: i128,
    scale: u8,
}

/// The power of ten, if it fits.
pub(crate) const fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// The error of a number that needs more digits than a [`Numeric`] holds.
pub(crate) fn too_many_digits() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        "value overflows numeric format: more than 38 significant digits",
    )
    .hint("Round an intermediate result, or cast it to numeric(p,s) or double precision.")
}

impl Numeric {
    /// `mantissa / 10^scale`.
    pub const fn new(mantissa: i128, scale: u8) -> Self {
        Self { mantissa, scale }
    }

    /// The digits without the point.
    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// How many digits stand after the point.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// -1, 0 or 1.
    pub const fn signum(self) -> i128 {
        self.mantissa.signum()
    }

    /// The same number with `scale` digits after the point, rounded half away from zero; a
    /// negative scale rounds before the point and shows no digits behind it.
    pub fn round(self, scale: i32) -> Result<Self> {
        self.rescale(scale, Rounding::HalfAway)
    }

    /// The same number with `scale` digits after the point, the rest cut off.
    pub fn trunc(self, scale: i32) -> Result<Self> {
        self.rescale(scale, Rounding::Truncate)
    }

    fn rescale(self, scale: i32, rounding: Rounding) -> Result<Self> {
        let shown = u8::try_from(scale.clamp(0, 255)).unwrap_or(0);
        let own = i32::from(self.scale);
        if scale >= own {
            let added = power_of_ten(u32::from(shown) - u32::from(self.scale));
            if self.mantissa == 0 {
                return Ok(Self::new(0, shown));
            }
            return added
                .and_then(|factor| self.mantissa.checked_mul(factor))
                .map(|mantissa| Self::new(mantissa, shown))
                .ok_or_else(too_many_digits);
        }
        let Some(divisor) = power_of_ten(own.saturating_sub(scale).unsigned_abs()) else {
            return Ok(Self::new(0, shown));
        };
        let mut quotient = self.mantissa / divisor;
        let rest = (self.mantissa % divisor).unsigned_abs();
        if rounding == Rounding::HalfAway && rest >= divisor.unsigned_abs().div_ceil(2) {
            quotient += self.mantissa.signum();
        }
        if scale < 0 {
            quotient = power_of_ten(scale.unsigned_abs())
                .and_then(|factor| quotient.checked_mul(factor))
                .ok_or_else(too_many_digits)?;
        }
        Ok(Self::new(quotient, shown))
    }

    /// The largest integer that is not greater.
    pub fn floor(self) -> Result<Self> {
        let cut = self.trunc(0)?;
        if self.mantissa < 0 && cut.cmp(&self) == Ordering::Greater {
            return cut.subtract(Self::from(1));
        }
        Ok(cut)
    }

    /// The smallest integer that is not less.
    pub fn ceil(self) -> Result<Self> {
        let cut = self.trunc(0)?;
        if self.mantissa > 0 && cut.cmp(&self) == Ordering::Less {
            return cut.add(Self::from(1));
        }
        Ok(cut)
    }

    /// Rounds to `numeric(precision, scale)` as a cast does.
    ///
    /// Fails with PostgreSQL's "numeric field overflow" when the whole part is too long.
    pub fn fit(self, precision: u16, scale: u16) -> Result<Self> {
        let rounded = self.round(i32::from(scale))?;
        let limit = power_of_ten(u32::from(precision));
        if limit.is_some_and(|limit| rounded.mantissa.unsigned_abs() >= limit.unsigned_abs()) {
            let whole = precision.saturating_sub(scale);
            let bound = match whole {
                0 => "1".to_owned(),
                digits => format!("10^{digits}"),
            };
            return Err(Diagnostic::error(
                sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                "numeric field overflow",
            )
            .hint(format!(
                "A field with precision {precision}, scale {scale} must round to an absolute \
                 value less than {bound}."
            )));
        }
        Ok(rounded)
    }

    /// As a bigint, rounded half away from zero; `None` when it does not fit.
    pub fn to_i64(self) -> Option<i64> {
        let rounded = self.round(0).ok()?;
        i64::try_from(rounded.mantissa).ok()
    }

    /// The nearest double precision number.
    pub fn to_f64(self) -> f64 {
        // Both sides are exact doubles here, so that one correctly rounded division decides.
        if self.mantissa.unsigned_abs() <= 1 << 53 && self.scale <= 22 {
            return self.mantissa as f64 / 10_f64.powi(i32::from(self.scale));
        }
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// A float as PostgreSQL casts it: with so many significant digits (15 for double precision,
    /// 6 for real). Fails for NaN and infinity, and for what has more than 38 digits.
    pub fn from_f64(value: f64, digits: usize) -> Result<Self> {
        if !value.is_finite() {
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "NaN and infinity are not supported in type numeric",
            ));
        }
        let text = format!("{value:.*e}", digits.saturating_sub(1));
        let parsed: Self = text.parse().map_err(|_| too_many_digits())?;
        Ok(parsed.without_trailing_zeros())
    }

    /// The same number without zeros at the end of its decimals.
    #[must_use]
    pub fn without_trailing_zeros(self) -> Self {
        let (mut mantissa, mut scale) = (self.mantissa, self.scale);
        if mantissa == 0 {
            return Self::new(0, 0);
        }
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Self::new(mantissa, scale)
    }

    /// Weight and value of the first digit in base 10,000, which PostgreSQL's rules for scales
    /// count in (`numeric.c`): the number is about `digit * 10000^weight`.
    fn first_digit(self) -> (i32, u128) {
        let magnitude = self.mantissa.unsigned_abs();
        if magnitude == 0 {
            return (0, 0);
        }
        let last = magnitude.ilog10() as i32 - i32::from(self.scale);
        let weight = last.div_euclid(4);
        let drop = weight * 4 + i32::from(self.scale);
        let digit = if drop >= 0 {
            magnitude / 10_u128.pow(drop.unsigned_abs())
        } else {
            magnitude * 10_u128.pow(drop.unsigned_abs())
        };
        (weight, digit)
    }

    /// The weight of the first digit in base 10,000.
    pub(crate) fn weight(self) -> i32 {
        self.first_digit().0
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    HalfAway,
    Truncate,
}

impl From<i64> for Numeric {
    fn from(value: i64) -> Self {
        Self::new(i128::from(value), 0)
    }
}

impl PartialEq for Numeric {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Numeric {}

impl PartialOrd for Numeric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By value: the scale does not count.
impl Ord for Numeric {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        if self.scale > other.scale {
            return other.cmp(self).reverse();
        }
        let factor = power_of_ten(u32::from(other.scale - self.scale));
        match factor {
            Some(factor) => match self.mantissa.checked_mul(factor) {
                Some(mantissa) => mantissa.cmp(&other.mantissa),
                // What overflows is further from zero than every mantissa.
                None => self.mantissa.cmp(&0),
            },
            None if self.mantissa == 0 => 0.cmp(&other.mantissa),
            None => self.mantissa.cmp(&0),
        }
    }
}

impl Hash for Numeric {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let plain = self.without_trailing_zeros();
        plain.mantissa.hash(state);
        plain.scale.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Numeric {
        text.parse().unwrap_or(Numeric::new(i128::MAX, 0))
    }

    #[test]
    fn rounding_goes_half_away_from_zero() {
        for (value, scale, expected) in [
            ("2.5", 0, "3"),
            ("-2.5", 0, "-3"),
            ("2.45", 1, "2.5"),
            ("1234.5", -2, "1200"),
            ("1250", -2, "1300"),
            ("4.9", -1, "0"),
            ("5", -1, "10"),
            ("1.2", 4, "1.2000"),
            ("0.04", 1, "0.0"),
        ] {
            let rounded = n(value).round(scale).map(|v| v.to_string());
            assert_eq!(rounded.as_deref(), Ok(expected), "round({value}, {scale})");
        }
    }

    #[test]
    fn floor_and_ceil_look_at_the_sign() {
        assert_eq!(n("-1.5").floor().map(|v| v.to_string()), Ok("-2".into()));
        assert_eq!(n("-1.5").ceil().map(|v| v.to_string()), Ok("-1".into()));
        assert_eq!(n("1.0").ceil().map(|v| v.to_string()), Ok("1".into()));
        assert_eq!(n("0.2").ceil().map(|v| v.to_string()), Ok("1".into()));
    }

    #[test]
    fn equality_is_by_value() {
        assert_eq!(n("1.50"), n("1.5"));
        assert!(n("0.1") < n("0.11"));
        assert!(n("99999999999999999999999999999999999999") > n("0.00000000000000000000001"));
        assert!(n("-1") < n("0.000000000000000000000000000000000000000000000001"));
    }

    #[test]
    fn a_cast_to_precision_and_scale_rounds_and_refuses() {
        assert_eq!(
            n("12.345").fit(4, 2).map(|v| v.to_string()),
            Ok("12.35".into())
        );
        assert_eq!(
            n("99.995").fit(4, 2).map_err(|e| e.message),
            Err("numeric field overflow".into())
        );
    }

    #[test]
    fn floats_come_with_their_safe_digits() {
        for (value, digits, expected) in [
            (0.1, 15, "0.1"),
            (1.0 / 3.0, 15, "0.333333333333333"),
            (f64::from(0.1_f32), 6, "0.1"),
            (1e20, 15, "100000000000000000000"),
            (1234567.0, 6, "1234570"),
        ] {
            assert_eq!(
                Numeric::from_f64(value, digits).map(|v| v.to_string()),
                Ok(expected.into())
            );
        }
    }
}
