//! SQL of functions.

use super::{Compiled, Compiler, Stop};
use crate::base::Value;
use crate::market::catalogue::{Catalogue, FieldKind};
use crate::orm::errors::OrmError;
use crate::orm::expressions::{Expr, FieldRef, Func, output, value_field};
use crate::orm::functions::{Form, cast, known};
use crate::orm::sql::{Sql, quote};

/// The type of a column in PostgreSQL, as a cast writes it.
pub fn db_type(field: &FieldRef, catalogue: &Catalogue) -> String {
    let field = value_field(field, catalogue);
    match &field.kind {
        FieldKind::Auto | FieldKind::Integer | FieldKind::PositiveInteger => "integer".to_owned(),
        FieldKind::BigAuto | FieldKind::BigInteger | FieldKind::PositiveBigInteger => {
            "bigint".to_owned()
        }
        FieldKind::SmallAuto | FieldKind::SmallInteger | FieldKind::PositiveSmallInteger => {
            "smallint".to_owned()
        }
        FieldKind::Boolean => "boolean".to_owned(),
        FieldKind::Char(None) => "varchar".to_owned(),
        FieldKind::Char(Some(length))
        | FieldKind::Email(length)
        | FieldKind::Slug(length)
        | FieldKind::Url(length) => format!("varchar({length})"),
        FieldKind::Text | FieldKind::Untyped => "text".to_owned(),
        FieldKind::Decimal(None) => "numeric".to_owned(),
        FieldKind::Decimal(Some((digits, places))) => format!("numeric({digits}, {places})"),
        FieldKind::Float => "double precision".to_owned(),
        FieldKind::Date => "date".to_owned(),
        FieldKind::DateTime => "timestamp with time zone".to_owned(),
        FieldKind::Time => "time".to_owned(),
        FieldKind::Duration => "interval".to_owned(),
        FieldKind::Uuid => "uuid".to_owned(),
        FieldKind::Json => "jsonb".to_owned(),
        // A key whose model is gone holds what keys hold by default.
        FieldKind::ForeignKey | FieldKind::OneToOne => "bigint".to_owned(),
    }
}

impl Compiler<'_> {
    pub(super) fn func(&mut self, func: &Func) -> Compiled {
        match func.class.form {
            Form::Call | Form::Window => self.call(func, &func.args),
            Form::DecimalCall => {
                let wide = output(FieldKind::Decimal(Some((1000, 15))));
                let mut args = Vec::with_capacity(func.args.len());
                for arg in &func.args {
                    let float = matches!(
                        arg.output_field_or_none()?,
                        Some(field) if field.kind == FieldKind::Float
                    );
                    args.push(if float {
                        cast(arg.clone(), wide.clone())?
                    } else {
                        arg.clone()
                    });
                }
                self.call(func, &args)
            }
            Form::Cast => {
                let inner = self.first(func)?;
                let field = func
                    .output_field
                    .as_ref()
                    .ok_or_else(|| OrmError::internal("a cast without a type"))?;
                let name = db_type(field, &self.query.catalogue);
                Ok(inner.wrap("(", &format!(")::{name}")))
            }
            Form::Collate => {
                let collation = func
                    .extra
                    .iter()
                    .find(|(name, _)| name == "collation")
                    .map(|(_, value)| quote(value))
                    .unwrap_or_default();
                Ok(self.first(func)?.wrap("", &format!(" COLLATE {collation}")))
            }
            Form::Concat => self.first(func),
            Form::ConcatPair => {
                let mut parts = Vec::with_capacity(func.args.len());
                for arg in &func.args {
                    let field = arg.output_field()?;
                    let text = field.kind.is_char() || field.kind == FieldKind::Text;
                    let arg = if text {
                        arg.clone()
                    } else {
                        cast(arg.clone(), output(FieldKind::Text))?
                    };
                    let empty = Expr::from(Value::text(""));
                    parts.push(self.compile(&known("Coalesce", vec![arg, empty])?)?);
                }
                Ok(Sql::join(parts, " || ").wrap("(", ")"))
            }
            Form::Extract(_) => self.extract(func),
            Form::Trunc(_) => self.trunc(func),
            Form::TruncDate => {
                let sql = self.first(func)?;
                Ok(self.at_time_zone(sql, func).wrap("(", ")::date"))
            }
            Form::TruncTime => {
                let sql = self.first(func)?;
                Ok(self.at_time_zone(sql, func).wrap("(", ")::time"))
            }
            Form::Now => Ok(Sql::raw("STATEMENT_TIMESTAMP()")),
            Form::Digest => {
                let end = format!(", '{}'), 'hex')", func.class.sql);
                Ok(self.first(func)?.wrap("ENCODE(DIGEST(", &end))
            }
        }
    }

    fn first(&mut self, func: &Func) -> Compiled {
        match func.args.first() {
            Some(first) => self.argument(first),
            None => Err(OrmError::internal(format!("{} without argument", func.name())).into()),
        }
    }

    /// `NAME(a, b)`, or whatever the template says.
    fn call(&mut self, func: &Func, args: &[Expr]) -> Compiled {
        let mut parts = Vec::with_capacity(args.len());
        for arg in args {
            parts.push(self.argument(arg)?);
        }
        let joined = Sql::join(parts, func.arg_joiner.as_deref().unwrap_or(", "));
        let name = func.function.as_deref().unwrap_or(func.class.sql);
        let Some(template) = &func.template else {
            return Ok(joined.wrap(&format!("{name}("), ")"));
        };
        let mut out = Sql::default();
        let mut rest = template.as_str();
        while let Some(at) = rest.find("%(") {
            out.push(&rest[..at]);
            let after = &rest[at + 2..];
            let Some((key, tail)) = after.split_once(")s") else {
                return Err(OrmError::value("unsupported format character").into());
            };
            match key {
                "expressions" | "field" => out.append(joined.clone()),
                "function" => out.push(name),
                key => match func.extra.iter().find(|(known, _)| known == key) {
                    Some((_, value)) => out.push(value),
                    None => {
                        return Err(Stop::Error(OrmError::new(
                            crate::orm::errors::ExceptionClass::ValueError,
                            format!("'{key}'"),
                        )));
                    }
                },
            }
            rest = tail;
        }
        out.push(rest);
        Ok(out)
    }

    /// The time zone of a function, or the one in force.
    fn at_time_zone(&self, mut sql: Sql, func: &Func) -> Sql {
        let zone = func.timezone.as_deref().unwrap_or(self.timezone);
        sql.push(" AT TIME ZONE ");
        sql.append(Sql::param(Value::text(zone)));
        sql
    }

    fn extract(&mut self, func: &Func) -> Compiled {
        let part = func.part.as_deref().unwrap_or_default();
        let mut sql = self.first(func)?;
        let source = match func.args.first() {
            Some(source) => source.output_field()?,
            None => return Err(OrmError::internal("Extract without argument").into()),
        };
        if source.kind == FieldKind::DateTime {
            sql = self.at_time_zone(sql, func);
        } else if func.timezone.is_some() {
            return Err(OrmError::value("tzinfo can only be used with DateTimeField.").into());
        }
        if part == "second" && source.kind != FieldKind::Date {
            let mut out = Sql::raw("EXTRACT(SECOND FROM DATE_TRUNC(");
            out.append(Sql::param(Value::text("second")));
            out.push(", ");
            out.append(sql);
            out.push("))");
            return Ok(out);
        }
        Ok(match part {
            "week_day" => sql.wrap("EXTRACT(DOW FROM ", ") + 1"),
            "iso_week_day" => sql.wrap("EXTRACT(ISODOW FROM ", ")"),
            "iso_year" => sql.wrap("EXTRACT(ISOYEAR FROM ", ")"),
            part => {
                let part = part.to_uppercase();
                if part.is_empty() || !part.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
                    return Err(OrmError::value(format!("Invalid lookup type: '{part}'")).into());
                }
                sql.wrap(&format!("EXTRACT({part} FROM "), ")")
            }
        })
    }

    fn trunc(&mut self, func: &Func) -> Compiled {
        let part = func.part.as_deref().unwrap_or_default();
        let mut sql = self.first(func)?;
        let source = match func.args.first() {
            Some(source) => source.output_field()?,
            None => return Err(OrmError::internal("Trunc without argument").into()),
        };
        if source.kind == FieldKind::DateTime {
            sql = self.at_time_zone(sql, func);
        } else if func.timezone.is_some() {
            return Err(OrmError::value("tzinfo can only be used with DateTimeField.").into());
        }
        let own = Expr::Func(Box::new(func.clone())).output_field()?;
        let mut out = Sql::raw("DATE_TRUNC(");
        out.append(Sql::param(Value::text(part)));
        out.push(", ");
        out.append(sql);
        out.push(")");
        if own.kind == FieldKind::Time {
            out.push("::time");
        }
        Ok(out)
    }
}
