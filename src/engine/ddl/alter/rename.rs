//! RENAME of tables, columns and constraints.

use super::super::constraint::constraint_names;
use super::super::name::Named;
use super::super::{Behavior, Definer, already_exists, relation_exists};
use super::{column_exists, no_constraint, quoted};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use crate::engine::glue::{self, Prepared};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Token, Tokenizer};
use std::sync::Arc;

impl Definer<'_> {
    pub(super) fn rename_column(&mut self, target: &Named, old: &Named, new: &Named) -> Result<()> {
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

    pub(super) fn rename_table(&mut self, target: &Named, new: &Named) -> Result<Arc<str>> {
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

    pub(super) fn rename_constraint(
        &mut self,
        target: &Named,
        old: &Named,
        new: &Named,
    ) -> Result<()> {
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
        let deferrable = table.deferrable_keys.iter_mut().map(|key| &mut key.name);
        let names = checks.chain(keys).chain(deferrable);
        for name in names.filter(|name| **name == old.name) {
            *name = new.name.clone();
        }
        let tables = &mut self.storage.catalog_mut().tables;
        tables.insert(table.name.clone(), Arc::new(table));
        Ok(())
    }
}

/// A condition in which a column has another name.
pub(super) fn renamed(condition: &str, old: &str, new: &str) -> Result<Arc<str>> {
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
