//! Bound statements that read or change rows.

use super::expr::{ColumnId, Expr};
use super::plan::{CteId, Plan};
use crate::base::Field;
use std::sync::Arc;

/// A bound statement.
#[derive(Clone, Debug)]
pub enum Bound {
    /// `SELECT` and its like.
    Query(Query),
    /// `INSERT`
    Insert(Insert),
    /// `UPDATE`
    Update(Update),
    /// `DELETE`
    Delete(Delete),
    /// Any of them, under a WITH that changes rows.
    Writing(Box<Writing>),
}

/// A statement and the writes in its WITH: all of them see the rows as they were before.
#[derive(Clone, Debug)]
pub struct Writing {
    /// The writes, in the order of their definition; later ones may read what earlier ones
    /// return.
    pub writes: Vec<WithWrite>,
    /// The statement below WITH; it is none of this kind.
    pub body: Bound,
}

/// A write that WITH names. Plans that read it have an empty `Plan::Values` in its place.
#[derive(Clone, Debug)]
pub struct WithWrite {
    /// Which common table expression it is.
    pub cte: CteId,
    /// `INSERT`, `UPDATE` or `DELETE`.
    pub write: Bound,
}

/// A query and its output columns.
#[derive(Clone, Debug)]
pub struct Query {
    /// How its rows come about.
    pub plan: Plan,
    /// The output columns, left to right.
    pub columns: Vec<ColumnId>,
    /// Their names and types.
    pub fields: Vec<Field>,
}

/// `INSERT`.
#[derive(Clone, Debug)]
pub struct Insert {
    /// The table.
    pub table: Arc<str>,
    /// Gives the rows: one column for each column of the table, in its order, of its type, with
    /// defaults in their places.
    pub source: Plan,
    /// The columns of `source`, one for each column of the table.
    pub columns: Vec<ColumnId>,
    /// `ON CONFLICT`
    pub on_conflict: Option<OnConflict>,
    /// `RETURNING`
    pub returning: Option<Returning>,
}

/// `ON CONFLICT`.
#[derive(Clone, Debug)]
pub struct OnConflict {
    /// The columns of the unique key that is meant; any key when absent.
    pub target: Option<Vec<usize>>,
    /// What to do with a row whose key is there already.
    pub action: ConflictAction,
}

/// What to do with a row whose key is there already.
#[derive(Clone, Debug)]
pub enum ConflictAction {
    /// `DO NOTHING`
    DoNothing,
    /// `DO UPDATE SET ..`
    DoUpdate {
        /// New values, of the columns' types, over `existing` and `excluded`.
        assignments: Vec<(usize, Expr)>,
        /// Only when this is true.
        condition: Option<Expr>,
        /// Stand for the columns of the row that is there.
        existing: Vec<ColumnId>,
        /// Stand for the columns of the row that was to be inserted.
        excluded: Vec<ColumnId>,
    },
}

/// `UPDATE`.
#[derive(Clone, Debug)]
pub struct Update {
    /// The table.
    pub table: Arc<str>,
    /// Gives a row for each row to change: its number and new values (and what RETURNING needs of
    /// other tables). A row that comes twice is changed once, as it comes first.
    pub source: Plan,
    /// The column of `source` with the row's number.
    pub row_id: ColumnId,
    /// Which column of the table takes which column of `source`; the types are equal.
    pub assignments: Vec<(usize, ColumnId)>,
    /// `RETURNING`, over the rows as they are afterwards.
    pub returning: Option<Returning>,
}

/// `DELETE`.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The table.
    pub table: Arc<str>,
    /// Gives the number of each row to delete (and what RETURNING needs of other tables).
    pub source: Plan,
    /// The column of `source` with the row's number.
    pub row_id: ColumnId,
    /// `RETURNING`, over the rows as they were.
    pub returning: Option<Returning>,
}

/// `RETURNING`.
#[derive(Clone, Debug)]
pub struct Returning {
    /// Stand for the columns of the table's row, in the table's order; the expressions may also
    /// use columns of the statement's source.
    pub row: Vec<ColumnId>,
    /// The expressions.
    pub exprs: Vec<Expr>,
    /// Names and types of the results.
    pub fields: Vec<Field>,
}
