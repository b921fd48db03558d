//! Constants and parameters.

use super::Binder;
use super::refuse::unsupported;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Numeric, Result, Span, Type, Value};
use crate::engine::expr::{Expr, ExprKind};
use sqlparser::ast::{self, DollarQuotedString, ValueWithSpan};

impl Binder<'_> {
    pub(super) fn literal(&self, literal: &ValueWithSpan) -> Result<Expr> {
        let ValueWithSpan { value, span } = literal;
        let span = crate::sql::span_of(*span);
        let constant = |value: Value, ty: Type| {
            Ok(Expr {
                kind: ExprKind::Literal(value),
                ty,
                span,
            })
        };
        match value {
            ast::Value::Number(digits, long) => {
                if *long {
                    return Err(Diagnostic::error(
                        sqlstate::SYNTAX_ERROR,
                        format!("trailing junk after numeric literal at or near \"{digits}L\""),
                    )
                    .at(span));
                }
                let (value, ty) = number(digits, Sign::Plus, span)?;
                constant(value, ty)
            }
            ast::Value::SingleQuotedString(text)
            | ast::Value::EscapedStringLiteral(text)
            | ast::Value::UnicodeStringLiteral(text)
            | ast::Value::DollarQuotedString(DollarQuotedString {
                value: text,
                tag: _,
            }) => constant(Value::text(text.as_str()), Type::Unknown),
            ast::Value::NationalStringLiteral(text) => {
                constant(Value::text(text.as_str()), Type::Text)
            }
            ast::Value::Boolean(value) => constant(Value::Bool(*value), Type::Boolean),
            ast::Value::Null => constant(Value::Null, Type::Unknown),
            ast::Value::Placeholder(name) => self.parameter(name, span),
            ast::Value::SingleQuotedByteStringLiteral(_) | ast::Value::HexStringLiteral(_) => {
                Err(unsupported("a bit string", span))
            }
            ast::Value::TripleSingleQuotedString(_)
            | ast::Value::TripleDoubleQuotedString(_)
            | ast::Value::DoubleQuotedByteStringLiteral(_)
            | ast::Value::TripleSingleQuotedByteStringLiteral(_)
            | ast::Value::TripleDoubleQuotedByteStringLiteral(_)
            | ast::Value::SingleQuotedRawStringLiteral(_)
            | ast::Value::DoubleQuotedRawStringLiteral(_)
            | ast::Value::TripleSingleQuotedRawStringLiteral(_)
            | ast::Value::TripleDoubleQuotedRawStringLiteral(_)
            | ast::Value::QuoteDelimitedStringLiteral(_)
            | ast::Value::NationalQuoteDelimitedStringLiteral(_)
            | ast::Value::DoubleQuotedString(_) => {
                Err(unsupported("this form of a quoted string", span))
            }
        }
    }

    /// A constant behind a minus: PostgreSQL makes it negative before it chooses the type.
    pub(super) fn negative_literal(&self, literal: &ValueWithSpan) -> Result<Option<Expr>> {
        let ValueWithSpan { value, span } = literal;
        let ast::Value::Number(digits, false) = value else {
            return Ok(None);
        };
        let span = crate::sql::span_of(*span);
        let (value, ty) = number(digits, Sign::Minus, span)?;
        Ok(Some(Expr {
            kind: ExprKind::Literal(value),
            ty,
            span,
        }))
    }

    fn parameter(&self, name: &str, span: Option<Span>) -> Result<Expr> {
        let number = name
            .strip_prefix('$')
            .and_then(|digits| digits.parse::<u32>().ok())
            .and_then(|number| number.checked_sub(1));
        let Some(number) = number else {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                format!("syntax error at or near \"{name}\""),
            )
            .at(span)
            .hint("Parameters are written $1, $2, ..."));
        };
        match self.context.parameters.get(number as usize) {
            Some(ty) => Ok(Expr {
                kind: ExprKind::Parameter(number),
                ty: ty.clone(),
                span,
            }),
            None => Err(Diagnostic::error(
                sqlstate::UNDEFINED_PARAMETER,
                format!("there is no parameter {name}"),
            )
            .at(span)
            .hint(format!(
                "{} values came with the statement.",
                self.context.parameters.len()
            ))),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
}

/// An unsigned number: integer, bigint or numeric, the first that holds it.
fn number(digits: &str, sign: Sign, span: Option<Span>) -> Result<(Value, Type)> {
    let too_large = || {
        Diagnostic::error(
            sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
            format!("the number {digits} has more digits than numeric holds here"),
        )
        .at(span)
        .hint("Numbers of up to 36 significant digits are exact; write others as double precision, as in 1e300::text::double precision.")
    };
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| too_large())?),
        None => (plain.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if !digit.is_ascii_digit() {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                format!("trailing junk after numeric literal at or near \"{digits}\""),
            )
            .at(span));
        }
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(i128::from(digit - b'0')))
            .ok_or_else(too_large)?;
    }
    if sign == Sign::Minus {
        value = -value;
    }
    if exponent == 0 && !mantissa.contains('.') {
        if let Ok(small) = i32::try_from(value) {
            return Ok((Value::Int(i64::from(small)), Type::Integer));
        }
        if let Ok(big) = i64::try_from(value) {
            return Ok((Value::Int(big), Type::BigInt));
        }
    }
    let mut scale = fraction.len() as i64 - i64::from(exponent);
    while scale < 0 {
        value = value.checked_mul(10).ok_or_else(too_large)?;
        scale += 1;
    }
    let scale = u8::try_from(scale)
        .ok()
        .filter(|scale| *scale <= 36)
        .ok_or_else(too_large)?;
    Ok((
        Value::Numeric(Numeric::new(value, scale)),
        Type::Numeric(None),
    ))
}
