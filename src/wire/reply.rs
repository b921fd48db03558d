//! What the worker answers.

use super::{
    AssistReport, JournalEntry, MarketInfo, Plain, PlanInfo, Problem, QueryReport, RowPage,
    TableHead, TableInfo, ValuesHead, chart, dashboard, frames, help, lost_update,
};
use crate::lessons::lesson::Lesson;
use crate::lessons::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// What the worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// To `Request::Run`.
    Ran(RunReport),
    /// To `Request::Rows`.
    Rows(RowPage),
    /// To `Request::Export`.
    Exported(String),
    /// To `Request::Reset` and `Request::Restore`.
    Market(MarketInfo),
    /// To `Request::Catalog`.
    Catalog(Vec<TableInfo>),
    /// To `Request::ReadLesson`: the page, and what is wrong with it.
    Lesson(Rc<Lesson>, Vec<Problem>),
    /// To `Request::CheckAnswer`.
    Verdict(Verdict),
    /// To `Request::Help`.
    Help(Rc<help::Help>),
    /// To `Request::Dashboard`.
    Dashboard(Rc<dashboard::Dashboard>),
    /// To `Request::ChartRows`.
    ChartRows(chart::ChartRows),
    /// To `Request::LostUpdate`.
    LostUpdate(Rc<lost_update::Played>),
    /// To `Request::Frames`.
    Frames(Rc<frames::Frames>),
    /// To `Request::Query` and `Request::Execute`; blocks travel beside it, one for each
    /// head that has columns, in order.
    Values {
        /// One for each run or statement.
        heads: Vec<ValuesHead>,
        /// The error that stopped the rest.
        error: Option<Problem>,
        /// Whether the request belongs into the journal.
        changes: Changes,
    },
    /// To `Request::Plan`.
    Plan(PlanInfo),
    /// To `Request::Assist`.
    Assist(AssistReport),
    /// To `Request::Django`.
    Django(DjangoReport),
    /// The request could not be done.
    Failed(Problem),
}

/// What the worker says unasked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// It listens from now on.
    Up,
    /// It broke on an invariant of ours, with this message, and answers nothing any more.
    Panicked(String),
}

/// Whether a request may have changed the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Changes {
    /// It only read.
    #[default]
    None,
    /// It may have: replay it after a restart.
    Possible,
}

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// Of SQL: one for each statement that ran.
    pub outcomes: Vec<StatementReport>,
    /// Of Django code: what it printed.
    pub output: String,
    /// Of Django code: the value of its last line.
    pub value: Option<ValueReport>,
    /// The error that stopped it.
    pub error: Option<Problem>,
    /// The time for all of it, in milliseconds.
    pub ms: f64,
    /// Whether it may have changed the data.
    pub changes: Changes,
    /// The statements that ran.
    pub queries: Rc<QueryReport>,
    /// Of Django code: what brings a new worker to where this one is.
    pub journal: Vec<JournalEntry>,
    /// Of Django code: the variables that are there now, which no replay brings back.
    pub variables: Vec<String>,
}

/// The value of the last line of Django code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueReport {
    /// As the Django shell prints it.
    pub repr: String,
    /// As a table, where it is one.
    pub table: Option<Rc<TableHead>>,
}

/// What came of one statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatementReport {
    /// PostgreSQL's command tag without the count: `SELECT`, `INSERT`, ...
    pub command: String,
    /// Rows given or changed.
    pub row_count: u64,
    /// The rows, when the statement gives some.
    pub table: Option<Rc<TableHead>>,
    /// Notices and warnings.
    pub notices: Vec<Rc<Problem>>,
}

/// What came of Django code that a program ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DjangoReport {
    /// What it printed.
    pub output: String,
    /// The value of its last line as the Django shell prints it.
    pub repr: Option<String>,
    /// The value as plain data.
    pub value: Plain,
    /// The statements that ran.
    pub queries: QueryReport,
    /// The error that stopped it.
    pub error: Option<Problem>,
    /// Whether it may have changed the data.
    pub changes: Changes,
    /// What brings a new worker to where this one is.
    pub journal: Vec<JournalEntry>,
}
