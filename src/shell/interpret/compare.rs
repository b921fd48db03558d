//! Truth, equality, order, membership and hashes.

use super::Interpreter;
use crate::shell::syntax::ast::CompareOperator;
use crate::shell::value::{Decimal, Dict, Object, PyResult, dict::Slot};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

/// One of the four orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// The method's name, and the one that asks the other side.
    fn methods(self) -> (&'static str, &'static str) {
        match self {
            Self::Less => ("__lt__", "__gt__"),
            Self::LessOrEqual => ("__le__", "__ge__"),
            Self::Greater => ("__gt__", "__lt__"),
            Self::GreaterOrEqual => ("__ge__", "__le__"),
        }
    }
}

impl Interpreter {
    /// Whether a value counts as true.
    ///
    /// # Errors
    /// What its `__bool__` or `__len__` raises.
    pub fn is_true(&mut self, value: &Object) -> PyResult<bool> {
        if let Object::Instance(instance) = value {
            if let Some(method) = instance.class.lookup("__bool__") {
                let truth = self.call(&method, [value.clone()].into())?;
                return match truth {
                    Object::Bool(truth) => Ok(truth),
                    other => {
                        let name = self.type_name(&other);
                        let message = format!("__bool__ should return bool, returned {name}");
                        Err(self.type_error(message))
                    }
                };
            }
            if let Some(method) = instance.class.lookup("__len__")
                && instance.value.is_none()
            {
                let length = self.call(&method, [value.clone()].into())?;
                return Ok(length.as_i64() != Some(0));
            }
        }
        Ok(match value.plain() {
            Object::None => false,
            Object::Bool(value) => *value,
            Object::Int(value) => !value.is_zero(),
            Object::Float(value) => *value != 0.0,
            Object::Decimal(value) => !value.is_zero(),
            Object::Str(text) => !text.is_empty(),
            Object::List(list) => !list.borrow().is_empty(),
            Object::Tuple(items) => !items.is_empty(),
            Object::Dict(dict) | Object::Set(dict) | Object::FrozenSet(dict) => {
                !dict.borrow().is_empty()
            }
            Object::Range(range) => !range.is_empty(),
            Object::TimeDelta(micros) => *micros != 0,
            _ => true,
        })
    }

    /// `left operator right`
    pub(super) fn compare(
        &mut self,
        operator: CompareOperator,
        left: &Object,
        right: &Object,
    ) -> PyResult {
        let order = match operator {
            CompareOperator::Is => return Ok(Object::Bool(left.is(right))),
            CompareOperator::IsNot => return Ok(Object::Bool(!left.is(right))),
            CompareOperator::In => return self.contains(right, left).map(Object::Bool),
            CompareOperator::NotIn => {
                return self.contains(right, left).map(|found| Object::Bool(!found));
            }
            CompareOperator::Equal => return self.rich_equal(left, right),
            CompareOperator::NotEqual => {
                if let Object::Instance(instance) = left
                    && let Some(method) = instance.class.lookup("__ne__")
                {
                    let value = self.call(&method, [left.clone(), right.clone()].into())?;
                    if !matches!(value, Object::NotImplemented) {
                        return Ok(value);
                    }
                }
                let equal = self.rich_equal(left, right)?;
                return Ok(Object::Bool(!self.is_true(&equal)?));
            }
            CompareOperator::Less => Comparison::Less,
            CompareOperator::LessOrEqual => Comparison::LessOrEqual,
            CompareOperator::Greater => Comparison::Greater,
            CompareOperator::GreaterOrEqual => Comparison::GreaterOrEqual,
        };
        self.order(order, left, right)
    }

    /// `left == right` as a value, which classes may choose.
    fn rich_equal(&mut self, left: &Object, right: &Object) -> PyResult {
        for (one, other) in [(left, right), (right, left)] {
            if let Object::Instance(instance) = one
                && let Some(method) = instance.class.lookup("__eq__")
            {
                let value = self.call(&method, [one.clone(), other.clone()].into())?;
                if !matches!(value, Object::NotImplemented) {
                    return Ok(value);
                }
            }
        }
        self.plain_equal(left, right).map(Object::Bool)
    }

    /// Whether two values are equal.
    ///
    /// # Errors
    /// What an `__eq__` raises.
    pub fn equal(&mut self, left: &Object, right: &Object) -> PyResult<bool> {
        if left.is(right) && !matches!(left, Object::Float(_)) {
            return Ok(true);
        }
        let value = self.rich_equal(left, right)?;
        self.is_true(&value)
    }

    fn plain_equal(&mut self, left: &Object, right: &Object) -> PyResult<bool> {
        if let Some(order) = number_order(left.plain(), right.plain()) {
            return Ok(order == Some(Ordering::Equal));
        }
        Ok(match (left.plain(), right.plain()) {
            (Object::Str(a), Object::Str(b)) => a == b,
            (Object::List(a), Object::List(b)) => {
                let (a, b) = (a.borrow().clone(), b.borrow().clone());
                return self.all_equal(&a, &b);
            }
            (Object::Tuple(a), Object::Tuple(b)) => return self.all_equal(a, b),
            (Object::Dict(a), Object::Dict(b)) => {
                if a.borrow().len() != b.borrow().len() {
                    return Ok(false);
                }
                let items = a.borrow().items();
                for (key, value) in items {
                    match self.dict_get(b, &key)? {
                        Some(other) if self.equal(&value, &other)? => {}
                        _ => return Ok(false),
                    }
                }
                true
            }
            (Object::Set(a) | Object::FrozenSet(a), Object::Set(b) | Object::FrozenSet(b)) => {
                if a.borrow().len() != b.borrow().len() {
                    return Ok(false);
                }
                let keys = a.borrow().keys();
                for key in keys {
                    if self.dict_get(b, &key)?.is_none() {
                        return Ok(false);
                    }
                }
                true
            }
            (Object::Range(a), Object::Range(b)) => {
                let len = a.len();
                len == b.len()
                    && (len == 0 || (a.start == b.start && (len == 1 || a.step == b.step)))
            }
            (Object::DateTime(a), Object::DateTime(b)) => match (&a.zone, &b.zone) {
                (None, None) => a.wall == b.wall,
                (Some(_), Some(_)) => a.micros() == b.micros(),
                _ => false,
            },
            (Object::TimeDelta(a), Object::TimeDelta(b)) => a == b,
            (Object::Slice(a), Object::Slice(b)) => return self.all_equal(&a[..], &b[..]),
            (Object::Method(a), Object::Method(b)) => {
                a.receiver.is(&b.receiver) && a.function.is(&b.function)
            }
            (a, b) => a.is(b),
        })
    }

    fn all_equal(&mut self, a: &[Object], b: &[Object]) -> PyResult<bool> {
        if a.len() != b.len() {
            return Ok(false);
        }
        for (one, other) in a.iter().zip(b) {
            self.step()?;
            if !self.nested(|vm| vm.equal(one, other))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// One level deeper, for values inside of values.
    pub(super) fn nested<T>(&mut self, code: impl FnOnce(&mut Self) -> PyResult<T>) -> PyResult<T> {
        self.depth += 1;
        let result = if self.depth > self.budget.depth {
            Err(self.error("RecursionError", "maximum recursion depth exceeded"))
        } else {
            code(self)
        };
        self.depth -= 1;
        result
    }

    fn order(&mut self, order: Comparison, left: &Object, right: &Object) -> PyResult {
        let (method, reflected) = order.methods();
        for (one, name, other) in [(left, method, right), (right, reflected, left)] {
            if let Object::Instance(instance) = one
                && let Some(method) = instance.class.lookup(name)
            {
                let value = self.call(&method, [one.clone(), other.clone()].into())?;
                if !matches!(value, Object::NotImplemented) {
                    return Ok(value);
                }
            }
        }
        let (a, b) = (left.plain(), right.plain());
        if let Some(found) = number_order(a, b) {
            return Ok(Object::Bool(found.is_some_and(|it| order.holds(it))));
        }
        let found = match (a, b) {
            (Object::Str(a), Object::Str(b)) => a.cmp(b),
            (Object::List(a), Object::List(b)) => {
                let (a, b) = (a.borrow().clone(), b.borrow().clone());
                return self.sequence_order(order, &a, &b);
            }
            (Object::Tuple(a), Object::Tuple(b)) => return self.sequence_order(order, a, b),
            (Object::Set(a) | Object::FrozenSet(a), Object::Set(b) | Object::FrozenSet(b)) => {
                return self.subset(order, a, b).map(Object::Bool);
            }
            (Object::Date(a), Object::Date(b)) => a.cmp(b),
            (Object::Time(a), Object::Time(b)) => a.cmp(b),
            (Object::TimeDelta(a), Object::TimeDelta(b)) => a.cmp(b),
            (Object::DateTime(a), Object::DateTime(b)) => match (&a.zone, &b.zone) {
                (None, None) => a.wall.cmp(&b.wall),
                (Some(_), Some(_)) => a.micros().cmp(&b.micros()),
                _ => {
                    let message = "can't compare offset-naive and offset-aware datetimes";
                    return Err(self.type_error(message));
                }
            },
            (Object::DateTime(_), Object::Date(_)) | (Object::Date(_), Object::DateTime(_)) => {
                // A date leaves the answer to the datetime, on whichever side that is.
                let message = "can't compare datetime.datetime to datetime.date";
                return Err(self.type_error(message));
            }
            _ => {
                let message = format!(
                    "'{}' not supported between instances of '{}' and '{}'",
                    order.symbol(),
                    self.type_name(left),
                    self.type_name(right)
                );
                return Err(self.type_error(message));
            }
        };
        Ok(Object::Bool(order.holds(found)))
    }

    fn sequence_order(&mut self, order: Comparison, a: &[Object], b: &[Object]) -> PyResult {
        for (one, other) in a.iter().zip(b) {
            self.step()?;
            if !self.nested(|vm| vm.equal(one, other))? {
                return self.nested(|vm| vm.order(order, one, other));
            }
        }
        Ok(Object::Bool(order.holds(a.len().cmp(&b.len()))))
    }

    fn subset(
        &mut self,
        order: Comparison,
        a: &Rc<RefCell<Dict>>,
        b: &Rc<RefCell<Dict>>,
    ) -> PyResult<bool> {
        let (small, large, proper) = match order {
            Comparison::Less => (a, b, true),
            Comparison::LessOrEqual => (a, b, false),
            Comparison::Greater => (b, a, true),
            Comparison::GreaterOrEqual => (b, a, false),
        };
        if proper && small.borrow().len() >= large.borrow().len() {
            return Ok(false);
        }
        let keys = small.borrow().keys();
        for key in keys {
            if self.dict_get(large, &key)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `left < right`
    ///
    /// # Errors
    /// `TypeError` where they have no order.
    pub fn less(&mut self, left: &Object, right: &Object) -> PyResult<bool> {
        let value = self.order(Comparison::Less, left, right)?;
        self.is_true(&value)
    }

    /// `left > right`, as `max()` asks
    ///
    /// # Errors
    /// `TypeError` where they have no order.
    pub fn greater(&mut self, left: &Object, right: &Object) -> PyResult<bool> {
        let value = self.order(Comparison::Greater, left, right)?;
        self.is_true(&value)
    }

    /// Sorts, stably; stops at the first comparison that fails.
    ///
    /// # Errors
    /// What a comparison raises.
    pub fn sort<T>(&mut self, items: &mut [T], key: impl Fn(&T) -> &Object) -> PyResult<()> {
        let mut failed = None;
        items.sort_by(|a, b| {
            if failed.is_some() {
                return Ordering::Equal;
            }
            let (a, b) = (key(a), key(b));
            let result = self.step().and_then(|()| {
                if self.less(a, b)? {
                    return Ok(Ordering::Less);
                }
                Ok(if self.less(b, a)? {
                    Ordering::Greater
                } else {
                    Ordering::Equal
                })
            });
            result.unwrap_or_else(|error| {
                failed = Some(error);
                Ordering::Equal
            })
        });
        failed.map_or(Ok(()), Err)
    }

    /// `item in container`
    ///
    /// # Errors
    /// `TypeError` where the container has no members.
    pub fn contains(&mut self, container: &Object, item: &Object) -> PyResult<bool> {
        if let Object::Instance(instance) = container
            && let Some(method) = instance.class.lookup("__contains__")
        {
            let found = self.call(&method, [container.clone(), item.clone()].into())?;
            return self.is_true(&found);
        }
        match container.plain() {
            Object::Str(text) => match item.as_str() {
                Some(part) => return Ok(text.contains(&**part)),
                None => {
                    let message = format!(
                        "'in <string>' requires string as left operand, not {}",
                        self.type_name(item)
                    );
                    return Err(self.type_error(message));
                }
            },
            Object::Dict(dict) | Object::Set(dict) | Object::FrozenSet(dict) => {
                return Ok(self.dict_get(dict, item)?.is_some());
            }
            Object::Range(range) => {
                if let Some(value) = item.as_i64() {
                    let offset = value.saturating_sub(range.start);
                    let index = offset / range.step;
                    return Ok(offset % range.step == 0 && (0..range.len()).contains(&index));
                }
            }
            _ => {}
        }
        let Ok(items) = self.iterate(container) else {
            let message = format!(
                "argument of type '{}' is not iterable",
                self.type_name(container)
            );
            return Err(self.type_error(message));
        };
        while let Some(found) = items.next(self)? {
            self.step()?;
            if self.equal(&found, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The hash of a value; equal values have equal hashes.
    ///
    /// # Errors
    /// `TypeError` for values that can change.
    pub fn hash(&mut self, value: &Object) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        if let Object::Instance(instance) = value {
            let method = instance.class.lookup("__hash__");
            match method {
                Some(Object::None) => {}
                Some(method) => {
                    let hash = self.call(&method, [value.clone()].into())?;
                    return self.hash(&hash);
                }
                None if instance.value.is_some() => return self.hash(value.plain()),
                None if instance.class.lookup("__eq__").is_none() => {
                    Rc::as_ptr(instance).hash(&mut hasher);
                    return Ok(hasher.finish());
                }
                None => {}
            }
            let message = format!("unhashable type: '{}'", instance.class.name);
            return Err(self.type_error(message));
        }
        match value {
            Object::None => 1u8.hash(&mut hasher),
            Object::NotImplemented | Object::Ellipsis => 2u8.hash(&mut hasher),
            Object::Bool(_) | Object::Int(_) | Object::Float(_) | Object::Decimal(_) => {
                let float = as_f64(value);
                let float = if float == 0.0 { 0.0 } else { float };
                float.to_bits().hash(&mut hasher);
            }
            Object::Str(text) => text.hash(&mut hasher),
            Object::Tuple(items) => {
                for item in items.iter() {
                    self.nested(|vm| vm.hash(item))?.hash(&mut hasher);
                }
            }
            Object::FrozenSet(set) => {
                let mut all = 0u64;
                let keys = set.borrow().keys();
                for key in keys {
                    all ^= self.hash(&key)?;
                }
                all.hash(&mut hasher);
            }
            Object::Date(date) => date.hash(&mut hasher),
            Object::DateTime(moment) => moment.micros().hash(&mut hasher),
            Object::Time(time) => time.hash(&mut hasher),
            Object::TimeDelta(micros) => micros.hash(&mut hasher),
            Object::TimeZone(zone) => zone.name().hash(&mut hasher),
            Object::Range(range) => (range.start, range.len()).hash(&mut hasher),
            Object::Function(it) => Rc::as_ptr(it).hash(&mut hasher),
            Object::Native(it) => Rc::as_ptr(it).hash(&mut hasher),
            Object::Class(it) => Rc::as_ptr(it).hash(&mut hasher),
            Object::Module(it) => Rc::as_ptr(it).hash(&mut hasher),
            Object::Method(it) => self.hash(&it.function)?.hash(&mut hasher),
            Object::Iterator(it) => Rc::as_ptr(it).hash(&mut hasher),
            _ => {
                let message = format!("unhashable type: '{}'", self.type_name(value));
                return Err(self.type_error(message));
            }
        }
        Ok(hasher.finish())
    }

    /// Where a key is in a table.
    fn slot(&mut self, candidates: Vec<(Slot, Object)>, key: &Object) -> PyResult<Option<Slot>> {
        for (slot, candidate) in candidates {
            if self.equal(&candidate, key)? {
                return Ok(Some(slot));
            }
        }
        Ok(None)
    }

    /// The value of a key.
    ///
    /// # Errors
    /// `TypeError` for a key that has no hash.
    pub fn dict_get(&mut self, dict: &Rc<RefCell<Dict>>, key: &Object) -> PyResult<Option<Object>> {
        let hash = self.hash(key)?;
        let candidates = dict.borrow().candidates(hash);
        let slot = self.slot(candidates, key)?;
        Ok(slot.and_then(|slot| dict.borrow().get(slot)))
    }

    /// Sets the value of a key.
    ///
    /// # Errors
    /// `TypeError` for a key that has no hash.
    pub fn dict_set(
        &mut self,
        dict: &Rc<RefCell<Dict>>,
        key: Object,
        value: Object,
    ) -> PyResult<()> {
        let hash = self.hash(&key)?;
        let candidates = dict.borrow().candidates(hash);
        match self.slot(candidates, &key)? {
            Some(slot) => dict.borrow_mut().set(slot, value),
            None => dict.borrow_mut().push(hash, key, value),
        }
        Ok(())
    }

    /// Takes a key out.
    ///
    /// # Errors
    /// `TypeError` for a key that has no hash.
    pub fn dict_remove(
        &mut self,
        dict: &Rc<RefCell<Dict>>,
        key: &Object,
    ) -> PyResult<Option<Object>> {
        let hash = self.hash(key)?;
        let candidates = dict.borrow().candidates(hash);
        let slot = self.slot(candidates, key)?;
        Ok(slot
            .and_then(|slot| dict.borrow_mut().remove(slot))
            .map(|entry| entry.value))
    }

    /// Sets the value of a key in a table that is being made.
    ///
    /// # Errors
    /// `TypeError` for a key that has no hash.
    pub fn dict_insert(&mut self, dict: &mut Dict, key: Object, value: Object) -> PyResult<()> {
        let hash = self.hash(&key)?;
        match self.slot(dict.candidates(hash), &key)? {
            Some(slot) => dict.set(slot, value),
            None => dict.push(hash, key, value),
        }
        Ok(())
    }

    /// A set of values.
    ///
    /// # Errors
    /// `TypeError` for a value that has no hash.
    pub fn set_of(&mut self, items: Vec<Object>) -> PyResult {
        let mut set = Dict::default();
        for item in items {
            let hash = self.hash(&item)?;
            if self.slot(set.candidates(hash), &item)?.is_none() {
                set.push(hash, item, Object::None);
            }
        }
        Ok(Object::set(set))
    }

    /// A dict with text keys.
    pub fn dict_from<K: AsRef<str>>(
        &mut self,
        items: impl IntoIterator<Item = (K, Object)>,
    ) -> Object {
        let mut dict = Dict::default();
        for (key, value) in items {
            // Text always has a hash.
            let _ = self.dict_insert(&mut dict, Object::from(key.as_ref()), value);
        }
        Object::dict(dict)
    }
}

fn as_f64(value: &Object) -> f64 {
    match value {
        Object::Bool(value) => f64::from(u8::from(*value)),
        Object::Int(value) => value.to_f64(),
        Object::Float(value) => *value,
        Object::Decimal(value) => value.to_f64(),
        _ => f64::NAN,
    }
}

/// How two numbers compare: nothing where one is no number, nothing inside where one is NaN.
fn number_order(a: &Object, b: &Object) -> Option<Option<Ordering>> {
    let exact = |value: &Object| match value {
        Object::Bool(value) => Some(Decimal::new(i128::from(*value), 0)),
        Object::Int(value) => Some(Decimal::from_int(value)),
        Object::Float(value) => Some(Decimal::from_f64(*value)),
        Object::Decimal(value) => Some((**value).clone()),
        _ => None,
    };
    Some(match (a, b) {
        (Object::Int(a), Object::Int(b)) => Some(a.cmp(b)),
        (Object::Float(a), Object::Float(b)) => a.partial_cmp(b),
        (a, b) => exact(a)?.compare(&exact(b)?),
    })
}
