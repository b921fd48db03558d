//! Random calls of functions, operators and casts that PostgreSQL has and SQLite has not.

use super::query::{Generator, Scope, Subqueries};
use super::schema::Ty;

const DAY_PATTERNS: &[&str] = &[
    "YYYY-MM-DD",
    "FMMonth FMDD, YYYY",
    "Dy DD Mon YY",
    "IYYY-IW-ID",
    "DDD Q WW",
    "Day|Month|RM",
    "FMDDth CC J",
    "HH24:MI:SS.US",
    "HH12:MI am",
];
const NUMBER_PATTERNS: &[&str] = &[
    "9999",
    "0000",
    "FM9990.00",
    "9,999.99",
    "S999.9",
    "999PR",
    "999MI",
    "FM999",
    "99.9",
    "RN",
];
const FIELDS: &[&str] = &[
    "year", "month", "day", "quarter", "week", "isoyear", "dow", "isodow", "doy", "century",
    "decade", "epoch",
];
const TRUNCATIONS: &[&str] = &[
    "year", "month", "day", "quarter", "week", "decade", "century", "hour", "minute",
];

impl Generator<'_> {
    /// An expression of a type, made by a function.
    pub(super) fn function(
        &mut self,
        ty: Ty,
        scope: &Scope,
        d: usize,
        subqueries: Subqueries,
    ) -> String {
        match ty {
            Ty::Int => self.integer(scope, d, subqueries),
            Ty::Num => self.number(scope, d, subqueries),
            Ty::Text => self.text(scope, d, subqueries),
            Ty::Bool => self.truth(scope, d, subqueries),
            Ty::Date => self.date(scope, d, subqueries),
            Ty::Ts => self.timestamp(scope, d, subqueries),
            Ty::Ints => self.integers(scope, d, subqueries),
        }
    }

    fn integer(&mut self, scope: &Scope, d: usize, subqueries: Subqueries) -> String {
        match self.random.below(16) {
            0 => {
                let t = self.build(Ty::Text, scope, d, subqueries);
                format!("position({} IN {t})", self.leaf(Ty::Text, scope))
            }
            1 => format!("ascii({})", self.build(Ty::Text, scope, d, subqueries)),
            2 => match self.random.below(3) {
                0 => format!(
                    "cardinality({})",
                    self.build(Ty::Ints, scope, d, subqueries)
                ),
                1 => format!(
                    "array_length({}, 1)",
                    self.build(Ty::Ints, scope, d, subqueries)
                ),
                _ => format!(
                    "array_upper({}, 1)",
                    self.build(Ty::Ints, scope, d, subqueries)
                ),
            },
            3 => format!(
                "CAST({} AS integer)",
                self.build(Ty::Bool, scope, d, subqueries)
            ),
            4 => format!(
                "CAST({} AS integer)",
                self.build(Ty::Num, scope, d, subqueries)
            ),
            5 => {
                let a = self.build(Ty::Date, scope, d, subqueries);
                format!("({a} - {})", self.leaf(Ty::Date, scope))
            }
            6 => {
                let field = self.random.pick(FIELDS);
                let of = *self.random.pick(&[Ty::Date, Ty::Ts]);
                let x = self.build(of, scope, d, subqueries);
                format!("CAST(extract({field} FROM {x}) AS integer)")
            }
            7 => {
                let a = self.build(Ty::Ints, scope, d, subqueries);
                format!("array_position({a}, {})", self.leaf(Ty::Int, scope))
            }
            8 => format!(
                "({})[{}]",
                self.build(Ty::Ints, scope, d, subqueries),
                self.random.below(4)
            ),
            9 => {
                let a = self.build(Ty::Int, scope, d, subqueries);
                let b = self.leaf(Ty::Int, scope);
                let operator = self.random.pick(&["&", "|", "#"]);
                format!("(CAST({a} AS integer) {operator} CAST({b} AS integer))")
            }
            10 => {
                let a = self.build(Ty::Int, scope, d, subqueries);
                format!("mod({a}, nullif({}, 0))", self.leaf(Ty::Int, scope))
            }
            11 => format!(
                "regexp_count({}, '[a-z]')",
                self.build(Ty::Text, scope, d, subqueries)
            ),
            12 => format!(
                "CAST(sign({}) AS integer)",
                self.build(Ty::Num, scope, d, subqueries)
            ),
            13 => format!(
                "octet_length({})",
                self.build(Ty::Text, scope, d, subqueries)
            ),
            14 => format!(
                "CAST(floor({}) AS bigint)",
                self.build(Ty::Num, scope, d, subqueries)
            ),
            _ => {
                let t = self.build(Ty::Text, scope, d, subqueries);
                format!("CAST(nullif(regexp_replace({t}, '[^0-9]', '', 'g'), '') AS integer)")
            }
        }
    }

    fn number(&mut self, scope: &Scope, d: usize, subqueries: Subqueries) -> String {
        match self.random.below(9) {
            0 => {
                let a = self.build(Ty::Ts, scope, d, subqueries);
                format!("extract(epoch FROM ({a} - {}))", self.leaf(Ty::Ts, scope))
            }
            1 => format!(
                "extract(second FROM {})",
                self.build(Ty::Ts, scope, d, subqueries)
            ),
            2 => format!(
                "CAST({} AS numeric)",
                self.build(Ty::Int, scope, d, subqueries)
            ),
            3 => format!(
                "trunc({}, {})",
                self.build(Ty::Num, scope, d, subqueries),
                self.random.below(3)
            ),
            4 => format!(
                "round(sqrt(abs({})), 4)",
                self.build(Ty::Num, scope, d, subqueries)
            ),
            5 => {
                let a = self.build(Ty::Num, scope, d, subqueries);
                format!("div({a}, nullif({}, 0))", self.leaf(Ty::Num, scope))
            }
            6 => format!(
                "round(CAST({} AS numeric), {})",
                self.build(Ty::Int, scope, d, subqueries),
                ["-1", "0", "2"][self.random.below(3)]
            ),
            7 => format!(
                "CAST({} AS numeric({}, 1))",
                self.build(Ty::Num, scope, d, subqueries),
                8 + self.random.below(8)
            ),
            _ => format!("trim_scale({})", self.build(Ty::Num, scope, d, subqueries)),
        }
    }

    fn text(&mut self, scope: &Scope, d: usize, subqueries: Subqueries) -> String {
        let a = self.build(Ty::Text, scope, d, subqueries);
        match self.random.below(20) {
            0 => format!("lpad({a}, {}, 'xy')", self.random.below(5)),
            1 => format!("rpad({a}, {})", self.random.below(5)),
            2 => format!(
                "{}({a})",
                ["initcap", "reverse", "md5", "quote_literal"][self.random.below(4)]
            ),
            3 => format!(
                "split_part({a}, 'a', {})",
                ["1", "2", "-1"][self.random.below(3)]
            ),
            4 => {
                let b = self.any_type();
                let b = self.leaf(b, scope);
                format!("concat({a}, {b}, {})", self.leaf(Ty::Int, scope))
            }
            5 => format!(
                "concat_ws('-', {a}, {}, {})",
                self.leaf(Ty::Num, scope),
                self.leaf(Ty::Text, scope)
            ),
            6 => format!(
                "overlay({a} PLACING 'Q' FROM {} FOR {})",
                1 + self.random.below(3),
                self.random.below(3)
            ),
            7 => format!("translate({a}, 'ab', 'b')"),
            8 => format!(
                "regexp_replace({a}, '{}', '<\\&>', 'g')",
                ["[a-z]", "^.", "b*", "(a|b)$"][self.random.below(4)]
            ),
            9 => format!("format('%s|%I|%L', {a}, {a}, {a})"),
            10 => format!(
                "{}({a}, -{})",
                ["left", "right"][self.random.below(2)],
                self.random.below(3)
            ),
            11 => {
                let of = *self.random.pick(&[Ty::Date, Ty::Ts]);
                let pattern = self.random.pick(DAY_PATTERNS);
                format!(
                    "to_char({}, '{pattern}')",
                    self.build(of, scope, d, subqueries)
                )
            }
            12 => {
                let of = *self.random.pick(&[Ty::Int, Ty::Num]);
                let pattern = self.random.pick(NUMBER_PATTERNS);
                format!(
                    "to_char({}, '{pattern}')",
                    self.build(of, scope, d, subqueries)
                )
            }
            13 | 14 => {
                let of = self.any_type();
                let x = self.build(of, scope, d, subqueries);
                format!(
                    "CAST({x} AS {})",
                    ["text", "varchar(3)", "text"][self.random.below(3)]
                )
            }
            15 => format!(
                "array_to_string({}, ',', '*')",
                self.build(Ty::Ints, scope, d, subqueries)
            ),
            16 => {
                let x = self.build(Ty::Ts, scope, d, subqueries);
                format!("CAST(age({x}, {}) AS text)", self.leaf(Ty::Ts, scope))
            }
            17 => {
                let x = self.build(Ty::Ts, scope, d, subqueries);
                let justify =
                    self.random
                        .pick(&["justify_days", "justify_hours", "justify_interval", ""]);
                format!(
                    "CAST({justify}({x} - {}) AS text)",
                    self.leaf(Ty::Ts, scope)
                )
            }
            18 => format!(
                "substring({a} FROM {})",
                ["2", "'[a-z]+'", "-1 FOR 3"][self.random.below(3)]
            ),
            _ => format!("({a} || {})", self.leaf(Ty::Int, scope)),
        }
    }

    fn truth(&mut self, scope: &Scope, d: usize, subqueries: Subqueries) -> String {
        let a = self.build(Ty::Text, scope, d, subqueries);
        match self.random.below(14) {
            0 => format!(
                "({a} ILIKE '{}')",
                ["A%", "%b%", "_", "É"][self.random.below(4)]
            ),
            1 => {
                let operator = self.random.pick(&["~", "~*", "!~", "!~*"]);
                let pattern = self
                    .random
                    .pick(&["^a", "b$", "[0-9]+", "a.?b", "^$", "(a|z)"]);
                format!("({a} {operator} '{pattern}')")
            }
            2 => format!(
                "({a} SIMILAR TO '{}')",
                ["(a|b)%", "_", "[a-z]*", "%0"][self.random.below(4)]
            ),
            3 => {
                let ty = self.any_type();
                let (x, y, z) = (
                    self.build(ty, scope, d, subqueries),
                    self.leaf(ty, scope),
                    self.leaf(ty, scope),
                );
                format!("({x} BETWEEN SYMMETRIC {y} AND {z})")
            }
            4 => {
                let x = self.build(Ty::Int, scope, d, subqueries);
                let list = self.build(Ty::Ints, scope, d, subqueries);
                let operator = self.random.pick(&["=", "<>", "<", ">="]);
                let quantifier = ["ANY", "ALL"][self.random.below(2)];
                format!("({x} {operator} {quantifier} ({list}))")
            }
            5 => {
                let x = self.build(Ty::Ints, scope, d, subqueries);
                let operator = self.random.pick(&["@>", "<@", "&&"]);
                format!("({x} {operator} {})", self.leaf(Ty::Ints, scope))
            }
            6 => {
                let x = self.build(Ty::Bool, scope, d, subqueries);
                format!("({x} IS {}UNKNOWN)", ["", "NOT "][self.random.below(2)])
            }
            7 => {
                let ty = self.any_type();
                let x = self.build(ty, scope, d, subqueries);
                format!("({x} IS NOT DISTINCT FROM {})", self.leaf(ty, scope))
            }
            8 => {
                let x = self.build(Ty::Ts, scope, d, subqueries);
                format!(
                    "(({x} - {}) > INTERVAL '{}')",
                    self.leaf(Ty::Ts, scope),
                    ["1 day", "1 month", "-3 hours"][self.random.below(3)]
                )
            }
            9 => {
                let (x, y) = (self.leaf(Ty::Date, scope), self.leaf(Ty::Date, scope));
                let z = self.build(Ty::Date, scope, d, subqueries);
                format!("(({x}, {y}) OVERLAPS ({z}, INTERVAL '40 days'))")
            }
            10 => {
                let (x, y) = (self.leaf(Ty::Int, scope), self.leaf(Ty::Text, scope));
                format!(
                    "(ROW({x}, {y}) IS {}NULL)",
                    ["", "NOT "][self.random.below(2)]
                )
            }
            11 => {
                let x = self.build(Ty::Date, scope, d, subqueries);
                let operator = self.random.pick(&["<", "=", ">="]);
                format!("({x} {operator} {})", self.leaf(Ty::Ts, scope))
            }
            12 => {
                let x = self.build(Ty::Int, scope, d, subqueries);
                let operator = self.random.pick(&["<", "=", ">=", "<>"]);
                format!("({x} {operator} {})", self.leaf(Ty::Num, scope))
            }
            _ => format!("starts_with({a}, {})", self.leaf(Ty::Text, scope)),
        }
    }

    fn date(&mut self, scope: &Scope, d: usize, subqueries: Subqueries) -> String {
        match self.random.below(6) {
            0 | 1 => format!("CAST({} AS date)", self.build(Ty::Ts, scope, d, subqueries)),
            2 => {
                let i = self.build(Ty::Int, scope, d, subqueries);
                format!(
                    "make_date(2024, 1 + CAST(abs({i} % 12) AS integer), 1 + CAST(abs({i} % 28) AS integer))"
                )
            }
            3 => {
                let x = self.build(Ty::Date, scope, d, subqueries);
                let pattern =
                    self.random
                        .pick(&["YYYY-MM-DD", "DD Mon YYYY", "YYYYDDD", "FMMonth DD YYYY"]);
                format!("to_date(to_char({x}, '{pattern}'), '{pattern}')")
            }
            4 => format!(
                "CAST(CAST({} AS text) AS date)",
                self.build(Ty::Date, scope, d, subqueries)
            ),
            _ => {
                let unit = self.random.pick(TRUNCATIONS);
                format!(
                    "CAST(date_trunc('{unit}', {}) AS date)",
                    self.build(Ty::Date, scope, d, subqueries)
                )
            }
        }
    }

    fn timestamp(&mut self, scope: &Scope, d: usize, subqueries: Subqueries) -> String {
        match self.random.below(7) {
            0 => format!(
                "CAST({} AS timestamp)",
                self.build(Ty::Date, scope, d, subqueries)
            ),
            1 | 2 => {
                let x = self.build(Ty::Ts, scope, d, subqueries);
                let interval = self.random.pick(&[
                    "1 month",
                    "-1 day",
                    "36 hours",
                    "1 year 2 days 03:04:05",
                    "0.5 days",
                    "-13 months",
                ]);
                format!(
                    "({x} {} INTERVAL '{interval}')",
                    ["+", "-"][self.random.below(2)]
                )
            }
            3 => {
                let x = self.build(Ty::Ts, scope, d, subqueries);
                format!(
                    "({x} + ({} - {}))",
                    self.leaf(Ty::Ts, scope),
                    self.leaf(Ty::Ts, scope)
                )
            }
            4 => {
                let unit = self.random.pick(TRUNCATIONS);
                format!(
                    "date_trunc('{unit}', {})",
                    self.build(Ty::Ts, scope, d, subqueries)
                )
            }
            5 => format!(
                "({} + TIME '10:20:30')",
                self.build(Ty::Date, scope, d, subqueries)
            ),
            _ => format!(
                "date_bin(INTERVAL '7 days', {}, TIMESTAMP '2001-01-01')",
                self.build(Ty::Ts, scope, d, subqueries)
            ),
        }
    }

    fn integers(&mut self, scope: &Scope, d: usize, subqueries: Subqueries) -> String {
        match self.random.below(7) {
            0 | 1 => {
                let x = self.build(Ty::Int, scope, d, subqueries);
                format!(
                    "ARRAY[CAST({x} AS integer), CAST({} AS integer)]",
                    self.leaf(Ty::Int, scope)
                )
            }
            2 => {
                let x = self.build(Ty::Ints, scope, d, subqueries);
                format!("({x} || {})", self.leaf(Ty::Ints, scope))
            }
            3 => {
                let x = self.build(Ty::Ints, scope, d, subqueries);
                format!(
                    "array_append({x}, CAST({} AS integer))",
                    self.leaf(Ty::Int, scope)
                )
            }
            4 => {
                let x = self.build(Ty::Ints, scope, d, subqueries);
                format!(
                    "array_remove({x}, CAST({} AS integer))",
                    self.leaf(Ty::Int, scope)
                )
            }
            5 => {
                let x = self.build(Ty::Ints, scope, d, subqueries);
                format!(
                    "array_replace({x}, 1, CAST({} AS integer))",
                    self.leaf(Ty::Int, scope)
                )
            }
            _ => {
                let x = self.build(Ty::Ints, scope, d, subqueries);
                format!("array_cat({}, {x})", self.leaf(Ty::Ints, scope))
            }
        }
    }
}
