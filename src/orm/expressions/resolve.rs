//! Resolution: names become columns of the query, conditions become where trees.

use super::{Case, Combined, Expr, Operator, OrderBy, OuterName, Temporal, When, Window};
use crate::market::catalogue::FieldKind;
use crate::orm::errors::{OrmError, Result};
use crate::orm::functions::Form;
use crate::orm::query::Query;
use std::collections::BTreeSet;

/// The aliases that a condition may join again.
pub type Reuse = BTreeSet<String>;

/// What resolution may do.
pub struct Resolve<'a> {
    /// Whether paths may cross relations.
    pub allow_joins: bool,
    /// The joins across many rows that may be used again; every join when absent.
    pub reuse: Option<&'a mut Reuse>,
    /// Whether it is for `aggregate()`, where annotations are columns of a subquery.
    pub summarize: bool,
    /// Whether it is a value for UPDATE or INSERT.
    pub for_save: bool,
}

impl Resolve<'_> {
    /// For annotations and orderings: joins are allowed, and any of them may be used again.
    pub fn joins() -> Self {
        Self {
            allow_joins: true,
            reuse: None,
            summarize: false,
            for_save: false,
        }
    }

    /// For `aggregate()`.
    pub fn summary() -> Self {
        Self {
            summarize: true,
            ..Self::joins()
        }
    }

    /// For the values of UPDATE.
    pub fn save() -> Self {
        Self {
            allow_joins: false,
            for_save: true,
            ..Self::joins()
        }
    }

    /// The same permissions for a part.
    pub fn reborrow(&mut self) -> Resolve<'_> {
        Resolve {
            allow_joins: self.allow_joins,
            reuse: self.reuse.as_deref_mut(),
            summarize: self.summarize,
            for_save: self.for_save,
        }
    }
}

impl Expr {
    /// The expression with its names resolved in a query.
    ///
    /// # Errors
    /// `FieldError` for names that are not there, and what the expression itself refuses.
    pub fn resolve(&self, query: &mut Query, context: &mut Resolve<'_>) -> Result<Expr> {
        match self {
            Self::F(name) => query.resolve_ref(name, context),
            Self::OuterRef(name) => Ok(match name.as_ref() {
                OuterName::Path(name) => Self::ResolvedOuterRef(name.clone()),
                OuterName::Outer(inner) => Self::OuterRef(inner.clone()),
            }),
            Self::ResolvedOuterRef(name) => {
                let mut resolved = query.resolve_ref(name, context)?;
                if resolved.contains_over_clause() {
                    return Err(OrmError::not_supported(format!(
                        "Referencing outer query window expression is not supported: {name}."
                    )));
                }
                if let Self::Col(col) = &mut resolved {
                    col.possibly_multivalued = name.contains("__");
                }
                Ok(resolved)
            }
            Self::Q(q) => query.resolve_condition(q, context),
            Self::Combined(combined) => combined.resolve(query, context),
            Self::Aggregate(aggregate) => aggregate.resolve(query, context),
            Self::Func(func) => {
                let mut resolved = func.clone();
                resolved.args = resolve_all(&func.args, query, context)?;
                let resolved = Self::Func(resolved);
                check_temporal(&resolved)?;
                Ok(resolved)
            }
            Self::Case(case) => {
                let mut cases = Vec::with_capacity(case.cases.len());
                for when in &case.cases {
                    cases.push(when.resolve(query, context)?);
                }
                Ok(Self::Case(Box::new(Case {
                    cases,
                    default: case.default.resolve(query, context)?,
                    output_field: case.output_field.clone(),
                })))
            }
            Self::When(when) => Ok(Self::When(Box::new(when.resolve(query, context)?))),
            Self::Negated(inner) => {
                let inner = inner.resolve(query, context)?;
                if !inner.is_conditional() {
                    return Err(OrmError::kind("Cannot negate non-conditional expressions."));
                }
                Ok(Self::Negated(Box::new(inner)))
            }
            Self::Subquery(subquery) => {
                self.output_field()?;
                let resolved = subquery.query.resolve(query, context)?;
                let own = resolved.output_field()?;
                let resolved = Self::Query(Box::new(resolved));
                Ok(match (&subquery.output_field, own) {
                    (Some(given), own)
                        if own
                            .as_ref()
                            .is_none_or(|own| own.kind.class_name() != given.kind.class_name()) =>
                    {
                        Self::Wrapper(Box::new(resolved), given.clone())
                    }
                    _ => resolved,
                })
            }
            Self::Exists(inner) => Ok(Self::Exists(Box::new(inner.resolve(query, context)?))),
            Self::Query(inner) => Ok(Self::Query(Box::new(inner.resolve(query, context)?))),
            Self::QuerySet(queryset) => Ok(Self::Query(Box::new(
                queryset.query().resolve(query, context)?,
            ))),
            Self::Window(window) => {
                let source = window.source.resolve(query, context)?;
                let partition_by = match &window.partition_by {
                    Some(items) => Some(resolve_all(items, query, context)?),
                    None => None,
                };
                let order_by = match &window.order_by {
                    Some(items) => Some(resolve_all(items, query, context)?),
                    None => None,
                };
                Ok(Self::Window(Box::new(Window {
                    source,
                    partition_by,
                    order_by,
                    frame: window.frame.clone(),
                    output_field: window.output_field.clone(),
                })))
            }
            Self::OrderBy(order) => Ok(Self::OrderBy(Box::new(OrderBy {
                expression: order.expression.resolve(query, context)?,
                ..*order.clone()
            }))),
            Self::Where(node) => Ok(Self::Where(Box::new(node.resolved(query, context)?))),
            Self::Lookup(lookup) => Ok(Self::Lookup(Box::new(lookup.resolve(query, context)?))),
            Self::Wrapper(inner, field) => Ok(Self::Wrapper(
                Box::new(inner.resolve(query, context)?),
                field.clone(),
            )),
            Self::List(items) => Ok(Self::List(resolve_all(items, query, context)?)),
            Self::Value(_)
            | Self::RawSql(_)
            | Self::Star
            | Self::Col(_)
            | Self::Ref(..)
            | Self::PositionRef(..)
            | Self::Nothing => Ok(self.clone()),
        }
    }
}

fn resolve_all(items: &[Expr], query: &mut Query, context: &mut Resolve<'_>) -> Result<Vec<Expr>> {
    let mut resolved = Vec::with_capacity(items.len());
    for item in items {
        resolved.push(item.resolve(query, context)?);
    }
    Ok(resolved)
}

impl When {
    fn resolve(&self, query: &mut Query, context: &mut Resolve<'_>) -> Result<When> {
        Ok(When {
            condition: self.condition.resolve(query, context)?,
            result: self.result.resolve(query, context)?,
        })
    }
}

impl Combined {
    fn resolve(&self, query: &mut Query, context: &mut Resolve<'_>) -> Result<Expr> {
        let lhs = self.lhs.resolve(query, context)?;
        let rhs = self.rhs.resolve(query, context)?;
        let kind = |side: &Expr| match side.output_field() {
            Ok(field) => Some(field.kind.clone()),
            Err(_) => None,
        };
        let (left, right) = (kind(&lhs), kind(&rhs));
        let same =
            left.as_ref().map(FieldKind::class_name) == right.as_ref().map(FieldKind::class_name);
        let durations = left == Some(FieldKind::Duration) || right == Some(FieldKind::Duration);
        let times = matches!(
            left,
            Some(FieldKind::Date | FieldKind::DateTime | FieldKind::Time)
        );
        let temporal = if durations && !same {
            Temporal::Duration
        } else if self.operator == Operator::Sub && times && same {
            Temporal::Subtraction
        } else {
            Temporal::No
        };
        Ok(Expr::Combined(Box::new(Combined {
            lhs,
            operator: self.operator,
            rhs,
            output_field: self.output_field.clone(),
            temporal,
        })))
    }
}

/// What `Extract` and `Trunc` refuse once their argument's type is known.
fn check_temporal(expr: &Expr) -> Result<()> {
    let Expr::Func(func) = expr else {
        return Ok(());
    };
    let Some(source) = func.args.first() else {
        return Ok(());
    };
    let part = func.part.as_deref().unwrap_or_default();
    let clock = matches!(part, "hour" | "minute" | "second");
    match func.class.form {
        Form::Extract(_) => {
            let Some(field) = source.output_field_or_none()? else {
                return Ok(());
            };
            match field.kind {
                FieldKind::DateTime | FieldKind::Time => Ok(()),
                FieldKind::Date if clock => Err(OrmError::value(format!(
                    "Cannot extract time component '{part}' from DateField '{}'.",
                    field.name
                ))),
                FieldKind::Date => Ok(()),
                FieldKind::Duration
                    if matches!(
                        part,
                        "year"
                            | "iso_year"
                            | "month"
                            | "week"
                            | "week_day"
                            | "iso_week_day"
                            | "quarter"
                    ) =>
                {
                    Err(OrmError::value(format!(
                        "Cannot extract component '{part}' from DurationField '{}'.",
                        field.name
                    )))
                }
                FieldKind::Duration => Ok(()),
                _ => Err(OrmError::value(
                    "Extract input expression must be DateField, DateTimeField, TimeField, or \
                     DurationField.",
                )),
            }
        }
        Form::Trunc(_) | Form::TruncDate | Form::TruncTime => {
            let field = source.output_field()?;
            let own = expr.output_field()?;
            if !matches!(
                field.kind,
                FieldKind::Date | FieldKind::DateTime | FieldKind::Time
            ) {
                return Err(OrmError::kind(format!(
                    "{} isn't a DateField, TimeField, or DateTimeField.",
                    super::value_repr(&crate::base::Value::text(field.name.as_str()))
                )));
            }
            if !matches!(
                own.kind,
                FieldKind::Date | FieldKind::DateTime | FieldKind::Time
            ) {
                return Err(OrmError::value(
                    "output_field must be either DateField, TimeField, or DateTimeField",
                ));
            }
            let shown = if own.kind == field.kind {
                "DateTimeField"
            } else {
                own.kind.class_name()
            };
            if field.kind == FieldKind::Date && (own.kind == FieldKind::DateTime || clock) {
                return Err(OrmError::value(format!(
                    "Cannot truncate DateField '{}' to {shown}.",
                    field.name
                )));
            }
            let day = matches!(part, "year" | "quarter" | "month" | "week" | "day");
            if field.kind == FieldKind::Time
                && (own.kind == FieldKind::DateTime || day || func.class.form == Form::TruncDate)
            {
                return Err(OrmError::value(format!(
                    "Cannot truncate TimeField '{}' to {shown}.",
                    field.name
                )));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
