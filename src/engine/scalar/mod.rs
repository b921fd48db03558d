//! Scalar functions and operators: the registry, how a call finds its overload, and the kernels.

use crate::base::{Column, Result};

/// One overload of a function or an operator.
#[derive(Debug)]
pub struct ScalarFunction {
    /// Its name, or the operator's sign.
    pub name: &'static str,
    /// Whether equal arguments give equal results.
    pub volatility: Volatility,
    /// Computes all rows of a batch.
    pub kernel: fn(&[Column], usize) -> Result<Column>,
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
