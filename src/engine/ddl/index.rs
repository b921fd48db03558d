//! CREATE INDEX, ALTER INDEX and DROP INDEX.

use super::constraint::{column_names, key_columns};
use super::name::{Named, choose_relation, named, table_name};
use super::{
    Behavior, Definer, Done, Existence, already_exists, if_exists, index_exists, relation_exists,
    unset, unsupported,
};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Value};
use crate::engine::catalog::{ComputedIndex, Index, Table, Uniqueness};
use crate::engine::glue::{self, Prepared};
use crate::engine::storage::{Duplicate, TableData};
use crate::engine::write::{CheckCache, Writer, describe_key};
use sqlparser::ast;
use std::sync::Arc;

impl Definer<'_> {
    pub(super) fn create_index(&mut self, create: &ast::CreateIndex) -> Result<Done> {
        let ast::CreateIndex {
            name,
            table_name: table,
            using,
            columns,
            unique,
            concurrently: _,
            r#async,
            if_not_exists,
            include,
            nulls_distinct,
            with,
            predicate,
            index_options,
            alter_options,
        } = create;
        let target = table_name(table)?;
        let span = target.span;
        match using {
            None | Some(ast::IndexType::BTree | ast::IndexType::Hash) => {}
            Some(other) => return Err(unsupported(&format!("an index of type {other}"), span)),
        }
        unset(*r#async, "ASYNC", span)?;
        unset(*nulls_distinct == Some(false), "NULLS NOT DISTINCT", span)?;
        unset(!with.is_empty(), "WITH in CREATE INDEX", span)?;
        unset(!index_options.is_empty(), "an index option", span)?;
        unset(
            !alter_options.is_empty(),
            "ALTER options of CREATE INDEX",
            span,
        )?;
        let mut table = (*self.table(&target)?).clone();
        // A row is at hand wherever its key is, so there is nothing to gain by INCLUDE.
        for column in include.iter().map(named) {
            if table.position(&column.name).is_none() {
                return Err(Diagnostic::error(
                    sqlstate::UNDEFINED_COLUMN,
                    format!("column \"{}\" does not exist", column.name),
                )
                .at(column.span));
            }
        }
        let uniqueness = match unique {
            true => Uniqueness::Unique,
            false => Uniqueness::Plain,
        };
        let computed = predicate.is_some() || columns.iter().any(is_computed);
        let mut places = Vec::with_capacity(columns.len());
        let names = if computed {
            columns.iter().map(label).collect()
        } else {
            for column in key_columns(columns)? {
                places.push(table.position(&column.name).ok_or_else(|| {
                    Diagnostic::error(
                        sqlstate::UNDEFINED_COLUMN,
                        format!("column \"{}\" does not exist", column.name),
                    )
                    .at(column.span)
                })?);
            }
            column_names(&table, &places)
        };
        let catalog = self.storage.catalog();
        let name = match name {
            Some(name) => {
                let named = table_name(name)?;
                if relation_exists(catalog, &named.name) {
                    if *if_not_exists {
                        self.notice(format!(
                            "relation \"{}\" already exists, skipping",
                            named.name
                        ));
                        return Ok(Done::command("CREATE INDEX"));
                    }
                    return Err(already_exists(&named));
                }
                named.name
            }
            None => choose_relation(catalog, &[], &table.name, &names, "idx"),
        };
        if computed {
            let keys: Vec<Arc<str>> = columns
                .iter()
                .map(|key| key.column.expr.to_string().into())
                .collect();
            let condition = predicate
                .as_ref()
                .map(|condition| condition.to_string().into());
            table.computed_indexes.push(ComputedIndex {
                name,
                keys,
                condition,
                uniqueness,
            });
            let table = Arc::new(table);
            self.check_computed(&table)?;
            let tables = &mut self.storage.catalog_mut().tables;
            tables.insert(table.name.clone(), table);
            return Ok(Done::command("CREATE INDEX"));
        }
        let leading = column_names(&table, &places).into_iter().next();
        table.indexes.push(Index {
            name: name.clone(),
            columns: places.clone(),
            uniqueness,
        });
        let mut data = self.rows(&table)?;
        if let Some(duplicate) = data.add_index(name.clone(), places, uniqueness) {
            return Err(cannot_be_unique(&table, &data, &duplicate));
        }
        let leading = leading.unwrap_or_default();
        glue::create_index(self.storage, &name, &leading, Prepared { table, data })?;
        Ok(Done::command("CREATE INDEX"))
    }

    /// The rows that are there keep to the computed indexes.
    fn check_computed(&mut self, table: &Arc<Table>) -> Result<()> {
        let cache = CheckCache::default();
        let pending = &mut self.transaction.pending;
        Writer::new(self.storage, self.eval, self.budget, &cache, pending).check_computed(
            table,
            "could not create unique index",
            "is duplicated",
        )
    }

    /// The rows of a table, to be changed and put back.
    pub(super) fn rows(&self, table: &Table) -> Result<TableData> {
        match self.storage.table(&table.name) {
            Some(data) => Ok((**data).clone()),
            None => Err(Diagnostic::error(
                sqlstate::INTERNAL_ERROR,
                format!("table \"{}\" has no rows", table.plain_name()),
            )),
        }
    }

    pub(super) fn alter_index(
        &mut self,
        name: &ast::ObjectName,
        operation: &ast::AlterIndexOperation,
    ) -> Result<Done> {
        let ast::AlterIndexOperation::RenameIndex { index_name } = operation;
        let (old, new) = (table_name(name)?, table_name(index_name)?);
        if !index_exists(self.storage.catalog(), &old.name) {
            return Err(old.missing("relation"));
        }
        if relation_exists(self.storage.catalog(), &new.name) {
            return Err(already_exists(&new));
        }
        self.rename_index(&old.name, &new.name);
        Ok(Done::command("ALTER INDEX"))
    }

    /// Gives an index, and the constraint it serves, another name.
    pub(super) fn rename_index(&mut self, old: &str, new: &Arc<str>) {
        let catalog = self.storage.catalog_mut();
        let mut owner = None;
        for table in catalog.tables.values_mut() {
            if !table.index_names().any(|name| &**name == old) {
                continue;
            }
            let table = Arc::make_mut(table);
            let keys = table.primary_key.iter_mut().chain(&mut table.uniques);
            let names = keys.map(|key| &mut key.name);
            let indexes = table.indexes.iter_mut().map(|index| &mut index.name);
            let computed = table.computed_indexes.iter_mut();
            let indexes = indexes.chain(computed.map(|index| &mut index.name));
            for name in names.chain(indexes).filter(|name| &***name == old) {
                *name = new.clone();
            }
            owner = Some(table.name.clone());
        }
        if let Some(data) = owner.and_then(|owner| self.storage.table_mut(&owner)) {
            data.rename_index(old, new);
        }
    }

    pub(super) fn drop_index(
        &mut self,
        named: &Named,
        existence: Existence,
        _: Behavior,
    ) -> Result<()> {
        let catalog = self.storage.shared_catalog();
        let owner = catalog.tables.values().find(|table| {
            let mut indexes = table.indexes.iter();
            indexes.any(|index| index.name == named.name)
        });
        if let Some(owner) = catalog.tables.values().find(|table| {
            let mut indexes = table.computed_indexes.iter();
            indexes.any(|index| index.name == named.name)
        }) {
            let tables = &mut self.storage.catalog_mut().tables;
            if let Some(table) = tables.get_mut(&owner.name) {
                let indexes = &mut Arc::make_mut(table).computed_indexes;
                indexes.retain(|index| index.name != named.name);
            }
            return Ok(());
        }
        let Some(owner) = owner else {
            if let Some(table) = catalog
                .tables
                .values()
                .find(|table| table.unique_keys().any(|key| key.name == named.name))
            {
                return Err(Diagnostic::error(
                    sqlstate::DEPENDENT_OBJECTS_STILL_EXIST,
                    format!(
                        "cannot drop index {0} because constraint {0} on table {1} requires it",
                        named.name,
                        table.plain_name()
                    ),
                )
                .at(named.span)
                .hint(format!(
                    "You can drop constraint {} on table {} instead.",
                    named.name,
                    table.plain_name()
                )));
            }
            if existence == if_exists(true) {
                self.notice(format!("index \"{}\" does not exist, skipping", named.name));
                return Ok(());
            }
            return Err(named.missing("index"));
        };
        let mut table = (**owner).clone();
        table.indexes.retain(|index| index.name != named.name);
        let mut data = self.rows(&table)?;
        data.drop_index(&named.name);
        glue::drop_index(self.storage, &named.name, Prepared { table, data })
    }
}

/// Whether a key of an index is more than a column.
fn is_computed(key: &ast::IndexColumn) -> bool {
    !matches!(key.column.expr, ast::Expr::Identifier(_))
}

/// What PostgreSQL calls a key when it makes a name of it: the column, or the function.
fn label(key: &ast::IndexColumn) -> Arc<str> {
    match &key.column.expr {
        ast::Expr::Identifier(name) => super::fold(name),
        ast::Expr::Function(function) => function.name.to_string().to_lowercase().into(),
        _ => "expr".into(),
    }
}

/// The error when rows that are there already have one key.
pub(super) fn cannot_be_unique(
    table: &Table,
    data: &TableData,
    duplicate: &Duplicate,
) -> Box<Diagnostic> {
    let Some(index) = data.indexes().get(duplicate.index) else {
        return Diagnostic::error(sqlstate::UNIQUE_VIOLATION, "could not create unique index");
    };
    let key: Vec<Value> = index
        .columns
        .iter()
        .map(|&column| data.value(duplicate.row, column))
        .collect();
    Diagnostic::error(
        sqlstate::UNIQUE_VIOLATION,
        format!("could not create unique index \"{}\"", index.name),
    )
    .hint(format!(
        "{} is duplicated.",
        describe_key(table, &index.columns, &key)
    ))
}
