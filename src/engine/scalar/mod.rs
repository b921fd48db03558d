//! Scalar functions and operators: the registry, how a call finds its overload, and the kernels.
//!
//! A function is one [`ScalarFunction`] in the table of its subject's file. It computes one row;
//! the few that decide how fast queries are have a kernel over whole columns beside it. To add a
//! function, add a line to a table: the documentation is made from it.
//!
//! Must never look at tables, plans or statements.

mod arithmetic;
mod array;
mod batch;
mod datetime;
mod fields;
mod fixed;
mod format;
mod formatting;
mod json;
mod json_parts;
mod like;
mod math;
mod names;
mod parameter;
mod pattern;
mod power;
mod regexp;
mod registry;
mod resolve;
mod row;
mod system;
mod text;
mod to_char_number;
mod to_char_time;

pub use batch::validity;
pub use json::to_json;
pub use names::parameter_names;
pub use parameter::Parameter;
pub use pattern::Patterns;
pub use registry::{all_functions, is_function};
pub use resolve::{Resolved, no_operator, resolve_function, resolve_operator};
pub use row::{Call, Context, Operand, Row, Sequences};

use crate::base::{Column, Result, Value};

/// One overload of a function or an operator.
#[derive(Debug)]
pub struct ScalarFunction {
    /// Its name, or the operator's sign.
    pub name: &'static str,
    /// Whether it is written as a call or as an operator.
    pub syntax: Syntax,
    /// What it accepts.
    pub parameters: &'static [Parameter],
    /// What any number of further arguments must be, when they may follow.
    pub variadic: Option<Parameter>,
    /// What it gives.
    pub returns: Parameter,
    /// Whether equal arguments give equal results.
    pub volatility: Volatility,
    /// What NULL arguments mean.
    pub strictness: Strictness,
    /// What it does, in one sentence for the help page.
    pub documentation: &'static str,
    /// Computes one row.
    pub(in crate::engine) row: RowKernel,
    /// Computes all rows of a batch at once, where it knows the vectors' forms.
    pub(in crate::engine) batch: Option<BatchKernel>,
}

/// Computes one row.
pub type RowKernel = fn(&Row<'_>) -> Result<Value>;

/// Computes so many rows at once; nothing when the forms of the vectors are not the ones it
/// knows.
pub type BatchKernel = fn(&[Operand], usize) -> Result<Option<Column>>;

/// Whether a function is written as a call or as an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// `name(a, b)`
    Function,
    /// `a sign b`, or `sign a`.
    Operator,
}

/// What NULL arguments mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// One NULL makes the result NULL.
    Strict,
    /// The function looks at them.
    SeesNulls,
}

/// Whether equal arguments give equal results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volatility {
    /// Always; calls over constants are computed once.
    Immutable,
    /// Within one statement.
    Stable,
    /// Never: `random()`, `nextval()`.
    Volatile,
}

/// A strict, immutable function.
const fn function(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: Parameter,
    row: RowKernel,
    documentation: &'static str,
) -> ScalarFunction {
    ScalarFunction {
        name,
        syntax: Syntax::Function,
        parameters,
        variadic: None,
        returns,
        volatility: Volatility::Immutable,
        strictness: Strictness::Strict,
        documentation,
        row,
        batch: None,
    }
}

/// A strict, immutable operator.
const fn operator(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: Parameter,
    row: RowKernel,
    documentation: &'static str,
) -> ScalarFunction {
    ScalarFunction {
        syntax: Syntax::Operator,
        ..function(name, parameters, returns, row, documentation)
    }
}

impl ScalarFunction {
    const fn stable(self) -> Self {
        Self {
            volatility: Volatility::Stable,
            ..self
        }
    }

    const fn volatile(self) -> Self {
        Self {
            volatility: Volatility::Volatile,
            ..self
        }
    }

    const fn sees_nulls(self) -> Self {
        Self {
            strictness: Strictness::SeesNulls,
            ..self
        }
    }

    const fn with_variadic(self, parameter: Parameter) -> Self {
        Self {
            variadic: Some(parameter),
            ..self
        }
    }

    const fn with_batch(self, batch: BatchKernel) -> Self {
        Self {
            batch: Some(batch),
            ..self
        }
    }

    /// What it accepts at a place.
    fn parameter(&self, place: usize) -> Option<Parameter> {
        self.parameters.get(place).copied().or(self.variadic)
    }

    /// Whether it takes so many arguments.
    fn takes(&self, count: usize) -> bool {
        count == self.parameters.len() || (count > self.parameters.len() && self.variadic.is_some())
    }
}
