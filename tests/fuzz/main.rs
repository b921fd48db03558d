//! Random queries: our rows against PostgreSQL's and SQLite's, and against our own by another way.
//!
//! The tests use fixed seeds. By hand, on and on: `FUZZ_ROUNDS=100000 FUZZ_SEED=7 cargo test
//! --release --test fuzz -- --nocapture` (`FUZZ_SHOW=N` shows more faults, `FUZZ_TRACE=1` every
//! statement before it runs); with `PG_URL` set (`host=/tmp user=postgres`) against
//! PostgreSQL too.

mod engines;
mod expression;
mod from;
mod function;
mod query;
mod random;
mod schema;
#[path = "../support/text_form.rs"]
mod text_form;
mod window;
mod write;

use engines::{Engine, Ours, Postgres, Rows, Sqlite};
use query::{Generator, Order};
use random::Random;
use schema::{Dialect, Schema};

/// How many schemas, and the first seed.
fn rounds(usual: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first = number("FUZZ_SEED").unwrap_or(1);
    first..first + number("FUZZ_ROUNDS").unwrap_or(usual)
}

const QUERIES_A_SCHEMA: usize = 12;

/// Runs random queries on both and collects the differences.
fn compare(ours: &mut dyn Engine, theirs: &mut dyn Engine, dialect: Dialect, usual: u64) {
    let (mut compared, mut refused) = (0, 0);
    let mut faults: Vec<String> = Vec::new();
    for seed in rounds(usual) {
        let mut random = Random::new(seed);
        let schema = schema::schema(&mut random, dialect);
        ours.reset();
        theirs.reset();
        for sql in &schema.script {
            let (a, b) = (ours.run(sql, &[]), theirs.run(sql, &[]));
            match (a, b) {
                (Err(a), Ok(_)) => {
                    faults.push(format!("seed {seed}\n  {sql}\n  {}: {}", a.code, a.message));
                }
                (Ok(_), Err(b)) => {
                    faults.push(format!("seed {seed}\n  {sql}\n  theirs: {}", b.message));
                }
                (Ok(_), Ok(_)) | (Err(_), Err(_)) => {}
            }
        }
        for _ in 0..QUERIES_A_SCHEMA {
            let query = Generator::new(&mut random, &schema, dialect).query();
            trace(&query.sql);
            let a = ours.run(&query.sql, &query.types);
            let b = theirs.run(&query.sql, &query.types);
            let fault = match (a, b) {
                (Ok(a), Ok(b)) => {
                    compared += 1;
                    difference(a, b, query.order)
                }
                (Err(a), _) if a.hangs_on_values() => None,
                (_, Err(b)) if b.hangs_on_values() => None,
                (Err(a), Ok(_)) if a.is_refusal() => {
                    refused += 1;
                    None
                }
                (Err(a), Ok(_)) => Some(format!("  ours fails: {} {}", a.code, a.message)),
                (Ok(_), Err(b)) => Some(format!("  only theirs fails: {} {}", b.code, b.message)),
                (Err(_), Err(_)) => None,
            };
            if let Some(fault) = fault {
                let script = schema.script.join(";\n  ");
                faults.push(format!(
                    "seed {seed}\n  {script};\n  {};\n{fault}",
                    query.sql
                ));
            }
        }
        if dialect == Dialect::Full
            && let Some(fault) = compare_writes(ours, theirs, &mut random, &schema)
        {
            faults.push(format!("seed {seed}\n{fault}"));
        }
    }
    println!("{refused} refused");
    report(compared, &faults);
}

/// Shows a statement before it runs, for the ones that do not come back.
fn trace(sql: &str) {
    if std::env::var_os("FUZZ_TRACE").is_some() {
        println!("{sql};");
    }
}

/// Changes the tables on both; what they hold must stay the same. `None` when it does.
fn compare_writes(
    ours: &mut dyn Engine,
    theirs: &mut dyn Engine,
    random: &mut Random,
    schema: &Schema,
) -> Option<String> {
    let mut script = schema.script.join(";\n  ");
    for _ in 0..8 {
        let write = Generator::new(random, schema, Dialect::Full).write();
        let sql = &write.sql;
        trace(sql);
        script = format!("{script};\n  {sql}");
        match (ours.run(sql, &write.types), theirs.run(sql, &write.types)) {
            (Ok(a), Ok(b)) => {
                if let Some(fault) = difference(a, b, Order::Any) {
                    return Some(format!("  {script};\n{fault}"));
                }
            }
            (Err(a), Err(b)) if a.code == b.code => {}
            (Err(a), Err(b)) if a.hangs_on_values() || b.hangs_on_values() => {}
            // Of two constraints that a row breaks, either may be named.
            (Err(a), Err(b)) if [&a.code, &b.code].iter().all(|code| code.starts_with("2")) => {}
            (Err(a), _) if a.hangs_on_values() || a.is_refusal() => return None,
            (Ok(_), Err(b)) if b.hangs_on_values() => return None,
            (Err(a), _) if write.hangs_on_order && a.code == "23505" => return None,
            (_, Err(b)) if write.hangs_on_order && b.code == "23505" => return None,
            (Err(a), Ok(_)) => {
                return Some(format!("  {script};\n  refused: {} {}", a.code, a.message));
            }
            (Ok(_), Err(b)) => {
                return Some(format!(
                    "  {script};\n  only theirs fails: {} {}",
                    b.code, b.message
                ));
            }
            (Err(a), Err(b)) => {
                return Some(format!(
                    "  {script};\n  ours {} {}, theirs {}",
                    a.code, a.message, b.code
                ));
            }
        }
        for table in &schema.tables {
            let types: Vec<_> = table.columns.iter().map(|column| column.ty).collect();
            let whole = format!("SELECT * FROM {}", table.name);
            if let (Ok(a), Ok(b)) = (ours.run(&whole, &types), theirs.run(&whole, &types))
                && let Some(fault) = difference(a, b, Order::Any)
            {
                return Some(format!("  {script};\n  {whole};\n{fault}"));
            }
        }
    }
    None
}

/// Prints what was found, and fails when that is anything.
fn report(compared: usize, faults: &[String]) {
    println!("{compared} compared, {} differ", faults.len());
    let shown = std::env::var("FUZZ_SHOW")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(5);
    for fault in faults.iter().take(shown) {
        println!("{fault}\n");
    }
    assert!(compared > 0, "nothing was compared");
    assert!(faults.is_empty(), "{} queries differ", faults.len());
}

/// What differs between two answers.
fn difference(mut ours: Rows, mut theirs: Rows, order: Order) -> Option<String> {
    if order == Order::Any {
        ours.sort();
        theirs.sort();
    }
    if ours == theirs || (order == Order::Fixed && same_but_for_ties(&ours, &theirs)) {
        return None;
    }
    let lines = |rows: &Rows| {
        rows.iter()
            .take(12)
            .map(|row| {
                row.iter()
                    .map(|value| value.as_deref().unwrap_or("NULL"))
                    .collect::<Vec<_>>()
                    .join(" | ")
            })
            .collect::<Vec<_>>()
            .join("\n    ")
    };
    Some(format!(
        "  ours ({}):\n    {}\n  theirs ({}):\n    {}",
        ours.len(),
        lines(&ours),
        theirs.len(),
        lines(&theirs)
    ))
}

/// Whether rows are the same and those that change places are equal as numbers are: `1.5` and
/// `1.50` tie in any order.
fn same_but_for_ties(ours: &Rows, theirs: &Rows) -> bool {
    let plain = |rows: &Rows| -> Rows {
        let number = |text: &String| match text.split_once('.') {
            Some((whole, fraction)) if fraction.bytes().all(|b| b.is_ascii_digit()) => {
                let fraction = fraction.trim_end_matches('0');
                format!("{whole}.{fraction}")
                    .trim_end_matches('.')
                    .to_owned()
            }
            _ => text.clone(),
        };
        rows.iter()
            .map(|row| row.iter().map(|value| value.as_ref().map(number)).collect())
            .collect()
    };
    let sorted = |rows: &Rows| {
        let mut rows = rows.clone();
        rows.sort();
        rows
    };
    plain(ours) == plain(theirs) && sorted(ours) == sorted(theirs)
}

/// Every row is in one of three parts: where a condition is true, where it is false, where it is
/// NULL (ternary logic partitioning); and as many rows pass a filter as a sum over the unfiltered
/// rows counts (non-optimising reference).
fn partitions(usual: u64) {
    let (mut compared, mut faults) = (0, Vec::new());
    let mut ours = Ours::new();
    for seed in rounds(usual) {
        let mut random = Random::new(seed ^ 0x5A5A);
        let schema = schema::schema(&mut random, Dialect::Full);
        ours.reset();
        for sql in &schema.script {
            let _ = ours.run(sql, &[]);
        }
        for _ in 0..QUERIES_A_SCHEMA {
            let query = Generator::new(&mut random, &schema, Dialect::Full).filtered();
            let (outputs, from, condition) = (&query.outputs, &query.from, &query.condition);
            let whole = format!("SELECT {outputs} FROM {from}");
            let parts = format!(
                "{whole} WHERE {condition} UNION ALL {whole} WHERE NOT ({condition}) \
                 UNION ALL {whole} WHERE ({condition}) IS NULL"
            );
            let filtered = format!("SELECT count(*) FROM {from} WHERE {condition}");
            let counted = format!("SELECT count(CASE WHEN {condition} THEN 1 END) FROM {from}");
            for (left, right) in [(whole, parts), (filtered, counted)] {
                let (a, b) = match (ours.run(&left, &[]), ours.run(&right, &[])) {
                    (Ok(a), Ok(b)) => (a, b),
                    (Err(failure), _) | (_, Err(failure)) => {
                        if !failure.hangs_on_values() && !failure.is_refusal() {
                            faults.push(format!(
                                "seed {seed}\n  {right}\n  {}: {}",
                                failure.code, failure.message
                            ));
                        }
                        continue;
                    }
                };
                compared += 1;
                if let Some(fault) = difference(a, b, Order::Any) {
                    let script = schema.script.join(";\n  ");
                    faults.push(format!(
                        "seed {seed}\n  {script};\n  {left};\n  {right};\n{fault}"
                    ));
                }
            }
        }
    }
    report(compared, &faults);
}

/// Runs a test on a stack as deep as the worker's is for a build with optimisation.
fn on_its_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(test);
    thread.unwrap().join().unwrap();
}

#[test]
fn sqlite_gives_the_same_rows() {
    on_its_stack(|| compare(&mut Ours::new(), &mut Sqlite::new(), Dialect::Common, 40));
}

#[test]
fn partitions_of_rows_add_up() {
    on_its_stack(|| partitions(25));
}

#[test]
fn postgresql_gives_the_same_rows() {
    on_its_stack(|| match Postgres::from_environment() {
        Some(mut server) => compare(&mut Ours::new(), &mut server, Dialect::Full, 40),
        None => println!("PG_URL names no server"),
    });
}
