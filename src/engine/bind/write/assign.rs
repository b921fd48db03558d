//! Values for columns: `SET`, and what a column takes.

use super::super::Binder;
use super::super::from::name_span;
use super::super::refuse::unsupported;
use super::super::scope::{fold, ident_span};
use super::Target;
use crate::base::diagnostic::sqlstate;
use crate::base::{Code, Diagnostic, Result, Span, Type, Value};
use crate::engine::catalog::{Column, Generation, Table};
use crate::engine::expr::{CastForm, Expr, ExprKind};
use crate::engine::types;
use sqlparser::ast::{self, Assignment, AssignmentTarget, Ident, ObjectName, ObjectNamePart};

/// What an INSERT says of identity columns that are GENERATED ALWAYS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overriding {
    /// They take no values.
    Nothing,
    /// `OVERRIDING SYSTEM VALUE`: they take them.
    System,
    /// `OVERRIDING USER VALUE`: identity columns are numbered whatever is given.
    User,
}

impl Overriding {
    /// Whether a column takes a value that is given; an error when none may be given.
    pub(super) fn takes(self, column: &Column, span: Option<Span>) -> Result<bool> {
        let refused = |hint: String| {
            Err(Diagnostic::error(
                GENERATED_ALWAYS,
                format!(
                    "cannot insert a non-DEFAULT value into column \"{}\"",
                    column.name
                ),
            )
            .at(span)
            .hint(hint))
        };
        if column.generated.is_some() {
            return refused(format!("Column \"{}\" is a generated column.", column.name));
        }
        match (&column.identity, self) {
            (None, _) | (Some(_), Self::System) => Ok(true),
            (Some(_), Self::User) => Ok(false),
            (Some(identity), Self::Nothing) => match identity.generation {
                Generation::ByDefault => Ok(true),
                Generation::Always => refused(format!(
                    "Column \"{}\" is an identity column defined as GENERATED ALWAYS. Use OVERRIDING SYSTEM VALUE to override.",
                    column.name
                )),
            },
        }
    }
}

/// A value was given for a column that makes its own.
const GENERATED_ALWAYS: Code = Code::new("428C9");

/// The value of a column in one row: an expression or what the definition says.
pub(super) enum Given<'q> {
    Expr(&'q ast::Expr),
    Default,
}

impl Binder<'_> {
    /// Binds `SET` to values of the columns' types.
    pub(super) fn assignments(
        &mut self,
        into: &Target,
        assignments: &[Assignment],
    ) -> Result<Vec<(usize, Expr)>> {
        let table = &into.table;
        let mut bound: Vec<(usize, Expr)> = Vec::with_capacity(assignments.len());
        for Assignment { target, value } in assignments {
            match target {
                AssignmentTarget::ColumnName(name) => {
                    let ident = self.set_target(table, name)?;
                    let place = self.target_column(into, ident)?;
                    let Some(column) = table.columns.get(place) else {
                        continue;
                    };
                    let expr = match given_value(value) {
                        Given::Default => self.column_default(column)?,
                        Given::Expr(value) => self.assigned(value, column)?,
                    };
                    push_assignment(&mut bound, place, expr, column, ident)?;
                }
                AssignmentTarget::Tuple(names) => {
                    let mut values: Vec<Option<Expr>> = Vec::with_capacity(names.len());
                    let mut inner = value;
                    while let ast::Expr::Nested(nested) = inner {
                        inner = nested;
                    }
                    match inner {
                        ast::Expr::Tuple(fields) => {
                            for field in fields {
                                values.push(match given_value(field) {
                                    Given::Default => None,
                                    Given::Expr(field) => Some(self.expr(field)?),
                                });
                            }
                        }
                        ast::Expr::Subquery(query) => {
                            values = self.row_columns(query)?.into_iter().map(Some).collect();
                        }
                        single => {
                            let expr = self.expr(single)?;
                            match expr.kind {
                                ExprKind::Row(fields) => {
                                    values.extend(fields.into_iter().map(Some));
                                }
                                _ if names.len() == 1 => values.push(Some(expr)),
                                _ => {
                                    return Err(Diagnostic::error(
                                        sqlstate::FEATURE_NOT_SUPPORTED,
                                        "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
                                    )
                                    .at(expr.span));
                                }
                            }
                        }
                    }
                    if values.len() != names.len() {
                        return Err(Diagnostic::error(
                            sqlstate::SYNTAX_ERROR,
                            "number of columns does not match number of values",
                        )
                        .at(names.first().and_then(name_span)));
                    }
                    for (name, value) in names.iter().zip(values) {
                        let ident = self.set_target(table, name)?;
                        let place = self.target_column(into, ident)?;
                        let Some(column) = table.columns.get(place) else {
                            continue;
                        };
                        let expr = match value {
                            None => self.column_default(column)?,
                            Some(expr) => {
                                updatable(column, expr.span)?;
                                self.assign(expr, column)?
                            }
                        };
                        push_assignment(&mut bound, place, expr, column, ident)?;
                    }
                }
            }
        }
        Ok(bound)
    }

    fn set_target<'q>(&self, table: &Table, name: &'q ObjectName) -> Result<&'q Ident> {
        match name.0.as_slice() {
            [ObjectNamePart::Identifier(ident)] => Ok(ident),
            [ObjectNamePart::Identifier(first), ..] => Err(Diagnostic::error(
                sqlstate::UNDEFINED_COLUMN,
                format!(
                    "column \"{}\" of relation \"{}\" does not exist",
                    fold(first),
                    table.plain_name()
                ),
            )
            .at(name_span(name))
            .hint("SET target columns cannot be qualified with the relation name.")),
            _ => Err(unsupported(format!("the target {name}"), name_span(name))),
        }
    }

    /// A value for a column.
    pub(super) fn assigned(&mut self, expr: &ast::Expr, column: &Column) -> Result<Expr> {
        let bound = self.expr(expr)?;
        updatable(column, bound.span)?;
        self.assign(bound, column)
    }

    pub(super) fn assign(&mut self, bound: Expr, column: &Column) -> Result<Expr> {
        check_assignment(&bound.ty, column, bound.span)?;
        let value = self.convert(bound, &column.ty, CastForm::Assignment)?;
        self.to_precision(value, column.precision)
    }

    /// A time with so many digits of a second; all of them when absent.
    pub(in crate::engine::bind) fn to_precision(
        &mut self,
        value: Expr,
        precision: Option<u8>,
    ) -> Result<Expr> {
        let function = match (&value.ty, precision) {
            (_, None) => return Ok(value),
            (Type::Timestamp, _) => "timestamp",
            (Type::TimestampTz, _) => "timestamptz",
            (Type::Time, _) => "time",
            (Type::Interval, _) => "interval",
            _ => return Ok(value),
        };
        let digits = Expr::literal(Value::Int(precision.map_or(6, i64::from)), Type::Integer);
        let span = value.span;
        self.call(function, vec![value, digits], span)
    }

    /// What a column gets when the statement gives nothing.
    pub(super) fn column_default(&mut self, column: &Column) -> Result<Expr> {
        if let Some(identity) = &column.identity {
            let name = Expr::literal(Value::text(&*identity.sequence), Type::Text);
            let next = self.call("nextval", vec![name], None)?;
            return self.convert(next, &column.ty, CastForm::Assignment);
        }
        match &column.default {
            Some(default) => {
                let value = self.default_value(default, &column.ty)?;
                self.to_precision(value, column.precision)
            }
            // A generated column is computed when the row is whole.
            None => Ok(Expr::literal(Value::Null, column.ty.clone())),
        }
    }
}

pub(super) fn given_value(expr: &ast::Expr) -> Given<'_> {
    match expr {
        ast::Expr::Identifier(ident)
            if ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case("default") =>
        {
            Given::Default
        }
        expr => Given::Expr(expr),
    }
}

/// A column that makes its own values is only updated to DEFAULT.
fn updatable(column: &Column, span: Option<Span>) -> Result<()> {
    let identity = column.identity.as_ref();
    if column.generated.is_some()
        || identity.is_some_and(|identity| identity.generation == Generation::Always)
    {
        let kind = match &column.generated {
            Some(_) => "a generated column",
            None => "an identity column defined as GENERATED ALWAYS",
        };
        return Err(Diagnostic::error(
            GENERATED_ALWAYS,
            format!("column \"{}\" can only be updated to DEFAULT", column.name),
        )
        .at(span)
        .hint(format!("Column \"{}\" is {kind}.", column.name)));
    }
    Ok(())
}

pub(super) fn check_assignment(from: &Type, column: &Column, span: Option<Span>) -> Result<()> {
    if *from == Type::Unknown || types::can_cast(from, &column.ty, CastForm::Assignment) {
        return Ok(());
    }
    Err(Diagnostic::error(
        sqlstate::DATATYPE_MISMATCH,
        format!(
            "column \"{}\" is of type {} but expression is of type {}",
            column.name,
            column.ty.without_modifier(),
            from.without_modifier()
        ),
    )
    .at(span)
    .hint("You will need to rewrite or cast the expression."))
}

fn push_assignment(
    bound: &mut Vec<(usize, Expr)>,
    place: usize,
    expr: Expr,
    column: &Column,
    ident: &Ident,
) -> Result<()> {
    if bound.iter().any(|(known, _)| *known == place) {
        return Err(Diagnostic::error(
            sqlstate::SYNTAX_ERROR,
            format!("multiple assignments to same column \"{}\"", column.name),
        )
        .at(ident_span(ident)));
    }
    bound.push((place, expr));
    Ok(())
}
