//! Calls: a batch kernel where there is one for these vectors, else row by row.

use super::{Context, Operand};
use crate::base::{Bitmap, Column, Result, Type, Value, Vector};
use crate::engine::budget::Meter;
use crate::engine::scalar::{Call, Patterns, Row, ScalarFunction, Strictness, Volatility};
use std::cell::RefCell;
use std::sync::Arc;

/// Calls a function for all rows.
pub fn call(
    function: &ScalarFunction,
    operands: &[Operand],
    types: &[Type],
    ty: &Type,
    patterns: &RefCell<Patterns>,
    rows: usize,
    context: &Context<'_>,
) -> Result<Operand> {
    let strict = function.strictness == Strictness::Strict;
    if strict
        && operands
            .iter()
            .any(|o| matches!(o, Operand::Constant(Value::Null)))
    {
        return Ok(Operand::Constant(Value::Null));
    }
    if let Some(kernel) = function.batch
        && let Some(column) = kernel(operands, rows)?
    {
        return Ok(Operand::Column(Arc::new(column)));
    }
    let call = Call {
        context,
        types,
        ty,
        patterns,
    };
    let mut values: Vec<Value> = operands
        .iter()
        .map(|operand| match operand {
            Operand::Constant(value) => value.clone(),
            Operand::Column(_) => Value::Null,
        })
        .collect();
    let columns: Vec<(usize, &Column)> = operands
        .iter()
        .enumerate()
        .filter_map(|(place, operand)| match operand {
            Operand::Column(column) => Some((place, &**column)),
            Operand::Constant(_) => None,
        })
        .collect();
    let volatile = function.volatility == Volatility::Volatile;
    if columns.is_empty() && !volatile {
        let value = (function.row)(&Row {
            values: &values,
            call: &call,
        })?;
        return Ok(Operand::Constant(value));
    }
    if let ([(place, column)], true, false) = (columns.as_slice(), strict, volatile)
        && let Vector::Dict(codes, dictionary) = &column.vector
    {
        return by_entry(
            function,
            &call,
            &mut values,
            *place,
            codes,
            &column.validity,
            |code| Value::Text(dictionary.shared(code)),
        );
    }
    let type_of = |place: usize| types.get(place).unwrap_or(&Type::Unknown);
    let mut results = Vec::with_capacity(rows);
    let mut meter = Meter::new(context.budget);
    for row in 0..rows {
        let mut null = false;
        for &(place, column) in &columns {
            if let Some(slot) = values.get_mut(place) {
                *slot = column.value(row, type_of(place));
                null |= slot.is_null();
            }
        }
        if null && strict {
            results.push(Value::Null);
            continue;
        }
        let value = (function.row)(&Row {
            values: &values,
            call: &call,
        })?;
        meter.row(&values, &value)?;
        results.push(value);
    }
    Ok(Operand::Column(Arc::new(Column::from_values(&results, ty))))
}

/// A function of one column with a dictionary is computed once for each entry that occurs.
fn by_entry(
    function: &ScalarFunction,
    call: &Call<'_>,
    values: &mut [Value],
    place: usize,
    codes: &[u32],
    validity: &Option<Bitmap>,
    entry: impl Fn(u32) -> Value,
) -> Result<Operand> {
    let limit = codes
        .iter()
        .copied()
        .max()
        .map_or(0, |code| code as usize + 1);
    // The place of each entry's result, from 1; 0 while it is not computed.
    let mut known = vec![0_u32; limit];
    let mut results = Vec::new();
    let mut meter = Meter::new(call.context.budget);
    let mut places = Vec::with_capacity(codes.len());
    for (row, &code) in codes.iter().enumerate() {
        if validity.as_ref().is_some_and(|valid| !valid.get(row)) {
            places.push(u32::MAX);
            continue;
        }
        let Some(slot) = known.get_mut(code as usize) else {
            continue;
        };
        if *slot == 0 {
            if let Some(value) = values.get_mut(place) {
                *value = entry(code);
            }
            let value = (function.row)(&Row { values, call })?;
            meter.row(values, &value)?;
            results.push(value);
            *slot = results.len() as u32;
        }
        places.push(*slot - 1);
    }
    let results = Column::from_values(&results, call.ty);
    Ok(Operand::Column(Arc::new(results.take_or_null(&places))))
}
