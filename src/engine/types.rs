//! Which types convert into which, and which type several expressions share (PostgreSQL 15
//! manual, chapter 10; `pg_cast`).

use super::expr::{CastForm, Comparison};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Type};

/// The families of types within which implicit conversions look for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// boolean
    Boolean,
    /// The numbers.
    Numeric,
    /// The texts.
    String,
    /// Dates and times.
    DateTime,
    /// interval
    Timespan,
    /// Arrays.
    Array,
    /// Row values.
    Composite,
    /// uuid and json.
    User,
    /// Literals and parameters whose type is not decided.
    Unknown,
}

/// The family of a type.
pub fn category(ty: &Type) -> Category {
    match ty {
        Type::Boolean => Category::Boolean,
        Type::SmallInt
        | Type::Integer
        | Type::BigInt
        | Type::Numeric(_)
        | Type::Real
        | Type::Double => Category::Numeric,
        Type::Text | Type::Varchar(_) | Type::Char(_) => Category::String,
        Type::Date | Type::Time | Type::Timestamp | Type::TimestampTz => Category::DateTime,
        Type::Interval => Category::Timespan,
        Type::Array(_) => Category::Array,
        Type::Record(_) => Category::Composite,
        Type::Uuid | Type::Json | Type::Jsonb => Category::User,
        Type::Unknown => Category::Unknown,
    }
}

/// Whether a type is the one its family prefers when several would do.
pub fn is_preferred(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Boolean | Type::Double | Type::Text | Type::TimestampTz | Type::Interval
    )
}

/// How wide a conversion may be: what is implicit may also be assigned, what may be assigned may
/// also be asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ease {
    Implicit,
    Assignment,
    Explicit,
}

/// Whether a conversion exists and may be made on behalf of `form`.
pub fn can_cast(from: &Type, to: &Type, form: CastForm) -> bool {
    let allowed = match form {
        CastForm::Implicit => Ease::Implicit,
        CastForm::Assignment => Ease::Assignment,
        CastForm::Explicit => Ease::Explicit,
    };
    ease(from, to).is_some_and(|ease| ease <= allowed)
}

/// PostgreSQL's `pg_cast`, and the conversions through text.
fn ease(from: &Type, to: &Type) -> Option<Ease> {
    use Ease::{Assignment, Explicit, Implicit};
    if from.without_modifier() == to.without_modifier() {
        return Some(Implicit);
    }
    Some(match (from, to) {
        (Type::Unknown, _) => Implicit,
        (_, Type::Unknown) => return None,
        (a, b) if a.is_text() && b.is_text() => Implicit,
        (a, b) if a.is_number() && b.is_number() => {
            if number_rank(a) < number_rank(b) {
                Implicit
            } else {
                Assignment
            }
        }
        (Type::Date, Type::Timestamp | Type::TimestampTz)
        | (Type::Timestamp, Type::TimestampTz)
        | (Type::Time, Type::Interval) => Implicit,
        (Type::Timestamp, Type::Date | Type::Time)
        | (Type::TimestampTz, Type::Date | Type::Time | Type::Timestamp)
        | (Type::Interval, Type::Time) => Assignment,
        (Type::Json, Type::Jsonb) | (Type::Jsonb, Type::Json) => Assignment,
        (Type::Boolean, Type::Integer) | (Type::Integer, Type::Boolean) => Explicit,
        (Type::Array(a), Type::Array(b)) => ease(a, b)?,
        (Type::Record(a), Type::Record(b)) if a.len() == b.len() => {
            let mut widest = Implicit;
            for (a, b) in a.iter().zip(b) {
                widest = widest.max(ease(a, b)?);
            }
            widest
        }
        // Everything becomes text when assigned, and everything can be asked for from text.
        (_, b) if b.is_text() => Assignment,
        (a, _) if a.is_text() => Explicit,
        _ => return None,
    })
}

/// The order in which numbers convert implicitly.
fn number_rank(ty: &Type) -> u8 {
    match ty {
        Type::SmallInt => 0,
        Type::Integer => 1,
        Type::BigInt => 2,
        Type::Numeric(_) => 3,
        Type::Real => 4,
        _ => 5,
    }
}

/// The error of a cast that does not exist.
pub fn cannot_cast(from: &Type, to: &Type) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::CANNOT_COERCE,
        format!(
            "cannot cast type {} to {}",
            from.without_modifier(),
            to.without_modifier()
        ),
    )
}

/// The type that several expressions share: UNION, CASE, COALESCE, VALUES, ARRAY, GREATEST
/// (manual, 10.5). `construct` names it in the error, as in `CASE types integer and text cannot
/// be matched`.
pub fn common_type(types: &[Type], construct: &str) -> Result<Type> {
    let Some(first) = types.first() else {
        return Ok(Type::Text);
    };
    if *first != Type::Unknown && types.iter().all(|ty| ty == first) {
        return Ok(first.clone());
    }
    let mut chosen: Option<Type> = None;
    for ty in types.iter().filter(|ty| **ty != Type::Unknown) {
        let next = ty.without_modifier();
        let Some(current) = &chosen else {
            chosen = Some(next);
            continue;
        };
        if *current == next {
            continue;
        }
        if category(current) != category(&next) {
            return Err(cannot_match(construct, current, &next));
        }
        let there = can_cast(current, &next, CastForm::Implicit);
        let back = can_cast(&next, current, CastForm::Implicit);
        if !is_preferred(current) && there && !back {
            chosen = Some(next);
        }
    }
    let chosen = chosen.unwrap_or(Type::Text);
    for ty in types {
        if !can_cast(ty, &chosen, CastForm::Implicit) {
            return Err(Diagnostic::error(
                sqlstate::CANNOT_COERCE,
                format!(
                    "{construct} could not convert type {} to {chosen}",
                    ty.without_modifier()
                ),
            ));
        }
    }
    Ok(chosen)
}

fn cannot_match(construct: &str, a: &Type, b: &Type) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::DATATYPE_MISMATCH,
        format!("{construct} types {a} and {b} cannot be matched"),
    )
}

/// The sign of a comparison; `IS DISTINCT FROM` compares with `=`.
pub fn comparison_sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Eq | Comparison::Distinct | Comparison::NotDistinct => "=",
        Comparison::NotEq => "<>",
        Comparison::Lt => "<",
        Comparison::LtEq => "<=",
        Comparison::Gt => ">",
        Comparison::GtEq => ">=",
    }
}

/// The type in which two expressions are compared; both are cast to it. Fails as PostgreSQL does
/// when there is no such operator: `operator does not exist: text = integer`.
pub fn comparison_type(left: &Type, right: &Type, comparison: Comparison) -> Result<Type> {
    let sign = comparison_sign(comparison);
    match comparable(left, right) {
        Some(ty) if has_order(&ty) => Ok(ty),
        Some(_) | None => Err(super::scalar::no_operator(
            sign,
            &[left.clone(), right.clone()],
        )),
    }
}

fn comparable(left: &Type, right: &Type) -> Option<Type> {
    Some(match (left, right) {
        (Type::Unknown, Type::Unknown) => Type::Text,
        (Type::Unknown, known) | (known, Type::Unknown) => known.without_modifier(),
        (Type::Array(a), Type::Array(b)) => {
            let element = if a.without_modifier() == b.without_modifier() {
                a.without_modifier()
            } else {
                return None;
            };
            Type::Array(Box::new(element))
        }
        (Type::Record(a), Type::Record(b)) if a.len() == b.len() => Type::Record(
            a.iter()
                .zip(b)
                .map(|(a, b)| comparable(a, b))
                .collect::<Option<_>>()?,
        ),
        (a, b) if a.without_modifier() == b.without_modifier() => a.without_modifier(),
        (a, b) if a.is_text() && b.is_text() => Type::Text,
        // There are operators of real with real and of double with double, and the preferred
        // type wins over the exact one of the other side.
        (Type::Real, b) if b.is_number() => Type::Double,
        (a, Type::Real) if a.is_number() => Type::Double,
        (a, b) if a.is_number() && b.is_number() => if number_rank(a) < number_rank(b) {
            b
        } else {
            a
        }
        .without_modifier(),
        (Type::Date | Type::Timestamp | Type::TimestampTz, Type::TimestampTz)
        | (Type::TimestampTz, Type::Date | Type::Timestamp) => Type::TimestampTz,
        (Type::Date, Type::Timestamp) | (Type::Timestamp, Type::Date) => Type::Timestamp,
        (Type::Time, Type::Interval) | (Type::Interval, Type::Time) => Type::Interval,
        _ => return None,
    })
}

/// Whether values of a type can be compared; json has no operators.
pub fn has_order(ty: &Type) -> bool {
    match ty {
        Type::Json | Type::Jsonb => false,
        Type::Array(element) => has_order(element),
        Type::Record(fields) => fields.iter().all(has_order),
        Type::Boolean
        | Type::SmallInt
        | Type::Integer
        | Type::BigInt
        | Type::Numeric(_)
        | Type::Real
        | Type::Double
        | Type::Text
        | Type::Varchar(_)
        | Type::Char(_)
        | Type::Date
        | Type::Time
        | Type::Timestamp
        | Type::TimestampTz
        | Type::Interval
        | Type::Uuid
        | Type::Unknown => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers are PostgreSQL 15's.
    #[test]
    fn expressions_share_a_type() {
        let numeric = Type::Numeric(Some((10, 2)));
        for (types, expected) in [
            (vec![Type::Integer, Type::BigInt], "bigint"),
            (vec![Type::Integer, numeric.clone()], "numeric"),
            (vec![numeric.clone(), numeric.clone()], "numeric(10,2)"),
            (vec![numeric.clone(), Type::Double], "double precision"),
            (vec![Type::Unknown, Type::Unknown], "text"),
            (vec![Type::Unknown, Type::Date], "date"),
            (
                vec![Type::Date, Type::Timestamp],
                "timestamp without time zone",
            ),
            (
                vec![Type::Varchar(Some(5)), Type::Text],
                "character varying",
            ),
            (vec![Type::Text, Type::Varchar(Some(5))], "text"),
            (
                vec![Type::Varchar(Some(5)), Type::Varchar(Some(9))],
                "character varying",
            ),
        ] {
            let common = common_type(&types, "CASE").map(|ty| ty.to_string());
            assert_eq!(common.as_deref(), Ok(expected), "{types:?}");
        }
        let error = common_type(&[Type::Integer, Type::Text], "CASE").map_err(|e| e.message);
        assert_eq!(
            error,
            Err("CASE types integer and text cannot be matched".to_owned())
        );
    }

    /// Answers are PostgreSQL 15's.
    #[test]
    fn comparisons_find_their_type() {
        for (left, right, expected) in [
            (Type::Integer, Type::Numeric(Some((5, 2))), "numeric"),
            (Type::Real, Type::Integer, "double precision"),
            (Type::Real, Type::Real, "real"),
            (Type::Date, Type::TimestampTz, "timestamp with time zone"),
            (Type::Varchar(Some(3)), Type::Unknown, "character varying"),
            (Type::Char(3), Type::Text, "text"),
        ] {
            let ty = comparison_type(&left, &right, Comparison::Eq).map(|ty| ty.to_string());
            assert_eq!(ty.as_deref(), Ok(expected));
        }
        for (left, right, expected) in [
            (
                Type::Text,
                Type::Integer,
                "operator does not exist: text = integer",
            ),
            (
                Type::Json,
                Type::Json,
                "operator does not exist: json = json",
            ),
            (
                Type::Boolean,
                Type::Integer,
                "operator does not exist: boolean = integer",
            ),
        ] {
            let error = comparison_type(&left, &right, Comparison::Eq).map_err(|e| e.message);
            assert_eq!(error, Err(expected.to_owned()));
        }
    }

    #[test]
    fn casts_have_their_forms() {
        use CastForm::{Assignment, Explicit, Implicit};
        for (from, to, form, expected) in [
            (Type::Integer, Type::Numeric(None), Implicit, true),
            (Type::Numeric(None), Type::Integer, Implicit, false),
            (Type::Numeric(None), Type::Integer, Assignment, true),
            (Type::Integer, Type::Text, Implicit, false),
            (Type::Integer, Type::Text, Assignment, true),
            (Type::Text, Type::Integer, Assignment, false),
            (Type::Text, Type::Integer, Explicit, true),
            (Type::Boolean, Type::Integer, Explicit, true),
            (Type::Boolean, Type::BigInt, Explicit, false),
            (Type::Date, Type::Integer, Explicit, false),
        ] {
            assert_eq!(can_cast(&from, &to, form), expected, "{from} to {to}");
        }
    }
}
