//! `zip`, `map`, `filter`, `enumerate`, `reversed`.

use crate::shell::interpret::Interpreter;
use crate::shell::value::{Iterator, Next, Object, PyResult};
use std::rc::Rc;

pub(super) fn install(vm: &mut Interpreter) {
    let types = vm.types.clone();
    types.zip.static_method("__new__", |vm, mut arguments| {
        arguments.take_first();
        let strict = match arguments.take_keyword("strict") {
            Some(value) => vm.is_true(&value)?,
            None => false,
        };
        let mut sources = Vec::new();
        for value in &arguments.positional {
            sources.push(vm.iterate(value)?);
        }
        Ok(made("zip", Zip { sources, strict }))
    });
    types.map.static_method("__new__", |vm, mut arguments| {
        arguments.take_first();
        if arguments.positional.len() < 2 {
            return Err(vm.type_error("map() must have at least two arguments."));
        }
        let function = arguments.take_first();
        let mut sources = Vec::new();
        for value in &arguments.positional {
            sources.push(vm.iterate(value)?);
        }
        Ok(made("map", Map { function, sources }))
    });
    types.filter.static_method("__new__", |vm, mut arguments| {
        arguments.take_first();
        let [function, items] = arguments.exactly(vm, "filter")?;
        let items = vm.iterate(&items)?;
        Ok(made("filter", Filter { function, items }))
    });
    types
        .enumerate
        .static_method("__new__", |vm, mut arguments| {
            arguments.take_first();
            let [items, start] = arguments.bind(vm, "enumerate", ["iterable", "start"], 1)?;
            let items = vm.iterate(&items.unwrap_or(Object::None))?;
            let at = start.and_then(|it| it.as_i64()).unwrap_or(0);
            Ok(made("enumerate", Enumerate { items, at }))
        });
    types
        .reversed
        .static_method("__new__", |vm, mut arguments| {
            arguments.take_first();
            let [items] = arguments.exactly(vm, "reversed")?;
            if let Object::Instance(instance) = &items
                && let Some(method) = instance.class.lookup("__reversed__")
            {
                return vm.call(&method, [items.clone()].into());
            }
            let sequence = match items.plain() {
                Object::List(_)
                | Object::Tuple(_)
                | Object::Str(_)
                | Object::Range(_)
                | Object::Dict(_) => true,
                Object::Instance(instance) => instance.class.lookup("__getitem__").is_some(),
                _ => false,
            };
            if !sequence {
                let name = vm.type_name(&items);
                return Err(vm.type_error(format!("'{name}' object is not reversible")));
            }
            let mut values = vm.collect(&items)?;
            values.reverse();
            Ok(Object::Iterator(Rc::new(Iterator::over(
                "reversed", values,
            ))))
        });
    types.iterator.method("__next__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__next__")?;
        match &value {
            Object::Iterator(iterator) => match iterator.next(vm)? {
                Some(value) => Ok(value),
                None => {
                    let class = vm.types.exception("StopIteration");
                    Err(vm.error_of(&class, Vec::new()))
                }
            },
            _ => Err(vm.type_error("not an iterator")),
        }
    });
    types.iterator.method("__iter__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__iter__")?;
        Ok(value)
    });
}

fn made(kind: &'static str, state: impl Next + 'static) -> Object {
    Object::Iterator(Rc::new(Iterator::new(kind, state)))
}

struct Zip {
    sources: Vec<Rc<Iterator>>,
    strict: bool,
}

impl Next for Zip {
    fn next(&mut self, vm: &mut Interpreter) -> PyResult<Option<Object>> {
        let mut items = Vec::with_capacity(self.sources.len());
        for (at, source) in self.sources.iter().enumerate() {
            match source.next(vm)? {
                Some(item) => items.push(item),
                None if self.strict && at > 0 => {
                    let before = if at == 1 {
                        "argument 1".to_owned()
                    } else {
                        format!("arguments 1-{at}")
                    };
                    let message = format!("zip() argument {} is shorter than {before}", at + 1);
                    return Err(vm.value_error(message));
                }
                None => {
                    if self.strict {
                        for (other, source) in self.sources.iter().enumerate().skip(1) {
                            if source.next(vm)?.is_some() {
                                let before = if other == 1 {
                                    "argument 1".to_owned()
                                } else {
                                    format!("arguments 1-{other}")
                                };
                                let message =
                                    format!("zip() argument {} is longer than {before}", other + 1);
                                return Err(vm.value_error(message));
                            }
                        }
                    }
                    return Ok(None);
                }
            }
        }
        Ok((!items.is_empty()).then(|| Object::tuple(items)))
    }
}

struct Map {
    function: Object,
    sources: Vec<Rc<Iterator>>,
}

impl Next for Map {
    fn next(&mut self, vm: &mut Interpreter) -> PyResult<Option<Object>> {
        let mut items = Vec::with_capacity(self.sources.len());
        for source in &self.sources {
            match source.next(vm)? {
                Some(item) => items.push(item),
                None => return Ok(None),
            }
        }
        vm.call(&self.function, items.into()).map(Some)
    }
}

struct Filter {
    function: Object,
    items: Rc<Iterator>,
}

impl Next for Filter {
    fn next(&mut self, vm: &mut Interpreter) -> PyResult<Option<Object>> {
        while let Some(item) = self.items.next(vm)? {
            vm.step()?;
            let kept = match &self.function {
                Object::None => item.clone(),
                function => vm.call(function, [item.clone()].into())?,
            };
            if vm.is_true(&kept)? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}

struct Enumerate {
    items: Rc<Iterator>,
    at: i64,
}

impl Next for Enumerate {
    fn next(&mut self, vm: &mut Interpreter) -> PyResult<Option<Object>> {
        let Some(item) = self.items.next(vm)? else {
            return Ok(None);
        };
        let at = Object::from(self.at);
        self.at = self.at.saturating_add(1);
        Ok(Some(Object::tuple([at, item])))
    }
}
