//! What a row becomes: `values()`, `values_list()`, `dates()`, `datetimes()`.

use super::{Annotation, QuerySet, RowShape, default_alias};
use crate::base::Value;
use crate::market::catalogue::FieldKind;
use crate::orm::errors::{ExceptionClass, OrmError, Result};
use crate::orm::expressions::{Expr, Func, Operand, PlainValue, python_repr};
use crate::orm::functions::class;
use crate::orm::q::Q;

impl QuerySet {
    /// `values(*fields, **expressions)`
    ///
    /// # Errors
    /// `FieldError` for wrong names.
    pub fn values(&self, names: &[String], expressions: Vec<(String, Annotation)>) -> Result<Self> {
        let mut names = names.to_vec();
        names.extend(expressions.iter().map(|(name, _)| name.clone()));
        let mut copy = self.with_values(names, expressions)?;
        copy.shape = RowShape::Dicts;
        Ok(copy)
    }

    /// `values_list(*fields, flat=.., named=..)`
    ///
    /// # Errors
    /// `FieldError` for wrong names, `TypeError` for `flat` with several fields.
    pub fn values_list(&self, columns: Vec<Operand>, shape: RowShape) -> Result<Self> {
        let mut columns = columns;
        if shape == RowShape::Flat {
            if columns.len() > 1 {
                return Err(OrmError::kind(
                    "'flat' is not valid when values_list is called with more than one field.",
                ));
            }
            if columns.is_empty()
                && let Some(first) = self.model().fields.first()
            {
                columns.push(Operand::value(Value::text(first.attname())));
            }
        }
        let mut taken: Vec<(String, bool)> = Vec::new();
        for column in &columns {
            if let Operand::Value(PlainValue(Value::Text(name))) = column
                && !taken.iter().any(|(known, _)| **known == **name)
            {
                taken.push((name.to_string(), false));
            }
        }
        let mut names = Vec::with_capacity(columns.len());
        let mut expressions = Vec::new();
        let mut counter = 1;
        for column in columns {
            let (mut name, mut expression, seen) = match column {
                Operand::Value(PlainValue(Value::Text(name))) => {
                    let seen = taken.iter().any(|(known, seen)| **known == *name && *seen);
                    (name.to_string(), None, seen)
                }
                Operand::Expr(expr) => {
                    let name =
                        default_alias(&expr).unwrap_or_else(|| expr.class_name().to_lowercase());
                    (name, Some(expr), true)
                }
                other => {
                    return Err(OrmError::new(
                        ExceptionClass::AttributeError,
                        format!("{} has no attribute 'split'", python_repr(&other)),
                    ));
                }
            };
            if seen && expression.is_none() {
                expression = Some(Expr::F(name.clone()));
            }
            if seen {
                let prefix = name;
                loop {
                    name = format!("{prefix}{counter}");
                    if !taken.iter().any(|(known, _)| *known == name) {
                        break;
                    }
                    counter += 1;
                }
            }
            if let Some(expr) = expression {
                expressions.push((name.clone(), Annotation::from(expr)));
            }
            match taken.iter_mut().find(|(known, _)| *known == name) {
                Some(entry) => entry.1 = true,
                None => taken.push((name.clone(), true)),
            }
            names.push(name);
        }
        let mut copy = self.with_values(names, expressions)?;
        copy.shape = shape;
        Ok(copy)
    }

    pub(super) fn with_values(
        &self,
        names: Vec<String>,
        expressions: Vec<(String, Annotation)>,
    ) -> Result<Self> {
        let mut copy = if expressions.is_empty() {
            self.chain()
        } else {
            self.annotate(Vec::new(), expressions)?
        };
        copy.query.set_values(&names)?;
        copy.fields = Some(names);
        Ok(copy)
    }

    /// `dates(field, kind, order)`
    ///
    /// # Errors
    /// `ValueError` for another kind or order.
    pub fn dates(&self, field: &str, kind: &str, order: &str) -> Result<Self> {
        if !matches!(kind, "year" | "month" | "week" | "day") {
            return Err(OrmError::value(
                "'kind' must be one of 'year', 'month', 'week', or 'day'.",
            ));
        }
        self.truncated(field, kind, order, FieldKind::Date, "datefield", None)
    }

    /// `datetimes(field, kind, order, tzinfo)`
    ///
    /// # Errors
    /// `ValueError` for another kind or order.
    pub fn datetimes(
        &self,
        field: &str,
        kind: &str,
        order: &str,
        timezone: Option<String>,
    ) -> Result<Self> {
        if !matches!(
            kind,
            "year" | "month" | "week" | "day" | "hour" | "minute" | "second"
        ) {
            return Err(OrmError::value(
                "'kind' must be one of 'year', 'month', 'week', 'day', 'hour', 'minute', or \
                 'second'.",
            ));
        }
        self.truncated(
            field,
            kind,
            order,
            FieldKind::DateTime,
            "datetimefield",
            timezone,
        )
    }

    pub(super) fn truncated(
        &self,
        field: &str,
        kind: &str,
        order: &str,
        output: FieldKind,
        name: &str,
        timezone: Option<String>,
    ) -> Result<Self> {
        if order != "ASC" && order != "DESC" {
            return Err(OrmError::value("'order' must be either 'ASC' or 'DESC'."));
        }
        let trunc = class("Trunc").ok_or_else(|| OrmError::internal("no Trunc"))?;
        let trunc = Expr::Func(Box::new(Func {
            part: Some(kind.to_owned()),
            timezone,
            output_field: Some(crate::orm::expressions::output(output)),
            ..Func::of(trunc, vec![Expr::F(field.to_owned())])
        }));
        let minus = if order == "DESC" { "-" } else { "" };
        self.annotate(
            Vec::new(),
            vec![
                (name.to_owned(), Annotation::from(trunc)),
                (
                    "plain_field".to_owned(),
                    Annotation::from(Expr::F(field.to_owned())),
                ),
            ],
        )?
        .values_list(vec![Operand::value(Value::text(name))], RowShape::Flat)?
        .distinct(&[])?
        .filter(Q::lookup("plain_field__isnull", false))?
        .order_by([format!("{minus}{name}")])
    }
}
