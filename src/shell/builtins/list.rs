//! `list`, `tuple`, `range`, `slice`.

use crate::shell::interpret::Interpreter;
use crate::shell::value::{Object, PyResult, Raised, Range};
use std::cell::RefCell;
use std::rc::Rc;

type Shared = Rc<RefCell<Vec<Object>>>;

pub(super) fn install(vm: &mut Interpreter) {
    let types = vm.types.clone();
    let list = &types.list;
    list.static_method("__new__", |vm, mut arguments| {
        let class = arguments.take_first();
        let [items] = arguments.bind(vm, "list", ["iterable"], 0)?;
        let items = match items {
            Some(items) => vm.collect(&items)?,
            None => Vec::new(),
        };
        Ok(vm.wrap(&class, Object::list(items)))
    });
    list.method("append", |vm, arguments| {
        let [list, item] = arguments.exactly(vm, "list.append")?;
        let list = held(vm, &list)?;
        let len = list.borrow().len();
        vm.check_size(len)?;
        list.borrow_mut().push(item);
        Ok(Object::None)
    });
    list.method("extend", |vm, arguments| {
        let [list, items] = arguments.exactly(vm, "list.extend")?;
        let items = vm.collect(&items)?;
        held(vm, &list)?.borrow_mut().extend(items);
        Ok(Object::None)
    });
    list.method("insert", |vm, arguments| {
        let [list, at, item] = arguments.exactly(vm, "insert")?;
        let list = held(vm, &list)?;
        let len = list.borrow().len();
        let at = place(at.as_i64().unwrap_or(0), len);
        list.borrow_mut().insert(at, item);
        Ok(Object::None)
    });
    list.method("pop", |vm, arguments| {
        let [list, at] = arguments.bind(vm, "pop", ["self", "index"], 1)?;
        let list = held(vm, &list.unwrap_or(Object::None))?;
        let len = list.borrow().len();
        if len == 0 {
            return Err(vm.error("IndexError", "pop from empty list"));
        }
        let index = at.as_ref().and_then(Object::as_i64).unwrap_or(-1);
        let wrapped = if index < 0 { index + len as i64 } else { index };
        match usize::try_from(wrapped).ok().filter(|at| *at < len) {
            Some(at) => Ok(list.borrow_mut().remove(at)),
            None => Err(vm.error("IndexError", "pop index out of range")),
        }
    });
    list.method("remove", |vm, arguments| {
        let [list, item] = arguments.exactly(vm, "list.remove")?;
        let list = held(vm, &list)?;
        let items = list.borrow().clone();
        for (at, found) in items.iter().enumerate() {
            if vm.equal(found, &item)? {
                if at < list.borrow().len() {
                    list.borrow_mut().remove(at);
                }
                return Ok(Object::None);
            }
        }
        Err(vm.value_error("list.remove(x): x not in list"))
    });
    list.method("clear", |vm, arguments| {
        let [list] = arguments.exactly(vm, "list.clear")?;
        held(vm, &list)?.borrow_mut().clear();
        Ok(Object::None)
    });
    list.method("copy", |vm, arguments| {
        let [list] = arguments.exactly(vm, "list.copy")?;
        let items = held(vm, &list)?.borrow().clone();
        Ok(Object::list(items))
    });
    list.method("reverse", |vm, arguments| {
        let [list] = arguments.exactly(vm, "list.reverse")?;
        held(vm, &list)?.borrow_mut().reverse();
        Ok(Object::None)
    });
    list.method("sort", |vm, mut arguments| {
        let list = arguments.take_first();
        let list = held(vm, &list)?;
        let key = arguments.take_keyword("key").and_then(Object::some);
        let reverse = match arguments.take_keyword("reverse") {
            Some(value) => vm.is_true(&value)?,
            None => false,
        };
        let [] = arguments.exactly(vm, "sort")?;
        let items = list.borrow().clone();
        let sorted = sorted(vm, items, key, reverse)?;
        *list.borrow_mut() = sorted;
        Ok(Object::None)
    });
    for class in [&types.list, &types.tuple, &types.range] {
        class.method("count", |vm, arguments| {
            let [items, item] = arguments.exactly(vm, "count")?;
            let mut count = 0i64;
            for found in vm.collect(items.plain())? {
                count += i64::from(vm.equal(&found, &item)?);
            }
            Ok(Object::from(count))
        });
        class.method("index", |vm, arguments| {
            let [items, item, start, stop] =
                arguments.bind(vm, "index", ["self", "value", "start", "stop"], 2)?;
            let (items, item) = (items.unwrap_or(Object::None), item.unwrap_or(Object::None));
            let found = vm.collect(items.plain())?;
            let start = place(
                start.as_ref().and_then(Object::as_i64).unwrap_or(0),
                found.len(),
            );
            let stop = match stop.as_ref().and_then(Object::as_i64) {
                Some(stop) => place(stop, found.len()),
                None => found.len(),
            };
            for (at, candidate) in found.iter().enumerate().take(stop).skip(start) {
                if vm.equal(candidate, &item)? {
                    return Ok(Object::from(at));
                }
            }
            let message = match items.plain() {
                Object::List(_) => format!("{} is not in list", vm.repr(&item)?),
                Object::Tuple(_) => String::from("tuple.index(x): x not in tuple"),
                _ => format!("{} is not in range", vm.repr(&item)?),
            };
            Err(vm.value_error(message))
        });
    }
    types.tuple.static_method("__new__", |vm, mut arguments| {
        let class = arguments.take_first();
        let [items] = arguments.bind(vm, "tuple", ["iterable"], 0)?;
        let items = match items {
            Some(items) => vm.collect(&items)?,
            None => Vec::new(),
        };
        Ok(vm.wrap(&class, Object::tuple(items)))
    });
    types.range.static_method("__new__", |vm, mut arguments| {
        arguments.take_first();
        let mut numbers = Vec::new();
        for value in &arguments.positional {
            match value.as_i64() {
                Some(number) => numbers.push(number),
                None => {
                    let name = vm.type_name(value);
                    let message = format!("'{name}' object cannot be interpreted as an integer");
                    return Err(vm.type_error(message));
                }
            }
        }
        let (start, stop, step) = match numbers.as_slice() {
            [stop] => (0, *stop, 1),
            [start, stop] => (*start, *stop, 1),
            [_, _, 0] => return Err(vm.value_error("range() arg 3 must not be zero")),
            [start, stop, step] => (*start, *stop, *step),
            other => {
                let message = format!("range expected at least 1 argument, got {}", other.len());
                return Err(vm.type_error(message));
            }
        };
        Ok(Object::Range(Rc::new(Range { start, stop, step })))
    });
    types.range.property("start", |_, value| {
        Ok(range(&value).map_or(Object::None, |it| it.start.into()))
    });
    types.range.property("stop", |_, value| {
        Ok(range(&value).map_or(Object::None, |it| it.stop.into()))
    });
    types.range.property("step", |_, value| {
        Ok(range(&value).map_or(Object::None, |it| it.step.into()))
    });
    types.slice.static_method("__new__", |vm, mut arguments| {
        arguments.take_first();
        let parts = match <[Object; 1]>::try_from(arguments.positional.clone()) {
            Ok([stop]) => [Object::None, stop, Object::None],
            Err(_) => {
                let [start, stop, step] =
                    arguments.bind(vm, "slice", ["start", "stop", "step"], 2)?;
                [start, stop, step].map(|it| it.unwrap_or(Object::None))
            }
        };
        Ok(Object::Slice(Rc::new(parts)))
    });
    for (at, name) in ["start", "stop", "step"].into_iter().enumerate() {
        types
            .slice
            .property(name, move |_, value| match value.plain() {
                Object::Slice(parts) => Ok(parts.get(at).cloned().unwrap_or(Object::None)),
                _ => Ok(Object::None),
            });
    }
}

fn range(value: &Object) -> Option<Range> {
    match value.plain() {
        Object::Range(range) => Some(**range),
        _ => None,
    }
}

fn held(vm: &Interpreter, value: &Object) -> Result<Shared, Box<Raised>> {
    match value.plain() {
        Object::List(list) => Ok(list.clone()),
        other => Err(vm.type_error(format!(
            "descriptor requires a 'list' object but received a '{}'",
            vm.type_name(other)
        ))),
    }
}

/// A place counted from the end when negative, within the length.
fn place(at: i64, len: usize) -> usize {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let at = if at < 0 {
        at.saturating_add(len).max(0)
    } else {
        at
    };
    usize::try_from(at.min(len)).unwrap_or(0)
}

/// Sorted by a key, stably; reversed ones keep the order of equal items too.
pub(crate) fn sorted(
    vm: &mut Interpreter,
    items: Vec<Object>,
    key: Option<Object>,
    reverse: bool,
) -> PyResult<Vec<Object>> {
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let by = match &key {
            Some(key) => vm.call(key, [item.clone()].into())?,
            None => item.clone(),
        };
        keyed.push((by, item));
    }
    if reverse {
        keyed.reverse();
    }
    vm.sort(&mut keyed, |(by, _)| by)?;
    if reverse {
        keyed.reverse();
    }
    Ok(keyed.into_iter().map(|(_, item)| item).collect())
}
