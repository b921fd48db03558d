//! `market shell`: runs what is typed, piece by piece, in a world that remembers.
//!
//! Words that start with a backslash are for the shell itself, as in psql.

mod input;

use super::arguments::{FORMATS, Format, ShellOptions};
use super::print::Answer;
use super::{clock, say};
use crate::session::{Language, Session, World};
use input::{Input, Typed};
use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;

const HELP: &str = "\
\\django       read Django code: a block ends with an empty line
\\sql          read SQL: a statement ends with a semicolon
\\format NAME  print results as table, json or csv
\\q            leave
";

/// Reads and runs until the end of the input. The status tells of errors only where nobody sees
/// them happen: when the input is no terminal.
pub(super) fn shell(options: ShellOptions) -> Result<ExitCode, String> {
    let mut session = Session::new(clock);
    let world = session
        .fresh(options.size)
        .map_err(|error| error.to_string())?;
    let world = Rc::new(RefCell::new(world));
    let mut input = Input::open(world.clone(), options.language)?;
    let mut shell = Shell {
        world,
        language: options.language,
        format: options.format,
        failed: false,
    };
    if input.is_terminal() {
        say("Django code and SQL over the sample data; \\help tells more, \\q leaves.\n");
    }
    while let Some(typed) = input.read(shell.language)? {
        match typed {
            Typed::Code(code) => shell.run(&code),
            Typed::Order(order) => match shell.order(&order) {
                Next::GoOn => {}
                Next::Leave => break,
            },
        }
    }
    input.close();
    Ok(match shell.failed && !input.is_terminal() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

struct Shell {
    world: Rc<RefCell<World>>,
    language: Language,
    format: Format,
    failed: bool,
}

/// What comes after an order.
enum Next {
    GoOn,
    Leave,
}

impl Shell {
    fn run(&mut self, code: &str) {
        if code.trim().is_empty() {
            return;
        }
        let mut world = self.world.borrow_mut();
        let answer = Answer::of(&mut world, self.language, code, self.format);
        say(&answer.output);
        for note in &answer.notes {
            eprintln!("{note}");
        }
        if let Some(error) = &answer.error {
            eprintln!("{error}");
            self.failed = true;
        }
    }

    /// Does what a word with a backslash says.
    fn order(&mut self, order: &str) -> Next {
        let mut words = order.split_whitespace();
        match (words.next(), words.next()) {
            (Some("\\q" | "\\quit"), None) => return Next::Leave,
            (Some("\\django"), None) => self.language = Language::Django,
            (Some("\\sql"), None) => self.language = Language::Sql,
            (Some("\\help" | "\\?"), None) => say(HELP),
            (Some("\\format"), name) => {
                let found = FORMATS.iter().find(|(known, _)| Some(*known) == name);
                match found {
                    Some((_, format)) => self.format = *format,
                    None => self.refuse("\\format takes one of: table, json, csv"),
                }
            }
            _ => self.refuse(&format!(
                "there is no {order} here; \\help lists what there is"
            )),
        }
        Next::GoOn
    }

    fn refuse(&mut self, message: &str) {
        eprintln!("{message}");
        self.failed = true;
    }
}
