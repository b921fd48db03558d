//! Scans: which index finds the rows, if one does, and which chunks need not be read.

use super::super::scan::{Access, IndexScan, ScanOutput, TableScan};
use super::super::{BATCH_ROWS, layout};
use super::joins::{no_table, stored_column};
use super::{Builder, Built, Needed, columns_of};
use crate::base::{Numeric, Result, Type, Value};
use crate::engine::eval::evaluate_constant;
use crate::engine::expr::{Comparison, Expr, ExprKind, Negation};
use crate::engine::plan::{Direction, Nulls, Plan, Scan, SortKey};
use crate::engine::scalar::Volatility;
use crate::engine::storage::TableData;
use std::ops::Bound;
use std::sync::Arc;

/// A range that would read more of the table than this share is no work for an index.
const RANGE_SHARE: usize = 8;

/// What the predicates say about one column.
#[derive(Clone, Debug, Default)]
struct Restriction {
    column: usize,
    /// The values it may have, if they are listed.
    values: Option<Vec<Value>>,
    low: Option<Bound<Value>>,
    high: Option<Bound<Value>>,
}

impl Builder<'_, '_> {
    /// A scan with further predicates.
    pub(super) fn scan(&self, scan: &Scan, further: &[Expr], needed: &Needed) -> Result<Built> {
        let table = self
            .context
            .storage
            .table(&scan.table)
            .ok_or_else(|| no_table(&scan.table))?
            .clone();
        let predicates: Vec<Expr> = scan.predicates.iter().chain(further).cloned().collect();
        let schema = self.scan_schema(scan, &predicates, needed);
        if let Some(recorder) = self.recorder {
            recorder.name_scan(scan, self.context.storage.catalog());
        }
        let restrictions = self.restrictions(scan, &predicates)?;
        let rows = table.row_count();
        if let Some((index, access, found)) = choose(&table, &restrictions) {
            let name = table.indexes().get(index).map(|index| index.name.clone());
            let operator = IndexScan {
                output: self.scan_output(scan, &schema, &predicates)?,
                table,
                index,
                access,
                found: None,
                first_batch: BATCH_ROWS,
            };
            let details = || {
                let mut details = vec![("Table".into(), self.table_text(scan))];
                details.extend(name.map(|name| ("Index".into(), name.to_string())));
                details.push(("Condition".into(), self.texts(&predicates)));
                details
            };
            return Ok(self.built("Index Scan", operator, schema, found as f64, [], details));
        }
        let operator = TableScan {
            output: self.scan_output(scan, &schema, &predicates)?,
            zones: restrictions
                .iter()
                .filter_map(|r| zone(&table, r))
                .collect(),
            table,
            chunk: 0,
        };
        let estimate = rows as f64 * 0.3_f64.powi(predicates.len().min(3) as i32);
        Ok(self.built(
            "Table Scan",
            operator,
            schema,
            estimate.max(1.0),
            [],
            || {
                let mut details = vec![("Table".into(), self.table_text(scan))];
                if !predicates.is_empty() {
                    details.push(("Condition".into(), self.texts(&predicates)));
                }
                details
            },
        ))
    }

    /// A scan that gives its rows in the wanted order by an index, when only the first rows are
    /// wanted.
    pub(super) fn ordered_scan(
        &self,
        input: &Plan,
        keys: &[SortKey],
        limit: usize,
        needed: &Needed,
    ) -> Result<Option<Built>> {
        let (scan, further): (&Scan, &[Expr]) = match input {
            Plan::Scan(scan) => (scan, &[]),
            Plan::Filter { input, predicates } => match input.as_ref() {
                Plan::Scan(scan) => (scan, predicates),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let Some(table) = self.context.storage.table(&scan.table) else {
            return Ok(None);
        };
        // An index hands out rows one by one; sorting all of a small table is as good, and so it
        // is when many rows are wanted.
        if limit * 16 > table.row_count() || !further.is_empty() || !scan.predicates.is_empty() {
            return Ok(None);
        }
        let Some(direction) = keys.first().map(|key| key.direction) else {
            return Ok(None);
        };
        let nulls = match direction {
            Direction::Ascending => Nulls::Last,
            Direction::Descending => Nulls::First,
        };
        let fits = keys
            .iter()
            .all(|key| key.direction == direction && key.nulls == nulls);
        let columns: Option<Vec<usize>> = keys
            .iter()
            .map(|key| stored_column(scan, &key.expr))
            .collect();
        let (true, Some(columns)) = (fits, columns) else {
            return Ok(None);
        };
        let Some(at) = table
            .indexes()
            .iter()
            .position(|index| index.columns.starts_with(&columns))
        else {
            return Ok(None);
        };
        if let Some(recorder) = self.recorder {
            recorder.name_scan(scan, self.context.storage.catalog());
        }
        let schema = self.scan_schema(scan, &[], needed);
        let name = table.indexes().get(at).map(|index| index.name.clone());
        let operator = IndexScan {
            table: table.clone(),
            index: at,
            access: match direction {
                Direction::Ascending => Access::Ordered,
                Direction::Descending => Access::Reversed,
            },
            output: self.scan_output(scan, &schema, &[])?,
            found: None,
            first_batch: limit.clamp(1, BATCH_ROWS),
        };
        Ok(Some(self.built(
            "Index Scan",
            operator,
            schema,
            limit as f64,
            [],
            || {
                let mut details = vec![("Table".into(), self.table_text(scan))];
                details.extend(name.map(|name| ("Index".into(), name.to_string())));
                details.push(("Order".into(), self.order_text(keys)));
                details
            },
        )))
    }

    fn table_text(&self, scan: &Scan) -> String {
        if scan.alias == scan.table {
            scan.table.to_string()
        } else {
            format!("{} as {}", scan.table, scan.alias)
        }
    }

    /// The columns that are needed, and those that the predicates read.
    fn scan_schema(&self, scan: &Scan, predicates: &[Expr], needed: &Needed) -> super::Schema {
        let mut wanted = needed.clone();
        columns_of(predicates, &mut wanted);
        scan.columns
            .iter()
            .filter(|(id, _, _)| wanted.contains(*id))
            .map(|(id, _, ty)| (*id, ty.clone()))
            .collect()
    }

    /// What a scan gives for a schema of its columns.
    pub(super) fn scan_output(
        &self,
        scan: &Scan,
        schema: &super::Schema,
        predicates: &[Expr],
    ) -> Result<ScanOutput> {
        Ok(ScanOutput {
            columns: schema
                .iter()
                .filter_map(|(id, ty)| {
                    scan.columns
                        .iter()
                        .find(|(own, _, _)| own == id)
                        .map(|(_, column, _)| (*column, ty.clone()))
                })
                .collect(),
            predicates: self.compile_all(predicates, &layout(schema))?,
        })
    }

    /// What comparisons with constants say about stored columns.
    fn restrictions(&self, scan: &Scan, predicates: &[Expr]) -> Result<Vec<Restriction>> {
        let mut all: Vec<Restriction> = Vec::new();
        for predicate in predicates {
            let Some((column, found)) = self.restriction(scan, predicate)? else {
                continue;
            };
            match all.iter_mut().find(|known| known.column == column) {
                Some(known) => {
                    known.values = known.values.take().or(found.values);
                    known.low = known.low.take().or(found.low);
                    known.high = known.high.take().or(found.high);
                }
                None => all.push(found),
            }
        }
        Ok(all)
    }

    fn restriction(&self, scan: &Scan, predicate: &Expr) -> Result<Option<(usize, Restriction)>> {
        // The constants of a condition that cannot be computed fail where the condition is
        // evaluated, if ever it is.
        let constant = |expr: &Expr| {
            if !expr.reads().is_empty() || is_volatile(expr) {
                return None;
            }
            evaluate_constant(expr, &self.context.eval).ok()
        };
        match &predicate.kind {
            ExprKind::Compare(comparison, a, b) => {
                let (column, value, comparison) =
                    match (stored_column(scan, a), stored_column(scan, b)) {
                        (Some(column), None) => (column, constant(b), *comparison),
                        (None, Some(column)) => (column, constant(a), mirrored(*comparison)),
                        _ => return Ok(None),
                    };
                let Some(value) = value.filter(|value| !value.is_null()) else {
                    return Ok(None);
                };
                let mut found = Restriction {
                    column,
                    ..Restriction::default()
                };
                match comparison {
                    Comparison::Eq => found.values = Some(vec![value]),
                    Comparison::Lt => found.high = Some(Bound::Excluded(value)),
                    Comparison::LtEq => found.high = Some(Bound::Included(value)),
                    Comparison::Gt => found.low = Some(Bound::Excluded(value)),
                    Comparison::GtEq => found.low = Some(Bound::Included(value)),
                    Comparison::NotEq | Comparison::Distinct | Comparison::NotDistinct => {
                        return Ok(None);
                    }
                }
                Ok(Some((column, found)))
            }
            ExprKind::InList {
                operand,
                list,
                negated: Negation::Plain,
            } => {
                let Some(column) = stored_column(scan, operand) else {
                    return Ok(None);
                };
                let values: Option<Vec<Value>> = list.iter().map(constant).collect();
                Ok(values.map(|values| {
                    let values = values
                        .into_iter()
                        .filter(|value| !value.is_null())
                        .collect();
                    (
                        column,
                        Restriction {
                            column,
                            values: Some(values),
                            ..Restriction::default()
                        },
                    )
                }))
            }
            _ => Ok(None),
        }
    }
}

fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Lt => Comparison::Gt,
        Comparison::LtEq => Comparison::GtEq,
        Comparison::Gt => Comparison::Lt,
        Comparison::GtEq => Comparison::LtEq,
        Comparison::Eq | Comparison::NotEq | Comparison::Distinct | Comparison::NotDistinct => {
            comparison
        }
    }
}

/// The index that finds the fewest rows, how, and about how many.
fn choose(table: &TableData, restrictions: &[Restriction]) -> Option<(usize, Access, usize)> {
    if restrictions.is_empty() {
        return None;
    }
    let of = |column: usize| restrictions.iter().find(|r| r.column == column);
    let mut best: Option<(usize, Access, usize)> = None;
    for (at, index) in table.indexes().iter().enumerate() {
        let mut keys: Vec<Vec<Value>> = vec![Vec::new()];
        let mut range = None;
        for &column in &index.columns {
            let Some(restriction) = of(column) else { break };
            match &restriction.values {
                Some(values) if keys.len() * values.len() <= table.row_count() => {
                    keys = keys
                        .iter()
                        .flat_map(|key| {
                            values.iter().map(move |value| {
                                let mut key = key.clone();
                                key.push(value.clone());
                                key
                            })
                        })
                        .collect();
                }
                Some(_) => break,
                None => {
                    range = Some((restriction.low.clone(), restriction.high.clone()));
                    break;
                }
            }
        }
        let candidate = match (keys.as_slice(), range) {
            ([prefix], Some((low, high))) => {
                let low = low.unwrap_or(Bound::Unbounded);
                let high = high.unwrap_or(Bound::Unbounded);
                let found = index
                    .range(table, prefix, low.as_ref(), high.as_ref())
                    .count_left();
                (found * RANGE_SHARE <= table.row_count())
                    .then(|| (Access::Range(prefix.clone(), low, high), found))
            }
            (keys, _) if keys.iter().all(|key| key.is_empty()) && !keys.is_empty() => None,
            (keys, _) => {
                let found = keys
                    .iter()
                    .take(64)
                    .map(|key| index.lookup(table, key).count_left())
                    .sum::<usize>();
                let found = if keys.len() > 64 {
                    found.saturating_mul(keys.len() / 64)
                } else {
                    found
                };
                (found * 3 <= table.row_count().max(3))
                    .then(|| (Access::Keys(keys.to_vec()), found))
            }
        };
        if let Some((access, found)) = candidate
            && best.as_ref().is_none_or(|(_, _, least)| found < *least)
        {
            let unique = found <= 1;
            best = Some((at, access, found));
            if unique {
                break;
            }
        }
    }
    best
}

/// The range an integer-like column must lie in, in the form that chunks keep theirs.
fn zone(
    table: &Arc<TableData>,
    restriction: &Restriction,
) -> Option<(usize, Bound<i64>, Bound<i64>)> {
    let ty = table.types().get(restriction.column)?;
    let physical = |value: &Value| -> Option<i64> {
        match (value, ty) {
            (Value::Int(n), _) => Some(*n),
            (Value::Date(n), Type::Date) => Some(i64::from(*n)),
            (Value::Timestamp(n), Type::Timestamp | Type::TimestampTz) => Some(*n),
            (Value::Time(n), Type::Time) => Some(*n),
            (Value::Numeric(n), Type::Numeric(Some((_, scale)))) => exact_at(*n, *scale),
            _ => None,
        }
    };
    let bound = |bound: &Option<Bound<Value>>| match bound {
        Some(Bound::Included(value)) => physical(value).map(Bound::Included),
        Some(Bound::Excluded(value)) => physical(value).map(Bound::Excluded),
        _ => None,
    };
    if let Some([value]) = restriction.values.as_deref() {
        let value = physical(value)?;
        return Some((
            restriction.column,
            Bound::Included(value),
            Bound::Included(value),
        ));
    }
    let (low, high) = (bound(&restriction.low), bound(&restriction.high));
    if low.is_none() && high.is_none() {
        return None;
    }
    Some((
        restriction.column,
        low.unwrap_or(Bound::Unbounded),
        high.unwrap_or(Bound::Unbounded),
    ))
}

/// The mantissa of a numeric at a scale, if no digit is lost.
fn exact_at(value: Numeric, scale: u16) -> Option<i64> {
    let scale = u8::try_from(scale).ok()?;
    let mantissa = if value.scale() <= scale {
        let factor = 10_i128.checked_pow(u32::from(scale - value.scale()))?;
        value.mantissa().checked_mul(factor)?
    } else {
        let factor = 10_i128.checked_pow(u32::from(value.scale() - scale))?;
        if value.mantissa() % factor != 0 {
            return None;
        }
        value.mantissa() / factor
    };
    i64::try_from(mantissa).ok()
}

/// Whether a call in it may give something else the next time.
pub(super) fn is_volatile(expr: &Expr) -> bool {
    expr.any(&mut |part| {
        matches!(&part.kind, ExprKind::Call(function, _)
            if function.volatility == Volatility::Volatile)
    })
}
