//! The rows a query gives.

use super::{Batch, Type, Value};

/// Name and type of a result column. Names may repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The label.
    pub name: String,
    /// The type.
    pub ty: Type,
}

/// A table of rows, kept as batches of columns.
#[derive(Clone, Debug, Default)]
pub struct ResultSet {
    /// One for each column, left to right.
    pub fields: Vec<Field>,
    /// The rows, in order; every batch has a column for each field.
    pub batches: Vec<Batch>,
}

impl ResultSet {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.batches.iter().map(|batch| batch.rows).sum()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows from `skip` on, each as one value a field.
    pub fn rows(&self, skip: usize) -> impl Iterator<Item = Vec<Value>> {
        self.batches
            .iter()
            .flat_map(|batch| (0..batch.rows).map(move |row| (batch, row)))
            .skip(skip)
            .map(|(batch, row)| {
                self.fields
                    .iter()
                    .zip(&batch.columns)
                    .map(|(field, column)| column.value(row, &field.ty))
                    .collect()
            })
    }
}
