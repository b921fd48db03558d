//! FROM: tables, derived tables, functions and joins.

mod function;
mod join;
mod name;
mod relation;

use super::Binder;
use super::query::{MAX_CHAIN, Unknowns};
use super::refuse::{absent, empty, unset, unsupported};
use super::scope::{Bare, Clause, Columns, Item, Named, Siblings, fold, ident_span};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span};
use crate::engine::plan::{JoinKind, Plan};
use join::too_many_joins;
use name::sample_span;
pub(super) use name::{name_span, relation_name, rename};
pub(super) use relation::table_named;
use sqlparser::ast::{SetExpr, TableAlias, TableFactor, TableFunctionArgs, TableWithJoins};
use std::sync::Arc;

impl Binder<'_> {
    /// Binds FROM; the items go into the innermost scope.
    pub(super) fn from(&mut self, from: &[TableWithJoins]) -> Result<Plan> {
        let Some((first, rest)) = from.split_first() else {
            return Ok(Plan::one_row());
        };
        if rest.len() > MAX_CHAIN {
            return Err(too_many_joins());
        }
        let mut plan = self.table_with_joins(first)?;
        for more in rest {
            let right = self.table_with_joins(more)?;
            plan = Plan::join(JoinKind::Inner, plan, right, Vec::new());
        }
        Ok(plan)
    }

    fn factor(&mut self, factor: &TableFactor) -> Result<Plan> {
        self.count_relation()?;
        match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_hints,
            } => {
                let span = name_span(name);
                empty(with_hints, "WITH (hints)", span)?;
                absent(version.as_ref(), "a table version", span)?;
                empty(partitions, "PARTITION", span)?;
                absent(json_path.as_ref(), "a JSON path in FROM", span)?;
                absent(
                    sample.as_ref(),
                    "TABLESAMPLE",
                    sample_span(span, sample.as_ref()),
                )?;
                empty(index_hints, "an index hint", span)?;
                match args {
                    Some(TableFunctionArgs { args, settings }) => {
                        absent(settings.as_ref(), "SETTINGS", span)?;
                        self.table_function(name, args, *with_ordinality, alias.as_ref())
                    }
                    None => {
                        unset(*with_ordinality, "WITH ORDINALITY behind a table", span)?;
                        self.named_relation(name, alias.as_ref())
                    }
                }
            }
            TableFactor::Derived {
                lateral,
                subquery,
                alias,
                sample,
            } => {
                absent(sample.as_ref(), "TABLESAMPLE", None)?;
                let Some(alias) = alias else {
                    let (what, example) = match &*subquery.body {
                        SetExpr::Values(_) => ("VALUES", "(VALUES ...)"),
                        _ => ("subquery", "(SELECT ...)"),
                    };
                    return Err(Diagnostic::error(
                        sqlstate::SYNTAX_ERROR,
                        format!("{what} in FROM must have an alias"),
                    )
                    .hint(format!("For example, FROM {example} [AS] foo.")));
                };
                let bound = if *lateral {
                    self.query(subquery, Unknowns::AsText)
                } else {
                    let before = std::mem::replace(&mut self.scope().siblings, Siblings::Hidden);
                    let bound = self.query(subquery, Unknowns::AsText);
                    self.scope().siblings = before;
                    bound
                }?;
                self.derived(bound, alias)
            }
            TableFactor::Function {
                lateral: _,
                name,
                args,
                with_ordinality,
                alias,
            } => self.table_function(name, args, *with_ordinality, alias.as_ref()),
            TableFactor::UNNEST {
                alias,
                array_exprs,
                with_offset,
                with_offset_alias,
                with_ordinality,
            } => {
                unset(*with_offset, "WITH OFFSET", None)?;
                absent(with_offset_alias.as_ref(), "WITH OFFSET", None)?;
                let arguments = self.within(Clause::FromFunction, |binder| {
                    array_exprs
                        .iter()
                        .map(|expr| binder.expr(expr))
                        .collect::<Result<Vec<_>>>()
                })?;
                if arguments.len() > 1 {
                    return self.zipped(
                        arguments,
                        ["unnest"; 3],
                        JoinKind::Full,
                        *with_ordinality,
                        alias.as_ref(),
                    );
                }
                self.series_item("unnest", arguments, *with_ordinality, alias.as_ref(), None)
            }
            TableFactor::NestedJoin {
                table_with_joins,
                alias,
            } => {
                let start = self.scope().items.len();
                let plan = self.table_with_joins(table_with_joins)?;
                if let Some(alias) = alias {
                    // The alias hides the names inside.
                    let mut columns = Vec::new();
                    for item in self.scope().items.drain(start..) {
                        if item.bare != Bare::Merged {
                            item.each(|name, id, ty| {
                                columns.push(Named {
                                    name: name.clone(),
                                    id,
                                    ty: ty.clone(),
                                });
                            });
                        }
                    }
                    self.add_named(columns, alias)?;
                }
                Ok(plan)
            }
            TableFactor::TableFunction { expr: _, alias } => Err(unsupported(
                "TABLE(function)",
                alias.as_ref().and_then(|alias| ident_span(&alias.name)),
            )),
            TableFactor::JsonTable { .. } => Err(unsupported("JSON_TABLE", None)),
            TableFactor::OpenJsonTable { .. } => Err(unsupported("OPENJSON", None)),
            TableFactor::Pivot { .. } => Err(unsupported("PIVOT", None)
                .hint("Write one aggregate with FILTER (WHERE ...) for each column.")),
            TableFactor::Unpivot { .. } | TableFactor::UnpivotExpr { .. } => {
                Err(unsupported("UNPIVOT", None))
            }
            TableFactor::MatchRecognize { .. } => Err(unsupported("MATCH_RECOGNIZE", None)),
            TableFactor::XmlTable { .. } => Err(unsupported("XMLTABLE", None)),
            TableFactor::SemanticView { .. } => Err(unsupported("SEMANTIC_VIEW", None)),
        }
    }

    /// Adds an item to the scope under a name of its own.
    pub(super) fn add_item(&mut self, item: Item, span: Option<Span>) -> Result<()> {
        let scope = self.scope();
        if let Some(alias) = &item.alias
            && scope
                .items
                .iter()
                .any(|known| known.alias.as_ref() == Some(alias))
        {
            return Err(Diagnostic::error(
                sqlstate::DUPLICATE_ALIAS,
                format!("table name \"{alias}\" specified more than once"),
            )
            .at(span)
            .hint("Give each use a name of its own, as in FROM employee AS a, employee AS b."));
        }
        scope.items.push(item);
        Ok(())
    }

    /// Adds columns under an alias that may rename them.
    pub(super) fn add_named(&mut self, columns: Vec<Named>, alias: &TableAlias) -> Result<()> {
        self.add_named_as(columns, alias, Bare::Found)
    }

    fn add_named_as(
        &mut self,
        mut columns: Vec<Named>,
        alias: &TableAlias,
        bare: Bare,
    ) -> Result<()> {
        let name = fold(&alias.name);
        let span = ident_span(&alias.name);
        rename(&mut columns, &name, alias)?;
        self.add_item(
            Item {
                alias: Some(Arc::from(&*name)),
                bare,
                columns: Columns::Named(columns),
            },
            span,
        )
    }
}
