//! Lookups: the comparison at the end of a path, `price__gte=500`.
//!
//! [`Lookup::build`] checks and prepares the right side by the left side's field, as
//! `get_prep_lookup` does; [`prepare`] holds what each field makes of a value.

use super::errors::{OrmError, Result};
use super::expressions::{Expr, Operand, PlainValue, Resolve, ValueExpr, value_field};
use super::query::Query;
use crate::base::Value;
use crate::market::catalogue::FieldKind;

mod prepare;
mod transforms;

pub use prepare::{parse_datetime, parse_decimal, prepare, python_type as type_name, to_python};
pub use transforms::{TRANSFORMS, apply, lookup_names, transform};

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// Which comparison.
    pub kind: LookupKind,
    /// The left side.
    pub lhs: Expr,
    /// The right side.
    pub rhs: Rhs,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// A field, or a relation by its own key.
    Field,
    /// The far end of a relation that is followed against its direction.
    Relation,
}

/// The right side of a [`Lookup`].
#[derive(Clone, Debug, PartialEq)]
pub enum Rhs {
    /// A value that its field has prepared.
    Value(PlainValue),
    /// Several of them, for `in` and `range`.
    List(Vec<PlainValue>),
    /// An expression or a query.
    Expr(Expr),
}

macro_rules! lookup_kinds {
    ($($(#[doc = $doc:literal])* $kind:ident = $name:literal, $class:literal;)*) => {
        /// The lookups.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum LookupKind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl LookupKind {
            /// The lookup of that name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$kind),)* _ => None }
            }

            /// Its name in a path.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// When it holds, in a few words.
            pub fn description(self) -> &'static str {
                match self { $(Self::$kind => concat!($($doc),*).trim_ascii(),)* }
            }

            /// The name of its class in Django.
            pub fn class_name(self) -> &'static str {
                match self { $(Self::$kind => $class,)* }
            }

            /// All lookups.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The names of all lookups.
            pub const NAMES: &'static [&'static str] = &[$($name),*];
        }
    };
}

lookup_kinds! {
    /// Equal; `NULL` becomes `IS NULL`.
    Exact = "exact", "Exact";
    /// Equal in upper case.
    IExact = "iexact", "IExact";
    /// Greater.
    Gt = "gt", "GreaterThan";
    /// Greater or equal.
    Gte = "gte", "GreaterThanOrEqual";
    /// Less.
    Lt = "lt", "LessThan";
    /// Less or equal.
    Lte = "lte", "LessThanOrEqual";
    /// One of a list or of a query's rows.
    In = "in", "In";
    /// Has the text inside.
    Contains = "contains", "Contains";
    /// Has the text inside, in upper case.
    IContains = "icontains", "IContains";
    /// Starts with the text.
    StartsWith = "startswith", "StartsWith";
    /// Starts with the text, in upper case.
    IStartsWith = "istartswith", "IStartsWith";
    /// Ends with the text.
    EndsWith = "endswith", "EndsWith";
    /// Ends with the text, in upper case.
    IEndsWith = "iendswith", "IEndsWith";
    /// Between two values, both included.
    Range = "range", "Range";
    /// Is NULL, or is not.
    IsNull = "isnull", "IsNull";
    /// Matches a regular expression.
    Regex = "regex", "Regex";
    /// Matches a regular expression, in any case.
    IRegex = "iregex", "IRegex";
    /// One of a list of rows; what prefetching a foreign key asks for.
    TupleIn = "tuple in", "TupleIn";
}

impl LookupKind {
    /// The lookup of that name on a field of that kind. Relations know those that compare keys.
    pub fn on(kind: Option<&FieldKind>, name: &str) -> Option<Self> {
        let found = Self::named(name)?;
        let relation = matches!(kind, Some(FieldKind::ForeignKey | FieldKind::OneToOne));
        let compares = matches!(
            found,
            Self::Exact | Self::In | Self::Gt | Self::Gte | Self::Lt | Self::Lte | Self::IsNull
        );
        (!relation || compares).then_some(found)
    }

    /// Whether a path can end with its name.
    pub fn is_named(self) -> bool {
        self != Self::TupleIn
    }

    /// Whether the left side is cast to text.
    pub fn is_pattern(self) -> bool {
        matches!(
            self,
            Self::Contains
                | Self::IContains
                | Self::StartsWith
                | Self::IStartsWith
                | Self::EndsWith
                | Self::IEndsWith
        )
    }

    /// Whether the field prepares the value on the right.
    fn prepares(self) -> bool {
        !self.is_pattern()
            && !matches!(
                self,
                Self::IExact | Self::IsNull | Self::Regex | Self::IRegex
            )
    }
}

impl Lookup {
    /// A lookup whose right side fits the left side's field. `end` says what the left side is.
    ///
    /// # Errors
    /// What the field says of the value: `ValueError`, `ValidationError`.
    pub fn build(
        kind: LookupKind,
        lhs: Expr,
        rhs: Operand,
        end: End,
        query: &Query,
    ) -> Result<Self> {
        // A lookup belongs to a type, so the left side must have one.
        lhs.output_field()?;
        let rhs = match rhs {
            Operand::Expr(Expr::Query(subquery)) => {
                Rhs::Expr(Expr::Query(Box::new(fit_query(kind, *subquery)?)))
            }
            Operand::Expr(expr) => Rhs::Expr(expr),
            Operand::List(items) if matches!(kind, LookupKind::In | LookupKind::Range) => {
                list(kind, &lhs, items, query)?
            }
            Operand::List(items) => {
                let value = match whole(&items) {
                    Some(value) => one(kind, &lhs, value, query)?,
                    // A list of anything else than plain values is no value of any field.
                    None => {
                        let field = lhs.output_field()?;
                        let shown = super::expressions::python_repr(&Operand::List(items));
                        let wanted = value_field(&field, &query.catalogue);
                        return Err(prepare::wrong_type(&wanted, &shown, "list"));
                    }
                };
                Rhs::Value(PlainValue(value))
            }
            Operand::Instance(instance) if matches!(kind, LookupKind::In | LookupKind::Range) => {
                let name = &instance.model().name;
                return Err(OrmError::kind(format!("'{name}' object is not iterable")));
            }
            Operand::Instance(instance) => {
                Rhs::Value(PlainValue(one_instance(kind, &lhs, &instance, end, query)?))
            }
            // The letters of a text are its members, as Python sees it.
            Operand::Value(PlainValue(Value::Text(text)))
                if matches!(kind, LookupKind::In | LookupKind::Range) =>
            {
                let letters = text.chars().map(|letter| Value::text(letter.to_string()));
                list(kind, &lhs, letters.map(Operand::value).collect(), query)?
            }
            Operand::Value(PlainValue(value)) => match kind {
                LookupKind::In | LookupKind::Range => {
                    return Err(OrmError::kind(format!(
                        "'{}' object is not iterable",
                        prepare::python_type(&value)
                    )));
                }
                _ => Rhs::Value(PlainValue(one(kind, &lhs, value, query)?)),
            },
        };
        Ok(Self { kind, lhs, rhs })
    }

    /// A lookup that stands as an expression: `GreaterThan(F("stock"), 5)`.
    ///
    /// # Errors
    /// `TypeError` for a list that is no list of plain values.
    pub fn standing(kind: LookupKind, lhs: Expr, rhs: Operand) -> Result<Self> {
        let plain = |items: &[Operand]| {
            let items = items.iter().map(|item| match item {
                Operand::Value(value) => Some(value.clone()),
                Operand::Instance(instance) => instance.key().map(PlainValue),
                Operand::Expr(_) | Operand::List(_) => None,
            });
            items.collect::<Option<Vec<_>>>()
        };
        let rhs = match rhs {
            Operand::Value(value) if !kind.prepares() => Rhs::Value(value),
            Operand::List(items) if matches!(kind, LookupKind::In | LookupKind::Range) => {
                match plain(&items) {
                    Some(values) => Rhs::List(values),
                    None => Rhs::Expr(super::functions::argument(Operand::List(items))?),
                }
            }
            Operand::Value(PlainValue(value)) => Rhs::Expr(Expr::Value(ValueExpr {
                value,
                output_field: None,
            })),
            other => Rhs::Expr(super::functions::argument(other)?),
        };
        Ok(Self { kind, lhs, rhs })
    }

    /// Whether the right side is a value and not an expression.
    pub fn is_direct(&self) -> bool {
        !matches!(self.rhs, Rhs::Expr(_))
    }

    /// Left and, if it is an expression, right.
    pub fn sources(&self) -> Vec<&Expr> {
        match &self.rhs {
            Rhs::Expr(rhs) => vec![&self.lhs, rhs],
            Rhs::Value(_) | Rhs::List(_) => vec![&self.lhs],
        }
    }

    /// The same lookup with both sides resolved.
    pub(super) fn resolve(&self, query: &mut Query, context: &mut Resolve<'_>) -> Result<Self> {
        let lhs = self.lhs.resolve(query, context)?;
        // Its SQL depends on the type of the left side.
        if self.kind != LookupKind::TupleIn {
            lhs.output_field()?;
        }
        let rhs = match &self.rhs {
            Rhs::Expr(rhs) => Rhs::Expr(rhs.resolve(query, context)?),
            direct => direct.clone(),
        };
        Ok(Self {
            kind: self.kind,
            lhs,
            rhs,
        })
    }
}

/// A list of plain values as one value.
fn whole(items: &[Operand]) -> Option<Value> {
    let items = items.iter().map(|item| match item {
        Operand::Value(PlainValue(value)) => Some(value.clone()),
        Operand::List(items) => whole(items),
        Operand::Expr(_) | Operand::Instance(_) => None,
    });
    items
        .collect::<Option<Vec<_>>>()
        .map(|items| Value::Array(items.into()))
}

/// Prepares an instance: its key where a relation is compared, else a value like any other.
fn one_instance(
    kind: LookupKind,
    lhs: &Expr,
    instance: &super::instance::Instance,
    end: End,
    query: &Query,
) -> Result<Value> {
    let field = lhs.output_field()?;
    if field.is_relation() || end == End::Relation {
        return instance.key().ok_or_else(|| {
            OrmError::value("Model instances passed to related filters must be saved.")
        });
    }
    let wanted = value_field(&field, &query.catalogue);
    if kind.prepares() && wanted.kind.is_integer() {
        let shown = super::expressions::python_repr(&Operand::Instance(instance.clone()));
        return Err(prepare::wrong_type(&wanted, &shown, "instance").naming(instance));
    }
    Ok(Value::text(instance.to_string()))
}

/// Prepares one value.
fn one(kind: LookupKind, lhs: &Expr, value: Value, query: &Query) -> Result<Value> {
    if !kind.prepares() || value.is_null() {
        return Ok(value);
    }
    let Some(field) = lhs.output_field_or_none()? else {
        return Ok(value);
    };
    let wanted = value_field(&field, &query.catalogue);
    // `quantity >= 2.5` asks for 3: the comparison is rounded up, not the value down.
    if let (Value::Float(number), LookupKind::Gte | LookupKind::Lt) = (&value, kind)
        && wanted.kind.is_integer()
    {
        return Ok(Value::Int(number.ceil() as i64));
    }
    prepare(&wanted, value)
}

/// Prepares the members of a list; one expression among them makes all of them expressions.
fn list(kind: LookupKind, lhs: &Expr, items: Vec<Operand>, query: &Query) -> Result<Rhs> {
    let field = lhs.output_field_or_none()?;
    if items.iter().any(|item| matches!(item, Operand::Expr(_))) {
        let items = items
            .into_iter()
            .map(|item| match item {
                Operand::Expr(expr) => Ok(expr),
                Operand::Value(PlainValue(value)) => Ok(Expr::Value(ValueExpr {
                    value,
                    output_field: field.clone(),
                })),
                Operand::Instance(instance) => Ok(Expr::Value(ValueExpr {
                    value: instance.key().unwrap_or(Value::Null),
                    output_field: field.clone(),
                })),
                Operand::List(_) => Err(OrmError::kind("unhashable type: 'list'")),
            })
            .collect::<Result<Vec<_>>>()?;
        return Ok(Rhs::Expr(Expr::List(items)));
    }
    let mut prepared = Vec::with_capacity(items.len());
    for item in items {
        let value = match item {
            Operand::Value(PlainValue(value)) => one(kind, lhs, value, query)?,
            Operand::Instance(instance) => instance.key().ok_or_else(|| {
                OrmError::value("Model instances passed to related filters must be saved.")
            })?,
            Operand::List(_) | Operand::Expr(_) => {
                let field = lhs.output_field()?;
                return Err(prepare::wrong_type(
                    &value_field(&field, &query.catalogue),
                    &super::expressions::python_repr(&item),
                    "list",
                ));
            }
        };
        prepared.push(PlainValue(value));
    }
    Ok(Rhs::List(prepared))
}

/// Brings a queryset on the right side into the form that its lookup needs.
fn fit_query(kind: LookupKind, mut query: Query) -> Result<Query> {
    match kind {
        LookupKind::In => {
            let received = query.subquery_fields();
            if received != 1 {
                return Err(OrmError::value(format!(
                    "The QuerySet value for the 'in' lookup must have 1 selected fields \
                     (received {received})"
                )));
            }
            query.clear_ordering(super::query::Clear::Unless, true);
            if !query.has_select_fields() {
                query.clear_select_clause();
                query.add_fields(&["pk".to_owned()], true)?;
            }
        }
        LookupKind::Exact => {
            if !query.has_limit_one() {
                return Err(OrmError::value(
                    "The QuerySet value for an exact lookup must be limited to one result using \
                     slicing.",
                ));
            }
            let received = query.subquery_fields();
            if received != 1 {
                return Err(OrmError::value(format!(
                    "The QuerySet value for the exact lookup must have 1 selected fields \
                     (received {received})"
                )));
            }
            if !query.has_select_fields() {
                query.clear_select_clause();
                query.add_fields(&["pk".to_owned()], true)?;
            }
        }
        _ => {}
    }
    Ok(query)
}

/// Whether comparing a column of that kind with a number outside its range needs the database.
pub fn integer_range(kind: &FieldKind) -> Option<(i64, i64)> {
    match kind {
        FieldKind::SmallInteger | FieldKind::SmallAuto => Some((-32_768, 32_767)),
        FieldKind::PositiveSmallInteger => Some((0, 32_767)),
        FieldKind::Integer | FieldKind::Auto => Some((-2_147_483_648, 2_147_483_647)),
        FieldKind::PositiveInteger => Some((0, 2_147_483_647)),
        FieldKind::BigInteger | FieldKind::BigAuto => Some((i64::MIN, i64::MAX)),
        FieldKind::PositiveBigInteger => Some((0, i64::MAX)),
        _ => None,
    }
}
