//! Django snippets against the answers of real Django on PostgreSQL: result, exception, number of
//! queries.
//!
//! `cases.json` is the public collection; `more_cases.json` is our own, which
//! `./dev oracle django tests/django/more_cases.json` records again; `tests/lessons/answers.json`
//! has the Django code of the lessons.
//! `DJANGO_CASES=FILE` and `DJANGO_FIXTURE=FILE` run another case file on other data. Without
//! them `tests/django/open.txt` lists the cases that still differ: the run fails when one that is
//! not listed differs, and when one that is listed no longer does.

#[path = "django/canonical.rs"]
mod canonical;
#[path = "django/world.rs"]
mod world;

use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::process::ExitCode;

/// How a case went.
struct Verdict {
    /// What differs; empty when nothing does.
    differences: Vec<String>,
    /// For an exception: whether its text is equal too.
    message: Option<bool>,
}

fn main() -> ExitCode {
    // Unoptimised code needs more stack than a thread has by default.
    let run = std::thread::Builder::new().stack_size(256 << 20).spawn(run);
    match run.map(|thread| thread.join()) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn read(variable: &str, default: &str) -> Json {
    let path = std::env::var(variable).unwrap_or_else(|_| default.to_owned());
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn run() -> bool {
    let given = std::env::var("DJANGO_CASES").is_ok();
    let only: Option<String> = std::env::args().skip(1).find(|it| !it.starts_with('-'));
    let mut cases = read("DJANGO_CASES", "tests/django/cases.json");
    if !given {
        for file in ["tests/django/more_cases.json", "tests/lessons/answers.json"] {
            let mut more = read("DJANGO_CASES", file);
            let more = more["cases"].as_array_mut().expect("a list of cases");
            let all = cases["cases"].as_array_mut().expect("a list of cases");
            all.append(more);
        }
    }
    let fixture = std::env::var("DJANGO_FIXTURE")
        .is_ok()
        .then(|| read("DJANGO_FIXTURE", ""));
    let open: Vec<String> = match given {
        true => Vec::new(),
        false => std::fs::read_to_string("tests/django/open.txt")
            .unwrap_or_default()
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect(),
    };
    let mut phases: BTreeMap<i64, (usize, usize)> = BTreeMap::new();
    let (mut passed, mut failed) = (0, Vec::new());
    let (mut texts, mut equal_texts) = (0, 0);
    let mut times: Vec<(u128, String)> = Vec::new();
    for case in cases["cases"].as_array().expect("a list of cases") {
        let id = case["id"].as_str().expect("an id");
        if only.as_ref().is_some_and(|only| !id.contains(only)) {
            continue;
        }
        let (verdict, micros) = check(case, &cases, fixture.as_ref());
        times.push((micros, id.to_owned()));
        if let Some(equal) = verdict.message {
            texts += 1;
            equal_texts += usize::from(equal);
        }
        let phase = phases
            .entry(case["phase"].as_i64().unwrap_or(0))
            .or_default();
        if verdict.differences.is_empty() {
            passed += 1;
            phase.0 += 1;
        } else {
            phase.1 += 1;
            if !open.iter().any(|it| it == id) || only.is_some() {
                println!("{id}: {}", case["code"].as_str().unwrap_or(""));
                for difference in &verdict.differences {
                    println!("    {difference}");
                }
            }
            failed.push(id.to_owned());
        }
    }
    for (phase, (good, bad)) in &phases {
        println!("phase {phase}: {good} passed, {bad} failed");
    }
    times.sort();
    let slowest: Vec<String> = times
        .iter()
        .rev()
        .take(10)
        .map(|(micros, id)| format!("{id} {:.1} ms", *micros as f64 / 1000.0))
        .collect();
    println!("slowest: {}", slowest.join(", "));
    println!("exception texts: {equal_texts} of {texts} equal");
    println!("{passed} passed, {} failed", failed.len());
    if given || only.is_some() {
        return failed.is_empty();
    }
    let news: Vec<&String> = failed.iter().filter(|id| !open.contains(id)).collect();
    let done: Vec<&String> = open.iter().filter(|id| !failed.contains(id)).collect();
    if std::env::var("UPDATE").is_ok() {
        let mut text =
            String::from("# Cases that still differ from Django; UPDATE=1 rewrites this.\n");
        for id in &failed {
            text += &format!("{id}\n");
        }
        std::fs::write("tests/django/open.txt", text).expect("open.txt can be written");
        return true;
    }
    if !done.is_empty() {
        println!("no longer open, take out of tests/django/open.txt: {done:?}");
    }
    if !news.is_empty() {
        println!("not in tests/django/open.txt: {news:?}");
    }
    news.is_empty() && done.is_empty()
}

fn check(case: &Json, cases: &Json, fixture: Option<&Json>) -> (Verdict, u128) {
    let code = case["code"].as_str().unwrap_or("");
    let mut world = world::World::new(fixture, cases["now"].as_str());
    let start = std::time::Instant::now();
    let found = world.run(code);
    let micros = start.elapsed().as_micros();
    let (expected, postgres) = (&case["expected"], &case["postgresql"]);
    let mut verdict = Verdict {
        differences: Vec::new(),
        message: None,
    };
    let wanted = if postgres["error"].is_object() {
        Some(&postgres["error"])
    } else if expected["kind"] == "error" && postgres["result"].is_null() {
        Some(&expected["error"])
    } else {
        None
    };
    let wanted_result = match &postgres["result"] {
        Json::Null => &expected["result"],
        result => result,
    };
    match (&found.result, wanted) {
        (Err(failure), Some(wanted)) => {
            let class = wanted["type"].as_str().unwrap_or("");
            let found_class = failure.class.rsplit('.').next().unwrap_or("");
            if class != found_class {
                verdict.differences.push(format!(
                    "expected {class}: {}, found {}: {}",
                    wanted["message"], failure.class, failure.diagnostic.message
                ));
            }
            let text = world::renamed(wanted["message"].as_str().unwrap_or(""));
            verdict.message = Some(text == failure.diagnostic.message);
            if std::env::var("DJANGO_TEXTS").is_ok() && text != failure.diagnostic.message {
                println!("{}: expected {text:?}", case["id"]);
                println!("    found {:?}", failure.diagnostic.message);
            }
        }
        (Err(failure), None) => verdict.differences.push(format!(
            "found {}: {}",
            failure.class, failure.diagnostic.message
        )),
        (Ok(found), Some(wanted)) => verdict.differences.push(format!(
            "expected {}: {}, found {found}",
            wanted["type"], wanted["message"]
        )),
        (Ok(found), None) => {
            let multiset = case["compare"]["order"] == "multiset";
            let approximate = case["compare"]["numbers"] == "approx";
            if !canonical::equal(wanted_result, found, multiset, approximate) {
                verdict
                    .differences
                    .push(format!("expected {wanted_result}"));
                verdict.differences.push(format!("found    {found}"));
            }
        }
    }
    let queries = match &postgres["num_queries"] {
        Json::Null => &expected["num_queries"],
        queries => queries,
    };
    if queries.as_u64() != Some(found.queries as u64) {
        verdict.differences.push(format!(
            "expected {queries} queries, found {}",
            found.queries
        ));
    }
    (verdict, micros)
}
