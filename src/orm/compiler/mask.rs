//! Which columns `only()` and `defer()` leave, model by model.

use crate::market::catalogue::Model;
use crate::orm::errors::{ExceptionClass, OrmError, Result};
use crate::orm::ordered::OrderedMap;
use crate::orm::query::{Deferred, Paths, Query};
use std::sync::Arc;

/// The columns of one model that are loaded; all of them when there is no mask.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    fields: Option<OrderedMap<Mask>>,
}

impl Mask {
    /// Whether a field is loaded.
    pub fn keeps(&self, name: &str) -> bool {
        self.fields
            .as_ref()
            .is_none_or(|fields| fields.contains(name))
    }

    /// Whether something is left out.
    pub fn is_set(&self) -> bool {
        self.fields.is_some()
    }

    /// The mask of a related model.
    pub fn related(&self, name: &str) -> Mask {
        match self.fields.as_ref().and_then(|fields| fields.get(name)) {
            Some(mask)
                if mask
                    .fields
                    .as_ref()
                    .is_some_and(|fields| !fields.is_empty()) =>
            {
                mask.clone()
            }
            _ => Mask::default(),
        }
    }
}

impl Query {
    /// The mask of the query's own model.
    pub(super) fn select_mask(&self) -> Result<Mask> {
        let (names, defer) = match &self.deferred {
            Deferred::Except(names) => (names, true),
            Deferred::Only(names) => (names, false),
        };
        if names.is_empty() {
            return Ok(Mask::default());
        }
        let mut paths = Paths::default();
        for name in names {
            paths.add(name);
        }
        let fields = if defer {
            self.defer_mask(&self.model, paths)?
        } else {
            self.only_mask(&self.model, paths)?
        };
        Ok(Mask {
            fields: Some(fields),
        })
    }

    fn defer_mask(&self, model: &Arc<Model>, mut mask: Paths) -> Result<OrderedMap<Mask>> {
        let mut kept: OrderedMap<Mask> = OrderedMap::new();
        if let Some(key) = model.primary_key() {
            kept.insert(key.name.as_str(), Mask::default());
        }
        for field in &model.fields {
            let by_name = mask.0.remove(&field.name);
            let by_attribute = mask.0.remove(field.attname());
            match (by_name, by_attribute) {
                (None, None) => {
                    kept.entry(&field.name);
                }
                (Some(deeper), _) if !deeper.0.is_empty() => {
                    if !field.is_relation() {
                        return Err(OrmError::field(deeper.0.keys().next().unwrap_or_default()));
                    }
                    let related = self.related_model(field)?;
                    let fields = self.defer_mask(&related, deeper)?;
                    kept.insert(
                        field.name.as_str(),
                        Mask {
                            fields: Some(fields),
                        },
                    );
                }
                _ => {}
            }
        }
        for relation in self.catalogue.reverse_relations(&model.name) {
            mask.0.remove(&relation.name);
        }
        // A many-to-many relation has no column that could be left out.
        for end in self.catalogue.many_to_many(&model.name) {
            mask.0.remove(&end.name);
        }
        match mask.0.keys().next() {
            Some(name) => Err(no_field(model, name)),
            None => Ok(kept),
        }
    }

    fn only_mask(&self, model: &Arc<Model>, mask: Paths) -> Result<OrderedMap<Mask>> {
        let mut kept: OrderedMap<Mask> = OrderedMap::new();
        if let Some(key) = model.primary_key() {
            kept.insert(key.name.as_str(), Mask::default());
        }
        let many = self.catalogue.many_to_many(&model.name);
        for (name, deeper) in mask.0 {
            if let Some(end) = many.iter().find(|end| end.name == name) {
                self.only_mask(&end.target, deeper)?;
                continue;
            }
            let field = if name == "pk" {
                model.primary_key()
            } else {
                model.field(&name)
            };
            let field = field.ok_or_else(|| no_field(model, &name))?;
            if deeper.0.is_empty() {
                kept.entry(&field.name);
                continue;
            }
            if !field.is_relation() {
                return Err(OrmError::field(deeper.0.keys().next().unwrap_or_default()));
            }
            let related = self.related_model(field)?;
            let fields = self.only_mask(&related, deeper)?;
            kept.insert(
                field.name.as_str(),
                Mask {
                    fields: Some(fields),
                },
            );
        }
        Ok(kept)
    }
}

/// `Product has no field named 'cost'`
pub fn no_field(model: &Model, name: &str) -> OrmError {
    let error = OrmError::new(
        ExceptionClass::FieldDoesNotExist,
        format!("{} has no field named '{name}'", model.name),
    );
    let names: Vec<&str> = model
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    match crate::orm::suggest::close_matches(name, &names).first() {
        Some(close) => error.hint(format!("Did you mean `{close}`?")),
        None => error,
    }
}
