//! Marketplace Analytics Playground.
//!
//! The layers, lowest first; `tests/layering.rs` holds the edges between them.

pub mod base;
