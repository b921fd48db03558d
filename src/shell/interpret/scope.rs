//! Where names are looked up.

use super::Interpreter;
use crate::shell::syntax::ast::Name;
use crate::shell::syntax::scope::Bindings;
use crate::shell::value::{Namespace, Object, PyResult, class::ClassCell};
use std::rc::Rc;

/// What a scope belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// A file, or what is typed into the shell.
    Module,
    /// A class's block, whose names functions inside of it do not see.
    Class,
    /// A call of a function.
    Function,
    /// A comprehension, which has only its targets.
    Comprehension,
}

/// Names and their values at run time.
pub struct Scope {
    /// What it belongs to.
    pub kind: ScopeKind,
    /// Its own names.
    pub names: Rc<Namespace>,
    /// The scope around it; none for modules.
    pub parent: Option<Rc<Scope>>,
    /// The names of its module.
    pub globals: Rc<Namespace>,
    /// The module's name.
    pub module: Name,
    /// The file's name.
    pub file: Name,
    /// The names its block binds and declares.
    pub bindings: Rc<Bindings>,
    /// The name of the function or class, with those around it; empty for modules.
    pub qualified: Name,
    /// The class whose block or method this is.
    pub class: ClassCell,
    /// The first argument of the function, for `super()`.
    pub receiver: Option<Object>,
}

impl Scope {
    /// A module's scope.
    pub fn module(names: Rc<Namespace>, module: Name, file: Name) -> Rc<Self> {
        Rc::new(Self {
            kind: ScopeKind::Module,
            globals: names.clone(),
            names,
            parent: None,
            module,
            file,
            bindings: Rc::default(),
            qualified: "".into(),
            class: None,
            receiver: None,
        })
    }

    /// A scope inside of `outer`.
    pub fn inside(
        outer: &Rc<Self>,
        kind: ScopeKind,
        bindings: Rc<Bindings>,
        qualified: Name,
        class: ClassCell,
    ) -> Self {
        Self {
            kind,
            names: Rc::default(),
            parent: Some(outer.clone()),
            globals: outer.globals.clone(),
            module: outer.module.clone(),
            file: outer.file.clone(),
            bindings,
            qualified,
            class,
            receiver: None,
        }
    }

    /// The scope that functions defined here see around them.
    pub fn enclosing(self: &Rc<Self>) -> Rc<Self> {
        let mut scope = self;
        while scope.kind == ScopeKind::Class {
            match &scope.parent {
                Some(parent) => scope = parent,
                None => break,
            }
        }
        scope.clone()
    }

    /// The nearest scope that is no comprehension.
    pub fn owner(self: &Rc<Self>) -> Rc<Self> {
        let mut scope = self;
        while scope.kind == ScopeKind::Comprehension {
            match &scope.parent {
                Some(parent) => scope = parent,
                None => break,
            }
        }
        scope.clone()
    }

    /// The qualified name of something defined here.
    pub fn qualify(&self, name: &str) -> Name {
        match self.kind {
            _ if self.qualified.is_empty() => name.into(),
            ScopeKind::Function => format!("{}.<locals>.{name}", self.qualified).into(),
            _ => format!("{}.{name}", self.qualified).into(),
        }
    }
}

impl Interpreter {
    /// The value of a name.
    pub(super) fn lookup(&self, name: &Name, scope: &Rc<Scope>) -> PyResult {
        let mut current = Some(scope);
        let mut innermost = true;
        while let Some(it) = current {
            if it.bindings.global.contains(name) {
                break;
            }
            if innermost || it.kind != ScopeKind::Class {
                if let Some(value) = it.names.borrow().get(name) {
                    return Ok(value.clone());
                }
                if it.kind == ScopeKind::Function && it.bindings.local.contains(name) {
                    return Err(if innermost {
                        let message = format!(
                            "cannot access local variable '{name}' where it is not associated \
                             with a value"
                        );
                        self.error("UnboundLocalError", &message)
                    } else {
                        let message = format!(
                            "cannot access free variable '{name}' where it is not associated \
                             with a value in enclosing scope"
                        );
                        self.error("NameError", &message)
                    });
                }
            }
            innermost = innermost && it.kind == ScopeKind::Comprehension;
            current = it.parent.as_ref();
        }
        if let Some(value) = scope.globals.borrow().get(name) {
            return Ok(value.clone());
        }
        if let Some(value) = self.builtins.borrow().get(name) {
            return Ok(value.clone());
        }
        let error = self.error("NameError", &format!("name '{name}' is not defined"));
        let known = self.visible(scope);
        Err(match similar(name, known.iter().map(|it| &**it)) {
            Some(other) => error.hint(format!("Did you mean: '{other}'?")),
            None => error,
        })
    }

    /// All names seen from a scope.
    fn visible(&self, scope: &Rc<Scope>) -> Vec<Name> {
        let mut names = Vec::new();
        let mut current = Some(scope);
        while let Some(it) = current {
            names.extend(it.names.borrow().keys().cloned());
            current = it.parent.as_ref();
        }
        names.extend(scope.globals.borrow().keys().cloned());
        names.extend(self.builtins.borrow().keys().cloned());
        names
    }

    /// Binds a name.
    pub(super) fn bind(&self, name: &Name, value: Object, scope: &Rc<Scope>) -> PyResult<()> {
        let target = self.binding_scope(name, scope)?;
        target.borrow_mut().insert(name.clone(), value);
        Ok(())
    }

    /// Where assigning to a name puts it.
    fn binding_scope(&self, name: &Name, scope: &Rc<Scope>) -> PyResult<Rc<Namespace>> {
        if scope.bindings.global.contains(name) {
            return Ok(scope.globals.clone());
        }
        if scope.bindings.nonlocal.contains(name) {
            let mut current = scope.parent.as_ref();
            while let Some(it) = current {
                if it.kind == ScopeKind::Function && it.bindings.local.contains(name) {
                    return Ok(it.names.clone());
                }
                current = it.parent.as_ref();
            }
            let message = format!("no binding for nonlocal '{name}' found");
            return Err(self.error("SyntaxError", &message));
        }
        Ok(scope.names.clone())
    }

    /// Unbinds a name.
    pub(super) fn unbind(&self, name: &Name, scope: &Rc<Scope>) -> PyResult<()> {
        let target = self.binding_scope(name, scope)?;
        let removed = target.borrow_mut().shift_remove(name);
        match removed {
            Some(_) => Ok(()),
            None => Err(self.error("NameError", &format!("name '{name}' is not defined"))),
        }
    }
}

/// The name most like `wanted`, if one is like it.
pub fn similar<'n>(
    wanted: &str,
    known: impl std::iter::Iterator<Item = &'n str>,
) -> Option<&'n str> {
    let limit = wanted.chars().count() / 3;
    known
        .filter(|it| *it != wanted && !it.starts_with('_'))
        .map(|it| (distance(wanted, it), it))
        .filter(|(distance, _)| *distance <= limit.max(1))
        .min()
        .map(|(_, it)| it)
        .filter(|_| wanted.chars().count() > 1)
}

/// How many characters must be changed, added, removed or swapped with the next.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(40).collect(), b.chars().take(40).collect());
    let width = b.len() + 1;
    let mut rows: Vec<Vec<usize>> = vec![(0..width).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |rows: &Vec<Vec<usize>>, r: usize, c: usize| {
                rows.get(r)
                    .and_then(|row| row.get(c))
                    .copied()
                    .unwrap_or(usize::MAX / 2)
            };
            let mut best = at(&rows, i, j) + usize::from(x != y);
            best = best.min(at(&rows, i, j + 1) + 1);
            best = best.min(row.last().copied().unwrap_or(0) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(at(&rows, i - 1, j - 1) + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}
