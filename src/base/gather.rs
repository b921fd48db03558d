//! Columns made of values and of other columns.

use super::column::{Dictionary, TextVec};
use super::{Bitmap, Column, Interval, Numeric, Type, Value, Vector};
use std::cmp::Ordering;
use std::sync::Arc;

impl Column {
    /// A column of values of one type. A value of another kind than the type's is kept as it is.
    pub fn from_values(values: &[Value], ty: &Type) -> Self {
        let validity = values
            .iter()
            .any(Value::is_null)
            .then(|| values.iter().map(|value| !value.is_null()).collect());
        let vector = typed(values, ty).unwrap_or_else(|| Vector::Value(values.to_vec()));
        Self { vector, validity }
    }

    /// The same value in every row.
    pub fn constant(value: &Value, rows: usize, ty: &Type) -> Self {
        let vector = match value {
            Value::Null => return Self::nulls(rows, ty),
            Value::Bool(v) => Vector::Bool(vec![*v; rows]),
            Value::Int(v) | Value::Time(v) | Value::Timestamp(v) => Vector::Int(vec![*v; rows]),
            Value::Date(v) => Vector::Int(vec![i64::from(*v); rows]),
            Value::Numeric(v) => match i64::try_from(v.mantissa()) {
                Ok(mantissa) => Vector::Decimal(vec![mantissa; rows], v.scale()),
                Err(_) => Vector::Numeric(vec![*v; rows]),
            },
            Value::Float(v) => Vector::Float(vec![*v; rows]),
            Value::Text(v) => {
                let mut dictionary = Dictionary::default();
                let code = dictionary.intern(v);
                Vector::Dict(vec![code; rows], Arc::new(dictionary))
            }
            Value::Interval(v) => Vector::Interval(vec![*v; rows]),
            Value::Uuid(v) => Vector::Uuid(vec![*v; rows]),
            Value::Array(_) | Value::Record(_) => Vector::Value(vec![value.clone(); rows]),
        };
        Self::new(vector)
    }

    /// NULL in every row.
    pub fn nulls(rows: usize, ty: &Type) -> Self {
        let vector = match ty {
            Type::Boolean => Vector::Bool(vec![false; rows]),
            Type::SmallInt
            | Type::Integer
            | Type::BigInt
            | Type::Date
            | Type::Time
            | Type::Timestamp
            | Type::TimestampTz => Vector::Int(vec![0; rows]),
            Type::Numeric(modifier) => {
                let scale = modifier.map_or(0, |(_, scale)| scale);
                Vector::Decimal(vec![0; rows], u8::try_from(scale).unwrap_or(0))
            }
            Type::Real | Type::Double => Vector::Float(vec![0.0; rows]),
            Type::Text
            | Type::Varchar(_)
            | Type::Char(_)
            | Type::Json
            | Type::Jsonb
            | Type::Unknown => Vector::Dict(vec![0; rows], Arc::default()),
            Type::Interval => Vector::Interval(vec![Interval::default(); rows]),
            Type::Uuid => Vector::Uuid(vec![0; rows]),
            Type::Array(_) | Type::Record(_) => Vector::Value(vec![Value::Null; rows]),
        };
        Self {
            vector,
            validity: Some(Bitmap::filled(rows, false)),
        }
    }

    /// The rows at `rows`, in that order. Rows past the end are NULL.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        let vector = match &self.vector {
            Vector::Bool(values) => Vector::Bool(pick(values, rows)),
            Vector::Int(values) => Vector::Int(pick(values, rows)),
            Vector::Decimal(values, scale) => Vector::Decimal(pick(values, rows), *scale),
            Vector::Numeric(values) => Vector::Numeric(
                rows.iter()
                    .map(|&row| {
                        values
                            .get(row as usize)
                            .copied()
                            .unwrap_or(Numeric::new(0, 0))
                    })
                    .collect(),
            ),
            Vector::Float(values) => Vector::Float(pick(values, rows)),
            Vector::Dict(codes, dictionary) => Vector::Dict(pick(codes, rows), dictionary.clone()),
            Vector::Text(texts) => {
                let mut picked = TextVec::with_capacity(rows.len());
                for &row in rows {
                    picked.push(texts.get(row as usize));
                }
                Vector::Text(picked)
            }
            Vector::Interval(values) => Vector::Interval(pick(values, rows)),
            Vector::Uuid(values) => Vector::Uuid(pick(values, rows)),
            Vector::Value(values) => Vector::Value(
                rows.iter()
                    .map(|&row| values.get(row as usize).cloned().unwrap_or(Value::Null))
                    .collect(),
            ),
        };
        let validity = self
            .validity
            .as_ref()
            .map(|valid| rows.iter().map(|&row| valid.get(row as usize)).collect());
        Self { vector, validity }
    }

    /// The rows at `rows`; `u32::MAX`, and every other row past the end, gives NULL.
    #[must_use]
    pub fn take_or_null(&self, rows: &[u32]) -> Self {
        let len = self.len();
        let mut taken = self.take(rows);
        if rows.iter().any(|&row| row as usize >= len) {
            let valid = rows.iter().map(|&row| {
                (row as usize) < len
                    && self
                        .validity
                        .as_ref()
                        .is_none_or(|valid| valid.get(row as usize))
            });
            taken.validity = Some(valid.collect());
        }
        taken
    }

    /// Rows `start..end`, clamped to what is there.
    #[must_use]
    pub fn slice(&self, start: usize, end: usize) -> Self {
        let end = end.min(self.len());
        let start = start.min(end);
        fn part<T: Clone>(values: &[T], start: usize, end: usize) -> Vec<T> {
            values
                .get(start..end)
                .map(<[T]>::to_vec)
                .unwrap_or_default()
        }
        let vector = match &self.vector {
            Vector::Bool(values) => Vector::Bool(part(values, start, end)),
            Vector::Int(values) => Vector::Int(part(values, start, end)),
            Vector::Decimal(values, scale) => Vector::Decimal(part(values, start, end), *scale),
            Vector::Numeric(values) => Vector::Numeric(part(values, start, end)),
            Vector::Float(values) => Vector::Float(part(values, start, end)),
            Vector::Dict(codes, dictionary) => {
                Vector::Dict(part(codes, start, end), dictionary.clone())
            }
            Vector::Text(texts) => Vector::Text((start..end).map(|row| texts.get(row)).collect()),
            Vector::Interval(values) => Vector::Interval(part(values, start, end)),
            Vector::Uuid(values) => Vector::Uuid(part(values, start, end)),
            Vector::Value(values) => Vector::Value(part(values, start, end)),
        };
        let validity = self
            .validity
            .as_ref()
            .map(|valid| (start..end).map(|row| valid.get(row)).collect());
        Self { vector, validity }
    }

    /// All rows of several columns of one type, one behind the other.
    pub fn concat(parts: &[Arc<Self>], ty: &Type) -> Self {
        let rows: usize = parts.iter().map(|part| part.len()).sum();
        let validity = parts.iter().any(|part| part.validity.is_some()).then(|| {
            parts
                .iter()
                .flat_map(|part| (0..part.len()).map(|row| !part.is_null(row)))
                .collect()
        });
        let vector = joined(parts, rows).unwrap_or_else(|| {
            let values: Vec<Value> = parts
                .iter()
                .flat_map(|part| (0..part.len()).map(|row| part.value(row, ty)))
                .collect();
            Self::from_values(&values, ty).vector
        });
        Self { vector, validity }
    }

    /// How two rows compare: PostgreSQL's order of the type, NULL last.
    pub fn compare(&self, row: usize, other: &Self, other_row: usize, ty: &Type) -> Ordering {
        match (self.is_null(row), other.is_null(other_row)) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) => {}
        }
        if let (Vector::Int(a), Vector::Int(b)) = (&self.vector, &other.vector) {
            return a.get(row).cmp(&b.get(other_row));
        }
        if let (Some(a), Some(b)) = (self.text(row), other.text(other_row)) {
            return match ty {
                Type::Char(_) => a.trim_end_matches(' ').cmp(b.trim_end_matches(' ')),
                _ => a.cmp(b),
            };
        }
        self.value(row, ty).cmp(&other.value(other_row, ty))
    }

    /// The text of a row, if this is a column of texts.
    pub fn text(&self, row: usize) -> Option<&str> {
        match &self.vector {
            Vector::Dict(codes, dictionary) => codes.get(row).map(|&code| dictionary.text(code)),
            Vector::Text(texts) => Some(texts.get(row)),
            Vector::Bool(_)
            | Vector::Int(_)
            | Vector::Decimal(..)
            | Vector::Numeric(_)
            | Vector::Float(_)
            | Vector::Interval(_)
            | Vector::Uuid(_)
            | Vector::Value(_) => None,
        }
    }
}

fn pick<T: Copy + Default>(values: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter()
        .map(|&row| values.get(row as usize).copied().unwrap_or_default())
        .collect()
}

/// One vector out of values that all are of the type's kind or NULL.
fn typed(values: &[Value], ty: &Type) -> Option<Vector> {
    fn collect<T: Default>(values: &[Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        values
            .iter()
            .map(|value| {
                if value.is_null() {
                    Some(T::default())
                } else {
                    read(value)
                }
            })
            .collect()
    }
    let integer = |value: &Value| match value {
        Value::Int(v) | Value::Time(v) | Value::Timestamp(v) => Some(*v),
        Value::Date(v) => Some(i64::from(*v)),
        _ => None,
    };
    Some(match ty {
        Type::Boolean => Vector::Bool(collect(values, |value| match value {
            Value::Bool(v) => Some(*v),
            _ => None,
        })?),
        Type::SmallInt | Type::Integer | Type::BigInt => {
            Vector::Int(collect(values, |value| match value {
                Value::Int(v) => Some(*v),
                _ => None,
            })?)
        }
        Type::Date | Type::Time | Type::Timestamp | Type::TimestampTz => {
            Vector::Int(collect(values, integer)?)
        }
        Type::Numeric(_) => numerics(values)?,
        Type::Real | Type::Double => Vector::Float(collect(values, |value| match value {
            Value::Float(v) => Some(*v),
            _ => None,
        })?),
        Type::Text
        | Type::Varchar(_)
        | Type::Char(_)
        | Type::Json
        | Type::Jsonb
        | Type::Unknown => {
            let mut texts = TextVec::with_capacity(values.len());
            for value in values {
                match value {
                    Value::Text(text) => texts.push(text),
                    Value::Null => texts.push(""),
                    _ => return None,
                }
            }
            Vector::Text(texts)
        }
        Type::Interval => Vector::Interval(collect(values, |value| match value {
            Value::Interval(v) => Some(*v),
            _ => None,
        })?),
        Type::Uuid => Vector::Uuid(collect(values, |value| match value {
            Value::Uuid(v) => Some(*v),
            _ => None,
        })?),
        Type::Array(_) | Type::Record(_) => return None,
    })
}

/// A decimal vector when all values share a scale and fit, else a numeric one.
fn numerics(values: &[Value]) -> Option<Vector> {
    let mut numbers = Vec::with_capacity(values.len());
    let mut scale = None;
    let mut shared = true;
    for value in values {
        match value {
            Value::Numeric(number) => {
                shared &= *scale.get_or_insert(number.scale()) == number.scale()
                    && i64::try_from(number.mantissa()).is_ok();
                numbers.push(*number);
            }
            Value::Null => numbers.push(Numeric::new(0, 0)),
            _ => return None,
        }
    }
    Some(if shared {
        let mantissas = numbers
            .iter()
            .map(|number| number.mantissa() as i64)
            .collect();
        Vector::Decimal(mantissas, scale.unwrap_or(0))
    } else {
        Vector::Numeric(numbers)
    })
}

/// One vector out of vectors of the same physical form.
fn joined(parts: &[Arc<Column>], rows: usize) -> Option<Vector> {
    macro_rules! join {
        ($($variant:ident),*) => {
            match &parts.first()?.vector {
                $(Vector::$variant(_) => {
                    let mut all = Vec::with_capacity(rows);
                    for part in parts {
                        let Vector::$variant(values) = &part.vector else { return None };
                        all.extend_from_slice(values);
                    }
                    Vector::$variant(all)
                })*
                Vector::Decimal(_, scale) => {
                    let mut all = Vec::with_capacity(rows);
                    for part in parts {
                        match &part.vector {
                            Vector::Decimal(values, own) if own == scale => {
                                all.extend_from_slice(values);
                            }
                            _ => return None,
                        }
                    }
                    Vector::Decimal(all, *scale)
                }
                Vector::Dict(_, dictionary) => {
                    let mut all = Vec::with_capacity(rows);
                    for part in parts {
                        match &part.vector {
                            Vector::Dict(codes, own) if Arc::ptr_eq(own, dictionary) => {
                                all.extend_from_slice(codes);
                            }
                            _ => return texts(parts, rows),
                        }
                    }
                    Vector::Dict(all, dictionary.clone())
                }
                Vector::Text(_) => return texts(parts, rows),
            }
        };
    }
    Some(join!(Bool, Int, Numeric, Float, Interval, Uuid, Value))
}

fn texts(parts: &[Arc<Column>], rows: usize) -> Option<Vector> {
    let mut all = TextVec::with_capacity(rows);
    for part in parts {
        for row in 0..part.len() {
            all.push(part.text(row)?);
        }
    }
    Some(Vector::Text(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts_of(column: &Column, ty: &Type) -> Vec<String> {
        (0..column.len())
            .map(|row| match column.value(row, ty) {
                Value::Null => "NULL".to_owned(),
                value => value.to_text(ty),
            })
            .collect()
    }

    #[test]
    fn taking_rows_keeps_nulls_and_makes_them() {
        let ty = Type::Integer;
        let column = Column::from_values(&[Value::Int(1), Value::Null, Value::Int(3)], &ty);
        assert_eq!(texts_of(&column.take(&[2, 1, 0]), &ty), ["3", "NULL", "1"]);
        assert_eq!(
            texts_of(&column.take_or_null(&[0, u32::MAX, 2]), &ty),
            ["1", "NULL", "3"]
        );
        assert_eq!(texts_of(&column.slice(1, 9), &ty), ["NULL", "3"]);
        let full = Column::from_values(&[Value::Int(1)], &ty);
        assert_eq!(
            texts_of(&full.take_or_null(&[u32::MAX, 0]), &ty),
            ["NULL", "1"]
        );
    }

    #[test]
    fn numerics_keep_their_scales() {
        let ty = Type::Numeric(None);
        let number = |mantissa, scale| Value::Numeric(Numeric::new(mantissa, scale));
        let same = Arc::new(Column::from_values(&[number(150, 2), Value::Null], &ty));
        assert!(matches!(same.vector, Vector::Decimal(_, 2)));
        let other = Arc::new(Column::from_values(&[number(15, 1)], &ty));
        assert_eq!(
            texts_of(&Column::concat(&[same, other], &ty), &ty),
            ["1.50", "NULL", "1.5"]
        );
    }

    #[test]
    fn texts_of_several_dictionaries_meet() {
        let ty = Type::Text;
        let a = Arc::new(Column::constant(&Value::text("a"), 2, &ty));
        let b = Arc::new(Column::from_values(&[Value::text("b"), Value::Null], &ty));
        let both = Column::concat(&[a, b], &ty);
        assert_eq!(texts_of(&both, &ty), ["a", "a", "b", "NULL"]);
    }

    #[test]
    fn trailing_spaces_of_char_do_not_count() {
        let ty = Type::Char(4);
        let padded = Column::from_values(&[Value::text("ab  "), Value::text("ab")], &ty);
        assert_eq!(padded.compare(0, &padded, 1, &ty), Ordering::Equal);
        assert_eq!(
            padded.compare(0, &padded, 1, &Type::Text),
            Ordering::Greater
        );
    }
}
