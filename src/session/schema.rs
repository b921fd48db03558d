//! The tables in the words of a reader: what the schema page shows and completion offers.

use crate::engine::catalog::{self, Catalog, Nullability};

/// A table as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// Left to right.
    pub columns: Vec<Column>,
    /// What else holds for its rows, as SQL would state it.
    pub constraints: Vec<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as PostgreSQL prints it.
    pub type_name: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Whether it belongs to the primary key.
    pub primary_key: bool,
    /// Whether no two rows share a value.
    pub unique: bool,
    /// The table and column that it refers to.
    pub references: Option<(String, String)>,
}

/// A table of the catalogue, which has so many rows.
pub fn table(table: &catalog::Table, catalog: &Catalog, rows: u64) -> Table {
    Table {
        name: table.name.to_string(),
        rows,
        columns: columns(table, catalog),
        constraints: constraints(table),
    }
}

fn columns(table: &catalog::Table, catalog: &Catalog) -> Vec<Column> {
    table
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| Column {
            name: column.name.to_string(),
            type_name: column.ty.to_string(),
            nullable: column.nullability == Nullability::Nullable,
            primary_key: table
                .primary_key
                .as_ref()
                .is_some_and(|key| key.columns.contains(&place)),
            unique: table.uniques.iter().any(|key| key.columns == [place]),
            references: table
                .foreign_keys
                .iter()
                .find(|key| key.columns == [place])
                .and_then(|key| {
                    let target = catalog.tables.get(&key.target)?;
                    let column = target.columns.get(*key.target_columns.first()?)?;
                    Some((key.target.to_string(), column.name.to_string()))
                }),
        })
        .collect()
}

/// What the columns alone do not say.
fn constraints(table: &catalog::Table) -> Vec<String> {
    let names = |places: &[usize]| {
        places
            .iter()
            .filter_map(|&place| table.columns.get(place))
            .map(|column| &*column.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let checks = table
        .checks
        .iter()
        .map(|check| format!("CHECK ({})", check.condition));
    let uniques = table
        .uniques
        .iter()
        .filter(|key| key.columns.len() > 1)
        .map(|key| format!("UNIQUE ({})", names(&key.columns)));
    checks.chain(uniques).collect()
}
