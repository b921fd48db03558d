//! The tabs of a result.

use crate::wire::{Language, RunReport, TableHead};

/// What a result shows of its run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResultTab {
    /// The table, or the value, and what was printed.
    #[default]
    Result,
    /// The table as a chart.
    Chart,
    /// The statements that Django code caused.
    Sql,
    /// How the engine runs the statements.
    Plan,
    /// The query log.
    Queries,
}

impl ResultTab {
    /// The tabs of a run, left to right; the chart is of the table that is shown, if one is.
    pub fn of(language: Language, report: &RunReport, table: Option<&TableHead>) -> Vec<Self> {
        let ran = !report.queries.queries.is_empty();
        let mut tabs = vec![Self::Result];
        tabs.extend(table.map(|_| Self::Chart));
        tabs.extend_from_slice(match (language, ran) {
            (_, false) => &[],
            (Language::Sql, true) => &[Self::Plan, Self::Queries],
            (Language::Django, true) => &[Self::Sql, Self::Plan, Self::Queries],
        });
        tabs
    }

    /// What stands on it.
    pub fn label(self, report: &RunReport) -> String {
        match self {
            Self::Result => "Result".to_owned(),
            Self::Chart => "Chart".to_owned(),
            Self::Sql => "SQL".to_owned(),
            Self::Plan => "Plan".to_owned(),
            Self::Queries => format!("Queries {}", report.queries.count),
        }
    }
}
