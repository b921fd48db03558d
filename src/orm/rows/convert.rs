//! Values of the database as the type of their column has them.

use crate::base::{Numeric, Value};
use crate::market::catalogue::FieldKind;
use crate::orm::compiler::Statement;
use crate::orm::errors::Result;
use crate::orm::expressions::Expr;
use crate::orm::functions::Form;
use crate::orm::sql::{DAY, plain};

/// What each column's type makes of its values.
pub(super) struct Converters(Vec<Converter>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Converter {
    Keep,
    Float,
    Integer,
    Decimal,
    Date,
}

impl Converters {
    pub(super) fn of(statement: &Statement) -> Result<Self> {
        let mut converters = Vec::with_capacity(statement.columns.len());
        for column in &statement.columns {
            converters.push(converter(&column.expr)?);
        }
        Ok(Self(converters))
    }

    /// The row without the columns that only ordering needed, each value of its column's type.
    pub(super) fn apply(&self, row: Vec<Value>) -> Vec<Value> {
        self.0
            .iter()
            .zip(row)
            .map(|(converter, value)| converter.apply(value))
            .collect()
    }
}

fn converter(expr: &Expr) -> Result<Converter> {
    if matches!(expr, Expr::Col(_)) {
        return Ok(Converter::Keep);
    }
    let Some(field) = expr.output_field_or_none()? else {
        return Ok(Converter::Keep);
    };
    let trunc = matches!(
        expr,
        Expr::Func(func) if matches!(func.class.form, Form::Trunc(_))
    );
    Ok(match &field.kind {
        FieldKind::Float => Converter::Float,
        kind if kind.is_integer() && !kind.is_auto() => Converter::Integer,
        FieldKind::Decimal(_) => Converter::Decimal,
        FieldKind::Date if trunc => Converter::Date,
        _ => Converter::Keep,
    })
}

impl Converter {
    fn apply(self, value: Value) -> Value {
        match (self, value) {
            (Self::Float, value @ (Value::Int(_) | Value::Numeric(_))) => {
                plain(&value).parse().map_or(value, Value::Float)
            }
            (Self::Integer, Value::Numeric(number)) => {
                let mut whole = number.mantissa();
                for _ in 0..number.scale() {
                    whole /= 10;
                }
                i64::try_from(whole).map_or(Value::Numeric(number), Value::Int)
            }
            (Self::Integer, Value::Float(number)) => Value::Int(number.trunc() as i64),
            (Self::Integer, Value::Bool(flag)) => Value::Int(i64::from(flag)),
            (Self::Decimal, Value::Int(number)) => {
                Value::Numeric(Numeric::new(i128::from(number), 0))
            }
            // `Decimal(1300.0)` is 1300. Fractions that no decimal of 38 digits holds exactly keep
            // their shortest form.
            (Self::Decimal, value @ Value::Float(_)) => {
                let text = plain(&value);
                let text = text.strip_suffix(".0").unwrap_or(&text);
                crate::orm::lookups::parse_decimal(text).unwrap_or(value)
            }
            (Self::Date, Value::Timestamp(micros)) => Value::Date(micros.div_euclid(DAY) as i32),
            (_, value) => value,
        }
    }
}
