//! Plain data that a session gives and the page draws; it crosses the wire as it is.
//!
//! Holds no logic: values are text as it is shown, money exact decimal text.

pub mod dashboard;
pub mod frames;
pub mod help;
pub mod lost_update;
pub mod plain;
