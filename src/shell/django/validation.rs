//! `ValidationError`, and `full_clean()` with its parts.

use super::convert::texts;
use super::model::row_of;
use super::queryset::connected;
use crate::orm::clean::{self, Check};
use crate::orm::ordered::OrderedMap;
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Arguments, Class, Instance, Object, PyResult, Raised};
use std::rc::Rc;

/// Where the messages of the whole instance are.
const ALL: &str = "__all__";

/// One message of a `ValidationError`.
#[derive(Clone)]
pub(super) struct Message {
    /// As it was written.
    message: Object,
    code: Object,
    /// What `%` puts into it.
    params: Object,
}

impl Message {
    /// A bare text.
    pub(super) fn text(text: String) -> Self {
        Self {
            message: Object::from(text),
            code: Object::None,
            params: Object::None,
        }
    }

    fn shown(&self, vm: &mut Interpreter) -> PyResult<Object> {
        let text = vm.str(&self.message)?;
        let text = match vm.is_true(&self.params)? {
            true => vm.percent_format(&text, &self.params)?.into(),
            false => text,
        };
        Ok(Object::Str(text))
    }
}

/// What a `ValidationError` holds.
#[derive(Clone)]
pub(super) enum Problems {
    /// One message, with its code.
    One(Message),
    /// Several.
    List(Vec<Message>),
    /// Those of every field.
    Fields(OrderedMap<Vec<Message>>),
}

impl Problems {
    fn messages(&self) -> Vec<Message> {
        match self {
            Self::One(message) => vec![message.clone()],
            Self::List(messages) => messages.clone(),
            Self::Fields(fields) => fields.values().flatten().cloned().collect(),
        }
    }

    /// What `ValidationError(message, code, params)` holds.
    fn of(vm: &mut Interpreter, message: &Object, code: Object, params: Object) -> PyResult<Self> {
        if let Some(problems) = problems(message) {
            return Ok(problems);
        }
        match message.plain() {
            Object::Dict(dict) => {
                let items = dict.borrow().items();
                let mut fields: OrderedMap<Vec<Message>> = OrderedMap::new();
                for (name, value) in items {
                    let inner = Self::of(vm, &value, Object::None, Object::None)?;
                    fields.insert(vm.str(&name)?.to_string(), inner.messages());
                }
                Ok(Self::Fields(fields))
            }
            Object::List(items) => {
                let items = items.borrow().clone();
                let mut messages = Vec::new();
                for item in items {
                    let inner = Self::of(vm, &item, Object::None, Object::None)?;
                    messages.extend(inner.messages());
                }
                Ok(Self::List(messages))
            }
            _ => Ok(Self::One(Message {
                message: message.clone(),
                code,
                params,
            })),
        }
    }

    /// The messages of each field, as `message_dict` has them.
    fn fields(self) -> OrderedMap<Vec<Message>> {
        match self {
            Self::Fields(fields) => fields,
            other => [(ALL.to_owned(), other.messages())].into_iter().collect(),
        }
    }
}

/// What an exception holds, when it is a `ValidationError`.
fn problems(object: &Object) -> Option<Problems> {
    let held = object.as_instance()?.native::<Problems>()?;
    Some((*held).clone())
}

fn listed(vm: &mut Interpreter, messages: &[Message]) -> PyResult<Object> {
    let mut shown = Vec::new();
    for message in messages {
        shown.push(message.shown(vm)?);
    }
    Ok(Object::list(shown))
}

/// What `list(error)` or `dict(error)` is.
fn plain(vm: &mut Interpreter, held: &Problems) -> PyResult {
    match held {
        Problems::One(_) | Problems::List(_) => listed(vm, &held.messages()),
        Problems::Fields(fields) => {
            let mut items = Vec::new();
            for (name, messages) in fields.iter() {
                items.push((name, listed(vm, messages)?));
            }
            Ok(vm.dict_from(items))
        }
    }
}

/// A `ValidationError` to raise.
pub(super) fn raised(vm: &Interpreter, held: Problems) -> Box<Raised> {
    let class = vm.types.exception("ValidationError");
    let exception = Instance::with_native(class, Rc::new(held));
    exception.set("args", Object::tuple(Vec::new()));
    Raised::new(Rc::new(exception))
}

/// Gives `ValidationError` its methods.
pub(super) fn exception(vm: &mut Interpreter) {
    let class = vm.types.exception("ValidationError");
    class.method("__init__", |vm, arguments| {
        let names = ["self", "message", "code", "params"];
        let [own, message, code, params] =
            arguments.bind(vm, "ValidationError.__init__", names, 2)?;
        let or_none = |value: Option<Object>| value.unwrap_or(Object::None);
        let held = Problems::of(vm, &or_none(message), or_none(code), or_none(params))?;
        if let Some(Object::Instance(instance)) = own {
            if let Problems::One(message) = &held {
                instance.set("message", message.message.clone());
                instance.set("code", message.code.clone());
                instance.set("params", message.params.clone());
            }
            *instance.native.borrow_mut() = Some(Rc::new(held));
        }
        Ok(Object::None)
    });
    class.method("__str__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__str__")?;
        let shown = plain_of(vm, &own)?;
        Ok(Object::from(vm.repr(&shown)?))
    });
    class.method("__repr__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__repr__")?;
        Ok(Object::from(format!("ValidationError({})", vm.str(&own)?)))
    });
    class.method("__iter__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__iter__")?;
        let shown = match plain_of(vm, &own)? {
            Object::Dict(dict) => {
                let items = dict.borrow().items();
                let pairs = items
                    .into_iter()
                    .map(|(name, value)| Object::tuple([name, value]));
                Object::list(pairs.collect())
            }
            other => other,
        };
        vm.iterate(&shown).map(Object::Iterator)
    });
    class.property("messages", |vm, own| {
        let messages = problems(&own).map(|held| held.messages());
        listed(vm, &messages.unwrap_or_default())
    });
    class.property("error_dict", |vm, own| match problems(&own) {
        Some(Problems::Fields(fields)) => {
            let mut errors = Vec::new();
            for (name, messages) in fields.iter() {
                let each = messages.iter().cloned().map(|message| {
                    Object::Instance(raised(vm, Problems::One(message)).exception.clone())
                });
                errors.push((name.to_owned(), Object::list(each.collect())));
            }
            Ok(vm.dict_from(errors))
        }
        _ => {
            let message = "'ValidationError' object has no attribute 'error_dict'";
            Err(vm.error("AttributeError", message))
        }
    });
    class.property("message_dict", |vm, own| match problems(&own) {
        Some(held @ Problems::Fields(_)) => plain(vm, &held),
        _ => {
            let message = "'ValidationError' object has no attribute 'error_dict'";
            Err(vm.error("AttributeError", message))
        }
    });
}

fn plain_of(vm: &mut Interpreter, own: &Object) -> PyResult {
    match problems(own) {
        Some(held) => plain(vm, &held),
        None => Ok(Object::list(Vec::new())),
    }
}

/// Adds `full_clean()` and its parts to models.
pub(super) fn methods(class: &Rc<Class>) {
    class.method("clean", |_, _| Ok(Object::None));
    class.method("full_clean", |vm, arguments| {
        let names = ["self", "exclude", "validate_unique", "validate_constraints"];
        let [own, exclude, unique, constraints] = arguments.bind(vm, "full_clean", names, 1)?;
        let own = own.unwrap_or(Object::None);
        let mut exclude = excluded(vm, exclude)?;
        let mut found: OrderedMap<Vec<Message>> = OrderedMap::new();
        fields(vm, &own, &exclude, &mut found)?;
        if let Err(error) = vm.call_method(&own, "clean", Arguments::default()) {
            let exception = Object::Instance(error.exception.clone());
            let Some(held) = problems(&exception) else {
                return Err(error);
            };
            for (name, messages) in held.fields() {
                found.entry(&name).extend(messages);
            }
        }
        for (wanted, part) in [(unique, Check::Unique), (constraints, Check::Constraints)] {
            let wanted = match wanted {
                Some(wanted) => vm.is_true(&wanted)?,
                None => true,
            };
            if !wanted {
                continue;
            }
            exclude.extend(found.keys().filter(|name| *name != ALL).map(str::to_owned));
            checked(vm, &own, &exclude, part, &mut found)?;
        }
        finish(vm, found)
    });
    class.method("clean_fields", |vm, arguments| {
        let [own, exclude] = arguments.bind(vm, "clean_fields", ["self", "exclude"], 1)?;
        let exclude = excluded(vm, exclude)?;
        let mut found = OrderedMap::new();
        fields(vm, &own.unwrap_or(Object::None), &exclude, &mut found)?;
        finish(vm, found)
    });
    for (name, part) in [
        ("validate_unique", Check::Unique),
        ("validate_constraints", Check::Constraints),
    ] {
        class.method(name, move |vm, arguments| {
            let [own, exclude] = arguments.bind(vm, name, ["self", "exclude"], 1)?;
            let exclude = excluded(vm, exclude)?;
            let mut found = OrderedMap::new();
            checked(vm, &own.unwrap_or(Object::None), &exclude, part, &mut found)?;
            finish(vm, found)
        });
    }
}

fn excluded(vm: &mut Interpreter, exclude: Option<Object>) -> PyResult<Vec<String>> {
    match exclude.and_then(Object::some) {
        Some(names) => {
            let names = vm.collect(&names)?;
            texts(vm, &names)
        }
        None => Ok(Vec::new()),
    }
}

fn finish(vm: &Interpreter, found: OrderedMap<Vec<Message>>) -> PyResult {
    match found.is_empty() {
        true => Ok(Object::None),
        false => Err(raised(vm, Problems::Fields(found))),
    }
}

/// A part of `full_clean()` that the ORM does.
fn checked(
    vm: &mut Interpreter,
    own: &Object,
    exclude: &[String],
    part: Check,
    found: &mut OrderedMap<Vec<Message>>,
) -> PyResult<()> {
    let row = row_of(vm, own)?;
    let catalogue = vm.django()?.catalogue();
    let messages = connected(vm, |connection| {
        clean::problems(connection, &catalogue, &row, exclude, &[part])
    })?;
    for (name, messages) in messages {
        let messages = messages.into_iter().map(Message::text);
        found.entry(&name).extend(messages);
    }
    Ok(())
}

/// `clean_fields()`, with the validators that are functions.
fn fields(
    vm: &mut Interpreter,
    own: &Object,
    exclude: &[String],
    found: &mut OrderedMap<Vec<Message>>,
) -> PyResult<()> {
    checked(vm, own, exclude, Check::Fields, found)?;
    let model = row_of(vm, own)?.model();
    let django = vm.django()?;
    for field in &model.fields {
        let validators = django.validators_of(model.concrete_name(), &field.name);
        if validators.is_empty() || exclude.contains(&field.name) {
            continue;
        }
        let value = vm.attribute(own, field.attname())?;
        // Validators do not see what is empty.
        let empty = value.is_none() || value.as_str().is_some_and(|text| text.is_empty());
        if empty {
            continue;
        }
        for validator in validators {
            let Err(error) = vm.call(&validator, [value.clone()].into()) else {
                continue;
            };
            let exception = Object::Instance(error.exception.clone());
            match problems(&exception) {
                Some(held) => found.entry(&field.name).extend(held.messages()),
                None => return Err(error),
            }
        }
    }
    Ok(())
}
