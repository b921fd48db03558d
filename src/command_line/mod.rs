//! The native command line: runs files and case files, reads what is typed, checks lesson pages.
//!
//! What was asked for goes to standard output; times, advice and errors go to standard error.

mod arguments;
mod cases;
mod check;
mod complete;
mod json;
mod print;
mod run;
mod shell;

use arguments::Command;
use std::io::Write;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;

const USAGE: &str = "\
usage: market run FILE [--format table|json|csv] [--size small|medium|large]
                  [--language django|sql]
       market shell [--format table|json|csv] [--size small|medium|large]
                    [--language django|sql]
       market cases CASES.json... [--fixture FIXTURE.json] [--only TEXT]
                    [--print differences|statements]
       market check LESSON.md...

run    runs a file on the sample data and prints what its statements give, or of
       Django code what it prints and the value of its last line; FILE.py is
       Django code, any other file SQL, - standard input
shell  runs what is typed, piece by piece; \\help tells more
cases  runs Django snippets with recorded answers and says which differ, and how
check  tells what is wrong with lesson pages

The status is 0 when all went well, 1 when something failed, 2 for wrong usage.";

/// The stack that code runs on: it may call itself hundreds of times, and unoptimised builds need
/// most for that.
const STACK: usize = 256 << 20;

/// Runs the command line.
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
    let command = match arguments::parse(arguments) {
        Ok(command) => command,
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK);
    match thread.spawn(move || run(command)).map(|it| it.join()) {
        Ok(Ok(code)) => code,
        // Either way there is a message on standard error.
        Ok(Err(_)) => ExitCode::FAILURE,
        Err(error) => failure(&error.to_string()),
    }
}

fn run(command: Command) -> ExitCode {
    let result = match command {
        Command::Help => {
            say(&format!("{USAGE}\n"));
            return ExitCode::SUCCESS;
        }
        Command::Run(options) => run::run(&options),
        Command::Shell(options) => shell::shell(options),
        Command::Cases(options) => cases::cases(&options),
        Command::Check(files) => return check::check(&files),
    };
    match result {
        Ok(code) => code,
        Err(message) => failure(&message),
    }
}

fn failure(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}

/// Prints. A reader that closes early, such as `head`, is no fault.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// A file's text.
fn read(file: &str) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))
}

/// Milliseconds since the program's start.
fn clock() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
}
