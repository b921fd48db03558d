//! The parts that pages are made of: props in, callbacks out.

mod bar;
mod chart;
mod editor;
mod er_diagram;
mod grid;
mod icon;
mod notice;
mod palette;
mod plan;
mod problem;
mod queries;
mod rail;
mod result;
mod result_tab;
mod splitter;
mod sql_text;

pub use bar::Bar;
pub use chart::Chart;
pub use editor::{Editor, EditorHandle};
pub use er_diagram::ErDiagram;
pub use grid::{Fetch, Grid};
pub use icon::{Icon, icon};
pub use notice::NoticeBar;
pub use palette::Palette;
pub use plan::{PlanRequest, PlanView};
pub use problem::ProblemView;
pub use queries::{QueriesView, StatementsView};
pub use rail::Rail;
pub use result::ResultView;
pub use result_tab::ResultTab;
pub use splitter::Splitter;
