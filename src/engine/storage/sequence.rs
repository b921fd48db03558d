//! The state of sequences.

use crate::base::diagnostic::sqlstate;
use crate::base::{Code, Diagnostic, Result};
use crate::engine::catalog::{Cycle, Sequence};

/// Where a sequence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceState {
    /// The number it gave last, or the one it gives next.
    pub last: i64,
    /// Which of the two `last` is.
    pub position: Position,
}

/// What the last number of a sequence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// It has been given.
    Given,
    /// It comes next.
    Next,
}

impl SequenceState {
    /// The state before the first number.
    pub fn new(definition: &Sequence) -> Self {
        Self {
            last: definition.start,
            position: Position::Next,
        }
    }

    /// Gives the next number.
    pub fn advance(&mut self, definition: &Sequence) -> Result<i64> {
        let next = match self.position {
            Position::Next => self.last,
            Position::Given => {
                let up = definition.increment > 0;
                let next = self
                    .last
                    .checked_add(definition.increment)
                    .filter(|next| (definition.minimum..=definition.maximum).contains(next));
                match (next, definition.cycle, up) {
                    (Some(next), _, _) => next,
                    (None, Cycle::Cycle, true) => definition.minimum,
                    (None, Cycle::Cycle, false) => definition.maximum,
                    (None, Cycle::NoCycle, _) => return Err(exhausted(definition, up)),
                }
            }
        };
        *self = Self {
            last: next,
            position: Position::Given,
        };
        Ok(next)
    }

    /// Sets it, as `setval` does.
    pub fn set(&mut self, definition: &Sequence, value: i64, position: Position) -> Result<()> {
        if !(definition.minimum..=definition.maximum).contains(&value) {
            return Err(Diagnostic::error(
                sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                format!(
                    "setval: value {value} is out of bounds for sequence \"{}\" ({}..{})",
                    definition.name, definition.minimum, definition.maximum
                ),
            ));
        }
        *self = Self {
            last: value,
            position,
        };
        Ok(())
    }
}

fn exhausted(definition: &Sequence, up: bool) -> Box<Diagnostic> {
    let (end, limit) = if up {
        ("maximum", definition.maximum)
    } else {
        ("minimum", definition.minimum)
    };
    Diagnostic::error(
        Code::new("2200H"),
        format!(
            "nextval: reached {end} value of sequence \"{}\" ({limit})",
            definition.name
        ),
    )
}
