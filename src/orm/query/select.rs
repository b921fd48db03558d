//! What is selected, grouped and ordered: `values()`, `order_by()`, `only()`.

use super::names::{NotFound, unknown};
use super::{
    Aliases, Deferred, GroupBy, Ordering, Paths, Query, SelectRelated, Selected, check_alias,
};
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{Expr, FieldRef, Resolve};
use crate::orm::ordered::OrderedMap;
use std::collections::BTreeSet;

impl Query {
    /// Selects these columns instead of the model's.
    pub(super) fn set_select(&mut self, cols: Vec<Expr>) {
        self.default_cols = false;
        self.select = cols;
    }

    /// Selects the columns of these paths.
    ///
    /// # Errors
    /// `FieldError` for a path that leads nowhere, or to many rows where that is not allowed.
    pub(in crate::orm) fn add_fields(&mut self, names: &[String], allow_many: bool) -> Result<()> {
        let alias = self.initial_alias();
        let model = self.model.clone();
        let mut cols = Vec::with_capacity(names.len());
        for name in names {
            let parts: Vec<String> = name.split("__").map(str::to_owned).collect();
            let info = match self.setup_joins(&parts, &model, &alias, None, allow_many) {
                Ok(info) => info,
                Err(NotFound::Many(_)) => {
                    return Err(OrmError::field(format!("Invalid field name: '{name}'")));
                }
                Err(NotFound::Field(error)) if name.contains("__") => return Err(error),
                Err(NotFound::Field(_)) => {
                    let mut choices = self.field_names(&model);
                    choices.extend(self.annotation_select().into_iter().map(|(name, _)| name));
                    choices.extend(self.filtered_relations.keys().map(str::to_owned));
                    choices.sort();
                    return Err(unknown(name, &choices));
                }
            };
            let (target, last, _) = self.trim_joins(&info);
            cols.push(self.transformed(&info, &target, &last)?);
        }
        if !cols.is_empty() {
            self.set_select(cols);
        }
        Ok(())
    }

    /// `values(*names)`: selects columns and annotations by name.
    ///
    /// # Errors
    /// `FieldError` for a name that cannot be selected.
    pub(in crate::orm) fn set_values(&mut self, names: &[String]) -> Result<()> {
        self.select_related = SelectRelated::No;
        self.deferred = Deferred::Except(BTreeSet::new());
        self.select.clear();
        self.values_select.clear();
        self.selected = None;
        let mut selected: OrderedMap<Selected> = OrderedMap::new();
        let mut fields: Vec<String> = Vec::new();
        if names.is_empty() {
            fields = self.model_attnames();
        } else {
            for name in names {
                check_alias(name)?;
            }
            if self.annotations.is_empty() {
                for name in names {
                    selected.insert(name.as_str(), Selected::Column(fields.len()));
                    fields.push(name.clone());
                }
            } else {
                self.default_cols = false;
                let mut annotations = BTreeSet::new();
                let any_selected = !self.annotation_select().is_empty();
                for name in names {
                    if self.selects_annotation(name) {
                        annotations.insert(name.clone());
                        selected.insert(name.as_str(), Selected::Annotation(name.clone()));
                    } else if self.annotations.contains(name) {
                        return Err(OrmError::field(if any_selected {
                            format!(
                                "Cannot select the '{name}' alias. It was excluded by a previous \
                                 values() or values_list() call. Include '{name}' in that call to \
                                 select it."
                            )
                        } else {
                            format!(
                                "Cannot select the '{name}' alias. Use annotate() to promote it."
                            )
                        }));
                    } else {
                        if any_selected {
                            let parts: Vec<String> = name.split("__").map(str::to_owned).collect();
                            self.names_to_path(&parts, &self.model, true, false)
                                .map_err(super::names::into_field)?;
                        }
                        selected.insert(name.as_str(), Selected::Column(fields.len()));
                        fields.push(name.clone());
                    }
                }
                self.set_annotation_mask(Some(annotations));
            }
        }
        match std::mem::replace(&mut self.group_by, GroupBy::None) {
            GroupBy::None => {}
            GroupBy::Selection => {
                let attnames = self.model_attnames();
                self.add_fields(&attnames, false)?;
                self.set_group_by(Aliases::No);
                self.select.clear();
                self.values_select.clear();
                self.selected = None;
            }
            GroupBy::By(exprs) => {
                let exprs = exprs
                    .into_iter()
                    .map(|expr| match &expr {
                        Expr::Ref(name, _) if !selected.contains(name) => {
                            self.annotations.get(name).cloned().unwrap_or(expr)
                        }
                        _ => expr,
                    })
                    .collect();
                self.group_by = GroupBy::By(exprs);
            }
        }
        self.values_select.clone_from(&fields);
        self.add_fields(&fields, true)?;
        self.selected = if names.is_empty() {
            None
        } else {
            Some(selected)
        };
        Ok(())
    }

    /// Groups by whatever is selected and is no aggregate.
    pub(in crate::orm) fn set_group_by(&mut self, aliases: Aliases) {
        if aliases == Aliases::Yes && !self.values_select.is_empty() {
            // Selected expressions that are no columns become annotations.
            let mut annotations: OrderedMap<Expr> = OrderedMap::new();
            let mut columns: Vec<(String, Expr)> = Vec::new();
            for (name, expr) in self.values_select.iter().zip(&self.select) {
                match expr {
                    Expr::Col(_) => columns.push((name.clone(), expr.clone())),
                    other => {
                        annotations.insert(name.as_str(), other.clone());
                    }
                }
            }
            let names: Vec<String> = annotations.keys().map(str::to_owned).collect();
            for (name, expr) in std::mem::take(&mut self.annotations) {
                annotations.insert(name, expr);
            }
            self.annotations = annotations;
            self.append_annotation_mask(names.iter().cloned());
            if let Some(selected) = &mut self.selected {
                for name in &names {
                    selected.insert(name.as_str(), Selected::Annotation(name.clone()));
                }
                for (at, (name, _)) in columns.iter().enumerate() {
                    selected.insert(name.as_str(), Selected::Column(at));
                }
            }
            self.values_select = columns.iter().map(|(name, _)| name.clone()).collect();
            self.select = columns.into_iter().map(|(_, expr)| expr).collect();
        }
        let mut group_by = self.select.clone();
        for (name, annotation) in self.annotation_select() {
            let cols = annotation.group_by_cols();
            if cols.is_empty() {
                continue;
            }
            if aliases == Aliases::Yes && !annotation.contains_aggregate() {
                group_by.push(Expr::Ref(name, Box::new(annotation)));
            } else {
                group_by.extend(cols);
            }
        }
        self.group_by = GroupBy::By(group_by);
    }

    /// `order_by(*keys)`; no keys means no ordering at all.
    ///
    /// # Errors
    /// `FieldError` for a name that is not there or an aggregate that is not annotated.
    pub(in crate::orm) fn add_ordering(&mut self, keys: Vec<Ordering>) -> Result<()> {
        for key in &keys {
            match key {
                Ordering::Name(name) if name == "?" => {}
                Ordering::Name(name) => {
                    let name = name.strip_prefix('-').unwrap_or(name);
                    if self.annotations.contains(name) {
                        continue;
                    }
                    let parts: Vec<String> = name.split("__").map(str::to_owned).collect();
                    self.names_to_path(&parts, &self.model, true, false)
                        .map_err(super::names::into_field)?;
                }
                Ordering::Expr(expr) => {
                    if expr.contains_aggregate() {
                        return Err(OrmError::field(format!(
                            "Using an aggregate in order_by() without also including it in \
                             annotate() is not allowed: {}",
                            expr.text()
                        )));
                    }
                }
            }
        }
        if keys.is_empty() {
            self.default_ordering = false;
        } else {
            self.order_by.extend(keys);
        }
        Ok(())
    }

    /// Whether every key of the ordering is grouped by as well.
    pub(in crate::orm) fn ordering_is_grouped(&self) -> Result<bool> {
        let GroupBy::By(group) = &self.group_by else {
            return Ok(true);
        };
        let mut copy = self.clone();
        for key in &self.order_by {
            let expr = match key {
                Ordering::Name(name) if name == "?" => return Ok(false),
                Ordering::Name(name) => Expr::F(name.strip_prefix('-').unwrap_or(name).to_owned()),
                Ordering::Expr(expr) => expr.clone(),
            };
            let resolved = expr.resolve(&mut copy, &mut Resolve::joins())?;
            if !group.contains(&resolved) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `select_related(*paths)`
    pub(in crate::orm) fn add_select_related(&mut self, paths: &[String]) {
        let mut tree = match std::mem::replace(&mut self.select_related, SelectRelated::No) {
            SelectRelated::Paths(tree) => tree,
            SelectRelated::No | SelectRelated::All => Paths::default(),
        };
        for path in paths {
            tree.add(path);
        }
        self.select_related = SelectRelated::Paths(tree);
    }

    /// `defer(*names)`
    pub(in crate::orm) fn add_deferred_loading(&mut self, names: &[String]) {
        let names: BTreeSet<String> = names.iter().cloned().collect();
        self.deferred = match &self.deferred {
            Deferred::Except(known) => Deferred::Except(known.union(&names).cloned().collect()),
            Deferred::Only(known) => {
                let left: BTreeSet<String> = known.difference(&names).cloned().collect();
                if left.is_empty() {
                    Deferred::Except(names.difference(known).cloned().collect())
                } else {
                    Deferred::Only(left)
                }
            }
        };
    }

    /// `only(*names)`
    pub(in crate::orm) fn add_immediate_loading(&mut self, names: &[String]) {
        let key = self.model.primary_key().map(|key| key.name.clone());
        let names: BTreeSet<String> = names
            .iter()
            .map(|name| match (&key, name.as_str()) {
                (Some(key), "pk") => key.clone(),
                _ => name.clone(),
            })
            .collect();
        self.deferred = match &self.deferred {
            Deferred::Except(known) => Deferred::Only(names.difference(known).cloned().collect()),
            Deferred::Only(_) => Deferred::Only(names),
        };
    }

    /// The field that a path names, when it is a field of the model itself.
    pub(in crate::orm) fn own_field(&self, name: &str) -> Option<FieldRef> {
        if name == "pk" {
            self.model.primary_key().cloned()
        } else {
            self.model.field(name).cloned()
        }
    }
}
