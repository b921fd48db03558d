//! Plans of queries that have run, found again by their text.
//!
//! Pages and ORMs send one query again and again with other keys. Whole numbers behind a comparison
//! are therefore no part of what a plan is found by: they become parameters of it, where nothing
//! but the comparison of a column depends on them. A plan serves as long as the definitions, the
//! pinned present and about the sizes of its tables are as they were; rows may have changed, for
//! plans hold none.

use super::Plan;
use super::rewrite::Statistics;
use crate::base::{Span, Type, Value};
use crate::engine::catalog::Catalog;
use crate::engine::expr::{Expr, ExprKind};
use crate::engine::scalar::Volatility;
use crate::engine::statement::Query;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// How many plans are kept; when there are more, all are forgotten.
const MOST_PLANS: usize = 256;
/// Longer texts, in bytes, are not looked for.
const LONGEST_TEXT: usize = 4096;
/// A plan is made anew when a table has grown or shrunk by this factor.
const GROWTH: f64 = 4.0;
/// Up to so many rows a table is small, however it has grown.
const SMALL_TABLE: f64 = 1000.0;

/// The plans of one session.
#[derive(Clone, Default)]
pub struct PlanCache {
    plans: HashMap<String, Rc<Known>>,
}

/// What a plan depends on besides its text.
pub struct Situation<'a> {
    /// The definitions.
    pub catalog: &'a Arc<Catalog>,
    /// The sizes of tables.
    pub statistics: &'a dyn Statistics,
    /// The types of the parameters.
    pub parameters: &'a [Type],
    /// The pinned present.
    pub now: i64,
}

/// A plan and what it holds for.
struct Known {
    query: Query,
    /// For each number of the text its value, or that it is a parameter.
    numbers: Vec<Lifted>,
    parameters: Vec<Type>,
    catalog: Arc<Catalog>,
    now: i64,
    /// The tables and how many rows they had.
    tables: Vec<(Arc<str>, f64)>,
}

/// Whether a number of the text is a parameter of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lifted {
    /// It is one.
    Parameter,
    /// The plan holds for this value.
    Fixed(i64),
}

/// A plan that was found.
pub struct Found {
    known: Rc<Known>,
    /// The values of the parameters behind those of the statement.
    pub numbers: Vec<Value>,
}

impl Found {
    /// The query.
    pub fn query(&self) -> &Query {
        &self.known.query
    }
}

impl PlanCache {
    /// The plan of a text, if one is known that holds now.
    pub fn find(&self, text: &str, situation: &Situation<'_>) -> Option<Found> {
        if self.plans.is_empty() {
            return None;
        }
        let template = Template::of(text)?;
        let known = self.plans.get(&template.text)?;
        let mut numbers = Vec::new();
        for (number, lifted) in template.numbers.iter().zip(&known.numbers) {
            match lifted {
                Lifted::Parameter => numbers.push(Value::Int(number.value)),
                Lifted::Fixed(value) if *value == number.value => {}
                Lifted::Fixed(_) => return None,
            }
        }
        let same_size = |(table, before): &(Arc<str>, f64)| {
            let rows = situation.statistics.rows(table);
            let (small, large) = (rows.min(*before), rows.max(*before));
            large <= small.max(SMALL_TABLE) * GROWTH
        };
        let holds = Arc::ptr_eq(&known.catalog, situation.catalog)
            && known.now == situation.now
            && known.parameters == situation.parameters
            && known.tables.iter().all(same_size);
        holds.then(|| Found {
            known: known.clone(),
            numbers,
        })
    }

    /// Optimizes a bound query by `optimize` and keeps the plan. Gives what to run.
    ///
    /// # Errors
    /// Those of `optimize`.
    pub fn plan<E>(
        &mut self,
        text: &str,
        bound: Query,
        situation: &Situation<'_>,
        optimize: impl FnOnce(Query) -> Result<Query, E>,
    ) -> Result<Found, E> {
        let template = Template::of(text);
        let numbers = template.iter().flat_map(|template| &template.numbers);
        let mut candidates: Vec<(Number, bool)> = numbers
            .map(|number| (*number, is_alone(*number, template.as_ref(), &bound.plan)))
            .collect();
        let mut query = optimize(bound)?;
        let mut values = Vec::new();
        for (number, lift) in &mut candidates {
            *lift = *lift && is_only_compared(*number, &query.plan);
            if *lift {
                let place = situation.parameters.len() + values.len();
                replace(number.span, place as u32, &mut query.plan);
                values.push(Value::Int(number.value));
            }
        }
        let lifted = |(number, lift): &(Number, bool)| match lift {
            true => Lifted::Parameter,
            false => Lifted::Fixed(number.value),
        };
        let known = Rc::new(Known {
            numbers: candidates.iter().map(lifted).collect(),
            parameters: situation.parameters.to_vec(),
            catalog: situation.catalog.clone(),
            now: situation.now,
            tables: tables(&query.plan, situation.statistics),
            query,
        });
        if let Some(template) = template
            && !is_volatile(&known.query.plan)
        {
            if self.plans.len() >= MOST_PLANS {
                self.plans.clear();
            }
            self.plans.insert(template.text, known.clone());
        }
        Ok(Found {
            known,
            numbers: values,
        })
    }
}

/// A whole number in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Number {
    span: Span,
    value: i64,
    /// Whether it stands behind a sign of comparison.
    compared: bool,
}

/// A text without its numbers.
#[derive(Debug, PartialEq, Eq)]
struct Template {
    /// The text with NUL, which no statement holds, in place of each number.
    text: String,
    numbers: Vec<Number>,
}

impl Template {
    /// Finds the numbers of type integer: at most nine digits, no point, no exponent. Texts with
    /// comments, escapes or dollar quotes have no template.
    fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() > LONGEST_TEXT {
            return None;
        }
        let mut found = Self {
            text: String::with_capacity(text.len()),
            numbers: Vec::new(),
        };
        let (mut at, mut copied) = (0, 0);
        // The last byte that is no blank.
        let mut before = b' ';
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at + 1).copied().unwrap_or(b' ');
            let start = at;
            match byte {
                b'\\' | 0 => return None,
                b'-' if next == b'-' => return None,
                b'/' if next == b'*' => return None,
                b'$' if !next.is_ascii_digit() => return None,
                b'\'' | b'"' => {
                    let end = bytes.get(at + 1..)?.iter().position(|&b| b == byte)?;
                    at += end + 2;
                }
                _ if is_word(byte) => {
                    at += bytes.get(at..)?.iter().take_while(|&&b| is_word(b)).count();
                    let word = text.get(start..at)?;
                    let whole = word.len() <= 9 && word.bytes().all(|b| b.is_ascii_digit());
                    if whole && let Ok(value) = word.parse() {
                        found.text.push_str(text.get(copied..start)?);
                        found.text.push('\0');
                        copied = at;
                        found.numbers.push(Number {
                            span: Span::new(start as u32, at as u32),
                            value,
                            compared: matches!(before, b'=' | b'<' | b'>'),
                        });
                    }
                }
                _ => at += 1,
            }
            if !byte.is_ascii_whitespace() {
                before = byte;
            }
        }
        found.text.push_str(text.get(copied..)?);
        Some(found)
    }
}

/// Whether a byte goes on a name or a number.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.') || byte >= 0x80
}

/// Whether no other constant of the statement has the value: then nothing was, or will be, taken
/// for equal because of it.
fn is_alone(number: Number, template: Option<&Template>, bound: &Plan) -> bool {
    let numbers = template.iter().flat_map(|template| &template.numbers);
    let same_texts = numbers.filter(|other| other.value == number.value).count();
    let (mut same_values, mut there) = (0, false);
    each(bound, &mut |expr| {
        if matches!(expr.kind, ExprKind::Literal(Value::Int(value)) if value == number.value) {
            same_values += 1;
            there = there || expr.span == Some(number.span);
        }
    });
    number.compared && same_texts == 1 && same_values == 1 && there
}

/// Whether a number stands in conditions that compare it with a column, and nowhere else.
fn is_only_compared(number: Number, plan: &Plan) -> bool {
    let (mut all, mut compared) = (0, 0);
    plan.every(&mut |part| {
        for predicate in conditions(part) {
            compared += usize::from(compares(predicate, number.span));
        }
    });
    each(plan, &mut |expr| {
        all += usize::from(expr.span == Some(number.span));
    });
    all > 0 && all == compared
}

/// The conditions that keep rows.
fn conditions(plan: &Plan) -> &[Expr] {
    match plan {
        Plan::Scan(scan) => &scan.predicates,
        Plan::Filter { predicates, .. } => predicates,
        Plan::Values { .. }
        | Plan::TableFunction { .. }
        | Plan::Project { .. }
        | Plan::Join(_)
        | Plan::Aggregate(_)
        | Plan::Window(_)
        | Plan::Distinct { .. }
        | Plan::DistinctOn { .. }
        | Plan::Sort { .. }
        | Plan::Limit { .. }
        | Plan::SetOperation(_)
        | Plan::With { .. }
        | Plan::CteScan { .. } => &[],
    }
}

/// Whether a condition compares a column with the integer at a place of the text.
fn compares(condition: &Expr, span: Span) -> bool {
    let is_column = |expr: &Expr| matches!(expr.kind, ExprKind::Column(_));
    let is_number = |expr: &Expr| {
        matches!(expr.kind, ExprKind::Literal(Value::Int(_)))
            && expr.ty.is_integer()
            && expr.span == Some(span)
    };
    match &condition.kind {
        ExprKind::Compare(_, left, right) => {
            condition.span != Some(span)
                && ((is_column(left) && is_number(right)) || (is_number(left) && is_column(right)))
        }
        _ => false,
    }
}

/// Puts a parameter in place of the integer at a place of the text.
fn replace(span: Span, parameter: u32, plan: &mut Plan) {
    fn inside(expr: &mut Expr, span: Span, parameter: u32) {
        if expr.span == Some(span) {
            expr.kind = ExprKind::Parameter(parameter);
        }
        expr.children_mut(&mut |child| inside(child, span, parameter));
    }
    plan.exprs_mut(&mut |expr| inside(expr, span, parameter));
    plan.inputs_mut(&mut |input| replace(span, parameter, input));
}

/// Visits every expression of a plan, those of subqueries too.
fn each<'a>(plan: &'a Plan, visit: &mut dyn FnMut(&'a Expr)) {
    fn inside<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
        visit(expr);
        expr.children(&mut |child| inside(child, visit));
    }
    plan.every(&mut |part| part.exprs(&mut |expr| inside(expr, visit)));
}

/// Whether running it again may give something else for no change in the rows.
fn is_volatile(plan: &Plan) -> bool {
    let mut found = false;
    each(plan, &mut |expr| {
        found |= matches!(&expr.kind, ExprKind::Call(function, _)
            if function.volatility == Volatility::Volatile);
    });
    found
}

/// The stored tables and how many rows they have.
fn tables(plan: &Plan, statistics: &dyn Statistics) -> Vec<(Arc<str>, f64)> {
    let mut tables: Vec<(Arc<str>, f64)> = Vec::new();
    plan.every(&mut |part| {
        if let Plan::Scan(scan) = part
            && !tables.iter().any(|(table, _)| *table == scan.table)
        {
            tables.push((scan.table.clone(), statistics.rows(&scan.table)));
        }
    });
    tables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Database;

    fn numbers(text: &str) -> Option<Vec<(i64, bool)>> {
        let found = Template::of(text)?;
        let number = |number: &Number| (number.value, number.compared);
        Some(found.numbers.iter().map(number).collect())
    }

    #[test]
    fn whole_numbers_are_told_from_all_else() {
        let none = Some(Vec::new());
        assert_eq!(numbers("a = 5 LIMIT 3"), Some(vec![(5, true), (3, false)]));
        assert_eq!(numbers("a1 = t.b2 AND c = $1"), none);
        assert_eq!(numbers("a = '1' AND \"b 2\" = 'it''s 3'"), none);
        assert_eq!(numbers("a = 1.5 OR a = 1e5 OR a = 1234567890"), none);
        assert_eq!(numbers("a >=7"), Some(vec![(7, true)]));
        assert_eq!(numbers("a = -7"), Some(vec![(7, false)]));
        for text in ["a = 1 -- b", "a /* b */", "E'\\''", "$$a$$", "'a"] {
            assert_eq!(numbers(text), None, "{text}");
        }
    }

    /// What a database gives for a text, as text, and an error with its place.
    fn answer(database: &mut Database, text: &str) -> String {
        match database.run(text, &[]) {
            Ok(outcome) => {
                let rows = outcome.result.iter().flat_map(|result| result.rows(0));
                rows.map(|row| format!("{row:?}")).collect()
            }
            Err(error) => format!("{} at {:?}", error.message, error.span),
        }
    }

    /// A database that has run all texts before gives what a new one gives.
    fn holds(script: &str, texts: &[&str]) {
        let new = || {
            let mut database = Database::new();
            assert!(database.run_script(script).1.is_none());
            database
        };
        let mut used = new();
        for text in texts.iter().chain(texts) {
            assert_eq!(answer(&mut used, text), answer(&mut new(), text), "{text}");
        }
    }

    const ROWS: &str =
        "CREATE TABLE t (id bigint PRIMARY KEY, a integer, s smallint, n numeric(10,2));
        INSERT INTO t SELECT i, i % 7, i % 5, i / 4.0 FROM generate_series(1, 500) AS g(i)";

    #[test]
    fn other_numbers_give_other_rows() {
        holds(
            ROWS,
            &[
                "SELECT * FROM t WHERE id = 5",
                "SELECT * FROM t WHERE id = 499",
                "SELECT * FROM t WHERE id = 5000",
                "SELECT * FROM t WHERE id < 3 AND a = 1",
                "SELECT * FROM t WHERE id < 9 AND a = 2",
                "SELECT * FROM t WHERE s = 1 AND n = 20",
                "SELECT * FROM t WHERE s = 4 AND n = 1",
                "SELECT * FROM t WHERE id = -3 OR id = 4",
                "SELECT * FROM t WHERE id = -0",
                "SELECT * FROM t WHERE id = -7",
                "SELECT id FROM t WHERE id = 3 LIMIT 1",
                "SELECT id FROM t WHERE id > 3 ORDER BY 1 LIMIT 2",
                "SELECT id FROM t WHERE id > 4 ORDER BY 1 LIMIT 3",
                "SELECT count(*) FROM t WHERE a = (SELECT max(a) FROM t AS u WHERE u.id < 4)",
                "SELECT count(*) FROM t WHERE a = (SELECT max(a) FROM t AS u WHERE u.id < 6)",
                "SELECT a = 3, count(*) FROM t WHERE id < 20 GROUP BY a = 3 ORDER BY 1",
                "SELECT a = 4, count(*) FROM t WHERE id < 30 GROUP BY a = 4 ORDER BY 1",
                "SELECT a = 4, count(*) FROM t WHERE id < 30 GROUP BY a = 3 ORDER BY 1",
            ],
        );
    }

    #[test]
    fn equal_numbers_are_not_taken_apart() {
        holds(
            ROWS,
            &[
                "SELECT id FROM t WHERE (a = 1 AND s = 2) OR (a = 1 AND s = 3)",
                "SELECT id FROM t WHERE (a = 5 AND s = 2) OR (a = 1 AND s = 3)",
                "SELECT id FROM t WHERE id = 5 AND id = 5",
                "SELECT id FROM t WHERE id = 4 AND id = 5",
                "SELECT id FROM t WHERE id = 5 AND id = '5'",
                "SELECT id FROM t WHERE id = 4 AND id = '5'",
                "SELECT u.a FROM t JOIN t AS u ON u.id = t.id WHERE t.id = 6 AND u.id = 6",
                "SELECT u.a FROM t JOIN t AS u ON u.id = t.id WHERE t.id = 7 AND u.id = 6",
                "SELECT u.a FROM t JOIN t AS u ON u.id = t.id WHERE t.id = 6 AND u.id = 7",
            ],
        );
    }

    #[test]
    fn errors_stand_where_they_are_in_their_own_text() {
        holds(
            ROWS,
            &[
                "SELECT 1 / a FROM t WHERE id = 8",
                "SELECT 1 / a FROM t WHERE id = 7",
                "SELECT id FROM t WHERE id = 12345 OR 1 / a > 0",
                "SELECT id FROM t WHERE id = 1 OR 1 / a > 0",
            ],
        );
    }

    #[test]
    fn plans_follow_definitions_and_rows() {
        let mut database = Database::new();
        let script = "CREATE TABLE t (a integer); INSERT INTO t VALUES (1), (2)";
        assert!(database.run_script(script).1.is_none());
        let text = "SELECT * FROM t WHERE a = 2";
        assert_eq!(answer(&mut database, text), "[Int(2)]");
        for change in [
            "INSERT INTO t VALUES (2)",
            "ALTER TABLE t ADD COLUMN b text DEFAULT 'x'",
            "CREATE INDEX i ON t (a)",
            "BEGIN",
            "DROP TABLE t",
            "CREATE TABLE t (b bigint, a bigint)",
        ] {
            assert!(database.run(change, &[]).is_ok(), "{change}");
        }
        assert_eq!(answer(&mut database, text), "");
        assert!(database.run("ROLLBACK TO x", &[]).is_err());
        assert!(database.run("ROLLBACK", &[]).is_ok());
        assert_eq!(
            answer(&mut database, text),
            "[Int(2), Text(\"x\")][Int(2), Text(\"x\")]"
        );
        assert_eq!(
            answer(&mut database, "SELECT * FROM t WHERE a = 1"),
            "[Int(1), Text(\"x\")]"
        );
    }

    #[test]
    fn parameters_stay_parameters() {
        let mut database = Database::new();
        assert!(database.run_script(ROWS).1.is_none());
        for (id, a) in [(3, 3), (9, 2), (9, 3)] {
            let text = format!("SELECT id FROM t WHERE id = $1 AND a = {a}");
            let found = database.run(&text, &[Value::Int(id)]).expect("it runs");
            assert_eq!(found.row_count, u64::from(id % 7 == a), "{id} {a}");
        }
    }
}
