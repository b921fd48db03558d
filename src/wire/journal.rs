//! What messages say of the data: whether it may have changed, and what a replay needs.

use super::{Changes, JournalEntry, Language, Reply, Request, World};

impl Request {
    /// What the request brings into the journal, if it changes the data; Django code brings what
    /// its report says.
    pub fn journal_entry(&self) -> Option<JournalEntry> {
        match self {
            Self::Run {
                world: World::Main,
                language: Language::Sql,
                code: sql,
                ..
            }
            | Self::Execute { sql } => Some(JournalEntry::Script(sql.clone())),
            Self::Query { sql, runs } => Some(JournalEntry::Statement(sql.clone(), runs.clone())),
            Self::Run { .. }
            | Self::Django { .. }
            | Self::Plan { .. }
            | Self::Rows { .. }
            | Self::Export { .. }
            | Self::Reset { .. }
            | Self::Restore { .. }
            | Self::Assist { .. }
            | Self::Catalog
            | Self::ReadLesson { .. }
            | Self::CheckAnswer { .. }
            | Self::Help { .. }
            | Self::ChartRows { .. }
            | Self::LostUpdate { .. }
            | Self::Frames { .. }
            | Self::Dashboard { .. } => None,
        }
    }
}

impl Reply {
    /// Whether it says that the data may have changed.
    pub fn changes(&self) -> Changes {
        self.effects().0
    }

    /// What it says of the data: whether it may have changed, and the steps that Django code
    /// brings into the journal.
    pub fn effects(&self) -> (Changes, &[JournalEntry]) {
        match self {
            Self::Ran(report) => (report.changes, &report.journal),
            Self::Django(report) => (report.changes, &report.journal),
            Self::Values { changes, .. } => (*changes, &[]),
            Self::Rows(_)
            | Self::Assist(_)
            | Self::Exported(_)
            | Self::Market(_)
            | Self::Catalog(_)
            | Self::Plan(_)
            | Self::Lesson(..)
            | Self::Verdict(_)
            | Self::Help(_)
            | Self::Dashboard(_)
            | Self::ChartRows(_)
            | Self::LostUpdate(_)
            | Self::Frames(_)
            | Self::Failed(_) => (Changes::None, &[]),
        }
    }
}
