//! `prefetch_related`: one further query for each relation, matched up in memory.

use super::connection::{Connection, Reach};
use super::errors::{ExceptionClass, OrmError, Result};
use super::expressions::{Expr, PlainValue, Window, f, same_value};
use super::functions::known;
use super::instance::{Attribute, Instance};
use super::lookups::{Lookup, LookupKind, Rhs};
use super::ordered::OrderedMap;
use super::q::{Q, QChild};
use super::query::Clear;
use super::queryset::{QuerySet, RowShape};
use super::related::{Relation, load_deferred};
use crate::base::Value;
use crate::market::catalogue::Catalogue;
use std::sync::Arc;

/// `Prefetch(lookup, queryset, to_attr)`
#[derive(Clone, Debug)]
pub struct Prefetch {
    /// The path that is followed.
    pub through: String,
    /// The path where the rows are kept.
    pub to: String,
    /// The queryset that reads them, instead of the relation's own.
    pub queryset: Option<QuerySet>,
    /// The attribute that holds them as a list.
    pub to_attr: Option<String>,
}

impl From<&str> for Prefetch {
    fn from(path: &str) -> Self {
        Self {
            through: path.to_owned(),
            to: path.to_owned(),
            queryset: None,
            to_attr: None,
        }
    }
}

impl Prefetch {
    /// `Prefetch(lookup, queryset, to_attr)`
    ///
    /// # Errors
    /// `ValueError` for a queryset that gives no instances.
    pub fn new(lookup: &str, queryset: Option<QuerySet>, to_attr: Option<String>) -> Result<Self> {
        if queryset
            .as_ref()
            .is_some_and(|queryset| queryset.shape() != RowShape::Instances)
        {
            return Err(OrmError::value(
                "Prefetch querysets cannot use raw(), values(), and values_list().",
            ));
        }
        let to = match &to_attr {
            None => lookup.to_owned(),
            Some(name) => match lookup.rsplit_once("__") {
                Some((head, _)) => format!("{head}__{name}"),
                None => name.clone(),
            },
        };
        Ok(Self {
            through: lookup.to_owned(),
            to,
            queryset,
            to_attr,
        })
    }

    fn prefixed(mut self, prefix: &str) -> Self {
        self.through = format!("{prefix}__{}", self.through);
        self.to = format!("{prefix}__{}", self.to);
        self
    }

    /// The head of the path where rows are kept.
    fn to_at(&self, level: usize) -> String {
        self.to
            .split("__")
            .take(level + 1)
            .collect::<Vec<_>>()
            .join("__")
    }
}

/// Reads related rows of instances and attaches them.
///
/// # Errors
/// `AttributeError` for a name that is not there, `ValueError` for one that is no relation.
pub fn prefetch_related_objects(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instances: &[Instance],
    lookups: Vec<Prefetch>,
) -> Result<()> {
    if instances.is_empty() {
        return Ok(());
    }
    let mut done: OrderedMap<Vec<Instance>> = OrderedMap::new();
    let mut automatic: Vec<String> = Vec::new();
    let mut pending: Vec<Prefetch> = lookups.into_iter().rev().collect();
    while let Some(lookup) = pending.pop() {
        if done.contains(&lookup.to) {
            if lookup.queryset.is_some() {
                return Err(OrmError::value(format!(
                    "'{}' lookup was already seen with a different queryset. You may need to \
                     adjust the ordering of your lookups.",
                    lookup.to
                )));
            }
            continue;
        }
        let mut objects: Vec<Instance> = instances.to_vec();
        let through: Vec<String> = lookup.through.split("__").map(str::to_owned).collect();
        for (level, name) in through.iter().enumerate() {
            let Some(first) = objects.first() else {
                break;
            };
            let to = lookup.to_at(level);
            if let Some(known) = done.get(&to) {
                objects.clone_from(known);
                continue;
            }
            let leaf = level + 1 == through.len();
            let attribute = to.rsplit("__").next().unwrap_or(name).to_owned();
            let model = first.model();
            let relation = Relation::named(catalogue, &model, name)?;
            let Some(relation) = relation else {
                let found = model.field(name).is_some()
                    || first.with(|state| state.annotations.contains(name));
                if !found {
                    return Err(OrmError::new(
                        ExceptionClass::AttributeError,
                        format!(
                            "Cannot find '{name}' on {} object, '{name}' is an invalid parameter \
                             to prefetch_related()",
                            model.name
                        )
                        .replace(
                            &format!(", '{name}' is an"),
                            &format!(", '{}' is an", lookup.through),
                        ),
                    ));
                }
                if leaf {
                    return Err(OrmError::value(format!(
                        "'{}' does not resolve to an item that supports prefetching - this is an \
                         invalid parameter to prefetch_related().",
                        lookup.through
                    )));
                }
                objects = objects
                    .iter()
                    .flat_map(|object| attached(object, name))
                    .collect();
                continue;
            };
            let own_queryset = lookup.queryset.as_ref().filter(|_| to == lookup.to);
            let as_list = lookup.to_attr.is_some() && leaf;
            let missing: Vec<Instance> = objects
                .iter()
                .filter(|object| {
                    if attribute == *name {
                        !relation.is_loaded(object)
                    } else {
                        // A field of that name counts as fetched.
                        object.with(|state| {
                            !state.annotations.contains(&attribute)
                                && !state.values.contains(&attribute)
                        })
                    }
                })
                .cloned()
                .collect();
            if missing.is_empty() {
                objects = objects
                    .iter()
                    .flat_map(|object| relation.loaded(object))
                    .collect();
                continue;
            }
            let (rows, further) = one_level(
                connection,
                catalogue,
                &missing,
                &relation,
                own_queryset,
                as_list.then_some(attribute.as_str()),
            )?;
            if !(done.contains(&to) && automatic.contains(&lookup.to)) {
                done.insert(to.as_str(), rows.clone());
                for deeper in further.into_iter().rev() {
                    let deeper = deeper.prefixed(&to);
                    automatic.push(deeper.to.clone());
                    pending.push(deeper);
                }
            }
            objects = rows;
        }
    }
    Ok(())
}

/// What an attribute that is no relation holds.
fn attached(object: &Instance, name: &str) -> Vec<Instance> {
    object.with(|state| match state.annotations.get(name) {
        Some(Attribute::Instance(Some(instance))) => vec![instance.clone()],
        Some(Attribute::Instances(instances)) => instances.clone(),
        _ => Vec::new(),
    })
}

/// Reads one relation of some instances; the rows, and the lookups of their own queryset.
fn one_level(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instances: &[Instance],
    relation: &Relation,
    queryset: Option<&QuerySet>,
    to_attr: Option<&str>,
) -> Result<(Vec<Instance>, Vec<Prefetch>)> {
    let base = match queryset {
        Some(queryset) => queryset.all(),
        None => QuerySet::new(catalogue, relation.target()),
    };
    let further = base.prefetch.clone();
    read_keys(connection, catalogue, instances, relation.field_here())?;
    let mut narrowed = narrow(&base, instances, relation)?;
    narrowed.prefetch.clear();
    let rows = narrowed.instances(connection)?;
    if let (Some(name), Some(first)) = (to_attr, instances.first())
        && (first.model().field(name).is_some()
            || Relation::named(catalogue, &first.model(), name)?.is_some())
    {
        return Err(OrmError::value(format!(
            "to_attr={name} conflicts with a field on the {} model.",
            first.model().name
        )));
    }
    if let Some(attname) = relation.field_there() {
        read_keys(connection, catalogue, &rows, attname)?;
    }
    let reach = match relation.is_single() {
        true => Reach::One,
        false => Reach::Many,
    };
    for row in &rows {
        relation.link_back(row, instances);
        // All rows are reached alike, so any of the instances tells the way.
        if let Some(first) = instances.first() {
            row.reached_from(first, relation.name(), reach);
        }
    }
    for object in instances {
        let key = relation.key_here(object);
        let matching: Vec<Instance> = match &key {
            Some(key) => rows
                .iter()
                .filter(|row| {
                    relation
                        .key_there(row)
                        .is_some_and(|there| same_value(&there, key))
                })
                .cloned()
                .collect(),
            None => Vec::new(),
        };
        match (to_attr, relation.is_single()) {
            (Some(name), true) => {
                let one = matching.into_iter().next();
                object.change(|state| state.annotations.insert(name, Attribute::Instance(one)));
            }
            (Some(name), false) => {
                object.change(|state| {
                    state
                        .annotations
                        .insert(name, Attribute::Instances(matching))
                });
            }
            (None, true) => {
                let one = matching.into_iter().next();
                object.change(|state| state.related.insert(relation.name(), one));
            }
            // The rows stand for what the manager would read, and it cannot narrow a slice.
            (None, false) if queryset.is_some_and(|queryset| queryset.query().is_sliced()) => {
                let message = "Cannot filter a query once a slice has been taken.";
                return Err(OrmError::kind(message));
            }
            (None, false) => {
                let manager = relation.manager(catalogue, object, queryset)?;
                object.change(|state| {
                    state
                        .prefetched
                        .insert(relation.name(), (manager, matching))
                });
            }
        }
    }
    Ok((rows, further))
}

/// Reads the keys that `only()` or `defer()` left out, row by row, as touching them does.
fn read_keys(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instances: &[Instance],
    attname: &str,
) -> Result<()> {
    for object in instances {
        if object.key().is_some() && object.get(attname).is_none() {
            load_deferred(connection, catalogue, object, attname)?;
        }
    }
    Ok(())
}

/// The rows that some instances need.
fn narrow(base: &QuerySet, instances: &[Instance], relation: &Relation) -> Result<QuerySet> {
    let mut query = base.query().chain();
    let mut keys: Vec<PlainValue> = Vec::new();
    for object in instances {
        if let Some(key) = relation.key_here(object)
            && !keys.iter().any(|known| same_value(&known.0, &key))
        {
            keys.push(PlainValue(key));
        }
    }
    if relation.is_forward() {
        let alias = query.initial_alias();
        let target = relation.target_field();
        let column = query.col(&alias, &target);
        let condition = Expr::Lookup(Box::new(Lookup {
            kind: LookupKind::TupleIn,
            lhs: column,
            rhs: Rhs::List(keys),
        }));
        query.add_q(&Q::of(vec![QChild::Expr(condition)], Vec::new()))?;
        query.clear_ordering(Clear::Unless, true);
        return Ok(base.with_query(query));
    }
    // The way back.
    let path = match relation {
        Relation::Forward { .. } | Relation::Reverse { .. } => relation.field().name.as_str(),
        Relation::Many { end, .. } => end.way_back.as_str(),
    };
    let mut condition = Q::lookup(
        format!("{path}__in"),
        super::expressions::Operand::List(
            instances
                .iter()
                .cloned()
                .map(super::expressions::Operand::Instance)
                .collect(),
        ),
    );
    if query.is_sliced() {
        // A slice counts for each instance, so rows are numbered within their partition.
        let order_by = super::compiler::ordering(&query)?;
        let window = Expr::Window(Box::new(Window {
            source: known("RowNumber", Vec::new())?,
            partition_by: Some(vec![f(path)]),
            order_by: Some(order_by).filter(|keys| !keys.is_empty()),
            frame: None,
            output_field: None,
        }));
        let bound = |kind, rows: u64| {
            QChild::Expr(Expr::Lookup(Box::new(Lookup {
                kind,
                lhs: window.clone(),
                rhs: Rhs::Value(PlainValue(Value::Int(
                    i64::try_from(rows).unwrap_or(i64::MAX),
                ))),
            })))
        };
        let (low, high) = (query.low_mark, query.high_mark);
        condition.children.push(bound(LookupKind::Gt, low));
        if let Some(high) = high {
            condition.children.push(bound(LookupKind::Lte, high));
        }
        query.clear_limits();
    }
    query.reuse_all_joins();
    query.add_q(&condition)?;
    if let (Relation::Many { end, .. }, Some(label)) = (relation, relation.prefetch_label()) {
        let column = query.col(&end.through.db_table, &end.source_key);
        query.leading.push((label, column));
    }
    if relation.is_single() {
        query.clear_ordering(Clear::Unless, true);
    }
    Ok(base.with_query(query))
}
