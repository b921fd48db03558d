//! Names of fields and relations, and the ways that they tell.

use super::Query;
use super::joins::{Direction, JoinField, PathInfo};
use crate::market::catalogue::{Field, Model};
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{FieldRef, target_field};
use std::sync::Arc;

impl Query {
    /// Follows names along relations as far as they go.
    pub(super) fn names_to_path(
        &self,
        names: &[String],
        model: &Arc<Model>,
        allow_many: bool,
        fail_on_missing: bool,
    ) -> std::result::Result<Found, NotFound> {
        let mut model = model.clone();
        let mut path: Vec<PathInfo> = Vec::new();
        let mut named: NamedPath = Vec::new();
        let mut last: Option<(FieldRef, FieldRef, bool)> = None;
        for (at, name) in names.iter().enumerate() {
            let step = self.step(name, &model, at, &mut path)?;
            let Some(step) = step else {
                if at == 0 || fail_on_missing {
                    return Err(NotFound::Field(self.unknown_name(name, &model)));
                }
                return match last {
                    Some((final_field, target, is_relation)) => Ok(Found {
                        path,
                        final_field,
                        target,
                        rest: names.get(at..).unwrap_or_default().to_vec(),
                        is_relation,
                    }),
                    None => Err(NotFound::Field(self.unknown_name(name, &model))),
                };
            };
            match step {
                Step::Relation(infos) => {
                    if !allow_many && let Some(many) = infos.iter().position(|it| it.to_many) {
                        let infos = infos.into_iter().take(many + 1).collect();
                        named.push((name.clone(), infos));
                        return Err(NotFound::Many(named));
                    }
                    if let Some(info) = infos.last() {
                        model = info.to.clone();
                        let final_field = if info.is_direct() {
                            info.join_field.field.clone()
                        } else {
                            info.target.clone()
                        };
                        last = Some((final_field, info.target.clone(), true));
                    }
                    named.push((name.clone(), infos.clone()));
                    path.extend(infos);
                }
                Step::Column(field) => {
                    if let (true, Some(next)) = (fail_on_missing, names.get(at + 1)) {
                        return Err(NotFound::Field(OrmError::field(format!(
                            "Cannot resolve keyword '{next}' into field. Join on '{name}' not \
                             permitted."
                        ))));
                    }
                    return Ok(Found {
                        path,
                        final_field: field.clone(),
                        target: field,
                        rest: names.get(at + 1..).unwrap_or_default().to_vec(),
                        is_relation: false,
                    });
                }
            }
        }
        match last {
            Some((final_field, target, is_relation)) => Ok(Found {
                path,
                final_field,
                target,
                rest: Vec::new(),
                is_relation,
            }),
            None => Err(NotFound::Field(OrmError::field(
                "Cannot parse keyword query ''",
            ))),
        }
    }

    /// What a name means on a model.
    fn step(
        &self,
        name: &str,
        model: &Arc<Model>,
        at: usize,
        path: &mut Vec<PathInfo>,
    ) -> Result<Option<Step>> {
        let field = if name == "pk" {
            model.primary_key()
        } else {
            model.field(name)
        };
        if let Some(field) = field {
            // `customer` and `customer_id` are both the relation: a trailing join is trimmed.
            return match field.is_relation() {
                true => Ok(Some(Step::Relation(vec![self.forward(field)?]))),
                false => Ok(Some(Step::Column(field.clone()))),
            };
        }
        let reverse = self
            .catalogue
            .reverse_relations(&model.name)
            .into_iter()
            .find(|relation| relation.name == name);
        if let Some(reverse) = reverse {
            let step = self.backward(&reverse.field, &reverse.source, reverse.is_unique())?;
            return Ok(Some(Step::Relation(vec![step])));
        }
        let many = self.catalogue.many_to_many(&model.name);
        if let Some(end) = many.into_iter().find(|end| end.name == name) {
            let unique = end.source_key.unique;
            return Ok(Some(Step::Relation(vec![
                self.backward(&end.source_key, &end.through, unique)?,
                self.forward(&end.target_key)?,
            ])));
        }
        if self.selects_annotation(name)
            && let Some(annotation) = self.annotations.get(name)
        {
            return Ok(Some(Step::Column(annotation.output_field()?)));
        }
        if at == 0
            && let Some(relation) = self.filtered_relations.get(name)
        {
            let parts: Vec<String> = relation
                .relation_name
                .split("__")
                .map(str::to_owned)
                .collect();
            let found = match self.names_to_path(&parts, model, true, false) {
                Ok(found) => found,
                Err(NotFound::Field(error)) => return Err(error),
                Err(NotFound::Many(_)) => return Ok(None),
            };
            let mut steps = found.path;
            let Some(last) = steps.last_mut() else {
                return Ok(None);
            };
            last.filtered_relation = Some(name.to_owned());
            // Of a longer path only the last step belongs to the name.
            if parts.len() > 1 {
                let last = steps.split_off(steps.len() - 1);
                path.extend(steps);
                steps = last;
            }
            return Ok(Some(Step::Relation(steps)));
        }
        Ok(None)
    }

    /// The step along a foreign key.
    fn forward(&self, field: &FieldRef) -> Result<PathInfo> {
        let to = self.related_model(field)?;
        let target = target_field(field, &self.catalogue)
            .ok_or_else(|| OrmError::internal("a relation without a target"))?;
        Ok(PathInfo {
            to,
            target: target.clone(),
            join_field: JoinField {
                field: field.clone(),
                target,
                direction: Direction::Forward,
            },
            to_many: false,
            filtered_relation: None,
        })
    }

    /// The step against a foreign key, to the model that holds it.
    fn backward(&self, field: &FieldRef, source: &Arc<Model>, unique: bool) -> Result<PathInfo> {
        let target = target_field(field, &self.catalogue)
            .ok_or_else(|| OrmError::internal("a relation without a target"))?;
        Ok(PathInfo {
            to: source.clone(),
            target: super::key_of(source)?,
            to_many: !unique,
            join_field: JoinField {
                field: field.clone(),
                target,
                direction: Direction::Reverse,
            },
            filtered_relation: None,
        })
    }

    /// The model a foreign key points at.
    pub(in crate::orm) fn related_model(&self, field: &Field) -> Result<Arc<Model>> {
        field
            .relation
            .as_ref()
            .and_then(|relation| self.catalogue.model(&relation.to))
            .cloned()
            .ok_or_else(|| {
                OrmError::field(format!(
                    "Field '{}' points at a model that is not defined.",
                    field.name
                ))
            })
    }

    pub(in crate::orm) fn unknown_name(&self, name: &str, model: &Model) -> OrmError {
        let mut choices = self.field_names(model);
        choices.extend(self.annotations.keys().map(str::to_owned));
        choices.extend(self.filtered_relations.keys().map(str::to_owned));
        choices.sort();
        unknown(name, &choices)
    }

    /// The names that a path on a model may start with.
    pub(super) fn field_names(&self, model: &Model) -> Vec<String> {
        let mut names: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
        for field in &model.fields {
            names.insert(field.name.clone());
            names.insert(field.attname().to_owned());
        }
        for relation in self.catalogue.reverse_relations(&model.name) {
            names.insert(relation.name);
        }
        let ends = self.catalogue.visible_many_to_many(&model.name);
        names.extend(ends.into_iter().map(|end| end.name));
        names.into_iter().collect()
    }
}

/// The names of a path, each with the steps that it makes.
pub(super) type NamedPath = Vec<(String, Vec<PathInfo>)>;

/// A path that is understood.
pub(super) struct Found {
    /// The steps.
    pub path: Vec<PathInfo>,
    /// The field at the end: for a relation, the relation.
    pub final_field: FieldRef,
    /// The field whose column stands for it.
    pub target: FieldRef,
    /// The names that are left: transforms and a lookup.
    pub rest: Vec<String>,
    /// Whether the end is a relation.
    pub is_relation: bool,
}

/// Why a path is not understood.
pub(super) enum NotFound {
    /// A name is wrong.
    Field(OrmError),
    /// It crosses a relation to many rows where that is not allowed.
    Many(NamedPath),
}

impl From<OrmError> for NotFound {
    fn from(error: OrmError) -> Self {
        Self::Field(error)
    }
}

/// What a name is.
enum Step {
    /// A relation: a step, or the two of a many-to-many relation.
    Relation(Vec<PathInfo>),
    Column(FieldRef),
}

/// The error of a path that should not have met relations to many rows.
pub(super) fn into_field(error: NotFound) -> OrmError {
    match error {
        NotFound::Field(error) => error,
        NotFound::Many(named) => {
            let names: Vec<_> = named.into_iter().map(|(name, _)| name).collect();
            OrmError::field(format!("Invalid field name: '{}'", names.join("__")))
        }
    }
}

/// `Cannot resolve keyword ..`, with the name that was probably meant.
pub(super) fn unknown(name: &str, choices: &[String]) -> OrmError {
    let error = OrmError::field(format!(
        "Cannot resolve keyword '{name}' into field. Choices are: {}",
        choices.join(", ")
    ));
    let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
    match crate::orm::suggest::close_matches(name, &choices).first() {
        Some(close) => error.hint(format!("Did you mean `{close}`?")),
        None => error,
    }
}
