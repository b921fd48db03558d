//! What the page asks for.

use super::{
    Area, AssistKind, Format, Language, PanelId, Param, PlanMode, Size, World, chart, dashboard,
    frames, lost_update,
};
use crate::lessons::lesson;
use serde::{Deserialize, Serialize};

/// What the page asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Runs code and keeps its result sets for the panel. Answer: `Reply::Ran`.
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
    /// The plan of a statement of the panel's last run. Answer: `Reply::Plan`.
    Plan {
        /// Whose run.
        panel: PanelId,
        /// Which of its statements, from 0.
        query: u32,
        /// Whether its query runs for the figures.
        mode: PlanMode,
    },
    /// Help with code that is being typed. Answer: `Reply::Assist`.
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
    /// Django code for a program. Answer: `Reply::Django`.
    Django {
        /// The code.
        code: String,
    },
    /// Rows of a kept result set. Answer: `Reply::Rows`.
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
    /// A kept result set, or a part of it, as text. Answer: `Reply::Exported`.
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
    /// Throws everything away and seeds anew. Answer: `Reply::Market`.
    Reset {
        /// How much data.
        size: Size,
    },
    /// Brings a new worker to where its predecessor was: seeds, then replays. Answer:
    /// `Reply::Market`.
    Restore {
        /// How much data.
        size: Size,
        /// What changed the data since, in order.
        journal: Vec<JournalEntry>,
    },
    /// The tables that there are now. Answer: `Reply::Catalog`.
    Catalog,
    /// A page of the course, read. Answer: `Reply::Lesson`.
    ReadLesson {
        /// Its text.
        text: String,
    },
    /// Whether an answer to an exercise is right. Answer: `Reply::Verdict`.
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
    /// Rows of a kept result set for a chart. Answer: `Reply::ChartRows`.
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
    /// The lost update from its start. Answer: `Reply::LostUpdate`.
    LostUpdate {
        /// How the sessions go about it.
        scenario: lost_update::Scenario,
        /// How many steps they have taken.
        steps: u32,
    },
    /// The frames of a window. Answer: `Reply::Frames`.
    Frames {
        /// The window.
        choice: frames::Choice,
    },
    /// What is supported of a language. Answer: `Reply::Help`.
    Help {
        /// Of which.
        language: Language,
    },
    /// The dashboard's tiles. Answer: `Reply::Dashboard`.
    Dashboard {
        /// What a person chose.
        filter: dashboard::DashboardFilter,
    },
    /// One statement for a program, once for each set of parameters. Answer: `Reply::Values`
    /// with a block for each.
    Query {
        /// The statement.
        sql: String,
        /// The parameters of each run.
        runs: Vec<Vec<Param>>,
    },
    /// A script for a program. Answer: `Reply::Values` with a block for each statement that
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
