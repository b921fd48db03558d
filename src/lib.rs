#![doc = include_str!("ARCHITECTURE.md")]

pub mod base;
pub mod market;
pub mod orm;
pub mod services;
pub mod shell;

#[cfg(all(feature = "engine", not(target_family = "wasm")))]
pub mod cases;
#[cfg(all(feature = "engine", not(target_family = "wasm")))]
pub mod command_line;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "engine")]
pub mod export;
#[cfg(feature = "engine")]
pub mod session;
#[cfg(feature = "engine")]
pub mod sql;

pub mod lessons;
pub mod report;
pub mod wire;

#[cfg(feature = "engine")]
pub mod worker;

#[cfg(feature = "ui")]
pub mod app;
#[cfg(feature = "ui")]
pub mod ui;
