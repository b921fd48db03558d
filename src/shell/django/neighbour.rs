//! The rows before and behind one in the order of a date.

use super::convert::to_operand;
use super::model::object;
use super::queryset::{connected, queryset_of};
use crate::base::Value;
use crate::market::catalogue::Model;
use crate::orm::{Connector, Operand, Q, Row};
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Arguments, Object, PyResult};

/// `get_next_by_created_at()` and `get_previous_by_created_at()`: the next row by the field, and
/// among equal ones by the key.
pub(super) fn neighbour(
    vm: &mut Interpreter,
    model: &Model,
    field: &str,
    next: bool,
    mut arguments: Arguments,
) -> PyResult {
    let own = arguments.take_first();
    let (at, key) = (vm.attribute(&own, field)?, vm.attribute(&own, "pk")?);
    if key.is_none() {
        let message = "get_next/get_previous cannot be used on unsaved objects.";
        return Err(vm.value_error(message));
    }
    let (at, key) = (to_operand(vm, &at)?, to_operand(vm, &key)?);
    let (operator, sign) = if next { ("gt", "") } else { ("lt", "-") };
    let same = Q::of(
        Vec::new(),
        vec![
            (field.to_owned(), at.clone()),
            (format!("pk__{operator}"), key),
        ],
    );
    let beyond = Q::of(Vec::new(), vec![(format!("{field}__{operator}"), at)]);
    let class = vm.class_of(&own);
    let manager = vm.attribute(&Object::Class(class), "_default_manager")?;
    let rows = vm.call_method(&manager, "filter", arguments)?;
    let Some(rows) = queryset_of(vm, &rows)? else {
        return Ok(Object::None);
    };
    let order = [format!("{sign}{field}"), format!("{sign}pk")];
    let order = order.map(|it| Operand::value(Value::text(it))).to_vec();
    let rows = rows.filter(same.combine(beyond, Connector::Or));
    let rows = rows.and_then(|rows| rows.order_by(order));
    let rows = rows.map_err(|error| vm.orm_error(error))?;
    let found = connected(vm, |connection| rows.slice(None, Some(1)).fetch(connection))?;
    match found.into_iter().next() {
        Some(Row::Instance(row)) => object(vm, &row),
        _ => {
            let class = vm.class_of(&own).lookup("DoesNotExist");
            let message = format!("{} matching query does not exist.", model.name);
            match class {
                Some(Object::Class(class)) => Err(vm.error_of(&class, vec![Object::from(message)])),
                _ => Err(vm.error("ObjectDoesNotExist", &message)),
            }
        }
    }
}
