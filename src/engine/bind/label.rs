//! The names of output columns, as PostgreSQL chooses them (`FigureColname`).

use super::scope::fold;
use super::types::{column_type, internal_name};
use sqlparser::ast::{
    Expr, FunctionArguments, ObjectNamePart, Query, SelectItem, SetExpr, TrimWhereField,
    TypedString, Value,
};
use std::sync::Arc;

/// The label of an expression without alias.
pub(super) fn label(expr: &Expr) -> Arc<str> {
    match figure(expr) {
        Some((name, _)) => Arc::from(name),
        None => Arc::from("?column?"),
    }
}

/// How good a name is: a cast's own name loses against its operand's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strength {
    Weak,
    Strong,
}

fn figure(expr: &Expr) -> Option<(String, Strength)> {
    let strong = |name: &str| Some((name.to_string(), Strength::Strong));
    match expr {
        Expr::Identifier(ident) => strong(&fold(ident)),
        Expr::CompoundIdentifier(parts) => parts.last().and_then(|ident| strong(&fold(ident))),
        Expr::CompoundFieldAccess {
            root,
            access_chain: _,
        } => figure(root),
        Expr::Nested(inner) => figure(inner),
        Expr::Collate { expr, collation: _ } => figure(expr),
        Expr::Function(function) => match function.name.0.last() {
            Some(ObjectNamePart::Identifier(name)) => {
                if let FunctionArguments::Subquery(_) = &function.args {
                    return strong("array");
                }
                strong(&fold(name))
            }
            _ => None,
        },
        Expr::Cast {
            kind: _,
            expr,
            data_type,
            format: _,
        } => match figure(expr) {
            Some((name, Strength::Strong)) => Some((name, Strength::Strong)),
            _ => column_type(data_type, None)
                .ok()
                .map(|ty| (internal_name(&ty).to_string(), Strength::Weak)),
        },
        Expr::TypedString(TypedString {
            data_type,
            value: _,
            uses_odbc_syntax: _,
        }) => column_type(data_type, None)
            .ok()
            .map(|ty| (internal_name(&ty).to_string(), Strength::Weak)),
        Expr::Value(value) => match value.value {
            Value::Boolean(_) => Some((String::from("bool"), Strength::Weak)),
            _ => None,
        },
        Expr::Interval(_) => Some((String::from("interval"), Strength::Weak)),
        Expr::Case {
            case_token: _,
            end_token: _,
            operand: _,
            conditions: _,
            else_result,
        } => match else_result.as_deref().and_then(figure) {
            Some((name, Strength::Strong)) => Some((name, Strength::Strong)),
            _ => Some((String::from("case"), Strength::Weak)),
        },
        Expr::Exists { negated: false, .. } => strong("exists"),
        Expr::Subquery(query) => subquery(query),
        Expr::Array(_) => strong("array"),
        Expr::Tuple(_) => strong("row"),
        Expr::AtTimeZone { .. } => strong("timezone"),
        Expr::Extract { .. } => strong("extract"),
        Expr::Ceil { .. } => strong("ceil"),
        Expr::Floor { .. } => strong("floor"),
        Expr::Position { .. } => strong("position"),
        Expr::Substring { shorthand, .. } => {
            strong(if *shorthand { "substr" } else { "substring" })
        }
        Expr::Trim { trim_where, .. } => strong(match trim_where {
            None | Some(TrimWhereField::Both) => "btrim",
            Some(TrimWhereField::Leading) => "ltrim",
            Some(TrimWhereField::Trailing) => "rtrim",
        }),
        Expr::Overlay { .. } => strong("overlay"),
        _ => None,
    }
}

/// A scalar subquery is called like its only column.
fn subquery(query: &Query) -> Option<(String, Strength)> {
    let mut body = &*query.body;
    loop {
        match body {
            SetExpr::Select(select) => {
                return match select.projection.first()? {
                    SelectItem::UnnamedExpr(expr) => {
                        figure(expr).map(|(name, _)| (name, Strength::Strong))
                    }
                    SelectItem::ExprWithAlias { expr: _, alias } => {
                        Some((fold(alias).into_owned(), Strength::Strong))
                    }
                    _ => None,
                };
            }
            SetExpr::Query(inner) => body = &inner.body,
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Values(_) => return Some((String::from("column1"), Strength::Strong)),
            _ => return None,
        }
    }
}
