//! Answers as tables of cells, whichever language gave them.

use crate::base::{Numeric, ResultSet, Type, Value};
use crate::export::text::shown;
use crate::lessons::verdict::Row;
use crate::orm::Operand;
use crate::shell::django::{is_queryset, is_raw, python_value, row};
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Object, PyResult};

/// How deep lists may stand in each other; what lies deeper is compared as text.
const DEPTH: usize = 8;

/// What code answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What the rows are.
    pub form: Form,
    /// The names of the columns; places from 1 where they have none.
    pub columns: Vec<String>,
    /// Row by row.
    pub rows: Vec<Vec<Cell>>,
}

/// What the rows of an answer are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Model instances: the key under the model's name, then annotations.
    Instances,
    /// Columns with names.
    Named,
    /// Columns that are told apart by their places.
    Positional,
}

/// A value of an answer.
#[derive(Clone, Debug)]
pub enum Cell {
    /// NULL or `None`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number or an exact decimal.
    Number(Numeric),
    /// A float.
    Float(f64),
    /// Everything else, as it is shown.
    Text(String),
    /// A list.
    List(Vec<Cell>),
}

impl Cell {
    /// As a person reads it.
    pub fn text(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Float(value) => value.to_string(),
            Self::Text(text) => text.clone(),
            Self::List(cells) => {
                let texts: Vec<String> = cells
                    .iter()
                    .map(|cell| cell.text().unwrap_or_else(|| "NULL".into()))
                    .collect();
                format!("[{}]", texts.join(", "))
            }
        })
    }
}

/// Numbers by value, floats to nine digits.
impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            // The digits of a quotient depend on the way it was reached.
            (Self::Number(a), Self::Number(b)) => {
                a == b || (a.scale() > 9 && b.scale() > 9 && near(a.to_f64(), b.to_f64()))
            }
            (Self::Float(a), Self::Float(b)) => near(*a, *b),
            (Self::Number(a), Self::Float(b)) | (Self::Float(b), Self::Number(a)) => {
                near(a.to_f64(), *b)
            }
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (
                Self::Null
                | Self::Bool(_)
                | Self::Number(_)
                | Self::Float(_)
                | Self::Text(_)
                | Self::List(_),
                _,
            ) => false,
        }
    }
}

fn near(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// Rows as people read them.
pub fn texts(row: &[Cell]) -> Row {
    row.iter().map(Cell::text).collect()
}

/// The answer that a result set is.
pub fn of_result(result: &ResultSet) -> Answer {
    Answer {
        form: Form::Named,
        columns: result
            .fields
            .iter()
            .map(|field| field.name.clone())
            .collect(),
        rows: result
            .rows(0)
            .map(|row| {
                row.iter()
                    .zip(&result.fields)
                    .map(|(value, field)| of_value(value, &field.ty))
                    .collect()
            })
            .collect(),
    }
}

fn of_value(value: &Value, ty: &Type) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(value) => Cell::Bool(*value),
        Value::Int(value) => Cell::Number(Numeric::from(*value)),
        Value::Numeric(value) => Cell::Number(*value),
        Value::Float(value) => Cell::Float(*value),
        Value::Text(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::Timestamp(_)
        | Value::Interval(_)
        | Value::Uuid(_)
        | Value::Array(_)
        | Value::Record(_) => Cell::Text(shown(value, ty)),
    }
}

/// The answer that a Python value is; what it is instead when it is none.
///
/// # Errors
/// What reading a queryset raises.
pub fn of_object(vm: &mut Interpreter, value: &Object) -> PyResult<Result<Answer, String>> {
    let items = match value.plain() {
        Object::None => {
            let message = "The last line gives None: make it the answer, an expression.";
            return Ok(Err(message.into()));
        }
        _ if is_queryset(value) || is_raw(value) => vm.collect(value)?,
        Object::List(items) => items.borrow().clone(),
        Object::Set(items) | Object::FrozenSet(items) => items.borrow().keys(),
        Object::Iterator(_) | Object::Range(_) => vm.collect(value)?,
        // A dict, an instance, a tuple, a scalar: one row.
        Object::Dict(_) | Object::Tuple(_) => vec![value.clone()],
        _ if value.is_scalar() || row(value).is_some() => vec![value.clone()],
        _ => {
            let name = vm.type_name(value);
            let hint = match name.ends_with("Manager") {
                true => " Call .all() or another method of it.",
                false => "",
            };
            return Ok(Err(format!(
                "The last line gives a {name}, not rows or a value.{hint}"
            )));
        }
    };
    rows(vm, &items).map(Ok)
}

/// A row before its columns are known.
enum Loose {
    Named(Form, Vec<(String, Cell)>),
    Positional(Vec<Cell>),
}

fn rows(vm: &mut Interpreter, items: &[Object]) -> PyResult<Answer> {
    let mut loose = Vec::with_capacity(items.len());
    for item in items {
        loose.push(loose_row(vm, item)?);
    }
    let forms = loose.iter().map(|row| match row {
        Loose::Named(form, _) => *form,
        Loose::Positional(_) => Form::Positional,
    });
    let form = forms.reduce(|a, b| if a == b { a } else { Form::Positional });
    let form = form.unwrap_or(Form::Positional);
    let mut columns: Vec<String> = Vec::new();
    if form == Form::Positional {
        let width = loose.iter().map(|row| match row {
            Loose::Named(_, cells) => cells.len(),
            Loose::Positional(cells) => cells.len(),
        });
        let width = width.max().unwrap_or(0);
        columns = (1..=width).map(|place| format!("column {place}")).collect();
    } else {
        for row in &loose {
            if let Loose::Named(_, cells) = row {
                for (name, _) in cells {
                    if !columns.contains(name) {
                        columns.push(name.clone());
                    }
                }
            }
        }
    }
    let rows = loose
        .into_iter()
        .map(|row| match row {
            Loose::Positional(mut cells) => {
                cells.resize(columns.len(), Cell::Null);
                cells
            }
            Loose::Named(_, cells) if form == Form::Positional => {
                let mut cells: Vec<Cell> = cells.into_iter().map(|(_, cell)| cell).collect();
                cells.resize(columns.len(), Cell::Null);
                cells
            }
            Loose::Named(_, cells) => columns
                .iter()
                .map(|name| {
                    let found = cells.iter().find(|(known, _)| known == name);
                    found.map_or(Cell::Null, |(_, cell)| cell.clone())
                })
                .collect(),
        })
        .collect();
    Ok(Answer {
        form,
        columns,
        rows,
    })
}

fn loose_row(vm: &mut Interpreter, item: &Object) -> PyResult<Loose> {
    if let Some(instance) = row(item) {
        let key = instance
            .key()
            .map_or(Operand::value(Value::Null), Operand::value);
        let key = python_value(vm, &key)?;
        let mut cells = vec![(instance.model().name.clone(), cell(vm, &key, 0)?)];
        let annotations: Vec<(String, Value)> = instance.with(|state| {
            let values = state.annotations.iter();
            values
                .filter_map(|(name, attribute)| Some((name.to_owned(), attribute.value()?)))
                .collect()
        });
        for (name, value) in annotations {
            let value = python_value(vm, &Operand::value(value))?;
            cells.push((name, cell(vm, &value, 0)?));
        }
        return Ok(Loose::Named(Form::Instances, cells));
    }
    Ok(match item.plain() {
        Object::Dict(dict) => {
            let items = dict.borrow().items();
            let mut cells = Vec::with_capacity(items.len());
            for (name, value) in items {
                cells.push((vm.str(&name)?.to_string(), cell(vm, &value, 0)?));
            }
            Loose::Named(Form::Named, cells)
        }
        Object::Tuple(items) => {
            let mut cells = Vec::with_capacity(items.len());
            for value in items.iter() {
                cells.push(cell(vm, value, 0)?);
            }
            Loose::Positional(cells)
        }
        _ => Loose::Positional(vec![cell(vm, item, 0)?]),
    })
}

fn cell(vm: &mut Interpreter, value: &Object, depth: usize) -> PyResult<Cell> {
    if let Some(instance) = row(value) {
        let key = match instance.key() {
            Some(key) => {
                let key = python_value(vm, &Operand::value(key))?;
                vm.str(&key)?.to_string()
            }
            None => "unsaved".into(),
        };
        return Ok(Cell::Text(format!("{} {key}", instance.model().name)));
    }
    let items = match value.plain() {
        Object::None => return Ok(Cell::Null),
        Object::Bool(value) => return Ok(Cell::Bool(*value)),
        Object::Int(int) => {
            let number = i128::try_from(&int.to_big());
            return Ok(match number {
                Ok(number) => Cell::Number(Numeric::new(number, 0)),
                Err(_) => Cell::Text(vm.str(value)?.to_string()),
            });
        }
        Object::Decimal(decimal) => {
            let parts = decimal.to_parts();
            let parts = parts.and_then(|(digits, scale)| Some((digits, u8::try_from(scale).ok()?)));
            return Ok(match parts {
                Some((digits, scale)) => Cell::Number(Numeric::new(digits, scale)),
                None => Cell::Float(decimal.to_f64()),
            });
        }
        Object::Float(value) => return Ok(Cell::Float(*value)),
        _ if depth >= DEPTH => return Ok(Cell::Text(vm.repr(value)?)),
        _ if is_queryset(value) || is_raw(value) => vm.collect(value)?,
        Object::List(items) => items.borrow().clone(),
        Object::Tuple(items) => items.to_vec(),
        _ => return Ok(Cell::Text(vm.str(value)?.to_string())),
    };
    let mut cells = Vec::with_capacity(items.len());
    for item in &items {
        cells.push(cell(vm, item, depth + 1)?);
    }
    Ok(Cell::List(cells))
}
