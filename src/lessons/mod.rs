//! The course: nine phases as Markdown pages, read by one reader.
//!
//! `README.md` has the format of a page. A page is fetched as text and read in the worker
//! ([`read`]); what comes out ([`Lesson`]) is plain data that the page draws. Holds no code beyond
//! reading pages and finding the literals that controls rewrite.

pub mod chart;
pub mod lesson;
pub mod literal;
#[cfg(feature = "engine")]
pub mod presets;
#[cfg(feature = "engine")]
mod reader;
pub mod verdict;

pub use lesson::Lesson;
#[cfg(feature = "engine")]
pub use reader::{Page, read};

/// A phase of the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// From 1.
    pub number: u8,
    /// As the rail shows it.
    pub title: &'static str,
    /// The file of its page in `src/lessons`, and in `lessons/` beside the built page.
    pub file: &'static str,
}

/// All phases, in order.
pub const PHASES: [Phase; 9] = [
    phase(1, "Models and basic ORM", "phase_1_models.md"),
    phase(2, "Aggregations and annotations", "phase_2_aggregations.md"),
    phase(3, "F expressions", "phase_3_f_expressions.md"),
    phase(4, "Q expressions", "phase_4_q_expressions.md"),
    phase(5, "Query optimisation", "phase_5_optimisation.md"),
    phase(6, "Subqueries", "phase_6_subqueries.md"),
    phase(7, "Window functions", "phase_7_windows.md"),
    phase(8, "Custom QuerySets and managers", "phase_8_querysets.md"),
    phase(9, "Analytics layer", "phase_9_services.md"),
];

const fn phase(number: u8, title: &'static str, file: &'static str) -> Phase {
    Phase {
        number,
        title,
        file,
    }
}
