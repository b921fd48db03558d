//! The tabs of a result.

use crate::wire::{Language, RunReport};

/// What a result shows of its run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResultTab {
    /// The table, or the value, and what was printed.
    #[default]
    Result,
    /// The statements that Django code caused.
    Sql,
    /// How the engine runs the statements.
    Plan,
    /// The query log.
    Queries,
}

impl ResultTab {
    /// The tabs of a run, left to right.
    pub fn of(language: Language, report: &RunReport) -> Vec<Self> {
        let ran = !report.queries.queries.is_empty();
        match (language, ran) {
            (_, false) => vec![Self::Result],
            (Language::Sql, true) => vec![Self::Result, Self::Plan, Self::Queries],
            (Language::Django, true) => vec![Self::Result, Self::Sql, Self::Plan, Self::Queries],
        }
    }

    /// What stands on it.
    pub fn label(self, report: &RunReport) -> String {
        match self {
            Self::Result => "Result".to_owned(),
            Self::Sql => "SQL".to_owned(),
            Self::Plan => "Plan".to_owned(),
            Self::Queries => format!("Queries {}", report.queries.count),
        }
    }
}
