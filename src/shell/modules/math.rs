//! `math`.

use crate::shell::builtins::float;
use crate::shell::interpret::Interpreter;
use crate::shell::syntax::ast::BinaryOperator;
use crate::shell::value::{Int, Object};

pub(super) fn install(vm: &mut Interpreter) {
    let module = super::add(vm, "math");
    module.set("pi", std::f64::consts::PI);
    module.set("e", std::f64::consts::E);
    module.set("inf", f64::INFINITY);
    module.set("nan", f64::NAN);
    for (name, function) in [
        ("ceil", f64::ceil as fn(f64) -> f64),
        ("floor", f64::floor),
        ("trunc", f64::trunc),
    ] {
        module.function(name, move |vm, arguments| {
            let [value] = arguments.exactly(vm, name)?;
            if let Object::Int(_) = value.plain() {
                return Ok(value);
            }
            if let Object::Decimal(value) = value.plain() {
                use crate::shell::value::decimal::Rounding;
                let rounding = match name {
                    "ceil" => Rounding::Ceiling,
                    "floor" => Rounding::Floor,
                    _ => Rounding::Down,
                };
                let whole = value.with_exponent(0, rounding).to_int();
                return Ok(whole.map_or(Object::None, Object::Int));
            }
            let number = function(float(vm, &value)?);
            match Int::from_f64(number) {
                Some(value) => Ok(Object::Int(value)),
                None => Err(vm.error("OverflowError", "cannot convert float infinity to integer")),
            }
        });
    }
    for (name, function) in [
        ("exp", f64::exp as fn(f64) -> f64),
        ("sin", f64::sin),
        ("cos", f64::cos),
        ("tan", f64::tan),
        ("fabs", f64::abs),
        ("log2", f64::log2),
        ("log10", f64::log10),
        ("sqrt", f64::sqrt),
    ] {
        module.function(name, move |vm, arguments| {
            let [value] = arguments.exactly(vm, name)?;
            let number = float(vm, &value)?;
            let result = function(number);
            if (result.is_nan() && !number.is_nan()) || (result.is_infinite() && number == 0.0) {
                return Err(vm.value_error("math domain error"));
            }
            Ok(Object::Float(result))
        });
    }
    module.function("log", |vm, arguments| {
        let [value, base] = arguments.bind(vm, "log", ["x", "base"], 1)?;
        let number = float(vm, &value.unwrap_or(Object::None))?;
        if number <= 0.0 {
            return Err(vm.value_error("math domain error"));
        }
        Ok(Object::Float(match base {
            Some(base) => number.ln() / float(vm, &base)?.ln(),
            None => number.ln(),
        }))
    });
    module.function("isnan", |vm, arguments| {
        let [value] = arguments.exactly(vm, "isnan")?;
        Ok(Object::Bool(float(vm, &value)?.is_nan()))
    });
    module.function("isclose", |vm, mut arguments| {
        let relative = match arguments.take_keyword("rel_tol") {
            Some(value) => float(vm, &value)?,
            None => 1e-9,
        };
        let absolute = match arguments.take_keyword("abs_tol") {
            Some(value) => float(vm, &value)?,
            None => 0.0,
        };
        let [a, b] = arguments.exactly(vm, "isclose")?;
        let (a, b) = (float(vm, &a)?, float(vm, &b)?);
        let close = a == b || (a - b).abs() <= (relative * a.abs().max(b.abs())).max(absolute);
        Ok(Object::Bool(close))
    });
    module.function("prod", |vm, mut arguments| {
        let mut product = arguments
            .take_keyword("start")
            .unwrap_or(Object::from(1_i64));
        let [items] = arguments.exactly(vm, "prod")?;
        for item in vm.collect(&items)? {
            product = vm.binary(BinaryOperator::Multiply, &product, &item)?;
        }
        Ok(product)
    });
    module.function("gcd", |vm, arguments| {
        let [a, b] = arguments.exactly(vm, "gcd")?;
        let (mut a, mut b) = (a.as_i64().unwrap_or(0), b.as_i64().unwrap_or(0));
        while b != 0 {
            (a, b) = (b, a.checked_rem(b).unwrap_or(0));
        }
        Ok(Object::from(a.checked_abs().unwrap_or(i64::MAX)))
    });
}
