//! CREATE SEQUENCE.

use super::name::table_name;
use super::{Definer, Done, Existence, already_exists, relation_exists, unset, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Type};
use crate::engine::bind;
use crate::engine::catalog::{Cycle, Sequence};
use crate::engine::storage::{Position, SequenceState};
use crate::sql::{ALTER_MARK, RESTART_MARK};
use sqlparser::ast::{self, ObjectNamePart, SequenceOptions};
use std::sync::Arc;

/// What a sequence counts.
pub(super) struct Numbers {
    pub(super) start: i64,
    pub(super) increment: i64,
    pub(super) minimum: i64,
    pub(super) maximum: i64,
    pub(super) cycle: Cycle,
}

/// Reads the options of a sequence over an integer type.
pub(super) fn numbers(options: &[SequenceOptions], ty: &Type) -> Result<Numbers> {
    let (lowest, highest) = match ty {
        Type::SmallInt => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Type::Integer => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    let (mut increment, mut cycle) = (1, Cycle::NoCycle);
    let (mut minimum, mut maximum, mut start) = (None, None, None);
    for option in options {
        match option {
            SequenceOptions::IncrementBy(by, _) => increment = integer(by)?,
            SequenceOptions::MinValue(value) => {
                minimum = value.as_ref().map(integer).transpose()?;
            }
            SequenceOptions::MaxValue(value) => {
                maximum = value.as_ref().map(integer).transpose()?;
            }
            SequenceOptions::StartWith(value, _) => start = Some(integer(value)?),
            // Numbers are never kept ready, so there is nothing to count.
            SequenceOptions::Cache(value) => {
                integer(value)?;
            }
            // sqlparser says true for NO CYCLE.
            SequenceOptions::Cycle(no) => {
                cycle = match no {
                    true => Cycle::NoCycle,
                    false => Cycle::Cycle,
                }
            }
        }
    }
    if increment == 0 {
        return Err(invalid("INCREMENT must not be zero".to_owned()));
    }
    let up = increment > 0;
    let minimum = minimum.unwrap_or(if up { 1 } else { lowest });
    let maximum = maximum.unwrap_or(if up { highest } else { -1 });
    if minimum >= maximum {
        return Err(invalid(format!(
            "MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})"
        )));
    }
    let start = start.unwrap_or(if up { minimum } else { maximum });
    if start < minimum {
        return Err(invalid(format!(
            "START value ({start}) cannot be less than MINVALUE ({minimum})"
        )));
    }
    if start > maximum {
        return Err(invalid(format!(
            "START value ({start}) cannot be greater than MAXVALUE ({maximum})"
        )));
    }
    Ok(Numbers {
        start,
        increment,
        minimum,
        maximum,
        cycle,
    })
}

fn integer(expr: &ast::Expr) -> Result<i64> {
    let text = expr.to_string();
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .parse()
        .map_err(|_| invalid(format!("invalid number for a sequence: {text}")))
}

fn invalid(message: String) -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::INVALID_PARAMETER_VALUE, message)
}

impl Definer<'_> {
    pub(super) fn create_sequence(
        &mut self,
        name: &ast::ObjectName,
        existence: Existence,
        ty: Option<&ast::DataType>,
        options: &[SequenceOptions],
        owned_by: Option<&ast::ObjectName>,
    ) -> Result<Done> {
        if let [
            ObjectNamePart::Identifier(first),
            ObjectNamePart::Identifier(restart),
            rest @ ..,
        ] = name.0.as_slice()
            && first.value == ALTER_MARK
        {
            let name = ast::ObjectName(rest.to_vec());
            let owned = owned_by.is_some();
            unset(owned || ty.is_some(), "this form of ALTER SEQUENCE", None)?;
            return self.alter_sequence(&name, existence, options, &restart.value);
        }
        let named = table_name(name)?;
        if relation_exists(self.storage.catalog(), &named.name) {
            if existence == Existence::Optional {
                self.notice(format!(
                    "relation \"{}\" already exists, skipping",
                    named.name
                ));
                return Ok(Done::command("CREATE SEQUENCE"));
            }
            return Err(already_exists(&named));
        }
        let owned = owned_by.is_some_and(|owner| owner.to_string().to_lowercase() != "none");
        unset(owned, "OWNED BY", named.span)?;
        let ty = match ty {
            Some(ty) => bind::column_type(ty, named.span)?,
            None => Type::BigInt,
        };
        if !ty.is_integer() {
            return Err(unsupported("a sequence of this type", named.span));
        }
        let Numbers {
            start,
            increment,
            minimum,
            maximum,
            cycle,
        } = numbers(options, &ty)?;
        self.put_sequence(Sequence {
            name: named.name,
            start,
            increment,
            minimum,
            maximum,
            cycle,
            owner: None,
        });
        Ok(Done::command("CREATE SEQUENCE"))
    }

    /// `ALTER SEQUENCE`: options that are not named keep their values.
    fn alter_sequence(
        &mut self,
        name: &ast::ObjectName,
        existence: Existence,
        options: &[SequenceOptions],
        restart: &str,
    ) -> Result<Done> {
        let named = table_name(name)?;
        let Some(old) = self.storage.catalog().sequences.get(&named.name).cloned() else {
            if existence == Existence::Optional {
                self.notice(format!(
                    "relation \"{}\" does not exist, skipping",
                    named.name
                ));
                return Ok(Done::command("ALTER SEQUENCE"));
            }
            return Err(named.missing("relation"));
        };
        let keeps = |kind: fn(&SequenceOptions) -> bool| !options.iter().any(kind);
        let mut all = options.to_vec();
        let number = |value: i64| {
            let digits = ast::Value::Number(value.to_string(), false);
            ast::Expr::Value(digits.with_empty_span())
        };
        if keeps(|option| matches!(option, SequenceOptions::IncrementBy(..))) {
            all.push(SequenceOptions::IncrementBy(number(old.increment), false));
        }
        if keeps(|option| matches!(option, SequenceOptions::MinValue(_))) {
            all.push(SequenceOptions::MinValue(Some(number(old.minimum))));
        }
        if keeps(|option| matches!(option, SequenceOptions::MaxValue(_))) {
            all.push(SequenceOptions::MaxValue(Some(number(old.maximum))));
        }
        if keeps(|option| matches!(option, SequenceOptions::StartWith(..))) {
            all.push(SequenceOptions::StartWith(number(old.start), false));
        }
        if keeps(|option| matches!(option, SequenceOptions::Cycle(_))) {
            all.push(SequenceOptions::Cycle(old.cycle == Cycle::NoCycle));
        }
        let Numbers {
            start,
            increment,
            minimum,
            maximum,
            cycle,
        } = numbers(&all, &Type::BigInt)?;
        let sequence = Sequence {
            start,
            increment,
            minimum,
            maximum,
            cycle,
            ..(*old).clone()
        };
        let mut state = self.storage.sequence(&named.name);
        if let Some(text) = restart.strip_prefix(RESTART_MARK) {
            let text = text.trim();
            let next = match text.is_empty() {
                true => sequence.start,
                false => text
                    .parse()
                    .map_err(|_| invalid(format!("invalid number for a sequence: {text}")))?,
            };
            if !(minimum..=maximum).contains(&next) {
                let (word, bound) = match next < minimum {
                    true => ("less than MINVALUE", minimum),
                    false => ("greater than MAXVALUE", maximum),
                };
                return Err(invalid(format!(
                    "RESTART value ({next}) cannot be {word} ({bound})"
                )));
            }
            state = Some(SequenceState {
                last: next,
                position: Position::Next,
            });
        }
        self.transaction.forget(&named.name);
        if let Some(state) = state {
            self.storage.put_sequence(named.name.clone(), state);
        }
        let sequences = &mut self.storage.catalog_mut().sequences;
        sequences.insert(named.name, Arc::new(sequence));
        Ok(Done::command("ALTER SEQUENCE"))
    }

    pub(super) fn put_sequence(&mut self, sequence: Sequence) {
        self.transaction.forget(&sequence.name);
        let state = SequenceState::new(&sequence);
        self.storage.put_sequence(sequence.name.clone(), state);
        let sequences = &mut self.storage.catalog_mut().sequences;
        sequences.insert(sequence.name.clone(), Arc::new(sequence));
    }

    pub(super) fn remove_sequence(&mut self, name: &str) {
        self.transaction.forget(name);
        self.storage.catalog_mut().sequences.remove(name);
        self.storage.remove_sequence(name);
    }
}
