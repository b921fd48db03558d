//! Random FROM clauses: tables, subqueries, functions, and joins of every kind.

use super::query::{Generator, Name, Scope, derived, named};
use super::schema::{Ty, literal};

impl Generator<'_> {
    /// A FROM of one to three items, and the columns it gives.
    pub(super) fn from(&mut self, outer: &Scope, depth: usize) -> (String, Vec<Name>) {
        if self.full()
            && self.random.chance(8)
            && let Some(merged) = self.merged()
        {
            return merged;
        }
        let (mut sql, mut names) = self.item(depth);
        let mut joins = 0;
        while joins < 2 && self.random.chance(45) {
            joins += 1;
            if self.full() && self.random.chance(10) {
                let mut scope = outer.clone();
                scope.push(names.clone());
                let (right, right_names) = self.lateral(&scope);
                let kind = self
                    .random
                    .pick(&["CROSS JOIN LATERAL", "LEFT JOIN LATERAL"]);
                let condition = if kind.starts_with("LEFT") {
                    " ON true"
                } else {
                    ""
                };
                sql = format!("{sql} {kind} {right}{condition}");
                names.extend(right_names);
                continue;
            }
            let (right, right_names) = if self.random.chance(12) {
                self.nested(depth.saturating_sub(1))
            } else {
                self.item(depth.saturating_sub(1))
            };
            let kind = *self.random.pick(&[
                "JOIN",
                "JOIN",
                "LEFT JOIN",
                "LEFT JOIN",
                "RIGHT JOIN",
                "FULL JOIN",
                "CROSS JOIN",
            ]);
            let equal = self.equality(&names, &right_names);
            names.extend(right_names);
            let mut scope = outer.clone();
            scope.push(names.clone());
            let condition = match (kind, equal) {
                ("CROSS JOIN", _) => String::new(),
                // PostgreSQL joins fully on equalities only.
                ("FULL JOIN", Some(equal)) => format!(" ON {equal}"),
                ("FULL JOIN", None) => " ON true".to_owned(),
                (_, Some(equal)) if self.random.chance(60) => {
                    if self.random.chance(30) {
                        format!(" ON {equal} AND {}", self.flat(Ty::Bool, &scope, 1))
                    } else {
                        format!(" ON {equal}")
                    }
                }
                _ => format!(" ON {}", self.flat(Ty::Bool, &scope, 2)),
            };
            sql = format!("{sql} {kind} {right}{condition}");
        }
        (sql, names)
    }

    /// Two tables joined by USING the columns that they share.
    fn merged(&mut self) -> Option<(String, Vec<Name>)> {
        let left = self.random.pick(&self.tables).clone();
        let right = self.random.pick(&self.tables).clone();
        let shared: Vec<&str> = left
            .columns
            .iter()
            .filter(|a| {
                right
                    .columns
                    .iter()
                    .any(|b| a.name == b.name && a.ty == b.ty)
            })
            .map(|column| column.name.as_str())
            .collect();
        if shared.is_empty() {
            return None;
        }
        let using = match self.random.below(2) {
            0 => self.random.pick(&shared).to_string(),
            _ => shared.join(", "),
        };
        let kind = self
            .random
            .pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
        let (a, b) = (self.alias("x"), self.alias("x"));
        let sql = format!(
            "{} AS {a} {kind} {} AS {b} USING ({using})",
            left.name, right.name
        );
        let mut names: Vec<Name> = Vec::new();
        // The merged columns have names without a table.
        for column in &left.columns {
            if using.split(", ").any(|name| name == column.name) {
                names.push(Name {
                    sql: column.name.clone(),
                    ty: column.ty,
                });
            }
        }
        names.extend(named(&a, &left));
        names.extend(named(&b, &right));
        Some((sql, names))
    }

    /// A join in parentheses.
    fn nested(&mut self, depth: usize) -> (String, Vec<Name>) {
        let (left, mut names) = self.item(depth);
        let (right, more) = self.item(0);
        let equal = self.equality(&names, &more);
        names.extend(more);
        let kind = self.random.pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN"]);
        let on = equal.unwrap_or_else(|| "true".to_owned());
        (format!("({left} {kind} {right} ON {on})"), names)
    }

    /// A subquery that sees what stands left of it.
    fn lateral(&mut self, scope: &Scope) -> (String, Vec<Name>) {
        let alias = self.alias("l");
        if self.random.chance(25) {
            let rows = match self.random.below(2) {
                0 => format!("unnest({})", self.flat(Ty::Ints, scope, 1)),
                _ => format!("generate_series(1, {} % 4)", self.flat(Ty::Int, scope, 1)),
            };
            let table = derived(&alias, &[Ty::Int]);
            return (format!("{rows} AS {alias}(c0)"), named(&alias, &table));
        }
        if self.random.chance(25) {
            // Aggregates of what belongs to the row on the left.
            let (from, names) = self.from(scope, 0);
            let mut inner = scope.clone();
            let own: Scope = vec![names.clone()];
            inner.push(names);
            let types: Vec<Ty> = (0..1 + self.random.below(2))
                .map(|_| self.any_type())
                .collect();
            let outputs: Vec<String> = types
                .iter()
                .enumerate()
                .map(|(at, &ty)| format!("{} AS c{at}", self.aggregate(ty, &own)))
                .collect();
            let condition = self.flat(Ty::Bool, &inner, 2);
            let sql = format!(
                "(SELECT {} FROM {from} WHERE {condition}) AS {alias}",
                outputs.join(", ")
            );
            return (sql, named(&alias, &derived(&alias, &types)));
        }
        let (from, names) = self.from(scope, 0);
        let mut inner = scope.clone();
        inner.push(names);
        let types: Vec<Ty> = (0..1 + self.random.below(2))
            .map(|_| self.any_type())
            .collect();
        let outputs: Vec<String> = types
            .iter()
            .enumerate()
            .map(|(at, &ty)| format!("{} AS c{at}", self.flat(ty, &inner, 1)))
            .collect();
        let condition = self.flat(Ty::Bool, &inner, 2);
        let order = self.order_by_all(types.len());
        let sql = format!(
            "(SELECT {} FROM {from} WHERE {condition}{order} LIMIT {}) AS {alias}",
            outputs.join(", "),
            1 + self.random.below(3)
        );
        (sql, named(&alias, &derived(&alias, &types)))
    }

    pub(super) fn equality(&mut self, left: &[Name], right: &[Name]) -> Option<String> {
        for _ in 0..8 {
            let (a, b) = (self.random.pick(left), self.random.pick(right));
            if a.ty == b.ty {
                return Some(format!("{} = {}", a.sql, b.sql));
            }
        }
        None
    }

    pub(super) fn item(&mut self, depth: usize) -> (String, Vec<Name>) {
        let alias = self.alias("x");
        if depth > 1 && self.random.chance(15) {
            let (sql, types) = self.set_operation(&Vec::new(), None, depth - 1);
            let table = derived(&alias, &types);
            return (format!("({sql}) AS {alias}"), named(&alias, &table));
        }
        if self.full() && self.random.chance(4) {
            let end = self.random.below(5);
            let table = derived(&alias, &[Ty::Int]);
            return (
                format!("generate_series(1, {end}) AS {alias}(c0)"),
                named(&alias, &table),
            );
        }
        if self.full() && self.random.chance(5) {
            let types = [self.any_type(), self.any_type()];
            let rows: Vec<String> = (0..1 + self.random.below(3))
                .map(|_| {
                    let values = types.map(|ty| literal(self.random, ty, self.dialect));
                    format!("({})", values.join(", "))
                })
                .collect();
            let table = derived(&alias, &types);
            let sql = format!("(VALUES {}) AS {alias}(c0, c1)", rows.join(", "));
            return (sql, named(&alias, &table));
        }
        let table = self.random.pick(&self.tables).clone();
        (format!("{} AS {alias}", table.name), named(&alias, &table))
    }
}
