//! Column definitions.

use super::constraint::{ColumnConstraint, Wanted};
use super::name::{choose_relation, named};
use super::sequence::{Numbers, numbers};
use super::{Definer, binding, unset, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Code, Diagnostic, Result, Type};
use crate::engine::bind;
use crate::engine::catalog::{Column, Generation, Identity, Nullability, Sequence, Table};
use crate::sql::span_of;
use sqlparser::ast::{self, ColumnOption, DataType, GeneratedAs};
use std::sync::Arc;

/// A column as it is defined, and what comes with it.
pub(super) struct Defined {
    /// The column.
    pub(super) column: Column,
    /// Constraints that were written behind it, with their names where they have some.
    pub(super) constraints: Vec<Wanted>,
    /// The sequence of a serial or identity column.
    pub(super) sequence: Option<Sequence>,
}

impl Definer<'_> {
    /// Reads the definition of a column that is to stand at `place` of `table`.
    pub(super) fn column(
        &self,
        table: &Arc<str>,
        place: usize,
        definition: &ast::ColumnDef,
    ) -> Result<Defined> {
        let ast::ColumnDef {
            name,
            data_type,
            options,
        } = definition;
        bind::not_reserved(name)?;
        let name = named(name);
        let serial = serial(data_type);
        let ty = match &serial {
            Some(ty) => ty.clone(),
            None => bind::column_type(data_type, name.span)?,
        };
        let mut column = Column {
            precision: bind::time_precision(data_type),
            ..Column::plain(name.name.clone(), ty)
        };
        let mut constraints = Vec::new();
        let mut sequence = None;
        let mut null = false;
        for ast::ColumnOptionDef {
            name: constraint,
            option,
        } in options
        {
            let constraint = constraint.as_ref().map(named);
            let mut add = |constraint_kind| {
                constraints.push(Wanted {
                    name: constraint.as_ref().map(|named| named.name.clone()),
                    kind: constraint_kind,
                });
            };
            match option {
                ColumnOption::Null => null = true,
                ColumnOption::NotNull => column.nullability = Nullability::NotNull,
                ColumnOption::Default(expr) => {
                    if column.default.is_some() {
                        return Err(Diagnostic::error(
                            sqlstate::SYNTAX_ERROR,
                            format!(
                                "multiple default values specified for column \"{}\" of table \"{table}\"",
                                name.name
                            ),
                        )
                        .at(name.span));
                    }
                    column.default = Some(self.default_text(expr, &column.ty)?);
                }
                ColumnOption::PrimaryKey(key) => add(ColumnConstraint::primary_key(key, place)?),
                ColumnOption::Unique(key) => add(ColumnConstraint::unique(key, place)?),
                ColumnOption::ForeignKey(key) => {
                    add(ColumnConstraint::foreign_key(key, vec![place])?);
                }
                ColumnOption::Check(check) => add(ColumnConstraint::check(check)?),
                ColumnOption::Generated {
                    generated_as,
                    sequence_options,
                    generation_expr,
                    generation_expr_mode,
                    generated_keyword: _,
                } => {
                    if let Some(expr) = generation_expr {
                        match generation_expr_mode {
                            Some(ast::GeneratedExpressionMode::Stored) => {}
                            Some(ast::GeneratedExpressionMode::Virtual) | None => {
                                return Err(unsupported(
                                    "a generated column that is not STORED",
                                    name.span,
                                ));
                            }
                        }
                        column.generated = Some(expr.to_string().into());
                        continue;
                    }
                    let generation = match generated_as {
                        GeneratedAs::Always => Generation::Always,
                        GeneratedAs::ByDefault => Generation::ByDefault,
                        GeneratedAs::ExpStored => {
                            return Err(unsupported("a computed column", name.span));
                        }
                    };
                    let options = sequence_options.as_deref().unwrap_or_default();
                    let made = self.owned_sequence(table, place, &column, options)?;
                    column.nullability = Nullability::NotNull;
                    column.identity = Some(Identity {
                        sequence: made.name.clone(),
                        generation,
                    });
                    sequence = Some(made);
                }
                ColumnOption::Collation(collation) => {
                    // Texts are ordered by code point, which is what these name.
                    let known = [
                        "\"C\"",
                        "\"POSIX\"",
                        "\"C.UTF-8\"",
                        "\"ucs_basic\"",
                        "\"default\"",
                    ];
                    let text = collation.to_string();
                    unset(
                        !known.contains(&text.as_str()),
                        &format!("COLLATE {text}"),
                        name.span,
                    )?;
                }
                ColumnOption::Materialized(_)
                | ColumnOption::Ephemeral(_)
                | ColumnOption::Alias(_)
                | ColumnOption::DialectSpecific(_)
                | ColumnOption::CharacterSet(_)
                | ColumnOption::Comment(_)
                | ColumnOption::OnUpdate(_)
                | ColumnOption::Options(_)
                | ColumnOption::Identity(_)
                | ColumnOption::OnConflict(_)
                | ColumnOption::Policy(_)
                | ColumnOption::Tags(_)
                | ColumnOption::Srid(_)
                | ColumnOption::Invisible => {
                    return Err(unsupported(
                        &format!("the column option {option}"),
                        name.span,
                    ));
                }
            }
        }
        if null && column.nullability == Nullability::NotNull {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                format!(
                    "conflicting NULL/NOT NULL declarations for column \"{}\" of table \"{table}\"",
                    name.name
                ),
            )
            .at(name.span));
        }
        if column.generated.is_some() && column.default.is_some() {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                format!(
                    "both default and generation expression specified for column \"{}\" of table \"{table}\"",
                    name.name
                ),
            )
            .at(name.span));
        }
        if serial.is_some() {
            let made = self.owned_sequence(table, place, &column, &[])?;
            column.nullability = Nullability::NotNull;
            column.default = Some(format!("nextval('{}')", quoted(&made.name)).into());
            sequence = Some(made);
        }
        Ok(Defined {
            column,
            constraints,
            sequence,
        })
    }

    /// The expressions of generated columns can be computed.
    pub(super) fn check_generated(&self, table: &Table) -> Result<()> {
        let shared = Arc::new(table.clone());
        let catalog = self.storage.shared_catalog();
        let binding = binding(&catalog, self.eval.now);
        for (place, column) in table.columns.iter().enumerate() {
            let Some(text) = &column.generated else {
                continue;
            };
            let (expr, ids) =
                bind::bind_generated(text, &shared, &column.ty, &binding).map_err(|error| {
                    Box::new(Diagnostic {
                        span: None,
                        ..*error
                    })
                })?;
            let read = expr.reads();
            let mut others = ids.iter().zip(&table.columns);
            if let Some((_, other)) =
                others.find(|(id, other)| other.generated.is_some() && read.contains(**id))
            {
                let own = table
                    .columns
                    .get(place)
                    .is_some_and(|own| own.name == other.name);
                let error = Diagnostic::error(
                    Code::new("42P17"),
                    format!(
                        "cannot use generated column \"{}\" in column generation expression",
                        other.name
                    ),
                );
                return Err(match own {
                    true => error
                        .hint("This would cause the generated column to depend on its own value."),
                    false => {
                        error.hint("A generated column cannot reference another generated column.")
                    }
                });
            }
        }
        Ok(())
    }

    /// The text of a default, after making sure that it can be computed.
    pub(super) fn default_text(&self, expr: &ast::Expr, ty: &Type) -> Result<Arc<str>> {
        let text: Arc<str> = expr.to_string().into();
        let catalog = self.storage.shared_catalog();
        bind::bind_default(&text, ty, &binding(&catalog, self.eval.now)).map_err(|mut error| {
            // Positions count within the default's own text.
            error.span = span_of(ast::Spanned::span(expr));
            if error.code == sqlstate::UNDEFINED_COLUMN {
                error.code = sqlstate::FEATURE_NOT_SUPPORTED;
                error.message = "cannot use column reference in DEFAULT expression".to_owned();
                error.hints.clear();
            }
            error
        })?;
        Ok(text)
    }

    /// The sequence of a serial or identity column.
    pub(super) fn owned_sequence(
        &self,
        table: &Arc<str>,
        place: usize,
        column: &Column,
        options: &[ast::SequenceOptions],
    ) -> Result<Sequence> {
        if !column.ty.is_integer() {
            return Err(Diagnostic::error(
                sqlstate::INVALID_PARAMETER_VALUE,
                "identity column type must be smallint, integer, or bigint",
            ));
        }
        let catalog = self.storage.catalog();
        let columns = [column.name.clone()];
        let name = choose_relation(catalog, &[], table, &columns, "seq");
        let Numbers {
            start,
            increment,
            minimum,
            maximum,
            cycle,
        } = numbers(options, &column.ty)?;
        Ok(Sequence {
            name,
            start,
            increment,
            minimum,
            maximum,
            cycle,
            owner: Some((table.clone(), place)),
        })
    }
}

/// A name as it must stand inside the string that `nextval` takes.
fn quoted(name: &str) -> String {
    let plain = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    match plain {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('"', "\"\"")).replace('\'', "''"),
    }
}

/// The integer type of a serial one.
fn serial(ty: &DataType) -> Option<Type> {
    let DataType::Custom(name, modifiers) = ty else {
        return None;
    };
    if !modifiers.is_empty() {
        return None;
    }
    match name.to_string().to_lowercase().as_str() {
        "serial" | "serial4" => Some(Type::Integer),
        "bigserial" | "serial8" => Some(Type::BigInt),
        "smallserial" | "serial2" => Some(Type::SmallInt),
        _ => None,
    }
}
