//! Every chart that a lesson asks for is drawn, as the page draws it.

use marketplace_analytics::app::chart::{Table, asked, draw};
use marketplace_analytics::lessons::lesson::{Code, Data, Language};
use marketplace_analytics::lessons::{PHASES, read};
use marketplace_analytics::session::Session;
use marketplace_analytics::wire::{self, PanelId, Reply, Request, RunReport, Size, World};
use marketplace_analytics::worker::answer;
use std::fs;

/// The last table of a run, with rows for a chart.
fn table(report: &RunReport) -> Option<Table> {
    let sets = report.outcomes.iter().rev();
    let head = match &report.value {
        Some(value) => value.table.as_ref(),
        None => sets.filter_map(|outcome| outcome.table.as_ref()).next(),
    }?;
    Some(Table::new(
        &head.columns,
        &head.first.rows,
        u64::from(head.rows),
    ))
}

/// What a code draws, or why it draws nothing.
fn drawn(code: &Code) -> Result<String, String> {
    let mut session = Session::new(|| 0.0);
    answer(&mut session, Request::Reset { size: Size::Small });
    let run = Request::Run {
        panel: PanelId::PLAYGROUND,
        world: match code.data {
            Data::Own => World::Main,
            Data::Medium => World::Medium,
        },
        language: match code.language {
            Language::Django => wire::Language::Django,
            Language::Sql => wire::Language::Sql,
        },
        code: code.text.clone(),
    };
    let (Reply::Ran(report), _) = answer(&mut session, run) else {
        return Err("it does not run".to_owned());
    };
    let chart = code.chart.as_ref().ok_or("there is no chart")?;
    let table = table(&report).ok_or("there is no table")?;
    let choice = asked(&table, chart).ok_or("its columns are not there")?;
    let drawing = draw(&table, &choice).ok_or("its columns do not fit")?;
    Ok(drawing.summary)
}

#[test]
fn every_chart_of_the_course_is_drawn() {
    let check = || {
        let mut count = 0;
        let mut faults = Vec::new();
        for phase in PHASES {
            let path = format!("src/lessons/{}", phase.file);
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            let lesson = read(&text).lesson;
            let codes = lesson.panels().flat_map(|panel| &panel.codes);
            for code in codes.filter(|code| code.chart.is_some()) {
                count += 1;
                if let Err(fault) = drawn(code) {
                    faults.push(format!("{path}:{}: {fault}", code.line));
                }
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
        assert!(count >= 20, "{count} charts");
    };
    // Unoptimised code needs more stack than a thread has by default.
    let thread = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(check);
    if let Err(panic) = thread.expect("a thread").join() {
        std::panic::resume_unwind(panic);
    }
}
