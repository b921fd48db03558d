#![doc = include_str!("ARCHITECTURE.md")]

pub mod base;
#[cfg(feature = "engine")]
pub mod engine;
