//! The columns of a SELECT, with those of the rows that come along by `select_related`.

use super::mask::Mask;
use super::{Column, Compiler, KlassInfo, Labels, Stop};
use crate::base::Value;
use crate::market::catalogue::Model;
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{Expr, FieldRef};
use crate::orm::query::{Paths, SelectRelated, Selected};
use crate::orm::sql::Sql;
use std::sync::Arc;

/// Instances that come along with the rows.
#[derive(Clone, Debug)]
pub struct RelatedKlass {
    /// The attribute that holds them.
    pub name: String,
    /// Where they are set.
    pub setter: Setter,
    /// Their columns.
    pub klass: KlassInfo,
}

/// How a related instance is attached.
#[derive(Clone, Debug)]
pub enum Setter {
    /// To the foreign key of the row.
    Forward(FieldRef),
    /// To the one-to-one relation that points at the row.
    Reverse(FieldRef),
    /// To the name of a filtered relation.
    Filtered(String),
}

impl Compiler<'_> {
    /// Fills in the columns and how to read them.
    pub(super) fn build_select(&mut self, labels: Labels) -> std::result::Result<(), Stop> {
        let mask = self.query.select_mask()?;
        let cols = if self.query.default_cols {
            let alias = self.query.initial_alias();
            let model = self.query.model.clone();
            self.default_columns(&model, &alias, &mask)
        } else {
            self.query.select.clone()
        };
        let mut chosen: Vec<(Option<String>, Expr)> = Vec::new();
        let mut select_fields = Vec::new();
        match &self.query.selected {
            None => {
                let leading = self.query.leading.iter().cloned();
                chosen.extend(leading.map(|(name, column)| (Some(name), column)));
                select_fields.extend(chosen.len()..chosen.len() + cols.len());
                chosen.extend(cols.into_iter().map(|col| (None, col)));
                chosen.extend(
                    self.query
                        .annotation_select()
                        .into_iter()
                        .map(|(name, expr)| (Some(name), expr)),
                );
            }
            Some(selected) => {
                for (at, (name, what)) in selected.iter().enumerate() {
                    let expr = match what {
                        Selected::Column(column) => {
                            select_fields.push(at);
                            cols.get(*column).cloned()
                        }
                        Selected::Annotation(annotation) => {
                            self.query.annotations.get(annotation).cloned()
                        }
                    };
                    let expr = expr.ok_or_else(|| {
                        OrmError::internal(format!("nothing is selected as {name}"))
                    })?;
                    chosen.push((Some(name.to_owned()), expr));
                }
            }
        }
        self.annotations = chosen
            .iter()
            .enumerate()
            .filter_map(|(at, (alias, _))| alias.clone().map(|alias| (alias, at)))
            .collect();
        let mut related = Vec::new();
        if self.query.select_related != SelectRelated::No {
            let requested = self.query.select_related.clone();
            let model = self.query.model.clone();
            let alias = self.query.initial_alias();
            related = self.related_selections(&mut chosen, &mask, &model, &alias, 1, &requested)?;
        }
        if !select_fields.is_empty() {
            self.klass = Some(KlassInfo {
                model: self.query.model.clone(),
                select_fields,
                related,
            });
        }
        let mut number = 1;
        let leading = match &self.query.selected {
            None => self.query.leading.len(),
            Some(_) => 0,
        };
        for (at, (alias, expr)) in chosen.into_iter().enumerate() {
            let sql = match self.compile(&expr) {
                Ok(sql) => {
                    expr.check_selectable()?;
                    match at < leading {
                        // As Django writes what `extra()` selects.
                        true => sql.wrap("(", ")"),
                        false => sql,
                    }
                }
                Err(Stop::Empty) => match expr.empty_value() {
                    Some(value) => self.value(&value)?,
                    None => Sql::raw("0"),
                },
                Err(Stop::Full) => Sql::param(Value::Bool(true)),
                Err(stop) => return Err(stop),
            };
            let alias = match (alias, labels) {
                (None, Labels::All) => {
                    number += 1;
                    Some(format!("col{}", number - 1))
                }
                (alias, _) => alias,
            };
            self.select.push(Column { expr, sql, alias });
        }
        Ok(())
    }

    /// The columns of a model that the mask leaves.
    fn default_columns(&self, model: &Model, alias: &str, mask: &Mask) -> Vec<Expr> {
        model
            .fields
            .iter()
            .filter(|field| mask.keeps(&field.name))
            .map(|field| self.query.col(alias, field))
            .collect()
    }

    fn related_selections(
        &mut self,
        chosen: &mut Vec<(Option<String>, Expr)>,
        mask: &Mask,
        model: &Arc<Model>,
        alias: &str,
        depth: usize,
        requested: &SelectRelated,
    ) -> Result<Vec<RelatedKlass>> {
        const MAX_DEPTH: usize = 5;
        let mut found = Vec::new();
        let mut klasses = Vec::new();
        let paths = match requested {
            SelectRelated::No => return Ok(klasses),
            SelectRelated::All if depth > MAX_DEPTH => return Ok(klasses),
            SelectRelated::All => None,
            SelectRelated::Paths(paths) => Some(paths),
        };
        for field in &model.fields {
            found.push(field.name.clone());
            let wanted = paths.and_then(|paths| paths.0.get(&field.name));
            if !field.is_relation() {
                if wanted.is_some() {
                    return Err(OrmError::field(format!(
                        "Non-relational field given in select_related: '{}'. Choices are: {}",
                        field.name,
                        self.related_choices(model)
                    )));
                }
                continue;
            }
            match (paths, wanted) {
                (Some(_), None) => continue,
                (None, _) if field.null => continue,
                (Some(_), Some(_)) if mask.is_set() && !mask.keeps(&field.name) => {
                    return Err(OrmError::field(format!(
                        "Field {}.{} cannot be both deferred and traversed using select_related \
                         at the same time.",
                        field.model, field.name
                    )));
                }
                _ => {}
            }
            let next = match wanted {
                Some(paths) => SelectRelated::Paths(paths.clone()),
                None => SelectRelated::All,
            };
            let setter = Setter::Forward(field.clone());
            let deeper = mask.related(&field.name);
            klasses.push(self.related_klass(
                chosen,
                &field.name,
                setter,
                model,
                alias,
                &deeper,
                depth,
                &next,
            )?);
        }
        let Some(paths) = paths else {
            return Ok(klasses);
        };
        for relation in self.query.catalogue.reverse_relations(&model.name) {
            if !relation.is_unique() {
                continue;
            }
            let Some(wanted) = paths.0.get(&relation.name) else {
                continue;
            };
            found.push(relation.name.clone());
            let next = SelectRelated::Paths(wanted.clone());
            let setter = Setter::Reverse(relation.field.clone());
            let deeper = mask.related(&relation.name);
            klasses.push(self.related_klass(
                chosen,
                &relation.name,
                setter,
                model,
                alias,
                &deeper,
                depth,
                &next,
            )?);
        }
        if depth == 1 {
            for (name, wanted) in paths.0.iter() {
                if !self.query.filtered_relations.contains(name) {
                    continue;
                }
                found.push(name.to_owned());
                let next = SelectRelated::Paths(wanted.clone());
                let setter = Setter::Filtered(name.to_owned());
                klasses.push(self.related_klass(
                    chosen,
                    name,
                    setter,
                    model,
                    alias,
                    &Mask::default(),
                    depth,
                    &next,
                )?);
            }
        }
        let unknown: Vec<String> = paths
            .0
            .keys()
            .filter(|name| !found.iter().any(|known| known == name))
            .map(|name| format!("'{name}'"))
            .collect();
        if !unknown.is_empty() {
            let error = OrmError::field(format!(
                "Invalid field name(s) given in select_related: {}. Choices are: {}",
                unknown.join(", "),
                self.related_choices(model)
            ));
            let choices = self.related_names(model);
            let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
            let close = paths
                .0
                .keys()
                .filter(|name| !found.iter().any(|known| known == name))
                .find_map(|name| {
                    crate::orm::suggest::close_matches(name, &choices)
                        .first()
                        .map(|close| (*close).to_owned())
                });
            return Err(match close {
                Some(close) => error.hint(format!("Did you mean `{close}`?")),
                None => error,
            });
        }
        Ok(klasses)
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one recursion")]
    fn related_klass(
        &mut self,
        chosen: &mut Vec<(Option<String>, Expr)>,
        name: &str,
        setter: Setter,
        model: &Arc<Model>,
        alias: &str,
        mask: &Mask,
        depth: usize,
        next: &SelectRelated,
    ) -> Result<RelatedKlass> {
        let (related, alias) = self.query.join_relation(name, model, alias)?;
        let start = chosen.len();
        let columns = self.default_columns(&related, &alias, mask);
        chosen.extend(columns.into_iter().map(|col| (None, col)));
        let select_fields = (start..chosen.len()).collect();
        let deeper = match next {
            SelectRelated::Paths(Paths(paths)) if paths.is_empty() => Vec::new(),
            next => self.related_selections(chosen, mask, &related, &alias, depth + 1, next)?,
        };
        Ok(RelatedKlass {
            name: name.to_owned(),
            setter,
            klass: KlassInfo {
                model: related,
                select_fields,
                related: deeper,
            },
        })
    }

    /// What `select_related` may name.
    fn related_names(&self, model: &Model) -> Vec<String> {
        let mut names: Vec<String> = model
            .fields
            .iter()
            .filter(|field| field.is_relation())
            .map(|field| field.name.clone())
            .collect();
        for relation in self.query.catalogue.reverse_relations(&model.name) {
            if relation.is_unique() {
                names.push(relation.name);
            }
        }
        names.extend(self.query.filtered_relations.keys().map(str::to_owned));
        names
    }

    fn related_choices(&self, model: &Model) -> String {
        let names = self.related_names(model);
        if names.is_empty() {
            "(none)".to_owned()
        } else {
            names.join(", ")
        }
    }
}
