//! Django snippets against the answers of real Django on PostgreSQL: result, exception, number of
//! queries. The harness is the library's (`cases`), as of `market cases`.
//!
//! `cases.json` is the public collection; `more_cases.json` is our own, which
//! `./dev oracle django tests/django/more_cases.json` records again; `model_cases.json` is about
//! models that a snippet defines, `many_cases.json` about their many-to-many relations;
//! `hunted_cases.json` has what snippets written in bulk found, and some hundreds of them;
//! `tests/lessons/answers.json`
//! has the Django code of the lessons; `querysets.json` has by name what random querysets found, and
//! some hundreds of them with short answers: `./dev oracle querysets` makes and judges more.
//! `DJANGO_CASES=FILE` and `DJANGO_FIXTURE=FILE` run another case file on other data. Without
//! them `tests/django/open.txt` lists the cases that still differ: the run fails when one that is
//! not listed differs, and when one that is listed no longer does.
//! Optimised code answers each case within [`PROMPT`], which the ten slowest that are printed show;
//! the run fails when one but those of [`LARGE`] takes [`SLACK`] times as long.
//! `DJANGO_TEXTS=1` shows the exceptions whose text is another than Django's.

use marketplace_analytics::cases::{CaseFile, Data, PROMPT, Report};
use std::process::ExitCode;

const FILES: [&str; 7] = [
    "tests/django/cases.json",
    "tests/django/more_cases.json",
    "tests/django/model_cases.json",
    "tests/django/many_cases.json",
    "tests/django/hunted_cases.json",
    "tests/django/querysets.json",
    "tests/lessons/answers.json",
];
const OPEN: &str = "tests/django/open.txt";

/// Cases that may take longer than [`PROMPT`]: they load, write or delete all that there is.
const LARGE: [&str; 1] = ["phase_3_f_expressions / Update without fetching / 1"];

/// How much slower than the one that the limit was set on a test machine may be.
const SLACK: u32 = 2;

fn main() -> ExitCode {
    // Unoptimised code needs more stack than a thread has by default.
    let run = std::thread::Builder::new().stack_size(256 << 20).spawn(run);
    match run.map(|thread| thread.join()) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn run() -> bool {
    let given = std::env::var("DJANGO_CASES").ok();
    let only: Option<String> = std::env::args().skip(1).find(|it| !it.starts_with('-'));
    let files = match &given {
        Some(file) => vec![file.as_str()],
        None => FILES.to_vec(),
    };
    let data = match std::env::var("DJANGO_FIXTURE") {
        Ok(file) => Data::fixture(&read(&file)).unwrap_or_else(|error| panic!("{file}: {error}")),
        Err(_) => Data::sample().expect("the sample data"),
    };
    let mut report = Report::default();
    for file in files {
        let cases = CaseFile::read(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let ran = report.run(&cases, &data, only.as_deref().unwrap_or_default());
        ran.unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    let whole = given.is_none() && only.is_none();
    let open: Vec<String> = match whole {
        true => read(OPEN)
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect(),
        false => Vec::new(),
    };
    for failed in report.failed.iter().filter(|it| !open.contains(&it.id)) {
        println!("{failed}");
    }
    if std::env::var("DJANGO_TEXTS").is_ok() {
        for (id, expected, found) in &report.texts {
            println!("{id}: expected {expected:?}\n    found {found:?}");
        }
    }
    println!("{report}");
    if !whole {
        return report.failed.is_empty();
    }
    if std::env::var("UPDATE").is_ok() {
        let mut text =
            String::from("# Cases that still differ from Django; UPDATE=1 rewrites this.\n");
        for failed in &report.failed {
            text += &format!("{}\n", failed.id);
        }
        std::fs::write(OPEN, text).expect("open.txt can be written");
        return true;
    }
    let slow = report.slowest().into_iter().filter(|(time, id)| {
        !cfg!(debug_assertions) && *time > PROMPT * SLACK && !LARGE.contains(&id.as_str())
    });
    let slow: Vec<_> = slow.collect();
    if !slow.is_empty() {
        println!("slower than {SLACK} times {PROMPT:?}, even at best: {slow:?}");
    }
    let ids: Vec<&String> = report.failed.iter().map(|it| &it.id).collect();
    let news: Vec<_> = ids.iter().filter(|id| !open.contains(id)).collect();
    let done: Vec<_> = open.iter().filter(|id| !ids.contains(id)).collect();
    if !done.is_empty() {
        println!("no longer open, take out of {OPEN}: {done:?}");
    }
    if !news.is_empty() {
        println!("not in {OPEN}: {news:?}");
    }
    news.is_empty() && done.is_empty() && slow.is_empty()
}
