//! Definitions: our catalogue's tables as GlueSQL's schemas, and back.

use super::GlueStore;
use super::border::{data_type, logical_type, opaque};
use crate::base::Type;
use crate::engine::catalog::{self, Nullability, Table, Unique};
use gluesql_core::ast::{ColumnDef, ColumnUniqueOption, DataType, Expr};
use gluesql_core::chrono::DateTime;
use gluesql_core::data::{Schema, SchemaIndex, SchemaIndexOrd};

/// The one column of a table without a schema, as GlueSQL calls it.
const DOCUMENT: &str = "_doc";

impl GlueStore {
    /// The schema of a table.
    pub(super) fn schema(&self, name: &str) -> Option<Schema> {
        self.schemas.get(name).cloned().or_else(|| {
            let table = self.storage.catalog().tables.get(name)?;
            Some(derive(table))
        })
    }

    /// The place of the column that GlueSQL takes for the primary key.
    pub(super) fn key_column(&self, name: &str) -> Option<usize> {
        match self.schemas.get(name) {
            Some(schema) => schema.column_defs.as_ref()?.iter().position(is_primary),
            None => key_of(self.storage.catalog().tables.get(name)?),
        }
    }

    /// GlueSQL's types of a table's columns.
    pub(super) fn data_types(&self, name: &str) -> Vec<DataType> {
        match (self.schemas.get(name), self.storage.table(name)) {
            (Some(schema), _) => match &schema.column_defs {
                Some(columns) => columns.iter().map(|c| c.data_type.clone()).collect(),
                None => vec![DataType::Map],
            },
            (None, Some(table)) => table.types().iter().map(data_type).collect(),
            (None, None) => Vec::new(),
        }
    }
}

/// What GlueSQL is told of a table: names, types and nullability, and a key of one column. All
/// else is checked by the layers above.
fn derive(table: &Table) -> Schema {
    let key = key_of(table);
    let columns = table.columns.iter().enumerate();
    Schema {
        table_name: table.name.to_string(),
        column_defs: Some(
            columns
                .map(|(place, column)| column_def(column, key == Some(place)))
                .collect(),
        ),
        indexes: table
            .indexes
            .iter()
            .filter_map(|index| {
                let column = table.columns.get(*index.columns.first()?)?;
                Some(SchemaIndex {
                    name: index.name.to_string(),
                    expr: Expr::Identifier(column.name.to_string()),
                    order: SchemaIndexOrd::Both,
                    created: DateTime::UNIX_EPOCH.naive_utc(),
                })
            })
            .collect(),
        engine: None,
        foreign_keys: Vec::new(),
        comment: None,
    }
}

/// A column as GlueSQL defines it; defaults are computed by the layers above.
pub(super) fn column_def(column: &catalog::Column, primary: bool) -> ColumnDef {
    ColumnDef {
        name: column.name.to_string(),
        data_type: data_type(&column.ty),
        nullable: column.nullability == Nullability::Nullable,
        default: None,
        unique: primary.then_some(ColumnUniqueOption { is_primary: true }),
        comment: None,
    }
}

/// The place of a primary key of one column whose type GlueSQL takes for keys.
pub(super) fn key_of(table: &Table) -> Option<usize> {
    let [column] = table.primary_key.as_ref()?.columns.as_slice() else {
        return None;
    };
    let ty = data_type(&table.columns.get(*column)?.ty);
    let refused = [DataType::List, DataType::Float, DataType::Float32];
    (!refused.contains(&ty)).then_some(*column)
}

fn is_primary(column: &ColumnDef) -> bool {
    column.unique.is_some_and(|unique| unique.is_primary)
}

/// A table that was made through GlueSQL itself, as our catalogue has it: just enough to store
/// its rows and to find them by key.
pub(super) fn table_of(schema: &Schema) -> Table {
    let column = |name: &str, ty: Type, nullable: bool| catalog::Column {
        nullability: match nullable {
            true => Nullability::Nullable,
            false => Nullability::NotNull,
        },
        ..catalog::Column::plain(name.into(), ty)
    };
    let columns = match &schema.column_defs {
        Some(columns) => columns
            .iter()
            .map(|c| column(&c.name, logical_type(&c.data_type), c.nullable))
            .collect(),
        None => vec![column(DOCUMENT, opaque(), false)],
    };
    let key = schema
        .column_defs
        .as_ref()
        .and_then(|columns| columns.iter().position(is_primary));
    Table {
        columns,
        primary_key: key.map(|column| Unique {
            name: format!("{}_pkey", schema.table_name).into(),
            columns: vec![column],
        }),
        ..Table::empty(schema.table_name.as_str().into())
    }
}
