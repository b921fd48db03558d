//! The query log: every statement of a run, how many look alike, and what to do about many of them.
//!
//! Similar and duplicate statements are counted as django-debug-toolbar counts them: similar ones
//! share their text but for the values, duplicates share the values too; a count is the size of
//! the group, and transaction control takes no part.

use crate::base::{SourceText, Span};
use crate::orm::connection::{Part, Reach, RelationLoad};
use crate::orm::{Cause, Effect};
use crate::shell::django::Recording;
use std::collections::BTreeMap;

/// From how many look-alikes on there is advice.
const MANY: usize = 3;

/// A statement that ran.
#[derive(Clone, Debug)]
pub struct Query {
    /// The text that ran.
    pub sql: String,
    /// The text with `%s` for each value; of typed SQL the text itself.
    pub template: String,
    /// The values, as SQL writes them.
    pub params: Vec<String>,
    /// When it began, in milliseconds since the run did.
    pub start: f64,
    /// Milliseconds that it took.
    pub ms: f64,
    /// Rows given or changed; `None` when it failed.
    pub rows: Option<u64>,
    /// Where in the typed code it came from.
    pub place: Option<Span>,
    /// What it does.
    pub effect: Effect,
    /// Whether it belongs to the code or to its transactions.
    pub role: Role,
    /// How many statements of the run share its template, itself included; 1 when none does.
    pub similar: u32,
    /// How many share its values too, itself included; 1 when none does.
    pub duplicate: u32,
    /// The relation or value whose loading it is.
    pub cause: Option<Cause>,
}

impl Query {
    /// What is loaded, when touching an instance loaded something: `Order.customer`.
    pub fn loads(&self) -> Option<String> {
        match self.cause.as_ref()? {
            Cause::Relation(load) => Some(format!("{}.{}", load.model, load.attribute)),
            Cause::Deferred { model, field } => Some(format!("{model}.{field}")),
            Cause::Transaction | Cause::Migration => None,
        }
    }
}

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The code's own.
    Statement,
    /// `BEGIN`, `SAVEPOINT`, `COMMIT` and their like.
    Control,
    /// What `migrate` would run for a model.
    Migration,
}

/// What a person may do about many statements that look alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// How many statements it is about.
    pub count: usize,
    /// What they do: `queries for Order.customer`.
    pub what: String,
    /// Where in the typed code they come from.
    pub place: Option<Span>,
    /// What to do: ``add `select_related('customer')` ``.
    pub mend: String,
}

impl Advice {
    /// The whole sentence: ``14 queries for Order.customer, line 3: add `select_related('customer')` ``.
    pub fn sentence(&self, source: &SourceText) -> String {
        let line = self.place.map_or_else(String::new, |span| {
            format!(", line {}", source.line_column(span.start).line)
        });
        format!("{} {}{line}: {}", self.count, self.what, self.mend)
    }
}

/// The statements of a run.
#[derive(Clone, Debug, Default)]
pub struct QueryLog {
    /// In order.
    pub queries: Vec<Query>,
}

impl QueryLog {
    /// A log of these statements, counted.
    pub fn new(mut queries: Vec<Query>) -> Self {
        let mut similar: BTreeMap<String, u32> = BTreeMap::new();
        let mut duplicate: BTreeMap<String, u32> = BTreeMap::new();
        let counted = |query: &&mut Query| query.role == Role::Statement;
        for query in queries.iter_mut().filter(counted) {
            *similar.entry(query.template.clone()).or_default() += 1;
            *duplicate.entry(query.sql.clone()).or_default() += 1;
        }
        for query in queries.iter_mut().filter(counted) {
            query.similar = similar.get(&query.template).copied().unwrap_or(1);
            query.duplicate = duplicate.get(&query.sql).copied().unwrap_or(1);
        }
        Self { queries }
    }

    /// How many statements the code ran, transaction control and migrations left out.
    pub fn count(&self) -> usize {
        let queries = self.queries.iter();
        queries
            .filter(|query| query.role == Role::Statement)
            .count()
    }

    /// What to do about look-alikes, the most frequent first.
    pub fn advice(&self, source: &SourceText) -> Vec<Advice> {
        let mut groups: BTreeMap<(u32, Subject), Vec<&Query>> = BTreeMap::new();
        for query in &self.queries {
            let line = query
                .place
                .map_or(0, |span| source.line_column(span.start).line);
            if let Some(subject) = Subject::of(query) {
                groups.entry((line, subject)).or_default().push(query);
            }
        }
        let mut advice: Vec<Advice> = groups
            .into_iter()
            .filter(|(_, queries)| queries.len() >= MANY)
            .map(|((_, subject), queries)| Advice {
                count: queries.len(),
                what: subject.what(),
                place: queries.first().and_then(|query| query.place),
                mend: subject.mend(queries.first().copied()),
            })
            .collect();
        // The sort is stable, so equal counts stay in the order of their lines.
        advice.sort_by_key(|advice| std::cmp::Reverse(advice.count));
        advice
    }
}

/// What a group of look-alikes is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    /// Loads of a relation, `Order` and `customer`.
    Relation(String, String),
    /// Loads of a deferred value.
    Deferred(String, String),
    /// The very same question.
    Same(String),
    /// One question with several values.
    Similar(String),
    /// One change with several values.
    Changes(String),
}

impl Subject {
    fn of(query: &Query) -> Option<Self> {
        match &query.cause {
            Some(Cause::Transaction | Cause::Migration) => None,
            Some(Cause::Relation(load)) => {
                Some(Self::Relation(load.model.clone(), load.attribute.clone()))
            }
            Some(Cause::Deferred { model, field }) => {
                Some(Self::Deferred(model.clone(), field.clone()))
            }
            None if query.role != Role::Statement
                || query.params.is_empty() && query.duplicate < 2 =>
            {
                None
            }
            None => Some(match query.effect {
                Effect::Change => Self::Changes(query.template.clone()),
                Effect::Read if query.duplicate >= MANY as u32 => Self::Same(query.sql.clone()),
                Effect::Read => Self::Similar(query.template.clone()),
            }),
        }
    }

    fn what(&self) -> String {
        match self {
            Self::Relation(model, attribute) => format!("queries for {model}.{attribute}"),
            Self::Deferred(model, field) => format!("queries for the deferred {model}.{field}"),
            Self::Same(_) => "times the same query".to_owned(),
            Self::Similar(_) => "similar queries".to_owned(),
            Self::Changes(_) => "similar changes".to_owned(),
        }
    }

    fn mend(&self, first: Option<&Query>) -> String {
        match self {
            Self::Relation(..) => match first.and_then(|query| query.cause.as_ref()) {
                Some(Cause::Relation(load)) => mend_relation(load),
                _ => String::new(),
            },
            Self::Deferred(_, field) => format!("take `{field}` into `only()`"),
            Self::Same(_) => "keep its result in a variable".to_owned(),
            Self::Similar(_) => {
                "ask once before the loop, with `__in`, `annotate()` or `in_bulk()`".to_owned()
            }
            Self::Changes(_) => "use `bulk_create()`, `bulk_update()` or one `update()`".to_owned(),
        }
    }
}

fn mend_relation(load: &RelationLoad) -> String {
    let path = &load.way.path;
    let to = match load.way.root == load.model {
        true => String::new(),
        false => format!(" to the {} queryset", load.way.root),
    };
    match (load.way.reach, load.part) {
        (Reach::One, _) => format!("add `select_related('{path}')`{to}"),
        (Reach::Many, Part::All) => format!("add `prefetch_related('{path}')`{to}"),
        (Reach::Many, Part::Some) => format!(
            "add `prefetch_related(Prefetch('{path}', queryset=…))`{to}, or compute it with \
             `annotate()`"
        ),
    }
}

impl Query {
    /// A recording as an entry of the log; the run began at `begun` of the same clock.
    pub fn of(recording: &Recording, begun: f64) -> Self {
        let params = recording.sql.params.iter().map(|value| {
            let mut text = String::new();
            crate::orm::sql::literal(&mut text, value);
            text.trim_start().to_owned()
        });
        Self {
            sql: recording.sql.text(),
            template: recording.sql.template.clone(),
            params: params.collect(),
            start: recording.start - begun,
            ms: recording.ms,
            rows: recording.rows,
            place: recording.place,
            effect: recording.effect,
            role: match recording.cause {
                Some(Cause::Transaction) => Role::Control,
                Some(Cause::Migration) => Role::Migration,
                Some(Cause::Relation(_) | Cause::Deferred { .. }) | None => Role::Statement,
            },
            similar: 1,
            duplicate: 1,
            cause: recording.cause.clone(),
        }
    }
}
