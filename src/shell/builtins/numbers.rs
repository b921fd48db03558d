//! `int`, `float`, `bool`.

use crate::shell::interpret::Interpreter;
use crate::shell::value::{Arguments, Decimal, Int, Object, PyResult};

pub(super) fn install(vm: &mut Interpreter) {
    let types = vm.types.clone();
    types.int.static_method("__new__", |vm, mut arguments| {
        let class = arguments.take_first();
        let [value, base] = arguments.bind(vm, "int", ["x", "base"], 0)?;
        let made = int(vm, value, base)?;
        Ok(vm.wrap(&class, made))
    });
    types.bool.static_method("__new__", |vm, mut arguments| {
        arguments.take_first();
        let [value] = arguments.bind(vm, "bool", ["object"], 0)?;
        Ok(Object::Bool(match value {
            Some(value) => vm.is_true(&value)?,
            None => false,
        }))
    });
    types.float.static_method("__new__", |vm, mut arguments| {
        let class = arguments.take_first();
        let [value] = arguments.bind(vm, "float", ["x"], 0)?;
        let made = match value {
            Some(value) => Object::Float(float(vm, &value)?),
            None => Object::Float(0.0),
        };
        Ok(vm.wrap(&class, made))
    });
    types.int.method("bit_length", |vm, arguments| {
        let [value] = arguments.exactly(vm, "bit_length")?;
        Ok(match value.plain() {
            Object::Int(value) => Object::from(value.abs().to_big().bits() as i64),
            _ => Object::from(1i64),
        })
    });
    types
        .int
        .method("conjugate", |_, mut arguments| Ok(arguments.take_first()));
    types.int.property("real", |_, value| Ok(value));
    types.int.property("numerator", |_, value| Ok(value));
    types
        .int
        .property("denominator", |_, _| Ok(Object::from(1i64)));
    types.float.method("is_integer", |vm, arguments| {
        let [value] = arguments.exactly(vm, "is_integer")?;
        Ok(match value.plain() {
            Object::Float(value) => Object::Bool(value.is_finite() && value.fract() == 0.0),
            _ => Object::Bool(false),
        })
    });
    types
        .int
        .method("is_integer", |_, _| Ok(Object::Bool(true)));
}

fn int(vm: &mut Interpreter, value: Option<Object>, base: Option<Object>) -> PyResult {
    let Some(value) = value else {
        return Ok(Object::from(0i64));
    };
    if let Object::Instance(instance) = &value
        && instance.value.is_none()
        && let Some(method) = instance.class.lookup("__int__")
    {
        return vm.call(&method, [value.clone()].into());
    }
    let radix = match base {
        Some(base) => match base.as_i64() {
            Some(base) if base == 0 || (2..=36).contains(&base) => {
                u32::try_from(base).unwrap_or(10)
            }
            _ => return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0")),
        },
        None => 10,
    };
    Ok(match value.plain() {
        Object::Int(value) => Object::Int(value.clone()),
        Object::Bool(value) => Object::from(i64::from(*value)),
        Object::Float(number) => match Int::from_f64(*number) {
            Some(value) => Object::Int(value),
            None if number.is_nan() => {
                return Err(vm.value_error("cannot convert float NaN to integer"));
            }
            None => {
                let message = "cannot convert float infinity to integer";
                return Err(vm.error("OverflowError", message));
            }
        },
        Object::Decimal(number) => match number.to_int() {
            Some(value) => Object::Int(value),
            None => return Err(vm.value_error("cannot convert NaN to integer")),
        },
        Object::Str(text) => {
            let mut trimmed: String = text.trim().to_owned();
            let negative = trimmed.starts_with('-');
            if trimmed.starts_with(['-', '+']) {
                trimmed.remove(0);
            }
            let lower = trimmed.to_ascii_lowercase();
            let (radix, digits) = match (radix, lower.get(..2)) {
                (0 | 16, Some("0x")) => (16, &trimmed[2..]),
                (0 | 8, Some("0o")) => (8, &trimmed[2..]),
                (0 | 2, Some("0b")) => (2, &trimmed[2..]),
                (0, _) => (10, trimmed.as_str()),
                (radix, _) => (radix, trimmed.as_str()),
            };
            let sound = !digits.is_empty()
                && !digits.starts_with('_')
                && !digits.ends_with('_')
                && !digits.contains("__");
            let digits = digits.replace('_', "");
            let ok = sound && digits.chars().all(|c| c.is_digit(radix));
            match ok.then(|| Int::parse(&digits, radix)).flatten() {
                Some(value) if negative => Object::Int(value.negate()),
                Some(value) => Object::Int(value),
                None => {
                    let shown = vm.repr(&value)?;
                    let message = format!("invalid literal for int() with base {radix}: {shown}");
                    return Err(vm.value_error(message));
                }
            }
        }
        _ => {
            let message = format!(
                "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                vm.type_name(&value)
            );
            return Err(vm.type_error(message));
        }
    })
}

pub(crate) fn float(vm: &mut Interpreter, value: &Object) -> PyResult<f64> {
    if let Object::Instance(instance) = value
        && let Some(method) = instance.class.lookup("__float__")
    {
        let made = vm.call(&method, [value.clone()].into())?;
        return float(vm, &made);
    }
    Ok(match value.plain() {
        Object::Int(value) => {
            let float = value.to_f64();
            if float.is_infinite() {
                let message = "int too large to convert to float";
                return Err(vm.error("OverflowError", message));
            }
            float
        }
        Object::Bool(value) => f64::from(u8::from(*value)),
        Object::Float(value) => *value,
        Object::Decimal(value) => value.to_f64(),
        Object::Str(text) => {
            let trimmed = text.trim().replace('_', "").to_ascii_lowercase();
            let plain = trimmed.trim_start_matches(['+', '-']);
            let known = matches!(plain, "inf" | "infinity" | "nan")
                || plain.starts_with(|c: char| c.is_ascii_digit() || c == '.');
            match trimmed.parse::<f64>() {
                Ok(value) if known => value,
                _ => {
                    let shown = vm.repr(value)?;
                    let message = format!("could not convert string to float: {shown}");
                    return Err(vm.value_error(message));
                }
            }
        }
        _ => {
            let message = format!(
                "float() argument must be a string or a real number, not '{}'",
                vm.type_name(value)
            );
            return Err(vm.type_error(message));
        }
    })
}

/// `round(value, digits)`
pub(crate) fn round(vm: &mut Interpreter, arguments: Arguments) -> PyResult {
    use crate::shell::value::decimal::Rounding;
    let [value, digits] = arguments.bind(vm, "round", ["number", "ndigits"], 1)?;
    let value = value.unwrap_or(Object::None);
    let digits = digits.and_then(Object::some);
    if let Object::Instance(instance) = &value
        && let Some(method) = instance.class.lookup("__round__")
    {
        let mut given = vec![value.clone()];
        given.extend(digits);
        return vm.call(&method, given.into());
    }
    let places = match &digits {
        Some(digits) => match digits.as_i64() {
            Some(places) => Some(places.clamp(-400, 400)),
            None => {
                let name = vm.type_name(digits);
                let message = format!("'{name}' object cannot be interpreted as an integer");
                return Err(vm.type_error(message));
            }
        },
        None => None,
    };
    let decimal = match value.plain() {
        Object::Int(value) => match places {
            Some(places) if places < 0 => Decimal::from_int(value),
            _ => return Ok(Object::Int(value.clone())),
        },
        Object::Bool(value) => return Ok(Object::from(i64::from(*value))),
        Object::Float(float) if !float.is_finite() => {
            return match places {
                Some(_) => Ok(Object::Float(*float)),
                None => Err(vm.value_error("cannot convert float NaN to integer")),
            };
        }
        Object::Float(float) => Decimal::from_f64(*float),
        Object::Decimal(value) => (**value).clone(),
        _ => {
            let name = vm.type_name(&value);
            let message = format!("type {name} doesn't define __round__ method");
            return Err(vm.type_error(message));
        }
    };
    let rounded = decimal.with_exponent(-places.unwrap_or(0), Rounding::HalfEven);
    Ok(match (value.plain(), places) {
        (Object::Float(_), Some(_)) => Object::Float(rounded.to_f64()),
        (Object::Decimal(_), Some(_)) => Object::decimal(rounded),
        _ => rounded.to_int().map_or(Object::None, Object::Int),
    })
}
