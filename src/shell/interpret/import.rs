//! Imports.

use super::{Interpreter, Scope, scope::similar};
use crate::shell::syntax::ast::{Identifier, ImportedName};
use crate::shell::value::{Module, Object, PyResult};
use std::rc::Rc;

impl Interpreter {
    /// The module of a dotted name.
    ///
    /// # Errors
    /// `ModuleNotFoundError`.
    pub fn module(&mut self, name: &str) -> PyResult<Rc<Module>> {
        if let Some(module) = self.modules.get(name) {
            return Ok(module.clone());
        }
        for finder in self.finders.clone() {
            if let Some(found) = finder(self, name) {
                let found = found?;
                self.modules.insert(name.to_owned(), found.clone());
                return Ok(found);
            }
        }
        let error = self.error("ModuleNotFoundError", &format!("No module named '{name}'"));
        let known: Vec<&str> = self.modules.keys().map(String::as_str).collect();
        Err(match similar(name, known.into_iter()) {
            Some(other) => error.hint(format!("Did you mean: '{other}'?")),
            None => error.hint(
                "Only Django and a few standard modules are here: datetime, decimal, collections, \
                 itertools, functools, operator, math, statistics, json.",
            ),
        })
    }

    pub(super) fn import(&mut self, names: &[ImportedName], scope: &Rc<Scope>) -> PyResult<()> {
        for imported in names {
            let dotted = &imported.name.name;
            let module = self.module(dotted)?;
            match &imported.alias {
                Some(alias) => self.bind(&alias.name, Object::Module(module), scope)?,
                None => {
                    let first = dotted.split('.').next().unwrap_or(dotted);
                    let package = self.package(dotted, first)?;
                    self.bind(&first.into(), Object::Module(package), scope)?;
                }
            }
        }
        Ok(())
    }

    /// The outermost package of a dotted name, with the modules below it as attributes.
    fn package(&mut self, dotted: &str, first: &str) -> PyResult<Rc<Module>> {
        let mut parent = self.module(first)?;
        let outermost = parent.clone();
        let mut name = first.to_owned();
        for part in dotted.split('.').skip(1) {
            name = format!("{name}.{part}");
            let module = self.module(&name)?;
            parent
                .names
                .borrow_mut()
                .insert(part.into(), Object::Module(module.clone()));
            parent = module;
        }
        Ok(outermost)
    }

    pub(super) fn import_from(
        &mut self,
        level: u32,
        module: &Identifier,
        names: &[ImportedName],
        scope: &Rc<Scope>,
    ) -> PyResult<()> {
        let dotted = self.absolute_name(level, &module.name, &scope.module)?;
        let found = self.module(&dotted)?;
        for imported in names {
            let name = &imported.name.name;
            if &**name == "*" {
                let all = found.names.borrow().clone();
                for (name, value) in all {
                    if !name.starts_with('_') {
                        self.bind(&name, value, scope)?;
                    }
                }
                continue;
            }
            let value = found.names.borrow().get(name).cloned();
            let value = match value {
                Some(value) => value,
                None => match self.module(&format!("{dotted}.{name}")) {
                    Ok(module) => Object::Module(module),
                    Err(_) => {
                        let message = format!("cannot import name '{name}' from '{dotted}'");
                        let error = self.error("ImportError", &message);
                        let names = found.names.borrow();
                        return Err(match similar(name, names.keys().map(|it| &**it)) {
                            Some(other) => error.hint(format!("Did you mean: '{other}'?")),
                            None => error,
                        });
                    }
                },
            };
            let bound = imported.alias.as_ref().unwrap_or(&imported.name);
            self.bind(&bound.name, value, scope)?;
        }
        Ok(())
    }

    /// The name of a module that is named from inside another one.
    fn absolute_name(&self, level: u32, name: &str, from: &str) -> PyResult<String> {
        if level == 0 {
            return Ok(name.to_owned());
        }
        let mut parts: Vec<&str> = from.split('.').collect();
        for _ in 0..level {
            if parts.pop().is_none() || (parts.is_empty() && from == "__main__") {
                let message = "attempted relative import with no known parent package";
                return Err(self.error("ImportError", message));
            }
        }
        if !name.is_empty() {
            parts.push(name);
        }
        Ok(parts.join("."))
    }
}
