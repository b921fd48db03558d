//! Functions in FROM, and several of them side by side.

use super::super::refuse::{unset, unsupported};
use super::super::scope::{Bare, Clause, Columns, Item, Named, fold};
use super::super::{Binder, series};
use crate::base::{Result, Span, Type};
use crate::engine::expr::{ColumnId, Comparison, Expr, ExprKind};
use crate::engine::plan::{Direction, JoinKind, Nulls, Ordinality, Plan, SortKey};
use sqlparser::ast::{FunctionArg, FunctionArgExpr, ObjectName, TableAlias};
use std::sync::Arc;

impl Binder<'_> {
    /// A function in FROM.
    pub(super) fn table_function(
        &mut self,
        name: &ObjectName,
        args: &[FunctionArg],
        ordinality: bool,
        alias: Option<&TableAlias>,
    ) -> Result<Plan> {
        let (function, span) = super::super::calls::function_name(name)?;
        let mut exprs = Vec::with_capacity(args.len());
        for argument in args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => exprs.push(expr),
                FunctionArg::Unnamed(
                    FunctionArgExpr::Wildcard
                    | FunctionArgExpr::QualifiedWildcard(_)
                    | FunctionArgExpr::WildcardWithOptions(_),
                )
                | FunctionArg::Named { .. }
                | FunctionArg::ExprNamed { .. } => {
                    return Err(unsupported("this argument of a function in FROM", span));
                }
            }
        }
        let arguments = self.within(Clause::FromFunction, |binder| {
            exprs
                .into_iter()
                .map(|expr| binder.expr(expr))
                .collect::<Result<Vec<_>>>()
        })?;
        if let Some(beside) = series::pairs(&function) {
            let keys = self.call(beside, arguments.clone(), span)?;
            let values = series::as_json(self.call(&function, arguments, span)?, &function);
            let names = [&*function, "key", "value"];
            // They are equally long, so that no side needs filling up.
            return self.zipped(
                vec![keys, values],
                names,
                JoinKind::Inner,
                ordinality,
                alias,
            );
        }
        if series::gives_rows(&function) {
            return self.series_item(&function, arguments, ordinality, alias, span);
        }
        unset(ordinality, "WITH ORDINALITY behind this function", span)?;
        // Any other function gives one row of one column.
        let value = self.call(&function, arguments, span)?;
        let id = self.fresh();
        let ty = value.ty.clone();
        self.function_item(&function, vec![(id, ty)], alias, span)?;
        Ok(Plan::Project {
            input: Box::new(Plan::one_row()),
            columns: vec![(id, value)],
        })
    }

    pub(super) fn series_item(
        &mut self,
        name: &str,
        arguments: Vec<Expr>,
        ordinality: bool,
        alias: Option<&TableAlias>,
        span: Option<Span>,
    ) -> Result<Plan> {
        let (function, arguments, ty) = self.series_signature(name, arguments, span)?;
        let mut columns = vec![(self.fresh(), ty)];
        let ordinality = if ordinality {
            columns.push((self.fresh(), Type::BigInt));
            Ordinality::With
        } else {
            Ordinality::Without
        };
        self.function_item(name, columns.clone(), alias, span)?;
        Ok(Plan::TableFunction {
            function,
            arguments,
            columns,
            ordinality,
        })
    }

    /// `unnest(a, b, ...)`: the arrays side by side, shorter ones filled up with NULLs. `names`
    /// are those of the item, its first column, and the others.
    pub(super) fn zipped(
        &mut self,
        arrays: Vec<Expr>,
        [item, first, others]: [&str; 3],
        join: JoinKind,
        ordinality: bool,
        alias: Option<&TableAlias>,
    ) -> Result<Plan> {
        let mut whole: Option<(Plan, ColumnId)> = None;
        let mut columns: Vec<(ColumnId, Type)> = Vec::with_capacity(arrays.len() + 1);
        for array in arrays {
            let span = array.span;
            let (function, arguments, ty) = self.series_signature("unnest", vec![array], span)?;
            let (id, place) = (self.fresh(), self.fresh());
            let part = Plan::TableFunction {
                function,
                arguments,
                columns: vec![(id, ty.clone()), (place, Type::BigInt)],
                ordinality: Ordinality::With,
            };
            whole = Some(match whole {
                None => (part, place),
                Some((before, known)) => {
                    let left = Expr::column(known, Type::BigInt);
                    let right = Expr::column(place, Type::BigInt);
                    let on = self.compare(Comparison::Eq, left.clone(), right.clone())?;
                    let merged = self.fresh();
                    let mut outputs: Vec<(ColumnId, Expr)> = columns
                        .iter()
                        .chain(&[(id, ty.clone())])
                        .map(|(id, ty)| (*id, Expr::column(*id, ty.clone())))
                        .collect();
                    outputs.push((
                        merged,
                        Expr::new(ExprKind::Coalesce(vec![left, right]), Type::BigInt),
                    ));
                    let joined = Plan::Project {
                        input: Box::new(Plan::join(join, before, part, vec![on])),
                        columns: outputs,
                    };
                    (joined, merged)
                }
            });
            columns.push((id, ty));
        }
        let Some((plan, place)) = whole else {
            return Err(unsupported("unnest without arrays", None));
        };
        if ordinality {
            columns.push((place, Type::BigInt));
        }
        let last = columns.len() - usize::from(ordinality);
        let named = columns
            .into_iter()
            .enumerate()
            .map(|(at, (id, ty))| Named {
                name: Arc::from(match at {
                    at if at >= last => "ordinality",
                    0 => first,
                    _ => others,
                }),
                id,
                ty,
            })
            .collect();
        match alias {
            Some(alias) => self.add_named(named, alias)?,
            None => self.add_item(
                Item {
                    alias: Some(Arc::from(item)),
                    bare: Bare::Found,
                    columns: Columns::Named(named),
                },
                None,
            )?,
        }
        Ok(Plan::Sort {
            input: Box::new(plan),
            keys: vec![SortKey {
                expr: Expr::column(place, Type::BigInt),
                direction: Direction::Ascending,
                nulls: Nulls::Last,
            }],
        })
    }

    /// Names the columns of a function in FROM: the first is called like the item.
    pub(super) fn function_item(
        &mut self,
        name: &str,
        columns: Vec<(ColumnId, Type)>,
        alias: Option<&TableAlias>,
        span: Option<Span>,
    ) -> Result<()> {
        let item: Arc<str> = match alias {
            Some(alias) => Arc::from(&*fold(&alias.name)),
            None => Arc::from(name),
        };
        // These name their column themselves.
        let names_value = name.contains("_array_elements");
        let bare = match names_value && columns.len() == 1 {
            true => Bare::Value,
            false => Bare::Found,
        };
        let columns: Vec<Named> = columns
            .into_iter()
            .enumerate()
            .map(|(place, (id, ty))| Named {
                name: if place == 0 && names_value {
                    Arc::from("value")
                } else if place == 0 {
                    item.clone()
                } else {
                    Arc::from("ordinality")
                },
                id,
                ty,
            })
            .collect();
        match alias {
            Some(alias) => self.add_named_as(columns, alias, bare),
            None => self.add_item(
                Item {
                    alias: Some(item),
                    bare,
                    columns: Columns::Named(columns),
                },
                span,
            ),
        }
    }
}
