//! Names of relations and of their columns.

use super::super::query::Output;
use super::super::refuse::{absent, unsupported};
use super::super::scope::{Named, fold, ident_span};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span};
use crate::sql::span_of;
use sqlparser::ast::{
    Ident, ObjectName, ObjectNamePart, Spanned, TableAlias, TableAliasColumnDef, TableSampleKind,
};
use std::sync::Arc;

pub(super) fn named(output: Output) -> Named {
    Named {
        name: output.name,
        id: output.id,
        ty: output.ty,
    }
}

pub(super) fn alias_parts(alias: &TableAlias) -> Result<&[TableAliasColumnDef]> {
    let TableAlias {
        explicit: _,
        name,
        columns,
        at,
    } = alias;
    absent(at.as_ref(), "AT behind an alias", ident_span(name))?;
    Ok(columns)
}

/// Renames columns as an alias says.
pub(in crate::engine::bind) fn rename(
    columns: &mut [Named],
    name: &str,
    alias: &TableAlias,
) -> Result<()> {
    let names = alias_parts(alias)?;
    if names.len() > columns.len() {
        return Err(Diagnostic::error(
            sqlstate::INVALID_COLUMN_REFERENCE,
            format!(
                "table \"{name}\" has {} columns available but {} columns specified",
                columns.len(),
                names.len()
            ),
        )
        .at(ident_span(&alias.name)));
    }
    for (column, TableAliasColumnDef { name, data_type }) in columns.iter_mut().zip(names) {
        absent(
            data_type.as_ref(),
            "a type in a column alias",
            ident_span(name),
        )?;
        column.name = Arc::from(&*fold(name));
    }
    Ok(())
}

/// Schema and name of a relation.
pub(in crate::engine::bind) fn relation_name(
    name: &ObjectName,
) -> Result<(Option<String>, &Ident)> {
    let ObjectName(parts) = name;
    match parts.as_slice() {
        [ObjectNamePart::Identifier(table)] => Ok((None, table)),
        [
            ObjectNamePart::Identifier(schema),
            ObjectNamePart::Identifier(table),
        ] => Ok((Some(fold(schema).into_owned()), table)),
        [
            ObjectNamePart::Identifier(database),
            ObjectNamePart::Identifier(_),
            ObjectNamePart::Identifier(_),
        ] => Err(Diagnostic::error(
            sqlstate::FEATURE_NOT_SUPPORTED,
            format!("cross-database references are not implemented: \"{name}\""),
        )
        .at(ident_span(database))),
        _ => Err(unsupported(
            format!("the table name {name}"),
            name_span(name),
        )),
    }
}

/// Where a name stands.
pub(in crate::engine::bind) fn name_span(name: &ObjectName) -> Option<Span> {
    let spans = name
        .0
        .iter()
        .filter_map(|part| part.as_ident())
        .filter_map(ident_span);
    spans.reduce(|first, last| first.to(last))
}

/// From the table's name to the size of its sample: the words between have no place of their own.
pub(super) fn sample_span(table: Option<Span>, sample: Option<&TableSampleKind>) -> Option<Span> {
    let (TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample)) =
        sample?;
    let size = sample.quantity.as_ref().map(|quantity| &quantity.value);
    let end = size.and_then(|size| span_of(size.span()));
    match (table, end) {
        (Some(table), Some(end)) => Some(table.to(end)),
        (table, _) => table,
    }
}
