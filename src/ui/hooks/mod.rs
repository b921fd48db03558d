//! Hooks: where components reach into the browser.

mod use_address;
mod use_effects;
mod use_lessons;
mod use_near;
mod use_own_pages;
mod use_progress;
mod use_results;
mod use_shortcut;

pub use use_address::use_address;
pub use use_effects::use_effects;
pub use use_lessons::{Lessons, use_lessons};
pub use use_near::use_near;
pub use use_own_pages::{OwnPages, ReadPage, Refused, use_own_pages};
pub use use_progress::{Solved, use_progress};
pub use use_results::{Results, use_results};
pub use use_shortcut::use_shortcut;
