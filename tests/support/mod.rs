//! What the tests that talk to the database share.

pub mod answer;
pub mod text_form;
