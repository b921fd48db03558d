//! `itertools`, `functools`, `operator`.

use crate::shell::interpret::{Interpreter, Types};
use crate::shell::syntax::ast::BinaryOperator;
use crate::shell::value::class::{Keep, Property, native};
use crate::shell::value::{Arguments, Instance, Iterator, Next, Object, PyResult};
use std::rc::Rc;

pub(super) fn install(vm: &mut Interpreter) {
    itertools(vm);
    if more_itertools(vm).is_err() {
        return;
    }
    functools(vm);
    operator(vm);
}

fn itertools(vm: &mut Interpreter) {
    let module = super::add(vm, "itertools");
    let chain = |vm: &mut Interpreter, sources: Vec<Object>| -> PyResult {
        let mut items = Vec::new();
        for source in sources {
            items.extend(vm.collect(&source)?);
        }
        Ok(Object::Iterator(Rc::new(Iterator::over(
            "itertools.chain",
            items,
        ))))
    };
    let class = crate::shell::interpret::Types::class("chain", "itertools", &[&vm.types.object]);
    class.static_method("__new__", move |vm, mut arguments| {
        arguments.take_first();
        chain(vm, arguments.positional)
    });
    class.static_method("from_iterable", move |vm, arguments| {
        let [sources] = arguments.exactly(vm, "from_iterable")?;
        let sources = vm.collect(&sources)?;
        chain(vm, sources)
    });
    module.set("chain", Object::Class(class));
    module.function("groupby", |vm, arguments| {
        let [items, key] = arguments.bind(vm, "groupby", ["iterable", "key"], 1)?;
        let key = key.and_then(Object::some);
        let mut groups: Vec<(Object, Vec<Object>)> = Vec::new();
        for item in vm.collect(&items.unwrap_or(Object::None))? {
            let by = match &key {
                Some(key) => vm.call(key, [item.clone()].into())?,
                None => item.clone(),
            };
            match groups.last_mut() {
                Some((before, members)) if vm.equal(before, &by)? => members.push(item),
                _ => groups.push((by, vec![item])),
            }
        }
        let groups = groups
            .into_iter()
            .map(|(by, members)| {
                let members = Iterator::over("itertools._grouper", members);
                Object::tuple([by, Object::Iterator(Rc::new(members))])
            })
            .collect();
        Ok(Object::Iterator(Rc::new(Iterator::over(
            "itertools.groupby",
            groups,
        ))))
    });
    module.function("islice", |vm, mut arguments| {
        let items = arguments.take_first();
        let items = vm.iterate(&items)?;
        let numbers: Vec<Option<i64>> = arguments.positional.iter().map(Object::as_i64).collect();
        let (start, stop, step) = match numbers.as_slice() {
            [stop] => (0, *stop, 1),
            [start, stop] => (start.unwrap_or(0), *stop, 1),
            [start, stop, step] => (start.unwrap_or(0), *stop, step.unwrap_or(1).max(1)),
            _ => return Err(vm.type_error("islice expected 2 to 4 arguments")),
        };
        let mut taken = Vec::new();
        let mut at = 0;
        while stop.is_none_or(|stop| at < stop) {
            vm.step()?;
            let Some(item) = items.next(vm)? else {
                break;
            };
            if at >= start && (at - start) % step == 0 {
                taken.push(item);
            }
            at += 1;
        }
        Ok(Object::Iterator(Rc::new(Iterator::over(
            "itertools.islice",
            taken,
        ))))
    });
    module.function("accumulate", |vm, arguments| {
        let [items, function] = arguments.bind(vm, "accumulate", ["iterable", "func"], 1)?;
        let function = function.and_then(Object::some);
        let mut totals: Vec<Object> = Vec::new();
        for item in vm.collect(&items.unwrap_or(Object::None))? {
            let total = match (totals.last().cloned(), &function) {
                (None, _) => item,
                (Some(before), None) => vm.binary(BinaryOperator::Add, &before, &item)?,
                (Some(before), Some(function)) => vm.call(function, [before, item].into())?,
            };
            totals.push(total);
        }
        Ok(Object::Iterator(Rc::new(Iterator::over(
            "itertools.accumulate",
            totals,
        ))))
    });
    module.function("count", |vm, arguments| {
        let [start, step] = arguments.bind(vm, "count", ["start", "step"], 0)?;
        let start = start.unwrap_or(Object::from(0i64));
        let step = step.unwrap_or(Object::from(1i64));
        Ok(Object::Iterator(Rc::new(Iterator::new(
            "itertools.count",
            Count { at: start, step },
        ))))
    });
    module.function("repeat", |vm, arguments| {
        let [value, times] = arguments.bind(vm, "repeat", ["object", "times"], 2)?;
        let times = times.and_then(|it| it.as_i64()).unwrap_or(0).max(0);
        let times = usize::try_from(times).unwrap_or(usize::MAX);
        vm.check_size(times)?;
        let items = vec![value.unwrap_or(Object::None); times];
        Ok(Object::Iterator(Rc::new(Iterator::over(
            "itertools.repeat",
            items,
        ))))
    });
    module.function("product", |vm, mut arguments| {
        let repeat = arguments
            .take_keyword("repeat")
            .and_then(|it| it.as_i64())
            .unwrap_or(1);
        let mut rows: Vec<Vec<Object>> = vec![Vec::new()];
        for _ in 0..repeat.clamp(0, 20) {
            for source in &arguments.positional {
                let items = vm.collect(source)?;
                vm.check_size(rows.len().saturating_mul(items.len()))?;
                rows = rows
                    .iter()
                    .flat_map(|row| {
                        items.iter().map(move |item| {
                            let mut row = row.clone();
                            row.push(item.clone());
                            row
                        })
                    })
                    .collect();
            }
        }
        let rows = rows.into_iter().map(Object::tuple).collect();
        Ok(Object::Iterator(Rc::new(Iterator::over(
            "itertools.product",
            rows,
        ))))
    });
    module.function("combinations", |vm, arguments| {
        let [items, count] = arguments.exactly(vm, "combinations")?;
        let items = vm.collect(&items)?;
        let count = usize::try_from(count.as_i64().unwrap_or(0)).unwrap_or(0);
        let mut rows: Vec<(usize, Vec<Object>)> = vec![(0, Vec::new())];
        for _ in 0..count {
            let mut longer = Vec::new();
            for (from, row) in &rows {
                for (at, item) in items.iter().enumerate().skip(*from) {
                    let mut row = row.clone();
                    row.push(item.clone());
                    longer.push((at + 1, row));
                    vm.step()?;
                }
            }
            rows = longer;
            vm.check_size(rows.len())?;
        }
        let rows = rows
            .into_iter()
            .map(|(_, row)| Object::tuple(row))
            .collect();
        Ok(Object::Iterator(Rc::new(Iterator::over(
            "itertools.combinations",
            rows,
        ))))
    });
}

/// The rarer ones.
fn more_itertools(vm: &mut Interpreter) -> PyResult<()> {
    let module = vm.module("itertools")?;
    module.function("permutations", |vm, arguments| {
        let [items, count] = arguments.bind(vm, "permutations", ["iterable", "r"], 1)?;
        let items = vm.collect(&items.unwrap_or(Object::None))?;
        let count = match count.and_then(Object::some) {
            Some(count) => usize::try_from(count.as_i64().unwrap_or(0)).unwrap_or(0),
            None => items.len(),
        };
        let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
        for _ in 0..count {
            let mut longer = Vec::new();
            for row in &rows {
                for at in (0..items.len()).filter(|at| !row.contains(at)) {
                    vm.step()?;
                    longer.push(row.iter().copied().chain([at]).collect());
                }
            }
            rows = longer;
            vm.check_size(rows.len().saturating_mul(count))?;
        }
        let chosen = |row: Vec<usize>| {
            let row: Vec<Object> = row
                .iter()
                .filter_map(|at| items.get(*at).cloned())
                .collect();
            Object::tuple(row)
        };
        Ok(over(
            "itertools.permutations",
            rows.into_iter().map(chosen).collect(),
        ))
    });
    module.function("pairwise", |vm, arguments| {
        let [items] = arguments.exactly(vm, "pairwise")?;
        let items = vm.collect(&items)?;
        let pairs = items.iter().zip(items.iter().skip(1));
        let pairs = pairs.map(|(a, b)| Object::tuple([a.clone(), b.clone()]));
        Ok(over("itertools.pairwise", pairs.collect()))
    });
    module.function("zip_longest", |vm, mut arguments| {
        let fill = arguments.take_keyword("fillvalue").unwrap_or(Object::None);
        let mut columns = Vec::new();
        for source in &arguments.positional {
            columns.push(vm.collect(source)?);
        }
        let length = columns.iter().map(Vec::len).max().unwrap_or(0);
        let row = |at: usize| {
            let cells = columns.iter().map(|it| it.get(at).unwrap_or(&fill).clone());
            Object::tuple(cells.collect::<Vec<_>>())
        };
        Ok(over(
            "itertools.zip_longest",
            (0..length).map(row).collect(),
        ))
    });
    for (name, taking) in [("takewhile", true), ("dropwhile", false)] {
        module.function(name, move |vm, arguments| {
            let [test, items] = arguments.exactly(vm, name)?;
            let items = vm.iterate(&items)?;
            let mut kept = Vec::new();
            while let Some(item) = items.next(vm)? {
                vm.step()?;
                if taking || kept.is_empty() {
                    let truth = vm.call(&test, [item.clone()].into())?;
                    match (vm.is_true(&truth)?, taking) {
                        (true, true) | (false, false) => {}
                        (false, true) => break,
                        (true, false) => continue,
                    }
                }
                kept.push(item);
            }
            Ok(over("itertools", kept))
        });
    }
    module.function("starmap", |vm, arguments| {
        let [function, rows] = arguments.exactly(vm, "starmap")?;
        let mut found = Vec::new();
        for row in vm.collect(&rows)? {
            let row = vm.collect(&row)?;
            found.push(vm.call(&function, row.into())?);
        }
        Ok(over("itertools.starmap", found))
    });
    module.function("batched", |vm, arguments| {
        let [items, size] = arguments.bind(vm, "batched", ["iterable", "n"], 2)?;
        let items = vm.collect(&items.unwrap_or(Object::None))?;
        let size = size.and_then(|it| it.as_i64()).unwrap_or(0);
        match usize::try_from(size) {
            Ok(size) if size > 0 => {
                let batches = items.chunks(size).map(|it| Object::tuple(it.to_vec()));
                Ok(over("itertools.batched", batches.collect()))
            }
            _ => Err(vm.value_error("n must be at least one")),
        }
    });
    module.function("cycle", |vm, arguments| {
        let [items] = arguments.exactly(vm, "cycle")?;
        let items = vm.collect(&items)?;
        let cycle = Cycle { items, at: 0 };
        Ok(Object::Iterator(Rc::new(Iterator::new(
            "itertools.cycle",
            cycle,
        ))))
    });
    Ok(())
}

fn over(kind: &'static str, items: Vec<Object>) -> Object {
    Object::Iterator(Rc::new(Iterator::over(kind, items)))
}

struct Cycle {
    items: Vec<Object>,
    at: usize,
}

impl Next for Cycle {
    fn next(&mut self, vm: &mut Interpreter) -> PyResult<Option<Object>> {
        vm.step()?;
        let item = self.items.get(self.at).cloned();
        self.at = (self.at + 1) % self.items.len().max(1);
        Ok(item)
    }
}

struct Count {
    at: Object,
    step: Object,
}

impl Next for Count {
    fn next(&mut self, vm: &mut Interpreter) -> PyResult<Option<Object>> {
        vm.step()?;
        let next = vm.binary(BinaryOperator::Add, &self.at, &self.step)?;
        Ok(Some(std::mem::replace(&mut self.at, next)))
    }
}

fn functools(vm: &mut Interpreter) {
    let module = super::add(vm, "functools");
    module.function("reduce", |vm, arguments| {
        let [function, items, start] =
            arguments.bind(vm, "reduce", ["function", "iterable", "initial"], 2)?;
        let function = function.unwrap_or(Object::None);
        let mut total = start;
        for item in vm.collect(&items.unwrap_or(Object::None))? {
            total = Some(match total {
                None => item,
                Some(total) => vm.call(&function, [total, item].into())?,
            });
        }
        match total {
            Some(total) => Ok(total),
            None => Err(vm.type_error("reduce() of empty iterable with no initial value")),
        }
    });
    module.function("partial", |_, mut arguments| {
        let function = arguments.take_first();
        Ok(native("partial", move |vm, more| {
            let mut all = Arguments {
                positional: arguments.positional.clone(),
                keywords: arguments.keywords.clone(),
            };
            all.positional.extend(more.positional);
            for (name, value) in more.keywords {
                all.take_keyword(&name);
                all.keywords.push((name, value));
            }
            vm.call(&function, all)
        }))
    });
    module.function("wraps", |vm, arguments| {
        let [wrapped] = arguments.exactly(vm, "wraps")?;
        Ok(native("wraps", move |vm, arguments| {
            let [function] = arguments.exactly(vm, "wraps")?;
            Ok(match (&wrapped, function) {
                (Object::Function(wrapped), Object::Function(function)) => {
                    Object::Function(Rc::new(function.named_as(wrapped)))
                }
                (_, function) => function,
            })
        }))
    });
    module.function("cmp_to_key", |vm, arguments| {
        let [compare] = arguments.exactly(vm, "cmp_to_key")?;
        let class = Types::class("K", "functools", &[&vm.types.object]);
        class.method("__lt__", move |vm, arguments| {
            let [left, right] = arguments.exactly(vm, "__lt__")?;
            let (left, right) = (vm.attribute(&left, "obj")?, vm.attribute(&right, "obj")?);
            let order = vm.call(&compare, [left, right].into())?;
            vm.less(&order, &Object::from(0_i64)).map(Object::Bool)
        });
        Ok(native("K", move |vm, arguments| {
            let [value] = arguments.exactly(vm, "K")?;
            let key = Instance::new(class.clone());
            key.set("obj", value);
            Ok(Object::Instance(Rc::new(key)))
        }))
    });
    module.function("cached_property", |vm, arguments| {
        let [function] = arguments.exactly(vm, "cached_property")?;
        let name = match &function {
            Object::Function(function) => function.name.clone(),
            _ => return Err(vm.type_error("cached_property() needs a function")),
        };
        Ok(Object::Descriptor(Rc::new(Property {
            getter: Some(function),
            setter: None,
            name,
            keep: Keep::Once,
        })))
    });
    for name in ["cache", "lru_cache"] {
        module.function(name, |vm, mut arguments| {
            match arguments.positional.first() {
                Some(Object::Function(_)) => {
                    let function = arguments.take_first();
                    Ok(remembered(vm, function))
                }
                _ => Ok(native("lru_cache", |vm, arguments| {
                    let [function] = arguments.exactly(vm, "lru_cache")?;
                    Ok(remembered(vm, function))
                })),
            }
        });
    }
}

/// A function that keeps its answers.
fn remembered(vm: &mut Interpreter, function: Object) -> Object {
    let known = vm.dict_from::<&str>([]);
    native("cache", move |vm, arguments| {
        let Object::Dict(known) = &known else {
            return vm.call(&function, arguments);
        };
        let mut key = arguments.positional.clone();
        for (name, value) in &arguments.keywords {
            key.push(Object::tuple([Object::from(name.clone()), value.clone()]));
        }
        let key = Object::tuple(key);
        if let Some(value) = vm.dict_get(known, &key)? {
            return Ok(value);
        }
        let value = vm.call(&function, arguments)?;
        vm.dict_set(known, key, value.clone())?;
        Ok(value)
    })
}

fn operator(vm: &mut Interpreter) {
    let module = super::add(vm, "operator");
    for (name, operator) in [
        ("add", BinaryOperator::Add),
        ("sub", BinaryOperator::Subtract),
        ("mul", BinaryOperator::Multiply),
        ("truediv", BinaryOperator::Divide),
        ("floordiv", BinaryOperator::FloorDivide),
        ("mod", BinaryOperator::Modulo),
        ("pow", BinaryOperator::Power),
        ("and_", BinaryOperator::And),
        ("or_", BinaryOperator::Or),
        ("xor", BinaryOperator::Xor),
    ] {
        module.function(name, move |vm, arguments| {
            let [a, b] = arguments.exactly(vm, name)?;
            vm.binary(operator, &a, &b)
        });
    }
    module.function("attrgetter", |vm, arguments| {
        let mut names = Vec::new();
        for name in &arguments.positional {
            names.push(vm.str(name)?);
        }
        Ok(native("attrgetter", move |vm, arguments| {
            let [value] = arguments.exactly(vm, "attrgetter")?;
            let mut found = Vec::new();
            for path in &names {
                let mut current = value.clone();
                for name in path.split('.') {
                    current = vm.attribute(&current, name)?;
                }
                found.push(current);
            }
            Ok(one_or_tuple(found))
        }))
    });
    module.function("itemgetter", |_, arguments| {
        let keys = arguments.positional;
        Ok(native("itemgetter", move |vm, arguments| {
            let [value] = arguments.exactly(vm, "itemgetter")?;
            let mut found = Vec::new();
            for key in &keys {
                found.push(vm.item(&value, key)?);
            }
            Ok(one_or_tuple(found))
        }))
    });
}

fn one_or_tuple(mut found: Vec<Object>) -> Object {
    match found.len() {
        1 => found.remove(0),
        _ => Object::tuple(found),
    }
}
