#![doc = include_str!("ARCHITECTURE.md")]

pub mod base;
pub mod market;
pub mod shell;

#[cfg(feature = "engine")]
pub mod engine;
