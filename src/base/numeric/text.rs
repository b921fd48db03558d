//! Numerics as text.

use super::{Numeric, power_of_ten};
use std::fmt;
use std::str::FromStr;

/// Why a text is no numeric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseNumericError {
    /// It is no number.
    Syntax,
    /// It is a number with more than 38 significant digits.
    TooManyDigits,
    /// NaN or infinity, which are not supported.
    NotFinite,
}

/// Digits, with an optional sign, point and exponent. The scale is the number of decimals
/// written.
impl FromStr for Numeric {
    type Err = ParseNumericError;

    fn from_str(text: &str) -> Result<Self, ParseNumericError> {
        use ParseNumericError::{NotFinite, Syntax, TooManyDigits};
        let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if ["nan", "inf", "infinity"].contains(&unsigned.to_ascii_lowercase().as_str()) {
            return Err(NotFinite);
        }
        let (digits, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((digits, exponent)) => {
                let plain = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(Syntax);
                }
                (digits, exponent.parse::<i32>().map_err(|_| TooManyDigits)?)
            }
            None => (unsigned, 0),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && decimals.is_empty() {
            return Err(Syntax);
        }
        let mut mantissa = 0_i128;
        for byte in whole.bytes().chain(decimals.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(Syntax);
            }
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|m| m.checked_add(i128::from(byte - b'0')))
                .ok_or(TooManyDigits)?;
        }
        let decimals = i32::try_from(decimals.len()).map_err(|_| TooManyDigits)?;
        let scale = decimals.checked_sub(exponent).ok_or(TooManyDigits)?;
        if scale < 0 && mantissa != 0 {
            mantissa = power_of_ten(scale.unsigned_abs())
                .and_then(|factor| mantissa.checked_mul(factor))
                .ok_or(TooManyDigits)?;
        }
        let scale = u8::try_from(scale.max(0)).map_err(|_| TooManyDigits)?;
        Ok(Self::new(
            if negative { -mantissa } else { mantissa },
            scale,
        ))
    }
}

impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let scale = usize::from(self.scale);
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        match digits.len().checked_sub(scale) {
            Some(0) | None => write!(f, "{sign}0.{digits:0>scale$}"),
            Some(point) => {
                let (whole, decimals) = digits.split_at(point);
                write!(f, "{sign}{whole}.{decimals}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_round_trip() {
        for text in [
            "0",
            "0.00",
            "-0.05",
            "12.50",
            "170141183460469231731687303715884105727",
        ] {
            assert_eq!(
                text.parse::<Numeric>().map(|n| n.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn other_forms_are_read_too() {
        for (text, expected) in [
            (" 1.5 ", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+1e3", "1000"),
            ("1.50e1", "15.0"),
            ("12e-3", "0.012"),
            ("0e50", "0"),
        ] {
            assert_eq!(
                text.parse::<Numeric>().map(|n| n.to_string()),
                Ok(expected.to_owned())
            );
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", ".", "1x", "1e", "--1", "1 2", "é"] {
            assert_eq!(
                text.parse::<Numeric>().err(),
                Some(ParseNumericError::Syntax),
                "{text}"
            );
        }
        assert_eq!(
            "1e40".parse::<Numeric>().err(),
            Some(ParseNumericError::TooManyDigits)
        );
        assert_eq!(
            "NaN".parse::<Numeric>().err(),
            Some(ParseNumericError::NotFinite)
        );
    }
}
