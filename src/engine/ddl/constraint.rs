//! Constraint definitions: keys, checks and foreign keys.

use super::name::{Named, choose, choose_relation, named, table_name};
use super::{Definer, binding, relation_exists, unset, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Type};
use crate::engine::bind;
use crate::engine::catalog::{
    Check, DeferrableKey, ForeignKey, Matching, Nullability, ReferentialAction, Table, Timing,
    Unique, Uniqueness,
};
use crate::sql::span_of;
use sqlparser::ast::{self, Expr, TableConstraint};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A constraint that is wanted, with its name where it has one.
pub(super) struct Wanted {
    pub(super) name: Option<Arc<str>>,
    pub(super) kind: ColumnConstraint,
}

/// The kinds of constraints.
pub(super) enum ColumnConstraint {
    PrimaryKey(Columns),
    Unique(Columns, Timing),
    Check(Arc<str>),
    ForeignKey {
        columns: Columns,
        target: Named,
        target_columns: Vec<Named>,
        on_delete: ReferentialAction,
        on_update: ReferentialAction,
        timing: Timing,
        matching: Matching,
    },
}

/// The columns of a constraint.
pub(super) enum Columns {
    /// A constraint behind a column.
    Place(usize),
    /// One of the whole table.
    Names(Vec<Named>),
}

impl ColumnConstraint {
    pub(super) fn primary_key(key: &ast::PrimaryKeyConstraint, place: usize) -> Result<Self> {
        primary_key_clauses(key)?;
        Ok(Self::PrimaryKey(Columns::Place(place)))
    }

    pub(super) fn unique(key: &ast::UniqueConstraint, place: usize) -> Result<Self> {
        Ok(Self::Unique(Columns::Place(place), unique_clauses(key)?))
    }

    pub(super) fn check(check: &ast::CheckConstraint) -> Result<Self> {
        let ast::CheckConstraint {
            name: _,
            expr,
            no_inherit: _,
            enforced,
        } = check;
        unset(*enforced == Some(false), "NOT ENFORCED", None)?;
        Ok(Self::Check(expr.to_string().into()))
    }

    pub(super) fn foreign_key(key: &ast::ForeignKeyConstraint, places: Vec<usize>) -> Result<Self> {
        let ast::ForeignKeyConstraint {
            name: _,
            index_name,
            columns,
            foreign_table,
            referred_columns,
            on_delete,
            on_update,
            match_kind,
            characteristics,
        } = key;
        unset(index_name.is_some(), "a name behind FOREIGN KEY", None)?;
        let matching = match match_kind {
            None | Some(ast::ConstraintReferenceMatchKind::Simple) => Matching::Simple,
            Some(ast::ConstraintReferenceMatchKind::Full) => Matching::Full,
            Some(ast::ConstraintReferenceMatchKind::Partial) => {
                return Err(unsupported("MATCH PARTIAL", None));
            }
        };
        let columns = match places.as_slice() {
            [place] => Columns::Place(*place),
            _ => Columns::Names(columns.iter().map(named).collect()),
        };
        Ok(Self::ForeignKey {
            columns,
            target: table_name(foreign_table)?,
            target_columns: referred_columns.iter().map(named).collect(),
            on_delete: action(on_delete.as_ref()),
            on_update: action(on_update.as_ref()),
            timing: timing(characteristics.as_ref())?,
            matching,
        })
    }
}

impl Wanted {
    /// Reads a constraint of a whole table.
    pub(super) fn of_table(constraint: &TableConstraint) -> Result<Self> {
        let (name, kind) = match constraint {
            TableConstraint::PrimaryKey(key) => {
                primary_key_clauses(key)?;
                let columns = Columns::Names(key_columns(&key.columns)?);
                (&key.name, ColumnConstraint::PrimaryKey(columns))
            }
            TableConstraint::Unique(key) => {
                let timing = unique_clauses(key)?;
                let columns = Columns::Names(key_columns(&key.columns)?);
                (&key.name, ColumnConstraint::Unique(columns, timing))
            }
            TableConstraint::ForeignKey(key) => {
                (&key.name, ColumnConstraint::foreign_key(key, Vec::new())?)
            }
            TableConstraint::Check(check) => (&check.name, ColumnConstraint::check(check)?),
            TableConstraint::Index(_) => return Err(unsupported("INDEX in CREATE TABLE", None)),
            TableConstraint::FulltextOrSpatial(_) => {
                return Err(unsupported("a fulltext or spatial index", None));
            }
            TableConstraint::PrimaryKeyUsingIndex(_) | TableConstraint::UniqueUsingIndex(_) => {
                return Err(unsupported("USING INDEX", None));
            }
            TableConstraint::Exclude(_) => return Err(unsupported("EXCLUDE", None)),
        };
        Ok(Self {
            name: name.as_ref().map(super::fold),
            kind,
        })
    }
}

fn primary_key_clauses(key: &ast::PrimaryKeyConstraint) -> Result<()> {
    let ast::PrimaryKeyConstraint {
        name: _,
        index_name,
        index_type,
        columns: _,
        include,
        index_options,
        characteristics,
    } = key;
    unset(index_name.is_some(), "a name behind PRIMARY KEY", None)?;
    unset(index_type.is_some(), "USING behind PRIMARY KEY", None)?;
    unset(!include.is_empty(), "INCLUDE", None)?;
    unset(!index_options.is_empty(), "an index option", None)?;
    match timing(characteristics.as_ref())? {
        Timing::Immediate => Ok(()),
        Timing::Deferrable | Timing::Deferred => {
            Err(unsupported("DEFERRABLE on a primary key", None)
                .hint("Foreign keys and UNIQUE can be deferrable."))
        }
    }
}

fn unique_clauses(key: &ast::UniqueConstraint) -> Result<Timing> {
    let ast::UniqueConstraint {
        name: _,
        index_name,
        index_type_display: _,
        index_type,
        columns: _,
        include,
        index_options,
        characteristics,
        nulls_distinct,
    } = key;
    unset(index_name.is_some(), "a name behind UNIQUE", None)?;
    unset(index_type.is_some(), "USING behind UNIQUE", None)?;
    unset(!include.is_empty(), "INCLUDE", None)?;
    unset(!index_options.is_empty(), "an index option", None)?;
    let not_distinct = matches!(nulls_distinct, ast::NullsDistinctOption::NotDistinct);
    unset(not_distinct, "NULLS NOT DISTINCT", None)?;
    timing(characteristics.as_ref())
}

/// The plain columns of a key or an index.
pub(super) fn key_columns(columns: &[ast::IndexColumn]) -> Result<Vec<Named>> {
    columns
        .iter()
        .map(|column| {
            let ast::IndexColumn {
                column:
                    ast::OrderByExpr {
                        expr,
                        options: _,
                        with_fill,
                    },
                operator_class: _,
            } = column;
            unset(with_fill.is_some(), "WITH FILL", None)?;
            match expr {
                Expr::Identifier(ident) => Ok(named(ident)),
                other => Err(unsupported(
                    "an index over an expression",
                    span_of(ast::Spanned::span(other)),
                )),
            }
        })
        .collect()
}

fn action(action: Option<&ast::ReferentialAction>) -> ReferentialAction {
    match action {
        None | Some(ast::ReferentialAction::NoAction) => ReferentialAction::NoAction,
        Some(ast::ReferentialAction::Restrict) => ReferentialAction::Restrict,
        Some(ast::ReferentialAction::Cascade) => ReferentialAction::Cascade,
        Some(ast::ReferentialAction::SetNull) => ReferentialAction::SetNull,
        Some(ast::ReferentialAction::SetDefault) => ReferentialAction::SetDefault,
    }
}

fn timing(characteristics: Option<&ast::ConstraintCharacteristics>) -> Result<Timing> {
    let Some(ast::ConstraintCharacteristics {
        deferrable,
        initially,
        enforced,
    }) = characteristics
    else {
        return Ok(Timing::Immediate);
    };
    unset(*enforced == Some(false), "NOT ENFORCED", None)?;
    match (deferrable, initially) {
        (Some(false), Some(ast::DeferrableInitial::Deferred)) => Err(Diagnostic::error(
            sqlstate::SYNTAX_ERROR,
            "constraint declared INITIALLY DEFERRED must be DEFERRABLE",
        )),
        (_, Some(ast::DeferrableInitial::Deferred)) => Ok(Timing::Deferred),
        (Some(true), _) => Ok(Timing::Deferrable),
        (Some(false) | None, _) => Ok(Timing::Immediate),
    }
}

/// A constraint that was added: what has to be done to the rows that are there.
pub(super) enum Added {
    /// A unique index of this name.
    Key(Arc<str>),
    /// A unique key of this name that no index holds.
    DeferrableKey(Arc<str>),
    /// A check of this name.
    Check(Arc<str>),
    /// A foreign key of this name.
    ForeignKey(Arc<str>),
}

impl Definer<'_> {
    /// Adds a constraint to a definition that is being made or changed.
    pub(super) fn add_constraint(&self, table: &mut Table, wanted: Wanted) -> Result<Added> {
        let Wanted { name, kind } = wanted;
        if let Some(name) = &name
            && constraint_names(table).any(|known| known == name)
        {
            return Err(Diagnostic::error(
                sqlstate::DUPLICATE_OBJECT,
                format!(
                    "constraint \"{name}\" for relation \"{}\" already exists",
                    table.plain_name()
                ),
            ));
        }
        match kind {
            ColumnConstraint::PrimaryKey(columns) => {
                if table.primary_key.is_some() {
                    return Err(Diagnostic::error(
                        sqlstate::INVALID_TABLE_DEFINITION,
                        format!(
                            "multiple primary keys for table \"{}\" are not allowed",
                            table.plain_name()
                        ),
                    ));
                }
                let columns = places(table, &columns, "primary key")?;
                for &column in &columns {
                    if let Some(column) = table.columns.get_mut(column) {
                        column.nullability = Nullability::NotNull;
                    }
                }
                let name = self.key_name(table, name, &[], "pkey")?;
                table.primary_key = Some(Unique {
                    name: name.clone(),
                    columns,
                });
                Ok(Added::Key(name))
            }
            ColumnConstraint::Unique(columns, timing) => {
                let columns = places(table, &columns, "unique constraint")?;
                let names = column_names(table, &columns);
                let name = self.key_name(table, name, &names, "key")?;
                if timing != Timing::Immediate {
                    table.deferrable_keys.push(DeferrableKey {
                        name: name.clone(),
                        columns,
                        timing,
                    });
                    return Ok(Added::DeferrableKey(name));
                }
                table.uniques.push(Unique {
                    name: name.clone(),
                    columns,
                });
                Ok(Added::Key(name))
            }
            ColumnConstraint::Check(condition) => {
                let catalog = self.storage.shared_catalog();
                let whole = Arc::new(table.clone());
                let (bound, ids) =
                    bind::bind_check(&condition, &whole, &binding(&catalog, self.eval.now))
                        .map_err(|mut error| {
                            // Positions count within the condition's own text.
                            error.span = None;
                            error
                        })?;
                let read = bound.reads();
                let used: Vec<usize> = ids
                    .iter()
                    .enumerate()
                    .filter(|(_, id)| read.contains(**id))
                    .map(|(place, _)| place)
                    .collect();
                let column = match used.as_slice() {
                    [only] => column_names(table, &[*only]).join("_"),
                    _ => String::new(),
                };
                let name = name.unwrap_or_else(|| own_name(table, &column, "check"));
                table.checks.push(Check {
                    name: name.clone(),
                    condition,
                });
                Ok(Added::Check(name))
            }
            ColumnConstraint::ForeignKey {
                columns,
                target,
                target_columns,
                on_delete,
                on_update,
                timing,
                matching,
            } => {
                let columns = places(table, &columns, "foreign key constraint")?;
                let names = column_names(table, &columns).join("_");
                let name = name.unwrap_or_else(|| own_name(table, &names, "fkey"));
                let owner = match target.name == table.name {
                    true => table.clone(),
                    false => (*self.table(&target)?).clone(),
                };
                let target_columns = target_key(&owner, &target, &target_columns, columns.len())?;
                comparable(table, &columns, &owner, &target_columns, &name)?;
                table.foreign_keys.push(ForeignKey {
                    name: name.clone(),
                    columns,
                    target: target.name,
                    target_columns,
                    on_delete,
                    on_update,
                    timing,
                    matching,
                });
                Ok(Added::ForeignKey(name))
            }
        }
    }

    /// The name of a unique key, which is the name of a relation too: its index.
    fn key_name(
        &self,
        table: &Table,
        name: Option<Arc<str>>,
        columns: &[Arc<str>],
        label: &str,
    ) -> Result<Arc<str>> {
        let catalog = self.storage.catalog();
        let own: Vec<Arc<str>> = constraint_names(table).cloned().collect();
        match name {
            None => Ok(choose_relation(
                catalog,
                &own,
                table.plain_name(),
                columns,
                label,
            )),
            Some(name) if relation_exists(catalog, &name) => Err(Diagnostic::error(
                sqlstate::DUPLICATE_TABLE,
                format!("relation \"{name}\" already exists"),
            )),
            Some(name) => Ok(name),
        }
    }
}

/// The names of all constraints of a table.
pub(super) fn constraint_names(table: &Table) -> impl Iterator<Item = &Arc<str>> {
    let keys = table.unique_keys().map(|key| &key.name);
    let checks = table.checks.iter().map(|check| &check.name);
    let foreign = table.foreign_keys.iter().map(|key| &key.name);
    let deferrable = table.deferrable_keys.iter().map(|key| &key.name);
    keys.chain(checks).chain(foreign).chain(deferrable)
}

fn own_name(table: &Table, columns: &str, label: &str) -> Arc<str> {
    choose(table.plain_name(), columns, label, |name| {
        constraint_names(table).any(|known| &**known == name)
    })
}

pub(super) fn column_names(table: &Table, columns: &[usize]) -> Vec<Arc<str>> {
    let columns = columns.iter().filter_map(|&at| table.columns.get(at));
    columns.map(|column| column.name.clone()).collect()
}

/// The places of a constraint's columns.
fn places(table: &Table, columns: &Columns, what: &str) -> Result<Vec<usize>> {
    let names = match columns {
        Columns::Place(place) => return Ok(vec![*place]),
        Columns::Names(names) => names,
    };
    let mut seen = BTreeSet::new();
    names
        .iter()
        .map(|named| {
            let Some(place) = table.position(&named.name) else {
                let message = match what {
                    "foreign key constraint" => format!(
                        "column \"{}\" referenced in foreign key constraint does not exist",
                        named.name
                    ),
                    _ => format!("column \"{}\" named in key does not exist", named.name),
                };
                return Err(Diagnostic::error(sqlstate::UNDEFINED_COLUMN, message).at(named.span));
            };
            if !seen.insert(place) && what != "foreign key constraint" {
                return Err(Diagnostic::error(
                    sqlstate::DUPLICATE_COLUMN,
                    format!("column \"{}\" appears twice in {what}", named.name),
                )
                .at(named.span));
            }
            Ok(place)
        })
        .collect()
}

/// The places of the columns that a foreign key refers to: those of a unique key.
fn target_key(
    owner: &Table,
    target: &Named,
    columns: &[Named],
    count: usize,
) -> Result<Vec<usize>> {
    let disagree = || {
        Diagnostic::error(
            sqlstate::INVALID_FOREIGN_KEY,
            "number of referencing and referenced columns for foreign key disagree",
        )
        .at(target.span)
    };
    if columns.is_empty() {
        let key = owner.primary_key.as_ref().ok_or_else(|| {
            Diagnostic::error(
                sqlstate::UNDEFINED_OBJECT,
                format!(
                    "there is no primary key for referenced table \"{}\"",
                    owner.name
                ),
            )
            .at(target.span)
        })?;
        return match key.columns.len() == count {
            true => Ok(key.columns.clone()),
            false => Err(disagree()),
        };
    }
    if columns.len() != count {
        return Err(disagree());
    }
    let places = columns
        .iter()
        .map(|named| {
            owner.position(&named.name).ok_or_else(|| {
                Diagnostic::error(
                    sqlstate::UNDEFINED_COLUMN,
                    format!(
                        "column \"{}\" referenced in foreign key constraint does not exist",
                        named.name
                    ),
                )
                .at(named.span)
            })
        })
        .collect::<Result<Vec<usize>>>()?;
    let wanted: BTreeSet<usize> = places.iter().copied().collect();
    let keys = owner.unique_keys().map(|key| &key.columns);
    let indexes = owner
        .indexes
        .iter()
        .filter(|index| index.uniqueness == Uniqueness::Unique)
        .map(|index| &index.columns);
    let found = keys
        .chain(indexes)
        .any(|key| key.len() == wanted.len() && key.iter().all(|column| wanted.contains(column)));
    match found {
        true => Ok(places),
        false => Err(Diagnostic::error(
            sqlstate::INVALID_FOREIGN_KEY,
            format!(
                "there is no unique constraint matching given keys for referenced table \"{}\"",
                owner.name
            ),
        )
        .at(target.span)),
    }
}

/// The columns of a foreign key can be compared with those they refer to.
fn comparable(
    table: &Table,
    columns: &[usize],
    owner: &Table,
    targets: &[usize],
    name: &str,
) -> Result<()> {
    for (&column, &target) in columns.iter().zip(targets) {
        let (Some(column), Some(target)) = (table.columns.get(column), owner.columns.get(target))
        else {
            continue;
        };
        if family(&column.ty) != family(&target.ty) {
            return Err(Diagnostic::error(
                sqlstate::DATATYPE_MISMATCH,
                format!("foreign key constraint \"{name}\" cannot be implemented"),
            )
            .hint(format!(
                "Key columns \"{}\" and \"{}\" are of incompatible types: {} and {}.",
                column.name, target.name, column.ty, target.ty
            )));
        }
    }
    Ok(())
}

/// Types of one family can be compared without an explicit cast. Numbers are kept in forms that
/// differ, so integers refer to integers only.
fn family(ty: &Type) -> u8 {
    match ty {
        Type::SmallInt | Type::Integer | Type::BigInt => 0,
        Type::Numeric(_) => 1,
        Type::Real | Type::Double => 2,
        Type::Text | Type::Varchar(_) | Type::Char(_) => 3,
        Type::Boolean => 4,
        Type::Date => 5,
        Type::Timestamp => 6,
        Type::TimestampTz => 7,
        Type::Time => 8,
        Type::Interval => 9,
        Type::Uuid => 10,
        Type::Json => 11,
        Type::Jsonb => 15,
        Type::Array(_) => 12,
        Type::Record(_) => 13,
        Type::Unknown => 14,
    }
}
