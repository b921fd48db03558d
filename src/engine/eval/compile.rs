//! From bound expressions to compiled ones.

use super::node::{Kind, Node, Safety, safety_of};
use super::{Context, Layout};
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Diagnostic, Result, Type, Value};
use crate::engine::expr::{CastForm, Expr, ExprKind, Negation};
use std::cell::RefCell;

/// Compiles an expression and computes what is constant in it.
pub fn compile(expr: &Expr, layout: &Layout, context: &Context<'_>) -> Result<Node> {
    let nested = |inner: &Expr| compile(inner, layout, context);
    let all = |inner: &[Expr]| inner.iter().map(nested).collect::<Result<Vec<Node>>>();
    let one = |inner: &Expr| nested(inner).map(Box::new);
    let kind = match &expr.kind {
        ExprKind::Column(id) => match layout.place(*id) {
            Some(place) => Kind::Column(place),
            None => {
                return Err(Diagnostic::error(
                    sqlstate::INTERNAL_ERROR,
                    format!("column {} is not among the inputs of its operator", id.0),
                )
                .at(expr.span));
            }
        },
        ExprKind::Literal(value) => Kind::Constant(value.clone()),
        ExprKind::Parameter(number) => Kind::Constant(parameter(*number, &expr.ty, context)?),
        ExprKind::Call(function, arguments) => Kind::Call {
            function,
            types: arguments
                .iter()
                .map(|argument| argument.ty.clone())
                .collect(),
            arguments: all(arguments)?,
            patterns: RefCell::default(),
        },
        ExprKind::Cast(inner, form) => Kind::Cast(one(inner)?, *form),
        ExprKind::And(parts) => Kind::And(all(parts)?),
        ExprKind::Or(parts) => Kind::Or(all(parts)?),
        ExprKind::Not(inner) => Kind::Not(one(inner)?),
        ExprKind::Test(inner, test) => Kind::Test(one(inner)?, *test),
        ExprKind::Compare(comparison, left, right) => {
            Kind::Compare(*comparison, one(left)?, one(right)?)
        }
        ExprKind::InList {
            operand,
            list,
            negated,
        } => in_list(one(operand)?, all(list)?, *negated, &operand.ty),
        ExprKind::Quantified {
            operand,
            comparison,
            quantifier,
            array,
        } => Kind::Quantified {
            operand: one(operand)?,
            comparison: *comparison,
            quantifier: *quantifier,
            array: one(array)?,
        },
        ExprKind::Case {
            branches,
            otherwise,
        } => Kind::Case {
            branches: branches
                .iter()
                .map(|(condition, result)| Ok((nested(condition)?, nested(result)?)))
                .collect::<Result<_>>()?,
            otherwise: otherwise.as_deref().map(one).transpose()?,
        },
        ExprKind::Coalesce(parts) => Kind::Coalesce(all(parts)?),
        ExprKind::Array(parts) => Kind::Array(all(parts)?),
        ExprKind::Row(parts) => Kind::Row(all(parts)?),
        ExprKind::Subquery(_) => {
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "a subquery is not supported in this place",
            )
            .at(expr.span));
        }
    };
    Ok(folded(finished(kind, expr), context))
}

fn parameter(number: u32, ty: &Type, context: &Context<'_>) -> Result<Value> {
    let Some(value) = context.parameters.get(number as usize) else {
        return Err(Diagnostic::error(
            sqlstate::UNDEFINED_PARAMETER,
            format!("there is no parameter ${}", u64::from(number) + 1),
        ));
    };
    let from = match (value, ty) {
        (Value::Bool(_), _) => Type::Boolean,
        (Value::Int(_), ty) if !ty.is_integer() => Type::BigInt,
        (Value::Numeric(_), _) => Type::Numeric(None),
        (Value::Float(_), ty) if *ty != Type::Real => Type::Double,
        (Value::Text(_), ty) if !ty.is_text() => Type::Unknown,
        (Value::Date(_), _) => Type::Date,
        (Value::Timestamp(_), Type::Date | Type::Text) => Type::TimestampTz,
        // The kind says no more than the type does.
        _ => return Ok(value.clone()),
    };
    super::cast_value(value, &from, ty, CastForm::Implicit, context)
}

/// A list of constants becomes a set.
fn in_list(operand: Box<Node>, list: Vec<Node>, negated: Negation, ty: &Type) -> Kind {
    let flat = !matches!(ty, Type::Array(_) | Type::Record(_) | Type::Char(_));
    if !flat || list.iter().any(|member| member.constant().is_none()) {
        return Kind::InList {
            operand,
            list,
            negated,
        };
    }
    let members = || list.iter().filter_map(Node::constant);
    Kind::InSet {
        operand,
        set: members()
            .filter(|value| !value.is_null())
            .cloned()
            .collect(),
        null: members().any(Value::is_null),
        negated,
    }
}

fn finished(kind: Kind, expr: &Expr) -> Node {
    let mut places = Vec::new();
    let mut safety = match &kind {
        Kind::Column(place) => {
            places.push(*place);
            Safety::Safe
        }
        Kind::Call { function, .. } => safety_of(function.volatility),
        Kind::Cast(inner, _) if widens(&inner.ty, &expr.ty) => Safety::Safe,
        Kind::Cast(..) => Safety::Fallible,
        Kind::Constant(_)
        | Kind::And(_)
        | Kind::Or(_)
        | Kind::Not(_)
        | Kind::Test(..)
        | Kind::Compare(..)
        | Kind::InSet { .. }
        | Kind::InList { .. }
        | Kind::Quantified { .. }
        | Kind::Case { .. }
        | Kind::Coalesce(_)
        | Kind::Array(_)
        | Kind::Row(_) => Safety::Safe,
    };
    for child in children(&kind) {
        safety = safety.max(child.safety);
        places.extend_from_slice(&child.places);
    }
    places.sort_unstable();
    places.dedup();
    Node {
        kind,
        ty: expr.ty.clone(),
        span: expr.span,
        places,
        safety,
    }
}

/// Whether a conversion succeeds for every value.
fn widens(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::SmallInt | Type::Integer, Type::Integer | Type::BigInt) => {
            from != &Type::Integer || to != &Type::SmallInt
        }
        (a, Type::Numeric(None) | Type::Double) if a.is_integer() => true,
        (Type::Numeric(_) | Type::Real, Type::Double) | (Type::Numeric(_), Type::Numeric(None)) => {
            true
        }
        (a, Type::Text | Type::Varchar(None)) if a.is_text() => true,
        (a, b) => a == b,
    }
}

fn children(kind: &Kind) -> Vec<&Node> {
    match kind {
        Kind::Column(_) | Kind::Constant(_) => Vec::new(),
        Kind::Call {
            arguments: parts, ..
        }
        | Kind::And(parts)
        | Kind::Or(parts)
        | Kind::Coalesce(parts)
        | Kind::Array(parts)
        | Kind::Row(parts) => parts.iter().collect(),
        Kind::Cast(inner, _) | Kind::Not(inner) | Kind::Test(inner, _) => vec![inner],
        Kind::Compare(_, left, right) => vec![left, right],
        Kind::InSet { operand, .. } => vec![operand],
        Kind::InList { operand, list, .. } => std::iter::once(&**operand).chain(list).collect(),
        Kind::Quantified { operand, array, .. } => vec![operand, array],
        Kind::Case {
            branches,
            otherwise,
        } => branches
            .iter()
            .flat_map(|(condition, result)| [condition, result])
            .chain(otherwise.as_deref())
            .collect(),
    }
}

/// Replaces an expression over constants by its value. One that fails stays as it is: it fails
/// when, and only if, a row needs it.
fn folded(node: Node, context: &Context<'_>) -> Node {
    let foldable = node.places.is_empty()
        && !node.is_effectful()
        && node.constant().is_none()
        && children(&node.kind).iter().all(|child| {
            child.constant().is_some() || matches!(node.kind, Kind::Case { .. } | Kind::Coalesce(_))
        });
    if !foldable {
        return node;
    }
    let one_row = Batch {
        columns: Vec::new(),
        rows: 1,
    };
    match node.evaluate(&one_row, context) {
        Ok(operand) => {
            let value = operand.value(0, &node.ty);
            Node {
                kind: Kind::Constant(value),
                safety: Safety::Safe,
                ..node
            }
        }
        Err(_) => node,
    }
}
