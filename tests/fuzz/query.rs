//! Random queries over a schema. Every query has an answer that does not hang on plans: what
//! depends on an order is ordered by all it could depend on.

use super::random::Random;
use super::schema::{Column, Dialect, Schema, Table, Ty};

/// An expression that may be used as if it were a column.
#[derive(Clone)]
pub struct Name {
    pub sql: String,
    pub ty: Ty,
}

/// What a query can name: its own columns last, those of the queries around it before.
pub type Scope = Vec<Vec<Name>>;

pub struct Query {
    pub sql: String,
    pub types: Vec<Ty>,
    pub order: Order,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Any,
    Fixed,
}

/// A FROM with its condition, for the checks that need no second engine.
pub struct Filtered {
    pub from: String,
    pub outputs: String,
    pub condition: String,
}

pub struct Generator<'a> {
    pub(super) random: &'a mut Random,
    pub(super) dialect: Dialect,
    pub(super) tables: Vec<Table>,
    /// What the WINDOW clause of the query that is being made holds.
    pub(super) windows: Vec<String>,
    aliases: usize,
}

impl<'a> Generator<'a> {
    pub fn new(random: &'a mut Random, schema: &Schema, dialect: Dialect) -> Self {
        Self {
            random,
            dialect,
            tables: schema.tables.clone(),
            windows: Vec::new(),
            aliases: 0,
        }
    }

    /// A whole query.
    pub fn query(&mut self) -> Query {
        let tables = self.tables.len();
        let mut sql = String::new();
        if self.full() && self.random.chance(12) {
            sql = self.recursion();
        } else if self.random.chance(25) {
            let mut list: Vec<String> = Vec::new();
            for _ in 0..1 + self.random.below(2) {
                let (text, types) = self.set_operation(&Vec::new(), None, 2);
                let name = self.alias("w");
                let how = match self.random.below(6) {
                    0 if self.full() => "MATERIALIZED ",
                    1 if self.full() => "NOT MATERIALIZED ",
                    _ => "",
                };
                list.push(format!("{name} AS {how}({text})"));
                self.tables.push(derived(&name, &types));
            }
            sql = format!("WITH {} ", list.join(", "));
        }
        let compound = self.random.chance(15);
        let (text, types) = if compound {
            self.set_operation(&Vec::new(), None, 3)
        } else {
            self.select(&Vec::new(), None, 3)
        };
        sql.push_str(&text);
        let mut order = Order::Any;
        let plain =
            text.starts_with("SELECT ") && !text.starts_with("SELECT DISTINCT") && !compound;
        if self.full() && plain && self.random.chance(8) {
            // The first row of each by all that is shown.
            let at = sql.len() - text.len() + "SELECT ".len();
            sql.insert_str(at, "DISTINCT ON (1) ");
            sql.push_str(&self.order_by_all(types.len()));
            order = Order::Fixed;
        } else if self.random.chance(50) {
            order = Order::Fixed;
            if self.full() && self.random.chance(10) {
                // Which rows tie does not hang on their order.
                let at = 1 + self.random.below(types.len());
                let count = 1 + self.random.below(4);
                sql.push_str(&format!(
                    " ORDER BY {at} NULLS FIRST FETCH FIRST {count} ROWS WITH TIES"
                ));
                self.tables.truncate(tables);
                return Query {
                    sql,
                    types,
                    order: Order::Any,
                };
            }
            sql.push_str(&self.order_by_all(types.len()));
            if self.random.chance(50) {
                sql.push_str(&format!(" LIMIT {}", self.random.below(8)));
                if self.random.chance(50) {
                    sql.push_str(&format!(" OFFSET {}", self.random.below(4)));
                }
            }
        }
        self.tables.truncate(tables);
        Query { sql, types, order }
    }

    /// A FROM, what to show of it and a condition on it.
    pub fn filtered(&mut self) -> Filtered {
        let (from, names) = self.from(&Vec::new(), 2);
        let scope = vec![names];
        let outputs: Vec<String> = (0..1 + self.random.below(3))
            .map(|_| {
                let ty = self.any_type();
                self.expression(ty, &scope, 1)
            })
            .collect();
        Filtered {
            from,
            outputs: outputs.join(", "),
            condition: self.expression(Ty::Bool, &scope, 3),
        }
    }

    pub(super) fn alias(&mut self, letter: &str) -> String {
        self.aliases += 1;
        format!("{letter}{}", self.aliases)
    }

    pub(super) fn any_type(&mut self) -> Ty {
        *self.random.pick(self.dialect.types())
    }

    pub(super) fn full(&self) -> bool {
        self.dialect == Dialect::Full
    }

    pub(super) fn order_by_all(&mut self, columns: usize) -> String {
        let keys: Vec<String> = (1..=columns)
            .map(|at| {
                let way = ["", " DESC"][self.random.below(2)];
                let nulls = ["FIRST", "LAST"][self.random.below(2)];
                format!("{at}{way} NULLS {nulls}")
            })
            .collect();
        format!(" ORDER BY {}", keys.join(", "))
    }

    pub(super) fn set_operation(
        &mut self,
        outer: &Scope,
        want: Option<&[Ty]>,
        depth: usize,
    ) -> (String, Vec<Ty>) {
        let (left, types) = self.select(outer, want, depth);
        if depth < 2 || !self.random.chance(15) {
            return (left, types);
        }
        if self.full() && self.random.chance(15) {
            // A branch with an order of its own, or one in parentheses.
            let (right, _) = self.set_operation(outer, Some(&types), depth - 1);
            let order = self.order_by_all(types.len());
            let limit = self.random.below(5);
            let operator = self
                .random
                .pick(&["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]);
            return (
                format!("{left} {operator} ({right}{order} LIMIT {limit})"),
                types,
            );
        }
        let (right, _) = self.select(outer, Some(&types), depth - 1);
        let operators: &[&str] = if self.full() {
            &[
                "UNION",
                "UNION ALL",
                "INTERSECT",
                "INTERSECT ALL",
                "EXCEPT",
                "EXCEPT ALL",
            ]
        } else {
            &["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]
        };
        let operator = self.random.pick(operators);
        (format!("{left} {operator} {right}"), types)
    }

    pub(super) fn select(
        &mut self,
        outer: &Scope,
        want: Option<&[Ty]>,
        depth: usize,
    ) -> (String, Vec<Ty>) {
        let types = match want {
            Some(types) => types.to_vec(),
            None => (0..1 + self.random.below(3))
                .map(|_| self.any_type())
                .collect(),
        };
        let around = std::mem::take(&mut self.windows);
        let (from, names) = self.from(outer, depth);
        let mut scope = outer.clone();
        scope.push(names);
        let mut tail = format!(" FROM {from}");
        if self.random.chance(60) {
            tail.push_str(&format!(
                " WHERE {}",
                self.expression(Ty::Bool, &scope, depth)
            ));
        }
        let outputs: Vec<String> = match self.random.below(10) {
            0..2 => self.grouped(&types, outer, &scope, &mut tail),
            2 => self.aggregated(&types, outer, &scope),
            3..5 if depth > 1 => self.windowed(&types, &scope),
            _ => types
                .iter()
                .map(|&ty| self.expression(ty, &scope, depth.min(2)))
                .collect(),
        };
        let outputs: Vec<String> = outputs
            .iter()
            .enumerate()
            .map(|(at, sql)| format!("{sql} AS c{at}"))
            .collect();
        if !self.windows.is_empty() {
            tail.push_str(&format!(" WINDOW {}", self.windows.join(", ")));
        }
        self.windows = around;
        let distinct = if self.random.chance(12) {
            "DISTINCT "
        } else {
            ""
        };
        (
            format!("SELECT {distinct}{}{tail}", outputs.join(", ")),
            types,
        )
    }

    /// Groups by one or two columns; the outputs are made of them and of aggregates.
    fn grouped(
        &mut self,
        types: &[Ty],
        outer: &Scope,
        scope: &Scope,
        tail: &mut String,
    ) -> Vec<String> {
        let own = scope.last().cloned().unwrap_or_default();
        let keys: Vec<Name> = (0..1 + self.random.below(2))
            .map(|_| self.random.pick(&own).clone())
            .collect();
        let list: Vec<&str> = keys.iter().map(|key| key.sql.as_str()).collect();
        let list = list.join(", ");
        let grouping = match self.random.below(12) {
            0 if self.full() => format!("ROLLUP ({list})"),
            1 if self.full() => format!("CUBE ({list})"),
            2 if self.full() => format!("GROUPING SETS (({list}), ())"),
            3 if self.full() => {
                let sets: Vec<String> = keys.iter().map(|key| format!("({})", key.sql)).collect();
                format!("GROUPING SETS ({}, ({list}))", sets.join(", "))
            }
            4 if self.full() => format!("{}, ROLLUP ({list})", keys[0].sql),
            _ => list,
        };
        tail.push_str(&format!(" GROUP BY {grouping}"));
        let mut names = keys;
        for &ty in self.dialect.types() {
            let sql = self.aggregate(ty, scope);
            names.push(Name { sql, ty });
        }
        let mut groups = outer.clone();
        groups.push(names);
        if self.random.chance(40) {
            tail.push_str(&format!(" HAVING {}", self.flat(Ty::Bool, &groups, 2)));
        }
        if self.full() && self.random.chance(20) {
            // Windows over groups.
            return self.windowed(types, &groups);
        }
        types.iter().map(|&ty| self.flat(ty, &groups, 1)).collect()
    }

    fn aggregated(&mut self, types: &[Ty], outer: &Scope, scope: &Scope) -> Vec<String> {
        let mut groups = outer.clone();
        let names = self
            .dialect
            .types()
            .iter()
            .map(|&ty| Name {
                sql: self.aggregate(ty, scope),
                ty,
            })
            .collect();
        groups.push(names);
        types.iter().map(|&ty| self.flat(ty, &groups, 1)).collect()
    }

    fn flat_of(&mut self, scope: &Scope, ty: Ty) -> String {
        self.flat(ty, scope, 1)
    }

    /// A recursive common table expression that ends by counting.
    fn recursion(&mut self) -> String {
        let name = self.alias("r");
        let mut types = vec![Ty::Int];
        types.push(self.any_type());
        let names = |alias: &str| named(alias, &derived(alias, &types));
        let (start, scope) = match self.random.below(2) {
            0 => (String::new(), vec![Vec::new()]),
            _ => {
                let (from, names) = self.item(0);
                (format!(" FROM {from}"), vec![names])
            }
        };
        let first = self.flat(types[1], &scope, 1);
        let first = format!(
            "SELECT 0 AS c0, CAST({first} AS {}) AS c1{start}",
            types[1].name()
        );
        let union = ["UNION", "UNION ALL"][self.random.below(2)];
        let mut own = names(&name);
        let mut from = name.clone();
        if self.random.chance(50) {
            let (item, more) = self.item(0);
            let on = self
                .equality(&own, &more)
                .unwrap_or_else(|| "true".to_owned());
            from = match self.random.below(2) {
                0 => format!("{name} JOIN {item} ON {on}"),
                _ => format!("{name} LEFT JOIN {item} ON {on}"),
            };
            own.extend(more);
        }
        let scope = vec![own];
        let next = self.flat(types[1], &scope, 2);
        let condition = self.flat(Ty::Bool, &scope, 1);
        let step = format!(
            "SELECT {name}.c0 + 1, CAST({next} AS {}) FROM {from} WHERE {name}.c0 < {} AND ({condition} OR {name}.c0 < 1)",
            types[1].name(),
            1 + self.random.below(3)
        );
        self.tables.push(derived(&name, &types));
        format!("WITH RECURSIVE {name} (c0, c1) AS ({first} {union} {step}) ")
    }

    /// An aggregate over the rows of a scope.
    pub(super) fn aggregate(&mut self, ty: Ty, scope: &Scope) -> String {
        let call = match ty {
            Ty::Int => {
                let x = self.flat_of(scope, Ty::Int);
                match self.random.below(6) {
                    0 => "count(*)".to_owned(),
                    1 => format!("count({x})"),
                    2 => format!("count(DISTINCT {x})"),
                    3 => return format!("CAST(sum({x}) AS bigint)"),
                    4 => format!("min({x})"),
                    _ => format!("max({x})"),
                }
            }
            Ty::Num if self.dialect == Dialect::Full && self.random.chance(25) => {
                let x = self.flat(Ty::Num, scope, 1);
                let i = self.flat(Ty::Int, scope, 1);
                let way = ["", " DESC"][self.random.below(2)];
                match self.random.below(6) {
                    0 => format!(
                        "round(CAST(percentile_cont(0.{}) WITHIN GROUP (ORDER BY {x}{way}) AS numeric), 4)",
                        1 + self.random.below(9)
                    ),
                    1 => format!(
                        "percentile_disc(0.{}) WITHIN GROUP (ORDER BY {x}{way})",
                        1 + self.random.below(9)
                    ),
                    2 => format!("round(stddev_samp({i}), 6)"),
                    3 => format!("round(var_pop({x}), 6)"),
                    4 => format!("avg({i})"),
                    _ => format!("sum({x}) FILTER (WHERE {i} > 1)"),
                }
            }
            Ty::Num => {
                let x = self.flat_of(scope, Ty::Num);
                let name = ["sum", "avg", "min", "max", "sum"][self.random.below(5)];
                let distinct = ["", "", "DISTINCT "][self.random.below(3)];
                format!("{name}({distinct}{x})")
            }
            Ty::Text => {
                let x = self.flat_of(scope, Ty::Text);
                if self.full() && self.random.chance(25) {
                    let distinct = ["", "DISTINCT "][self.random.below(2)];
                    let x = format!("CAST({x} AS text)");
                    return format!("string_agg({distinct}{x}, '-' ORDER BY {x})");
                }
                if self.full() && self.random.chance(15) {
                    return format!("mode() WITHIN GROUP (ORDER BY CAST({x} AS text))");
                }
                format!("{}({x})", ["min", "max"][self.random.below(2)])
            }
            Ty::Bool => {
                let x = self.flat_of(scope, Ty::Bool);
                if self.full() {
                    format!("{}({x})", ["bool_and", "bool_or"][self.random.below(2)])
                } else {
                    return format!("(count(CASE WHEN {x} THEN 1 END) > 1)");
                }
            }
            Ty::Ints => {
                let x = format!("CAST({} AS integer)", self.flat_of(scope, Ty::Int));
                let distinct = ["", "DISTINCT "][self.random.below(2)];
                format!("array_agg({distinct}{x} ORDER BY {x})")
            }
            Ty::Date | Ty::Ts => {
                let x = self.flat_of(scope, ty);
                format!("{}({x})", ["min", "max"][self.random.below(2)])
            }
        };
        let ready = call.starts_with("round(") || call.contains("FILTER");
        if !ready && self.random.chance(15) {
            format!("{call} FILTER (WHERE {})", self.flat(Ty::Bool, scope, 1))
        } else {
            call
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Subqueries {
    Some,
    Never,
}

pub fn derived(name: &str, types: &[Ty]) -> Table {
    Table {
        name: name.to_owned(),
        columns: types
            .iter()
            .enumerate()
            .map(|(at, &ty)| Column {
                name: format!("c{at}"),
                ty,
            })
            .collect(),
        key: None,
        unique: Vec::new(),
    }
}

pub fn named(alias: &str, table: &Table) -> Vec<Name> {
    table
        .columns
        .iter()
        .map(|column| Name {
            sql: format!("{alias}.{}", column.name),
            ty: column.ty,
        })
        .collect()
}
