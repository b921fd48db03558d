//! Help while code is typed. Nothing is run.

use super::world::{Language, World};
use crate::base::Diagnostic;
use crate::shell;
use crate::shell::assist::{self, Description, Signature, Suggestions};
use crate::sql;

impl World {
    /// The names that fit at a byte of Django code.
    pub fn suggest(&mut self, code: &str, cursor: u32) -> Suggestions {
        self.with_shell(|vm, names| assist::suggest(vm, names, code, cursor))
            .unwrap_or_default()
    }

    /// What there is to say about the name at a byte of Django code.
    pub fn describe(&mut self, code: &str, at: u32) -> Option<Description> {
        self.with_shell(|vm, names| assist::describe(vm, names, code, at))
            .flatten()
    }

    /// The call around a byte of Django code.
    pub fn signature(&mut self, code: &str, cursor: u32) -> Option<Signature> {
        self.with_shell(|vm, names| assist::signature(vm, names, code, cursor))
            .flatten()
    }
}

/// What can be said to be wrong with code before it runs: its form.
pub fn problems(language: Language, code: &str) -> Vec<Diagnostic> {
    match language {
        Language::Django => shell::parse(code).diagnostics,
        Language::Sql => match sql::parse(code) {
            Ok(_) => Vec::new(),
            Err(error) => vec![*error],
        },
    }
}
