//! RETURNING.

use super::super::Binder;
use super::super::query::Unknowns;
use super::super::scope::{Clause, Item, Named, Scope};
use super::Target;
use crate::base::{Field, Result};
use crate::engine::statement::Returning;
use sqlparser::ast::SelectItem;

impl Binder<'_> {
    /// Columns of the other tables, which RETURNING may read.
    pub(super) fn foreign_columns(&mut self, returning: Option<&[SelectItem]>) -> Vec<Named> {
        if returning.is_none() {
            return Vec::new();
        }
        let mut columns: Vec<Named> = Vec::new();
        for item in self.scope().items.iter().skip(1) {
            item.each(|name, id, ty| {
                if !columns.iter().any(|known| known.id == id) {
                    columns.push(Named {
                        name: name.clone(),
                        id,
                        ty: ty.clone(),
                    });
                }
            });
        }
        columns
    }

    /// The other tables' items, out of the scope.
    pub(super) fn foreign_items(&mut self) -> Vec<Item> {
        let items = &mut self.scope().items;
        if items.is_empty() {
            return Vec::new();
        }
        items.split_off(1)
    }

    pub(super) fn returning(
        &mut self,
        target: &Target,
        others: Vec<Item>,
        items: Option<&[SelectItem]>,
    ) -> Result<Option<Returning>> {
        let Some(items) = items else {
            return Ok(None);
        };
        let (item, row) = self.row_item(target, target.alias.clone());
        let mut visible = vec![item];
        visible.extend(others);
        self.scopes.push(Scope {
            clause: Clause::Returning,
            items: visible,
            ..Scope::default()
        });
        let targets = self.targets(items, target.span, Unknowns::AsText);
        self.scopes.pop();
        let targets = targets?;
        let mut exprs = Vec::with_capacity(targets.len());
        let mut fields = Vec::with_capacity(targets.len());
        for target in targets {
            fields.push(Field {
                name: target.name.to_string(),
                ty: target.expr.ty.clone(),
            });
            exprs.push(target.expr);
        }
        Ok(Some(Returning { row, exprs, fields }))
    }
}
