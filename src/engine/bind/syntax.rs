//! Functions with a syntax of their own: EXTRACT, SUBSTRING, TRIM, INTERVAL, COLLATE.

use super::Binder;
use super::refuse::{absent, unsupported};
use crate::base::datetime::{HOUR, MINUTE};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Interval, Result, Type, Value};
use crate::engine::expr::{Expr, ExprKind};
use sqlparser::ast::{
    self, CeilFloorKind, DateTimeField, ExtractSyntax, ObjectName, TrimWhereField,
};

impl Binder<'_> {
    pub(super) fn extract(
        &mut self,
        field: &DateTimeField,
        syntax: &ExtractSyntax,
        source: &ast::Expr,
    ) -> Result<Expr> {
        let source = self.expr(source)?;
        match syntax {
            ExtractSyntax::From => {}
            ExtractSyntax::Comma => {
                return Err(unsupported("EXTRACT with a comma", source.span)
                    .hint("Write EXTRACT(field FROM source)."));
            }
        }
        let name = match field {
            DateTimeField::Custom(ident) => ident.value.to_ascii_lowercase(),
            named => named.to_string().to_ascii_lowercase(),
        };
        let field = Expr::literal(Value::text(name.trim_matches('\'')), Type::Text);
        let span = source.span;
        self.call("extract", vec![field, source], span)
    }

    pub(super) fn rounding(
        &mut self,
        name: &str,
        operand: &ast::Expr,
        field: &CeilFloorKind,
    ) -> Result<Expr> {
        let operand = self.expr(operand)?;
        let span = operand.span;
        match field {
            CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {
                self.call(name, vec![operand], span)
            }
            CeilFloorKind::DateTimeField(_) | CeilFloorKind::Scale(_) => {
                Err(unsupported(format!("{name} with a second argument"), span))
            }
        }
    }

    pub(super) fn substring(
        &mut self,
        name: &str,
        text: &ast::Expr,
        from: Option<&ast::Expr>,
        length: Option<&ast::Expr>,
    ) -> Result<Expr> {
        let mut arguments = vec![self.expr(text)?];
        match from {
            Some(from) => arguments.push(self.expr(from)?),
            None if length.is_some() => {
                arguments.push(Expr::literal(Value::Int(1), Type::Integer));
            }
            None => {}
        }
        if let Some(length) = length {
            arguments.push(self.expr(length)?);
        }
        let span = arguments.first().and_then(|expr| expr.span);
        self.call(name, arguments, span)
    }

    pub(super) fn trim(
        &mut self,
        side: Option<TrimWhereField>,
        what: Option<&ast::Expr>,
        text: &ast::Expr,
        characters: Option<&[ast::Expr]>,
    ) -> Result<Expr> {
        let name = match side {
            None | Some(TrimWhereField::Both) => "btrim",
            Some(TrimWhereField::Leading) => "ltrim",
            Some(TrimWhereField::Trailing) => "rtrim",
        };
        let mut arguments = vec![self.expr(text)?];
        if let Some(what) = what {
            arguments.push(self.expr(what)?);
        }
        for more in characters.unwrap_or(&[]) {
            arguments.push(self.expr(more)?);
        }
        let span = arguments.first().and_then(|expr| expr.span);
        self.call(name, arguments, span)
    }

    /// `COLLATE`: text has one order here, that of code points.
    pub(super) fn collate(&mut self, operand: &ast::Expr, collation: &ObjectName) -> Result<Expr> {
        let operand = self.expr(operand)?;
        let operand = self.decided(operand)?;
        let shown = collation.to_string();
        let name = shown.trim_matches('"');
        if !matches!(
            name,
            "C" | "POSIX" | "ucs_basic" | "default" | "C.UTF-8" | "C.utf8"
        ) && !matches!(
            shown.as_str(),
            "pg_catalog.\"C\"" | "pg_catalog.\"POSIX\"" | "pg_catalog.\"default\""
        ) {
            return Err(Diagnostic::error(
                sqlstate::UNDEFINED_OBJECT,
                format!("collation \"{name}\" for encoding \"UTF8\" does not exist"),
            )
            .at(operand.span)
            .hint("Text sorts by code point: the collation is \"C\"."));
        }
        if !operand.ty.is_text() {
            return Err(Diagnostic::error(
                sqlstate::DATATYPE_MISMATCH,
                format!("collations are not supported by type {}", operand.ty),
            )
            .at(operand.span));
        }
        Ok(operand)
    }

    pub(super) fn interval(&mut self, interval: &ast::Interval) -> Result<Expr> {
        let ast::Interval {
            value,
            leading_field,
            leading_precision,
            last_field,
            fractional_seconds_precision,
        } = interval;
        let mut literal = self.expr(value)?;
        let span = literal.span;
        absent(leading_precision.as_ref(), "a precision of INTERVAL", span)?;
        absent(
            fractional_seconds_precision.as_ref(),
            "a precision of INTERVAL",
            span,
        )?;
        let ExprKind::Literal(Value::Text(text)) = &literal.kind else {
            return Err(unsupported("INTERVAL without a quoted value", span)
                .hint("Write INTERVAL '1 day', or multiply: n * INTERVAL '1 day'."));
        };
        let last = last_field.as_ref().or(leading_field.as_ref());
        if let (Some(leading), Some(last)) = (leading_field, last) {
            literal.kind = ExprKind::Literal(Value::text(with_units(text, leading, last)));
        }
        literal.ty = Type::Unknown;
        let mut interval = self.cast(literal, &Type::Interval, span)?;
        if let (Some(last), ExprKind::Literal(Value::Interval(value))) = (last, &interval.kind) {
            interval.kind = ExprKind::Literal(Value::Interval(down_to(*value, last)));
        }
        Ok(interval)
    }
}

/// Gives units to bare numbers: one is of the last field, two are of the leading and the last.
fn with_units(text: &str, leading: &DateTimeField, last: &DateTimeField) -> String {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let bare = |part: &str| part.parse::<f64>().is_ok();
    match parts.as_slice() {
        [number] if bare(number) => format!("{number} {last}"),
        [first, second] if bare(first) && bare(second) => {
            format!("{first} {leading} {second} {last}")
        }
        _ => text.to_owned(),
    }
}

/// Without what is finer than a field (PostgreSQL's `AdjustIntervalForTypmod`).
fn down_to(value: Interval, field: &DateTimeField) -> Interval {
    let cut = |unit: i64| value.micros - value.micros % unit;
    match field {
        DateTimeField::Year | DateTimeField::Years => {
            Interval::new(value.months - value.months % 12, 0, 0)
        }
        DateTimeField::Month | DateTimeField::Months => Interval::new(value.months, 0, 0),
        DateTimeField::Day | DateTimeField::Days => Interval::new(value.months, value.days, 0),
        DateTimeField::Hour | DateTimeField::Hours => {
            Interval::new(value.months, value.days, cut(HOUR))
        }
        DateTimeField::Minute | DateTimeField::Minutes => {
            Interval::new(value.months, value.days, cut(MINUTE))
        }
        _ => value,
    }
}
