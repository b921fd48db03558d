//! DROP COLUMN and DROP CONSTRAINT, with what hangs on them.

use super::super::constraint::constraint_names;
use super::super::depend::{Dependent, still_needed};
use super::super::name::Named;
use super::super::rows::reshape;
use super::super::{Behavior, Definer, Existence, binding};
use super::{no_column, no_constraint};
use crate::base::Result;
use crate::engine::bind;
use crate::engine::catalog::Table;
use crate::engine::glue::{self, Prepared};
use std::sync::Arc;

impl Definer<'_> {
    pub(super) fn drop_column(
        &mut self,
        target: &Named,
        column: &Named,
        existence: Existence,
        behavior: Behavior,
    ) -> Result<()> {
        let before = self.storage.shared_catalog();
        let old = self.table(target)?;
        let Some(place) = old.position(&column.name) else {
            if existence == Existence::Optional {
                self.notice(format!(
                    "column \"{}\" of relation \"{}\" does not exist, skipping",
                    column.name, old.name
                ));
                return Ok(());
            }
            return Err(no_column(&old, column));
        };
        let object = format!("column {} of table {}", column.name, old.name);
        let referring = self.referring(&old.name, |key| key.target_columns.contains(&place));
        self.drop_referring(&object, &object, referring, behavior)?;
        for generated in self.generated_reading(&old, place)? {
            if behavior == Behavior::Restrict {
                let what = format!("column {generated} of table {}", old.name);
                let on = object.clone();
                return Err(still_needed(&object, &[Dependent { what, on }]));
            }
            self.notice(format!(
                "drop cascades to column {generated} of table {}",
                old.name
            ));
            let dependent = Named {
                name: generated,
                span: column.span,
            };
            self.drop_column(target, &dependent, Existence::Required, behavior)?;
        }
        let old = self.table(target)?;
        let Some(place) = old.position(&column.name) else {
            return Ok(());
        };
        let mut table = (*old).clone();
        let removed: Vec<Arc<str>> = self.checks_reading(&old, place)?;
        table.columns.remove(place);
        let stays = |columns: &[usize]| !columns.contains(&place);
        table.primary_key = table.primary_key.filter(|key| stays(&key.columns));
        table.uniques.retain(|key| stays(&key.columns));
        table.deferrable_keys.retain(|key| stays(&key.columns));
        table.foreign_keys.retain(|key| stays(&key.columns));
        table.indexes.retain(|index| stays(&index.columns));
        table.checks.retain(|check| !removed.contains(&check.name));
        self.keep_computed_indexes(&mut table);
        let shift = |column: &mut usize| *column -= usize::from(*column > place);
        let keys = table.primary_key.iter_mut().chain(&mut table.uniques);
        keys.for_each(|key| key.columns.iter_mut().for_each(shift));
        let keys = table.deferrable_keys.iter_mut();
        keys.for_each(|key| key.columns.iter_mut().for_each(shift));
        let indexes = table.indexes.iter_mut();
        indexes.for_each(|index| index.columns.iter_mut().for_each(shift));
        for key in &mut table.foreign_keys {
            key.columns.iter_mut().for_each(shift);
            if key.target == table.name {
                key.target_columns.iter_mut().for_each(shift);
            }
        }
        let rows = self.rows(&table)?;
        let data = reshape(&rows, &table, |mut batch| {
            if place < batch.columns.len() {
                batch.columns.remove(place);
            }
            Ok(batch.columns)
        })?;
        let prepared = Prepared {
            table: table.clone(),
            data,
        };
        glue::drop_column(self.storage, &column.name, prepared)?;
        self.move_references(&table.name, &shift);
        for sequence in before.sequences.values() {
            match &sequence.owner {
                Some((owner, at)) if *owner == table.name && *at == place => {
                    self.remove_sequence(&sequence.name);
                }
                Some((owner, at)) if *owner == table.name && *at > place => {
                    let owner = Some((owner.clone(), at - 1));
                    let sequences = &mut self.storage.catalog_mut().sequences;
                    if let Some(sequence) = sequences.get_mut(&sequence.name) {
                        Arc::make_mut(sequence).owner = owner;
                    }
                }
                _ => {}
            }
        }
        self.settle_views(&before, &object, behavior)
    }

    /// Foreign keys of other tables follow the columns they refer to.
    pub(super) fn move_references(&mut self, target: &Arc<str>, shift: &dyn Fn(&mut usize)) {
        for table in self.storage.catalog_mut().tables.values_mut() {
            let refers = table.foreign_keys.iter().any(|key| key.target == *target);
            if !refers || table.name == *target {
                continue;
            }
            for key in &mut Arc::make_mut(table).foreign_keys {
                if key.target == *target {
                    key.target_columns.iter_mut().for_each(shift);
                }
            }
        }
    }

    /// The checks that read a column.
    pub(super) fn checks_reading(&self, table: &Arc<Table>, place: usize) -> Result<Vec<Arc<str>>> {
        let catalog = self.storage.shared_catalog();
        let mut names = Vec::new();
        for check in &table.checks {
            let (condition, columns) =
                bind::bind_check(&check.condition, table, &binding(&catalog, self.eval.now))?;
            let read = condition.reads();
            if columns.get(place).is_some_and(|id| read.contains(*id)) {
                names.push(check.name.clone());
            }
        }
        Ok(names)
    }

    /// The generated columns that read a column.
    pub(super) fn generated_reading(
        &self,
        table: &Arc<Table>,
        place: usize,
    ) -> Result<Vec<Arc<str>>> {
        let catalog = self.storage.shared_catalog();
        let mut names = Vec::new();
        for column in &table.columns {
            let Some(text) = &column.generated else {
                continue;
            };
            let binding = binding(&catalog, self.eval.now);
            let (expr, ids) = bind::bind_generated(text, table, &column.ty, &binding)?;
            if ids.get(place).is_some_and(|id| expr.reads().contains(*id)) {
                names.push(column.name.clone());
            }
        }
        Ok(names)
    }

    /// Lets indexes go that read a column that is gone.
    pub(super) fn keep_computed_indexes(&self, table: &mut Table) {
        if table.computed_indexes.is_empty() {
            return;
        }
        let catalog = self.storage.shared_catalog();
        let binding = binding(&catalog, self.eval.now);
        let shared = Arc::new(table.clone());
        table.computed_indexes.retain(|index| {
            let mut texts = index.keys.iter().chain(&index.condition);
            texts.all(|text| bind::bind_index_key(text, &shared, &binding).is_ok())
        });
    }

    /// The foreign keys of other tables that refer to a table and satisfy a test.
    pub(super) fn referring(
        &self,
        target: &str,
        test: impl Fn(&crate::engine::catalog::ForeignKey) -> bool,
    ) -> Vec<(Arc<str>, Arc<str>)> {
        let tables = self.storage.catalog().tables.values();
        tables
            .flat_map(|table| table.foreign_keys.iter().map(move |key| (table, key)))
            .filter(|(table, key)| &*key.target == target && &*table.name != target && test(key))
            .map(|(table, key)| (table.name.clone(), key.name.clone()))
            .collect()
    }

    /// Foreign keys that refer to what is dropped are an error, or go too.
    pub(super) fn drop_referring(
        &mut self,
        object: &str,
        on: &str,
        referring: Vec<(Arc<str>, Arc<str>)>,
        behavior: Behavior,
    ) -> Result<()> {
        if behavior == Behavior::Restrict && !referring.is_empty() {
            let dependents = referring.into_iter().map(|(table, key)| Dependent {
                what: format!("constraint {key} on table {table}"),
                on: on.to_owned(),
            });
            return Err(still_needed(object, &dependents.collect::<Vec<_>>()));
        }
        for (table, key) in referring {
            let tables = &mut self.storage.catalog_mut().tables;
            if let Some(table) = tables.get_mut(&table) {
                let keys = &mut Arc::make_mut(table).foreign_keys;
                keys.retain(|known| known.name != key);
            }
            self.notice(format!(
                "drop cascades to constraint {key} on table {table}"
            ));
        }
        Ok(())
    }

    pub(super) fn drop_constraint(
        &mut self,
        target: &Named,
        name: &Named,
        existence: Existence,
        behavior: Behavior,
    ) -> Result<()> {
        let table = self.table(target)?;
        if !constraint_names(&table).any(|known| *known == name.name) {
            if existence == Existence::Optional {
                self.notice(format!(
                    "constraint \"{}\" of relation \"{}\" does not exist, skipping",
                    name.name,
                    table.plain_name()
                ));
                return Ok(());
            }
            return Err(no_constraint(&table, name));
        }
        let key = table.unique_keys().find(|key| key.name == name.name);
        if let Some(key) = key {
            let referring = self.referring(&table.name, |foreign| {
                foreign.target_columns.len() == key.columns.len()
                    && foreign
                        .target_columns
                        .iter()
                        .all(|c| key.columns.contains(c))
            });
            let object = format!("constraint {} on table {}", name.name, table.plain_name());
            let on = format!("index {}", name.name);
            self.drop_referring(&object, &on, referring, behavior)?;
        }
        let mut table = (*self.table(target)?).clone();
        table.primary_key = table.primary_key.filter(|key| key.name != name.name);
        table.uniques.retain(|key| key.name != name.name);
        table.deferrable_keys.retain(|key| key.name != name.name);
        table.checks.retain(|check| check.name != name.name);
        table.foreign_keys.retain(|key| key.name != name.name);
        if let Some(data) = self.storage.table_mut(&table.name) {
            data.drop_index(&name.name);
        }
        let tables = &mut self.storage.catalog_mut().tables;
        tables.insert(table.name.clone(), Arc::new(table));
        Ok(())
    }
}
