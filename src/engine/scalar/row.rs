//! What a function sees when it computes a row.

use crate::base::diagnostic::sqlstate;
use crate::base::{Column, Diagnostic, Interval, Numeric, Result, Type, Value};
use crate::engine::budget::Budget;
use std::cell::RefCell;
use std::sync::Arc;

use super::pattern::Patterns;

/// What evaluation reads besides columns.
#[derive(Clone, Copy, Default)]
pub struct Context<'a> {
    /// The moment `now()` gives, in microseconds since 1970.
    pub now: i64,
    /// The values of `$1`, `$2` and so on.
    pub parameters: &'a [Value],
    /// The sequences, when the statement may use them.
    pub sequences: Option<&'a dyn Sequences>,
    /// What the statement may spend; absent where little can be spent, as in a literal.
    pub budget: Option<&'a Budget>,
}

/// The state of the sequences.
pub trait Sequences {
    /// Moves a sequence on and gives its number.
    fn nextval(&self, name: &str) -> Result<i64>;
    /// The number that `nextval` gave last in this session.
    fn currval(&self, name: &str) -> Result<i64>;
    /// The number that `nextval` gave last in this session, of whatever sequence.
    fn lastval(&self) -> Result<i64>;
    /// The name of the sequence that goes with a column, if there is one.
    fn serial_sequence(&self, table: &str, column: &str) -> Result<Option<String>>;
    /// Sets the number; `called` tells whether `nextval` steps beyond it.
    fn setval(&self, name: &str, value: i64, called: bool) -> Result<i64>;
}

/// A value for every row of a batch.
#[derive(Clone, Debug)]
pub enum Operand {
    /// One a row.
    Column(Arc<Column>),
    /// The same for all.
    Constant(Value),
}

impl Operand {
    /// The value of a row as a type reads it.
    pub fn value(&self, row: usize, ty: &Type) -> Value {
        match self {
            Self::Column(column) => column.value(row, ty),
            Self::Constant(value) => value.clone(),
        }
    }

    /// As a column of so many rows.
    pub fn into_column(self, rows: usize, ty: &Type) -> Arc<Column> {
        match self {
            Self::Column(column) => column,
            Self::Constant(value) => Arc::new(Column::constant(&value, rows, ty)),
        }
    }
}

/// A call in a statement: what is the same for all its rows.
pub struct Call<'a> {
    /// Now, parameters, sequences.
    pub context: &'a Context<'a>,
    /// The types of the arguments.
    pub types: &'a [Type],
    /// The type of the result.
    pub ty: &'a Type,
    /// Patterns that were compiled for earlier rows.
    pub patterns: &'a RefCell<Patterns>,
}

/// The arguments of one row.
pub struct Row<'a> {
    /// The values.
    pub values: &'a [Value],
    /// The call.
    pub call: &'a Call<'a>,
}

macro_rules! readers {
    ($($(#[doc = $doc:literal])* $name:ident: $variant:ident => $ty:ty;)*) => {
        $($(#[doc = $doc])* pub fn $name(&self, place: usize) -> Result<$ty> {
            match self.values.get(place) {
                Some(Value::$variant(value)) => Ok(*value),
                _ => Err(wrong_kind(place)),
            }
        })*
    };
}

impl Row<'_> {
    readers! {
        /// A boolean argument.
        bool: Bool => bool;
        /// An integer argument.
        int: Int => i64;
        /// A numeric argument.
        numeric: Numeric => Numeric;
        /// A float argument.
        float: Float => f64;
        /// A date argument.
        date: Date => i32;
        /// A time argument.
        time: Time => i64;
        /// A timestamp argument.
        timestamp: Timestamp => i64;
        /// An interval argument.
        interval: Interval => Interval;
    }

    /// A text argument.
    pub fn text(&self, place: usize) -> Result<&str> {
        match self.values.get(place) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(wrong_kind(place)),
        }
    }

    /// An array argument.
    pub fn array(&self, place: usize) -> Result<&[Value]> {
        match self.values.get(place) {
            Some(Value::Array(elements)) => Ok(elements),
            _ => Err(wrong_kind(place)),
        }
    }

    /// Any argument; NULL past the last.
    pub fn value(&self, place: usize) -> &Value {
        self.values.get(place).unwrap_or(&Value::Null)
    }

    /// The type of an argument.
    pub fn ty(&self, place: usize) -> &Type {
        self.call.types.get(place).unwrap_or(&Type::Unknown)
    }

    /// Any argument as PostgreSQL prints it.
    pub fn shown(&self, place: usize) -> String {
        self.value(place).to_text(self.ty(place))
    }
}

fn wrong_kind(place: usize) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::INTERNAL_ERROR,
        format!(
            "argument {} is of another kind than its type says",
            place + 1
        ),
    )
}
