//! The engine beside bundled SQLite, on the same rows, in one run.
//!
//! Criterion takes the samples, in CPU time of the one thread that both use, so that a busy machine
//! disturbs little. Before anything is timed, both have to give the same rows. A table a size ends
//! the run. `./dev bench large` measures one size, `./dev bench large/Q8` one query.

mod sqlite;
mod time;
mod workload;

use criterion::{BatchSize, BenchmarkGroup, Criterion, SamplingMode};
use marketplace_analytics::engine::Database;
use marketplace_analytics::market::seed::Size;
use rusqlite::Connection;
use std::fmt::Write;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;
use time::CpuTime;
use workload::{Kind, QUERIES, Query};

fn main() {
    let results = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("criterion");
    let mut criterion = Criterion::default()
        .with_measurement(CpuTime)
        .without_plots()
        .sample_size(11)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .output_directory(&results)
        .configure_from_args();
    // Only what this run measured may stand in its tables.
    let _ = std::fs::remove_dir_all(&results);
    let mut report = String::new();
    for (name, size) in [("medium", Size::Medium), ("large", Size::Large)] {
        measure(&mut criterion, name, size);
        report.push_str(&table(&results, name, size));
    }
    print!("{report}");
}

/// Both databases with the same rows.
struct Pair {
    ours: Database,
    sqlite: Connection,
}

impl Pair {
    fn new(size: Size) -> Self {
        Self {
            ours: loaded(size),
            sqlite: sqlite::load(size),
        }
    }

    fn run_ours(&mut self, text: &str) {
        black_box(self.ours.run(text, &[]).expect(text));
    }

    fn run_sqlite(&self, text: &str) {
        black_box(sqlite::rows(&self.sqlite, text));
    }
}

fn loaded(size: Size) -> Database {
    let mut database = Database::new();
    database.load_market(size).expect("the data set loads");
    database
}

fn measure(criterion: &mut Criterion<CpuTime>, name: &str, size: Size) {
    let mut pair = Pair::new(size);
    for query in QUERIES {
        workload::compare(query, &mut pair.ours, &pair.sqlite);
        let mut group = criterion.benchmark_group(format!("{name}/{}", query.name));
        group.sampling_mode(SamplingMode::Flat);
        time_both(&mut group, query, &mut pair);
        group.finish();
    }
    let mut group = criterion.benchmark_group(format!("{name}/load"));
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("ours", |b| {
        b.iter_batched(|| (), |()| loaded(size), BatchSize::PerIteration);
    });
    group.bench_function("sqlite", |b| {
        b.iter_batched(|| (), |()| sqlite::load(size), BatchSize::PerIteration);
    });
    group.finish();
}

fn time_both(group: &mut BenchmarkGroup<'_, CpuTime>, query: &Query, pair: &mut Pair) {
    let (ours, sqlite) = (query.texts(query.ours), query.texts(query.sqlite));
    let write = matches!(query.kind, Kind::Write);
    group.bench_function("ours", |b| {
        b.iter(|| {
            if write {
                pair.run_ours("BEGIN");
            }
            for text in &ours {
                pair.run_ours(text);
            }
            if write {
                pair.run_ours("ROLLBACK");
            }
        });
    });
    group.bench_function("sqlite", |b| {
        b.iter(|| {
            if write {
                pair.run_sqlite("BEGIN");
            }
            for text in &sqlite {
                pair.run_sqlite(text);
            }
            if write {
                pair.run_sqlite("ROLLBACK");
            }
        });
    });
}

/// The medians of one size and what they come to; nothing for a size that was not measured.
fn table(results: &Path, name: &str, size: Size) -> String {
    let mut rows = String::new();
    let mut ratios = Vec::new();
    let counted = QUERIES.iter().filter(|query| query.counts);
    let counted: Vec<&str> = counted.map(|query| query.name).collect();
    for query in QUERIES.iter().map(|query| query.name).chain(["load"]) {
        let both = ["ours", "sqlite"].map(|engine| median(results, name, query, engine));
        let [Some(ours), Some(sqlite)] = both else {
            continue;
        };
        let ratio = sqlite / ours;
        let _ = writeln!(rows, "| {query} | {ours:.2} | {sqlite:.2} | {ratio:.1} |");
        if counted.contains(&query) {
            ratios.push(ratio);
        }
    }
    if rows.is_empty() {
        return rows;
    }
    let mut text = format!("\n{name}: medians in ms\n\n");
    text.push_str("| query | ours | SQLite | ratio |\n|---|---:|---:|---:|\n");
    text.push_str(&rows);
    if ratios.len() == counted.len() {
        let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
        let mean = (logarithms / ratios.len() as f64).exp();
        let _ = writeln!(
            text,
            "\ngeometric mean of the ratios Q1 to Q14: {mean:.1} times SQLite's speed"
        );
    }
    let database = loaded(size);
    if let Some(items) = database.storage().table("order_item") {
        let bytes = items.bytes() as f64 / items.row_count() as f64;
        let _ = writeln!(
            text,
            "memory: {bytes:.1} bytes an order item, indexes included"
        );
    }
    text
}

/// The median that criterion found in this run, in milliseconds.
fn median(results: &Path, size: &str, query: &str, engine: &str) -> Option<f64> {
    let file = results
        .join(format!("{size}_{query}"))
        .join(engine)
        .join("new/estimates.json");
    let text = std::fs::read_to_string(file).ok()?;
    let estimates: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(estimates["median"]["point_estimate"].as_f64()? / 1e6)
}
