//! GlueSQL's `Transaction`: a snapshot is kept while one is open.

use super::GlueStore;
use gluesql_core::error::{Error, Result};
use gluesql_core::store::Transaction;

impl Transaction for GlueStore {
    fn begin(&mut self, autocommit: bool) -> Result<bool> {
        match (&self.saved, autocommit) {
            (Some(_), true) => Ok(false),
            (Some(_), false) => Err(Error::StorageMsg(
                "nested transaction is not supported".to_owned(),
            )),
            (None, _) => {
                self.saved = Some(Box::new(self.clone()));
                Ok(autocommit)
            }
        }
    }

    fn rollback(&mut self) -> Result<()> {
        match self.saved.take() {
            Some(saved) => {
                *self = *saved;
                Ok(())
            }
            None => Err(Error::StorageMsg("no transaction to rollback".to_owned())),
        }
    }

    fn commit(&mut self) -> Result<()> {
        match self.saved.take() {
            Some(_) => Ok(()),
            None => Err(Error::StorageMsg("no transaction to commit".to_owned())),
        }
    }
}
