//! Where the shell's input comes from: a line editor with history and completion on a terminal,
//! plain lines otherwise.

use crate::command_line::complete::is_complete;
use crate::session::{Language, World};
use rustyline::completion::{Completer, Pair};
use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Editor, Helper};
use std::cell::{Cell, RefCell};
use std::io::{BufRead, IsTerminal, StdinLock};
use std::path::PathBuf;
use std::rc::Rc;

/// How many inputs the history keeps.
const HISTORY: usize = 1000;

/// A piece of input.
pub(super) enum Typed {
    /// Code to run.
    Code(String),
    /// A line for the shell itself: it starts with a backslash.
    Order(String),
}

/// The input.
pub(super) enum Input {
    /// A person types.
    Terminal {
        editor: Box<Editor<Help, FileHistory>>,
        /// Where the history is kept; `None` where the system names no place for it.
        history: Option<PathBuf>,
    },
    /// Something else writes.
    Lines(StdinLock<'static>),
}

impl Input {
    /// The input of this process.
    pub fn open(world: Rc<RefCell<World>>, language: Language) -> Result<Self, String> {
        let stdin = std::io::stdin();
        if !stdin.is_terminal() {
            return Ok(Self::Lines(stdin.lock()));
        }
        let mut editor = Editor::new().map_err(|error| error.to_string())?;
        editor.set_max_history_size(HISTORY).ok();
        editor.set_helper(Some(Help {
            world,
            language: Cell::new(language),
        }));
        let history = history_file();
        if let Some(file) = &history {
            // There is none before the first time.
            editor.load_history(file).ok();
        }
        Ok(Self::Terminal {
            editor: Box::new(editor),
            history,
        })
    }

    /// Whether a person types.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal { .. })
    }

    /// The next piece; `None` at the end.
    pub fn read(&mut self, language: Language) -> Result<Option<Typed>, String> {
        let text = match self {
            Self::Terminal { editor, .. } => {
                if let Some(help) = editor.helper() {
                    help.language.set(language);
                }
                let prompt = match language {
                    Language::Django => ">>> ",
                    Language::Sql => "sql> ",
                };
                match editor.readline(prompt) {
                    Ok(text) => {
                        editor.add_history_entry(text.trim_end()).ok();
                        text
                    }
                    // Ctrl-C drops what was typed, Ctrl-D leaves.
                    Err(ReadlineError::Interrupted) => String::new(),
                    Err(ReadlineError::Eof) => return Ok(None),
                    Err(error) => return Err(error.to_string()),
                }
            }
            Self::Lines(lines) => match piece(lines, language)? {
                Some(text) => text,
                None => return Ok(None),
            },
        };
        let word = text.trim();
        Ok(Some(match word {
            "exit" | "quit" | "exit()" | "quit()" => Typed::Order("\\q".into()),
            _ if word.starts_with('\\') => Typed::Order(word.to_owned()),
            _ => Typed::Code(text),
        }))
    }

    /// Keeps the history.
    pub fn close(&mut self) {
        if let Self::Terminal { editor, history } = self
            && let Some(file) = history
        {
            let folder = file.parent().map(std::fs::create_dir_all);
            // A history that cannot be kept is no reason to complain at the very end.
            if !matches!(folder, Some(Err(_))) {
                editor.save_history(file).ok();
            }
        }
    }
}

/// Lines until they are whole.
fn piece(lines: &mut impl BufRead, language: Language) -> Result<Option<String>, String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        let read = lines.read_line(&mut line);
        if read.map_err(|error| format!("standard input: {error}"))? == 0 {
            return Ok((!text.is_empty()).then_some(text));
        }
        text.push_str(line.trim_end_matches(['\n', '\r']));
        if text.trim_start().starts_with('\\') || is_complete(language, &text) {
            return Ok(Some(text));
        }
        text.push('\n');
    }
}

/// `$XDG_STATE_HOME/marketplace-analytics/history`, or its like under the home folder.
fn history_file() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state"));
    let folder = state.or_else(home)?;
    Some(folder.join("marketplace-analytics").join("history"))
}

/// What the line editor asks while something is typed.
pub(super) struct Help {
    world: Rc<RefCell<World>>,
    language: Cell<Language>,
}

impl Helper for Help {}
impl Hinter for Help {
    type Hint = String;
}
impl Highlighter for Help {}

impl Validator for Help {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        let whole = text.starts_with('\\') || is_complete(self.language.get(), text);
        Ok(match whole {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

impl Completer for Help {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let names = match (self.language.get(), self.world.try_borrow_mut()) {
            (Language::Django, Ok(mut world)) => world.suggest(line, at as u32),
            (Language::Django | Language::Sql, _) => return Ok((at, Vec::new())),
        };
        let pairs = names.items.into_iter().map(|name| Pair {
            display: name.label.clone(),
            replacement: name.label,
        });
        Ok((names.from as usize, pairs.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_pieces_and_the_end_closes_the_last() {
        let mut lines = "x = 1\nfor y in z:\n    f(\n\n)\n\nf(x,\n  y)\nif a:\n    b".as_bytes();
        let mut pieces = Vec::new();
        while let Ok(Some(text)) = piece(&mut lines, Language::Django) {
            pieces.push(text);
        }
        assert_eq!(
            pieces,
            [
                "x = 1",
                "for y in z:\n    f(\n\n)\n",
                "f(x,\n  y)",
                "if a:\n    b\n"
            ]
        );
    }
}
