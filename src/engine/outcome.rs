//! What a statement did.

use super::exec::explain::Explained;
use super::storage::column_of;
use super::write::Written;
use crate::base::{Batch, Diagnostic, Field, Result, ResultSet, Type, Value};
use std::sync::Arc;

/// What a statement did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The command as PostgreSQL tags it: `SELECT`, `INSERT`, `CREATE TABLE`; empty when the text
    /// holds no statement.
    pub command: String,
    /// How many rows it gave or wrote.
    pub row_count: u64,
    /// Its rows, if it gives rows.
    pub result: Option<ResultSet>,
    /// Notices and warnings.
    pub notices: Vec<Diagnostic>,
    /// The plan that EXPLAIN shows.
    pub explained: Option<Explained>,
}

impl Outcome {
    /// A command without rows.
    pub(super) fn command(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            ..Self::default()
        }
    }

    /// A command that gave rows.
    pub(super) fn rows(command: &str, result: ResultSet) -> Self {
        Self {
            command: command.to_owned(),
            row_count: result.len() as u64,
            result: Some(result),
            ..Self::default()
        }
    }

    /// What a writer did.
    pub(super) fn written(command: &str, written: Written) -> Self {
        Self {
            command: command.to_owned(),
            row_count: written.rows,
            result: written.result,
            ..Self::default()
        }
    }
}

/// A result of texts under one label.
pub(super) fn text_rows(label: &str, texts: &[String]) -> Result<ResultSet> {
    let values: Vec<Value> = texts
        .iter()
        .map(|text| Value::text(text.as_str()))
        .collect();
    let column = column_of(&Type::Text, &values)?;
    Ok(ResultSet {
        fields: vec![Field {
            name: label.to_owned(),
            ty: Type::Text,
        }],
        batches: vec![Batch {
            columns: vec![Arc::new(column)],
            rows: texts.len(),
        }],
    })
}
