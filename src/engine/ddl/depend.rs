//! What depends on what: views on the tables they read, foreign keys on the keys they refer to.

use super::{Behavior, Definer, binding};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use crate::engine::bind;
use crate::engine::catalog::{Catalog, View};
use crate::sql;
use std::sync::Arc;

/// An object that depends on one that goes.
pub(super) struct Dependent {
    /// What it is, as in `view v` or `constraint c on table t`.
    pub(super) what: String,
    /// The object it depends on, as in `table t`.
    pub(super) on: String,
}

/// Whether a view's query can be bound.
fn holds(catalog: &Catalog, view: &View) -> bool {
    sql::parse_query(&view.query)
        .and_then(|query| bind::bind_query(&query, &binding(catalog, 0)))
        .is_ok_and(|query| query.columns.len() == view.columns.len())
}

/// The views that a change of the definitions breaks.
pub(super) fn broken_views(before: &Catalog, after: &Catalog) -> Vec<Arc<str>> {
    let views = after.views.values();
    views
        .filter(|view| holds(before, view) && !holds(after, view))
        .map(|view| view.name.clone())
        .collect()
}

impl Definer<'_> {
    /// The definitions have changed: views that no longer hold are an error, or go too. `object`
    /// is what was dropped or changed, as in `table t`.
    pub(super) fn settle_views(
        &mut self,
        before: &Catalog,
        object: &str,
        behavior: Behavior,
    ) -> Result<()> {
        loop {
            let after = self.storage.shared_catalog();
            let broken = broken_views(before, &after);
            if broken.is_empty() {
                return self.settle_materialized(before, object, behavior);
            }
            if behavior == Behavior::Restrict {
                let dependents = broken.iter().map(|view| Dependent {
                    what: format!("view {view}"),
                    on: object.to_owned(),
                });
                return Err(still_needed(object, &dependents.collect::<Vec<_>>()));
            }
            for view in broken {
                self.storage.catalog_mut().views.remove(&view);
                self.notice(format!("drop cascades to view {view}"));
            }
        }
    }
}

/// `cannot drop table t because other objects depend on it`
pub(super) fn still_needed(object: &str, dependents: &[Dependent]) -> Box<Diagnostic> {
    let mut error = Diagnostic::error(
        sqlstate::DEPENDENT_OBJECTS_STILL_EXIST,
        format!("cannot drop {object} because other objects depend on it"),
    );
    for Dependent { what, on } in dependents {
        error = error.hint(format!("{what} depends on {on}"));
    }
    error.hint("Use DROP ... CASCADE to drop the dependent objects too.")
}
