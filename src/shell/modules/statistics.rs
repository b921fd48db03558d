//! `statistics`, over numbers of one kind: whole numbers, floats or decimals.

use crate::shell::builtins::float;
use crate::shell::interpret::Interpreter;
use crate::shell::syntax::ast::BinaryOperator;
use crate::shell::value::{Arguments, Int, Object, PyResult};

pub(super) fn install(vm: &mut Interpreter) {
    let error = vm
        .types
        .add_exception("StatisticsError", "statistics", &["ValueError"]);
    let module = super::add(vm, "statistics");
    module.set("StatisticsError", Object::Class(error));
    module.function("mean", |vm, arguments| {
        let values = numbers(vm, arguments, "mean", 1)?;
        average(vm, &values)
    });
    module.function("fmean", |vm, arguments| {
        let values = numbers(vm, arguments, "fmean", 1)?;
        let total = values
            .iter()
            .map(|it| float(vm, it))
            .sum::<PyResult<f64>>()?;
        Ok(Object::Float(total / values.len() as f64))
    });
    for name in ["median", "median_low", "median_high"] {
        module.function(name, move |vm, arguments| {
            let mut values = numbers(vm, arguments, "median", 1)?;
            vm.sort(&mut values, |it| it)?;
            let (low, high) = ((values.len() - 1) / 2, values.len() / 2);
            let at = |place: usize| values.get(place).cloned().unwrap_or(Object::None);
            match name {
                "median_low" => Ok(at(low)),
                "median_high" => Ok(at(high)),
                _ if low == high => Ok(at(low)),
                _ => {
                    let sum = vm.binary(BinaryOperator::Add, &at(low), &at(high))?;
                    vm.binary(BinaryOperator::Divide, &sum, &Object::from(2_i64))
                }
            }
        });
    }
    module.function("mode", |vm, arguments| {
        let [values] = arguments.exactly(vm, "mode")?;
        let counts = vm.dict_from::<&str>([]);
        let Object::Dict(counts) = &counts else {
            return Ok(Object::None);
        };
        let mut best: Option<(i64, Object)> = None;
        for value in vm.collect(&values)? {
            let before = vm.dict_get(counts, &value)?.and_then(|it| it.as_i64());
            vm.dict_set(counts, value, Object::from(before.unwrap_or(0) + 1))?;
        }
        for (value, count) in counts.borrow().items() {
            let count = count.as_i64().unwrap_or(0);
            if best.as_ref().is_none_or(|(most, _)| count > *most) {
                best = Some((count, value));
            }
        }
        match best {
            Some((_, value)) => Ok(value),
            None => Err(vm.error("StatisticsError", "no mode for empty data")),
        }
    });
}

/// The numbers, of which there have to be some.
fn numbers(
    vm: &mut Interpreter,
    arguments: Arguments,
    name: &str,
    least: usize,
) -> PyResult<Vec<Object>> {
    let [values] = arguments.exactly(vm, name)?;
    let values = vm.collect(&values)?;
    if values.len() >= least {
        return Ok(values);
    }
    let message = match name {
        "median" => String::from("no median for empty data"),
        "fmean" => String::from("fmean requires at least one data point"),
        name => format!("{name} requires at least one data point"),
    };
    Err(vm.error("StatisticsError", &message))
}

/// The mean: whole where whole numbers have a whole one.
fn average(vm: &mut Interpreter, values: &[Object]) -> PyResult {
    let mut total = Object::from(0_i64);
    for value in values {
        vm.step()?;
        total = vm.binary(BinaryOperator::Add, &total, value)?;
    }
    let count = Object::from(values.len());
    if let Object::Int(_) = total.plain() {
        let rest = vm.binary(BinaryOperator::Modulo, &total, &count)?;
        if matches!(&rest, Object::Int(rest) if Int::is_zero(rest)) {
            return vm.binary(BinaryOperator::FloorDivide, &total, &count);
        }
    }
    vm.binary(BinaryOperator::Divide, &total, &count)
}
