//! Arithmetic over whole columns. A kernel that meets an overflow, or vectors of a form it does
//! not know, gives nothing: the rows are then computed one by one, which finds the row to blame.

use super::Operand;
use crate::base::{Bitmap, Column, Numeric, Result, Value, Vector};

type Outcome = Result<Option<Column>>;

/// One side of an operation over rows.
#[derive(Clone, Copy)]
enum Side<'a, T> {
    Rows(&'a [T]),
    One(T),
}

impl<T: Copy> Side<'_, T> {
    #[inline]
    fn get(&self, row: usize) -> Option<T> {
        match self {
            Self::Rows(values) => values.get(row).copied(),
            Self::One(value) => Some(*value),
        }
    }
}

/// The rows in which both operands have a value.
pub fn validity(operands: &[Operand]) -> Option<Bitmap> {
    let mut both: Option<Bitmap> = None;
    for operand in operands {
        if let Operand::Column(column) = operand
            && let Some(valid) = &column.validity
        {
            both = Some(match both {
                Some(bits) => bits.and(valid),
                None => valid.clone(),
            });
        }
    }
    both
}

/// Applies an operation that tells whether it overflowed. The closure is compiled into each of
/// the loops, which the compiler vectorises.
#[inline(always)]
fn map<T: Copy, U>(
    a: Side<'_, T>,
    b: Side<'_, T>,
    rows: usize,
    operation: impl Fn(T, T) -> (U, bool),
) -> Option<Vec<U>> {
    let mut failed = false;
    let mut apply = |x: T, y: T| {
        let (value, overflow) = operation(x, y);
        failed |= overflow;
        value
    };
    let values: Vec<U> = match (a, b) {
        (Side::Rows(a), Side::Rows(b)) => a.iter().zip(b).map(|(&x, &y)| apply(x, y)).collect(),
        (Side::Rows(a), Side::One(y)) => a.iter().map(|&x| apply(x, y)).collect(),
        (Side::One(x), Side::Rows(b)) => b.iter().map(|&y| apply(x, y)).collect(),
        (Side::One(_), Side::One(_)) => return None,
    };
    (!failed && values.len() == rows).then_some(values)
}

fn ints(operand: &Operand) -> Option<Side<'_, i64>> {
    match operand {
        Operand::Column(column) => match &column.vector {
            Vector::Int(values) => Some(Side::Rows(values)),
            _ => None,
        },
        Operand::Constant(Value::Int(value)) => Some(Side::One(*value)),
        Operand::Constant(_) => None,
    }
}

fn floats(operand: &Operand) -> Option<Side<'_, f64>> {
    match operand {
        Operand::Column(column) => match &column.vector {
            Vector::Float(values) => Some(Side::Rows(values)),
            _ => None,
        },
        Operand::Constant(Value::Float(value)) => Some(Side::One(*value)),
        Operand::Constant(_) => None,
    }
}

fn decimals(operand: &Operand) -> Option<(Side<'_, i64>, u8)> {
    match operand {
        Operand::Column(column) => match &column.vector {
            Vector::Decimal(values, scale) => Some((Side::Rows(values), *scale)),
            _ => None,
        },
        Operand::Constant(Value::Numeric(value)) => Some((
            Side::One(i64::try_from(value.mantissa()).ok()?),
            value.scale(),
        )),
        Operand::Constant(_) => None,
    }
}

/// Kernels of one integer type.
macro_rules! integer {
    ($($name:ident: $native:ident),*) => {
        $(pub mod $name {
            use super::{Operand, Outcome, integer_map};

            const LOW: i64 = $native::MIN as i64;
            const HIGH: i64 = $native::MAX as i64;

            pub fn add(operands: &[Operand], rows: usize) -> Outcome {
                Ok(integer_map::<LOW, HIGH>(operands, rows, i64::overflowing_add))
            }

            pub fn subtract(operands: &[Operand], rows: usize) -> Outcome {
                Ok(integer_map::<LOW, HIGH>(operands, rows, i64::overflowing_sub))
            }

            pub fn multiply(operands: &[Operand], rows: usize) -> Outcome {
                Ok(integer_map::<LOW, HIGH>(operands, rows, i64::overflowing_mul))
            }
        })*
    };
}

integer!(smallint: i16, integer: i32, bigint: i64);

#[inline(always)]
fn integer_map<const LOW: i64, const HIGH: i64>(
    operands: &[Operand],
    rows: usize,
    operation: impl Fn(i64, i64) -> (i64, bool),
) -> Option<Column> {
    let [a, b] = operands else { return None };
    let values = map(ints(a)?, ints(b)?, rows, |x, y| {
        let (value, overflow) = operation(x, y);
        (value, overflow | !(LOW..=HIGH).contains(&value))
    })?;
    Some(Column {
        vector: Vector::Int(values),
        validity: validity(operands),
    })
}

pub mod float {
    use super::{Column, Operand, Outcome, Vector, floats, map, validity};

    fn apply(
        operands: &[Operand],
        rows: usize,
        operation: impl Fn(f64, f64) -> f64,
        suspicious: impl Fn(f64) -> bool,
    ) -> Option<Column> {
        let [a, b] = operands else { return None };
        let values = map(floats(a)?, floats(b)?, rows, |x, y| {
            let value = operation(x, y);
            (value, suspicious(value))
        })?;
        Some(Column {
            vector: Vector::Float(values),
            validity: validity(operands),
        })
    }

    pub fn add(operands: &[Operand], rows: usize) -> Outcome {
        Ok(apply(operands, rows, |a, b| a + b, f64::is_infinite))
    }

    pub fn subtract(operands: &[Operand], rows: usize) -> Outcome {
        Ok(apply(operands, rows, |a, b| a - b, f64::is_infinite))
    }

    /// A zero may be an underflow: the rows decide.
    pub fn multiply(operands: &[Operand], rows: usize) -> Outcome {
        Ok(apply(
            operands,
            rows,
            |a, b| a * b,
            |v| v.is_infinite() || v == 0.0,
        ))
    }
}

pub mod numeric {
    use super::{
        Column, Numeric, Operand, Outcome, Result, Side, Value, Vector, decimals, map, validity,
    };

    /// Sums and differences of decimals, at the larger scale.
    fn aligned(
        operands: &[Operand],
        rows: usize,
        operation: impl Fn(i64, i64) -> (i64, bool),
    ) -> Option<Column> {
        let [a, b] = operands else { return None };
        let ((a, a_scale), (b, b_scale)) = (decimals(a)?, decimals(b)?);
        let scale = a_scale.max(b_scale);
        let factor = |own: u8| 10_i64.checked_pow(u32::from(scale - own));
        let (fa, fb) = (factor(a_scale)?, factor(b_scale)?);
        let values = if fa == 1 && fb == 1 {
            map(a, b, rows, operation)?
        } else {
            map(a, b, rows, |x, y| {
                let (x, one) = x.overflowing_mul(fa);
                let (y, two) = y.overflowing_mul(fb);
                let (value, three) = operation(x, y);
                (value, one | two | three)
            })?
        };
        Some(Column {
            vector: Vector::Decimal(values, scale),
            validity: validity(operands),
        })
    }

    pub fn add(operands: &[Operand], rows: usize) -> Outcome {
        match aligned(operands, rows, i64::overflowing_add) {
            Some(column) => Ok(Some(column)),
            None => Ok(each(operands, rows, Numeric::add)),
        }
    }

    pub fn subtract(operands: &[Operand], rows: usize) -> Outcome {
        match aligned(operands, rows, i64::overflowing_sub) {
            Some(column) => Ok(Some(column)),
            None => Ok(each(operands, rows, Numeric::subtract)),
        }
    }

    pub fn multiply(operands: &[Operand], rows: usize) -> Outcome {
        let product = || {
            let [a, b] = operands else { return None };
            let ((a, a_scale), (b, b_scale)) = (decimals(a)?, decimals(b)?);
            let scale = a_scale.checked_add(b_scale)?;
            let values = map(a, b, rows, i64::overflowing_mul)?;
            Some(Column {
                vector: Vector::Decimal(values, scale),
                validity: validity(operands),
            })
        };
        match product() {
            Some(column) => Ok(Some(column)),
            None => Ok(each(operands, rows, Numeric::multiply)),
        }
    }

    pub fn divide(operands: &[Operand], rows: usize) -> Outcome {
        Ok(each(operands, rows, Numeric::divide))
    }

    pub fn remainder(operands: &[Operand], rows: usize) -> Outcome {
        Ok(each(operands, rows, Numeric::remainder))
    }

    /// One side, whatever its form.
    enum Numbers<'a> {
        Decimal(Side<'a, i64>, u8),
        Numeric(Side<'a, Numeric>),
    }

    impl Numbers<'_> {
        fn get(&self, row: usize) -> Option<Numeric> {
            match self {
                Self::Decimal(side, scale) => side
                    .get(row)
                    .map(|value| Numeric::new(i128::from(value), *scale)),
                Self::Numeric(side) => side.get(row),
            }
        }
    }

    fn numbers(operand: &Operand) -> Option<Numbers<'_>> {
        match operand {
            Operand::Column(column) => match &column.vector {
                Vector::Decimal(values, scale) => {
                    Some(Numbers::Decimal(Side::Rows(values), *scale))
                }
                Vector::Numeric(values) => Some(Numbers::Numeric(Side::Rows(values))),
                _ => None,
            },
            Operand::Constant(Value::Numeric(value)) => Some(Numbers::Numeric(Side::One(*value))),
            Operand::Constant(_) => None,
        }
    }

    /// Each row with its own scale.
    fn each(
        operands: &[Operand],
        rows: usize,
        operation: fn(Numeric, Numeric) -> Result<Numeric>,
    ) -> Option<Column> {
        let [a, b] = operands else { return None };
        let (a, b) = (numbers(a)?, numbers(b)?);
        let validity = validity(operands);
        let mut values = Vec::with_capacity(rows);
        for row in 0..rows {
            if validity.as_ref().is_some_and(|valid| !valid.get(row)) {
                values.push(Numeric::new(0, 0));
                continue;
            }
            values.push(operation(a.get(row)?, b.get(row)?).ok()?);
        }
        Some(Column {
            vector: Vector::Numeric(values),
            validity,
        })
    }
}
