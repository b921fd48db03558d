//! What a host needs to show querysets and values as tables.

use super::{convert, queryset, raw};
use crate::base::Value;
use crate::market::catalogue::Model;
use crate::orm::RowShape;
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Object, PyResult};
use std::rc::Rc;
use std::sync::Arc;

/// A queryset that was read.
pub struct Rows {
    /// What each row is.
    pub shape: RowShape,
    /// The model of the rows.
    pub model: Arc<Model>,
    /// The names of the columns: of instances those that were not deferred, then annotations.
    pub names: Vec<String>,
    /// The rows.
    pub rows: Rc<Vec<Object>>,
}

/// Reads a queryset, once: its own rows are filled too. `None` for any other object.
///
/// # Errors
/// What reading raises.
pub fn rows(vm: &mut Interpreter, object: &Object) -> PyResult<Option<Rows>> {
    let Some((queryset, rows)) = queryset::evaluated(vm, object)? else {
        return Ok(None);
    };
    let names = queryset
        .column_names()
        .map_err(|error| vm.orm_error(error))?;
    Ok(Some(Rows {
        shape: queryset.shape(),
        model: queryset.model().clone(),
        names,
        rows,
    }))
}

/// Reads what `raw()` gave, once. `None` for any other object.
///
/// # Errors
/// What reading raises.
pub fn raw_rows(vm: &mut Interpreter, object: &Object) -> PyResult<Option<Rows>> {
    let Some((model, names, rows)) = raw::evaluated(vm, object)? else {
        return Ok(None);
    };
    Ok(Some(Rows {
        shape: RowShape::Instances,
        model,
        names,
        rows: Rc::new(rows),
    }))
}

/// A plain Python value for a table: numbers, texts, moments; `None` for everything else.
///
/// # Errors
/// `OverflowError` for an int that no column holds.
pub fn plain_value(vm: &Interpreter, object: &Object) -> PyResult<Option<Value>> {
    convert::to_value(vm, object)
}
