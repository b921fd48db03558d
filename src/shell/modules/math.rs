//! `math`.

use crate::shell::builtins::float;
use crate::shell::interpret::Interpreter;
use crate::shell::syntax::ast::BinaryOperator;
use crate::shell::value::{Arguments, Int, Object, PyResult};

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
    for (name, test) in [
        ("isinf", f64::is_infinite as fn(f64) -> bool),
        ("isfinite", f64::is_finite),
    ] {
        module.function(name, move |vm, arguments| {
            let [value] = arguments.exactly(vm, name)?;
            Ok(Object::Bool(test(float(vm, &value)?)))
        });
    }
    for (name, function) in [
        ("pow", f64::powf as fn(f64, f64) -> f64),
        ("fmod", |a, b| a % b),
        ("hypot", f64::hypot),
        ("copysign", f64::copysign),
    ] {
        module.function(name, move |vm, arguments| {
            let [a, b] = arguments.exactly(vm, &format!("math.{name}"))?;
            let (a, b) = (float(vm, &a)?, float(vm, &b)?);
            let result = function(a, b);
            match result.is_nan() && !a.is_nan() && !b.is_nan() {
                true => Err(vm.value_error("math domain error")),
                false => Ok(Object::Float(result)),
            }
        });
    }
    module.function("fsum", |vm, arguments| {
        let [items] = arguments.exactly(vm, "fsum")?;
        let mut partials: Vec<f64> = Vec::new();
        for item in vm.collect(&items)? {
            let mut rest = float(vm, &item)?;
            // Shewchuk's sums without loss: each partial keeps what the next cannot hold.
            let mut kept = Vec::with_capacity(partials.len() + 1);
            for partial in partials {
                let (large, small) = match rest.abs() < partial.abs() {
                    true => (partial, rest),
                    false => (rest, partial),
                };
                let sum = large + small;
                let lost = small - (sum - large);
                if lost != 0.0 {
                    kept.push(lost);
                }
                rest = sum;
            }
            kept.push(rest);
            partials = kept;
        }
        Ok(Object::Float(partials.iter().rev().sum()))
    });
    module.function("isqrt", |vm, arguments| {
        let n = natural(vm, arguments, "isqrt() argument must be nonnegative")?;
        Ok(Object::from(n.isqrt()))
    });
    module.function("factorial", |vm, arguments| {
        let n = natural(vm, arguments, "factorial() not defined for negative values")?;
        product(vm, 1..=n)
    });
    for name in ["comb", "perm"] {
        module.function(name, move |vm, arguments| {
            let [n, k] = arguments.bind(vm, name, ["n", "k"], 1)?;
            let n = n.as_ref().and_then(Object::as_i64).unwrap_or(-1);
            let k = k
                .and_then(Object::some)
                .map_or(Some(n), |it| it.as_i64())
                .unwrap_or(-1);
            if n < 0 || k < 0 {
                let which = if n < 0 { "n" } else { "k" };
                return Err(vm.value_error(format!("{which} must be a non-negative integer")));
            }
            if k > n {
                return Ok(Object::from(0_i64));
            }
            let ways = product(vm, n - k + 1..=n)?;
            match name {
                "comb" => {
                    let orders = product(vm, 1..=k)?;
                    vm.binary(BinaryOperator::FloorDivide, &ways, &orders)
                }
                _ => Ok(ways),
            }
        });
    }
    module.function("gcd", |vm, arguments| {
        let [a, b] = arguments.exactly(vm, "gcd")?;
        let (mut a, mut b) = (a.as_i64().unwrap_or(0), b.as_i64().unwrap_or(0));
        while b != 0 {
            (a, b) = (b, a.checked_rem(b).unwrap_or(0));
        }
        Ok(Object::from(a.checked_abs().unwrap_or(i64::MAX)))
    });
}

/// The one argument, a whole number that is not negative.
fn natural(vm: &Interpreter, arguments: Arguments, refusal: &str) -> PyResult<i64> {
    let [value] = arguments.exactly(vm, "math")?;
    match value.as_i64() {
        Some(n) if n < 0 => Err(vm.value_error(refusal)),
        Some(n) => Ok(n),
        None => {
            let name = vm.type_name(&value);
            let message = format!("'{name}' object cannot be interpreted as an integer");
            Err(vm.type_error(message))
        }
    }
}

fn product(vm: &mut Interpreter, factors: std::ops::RangeInclusive<i64>) -> PyResult {
    let mut product = Object::from(1_i64);
    for factor in factors {
        vm.step()?;
        product = vm.binary(BinaryOperator::Multiply, &product, &Object::from(factor))?;
    }
    Ok(product)
}
