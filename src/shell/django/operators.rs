//! What expressions do among themselves: `+`, `&`, `==`, `asc()`.

use super::convert::to_operand;
use super::expression::{expression_of, object};
use crate::orm::expressions::{Nulls, Operator, value};
use crate::orm::{Connector, Expr, Operand, Q, QChild};
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Class, Object, PyResult};
use std::rc::Rc;

/// `+`, `&`, `asc()` and what else expressions do.
pub(super) fn install(base: &Rc<Class>) {
    let arithmetic = [
        ("__add__", "__radd__", Operator::Add),
        ("__sub__", "__rsub__", Operator::Sub),
        ("__mul__", "__rmul__", Operator::Mul),
        ("__truediv__", "__rtruediv__", Operator::Div),
        ("__mod__", "__rmod__", Operator::Mod),
        ("__pow__", "__rpow__", Operator::Pow),
    ];
    for (forward, reflected, operator) in arithmetic {
        for (name, reversed) in [(forward, false), (reflected, true)] {
            base.method(name, move |vm, arguments| {
                let [own, other] = arguments.exactly(vm, name)?;
                let (Some(own), Operand::Expr(other)) = (expression_of(&own), side(vm, &other)?)
                else {
                    return Ok(Object::NotImplemented);
                };
                if matches!(own, Expr::Q(_)) {
                    return Ok(Object::NotImplemented);
                }
                let (left, right) = if reversed { (other, own) } else { (own, other) };
                object(vm, left.combine(operator, right))
            });
        }
    }
    for (name, operator) in [
        ("bitand", Operator::BitAnd),
        ("bitor", Operator::BitOr),
        ("bitxor", Operator::BitXor),
        ("bitleftshift", Operator::LeftShift),
        ("bitrightshift", Operator::RightShift),
    ] {
        base.method(name, move |vm, arguments| {
            let [own, other] = arguments.exactly(vm, name)?;
            let (Some(own), Operand::Expr(other)) = (expression_of(&own), side(vm, &other)?) else {
                return Ok(Object::NotImplemented);
            };
            object(vm, own.combine(operator, other))
        });
    }
    for (name, connector) in [
        ("__and__", Connector::And),
        ("__or__", Connector::Or),
        ("__xor__", Connector::Xor),
    ] {
        base.method(name, move |vm, arguments| {
            let [left, right] = arguments.exactly(vm, name)?;
            let (Some(own), Some(other)) = (condition_of(&left), condition_of(&right)) else {
                if matches!(expression_of(&left), Some(Expr::Q(_))) {
                    let class = vm.types.exception("TypeError");
                    return Err(vm.error_of(&class, vec![right]));
                }
                let message = "Use .bitand(), .bitor(), and .bitxor() for bitwise logical \
                               operations.";
                return Err(vm.error("NotImplementedError", message));
            };
            // An expression puts both sides into a `Q` of their own before it combines them.
            let other = match (expression_of(&left), expression_of(&right)) {
                (Some(Expr::Q(_)), _) => other,
                (_, Some(Expr::Q(_))) => Q::of(vec![QChild::Q(other)], Vec::new()),
                _ => other,
            };
            object(vm, Expr::Q(own.combine(other, connector)))
        });
    }
    base.method("__invert__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__invert__")?;
        match expression_of(&value) {
            Some(Expr::Q(q)) => object(vm, Expr::Q(!q)),
            Some(other) => object(vm, !other),
            None => Ok(Object::NotImplemented),
        }
    });
    base.method("__neg__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__neg__")?;
        match expression_of(&value) {
            Some(Expr::Q(_)) => Err(vm.type_error("bad operand type for unary -: 'Q'")),
            Some(inner) => object(vm, -inner),
            None => Ok(Object::NotImplemented),
        }
    });
    for (name, descending) in [("asc", false), ("desc", true)] {
        base.method(name, move |vm, mut arguments| {
            let own = arguments.take_first();
            let [first, last] = arguments.bind(vm, name, ["nulls_first", "nulls_last"], 0)?;
            let mut truth = |value: Option<Object>| match value.and_then(Object::some) {
                Some(value) if !vm.is_true(&value)? => {
                    let message = "nulls_first and nulls_last values must be True or None.";
                    Err(vm.value_error(message))
                }
                Some(_) => Ok(true),
                None => Ok(false),
            };
            let nulls = match (truth(first)?, truth(last)?) {
                (true, true) => {
                    let message = "nulls_first and nulls_last are mutually exclusive";
                    return Err(vm.value_error(message));
                }
                (true, false) => Nulls::First,
                (false, true) => Nulls::Last,
                (false, false) => Nulls::Default,
            };
            match expression_of(&own) {
                Some(inner) => object(vm, inner.ordered(descending, nulls)),
                None => Ok(Object::None),
            }
        });
    }
    base.method("__repr__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__repr__")?;
        Ok(Object::from(expression_of(&value).map(|it| match it {
            Expr::Q(_) => format!("<Q: {}>", it.repr()),
            _ => it.repr(),
        })))
    });
    base.method("__str__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__str__")?;
        Ok(Object::from(expression_of(&value).map(|it| it.repr())))
    });
    base.method("__eq__", |vm, arguments| {
        let [left, right] = arguments.exactly(vm, "__eq__")?;
        Ok(match (expression_of(&left), expression_of(&right)) {
            (Some(left), Some(right)) => Object::Bool(left == right),
            _ => Object::NotImplemented,
        })
    });
    base.method("__hash__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__hash__")?;
        let text = expression_of(&value)
            .map(|it| it.repr())
            .unwrap_or_default();
        let hash = vm.hash(&Object::from(text))?;
        Ok(Object::from((hash >> 1) as i64))
    });
    base.method("__bool__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__bool__")?;
        Ok(Object::Bool(match expression_of(&value) {
            Some(Expr::Q(q)) => !q.is_empty(),
            _ => true,
        }))
    });
    base.method("copy", |_, mut arguments| Ok(arguments.take_first()));
    base.method("__len__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__len__")?;
        match expression_of(&value) {
            Some(Expr::Q(q)) => Ok(Object::from(q.children.len())),
            _ => {
                let message = format!("object of type '{}' has no len()", vm.type_name(&value));
                Err(vm.type_error(message))
            }
        }
    });
    base.property("negated", |vm, value| match expression_of(&value) {
        Some(Expr::Q(q)) => Ok(Object::Bool(q.negated)),
        _ => {
            let name = vm.type_name(&value);
            let message = format!("'{name}' object has no attribute 'negated'");
            Err(vm.error("AttributeError", &message))
        }
    });
}

/// The other side of an operator: anything but an expression becomes a value.
fn side(vm: &mut Interpreter, other: &Object) -> PyResult<Operand> {
    Ok(match to_operand(vm, other)? {
        Operand::Value(plain) => Operand::Expr(value(plain.0)),
        other => other,
    })
}

/// What an expression says as a condition, if it is one.
pub(super) fn condition_of(value: &Object) -> Option<Q> {
    match expression_of(value)? {
        Expr::Q(q) => Some(q),
        other if other.is_conditional() => Some(Q::of(vec![QChild::Expr(other)], Vec::new())),
        _ => None,
    }
}
