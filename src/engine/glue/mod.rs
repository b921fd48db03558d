//! GlueSQL over our storage: its traits, its values, its plans.
//!
//! Definitions (CREATE, ALTER and DROP TABLE, CREATE and DROP INDEX) run as GlueSQL
//! [`StatementPlan`]s through its executor, rows are written through its `StoreMut`. What GlueSQL
//! has no words for (`numeric(p,s)`, keys of several columns, checks, sequences) is prepared by
//! the layers above and handed over as a [`Prepared`] table, which takes the place of what the
//! plan says. The only place that names gluesql_core; none of its types leaves. Its SELECT
//! executor never runs in the product.

mod border;
mod change;
mod index;
mod schema;
mod store;
mod transaction;

pub use change::{
    add_column, append_rows, create_index, create_table, delete_rows, drop_column, drop_index,
    drop_table, insert_plan, overwrite_rows, rename_column, rename_table,
};

use super::catalog::Table;
use super::storage::{Duplicate, Storage, TableData};
use gluesql_core::data::{CustomFunction, Schema};
use gluesql_core::error::Error;
use std::collections::BTreeMap;

/// A storage as GlueSQL sees it.
#[derive(Clone, Debug, Default)]
pub struct GlueStore {
    storage: Storage,
    /// Definitions of tables that were made through GlueSQL itself, with all it says of them.
    schemas: BTreeMap<String, Schema>,
    functions: BTreeMap<String, CustomFunction>,
    /// What the plan that runs now is to put in place.
    prepared: Option<Prepared>,
    /// The first doubled key that a write left.
    duplicate: Option<Duplicate>,
    /// What a rollback brings back, while a transaction is open.
    saved: Option<Box<GlueStore>>,
}

/// A table as a definition leaves it.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Its definition.
    pub table: Table,
    /// Its rows and indexes.
    pub data: TableData,
}

impl GlueStore {
    /// GlueSQL's view of a storage.
    pub fn new(storage: Storage) -> Self {
        Self {
            storage,
            ..Self::default()
        }
    }
}

/// An error of ours on its way through GlueSQL.
fn outward(error: Box<crate::base::Diagnostic>) -> Error {
    Error::StorageMsg(error.message)
}
