//! Errors that several parts of the binder give.

use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};

/// The error for a construct that is not supported here.
pub(super) fn unsupported(what: impl std::fmt::Display, span: Option<Span>) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FEATURE_NOT_SUPPORTED,
        format!("{what} is not supported"),
    )
    .at(span)
}

/// Refuses a clause when it is there.
pub(super) fn absent<T>(clause: Option<&T>, what: &str, span: Option<Span>) -> Result<()> {
    match clause {
        None => Ok(()),
        Some(_) => Err(unsupported(what, span)),
    }
}

/// Refuses a clause when it has parts.
pub(super) fn empty<T>(parts: &[T], what: &str, span: Option<Span>) -> Result<()> {
    if parts.is_empty() {
        Ok(())
    } else {
        Err(unsupported(what, span))
    }
}

/// Refuses a flag when it is set.
pub(super) fn unset(flag: bool, what: &str, span: Option<Span>) -> Result<()> {
    if flag {
        Err(unsupported(what, span))
    } else {
        Ok(())
    }
}

/// `argument of WHERE must be type boolean, not type integer`
pub(super) fn wrong_argument(
    clause: &str,
    wanted: &str,
    found: &Type,
    span: Option<Span>,
) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::DATATYPE_MISMATCH,
        format!(
            "argument of {clause} must be type {wanted}, not type {}",
            found.without_modifier()
        ),
    )
    .at(span)
}
