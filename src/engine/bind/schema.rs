//! `information_schema`: the catalogue as tables.

use super::query::{Bound, Output};
use super::{BindContext, Binder};
use crate::base::{Type, Value};
use crate::engine::catalog::{Column, Nullability, Table};
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
        let mut rows: Vec<(Arc<str>, &str)> = Vec::new();
        rows.extend(
            catalog
                .tables
                .keys()
                .map(|name| (name.clone(), "BASE TABLE")),
        );
        rows.extend(catalog.views.keys().map(|name| (name.clone(), "VIEW")));
        rows.sort();
        let rows = rows
            .into_iter()
            .map(|(name, kind)| vec![text("playground"), text("public"), text(&name), text(kind)])
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

    fn schema_columns(&mut self) -> Bound {
        let catalog = self.context.catalog;
        let mut rows = Vec::new();
        for table in catalog.tables.values() {
            for (place, column) in table.columns.iter().enumerate() {
                rows.push(column_row(table, place, column));
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
            ],
            rows,
        )
    }
}

fn column_row(table: &Table, place: usize, column: &Column) -> Vec<Expr> {
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
        text("playground"),
        text("public"),
        text(&table.name),
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
    ]
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
