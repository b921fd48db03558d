//! Random queries over a schema. Every query has an answer that does not hang on plans: what
//! depends on an order is ordered by all it could depend on.

use super::random::Random;
use super::schema::{Column, Dialect, Schema, Table, Ty, literal};

/// An expression that may be used as if it were a column.
#[derive(Clone)]
struct Name {
    sql: String,
    ty: Ty,
}

/// What a query can name: its own columns last, those of the queries around it before.
type Scope = Vec<Vec<Name>>;

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
    random: &'a mut Random,
    dialect: Dialect,
    tables: Vec<Table>,
    aliases: usize,
}

impl<'a> Generator<'a> {
    pub fn new(random: &'a mut Random, schema: &Schema, dialect: Dialect) -> Self {
        Self {
            random,
            dialect,
            tables: schema.tables.clone(),
            aliases: 0,
        }
    }

    /// A whole query.
    pub fn query(&mut self) -> Query {
        let tables = self.tables.len();
        let mut sql = String::new();
        if self.random.chance(20) {
            let (text, types) = self.set_operation(&Vec::new(), None, 2);
            let name = self.alias("w");
            sql = format!("WITH {name} AS ({text}) ");
            self.tables.push(derived(&name, &types));
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

    /// A statement that changes a table.
    pub fn write(&mut self) -> String {
        let table = self.random.pick(&self.tables).clone();
        let name = &table.name;
        let scope = vec![named(name, &table)];
        let columns: Vec<&Column> = table.columns.iter().filter(|c| c.name != "id").collect();
        match self.random.below(4) {
            0 => format!(
                "DELETE FROM {name} WHERE {}",
                self.expression(Ty::Bool, &scope, 2)
            ),
            1 => {
                let (sql, _) = {
                    let types: Vec<Ty> = columns.iter().map(|column| column.ty).collect();
                    self.select(&Vec::new(), Some(&types), 2)
                };
                let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                let order = self.order_by_all(columns.len());
                format!(
                    "INSERT INTO {name} ({}) {sql}{order} LIMIT 5",
                    names.join(", ")
                )
            }
            _ => {
                let column = *self.random.pick(&columns);
                let value = self.expression(column.ty, &scope, 2);
                let condition = self.expression(Ty::Bool, &scope, 2);
                format!(
                    "UPDATE {name} SET {} = {value} WHERE {condition}",
                    column.name
                )
            }
        }
    }

    fn alias(&mut self, letter: &str) -> String {
        self.aliases += 1;
        format!("{letter}{}", self.aliases)
    }

    fn any_type(&mut self) -> Ty {
        *self.random.pick(self.dialect.types())
    }

    fn full(&self) -> bool {
        self.dialect == Dialect::Full
    }

    fn order_by_all(&mut self, columns: usize) -> String {
        let keys: Vec<String> = (1..=columns)
            .map(|at| {
                let way = ["", " DESC"][self.random.below(2)];
                let nulls = ["FIRST", "LAST"][self.random.below(2)];
                format!("{at}{way} NULLS {nulls}")
            })
            .collect();
        format!(" ORDER BY {}", keys.join(", "))
    }

    fn set_operation(
        &mut self,
        outer: &Scope,
        want: Option<&[Ty]>,
        depth: usize,
    ) -> (String, Vec<Ty>) {
        let (left, types) = self.select(outer, want, depth);
        if depth < 2 || !self.random.chance(15) {
            return (left, types);
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

    fn select(&mut self, outer: &Scope, want: Option<&[Ty]>, depth: usize) -> (String, Vec<Ty>) {
        let types = match want {
            Some(types) => types.to_vec(),
            None => (0..1 + self.random.below(3))
                .map(|_| self.any_type())
                .collect(),
        };
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
            3..5 if depth > 1 => types.iter().map(|&ty| self.window(ty, &scope)).collect(),
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

    /// An aggregate over the rows of a scope.
    fn aggregate(&mut self, ty: Ty, scope: &Scope) -> String {
        let mut argument = |of: Ty| self.flat(of, scope, 1);
        let call = match ty {
            Ty::Int => {
                let x = argument(Ty::Int);
                match self.random.below(6) {
                    0 => "count(*)".to_owned(),
                    1 => format!("count({x})"),
                    2 => format!("count(DISTINCT {x})"),
                    3 => return format!("CAST(sum({x}) AS bigint)"),
                    4 => format!("min({x})"),
                    _ => format!("max({x})"),
                }
            }
            Ty::Num => {
                let x = argument(Ty::Num);
                let name = ["sum", "avg", "min", "max", "sum"][self.random.below(5)];
                let distinct = ["", "", "DISTINCT "][self.random.below(3)];
                format!("{name}({distinct}{x})")
            }
            Ty::Text => {
                let x = argument(Ty::Text);
                if self.full() && self.random.chance(25) {
                    return format!("string_agg({x}, '-' ORDER BY {x})");
                }
                format!("{}({x})", ["min", "max"][self.random.below(2)])
            }
            Ty::Bool => {
                let x = argument(Ty::Bool);
                if self.full() {
                    format!("{}({x})", ["bool_and", "bool_or"][self.random.below(2)])
                } else {
                    return format!("(count(CASE WHEN {x} THEN 1 END) > 1)");
                }
            }
            Ty::Date => {
                let x = argument(Ty::Date);
                format!("{}({x})", ["min", "max"][self.random.below(2)])
            }
        };
        if self.random.chance(15) {
            format!("{call} FILTER (WHERE {})", self.flat(Ty::Bool, scope, 1))
        } else {
            call
        }
    }

    /// A window function; what depends on the order of rows is ordered by every column.
    fn window(&mut self, ty: Ty, scope: &Scope) -> String {
        let own = scope.last().cloned().unwrap_or_default();
        // SQLite has no aggregate of booleans.
        let lacking = ty == Ty::Bool && !self.full();
        if own.is_empty() || lacking || self.random.chance(30) {
            return self.expression(ty, scope, 1);
        }
        let partition = if self.random.chance(60) {
            format!("PARTITION BY {} ", self.random.pick(&own).sql)
        } else {
            String::new()
        };
        let every: Vec<String> = own
            .iter()
            .map(|name| {
                format!(
                    "{} NULLS {}",
                    name.sql,
                    ["FIRST", "LAST"][self.random.below(2)]
                )
            })
            .collect();
        let every = every.join(", ");
        let key = format!(
            "{}{} NULLS LAST",
            self.random.pick(&own).sql,
            ["", " DESC"][self.random.below(2)]
        );
        let mut x = self.flat(ty, scope, 1);
        if x.starts_with('\'') {
            // A literal alone has no type yet.
            x = format!("CAST({x} AS text)");
        }
        if ty == Ty::Int && self.random.chance(40) {
            return match self.random.below(5) {
                0 => format!("row_number() OVER ({partition}ORDER BY {every})"),
                1 => format!("rank() OVER ({partition}ORDER BY {key})"),
                2 => format!("dense_rank() OVER ({partition}ORDER BY {key})"),
                3 => format!(
                    "ntile({}) OVER ({partition}ORDER BY {every})",
                    1 + self.random.below(4)
                ),
                _ => format!("count(*) OVER ({partition}ORDER BY {key})"),
            };
        }
        match self.random.below(4) {
            0 => {
                let name = ["lag", "lead"][self.random.below(2)];
                let offset = self.random.below(3);
                format!("{name}({x}, {offset}) OVER ({partition}ORDER BY {every})")
            }
            1 => {
                let call = match self.random.below(3) {
                    0 => format!("first_value({x})"),
                    1 => format!("last_value({x})"),
                    _ => format!("nth_value({x}, {})", 1 + self.random.below(3)),
                };
                let frame = self.frame();
                format!("{call} OVER ({partition}ORDER BY {every} {frame})")
            }
            2 if self.random.chance(50) => {
                let call = self.window_aggregate(ty, scope);
                format!("{call} OVER ({partition}ORDER BY {key})")
            }
            2 => {
                let call = self.window_aggregate(ty, scope);
                format!("{call} OVER ({})", partition.trim_end())
            }
            _ => {
                let call = self.window_aggregate(ty, scope);
                let frame = self.frame();
                format!("{call} OVER ({partition}ORDER BY {every} {frame})")
            }
        }
    }

    fn window_aggregate(&mut self, ty: Ty, scope: &Scope) -> String {
        let x = self.flat(ty, scope, 1);
        match ty {
            Ty::Int => format!(
                "{}({x})",
                ["count", "min", "max", "sum"][self.random.below(4)]
            ),
            Ty::Num => format!(
                "{}({x})",
                ["sum", "min", "max", "avg"][self.random.below(4)]
            ),
            Ty::Bool if self.full() => {
                format!("{}({x})", ["bool_and", "bool_or"][self.random.below(2)])
            }
            // Never asked for: `window` leaves it out.
            Ty::Bool => x,
            Ty::Text | Ty::Date => format!("{}({x})", ["min", "max"][self.random.below(2)]),
        }
    }

    fn frame(&mut self) -> String {
        let unit = ["ROWS", "GROUPS", "ROWS"][self.random.below(3)];
        let starts = [
            "UNBOUNDED PRECEDING",
            "2 PRECEDING",
            "1 PRECEDING",
            "CURRENT ROW",
            "1 FOLLOWING",
        ];
        let ends = [
            "1 PRECEDING",
            "CURRENT ROW",
            "1 FOLLOWING",
            "2 FOLLOWING",
            "UNBOUNDED FOLLOWING",
        ];
        let start = self.random.below(5);
        // An end is never in front of its start.
        let first_end = start.saturating_sub(2);
        let end = first_end + self.random.below(5 - first_end);
        let exclude = [
            "",
            "",
            "",
            " EXCLUDE CURRENT ROW",
            " EXCLUDE GROUP",
            " EXCLUDE TIES",
        ][self.random.below(6)];
        format!(
            "{unit} BETWEEN {} AND {}{exclude}",
            starts[start], ends[end]
        )
    }

    /// A FROM of one to three items, and the columns it gives.
    fn from(&mut self, outer: &Scope, depth: usize) -> (String, Vec<Name>) {
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
            let (right, right_names) = self.item(depth.saturating_sub(1));
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

    /// A subquery that sees what stands left of it.
    fn lateral(&mut self, scope: &Scope) -> (String, Vec<Name>) {
        let alias = self.alias("l");
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

    fn equality(&mut self, left: &[Name], right: &[Name]) -> Option<String> {
        for _ in 0..8 {
            let (a, b) = (self.random.pick(left), self.random.pick(right));
            if a.ty == b.ty {
                return Some(format!("{} = {}", a.sql, b.sql));
            }
        }
        None
    }

    fn item(&mut self, depth: usize) -> (String, Vec<Name>) {
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

    /// An expression without subqueries.
    fn flat(&mut self, ty: Ty, scope: &Scope, depth: usize) -> String {
        self.build(ty, scope, depth, Subqueries::Never)
    }

    fn expression(&mut self, ty: Ty, scope: &Scope, depth: usize) -> String {
        self.build(ty, scope, depth, Subqueries::Some)
    }

    fn leaf(&mut self, ty: Ty, scope: &Scope) -> String {
        // The own columns more often than those around.
        for frame in scope.iter().rev() {
            let fitting: Vec<&Name> = frame.iter().filter(|name| name.ty == ty).collect();
            if !fitting.is_empty() && self.random.chance(80) {
                return self.random.pick(&fitting).sql.clone();
            }
        }
        if self.random.chance(8) {
            let name = match ty {
                Ty::Int => "integer",
                Ty::Num => "numeric",
                Ty::Text => "text",
                Ty::Bool => "boolean",
                Ty::Date => "date",
            };
            return format!("CAST(NULL AS {name})");
        }
        literal(self.random, ty, self.dialect)
    }

    fn build(&mut self, ty: Ty, scope: &Scope, depth: usize, subqueries: Subqueries) -> String {
        if depth == 0 || self.random.chance(25) {
            return self.leaf(ty, scope);
        }
        let d = depth - 1;
        if ty != Ty::Bool {
            match self.random.below(12) {
                0 => {
                    let when = self.build(Ty::Bool, scope, d, subqueries);
                    let then = self.build(ty, scope, d, subqueries);
                    let other = self.build(ty, scope, d, subqueries);
                    return format!("CASE WHEN {when} THEN {then} ELSE {other} END");
                }
                1 => {
                    let a = self.build(ty, scope, d, subqueries);
                    let b = self.build(ty, scope, d, subqueries);
                    return format!("coalesce({a}, {b})");
                }
                2 => {
                    let a = self.build(ty, scope, d, subqueries);
                    let b = self.leaf(ty, scope);
                    return format!("nullif({a}, {b})");
                }
                3 if self.full() => {
                    let a = self.build(ty, scope, d, subqueries);
                    let b = self.leaf(ty, scope);
                    return format!("{}({a}, {b})", ["greatest", "least"][self.random.below(2)]);
                }
                4 if subqueries == Subqueries::Some && depth > 1 => {
                    return self.scalar_subquery(ty, scope, d);
                }
                _ => {}
            }
        }
        match ty {
            Ty::Int => {
                let a = self.build(Ty::Int, scope, d, subqueries);
                let b = self.leaf(Ty::Int, scope);
                match self.random.below(9) {
                    0 | 1 => format!("({a} + {b})"),
                    2 => format!("({a} - {b})"),
                    3 => format!("({a} * {b})"),
                    4 => format!("({a} / nullif({b}, 0))"),
                    5 => format!("({a} % nullif({b}, 0))"),
                    6 => format!("abs({a})"),
                    7 => format!("length({})", self.build(Ty::Text, scope, d, subqueries)),
                    _ => format!("(-{a})"),
                }
            }
            Ty::Num => {
                let a = self.build(Ty::Num, scope, d, subqueries);
                let other = *self.random.pick(&[Ty::Num, Ty::Int]);
                let b = self.leaf(other, scope);
                match self.random.below(9) {
                    0 | 1 => format!("({a} + {b})"),
                    2 => format!("({b} - {a})"),
                    3 => format!("({a} * {b})"),
                    4 => format!("({a} / nullif({b}, 0))"),
                    5 => format!("({a} % nullif({b}, 0))"),
                    6 => format!("round({a}, {})", self.random.below(4)),
                    7 => format!(
                        "{}({a})",
                        ["abs", "floor", "ceil", "trunc"][self.random.below(4)]
                    ),
                    _ => format!("CAST({} AS numeric(14,2))", self.leaf(Ty::Int, scope)),
                }
            }
            Ty::Text => {
                let a = self.build(Ty::Text, scope, d, subqueries);
                match self.random.below(7) {
                    0 | 1 => format!("({a} || {})", self.leaf(Ty::Text, scope)),
                    2 => format!("{}({a})", ["upper", "lower", "trim"][self.random.below(3)]),
                    3 => format!(
                        "substr({a}, {}, {})",
                        1 + self.random.below(3),
                        self.random.below(3)
                    ),
                    4 => format!("replace({a}, 'a', 'xy')"),
                    5 if self.full() => format!(
                        "{}({a}, {})",
                        ["left", "right", "repeat"][self.random.below(3)],
                        self.random.below(4)
                    ),
                    _ => format!(
                        "CAST({} AS text)",
                        self.build(Ty::Int, scope, d, subqueries)
                    ),
                }
            }
            Ty::Date => {
                let a = self.build(Ty::Date, scope, d, subqueries);
                match self.random.below(4) {
                    0 => format!("({a} + {})", self.random.below(60)),
                    1 => format!("({a} - {})", self.random.below(60)),
                    2 => format!("CAST(date_trunc('month', {a}) AS date)"),
                    _ => format!("CAST({a} + INTERVAL '1 month' AS date)"),
                }
            }
            Ty::Bool => self.condition(scope, d, subqueries),
        }
    }

    fn scalar_subquery(&mut self, ty: Ty, scope: &Scope, depth: usize) -> String {
        let (from, names) = self.from(scope, depth.min(1));
        let mut inner = scope.clone();
        inner.push(names);
        let filter = if self.random.chance(75) {
            format!(
                " WHERE {}",
                self.build(Ty::Bool, &inner, depth, Subqueries::Some)
            )
        } else {
            String::new()
        };
        if self.random.chance(70) {
            // The aggregate's argument is of the inner query, so that it is the inner query's.
            let own: Scope = inner.last().cloned().into_iter().collect();
            format!("(SELECT {} FROM {from}{filter})", self.aggregate(ty, &own))
        } else {
            let x = self.flat(ty, &inner, 1);
            let nulls = ["FIRST", "LAST"][self.random.below(2)];
            format!("(SELECT {x} AS c0 FROM {from}{filter} ORDER BY 1 NULLS {nulls} LIMIT 1)")
        }
    }

    fn condition(&mut self, scope: &Scope, d: usize, subqueries: Subqueries) -> String {
        if subqueries == Subqueries::Some && d > 0 && self.random.chance(18) {
            return self.subquery_condition(scope, d);
        }
        let ty = self.any_type();
        let a = self.build(ty, scope, d, subqueries);
        let b = self.build(ty, scope, d.min(1), subqueries);
        match self.random.below(17) {
            0..5 => {
                let operator = self.random.pick(&["=", "<>", "<", "<=", ">", ">="]);
                format!("({a} {operator} {b})")
            }
            5 => format!("({a} IS NULL)"),
            6 => format!("({a} IS NOT NULL)"),
            7 => format!("({a} IS DISTINCT FROM {b})"),
            8 | 9 => {
                let x = self.build(Ty::Bool, scope, d, subqueries);
                let y = self.build(Ty::Bool, scope, d, subqueries);
                format!("({x} {} {y})", ["AND", "OR"][self.random.below(2)])
            }
            10 => format!("(NOT {})", self.build(Ty::Bool, scope, d, subqueries)),
            11 => {
                let x = self.build(Ty::Bool, scope, d, subqueries);
                let test = self
                    .random
                    .pick(&["TRUE", "FALSE", "NOT TRUE", "NOT FALSE"]);
                format!("({x} IS {test})")
            }
            12 => {
                let c = self.leaf(ty, scope);
                let not = ["", "NOT "][self.random.below(2)];
                format!("({a} {not}BETWEEN {b} AND {c})")
            }
            13 | 14 => {
                let list: Vec<String> = (0..1 + self.random.below(3))
                    .map(|_| self.leaf(ty, scope))
                    .collect();
                let not = ["", "NOT "][self.random.below(2)];
                format!("({a} {not}IN ({}))", list.join(", "))
            }
            15 => {
                let x = self.build(Ty::Text, scope, d, subqueries);
                let pattern = self
                    .random
                    .pick(&["a%", "%b", "_", "%", "a_", "%a%", "", "A%"]);
                let not = ["", "NOT "][self.random.below(2)];
                format!("({x} {not}LIKE '{pattern}')")
            }
            _ => {
                let c = self.leaf(ty, scope);
                let other = self.any_type();
                let (x, y) = (self.leaf(other, scope), self.leaf(other, scope));
                let operator = self.random.pick(&["=", "<>", "<", ">="]);
                format!("(({a}, {x}) {operator} ({c}, {y}))")
            }
        }
    }

    fn subquery_condition(&mut self, scope: &Scope, d: usize) -> String {
        let (from, names) = self.from(scope, d.min(1));
        let mut inner = scope.clone();
        inner.push(names);
        let filter = if self.random.chance(70) {
            format!(
                " WHERE {}",
                self.build(Ty::Bool, &inner, d, Subqueries::Some)
            )
        } else {
            String::new()
        };
        let not = ["", "NOT "][self.random.below(2)];
        if self.random.chance(45) {
            return format!("({not}EXISTS (SELECT 1 FROM {from}{filter}))");
        }
        let ty = self.any_type();
        let a = self.build(ty, scope, d, Subqueries::Never);
        let x = self.flat(ty, &inner, 1);
        if self.full() && self.random.chance(30) {
            let operator = self.random.pick(&["=", "<>", "<", ">="]);
            let quantifier = ["ANY", "ALL"][self.random.below(2)];
            return format!("({a} {operator} {quantifier} (SELECT {x} FROM {from}{filter}))");
        }
        if self.random.chance(20) {
            let other = self.any_type();
            let (b, y) = (self.leaf(other, scope), self.flat(other, &inner, 1));
            return format!("(({a}, {b}) {not}IN (SELECT {x}, {y} FROM {from}{filter}))");
        }
        format!("({a} {not}IN (SELECT {x} FROM {from}{filter}))")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Subqueries {
    Some,
    Never,
}

fn derived(name: &str, types: &[Ty]) -> Table {
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
    }
}

fn named(alias: &str, table: &Table) -> Vec<Name> {
    table
        .columns
        .iter()
        .map(|column| Name {
            sql: format!("{alias}.{}", column.name),
            ty: column.ty,
        })
        .collect()
}
