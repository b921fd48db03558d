//! Time zones.

use super::super::Row;
use super::timestamp;
use crate::base::datetime::Zone;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Value};

/// The zone in argument `place`.
pub fn zone(row: &Row<'_>, place: usize) -> Result<Zone> {
    let name = row.text(place)?;
    Zone::named(name).ok_or_else(|| {
        let error = if name.contains('/') {
            Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                format!("time zone \"{name}\" is not supported"),
            )
        } else {
            Diagnostic::error(
                sqlstate::INVALID_PARAMETER_VALUE,
                format!("time zone \"{name}\" not recognized"),
            )
        };
        error.hint(
            "UTC, fixed offsets such as INTERVAL '+02:00' and large cities such as \
             Europe/Berlin are supported.",
        )
    })
}

/// A moment that a zone's rules do not reach.
pub fn outside_rules(row: &Row<'_>, place: usize) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FEATURE_NOT_SUPPORTED,
        format!(
            "the rules of time zone \"{}\" are not known here for so early a time",
            row.shown(place)
        ),
    )
}

pub(super) fn to_local(row: &Row<'_>) -> Result<Value> {
    let local = zone(row, 0)?.to_local(row.timestamp(1)?);
    timestamp(local.ok_or_else(|| outside_rules(row, 0)))
}

pub(super) fn to_utc(row: &Row<'_>) -> Result<Value> {
    let utc = zone(row, 0)?.to_utc(row.timestamp(1)?);
    timestamp(utc.ok_or_else(|| outside_rules(row, 0)))
}
