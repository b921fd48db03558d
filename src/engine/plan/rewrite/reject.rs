//! Which conditions cannot be true when certain columns are all NULL.

use crate::engine::expr::{Comparison, Expr, ExprKind, Negation, Test};
use crate::engine::plan::ColumnSet;
use crate::engine::scalar::Strictness;

/// Whether a condition is never true for a row in which all of these columns are NULL.
pub fn rejects_nulls(condition: &Expr, columns: &ColumnSet) -> bool {
    match &condition.kind {
        ExprKind::And(operands) => operands.iter().any(|part| rejects_nulls(part, columns)),
        ExprKind::Or(operands) => {
            !operands.is_empty() && operands.iter().all(|part| rejects_nulls(part, columns))
        }
        ExprKind::Test(operand, Test::NotNull | Test::True | Test::False | Test::NotUnknown) => {
            is_null(operand, columns)
        }
        ExprKind::Not(_)
        | ExprKind::Compare(_, _, _)
        | ExprKind::InList { .. }
        | ExprKind::Column(_)
        | ExprKind::Call(_, _) => is_null(condition, columns),
        ExprKind::Test(_, _)
        | ExprKind::Literal(_)
        | ExprKind::Parameter(_)
        | ExprKind::Cast(_, _)
        | ExprKind::Quantified { .. }
        | ExprKind::Case { .. }
        | ExprKind::Coalesce(_)
        | ExprKind::Array(_)
        | ExprKind::Row(_)
        | ExprKind::Subquery(_) => false,
    }
}

/// Whether an expression is NULL wherever all of these columns are.
fn is_null(expr: &Expr, columns: &ColumnSet) -> bool {
    match &expr.kind {
        ExprKind::Column(id) => columns.contains(*id),
        ExprKind::Call(function, arguments) => {
            function.strictness == Strictness::Strict
                && arguments.iter().any(|argument| is_null(argument, columns))
        }
        ExprKind::Cast(operand, _) | ExprKind::Not(operand) => is_null(operand, columns),
        ExprKind::Compare(comparison, left, right) => {
            !matches!(comparison, Comparison::Distinct | Comparison::NotDistinct)
                && !matches!(left.ty, crate::base::Type::Record(_))
                && (is_null(left, columns) || is_null(right, columns))
        }
        ExprKind::InList {
            operand,
            list,
            negated: Negation::Plain | Negation::Negated,
        } => !list.is_empty() && is_null(operand, columns),
        ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Test(_, _)
        | ExprKind::Literal(_)
        | ExprKind::Parameter(_)
        | ExprKind::Quantified { .. }
        | ExprKind::Case { .. }
        | ExprKind::Coalesce(_)
        | ExprKind::Array(_)
        | ExprKind::Row(_)
        | ExprKind::Subquery(_) => false,
    }
}
