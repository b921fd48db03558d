//! The type of an expression, `output_field`, and how types combine.

use super::{Combined, Expr, FieldRef, Func, Operator, Temporal, ValueExpr, output};
use crate::base::Value;
use crate::market::catalogue::{Catalogue, Field, FieldKind};
use crate::orm::errors::{ExceptionClass, OrmError, Result};
use crate::orm::functions::Output;

/// The field whose values a field holds: a foreign key holds those of the key it refers to.
pub fn value_field(field: &FieldRef, catalogue: &Catalogue) -> FieldRef {
    let mut field = field.clone();
    // A chain of one-to-one keys ends after as many steps as there are models.
    for _ in 0..=catalogue.models().len() {
        let Some(target) = target_field(&field, catalogue) else {
            break;
        };
        field = target;
    }
    field
}

/// The field that a foreign key refers to.
pub fn target_field(field: &Field, catalogue: &Catalogue) -> Option<FieldRef> {
    let relation = field.relation.as_ref()?;
    let model = catalogue.model(&relation.to)?;
    match &relation.to_field {
        Some(name) => model.field(name).cloned(),
        None => model.primary_key().cloned(),
    }
}

/// Whether Django's class of `kind` is `parent`'s class or inherits from it.
pub fn is_subclass(kind: &FieldKind, parent: &FieldKind) -> bool {
    if kind.class_name() == parent.class_name() {
        return true;
    }
    match parent {
        FieldKind::Untyped => true,
        FieldKind::Integer => kind.is_integer(),
        FieldKind::BigInteger => {
            matches!(kind, FieldKind::BigAuto | FieldKind::PositiveBigInteger)
        }
        FieldKind::SmallInteger => {
            matches!(kind, FieldKind::SmallAuto | FieldKind::PositiveSmallInteger)
        }
        FieldKind::Char(_) => kind.is_char(),
        FieldKind::Date => *kind == FieldKind::DateTime,
        FieldKind::ForeignKey => *kind == FieldKind::OneToOne,
        _ => false,
    }
}

impl Expr {
    /// The type of the expression.
    ///
    /// # Errors
    /// `FieldError` when its parts do not agree, or nobody said the type.
    pub fn output_field(&self) -> Result<FieldRef> {
        self.output_field_or_none()?.ok_or_else(|| {
            OrmError::new(
                ExceptionClass::OutputFieldIsNoneError,
                "Cannot resolve expression type, unknown output_field",
            )
        })
    }

    /// The type of the expression, if it can be known.
    ///
    /// # Errors
    /// `FieldError` when its parts do not agree.
    pub fn output_field_or_none(&self) -> Result<Option<FieldRef>> {
        match self {
            Self::F(_) | Self::OuterRef(_) | Self::ResolvedOuterRef(_) | Self::Star => Ok(None),
            Self::Q(_) | Self::Where(_) | Self::Lookup(_) | Self::Exists(_) | Self::Nothing => {
                Ok(Some(output(FieldKind::Boolean)))
            }
            Self::Negated(_) => Ok(Some(output(FieldKind::Boolean))),
            Self::Value(value) => Ok(value.output()),
            Self::Combined(combined) => combined.output(),
            Self::Func(func) => func.output(),
            Self::Aggregate(aggregate) => {
                if let Some(fixed) = aggregate.fixed_output() {
                    return Ok(Some(fixed));
                }
                match aggregate.kind {
                    super::AggregateKind::Avg
                    | super::AggregateKind::StdDev
                    | super::AggregateKind::Variance => numeric(&aggregate.args),
                    _ => agree(&aggregate.args),
                }
            }
            Self::Case(case) => match &case.output_field {
                Some(field) => Ok(Some(field.clone())),
                None => {
                    let mut sources: Vec<_> =
                        case.cases.iter().map(|when| when.result.clone()).collect();
                    sources.push(case.default.clone());
                    agree(&sources)
                }
            },
            Self::When(when) => when.result.output_field_or_none(),
            Self::Wrapper(_, field) => Ok(Some(field.clone())),
            Self::Subquery(subquery) => match &subquery.output_field {
                Some(field) => Ok(Some(field.clone())),
                None => subquery.query.output_field(),
            },
            Self::Query(query) => query.output_field(),
            Self::QuerySet(queryset) => queryset.query().output_field(),
            Self::Window(window) => match &window.output_field {
                Some(field) => Ok(Some(field.clone())),
                None => window.source.output_field().map(Some),
            },
            Self::OrderBy(order) => order.expression.output_field_or_none(),
            Self::RawSql(raw) => Ok(Some(raw.output_field.clone())),
            Self::Col(col) => Ok(Some(col.output_field.clone())),
            Self::Ref(_, source) | Self::PositionRef(_, _, source) => source.output_field_or_none(),
            Self::List(items) => agree(items),
        }
    }

    /// Refuses an expression whose type is not known where its value is read.
    ///
    /// # Errors
    /// As [`output_field`](Self::output_field).
    pub(in crate::orm) fn check_selectable(&self) -> Result<()> {
        match self {
            Self::Query(_)
            | Self::Exists(_)
            | Self::Lookup(_)
            | Self::Where(_)
            | Self::Negated(_)
            | Self::Col(_) => Ok(()),
            _ => self.output_field().map(|_| ()),
        }
    }

    /// Whether it can stand as a condition.
    pub fn is_conditional(&self) -> bool {
        match self {
            Self::When(_) | Self::OrderBy(_) => false,
            _ => matches!(
                self.output_field_or_none(),
                Ok(Some(field)) if field.kind == FieldKind::Boolean
            ),
        }
    }
}

impl ValueExpr {
    /// The type that was given, or the one that a Python value has.
    fn output(&self) -> Option<FieldRef> {
        if self.output_field.is_some() {
            return self.output_field.clone();
        }
        let kind = match &self.value {
            Value::Null | Value::Array(_) | Value::Record(_) => return None,
            Value::Bool(_) => FieldKind::Boolean,
            Value::Int(_) => FieldKind::Integer,
            Value::Numeric(_) => FieldKind::Decimal(None),
            Value::Float(_) => FieldKind::Float,
            Value::Text(_) => FieldKind::Char(None),
            Value::Date(_) => FieldKind::Date,
            Value::Time(_) => FieldKind::Time,
            Value::Timestamp(_) => FieldKind::DateTime,
            Value::Interval(_) => FieldKind::Duration,
            Value::Uuid(_) => FieldKind::Uuid,
        };
        Some(output(kind))
    }
}

impl Func {
    fn output(&self) -> Result<Option<FieldRef>> {
        if self.output_field.is_some() {
            return Ok(self.output_field.clone());
        }
        match &self.class.output {
            Output::Is(kind) => Ok(Some(output(kind.clone()))),
            Output::First => match self.args.first() {
                Some(first) => first.output_field().map(Some),
                None => Ok(None),
            },
            Output::Numeric => numeric(&self.args),
            Output::Arguments | Output::Given => agree(&self.args),
        }
    }
}

/// The one type of all sources; those without a type do not count.
fn agree(sources: &[Expr]) -> Result<Option<FieldRef>> {
    let mut first: Option<FieldRef> = None;
    for source in sources {
        let Some(field) = source.output_field_or_none()? else {
            continue;
        };
        match &first {
            None => first = Some(field),
            Some(known) if is_subclass(&known.kind, &field.kind) => {}
            Some(known) => {
                return Err(OrmError::field(format!(
                    "Expression contains mixed types: {}, {}. You must set output_field.",
                    known.kind.class_name(),
                    field.kind.class_name()
                )));
            }
        }
    }
    Ok(first)
}

/// `NumericOutputFieldMixin`
fn numeric(sources: &[Expr]) -> Result<Option<FieldRef>> {
    let mut fields = Vec::new();
    for source in sources {
        if let Some(field) = source.output_field_or_none()? {
            fields.push(field);
        }
    }
    if fields
        .iter()
        .any(|field| matches!(field.kind, FieldKind::Decimal(_)))
    {
        return Ok(Some(output(FieldKind::Decimal(None))));
    }
    if fields.iter().any(|field| field.kind.is_integer()) {
        return Ok(Some(output(FieldKind::Float)));
    }
    if sources.is_empty() {
        return Ok(Some(output(FieldKind::Float)));
    }
    agree(sources)
}

impl Combined {
    fn output(&self) -> Result<Option<FieldRef>> {
        if self.output_field.is_some() {
            return Ok(self.output_field.clone());
        }
        if self.temporal == Temporal::Subtraction {
            return Ok(Some(output(FieldKind::Duration)));
        }
        let left = self.lhs.output_field_or_none()?;
        let right = self.rhs.output_field_or_none()?;
        match combined_kind(
            self.operator,
            left.as_ref().map(|field| &field.kind),
            right.as_ref().map(|field| &field.kind),
        ) {
            Some(kind) => Ok(Some(output(kind))),
            None => Err(OrmError::field(format!(
                "Cannot infer type of '{}' expression involving these types: {}, {}. You must \
                 set output_field.",
                self.operator.symbol(),
                self.lhs.output_field()?.kind.class_name(),
                self.rhs.output_field()?.kind.class_name(),
            ))),
        }
    }
}

/// What two types make with an operator (Django's `_connector_combinations`, in its order).
fn combined_kind(
    operator: Operator,
    left: Option<&FieldKind>,
    right: Option<&FieldKind>,
) -> Option<FieldKind> {
    use FieldKind::{Date, DateTime, Decimal, Duration, Float, Integer, PositiveInteger, Time};
    let (left, right) = match (left, right) {
        (Some(left), Some(right)) => (left, right),
        (Some(known), None) | (None, Some(known)) => {
            let bits = matches!(
                operator,
                Operator::BitAnd
                    | Operator::BitOr
                    | Operator::BitXor
                    | Operator::LeftShift
                    | Operator::RightShift
            );
            return [Integer, Decimal(None), Float]
                .into_iter()
                .find(|kind| !bits && is_subclass(known, kind));
        }
        (None, None) => return None,
    };
    let fits =
        |one: &FieldKind, other: &FieldKind| is_subclass(left, one) && is_subclass(right, other);
    let table: Vec<(FieldKind, FieldKind, FieldKind)> = match operator {
        Operator::BitAnd
        | Operator::BitOr
        | Operator::BitXor
        | Operator::LeftShift
        | Operator::RightShift => vec![(Integer, Integer, Integer)],
        Operator::Add
        | Operator::Sub
        | Operator::Mul
        | Operator::Div
        | Operator::Mod
        | Operator::Pow => {
            let mut table = Vec::new();
            if operator != Operator::Sub {
                table.push((PositiveInteger, PositiveInteger, PositiveInteger));
            }
            table.push((Integer, Integer, Integer));
            table.push((Float, Float, Float));
            table.push((Decimal(None), Decimal(None), Decimal(None)));
            if operator != Operator::Pow {
                table.push((Integer, Decimal(None), Decimal(None)));
                table.push((Decimal(None), Integer, Decimal(None)));
                table.push((Integer, Float, Float));
                table.push((Float, Integer, Float));
            }
            match operator {
                Operator::Add => table.extend([
                    (Date, Duration, DateTime),
                    (DateTime, Duration, DateTime),
                    (Duration, Date, DateTime),
                    (Duration, DateTime, DateTime),
                    (Duration, Duration, Duration),
                    (Time, Duration, Time),
                    (Duration, Time, Time),
                ]),
                Operator::Sub => table.extend([
                    (Date, Duration, DateTime),
                    (DateTime, Duration, DateTime),
                    (Date, Date, Duration),
                    (Date, DateTime, Duration),
                    (DateTime, Date, Duration),
                    (DateTime, DateTime, Duration),
                    (Duration, Duration, Duration),
                    (Time, Duration, Time),
                    (Time, Time, Duration),
                ]),
                _ => {}
            }
            table
        }
    };
    table
        .into_iter()
        .find(|(one, other, _)| fits(one, other))
        .map(|(_, _, result)| result)
}

/// A field of a model as a column's type: a foreign key has the type of the key it refers to.
pub fn column_type(field: &FieldRef, catalogue: &Catalogue) -> FieldRef {
    value_field(field, catalogue)
}
