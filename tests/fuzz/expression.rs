//! Random expressions of a wanted type.

use super::query::{Generator, Name, Scope, Subqueries};
use super::schema::{Ty, literal};

impl Generator<'_> {
    /// An expression without subqueries.
    pub(super) fn flat(&mut self, ty: Ty, scope: &Scope, depth: usize) -> String {
        self.build(ty, scope, depth, Subqueries::Never)
    }

    pub(super) fn expression(&mut self, ty: Ty, scope: &Scope, depth: usize) -> String {
        self.build(ty, scope, depth, Subqueries::Some)
    }

    pub(super) fn leaf(&mut self, ty: Ty, scope: &Scope) -> String {
        // The own columns more often than those around.
        for frame in scope.iter().rev() {
            let fitting: Vec<&Name> = frame.iter().filter(|name| name.ty == ty).collect();
            if !fitting.is_empty() && self.random.chance(80) {
                return self.random.pick(&fitting).sql.clone();
            }
        }
        if self.random.chance(8) {
            return format!("CAST(NULL AS {})", ty.name());
        }
        literal(self.random, ty, self.dialect)
    }

    pub(super) fn build(
        &mut self,
        ty: Ty,
        scope: &Scope,
        depth: usize,
        subqueries: Subqueries,
    ) -> String {
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
                5 => {
                    let (of, when) = (self.any_type(), self.leaf(ty, scope));
                    let (x, y) = (self.leaf(of, scope), self.leaf(of, scope));
                    let other = self.build(ty, scope, d, subqueries);
                    return format!("CASE {x} WHEN {y} THEN {when} ELSE {other} END");
                }
                _ => {}
            }
        }
        if self.full() && self.random.chance(35) {
            return self.function(ty, scope, d, subqueries);
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
            Ty::Ts | Ty::Ints => self.function(ty, scope, d, subqueries),
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
        if ty == Ty::Ints && self.random.chance(60) {
            let x = self.flat(Ty::Int, &inner, 1);
            return format!("ARRAY(SELECT {x} FROM {from}{filter} ORDER BY 1)");
        }
        if self.full() && self.random.chance(15) {
            // The first of some groups.
            let own: Scope = inner.last().cloned().into_iter().collect();
            let key = self.random.pick(&own[0]).sql.clone();
            let x = self.aggregate(ty, &own);
            return format!(
                "(SELECT {x} FROM {from}{filter} GROUP BY {key} ORDER BY 1 NULLS LAST LIMIT 1)"
            );
        }
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
