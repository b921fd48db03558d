//! ALTER TABLE.

use super::column::Defined;
use super::constraint::{Added, Wanted, constraint_names};
use super::depend::{Dependent, still_needed};
use super::index::cannot_be_unique;
use super::name::{Named, named, table_name};
use super::rows::{live, reshape};
use super::{
    Behavior, Definer, Done, Existence, already_exists, binding, if_exists, relation_exists, unset,
    unsupported,
};
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Code, Diagnostic, Result};
use crate::engine::catalog::{Generation, Identity, Nullability, Table, Uniqueness};
use crate::engine::eval::{Compiled, Layout};
use crate::engine::glue::{self, Prepared};
use crate::engine::write::check_all;
use crate::engine::{bind, exec, plan, statement};
use crate::sql;
use sqlparser::ast::{self, AlterColumnOperation, AlterTableOperation, Statement};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Token, Tokenizer};
use std::sync::Arc;

/// The name under which a table stands while its columns change their types.
const SCRATCH: &str = "\u{1}changed";

impl Definer<'_> {
    pub(super) fn alter_table(&mut self, alter: &ast::AlterTable) -> Result<Done> {
        let ast::AlterTable {
            name,
            if_exists,
            only: _,
            operations,
            location,
            on_cluster,
            table_type,
            end_token: _,
        } = alter;
        let mut target = table_name(name)?;
        unset(location.is_some(), "LOCATION", target.span)?;
        unset(on_cluster.is_some(), "ON CLUSTER", target.span)?;
        unset(table_type.is_some(), "this kind of table", target.span)?;
        if !relation_exists(self.storage.catalog(), &target.name) && *if_exists {
            self.notice(format!(
                "relation \"{}\" does not exist, skipping",
                target.name
            ));
            return Ok(Done::command("ALTER TABLE"));
        }
        self.table(&target)?;
        if !self.transaction.pending.is_empty() {
            return Err(Diagnostic::error(
                Code::new("55006"),
                format!(
                    "cannot ALTER TABLE \"{}\" because it has pending trigger events",
                    target.name
                ),
            )
            .at(target.span)
            .hint("SET CONSTRAINTS ALL IMMEDIATE checks what is pending."));
        }
        for operation in operations {
            if let Some(new) = self.alter_one(&target, operation)? {
                target.name = new;
            }
        }
        Ok(Done::command("ALTER TABLE"))
    }

    /// One action; gives the new name when it renames the table.
    fn alter_one(
        &mut self,
        target: &Named,
        operation: &AlterTableOperation,
    ) -> Result<Option<Arc<str>>> {
        match operation {
            AlterTableOperation::AddColumn {
                column_keyword: _,
                if_not_exists,
                column_def,
                column_position,
            } => {
                unset(column_position.is_some(), "FIRST and AFTER", target.span)?;
                self.add_column(target, column_def, if_exists(*if_not_exists))?;
            }
            AlterTableOperation::DropColumn {
                has_column_keyword: _,
                column_names,
                if_exists: lenient,
                drop_behavior,
            } => {
                for column in column_names {
                    let behavior = behavior(drop_behavior.as_ref());
                    self.drop_column(target, &named(column), if_exists(*lenient), behavior)?;
                }
            }
            AlterTableOperation::RenameColumn {
                old_column_name,
                new_column_name,
            } => self.rename_column(target, &named(old_column_name), &named(new_column_name))?,
            AlterTableOperation::RenameTable { table_name: kind } => {
                let (ast::RenameTableNameKind::To(new) | ast::RenameTableNameKind::As(new)) = kind;
                return self.rename_table(target, &table_name(new)?).map(Some);
            }
            AlterTableOperation::RenameConstraint { old_name, new_name } => {
                self.rename_constraint(target, &named(old_name), &named(new_name))?;
            }
            AlterTableOperation::AlterColumn { column_name, op } => {
                self.alter_column(target, &named(column_name), op)?;
            }
            AlterTableOperation::AddConstraint {
                constraint,
                not_valid,
            } => {
                unset(*not_valid, "NOT VALID", target.span)?;
                let mut table = (*self.table(target)?).clone();
                let added = self.add_constraint(&mut table, Wanted::of_table(constraint)?)?;
                self.establish(table, &[added])?;
            }
            AlterTableOperation::DropConstraint {
                if_exists: lenient,
                name,
                drop_behavior,
            } => {
                let behavior = behavior(drop_behavior.as_ref());
                self.drop_constraint(target, &named(name), if_exists(*lenient), behavior)?;
            }
            // Every constraint is valid from its start.
            AlterTableOperation::ValidateConstraint { name } => {
                let table = self.table(target)?;
                let name = named(name);
                if !constraint_names(&table).any(|known| *known == name.name) {
                    return Err(no_constraint(&table, &name));
                }
            }
            other => {
                return Err(unsupported(&format!("ALTER TABLE .. {other}"), target.span));
            }
        }
        Ok(None)
    }

    fn add_column(
        &mut self,
        target: &Named,
        definition: &ast::ColumnDef,
        existence: Existence,
    ) -> Result<()> {
        let mut table = (*self.table(target)?).clone();
        let name = super::fold(&definition.name);
        if table.position(&name).is_some() {
            if existence == Existence::Optional {
                self.notice(format!(
                    "column \"{name}\" of relation \"{}\" already exists, skipping",
                    table.plain_name()
                ));
                return Ok(());
            }
            return Err(column_exists(&table, &name).at(sql::span_of(definition.name.span)));
        }
        let place = table.columns.len();
        let Defined {
            column,
            constraints,
            sequence,
        } = self.column(&table.name, place, definition)?;
        let filling: Option<Arc<str>> = match (&column.identity, &column.default) {
            (Some(Identity { sequence, .. }), _) => {
                Some(format!("nextval('\"{}\"')", sequence.replace('\'', "''")).into())
            }
            (None, default) => default.clone(),
        };
        let ty = column.ty.clone();
        let generated = column.generated.clone();
        table.columns.push(column);
        self.check_generated(&table)?;
        if let Some(sequence) = sequence {
            self.put_sequence(sequence);
        }
        let old = self.rows(&table)?;
        let catalog = self.storage.shared_catalog();
        let filling = match filling {
            // The sequence is new, so the numbers are given here.
            Some(text) => {
                let bound = bind::bind_default(&text, &ty, &binding(&catalog, self.eval.now))?;
                Some(Compiled::new(&bound, &Layout::default(), &self.eval)?)
            }
            None => None,
        };
        let generated = match generated {
            Some(text) => {
                let shared = Arc::new(table.clone());
                let binding = binding(&catalog, self.eval.now);
                let (expr, ids) = bind::bind_generated(&text, &shared, &ty, &binding)?;
                Some(Compiled::new(&expr, &Layout::new(ids), &self.eval)?)
            }
            None => None,
        };
        let eval = self.eval;
        let data = reshape(&old, &table, |batch| {
            let Batch { mut columns, rows } = batch;
            let none = Batch {
                columns: Vec::new(),
                rows,
            };
            columns.push(match &filling {
                Some(filling) => filling.evaluate(&none, &eval)?,
                None => {
                    let nulls = vec![crate::base::Value::Null; rows];
                    Arc::new(crate::engine::storage::column_of(&ty, &nulls)?)
                }
            });
            if let Some(generated) = &generated {
                let whole = Batch { columns, rows };
                let column = generated.evaluate(&whole, &eval)?;
                columns = whole.columns;
                columns.pop();
                columns.push(column);
            }
            Ok(columns)
        })?;
        let prepared = Prepared {
            table: table.clone(),
            data,
        };
        glue::add_column(self.storage, prepared)?;
        let mut added = Vec::new();
        for wanted in constraints {
            added.push(self.add_constraint(&mut table, wanted)?);
        }
        self.establish(table, &added)
    }

    /// Puts a definition in place whose constraints have changed, and makes sure that the rows
    /// that are there keep to it.
    fn establish(&mut self, table: Table, added: &[Added]) -> Result<()> {
        let old = self.rows(&table)?;
        for column in 0..table.columns.len() {
            self.require_values(&table, &old, column)?;
        }
        let mut data = reshape(&old, &table, |batch| Ok(batch.columns))?;
        for added in added {
            if let Added::Key(name) = added {
                data.drop_index(name);
                let key = table.unique_keys().find(|key| key.name == *name);
                let columns = key.map(|key| key.columns.clone()).unwrap_or_default();
                let duplicate = data.add_index(name.clone(), columns, Uniqueness::Unique);
                if let Some(duplicate) = duplicate {
                    return Err(cannot_be_unique(&table, &data, &duplicate));
                }
            }
        }
        // The primary key's index comes first again.
        data = reshape(&data, &table, |batch| Ok(batch.columns))?;
        let table = Arc::new(table);
        for added in added {
            if let Added::Check(name) = added {
                self.check_rows(&table, &data, name)?;
            }
        }
        self.storage.put_table(table.name.clone(), data);
        let tables = &mut self.storage.catalog_mut().tables;
        tables.insert(table.name.clone(), table.clone());
        for added in added {
            if let Added::ForeignKey(name) = added
                && let Some(key) = table.foreign_keys.iter().find(|key| key.name == *name)
            {
                check_all(self.storage, &table, key)?;
            }
        }
        Ok(())
    }

    /// A NOT NULL column must have values in the rows that are there.
    fn require_values(
        &self,
        table: &Table,
        data: &crate::engine::storage::TableData,
        place: usize,
    ) -> Result<()> {
        let Some(column) = table.columns.get(place) else {
            return Ok(());
        };
        if column.nullability == Nullability::Nullable {
            return Ok(());
        }
        let missing = live(data).iter().any(|batch| {
            let values = batch.columns.get(place);
            values.is_some_and(|values| (0..batch.rows).any(|row| values.is_null(row)))
        });
        match missing {
            false => Ok(()),
            true => Err(Diagnostic::error(
                sqlstate::NOT_NULL_VIOLATION,
                format!(
                    "column \"{}\" of relation \"{}\" contains null values",
                    column.name,
                    table.plain_name()
                ),
            )),
        }
    }

    /// A check must hold for the rows that are there.
    fn check_rows(
        &self,
        table: &Arc<Table>,
        data: &crate::engine::storage::TableData,
        name: &str,
    ) -> Result<()> {
        let Some(check) = table.checks.iter().find(|check| &*check.name == name) else {
            return Ok(());
        };
        let catalog = self.storage.shared_catalog();
        let (condition, columns) =
            bind::bind_check(&check.condition, table, &binding(&catalog, self.eval.now))?;
        let compiled = Compiled::new(&condition, &Layout::new(columns), &self.eval)?;
        for batch in live(data) {
            let held = compiled.evaluate(&batch, &self.eval)?;
            let broken = (0..batch.rows).any(|row| {
                let value = held.value(row, compiled.ty());
                matches!(value, crate::base::Value::Bool(false))
            });
            if broken {
                return Err(Diagnostic::error(
                    sqlstate::CHECK_VIOLATION,
                    format!(
                        "check constraint \"{name}\" of relation \"{}\" is violated by some row",
                        table.plain_name()
                    ),
                ));
            }
        }
        Ok(())
    }

    fn drop_column(
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
        table.foreign_keys.retain(|key| stays(&key.columns));
        table.indexes.retain(|index| stays(&index.columns));
        table.checks.retain(|check| !removed.contains(&check.name));
        self.keep_computed_indexes(&mut table);
        let shift = |column: &mut usize| *column -= usize::from(*column > place);
        let keys = table.primary_key.iter_mut().chain(&mut table.uniques);
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
    fn move_references(&mut self, target: &Arc<str>, shift: &dyn Fn(&mut usize)) {
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
    fn checks_reading(&self, table: &Arc<Table>, place: usize) -> Result<Vec<Arc<str>>> {
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
    fn generated_reading(&self, table: &Arc<Table>, place: usize) -> Result<Vec<Arc<str>>> {
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
    fn keep_computed_indexes(&self, table: &mut Table) {
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
    fn referring(
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
    fn drop_referring(
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

    fn rename_column(&mut self, target: &Named, old: &Named, new: &Named) -> Result<()> {
        let before = self.storage.shared_catalog();
        let mut table = (*self.table(target)?).clone();
        let Some(place) = table.position(&old.name) else {
            return Err(Diagnostic::error(
                sqlstate::UNDEFINED_COLUMN,
                format!("column \"{}\" does not exist", old.name),
            )
            .at(old.span));
        };
        if table.position(&new.name).is_some() {
            return Err(column_exists(&table, &new.name).at(new.span));
        }
        if let Some(column) = table.columns.get_mut(place) {
            column.name = new.name.clone();
        }
        let checks = table.checks.iter_mut().map(|check| &mut check.condition);
        let columns = table.columns.iter_mut();
        let generated = columns.filter_map(|column| column.generated.as_mut());
        let indexes = table.computed_indexes.iter_mut();
        let keys = indexes.flat_map(|index| index.keys.iter_mut().chain(&mut index.condition));
        for text in checks.chain(generated).chain(keys) {
            *text = renamed(text, &old.name, &new.name)?;
        }
        let data = self.rows(&table)?;
        let prepared = Prepared { table, data };
        glue::rename_column(self.storage, &old.name, &new.name, prepared)?;
        self.settle_views(
            &before,
            &format!("column {} of table {}", old.name, target.name),
            Behavior::Restrict,
        )
    }

    fn rename_table(&mut self, target: &Named, new: &Named) -> Result<Arc<str>> {
        let before = self.storage.shared_catalog();
        let mut table = (*self.table(target)?).clone();
        if relation_exists(&before, &new.name) {
            return Err(already_exists(new));
        }
        let data = self.rows(&table)?;
        table.name = new.name.clone();
        glue::rename_table(self.storage, &target.name, Prepared { table, data })?;
        let catalog = self.storage.catalog_mut();
        for table in catalog.tables.values_mut() {
            if table
                .foreign_keys
                .iter()
                .any(|key| key.target == target.name)
            {
                for key in &mut Arc::make_mut(table).foreign_keys {
                    if key.target == target.name {
                        key.target = new.name.clone();
                    }
                }
            }
        }
        for sequence in catalog.sequences.values_mut() {
            if let Some((owner, place)) = sequence.owner.clone()
                && owner == target.name
            {
                Arc::make_mut(sequence).owner = Some((new.name.clone(), place));
            }
        }
        let object = format!("table {}", target.name);
        self.settle_views(&before, &object, Behavior::Restrict)?;
        Ok(new.name.clone())
    }

    fn rename_constraint(&mut self, target: &Named, old: &Named, new: &Named) -> Result<()> {
        let mut table = (*self.table(target)?).clone();
        if !constraint_names(&table).any(|known| *known == old.name) {
            return Err(no_constraint(&table, old));
        }
        if constraint_names(&table).any(|known| *known == new.name) {
            return Err(Diagnostic::error(
                sqlstate::DUPLICATE_OBJECT,
                format!(
                    "constraint \"{}\" for relation \"{}\" already exists",
                    new.name,
                    table.plain_name()
                ),
            )
            .at(new.span));
        }
        if table.unique_keys().any(|key| key.name == old.name) {
            if relation_exists(self.storage.catalog(), &new.name) {
                return Err(already_exists(new));
            }
            self.rename_index(&old.name, &new.name);
            return Ok(());
        }
        let checks = table.checks.iter_mut().map(|check| &mut check.name);
        let keys = table.foreign_keys.iter_mut().map(|key| &mut key.name);
        for name in checks.chain(keys).filter(|name| **name == old.name) {
            *name = new.name.clone();
        }
        let tables = &mut self.storage.catalog_mut().tables;
        tables.insert(table.name.clone(), Arc::new(table));
        Ok(())
    }

    fn drop_constraint(
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
        table.checks.retain(|check| check.name != name.name);
        table.foreign_keys.retain(|key| key.name != name.name);
        if let Some(data) = self.storage.table_mut(&table.name) {
            data.drop_index(&name.name);
        }
        let tables = &mut self.storage.catalog_mut().tables;
        tables.insert(table.name.clone(), Arc::new(table));
        Ok(())
    }

    fn alter_column(
        &mut self,
        target: &Named,
        column: &Named,
        operation: &AlterColumnOperation,
    ) -> Result<()> {
        let mut table = (*self.table(target)?).clone();
        let Some(place) = table.position(&column.name) else {
            return Err(no_column(&table, column));
        };
        let in_key = table
            .primary_key
            .as_ref()
            .is_some_and(|key| key.columns.contains(&place));
        let Some(definition) = table.columns.get_mut(place) else {
            return Ok(());
        };
        match operation {
            AlterColumnOperation::SetNotNull => {
                definition.nullability = Nullability::NotNull;
                let data = self.rows(&table)?;
                self.require_values(&table, &data, place)?;
            }
            AlterColumnOperation::DropNotNull => {
                if in_key {
                    return Err(Diagnostic::error(
                        sqlstate::INVALID_TABLE_DEFINITION,
                        format!("column \"{}\" is in a primary key", column.name),
                    )
                    .at(column.span));
                }
                if definition.identity.is_some() {
                    return Err(identity_column(table.plain_name(), column));
                }
                definition.nullability = Nullability::Nullable;
            }
            AlterColumnOperation::SetDefault { value } => {
                if definition.identity.is_some() {
                    return Err(identity_column(table.plain_name(), column));
                }
                definition.default = Some(self.default_text(value, &definition.ty)?);
            }
            AlterColumnOperation::DropDefault => {
                if definition.identity.is_some() {
                    return Err(identity_column(table.plain_name(), column)
                        .hint("Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead."));
                }
                definition.default = None;
            }
            AlterColumnOperation::SetDataType {
                data_type,
                using,
                had_set: _,
            } => {
                let ty = bind::column_type(data_type, column.span)?;
                definition.precision = bind::time_precision(data_type);
                if let Some(generated) = self
                    .generated_reading(&Arc::new(table.clone()), place)?
                    .first()
                {
                    return Err(unsupported_type_change(column, generated));
                }
                return self.change_type(table, place, ty, using.as_ref(), column);
            }
            AlterColumnOperation::AddGenerated {
                generated_as,
                sequence_options,
            } => {
                if definition.identity.is_some() {
                    return Err(Diagnostic::error(
                        sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                        format!(
                            "column \"{}\" of relation \"{}\" is already an identity column",
                            column.name,
                            table.plain_name()
                        ),
                    )
                    .at(column.span));
                }
                if definition.nullability == Nullability::Nullable {
                    return Err(Diagnostic::error(
                        sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                        format!(
                            "column \"{}\" of relation \"{}\" must be declared NOT NULL before identity can be added",
                            column.name, table.plain_name()
                        ),
                    )
                    .at(column.span));
                }
                let generation = match generated_as {
                    Some(ast::GeneratedAs::Always) | None => Generation::Always,
                    Some(ast::GeneratedAs::ByDefault) => Generation::ByDefault,
                    Some(ast::GeneratedAs::ExpStored) => {
                        return Err(unsupported("a computed column", column.span));
                    }
                };
                let options = sequence_options.as_deref().unwrap_or_default();
                let current = definition.clone();
                let sequence = self.owned_sequence(&table.name, place, &current, options)?;
                if let Some(definition) = table.columns.get_mut(place) {
                    definition.identity = Some(Identity {
                        sequence: sequence.name.clone(),
                        generation,
                    });
                }
                self.put_sequence(sequence);
            }
        }
        let tables = &mut self.storage.catalog_mut().tables;
        tables.insert(table.name.clone(), Arc::new(table));
        Ok(())
    }

    /// ALTER COLUMN .. TYPE: the rows are computed as an INSERT into the changed table would, so
    /// that its assignment casts and their errors are those of every other write.
    fn change_type(
        &mut self,
        mut table: Table,
        place: usize,
        ty: crate::base::Type,
        using: Option<&ast::Expr>,
        column: &Named,
    ) -> Result<()> {
        let before = self.storage.shared_catalog();
        let old = self.rows(&table)?;
        let name = table.name.clone();
        if let Some(definition) = table.columns.get_mut(place) {
            definition.ty = ty.clone();
            definition.identity = None;
            definition.default = None;
        }
        let mut scratch = self.storage.clone();
        let tables = &mut scratch.catalog_mut().tables;
        let mut target = Table {
            name: SCRATCH.into(),
            ..table.clone()
        };
        // Numbers and generated values are copied like all others.
        for column in &mut target.columns {
            column.identity = None;
            column.generated = None;
        }
        tables.insert(target.name.clone(), Arc::new(target.clone()));
        let selected: Vec<String> = before
            .tables
            .get(&name)
            .map(|table| table.columns.as_slice())
            .unwrap_or_default()
            .iter()
            .enumerate()
            .map(|(at, column)| match using {
                Some(using) if at == place => format!("({using})"),
                _ => quoted(&column.name),
            })
            .collect();
        let text = format!(
            "INSERT INTO {} SELECT {} FROM {}",
            quoted(SCRATCH),
            selected.join(", "),
            quoted(&name)
        );
        let insert = match sql::parse(&text)?.into_iter().next().map(|p| p.statement) {
            Some(Statement::Insert(insert)) => insert,
            _ => return Err(unsupported("this USING expression", column.span)),
        };
        let bound = bind::bind_insert(&insert, &binding(scratch.catalog(), self.eval.now)).map_err(|error| {
            let error = Diagnostic {
                span: None,
                ..*error
            };
            match error.code == sqlstate::DATATYPE_MISMATCH {
                false => Box::new(error).at(column.span),
                true => match using {
                    None => Diagnostic::error(
                        sqlstate::DATATYPE_MISMATCH,
                        format!(
                            "column \"{}\" cannot be cast automatically to type {ty}",
                            column.name
                        ),
                    )
                    .hint(format!(
                        "You might need to specify \"USING {}::{ty}\".",
                        column.name
                    )),
                    Some(_) => Diagnostic::error(
                        sqlstate::DATATYPE_MISMATCH,
                        format!(
                            "result of USING clause for column \"{}\" cannot be cast automatically to type {ty}",
                            column.name
                        ),
                    )
                    .hint("You might need to add an explicit cast."),
                }
                .at(column.span),
            }
        })?;
        let query = statement::Query {
            plan: bound.source,
            columns: bound.columns,
            fields: Vec::new(),
        };
        let query = plan::rewrite::optimize(query, &scratch)?;
        let context = exec::Context::new(&scratch, self.eval, self.budget);
        let batches = exec::run(&query, &context)?.batches;
        // Defaults and the sequence stay; a default must fit the new type.
        let catalog = before.clone();
        if let (Some(definition), Some(was)) = (
            table.columns.get_mut(place),
            catalog.tables.get(&name).and_then(|t| t.columns.get(place)),
        ) {
            definition.identity = was.identity.clone();
            definition.default = was.default.clone();
            if let Some(default) = &definition.default {
                bind::bind_default(default, &ty, &binding(&catalog, self.eval.now)).map_err(
                    |_| {
                        Diagnostic::error(
                        sqlstate::DATATYPE_MISMATCH,
                        format!(
                            "default for column \"{}\" cannot be cast automatically to type {ty}",
                            column.name
                        ),
                    )
                    .at(column.span)
                    },
                )?;
            }
        }
        let mut data = crate::engine::storage::TableData::new(&table);
        let mut rows = 0;
        for batch in &batches {
            let (_, duplicate) = data.append(&batch.columns, batch.rows)?;
            if let Some(duplicate) = duplicate {
                return Err(cannot_be_unique(&table, &data, &duplicate));
            }
            rows += batch.rows;
        }
        if rows != old.row_count() {
            return Err(unsupported("this USING expression", column.span));
        }
        for place in 0..table.columns.len() {
            self.require_values(&table, &data, place)?;
        }
        let table = Arc::new(table);
        for check in &table.checks {
            self.check_rows(&table, &data, &check.name)?;
        }
        self.storage.put_table(name.clone(), data);
        let tables = &mut self.storage.catalog_mut().tables;
        tables.insert(name, table.clone());
        for key in &table.foreign_keys {
            check_all(self.storage, &table, key)?;
        }
        let object = format!("column {} of table {}", column.name, table.plain_name());
        self.settle_views(&before, &object, Behavior::Restrict)
    }
}

/// PostgreSQL does not compute generated columns anew.
fn unsupported_type_change(column: &Named, generated: &str) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FEATURE_NOT_SUPPORTED,
        "cannot alter type of a column used by a generated column",
    )
    .at(column.span)
    .hint(format!(
        "Column \"{}\" is used by generated column \"{generated}\".",
        column.name
    ))
}

/// A name in double quotes.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn behavior(clause: Option<&ast::DropBehavior>) -> Behavior {
    match clause {
        Some(ast::DropBehavior::Cascade) => Behavior::Cascade,
        Some(ast::DropBehavior::Restrict) | None => Behavior::Restrict,
    }
}

/// A condition in which a column has another name.
fn renamed(condition: &str, old: &str, new: &str) -> Result<Arc<str>> {
    let dialect = PostgreSqlDialect {};
    let tokens = Tokenizer::new(&dialect, condition)
        .tokenize()
        .map_err(|error| Diagnostic::error(sqlstate::INTERNAL_ERROR, error.to_string()))?;
    let mut text = String::with_capacity(condition.len());
    for (at, token) in tokens.iter().enumerate() {
        // A word before a parenthesis is a function.
        let call = tokens
            .get(at + 1..)
            .unwrap_or_default()
            .iter()
            .find(|next| !matches!(next, Token::Whitespace(_)))
            == Some(&Token::LParen);
        match token {
            Token::Word(word) if !call => {
                let name = match word.quote_style {
                    Some(_) => word.value.clone(),
                    None => word.value.to_lowercase(),
                };
                match name == old {
                    true => text.push_str(&quoted(new)),
                    false => text.push_str(&token.to_string()),
                }
            }
            token => text.push_str(&token.to_string()),
        }
    }
    Ok(text.into())
}

fn no_column(table: &Table, column: &Named) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::UNDEFINED_COLUMN,
        format!(
            "column \"{}\" of relation \"{}\" does not exist",
            column.name,
            table.plain_name()
        ),
    )
    .at(column.span)
}

fn column_exists(table: &Table, name: &str) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::DUPLICATE_COLUMN,
        format!(
            "column \"{name}\" of relation \"{}\" already exists",
            table.plain_name()
        ),
    )
}

fn no_constraint(table: &Table, name: &Named) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::UNDEFINED_OBJECT,
        format!(
            "constraint \"{}\" of relation \"{}\" does not exist",
            name.name,
            table.plain_name()
        ),
    )
    .at(name.span)
}

fn identity_column(table: &str, column: &Named) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::SYNTAX_ERROR,
        format!(
            "column \"{}\" of relation \"{table}\" is an identity column",
            column.name
        ),
    )
    .at(column.span)
}
