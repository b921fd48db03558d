//! `Q`: conditions that combine with `&`, `|`, `^` and `!`.

use super::expressions::{Expr, Operand, PlainValue};
use std::ops::{BitAnd, BitOr, BitXor, Not};

/// What stands between conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connector {
    /// All of them.
    And,
    /// At least one.
    Or,
    /// An odd number of them.
    Xor,
}

impl Connector {
    /// The word in SQL.
    pub fn sql(self) -> &'static str {
        match self {
            Self::And => "AND",
            Self::Or => "OR",
            Self::Xor => "XOR",
        }
    }
}

/// A tree of conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct Q {
    /// The conditions.
    pub children: Vec<QChild>,
    /// What stands between them.
    pub connector: Connector,
    /// Whether the whole is negated.
    pub negated: bool,
}

/// One condition of a [`Q`].
#[derive(Clone, Debug, PartialEq)]
pub enum QChild {
    /// A tree of its own.
    Q(Q),
    /// `price__lt=500`
    Lookup(String, Operand),
    /// A boolean expression, `Exists(..)`.
    Expr(Expr),
    /// Any other value, which only a query refuses.
    Plain(PlainValue),
}

impl Default for Q {
    fn default() -> Self {
        Self::new()
    }
}

impl Q {
    /// `Q()`: no condition.
    pub fn new() -> Self {
        Self {
            children: Vec::new(),
            connector: Connector::And,
            negated: false,
        }
    }

    /// `Q(path=value)`
    pub fn lookup(path: impl Into<String>, value: impl Into<Operand>) -> Self {
        Self {
            children: vec![QChild::Lookup(path.into(), value.into())],
            ..Self::new()
        }
    }

    /// `Q(*args, **kwargs)`: the keywords are sorted by name, as Django sorts them.
    pub fn of(args: Vec<QChild>, mut keywords: Vec<(String, Operand)>) -> Self {
        keywords.sort_by(|left, right| left.0.cmp(&right.0));
        let mut children = args;
        children.extend(
            keywords
                .into_iter()
                .map(|(path, value)| QChild::Lookup(path, value)),
        );
        Self {
            children,
            ..Self::new()
        }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.children.is_empty()
    }

    /// Both with a connector between them; an empty one disappears.
    #[must_use]
    pub fn combine(self, other: Self, connector: Connector) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let mut both = Self {
            connector,
            ..Self::new()
        };
        both.add(self);
        both.add(other);
        both
    }

    /// Adds a condition; one that the connector does not keep apart is dissolved.
    fn add(&mut self, other: Self) {
        if !other.negated && (other.connector == self.connector || other.children.len() == 1) {
            self.children.extend(other.children);
        } else {
            self.children.push(QChild::Q(other));
        }
    }
}

impl From<Expr> for Q {
    fn from(expr: Expr) -> Self {
        match expr {
            Expr::Q(q) => q,
            other => Self {
                children: vec![QChild::Expr(other)],
                ..Self::new()
            },
        }
    }
}

impl From<Q> for Expr {
    fn from(q: Q) -> Self {
        Self::Q(q)
    }
}

impl<T: Into<Q>> BitAnd<T> for Q {
    type Output = Q;

    fn bitand(self, other: T) -> Q {
        self.combine(other.into(), Connector::And)
    }
}

impl<T: Into<Q>> BitOr<T> for Q {
    type Output = Q;

    fn bitor(self, other: T) -> Q {
        self.combine(other.into(), Connector::Or)
    }
}

impl<T: Into<Q>> BitXor<T> for Q {
    type Output = Q;

    fn bitxor(self, other: T) -> Q {
        self.combine(other.into(), Connector::Xor)
    }
}

impl Not for Q {
    type Output = Q;

    fn not(mut self) -> Q {
        self.negated = !self.negated;
        self
    }
}

/// `q!(price__lt = 500, is_active = true)`: all of the lookups, as `Q(..)` in Python.
#[macro_export]
macro_rules! q {
    ($($path:ident = $value:expr),+ $(,)?) => {
        $crate::orm::Q::of(
            Vec::new(),
            vec![$((stringify!($path).to_owned(), $crate::orm::Operand::from($value))),+],
        )
    };
}
