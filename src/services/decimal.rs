//! The little arithmetic on money that services do themselves, as Python's `Decimal` does it.

use crate::base::Numeric;
use crate::orm::{OrmError, Result};

/// The significant digits of Python's default decimal context.
const PRECISION: u32 = 28;

/// `one + other`
///
/// # Errors
/// The sum has more digits than a number can hold.
pub fn add(one: Numeric, other: Numeric) -> Result<Numeric> {
    let scale = one.scale().max(other.scale());
    let sum = widen(one, scale)?
        .checked_add(widen(other, scale)?)
        .ok_or_else(too_large)?;
    Ok(Numeric::new(sum, scale))
}

/// `money / count` with 28 significant digits, rounded half to even.
///
/// # Errors
/// The count is zero, or the quotient has more digits than a number can hold.
pub fn divide(money: Numeric, count: i64) -> Result<Numeric> {
    let divisor = i128::from(count);
    if divisor == 0 {
        return Err(OrmError::value("division by zero"));
    }
    let mut mantissa = money.mantissa();
    let mut scale = money.scale();
    while mantissa % divisor != 0 {
        let quotient = (mantissa / divisor).unsigned_abs();
        if quotient.checked_ilog10().map_or(0, |digits| digits + 1) >= PRECISION {
            break;
        }
        let (Some(wider), Some(finer)) = (mantissa.checked_mul(10), scale.checked_add(1)) else {
            break;
        };
        mantissa = wider;
        scale = finer;
    }
    Ok(Numeric::new(half_even(mantissa, divisor), scale))
}

/// `money.quantize(Decimal("0.01"))`, rounded half to even.
///
/// # Errors
/// The amount has more digits than a number can hold.
pub fn to_cents(money: Numeric) -> Result<Numeric> {
    if money.scale() <= 2 {
        return Ok(Numeric::new(widen(money, 2)?, 2));
    }
    let unit = 10_i128
        .checked_pow(u32::from(money.scale() - 2))
        .ok_or_else(too_large)?;
    Ok(Numeric::new(half_even(money.mantissa(), unit), 2))
}

fn widen(money: Numeric, scale: u8) -> Result<i128> {
    10_i128
        .checked_pow(u32::from(scale.saturating_sub(money.scale())))
        .and_then(|unit| money.mantissa().checked_mul(unit))
        .ok_or_else(too_large)
}

fn half_even(dividend: i128, divisor: i128) -> i128 {
    let quotient = dividend / divisor;
    let rest = (dividend % divisor).unsigned_abs();
    let twice = rest.saturating_mul(2);
    let size = divisor.unsigned_abs();
    let away = twice > size || (twice == size && quotient % 2 != 0);
    if away {
        quotient
            + if (dividend < 0) == (divisor < 0) {
                1
            } else {
                -1
            }
    } else {
        quotient
    }
}

fn too_large() -> OrmError {
    OrmError::value("a sum of money is too large")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(mantissa: i128, scale: u8) -> Option<i128> {
        to_cents(Numeric::new(mantissa, scale))
            .ok()
            .map(Numeric::mantissa)
    }

    #[test]
    fn cents_are_rounded_half_to_even() {
        assert_eq!(cents(1_005, 3), Some(100));
        assert_eq!(cents(1_015, 3), Some(102));
        assert_eq!(cents(-1_015, 3), Some(-102));
        assert_eq!(cents(7, 0), Some(700));
    }

    #[test]
    fn a_quotient_has_twenty_eight_digits() {
        let third = divide(Numeric::new(100, 2), 3).ok();
        assert_eq!(third.map(Numeric::scale), Some(28));
        let exact = divide(Numeric::new(1_000, 2), 4).ok();
        assert_eq!(exact.map(|q| (q.mantissa(), q.scale())), Some((250, 2)));
    }
}
