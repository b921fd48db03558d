//! The pages as the page draws them today: titles, tasks and the first SQL of each panel.

/// The pages, phase by phase.
const PAGES: [&str; 9] = [
    include_str!("phase_1_models.md"),
    include_str!("phase_2_aggregations.md"),
    include_str!("phase_3_f_expressions.md"),
    include_str!("phase_4_q_expressions.md"),
    include_str!("phase_5_optimisation.md"),
    include_str!("phase_6_subqueries.md"),
    include_str!("phase_7_windows.md"),
    include_str!("phase_8_querysets.md"),
    include_str!("phase_9_services.md"),
];

/// A phase of the course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// From 1.
    pub number: u8,
    /// As the rail shows it.
    pub title: &'static str,
    /// What it is about.
    pub introduction: String,
    /// In order.
    pub panels: Vec<Panel>,
}

/// A preset of a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// Its number over all phases: the phase's, times a hundred, plus its place from 1.
    pub id: u32,
    /// What it is called.
    pub title: &'static str,
    /// What it does, in a sentence or two.
    pub task: String,
    /// What it runs; absent when its time is still to come.
    pub sql: Option<&'static str>,
}

/// All phases.
pub fn phases() -> Vec<Phase> {
    (1..)
        .zip(PAGES)
        .map(|(number, page)| read(number, page))
        .collect()
}

fn read(number: u8, page: &'static str) -> Phase {
    let mut sections = page.split("\n## ");
    let (title, introduction) = split_heading(sections.next().unwrap_or_default());
    let panels = sections
        .filter(|section| !section.starts_with("Exercise: "))
        .filter(|section| !section.starts_with("Interview questions"));
    let panels = (1..)
        .zip(panels)
        .map(|(place, section)| {
            let (title, body) = split_heading(section);
            let shown = body.split("\n### ").next().unwrap_or(body);
            Panel {
                id: u32::from(number) * 100 + place,
                title,
                task: paragraph(shown.split("```").next().unwrap_or(shown)),
                sql: first_sql(shown),
            }
        })
        .collect();
    Phase {
        number,
        title: title.trim_start_matches("# "),
        introduction: paragraph(introduction),
        panels,
    }
}

/// The first block that runs as SQL.
fn first_sql(body: &'static str) -> Option<&'static str> {
    // Blocks are every second part, as none holds backticks.
    let mut blocks = body.split("```").skip(1).step_by(2);
    blocks.find_map(|block| {
        let (words, text) = block.split_once('\n')?;
        let mut words = words.split_whitespace();
        let runs = words.next() == Some("sql") && words.all(|word| word != "show");
        runs.then_some(text.trim_end())
    })
}

/// The first line and the rest.
fn split_heading(section: &'static str) -> (&'static str, &'static str) {
    let (heading, body) = section.split_once('\n').unwrap_or((section, ""));
    (heading.trim(), body)
}

/// Lines joined into one paragraph.
fn paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_has_a_title_an_introduction_and_panels() {
        for phase in phases() {
            assert!(!phase.title.is_empty() && !phase.title.starts_with('#'));
            assert!(!phase.introduction.is_empty(), "{}", phase.title);
            assert!(phase.panels.len() >= 3, "{}", phase.title);
            for panel in &phase.panels {
                assert!(!panel.task.is_empty(), "{}", panel.title);
                assert!(!panel.task.contains("```"), "{}", panel.title);
                assert!(
                    panel.sql.is_none_or(|sql| !sql.trim().is_empty()),
                    "{}",
                    panel.title
                );
            }
        }
    }

    #[test]
    fn no_two_panels_share_an_id() {
        let mut ids: Vec<_> = phases()
            .iter()
            .flat_map(|phase| phase.panels.iter().map(|panel| panel.id))
            .collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert!(!ids.contains(&0), "zero is the playground's");
    }
}
