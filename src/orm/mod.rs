//! Django's ORM in Rust: models as data, querysets as values, SQL as Django writes it for
//! PostgreSQL.
//!
//! ```text
//! QuerySet --filter/annotate/..--> Query --compiler--> Sql --Connection--> rows
//!    |                               |                                       |
//!  a value; each step              joins, where tree,                      Instance, dict,
//!  gives a new one                 annotations, resolved expressions       tuple, plain value
//! ```
//!
//! Two ways to use it. From Rust:
//!
//! ```text
//! let cheap = catalogue.objects("Product")?
//!     .filter(q!(price__lt = 500) | q!(rating__gt = 4))?
//!     .order_by(["-rating", "pk"])?;
//! ```
//!
//! From the shell, with names and values that are only known at run time: the same methods take
//! [`Q`] trees of `(path, Operand)` pairs, and [`functions::call`] makes every function and
//! aggregate by its name.
//!
//! **It does no IO**: statements go out through [`Connection`], and reading a queryset's rows is
//! [`QuerySet::fetch`]. **It never names the engine and never parses SQL.** Errors are
//! [`OrmError`]s with Django's class and text.
//!
//! | file | subject |
//! |---|---|
//! | `queryset.rs`, `save.rs` | the methods of a queryset |
//! | `expressions/`, `aggregates.rs`, `functions/`, `lookups/`, `q.rs` | what may stand in one |
//! | `query/` | names to joins, conditions to a where tree, `values()`, `aggregate()` |
//! | `compiler/` | a query to SQL |
//! | `instance.rs`, `rows.rs`, `prefetch.rs`, `related.rs` | rows to instances, relations of instances |
//! | `deletion.rs`, `transaction.rs` | cascades, `atomic()` |
//! | `schema.rs`, `clean.rs` | the tables of models, `full_clean()` |
//! | `raw.rs` | rows of SQL that a person wrote |

pub mod aggregates;
pub mod clean;
pub mod compiler;
pub mod connection;
pub mod deletion;
pub mod errors;
mod excerpt;
pub mod expressions;
pub mod functions;
pub mod instance;
pub mod lookups;
pub mod ordered;
pub mod prefetch;
pub mod q;
pub mod query;
pub mod queryset;
pub mod raw;
pub mod related;
pub mod rows;
pub mod save;
pub mod schema;
pub mod sql;
pub mod suggest;
pub mod transaction;
pub mod where_tree;

pub use connection::{Cause, Connection, Effect, Executed, TransactionState};
pub use errors::{ExceptionClass, OrmError, Result};
pub use expressions::{Expr, FieldRef, Operand, f, outer_ref};
pub use instance::{Attribute, FetchMode, Instance};
pub use prefetch::Prefetch;
pub use q::{Connector, Q, QChild};
pub use queryset::{Annotation, QuerySet, RowShape};
pub use rows::Row;
pub use sql::Sql;
