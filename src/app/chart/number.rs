//! Scaled integers as people read them.

use crate::app::format::grouped;

/// `123456` with two decimals is `1,234.56`.
pub fn scaled_text(value: i128, decimals: u8) -> String {
    let digits = format!(
        "{:0>width$}",
        value.unsigned_abs(),
        width = usize::from(decimals) + 1
    );
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(decimals));
    let sign = if value < 0 { "-" } else { "" };
    let plain = if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    };
    grouped(&plain).into_owned()
}

/// Decimal text in units of `10^-decimals`, rounded half away from zero.
pub fn scaled(text: &str, decimals: u8) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        // Floats such as 1e21, Infinity and NaN.
        let value = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
        return Some((value * 10f64.powi(i32::from(decimals))).round() as i128);
    }
    let kept: String = fraction
        .chars()
        .chain(std::iter::repeat('0'))
        .take(usize::from(decimals))
        .collect();
    let value: i128 = format!("{whole}{kept}").parse().ok()?;
    let up = fraction.as_bytes().get(usize::from(decimals)) >= Some(&b'5');
    let value = value + i128::from(up);
    Some(if negative { -value } else { value })
}

/// Decimal text with so many decimals and separators; `None` for what is no number.
pub fn rounded(text: &str, decimals: u8) -> Option<String> {
    scaled(text, decimals).map(|value| scaled_text(value, decimals))
}

/// A scaled integer as a double, to draw it.
pub fn as_double(value: i128, decimals: u8) -> f64 {
    value as f64 / 10f64.powi(i32::from(decimals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_separators_and_no_sign_of_a_currency() {
        assert_eq!(scaled_text(123_456_789, 2), "1,234,567.89");
        assert_eq!(scaled_text(-5, 2), "-0.05");
        assert_eq!(scaled_text(12, 0), "12");
    }

    #[test]
    fn texts_are_read_exactly_and_rounded_half_away_from_zero() {
        assert_eq!(scaled("1234.5", 2), Some(123_450));
        assert_eq!(scaled("-0.125", 2), Some(-13));
        assert_eq!(scaled("1e3", 1), Some(10_000));
        assert_eq!(scaled("NaN", 2), None);
        assert_eq!(scaled("x", 2), None);
    }
}
