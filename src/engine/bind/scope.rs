//! Scopes: which names a query sees, and what they stand for.

use super::Binder;
use super::suggest;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type, Value};
use crate::engine::catalog::{Nullability, Table};
use crate::engine::expr::{ColumnId, Expr, ExprKind, Test};
use crate::engine::plan::{AggregateCall, TableFunction};
use sqlparser::ast::Ident;
use std::borrow::Cow;
use std::sync::Arc;

/// One query's names while it is bound.
#[derive(Default)]
pub(super) struct Scope {
    /// What FROM gives, left to right.
    pub items: Vec<Item>,
    /// Items before this one are not visible: set while a JOIN's condition is bound.
    pub first_visible: usize,
    /// Whether a derived table that is not LATERAL is being bound, which sees none of the items.
    pub siblings: Siblings,
    /// The clause that is being bound.
    pub clause: Clause,
    /// Aggregates found so far.
    pub aggregates: Vec<(ColumnId, AggregateCall)>,
    /// `GROUPING(...)` calls found so far, with their arguments.
    pub groupings: Vec<(ColumnId, Vec<Expr>, Option<Span>)>,
    /// Window functions found so far.
    pub windows: Vec<super::windows::Pending>,
    /// The WINDOW clause.
    pub named_windows: Vec<super::windows::Named>,
    /// Set-returning functions of the select list.
    pub series: Vec<Series>,
}

/// A set-returning function in a select list.
pub(super) struct Series {
    pub id: ColumnId,
    pub ty: Type,
    pub function: TableFunction,
    pub arguments: Vec<Expr>,
    pub span: Option<Span>,
}

/// Whether a part of FROM sees what stands beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Siblings {
    #[default]
    Visible,
    Hidden,
}

/// The clause that is being bound, for the rules of aggregates and windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Clause {
    #[default]
    From,
    FromFunction,
    JoinOn,
    Where,
    Select,
    GroupBy,
    Having,
    OrderBy,
    DistinctOn,
    Limit,
    Offset,
    Values,
    Filter,
    WindowPartition,
    WindowOrder,
    WindowFrame,
    UpdateSet,
    Returning,
    Check,
    Default,
    Generated,
    Index,
    AggregateArgument,
}

impl Clause {
    /// The clause in PostgreSQL's messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::From | Self::FromFunction => "functions in FROM",
            Self::JoinOn => "JOIN conditions",
            Self::Where => "WHERE",
            Self::Select => "SELECT",
            Self::GroupBy => "GROUP BY",
            Self::Having => "HAVING",
            Self::OrderBy => "ORDER BY",
            Self::DistinctOn => "DISTINCT ON",
            Self::Limit => "LIMIT",
            Self::Offset => "OFFSET",
            Self::Values => "VALUES",
            Self::Filter => "FILTER",
            Self::WindowPartition => "window PARTITION BY",
            Self::WindowOrder => "window ORDER BY",
            Self::WindowFrame => "window frame",
            Self::UpdateSet => "UPDATE",
            Self::Returning => "RETURNING",
            Self::Check => "check constraints",
            Self::Default => "DEFAULT expressions",
            Self::Generated => "column generation expressions",
            Self::Index => "index expressions",
            Self::AggregateArgument => "aggregate arguments",
        }
    }

    /// Whether aggregates may stand in it.
    pub fn allows_aggregates(self) -> bool {
        matches!(
            self,
            Self::Select
                | Self::Having
                | Self::OrderBy
                | Self::DistinctOn
                | Self::WindowPartition
                | Self::WindowOrder
                | Self::WindowFrame
                | Self::AggregateArgument
        )
    }

    /// Whether window functions may stand in it.
    pub fn allows_windows(self) -> bool {
        matches!(self, Self::Select | Self::OrderBy | Self::DistinctOn)
    }
}

/// An entry of FROM.
pub(super) struct Item {
    /// The name that qualifies its columns.
    pub alias: Option<Arc<str>>,
    /// Whether its columns are found without a qualifier; inputs of a join with USING leave that
    /// to the join.
    pub bare: Bare,
    /// Its columns.
    pub columns: Columns,
}

/// Whether an item's columns are found without a qualifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    Found,
    Merged,
    /// As `Found`; the item's own name stands for its one column.
    Value,
}

/// The columns of an item.
pub(super) enum Columns {
    /// A stored table's: the columns have rising numbers from the first on.
    Table(Arc<Table>, ColumnId),
    /// Others.
    Named(Vec<Named>),
}

/// A column that FROM gives.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub name: Arc<str>,
    pub id: ColumnId,
    pub ty: Type,
}

impl Item {
    /// Calls back for each column: name, id, type.
    pub fn each<'a>(&'a self, mut visit: impl FnMut(&'a Arc<str>, ColumnId, &'a Type)) {
        match &self.columns {
            Columns::Table(table, first) => {
                for (place, column) in table.columns.iter().enumerate() {
                    visit(&column.name, ColumnId(first.0 + place as u32), &column.ty);
                }
            }
            Columns::Named(columns) => {
                for column in columns {
                    visit(&column.name, column.id, &column.ty);
                }
            }
        }
    }

    /// Whether a column is one of its own.
    pub fn holds(&self, id: ColumnId) -> bool {
        match &self.columns {
            Columns::Table(table, first) => {
                id.0 >= first.0 && ((id.0 - first.0) as usize) < table.columns.len()
            }
            Columns::Named(columns) => columns.iter().any(|column| column.id == id),
        }
    }

    fn find(&self, name: &str) -> Found {
        let mut found = Found::None;
        self.each(|column, id, ty| {
            if **column == *name {
                found = match found {
                    Found::None => Found::One(id, ty.clone()),
                    Found::One(..) | Found::Several => Found::Several,
                };
            }
        });
        found
    }
}

/// What looking for a name gave.
enum Found {
    None,
    One(ColumnId, Type),
    Several,
}

/// An identifier as PostgreSQL folds it.
pub(super) fn fold(ident: &Ident) -> Cow<'_, str> {
    if ident.quote_style.is_none() && ident.value.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(ident.value.to_ascii_lowercase())
    } else {
        Cow::Borrowed(&ident.value)
    }
}

/// Words that are names only in quotes (manual, appendix C: reserved, and reserved but for
/// functions and types).
const RESERVED: &str = " all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit natural not notnull null offset on only or order outer overlaps placing primary references returning right select similar some symmetric table tablesample then to trailing true union unique using variadic verbose when where window with ";

/// Refuses a name that is a reserved word without quotes.
pub(in crate::engine) fn not_reserved(ident: &Ident) -> Result<()> {
    let word = &ident.value;
    let plain = ident.quote_style.is_none() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    if plain && RESERVED.contains(&format!(" {} ", word.to_ascii_lowercase())) {
        return Err(Diagnostic::error(
            sqlstate::SYNTAX_ERROR,
            format!("syntax error at or near \"{word}\""),
        )
        .at(ident_span(ident))
        .hint(format!(
            "{} is a reserved word: as a name it needs double quotes.",
            word.to_uppercase()
        )));
    }
    Ok(())
}

/// An identifier's place.
pub(super) fn ident_span(ident: &Ident) -> Option<Span> {
    crate::sql::span_of(ident.span)
}

impl Scope {
    fn visible(&self) -> &[Item] {
        match self.siblings {
            Siblings::Visible => self.items.get(self.first_visible..).unwrap_or(&[]),
            Siblings::Hidden => &[],
        }
    }

    /// The item a column comes from.
    pub fn item_of(&self, id: ColumnId) -> Option<&Item> {
        // Inputs of a merged join come before the join, so they give their own names.
        self.items.iter().find(|item| item.holds(id))
    }

    /// A column's name with its table, for messages.
    pub fn display(&self, id: ColumnId) -> Option<String> {
        let item = self.item_of(id)?;
        let mut shown = None;
        item.each(|name, column, _| {
            if column == id {
                shown = Some(match &item.alias {
                    Some(alias) => format!("{alias}.{name}"),
                    None => name.to_string(),
                });
            }
        });
        shown
    }
}

impl Binder<'_> {
    pub(super) fn scope(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scopes.push(Scope::default());
        }
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }

    /// The clause that is being bound in the innermost query.
    pub(super) fn clause(&self) -> Clause {
        self.scopes
            .last()
            .map_or(Clause::Values, |scope| scope.clause)
    }

    /// Binds something inside another clause.
    pub(super) fn within<T>(
        &mut self,
        clause: Clause,
        bind: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let before = std::mem::replace(&mut self.scope().clause, clause);
        let outcome = bind(self);
        self.scope().clause = before;
        outcome
    }

    /// The innermost scope, counted from the outermost, that has a column in FROM.
    pub(super) fn level_of(&self, id: ColumnId) -> Option<usize> {
        self.scopes
            .iter()
            .rposition(|scope| scope.items.iter().any(|item| item.holds(id)))
    }

    /// A column by its bare name.
    pub(super) fn bare_column(&mut self, ident: &Ident) -> Result<Expr> {
        let name = fold(ident);
        let span = ident_span(ident);
        if let Some(expr) = self.find_bare(&name, span)? {
            return Ok(expr);
        }
        // A table's name alone is its whole row.
        for scope in self.scopes.iter().rev() {
            for item in scope.visible() {
                if item.alias.as_deref() == Some(&*name) {
                    if item.bare == Bare::Value
                        && let Some(value) = only_column(item, span)
                    {
                        return Ok(value);
                    }
                    return Ok(whole_row(item, span));
                }
            }
        }
        not_reserved(ident)?;
        Err(self.unknown_column(None, &name, span))
    }

    /// A whole row that an outer join has not found is NULL, not a row of NULLs. What tells is a
    /// column that is never NULL in a stored row; without one, that all columns are.
    pub(super) fn missing_is_null(&self, row: &mut Expr) {
        let ExprKind::Row(fields) = &row.kind else {
            return;
        };
        let sure = |field: &&Expr| match field.kind {
            ExprKind::Column(id) => self.is_never_null_where_stored(id),
            _ => false,
        };
        let sign = fields.iter().find(sure).unwrap_or(row).clone();
        let missing = Expr {
            kind: ExprKind::Test(Box::new(sign), Test::Null),
            ty: Type::Boolean,
            span: row.span,
        };
        let (ty, span) = (row.ty.clone(), row.span);
        let found = std::mem::replace(row, Expr::literal(Value::Null, ty.clone()));
        row.kind = ExprKind::Case {
            branches: vec![(missing, Expr::literal(Value::Null, ty))],
            otherwise: Some(Box::new(found)),
        };
        row.span = span;
    }

    fn is_never_null_where_stored(&self, id: ColumnId) -> bool {
        let mut items = self.scopes.iter().flat_map(|scope| &scope.items);
        items.any(|item| match &item.columns {
            Columns::Table(table, first) => {
                let place = id.0.checked_sub(first.0).map(|place| place as usize);
                let column = place.and_then(|place| table.columns.get(place));
                column.is_some_and(|column| column.nullability == Nullability::NotNull)
            }
            Columns::Named(_) => false,
        })
    }

    /// A column by its bare name, innermost query first.
    pub(super) fn find_bare(&self, name: &str, span: Option<Span>) -> Result<Option<Expr>> {
        for scope in self.scopes.iter().rev() {
            if let Some(expr) = find_in(scope, name, span)? {
                return Ok(Some(expr));
            }
        }
        Ok(None)
    }

    /// A column of the innermost query by its bare name.
    pub(super) fn find_local(&self, name: &str, span: Option<Span>) -> Result<Option<Expr>> {
        match self.scopes.last() {
            Some(scope) => find_in(scope, name, span),
            None => Ok(None),
        }
    }

    /// A column by table and name.
    pub(super) fn qualified_column(&mut self, table: &Ident, column: &Ident) -> Result<Expr> {
        let (alias, name) = (fold(table), fold(column));
        let span = match (ident_span(table), ident_span(column)) {
            (Some(left), Some(right)) => Some(left.to(right)),
            (left, right) => left.or(right),
        };
        for scope in self.scopes.iter().rev() {
            let mut items = scope
                .visible()
                .iter()
                .filter(|item| item.alias.as_deref() == Some(&*alias));
            let Some(item) = items.next() else { continue };
            if items.next().is_some() {
                return Err(Diagnostic::error(
                    sqlstate::DUPLICATE_ALIAS,
                    format!("table reference \"{alias}\" is ambiguous"),
                )
                .at(span));
            }
            return match item.find(&name) {
                Found::One(id, ty) => Ok(column_expr(id, ty, span)),
                Found::Several => Err(ambiguous(&name, span)),
                Found::None => Err(self.unknown_column(Some(&alias), &name, span)),
            };
        }
        Err(self.missing_from(&alias, ident_span(table).or(span)))
    }

    /// The item a qualifier names.
    pub(super) fn item(&self, alias: &str, span: Option<Span>) -> Result<(usize, usize)> {
        for (level, scope) in self.scopes.iter().enumerate().rev() {
            if scope.siblings == Siblings::Hidden {
                continue;
            }
            let place = scope
                .items
                .iter()
                .enumerate()
                .skip(scope.first_visible)
                .find(|(_, item)| item.alias.as_deref() == Some(alias));
            if let Some((place, _)) = place {
                return Ok((level, place));
            }
        }
        Err(self.missing_from(alias, span))
    }

    /// `missing FROM-clause entry for table "x"`, or that it is there and cannot be seen.
    fn missing_from(&self, alias: &str, span: Option<Span>) -> Box<Diagnostic> {
        let mut known = Vec::new();
        for scope in self.scopes.iter().rev() {
            for item in &scope.items {
                if let Some(name) = &item.alias {
                    if **name == *alias {
                        return Diagnostic::error(
                            sqlstate::UNDEFINED_TABLE,
                            format!("invalid reference to FROM-clause entry for table \"{alias}\""),
                        )
                        .at(span)
                        .hint(format!(
                            "There is an entry for table \"{alias}\", but it cannot be referenced from this part of the query."
                        ));
                    }
                    known.push(name.clone());
                }
                if let Columns::Table(table, _) = &item.columns
                    && *table.name == *alias
                    && let Some(name) = &item.alias
                {
                    return Diagnostic::error(
                        sqlstate::UNDEFINED_TABLE,
                        format!("invalid reference to FROM-clause entry for table \"{alias}\""),
                    )
                    .at(span)
                    .hint(format!(
                        "Perhaps you meant to reference the table alias \"{name}\"."
                    ));
                }
            }
        }
        let error = Diagnostic::error(
            sqlstate::UNDEFINED_TABLE,
            format!("missing FROM-clause entry for table \"{alias}\""),
        )
        .at(span);
        let near: Vec<String> = suggest::nearest(alias, known.iter().map(|name| &**name))
            .into_iter()
            .map(String::from)
            .collect();
        match suggest::hint(&near) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// `column "x" does not exist`, with the names that come near.
    pub(super) fn unknown_column(
        &self,
        table: Option<&str>,
        name: &str,
        span: Option<Span>,
    ) -> Box<Diagnostic> {
        let message = match table {
            Some(table) => format!("column {table}.{name} does not exist"),
            None => format!("column \"{name}\" does not exist"),
        };
        let error = Diagnostic::error(sqlstate::UNDEFINED_COLUMN, message).at(span);
        let mut known: Vec<(String, String)> = Vec::new();
        for scope in self.scopes.iter().rev() {
            for item in scope.visible() {
                if table.is_some() && item.alias.as_deref() != table {
                    continue;
                }
                item.each(|column, _, _| {
                    let shown = match &item.alias {
                        Some(alias) => format!("{alias}.{column}"),
                        None => column.to_string(),
                    };
                    known.push((column.to_string(), shown));
                });
            }
        }
        let near = suggest::nearest(name, known.iter().map(|(name, _)| name.as_str()));
        let shown: Vec<String> = near
            .iter()
            .filter_map(|name| known.iter().find(|(known, _)| known == name))
            .map(|(_, shown)| shown.clone())
            .collect();
        match suggest::hint(&shown) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

fn find_in(scope: &Scope, name: &str, span: Option<Span>) -> Result<Option<Expr>> {
    let mut found: Option<(ColumnId, Type)> = None;
    for item in scope.visible() {
        if item.bare == Bare::Merged {
            continue;
        }
        match item.find(name) {
            Found::None => {}
            Found::One(id, ty) => {
                if found.is_some() {
                    return Err(ambiguous(name, span));
                }
                found = Some((id, ty));
            }
            Found::Several => return Err(ambiguous(name, span)),
        }
    }
    Ok(found.map(|(id, ty)| column_expr(id, ty, span)))
}

fn ambiguous(name: &str, span: Option<Span>) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::AMBIGUOUS_COLUMN,
        format!("column reference \"{name}\" is ambiguous"),
    )
    .at(span)
    .hint("Write the table's name before the column's, as in table.column.")
}

fn column_expr(id: ColumnId, ty: Type, span: Option<Span>) -> Expr {
    Expr {
        kind: ExprKind::Column(id),
        ty,
        span,
    }
}

/// The first column of an item.
fn only_column(item: &Item, span: Option<Span>) -> Option<Expr> {
    let mut found = None;
    item.each(|_, id, ty| {
        found.get_or_insert_with(|| column_expr(id, ty.clone(), span));
    });
    found
}

fn whole_row(item: &Item, span: Option<Span>) -> Expr {
    let mut fields = Vec::new();
    item.each(|_, id, ty| fields.push(column_expr(id, ty.clone(), span)));
    let types = fields.iter().map(|field| field.ty.clone()).collect();
    Expr {
        kind: ExprKind::Row(fields),
        ty: Type::Record(types),
        span,
    }
}
