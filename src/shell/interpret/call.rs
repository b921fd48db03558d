//! Calls: of functions, methods, classes and whatever has `__call__`.

use super::statement::Flow;
use super::{Interpreter, Scope, ScopeKind};
use crate::base::Span;
use crate::shell::syntax::ast::{Argument, Expression, Name, Parameters};
use crate::shell::value::function::Body;
use crate::shell::value::{Arguments, Class, Dict, Function, Instance, Object, PyResult, Raised};
use indexmap::IndexMap;
use std::rc::Rc;

impl Interpreter {
    pub(super) fn call_expression(
        &mut self,
        place: Span,
        function: &Expression,
        arguments: &[Argument],
        scope: &Rc<Scope>,
    ) -> PyResult {
        let callee = self.evaluate(function, scope)?;
        let arguments = self.arguments(&callee, arguments, scope)?;
        // `super()` knows the method it stands in.
        if let Object::Class(class) = &callee
            && Rc::ptr_eq(class, &self.types.super_)
            && arguments.is_empty()
        {
            return self.super_here(scope);
        }
        if let Object::Native(native) = &callee
            && arguments.is_empty()
            && matches!(&*native.name, "locals" | "vars" | "dir")
        {
            let names = scope.owner().names.borrow().clone();
            if &*native.name == "dir" {
                let mut names: Vec<String> = names.keys().map(|it| it.to_string()).collect();
                names.sort();
                return Ok(Object::list(names.into_iter().map(Object::from).collect()));
            }
            return self.dict_of(names);
        }
        if let Object::Native(native) = &callee
            && &*native.name == "globals"
        {
            let names = scope.globals.borrow().clone();
            return self.dict_of(names);
        }
        self.at(place);
        self.call(&callee, arguments)
    }

    fn super_here(&mut self, scope: &Rc<Scope>) -> PyResult {
        let owner = scope.owner();
        let class = owner
            .class
            .as_ref()
            .and_then(|cell| cell.get().and_then(std::rc::Weak::upgrade));
        match (class, &owner.receiver) {
            (Some(class), Some(receiver)) => Ok(Object::Super(Rc::new((class, receiver.clone())))),
            _ => Err(self.error("RuntimeError", "super(): no arguments")),
        }
    }

    /// A dict of names.
    pub(super) fn dict_of(&mut self, names: IndexMap<Name, Object>) -> PyResult {
        let mut dict = Dict::default();
        for (name, value) in names {
            self.dict_insert(&mut dict, Object::from(name), value)?;
        }
        Ok(Object::dict(dict))
    }

    /// The values of a call's arguments.
    pub(super) fn arguments(
        &mut self,
        callee: &Object,
        arguments: &[Argument],
        scope: &Rc<Scope>,
    ) -> PyResult<Arguments> {
        let mut found = Arguments::default();
        for argument in arguments {
            match argument {
                Argument::Positional(value) => found.positional.push(self.evaluate(value, scope)?),
                Argument::Spread(value) => {
                    let place = value;
                    let value = self.evaluate(value, scope)?;
                    let items = self.located(place, scope, |vm| vm.collect(&value))?;
                    found.positional.extend(items);
                }
                Argument::Keyword(name, value) => {
                    let value = self.evaluate(value, scope)?;
                    self.add_keyword(callee, &mut found, name.name.clone(), value)?;
                }
                Argument::KeywordSpread(value) => {
                    let value = self.evaluate(value, scope)?;
                    let Object::Dict(dict) = value.plain() else {
                        let message = format!(
                            "{}() argument after ** must be a mapping, not {}",
                            self.callee_name(callee),
                            self.type_name(&value)
                        );
                        return Err(self.type_error(message));
                    };
                    let items = dict.borrow().items();
                    for (key, value) in items {
                        let Some(name) = key.as_str() else {
                            return Err(self.type_error("keywords must be strings"));
                        };
                        self.add_keyword(callee, &mut found, name.clone(), value)?;
                    }
                }
            }
        }
        Ok(found)
    }

    fn add_keyword(
        &mut self,
        callee: &Object,
        found: &mut Arguments,
        name: Name,
        value: Object,
    ) -> PyResult<()> {
        if found.keywords.iter().any(|(other, _)| *other == name) {
            let message = format!(
                "{}() got multiple values for keyword argument '{name}'",
                self.callee_name(callee)
            );
            return Err(self.type_error(message));
        }
        found.keywords.push((name, value));
        Ok(())
    }

    fn callee_name(&self, callee: &Object) -> Name {
        match callee {
            Object::Function(function) => function.qualified.clone(),
            Object::Native(native) => native.name.clone(),
            Object::Method(method) => self.callee_name(&method.function),
            Object::Class(class) => class.qualified.clone(),
            other => self.type_name(other),
        }
    }

    /// Calls anything.
    ///
    /// # Errors
    /// `TypeError` for what cannot be called or not with these arguments, and what the call
    /// raises.
    pub fn call(&mut self, callee: &Object, mut arguments: Arguments) -> PyResult {
        match callee {
            Object::Function(function) => self.call_function(function, arguments),
            Object::Native(native) => {
                self.step()?;
                (native.code)(self, arguments)
            }
            Object::Method(method) => {
                arguments.positional.insert(0, method.receiver.clone());
                let function = method.function.clone();
                self.call(&function, arguments)
            }
            Object::Class(class) => self.instantiate(class, arguments),
            Object::StaticMethod(function) => self.call(function, arguments),
            Object::Instance(instance) => match instance.class.lookup("__call__") {
                Some(method) => {
                    arguments.positional.insert(0, callee.clone());
                    self.call(&method, arguments)
                }
                None => {
                    let message = format!("'{}' object is not callable", instance.class.name);
                    Err(self.type_error(message))
                }
            },
            other => {
                let message = format!("'{}' object is not callable", self.type_name(other));
                Err(self.type_error(message))
            }
        }
    }

    /// Calls a method by name.
    ///
    /// # Errors
    /// As [`Interpreter::attribute`] and [`Interpreter::call`].
    pub fn call_method(&mut self, value: &Object, name: &str, arguments: Arguments) -> PyResult {
        let method = self.attribute(value, name)?;
        self.call(&method, arguments)
    }

    fn call_function(&mut self, function: &Rc<Function>, arguments: Arguments) -> PyResult {
        self.step()?;
        let receiver = arguments.positional.first().cloned();
        let mut scope = Scope::inside(
            &function.scope,
            ScopeKind::Function,
            function.bindings.clone(),
            function.qualified.clone(),
            function.class.clone(),
        );
        scope.receiver = receiver;
        scope.file = function.file.clone();
        let names = self.bind_parameters(function, arguments)?;
        scope.names = Rc::new(std::cell::RefCell::new(names));
        let scope = Rc::new(scope);
        self.depth += 4;
        let result = if self.depth > self.budget.depth {
            Err(self.error("RecursionError", "maximum recursion depth exceeded"))
        } else {
            self.in_frame(function.name.clone(), &scope, |vm| match &*function.body {
                Body::Block(body) => match vm.block(body, &scope)? {
                    Flow::Return(value) => Ok(value),
                    Flow::Next | Flow::Break | Flow::Continue => Ok(Object::None),
                },
                Body::Expression(value) => {
                    vm.at(value.span);
                    vm.evaluate(value, &scope)
                }
            })
        };
        self.depth -= 4;
        result
    }

    /// The values of a function's defaults.
    pub(super) fn defaults(
        &mut self,
        parameters: &Parameters,
        scope: &Rc<Scope>,
    ) -> PyResult<Vec<Option<Object>>> {
        let mut defaults = Vec::new();
        for parameter in parameters.all() {
            defaults.push(match &parameter.default {
                Some(value) => Some(self.evaluate(value, scope)?),
                None => None,
            });
        }
        Ok(defaults)
    }

    fn bind_parameters(
        &mut self,
        function: &Function,
        arguments: Arguments,
    ) -> PyResult<IndexMap<Name, Object>> {
        let parameters = &function.parameters;
        let name = &function.qualified;
        let mut names: IndexMap<Name, Object> = IndexMap::new();
        let positional: Vec<_> = parameters
            .positional_only
            .iter()
            .chain(&parameters.regular)
            .collect();
        let given = arguments.positional.len();
        let mut values = arguments.positional.into_iter();
        for (parameter, value) in positional.iter().zip(values.by_ref()) {
            names.insert(parameter.name.name.clone(), value);
        }
        let extra: Vec<Object> = values.collect();
        match &parameters.variadic {
            Some(variadic) => {
                names.insert(variadic.name.name.clone(), Object::tuple(extra));
            }
            None if !extra.is_empty() => {
                let most = positional.len();
                let optional = positional.iter().filter(|it| it.default.is_some()).count();
                let least = most - optional;
                let takes = match (least, most) {
                    _ if optional > 0 => format!("from {least} to {most} positional arguments"),
                    (_, 1) => String::from("1 positional argument"),
                    _ => format!("{most} positional arguments"),
                };
                let were = if given == 1 { "was" } else { "were" };
                let message = format!("{name}() takes {takes} but {given} {were} given");
                return Err(self.type_error(message));
            }
            None => {}
        }
        let mut rest = Dict::default();
        for (key, value) in arguments.keywords {
            let misplaced: Vec<String> = parameters
                .positional_only
                .iter()
                .filter(|it| it.name.name == key && parameters.keywords.is_none())
                .map(|it| format!("'{}'", it.name.name))
                .collect();
            if !misplaced.is_empty() {
                let message = format!(
                    "{name}() got some positional-only arguments passed as keyword arguments: {}",
                    misplaced.join(", ")
                );
                return Err(self.type_error(message));
            }
            let known = parameters
                .regular
                .iter()
                .chain(&parameters.keyword_only)
                .any(|it| it.name.name == key);
            if known {
                if names.contains_key(&key) {
                    let message = format!("{name}() got multiple values for argument '{key}'");
                    return Err(self.type_error(message));
                }
                names.insert(key, value);
            } else if parameters.keywords.is_some() {
                self.dict_insert(&mut rest, Object::from(key), value)?;
            } else {
                let message = format!("{name}() got an unexpected keyword argument '{key}'");
                return Err(self.type_error(message));
            }
        }
        if let Some(keywords) = &parameters.keywords {
            names.insert(keywords.name.name.clone(), Object::dict(rest));
        }
        self.add_defaults(function, &mut names)?;
        Ok(names)
    }

    fn add_defaults(
        &mut self,
        function: &Function,
        names: &mut IndexMap<Name, Object>,
    ) -> PyResult<()> {
        let parameters = &function.parameters;
        let mut missing: [Vec<Name>; 2] = [Vec::new(), Vec::new()];
        let [positional, keyword_only] = &mut missing;
        let first_keyword_only = parameters.positional_only.len()
            + parameters.regular.len()
            + usize::from(parameters.variadic.is_some());
        let last = first_keyword_only + parameters.keyword_only.len();
        for (at, (parameter, default)) in parameters.all().zip(&function.defaults).enumerate() {
            let name = &parameter.name.name;
            if names.contains_key(name) || at >= last {
                continue;
            }
            match default {
                Some(value) => {
                    names.insert(name.clone(), value.clone());
                }
                None if at >= first_keyword_only => keyword_only.push(name.clone()),
                None => positional.push(name.clone()),
            }
        }
        for (what, missing) in [("positional", positional), ("keyword-only", keyword_only)] {
            if missing.is_empty() {
                continue;
            }
            let missing: Vec<&str> = missing.iter().map(|it| &**it).collect();
            return Err(self.missing(&function.qualified, what, &missing));
        }
        Ok(())
    }

    /// The `TypeError` for arguments that a function written in Python does not get.
    pub(in crate::shell) fn missing(
        &self,
        function: &str,
        what: &str,
        missing: &[&str],
    ) -> Box<Raised> {
        let quoted: Vec<String> = missing.iter().map(|it| format!("'{it}'")).collect();
        let listed = match quoted.split_last() {
            None => String::new(),
            Some((last, [])) => last.clone(),
            Some((last, [first])) => format!("{first} and {last}"),
            Some((last, first)) => format!("{}, and {last}", first.join(", ")),
        };
        let plural = if missing.len() == 1 { "" } else { "s" };
        self.type_error(format!(
            "{function}() missing {} required {what} argument{plural}: {listed}",
            missing.len()
        ))
    }

    /// Makes an instance of a class.
    ///
    /// # Errors
    /// What making it raises.
    pub fn instantiate(&mut self, class: &Rc<Class>, arguments: Arguments) -> PyResult {
        if let Some(meta) = class.meta.clone()
            && let Some(made) = meta.call(self, class, &arguments)?
        {
            return Ok(made);
        }
        let initialiser = class.lookup("__init__");
        let made = match class.lookup("__new__") {
            Some(maker) => {
                let mut given = arguments.clone();
                given.positional.insert(0, Object::Class(class.clone()));
                let maker = match maker {
                    Object::StaticMethod(function) => (*function).clone(),
                    other => other,
                };
                self.call(&maker, given)?
            }
            None => {
                if initialiser.is_none() && !arguments.is_empty() {
                    let message = format!("{}() takes no arguments", class.name);
                    return Err(self.type_error(message));
                }
                Object::Instance(Rc::new(Instance::new(class.clone())))
            }
        };
        if let (Some(initialiser), Object::Instance(instance)) = (initialiser, &made)
            && instance.class.is_subclass(class)
        {
            let mut given = arguments;
            given.positional.insert(0, made.clone());
            self.call(&initialiser, given)?;
        }
        Ok(made)
    }

    /// A builtin value, as an instance where `class` is a subclass of its type.
    pub fn wrap(&self, class: &Object, value: Object) -> Object {
        match class {
            Object::Class(class) if !Rc::ptr_eq(class, &self.class_of(&value)) => {
                Object::Instance(Rc::new(Instance::with_value(class.clone(), value)))
            }
            _ => value,
        }
    }
}
