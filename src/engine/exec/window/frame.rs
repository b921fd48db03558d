//! Partitions, peers and frames of sorted rows.

use super::super::order::{Key, Words};
use super::super::{Context, layout};
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Column, Diagnostic, Result, Type, Value, Vector};
use crate::engine::eval::Compiled;
use crate::engine::expr::{CastForm, ColumnId, Expr, ExprKind};
use crate::engine::plan::{Direction, FrameExclusion, FrameUnit};
use crate::engine::scalar;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

/// A compiled frame.
pub struct Frame {
    /// What its bounds count.
    pub unit: FrameUnit,
    /// Where it starts.
    pub start: Bound,
    /// Where it ends.
    pub end: Bound,
    /// What it leaves out.
    pub exclude: FrameExclusion,
}

/// One end of a frame; offsets are constants with their types.
pub enum Bound {
    /// `UNBOUNDED PRECEDING`
    UnboundedPreceding,
    /// `n PRECEDING`
    Preceding(Compiled, Type),
    /// `CURRENT ROW`
    CurrentRow,
    /// `n FOLLOWING`
    Following(Compiled, Type),
    /// `UNBOUNDED FOLLOWING`
    UnboundedFollowing,
}

/// Which end of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Start,
    End,
}

/// Where everything lies for every row of the sorted rows.
pub struct Frames {
    /// Partitions in order.
    pub partitions: Vec<Range<usize>>,
    /// For each row the range of its peers.
    pub peers: Vec<Range<u32>>,
    /// For each row its frame before exclusion.
    frames: Vec<Range<u32>>,
    exclude: FrameExclusion,
}

impl Frames {
    /// Finds partitions, peers and frames of `rows`.
    pub fn new(
        frame: &Frame,
        order_by: &[Key],
        rows: &Batch,
        partition: &Words,
        order: &Words,
        context: &Context<'_>,
    ) -> Result<Self> {
        let partitions = runs(0..rows.rows, partition);
        let mut peers = Vec::with_capacity(rows.rows);
        for range in &partitions {
            for run in runs(range.clone(), order) {
                peers.extend(std::iter::repeat_n(
                    run.start as u32..run.end as u32,
                    run.len(),
                ));
            }
        }
        let mut frames = Self {
            partitions,
            peers,
            frames: Vec::new(),
            exclude: frame.exclude,
        };
        let start = frames.ends(frame, End::Start, order_by, rows, context)?;
        let end = frames.ends(frame, End::End, order_by, rows, context)?;
        frames.frames = start
            .into_iter()
            .zip(end)
            .map(|(start, end)| start..end.max(start))
            .collect();
        Ok(frames)
    }

    /// The frame of a row as ranges of rows, in order, what is excluded left out.
    pub fn of(&self, row: usize) -> impl Iterator<Item = Range<usize>> + Clone {
        let frame = self.frames.get(row).cloned().unwrap_or(0..0);
        let peers = self.peers.get(row).cloned().unwrap_or(0..0);
        let row = row as u32;
        // The frame in up to three parts: before what is excluded, the row itself where only its
        // ties go, and behind.
        let parts = match self.exclude {
            FrameExclusion::NoOthers => [frame, 0..0, 0..0],
            FrameExclusion::CurrentRow => [
                frame.start..frame.end.min(row).max(frame.start),
                0..0,
                frame.start.max(row + 1)..frame.end,
            ],
            FrameExclusion::Group => [
                frame.start..frame.end.min(peers.start).max(frame.start),
                0..0,
                frame.start.max(peers.end)..frame.end,
            ],
            FrameExclusion::Ties => {
                let own = if frame.contains(&row) {
                    row..row + 1
                } else {
                    0..0
                };
                [
                    frame.start..frame.end.min(peers.start).max(frame.start),
                    own,
                    frame.start.max(peers.end)..frame.end,
                ]
            }
        };
        parts
            .into_iter()
            .filter(|part| part.start < part.end)
            .map(|part| part.start as usize..part.end as usize)
    }

    /// The frame of a row as one range, when nothing is excluded anywhere.
    pub fn whole(&self, row: usize) -> Option<Range<usize>> {
        (self.exclude == FrameExclusion::NoOthers)
            .then(|| self.frames.get(row))
            .flatten()
            .map(|frame| frame.start as usize..frame.end as usize)
    }

    /// One end of every row's frame.
    fn ends(
        &self,
        frame: &Frame,
        end: End,
        order_by: &[Key],
        rows: &Batch,
        context: &Context<'_>,
    ) -> Result<Vec<u32>> {
        let bound = match end {
            End::Start => &frame.start,
            End::End => &frame.end,
        };
        match (bound, frame.unit) {
            (Bound::UnboundedPreceding, _) => Ok(self.each(|partition, _| partition.start)),
            (Bound::UnboundedFollowing, _) => Ok(self.each(|partition, _| partition.end)),
            (Bound::CurrentRow, FrameUnit::Rows) => Ok(self.each(|_, row| match end {
                End::Start => row,
                End::End => row + 1,
            })),
            (Bound::CurrentRow, FrameUnit::Range | FrameUnit::Groups) => {
                Ok(self.each(|_, row| self.peer_end(row, end)))
            }
            (Bound::Preceding(offset, _), FrameUnit::Rows) => {
                let offset = count(offset, end, context)?;
                Ok(self.each(|partition, row| {
                    let row = match end {
                        End::Start => row,
                        End::End => row + 1,
                    };
                    row.saturating_sub(offset).max(partition.start)
                }))
            }
            (Bound::Following(offset, _), FrameUnit::Rows) => {
                let offset = count(offset, end, context)?;
                Ok(self.each(|partition, row| {
                    let row = match end {
                        End::Start => row,
                        End::End => row + 1,
                    };
                    row.saturating_add(offset).min(partition.end)
                }))
            }
            (Bound::Preceding(offset, _), FrameUnit::Groups) => {
                let offset = count(offset, end, context)?;
                Ok(self.groups_away(-(offset.min(i64::MAX as usize) as i64), end))
            }
            (Bound::Following(offset, _), FrameUnit::Groups) => {
                let offset = count(offset, end, context)?;
                Ok(self.groups_away(offset.min(i64::MAX as usize) as i64, end))
            }
            (Bound::Preceding(offset, ty), FrameUnit::Range) => {
                self.distance(Side::Preceding, offset, ty, end, order_by, rows, context)
            }
            (Bound::Following(offset, ty), FrameUnit::Range) => {
                self.distance(Side::Following, offset, ty, end, order_by, rows, context)
            }
        }
    }

    fn each(&self, place: impl Fn(&Range<usize>, usize) -> usize) -> Vec<u32> {
        self.partitions
            .iter()
            .flat_map(|partition| partition.clone().map(move |row| (partition, row)))
            .map(|(partition, row)| place(partition, row) as u32)
            .collect()
    }

    fn peer_end(&self, row: usize, end: End) -> usize {
        let peers = self.peers.get(row).cloned().unwrap_or(0..0);
        match end {
            End::Start => peers.start as usize,
            End::End => peers.end as usize,
        }
    }

    /// The start or end of the peer group that lies `away` groups from each row's own.
    fn groups_away(&self, away: i64, end: End) -> Vec<u32> {
        let mut ends = Vec::with_capacity(self.peers.len());
        for partition in &self.partitions {
            let own = |row: usize| self.peers.get(row).cloned().unwrap_or(0..0);
            let mut groups: Vec<Range<u32>> = Vec::new();
            for row in partition.clone() {
                if groups.last() != Some(&own(row)) {
                    groups.push(own(row));
                }
            }
            for (at, group) in groups.iter().enumerate() {
                let reached = (at as i64).saturating_add(away);
                let place = match usize::try_from(reached) {
                    Err(_) => partition.start as u32,
                    Ok(reached) => {
                        groups
                            .get(reached)
                            .map_or(partition.end as u32, |group| match end {
                                End::Start => group.start,
                                End::End => group.end,
                            })
                    }
                };
                ends.extend(std::iter::repeat_n(place, group.len()));
            }
        }
        ends
    }

    /// `RANGE` with an offset: as far as the sort key is not further away than that.
    #[expect(clippy::too_many_arguments, reason = "one place, called twice")]
    fn distance(
        &self,
        side: Side,
        offset: &Compiled,
        offset_type: &Type,
        end: End,
        order_by: &[Key],
        rows: &Batch,
        context: &Context<'_>,
    ) -> Result<Vec<u32>> {
        let [key] = order_by else {
            return Err(Diagnostic::error(
                sqlstate::WINDOWING_ERROR,
                "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column",
            ));
        };
        let one = Batch {
            columns: Vec::new(),
            rows: 1,
        };
        let offset = offset.evaluate(&one, &context.eval)?.value(0, offset_type);
        if offset.is_null() {
            return Err(null_offset(end));
        }
        if is_negative(&offset) {
            return Err(Diagnostic::error(
                sqlstate::INVALID_PRECEDING_OR_FOLLOWING_SIZE,
                "invalid preceding or following size in window function",
            ));
        }
        let keys = key.expr.evaluate(rows, &context.eval)?;
        // Going down, what precedes has larger keys.
        let larger = (side == Side::Following) == (key.direction == Direction::Ascending);
        let (keys, limits, ty) = limits(&keys, &key.ty, offset, offset_type, larger, context)?;
        let compare = |row: usize, limit: &Value| {
            let order = keys.value(row, &ty).cmp(limit);
            match key.direction {
                Direction::Ascending => order,
                Direction::Descending => order.reverse(),
            }
        };
        let mut ends = Vec::with_capacity(rows.rows);
        for partition in &self.partitions {
            let mut at = partition.start;
            // Rows with a NULL key lie together at one side and are each other's frame.
            let known: Vec<usize> = partition
                .clone()
                .filter(|&row| !keys.is_null(row))
                .collect();
            let (first, last) = match (known.first(), known.last()) {
                (Some(&first), Some(&last)) => (first, last + 1),
                _ => (partition.start, partition.start),
            };
            at = at.max(first);
            for row in partition.clone() {
                if keys.is_null(row) {
                    ends.push(self.peer_end(row, end) as u32);
                    continue;
                }
                let limit = limits.value(row, &ty);
                let inside = |order: Ordering| match end {
                    End::Start => order == Ordering::Less,
                    End::End => order != Ordering::Greater,
                };
                while at < last && inside(compare(at, &limit)) {
                    at += 1;
                }
                ends.push(at as u32);
            }
        }
        Ok(ends)
    }
}

/// Which way an offset goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Preceding,
    Following,
}

/// For each key the key plus (or minus) the offset, both in the type of the result.
fn limits(
    keys: &Arc<Column>,
    ty: &Type,
    offset: Value,
    offset_type: &Type,
    larger: bool,
    context: &Context<'_>,
) -> Result<(Arc<Column>, Arc<Column>, Type)> {
    if let (Vector::Int(values), Value::Int(offset)) = (&keys.vector, &offset)
        && ty.is_integer()
    {
        // Saturating, since a frame may reach past the type's range.
        let limits = values
            .iter()
            .map(|value| {
                if larger {
                    value.saturating_add(*offset)
                } else {
                    value.saturating_sub(*offset)
                }
            })
            .collect();
        let limits = Column {
            vector: Vector::Int(limits),
            validity: keys.validity.clone(),
        };
        return Ok((keys.clone(), Arc::new(limits), ty.clone()));
    }
    if let (Vector::Int(values), Value::Interval(offset), Type::Time) = (&keys.vector, &offset, ty)
    {
        // The hours of a day end at its borders: an offset goes past them, not round.
        let step = if larger {
            offset.micros
        } else {
            -offset.micros
        };
        let limits = Column {
            vector: Vector::Int(values.iter().map(|v| v.saturating_add(step)).collect()),
            validity: keys.validity.clone(),
        };
        return Ok((keys.clone(), Arc::new(limits), ty.clone()));
    }
    let id = ColumnId(0);
    let resolved = scalar::resolve_operator(
        if larger { "+" } else { "-" },
        &[ty.clone(), offset_type.clone()],
        None,
    )?;
    let cast = |expr: Expr, to: &Type| {
        if expr.ty == *to {
            expr
        } else {
            Expr::new(
                ExprKind::Cast(Box::new(expr), CastForm::Implicit),
                to.clone(),
            )
        }
    };
    let wanted = |at: usize| resolved.arguments.get(at).cloned().unwrap_or(Type::Unknown);
    let result = resolved.ty.clone();
    let limit = Expr::new(
        ExprKind::Call(
            resolved.function,
            vec![
                cast(Expr::column(id, ty.clone()), &wanted(0)),
                cast(Expr::literal(offset, offset_type.clone()), &wanted(1)),
            ],
        ),
        result.clone(),
    );
    let key = cast(Expr::column(id, ty.clone()), &result);
    let batch = Batch {
        columns: vec![keys.clone()],
        rows: keys.len(),
    };
    let layout = layout(&vec![(id, ty.clone())]);
    let compute =
        |expr: &Expr| Compiled::new(expr, &layout, &context.eval)?.evaluate(&batch, &context.eval);
    Ok((compute(&key)?, compute(&limit)?, result))
}

fn is_negative(value: &Value) -> bool {
    match value {
        Value::Int(n) => *n < 0,
        Value::Numeric(n) => n.mantissa() < 0,
        Value::Float(n) => *n < 0.0 || n.is_nan(),
        Value::Interval(n) => *n < crate::base::Interval::default(),
        Value::Null
        | Value::Bool(_)
        | Value::Text(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::Timestamp(_)
        | Value::Uuid(_)
        | Value::Array(_)
        | Value::Record(_) => false,
    }
}

/// The value of an offset that counts rows or groups.
fn count(offset: &Compiled, end: End, context: &Context<'_>) -> Result<usize> {
    let one = Batch {
        columns: Vec::new(),
        rows: 1,
    };
    let name = match end {
        End::Start => "starting",
        End::End => "ending",
    };
    match offset
        .evaluate(&one, &context.eval)?
        .value(0, &Type::BigInt)
    {
        Value::Int(n) => usize::try_from(n).map_err(|_| {
            Diagnostic::error(
                sqlstate::INVALID_PRECEDING_OR_FOLLOWING_SIZE,
                format!("frame {name} offset must not be negative"),
            )
        }),
        _ => Err(null_offset(end)),
    }
}

fn null_offset(end: End) -> Box<Diagnostic> {
    let name = match end {
        End::Start => "starting",
        End::End => "ending",
    };
    Diagnostic::error(
        sqlstate::NULL_VALUE_NOT_ALLOWED,
        format!("frame {name} offset must not be null"),
    )
}

/// Runs of rows whose words are equal.
fn runs(rows: Range<usize>, words: &Words) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = rows.start;
    for row in rows.start + 1..rows.end {
        if words.compare(row as u32 - 1, row as u32) != Ordering::Equal {
            runs.push(start..row);
            start = row;
        }
    }
    if start < rows.end {
        runs.push(start..rows.end);
    }
    runs
}
