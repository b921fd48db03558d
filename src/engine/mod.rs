//! The database: PostgreSQL's meaning over columnar storage, GlueSQL underneath.
//!
//! ```text
//! text -> front (parse, split) -> bind (names, types) -> Statement
//!      -> plan (rewrite: unnest subqueries, push filters, order joins)
//!      -> exec (physical plan, batches of columns) -> ResultSet
//! ```
//!
//! Must never leak GlueSQL's types: `glue` alone names them.

pub mod bind;
pub mod budget;
pub mod catalog;
pub mod database;
pub mod ddl;
pub mod eval;
pub mod exec;
pub mod expr;
pub mod glue;
pub mod marketplace;
pub mod outcome;
pub mod plan;
pub mod scalar;
pub mod sequences;
pub mod statement;
pub mod storage;
pub mod supported;
pub mod transaction;
pub mod types;
mod with;
pub mod write;

pub use database::Database;
pub use outcome::Outcome;
pub use supported::supported;
