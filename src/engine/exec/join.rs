//! All joins: the right side is kept and indexed by its keys, the left side streams past it.
//!
//! Equalities between the sides become keys; what is left of the condition is tested on the pairs
//! that the keys give (all pairs when there are no keys). When the left side turns out small and
//! the right side is a stored table with a fitting index, only the right rows that the index finds
//! for the left keys are read.

use super::build::{Build, RightSide};
use super::keys::NULL;
use super::{Context, Operator, batch_bytes, layout, types};
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Bitmap, Column, Diagnostic, Result, Type, Vector};
use crate::engine::eval::{Compiled, Layout};
use crate::engine::plan::JoinKind;
use std::sync::Arc;

/// The right row of a pair that has none.
pub const NO_ROW: u32 = u32::MAX;

/// Pairs that are made before they are handed on.
const PAIRS: usize = 1 << 14;

/// How two values of a key column have to be alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEquality {
    /// `=`: NULL is like nothing, and the condition is then NULL.
    Equal,
    /// `(a = b) IS TRUE`: NULL is like nothing, and the condition is then false.
    Strict,
    /// `IS NOT DISTINCT FROM`: NULL is like NULL.
    NullSafe,
}

/// One key column: the expressions of both sides, of one type.
pub struct Key {
    /// Over the left schema.
    pub left: Compiled,
    /// Over the right schema.
    pub right: Compiled,
    /// The type of both.
    pub ty: Type,
    /// How they have to be alike.
    pub equality: KeyEquality,
}

/// Which side an output column comes from, and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emit {
    /// From the left side.
    Left(usize),
    /// From the right side.
    Right(usize),
    /// The mark.
    Mark,
}

/// A join. See the module for how it works.
pub struct Join {
    kind: JoinKind,
    left: Box<dyn Operator>,
    left_types: Vec<Type>,
    right: Option<RightSide>,
    keys: Vec<Key>,
    /// What is left of the condition, over left columns followed by right columns.
    residual: Vec<Compiled>,
    emit: Vec<Emit>,
    build: Option<Build>,
    /// Left batches that were read ahead.
    ahead: std::collections::VecDeque<Batch>,
    probe: Option<Probe>,
    /// Which right rows have met a partner, for right and full joins.
    right_met: Vec<bool>,
    /// The next right row to give without a partner.
    right_at: usize,
}

/// One left batch on its way past the right side.
struct Probe {
    batch: Batch,
    /// Key words of the batch.
    words: Vec<i64>,
    /// The row whose candidates are being paired.
    row: usize,
    /// Its next candidate; absent when the row has not been looked up.
    candidate: Option<u32>,
    /// Whether a row has met a partner, and whether a pair's condition was NULL.
    met: Vec<Met>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    Nothing,
    Null,
    Partner,
}

impl Join {
    /// Joins `left` and `right` on keys and a residual condition.
    pub fn new(
        kind: JoinKind,
        left: (Box<dyn Operator>, Vec<Type>),
        right: RightSide,
        keys: Vec<Key>,
        residual: Vec<Compiled>,
        emit: Vec<Emit>,
    ) -> Self {
        Self {
            kind,
            left: left.0,
            left_types: left.1,
            right: Some(right),
            keys,
            residual,
            emit,
            build: None,
            ahead: std::collections::VecDeque::new(),
            probe: None,
            right_met: Vec::new(),
            right_at: 0,
        }
    }

    /// Reads the right side; the left side first as long as an index may then serve.
    fn prepare(&mut self, context: &Context<'_>) -> Result<()> {
        let Some(right) = self.right.take() else {
            return Ok(());
        };
        if let Some(limit) = right.index_threshold() {
            let mut rows = 0;
            while rows <= limit {
                match self.left.next(context)? {
                    Some(batch) => {
                        rows += batch.rows;
                        context.budget.take(batch_bytes(&batch))?;
                        self.ahead.push_back(batch);
                    }
                    None => {
                        let batches: Vec<Batch> = self.ahead.iter().cloned().collect();
                        let build = right.by_index(&batches, &self.keys, context)?;
                        return self.start(build);
                    }
                }
            }
        }
        let build = right.in_full(&self.keys, context)?;
        self.start(build)
    }

    fn start(&mut self, build: Build) -> Result<()> {
        if matches!(self.kind, JoinKind::Right | JoinKind::Full) {
            self.right_met = vec![false; build.rows.rows];
        }
        self.build = Some(build);
        Ok(())
    }

    /// Takes the next left batch under the probe.
    fn advance(&mut self, context: &Context<'_>) -> Result<bool> {
        let batch = match self.ahead.pop_front() {
            Some(batch) => {
                context.budget.give(batch_bytes(&batch));
                Some(batch)
            }
            None => self.left.next(context)?,
        };
        let (Some(batch), Some(build)) = (batch, &mut self.build) else {
            return Ok(false);
        };
        let words = build.encode_left(&self.keys, &batch, context)?;
        self.probe = Some(Probe {
            met: vec![Met::Nothing; batch.rows],
            words,
            row: 0,
            candidate: None,
            batch,
        });
        Ok(true)
    }

    /// The next pairs of the batch under the probe; none when all have been made.
    fn pairs(&mut self) -> Option<(Vec<u32>, Vec<u32>)> {
        let (probe, build) = (self.probe.as_mut()?, self.build.as_ref()?);
        let (mut lefts, mut rights) = (Vec::new(), Vec::new());
        let width = self.keys.len();
        while probe.row < probe.batch.rows && lefts.len() < PAIRS {
            let mut candidate = match probe.candidate.take() {
                Some(candidate) => candidate,
                None => {
                    let start = probe.row * width;
                    build.first(
                        probe.words.get(start..start + width).unwrap_or(&[]),
                        &self.keys,
                    )
                }
            };
            while candidate != NO_ROW {
                if lefts.len() >= PAIRS {
                    probe.candidate = Some(candidate);
                    return Some((lefts, rights));
                }
                lefts.push(probe.row as u32);
                rights.push(candidate);
                candidate = build.next(candidate);
            }
            probe.row += 1;
        }
        (!lefts.is_empty()).then_some((lefts, rights))
    }

    /// Leaves the pairs for which the residual condition is true, and notes where it was NULL.
    fn test(
        &mut self,
        lefts: Vec<u32>,
        rights: Vec<u32>,
        context: &Context<'_>,
    ) -> Result<(Vec<u32>, Vec<u32>)> {
        let (Some(probe), Some(build)) = (self.probe.as_mut(), self.build.as_ref()) else {
            return Ok((lefts, rights));
        };
        if self.residual.is_empty() {
            return Ok((lefts, rights));
        }
        let columns = probe
            .batch
            .columns
            .iter()
            .map(|column| Arc::new(column.take(&lefts)))
            .chain(
                build
                    .rows
                    .columns
                    .iter()
                    .map(|column| Arc::new(column.take(&rights))),
            )
            .collect();
        let pairs = Batch {
            columns,
            rows: lefts.len(),
        };
        // Per pair: the conjunction so far.
        let mut verdict = vec![Met::Partner; pairs.rows];
        for condition in &self.residual {
            let column = condition.evaluate(&pairs, &context.eval)?;
            let Vector::Bool(values) = &column.vector else {
                return Err(Diagnostic::error(
                    sqlstate::DATATYPE_MISMATCH,
                    "argument of JOIN/ON must be type boolean",
                ));
            };
            for (row, (verdict, &value)) in verdict.iter_mut().zip(values).enumerate() {
                if column.is_null(row) {
                    if *verdict == Met::Partner {
                        *verdict = Met::Null;
                    }
                } else if !value {
                    *verdict = Met::Nothing;
                }
            }
        }
        let (mut kept_left, mut kept_right) = (Vec::new(), Vec::new());
        for ((left, right), verdict) in lefts.into_iter().zip(rights).zip(verdict) {
            match verdict {
                Met::Partner => {
                    kept_left.push(left);
                    kept_right.push(right);
                }
                Met::Null => {
                    if let Some(met) = probe.met.get_mut(left as usize)
                        && *met == Met::Nothing
                    {
                        *met = Met::Null;
                    }
                }
                Met::Nothing => {}
            }
        }
        Ok((kept_left, kept_right))
    }

    /// Notes the partners that pairs give to their rows.
    fn note(&mut self, lefts: &[u32], rights: &[u32]) -> Result<()> {
        let Some(probe) = self.probe.as_mut() else {
            return Ok(());
        };
        if self.kind != JoinKind::Inner {
            for &left in lefts {
                if let Some(met) = probe.met.get_mut(left as usize) {
                    if self.kind == JoinKind::Single && *met == Met::Partner {
                        return Err(Diagnostic::error(
                            sqlstate::CARDINALITY_VIOLATION,
                            "more than one row returned by a subquery used as an expression",
                        )
                        .hint("Add LIMIT 1, or aggregate the rows of the subquery."));
                    }
                    *met = Met::Partner;
                }
            }
        }
        if !self.right_met.is_empty() {
            for &right in rights {
                if let Some(met) = self.right_met.get_mut(right as usize) {
                    *met = true;
                }
            }
        }
        Ok(())
    }

    /// What the batch under the probe gives once all its pairs were made: rows without partner,
    /// rows of semi joins, marks.
    fn finish_probe(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let (Some(probe), Some(build)) = (self.probe.take(), self.build.as_ref()) else {
            return Ok(None);
        };
        let width = self.keys.len();
        let verdict = |row: usize| match probe.met.get(row) {
            Some(Met::Nothing) if self.residual.is_empty() => {
                let start = row * width;
                let words = probe.words.get(start..start + width).unwrap_or(&[]);
                if build.may_be_equal(words, &self.keys) {
                    Met::Null
                } else {
                    Met::Nothing
                }
            }
            Some(met) => *met,
            None => Met::Nothing,
        };
        // Each may be compared with every kept row.
        let verdicts = || -> Result<Vec<Met>> {
            (0..probe.batch.rows)
                .map(|row| {
                    if row % 64 == 0 {
                        context.budget.check()?;
                    }
                    Ok(verdict(row))
                })
                .collect()
        };
        let rows_where = |wanted: &dyn Fn(usize) -> bool| -> Vec<u32> {
            (0..probe.batch.rows)
                .filter(|&row| wanted(row))
                .map(|row| row as u32)
                .collect()
        };
        let met = |row: usize| probe.met.get(row) == Some(&Met::Partner);
        Ok(match self.kind {
            JoinKind::Inner | JoinKind::Right => None,
            JoinKind::Left | JoinKind::Full | JoinKind::Single => {
                let rows = rows_where(&|row| !met(row));
                let none = vec![NO_ROW; rows.len()];
                self.emitted(&probe.batch, &rows, &none)
            }
            JoinKind::Semi => self.emitted(&probe.batch, &rows_where(&met), &[]),
            JoinKind::Anti => self.emitted(&probe.batch, &rows_where(&|row| !met(row)), &[]),
            JoinKind::NullAwareAnti => {
                let verdicts = verdicts()?;
                let rows = rows_where(&|row| verdicts.get(row) == Some(&Met::Nothing));
                self.emitted(&probe.batch, &rows, &[])
            }
            JoinKind::Mark(_) => {
                let marks = verdicts()?;
                let mark = Arc::new(Column {
                    vector: Vector::Bool(marks.iter().map(|&m| m == Met::Partner).collect()),
                    validity: marks
                        .contains(&Met::Null)
                        .then(|| marks.iter().map(|&m| m != Met::Null).collect::<Bitmap>()),
                });
                let columns = self
                    .emit
                    .iter()
                    .filter_map(|emit| match emit {
                        Emit::Left(at) => probe.batch.columns.get(*at).cloned(),
                        Emit::Right(_) => None,
                        Emit::Mark => Some(mark.clone()),
                    })
                    .collect();
                Some(Batch {
                    columns,
                    rows: probe.batch.rows,
                })
            }
        })
    }

    /// Output rows made of these left and right rows.
    fn emitted(&self, left: &Batch, lefts: &[u32], rights: &[u32]) -> Option<Batch> {
        if lefts.is_empty() {
            return None;
        }
        let build = self.build.as_ref()?;
        let whole = lefts.len() == left.rows
            && lefts
                .iter()
                .enumerate()
                .all(|(row, &left)| row as u32 == left);
        let partial = rights.contains(&NO_ROW);
        let columns = self
            .emit
            .iter()
            .filter_map(|emit| match *emit {
                Emit::Left(at) if whole => left.columns.get(at).cloned(),
                Emit::Left(at) => left
                    .columns
                    .get(at)
                    .map(|column| Arc::new(column.take(lefts))),
                Emit::Right(at) => build.rows.columns.get(at).map(|column| {
                    Arc::new(if partial {
                        column.take_or_null(rights)
                    } else {
                        column.take(rights)
                    })
                }),
                Emit::Mark => None,
            })
            .collect();
        Some(Batch {
            columns,
            rows: lefts.len(),
        })
    }

    /// Right rows that met no partner, with NULLs on the left.
    fn lonely_right_rows(&mut self) -> Option<Batch> {
        let build = self.build.as_ref()?;
        let mut rows = Vec::new();
        while let Some(met) = self.right_met.get(self.right_at) {
            if !met {
                rows.push(self.right_at as u32);
            }
            self.right_at += 1;
            if rows.len() == PAIRS {
                break;
            }
        }
        if rows.is_empty() {
            return None;
        }
        let columns = self
            .emit
            .iter()
            .filter_map(|emit| match *emit {
                Emit::Left(at) => self
                    .left_types
                    .get(at)
                    .map(|ty| Arc::new(Column::nulls(rows.len(), ty))),
                Emit::Right(at) => build
                    .rows
                    .columns
                    .get(at)
                    .map(|column| Arc::new(column.take(&rows))),
                Emit::Mark => None,
            })
            .collect();
        Some(Batch {
            columns,
            rows: rows.len(),
        })
    }
}

impl Operator for Join {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        self.prepare(context)?;
        loop {
            context.budget.check()?;
            if self.probe.is_none() && !self.advance(context)? {
                return Ok(self.lonely_right_rows());
            }
            let Some((lefts, rights)) = self.pairs() else {
                if let Some(batch) = self.finish_probe(context)? {
                    return Ok(Some(batch));
                }
                continue;
            };
            let (lefts, rights) = self.test(lefts, rights, context)?;
            self.note(&lefts, &rights)?;
            let gives_pairs = matches!(
                self.kind,
                JoinKind::Inner
                    | JoinKind::Left
                    | JoinKind::Right
                    | JoinKind::Full
                    | JoinKind::Single
            );
            if gives_pairs
                && let Some(probe) = &self.probe
                && let Some(batch) = self.emitted(&probe.batch, &lefts, &rights)
            {
                return Ok(Some(batch));
            }
        }
    }
}

/// The layout of a condition: left columns, then right columns.
pub fn pair_layout(left: &super::Schema, right: &super::Schema) -> Layout {
    let both: super::Schema = left.iter().chain(right).cloned().collect();
    layout(&both)
}

/// The types of a schema.
pub fn schema_types(schema: &super::Schema) -> Vec<Type> {
    types(schema)
}

/// Whether a word is a NULL that `=` does not match.
pub(super) fn is_unmatched(word: i64, equality: KeyEquality) -> bool {
    word == NULL && equality != KeyEquality::NullSafe
}
