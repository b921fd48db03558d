//! Values across the border: parameters in, blocks of columns out.

use crate::base::{Column, Field, Numeric, ResultSet, Type, Value, Vector};
use crate::session;
use crate::wire::Param;
use crate::wire::block::BlockWriter;

/// Integers up to here are the same as doubles.
const SAFE: i64 = (1 << 53) - 1;

/// Parameters as the engine takes them.
pub fn params(params: &[Param]) -> Vec<Value> {
    params
        .iter()
        .map(|param| match param {
            Param::Null => Value::Null,
            Param::Bool(value) => Value::Bool(*value),
            Param::Int(value) => Value::Int(*value),
            Param::Decimal(digits) => decimal(digits),
            Param::Float(value) => Value::Float(*value),
            Param::Text(text) => Value::text(text.as_str()),
        })
        .collect()
}

/// Decimal digits as an exact number; too many of them make a float.
fn decimal(digits: &str) -> Value {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let exact = u8::try_from(fraction.len()).ok().and_then(|scale| {
        let mantissa = format!("{whole}{fraction}").parse().ok()?;
        Some(Value::Numeric(Numeric::new(mantissa, scale)))
    });
    exact.unwrap_or_else(|| digits.parse().map_or(Value::Null, Value::Float))
}

/// The rows from `start` on; whole batches before it are passed over unread.
pub fn rows(result: &ResultSet, start: usize) -> impl Iterator<Item = Vec<Value>> {
    let mut before = start;
    let mut batches = result.batches.as_slice();
    while let Some((first, rest)) = batches.split_first() {
        if before < first.rows {
            break;
        }
        before -= first.rows;
        batches = rest;
    }
    batches
        .iter()
        .flat_map(|batch| (0..batch.rows).map(move |row| (batch, row)))
        .skip(before)
        .map(|(batch, row)| {
            result
                .fields
                .iter()
                .zip(&batch.columns)
                .map(|(field, column)| column.value(row, &field.ty))
                .collect()
        })
}

/// All rows as a block of columns.
pub fn block(result: &ResultSet) -> Vec<u8> {
    let mut block = BlockWriter::default();
    for (place, field) in result.fields.iter().enumerate() {
        let parts: Vec<&Column> = result
            .batches
            .iter()
            .filter_map(|batch| batch.columns.get(place).map(|column| &**column))
            .collect();
        write(&mut block, field, &parts);
    }
    block.finish()
}

fn write(block: &mut BlockWriter, field: &Field, parts: &[&Column]) {
    let nulls = nulls(parts);
    let nulls = nulls.as_deref();
    // The quick ways are for columns whose batches all have the same form.
    if field.ty.is_integer()
        && let Some(parts) = all(parts, |vector| match vector {
            Vector::Int(values) => Some(values),
            _ => None,
        })
    {
        let values = parts.iter().flat_map(|values| values.iter().copied());
        if values.clone().all(|value| (-SAFE..=SAFE).contains(&value)) {
            block.numbers(nulls, values.map(|value| value as f64));
        } else {
            block.bigints(nulls, values);
        }
    } else if matches!(field.ty, Type::Double | Type::Real)
        && let Some(parts) = all(parts, |vector| match vector {
            Vector::Float(values) => Some(values),
            _ => None,
        })
    {
        block.numbers(
            nulls,
            parts.iter().flat_map(|values| values.iter().copied()),
        );
    } else if field.ty == Type::Boolean
        && let Some(parts) = all(parts, |vector| match vector {
            Vector::Bool(values) => Some(values),
            _ => None,
        })
    {
        block.booleans(
            nulls,
            parts.iter().flat_map(|values| values.iter().copied()),
        );
    } else if let [
        Column {
            vector: Vector::Dict(codes, dictionary),
            ..
        },
    ] = parts
        && dictionary.len() <= codes.len()
    {
        // A code of a NULL row may be any number.
        let last = (dictionary.len() as u32).saturating_sub(1);
        block.dictionary(
            nulls,
            dictionary.texts().iter(),
            codes.iter().map(|&code| code.min(last)),
        );
    } else {
        let rows = parts
            .iter()
            .flat_map(|column| (0..column.len()).map(move |row| (column, row)));
        block.texts(nulls, rows, |out, (column, row)| match &column.vector {
            Vector::Text(texts) if !column.is_null(row) => out.push_str(texts.get(row)),
            _ => session::write_iso(out, &column.value(row, &field.ty), &field.ty),
        });
    }
}

/// What `pick` finds in every part, or nothing if it finds nothing in one.
fn all<'a, T>(
    parts: &[&'a Column],
    pick: impl Fn(&'a Vector) -> Option<&'a T>,
) -> Option<Vec<&'a T>> {
    parts.iter().map(|column| pick(&column.vector)).collect()
}

/// Which rows are NULL, when some are.
fn nulls(parts: &[&Column]) -> Option<Vec<bool>> {
    if parts.iter().all(|column| column.validity.is_none()) {
        return None;
    }
    let nulls = parts
        .iter()
        .flat_map(|column| (0..column.len()).map(|row| column.is_null(row)))
        .collect();
    Some(nulls)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Batch, Bitmap};
    use std::sync::Arc;

    fn result(ty: Type, batches: Vec<Column>) -> ResultSet {
        ResultSet {
            fields: vec![Field {
                name: "x".into(),
                ty,
            }],
            batches: batches
                .into_iter()
                .map(|column| Batch {
                    rows: column.len(),
                    columns: vec![Arc::new(column)],
                })
                .collect(),
        }
    }

    fn kind(block: &[u8]) -> Option<&u8> {
        block.first()
    }

    #[test]
    fn integers_beyond_doubles_become_bigints() {
        let column = |value| Column::new(Vector::Int(vec![1, value]));
        assert_eq!(
            kind(&block(&result(Type::BigInt, vec![column(SAFE)]))),
            Some(&0)
        );
        assert_eq!(
            kind(&block(&result(Type::BigInt, vec![column(SAFE + 1)]))),
            Some(&2)
        );
    }

    #[test]
    fn moments_and_decimals_are_texts() {
        let column = Column::new(Vector::Int(vec![0]));
        assert_eq!(
            kind(&block(&result(Type::TimestampTz, vec![column]))),
            Some(&3)
        );
        let column = Column::new(Vector::Decimal(vec![150], 2));
        let bytes = block(&result(Type::Numeric(None), vec![column]));
        assert_eq!(kind(&bytes), Some(&3));
        assert!(bytes.windows(4).any(|window| window == b"1.50"));
    }

    #[test]
    fn a_batch_with_nulls_marks_only_its_own() {
        let with = Column {
            vector: Vector::Int(vec![7, 8]),
            validity: Some(Bitmap::from_iter([false, true])),
        };
        let bytes = block(&result(
            Type::Integer,
            vec![Column::new(Vector::Int(vec![1])), with],
        ));
        assert_eq!(bytes.get(4), Some(&1));
        assert_eq!(bytes.get(8..11), Some([0, 1, 0].as_slice()));
    }

    #[test]
    fn rows_are_found_across_batches() {
        let column = |values: &[i64]| Column::new(Vector::Int(values.to_vec()));
        let result = result(
            Type::Integer,
            vec![column(&[1, 2]), column(&[]), column(&[3, 4])],
        );
        let seen: Vec<_> = rows(&result, 3).map(|row| format!("{row:?}")).collect();
        assert_eq!(seen, ["[Int(4)]"]);
        assert_eq!(rows(&result, 9).count(), 0);
    }

    #[test]
    fn decimals_are_exact() {
        assert!(
            matches!(decimal("-0.10"), Value::Numeric(n) if (n.mantissa(), n.scale()) == (-10, 2))
        );
        assert!(matches!(decimal("1e300"), Value::Float(_)));
    }
}
