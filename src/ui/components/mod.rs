//! The parts that pages are made of: props in, callbacks out.

mod bar;
mod editor;
mod er_diagram;
mod grid;
mod icon;
mod notice;
mod palette;
mod problem;
mod rail;
mod result;
mod splitter;

pub use bar::Bar;
pub use editor::{Editor, EditorHandle};
pub use er_diagram::ErDiagram;
pub use grid::{Fetch, Grid};
pub use icon::{Icon, icon};
pub use notice::NoticeBar;
pub use palette::Palette;
pub use problem::ProblemView;
pub use rail::Rail;
pub use result::ResultView;
pub use splitter::Splitter;
