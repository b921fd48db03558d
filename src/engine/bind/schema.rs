//! `information_schema`: the catalogue as tables.

use super::query::{Bound, Output};
use super::{BindContext, Binder};
use crate::base::{Type, Value};
use crate::engine::catalog::{
    Catalog, Column, Cycle, Generation, Matching, Nullability, ReferentialAction, TEMPORARY, Table,
    Timing,
};
use crate::engine::expr::Expr;
use crate::engine::plan::Plan;
use crate::engine::statement::Query;
use std::sync::Arc;

/// The plan of `SHOW TABLES`: the names of tables and views.
pub fn show_tables(context: &BindContext<'_>) -> Query {
    let mut binder = Binder::new(context);
    let mut names: Vec<Arc<str>> = context
        .catalog
        .tables
        .keys()
        .chain(context.catalog.views.keys())
        .cloned()
        .collect();
    names.sort();
    let rows = names.into_iter().map(|name| vec![text(&name)]).collect();
    binder
        .constant(&[("table_name", Type::Text)], rows)
        .into_query()
}

impl Binder<'_> {
    /// One of the views of `information_schema`, if it is known.
    pub(super) fn information_schema(&mut self, name: &str) -> Option<Bound> {
        match name {
            "tables" => Some(self.schema_tables()),
            "columns" => Some(self.schema_columns()),
            "views" => Some(self.schema_views()),
            "sequences" => Some(self.schema_sequences()),
            "table_constraints" => Some(self.schema_constraints()),
            "key_column_usage" => Some(self.schema_key_columns()),
            "referential_constraints" => Some(self.schema_references()),
            "schemata" => Some(self.constant(
                &[
                    ("catalog_name", Type::Text),
                    ("schema_name", Type::Text),
                    ("schema_owner", Type::Text),
                ],
                vec![
                    vec![text(CATALOG), text("information_schema"), text("postgres")],
                    vec![text(CATALOG), text("public"), text("postgres")],
                ],
            )),
            _ => None,
        }
    }

    fn constant(&mut self, columns: &[(&str, Type)], rows: Vec<Vec<Expr>>) -> Bound {
        let outputs: Vec<Output> = columns
            .iter()
            .map(|(name, ty)| Output {
                name: Arc::from(*name),
                id: self.fresh(),
                ty: ty.clone(),
            })
            .collect();
        Bound {
            plan: Plan::Values {
                columns: outputs
                    .iter()
                    .map(|column| (column.id, column.ty.clone()))
                    .collect(),
                rows,
            },
            columns: outputs,
            span: None,
        }
    }

    fn schema_tables(&mut self) -> Bound {
        let catalog = self.context.catalog;
        let mut rows: Vec<(Arc<str>, &str, &str)> = Vec::new();
        let stored = stored(catalog).map(|table| {
            let kind = match schema_of(table) {
                "public" => "BASE TABLE",
                _ => "LOCAL TEMPORARY",
            };
            (Arc::from(table.plain_name()), kind, schema_of(table))
        });
        rows.extend(stored);
        let views = catalog.views.keys();
        rows.extend(views.map(|name| (name.clone(), "VIEW", "public")));
        rows.sort();
        let rows = rows
            .into_iter()
            .map(|(name, kind, schema)| vec![text(CATALOG), text(schema), text(&name), text(kind)])
            .collect();
        self.constant(
            &[
                ("table_catalog", Type::Text),
                ("table_schema", Type::Text),
                ("table_name", Type::Text),
                ("table_type", Type::Text),
            ],
            rows,
        )
    }

    fn schema_views(&mut self) -> Bound {
        let catalog = self.context.catalog;
        let rows = catalog
            .views
            .values()
            .map(|view| {
                vec![
                    text(CATALOG),
                    text("public"),
                    text(&view.name),
                    text(&view.query),
                ]
            })
            .collect();
        self.constant(
            &[
                ("table_catalog", Type::Text),
                ("table_schema", Type::Text),
                ("table_name", Type::Text),
                ("view_definition", Type::Text),
            ],
            rows,
        )
    }

    fn schema_sequences(&mut self) -> Bound {
        let catalog = self.context.catalog;
        // PostgreSQL leaves those of identity columns out, and gives the numbers as texts.
        let identities: Vec<&Arc<str>> = catalog
            .tables
            .values()
            .flat_map(|table| &table.columns)
            .filter_map(|column| column.identity.as_ref())
            .map(|identity| &identity.sequence)
            .collect();
        let sequences = catalog.sequences.values();
        let rows = sequences
            .filter(|sequence| !identities.contains(&&sequence.name))
            .map(|sequence| {
                vec![
                    text(CATALOG),
                    text("public"),
                    text(&sequence.name),
                    text(&sequence.start.to_string()),
                    text(&sequence.minimum.to_string()),
                    text(&sequence.maximum.to_string()),
                    text(&sequence.increment.to_string()),
                    text(match sequence.cycle {
                        Cycle::Cycle => "YES",
                        Cycle::NoCycle => "NO",
                    }),
                ]
            })
            .collect();
        self.constant(
            &[
                ("sequence_catalog", Type::Text),
                ("sequence_schema", Type::Text),
                ("sequence_name", Type::Text),
                ("start_value", Type::Text),
                ("minimum_value", Type::Text),
                ("maximum_value", Type::Text),
                ("increment", Type::Text),
                ("cycle_option", Type::Text),
            ],
            rows,
        )
    }

    fn schema_constraints(&mut self) -> Bound {
        let catalog = self.context.catalog;
        let mut rows = Vec::new();
        for table in stored(catalog) {
            let mut add = |name: &str, kind: &str, timing: Timing| {
                let flag = |set: bool| text(if set { "YES" } else { "NO" });
                rows.push(vec![
                    text(CATALOG),
                    text(schema_of(table)),
                    text(name),
                    text(schema_of(table)),
                    text(table.plain_name()),
                    text(kind),
                    flag(timing != Timing::Immediate),
                    flag(timing == Timing::Deferred),
                ]);
            };
            if let Some(key) = &table.primary_key {
                add(&key.name, "PRIMARY KEY", Timing::Immediate);
            }
            for key in &table.uniques {
                add(&key.name, "UNIQUE", Timing::Immediate);
            }
            for key in &table.deferrable_keys {
                add(&key.name, "UNIQUE", key.timing);
            }
            for check in &table.checks {
                add(&check.name, "CHECK", Timing::Immediate);
            }
            for key in &table.foreign_keys {
                add(&key.name, "FOREIGN KEY", key.timing);
            }
        }
        self.constant(
            &[
                ("constraint_catalog", Type::Text),
                ("constraint_schema", Type::Text),
                ("constraint_name", Type::Text),
                ("table_schema", Type::Text),
                ("table_name", Type::Text),
                ("constraint_type", Type::Text),
                ("is_deferrable", Type::Text),
                ("initially_deferred", Type::Text),
            ],
            rows,
        )
    }

    fn schema_key_columns(&mut self) -> Bound {
        let catalog = self.context.catalog;
        let mut rows = Vec::new();
        for table in stored(catalog) {
            let keys = table.unique_keys().map(|key| (&key.name, &key.columns));
            let foreign = table.foreign_keys.iter();
            for (name, columns) in keys.chain(foreign.map(|key| (&key.name, &key.columns))) {
                for (place, column) in columns.iter().enumerate() {
                    let Some(column) = table.columns.get(*column) else {
                        continue;
                    };
                    rows.push(vec![
                        text(CATALOG),
                        text(schema_of(table)),
                        text(name),
                        text(schema_of(table)),
                        text(table.plain_name()),
                        text(&column.name),
                        number(Some(place as i64 + 1)),
                    ]);
                }
            }
        }
        self.constant(
            &[
                ("constraint_catalog", Type::Text),
                ("constraint_schema", Type::Text),
                ("constraint_name", Type::Text),
                ("table_schema", Type::Text),
                ("table_name", Type::Text),
                ("column_name", Type::Text),
                ("ordinal_position", Type::Integer),
            ],
            rows,
        )
    }

    fn schema_references(&mut self) -> Bound {
        let catalog = self.context.catalog;
        let rule = |action| {
            text(match action {
                ReferentialAction::NoAction => "NO ACTION",
                ReferentialAction::Restrict => "RESTRICT",
                ReferentialAction::Cascade => "CASCADE",
                ReferentialAction::SetNull => "SET NULL",
                ReferentialAction::SetDefault => "SET DEFAULT",
            })
        };
        let mut rows = Vec::new();
        for table in stored(catalog) {
            for key in &table.foreign_keys {
                let Some(target) = catalog.tables.get(&key.target) else {
                    continue;
                };
                let unique = target.unique_keys().find(|unique| {
                    let mut columns = unique.columns.iter();
                    unique.columns.len() == key.target_columns.len()
                        && columns.all(|column| key.target_columns.contains(column))
                });
                let Some(unique) = unique else { continue };
                rows.push(vec![
                    text(CATALOG),
                    text(schema_of(table)),
                    text(&key.name),
                    text(CATALOG),
                    text(schema_of(target)),
                    text(&unique.name),
                    text(match key.matching {
                        Matching::Simple => "NONE",
                        Matching::Full => "FULL",
                    }),
                    rule(key.on_update),
                    rule(key.on_delete),
                ]);
            }
        }
        self.constant(
            &[
                ("constraint_catalog", Type::Text),
                ("constraint_schema", Type::Text),
                ("constraint_name", Type::Text),
                ("unique_constraint_catalog", Type::Text),
                ("unique_constraint_schema", Type::Text),
                ("unique_constraint_name", Type::Text),
                ("match_option", Type::Text),
                ("update_rule", Type::Text),
                ("delete_rule", Type::Text),
            ],
            rows,
        )
    }

    fn schema_columns(&mut self) -> Bound {
        let catalog = self.context.catalog;
        let mut rows = Vec::new();
        for table in stored(catalog) {
            for (place, column) in table.columns.iter().enumerate() {
                rows.push(column_row(
                    schema_of(table),
                    table.plain_name(),
                    place,
                    column,
                ));
            }
        }
        for view in catalog.views.values() {
            // A view that no longer holds has no columns to tell of.
            let Ok(bound) = self.view(view, None) else {
                continue;
            };
            for (place, output) in bound.columns.into_iter().enumerate() {
                let column = Column::plain(output.name, output.ty);
                rows.push(column_row("public", &view.name, place, &column));
            }
        }
        self.constant(
            &[
                ("table_catalog", Type::Text),
                ("table_schema", Type::Text),
                ("table_name", Type::Text),
                ("column_name", Type::Text),
                ("ordinal_position", Type::Integer),
                ("column_default", Type::Text),
                ("is_nullable", Type::Text),
                ("data_type", Type::Text),
                ("character_maximum_length", Type::Integer),
                ("numeric_precision", Type::Integer),
                ("numeric_scale", Type::Integer),
                ("is_identity", Type::Text),
                ("udt_name", Type::Text),
                ("datetime_precision", Type::Integer),
                ("is_generated", Type::Text),
                ("generation_expression", Type::Text),
                ("identity_generation", Type::Text),
                ("is_updatable", Type::Text),
            ],
            rows,
        )
    }
}

fn column_row(schema: &str, table: &str, place: usize, column: &Column) -> Vec<Expr> {
    let (precision, scale) = match &column.ty {
        Type::SmallInt => (Some(16), Some(0)),
        Type::Integer => (Some(32), Some(0)),
        Type::BigInt => (Some(64), Some(0)),
        Type::Numeric(Some((precision, scale))) => {
            (Some(i64::from(*precision)), Some(i64::from(*scale)))
        }
        Type::Real => (Some(24), None),
        Type::Double => (Some(53), None),
        _ => (None, None),
    };
    let length = match &column.ty {
        Type::Varchar(Some(length)) => Some(i64::from(*length)),
        Type::Char(length) => Some(i64::from(*length)),
        _ => None,
    };
    let name = match &column.ty {
        Type::Array(_) => String::from("ARRAY"),
        Type::Char(_) => String::from("character"),
        ty => ty.without_modifier().to_string(),
    };
    vec![
        text(CATALOG),
        text(schema),
        text(table),
        text(&column.name),
        number(Some(place as i64 + 1)),
        match &column.default {
            Some(default) => text(default),
            None => null(Type::Text),
        },
        text(match column.nullability {
            Nullability::Nullable => "YES",
            Nullability::NotNull => "NO",
        }),
        text(&name),
        number(length),
        number(precision),
        number(scale),
        text(if column.identity.is_some() {
            "YES"
        } else {
            "NO"
        }),
        text(&udt_name(&column.ty)),
        number(match &column.ty {
            Type::Date => Some(0),
            Type::Time | Type::Timestamp | Type::TimestampTz | Type::Interval => {
                Some(column.precision.map_or(6, i64::from))
            }
            _ => None,
        }),
        text(match column.generated {
            Some(_) => "ALWAYS",
            None => "NEVER",
        }),
        match &column.generated {
            Some(expression) => text(expression),
            None => null(Type::Text),
        },
        match &column.identity {
            Some(identity) => text(match identity.generation {
                Generation::Always => "ALWAYS",
                Generation::ByDefault => "BY DEFAULT",
            }),
            None => null(Type::Text),
        },
        text("YES"),
    ]
}

/// A type's name in PostgreSQL's catalogue.
fn udt_name(ty: &Type) -> String {
    match ty {
        Type::Boolean => "bool",
        Type::SmallInt => "int2",
        Type::Integer => "int4",
        Type::BigInt => "int8",
        Type::Numeric(_) => "numeric",
        Type::Real => "float4",
        Type::Double => "float8",
        Type::Text | Type::Unknown => "text",
        Type::Varchar(_) => "varchar",
        Type::Char(_) => "bpchar",
        Type::Date => "date",
        Type::Time => "time",
        Type::Timestamp => "timestamp",
        Type::TimestampTz => "timestamptz",
        Type::Interval => "interval",
        Type::Uuid => "uuid",
        Type::Json => "json",
        Type::Jsonb => "jsonb",
        Type::Array(element) => return format!("_{}", udt_name(element)),
        Type::Record(_) => "record",
    }
    .to_owned()
}

/// The database's name.
const CATALOG: &str = "marketplace";

/// Tables that hold rows of their own, without materialized views.
fn stored(catalog: &Catalog) -> impl Iterator<Item = &Arc<Table>> {
    let tables = catalog.tables.values();
    tables.filter(|table| table.materialized.is_none())
}

fn schema_of(table: &Table) -> &'static str {
    match table.name.starts_with(TEMPORARY) {
        true => "pg_temp",
        false => "public",
    }
}

fn text(value: &str) -> Expr {
    Expr::literal(Value::text(value), Type::Text)
}

fn number(value: Option<i64>) -> Expr {
    match value {
        Some(value) => Expr::literal(Value::Int(value), Type::Integer),
        None => null(Type::Integer),
    }
}

fn null(ty: Type) -> Expr {
    Expr::literal(Value::Null, ty)
}
