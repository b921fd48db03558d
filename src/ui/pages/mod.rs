//! What the work area shows. Pages know the state's slices, the client and the dispatcher.

mod course;
mod dashboard;
mod exercise;
mod help;
mod live_code;
mod own;
mod panel;
mod params;
mod phase;
mod playground;
mod schema;

pub use course::{CoursePage, title};
pub use dashboard::DashboardPage;
pub use help::HelpPage;
pub use own::OwnPageView;
pub use phase::{PhasePage, PhasePageProps};
pub use playground::PlaygroundPage;
pub use schema::SchemaPage;

use crate::app::state::{PanelRun, RunState};
use crate::ui::shared::Shared;
use crate::wire::Problem;
use std::rc::Rc;

/// What an editor underlines after a run: the problem, and how much of its text came before.
fn underlined(run: Option<&Shared<PanelRun>>) -> Option<(Shared<Problem>, u32)> {
    let run = run?;
    let problem = match &run.state {
        RunState::Done(report) => Rc::new(report.error.clone()?),
        RunState::Refused(problem) => problem.clone(),
        RunState::Running | RunState::Cancelled | RunState::Stale => return None,
    };
    Some((Shared(problem), run.source.offset))
}
