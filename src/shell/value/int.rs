//! Integers of any size, within reason.

use num_bigint::{BigInt, Sign};
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

/// Ints beyond this many bits are refused, so that no one operation runs away.
const MAX_BITS: u64 = 100_000;

/// An int: small ones inline, others on the heap. A big one never fits the small form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Int {
    /// Fits 64 bits.
    Small(i64),
    /// Does not.
    Big(Rc<BigInt>),
}

/// Why an operation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntError {
    /// By zero.
    Division,
    /// The result would be too large to hold.
    TooLarge,
    /// A shift by a negative count.
    NegativeShift,
}

type IntResult = Result<Int, IntError>;

impl From<i64> for Int {
    fn from(value: i64) -> Self {
        Self::Small(value)
    }
}

impl From<i128> for Int {
    fn from(value: i128) -> Self {
        Self::from(BigInt::from(value))
    }
}

impl From<BigInt> for Int {
    fn from(value: BigInt) -> Self {
        match i64::try_from(&value) {
            Ok(small) => Self::Small(small),
            Err(_) => Self::Big(Rc::new(value)),
        }
    }
}

impl Int {
    /// From digits of a radix; the text is checked.
    pub fn parse(digits: &str, radix: u32) -> Option<Self> {
        if let Ok(value) = i64::from_str_radix(digits, radix) {
            return Some(Self::Small(value));
        }
        // Parsing is quadratic; Python has a limit of its own, 4300 digits.
        if digits.len() > 4300 {
            return None;
        }
        BigInt::parse_bytes(digits.as_bytes(), radix).map(Self::from)
    }

    /// As a big integer.
    pub fn to_big(&self) -> BigInt {
        match self {
            Self::Small(value) => BigInt::from(*value),
            Self::Big(value) => (**value).clone(),
        }
    }

    /// When it fits.
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            Self::Small(value) => Some(*value),
            Self::Big(_) => None,
        }
    }

    /// The nearest float, infinite beyond their range.
    pub fn to_f64(&self) -> f64 {
        match self {
            Self::Small(value) => *value as f64,
            Self::Big(value) => value.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    /// The integer part of a finite float.
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let whole = value.trunc();
        if whole.abs() < 9.0e18 {
            return Some(Self::Small(whole as i64));
        }
        BigInt::parse_bytes(format!("{whole:.0}").as_bytes(), 10).map(Self::from)
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Small(0))
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        match self {
            Self::Small(value) => *value < 0,
            Self::Big(value) => value.sign() == Sign::Minus,
        }
    }

    fn both(
        &self,
        other: &Self,
        small: impl FnOnce(i64, i64) -> Option<i64>,
        big: impl FnOnce(BigInt, BigInt) -> BigInt,
    ) -> IntResult {
        if let (Self::Small(a), Self::Small(b)) = (self, other)
            && let Some(value) = small(*a, *b)
        {
            return Ok(Self::Small(value));
        }
        let (a, b) = (self.to_big(), other.to_big());
        if a.bits() + b.bits() > MAX_BITS {
            return Err(IntError::TooLarge);
        }
        Ok(Self::from(big(a, b)))
    }

    /// `a + b`
    pub fn add(&self, other: &Self) -> IntResult {
        self.both(other, i64::checked_add, |a, b| a + b)
    }

    /// `a - b`
    pub fn subtract(&self, other: &Self) -> IntResult {
        self.both(other, i64::checked_sub, |a, b| a - b)
    }

    /// `a * b`
    pub fn multiply(&self, other: &Self) -> IntResult {
        self.both(other, i64::checked_mul, |a, b| a * b)
    }

    /// `a // b` and `a % b`: the quotient towards minus infinity, the rest with the sign of `b`.
    pub fn divide(&self, other: &Self) -> Result<(Self, Self), IntError> {
        if other.is_zero() {
            return Err(IntError::Division);
        }
        if let (Self::Small(a), Self::Small(b)) = (self, other)
            && let (Some(quotient), Some(rest)) = (a.checked_div(*b), a.checked_rem(*b))
        {
            let down = rest != 0 && (rest < 0) != (*b < 0);
            return Ok(if down {
                (Self::Small(quotient - 1), Self::Small(rest + b))
            } else {
                (Self::Small(quotient), Self::Small(rest))
            });
        }
        let (a, b) = (self.to_big(), other.to_big());
        let (quotient, rest) = (&a / &b, &a % &b);
        let down = rest.sign() != Sign::NoSign
            && (rest.sign() == Sign::Minus) != (b.sign() == Sign::Minus);
        Ok(if down {
            (Self::from(quotient - 1), Self::from(rest + b))
        } else {
            (Self::from(quotient), Self::from(rest))
        })
    }

    /// `a ** n`
    pub fn power(&self, exponent: u32) -> IntResult {
        if let Self::Small(base) = self
            && let Some(value) = base.checked_pow(exponent)
        {
            return Ok(Self::Small(value));
        }
        let base = self.to_big();
        if base.bits().saturating_mul(u64::from(exponent)) > MAX_BITS {
            return Err(IntError::TooLarge);
        }
        Ok(Self::from(base.pow(exponent)))
    }

    /// `a << n` for positive `n`, `a >> -n` else.
    pub fn shift(&self, count: i64) -> IntResult {
        let bits = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        let value = self.to_big();
        if count >= 0 {
            if value.bits().saturating_add(bits as u64) > MAX_BITS && !self.is_zero() {
                return Err(IntError::TooLarge);
            }
            return Ok(if self.is_zero() {
                Self::Small(0)
            } else {
                Self::from(value << bits)
            });
        }
        Ok(Self::from(value >> bits.min(MAX_BITS as usize * 2)))
    }

    /// `a & b`
    pub fn and(&self, other: &Self) -> IntResult {
        self.both(other, |a, b| Some(a & b), |a, b| a & b)
    }

    /// `a | b`
    pub fn or(&self, other: &Self) -> IntResult {
        self.both(other, |a, b| Some(a | b), |a, b| a | b)
    }

    /// `a ^ b`
    pub fn xor(&self, other: &Self) -> IntResult {
        self.both(other, |a, b| Some(a ^ b), |a, b| a ^ b)
    }

    /// `-a`
    pub fn negate(&self) -> Self {
        match self {
            Self::Small(value) => match value.checked_neg() {
                Some(value) => Self::Small(value),
                None => Self::from(-BigInt::from(*value)),
            },
            Self::Big(value) => Self::from(-(**value).clone()),
        }
    }

    /// `abs(a)`
    pub fn abs(&self) -> Self {
        if self.is_negative() {
            self.negate()
        } else {
            self.clone()
        }
    }

    /// In digits of a radix, with a minus before a negative one.
    pub fn to_radix(&self, radix: u32) -> String {
        match self {
            Self::Small(value) if radix == 10 => value.to_string(),
            other => other.to_big().to_str_radix(radix),
        }
    }
}

impl PartialOrd for Int {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Int {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small(a), Self::Small(b)) => a.cmp(b),
            (a, b) => a.to_big().cmp(&b.to_big()),
        }
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(value) => write!(f, "{value}"),
            Self::Big(value) => write!(f, "{value}"),
        }
    }
}
