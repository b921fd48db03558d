//! Functions with a syntax of their own: EXTRACT, SUBSTRING, TRIM, INTERVAL, COLLATE.

use super::Binder;
use super::refuse::{absent, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Type, Value};
use crate::engine::expr::{Expr, ExprKind};
use sqlparser::ast::{
    self, CeilFloorKind, DateTimeField, ExtractSyntax, Interval, ObjectName, TrimWhereField,
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
        self.call("substring", arguments, span)
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

    pub(super) fn interval(&mut self, interval: &Interval) -> Result<Expr> {
        let Interval {
            value,
            leading_field,
            leading_precision,
            last_field,
            fractional_seconds_precision,
        } = interval;
        let mut literal = self.expr(value)?;
        let span = literal.span;
        absent(leading_precision.as_ref(), "a precision of INTERVAL", span)?;
        absent(last_field.as_ref(), "INTERVAL with TO", span)?;
        absent(
            fractional_seconds_precision.as_ref(),
            "a precision of INTERVAL",
            span,
        )?;
        let ExprKind::Literal(Value::Text(text)) = &literal.kind else {
            return Err(unsupported("INTERVAL without a quoted value", span)
                .hint("Write INTERVAL '1 day', or multiply: n * INTERVAL '1 day'."));
        };
        if let Some(field) = leading_field {
            if text.trim().parse::<f64>().is_err() {
                return Err(unsupported("INTERVAL '...' with a field", span)
                    .hint("Write the units inside the quotes."));
            }
            literal.kind = ExprKind::Literal(Value::text(format!("{} {field}", text.trim())));
        }
        literal.ty = Type::Unknown;
        self.cast(literal, &Type::Interval, span)
    }
}
