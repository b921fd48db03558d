//! Arithmetic with PostgreSQL's scales (`numeric.c`).

use super::wide::Wide;
use super::{Numeric, power_of_ten, too_many_digits};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};

/// PostgreSQL's `NUMERIC_MIN_SIG_DIGITS`.
const MIN_SIGNIFICANT_DIGITS: i32 = 16;

/// The error of a division by zero.
pub fn division_by_zero() -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::DIVISION_BY_ZERO, "division by zero")
}

impl Numeric {
    /// The sum, with the larger scale of the two.
    #[allow(clippy::should_implement_trait, reason = "it can fail")]
    pub fn add(self, other: Self) -> Result<Self> {
        let (a, b, scale) = self.aligned(other)?;
        a.checked_add(b)
            .map(|mantissa| Self::new(mantissa, scale))
            .ok_or_else(too_many_digits)
    }

    /// The difference, with the larger scale of the two.
    pub fn subtract(self, other: Self) -> Result<Self> {
        let (a, b, scale) = self.aligned(other)?;
        a.checked_sub(b)
            .map(|mantissa| Self::new(mantissa, scale))
            .ok_or_else(too_many_digits)
    }

    /// The product, with the sum of the scales.
    pub fn multiply(self, other: Self) -> Result<Self> {
        self.mantissa
            .checked_mul(other.mantissa)
            .zip(self.scale.checked_add(other.scale))
            .map(|(mantissa, scale)| Self::new(mantissa, scale))
            .ok_or_else(too_many_digits)
    }

    /// The quotient, rounded to at least 16 significant digits (`select_div_scale`).
    pub fn divide(self, other: Self) -> Result<Self> {
        if other.mantissa == 0 {
            return Err(division_by_zero());
        }
        self.divide_to(other, self.quotient_scale(other))
    }

    /// The scale PostgreSQL gives a quotient.
    pub fn quotient_scale(self, other: Self) -> u8 {
        let (weight, digit) = self.first_digit();
        let (other_weight, other_digit) = other.first_digit();
        let mut quotient_weight = weight - other_weight;
        if digit <= other_digit {
            quotient_weight -= 1;
        }
        let scale = (MIN_SIGNIFICANT_DIGITS - quotient_weight * 4)
            .max(i32::from(self.scale))
            .max(i32::from(other.scale));
        u8::try_from(scale).unwrap_or(u8::MAX)
    }

    /// The quotient with `scale` decimals, rounded half away from zero.
    pub fn divide_to(self, other: Self, scale: u8) -> Result<Self> {
        if other.mantissa == 0 {
            return Err(division_by_zero());
        }
        let shift = i32::from(scale) + i32::from(other.scale) - i32::from(self.scale);
        let (dividend, divisor) = (self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
        if dividend == 0 {
            return Ok(Self::new(0, scale));
        }
        // A dividend that does not fit 256 bits has a quotient that does not fit 128.
        let (quotient, rest, divisor) = if shift >= 0 {
            let mut wide = Wide::product(dividend, 1);
            let mut shift = shift.unsigned_abs();
            while shift > 0 {
                let step = shift.min(38);
                wide = wide.times(10_u128.pow(step)).ok_or_else(too_many_digits)?;
                shift -= step;
            }
            let (quotient, rest) = wide.divide(divisor).ok_or_else(too_many_digits)?;
            (quotient, rest, divisor)
        } else {
            let divisor = 10_u128
                .checked_pow(shift.unsigned_abs())
                .and_then(|factor| divisor.checked_mul(factor));
            match divisor {
                Some(divisor) => (dividend / divisor, dividend % divisor, divisor),
                None => return Ok(Self::new(0, scale)),
            }
        };
        let rounded = quotient + u128::from(rest >= divisor - rest);
        let mantissa = i128::try_from(rounded).map_err(|_| too_many_digits())?;
        let negative = (self.mantissa < 0) != (other.mantissa < 0);
        Ok(Self::new(
            if negative { -mantissa } else { mantissa },
            scale,
        ))
    }

    /// What a division that gives whole numbers leaves; it has the sign of the dividend.
    pub fn remainder(self, other: Self) -> Result<Self> {
        if other.mantissa == 0 {
            return Err(division_by_zero());
        }
        let (a, b, scale) = self.aligned(other)?;
        Ok(Self::new(a.checked_rem(b).unwrap_or(0), scale))
    }

    /// The whole part of the quotient: PostgreSQL's `div`.
    pub fn whole_quotient(self, other: Self) -> Result<Self> {
        if other.mantissa == 0 {
            return Err(division_by_zero());
        }
        let (a, b, _) = self.aligned(other)?;
        Ok(Self::new(a.checked_div(b).ok_or_else(too_many_digits)?, 0))
    }

    /// The negated number.
    #[must_use]
    pub fn negate(self) -> Self {
        // The smallest mantissa has no counterpart, and no operation gives it.
        Self::new(self.mantissa.saturating_neg(), self.scale)
    }

    /// The number without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        if self.mantissa < 0 {
            self.negate()
        } else {
            self
        }
    }

    /// The square root, with the scale of PostgreSQL's `sqrt(numeric)`.
    pub fn sqrt(self) -> Result<Self> {
        let weight = (self.weight() + 1) * 4 / 2 - 1;
        let scale = (MIN_SIGNIFICANT_DIGITS - weight)
            .max(i32::from(self.scale))
            .max(0);
        self.sqrt_to(u8::try_from(scale).unwrap_or(u8::MAX))
    }

    /// The square root with `scale` decimals, rounded half away from zero.
    pub fn sqrt_to(self, scale: u8) -> Result<Self> {
        if self.mantissa < 0 {
            return Err(Diagnostic::error(
                sqlstate::INVALID_ARGUMENT_FOR_POWER,
                "cannot take square root of a negative number",
            ));
        }
        // root(m / 10^s) * 10^scale = root(m * 10^(2 scale - s))
        let shift = 2 * i32::from(scale) - i32::from(self.scale);
        let magnitude = self.mantissa.unsigned_abs();
        let radicand = if shift >= 0 {
            let mut wide = Wide::product(magnitude, 1);
            let mut shift = shift.unsigned_abs();
            while shift > 0 {
                let step = shift.min(38);
                wide = wide.times(10_u128.pow(step)).ok_or_else(too_many_digits)?;
                shift -= step;
            }
            wide
        } else {
            let divisor = 10_u128.checked_pow(shift.unsigned_abs());
            Wide::product(divisor.map_or(0, |divisor| magnitude / divisor), 1)
        };
        let root = radicand.square_root();
        // (root + 1/2)^2 = root * (root + 1) + 1/4
        let up = radicand > Wide::product(root, root.saturating_add(1));
        let mantissa = i128::try_from(root + u128::from(up)).map_err(|_| too_many_digits())?;
        Ok(Self::new(mantissa, scale))
    }

    /// Both mantissas at the larger scale.
    fn aligned(self, other: Self) -> Result<(i128, i128, u8)> {
        if self.scale == other.scale {
            return Ok((self.mantissa, other.mantissa, self.scale));
        }
        let scale = self.scale.max(other.scale);
        let lift = |number: Self| {
            if number.mantissa == 0 {
                return Ok(0);
            }
            power_of_ten(u32::from(scale - number.scale))
                .and_then(|factor| number.mantissa.checked_mul(factor))
                .ok_or_else(too_many_digits)
        };
        Ok((lift(self)?, lift(other)?, scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Numeric {
        text.parse().unwrap_or(Numeric::new(i128::MAX, 0))
    }

    /// Answers are PostgreSQL 15's.
    #[test]
    fn quotients_have_postgresqls_digits() {
        for (a, b, expected) in [
            ("1", "3", "0.33333333333333333333"),
            ("10", "3", "3.3333333333333333"),
            ("2", "3", "0.66666666666666666667"),
            ("1", "3.000", "0.33333333333333333333"),
            ("100000", "7", "14285.714285714286"),
            ("12345678901234567890", "7", "1763668414462081127"),
            ("0", "7.0", "0.00000000000000000000"),
            ("-7", "2", "-3.5000000000000000"),
            ("0.0001", "3", "0.000033333333333333333333"),
            ("1000000000000", "0.001", "1000000000000000.0000"),
        ] {
            let quotient = n(a).divide(n(b)).map(|q| q.to_string());
            assert_eq!(quotient.as_deref(), Ok(expected), "{a} / {b}");
        }
    }

    /// Answers are PostgreSQL 15's.
    #[test]
    fn roots_have_postgresqls_digits() {
        for (a, expected) in [
            ("2", "1.414213562373095"),
            ("20000", "141.4213562373095"),
            ("0.0001", "0.01000000000000000"),
            ("0", "0.000000000000000"),
            ("16.00", "4.000000000000000"),
        ] {
            assert_eq!(
                n(a).sqrt().map(|q| q.to_string()).as_deref(),
                Ok(expected),
                "{a}"
            );
        }
    }

    #[test]
    fn scales_follow_the_operation() {
        assert_eq!(
            n("1.5").add(n("2.25")).map(|v| v.to_string()),
            Ok("3.75".into())
        );
        assert_eq!(
            n("1.50").multiply(n("2.0")).map(|v| v.to_string()),
            Ok("3.000".into())
        );
        assert_eq!(
            n("-7.5").remainder(n("2")).map(|v| v.to_string()),
            Ok("-1.5".into())
        );
        assert_eq!(
            n("-7.5").whole_quotient(n("2")).map(|v| v.to_string()),
            Ok("-3".into())
        );
    }

    #[test]
    fn too_many_digits_are_an_error() {
        let big = n("99999999999999999999999999999999999999");
        assert!(big.multiply(big).is_err());
        assert!(big.add(n("0.1")).is_err());
        assert_eq!(
            n("1").divide(n("0")).map_err(|e| e.message),
            Err("division by zero".into())
        );
    }
}
