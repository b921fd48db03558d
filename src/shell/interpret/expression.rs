//! Expressions.

use super::operator::NumberError;
use super::{Interpreter, Scope, ScopeKind};
use crate::shell::syntax::ast::{
    BinaryOperator, BooleanOperator, CompareOperator, Comprehension, ComprehensionKind, Conversion,
    DictItem, Expression, ExpressionKind, StringPart, UnaryOperator,
};
use crate::shell::syntax::scope::Bindings;
use crate::shell::value::function::Body;
use crate::shell::value::{Dict, Function, Int, Iterator, Object, PyResult};
use std::rc::Rc;

impl Interpreter {
    /// The value of an expression.
    pub(super) fn evaluate(&mut self, value: &Expression, scope: &Rc<Scope>) -> PyResult {
        // Names and constants cannot fail in a way that needs more.
        match &value.kind {
            ExpressionKind::Str(text) => return Ok(Object::Str(text.clone())),
            ExpressionKind::None => return Ok(Object::None),
            ExpressionKind::Bool(value) => return Ok(Object::Bool(*value)),
            _ => {}
        }
        self.depth += 1;
        let result = if self.depth > self.budget.depth {
            Err(self.error("RecursionError", "maximum recursion depth exceeded"))
        } else {
            self.step().and_then(|()| self.expression(value, scope))
        };
        self.depth -= 1;
        result.map_err(|mut raised| {
            self.locate(&mut raised, value.span, scope);
            raised
        })
    }

    /// Runs `code`, whose errors belong to `place`.
    pub(super) fn located<T>(
        &mut self,
        place: &Expression,
        scope: &Rc<Scope>,
        code: impl FnOnce(&mut Self) -> PyResult<T>,
    ) -> PyResult<T> {
        code(self).map_err(|mut raised| {
            self.locate(&mut raised, place.span, scope);
            raised
        })
    }

    fn expression(&mut self, value: &Expression, scope: &Rc<Scope>) -> PyResult {
        match &value.kind {
            ExpressionKind::Name(name) => self.lookup(name, scope),
            ExpressionKind::None => Ok(Object::None),
            ExpressionKind::Bool(value) => Ok(Object::Bool(*value)),
            ExpressionKind::Ellipsis => Ok(Object::Ellipsis),
            ExpressionKind::Int(literal) => match Int::parse(&literal.digits, literal.radix) {
                Some(value) => Ok(Object::Int(value)),
                None => Err(self.error("OverflowError", "the number is too large here")),
            },
            ExpressionKind::Float(value) => Ok(Object::Float(*value)),
            ExpressionKind::Str(text) => Ok(Object::Str(text.clone())),
            ExpressionKind::FormattedString(parts) => {
                let mut text = String::new();
                self.string_parts(parts, &mut text, scope)?;
                Ok(Object::from(text))
            }
            ExpressionKind::List(items) => Ok(Object::list(self.items(items, scope)?)),
            ExpressionKind::Tuple(items) => Ok(Object::tuple(self.items(items, scope)?)),
            ExpressionKind::Set(items) => {
                let items = self.items(items, scope)?;
                self.set_of(items)
            }
            ExpressionKind::Dict(items) => self.dict_display(items, scope),
            ExpressionKind::Comprehension(it) => self.comprehension(it, scope),
            ExpressionKind::Unary(operator, operand) => self.unary(*operator, operand, scope),
            ExpressionKind::Binary(left, operator, right) => {
                let left = self.evaluate(left, scope)?;
                let right = self.evaluate(right, scope)?;
                self.binary(*operator, &left, &right)
            }
            ExpressionKind::Boolean(operator, values) => self.boolean(*operator, values, scope),
            ExpressionKind::Compare(first, rest) => self.comparison(first, rest, scope),
            ExpressionKind::Conditional {
                test,
                body,
                otherwise,
            } => {
                let chosen = if self.test(test, scope)? {
                    body
                } else {
                    otherwise
                };
                self.evaluate(chosen, scope)
            }
            ExpressionKind::Lambda(lambda) => {
                let bindings = Bindings::of_lambda(&lambda.parameters, &lambda.body);
                let defaults = self.defaults(&lambda.parameters, scope)?;
                Ok(Object::Function(Rc::new(Function {
                    name: "<lambda>".into(),
                    qualified: scope.qualify("<lambda>"),
                    file: scope.file.clone(),
                    parameters: Rc::new(lambda.parameters.clone()),
                    defaults,
                    body: Rc::new(Body::Expression(lambda.body.clone())),
                    bindings: Rc::new(bindings),
                    scope: scope.enclosing(),
                    class: scope.class.clone(),
                    doc: None,
                })))
            }
            ExpressionKind::Call(function, arguments) => {
                self.call_expression(value.span, function, arguments, scope)
            }
            ExpressionKind::Attribute(owner, name) => {
                let owner = self.evaluate(owner, scope)?;
                self.at(value.span);
                self.attribute(&owner, &name.name)
            }
            ExpressionKind::Subscript(value, index) => {
                let value = self.evaluate(value, scope)?;
                let index = self.evaluate(index, scope)?;
                self.item(&value, &index)
            }
            ExpressionKind::Slice(parts) => {
                let mut values = [Object::None, Object::None, Object::None];
                for (slot, part) in values.iter_mut().zip(parts) {
                    if let Some(part) = part {
                        *slot = self.evaluate(part, scope)?;
                    }
                }
                Ok(Object::Slice(Rc::new(values)))
            }
            ExpressionKind::Starred(_) => {
                Err(self.error("SyntaxError", "can't use starred expression here"))
            }
            ExpressionKind::Walrus(name, value) => {
                let value = self.evaluate(value, scope)?;
                self.bind(&name.name, value.clone(), &scope.owner())?;
                Ok(value)
            }
            ExpressionKind::Refused => Err(self.error("NotImplementedError", "not supported here")),
        }
    }

    /// The values of a display, with starred ones spread.
    fn items(&mut self, items: &[Expression], scope: &Rc<Scope>) -> PyResult<Vec<Object>> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match &item.kind {
                ExpressionKind::Starred(inner) => {
                    let value = self.evaluate(inner, scope)?;
                    values.extend(self.located(inner, scope, |vm| vm.collect(&value))?);
                }
                _ => values.push(self.evaluate(item, scope)?),
            }
        }
        Ok(values)
    }

    fn dict_display(&mut self, items: &[DictItem], scope: &Rc<Scope>) -> PyResult {
        let mut dict = Dict::default();
        for item in items {
            match item {
                DictItem::Pair(key, value) => {
                    let place = key;
                    let key = self.evaluate(key, scope)?;
                    let value = self.evaluate(value, scope)?;
                    self.located(place, scope, |vm| vm.dict_insert(&mut dict, key, value))?;
                }
                DictItem::Spread(value) => {
                    let place = value;
                    let value = self.evaluate(value, scope)?;
                    let Object::Dict(other) = value.plain() else {
                        let name = self.type_name(&value);
                        let message = format!("'{name}' object is not a mapping");
                        return self.located(place, scope, |vm| Err(vm.type_error(message)));
                    };
                    let items = other.borrow().items();
                    for (key, value) in items {
                        self.dict_insert(&mut dict, key, value)?;
                    }
                }
            }
        }
        Ok(Object::dict(dict))
    }

    fn string_parts(
        &mut self,
        parts: &[StringPart],
        text: &mut String,
        scope: &Rc<Scope>,
    ) -> PyResult<()> {
        for part in parts {
            match part {
                StringPart::Text(more) => text.push_str(more),
                StringPart::Replacement {
                    value,
                    label,
                    conversion,
                    format,
                } => {
                    if let Some(label) = label {
                        text.push_str(label);
                    }
                    let place = value;
                    let value = self.evaluate(value, scope)?;
                    let mut specification = String::new();
                    self.string_parts(format, &mut specification, scope)?;
                    let plain_label = label.is_some() && format.is_empty();
                    let shown = self.located(place, scope, |vm| match conversion {
                        Some(Conversion::Str) => {
                            let value = Object::Str(vm.str(&value)?);
                            vm.format(&value, &specification)
                        }
                        Some(Conversion::Ascii) => {
                            let value = Object::from(vm.ascii(&value)?);
                            vm.format(&value, &specification)
                        }
                        Some(Conversion::Repr) => {
                            let value = Object::from(vm.repr(&value)?);
                            vm.format(&value, &specification)
                        }
                        None if plain_label => vm.repr(&value),
                        None => vm.format(&value, &specification),
                    })?;
                    text.push_str(&shown);
                }
            }
        }
        Ok(())
    }

    fn unary(
        &mut self,
        operator: UnaryOperator,
        operand: &Expression,
        scope: &Rc<Scope>,
    ) -> PyResult {
        if operator == UnaryOperator::Not {
            return Ok(Object::Bool(!self.test(operand, scope)?));
        }
        let value = self.evaluate(operand, scope)?;
        self.unary_value(operator, &value)
    }

    fn boolean(
        &mut self,
        operator: BooleanOperator,
        values: &[Expression],
        scope: &Rc<Scope>,
    ) -> PyResult {
        let mut result = Object::None;
        for value in values {
            result = self.evaluate(value, scope)?;
            let truth = self.located(value, scope, |vm| vm.is_true(&result))?;
            if truth == (operator == BooleanOperator::Or) {
                break;
            }
        }
        Ok(result)
    }

    fn comparison(
        &mut self,
        first: &Expression,
        rest: &[(CompareOperator, Expression)],
        scope: &Rc<Scope>,
    ) -> PyResult {
        let mut left = self.evaluate(first, scope)?;
        let mut result = Object::Bool(true);
        for (at, (operator, right)) in rest.iter().enumerate() {
            let right = self.evaluate(right, scope)?;
            result = self.compare(*operator, &left, &right)?;
            if at + 1 < rest.len() && !self.is_true(&result)? {
                break;
            }
            left = right;
        }
        Ok(result)
    }

    fn comprehension(&mut self, it: &Rc<Comprehension>, scope: &Rc<Scope>) -> PyResult {
        let Some(clause) = it.clauses.first() else {
            return Ok(Object::None);
        };
        let place = &clause.iterable;
        let first = self.evaluate(place, scope)?;
        self.at(place.span);
        let first = self.located(place, scope, |vm| vm.iterate(&first))?;
        // The first iterable sees a class's names; the rest does not, except that here it may, so
        // that learners' class bodies with choices work as they look.
        let inner = Rc::new(Scope::inside(
            scope,
            ScopeKind::Comprehension,
            Rc::default(),
            scope.qualified.clone(),
            scope.class.clone(),
        ));
        let mut items = super::iterate::ComprehensionItems::new(it.clone(), inner, first);
        match &it.kind {
            ComprehensionKind::Generator(_) => {
                Ok(Object::Iterator(Rc::new(Iterator::new("generator", items))))
            }
            ComprehensionKind::List(_) => {
                let mut values = Vec::new();
                while let Some((value, _)) = items.advance(self)? {
                    values.push(value);
                }
                Ok(Object::list(values))
            }
            ComprehensionKind::Set(_) => {
                let mut values = Vec::new();
                while let Some((value, _)) = items.advance(self)? {
                    values.push(value);
                }
                self.set_of(values)
            }
            ComprehensionKind::Dict(..) => {
                let mut dict = Dict::default();
                while let Some((key, value)) = items.advance(self)? {
                    self.dict_insert(&mut dict, key, value)?;
                }
                Ok(Object::dict(dict))
            }
        }
    }

    /// The error of an operation on numbers.
    pub(super) fn number_error(&self, error: NumberError) -> Box<crate::shell::value::Raised> {
        self.error(error.class(), error.message())
    }

    /// `left operator right`, with the operator of an augmented assignment.
    pub(super) fn augmented(
        &mut self,
        operator: BinaryOperator,
        left: &Object,
        right: &Object,
    ) -> PyResult {
        // Lists, sets and dicts change in place.
        match (left, operator) {
            (Object::List(list), BinaryOperator::Add) => {
                let more = self.collect(right)?;
                list.borrow_mut().extend(more);
                return Ok(left.clone());
            }
            (Object::Set(_) | Object::Dict(_), _) => {
                let result = self.binary(operator, left, right)?;
                match (left, &result) {
                    (Object::Set(a), Object::Set(b)) | (Object::Dict(a), Object::Dict(b))
                        if !Rc::ptr_eq(a, b) =>
                    {
                        let new = b.borrow().clone();
                        *a.borrow_mut() = new;
                        return Ok(left.clone());
                    }
                    _ => return Ok(result),
                }
            }
            (Object::Instance(instance), _) => {
                let name = super::operator::method_names(operator).2;
                if let Some(method) = instance.class.lookup(name) {
                    let value = self.call(&method, [left.clone(), right.clone()].into())?;
                    if !matches!(value, Object::NotImplemented) {
                        return Ok(value);
                    }
                }
            }
            _ => {}
        }
        let result = self.binary(operator, left, right);
        result.map_err(|error| self.augmented_error(error, operator))
    }
}
