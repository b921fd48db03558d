//! Walks over expressions: parts, columns read, equality.

use super::super::ColumnSet;
use crate::base::{Type, Value};
use crate::engine::expr::{ColumnId, Expr, ExprKind, SubqueryForm};

impl Expr {
    /// Visits the direct operands; of a subquery its left side, not its plan.
    pub fn children<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match &self.kind {
            ExprKind::Column(_) | ExprKind::Literal(_) | ExprKind::Parameter(_) => {}
            ExprKind::Call(_, operands)
            | ExprKind::And(operands)
            | ExprKind::Or(operands)
            | ExprKind::Coalesce(operands)
            | ExprKind::Array(operands)
            | ExprKind::Row(operands) => operands.iter().for_each(visit),
            ExprKind::Cast(operand, _) | ExprKind::Not(operand) | ExprKind::Test(operand, _) => {
                visit(operand);
            }
            ExprKind::Compare(_, left, right) => {
                visit(left);
                visit(right);
            }
            ExprKind::InList { operand, list, .. } => {
                visit(operand);
                list.iter().for_each(visit);
            }
            ExprKind::Quantified { operand, array, .. } => {
                visit(operand);
                visit(array);
            }
            ExprKind::Case {
                branches,
                otherwise,
            } => {
                for (condition, result) in branches {
                    visit(condition);
                    visit(result);
                }
                if let Some(otherwise) = otherwise {
                    visit(otherwise);
                }
            }
            ExprKind::Subquery(subquery) => {
                if let SubqueryForm::Quantified { operands, .. } = &subquery.form {
                    operands.iter().for_each(visit);
                }
            }
        }
    }

    /// Visits the direct operands; of a subquery its left side, not its plan.
    pub fn children_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        match &mut self.kind {
            ExprKind::Column(_) | ExprKind::Literal(_) | ExprKind::Parameter(_) => {}
            ExprKind::Call(_, operands)
            | ExprKind::And(operands)
            | ExprKind::Or(operands)
            | ExprKind::Coalesce(operands)
            | ExprKind::Array(operands)
            | ExprKind::Row(operands) => operands.iter_mut().for_each(visit),
            ExprKind::Cast(operand, _) | ExprKind::Not(operand) | ExprKind::Test(operand, _) => {
                visit(operand);
            }
            ExprKind::Compare(_, left, right) => {
                visit(left);
                visit(right);
            }
            ExprKind::InList { operand, list, .. } => {
                visit(operand);
                list.iter_mut().for_each(visit);
            }
            ExprKind::Quantified { operand, array, .. } => {
                visit(operand);
                visit(array);
            }
            ExprKind::Case {
                branches,
                otherwise,
            } => {
                for (condition, result) in branches {
                    visit(condition);
                    visit(result);
                }
                if let Some(otherwise) = otherwise {
                    visit(otherwise);
                }
            }
            ExprKind::Subquery(subquery) => {
                if let SubqueryForm::Quantified { operands, .. } = &mut subquery.form {
                    operands.iter_mut().for_each(visit);
                }
            }
        }
    }

    /// Whether this or an operand, at any depth but not inside subqueries, satisfies the test.
    pub fn any(&self, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
        if test(self) {
            return true;
        }
        let mut found = false;
        self.children(&mut |child| found = found || child.any(test));
        found
    }

    /// Whether a subquery stands in it.
    pub fn has_subquery(&self) -> bool {
        self.any(&mut |expr| matches!(expr.kind, ExprKind::Subquery(_)))
    }

    /// Adds every column it reads, also inside subqueries (where columns are read that the
    /// subquery itself makes).
    pub fn read_into(&self, set: &mut ColumnSet) {
        match &self.kind {
            ExprKind::Column(id) => {
                set.insert(*id);
            }
            ExprKind::Subquery(subquery) => subquery.plan.free_into(set),
            _ => {}
        }
        self.children(&mut |child| child.read_into(set));
    }

    /// The columns it reads.
    pub fn reads(&self) -> ColumnSet {
        let mut set = ColumnSet::default();
        self.read_into(&mut set);
        set
    }

    /// Replaces columns, also the outer columns inside subqueries.
    pub fn map_columns(&mut self, map: &mut dyn FnMut(ColumnId) -> Option<Expr>) {
        if let ExprKind::Column(id) = self.kind {
            if let Some(mut expr) = map(id) {
                expr.span = self.span.or(expr.span);
                *self = expr;
            }
            return;
        }
        if let ExprKind::Subquery(subquery) = &mut self.kind {
            subquery.plan.map_columns(map);
        }
        self.children_mut(&mut |child| child.map_columns(map));
    }

    /// Whether the two compute the same, told by their shape. Positions do not count, nor
    /// what subqueries call the columns that they make.
    pub fn same(&self, other: &Self) -> bool {
        // A column is itself also where a text is read without its length.
        if let (ExprKind::Column(left), ExprKind::Column(right)) = (&self.kind, &other.kind) {
            return left == right;
        }
        if !same_type(&self.ty, &other.ty) {
            return false;
        }
        let all = |left: &[Expr], right: &[Expr]| {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| l.same(r))
        };
        match (&self.kind, &other.kind) {
            (ExprKind::Literal(left), ExprKind::Literal(right)) => same_value(left, right),
            (ExprKind::Parameter(left), ExprKind::Parameter(right)) => left == right,
            (ExprKind::Call(left, ls), ExprKind::Call(right, rs)) => {
                std::ptr::eq(*left, *right) && all(ls, rs)
            }
            (ExprKind::Cast(left, lf), ExprKind::Cast(right, rf)) => {
                self.ty == other.ty && lf == rf && left.same(right)
            }
            (ExprKind::And(ls), ExprKind::And(rs))
            | (ExprKind::Or(ls), ExprKind::Or(rs))
            | (ExprKind::Coalesce(ls), ExprKind::Coalesce(rs))
            | (ExprKind::Array(ls), ExprKind::Array(rs))
            | (ExprKind::Row(ls), ExprKind::Row(rs)) => all(ls, rs),
            (ExprKind::Not(left), ExprKind::Not(right)) => left.same(right),
            (ExprKind::Test(left, lt), ExprKind::Test(right, rt)) => lt == rt && left.same(right),
            (ExprKind::Compare(lc, ll, lr), ExprKind::Compare(rc, rl, rr)) => {
                lc == rc && ll.same(rl) && lr.same(rr)
            }
            (
                ExprKind::InList {
                    operand: lo,
                    list: ll,
                    negated: ln,
                },
                ExprKind::InList {
                    operand: ro,
                    list: rl,
                    negated: rn,
                },
            ) => ln == rn && lo.same(ro) && all(ll, rl),
            (
                ExprKind::Quantified {
                    operand: lo,
                    comparison: lc,
                    quantifier: lq,
                    array: la,
                },
                ExprKind::Quantified {
                    operand: ro,
                    comparison: rc,
                    quantifier: rq,
                    array: ra,
                },
            ) => lc == rc && lq == rq && lo.same(ro) && la.same(ra),
            (
                ExprKind::Case {
                    branches: lb,
                    otherwise: lo,
                },
                ExprKind::Case {
                    branches: rb,
                    otherwise: ro,
                },
            ) => {
                lb.len() == rb.len()
                    && lb
                        .iter()
                        .zip(rb)
                        .all(|((lc, lr), (rc, rr))| lc.same(rc) && lr.same(rr))
                    && match (lo, ro) {
                        (None, None) => true,
                        (Some(left), Some(right)) => left.same(right),
                        (None, Some(_)) | (Some(_), None) => false,
                    }
            }
            // Such as a select list's entry that GROUP BY names or repeats.
            (ExprKind::Subquery(left), ExprKind::Subquery(right)) => {
                (match (&left.form, &right.form) {
                    (SubqueryForm::Scalar, SubqueryForm::Scalar)
                    | (SubqueryForm::Exists, SubqueryForm::Exists)
                    | (SubqueryForm::Array, SubqueryForm::Array) => true,
                    (
                        SubqueryForm::Quantified {
                            operands: lo,
                            comparison: lc,
                            quantifier: lq,
                        },
                        SubqueryForm::Quantified {
                            operands: ro,
                            comparison: rc,
                            quantifier: rq,
                        },
                    ) => lc == rc && lq == rq && all(lo, ro),
                    _ => false,
                }) && left.shape() == right.shape()
            }
            _ => false,
        }
    }
}

/// Whether types differ in name at most: texts are often read as another type of text, which
/// changes no value but where a cast does it.
fn same_type(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Text | Type::Varchar(_), Type::Text | Type::Varchar(_)) => true,
        (Type::Array(left), Type::Array(right)) => same_type(left, right),
        (left, right) => left == right,
    }
}

/// Whether two constants are identical, display scale included.
fn same_value(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(l), Value::Bool(r)) => l == r,
        (Value::Int(l), Value::Int(r)) => l == r,
        (Value::Text(l), Value::Text(r)) => l == r,
        (Value::Numeric(l), Value::Numeric(r)) => {
            (l.mantissa(), l.scale()) == (r.mantissa(), r.scale())
        }
        (Value::Float(l), Value::Float(r)) => l.to_bits() == r.to_bits(),
        (Value::Date(l), Value::Date(r)) => l == r,
        (Value::Time(l), Value::Time(r)) | (Value::Timestamp(l), Value::Timestamp(r)) => l == r,
        _ => format!("{left:?}") == format!("{right:?}"),
    }
}
