//! Relations of instances: `order.customer`, `customer.orders`, deferred values.

use super::connection::{Cause, Connection, Part, Reach, RelationLoad, because};
use super::errors::{ExceptionClass, OrmError, Result};
use super::expressions::{FieldRef, Operand, same_value, target_field};
use super::instance::{FetchMode, Instance};
use super::prefetch::{Prefetch, prefetch_related_objects};
use super::q::Q;
use super::queryset::{KnownRelated, QuerySet};
use super::rows::Row;
use crate::base::Value;
use crate::market::catalogue::{Catalogue, ManyEnd, Model, ReverseRelation};
use std::sync::Arc;

/// A relation of a model, by the attribute that reaches it.
#[derive(Clone, Debug)]
pub enum Relation {
    /// A foreign key: one row.
    Forward {
        /// The foreign key.
        field: FieldRef,
        /// The key it refers to.
        target_field: FieldRef,
        /// The model it refers to.
        target: Arc<Model>,
    },
    /// The way back: the rows that refer here, or the one row.
    Reverse {
        /// The relation.
        relation: ReverseRelation,
        /// The key that it refers to.
        target_field: FieldRef,
    },
    /// A many-to-many relation: rows that a model between joins with this one.
    Many {
        /// The relation as it is seen from here.
        end: Box<ManyEnd>,
        /// The key of this side that the model between refers to.
        target_field: FieldRef,
    },
}

impl Relation {
    /// The relation that an attribute reaches, if it reaches one.
    ///
    /// # Errors
    /// The related model is not defined.
    pub fn named(catalogue: &Catalogue, model: &Arc<Model>, name: &str) -> Result<Option<Self>> {
        if let Some(field) = model
            .fields
            .iter()
            .find(|field| field.name == name && field.is_relation())
        {
            let missing = || {
                OrmError::field(format!(
                    "Field '{name}' points at a model that is not defined."
                ))
            };
            let target_field = target_field(field, catalogue).ok_or_else(missing)?;
            let target = catalogue
                .model(&target_field.model)
                .cloned()
                .ok_or_else(missing)?;
            return Ok(Some(Self::Forward {
                field: field.clone(),
                target_field,
                target,
            }));
        }
        let relation = catalogue
            .reverse_relations(&model.name)
            .into_iter()
            .find(|relation| relation.accessor == name);
        if let Some(relation) = relation {
            let target_field = target_field(&relation.field, catalogue);
            return Ok(target_field.map(|target_field| Self::Reverse {
                relation,
                target_field,
            }));
        }
        let ends = catalogue.visible_many_to_many(&model.name);
        if let Some(end) = ends.into_iter().find(|end| end.accessor == name) {
            let target_field = target_field(&end.source_key, catalogue);
            return Ok(target_field.map(|target_field| Self::Many {
                end: Box::new(end),
                target_field,
            }));
        }
        match model.many_to_many.iter().find(|field| field.name == name) {
            Some(field) => Err(OrmError::field(format!(
                "Field '{name}' goes through a model that is not defined, {}.",
                field.through
            ))),
            None => Ok(None),
        }
    }

    /// The attribute.
    pub fn name(&self) -> &str {
        match self {
            Self::Forward { field, .. } => &field.name,
            Self::Reverse { relation, .. } => &relation.accessor,
            Self::Many { end, .. } => &end.accessor,
        }
    }

    /// The model at the other end.
    pub fn target(&self) -> &Arc<Model> {
        match self {
            Self::Forward { target, .. } => target,
            Self::Reverse { relation, .. } => &relation.source,
            Self::Many { end, .. } => &end.target,
        }
    }

    /// The foreign key; of a many-to-many relation that of the model between to this side.
    pub fn field(&self) -> &FieldRef {
        match self {
            Self::Forward { field, .. } => field,
            Self::Reverse { relation, .. } => &relation.field,
            Self::Many { end, .. } => &end.source_key,
        }
    }

    /// The key that it refers to.
    pub fn target_field(&self) -> FieldRef {
        match self {
            Self::Forward { target_field, .. }
            | Self::Reverse { target_field, .. }
            | Self::Many { target_field, .. } => target_field.clone(),
        }
    }

    /// Whether it leads to one row.
    pub fn is_single(&self) -> bool {
        match self {
            Self::Forward { .. } => true,
            Self::Reverse { relation, .. } => relation.is_one_to_one(),
            Self::Many { .. } => false,
        }
    }

    /// Whether the foreign key is on this side.
    pub fn is_forward(&self) -> bool {
        matches!(self, Self::Forward { .. })
    }

    /// Whether the way back from one instance leads to the other.
    pub fn leads_to(&self, from: &Instance, to: &Instance) -> bool {
        let theirs = to.value(self.field().attname());
        let ours = self.key_here(from);
        theirs
            .zip(ours)
            .is_some_and(|(one, other)| same_value(&one, &other))
    }

    /// The field of this side whose value ties an instance.
    pub(super) fn field_here(&self) -> &str {
        match self {
            Self::Forward { field, .. } => field.attname(),
            Self::Reverse { target_field, .. } | Self::Many { target_field, .. } => {
                target_field.attname()
            }
        }
    }

    /// The field of the other side whose value ties an instance; none where a model between does.
    pub(super) fn field_there(&self) -> Option<&str> {
        match self {
            Self::Forward { target_field, .. } => Some(target_field.attname()),
            Self::Reverse { relation, .. } => Some(relation.field.attname()),
            Self::Many { .. } => None,
        }
    }

    /// The name under which a row that is prefetched tells which instance it was read for.
    pub(super) fn prefetch_label(&self) -> Option<String> {
        match self {
            Self::Forward { .. } | Self::Reverse { .. } => None,
            Self::Many { end, .. } => Some(format!(
                "_prefetch_related_val_{}",
                end.source_key.attname()
            )),
        }
    }

    /// The value that ties an instance of this side.
    pub(super) fn key_here(&self, object: &Instance) -> Option<Value> {
        let value = object.value(self.field_here());
        value.filter(|value| !value.is_null())
    }

    /// The value that ties an instance of the other side.
    pub(super) fn key_there(&self, object: &Instance) -> Option<Value> {
        let value = match self.field_there() {
            Some(attname) => object.value(attname),
            None => {
                let label = self.prefetch_label()?;
                object.with(|state| state.leading.get(&label).cloned())
            }
        };
        value.filter(|value| !value.is_null())
    }

    /// Whether an instance has it loaded.
    pub(super) fn is_loaded(&self, object: &Instance) -> bool {
        object.with(|state| {
            if self.is_single() {
                state.related.contains(self.name())
            } else {
                state.prefetched.contains(self.name())
            }
        })
    }

    /// What an instance has loaded.
    pub(super) fn loaded(&self, object: &Instance) -> Vec<Instance> {
        object.with(|state| {
            if self.is_single() {
                state
                    .related
                    .get(self.name())
                    .cloned()
                    .flatten()
                    .into_iter()
                    .collect()
            } else {
                state
                    .prefetched
                    .get(self.name())
                    .map(|(_, rows)| rows.clone())
                    .unwrap_or_default()
            }
        })
    }

    /// Lets a row of the other side know the instance it belongs to.
    pub(super) fn link_back(&self, row: &Instance, instances: &[Instance]) {
        let Self::Reverse { relation, .. } = self else {
            return;
        };
        let name = relation.field.name.as_str();
        if row.with(|state| state.related.contains(name)) {
            return;
        }
        let Some(key) = self.key_there(row) else {
            return;
        };
        // Of equal instances the last one counts, as in a dict of them.
        let owner = instances.iter().rev().find(|object| {
            self.key_here(object)
                .is_some_and(|here| same_value(&here, &key))
        });
        if let Some(owner) = owner {
            row.change(|state| state.related.insert(name, Some(owner.clone())));
        }
    }

    /// The queryset of a related manager, `customer.orders`.
    ///
    /// # Errors
    /// `ValueError` for an instance that is not saved.
    pub fn manager(
        &self,
        catalogue: &Arc<Catalogue>,
        object: &Instance,
        base: Option<&QuerySet>,
    ) -> Result<QuerySet> {
        let base = match base {
            Some(queryset) => queryset.all(),
            None => QuerySet::new(catalogue, self.target()),
        };
        let (field, attname, condition) = match self {
            Self::Forward { .. } => return Err(OrmError::internal("a foreign key has no manager")),
            Self::Reverse { relation, .. } => {
                if object.key().is_none() {
                    return Err(OrmError::value(format!(
                        "'{}' instance needs to have a primary key value before this relationship \
                         can be used.",
                        object.model().name
                    )));
                }
                let name = relation.field.name.as_str();
                let condition = Q::lookup(name, Operand::Instance(object.clone()));
                let attname = relation.field.attname().to_owned();
                (Some(name.to_owned()), attname, condition)
            }
            Self::Many { end, target_field } => {
                let key = self.many_key(object)?;
                let path = format!("{}__{}", end.way_back, target_field.name);
                (None, String::new(), Q::lookup(path, key))
            }
        };
        let mut manager = if base.query().is_sliced() {
            base
        } else {
            base.filter(condition)?
        };
        if field.is_none() {
            manager = manager.sticky();
        }
        manager.fetch_mode = object.with(|state| state.fetch_mode);
        manager.known_related.push(KnownRelated {
            field,
            attname,
            accessor: self.name().to_owned(),
            instances: vec![object.clone()],
        });
        Ok(manager)
    }

    /// The value that ties an instance of this side to rows of the model between.
    ///
    /// # Errors
    /// `ValueError` for an instance that is not saved.
    pub fn many_key(&self, object: &Instance) -> Result<Value> {
        match self.key_here(object) {
            None => Err(OrmError::value(format!(
                "\"<{}: {object}>\" needs to have a value for field \"{}\" before this \
                 many-to-many relationship can be used.",
                object.model().name,
                self.target_field().name
            ))
            .naming(object)),
            Some(_) if object.key().is_none() => Err(OrmError::value(format!(
                "'{}' instance needs to have a primary key value before a many-to-many \
                 relationship can be used.",
                object.model().name
            ))),
            Some(key) => Ok(key),
        }
    }
}

/// The instance at the end of a foreign key or one-to-one relation, read when it is not loaded.
///
/// # Errors
/// `RelatedObjectDoesNotExist` where there has to be one, `FieldFetchBlocked` when nothing may
/// be fetched.
pub fn related_instance(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    object: &Instance,
    relation: &Relation,
) -> Result<Option<Instance>> {
    let name = relation.name();
    let missing = || OrmError {
        model: Some(format!("{}.{name}", super::rows::class_path(&object.model())).into()),
        ..OrmError::new(
            ExceptionClass::RelatedObjectDoesNotExist,
            format!("{} has no {name}.", object.model().name),
        )
    };
    let optional = relation.is_forward() && relation.field().null;
    let cached = object.with(|state| state.related.get(name).cloned());
    if let Some(cached) = cached {
        return match cached {
            None if !optional => Err(missing()),
            cached => Ok(cached),
        };
    }
    let attname = relation.field().attname().to_owned();
    if relation.is_forward() && object.get(&attname).is_none() {
        load_deferred(connection, catalogue, object, &attname)?;
    }
    let Some(key) = relation.key_here(object) else {
        return if optional { Ok(None) } else { Err(missing()) };
    };
    object.check_fetch(name)?;
    let mode = object.with(|state| state.fetch_mode);
    if mode == FetchMode::Peers {
        let peers: Vec<Instance> = object
            .peers()
            .into_iter()
            .filter(|peer| !relation.is_loaded(peer))
            .collect();
        if peers.len() > 1 {
            prefetch_related_objects(connection, catalogue, &peers, vec![Prefetch::from(name)])?;
            let loaded = object.with(|state| state.related.get(name).cloned());
            return match loaded.flatten() {
                None if !optional => Err(missing()),
                found => Ok(found),
            };
        }
    }
    let path = match relation {
        Relation::Forward { target_field, .. } => target_field.name.clone(),
        Relation::Reverse { relation, .. } => relation.field.name.clone(),
        Relation::Many { .. } => {
            return Err(OrmError::internal("a many-to-many relation has no one row"));
        }
    };
    let cause = Cause::Relation(RelationLoad {
        model: object.model().name.clone(),
        attribute: name.to_owned(),
        way: object.way_to(name, Reach::One),
        part: Part::All,
    });
    let row = because(connection, Some(cause), |connection| {
        QuerySet::new(catalogue, relation.target())
            .with_fetch_mode(mode)
            .get(connection, Q::lookup(path, key))
    });
    let found = match row {
        Ok(Row::Instance(found)) => Some(found),
        Ok(_) => None,
        Err(error) if error.class == ExceptionClass::DoesNotExist && !relation.is_forward() => None,
        Err(error) => return Err(error),
    };
    if let Some(found) = &found {
        found.reached_from(object, name, Reach::One);
    }
    if let (Some(found), Relation::Reverse { relation, .. }) = (&found, relation) {
        found.change(|state| {
            state
                .related
                .insert(relation.field.name.as_str(), Some(object.clone()))
        });
    }
    object.change(|state| state.related.insert(name, found.clone()));
    match found {
        None if !optional => Err(missing()),
        found => Ok(found),
    }
}

/// Reads a deferred value into an instance.
///
/// # Errors
/// `FieldFetchBlocked`, `DoesNotExist`, `AttributeError` for an instance that is not saved.
pub fn load_deferred(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    object: &Instance,
    attname: &str,
) -> Result<()> {
    let model = object.model();
    if object.key().is_none() {
        return Err(OrmError::new(
            ExceptionClass::AttributeError,
            format!("Cannot retrieve deferred field '{attname}' from an unsaved model."),
        ));
    }
    object.check_fetch(attname)?;
    if object.with(|state| state.fetch_mode) == FetchMode::Peers {
        let peers: Vec<Instance> = object
            .peers()
            .into_iter()
            .filter(|peer| peer.get(attname).is_none() && peer.key().is_some())
            .collect();
        let keys = peers
            .iter()
            .filter_map(Instance::key)
            .map(Operand::value)
            .collect();
        let rows = QuerySet::new(catalogue, &model)
            .values_list(
                vec![Operand::from("pk"), Operand::from(attname)],
                super::queryset::RowShape::Tuples,
            )?
            .filter(Q::lookup("pk__in", Operand::List(keys)))?
            .fetch(connection)?;
        for row in rows {
            let Row::Tuple(values) = row else {
                continue;
            };
            let (Some(key), Some(value)) = (values.first(), values.get(1)) else {
                continue;
            };
            for peer in &peers {
                if peer.key().is_some_and(|known| same_value(&known, key)) {
                    peer.change(|state| {
                        state.values.insert(attname, Operand::value(value.clone()))
                    });
                }
            }
        }
        return Ok(());
    }
    let cause = Cause::Deferred {
        model: model.name.clone(),
        field: attname.to_owned(),
    };
    because(connection, Some(cause), |connection| {
        super::save::refresh(connection, catalogue, object, Some(&[attname.to_owned()]))
    })
}
