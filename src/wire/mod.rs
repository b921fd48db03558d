//! What page and worker say to each other: plain data, one enum of requests, one of replies.
//!
//! Holds no logic and knows neither the DOM nor the engine. Messages cross as bytes ([`encode`],
//! [`decode`]); the rows of the programmable page travel beside them as a [`block`], which the
//! page's script reads without copying it into wasm.

mod assist;
pub mod block;
pub mod chart;
mod journal;
mod market;
mod plan;
mod problem;
mod queries;
mod reply;
mod request;
mod table;

pub use crate::report::plain::Plain;
pub use crate::report::{dashboard, frames, help, lost_update};
pub use assist::{AssistKind, AssistReport, Suggestion};
pub use market::{ColumnInfo, MarketInfo, Size, TableInfo};
pub use plan::{PlanInfo, PlanMode, PlanNode};
pub use problem::{Place, Problem, Severity};
pub use queries::{Advice, MOST_QUERIES, QueryInfo, QueryReport, QueryRole};
pub use reply::{Changes, DjangoReport, Event, Reply, RunReport, StatementReport, ValueReport};
pub use request::{JournalEntry, Request};
pub use table::{Area, ColumnHead, ColumnKind, Format, Param, RowPage, TableHead, ValuesHead};

use serde::{Deserialize, Serialize};

/// Ties a reply to its request. Zero is the worker speaking on its own ([`Event`]).
pub type RequestId = u32;

/// A part of the page that runs code and shows results: the playground or a panel of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PanelId(pub u32);

impl PanelId {
    /// The playground.
    pub const PLAYGROUND: Self = Self(0);
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
