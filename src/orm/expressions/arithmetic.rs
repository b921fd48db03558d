//! `f("price") * 2`: operators between expressions and values.

use super::{Combined, Expr, Operator, Temporal, ValueExpr};
use crate::base::{Numeric, Value};
use crate::orm::q::{Connector, Q};
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Rem, Sub};

impl Expr {
    /// The expression, an operator and another expression.
    #[must_use]
    pub fn combine(self, operator: Operator, other: impl Into<Expr>) -> Self {
        Self::Combined(Box::new(Combined {
            lhs: self,
            operator,
            rhs: other.into(),
            output_field: None,
            temporal: Temporal::No,
        }))
    }

    /// `self ** other`
    #[must_use]
    pub fn power(self, other: impl Into<Expr>) -> Self {
        self.combine(Operator::Pow, other)
    }
}

macro_rules! operators {
    ($($trait:ident, $method:ident, $operator:ident;)*) => {$(
        impl<T: Into<Expr>> $trait<T> for Expr {
            type Output = Expr;

            fn $method(self, other: T) -> Expr {
                self.combine(Operator::$operator, other)
            }
        }
    )*};
}

operators! {
    Add, add, Add;
    Sub, sub, Sub;
    Mul, mul, Mul;
    Div, div, Div;
    Rem, rem, Mod;
}

impl Neg for Expr {
    type Output = Expr;

    /// Django writes `-F("price")` as `F("price") * -1`.
    fn neg(self) -> Expr {
        self.combine(Operator::Mul, -1)
    }
}

impl BitAnd<Expr> for Expr {
    type Output = Q;

    fn bitand(self, other: Expr) -> Q {
        Q::from(self).combine(Q::from(other), Connector::And)
    }
}

impl BitOr<Expr> for Expr {
    type Output = Q;

    fn bitor(self, other: Expr) -> Q {
        Q::from(self).combine(Q::from(other), Connector::Or)
    }
}

impl Not for Expr {
    type Output = Expr;

    fn not(self) -> Expr {
        match self {
            Self::Q(q) => Self::Q(!q),
            Self::Negated(inner) => *inner,
            other => Self::Negated(Box::new(other)),
        }
    }
}

impl From<Value> for Expr {
    fn from(value: Value) -> Self {
        Self::Value(ValueExpr {
            value,
            output_field: None,
        })
    }
}

macro_rules! values {
    ($($type:ty, $name:ident => $value:expr;)*) => {$(
        impl From<$type> for Expr {
            fn from($name: $type) -> Self {
                Self::from($value)
            }
        }

        impl From<$type> for super::Operand {
            fn from($name: $type) -> Self {
                Self::value($value)
            }
        }
    )*};
}

values! {
    i32, number => Value::Int(i64::from(number));
    i64, number => Value::Int(number);
    f64, number => Value::Float(number);
    bool, flag => Value::Bool(flag);
    &str, text => Value::text(text);
    String, text => Value::text(text);
    Numeric, number => Value::Numeric(number);
}
