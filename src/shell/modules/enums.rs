//! `enum`: classes whose attributes are their members. Django's choices build on it.

use crate::shell::interpret::{Interpreter, Types};
use crate::shell::syntax::ast::Name;
use crate::shell::value::{Arguments, Class, Instance, Meta, Object, PyResult};
use std::rc::Rc;

pub(super) fn install(vm: &mut Interpreter) {
    let module = super::add(vm, "enum");
    let base = base(
        vm,
        "Enum",
        "enum",
        &[],
        Rc::new(EnumMeta {
            labels: Labels::None,
        }),
    );
    module.set("Enum", Object::Class(base));
    for (name, ty) in [
        ("IntEnum", vm.types.int.clone()),
        ("StrEnum", vm.types.str.clone()),
    ] {
        let class = self::base(
            vm,
            name,
            "enum",
            &[ty],
            Rc::new(EnumMeta {
                labels: Labels::None,
            }),
        );
        module.set(name, Object::Class(class));
    }
}

/// Whether members carry a label beside their value, as Django's choices do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Labels {
    /// Plain enumerations.
    None,
    /// `TextChoices`, `IntegerChoices`.
    Last,
}

/// What classes of members do otherwise.
pub(crate) struct EnumMeta {
    /// Whether values carry labels.
    pub labels: Labels,
}

/// An enumeration without members, to derive from.
pub(crate) fn base(
    vm: &Interpreter,
    name: &str,
    module: &str,
    types: &[Rc<Class>],
    meta: Rc<dyn Meta>,
) -> Rc<Class> {
    let mut bases = types.to_vec();
    if bases.is_empty() {
        bases.push(vm.types.object.clone());
    }
    let plain = Types::class(name, module, &bases.iter().collect::<Vec<_>>());
    let class = Rc::new(Class {
        name: plain.name.clone(),
        qualified: plain.qualified.clone(),
        module: plain.module.clone(),
        bases: plain.bases.clone(),
        ancestors: plain.ancestors.clone(),
        attributes: Default::default(),
        meta: Some(meta),
    });
    let text = types.iter().any(|it| Rc::ptr_eq(it, &vm.types.str));
    class.method("__repr__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__repr__")?;
        Ok(Object::from(shown(vm, &value)?))
    });
    class.method("__str__", move |vm, arguments| {
        let [value] = arguments.exactly(vm, "__str__")?;
        if !value.plain().is(&value) && (text || matches!(value.plain(), Object::Int(_))) {
            return vm.str(&value.plain().clone()).map(Object::Str);
        }
        let name = value.as_instance().and_then(|it| it.get("name"));
        let name = vm.str(&name.unwrap_or(Object::None))?;
        Ok(Object::from(format!("{}.{name}", vm.type_name(&value))))
    });
    class.method("__hash__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__hash__")?;
        let inside = match value.as_instance().and_then(|it| it.get("value")) {
            Some(inside) => inside,
            None => value.plain().clone(),
        };
        Ok(Object::from((vm.hash(&inside)? >> 1) as i64))
    });
    if !types.is_empty() {
        // Members of text and number enumerations hash as what they hold.
        class.attributes.borrow_mut().shift_remove("__hash__");
    }
    class
}

fn shown(vm: &mut Interpreter, value: &Object) -> PyResult<String> {
    let Object::Instance(instance) = value else {
        return vm.repr(value);
    };
    let name = vm.str(&instance.get("name").unwrap_or(Object::None))?;
    if instance.get("label").is_some() {
        return Ok(format!("{}.{name}", instance.class.qualified));
    }
    let inside = vm.repr(&instance.get("value").unwrap_or(Object::None))?;
    Ok(format!("<{}.{name}: {inside}>", instance.class.qualified))
}

impl Meta for EnumMeta {
    fn created(
        &self,
        vm: &mut Interpreter,
        class: &Rc<Class>,
        _: &[(Name, Object)],
    ) -> PyResult<()> {
        let named: Vec<(Name, Object)> = class
            .attributes
            .borrow()
            .iter()
            .filter(|(name, value)| !name.starts_with('_') && is_member(value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let base = class
            .ancestors
            .iter()
            .find(|it| Rc::ptr_eq(it, &vm.types.str) || Rc::ptr_eq(it, &vm.types.int));
        let builtin = base.is_some();
        let mut members = Vec::new();
        let mut choices = Vec::new();
        for (name, written) in named {
            let (value, label) = match (self.labels, &written) {
                (Labels::Last, Object::Tuple(items)) => match &**items {
                    [value, label] => (value.clone(), label.clone()),
                    _ => return Err(vm.type_error("a choice is a value and a label")),
                },
                (Labels::Last, _) => (written.clone(), Object::from(title(&name))),
                (Labels::None, _) => (written.clone(), Object::None),
            };
            let member = match builtin {
                true => Instance::with_value(class.clone(), value.clone()),
                false => Instance::new(class.clone()),
            };
            member.set("name", name.clone());
            member.set("value", value.clone());
            if self.labels == Labels::Last {
                member.set("label", label.clone());
                choices.push(Object::tuple([value, label]));
            }
            let member = Object::Instance(Rc::new(member));
            class.set(&name, member.clone());
            members.push(member);
        }
        if members.is_empty() {
            return Ok(());
        }
        let part = |name: &str| -> Vec<Object> {
            members
                .iter()
                .filter_map(|it| it.as_instance()?.get(name))
                .collect()
        };
        if self.labels == Labels::Last {
            class.set("choices", Object::list(choices));
            class.set("values", Object::list(part("value")));
            class.set("labels", Object::list(part("label")));
            class.set("names", Object::list(part("name")));
        }
        let by_name: Vec<(Name, Object)> = members
            .iter()
            .filter_map(|it| {
                let name = it.as_instance()?.get("name")?;
                Some((name.as_str()?.clone(), it.clone()))
            })
            .collect();
        let table = vm.dict_from(by_name);
        class.set("__members__", table);
        Ok(())
    }

    fn call(
        &self,
        vm: &mut Interpreter,
        class: &Rc<Class>,
        arguments: &Arguments,
    ) -> PyResult<Option<Object>> {
        let [value] = arguments.clone().exactly(vm, &class.name)?;
        for member in self.members(class).unwrap_or_default() {
            let inside = member.as_instance().and_then(|it| it.get("value"));
            if let Some(inside) = inside
                && (member.is(&value) || vm.equal(&inside, &value)?)
            {
                return Ok(Some(member));
            }
        }
        let message = format!("{} is not a valid {}", vm.repr(&value)?, class.qualified);
        Err(vm.value_error(message))
    }

    fn members(&self, class: &Rc<Class>) -> Option<Vec<Object>> {
        match class.attributes.borrow().get("__members__") {
            Some(Object::Dict(table)) => Some(table.borrow().values()),
            _ => None,
        }
    }

    fn repr(&self, class: &Rc<Class>) -> Option<String> {
        Some(format!("<enum '{}'>", class.name))
    }
}

/// Functions and descriptors are no members.
fn is_member(value: &Object) -> bool {
    !matches!(
        value,
        Object::Function(_)
            | Object::Native(_)
            | Object::Descriptor(_)
            | Object::StaticMethod(_)
            | Object::ClassMethod(_)
            | Object::Class(_)
    )
}

/// `IN_TRANSIT` as Django labels it: `In Transit`.
fn title(name: &str) -> String {
    let mut words = Vec::new();
    for word in name.split('_') {
        let mut chars = word.chars();
        let first = chars
            .next()
            .map(|c| c.to_uppercase().to_string())
            .unwrap_or_default();
        words.push(first + &chars.as_str().to_lowercase());
    }
    words.join(" ")
}
