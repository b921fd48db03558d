//! Defining functions and classes.

use super::{Interpreter, Scope, ScopeKind};
use crate::shell::syntax::ast::{
    Block, ClassDefinition, ExpressionKind, FunctionDefinition, Name, StatementKind,
};
use crate::shell::syntax::scope::Bindings;
use crate::shell::value::class::{Keep, Property, linearise};
use crate::shell::value::function::Body;
use crate::shell::value::{Class, Descriptor, Function, Namespace, Object, PyResult};
use std::cell::OnceCell;
use std::rc::Rc;

impl Interpreter {
    pub(super) fn define_function(
        &mut self,
        definition: &Rc<FunctionDefinition>,
        scope: &Rc<Scope>,
    ) -> PyResult<()> {
        let mut decorators = Vec::new();
        for decorator in &definition.decorators {
            decorators.push((decorator, self.evaluate(decorator, scope)?));
        }
        let defaults = self.defaults(&definition.parameters, scope)?;
        let bindings = Bindings::of_function(&definition.parameters, &definition.body);
        let mut made = Object::Function(Rc::new(Function {
            name: definition.name.name.clone(),
            qualified: scope.qualify(&definition.name.name),
            file: scope.file.clone(),
            parameters: Rc::new(definition.parameters.clone()),
            defaults,
            body: Rc::new(Body::Block(definition.body.clone())),
            bindings: Rc::new(bindings),
            scope: scope.enclosing(),
            class: scope.class.clone(),
            doc: documentation(&definition.body),
        }));
        for (place, decorator) in decorators.into_iter().rev() {
            made = self.located(place, scope, |vm| vm.call(&decorator, [made].into()))?;
        }
        self.bind(&definition.name.name, made, scope)
    }

    pub(super) fn define_class(
        &mut self,
        definition: &Rc<ClassDefinition>,
        scope: &Rc<Scope>,
    ) -> PyResult<()> {
        let mut decorators = Vec::new();
        for decorator in &definition.decorators {
            decorators.push((decorator, self.evaluate(decorator, scope)?));
        }
        let name = &definition.name.name;
        let arguments = self.arguments(&Object::None, &definition.arguments, scope)?;
        let mut bases = Vec::new();
        for base in arguments.positional {
            let Object::Class(base) = base else {
                let message = format!(
                    "cannot use '{}' object as a base class",
                    self.type_name(&base)
                );
                return Err(self.type_error(message));
            };
            bases.push(base);
        }
        let cell = Rc::new(OnceCell::new());
        let inner = Rc::new(Scope::inside(
            scope,
            ScopeKind::Class,
            Rc::new(Bindings::of_class(&definition.body)),
            scope.qualify(name),
            Some(cell.clone()),
        ));
        if let Some(text) = documentation(&definition.body) {
            inner
                .names
                .borrow_mut()
                .insert("__doc__".into(), Object::from(text));
        }
        self.block(&definition.body, &inner)?;
        let attributes = inner.names.borrow().clone();
        let class = self.make_class(
            name.clone(),
            inner.qualified.clone(),
            scope.module.clone(),
            bases,
            Namespace::new(attributes),
            &arguments.keywords,
            |class| {
                let _ = cell.set(Rc::downgrade(class));
            },
        )?;
        let mut made = Object::Class(class);
        for (place, decorator) in decorators.into_iter().rev() {
            made = self.located(place, scope, |vm| vm.call(&decorator, [made].into()))?;
        }
        self.bind(name, made, scope)
    }

    /// Makes a class; `known` sees it before anything else does.
    #[expect(clippy::too_many_arguments, reason = "these are the parts of a class")]
    pub(crate) fn make_class(
        &mut self,
        name: Name,
        qualified: Name,
        module: Name,
        mut bases: Vec<Rc<Class>>,
        attributes: Namespace,
        keywords: &[(Name, Object)],
        known: impl FnOnce(&Rc<Class>),
    ) -> PyResult<Rc<Class>> {
        if bases.is_empty() {
            bases.push(self.types.object.clone());
        }
        for closed in [&self.types.bool, &self.types.none, &self.types.function] {
            if bases.iter().any(|base| Rc::ptr_eq(base, closed)) {
                let message = format!("type '{}' is not an acceptable base type", closed.name);
                return Err(self.type_error(message));
            }
        }
        let Some(ancestors) = linearise(&bases) else {
            let names: Vec<&str> = bases.iter().map(|base| &*base.name).collect();
            let message = format!(
                "Cannot create a consistent method resolution order (MRO) for bases {}",
                names.join(", ")
            );
            return Err(self.type_error(message));
        };
        let meta = ancestors.iter().find_map(|base| base.meta.clone());
        let class = Rc::new(Class {
            name,
            qualified,
            module,
            bases,
            ancestors,
            attributes,
            meta: meta.clone(),
        });
        known(&class);
        let named: Vec<(Name, Object)> = class
            .attributes
            .borrow()
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        for (name, value) in named {
            if let Object::Instance(instance) = &value
                && let Some(method) = instance.class.lookup("__set_name__")
            {
                let arguments = [value, Object::Class(class.clone()), Object::from(name)];
                self.call(&method, arguments.into())?;
            }
        }
        if let Some(meta) = meta {
            meta.created(self, &class, keywords)?;
        } else if let Some((name, _)) = keywords.first() {
            let message = match &**name {
                "metaclass" => String::from("not supported here: metaclasses"),
                _ => format!(
                    "{}.__init_subclass__() takes no keyword arguments",
                    class.name
                ),
            };
            return Err(self.type_error(message));
        }
        let hook = class.ancestors.iter().find_map(|base| {
            let attributes = base.attributes.borrow();
            attributes.get("__init_subclass__").cloned()
        });
        if let Some(hook) = hook {
            let hook = match hook {
                Object::ClassMethod(function) => (*function).clone(),
                other => other,
            };
            self.call(&hook, [Object::Class(class.clone())].into())?;
        }
        Ok(class)
    }
}

/// The text that a block starts with.
fn documentation(body: &Block) -> Option<Rc<str>> {
    match &body.first()?.kind {
        StatementKind::Expression(value) => match &value.kind {
            ExpressionKind::Str(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// `property.setter` and its siblings: a function that gives a changed copy.
pub(super) fn property_changer(descriptor: &Rc<dyn Descriptor>, which: &str) -> Option<Object> {
    let property = descriptor.as_any().downcast_ref::<Property>()?;
    let (getter, setter, name) = (
        property.getter.clone(),
        property.setter.clone(),
        property.name.clone(),
    );
    let setting = which == "setter";
    Some(crate::shell::value::class::native(
        which,
        move |vm, arguments| {
            let [function] = arguments.exactly(vm, "property")?;
            let function = Some(function);
            Ok(Object::Descriptor(Rc::new(Property {
                getter: if setting {
                    getter.clone()
                } else {
                    function.clone()
                },
                setter: if setting { function } else { setter.clone() },
                name: name.clone(),
                keep: Keep::Never,
            })))
        },
    ))
}
