//! `decimal`.

use crate::shell::interpret::Interpreter;
use crate::shell::value::decimal::Rounding;
use crate::shell::value::{Decimal, Object, PyResult};
use std::rc::Rc;

pub(super) fn install(vm: &mut Interpreter) {
    let module = super::add(vm, "decimal");
    let class = vm.types.decimal.clone();
    module.set("Decimal", Object::Class(class.clone()));
    for name in [
        "DecimalException",
        "InvalidOperation",
        "DivisionByZero",
        "Overflow",
    ] {
        module.set(name, Object::Class(vm.types.exception(name)));
    }
    for name in [
        "ROUND_HALF_EVEN",
        "ROUND_HALF_UP",
        "ROUND_HALF_DOWN",
        "ROUND_DOWN",
        "ROUND_UP",
        "ROUND_FLOOR",
        "ROUND_CEILING",
    ] {
        module.set(name, name);
    }
    class.static_method("__new__", |vm, mut arguments| {
        let class = arguments.take_first();
        let [value, _] = arguments.bind(vm, "Decimal", ["value", "context"], 0)?;
        let value = value.unwrap_or(Object::from(0i64));
        let made = match value.plain() {
            Object::Decimal(value) => Object::Decimal(value.clone()),
            Object::Int(value) => Object::decimal(Decimal::from_int(value)),
            Object::Bool(value) => Object::decimal(Decimal::new(i128::from(*value), 0)),
            Object::Float(value) => Object::decimal(Decimal::from_f64(*value)),
            Object::Str(text) => match Decimal::parse(text) {
                Some(value) => Object::decimal(value),
                None => {
                    let message = "[<class 'decimal.ConversionSyntax'>]";
                    return Err(vm.error("InvalidOperation", message));
                }
            },
            other => {
                let name = vm.type_name(other);
                let message = format!("conversion from {name} to Decimal is not supported");
                return Err(vm.type_error(message));
            }
        };
        Ok(vm.wrap(&class, made))
    });
    class.method("quantize", |vm, arguments| {
        let [value, pattern, rounding, _] =
            arguments.bind(vm, "quantize", ["self", "exp", "rounding", "context"], 2)?;
        let value = own(vm, &value.unwrap_or(Object::None))?;
        let pattern = match pattern.as_ref().map(Object::plain) {
            Some(Object::Int(value)) => Decimal::from_int(value),
            Some(Object::Decimal(value)) => (**value).clone(),
            _ => {
                let message = "conversion from object to Decimal is not supported";
                return Err(vm.type_error(message));
            }
        };
        let rounding = match rounding.and_then(Object::some) {
            Some(name) => match name.as_str().and_then(|name| Rounding::named(name)) {
                Some(rounding) => rounding,
                None => {
                    let message = "valid values for rounding are:\n  [ROUND_CEILING, \
                                   ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, \
                                   ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]";
                    return Err(vm.type_error(message));
                }
            },
            None => Rounding::HalfEven,
        };
        match value.quantize(&pattern, rounding) {
            Ok(value) => Ok(Object::decimal(value)),
            Err(_) => Err(vm.error("InvalidOperation", "[<class 'decimal.InvalidOperation'>]")),
        }
    });
    simple(vm, "normalize", |vm, value| match value.normalize() {
        Ok(value) => Ok(Object::decimal(value)),
        Err(_) => Err(vm.error("InvalidOperation", "[<class 'decimal.InvalidOperation'>]")),
    });
    simple(vm, "sqrt", |vm, value| match value.sqrt() {
        Ok(value) => Ok(Object::decimal(value)),
        Err(_) => Err(vm.error("InvalidOperation", "[<class 'decimal.InvalidOperation'>]")),
    });
    simple(vm, "copy_abs", |_, value| Ok(Object::decimal(value.abs())));
    simple(vm, "copy_negate", |_, value| {
        Ok(Object::decimal(value.negate()))
    });
    simple(vm, "is_zero", |_, value| Ok(Object::Bool(value.is_zero())));
    simple(vm, "is_signed", |_, value| {
        Ok(Object::Bool(value.is_negative()))
    });
    simple(vm, "is_nan", |_, value| {
        Ok(Object::Bool(matches!(value, Decimal::NaN)))
    });
    simple(vm, "is_finite", |_, value| {
        Ok(Object::Bool(matches!(value, Decimal::Finite { .. })))
    });
    simple(vm, "is_infinite", |_, value| {
        Ok(Object::Bool(matches!(value, Decimal::Infinite(_))))
    });
    simple(vm, "adjusted", |_, value| {
        Ok(match value {
            Decimal::Finite {
                coefficient,
                exponent,
                ..
            } => Object::from(exponent + coefficient.to_string().len() as i64 - 1),
            _ => Object::from(0i64),
        })
    });
    for name in ["to_integral_value", "to_integral"] {
        simple(vm, name, |_, value| {
            Ok(Object::decimal(value.with_exponent(0, Rounding::HalfEven)))
        });
    }
    simple(vm, "as_tuple", |_, value| {
        Ok(match value {
            Decimal::Finite {
                negative,
                coefficient,
                exponent,
            } => {
                let digits: Vec<Object> = coefficient
                    .to_string()
                    .chars()
                    .map(|c| Object::from(i64::from(c.to_digit(10).unwrap_or(0))))
                    .collect();
                let sign = Object::from(i64::from(*negative));
                Object::tuple([sign, Object::tuple(digits), Object::from(*exponent)])
            }
            _ => Object::None,
        })
    });
}

fn own(vm: &Interpreter, value: &Object) -> PyResult<Rc<Decimal>> {
    match value.plain() {
        Object::Decimal(value) => Ok(value.clone()),
        other => {
            let name = vm.type_name(other);
            let message =
                format!("descriptor requires a 'decimal.Decimal' object but received '{name}'");
            Err(vm.type_error(message))
        }
    }
}

fn simple(
    vm: &Interpreter,
    name: &'static str,
    code: impl Fn(&mut Interpreter, &Decimal) -> PyResult + 'static,
) {
    vm.types.decimal.method(name, move |vm, mut arguments| {
        let value = own(vm, &arguments.take_first())?;
        code(vm, &value)
    });
}
