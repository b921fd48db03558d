//! ORDER BY with LIMIT over joins: where an index has the order, the rows that come first are
//! joined first, and the rest only if these give too few.

use super::super::enough::Enough;
use super::access::is_volatile;
use super::joins::stored_column;
use super::{Builder, Built, Needed, arranged};
use crate::base::{Result, Type};
use crate::engine::expr::{ColumnId, Comparison, Expr, ExprKind};
use crate::engine::plan::rewrite::{begin_with, leading_scan};
use crate::engine::plan::{Direction, Nulls, Plan, SortKey};
use std::ops::Bound;

/// At least so many rows of the leading table are tried.
const LEAST_ROWS: usize = 64;
/// They must be at most one in so many of the table: a range of an index is then worth reading.
const SHARE: usize = 16;
/// How much more is tried when the first rows give too few.
const GROWTH: usize = 8;

impl Builder<'_, '_> {
    /// The rows of a plan, but for those that cannot be among the first `limit` in the order of
    /// `keys`; gives nothing where no index says which these are.
    pub(super) fn first_rows(
        &self,
        input: &Plan,
        keys: &[SortKey],
        limit: usize,
        needed: &Needed,
    ) -> Result<Option<Built>> {
        let mut rows = limit.max(LEAST_ROWS);
        let mut tries = Vec::new();
        while let Some(plan) = self.beginning(input, keys, rows) {
            tries.push(plan);
            rows = rows.saturating_mul(GROWTH);
        }
        if tries.is_empty() {
            return Ok(None);
        }
        let whole = self.plan(input, needed)?;
        let columns: Vec<ColumnId> = whole.schema.iter().map(|(id, _)| *id).collect();
        let mut inputs = Vec::new();
        let mut nodes = Vec::new();
        for plan in &tries {
            let built = arranged(self.plan(plan, needed)?, &columns);
            inputs.push(built.operator);
            nodes.extend(built.node);
        }
        inputs.push(whole.operator);
        nodes.extend(whole.node);
        let operator = Enough {
            inputs: inputs.into(),
            wanted: limit,
            ready: std::collections::VecDeque::new(),
        };
        let count = limit as f64;
        Ok(Some(self.built(
            "First Enough",
            operator,
            whole.schema,
            count,
            nodes,
            || vec![("Order".into(), self.order_text(keys))],
        )))
    }

    /// The plan over the first rows of the table whose index has the first key: at least `rows`
    /// of them, and all that have the key of the last.
    fn beginning(&self, input: &Plan, keys: &[SortKey], rows: usize) -> Option<Plan> {
        let key = keys.first()?;
        let (ExprKind::Column(id), Plan::Join(_) | Plan::Project { .. } | Plan::Filter { .. }) =
            (&key.expr.kind, input)
        else {
            return None;
        };
        let (scan, column) = leading_scan(input, *id)?;
        let own = Expr::column(column, key.expr.ty.clone());
        let place = stored_column(scan, &own)?;
        let table = self.context.storage.table(&scan.table)?;
        let most = table.row_count() / SHARE;
        if rows > most {
            return None;
        }
        let mut indexes = table.indexes().iter();
        let index = indexes.find(|index| index.columns.first() == Some(&place))?;
        let (comparison, last) = match (key.direction, key.nulls) {
            (Direction::Ascending, Nulls::Last) => (Comparison::LtEq, index.rows().nth(rows)?),
            (Direction::Descending, Nulls::First) => {
                let largest = index.rows().next_back()?;
                if table.value(largest, place).is_null() {
                    return None;
                }
                (Comparison::GtEq, index.rows().rev().nth(rows)?)
            }
            (Direction::Ascending, Nulls::First) | (Direction::Descending, Nulls::Last) => {
                return None;
            }
        };
        let value = table.value(last, place);
        if value.is_null() {
            return None;
        }
        let within = match comparison {
            Comparison::LtEq => (Bound::Unbounded, Bound::Included(&value)),
            _ => (Bound::Included(&value), Bound::Unbounded),
        };
        if index.range(table, &[], within.0, within.1).count_left() > most {
            return None;
        }
        let mut volatile = false;
        input.every(&mut |part| part.exprs(&mut |expr| volatile |= is_volatile(expr)));
        if volatile {
            return None;
        }
        let bound = Expr::literal(value, own.ty.clone());
        let condition = Expr::new(
            ExprKind::Compare(comparison, Box::new(own), Box::new(bound)),
            Type::Boolean,
        );
        Some(begin_with(
            input.clone(),
            *id,
            condition,
            self.context.storage,
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::base::Value;
    use crate::engine::Database;

    fn database() -> Database {
        let mut database = Database::new();
        let script = "
            CREATE TABLE a (id bigint PRIMARY KEY, day integer NOT NULL, grade integer, note text);
            CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint NOT NULL, amount integer);
            INSERT INTO a SELECT i, i * 7919 % 4001, i % 3, 'n' || i FROM generate_series(1, 6000) AS g(i);
            INSERT INTO b SELECT i, 1 + i * 31 % 6000, i % 11 FROM generate_series(1, 9000) AS g(i);
            CREATE INDEX a_day ON a (day); CREATE INDEX a_grade ON a (grade);
            CREATE INDEX b_a ON b (a_id);
            INSERT INTO a VALUES (7000, 5000, NULL, 'last');
            INSERT INTO b VALUES (9999, 7000, 1)";
        let (_, error) = database.run_script(script);
        assert!(error.is_none(), "{error:?}");
        database
    }

    fn rows(database: &mut Database, text: &str) -> Vec<Vec<Value>> {
        let result = database.run(text, &[]).expect(text).result;
        result.iter().flat_map(|result| result.rows(0)).collect()
    }

    fn plan(database: &mut Database, text: &str) -> String {
        let lines = rows(database, &format!("EXPLAIN {text}"));
        lines.iter().map(|line| format!("{line:?}\n")).collect()
    }

    #[test]
    fn the_first_rows_by_an_index_are_those_of_a_full_sort() {
        let mut database = database();
        let from = "SELECT a.id, a.note, b.id, b.amount FROM a JOIN b ON b.a_id = a.id";
        let left = "SELECT a.id, b.id FROM a LEFT JOIN b ON b.a_id = a.id";
        let cases = [
            (from, "", "day", ", b.id LIMIT 10"),
            (from, "", "day", " DESC, b.id DESC LIMIT 10"),
            (from, "", "day", " DESC, b.id LIMIT 20 OFFSET 15"),
            (left, "", "day", ", a.id, b.id LIMIT 40"),
            (from, "WHERE b.amount = 3", "day", ", b.id LIMIT 5"),
            // So few that the rows behind the first are needed.
            (from, "WHERE b.id > 8990", "day", ", b.id LIMIT 8"),
            (from, "WHERE b.amount = 99", "day", ", b.id LIMIT 8"),
            (
                from,
                "WHERE b.id IN (SELECT max(id) FROM b GROUP BY amount)",
                "day",
                ", b.id LIMIT 3",
            ),
            // Most rows have the first key; NULL comes last or first.
            (from, "", "grade", ", b.id LIMIT 9"),
            (from, "", "grade", " DESC, b.id LIMIT 9"),
            (from, "", "grade", " DESC NULLS LAST, b.id LIMIT 9"),
        ];
        for (select, condition, key, rest) in cases {
            let text = format!("{select} {condition} ORDER BY a.{key}{rest}");
            // No index has the order of an expression.
            let plain = format!("{select} {condition} ORDER BY a.{key} + 0{rest}");
            assert_eq!(
                rows(&mut database, &text),
                rows(&mut database, &plain),
                "{text}"
            );
        }
    }

    #[test]
    fn only_orders_that_an_index_has_are_begun_with() {
        let mut database = database();
        let from = "SELECT a.id, b.id FROM a JOIN b ON b.a_id = a.id";
        let begins = |database: &mut Database, rest: &str| {
            plan(database, &format!("{from} {rest}")).contains("First Enough")
        };
        assert!(begins(&mut database, "ORDER BY a.day LIMIT 10"));
        assert!(begins(
            &mut database,
            "ORDER BY a.day DESC, b.amount LIMIT 10"
        ));
        assert!(!begins(
            &mut database,
            "ORDER BY a.day NULLS FIRST LIMIT 10"
        ));
        assert!(!begins(&mut database, "ORDER BY a.note LIMIT 10"));
        assert!(!begins(&mut database, "ORDER BY a.day LIMIT 1000"));
        assert!(!begins(&mut database, "ORDER BY a.day"));
        assert!(!begins(&mut database, "ORDER BY a.grade LIMIT 10"));
        assert!(!begins(
            &mut database,
            "WHERE random() < 2 ORDER BY a.day LIMIT 10"
        ));
    }
}
