//! Equality, order and hash of values: PostgreSQL's for values of one type, and total over all.

use super::Value;
use crate::base::Numeric;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

impl Value {
    /// Values of different kinds are ordered by kind; integers and numerics are one kind, NULL
    /// comes last.
    fn kind(&self) -> u8 {
        match self {
            Self::Bool(_) => 0,
            Self::Int(_) | Self::Numeric(_) => 1,
            Self::Float(_) => 2,
            Self::Text(_) => 3,
            Self::Date(_) => 4,
            Self::Time(_) => 5,
            Self::Timestamp(_) => 6,
            Self::Interval(_) => 7,
            Self::Uuid(_) => 8,
            Self::Array(_) => 9,
            Self::Record(_) => 10,
            Self::Null => 11,
        }
    }
}

/// PostgreSQL's order of floats: both zeros are equal, NaN equals itself and is the greatest.
#[inline]
pub fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// NULL equals NULL here and comes last, as in sorting and grouping; comparison operators give
/// NULL instead. Texts go by code point, which is the order of their UTF-8 bytes.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Numeric(a), Self::Numeric(b)) => a.cmp(b),
            (Self::Int(a), Self::Numeric(b)) => Numeric::from(*a).cmp(b),
            (Self::Numeric(a), Self::Int(b)) => a.cmp(&Numeric::from(*b)),
            (Self::Float(a), Self::Float(b)) => compare_floats(*a, *b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) | (Self::Timestamp(a), Self::Timestamp(b)) => a.cmp(b),
            (Self::Interval(a), Self::Interval(b)) => a.cmp(b),
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) | (Self::Record(a), Self::Record(b)) => a.cmp(b),
            _ => self.kind().cmp(&other.kind()),
        }
    }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind().hash(state);
        match self {
            Self::Null => {}
            Self::Bool(v) => v.hash(state),
            Self::Int(v) => Numeric::from(*v).hash(state),
            Self::Numeric(v) => v.hash(state),
            // One pattern of bits for both zeros, one for all NaNs.
            Self::Float(v) if *v == 0.0 => 0_u64.hash(state),
            Self::Float(v) if v.is_nan() => f64::NAN.to_bits().hash(state),
            Self::Float(v) => v.to_bits().hash(state),
            Self::Text(v) => v.hash(state),
            Self::Date(v) => v.hash(state),
            Self::Time(v) | Self::Timestamp(v) => v.hash(state),
            Self::Interval(v) => v.hash(state),
            Self::Uuid(v) => v.hash(state),
            Self::Array(v) | Self::Record(v) => v.hash(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_are_equal_by_value() {
        let values: HashSet<Value> = [
            Value::Numeric(Numeric::new(100, 2)),
            Value::Numeric(Numeric::new(10, 1)),
            Value::Int(1),
            Value::Float(0.0),
            Value::Float(-0.0),
            Value::Float(f64::NAN),
            Value::Float(-f64::NAN),
            Value::Null,
            Value::Null,
        ]
        .into_iter()
        .collect();
        assert_eq!(values.len(), 4);
    }

    #[test]
    fn nan_is_greatest_and_null_last() {
        assert!(Value::Float(f64::NAN) > Value::Float(f64::INFINITY));
        assert!(Value::Null > Value::Float(f64::NAN));
        assert!(Value::text("B") < Value::text("a"));
    }
}
