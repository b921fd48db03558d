//! `decimal.Decimal` with Python's default context: 28 digits, rounding half to even
//! (General Decimal Arithmetic specification; Python library reference, `decimal`).

use super::Int;
use num_bigint::{BigInt, BigUint, Sign};
use std::cmp::Ordering;
use std::fmt;

mod arithmetic;

/// The context's precision, in digits.
pub const PRECISION: usize = 28;
/// The context's largest exponent.
const MAX_EXPONENT: i64 = 999_999;

/// A decimal number.
#[derive(Clone, Debug)]
pub enum Decimal {
    /// `sign coefficient * 10^exponent`; zero has a sign too.
    Finite {
        /// Below zero, or minus zero.
        negative: bool,
        /// The digits.
        coefficient: BigUint,
        /// The power of ten.
        exponent: i64,
    },
    /// Infinity, negative or not.
    Infinite(bool),
    /// No number.
    NaN,
}

/// Why an operation has no result: the class of `decimal` that Python raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// `InvalidOperation`
    Invalid,
    /// `DivisionByZero`
    DivisionByZero,
    /// `DivisionUndefined`, 0 / 0
    DivisionUndefined,
    /// `Overflow`
    Overflow,
}

/// How digits are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, ties to the even digit.
    HalfEven,
    /// To the nearest, ties away from zero.
    HalfUp,
    /// To the nearest, ties towards zero.
    HalfDown,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
    /// Towards minus infinity.
    Floor,
    /// Towards infinity.
    Ceiling,
}

impl Rounding {
    /// By the name of Python's constant.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ROUND_HALF_EVEN" => Self::HalfEven,
            "ROUND_HALF_UP" => Self::HalfUp,
            "ROUND_HALF_DOWN" => Self::HalfDown,
            "ROUND_DOWN" => Self::Down,
            "ROUND_UP" => Self::Up,
            "ROUND_FLOOR" => Self::Floor,
            "ROUND_CEILING" => Self::Ceiling,
            _ => return None,
        })
    }
}

type DecimalResult = Result<Decimal, DecimalError>;

fn ten_to(power: u64) -> BigUint {
    BigUint::from(10u32).pow(u32::try_from(power).unwrap_or(u32::MAX))
}

fn digit_count(value: &BigUint) -> usize {
    value.to_string().len()
}

fn is_zero(value: &BigUint) -> bool {
    value.bits() == 0
}

impl Decimal {
    /// Zero.
    pub fn zero() -> Self {
        Self::finite(false, BigUint::default(), 0)
    }

    /// A finite number.
    pub fn finite(negative: bool, coefficient: BigUint, exponent: i64) -> Self {
        Self::Finite {
            negative,
            coefficient,
            exponent,
        }
    }

    /// `mantissa / 10^scale`
    pub fn new(mantissa: i128, scale: u32) -> Self {
        Self::finite(
            mantissa < 0,
            BigUint::from(mantissa.unsigned_abs()),
            -i64::from(scale),
        )
    }

    /// `(mantissa, scale)` when it is finite and the mantissa fits.
    pub fn to_parts(&self) -> Option<(i128, u32)> {
        let Self::Finite {
            negative,
            coefficient,
            exponent,
        } = self
        else {
            return None;
        };
        if *exponent > 40 || *exponent < -10_000 {
            return None;
        }
        let (coefficient, scale) = if *exponent > 0 {
            (coefficient * ten_to(exponent.unsigned_abs()), 0)
        } else {
            (coefficient.clone(), u32::try_from(-exponent).ok()?)
        };
        let mantissa = i128::try_from(coefficient).ok()?;
        Some((if *negative { -mantissa } else { mantissa }, scale))
    }

    /// From an int, exactly.
    pub fn from_int(value: &Int) -> Self {
        let big = value.to_big();
        Self::finite(big.sign() == Sign::Minus, big.magnitude().clone(), 0)
    }

    /// From a float, exactly.
    pub fn from_f64(value: f64) -> Self {
        if value.is_nan() {
            return Self::NaN;
        }
        if value.is_infinite() {
            return Self::Infinite(value < 0.0);
        }
        let bits = value.to_bits();
        let negative = value.is_sign_negative();
        let raw = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
        let fraction = bits & ((1 << 52) - 1);
        if raw == 0 && fraction == 0 {
            return Self::finite(negative, BigUint::default(), 0);
        }
        let (mut mantissa, mut power) = if raw == 0 {
            (fraction, -1074)
        } else {
            (fraction | (1 << 52), raw - 1075)
        };
        while mantissa % 2 == 0 && power < 0 {
            mantissa /= 2;
            power += 1;
        }
        if power >= 0 {
            return Self::finite(negative, BigUint::from(mantissa) << power.unsigned_abs(), 0);
        }
        // m / 2^n = m * 5^n / 10^n
        let five = BigUint::from(5u32).pow(u32::try_from(-power).unwrap_or(0));
        Self::finite(negative, BigUint::from(mantissa) * five, power)
    }

    /// From a text such as `-1_0.50e3`, `inf` or `nan`, with white space around.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.trim().chars().filter(|c| *c != '_').collect();
        let (negative, body) = match text.strip_prefix(['-', '+']) {
            Some(body) => (text.starts_with('-'), body),
            None => (false, text.as_str()),
        };
        match body.to_ascii_lowercase().as_str() {
            "inf" | "infinity" => return Some(Self::Infinite(negative)),
            "nan" | "snan" => return Some(Self::NaN),
            _ => {}
        }
        let (number, exponent) = match body.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i64>().ok()?),
            None => (body, 0),
        };
        if exponent.abs() > MAX_EXPONENT * 2 || number.len() > 10_000 {
            return None;
        }
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let coefficient = BigUint::parse_bytes(digits.as_bytes(), 10)?;
        let places = i64::try_from(fraction.len()).ok()?;
        Some(Self::finite(negative, coefficient, exponent - places))
    }

    /// Rounded to the context's precision.
    fn rounded(self) -> DecimalResult {
        let Self::Finite {
            negative,
            coefficient,
            exponent,
        } = &self
        else {
            return Ok(self);
        };
        let digits = digit_count(coefficient);
        if digits > PRECISION {
            let excess = i64::try_from(digits - PRECISION).unwrap_or(i64::MAX);
            let kept = drop_digits(coefficient, excess, *negative, Rounding::HalfEven);
            return Self::finite(*negative, kept, exponent + excess).rounded();
        }
        let adjusted = exponent + i64::try_from(digits).unwrap_or(0) - 1;
        if adjusted > MAX_EXPONENT && !is_zero(coefficient) {
            return Err(DecimalError::Overflow);
        }
        if *exponent < -MAX_EXPONENT - 28 {
            return Ok(Self::finite(
                *negative,
                BigUint::default(),
                -MAX_EXPONENT - 27,
            ));
        }
        Ok(self)
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Finite { coefficient, .. } if is_zero(coefficient))
    }

    /// Whether it is below zero (minus zero counts).
    pub fn is_negative(&self) -> bool {
        match self {
            Self::Finite { negative, .. } | Self::Infinite(negative) => *negative,
            Self::NaN => false,
        }
    }

    /// The same number with `pattern`'s exponent.
    pub fn quantize(&self, pattern: &Self, rounding: Rounding) -> DecimalResult {
        match (self, pattern) {
            (Self::NaN, _) | (_, Self::NaN) => Ok(Self::NaN),
            (Self::Infinite(a), Self::Infinite(_)) => Ok(Self::Infinite(*a)),
            (Self::Finite { .. }, Self::Finite { exponent, .. }) => {
                let value = self.with_exponent(*exponent, rounding);
                match &value {
                    Self::Finite { coefficient, .. } if digit_count(coefficient) > PRECISION => {
                        Err(DecimalError::Invalid)
                    }
                    _ => Ok(value),
                }
            }
            _ => Err(DecimalError::Invalid),
        }
    }

    /// With another exponent; digits are added or dropped.
    pub fn with_exponent(&self, target: i64, rounding: Rounding) -> Self {
        let Self::Finite {
            negative,
            coefficient,
            exponent,
        } = self
        else {
            return self.clone();
        };
        let digits = if *exponent >= target {
            let shift = (exponent - target).unsigned_abs().min(100_000);
            coefficient * ten_to(shift)
        } else {
            drop_digits(coefficient, target - exponent, *negative, rounding)
        };
        Self::finite(*negative, digits, target)
    }

    /// Without zeros at the end.
    pub fn normalize(&self) -> DecimalResult {
        let value = self.clone().rounded()?;
        let Self::Finite {
            negative,
            mut coefficient,
            mut exponent,
        } = value
        else {
            return Ok(value);
        };
        if is_zero(&coefficient) {
            return Ok(Self::finite(negative, coefficient, 0));
        }
        while is_zero(&(&coefficient % 10u32)) {
            coefficient /= 10u32;
            exponent += 1;
        }
        Ok(Self::finite(negative, coefficient, exponent))
    }

    /// Towards zero.
    pub fn to_int(&self) -> Option<Int> {
        let Self::Finite { exponent, .. } = self else {
            return None;
        };
        if *exponent > 10_000 {
            return None;
        }
        let Self::Finite {
            negative,
            coefficient,
            ..
        } = self.with_exponent(0, Rounding::Down)
        else {
            return None;
        };
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        Some(Int::from(BigInt::from_biguint(sign, coefficient)))
    }

    /// The nearest float.
    pub fn to_f64(&self) -> f64 {
        match self {
            Self::Finite {
                negative,
                coefficient,
                exponent,
            } => {
                let sign = if *negative { "-" } else { "" };
                format!("{sign}{coefficient}e{exponent}")
                    .parse()
                    .unwrap_or(f64::NAN)
            }
            Self::Infinite(negative) => {
                if *negative {
                    f64::NEG_INFINITY
                } else {
                    f64::INFINITY
                }
            }
            Self::NaN => f64::NAN,
        }
    }

    /// By value; nothing compares with NaN.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::NaN, _) | (_, Self::NaN) => None,
            (Self::Infinite(a), Self::Infinite(b)) => Some(b.cmp(a)),
            (Self::Infinite(a), _) => Some(if *a {
                Ordering::Less
            } else {
                Ordering::Greater
            }),
            (_, Self::Infinite(b)) => Some(if *b {
                Ordering::Greater
            } else {
                Ordering::Less
            }),
            (Self::Finite { exponent: a, .. }, Self::Finite { exponent: b, .. }) => {
                if (a - b).abs() > 5_000 {
                    return self.to_f64().partial_cmp(&other.to_f64());
                }
                let exponent = *a.min(b);
                Some(
                    self.at_exponent(exponent)?
                        .cmp(&other.at_exponent(exponent)?),
                )
            }
        }
    }

    /// Digits after the point, as written without an exponent.
    pub fn to_plain_string(&self) -> String {
        let Self::Finite {
            negative,
            coefficient,
            exponent,
        } = self
        else {
            return self.to_string();
        };
        let sign = if *negative { "-" } else { "" };
        let digits = coefficient.to_string();
        if *exponent >= 0 {
            let zeros = "0".repeat(usize::try_from(*exponent).unwrap_or(0).min(100_000));
            let zeros = if is_zero(coefficient) {
                String::new()
            } else {
                zeros
            };
            return format!("{sign}{digits}{zeros}");
        }
        let places = usize::try_from(-exponent).unwrap_or(0).min(100_000);
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        format!("{sign}{whole}.{fraction}")
    }
}

/// The digits without the last `count`, rounded.
fn drop_digits(digits: &BigUint, count: i64, negative: bool, rounding: Rounding) -> BigUint {
    let Ok(count) = u64::try_from(count) else {
        return digits.clone();
    };
    if count == 0 {
        return digits.clone();
    }
    // More digits than there are leave the same as one more than there are.
    let count = count.min(digit_count(digits) as u64 + 1);
    let unit = ten_to(count);
    let (kept, rest) = (digits / &unit, digits % &unit);
    if is_zero(&rest) {
        return kept;
    }
    let half = &unit / 2u32;
    let odd = !is_zero(&(&kept % 2u32));
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => true,
        Rounding::Floor => negative,
        Rounding::Ceiling => !negative,
        Rounding::HalfUp => rest >= half,
        Rounding::HalfDown => rest > half,
        Rounding::HalfEven => rest > half || (rest == half && odd),
    };
    if up { kept + 1u32 } else { kept }
}

/// As Python's `str()`: with an exponent where the number would need zeros before its point.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NaN => f.write_str("NaN"),
            Self::Infinite(negative) => {
                f.write_str(if *negative { "-Infinity" } else { "Infinity" })
            }
            Self::Finite {
                negative,
                coefficient,
                exponent,
            } => {
                let digits = coefficient.to_string();
                let adjusted = exponent + digits.len() as i64 - 1;
                if *exponent <= 0 && adjusted >= -6 {
                    return f.write_str(&self.to_plain_string());
                }
                let sign = if *negative { "-" } else { "" };
                let (first, rest) = digits.split_at(1);
                let point = if rest.is_empty() { "" } else { "." };
                write!(f, "{sign}{first}{point}{rest}E{adjusted:+}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap_or(Decimal::NaN)
    }

    #[test]
    fn arithmetic_keeps_28_digits() {
        let third = d("1").divide(&d("3")).map(|it| it.to_string());
        assert_eq!(third.as_deref(), Ok("0.3333333333333333333333333333"));
        assert_eq!(
            d("2").divide(&d("3")).map(|it| it.to_string()).as_deref(),
            Ok("0.6666666666666666666666666667")
        );
        assert_eq!(
            d("10.00")
                .divide(&d("4"))
                .map(|it| it.to_string())
                .as_deref(),
            Ok("2.50")
        );
        assert_eq!(
            d("1.10")
                .add(&d("2.205"))
                .map(|it| it.to_string())
                .as_deref(),
            Ok("3.305")
        );
        assert_eq!(
            d("1.10")
                .multiply(&d("2.20"))
                .map(|it| it.to_string())
                .as_deref(),
            Ok("2.4200")
        );
        assert_eq!(
            d("7").divide(&d("0")).err(),
            Some(DecimalError::DivisionByZero)
        );
        assert_eq!(
            d("2").sqrt().map(|it| it.to_string()).as_deref(),
            Ok("1.414213562373095048801688724")
        );
        assert_eq!(
            d("1.1").power(10).map(|it| it.to_string()).as_deref(),
            Ok("2.5937424601")
        );
    }

    #[test]
    fn quantize_rounds_half_to_even() {
        let cent = d("0.01");
        let round = |text: &str| {
            d(text)
                .quantize(&cent, Rounding::HalfEven)
                .map(|it| it.to_string())
        };
        assert_eq!(round("1.005").as_deref(), Ok("1.00"));
        assert_eq!(round("1.015").as_deref(), Ok("1.02"));
        assert_eq!(round("-1.0151").as_deref(), Ok("-1.02"));
        assert_eq!(round("5").as_deref(), Ok("5.00"));
    }

    #[test]
    fn text_is_pythons() {
        assert_eq!(d("1E+3").to_string(), "1E+3");
        assert_eq!(d("0.0000001").to_string(), "1E-7");
        assert_eq!(d("0.000001").to_string(), "0.000001");
        assert_eq!(d("-0.00").to_string(), "-0.00");
        assert_eq!(
            Decimal::from_f64(0.1).to_string(),
            "0.1000000000000000055511151231257827021181583404541015625"
        );
    }
}
