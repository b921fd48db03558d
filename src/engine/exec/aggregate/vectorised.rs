//! Accumulators over whole vectors, for the aggregates that most queries use.

use super::accumulate::Accumulator;
use super::state::States;
use crate::base::diagnostic::sqlstate;
use crate::base::{Bitmap, Column, Diagnostic, Numeric, Result, Type, Value, Vector};
use crate::engine::plan::AggregateFunction;
use std::cmp::Ordering;
use std::sync::Arc;

/// A vectorised accumulator, if there is one for this aggregate over these types.
pub fn accumulator(
    function: AggregateFunction,
    arguments: &[Type],
    ty: &Type,
) -> Option<Box<dyn Accumulator>> {
    use AggregateFunction as F;
    match (function, arguments) {
        (F::CountRows, _) => Some(Box::new(Count::default())),
        (F::Count, [_]) => Some(Box::new(Count::default())),
        (F::Sum | F::Avg, [argument]) if argument.is_integer() || is_numeric(argument) => {
            Some(Box::new(ExactSum {
                result: match (function, ty) {
                    (F::Avg, _) => SumResult::Average,
                    (_, Type::BigInt) => SumResult::BigInt,
                    _ => SumResult::Numeric,
                },
                sums: Vec::new(),
                scales: Vec::new(),
                counts: Vec::new(),
            }))
        }
        (F::Min | F::Max, [argument]) => Some(Box::new(Extreme {
            function,
            argument: argument.clone(),
            wanted: if function == F::Min {
                Ordering::Less
            } else {
                Ordering::Greater
            },
            values: Vec::new(),
            seen: Bitmap::default(),
            form: None,
            general: None,
            groups: 0,
        })),
        _ => None,
    }
}

fn is_numeric(ty: &Type) -> bool {
    matches!(ty, Type::Numeric(_))
}

/// `count(*)` and `count(x)`.
#[derive(Default)]
struct Count {
    counts: Vec<i64>,
}

impl Accumulator for Count {
    fn grow(&mut self, groups: usize) {
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, groups: &[u32], arguments: &[Arc<Column>]) -> Result<()> {
        let validity = arguments
            .first()
            .and_then(|column| column.validity.as_ref());
        match validity {
            None => {
                for &group in groups {
                    if let Some(count) = self.counts.get_mut(group as usize) {
                        *count += 1;
                    }
                }
            }
            Some(valid) => {
                for (row, &group) in groups.iter().enumerate() {
                    if let Some(count) = self.counts.get_mut(group as usize) {
                        *count += i64::from(valid.get(row));
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Column> {
        Ok(Column::new(Vector::Int(self.counts)))
    }

    fn bytes(&self) -> usize {
        self.counts.len() * 8
    }
}

/// `sum` and `avg` of integers and numerics, exact.
struct ExactSum {
    result: SumResult,
    sums: Vec<i128>,
    /// The scale of each group's sum.
    scales: Vec<u8>,
    counts: Vec<i64>,
}

/// What a sum becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SumResult {
    BigInt,
    Numeric,
    Average,
}

impl ExactSum {
    #[inline]
    fn add(&mut self, group: u32, mantissa: i128, scale: u8) -> Result<()> {
        let at = group as usize;
        let (Some(sum), Some(own), Some(count)) = (
            self.sums.get_mut(at),
            self.scales.get_mut(at),
            self.counts.get_mut(at),
        ) else {
            return Ok(());
        };
        *count += 1;
        let added = if *own == scale {
            sum.checked_add(mantissa)
        } else if *own < scale {
            let shifted = shift(*sum, scale - *own);
            *own = scale;
            shifted.and_then(|sum| sum.checked_add(mantissa))
        } else {
            shift(mantissa, *own - scale).and_then(|mantissa| sum.checked_add(mantissa))
        };
        *sum = added.ok_or_else(too_wide)?;
        Ok(())
    }
}

fn shift(mantissa: i128, digits: u8) -> Option<i128> {
    mantissa.checked_mul(10_i128.checked_pow(u32::from(digits))?)
}

fn too_wide() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        "numeric overflow: more than 38 digits are not supported here",
    )
}

impl Accumulator for ExactSum {
    fn grow(&mut self, groups: usize) {
        self.sums.resize(groups, 0);
        self.scales.resize(groups, 0);
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, groups: &[u32], arguments: &[Arc<Column>]) -> Result<()> {
        let Some(column) = arguments.first() else {
            return Ok(());
        };
        match &column.vector {
            Vector::Int(values) => {
                for (row, (&group, &value)) in groups.iter().zip(values).enumerate() {
                    if !column.is_null(row) {
                        self.add(group, i128::from(value), 0)?;
                    }
                }
            }
            Vector::Decimal(values, scale) => {
                for (row, (&group, &value)) in groups.iter().zip(values).enumerate() {
                    if !column.is_null(row) {
                        self.add(group, i128::from(value), *scale)?;
                    }
                }
            }
            Vector::Numeric(values) => {
                for (row, (&group, value)) in groups.iter().zip(values).enumerate() {
                    if !column.is_null(row) {
                        self.add(group, value.mantissa(), value.scale())?;
                    }
                }
            }
            _ => {
                return Err(Diagnostic::error(
                    sqlstate::INTERNAL_ERROR,
                    "a sum met a column that holds no numbers",
                ));
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Column> {
        let validity: Bitmap = self.counts.iter().map(|&count| count > 0).collect();
        let validity = (validity.count_ones() < validity.len()).then_some(validity);
        let vector = match self.result {
            SumResult::BigInt => Vector::Int(
                self.sums
                    .iter()
                    .map(|&sum| {
                        i64::try_from(sum).map_err(|_| {
                            Diagnostic::error(
                                sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                                "bigint out of range",
                            )
                        })
                    })
                    .collect::<Result<_>>()?,
            ),
            SumResult::Numeric => exact_vector(&self.sums, &self.scales),
            SumResult::Average => {
                let mut averages = Vec::with_capacity(self.sums.len());
                for ((&sum, &scale), &count) in self.sums.iter().zip(&self.scales).zip(&self.counts)
                {
                    averages.push(if count == 0 {
                        Numeric::new(0, 0)
                    } else {
                        Numeric::new(sum, scale).divide(Numeric::from(count))?
                    });
                }
                Vector::Numeric(averages)
            }
        };
        Ok(Column { vector, validity })
    }

    fn bytes(&self) -> usize {
        self.sums.len() * 25
    }
}

/// A decimal vector when all sums share a scale and fit, else a numeric one.
fn exact_vector(sums: &[i128], scales: &[u8]) -> Vector {
    let scale = scales.iter().copied().max().unwrap_or(0);
    let small: Option<Vec<i64>> = sums
        .iter()
        .zip(scales)
        .map(|(&sum, &own)| {
            if own == scale || sum == 0 {
                i64::try_from(sum).ok()
            } else {
                None
            }
        })
        .collect();
    // A sum of zero rows is NULL and its scale does not show; a zero of another scale does.
    let shared = sums
        .iter()
        .zip(scales)
        .all(|(_, &own)| own == scale || own == 0 && scale == 0);
    match small {
        Some(values) if shared => Vector::Decimal(values, scale),
        _ => Vector::Numeric(
            sums.iter()
                .zip(scales)
                .map(|(&sum, &scale)| Numeric::new(sum, scale))
                .collect(),
        ),
    }
}

/// `min` and `max`: over integers while the vectors are integers, over values otherwise.
struct Extreme {
    function: AggregateFunction,
    argument: Type,
    wanted: Ordering,
    values: Vec<i64>,
    seen: Bitmap,
    form: Option<Form>,
    /// Takes over as soon as a vector of another form comes.
    general: Option<States>,
    groups: usize,
}

/// The physical form that `values` stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Int,
    Decimal(u8),
}

impl Extreme {
    fn general(&mut self) -> Result<&mut States> {
        if self.general.is_none() {
            let ty = self.argument.clone();
            let mut states = States::new(self.function, vec![ty.clone()], ty.clone());
            states.grow(self.groups);
            if let Some(form) = self.form {
                let column = Arc::new(self.column(form));
                let groups: Vec<u32> = (0..self.groups as u32).collect();
                states.update(&groups, &[column])?;
            }
            self.general = Some(states);
        }
        self.general.as_mut().ok_or_else(|| {
            Diagnostic::error(sqlstate::INTERNAL_ERROR, "an aggregate lost its states")
        })
    }

    fn column(&self, form: Form) -> Column {
        Column {
            vector: match form {
                Form::Int => Vector::Int(self.values.clone()),
                Form::Decimal(scale) => Vector::Decimal(self.values.clone(), scale),
            },
            validity: (self.seen.count_ones() < self.seen.len()).then(|| self.seen.clone()),
        }
    }
}

impl Accumulator for Extreme {
    fn grow(&mut self, groups: usize) {
        self.groups = groups;
        if let Some(general) = &mut self.general {
            general.grow(groups);
        } else {
            self.values.resize(groups, 0);
            while self.seen.len() < groups {
                self.seen.push(false);
            }
        }
    }

    fn update(&mut self, groups: &[u32], arguments: &[Arc<Column>]) -> Result<()> {
        let Some(column) = arguments.first() else {
            return Ok(());
        };
        let form = match &column.vector {
            Vector::Int(_) => Some(Form::Int),
            Vector::Decimal(_, scale) => Some(Form::Decimal(*scale)),
            _ => None,
        };
        let fits = form.is_some() && (self.form.is_none() || self.form == form);
        if self.general.is_some() || !fits {
            return self.general()?.update(groups, arguments);
        }
        self.form = form;
        let (Vector::Int(values) | Vector::Decimal(values, _)) = &column.vector else {
            return Ok(());
        };
        for (row, (&group, &value)) in groups.iter().zip(values).enumerate() {
            if column.is_null(row) {
                continue;
            }
            if let Some(best) = self.values.get_mut(group as usize)
                && (!self.seen.get(group as usize) || value.cmp(best) == self.wanted)
            {
                *best = value;
                self.seen.set(group as usize, true);
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Column> {
        if let Some(general) = self.general {
            return Box::new(general).finish();
        }
        match self.form {
            Some(form) => Ok(self.column(form)),
            None => Ok(Column::from_values(
                &vec![Value::Null; self.groups],
                &self.argument,
            )),
        }
    }

    fn bytes(&self) -> usize {
        self.values.len() * 9 + self.general.as_ref().map_or(0, Accumulator::bytes)
    }
}
