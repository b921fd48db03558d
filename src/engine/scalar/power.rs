//! Powers, roots, logarithms and trigonometry.
//!
//! Those of numerics are computed with many more digits than are shown and rounded once; how many
//! are shown follows PostgreSQL's `numeric.c`.

use super::Parameter::{Float8, Numeric as N};
use super::arithmetic::{float_overflow, float_underflow, number};
use super::fixed::Fixed;
use super::{Row, ScalarFunction, function, operator};
use crate::base::diagnostic::sqlstate;
use crate::base::numeric::{division_by_zero, too_many_digits};
use crate::base::{Diagnostic, Numeric, Result, Value};

pub static FUNCTIONS: &[ScalarFunction] = &[
    operator("^", &[N, N], N, numeric_power, "Power."),
    operator("^", &[Float8, Float8], Float8, float_power, "Power."),
    operator("|/", &[Float8], Float8, float_sqrt, "Square root."),
    operator(
        "||/",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.cbrt())),
        "Cube root.",
    ),
    function("power", &[N, N], N, numeric_power, "Power."),
    function("power", &[Float8, Float8], Float8, float_power, "Power."),
    function("pow", &[N, N], N, numeric_power, "Power."),
    function("pow", &[Float8, Float8], Float8, float_power, "Power."),
    function(
        "sqrt",
        &[N],
        N,
        |r| number(r.numeric(0)?.sqrt()),
        "Square root.",
    ),
    function("sqrt", &[Float8], Float8, float_sqrt, "Square root."),
    function(
        "cbrt",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.cbrt())),
        "Cube root.",
    ),
    function(
        "exp",
        &[N],
        N,
        |r| number(exp(r.numeric(0)?)),
        "Power of e.",
    ),
    function(
        "exp",
        &[Float8],
        Float8,
        |r| checked(r.float(0)?.exp(), r.float(0)?.is_finite()),
        "Power of e.",
    ),
    function(
        "ln",
        &[N],
        N,
        |r| number(ln(r.numeric(0)?)),
        "Natural logarithm.",
    ),
    function(
        "ln",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(log_argument(r.float(0)?)?.ln())),
        "Natural logarithm.",
    ),
    function(
        "log",
        &[N],
        N,
        |r| number(log(Numeric::from(10), r.numeric(0)?)),
        "Logarithm to the base 10.",
    ),
    function(
        "log",
        &[N, N],
        N,
        |r| number(log(r.numeric(0)?, r.numeric(1)?)),
        "Logarithm to a base.",
    ),
    function(
        "log",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(log_argument(r.float(0)?)?.log10())),
        "Logarithm to the base 10.",
    ),
    function(
        "log10",
        &[N],
        N,
        |r| number(log(Numeric::from(10), r.numeric(0)?)),
        "Logarithm to the base 10.",
    ),
    function(
        "log10",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(log_argument(r.float(0)?)?.log10())),
        "Logarithm to the base 10.",
    ),
    function(
        "pi",
        &[],
        Float8,
        |_| Ok(Value::Float(std::f64::consts::PI)),
        "The ratio of a circle's circumference to its diameter.",
    ),
    function(
        "degrees",
        &[Float8],
        Float8,
        |r| checked(r.float(0)?.to_degrees(), r.float(0)?.is_finite()),
        "Degrees out of radians.",
    ),
    function(
        "radians",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.to_radians())),
        "Radians out of degrees.",
    ),
    function(
        "sin",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(angle(r)?.sin())),
        "Sine of radians.",
    ),
    function(
        "cos",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(angle(r)?.cos())),
        "Cosine of radians.",
    ),
    function(
        "tan",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(angle(r)?.tan())),
        "Tangent of radians.",
    ),
    function(
        "cot",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(1.0 / angle(r)?.tan())),
        "Cotangent of radians.",
    ),
    function(
        "sind",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(sine_of_degrees(angle(r)?))),
        "Sine of degrees.",
    ),
    function(
        "cosd",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(cosine_of_degrees(angle(r)?))),
        "Cosine of degrees.",
    ),
    function(
        "tand",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(tangent_of_degrees(angle(r)?))),
        "Tangent of degrees.",
    ),
    function(
        "asin",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(ratio(r)?.asin())),
        "Arc sine in radians.",
    ),
    function(
        "acos",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(ratio(r)?.acos())),
        "Arc cosine in radians.",
    ),
    function(
        "atan",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.atan())),
        "Arc tangent in radians.",
    ),
    function(
        "atan2",
        &[Float8, Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.atan2(r.float(1)?))),
        "Arc tangent of a ratio in radians.",
    ),
    function(
        "sinh",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.sinh())),
        "Hyperbolic sine.",
    ),
    function(
        "cosh",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.cosh())),
        "Hyperbolic cosine.",
    ),
    function(
        "tanh",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.tanh())),
        "Hyperbolic tangent.",
    ),
    function(
        "asinh",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.asinh())),
        "Inverse hyperbolic sine.",
    ),
    function(
        "acosh",
        &[Float8],
        Float8,
        |r| within(r, |x| x >= 1.0).map(|x| Value::Float(x.acosh())),
        "Inverse hyperbolic cosine.",
    ),
    function(
        "atanh",
        &[Float8],
        Float8,
        |r| within(r, |x| (-1.0..=1.0).contains(&x)).map(|x| Value::Float(x.atanh())),
        "Inverse hyperbolic tangent.",
    ),
];

/// PostgreSQL's `NUMERIC_MIN_SIG_DIGITS`.
const MIN_SIGNIFICANT_DIGITS: i32 = 16;

fn invalid_log(message: &str) -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::INVALID_ARGUMENT_FOR_LOG, message)
}

fn invalid_power(message: &str) -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::INVALID_ARGUMENT_FOR_POWER, message)
}

fn log_argument(value: f64) -> Result<f64> {
    if value == 0.0 {
        return Err(invalid_log("cannot take logarithm of zero"));
    }
    if value < 0.0 {
        return Err(invalid_log("cannot take logarithm of a negative number"));
    }
    Ok(value)
}

fn within(row: &Row<'_>, fits: fn(f64) -> bool) -> Result<f64> {
    let value = row.float(0)?;
    if fits(value) || value.is_nan() {
        return Ok(value);
    }
    Err(Diagnostic::error(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        "input is out of range",
    ))
}

fn angle(row: &Row<'_>) -> Result<f64> {
    within(row, f64::is_finite)
}

/// The sine of 0 to 90 degrees, exact at 0, 30 and 90 (PostgreSQL's `sind_q1`).
fn sine_of_quadrant(degrees: f64) -> f64 {
    if degrees <= 30.0 {
        degrees.to_radians().sin() / 30_f64.to_radians().sin() / 2.0
    } else {
        let one_less = |x: f64| 1.0 - x.to_radians().cos();
        1.0 - one_less(90.0 - degrees) / one_less(60.0) / 2.0
    }
}

fn sine_of_degrees(degrees: f64) -> f64 {
    let turned = degrees % 360.0;
    let (mut at, mut sign) = (turned.abs(), if turned < 0.0 { -1.0 } else { 1.0 });
    if at > 180.0 {
        (at, sign) = (360.0 - at, -sign);
    }
    if at > 90.0 {
        at = 180.0 - at;
    }
    sign * sine_of_quadrant(at)
}

fn cosine_of_degrees(degrees: f64) -> f64 {
    let mut at = (degrees % 360.0).abs();
    if at > 180.0 {
        at = 360.0 - at;
    }
    if at > 90.0 {
        -sine_of_quadrant(at - 90.0)
    } else {
        sine_of_quadrant(90.0 - at)
    }
}

fn tangent_of_degrees(degrees: f64) -> f64 {
    let turned = degrees % 360.0;
    let (mut at, mut sign) = (turned.abs(), if turned < 0.0 { -1.0 } else { 1.0 });
    if at > 180.0 {
        (at, sign) = (360.0 - at, -sign);
    }
    if at > 90.0 {
        (at, sign) = (180.0 - at, -sign);
    }
    let slope = |x: f64| sine_of_quadrant(x) / sine_of_quadrant(90.0 - x);
    let result = sign * (slope(at) / slope(45.0));
    // No negative zero.
    if result == 0.0 { 0.0 } else { result }
}

fn ratio(row: &Row<'_>) -> Result<f64> {
    within(row, |x| (-1.0..=1.0).contains(&x))
}

fn checked(result: f64, finite: bool) -> Result<Value> {
    if result.is_infinite() && finite {
        return Err(float_overflow());
    }
    if result == 0.0 && finite {
        return Err(float_underflow());
    }
    Ok(Value::Float(result))
}

fn float_sqrt(row: &Row<'_>) -> Result<Value> {
    let value = row.float(0)?;
    if value < 0.0 {
        return Err(invalid_power(
            "cannot take square root of a negative number",
        ));
    }
    Ok(Value::Float(value.sqrt()))
}

/// Power of floats, with PostgreSQL's errors.
pub fn float_power(row: &Row<'_>) -> Result<Value> {
    let (base, exponent) = (row.float(0)?, row.float(1)?);
    if base == 0.0 && exponent < 0.0 {
        return Err(invalid_power(
            "zero raised to a negative power is undefined",
        ));
    }
    if base < 0.0 && exponent.is_finite() && exponent.fract() != 0.0 {
        return Err(invalid_power(
            "a negative number raised to a non-integer power yields a complex result",
        ));
    }
    let result = base.powf(exponent);
    let finite = base.is_finite() && exponent.is_finite();
    if result.is_infinite() && finite {
        return Err(float_overflow());
    }
    if result == 0.0 && finite && base != 0.0 {
        return Err(float_underflow());
    }
    Ok(Value::Float(result))
}

/// The weight in decimal digits of a logarithm (`estimate_ln_dweight`).
fn ln_weight(value: Numeric) -> i32 {
    let x = value.to_f64();
    if (0.9..=1.1).contains(&x) {
        let distance = value
            .subtract(Numeric::from(1))
            .map_or(0.0, Numeric::to_f64)
            .abs();
        // The weight of the leading digit of what differs from one.
        return if distance == 0.0 {
            0
        } else {
            distance.log10().floor() as i32
        };
    }
    x.ln().abs().log10() as i32
}

fn shown(scale: i32) -> u8 {
    u8::try_from(scale.clamp(0, 255)).unwrap_or(0)
}

fn positive(value: Numeric) -> Result<Numeric> {
    if value.is_zero() {
        return Err(invalid_log("cannot take logarithm of zero"));
    }
    if value.signum() < 0 {
        return Err(invalid_log("cannot take logarithm of a negative number"));
    }
    Ok(value)
}

fn ln(value: Numeric) -> Result<Numeric> {
    let value = positive(value)?;
    let scale = (MIN_SIGNIFICANT_DIGITS - ln_weight(value)).max(i32::from(value.scale()));
    let digits = u32::from(shown(scale)) + 24;
    Fixed::new(value, digits + 40)
        .ln()
        .round(shown(scale))
        .ok_or_else(too_many_digits)
}

fn log(base: Numeric, value: Numeric) -> Result<Numeric> {
    let (base, value) = (positive(base)?, positive(value)?);
    let scale = (MIN_SIGNIFICANT_DIGITS - (ln_weight(value) - ln_weight(base)))
        .max(i32::from(base.scale()))
        .max(i32::from(value.scale()));
    let digits = u32::from(shown(scale)) + 64;
    let (above, below) = (
        Fixed::new(value, digits).ln(),
        Fixed::new(base, digits).ln(),
    );
    if below.is_zero() {
        return Err(division_by_zero());
    }
    above
        .divide(&below)
        .round(shown(scale))
        .ok_or_else(too_many_digits)
}

/// `log10(e)`, which turns natural logarithms into numbers of digits.
const LOG10_E: f64 = std::f64::consts::LOG10_E;

fn exp(value: Numeric) -> Result<Numeric> {
    let weight = (value.to_f64() * LOG10_E).clamp(-1000.0, 1000.0);
    if weight > 39.0 {
        return Err(too_many_digits());
    }
    let scale = (MIN_SIGNIFICANT_DIGITS - weight as i32).max(i32::from(value.scale()));
    let digits = u32::from(shown(scale)) + 64;
    Fixed::new(value, digits)
        .exp()
        .round(shown(scale))
        .ok_or_else(too_many_digits)
}

/// Power of numerics, with PostgreSQL's scale: exact for whole exponents.
pub fn numeric_power(row: &Row<'_>) -> Result<Value> {
    let (base, exponent) = (row.numeric(0)?, row.numeric(1)?);
    if base.is_zero() && exponent.signum() < 0 {
        return Err(invalid_power(
            "zero raised to a negative power is undefined",
        ));
    }
    let whole = exponent.without_trailing_zeros();
    if whole.scale() == 0
        && let Ok(times) = i32::try_from(whole.mantissa())
    {
        return number(integer_power(base, times));
    }
    if base.is_zero() {
        return Ok(Value::Numeric(Numeric::new(0, 16)));
    }
    if base.signum() < 0 {
        return Err(invalid_power(
            "a negative number raised to a non-integer power yields a complex result",
        ));
    }
    let weight = (base.to_f64().ln() * exponent.to_f64() * LOG10_E).clamp(-1000.0, 1000.0);
    if weight > 39.0 {
        return Err(too_many_digits());
    }
    let scale = (MIN_SIGNIFICANT_DIGITS - weight as i32)
        .max(i32::from(base.scale()))
        .max(i32::from(exponent.scale()));
    let digits = u32::from(shown(scale)) + 80;
    let product = Fixed::new(base, digits)
        .ln()
        .multiply(&Fixed::new(exponent, digits));
    number(
        product
            .exp()
            .round(shown(scale))
            .ok_or_else(too_many_digits),
    )
}

fn integer_power(base: Numeric, times: i32) -> Result<Numeric> {
    let scale = MIN_SIGNIFICANT_DIGITS.max(i32::from(base.scale()));
    let one = Numeric::from(1);
    if times == 0 || base == one {
        return one.round(scale);
    }
    if base.is_zero() {
        return Ok(Numeric::new(0, shown(scale)));
    }
    let weight = (base.abs().to_f64().log10() * f64::from(times)).clamp(-1000.0, 1000.0);
    if weight > 39.0 {
        return Err(too_many_digits());
    }
    if weight < -f64::from(scale) - 2.0 {
        return Ok(Numeric::new(0, shown(scale)));
    }
    let digits = u32::from(shown(scale)) + 64;
    let power = Fixed::new(base, digits + 40).power(times.unsigned_abs());
    let result = if times < 0 {
        Fixed::new(one, digits + 40).divide(&power)
    } else {
        power
    };
    result.round(shown(scale)).ok_or_else(too_many_digits)
}
