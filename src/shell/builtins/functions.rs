//! The builtin functions.

use super::list::sorted;
use super::{function, numbers};
use crate::shell::interpret::Interpreter;
use crate::shell::syntax::ast::BinaryOperator;
use crate::shell::value::{Arguments, Class, Object, PyResult};
use std::rc::Rc;

/// Builtins of Python that are refused, and as what.
pub(crate) const REFUSED: &[(&str, &str)] = &[
    ("open", "files"),
    ("input", "input from the keyboard"),
    ("eval", "eval"),
    ("exec", "exec"),
    ("compile", "compile"),
    ("__import__", "__import__"),
    ("bytes", "bytes"),
    ("complex", "complex numbers"),
];

pub(super) fn install(vm: &mut Interpreter) {
    function(vm, "print", print);
    function(vm, "len", |vm, arguments| {
        let [value] = arguments.exactly(vm, "len")?;
        vm.len(&value).map(Object::from)
    });
    function(vm, "repr", |vm, arguments| {
        let [value] = arguments.exactly(vm, "repr")?;
        vm.repr(&value).map(Object::from)
    });
    function(vm, "ascii", |vm, arguments| {
        let [value] = arguments.exactly(vm, "ascii")?;
        vm.ascii(&value).map(Object::from)
    });
    function(vm, "format", |vm, arguments| {
        let [value, specification] = arguments.bind(vm, "format", ["value", "format_spec"], 1)?;
        let specification = match &specification {
            Some(text) => vm.str(text)?,
            None => "".into(),
        };
        vm.format(&value.unwrap_or(Object::None), &specification)
            .map(Object::from)
    });
    function(vm, "sorted", |vm, mut arguments| {
        let key = arguments.take_keyword("key").and_then(Object::some);
        let reverse = match arguments.take_keyword("reverse") {
            Some(value) => vm.is_true(&value)?,
            None => false,
        };
        let [items] = arguments.exactly(vm, "sorted")?;
        let items = vm.collect(&items)?;
        Ok(Object::list(sorted(vm, items, key, reverse)?))
    });
    function(vm, "sum", |vm, arguments| {
        let [items, start] = arguments.bind(vm, "sum", ["iterable", "start"], 1)?;
        let mut total = start.unwrap_or(Object::from(0i64));
        if matches!(total, Object::Str(_)) {
            return Err(vm.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
        }
        let items = vm.iterate(&items.unwrap_or(Object::None))?;
        while let Some(item) = items.next(vm)? {
            vm.step()?;
            total = vm.binary(BinaryOperator::Add, &total, &item)?;
        }
        Ok(total)
    });
    function(vm, "min", |vm, arguments| extreme(vm, arguments, "min"));
    function(vm, "max", |vm, arguments| extreme(vm, arguments, "max"));
    function(vm, "any", |vm, arguments| {
        let [items] = arguments.exactly(vm, "any")?;
        let items = vm.iterate(&items)?;
        while let Some(item) = items.next(vm)? {
            vm.step()?;
            if vm.is_true(&item)? {
                return Ok(Object::Bool(true));
            }
        }
        Ok(Object::Bool(false))
    });
    function(vm, "all", |vm, arguments| {
        let [items] = arguments.exactly(vm, "all")?;
        let items = vm.iterate(&items)?;
        while let Some(item) = items.next(vm)? {
            vm.step()?;
            if !vm.is_true(&item)? {
                return Ok(Object::Bool(false));
            }
        }
        Ok(Object::Bool(true))
    });
    function(vm, "isinstance", |vm, arguments| {
        let [value, class] = arguments.exactly(vm, "isinstance")?;
        let own = vm.class_of(&value);
        is_one_of(
            vm,
            &own,
            &class,
            "isinstance() arg 2 must be a type, a tuple of types, or a union",
        )
    });
    function(vm, "issubclass", |vm, arguments| {
        let [value, class] = arguments.exactly(vm, "issubclass")?;
        let Object::Class(own) = &value else {
            return Err(vm.type_error("issubclass() arg 1 must be a class"));
        };
        is_one_of(
            vm,
            own,
            &class,
            "issubclass() arg 2 must be a class, a tuple of classes, or a union",
        )
    });
    function(vm, "round", numbers::round);
    function(vm, "abs", |vm, arguments| {
        let [value] = arguments.exactly(vm, "abs")?;
        match value.plain() {
            Object::Int(value) => Ok(Object::Int(value.abs())),
            Object::Bool(value) => Ok(Object::from(i64::from(*value))),
            Object::Float(value) => Ok(Object::Float(value.abs())),
            Object::Decimal(value) => Ok(Object::decimal(value.abs())),
            Object::TimeDelta(micros) => vm.timedelta(micros.checked_abs()),
            _ => {
                if vm.class_of(&value).lookup("__abs__").is_some() {
                    return vm.call_method(&value, "__abs__", Arguments::default());
                }
                let message = format!("bad operand type for abs(): '{}'", vm.type_name(&value));
                Err(vm.type_error(message))
            }
        }
    });
    function(vm, "divmod", |vm, arguments| {
        let [a, b] = arguments.exactly(vm, "divmod")?;
        let quotient = vm.binary(BinaryOperator::FloorDivide, &a, &b)?;
        let rest = vm.binary(BinaryOperator::Modulo, &a, &b)?;
        Ok(Object::tuple([quotient, rest]))
    });
    function(vm, "pow", |vm, arguments| {
        let [base, exponent, modulo] = arguments.bind(vm, "pow", ["base", "exp", "mod"], 2)?;
        let (base, exponent) = (
            base.unwrap_or(Object::None),
            exponent.unwrap_or(Object::None),
        );
        let power = vm.binary(BinaryOperator::Power, &base, &exponent)?;
        match modulo.and_then(Object::some) {
            Some(modulo) => vm.binary(BinaryOperator::Modulo, &power, &modulo),
            None => Ok(power),
        }
    });
    attributes(vm);
    function(vm, "next", |vm, arguments| {
        let [items, default] = arguments.bind(vm, "next", ["iterator", "default"], 1)?;
        let items = items.unwrap_or(Object::None);
        let found = match &items {
            Object::Iterator(iterator) => iterator.next(vm)?,
            Object::Instance(instance) if instance.class.lookup("__next__").is_some() => {
                match vm.call_method(&items, "__next__", Arguments::default()) {
                    Err(raised) if raised.is("StopIteration") && default.is_some() => None,
                    result => return result,
                }
            }
            other => {
                let message = format!("'{}' object is not an iterator", vm.type_name(other));
                return Err(vm.type_error(message));
            }
        };
        match found.or(default) {
            Some(value) => Ok(value),
            None => {
                let class = vm.types.exception("StopIteration");
                Err(vm.error_of(&class, Vec::new()))
            }
        }
    });
    function(vm, "iter", |vm, arguments| {
        let [items] = arguments.exactly(vm, "iter")?;
        Ok(Object::Iterator(vm.iterate(&items)?))
    });
    function(vm, "ord", |vm, arguments| {
        let [value] = arguments.exactly(vm, "ord")?;
        let chars: Vec<char> = value
            .as_str()
            .map(|it| it.chars().collect())
            .unwrap_or_default();
        match chars.as_slice() {
            [c] => Ok(Object::from(i64::from(*c as u32))),
            other => {
                let length = other.len();
                let message =
                    format!("ord() expected a character, but string of length {length} found");
                Err(vm.type_error(message))
            }
        }
    });
    function(vm, "chr", |vm, arguments| {
        let [value] = arguments.exactly(vm, "chr")?;
        let code = value.as_i64().and_then(|it| u32::try_from(it).ok());
        match code.and_then(char::from_u32) {
            Some(c) => Ok(Object::from(c.to_string())),
            None => Err(vm.value_error("chr() arg not in range(0x110000)")),
        }
    });
    for (name, prefix, radix) in [("hex", "0x", 16), ("oct", "0o", 8), ("bin", "0b", 2)] {
        function(vm, name, move |vm, arguments| {
            let [value] = arguments.exactly(vm, name)?;
            match value.plain() {
                Object::Int(value) => {
                    let sign = if value.is_negative() { "-" } else { "" };
                    Ok(Object::from(format!(
                        "{sign}{prefix}{}",
                        value.abs().to_radix(radix)
                    )))
                }
                other => {
                    let kind = vm.type_name(other);
                    let message = format!("'{kind}' object cannot be interpreted as an integer");
                    Err(vm.type_error(message))
                }
            }
        });
    }
    function(vm, "hash", |vm, arguments| {
        let [value] = arguments.exactly(vm, "hash")?;
        let hash = vm.hash(&value)?;
        Ok(Object::from((hash >> 2) as i64))
    });
    function(vm, "callable", |vm, arguments| {
        let [value] = arguments.exactly(vm, "callable")?;
        Ok(Object::Bool(value.is_callable()))
    });
    function(vm, "id", |vm, arguments| {
        let [value] = arguments.exactly(vm, "id")?;
        let address = match &value {
            Object::Instance(it) => Rc::as_ptr(it) as usize,
            Object::List(it) => Rc::as_ptr(it) as usize,
            Object::Dict(it) | Object::Set(it) => Rc::as_ptr(it) as usize,
            Object::Class(it) => Rc::as_ptr(it) as usize,
            other => usize::try_from(vm.hash(other)? >> 1).unwrap_or(0),
        };
        Ok(Object::from(address))
    });
    for &(name, why) in REFUSED {
        function(vm, name, move |vm, _| {
            Err(vm.error("NotImplementedError", &format!("not supported here: {why}")))
        });
    }
}

fn attributes(vm: &mut Interpreter) {
    function(vm, "getattr", |vm, arguments| {
        let [value, name, default] =
            arguments.bind(vm, "getattr", ["object", "name", "default"], 2)?;
        let (value, name) = (value.unwrap_or(Object::None), name.unwrap_or(Object::None));
        let Some(name) = name.as_str() else {
            return Err(vm.type_error("attribute name must be string"));
        };
        match default {
            Some(default) => Ok(vm.attribute_or_none(&value, name)?.unwrap_or(default)),
            None => vm.attribute(&value, name),
        }
    });
    function(vm, "hasattr", |vm, arguments| {
        let [value, name] = arguments.exactly(vm, "hasattr")?;
        let Some(name) = name.as_str() else {
            return Err(vm.type_error("hasattr(): attribute name must be string"));
        };
        Ok(Object::Bool(vm.attribute_or_none(&value, name)?.is_some()))
    });
    function(vm, "setattr", |vm, arguments| {
        let [value, name, new] = arguments.exactly(vm, "setattr")?;
        let Some(name) = name.as_str() else {
            return Err(vm.type_error("attribute name must be string"));
        };
        vm.set_attribute(&value, name, new)?;
        Ok(Object::None)
    });
    function(vm, "dir", |vm, arguments| {
        let [value] = arguments.exactly(vm, "dir")?;
        let names = vm.attribute_names(&value);
        Ok(Object::list(names.into_iter().map(Object::from).collect()))
    });
    function(vm, "vars", |vm, arguments| {
        let [value] = arguments.exactly(vm, "vars")?;
        vm.attribute(&value, "__dict__")
    });
    for name in ["globals", "locals"] {
        // Calls of these are answered where they stand; see `call_expression`.
        function(vm, name, |vm, _| Ok(vm.dict_from::<&str>([])));
    }
}

impl Interpreter {
    /// `len(value)`
    ///
    /// # Errors
    /// `TypeError` for what has no length.
    pub fn len(&mut self, value: &Object) -> PyResult<usize> {
        if let Object::Instance(instance) = value
            && let Some(method) = instance.class.lookup("__len__")
        {
            let length = self.call(&method, [value.clone()].into())?;
            return match length.as_i64().and_then(|it| usize::try_from(it).ok()) {
                Some(length) => Ok(length),
                None => Err(self.value_error("__len__() should return >= 0")),
            };
        }
        if let Object::Class(class) = value
            && let Some(members) = class.meta.as_ref().and_then(|meta| meta.members(class))
        {
            return Ok(members.len());
        }
        Ok(match value.plain() {
            Object::Str(text) => text.chars().count(),
            Object::List(list) => list.borrow().len(),
            Object::Tuple(items) => items.len(),
            Object::Dict(dict) | Object::Set(dict) | Object::FrozenSet(dict) => dict.borrow().len(),
            Object::Range(range) => usize::try_from(range.len()).unwrap_or(usize::MAX),
            _ => {
                let message = format!("object of type '{}' has no len()", self.type_name(value));
                return Err(self.type_error(message));
            }
        })
    }
}

fn print(vm: &mut Interpreter, mut arguments: Arguments) -> PyResult {
    let mut option = |vm: &mut Interpreter, name: &str, default: &str| -> PyResult<Rc<str>> {
        match arguments.take_keyword(name).and_then(Object::some) {
            Some(value) => vm.str(&value),
            None => Ok(default.into()),
        }
    };
    let separator = option(vm, "sep", " ")?;
    let end = option(vm, "end", "\n")?;
    arguments.take_keyword("flush");
    arguments.take_keyword("file");
    if let Some((name, _)) = arguments.keywords.first() {
        let message = format!("print() got an unexpected keyword argument '{name}'");
        return Err(vm.type_error(message));
    }
    let mut line = String::new();
    for (at, value) in arguments.positional.iter().enumerate() {
        if at > 0 {
            line.push_str(&separator);
        }
        line.push_str(&vm.str(value)?);
    }
    line.push_str(&end);
    vm.print(&line)?;
    Ok(Object::None)
}

fn extreme(vm: &mut Interpreter, mut arguments: Arguments, name: &str) -> PyResult {
    let key = arguments.take_keyword("key").and_then(Object::some);
    let default = arguments.take_keyword("default");
    let items = match arguments.positional.as_slice() {
        [] => {
            let message = format!("{name} expected at least 1 argument, got 0");
            return Err(vm.type_error(message));
        }
        [items] => vm.collect(items)?,
        items => items.to_vec(),
    };
    let mut best: Option<(Object, Object)> = None;
    for item in items {
        vm.step()?;
        let by = match &key {
            Some(key) => vm.call(key, [item.clone()].into())?,
            None => item.clone(),
        };
        let better = match &best {
            None => true,
            Some((before, _)) if name == "min" => vm.less(&by, before)?,
            Some((before, _)) => vm.greater(&by, before)?,
        };
        if better {
            best = Some((by, item));
        }
    }
    match best.map(|(_, item)| item).or(default) {
        Some(item) => Ok(item),
        None => Err(vm.value_error(format!("{name}() iterable argument is empty"))),
    }
}

fn is_one_of(vm: &mut Interpreter, own: &Rc<Class>, class: &Object, message: &str) -> PyResult {
    match class {
        Object::Class(class) => Ok(Object::Bool(own.is_subclass(class))),
        Object::Tuple(classes) => {
            for class in classes.iter() {
                if matches!(is_one_of(vm, own, class, message)?, Object::Bool(true)) {
                    return Ok(Object::Bool(true));
                }
            }
            Ok(Object::Bool(false))
        }
        Object::None if own.is_named("NoneType") => Ok(Object::Bool(true)),
        _ => Err(vm.type_error(message)),
    }
}
