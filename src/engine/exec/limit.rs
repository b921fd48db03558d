//! LIMIT, OFFSET, FETCH .. WITH TIES.

use super::keys::KeyEncoder;
use super::{Context, Operator, slice};
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Diagnostic, Result, Type, Value};
use crate::engine::eval::Compiled;

/// Skips and takes rows, and asks its input for no more than it needs.
pub struct Limit {
    /// Where the rows come from.
    pub input: Box<dyn Operator>,
    /// How many to skip.
    pub offset: u64,
    /// How many to take; all when absent.
    pub limit: Option<u64>,
    /// The sort keys and their types that tell ties of the last row, for WITH TIES.
    pub ties: Option<(Vec<Compiled>, Vec<Type>)>,
    /// The key of the last row, once the limit is reached and ties are wanted.
    last: Option<Vec<i64>>,
    encoder: KeyEncoder,
}

impl Limit {
    /// Skips `offset` rows of `input` and takes `limit`.
    pub fn new(
        input: Box<dyn Operator>,
        offset: u64,
        limit: Option<u64>,
        ties: Option<(Vec<Compiled>, Vec<Type>)>,
    ) -> Self {
        let width = ties.as_ref().map_or(0, |(keys, _)| keys.len());
        Self {
            input,
            offset,
            limit,
            ties,
            last: None,
            encoder: KeyEncoder::new(width),
        }
    }

    fn tie_words(&mut self, batch: &Batch, context: &Context<'_>) -> Result<Vec<i64>> {
        let Some((keys, types)) = &self.ties else {
            return Ok(Vec::new());
        };
        let columns = keys
            .iter()
            .map(|key| key.evaluate(batch, &context.eval))
            .collect::<Result<Vec<_>>>()?;
        Ok(self.encoder.encode(&columns, types, batch.rows))
    }
}

impl Operator for Limit {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        loop {
            if self.limit == Some(0) && self.last.is_none() {
                return Ok(None);
            }
            let Some(mut batch) = self.input.next(context)? else {
                return Ok(None);
            };
            let skip = self.offset.min(batch.rows as u64);
            self.offset -= skip;
            batch = slice(&batch, skip as usize, batch.rows);
            if batch.rows == 0 {
                continue;
            }
            let Some(limit) = self.limit else {
                return Ok(Some(batch));
            };
            let taken = limit.min(batch.rows as u64) as usize;
            self.limit = Some(limit - taken as u64);
            if self.ties.is_none() {
                return Ok(Some(slice(&batch, 0, taken)));
            }
            let width = self.encoder.width();
            let words = self.tie_words(&batch, context)?;
            if taken > 0 {
                self.last = words
                    .get((taken - 1) * width..taken * width)
                    .map(<[i64]>::to_vec);
            }
            if self.limit != Some(0) {
                return Ok(Some(batch));
            }
            let ties = words
                .chunks(width.max(1))
                .skip(taken)
                .take_while(|key| Some(*key) == self.last.as_deref())
                .count();
            if taken + ties < batch.rows {
                self.last = None;
            }
            if taken + ties > 0 {
                return Ok(Some(slice(&batch, 0, taken + ties)));
            }
            return Ok(None);
        }
    }
}

/// Reads the value of a LIMIT or OFFSET: NULL is none.
pub fn row_count(value: &Value, clause: Clause) -> Result<Option<u64>> {
    match value {
        Value::Null => Ok(None),
        Value::Int(n) => u64::try_from(*n).map(Some).map_err(|_| match clause {
            Clause::Limit => Diagnostic::error(
                sqlstate::INVALID_ROW_COUNT_IN_LIMIT,
                "LIMIT must not be negative",
            ),
            Clause::Offset => Diagnostic::error(
                sqlstate::INVALID_ROW_COUNT_IN_OFFSET,
                "OFFSET must not be negative",
            ),
        }),
        other => Err(Diagnostic::error(
            sqlstate::DATATYPE_MISMATCH,
            format!("a number of rows must be of type bigint, not {other:?}"),
        )),
    }
}

/// Which clause a number of rows belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clause {
    /// LIMIT or FETCH
    Limit,
    /// OFFSET
    Offset,
}
