//! Set-returning functions in FROM.

use super::{BATCH_ROWS, Context, Operator};
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Column, Diagnostic, Interval, Numeric, Result, Type, Value, Vector};
use crate::engine::eval::Compiled;
use crate::engine::plan::{Ordinality, TableFunction};
use std::cmp::Ordering;
use std::sync::Arc;

/// Gives the rows of a set-returning function.
pub struct TableFunctionScan {
    /// Which one.
    pub function: TableFunction,
    /// Its arguments and their types.
    pub arguments: Vec<(Compiled, Type)>,
    /// The type of its values.
    pub ty: Type,
    /// Whether a last column counts the rows.
    pub ordinality: Ordinality,
    /// The values still to come, once the arguments are known.
    pub series: Option<Series>,
    /// Rows given so far.
    pub given: i64,
}

/// The values of a function, still to come.
pub enum Series {
    /// From, up to, by.
    Int(Option<i64>, i64, i64),
    /// From, up to, by.
    Numeric(Option<Numeric>, Numeric, Numeric),
    /// From, up to, by; microseconds.
    Time(Option<i64>, i64, Interval),
    /// The elements of an array.
    Elements(std::vec::IntoIter<Value>),
    /// No rows.
    Empty,
}

impl TableFunctionScan {
    fn start(&self, context: &Context<'_>) -> Result<Series> {
        let one = Batch {
            columns: Vec::new(),
            rows: 1,
        };
        let arguments = self
            .arguments
            .iter()
            .map(|(argument, ty)| Ok(argument.evaluate(&one, &context.eval)?.value(0, ty)))
            .collect::<Result<Vec<_>>>()?;
        Series::new(self.function, &arguments)
    }
}

impl Series {
    /// The values that a function gives for these arguments.
    fn new(function: TableFunction, arguments: &[Value]) -> Result<Self> {
        if arguments.iter().any(Value::is_null) {
            return Ok(Series::Empty);
        }
        let zero_step = || {
            Diagnostic::error(
                sqlstate::INVALID_PARAMETER_VALUE,
                "step size cannot equal zero",
            )
        };
        match (function, arguments) {
            (TableFunction::Unnest, [Value::Array(elements)]) => {
                Ok(Series::Elements(Vec::from(&elements[..]).into_iter()))
            }
            (TableFunction::GenerateSeries, [Value::Int(start), Value::Int(stop), rest @ ..]) => {
                let step = match rest {
                    [Value::Int(step)] => *step,
                    _ => 1,
                };
                if step == 0 {
                    return Err(zero_step());
                }
                Ok(Series::Int(Some(*start), *stop, step))
            }
            (
                TableFunction::GenerateSeries,
                [Value::Numeric(start), Value::Numeric(stop), rest @ ..],
            ) => {
                let step = match rest {
                    [Value::Numeric(step)] => *step,
                    _ => Numeric::from(1),
                };
                if step.mantissa() == 0 {
                    return Err(zero_step());
                }
                Ok(Series::Numeric(Some(*start), *stop, step))
            }
            (
                TableFunction::GenerateSeries,
                [
                    Value::Timestamp(start),
                    Value::Timestamp(stop),
                    Value::Interval(step),
                ],
            ) => {
                if step.cmp(&Interval::default()) == Ordering::Equal {
                    return Err(zero_step());
                }
                Ok(Series::Time(Some(*start), *stop, *step))
            }
            _ => Err(Diagnostic::error(
                sqlstate::UNDEFINED_FUNCTION,
                "set-returning function called with arguments of other types",
            )),
        }
    }
}

impl Series {
    fn next(&mut self) -> Result<Option<Value>> {
        Ok(match self {
            Self::Empty => None,
            Self::Elements(elements) => elements.next(),
            Self::Int(at, stop, step) => {
                let Some(value) = *at else { return Ok(None) };
                if (*step > 0 && value > *stop) || (*step < 0 && value < *stop) {
                    return Ok(None);
                }
                *at = value.checked_add(*step);
                Some(Value::Int(value))
            }
            Self::Numeric(at, stop, step) => {
                let Some(value) = *at else { return Ok(None) };
                let past = if step.mantissa() > 0 {
                    Ordering::Greater
                } else {
                    Ordering::Less
                };
                if value.cmp(stop) == past {
                    return Ok(None);
                }
                *at = Some(value.add(*step)?);
                Some(Value::Numeric(value))
            }
            Self::Time(at, stop, step) => {
                let Some(value) = *at else { return Ok(None) };
                let past = if *step > Interval::default() {
                    Ordering::Greater
                } else {
                    Ordering::Less
                };
                if value.cmp(stop) == past {
                    return Ok(None);
                }
                *at = Some(crate::base::datetime::timestamp_add(value, *step)?);
                Some(Value::Timestamp(value))
            }
        })
    }
}

impl Operator for TableFunctionScan {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        context.budget.check()?;
        if self.series.is_none() {
            self.series = Some(self.start(context)?);
        }
        let Some(series) = &mut self.series else {
            return Ok(None);
        };
        let mut values = Vec::new();
        while values.len() < BATCH_ROWS {
            match series.next()? {
                Some(value) => values.push(value),
                None => break,
            }
        }
        if values.is_empty() {
            return Ok(None);
        }
        let rows = values.len();
        let mut columns = vec![Arc::new(Column::from_values(&values, &self.ty))];
        if self.ordinality == Ordinality::With {
            let counts = (0..rows as i64).map(|row| self.given + row + 1).collect();
            columns.push(Arc::new(Column::new(Vector::Int(counts))));
        }
        self.given += rows as i64;
        Ok(Some(Batch { columns, rows }))
    }
}

/// Gives each row of its input together with every row of a function of that row (LATERAL).
pub struct Expand {
    /// Where the rows come from.
    pub input: Box<dyn Operator>,
    /// Which function.
    pub function: TableFunction,
    /// Its arguments, over the input's schema, and their types.
    pub arguments: Vec<(Compiled, Type)>,
    /// The type of its values.
    pub ty: Type,
    /// Whether a last column counts the rows.
    pub ordinality: Ordinality,
    /// Conditions over the input's columns and the function's.
    pub on: Vec<Compiled>,
    /// Whether rows for which the function gives none are kept.
    pub lonely: Lonely,
}

/// What becomes of a row without partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lonely {
    /// It is left out (inner join).
    Dropped,
    /// It is kept, with NULLs (left join).
    Kept,
}

impl Expand {
    fn expand(&self, batch: &Batch, context: &Context<'_>) -> Result<Batch> {
        let arguments = self
            .arguments
            .iter()
            .map(|(argument, _)| argument.evaluate(batch, &context.eval))
            .collect::<Result<Vec<_>>>()?;
        let (mut lefts, mut values, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..batch.rows {
            let own: Vec<Value> = arguments
                .iter()
                .zip(&self.arguments)
                .map(|(column, (_, ty))| column.value(row, ty))
                .collect();
            let mut series = Series::new(self.function, &own)?;
            let mut count = 0;
            while let Some(value) = series.next()? {
                count += 1;
                lefts.push(row as u32);
                values.push(value);
                counts.push(count);
                if values.len() % BATCH_ROWS == 0 {
                    context.budget.check()?;
                    context.budget.take(BATCH_ROWS * 48)?;
                }
            }
        }
        let mut pairs = super::take(batch, &lefts);
        pairs
            .columns
            .push(Arc::new(Column::from_values(&values, &self.ty)));
        if self.ordinality == Ordinality::With {
            pairs
                .columns
                .push(Arc::new(Column::new(Vector::Int(counts))));
        }
        if self.on.is_empty() && self.lonely == Lonely::Dropped {
            return Ok(pairs);
        }
        // The row that a pair belongs to goes along, to know which rows have lost all of theirs.
        pairs.columns.push(Arc::new(Column::new(Vector::Int(
            lefts.iter().map(|&row| i64::from(row)).collect(),
        ))));
        let mut kept = super::filter::keep(&self.on, pairs, context)?;
        let owners = kept.columns.pop();
        if self.lonely == Lonely::Dropped {
            return Ok(kept);
        }
        let mut met = vec![false; batch.rows];
        if let Some(Vector::Int(owners)) = owners.as_deref().map(|column| &column.vector) {
            for &owner in owners {
                if let Some(met) = met.get_mut(owner as usize) {
                    *met = true;
                }
            }
        }
        let lonely: Vec<u32> = (0..batch.rows as u32)
            .filter(|&row| met.get(row as usize) == Some(&false))
            .collect();
        let mut rest = super::take(batch, &lonely);
        rest.columns
            .push(Arc::new(Column::nulls(lonely.len(), &self.ty)));
        if self.ordinality == Ordinality::With {
            rest.columns
                .push(Arc::new(Column::nulls(lonely.len(), &Type::BigInt)));
        }
        let schema = self.types_of(&kept);
        Ok(super::concat(&[kept, rest], &schema))
    }

    /// Types that tell the physical forms apart, for putting batches together.
    fn types_of(&self, batch: &Batch) -> super::Schema {
        batch
            .columns
            .iter()
            .map(|column| {
                let ty = match &column.vector {
                    Vector::Bool(_) => Type::Boolean,
                    Vector::Int(_) => Type::BigInt,
                    Vector::Decimal(_, _) | Vector::Numeric(_) => Type::Numeric(None),
                    Vector::Float(_) => Type::Double,
                    Vector::Dict(_, _) | Vector::Text(_) => Type::Text,
                    Vector::Interval(_) => Type::Interval,
                    Vector::Uuid(_) => Type::Uuid,
                    Vector::Value(_) => Type::Array(Box::new(Type::Unknown)),
                };
                (crate::engine::expr::ColumnId(0), ty)
            })
            .collect()
    }
}

impl Operator for Expand {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(context)? {
            context.budget.check()?;
            let expanded = self.expand(&batch, context)?;
            if expanded.rows > 0 {
                return Ok(Some(expanded));
            }
        }
        Ok(None)
    }
}
