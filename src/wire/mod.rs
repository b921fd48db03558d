//! What page and worker say to each other: plain data, one enum of requests, one of replies.
//!
//! Holds no logic and knows neither the DOM nor the engine. Messages cross as bytes ([`encode`],
//! [`decode`]); the rows of the programmable page travel beside them as a [`block`], which the
//! page's script reads without copying it into wasm.

pub mod block;
pub mod chart;
mod journal;
pub mod widgets;

pub use crate::report::{dashboard, help};

use crate::lessons::lesson::{self, Lesson};
use crate::lessons::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Ties a reply to its request. Zero is the worker speaking on its own ([`Event`]).
pub type RequestId = u32;

/// A part of the page that runs code and shows results: the playground or a panel of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PanelId(pub u32);

impl PanelId {
    /// The playground.
    pub const PLAYGROUND: Self = Self(0);
}

/// How much data the marketplace holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Size {
    /// 60 orders; the data set of the lessons.
    #[default]
    Small,
    /// 10,000 orders.
    Medium,
    /// 100,000 orders.
    Large,
}

impl Size {
    /// All sizes, small to large.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// The name that people and programs use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }

    /// The size of a name, whatever its case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|size| size.name().eq_ignore_ascii_case(name))
    }
}

/// A value for `$1`, `$2`, ...
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Param {
    /// NULL
    Null,
    /// boolean
    Bool(bool),
    /// bigint
    Int(i64),
    /// numeric, as its decimal digits
    Decimal(String),
    /// double precision, for what has no decimal digits (NaN, infinity)
    Float(f64),
    /// Text of a type that the context decides, as a quoted literal.
    Text(String),
}

/// What the page asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Runs code and keeps its result sets for the panel. Answer: [`Reply::Ran`].
    Run {
        /// Whose results these are; those of the panel's last run are dropped.
        panel: PanelId,
        /// On which data.
        world: World,
        /// What the code is written in.
        language: Language,
        /// A script of SQL, or Python for the Django shell.
        code: String,
    },
    /// The plan of a statement of the panel's last run. Answer: [`Reply::Plan`].
    Plan {
        /// Whose run.
        panel: PanelId,
        /// Which of its statements, from 0.
        query: u32,
        /// Whether its query runs for the figures.
        mode: PlanMode,
    },
    /// Help with code that is being typed. Answer: [`Reply::Assist`].
    Assist {
        /// On which data it will run.
        world: World,
        /// What the code is written in.
        language: Language,
        /// The code.
        code: String,
        /// The UTF-16 unit at which help is wanted.
        cursor: u32,
        /// Which help.
        what: AssistKind,
    },
    /// Django code for a program. Answer: [`Reply::Django`].
    Django {
        /// The code.
        code: String,
    },
    /// Rows of a kept result set. Answer: [`Reply::Rows`].
    Rows {
        /// Whose result.
        panel: PanelId,
        /// Which of the run's result sets, from 0.
        set: u32,
        /// The first row, from 0.
        start: u32,
        /// How many at most.
        count: u32,
    },
    /// A kept result set, or a part of it, as text. Answer: [`Reply::Exported`].
    Export {
        /// Whose result.
        panel: PanelId,
        /// Which of the run's result sets, from 0.
        set: u32,
        /// In which form.
        format: Format,
        /// Which cells.
        area: Area,
    },
    /// Throws everything away and seeds anew. Answer: [`Reply::Market`].
    Reset {
        /// How much data.
        size: Size,
    },
    /// Brings a new worker to where its predecessor was: seeds, then replays. Answer:
    /// [`Reply::Market`].
    Restore {
        /// How much data.
        size: Size,
        /// What changed the data since, in order.
        journal: Vec<JournalEntry>,
    },
    /// The tables that there are now. Answer: [`Reply::Catalog`].
    Catalog,
    /// A page of the course, read. Answer: [`Reply::Lesson`].
    ReadLesson {
        /// Its text.
        text: String,
    },
    /// Whether an answer to an exercise is right. Answer: [`Reply::Verdict`].
    CheckAnswer {
        /// What is compared.
        check: lesson::Check,
        /// What solution and answer are written in.
        language: lesson::Language,
        /// The model answer.
        solution: String,
        /// The learner's.
        code: String,
    },
    /// Rows of a kept result set for a chart. Answer: [`Reply::ChartRows`].
    ChartRows {
        /// Whose result.
        panel: PanelId,
        /// Which of the run's result sets, from 0.
        set: u32,
        /// How many rows at most.
        most: u32,
        /// What is to be added up; nothing for a sample.
        sums: Option<chart::Sums>,
    },
    /// The lost update from its start. Answer: [`Reply::LostUpdate`].
    LostUpdate {
        /// How the sessions go about it.
        scenario: widgets::Scenario,
        /// How many steps they have taken.
        steps: u32,
    },
    /// The frames of a window. Answer: [`Reply::Frames`].
    Frames {
        /// The window.
        choice: widgets::FrameChoice,
    },
    /// What is supported of a language. Answer: [`Reply::Help`].
    Help {
        /// Of which.
        language: Language,
    },
    /// The dashboard's tiles. Answer: [`Reply::Dashboard`].
    Dashboard {
        /// What a person chose.
        filter: dashboard::DashboardFilter,
    },
    /// One statement for a program, once for each set of parameters. Answer: [`Reply::Values`]
    /// with a block for each.
    Query {
        /// The statement.
        sql: String,
        /// The parameters of each run.
        runs: Vec<Vec<Param>>,
    },
    /// A script for a program. Answer: [`Reply::Values`] with a block for each statement that
    /// gives rows.
    Execute {
        /// The script.
        sql: String,
    },
}

/// A request that changed the data, for the replay after a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum JournalEntry {
    /// A script.
    Script(String),
    /// A statement with the parameters of each of its runs.
    Statement(String, Vec<Vec<Param>>),
    /// A definition of Django code: a function, a class, an import.
    Definition(String),
    /// A statement that Django code caused, whatever came of it.
    Caused(String),
}

/// What code is written in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Language {
    /// A script of SQL statements.
    #[default]
    Sql,
    /// Python for the Django shell.
    Django,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sql, Self::Django];

    /// The name that people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sql => "SQL",
            Self::Django => "Django",
        }
    }

    /// The name that programs and addresses use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Django => "django",
        }
    }

    /// The language of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.name() == name)
    }
}

/// Which data code runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum World {
    /// The data set that the page's bar shows.
    #[default]
    Main,
    /// A Medium data set of its own.
    Medium,
}

/// How a plan is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlanMode {
    /// `EXPLAIN`
    Plan,
    /// `EXPLAIN ANALYZE`
    Analyze,
}

/// A form of text for results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// Comma-separated, quoted as RFC 4180 has it, with a header.
    Csv,
    /// An array of objects; decimals are strings.
    Json,
    /// Tab-separated without a header, for the clipboard.
    Tsv,
}

/// A rectangle of cells; the ends are exclusive and may lie past the table's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// First row and the row after the last.
    pub rows: (u32, u32),
    /// First column and the column after the last.
    pub columns: (u32, u32),
}

impl Area {
    /// Every cell.
    pub const ALL: Self = Self {
        rows: (0, u32::MAX),
        columns: (0, u32::MAX),
    };
}

/// What the worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// To [`Request::Run`].
    Ran(RunReport),
    /// To [`Request::Rows`].
    Rows(RowPage),
    /// To [`Request::Export`].
    Exported(String),
    /// To [`Request::Reset`] and [`Request::Restore`].
    Market(MarketInfo),
    /// To [`Request::Catalog`].
    Catalog(Vec<TableInfo>),
    /// To [`Request::ReadLesson`]: the page, and what is wrong with it.
    Lesson(Rc<Lesson>, Vec<Problem>),
    /// To [`Request::CheckAnswer`].
    Verdict(Verdict),
    /// To [`Request::Help`].
    Help(Rc<help::Help>),
    /// To [`Request::Dashboard`].
    Dashboard(Rc<dashboard::Dashboard>),
    /// To [`Request::ChartRows`].
    ChartRows(chart::ChartRows),
    /// To [`Request::LostUpdate`].
    LostUpdate(Rc<widgets::LostUpdate>),
    /// To [`Request::Frames`].
    Frames(Rc<widgets::Frames>),
    /// To [`Request::Query`] and [`Request::Execute`]; blocks travel beside it, one for each
    /// head that has columns, in order.
    Values {
        /// One for each run or statement.
        heads: Vec<ValuesHead>,
        /// The error that stopped the rest.
        error: Option<Problem>,
        /// Whether the request belongs into the journal.
        changes: Changes,
    },
    /// To [`Request::Plan`].
    Plan(PlanInfo),
    /// To [`Request::Assist`].
    Assist(AssistReport),
    /// To [`Request::Django`].
    Django(DjangoReport),
    /// The request could not be done.
    Failed(Problem),
}

/// Which help with code is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssistKind {
    /// What is wrong with its form.
    Problems,
    /// Names that fit.
    Suggestions,
    /// A paragraph on a name.
    Description,
    /// The arguments of the call around.
    Signature,
}

/// Help with code that is being typed. Places are UTF-16 units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AssistReport {
    /// There is none.
    Nothing,
    /// What is wrong.
    Problems(Vec<Problem>),
    /// Names that fit.
    Suggestions {
        /// Where the text begins that a name replaces.
        from: u32,
        /// The names, best first.
        items: Vec<Suggestion>,
    },
    /// A paragraph.
    Text {
        /// Where its name begins.
        from: u32,
        /// Where its name ends.
        to: u32,
        /// Name and arguments.
        title: String,
        /// The paragraph.
        text: String,
        /// Which argument is being typed, from 0.
        argument: u32,
    },
}

/// A name that fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The name.
    pub label: String,
    /// What it holds or gives.
    pub detail: String,
    /// The kind, a word: `field`, `lookup`, `method`, ...
    pub kind: String,
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

/// The query log of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryReport {
    /// How many statements there were, transaction control left out.
    pub count: u32,
    /// Milliseconds of all of them.
    pub ms: f64,
    /// The first of them, at most [`MOST_QUERIES`].
    pub queries: Vec<QueryInfo>,
    /// What to do about look-alikes, the most frequent first.
    pub advice: Vec<Advice>,
}

/// The most statements of a log that cross the border.
pub const MOST_QUERIES: usize = 1000;

/// A statement of a query log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryInfo {
    /// The text that ran.
    pub sql: String,
    /// When it began, in milliseconds since the run did.
    pub start: f64,
    /// Milliseconds that it took.
    pub ms: f64,
    /// Rows given or changed; `None` when it failed.
    pub rows: Option<u64>,
    /// Where in the code it came from.
    pub place: Option<Place>,
    /// Whether it belongs to the code or to its transactions.
    pub role: QueryRole,
    /// How many statements of the run share its text but for the values, itself included.
    pub similar: u32,
    /// How many share the values too, itself included.
    pub duplicate: u32,
    /// What is loaded, when touching an instance loaded something: `Order.customer`.
    pub loads: Option<String>,
}

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueryRole {
    /// The code's own.
    Statement,
    /// `BEGIN`, `SAVEPOINT`, `COMMIT` and their like.
    Control,
}

/// What a person may do about many statements that look alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// How many statements it is about.
    pub count: u32,
    /// What they do: `queries for Order.customer`.
    pub what: String,
    /// Where in the code they come from.
    pub place: Option<Place>,
    /// What to do, with code in backticks.
    pub mend: String,
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

/// Plain data for a program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Plain {
    /// null
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Plain>),
    /// An object.
    Object(Vec<(String, Plain)>),
}

/// A plan, and after ANALYZE what it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanInfo {
    /// The topmost operator.
    pub root: PlanNode,
    /// Milliseconds for all of it.
    pub ms: Option<f64>,
    /// The most memory booked at any time, in bytes.
    pub peak: Option<u64>,
}

/// An operator of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanNode {
    /// What it is called.
    pub name: String,
    /// What it works with: a label and a text each.
    pub details: Vec<(String, String)>,
    /// About how many rows were expected.
    pub estimate: f64,
    /// Rows, milliseconds and bytes, its inputs included, when it ran.
    pub measured: Option<(u64, f64, u64)>,
    /// Where its rows come from.
    pub children: Vec<PlanNode>,
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

/// A result set, of which the page holds the first rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableHead {
    /// Its number among the run's result sets, from 0.
    pub set: u32,
    /// Left to right.
    pub columns: Vec<ColumnHead>,
    /// How many rows there are.
    pub rows: u32,
    /// The first rows.
    pub first: RowPage,
}

/// A column's label, type and manner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnHead {
    /// The label.
    pub name: String,
    /// The type as PostgreSQL prints it.
    pub type_name: String,
    /// How the page shows it.
    pub kind: ColumnKind,
}

/// How the page shows a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnKind {
    /// Whole numbers: to the right.
    Integer,
    /// Exact decimals: to the right, thousands separated.
    Decimal,
    /// Floating-point numbers: to the right.
    Float,
    /// true or false.
    Boolean,
    /// Dates and times.
    Time,
    /// Everything else: to the left.
    Text,
}

impl ColumnKind {
    /// Whether its values are numbers.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Float)
    }
}

/// Some rows as PostgreSQL prints their values; NULL is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RowPage {
    /// The number of the first row, from 0.
    pub start: u32,
    /// Row by row.
    pub rows: Vec<Vec<Option<String>>>,
}

/// What stands over a block of values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValuesHead {
    /// PostgreSQL's command tag without the count.
    pub command: String,
    /// Rows given or changed.
    pub row_count: u64,
    /// Labels and types; absent when the statement gives no rows.
    pub columns: Option<Vec<(String, String)>>,
    /// The engine's time in milliseconds.
    pub ms: f64,
}

/// The data set at hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarketInfo {
    /// Its size.
    pub size: Size,
    /// What `now()` answers, as ISO 8601 text.
    pub now: String,
    /// How many orders the seed holds.
    pub orders: u64,
}

/// A table for the schema page and for completion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// Left to right.
    pub columns: Vec<ColumnInfo>,
    /// Everything else that holds for its rows, as SQL would state it.
    pub constraints: Vec<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// The type as PostgreSQL prints it.
    pub type_name: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Whether it is (part of) the primary key.
    pub primary_key: bool,
    /// Whether no two rows may share a value.
    pub unique: bool,
    /// The table and column that it refers to.
    pub references: Option<(String, String)>,
}

/// A diagnostic in the page's words: places in UTF-16 units, lines and columns from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// SQLSTATE or exception class.
    pub code: String,
    /// Whether the statement failed or only deserves attention.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// Where it is, when it has a place.
    pub place: Option<Place>,
    /// Ways to mend it, each a sentence.
    pub hints: Vec<String>,
    /// Of Python code: the traceback as CPython prints it.
    pub traceback: Option<String>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    /// It did not run.
    Error,
    /// It ran.
    Warning,
}

/// A range in the text that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// First UTF-16 unit, from 0.
    pub from: u32,
    /// The unit after the last.
    pub to: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Messages up to this many bytes are copied across: moving their memory costs more than copying.
pub const COPIED: usize = 16 << 10;

/// A message as bytes.
///
/// Fails only for values that have no encoding, which the types here do not have; an empty
/// message is then sent and refused by the reader.
pub fn encode<T: Serialize>(id: RequestId, message: &T) -> Vec<u8> {
    postcard::to_allocvec(&(id, message)).unwrap_or_default()
}

/// The id and the message of bytes; `None` when they are no such message.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<(RequestId, T)> {
    postcard::from_bytes(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_the_crossing() {
        let request = Request::Query {
            sql: "SELECT $1 -- é".into(),
            runs: vec![vec![Param::Int(-5), Param::Null], vec![]],
        };
        assert_eq!(decode(&encode(7, &request)), Some((7, request)));
    }

    #[test]
    fn bytes_that_are_no_message_are_refused() {
        assert_eq!(decode::<Request>(&[1, 200, 3]), None);
        assert_eq!(decode::<Request>(&[]), None);
    }

    #[test]
    fn sizes_are_found_by_name() {
        assert_eq!(Size::from_name("MEDIUM"), Some(Size::Medium));
        assert_eq!(Size::from_name("huge"), None);
    }
}
