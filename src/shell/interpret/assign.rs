//! Assigning to names, attributes, items, and to several at once.

use super::{Interpreter, Scope};
use crate::shell::syntax::ast::{BinaryOperator, Expression, ExpressionKind};
use crate::shell::value::{Object, PyResult};
use std::rc::Rc;

impl Interpreter {
    /// `target = value`
    pub(super) fn assign(
        &mut self,
        target: &Expression,
        value: Object,
        scope: &Rc<Scope>,
    ) -> PyResult<()> {
        match &target.kind {
            ExpressionKind::Name(name) => self.bind(name, value, scope),
            ExpressionKind::Attribute(object, name) => {
                let object = self.evaluate(object, scope)?;
                self.located(target, scope, |vm| {
                    vm.set_attribute(&object, &name.name, value)
                })
            }
            ExpressionKind::Subscript(object, index) => {
                let object = self.evaluate(object, scope)?;
                let index = self.evaluate(index, scope)?;
                self.located(target, scope, |vm| vm.set_item(&object, &index, value))
            }
            ExpressionKind::Tuple(targets) | ExpressionKind::List(targets) => {
                let values = self.located(target, scope, |vm| vm.unpack(targets, &value))?;
                for (target, value) in targets.iter().zip(values) {
                    let target = match &target.kind {
                        ExpressionKind::Starred(inner) => inner,
                        _ => target,
                    };
                    self.assign(target, value, scope)?;
                }
                Ok(())
            }
            _ => Err(self.error("SyntaxError", "cannot assign here")),
        }
    }

    /// One value for each target; a starred one gets a list.
    fn unpack(&mut self, targets: &[Expression], value: &Object) -> PyResult<Vec<Object>> {
        let class = self.class_of(value);
        let Ok(items) = self.iterate(value) else {
            let message = format!("cannot unpack non-iterable {} object", class.name);
            return Err(self.type_error(message));
        };
        let is_starred = |it: &Expression| matches!(it.kind, ExpressionKind::Starred(_));
        let star = targets.iter().position(is_starred);
        if targets.iter().filter(|it| is_starred(it)).count() > 1 {
            let message = "multiple starred expressions in assignment";
            return Err(self.error("SyntaxError", message));
        }
        let wanted = targets.len();
        let Some(star) = star else {
            let mut values = Vec::with_capacity(wanted);
            while let Some(item) = items.next(self)? {
                if values.len() == wanted {
                    let message = format!("too many values to unpack (expected {wanted})");
                    return Err(self.value_error(message));
                }
                values.push(item);
            }
            if values.len() < wanted {
                let got = values.len();
                let message = format!("not enough values to unpack (expected {wanted}, got {got})");
                return Err(self.value_error(message));
            }
            return Ok(values);
        };
        let mut values = Vec::new();
        while let Some(item) = items.next(self)? {
            self.step()?;
            values.push(item);
        }
        let got = values.len();
        let fixed = wanted - 1;
        if got < fixed {
            let message =
                format!("not enough values to unpack (expected at least {fixed}, got {got})");
            return Err(self.value_error(message));
        }
        let after = values.split_off(star + got - fixed);
        let middle = values.split_off(star);
        values.push(Object::list(middle));
        values.extend(after);
        Ok(values)
    }

    /// `target op= value`: the target's parts are evaluated once.
    pub(super) fn augmented_assign(
        &mut self,
        target: &Expression,
        operator: BinaryOperator,
        value: &Expression,
        scope: &Rc<Scope>,
    ) -> PyResult<()> {
        match &target.kind {
            ExpressionKind::Attribute(object, name) => {
                let object = self.evaluate(object, scope)?;
                let before = self.located(target, scope, |vm| vm.attribute(&object, &name.name))?;
                let value = self.evaluate(value, scope)?;
                let result = self.augmented(operator, &before, &value)?;
                self.located(target, scope, |vm| {
                    vm.set_attribute(&object, &name.name, result)
                })
            }
            ExpressionKind::Subscript(object, index) => {
                let object = self.evaluate(object, scope)?;
                let index = self.evaluate(index, scope)?;
                let before = self.located(target, scope, |vm| vm.item(&object, &index))?;
                let value = self.evaluate(value, scope)?;
                let result = self.augmented(operator, &before, &value)?;
                self.located(target, scope, |vm| vm.set_item(&object, &index, result))
            }
            _ => {
                let before = self.evaluate(target, scope)?;
                let value = self.evaluate(value, scope)?;
                let result = self.augmented(operator, &before, &value)?;
                self.assign(target, result, scope)
            }
        }
    }

    /// `del target`
    pub(super) fn delete(&mut self, target: &Expression, scope: &Rc<Scope>) -> PyResult<()> {
        match &target.kind {
            ExpressionKind::Name(name) => self.located(target, scope, |vm| vm.unbind(name, scope)),
            ExpressionKind::Attribute(object, name) => {
                let object = self.evaluate(object, scope)?;
                self.located(target, scope, |vm| vm.delete_attribute(&object, &name.name))
            }
            ExpressionKind::Subscript(object, index) => {
                let object = self.evaluate(object, scope)?;
                let index = self.evaluate(index, scope)?;
                self.located(target, scope, |vm| vm.delete_item(&object, &index))
            }
            ExpressionKind::Tuple(targets) | ExpressionKind::List(targets) => {
                for target in targets {
                    self.delete(target, scope)?;
                }
                Ok(())
            }
            _ => Err(self.error("SyntaxError", "cannot delete here")),
        }
    }
}
