//! SQL of comparisons.

use super::{Compiled, Compiler, Stop};
use crate::base::Value;
use crate::market::catalogue::FieldKind;
use crate::orm::errors::OrmError;
use crate::orm::expressions::{Expr, Func, PlainValue, same_value};
use crate::orm::functions::Form;
use crate::orm::lookups::{Lookup, LookupKind, Rhs, integer_range};
use crate::orm::sql::{DAY, Sql, days_from_civil, plain};

impl Compiler<'_> {
    pub(super) fn lookup(&mut self, lookup: &Lookup) -> Compiled {
        if let Some(sql) = self.year(lookup)? {
            return Ok(sql);
        }
        match lookup.kind {
            LookupKind::Exact => {
                if let Rhs::Value(PlainValue(Value::Bool(flag))) = &lookup.rhs
                    && lookup.lhs.is_conditional()
                {
                    let lhs = self.left(lookup)?;
                    return Ok(if *flag { lhs } else { lhs.wrap("NOT ", "") });
                }
                self.comparison(lookup, " = ")
            }
            LookupKind::Gt => self.comparison(lookup, " > "),
            LookupKind::Gte => self.comparison(lookup, " >= "),
            LookupKind::Lt => self.comparison(lookup, " < "),
            LookupKind::Lte => self.comparison(lookup, " <= "),
            LookupKind::IExact => {
                let mut out = self.left(lookup)?;
                out.push(" = ");
                out.append(self.right(lookup)?.wrap("UPPER(", ")"));
                Ok(out)
            }
            LookupKind::Regex => self.comparison(lookup, " ~ "),
            LookupKind::IRegex => self.comparison(lookup, " ~* "),
            LookupKind::In => self.in_list(lookup),
            LookupKind::TupleIn => self.tuple_in(lookup),
            LookupKind::Range => self.range(lookup),
            LookupKind::IsNull => self.is_null(lookup),
            LookupKind::Contains
            | LookupKind::IContains
            | LookupKind::StartsWith
            | LookupKind::IStartsWith
            | LookupKind::EndsWith
            | LookupKind::IEndsWith => self.pattern(lookup),
        }
    }

    /// The left side, cast as the lookup needs it.
    fn left(&mut self, lookup: &Lookup) -> Compiled {
        let mut sql = self.compile(&lookup.lhs.again())?;
        if matches!(lookup.lhs, Expr::Lookup(_)) {
            sql = sql.wrap("(", ")");
        }
        if lookup.kind.is_pattern()
            || matches!(
                lookup.kind,
                LookupKind::IExact | LookupKind::Regex | LookupKind::IRegex
            )
        {
            sql.push("::text");
        }
        if matches!(
            lookup.kind,
            LookupKind::IExact
                | LookupKind::IContains
                | LookupKind::IStartsWith
                | LookupKind::IEndsWith
        ) {
            sql = sql.wrap("UPPER(", ")");
        }
        Ok(sql)
    }

    /// The right side: a value, or an expression in parentheses.
    fn right(&mut self, lookup: &Lookup) -> Compiled {
        match &lookup.rhs {
            Rhs::Value(value) => Ok(super::node::plain_param(value)),
            Rhs::List(_) => Err(OrmError::internal("a list on the right side").into()),
            Rhs::Expr(expr) => {
                let sql = self.compile(expr)?;
                let open = sql.is_empty() || sql.template.starts_with('(');
                Ok(if matches!(expr, Expr::Value(_)) || open {
                    sql
                } else {
                    sql.wrap("(", ")")
                })
            }
        }
    }

    fn comparison(&mut self, lookup: &Lookup, operator: &str) -> Compiled {
        let mut out = self.left(lookup)?;
        check_range(lookup)?;
        out.push(operator);
        out.append(self.right(lookup)?);
        Ok(out)
    }

    fn in_list(&mut self, lookup: &Lookup) -> Compiled {
        let mut out = self.left(lookup)?;
        let list = match &lookup.rhs {
            Rhs::List(items) => {
                let mut seen: Vec<&Value> = Vec::new();
                for PlainValue(value) in items {
                    if !value.is_null() && !seen.iter().any(|known| same_value(known, value)) {
                        seen.push(value);
                    }
                }
                if seen.is_empty() {
                    return Err(Stop::Empty);
                }
                Sql::join(seen.into_iter().cloned().map(Sql::param).collect(), ", ").wrap("(", ")")
            }
            Rhs::Expr(Expr::List(items)) => {
                let mut seen: Vec<Expr> = Vec::new();
                for item in items {
                    if !seen.contains(item) {
                        seen.push(item.clone());
                    }
                }
                Sql::join(self.compile_all(&seen)?, ", ").wrap("(", ")")
            }
            Rhs::Expr(_) | Rhs::Value(_) => self.right(lookup)?,
        };
        out.push(" IN ");
        out.append(list);
        Ok(out)
    }

    /// `("product"."id") IN ((8), (10))`
    fn tuple_in(&mut self, lookup: &Lookup) -> Compiled {
        let mut out = self.compile(&lookup.lhs)?.wrap("(", ") IN (");
        let Rhs::List(items) = &lookup.rhs else {
            return Err(OrmError::internal("a tuple lookup without a list").into());
        };
        if items.is_empty() {
            return Err(Stop::Empty);
        }
        let items = items
            .iter()
            .map(|item| Sql::param(item.0.clone()).wrap("(", ")"))
            .collect();
        out.append(Sql::join(items, ", "));
        out.push(")");
        Ok(out)
    }

    fn range(&mut self, lookup: &Lookup) -> Compiled {
        let mut out = self.left(lookup)?;
        let bounds = match &lookup.rhs {
            Rhs::List(items) => items.iter().map(super::node::plain_param).collect(),
            Rhs::Expr(Expr::List(items)) => self.compile_all(items)?,
            Rhs::Expr(_) | Rhs::Value(_) => Vec::new(),
        };
        let count = bounds.len();
        let mut bounds = bounds.into_iter();
        let (low, high) = match (bounds.next(), bounds.next(), bounds.next()) {
            (Some(low), Some(high), None) => (low, high),
            (None, ..) => {
                let message = "not enough values to unpack (expected 2, got 0)";
                return Err(OrmError::value(message).into());
            }
            (Some(_), None, _) => {
                let class = crate::orm::errors::ExceptionClass::IndexError;
                return Err(OrmError::new(class, "tuple index out of range").into());
            }
            // The statement has two places for them, as psycopg notes.
            (Some(_), Some(_), Some(_)) => {
                let class = crate::orm::errors::ExceptionClass::ProgrammingError;
                let message =
                    format!("the query has 2 placeholders but {count} parameters were passed");
                return Err(OrmError::new(class, message).into());
            }
        };
        out.push(" BETWEEN ");
        out.append(low);
        out.push(" AND ");
        out.append(high);
        Ok(out)
    }

    fn is_null(&mut self, lookup: &Lookup) -> Compiled {
        let Rhs::Value(PlainValue(Value::Bool(wanted))) = lookup.rhs else {
            return Err(OrmError::value(
                "The QuerySet value for an isnull lookup must be True or False.",
            )
            .into());
        };
        if let Expr::Value(value) = &lookup.lhs {
            return Err(if value.value.is_null() == wanted {
                Stop::Full
            } else {
                Stop::Empty
            });
        }
        let mut out = self.left(lookup)?;
        out.push(if wanted { " IS NULL" } else { " IS NOT NULL" });
        Ok(out)
    }

    fn pattern(&mut self, lookup: &Lookup) -> Compiled {
        let mut out = self.left(lookup)?;
        let upper = matches!(
            lookup.kind,
            LookupKind::IContains | LookupKind::IStartsWith | LookupKind::IEndsWith
        );
        let (before, after) = match lookup.kind {
            LookupKind::Contains | LookupKind::IContains => ("%", "%"),
            LookupKind::StartsWith | LookupKind::IStartsWith => ("", "%"),
            _ => ("%", ""),
        };
        out.push(" LIKE ");
        let right = match &lookup.rhs {
            Rhs::Value(PlainValue(value)) => {
                let text = plain(value)
                    .replace('\\', "\\\\")
                    .replace('%', "\\%")
                    .replace('_', "\\_");
                let param = Sql::param(Value::text(format!("{before}{text}{after}")));
                if upper {
                    param.wrap("UPPER(", ")")
                } else {
                    param
                }
            }
            Rhs::List(_) | Rhs::Expr(_) => {
                let mut right = self.right(lookup)?.wrap(
                    "REPLACE(REPLACE(REPLACE(",
                    ", E'\\\\', E'\\\\\\\\'), E'%%', E'\\\\%%'), E'_', E'\\\\_')",
                );
                if upper {
                    right = right.wrap("UPPER(", ")");
                }
                let before = if before.is_empty() { "" } else { "'%%' || " };
                let after = if after.is_empty() { "" } else { " || '%%'" };
                right.wrap(before, after)
            }
        };
        out.append(right);
        Ok(out)
    }

    /// A year compared with a number becomes a range of times, which an index can serve.
    fn year(&mut self, lookup: &Lookup) -> std::result::Result<Option<Sql>, Stop> {
        let Expr::Func(func) = &lookup.lhs else {
            return Ok(None);
        };
        let iso = match (func.class.form, func.class.name) {
            (Form::Extract(_), "ExtractYear") => false,
            (Form::Extract(_), "ExtractIsoYear") => true,
            _ => return Ok(None),
        };
        let Rhs::Value(PlainValue(Value::Int(year))) = lookup.rhs else {
            return Ok(None);
        };
        if self.timezone != "UTC" || func.timezone.is_some() {
            // The bounds of a year elsewhere need its calendar; EXTRACT knows it.
            return Ok(None);
        }
        let (start, end, column) = self.year_bounds(func, year, iso)?;
        let mut out = self.compile(&column)?;
        match lookup.kind {
            LookupKind::Exact => {
                out.push(" BETWEEN ");
                out.append(Sql::param(start));
                out.push(" AND ");
                out.append(Sql::param(end));
            }
            LookupKind::Gt => {
                out.push(" > ");
                out.append(Sql::param(end));
            }
            LookupKind::Gte => {
                out.push(" >= ");
                out.append(Sql::param(start));
            }
            LookupKind::Lt => {
                out.push(" < ");
                out.append(Sql::param(start));
            }
            LookupKind::Lte => {
                out.push(" <= ");
                out.append(Sql::param(end));
            }
            _ => return Ok(None),
        }
        Ok(Some(out))
    }

    /// The first and the last moment of a year, and the column.
    fn year_bounds(
        &self,
        func: &Func,
        year: i64,
        iso: bool,
    ) -> std::result::Result<(Value, Value, Expr), Stop> {
        let column = func
            .args
            .first()
            .cloned()
            .ok_or_else(|| OrmError::internal("Extract without argument"))?;
        if !(1..=9999).contains(&year) {
            return Err(OrmError::value(format!("year {year} is out of range")).into());
        }
        let first = |year: i64| {
            if iso {
                // The week with January 4th is the first.
                let fourth = days_from_civil(year, 1, 4);
                fourth - (fourth + 3).rem_euclid(7)
            } else {
                days_from_civil(year, 1, 1)
            }
        };
        let (start, end) = (first(year), first(year + 1));
        let times = column.output_field()?.kind == FieldKind::DateTime;
        Ok(if times {
            (
                Value::Timestamp(start * DAY),
                Value::Timestamp(end * DAY - 1),
                column,
            )
        } else {
            (
                Value::Date(start as i32),
                Value::Date(end as i32 - 1),
                column,
            )
        })
    }
}

/// A number outside a column's range decides the comparison without the database.
fn check_range(lookup: &Lookup) -> std::result::Result<(), Stop> {
    let number = match &lookup.rhs {
        Rhs::Value(PlainValue(Value::Int(number))) => i128::from(*number),
        Rhs::Value(PlainValue(Value::Numeric(number))) if number.scale() == 0 => number.mantissa(),
        Rhs::Value(_) | Rhs::List(_) | Rhs::Expr(_) => return Ok(()),
    };
    let Some(field) = lookup.lhs.output_field_or_none()? else {
        return Ok(());
    };
    let Some((low, high)) = integer_range(&field.kind) else {
        return Ok(());
    };
    let (below, above) = (number < i128::from(low), number > i128::from(high));
    match lookup.kind {
        LookupKind::Exact if below || above => Err(Stop::Empty),
        LookupKind::Gt | LookupKind::Gte if below => Err(Stop::Full),
        LookupKind::Gt | LookupKind::Gte if above => Err(Stop::Empty),
        LookupKind::Lt | LookupKind::Lte if below => Err(Stop::Empty),
        LookupKind::Lt | LookupKind::Lte if above => Err(Stop::Full),
        _ => Ok(()),
    }
}
