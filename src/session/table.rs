//! Python values as tables, with the right types: what the grid, exports and charts show.

use crate::base::{Batch, Column, Field, ResultSet, Type, Value};
use crate::market::catalogue::{FieldKind, Model};
use crate::orm::{Attribute, Instance, Operand, RowShape};
use crate::shell::django;
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Object, PyResult};
use std::sync::Arc;

/// How many rows `repr()` shows; their texts may ask the database, those of further rows not.
const SHOWN: usize = 20;

/// A value as a table, where it is one; a queryset is read for it, once.
///
/// # Errors
/// What reading a queryset or printing a row raises.
pub fn table(vm: &mut Interpreter, value: &Object) -> PyResult<Option<ResultSet>> {
    let found = match django::rows(vm, value)? {
        Some(found) => Some(found),
        None => django::raw_rows(vm, value)?,
    };
    if let Some(found) = found {
        return match found.shape {
            RowShape::Instances => instances(vm, &found.rows, &found.model, &found.names).map(Some),
            RowShape::Dicts | RowShape::Tuples | RowShape::Named | RowShape::Flat => {
                let names = found.names;
                let rows = found.rows.iter().map(|row| cells(row, found.shape));
                let rows: Vec<Vec<Object>> = rows.collect();
                grid(vm, names, &rows).map(Some)
            }
        };
    }
    match value.plain() {
        Object::List(items) => {
            let items = items.borrow().clone();
            sequence(vm, &items)
        }
        Object::Tuple(items) => sequence(vm, items),
        Object::Dict(dict) => {
            let items = dict.borrow().items();
            dict_table(vm, items).map(Some)
        }
        _ => match django::row(value) {
            Some(row) => {
                let model = row.model();
                let names = loaded(&row);
                instances(vm, std::slice::from_ref(value), &model, &names).map(Some)
            }
            None => Ok(None),
        },
    }
}

/// The cells of a row of `values()` and its siblings.
fn cells(row: &Object, shape: RowShape) -> Vec<Object> {
    match (row.plain(), shape) {
        (Object::Dict(dict), _) => dict.borrow().values(),
        (Object::Tuple(values), RowShape::Tuples | RowShape::Named) => values.to_vec(),
        (other, _) => vec![other.clone()],
    }
}

/// A dict: one row, a column for each key. Keys that are no texts (as of `in_bulk()`) make a
/// table of keys and values.
fn dict_table(vm: &mut Interpreter, items: Vec<(Object, Object)>) -> PyResult<ResultSet> {
    let names: Option<Vec<String>> = items
        .iter()
        .map(|(key, _)| key.as_str().map(|key| key.to_string()))
        .collect();
    match names {
        Some(names) => {
            let row = items.into_iter().map(|(_, value)| value).collect();
            grid(vm, names, &[row])
        }
        None => {
            let rows: Vec<Vec<Object>> = items
                .into_iter()
                .map(|(key, value)| vec![key, value])
                .collect();
            grid(vm, vec!["key".to_owned(), "value".to_owned()], &rows)
        }
    }
}

/// A list or tuple, where all of its items are alike.
fn sequence(vm: &mut Interpreter, items: &[Object]) -> PyResult<Option<ResultSet>> {
    let Some(first) = items.first() else {
        return Ok(None);
    };
    if let Some(row) = django::row(first) {
        let model = row.model();
        let alike = items
            .iter()
            .all(|item| django::row(item).is_some_and(|it| it.model().name == model.name));
        return match alike {
            true => instances(vm, items, &model, &loaded(&row)).map(Some),
            false => Ok(None),
        };
    }
    match first.plain() {
        Object::Dict(_) => {
            let mut names: Vec<String> = Vec::new();
            let mut dicts = Vec::with_capacity(items.len());
            for item in items {
                let Object::Dict(dict) = item.plain() else {
                    return Ok(None);
                };
                let mut entries = Vec::new();
                for (key, value) in dict.borrow().items() {
                    let Some(key) = key.as_str() else {
                        return Ok(None);
                    };
                    if !names.iter().any(|name| **name == **key) {
                        names.push(key.to_string());
                    }
                    entries.push((key.clone(), value));
                }
                dicts.push(entries);
            }
            let rows: Vec<Vec<Object>> = dicts
                .iter()
                .map(|entries| {
                    let cell = |name: &String| {
                        let found = entries.iter().find(|(key, _)| **key == **name);
                        found.map_or(Object::None, |(_, value)| value.clone())
                    };
                    names.iter().map(cell).collect()
                })
                .collect();
            grid(vm, names, &rows).map(Some)
        }
        Object::Tuple(first_cells) => {
            let mut rows = Vec::with_capacity(items.len());
            for item in items {
                match item.plain() {
                    Object::Tuple(cells) if cells.len() == first_cells.len() => {
                        rows.push(cells.to_vec());
                    }
                    _ => return Ok(None),
                }
            }
            let named = first
                .as_instance()
                .and_then(|it| it.class.lookup("_fields"));
            let names = match named.as_ref().map(Object::plain) {
                Some(Object::Tuple(names)) => names
                    .iter()
                    .filter_map(|name| name.as_str().map(|name| name.to_string()))
                    .collect(),
                _ => (1..=first_cells.len())
                    .map(|number| format!("column{number}"))
                    .collect(),
            };
            grid(vm, names, &rows).map(Some)
        }
        _ => {
            let mut rows = Vec::with_capacity(items.len());
            for item in items {
                if !item.is_scalar() {
                    return Ok(None);
                }
                rows.push(vec![item.clone()]);
            }
            grid(vm, vec!["value".to_owned()], &rows).map(Some)
        }
    }
}

/// What an instance has loaded: its fields by attribute name, then annotations.
fn loaded(row: &Instance) -> Vec<String> {
    row.with(|state| {
        let fields = state.model.fields.iter().map(|field| field.attname());
        let fields = fields.filter(|name| state.values.contains(name));
        let annotations = state.annotations.iter();
        let annotations = annotations.filter_map(|(name, it)| it.value().map(|_| name));
        fields.chain(annotations).map(str::to_owned).collect()
    })
}

/// Model instances: what `str()` gives of each, then their fields, then annotations.
fn instances(
    vm: &mut Interpreter,
    objects: &[Object],
    model: &Arc<Model>,
    names: &[String],
) -> PyResult<ResultSet> {
    let mut fields = vec![Field {
        name: "__str__".to_owned(),
        ty: Type::Text,
    }];
    let texts = texts(vm, objects)?;
    let mut columns = vec![Arc::new(Column::from_values(&texts, &Type::Text))];
    let rows: Vec<Instance> = objects.iter().filter_map(django::row).collect();
    for name in names {
        let values: Vec<Value> = rows.iter().map(|row| stored(row, name)).collect();
        let ty = match model.fields.iter().find(|field| field.attname() == name) {
            Some(field) => field_type(&field.kind).unwrap_or_else(|| type_of(&values)),
            None => type_of(&values),
        };
        columns.push(Arc::new(Column::from_values(&values, &ty)));
        fields.push(Field {
            name: name.clone(),
            ty,
        });
    }
    Ok(ResultSet {
        fields,
        batches: vec![Batch {
            columns,
            rows: objects.len(),
        }],
    })
}

/// `str()` of each row. A `__str__` that asks the database would do so for every row: beyond
/// those that Django's shell shows, it is not asked.
fn texts(vm: &mut Interpreter, objects: &[Object]) -> PyResult<Vec<Value>> {
    let mut texts = Vec::with_capacity(objects.len());
    let mut before = vm.django()?.recorded();
    for (place, object) in objects.iter().enumerate() {
        texts.push(Value::text(&*vm.str(object)?));
        let after = vm.django()?.recorded();
        if place + 1 > SHOWN && after > before {
            texts.resize(objects.len(), Value::Null);
            break;
        }
        before = after;
    }
    Ok(texts)
}

/// A stored value or an annotation.
fn stored(row: &Instance, name: &str) -> Value {
    row.with(|state| match state.values.get(name) {
        Some(Operand::Value(value)) => value.0.clone(),
        Some(operand) => Value::text(crate::orm::expressions::python_repr(operand)),
        None => {
            let annotation = state.annotations.get(name);
            annotation.and_then(Attribute::value).unwrap_or(Value::Null)
        }
    })
}

/// The type of a field's column; of a foreign key its values tell.
fn field_type(kind: &FieldKind) -> Option<Type> {
    Some(match kind {
        FieldKind::Auto | FieldKind::Integer | FieldKind::PositiveInteger => Type::Integer,
        FieldKind::BigAuto | FieldKind::BigInteger | FieldKind::PositiveBigInteger => Type::BigInt,
        FieldKind::SmallAuto | FieldKind::SmallInteger | FieldKind::PositiveSmallInteger => {
            Type::SmallInt
        }
        FieldKind::Boolean => Type::Boolean,
        FieldKind::Char(_)
        | FieldKind::Email(_)
        | FieldKind::Slug(_)
        | FieldKind::Url(_)
        | FieldKind::Text => Type::Text,
        FieldKind::Decimal(modifier) => Type::Numeric(*modifier),
        FieldKind::Float => Type::Double,
        FieldKind::Date => Type::Date,
        FieldKind::DateTime => Type::TimestampTz,
        FieldKind::Time => Type::Time,
        FieldKind::Duration => Type::Interval,
        FieldKind::Uuid => Type::Uuid,
        FieldKind::Json => Type::Json,
        FieldKind::ForeignKey | FieldKind::OneToOne | FieldKind::Untyped => return None,
    })
}

/// Rows of Python values. A column of values that no type holds shows their texts.
fn grid(vm: &mut Interpreter, names: Vec<String>, rows: &[Vec<Object>]) -> PyResult<ResultSet> {
    let mut fields = Vec::with_capacity(names.len());
    let mut columns = Vec::with_capacity(names.len());
    for (place, name) in names.into_iter().enumerate() {
        let mut values = Vec::with_capacity(rows.len());
        for row in rows {
            let cell = row.get(place).unwrap_or(&Object::None);
            values.push(cell_value(vm, cell)?);
        }
        let ty = type_of(&values);
        if ty == Type::Text {
            for (value, row) in values.iter_mut().zip(rows) {
                if !matches!(value, Value::Null | Value::Text(_)) {
                    let cell = row.get(place).unwrap_or(&Object::None);
                    *value = Value::text(&*vm.str(cell)?);
                }
            }
        }
        columns.push(Arc::new(Column::from_values(&values, &ty)));
        fields.push(Field { name, ty });
    }
    Ok(ResultSet {
        fields,
        batches: vec![Batch {
            columns,
            rows: rows.len(),
        }],
    })
}

fn cell_value(vm: &mut Interpreter, cell: &Object) -> PyResult<Value> {
    let value = match cell.is_scalar() {
        true => django::plain_value(vm, cell)?,
        false => None,
    };
    match value {
        Some(value) => Ok(value),
        None => Ok(Value::text(&*vm.str(cell)?)),
    }
}

/// The type that holds all of the values; text when none does.
fn type_of(values: &[Value]) -> Type {
    let mut found: Option<Type> = None;
    for value in values {
        let ty = match value {
            Value::Null => continue,
            Value::Bool(_) => Type::Boolean,
            Value::Int(_) => Type::BigInt,
            Value::Numeric(_) => Type::Numeric(None),
            Value::Float(_) => Type::Double,
            Value::Text(_) => Type::Text,
            Value::Date(_) => Type::Date,
            Value::Time(_) => Type::Time,
            Value::Timestamp(_) => Type::TimestampTz,
            Value::Interval(_) => Type::Interval,
            Value::Uuid(_) => Type::Uuid,
            Value::Array(_) | Value::Record(_) => Type::Text,
        };
        found = Some(match (found, ty) {
            (None, ty) => ty,
            (Some(one), two) if one == two => one,
            (Some(Type::BigInt), Type::Numeric(_)) | (Some(Type::Numeric(_)), Type::BigInt) => {
                Type::Numeric(None)
            }
            (Some(Type::BigInt | Type::Double), Type::BigInt | Type::Double) => Type::Double,
            _ => return Type::Text,
        });
    }
    found.unwrap_or(Type::Text)
}
