//! What brings a new shell to where another one was: definitions are run again, and of everything
//! else the statements that it caused. Variables are lost.

use crate::base::Span;
use crate::orm::Effect;
use crate::shell::django::Recording;
use std::rc::Rc;

/// Something to do again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Python code: a function, a class, an import.
    Code(String),
    /// A statement, whatever came of it then.
    Sql(String),
}

/// The steps of a run, in its order: its definitions, and the statements that changed something
/// but for those that a definition's own running brings again.
pub fn steps(
    code: &str,
    definitions: impl Iterator<Item = Span>,
    recordings: &[Rc<Recording>],
) -> Vec<Step> {
    let mut definitions = definitions.peekable();
    let mut steps = Vec::new();
    let mut current: Option<Span> = None;
    let define = |span: Span| {
        let text = code.get(span.start as usize..span.end as usize);
        Step::Code(text.unwrap_or_default().to_owned())
    };
    for recording in recordings {
        let at = recording.statement.map_or(u32::MAX, |span| span.start);
        while let Some(span) = definitions.next_if(|span| span.start <= at) {
            current = Some(span);
            steps.push(define(span));
        }
        let defining = current.is_some_and(|span| (span.start..span.end).contains(&at));
        if recording.effect == Effect::Change && !defining {
            steps.push(Step::Sql(recording.sql.text()));
        }
    }
    steps.extend(definitions.map(define));
    steps
}
