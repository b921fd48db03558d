//! Arithmetic of decimals, to 28 digits.

use super::{
    Decimal, DecimalError, DecimalResult, MAX_EXPONENT, PRECISION, Rounding, digit_count,
    drop_digits, is_zero, ten_to,
};
use num_bigint::{BigInt, BigUint, Sign};

impl Decimal {
    /// `-a`; zero loses its sign.
    pub fn negate(&self) -> Self {
        match self {
            Self::Finite {
                negative,
                coefficient,
                exponent,
            } => Self::finite(
                !negative && !is_zero(coefficient),
                coefficient.clone(),
                *exponent,
            ),
            Self::Infinite(negative) => Self::Infinite(!negative),
            Self::NaN => Self::NaN,
        }
    }

    /// `abs(a)`
    pub fn abs(&self) -> Self {
        if self.is_negative() {
            match self {
                Self::Finite {
                    coefficient,
                    exponent,
                    ..
                } => Self::finite(false, coefficient.clone(), *exponent),
                _ => Self::Infinite(false),
            }
        } else {
            self.clone()
        }
    }

    /// The signed coefficient at a smaller exponent.
    pub(super) fn at_exponent(&self, target: i64) -> Option<BigInt> {
        let Self::Finite {
            negative,
            coefficient,
            exponent,
        } = self
        else {
            return None;
        };
        let shift = u64::try_from(exponent - target).ok()?;
        let sign = if *negative { Sign::Minus } else { Sign::Plus };
        Some(BigInt::from_biguint(sign, coefficient * ten_to(shift)))
    }

    /// `a + b`
    pub fn add(&self, other: &Self) -> DecimalResult {
        let (
            Self::Finite {
                exponent: a,
                negative: minus_a,
                coefficient: digits_a,
            },
            Self::Finite {
                exponent: b,
                negative: minus_b,
                coefficient: digits_b,
            },
        ) = (self, other)
        else {
            return match (self, other) {
                (Self::NaN, _) | (_, Self::NaN) => Ok(Self::NaN),
                (Self::Infinite(a), Self::Infinite(b)) if a != b => Err(DecimalError::Invalid),
                (Self::Infinite(a), _) | (_, Self::Infinite(a)) => Ok(Self::Infinite(*a)),
                _ => Ok(Self::NaN),
            };
        };
        // A number far below the other's last kept digit only matters for rounding.
        let gap = (a - b).abs();
        if gap > 5_000 {
            let bigger = if is_zero(digits_a) || (!is_zero(digits_b) && b > a) {
                other
            } else {
                self
            };
            return bigger.clone().rounded();
        }
        let exponent = *a.min(b);
        let (Some(left), Some(right)) = (self.at_exponent(exponent), other.at_exponent(exponent))
        else {
            return Err(DecimalError::Invalid);
        };
        let sum = left + right;
        let negative = match sum.sign() {
            Sign::Minus => true,
            Sign::NoSign => *minus_a && *minus_b,
            Sign::Plus => false,
        };
        Self::finite(negative, sum.magnitude().clone(), exponent).rounded()
    }

    /// `a - b`
    pub fn subtract(&self, other: &Self) -> DecimalResult {
        let flipped = match other {
            Self::Finite {
                negative,
                coefficient,
                exponent,
            } => Self::finite(!negative, coefficient.clone(), *exponent),
            other => other.negate(),
        };
        self.add(&flipped)
    }

    /// `a * b`
    pub fn multiply(&self, other: &Self) -> DecimalResult {
        let negative = self.is_negative() != other.is_negative();
        match (self, other) {
            (
                Self::Finite {
                    coefficient: a,
                    exponent: m,
                    ..
                },
                Self::Finite {
                    coefficient: b,
                    exponent: n,
                    ..
                },
            ) => Self::finite(negative, a * b, m + n).rounded(),
            (Self::NaN, _) | (_, Self::NaN) => Ok(Self::NaN),
            _ if self.is_zero() || other.is_zero() => Err(DecimalError::Invalid),
            _ => Ok(Self::Infinite(negative)),
        }
    }

    /// `a / b`
    pub fn divide(&self, other: &Self) -> DecimalResult {
        let negative = self.is_negative() != other.is_negative();
        let (
            Self::Finite {
                coefficient: a,
                exponent: m,
                ..
            },
            Self::Finite {
                coefficient: b,
                exponent: n,
                ..
            },
        ) = (self, other)
        else {
            return match (self, other) {
                (Self::NaN, _) | (_, Self::NaN) => Ok(Self::NaN),
                (Self::Infinite(_), Self::Infinite(_)) => Err(DecimalError::Invalid),
                (Self::Infinite(_), _) => Ok(Self::Infinite(negative)),
                _ => Ok(Self::finite(
                    negative,
                    BigUint::default(),
                    -MAX_EXPONENT - 27,
                )),
            };
        };
        if is_zero(b) {
            return Err(if is_zero(a) {
                DecimalError::DivisionUndefined
            } else {
                DecimalError::DivisionByZero
            });
        }
        let ideal = m - n;
        if is_zero(a) {
            return Ok(Self::finite(negative, BigUint::default(), ideal));
        }
        let wanted = digit_count(b) + PRECISION + 1;
        let shift = i64::try_from(wanted.saturating_sub(digit_count(a))).unwrap_or(0);
        let scaled = a * ten_to(shift.unsigned_abs());
        let mut quotient = &scaled / b;
        let mut exponent = ideal - shift;
        if !is_zero(&(&scaled % b)) {
            // A digit that tells the rounding that something follows.
            if is_zero(&(&quotient % 5u32)) {
                quotient += 1u32;
            }
        } else {
            while exponent < ideal && is_zero(&(&quotient % 10u32)) {
                quotient /= 10u32;
                exponent += 1;
            }
        }
        Self::finite(negative, quotient, exponent).rounded()
    }

    /// `a // b` and `a % b`: the quotient towards zero, the rest with the sign of `a`.
    pub fn divide_whole(&self, other: &Self) -> Result<(Self, Self), DecimalError> {
        let (
            Self::Finite {
                coefficient: _,
                exponent: m,
                negative,
            },
            Self::Finite {
                exponent: n,
                coefficient: b,
                negative: other_negative,
            },
        ) = (self, other)
        else {
            return Err(DecimalError::Invalid);
        };
        if is_zero(b) {
            return Err(if self.is_zero() {
                DecimalError::DivisionUndefined
            } else {
                DecimalError::DivisionByZero
            });
        }
        let exponent = *m.min(n);
        if (m - n).abs() > 5_000 {
            return Err(DecimalError::Invalid);
        }
        let (Some(left), Some(right)) = (self.at_exponent(exponent), other.at_exponent(exponent))
        else {
            return Err(DecimalError::Invalid);
        };
        let (quotient, rest) = (
            left.magnitude() / right.magnitude(),
            left.magnitude() % right.magnitude(),
        );
        if digit_count(&quotient) > PRECISION {
            return Err(DecimalError::Invalid);
        }
        Ok((
            Self::finite(negative != other_negative, quotient, 0),
            Self::finite(*negative, rest, exponent).rounded()?,
        ))
    }

    /// `a ** n` for a whole `n`.
    pub fn power(&self, exponent: i64) -> DecimalResult {
        if exponent == 0 {
            return match self.is_zero() {
                true => Err(DecimalError::Invalid),
                false => Ok(Self::new(1, 0)),
            };
        }
        if exponent.unsigned_abs() > 1_000_000 {
            return Err(DecimalError::Overflow);
        }
        // With guard digits, as the specification allows one unit of error in the last place.
        let mut result = Self::new(1, 0);
        let mut base = self.clone();
        let mut left = exponent.unsigned_abs();
        while left > 0 {
            if left % 2 == 1 {
                result = result.multiply_wide(&base)?;
            }
            left /= 2;
            if left > 0 {
                base = base.multiply_wide(&base)?;
            }
        }
        if exponent < 0 {
            return Self::new(1, 0).divide(&result);
        }
        result.rounded()
    }

    pub(super) fn multiply_wide(&self, other: &Self) -> DecimalResult {
        let (
            Self::Finite {
                negative: x,
                coefficient: a,
                exponent: m,
            },
            Self::Finite {
                negative: y,
                coefficient: b,
                exponent: n,
            },
        ) = (self, other)
        else {
            return self.multiply(other);
        };
        let product = a * b;
        let digits = digit_count(&product);
        let excess = i64::try_from(digits.saturating_sub(PRECISION * 3)).unwrap_or(0);
        if m + n + excess > MAX_EXPONENT {
            return Err(DecimalError::Overflow);
        }
        let kept = drop_digits(&product, excess, x != y, Rounding::HalfEven);
        Ok(Self::finite(x != y, kept, m + n + excess))
    }

    /// The square root.
    pub fn sqrt(&self) -> DecimalResult {
        let Self::Finite {
            negative,
            coefficient,
            exponent,
        } = self
        else {
            return match self {
                Self::Infinite(true) => Err(DecimalError::Invalid),
                other => Ok(other.clone()),
            };
        };
        if is_zero(coefficient) {
            return Ok(Self::finite(
                *negative,
                BigUint::default(),
                exponent.div_euclid(2),
            ));
        }
        if *negative {
            return Err(DecimalError::Invalid);
        }
        let ideal = exponent.div_euclid(2);
        let mut power = *exponent;
        let mut scaled = coefficient.clone();
        while digit_count(&scaled) < 2 * PRECISION + 4 || power % 2 != 0 {
            scaled *= 10u32;
            power -= 1;
        }
        let mut root = scaled.sqrt();
        let mut exponent = power / 2;
        if &root * &root == scaled {
            while exponent < ideal && is_zero(&(&root % 10u32)) {
                root /= 10u32;
                exponent += 1;
            }
        } else if is_zero(&(&root % 5u32)) {
            root += 1u32;
        }
        Self::finite(false, root, exponent).rounded()
    }
}
