//! `market run FILE`: runs a file on the sample data.

use super::arguments::RunOptions;
use super::print::Answer;
use super::{clock, read, say};
use crate::session::Session;
use std::io::Read;
use std::process::ExitCode;

/// Runs the file and prints what it gives.
pub(super) fn run(options: &RunOptions) -> Result<ExitCode, String> {
    let code = match options.file.as_str() {
        "-" => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|error| format!("standard input: {error}"))?;
            text
        }
        file => read(file)?,
    };
    let mut session = Session::new(clock);
    let mut world = session
        .fresh(options.size)
        .map_err(|error| error.to_string())?;
    let answer = Answer::of(&mut world, options.language, &code, options.format);
    say(&answer.output);
    for note in &answer.notes {
        eprintln!("{note}");
    }
    match answer.error {
        None => Ok(ExitCode::SUCCESS),
        Some(error) => Err(error),
    }
}
