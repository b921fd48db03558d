//! DROP.

use super::depend::{Dependent, still_needed};
use super::name::{Named, table_name};
use super::{Behavior, Definer, Done, Existence, relation_exists, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use crate::engine::glue;
use crate::sql::REFRESH_MARK;
use sqlparser::ast::{ObjectName, ObjectType};
use std::sync::Arc;

impl Definer<'_> {
    pub(super) fn drop_objects(
        &mut self,
        kind: ObjectType,
        names: &[ObjectName],
        existence: Existence,
        behavior: Behavior,
    ) -> Result<Done> {
        if let [first, name] = names
            && kind == ObjectType::MaterializedView
            && first.to_string() == format!("\"{REFRESH_MARK}\"")
        {
            return self.refresh(name);
        }
        let names = names.iter().map(table_name).collect::<Result<Vec<_>>>()?;
        let command = match kind {
            ObjectType::Table => {
                self.drop_tables(&names, existence, behavior)?;
                "DROP TABLE"
            }
            ObjectType::View => {
                for named in &names {
                    self.drop_view(named, existence, behavior)?;
                }
                "DROP VIEW"
            }
            ObjectType::Index => {
                for named in &names {
                    self.drop_index(named, existence, behavior)?;
                }
                "DROP INDEX"
            }
            ObjectType::Sequence => {
                for named in &names {
                    self.drop_sequence(named, existence, behavior)?;
                }
                "DROP SEQUENCE"
            }
            ObjectType::MaterializedView => {
                for named in &names {
                    self.drop_materialized(named, existence, behavior)?;
                }
                "DROP MATERIALIZED VIEW"
            }
            ObjectType::Collation
            | ObjectType::Schema
            | ObjectType::Database
            | ObjectType::Role
            | ObjectType::Stage
            | ObjectType::Type
            | ObjectType::User
            | ObjectType::Stream
            | ObjectType::Warehouse => return Err(unsupported(&format!("DROP {kind}"), None)),
        };
        Ok(Done::command(command))
    }

    fn drop_tables(
        &mut self,
        names: &[Named],
        existence: Existence,
        behavior: Behavior,
    ) -> Result<()> {
        let before = self.storage.shared_catalog();
        let mut wanted: Vec<Arc<str>> = Vec::new();
        for named in names {
            let table = before.table(&named.name);
            if let Some(table) = table.filter(|table| table.materialized.is_none()) {
                wanted.push(table.name.clone());
            } else if relation_exists(&before, &named.name) {
                let error = Diagnostic::error(
                    sqlstate::WRONG_OBJECT_TYPE,
                    format!("\"{}\" is not a table", named.name),
                )
                .at(named.span);
                return Err(match before.views.contains_key(&named.name) {
                    true => error.hint("Use DROP VIEW to remove a view."),
                    false => error,
                });
            } else if existence == Existence::Optional {
                self.notice(format!("table \"{}\" does not exist, skipping", named.name));
            } else {
                return Err(named.missing("table"));
            }
        }
        for name in &wanted {
            let mut dependents = Vec::new();
            for table in before.tables.values() {
                if wanted.contains(&table.name) {
                    continue;
                }
                for key in table.foreign_keys.iter().filter(|key| key.target == *name) {
                    dependents.push((table.name.clone(), key.name.clone()));
                }
            }
            if behavior == Behavior::Restrict && !dependents.is_empty() {
                let object = format!("table {name}");
                let dependents = dependents.into_iter().map(|(table, key)| Dependent {
                    what: format!("constraint {key} on table {table}"),
                    on: object.clone(),
                });
                return Err(still_needed(&object, &dependents.collect::<Vec<_>>()));
            }
            for (table, key) in dependents {
                let tables = &mut self.storage.catalog_mut().tables;
                if let Some(table) = tables.get_mut(&table) {
                    let keys = &mut Arc::make_mut(table).foreign_keys;
                    keys.retain(|known| known.name != key);
                }
                self.notice(format!(
                    "drop cascades to constraint {key} on table {table}"
                ));
            }
            for sequence in before.sequences.values() {
                let owner = sequence.owner.as_ref();
                if owner.is_some_and(|(owner, _)| owner == name) {
                    self.remove_sequence(&sequence.name);
                }
            }
            // A table that is named twice is gone already.
            if self.storage.catalog().tables.contains_key(name) {
                glue::drop_table(self.storage, name)?;
            }
        }
        let object = match wanted.as_slice() {
            [name] => format!("table {name}"),
            _ => "desired object(s)".to_owned(),
        };
        self.settle_views(&before, &object, behavior)
    }

    fn drop_sequence(
        &mut self,
        named: &Named,
        existence: Existence,
        behavior: Behavior,
    ) -> Result<()> {
        let catalog = self.storage.shared_catalog();
        if !catalog.sequences.contains_key(&named.name) {
            if relation_exists(&catalog, &named.name) {
                return Err(Diagnostic::error(
                    sqlstate::WRONG_OBJECT_TYPE,
                    format!("\"{}\" is not a sequence", named.name),
                )
                .at(named.span));
            }
            if existence == Existence::Optional {
                self.notice(format!(
                    "sequence \"{}\" does not exist, skipping",
                    named.name
                ));
                return Ok(());
            }
            return Err(named.missing("sequence"));
        }
        let object = format!("sequence {}", named.name);
        for table in catalog.tables.values() {
            for column in &table.columns {
                let identity = column.identity.as_ref();
                if identity.is_some_and(|identity| identity.sequence == named.name) {
                    return Err(Diagnostic::error(
                        sqlstate::DEPENDENT_OBJECTS_STILL_EXIST,
                        format!(
                            "cannot drop {object} because column {} of table {} requires it",
                            column.name,
                            table.plain_name()
                        ),
                    )
                    .at(named.span)
                    .hint(format!(
                        "You can drop column {} of table {} instead.",
                        column.name,
                        table.plain_name()
                    )));
                }
            }
        }
        for table in catalog.tables.values() {
            for (place, column) in table.columns.iter().enumerate() {
                let default = column.default.as_ref();
                if !default.is_some_and(|text| numbers_from(text, &named.name)) {
                    continue;
                }
                let what = format!(
                    "default value for column {} of table {}",
                    column.name,
                    table.plain_name()
                );
                if behavior == Behavior::Restrict {
                    let on = object.clone();
                    return Err(still_needed(&object, &[Dependent { what, on }]));
                }
                let tables = &mut self.storage.catalog_mut().tables;
                if let Some(table) = tables.get_mut(&table.name)
                    && let Some(column) = Arc::make_mut(table).columns.get_mut(place)
                {
                    column.default = None;
                }
                self.notice(format!("drop cascades to {what}"));
            }
        }
        self.remove_sequence(&named.name);
        Ok(())
    }
}

/// Whether a default is a `nextval` of the sequence.
fn numbers_from(default: &str, sequence: &str) -> bool {
    let lower = default.to_lowercase();
    let forms = [
        format!("nextval('{sequence}'"),
        format!("nextval('public.{sequence}'"),
        format!("nextval('\"{sequence}\"'"),
    ];
    lower.starts_with("nextval(") && forms.iter().any(|form| default.contains(form.as_str()))
}
