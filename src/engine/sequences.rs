//! `nextval`, `currval` and `setval` for one session.

use super::catalog::{Catalog, Sequence};
use super::eval::Sequences;
use super::storage::{Position, SequenceState, Storage};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The numbers that `nextval` gave last in this session.
#[derive(Clone, Debug, Default)]
pub struct LastNumbers {
    by_name: BTreeMap<Arc<str>, i64>,
    /// The sequence that was asked last.
    last: Option<Arc<str>>,
}

/// The sequences while one statement runs. Numbers are given at once; the storage learns of them
/// when the statement has ended, well or badly.
pub struct SequenceDesk {
    catalog: Arc<Catalog>,
    storage: Storage,
    states: RefCell<BTreeMap<Arc<str>, SequenceState>>,
    last: RefCell<LastNumbers>,
}

impl SequenceDesk {
    /// The sequences of a storage.
    pub fn new(storage: &Storage, last: LastNumbers) -> Self {
        Self {
            catalog: storage.shared_catalog(),
            storage: storage.clone(),
            states: RefCell::default(),
            last: RefCell::new(last),
        }
    }

    /// What changed: the states of sequences and the last numbers of the session.
    pub fn close(self) -> (BTreeMap<Arc<str>, SequenceState>, LastNumbers) {
        (self.states.into_inner(), self.last.into_inner())
    }

    fn find(&self, name: &str) -> Result<(&Sequence, SequenceState)> {
        let folded = fold(name);
        let Some(definition) = self.catalog.sequences.get(folded.as_str()) else {
            let message = match self.catalog.tables.contains_key(folded.as_str()) {
                true => format!("\"{folded}\" is not a sequence"),
                false => format!("relation \"{folded}\" does not exist"),
            };
            return Err(Diagnostic::error(sqlstate::UNDEFINED_TABLE, message));
        };
        let changed = self.states.borrow().get(&definition.name).copied();
        let state = changed
            .or_else(|| self.storage.sequence(&definition.name))
            .unwrap_or_else(|| SequenceState::new(definition));
        Ok((definition, state))
    }

    fn keep(&self, definition: &Sequence, state: SequenceState) {
        self.states
            .borrow_mut()
            .insert(definition.name.clone(), state);
    }
}

impl Sequences for SequenceDesk {
    fn nextval(&self, name: &str) -> Result<i64> {
        let (definition, mut state) = self.find(name)?;
        let number = state.advance(definition)?;
        self.keep(definition, state);
        let mut last = self.last.borrow_mut();
        last.by_name.insert(definition.name.clone(), number);
        last.last = Some(definition.name.clone());
        Ok(number)
    }

    fn currval(&self, name: &str) -> Result<i64> {
        let (definition, _) = self.find(name)?;
        let last = self.last.borrow().by_name.get(&definition.name).copied();
        last.ok_or_else(|| {
            Diagnostic::error(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                format!(
                    "currval of sequence \"{}\" is not yet defined in this session",
                    definition.name
                ),
            )
            .hint("nextval gives the first number.")
        })
    }

    fn lastval(&self) -> Result<i64> {
        let last = self.last.borrow();
        let name = last.last.as_ref();
        let known = name.filter(|name| self.catalog.sequences.contains_key(*name));
        let number = known.and_then(|name| last.by_name.get(name));
        number.copied().ok_or_else(|| {
            Diagnostic::error(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "lastval is not yet defined in this session",
            )
            .hint("nextval gives the first number.")
        })
    }

    fn serial_sequence(&self, table: &str, column: &str) -> Result<Option<String>> {
        let name = fold(table);
        let Some(found) = self.catalog.table(&name) else {
            return Err(Diagnostic::error(
                sqlstate::UNDEFINED_TABLE,
                format!("relation \"{name}\" does not exist"),
            ));
        };
        let Some(place) = found.position(column) else {
            return Err(Diagnostic::error(
                sqlstate::UNDEFINED_COLUMN,
                format!("column \"{column}\" of relation \"{name}\" does not exist"),
            ));
        };
        let mut sequences = self.catalog.sequences.values();
        let owned = sequences.find(|sequence| {
            let owner = sequence.owner.as_ref();
            owner.is_some_and(|(table, at)| *table == found.name && *at == place)
        });
        Ok(owned.map(|sequence| format!("public.{}", sequence.name)))
    }

    fn setval(&self, name: &str, value: i64, called: bool) -> Result<i64> {
        let (definition, mut state) = self.find(name)?;
        let position = match called {
            true => Position::Given,
            false => Position::Next,
        };
        state.set(definition, value, position)?;
        self.keep(definition, state);
        if called {
            let mut last = self.last.borrow_mut();
            last.by_name.insert(definition.name.clone(), value);
        }
        Ok(value)
    }
}

/// A name in a string, as `nextval('public."Seq"')` has it: unquoted parts are folded to lower
/// case, the schema is left out.
fn fold(name: &str) -> String {
    let name = name
        .strip_prefix("public.")
        .or_else(|| name.strip_prefix("\"public\"."))
        .unwrap_or(name);
    match name.strip_prefix('"').and_then(|n| n.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => name.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::marketplace;
    use crate::market::seed::{Size, generate};

    #[test]
    fn numbers_follow_each_other_and_are_remembered() {
        let mut storage = Storage::default();
        marketplace::load(&mut storage, &generate(Size::Small)).unwrap();
        let desk = SequenceDesk::new(&storage, LastNumbers::default());
        let code = |result: Result<i64>| result.map_err(|error| error.code);
        assert_eq!(
            code(desk.currval("customer_id_seq")),
            Err(sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE)
        );
        assert_eq!(desk.nextval("public.Customer_id_seq").unwrap(), 13);
        assert_eq!(desk.nextval("customer_id_seq").unwrap(), 14);
        assert_eq!(desk.currval("\"customer_id_seq\"").unwrap(), 14);
        desk.setval("customer_id_seq", 20, false).unwrap();
        assert_eq!(desk.nextval("customer_id_seq").unwrap(), 20);
        assert_eq!(
            code(desk.nextval("customer")),
            Err(sqlstate::UNDEFINED_TABLE)
        );
    }
}
