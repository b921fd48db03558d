//! Definitions: CREATE, ALTER and DROP of tables, indexes, views and sequences, TRUNCATE, and
//! the few settings there are.
//!
//! Takes sqlparser's tree apart in full: a clause that is not known here is refused by name. What
//! GlueSQL has a plan for is prepared here and put in place through `glue`. Never reads or writes
//! rows but to bring them into the shape of a changed table.

mod alter;
mod column;
mod comment;
mod constraint;
mod depend;
mod drop;
mod index;
mod materialized;
mod name;
mod rows;
mod sequence;
mod settings;
mod table;
mod view;

pub use name::fold;
pub use settings::{SetConstraints, deferrable, parse_set_constraints};

use super::bind::BindContext;
use super::budget::Budget;
use super::catalog::{Catalog, Table};
use super::eval;
use super::storage::Storage;
use super::transaction::Transaction;
use super::write::{Identities, truncate};
use crate::base::diagnostic::sqlstate;
use crate::base::{Code, Diagnostic, Result, ResultSet, Severity, Span};
use name::{Named, table_name};
use sqlparser::ast::{self, Statement};
use std::sync::Arc;

/// What a definition did.
pub struct Done {
    /// PostgreSQL's tag.
    pub command: &'static str,
    /// Rows that CREATE TABLE AS wrote.
    pub rows: u64,
    /// Rows that SHOW gives.
    pub result: Option<ResultSet>,
}

impl Done {
    fn command(command: &'static str) -> Self {
        Self {
            command,
            rows: 0,
            result: None,
        }
    }
}

/// Executes definitions within one statement. One that fails leaves the storage half changed:
/// the caller puts its snapshot back.
pub struct Definer<'a> {
    /// What is changed.
    pub storage: &'a mut Storage,
    /// Its deferred checks.
    pub transaction: &'a mut Transaction,
    /// Now, parameters and sequences.
    pub eval: eval::Context<'a>,
    /// Time and memory.
    pub budget: &'a Budget,
    /// The statement's text.
    pub text: &'a str,
    /// Notices so far.
    pub notices: Vec<Diagnostic>,
}

impl Definer<'_> {
    /// Executes a definition or a setting.
    ///
    /// # Errors
    /// PostgreSQL's, and statements that are not supported, by name.
    pub fn define(&mut self, statement: &Statement) -> Result<Done> {
        match statement {
            Statement::CreateTable(create) => self.create_table(create),
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::CreateIndex(create) => self.create_index(create),
            Statement::AlterIndex { name, operation } => self.alter_index(name, operation),
            Statement::CreateView(create) => self.create_view(create),
            Statement::CreateSequence {
                temporary: _,
                if_not_exists,
                name,
                data_type,
                sequence_options,
                owned_by,
            } => {
                let existing = if_exists(*if_not_exists);
                let ty = data_type.as_ref();
                self.create_sequence(name, existing, ty, sequence_options, owned_by.as_ref())
            }
            Statement::Drop {
                object_type,
                if_exists: lenient,
                names,
                cascade,
                restrict: _,
                purge,
                temporary,
                table,
            } => {
                unset(*purge, "PURGE", None)?;
                unset(*temporary, "DROP TEMPORARY", None)?;
                unset(table.is_some(), "DROP .. ON", None)?;
                let behavior = match cascade {
                    true => Behavior::Cascade,
                    false => Behavior::Restrict,
                };
                self.drop_objects(*object_type, names, if_exists(*lenient), behavior)
            }
            Statement::Truncate(truncate) => self.truncate(truncate),
            Statement::Comment {
                object_type,
                object_name,
                comment: _,
                if_exists,
            } => {
                unset(*if_exists, "COMMENT IF EXISTS", None)?;
                self.comment(*object_type, object_name)
            }
            Statement::Set(set) => settings::set(set),
            Statement::Reset(statement) => settings::reset(statement),
            Statement::Analyze(analyze) => self.analyze(analyze),
            Statement::Vacuum(vacuum) => self.vacuum(vacuum),
            Statement::ShowVariable { variable } => settings::show(variable),
            Statement::ShowTables {
                terse,
                history,
                extended,
                full,
                external,
                show_options,
            } => {
                let flags = *terse || *history || *extended || *full || *external;
                unset(flags, "this form of SHOW TABLES", None)?;
                settings::show_tables(self.storage.catalog(), show_options)
            }
            other => Err(self.unknown(other)),
        }
    }

    /// Refuses a statement by the words it starts with.
    fn unknown(&self, statement: &Statement) -> Box<Diagnostic> {
        let words: Vec<&str> = self.text.split_whitespace().take(2).collect();
        let second = words.get(1).copied().unwrap_or_default();
        let name = match words.first() {
            Some(&first) if second.chars().all(char::is_alphabetic) && is_definition(first) => {
                format!("{first} {second}").to_uppercase()
            }
            Some(first) => first.to_uppercase(),
            None => statement.to_string(),
        };
        unsupported(&name, Some(Span::new(0, self.text.len() as u32)))
    }

    fn truncate(&mut self, statement: &ast::Truncate) -> Result<Done> {
        let ast::Truncate {
            table_names,
            partitions,
            table: _,
            if_exists,
            identity,
            cascade,
            on_cluster,
        } = statement;
        unset(partitions.is_some(), "TRUNCATE .. PARTITION", None)?;
        unset(*if_exists, "TRUNCATE IF EXISTS", None)?;
        unset(on_cluster.is_some(), "ON CLUSTER", None)?;
        let mut names = Vec::with_capacity(table_names.len());
        for ast::TruncateTableTarget {
            name,
            only: _,
            has_asterisk: _,
        } in table_names
        {
            names.push(self.table(&table_name(name)?)?.name.clone());
        }
        let identities = match identity {
            Some(ast::TruncateIdentityOption::Restart) => Identities::Restart,
            Some(ast::TruncateIdentityOption::Continue) | None => Identities::Continue,
        };
        let cascade = matches!(cascade, Some(ast::CascadeOption::Cascade));
        let besides = truncate(self.storage, &names, identities, cascade)?;
        if identities == Identities::Restart {
            let catalog = self.storage.shared_catalog();
            for sequence in catalog.sequences.keys() {
                self.transaction.forget(sequence);
            }
        }
        for table in besides {
            self.notice(format!("truncate cascades to table \"{table}\""));
        }
        Ok(Done::command("TRUNCATE TABLE"))
    }

    /// ANALYZE: what is known about rows is always up to date.
    fn analyze(&self, statement: &ast::Analyze) -> Result<Done> {
        let ast::Analyze {
            table_name: table,
            partitions,
            for_columns,
            columns: _,
            cache_metadata,
            noscan,
            compute_statistics,
            has_table_keyword,
        } = statement;
        let foreign = partitions.is_some() || *for_columns || *cache_metadata || *noscan;
        let foreign = foreign || *compute_statistics || *has_table_keyword;
        unset(foreign, "this form of ANALYZE", None)?;
        if let Some(name) = table {
            self.table(&table_name(name)?)?;
        }
        Ok(Done::command("ANALYZE"))
    }

    /// VACUUM: rows that are gone take no space.
    fn vacuum(&self, statement: &ast::VacuumStatement) -> Result<Done> {
        let ast::VacuumStatement {
            full: _,
            sort_only,
            delete_only,
            reindex,
            recluster,
            table_name: table,
            threshold,
            boost,
        } = statement;
        let foreign = *sort_only || *delete_only || *reindex || *recluster || *boost;
        unset(foreign || threshold.is_some(), "this form of VACUUM", None)?;
        if self.transaction.is_open() {
            return Err(Diagnostic::error(
                Code::new("25001"),
                "VACUUM cannot run inside a transaction block",
            ));
        }
        if let Some(name) = table {
            self.table(&table_name(name)?)?;
        }
        Ok(Done::command("VACUUM"))
    }

    /// The definition of a table.
    fn table(&self, named: &Named) -> Result<Arc<Table>> {
        let catalog = self.storage.catalog();
        match catalog.table(&named.name) {
            Some(table) if table.materialized.is_some() => Err(Diagnostic::error(
                sqlstate::WRONG_OBJECT_TYPE,
                format!("\"{}\" is not a table", named.name),
            )
            .at(named.span)
            .hint("It is a materialized view.")),
            Some(table) => Ok(table.clone()),
            None if relation_exists(catalog, &named.name) => Err(Diagnostic::error(
                sqlstate::WRONG_OBJECT_TYPE,
                format!("\"{}\" is not a table", named.name),
            )
            .at(named.span)),
            None => Err(named.missing("relation")),
        }
    }

    fn notice(&mut self, message: impl Into<String>) {
        self.notices.push(Diagnostic {
            severity: Severity::Warning,
            ..*Diagnostic::error(Code::new("00000"), message)
        });
    }
}

fn is_definition(word: &str) -> bool {
    ["create", "alter", "drop", "comment"].contains(&word.to_lowercase().as_str())
}

/// What binding a default or a check needs.
fn binding(catalog: &Catalog, now: i64) -> BindContext<'_> {
    BindContext {
        catalog,
        parameters: &[],
        now,
    }
}

/// What to do when an object is there already (CREATE) or is not there (DROP).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Existence {
    /// It is an error.
    Required,
    /// `IF [NOT] EXISTS`: a notice.
    Optional,
}

fn if_exists(clause: bool) -> Existence {
    match clause {
        true => Existence::Optional,
        false => Existence::Required,
    }
}

/// What DROP does with what depends on an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behavior {
    /// It is an error.
    Restrict,
    /// It goes too.
    Cascade,
}

/// Whether a table, view, sequence or index has this name.
fn relation_exists(catalog: &Catalog, name: &str) -> bool {
    catalog.table(name).is_some()
        || catalog.views.contains_key(name)
        || catalog.sequences.contains_key(name)
        || index_exists(catalog, name)
}

fn index_exists(catalog: &Catalog, name: &str) -> bool {
    let mut tables = catalog.tables.values();
    tables.any(|table| table.index_names().any(|known| &**known == name))
}

/// Whether a table has a constraint of this name.
fn named_constraint(catalog: &Catalog, name: &str) -> bool {
    let mut tables = catalog.tables.values();
    tables.any(|table| constraint::constraint_names(table).any(|known| &**known == name))
}

fn already_exists(named: &Named) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::DUPLICATE_TABLE,
        format!("relation \"{}\" already exists", named.name),
    )
    .at(named.span)
}

fn unsupported(what: &str, span: Option<Span>) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FEATURE_NOT_SUPPORTED,
        format!("{what} is not supported"),
    )
    .at(span)
}

/// Refuses a clause when it is there.
fn unset(there: bool, what: &str, span: Option<Span>) -> Result<()> {
    match there {
        true => Err(unsupported(what, span)),
        false => Ok(()),
    }
}
