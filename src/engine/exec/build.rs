//! The kept side of a join: its rows and the index over their keys.

use super::join::{Key, KeyEquality, NO_ROW, is_unmatched};
use super::keys::{KeyEncoder, KeyTable, NULL};
use super::scan::{IndexReader, keys_worth_looking_up};
use super::{Context, Operator, Schema, batch_bytes, concat, drain};
use crate::base::{Batch, Column, Result, Type};
use crate::engine::eval::Compiled;
use std::sync::Arc;

/// Where the kept side comes from.
pub struct RightSide {
    /// Reads it in full.
    pub operator: Box<dyn Operator>,
    /// Its columns.
    pub schema: Schema,
    /// Reads only rows with given keys, when it is a stored table with a fitting index.
    pub by_index: Option<IndexReader>,
    /// Whether the join asks if a comparison without partner is NULL.
    pub null_aware: bool,
}

impl RightSide {
    /// Up to how many left rows looking up is better than reading in full.
    pub fn index_threshold(&self) -> Option<usize> {
        self.by_index
            .as_ref()
            .map(|reader| keys_worth_looking_up(&reader.table, reader.index, reader.keys.len()))
    }

    /// The rows whose keys occur on the left.
    pub fn by_index(self, left: &[Batch], keys: &[Key], context: &Context<'_>) -> Result<Build> {
        let Some(reader) = &self.by_index else {
            return self.in_full(keys, context);
        };
        let batches = reader.read(left, keys, context)?;
        Build::new(batches, &self.schema, keys, self.null_aware, context)
    }

    /// All rows.
    pub fn in_full(mut self, keys: &[Key], context: &Context<'_>) -> Result<Build> {
        let batches = drain(self.operator.as_mut(), context)?;
        Build::new(batches, &self.schema, keys, self.null_aware, context)
    }
}

/// The kept rows, and for each key the chain of its rows.
pub struct Build {
    /// All kept rows.
    pub rows: Batch,
    encoder: KeyEncoder,
    types: Vec<Type>,
    table: KeyTable,
    /// First row of each key, by key number.
    heads: Vec<u32>,
    /// The row behind each row in its chain; empty when every key has one row.
    chain: Vec<u32>,
    /// Key words of rows with a NULL among their keys.
    null_words: Vec<i64>,
    /// Key words of all rows, kept only while a NULL may have to be compared with all of them.
    all_words: Vec<i64>,
}

impl Build {
    fn new(
        batches: Vec<Batch>,
        schema: &Schema,
        keys: &[Key],
        null_aware: bool,
        context: &Context<'_>,
    ) -> Result<Self> {
        let rows = concat(&batches, schema);
        if batches.len() > 1 {
            let parts: usize = batches.iter().map(batch_bytes).sum();
            drop(batches);
            context.budget.give(parts);
            context.budget.take(batch_bytes(&rows))?;
        }
        let types: Vec<Type> = keys.iter().map(|key| key.ty.clone()).collect();
        let mut build = Self {
            encoder: KeyEncoder::new(keys.len()),
            table: KeyTable::new(keys.len()),
            types,
            heads: Vec::new(),
            chain: Vec::new(),
            null_words: Vec::new(),
            all_words: Vec::new(),
            rows,
        };
        if keys.is_empty() {
            return Ok(build);
        }
        let columns = evaluate(keys.iter().map(|key| &key.right), &build.rows, context)?;
        let words = build
            .encoder
            .encode(&columns, &build.types, build.rows.rows);
        build.index(words, keys, null_aware);
        context.budget.take(
            build.table.bytes()
                + build.encoder.bytes()
                + (build.heads.len() + build.chain.len()) * 4,
        )?;
        Ok(build)
    }

    /// Chains the rows by key, first rows first.
    fn index(&mut self, words: Vec<i64>, keys: &[Key], null_aware: bool) {
        let width = keys.len();
        let mut tails: Vec<u32> = Vec::new();
        for (row, key) in words.chunks_exact(width).enumerate() {
            if key.contains(&NULL)
                && key
                    .iter()
                    .zip(keys)
                    .any(|(&word, key)| is_unmatched(word, key.equality))
            {
                self.null_words.extend_from_slice(key);
                continue;
            }
            let (number, new) = self.table.insert(key);
            if new {
                self.heads.push(row as u32);
                tails.push(row as u32);
            } else if let Some(tail) = tails.get_mut(number as usize) {
                if self.chain.is_empty() {
                    self.chain = vec![NO_ROW; self.rows.rows];
                }
                if let Some(link) = self.chain.get_mut(*tail as usize) {
                    *link = row as u32;
                }
                *tail = row as u32;
            }
        }
        if null_aware {
            self.all_words = words;
        }
    }

    /// Key words of a left batch.
    pub fn encode_left(
        &mut self,
        keys: &[Key],
        batch: &Batch,
        context: &Context<'_>,
    ) -> Result<Vec<i64>> {
        let columns = evaluate(keys.iter().map(|key| &key.left), batch, context)?;
        Ok(self.encoder.encode(&columns, &self.types, batch.rows))
    }

    /// The first row with this key; without keys the first row.
    #[inline]
    pub fn first(&self, words: &[i64], keys: &[Key]) -> u32 {
        if keys.is_empty() {
            return if self.rows.rows == 0 { NO_ROW } else { 0 };
        }
        if words.contains(&NULL)
            && words
                .iter()
                .zip(keys)
                .any(|(&word, key)| is_unmatched(word, key.equality))
        {
            return NO_ROW;
        }
        self.table
            .find(words)
            .and_then(|number| self.heads.get(number as usize).copied())
            .unwrap_or(NO_ROW)
    }

    /// The next row with the same key; without keys the next row.
    #[inline]
    pub fn next(&self, row: u32) -> u32 {
        if self.types.is_empty() {
            let next = row + 1;
            return if (next as usize) < self.rows.rows {
                next
            } else {
                NO_ROW
            };
        }
        self.chain.get(row as usize).copied().unwrap_or(NO_ROW)
    }

    /// Whether a left key without partner would be equal to some right key if NULLs were known:
    /// then the comparison is NULL and not false.
    pub fn may_be_equal(&self, words: &[i64], keys: &[Key]) -> bool {
        if keys.is_empty() {
            return false;
        }
        let open = |word: i64, key: &Key| word == NULL && key.equality == KeyEquality::Equal;
        let left_is_open = words.iter().zip(keys).any(|(&word, key)| open(word, key));
        let candidates = if left_is_open {
            &self.all_words
        } else {
            &self.null_words
        };
        candidates.chunks_exact(keys.len()).any(|right| {
            words.iter().zip(right).zip(keys).all(|((&l, &r), key)| {
                open(l, key) || open(r, key) || (l == r && !is_unmatched(l, key.equality))
            })
        })
    }
}

/// Evaluates expressions over a batch.
pub fn evaluate<'e>(
    exprs: impl Iterator<Item = &'e Compiled>,
    batch: &Batch,
    context: &Context<'_>,
) -> Result<Vec<Arc<Column>>> {
    exprs
        .map(|expr| expr.evaluate(batch, &context.eval))
        .collect()
}
