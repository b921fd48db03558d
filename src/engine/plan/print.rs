//! Plans as short text, an operator a line, for tests and for people who debug.

use super::{
    AggregateCall, Direction, Distinctness, FrameBound, JoinKind, Nulls, Ordinality, Plan,
    ScanColumn, SetKind, SortKey, WindowCall,
};
use crate::base::Value;
use crate::engine::expr::{
    ColumnId, Comparison, Expr, ExprKind, Negation, Quantifier, Subquery, SubqueryForm, Test,
};
use crate::engine::plan::ColumnSet;
use std::fmt::{self, Display, Formatter};

impl Display for ColumnId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eq => "=",
            Self::NotEq => "<>",
            Self::Lt => "<",
            Self::LtEq => "<=",
            Self::Gt => ">",
            Self::GtEq => ">=",
            Self::Distinct => "IS DISTINCT FROM",
            Self::NotDistinct => "IS NOT DISTINCT FROM",
        })
    }
}

impl Subquery {
    /// Its query as text in which the columns that it makes are numbered in the order of the
    /// text: equal for two bindings of the same query.
    pub(super) fn shape(&self) -> String {
        let mut outer = ColumnSet::default();
        self.plan.free_into(&mut outer);
        let mut text = self.plan.to_string();
        for id in &self.columns {
            text.push_str(&format!(" {id}"));
        }
        let mut numbers: Vec<&str> = Vec::new();
        let mut shape = String::with_capacity(text.len());
        // Texts stand in quotes, so every second part is one.
        for (place, part) in text.split('\'').enumerate() {
            if place > 0 {
                shape.push('\'');
            }
            if place % 2 == 1 {
                shape.push_str(part);
                continue;
            }
            let mut pieces = part.split('#');
            shape.push_str(pieces.next().unwrap_or_default());
            for piece in pieces {
                let end = piece.find(|c: char| !c.is_ascii_digit());
                let (number, rest) = piece.split_at(end.unwrap_or(piece.len()));
                let foreign = number.parse().is_ok_and(|id| outer.contains(ColumnId(id)));
                let place = numbers.iter().position(|known| *known == number);
                shape.push_str(&match (foreign, place) {
                    (true, _) => format!("#{number}"),
                    (false, Some(place)) => format!("@{place}"),
                    (false, None) => {
                        numbers.push(number);
                        format!("@{}", numbers.len() - 1)
                    }
                });
                shape.push_str(rest);
            }
        }
        shape
    }
}

/// Things with something between them.
fn list<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    between: &str,
    mut each: impl FnMut(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        each(f, item)?;
    }
    Ok(())
}

fn value(f: &mut Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Null => f.write_str("NULL"),
        Value::Bool(value) => write!(f, "{value}"),
        Value::Int(value) => write!(f, "{value}"),
        Value::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
        Value::Numeric(number) => write!(f, "{}e-{}", number.mantissa(), number.scale()),
        other => write!(f, "{other:?}"),
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let each = |f: &mut Formatter<'_>, expr: &Expr| write!(f, "{expr}");
        match &self.kind {
            ExprKind::Column(id) => write!(f, "{id}"),
            ExprKind::Literal(literal) => value(f, literal),
            ExprKind::Parameter(number) => write!(f, "${}", number + 1),
            ExprKind::Call(function, arguments) => match arguments.as_slice() {
                [left, right] if !function.name.starts_with(|c: char| c.is_alphabetic()) => {
                    write!(f, "({left} {} {right})", function.name)
                }
                _ => {
                    write!(f, "{}(", function.name)?;
                    list(f, arguments, ", ", each)?;
                    f.write_str(")")
                }
            },
            ExprKind::Cast(operand, _) => write!(f, "{operand}::{}", self.ty),
            ExprKind::And(operands) => {
                f.write_str("(")?;
                list(f, operands, " AND ", each)?;
                f.write_str(")")
            }
            ExprKind::Or(operands) => {
                f.write_str("(")?;
                list(f, operands, " OR ", each)?;
                f.write_str(")")
            }
            ExprKind::Not(operand) => write!(f, "NOT {operand}"),
            ExprKind::Test(operand, test) => {
                let words = match test {
                    Test::Null => "IS NULL",
                    Test::NotNull => "IS NOT NULL",
                    Test::True => "IS TRUE",
                    Test::NotTrue => "IS NOT TRUE",
                    Test::False => "IS FALSE",
                    Test::NotFalse => "IS NOT FALSE",
                    Test::Unknown => "IS UNKNOWN",
                    Test::NotUnknown => "IS NOT UNKNOWN",
                };
                write!(f, "({operand} {words})")
            }
            ExprKind::Compare(comparison, left, right) => {
                write!(f, "({left} {comparison} {right})")
            }
            ExprKind::InList {
                operand,
                list: members,
                negated,
            } => {
                let not = match negated {
                    Negation::Plain => "",
                    Negation::Negated => "NOT ",
                };
                write!(f, "({operand} {not}IN (")?;
                list(f, members, ", ", each)?;
                f.write_str("))")
            }
            ExprKind::Quantified {
                operand,
                comparison,
                quantifier,
                array,
            } => write!(f, "({operand} {comparison} {quantifier} {array})"),
            ExprKind::Case {
                branches,
                otherwise,
            } => {
                f.write_str("CASE")?;
                for (condition, result) in branches {
                    write!(f, " WHEN {condition} THEN {result}")?;
                }
                if let Some(otherwise) = otherwise {
                    write!(f, " ELSE {otherwise}")?;
                }
                f.write_str(" END")
            }
            ExprKind::Coalesce(operands) => {
                f.write_str("coalesce(")?;
                list(f, operands, ", ", each)?;
                f.write_str(")")
            }
            ExprKind::Array(operands) => {
                f.write_str("ARRAY[")?;
                list(f, operands, ", ", each)?;
                f.write_str("]")
            }
            ExprKind::Row(operands) => {
                f.write_str("ROW(")?;
                list(f, operands, ", ", each)?;
                f.write_str(")")
            }
            ExprKind::Subquery(subquery) => {
                match &subquery.form {
                    SubqueryForm::Scalar => f.write_str("SCALAR")?,
                    SubqueryForm::Exists => f.write_str("EXISTS")?,
                    SubqueryForm::Array => f.write_str("ARRAY")?,
                    SubqueryForm::Quantified {
                        operands,
                        comparison,
                        quantifier,
                    } => {
                        f.write_str("(")?;
                        list(f, operands, ", ", each)?;
                        write!(f, ") {comparison} {quantifier}")?;
                    }
                }
                write!(f, " {{\n{}}}", subquery.plan)
            }
        }
    }
}

impl Display for Quantifier {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "ANY",
            Self::All => "ALL",
        })
    }
}

impl Display for SortKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.expr)?;
        f.write_str(match (self.direction, self.nulls) {
            (Direction::Ascending, Nulls::Last) => "",
            (Direction::Ascending, Nulls::First) => " NULLS FIRST",
            (Direction::Descending, Nulls::First) => " DESC",
            (Direction::Descending, Nulls::Last) => " DESC NULLS LAST",
        })
    }
}

impl Display for FrameBound {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnboundedPreceding => f.write_str("UNBOUNDED PRECEDING"),
            Self::Preceding(expr) => write!(f, "{expr} PRECEDING"),
            Self::CurrentRow => f.write_str("CURRENT ROW"),
            Self::Following(expr) => write!(f, "{expr} FOLLOWING"),
            Self::UnboundedFollowing => f.write_str("UNBOUNDED FOLLOWING"),
        }
    }
}

impl Display for AggregateCall {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}(", self.function)?;
        if self.distinct == Distinctness::Distinct {
            f.write_str("DISTINCT ")?;
        }
        list(f, &self.arguments, ", ", |f, expr| write!(f, "{expr}"))?;
        if !self.order_by.is_empty() {
            f.write_str(" ORDER BY ")?;
            list(f, &self.order_by, ", ", |f, key| write!(f, "{key}"))?;
        }
        f.write_str(")")?;
        match &self.filter {
            Some(filter) => write!(f, " FILTER {filter}"),
            None => Ok(()),
        }
    }
}

impl Display for WindowCall {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}(", self.function)?;
        list(f, &self.arguments, ", ", |f, expr| write!(f, "{expr}"))?;
        f.write_str(")")?;
        match &self.filter {
            Some(filter) => write!(f, " FILTER {filter}"),
            None => Ok(()),
        }
    }
}

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        tree(f, self, 0)
    }
}

fn tree(f: &mut Formatter<'_>, plan: &Plan, depth: usize) -> fmt::Result {
    for _ in 0..depth {
        f.write_str("  ")?;
    }
    line(f, plan)?;
    f.write_str("\n")?;
    if let Plan::With { ctes, body } = plan {
        for cte in ctes {
            for _ in 0..=depth {
                f.write_str("  ")?;
            }
            write!(f, "cte {} {} (", cte.id.0, cte.name)?;
            list(f, &cte.columns, " ", |f, id| write!(f, "{id}"))?;
            f.write_str(")\n")?;
            tree(f, &cte.plan, depth + 2)?;
            if let Some(recursion) = &cte.recursion {
                tree(f, &recursion.plan, depth + 2)?;
            }
        }
        return tree(f, body, depth + 1);
    }
    let mut outcome = Ok(());
    plan.inputs(&mut |input| {
        if outcome.is_ok() {
            outcome = tree(f, input, depth + 1);
        }
    });
    outcome
}

fn predicates(f: &mut Formatter<'_>, word: &str, exprs: &[Expr]) -> fmt::Result {
    if exprs.is_empty() {
        return Ok(());
    }
    f.write_str(word)?;
    list(f, exprs, " AND ", |f, expr| write!(f, "{expr}"))
}

fn line(f: &mut Formatter<'_>, plan: &Plan) -> fmt::Result {
    match plan {
        Plan::Scan(scan) => {
            write!(f, "Scan {}", scan.table)?;
            if scan.alias != scan.table {
                write!(f, " {}", scan.alias)?;
            }
            f.write_str(" [")?;
            list(f, &scan.columns, " ", |f, (id, column, _)| match column {
                ScanColumn::Stored(place) => write!(f, "{id}:{place}"),
                ScanColumn::RowId => write!(f, "{id}:row"),
            })?;
            f.write_str("]")?;
            predicates(f, " where ", &scan.predicates)
        }
        Plan::Values { columns, rows } => {
            f.write_str("Values [")?;
            list(f, columns, " ", |f, (id, _)| write!(f, "{id}"))?;
            f.write_str("]")?;
            for row in rows {
                f.write_str(" (")?;
                list(f, row, ", ", |f, expr| write!(f, "{expr}"))?;
                f.write_str(")")?;
            }
            Ok(())
        }
        Plan::TableFunction {
            function,
            arguments,
            columns,
            ordinality,
        } => {
            write!(f, "{function:?}(")?;
            list(f, arguments, ", ", |f, expr| write!(f, "{expr}"))?;
            f.write_str(") [")?;
            list(f, columns, " ", |f, (id, _)| write!(f, "{id}"))?;
            f.write_str(match ordinality {
                Ordinality::Without => "]",
                Ordinality::With => "] with ordinality",
            })
        }
        Plan::Filter {
            predicates: all, ..
        } => predicates(f, "Filter ", all),
        Plan::Project { columns, .. } => {
            f.write_str("Project [")?;
            list(f, columns, ", ", |f, (id, expr)| match expr.kind {
                ExprKind::Column(column) if column == *id => write!(f, "{id}"),
                _ => write!(f, "{id}={expr}"),
            })?;
            f.write_str("]")
        }
        Plan::Join(join) => {
            match join.kind {
                JoinKind::Mark(id) => write!(f, "Mark {id} join")?,
                kind => write!(f, "{kind:?} join")?,
            }
            predicates(f, " on ", &join.on)
        }
        Plan::Aggregate(aggregate) => {
            f.write_str("Aggregate [")?;
            list(f, &aggregate.groups, ", ", |f, (id, expr)| {
                write!(f, "{id}={expr}")
            })?;
            f.write_str("] [")?;
            list(f, &aggregate.calls, ", ", |f, (id, call)| {
                write!(f, "{id}={call}")
            })?;
            f.write_str("]")?;
            if let Some(sets) = &aggregate.sets {
                write!(f, " sets {sets:?}")?;
            }
            for (id, groups) in &aggregate.grouping {
                write!(f, " {id}=grouping{groups:?}")?;
            }
            Ok(())
        }
        Plan::Window(window) => {
            f.write_str("Window [")?;
            list(f, &window.calls, ", ", |f, (id, call)| {
                write!(f, "{id}={call}")
            })?;
            f.write_str("]")?;
            if !window.partition_by.is_empty() {
                f.write_str(" partition ")?;
                list(f, &window.partition_by, ", ", |f, expr| write!(f, "{expr}"))?;
            }
            if !window.order_by.is_empty() {
                f.write_str(" order ")?;
                list(f, &window.order_by, ", ", |f, key| write!(f, "{key}"))?;
            }
            write!(
                f,
                " {:?} {} to {}",
                window.frame.unit, window.frame.start, window.frame.end
            )?;
            match window.frame.exclude {
                super::FrameExclusion::NoOthers => Ok(()),
                other => write!(f, " exclude {other:?}"),
            }
        }
        Plan::Distinct { .. } => f.write_str("Distinct"),
        Plan::DistinctOn { keys, .. } => {
            f.write_str("DistinctOn ")?;
            list(f, keys, ", ", |f, expr| write!(f, "{expr}"))
        }
        Plan::Sort { keys, .. } => {
            f.write_str("Sort ")?;
            list(f, keys, ", ", |f, key| write!(f, "{key}"))
        }
        Plan::Limit {
            limit,
            offset,
            ties,
            ..
        } => {
            f.write_str("Limit")?;
            if let Some(limit) = limit {
                write!(f, " {limit}")?;
            }
            if let Some(offset) = offset {
                write!(f, " offset {offset}")?;
            }
            if ties.is_some() {
                f.write_str(" with ties")?;
            }
            Ok(())
        }
        Plan::SetOperation(operation) => {
            f.write_str(match operation.kind {
                SetKind::Union => "Union",
                SetKind::Intersect => "Intersect",
                SetKind::Except => "Except",
            })?;
            if operation.distinct == Distinctness::All {
                f.write_str(" all")?;
            }
            f.write_str(" [")?;
            list(f, &operation.columns, ", ", |f, (id, left, right, _)| {
                write!(f, "{id}={left}|{right}")
            })?;
            f.write_str("]")
        }
        Plan::With { .. } => f.write_str("With"),
        Plan::CteScan { cte, columns } => {
            write!(f, "CteScan {} [", cte.0)?;
            list(f, columns, " ", |f, (id, place, _)| {
                write!(f, "{id}:{place}")
            })?;
            f.write_str("]")
        }
    }
}
