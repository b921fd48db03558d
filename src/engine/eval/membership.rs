//! IN, ANY and ALL.

use super::compare::compare_values;
use super::lazy::{Partial, evaluate_rows};
use super::node::{Node, truth_column};
use super::{Context, Operand};
use crate::base::{Batch, Column, Result, Type, Value, Vector};
use crate::engine::expr::{Comparison, Negation, Quantifier};
use std::collections::HashSet;
use std::sync::Arc;

/// `IN` over constants: NULL when it is not there and NULL is among the members.
pub fn in_set(
    operand: &Operand,
    ty: &Type,
    set: &HashSet<Value>,
    null: bool,
    negated: Negation,
    rows: usize,
) -> Operand {
    let plain = negated == Negation::Plain;
    let answer = |found: bool| match found {
        true => Some(plain),
        false if null => None,
        false => Some(!plain),
    };
    let of_value = |value: &Value| {
        if value.is_null() && (null || !set.is_empty()) {
            None
        } else {
            answer(set.contains(value))
        }
    };
    let column = match operand {
        Operand::Constant(value) => {
            return Operand::Constant(of_value(value).map_or(Value::Null, Value::Bool));
        }
        Operand::Column(column) => column,
    };
    let bits: Option<Vec<bool>> = match &column.vector {
        _ if null => None,
        Vector::Int(values) if !matches!(ty, Type::Record(_)) => {
            let members: Option<Vec<i64>> = set
                .iter()
                .map(|member| match member {
                    Value::Int(v) | Value::Time(v) | Value::Timestamp(v) => Some(*v),
                    Value::Date(v) => Some(i64::from(*v)),
                    _ => None,
                })
                .collect();
            members.map(|mut members| {
                members.sort_unstable();
                match (members.first(), members.last()) {
                    // Members close together are looked up in a table of bits.
                    (Some(&low), Some(&high)) if high.saturating_sub(low) < 1 << 16 => {
                        let mut table = vec![false; (high - low) as usize + 1];
                        for member in &members {
                            if let Some(slot) = table.get_mut((member - low) as usize) {
                                *slot = true;
                            }
                        }
                        values
                            .iter()
                            .map(|value| {
                                let at = value.wrapping_sub(low) as u64;
                                usize::try_from(at)
                                    .ok()
                                    .and_then(|at| table.get(at))
                                    .is_some_and(|&found| found)
                                    == plain
                            })
                            .collect()
                    }
                    _ => values
                        .iter()
                        .map(|value| members.binary_search(value).is_ok() == plain)
                        .collect(),
                }
            })
        }
        Vector::Dict(codes, dictionary) => {
            let mut wanted: Vec<u32> = set
                .iter()
                .filter_map(|member| match member {
                    Value::Text(text) => dictionary.code(text),
                    _ => None,
                })
                .collect();
            wanted.sort_unstable();
            Some(
                codes
                    .iter()
                    .map(|code| wanted.binary_search(code).is_ok() == plain)
                    .collect(),
            )
        }
        _ => None,
    };
    match bits {
        Some(bits) => Operand::Column(Arc::new(Column {
            vector: Vector::Bool(bits),
            validity: column.validity.clone(),
        })),
        None => truth_column((0..rows).map(|row| of_value(&column.value(row, ty))), rows),
    }
}

/// `IN` over expressions: each member for the rows that have not found one.
pub fn in_list(
    operand: &Node,
    list: &[Node],
    negated: Negation,
    batch: &Batch,
    context: &Context<'_>,
) -> Result<Operand> {
    let plain = negated == Negation::Plain;
    let value = operand.evaluate(batch, context)?;
    let mut states: Vec<Option<bool>> = vec![Some(!plain); batch.rows];
    let mut open: Vec<u32> = (0..batch.rows as u32).collect();
    for member in list {
        if open.is_empty() {
            break;
        }
        let partial = evaluate_rows(member, batch, &open, context)?;
        let mut still_open = Vec::with_capacity(open.len());
        for (nth, row) in open.into_iter().enumerate() {
            let candidate = match &partial {
                Partial::Whole(operand) => operand.value(row as usize, &member.ty),
                Partial::Chosen(operand) => operand.value(nth, &member.ty),
            };
            let own = value.value(row as usize, &operand.ty);
            let equal = compare_values(Comparison::Eq, &own, &candidate, &operand.ty);
            if let Some(state) = states.get_mut(row as usize) {
                match equal {
                    Some(true) => {
                        *state = Some(plain);
                        continue;
                    }
                    Some(false) => {}
                    None => *state = None,
                }
            }
            still_open.push(row);
        }
        open = still_open;
    }
    Ok(truth_column(states.into_iter(), batch.rows))
}

/// `operand op ANY/ALL (array)`.
pub fn quantified(
    (operand, ty): (&Operand, &Type),
    comparison: Comparison,
    quantifier: Quantifier,
    (array, array_type): (&Operand, &Type),
    rows: usize,
) -> Operand {
    let decisive = quantifier == Quantifier::Any;
    let of_row = |row: usize| {
        let value = operand.value(row, ty);
        let Value::Array(elements) = array.value(row, array_type) else {
            return None;
        };
        let mut answer = Some(!decisive);
        for element in elements.iter() {
            match compare_values(comparison, &value, element, ty) {
                Some(bit) if bit == decisive => return Some(decisive),
                Some(_) => {}
                None => answer = None,
            }
        }
        answer
    };
    if let (Operand::Constant(_), Operand::Constant(_)) = (operand, array) {
        return Operand::Constant(of_row(0).map_or(Value::Null, Value::Bool));
    }
    if let (Comparison::Eq, Quantifier::Any, Operand::Constant(Value::Array(elements))) =
        (comparison, quantifier, array)
        && !matches!(ty, Type::Char(_) | Type::Record(_) | Type::Array(_))
    {
        let set = elements
            .iter()
            .filter(|element| !element.is_null())
            .cloned()
            .collect();
        let null = elements.iter().any(Value::is_null);
        return in_set(operand, ty, &set, null, Negation::Plain, rows);
    }
    truth_column((0..rows).map(of_row), rows)
}
