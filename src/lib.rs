#![doc = include_str!("ARCHITECTURE.md")]

pub mod base;
pub mod market;

#[cfg(feature = "engine")]
pub mod engine;
