//! The page's state and what may happen to it: plain data, a pure reducer, effects as data.
//!
//! Must never name web-sys: `ui` shows the state and performs the effects.

pub mod action;
pub mod chart;
pub mod dashboard;
pub mod diagram;
pub mod effect;
pub mod format;
pub mod help;
pub mod own_page;
pub mod place;
pub mod progress;
pub mod reduce;
pub mod selection;
pub mod sql_text;
pub mod state;
pub mod window;

pub use action::Action;
pub use effect::Effect;
pub use place::{Address, Place};
pub use progress::{BadFile, Progress};
pub use state::AppState;
