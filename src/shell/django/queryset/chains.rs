//! Methods that give another queryset.

use super::{bare, method, queryset_of};
use crate::orm::query::ForUpdate;
use crate::orm::{FetchMode, Operand, QuerySet, RowShape};
use crate::shell::django::convert::{annotations, operands, texts, to_operand};
use crate::shell::django::expression::{condition, prefetches};
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Arguments, Class, Object, PyResult};
use std::rc::Rc;

/// Methods that give another queryset of the same rows.
pub(super) fn chains(class: &Rc<Class>) {
    bare(class, "all", |_, own| Ok(own.like(own.queryset().all())));
    bare(class, "none", |_, own| Ok(own.like(own.queryset().none())));
    method(class, "using", |vm, own, arguments| {
        let [alias] = arguments.bind_method(vm, "QuerySet.using", ["alias"], 1)?;
        let alias = vm.str(&alias.unwrap_or(Object::None))?;
        match &*alias {
            "default" | "None" => Ok(own.like(own.queryset().all())),
            other => {
                let message = format!("The connection '{other}' doesn't exist.");
                Err(vm.error("ConnectionDoesNotExist", &message))
            }
        }
    });
    method(class, "filter", |vm, own, arguments| {
        let condition = condition(vm, &arguments)?;
        own.made(vm, own.queryset().filter(condition))
    });
    method(class, "exclude", |vm, own, arguments| {
        let condition = condition(vm, &arguments)?;
        own.made(vm, own.queryset().exclude(condition))
    });
    method(class, "complex_filter", |vm, own, arguments| {
        let [given] = arguments.exactly(vm, "complex_filter")?;
        let mut arguments = Arguments::default();
        match &given {
            Object::Dict(lookups) => {
                for (name, value) in lookups.borrow().items() {
                    arguments.keywords.push((vm.str(&name)?, value));
                }
            }
            _ => arguments.positional.push(given),
        }
        let condition = condition(vm, &arguments)?;
        own.made(vm, own.queryset().filter(condition))
    });
    method(class, "annotate", |vm, own, arguments| {
        let (positional, named) = annotations(vm, &arguments)?;
        own.made(vm, own.queryset().annotate(positional, named))
    });
    method(class, "alias", |vm, own, arguments| {
        let (positional, named) = annotations(vm, &arguments)?;
        own.made(vm, own.queryset().alias(positional, named))
    });
    method(class, "order_by", |vm, own, arguments| {
        arguments.only_positional(vm, "QuerySet.order_by")?;
        let keys = operands(vm, &arguments.positional)?;
        own.made(vm, own.queryset().order_by(keys))
    });
    bare(class, "reverse", |vm, own| {
        own.made(vm, own.queryset().reverse())
    });
    method(class, "distinct", |vm, own, arguments| {
        arguments.only_positional(vm, "QuerySet.distinct")?;
        let names = texts(vm, &arguments.positional)?;
        own.made(vm, own.queryset().distinct(&names))
    });
    method(class, "select_related", |vm, own, arguments| {
        if matches!(arguments.positional.as_slice(), [Object::None]) {
            return Ok(own.like(own.queryset().without_select_related()));
        }
        let names = paths(vm, &arguments.positional)?;
        own.made(vm, own.queryset().select_related(&names))
    });
    method(class, "prefetch_related", |vm, own, arguments| {
        if matches!(arguments.positional.as_slice(), [Object::None]) {
            return Ok(own.like(own.queryset().without_prefetch()));
        }
        let lookups = prefetches(vm, &arguments.positional)?;
        own.made(vm, own.queryset().prefetch_related(lookups))
    });
    method(class, "only", |vm, own, arguments| {
        if arguments.positional.iter().any(Object::is_none) {
            return Err(vm.type_error("Cannot pass None as an argument to only()."));
        }
        let names = paths(vm, &arguments.positional)?;
        own.made(vm, own.queryset().only(&names))
    });
    method(class, "defer", |vm, own, arguments| {
        if matches!(arguments.positional.as_slice(), [Object::None]) {
            return Ok(own.like(own.queryset().without_deferral()));
        }
        let names = paths(vm, &arguments.positional)?;
        own.made(vm, own.queryset().defer(&names))
    });
    method(class, "select_for_update", |vm, own, mut arguments| {
        let mut lock = ForUpdate::default();
        for (name, slot) in [
            ("nowait", &mut lock.nowait),
            ("skip_locked", &mut lock.skip_locked),
            ("no_key", &mut lock.no_key),
        ] {
            if let Some(value) = arguments.take_keyword(name) {
                *slot = vm.is_true(&value)?;
            }
        }
        if let Some(of) = arguments.take_keyword("of") {
            let of = vm.collect(&of)?;
            lock.of = texts(vm, &of)?;
        }
        own.made(vm, own.queryset().select_for_update(lock))
    });
    method(class, "fetch_mode", |vm, own, arguments| {
        let [mode] = arguments.exactly(vm, "fetch_mode")?;
        match mode.as_instance().and_then(|it| it.native::<FetchMode>()) {
            Some(mode) => Ok(own.like(own.queryset().with_fetch_mode(*mode))),
            None => Err(vm.type_error("fetch_mode() needs one of the FETCH_… modes")),
        }
    });
    method(class, "union", |vm, own, mut arguments| {
        let all = match arguments.take_keyword("all") {
            Some(value) => vm.is_true(&value)?,
            None => false,
        };
        let others = querysets(vm, &arguments.positional)?;
        own.made(vm, own.queryset().union(&others, all))
    });
    method(class, "intersection", |vm, own, arguments| {
        let others = querysets(vm, &arguments.positional)?;
        Ok(own.like(own.queryset().intersection(&others)))
    });
    method(class, "difference", |vm, own, arguments| {
        let others = querysets(vm, &arguments.positional)?;
        Ok(own.like(own.queryset().difference(&others)))
    });
    class.method("extra", |vm, _| {
        let message = "not supported here: extra(); annotate() and filter() say it";
        Err(vm.error("NotImplementedError", message))
    });
}

/// Methods of querysets that are refused.
pub(in crate::shell) const REFUSED: &[&str] = &["extra"];

/// Names of fields, which Django splits at their underscores.
fn paths(vm: &mut Interpreter, values: &[Object]) -> PyResult<Vec<String>> {
    if let Some(value) = values.iter().find(|value| value.as_str().is_none()) {
        let class = vm.type_name(value);
        let message = format!("'{class}' object has no attribute 'split'");
        return Err(vm.error("AttributeError", &message));
    }
    texts(vm, values)
}

fn querysets(vm: &mut Interpreter, objects: &[Object]) -> PyResult<Vec<QuerySet>> {
    let mut found = Vec::new();
    for value in objects {
        match queryset_of(vm, value)? {
            Some(queryset) => found.push(queryset),
            None => {
                let name = vm.type_name(value);
                let message = format!("'{name}' object has no attribute 'query'");
                return Err(vm.error("AttributeError", &message));
            }
        }
    }
    Ok(found)
}

/// `values()` and its siblings.
pub(super) fn shapes(class: &Rc<Class>) {
    method(class, "values", |vm, own, mut arguments| {
        let mut names = Vec::new();
        let mut unnamed = Vec::new();
        for value in std::mem::take(&mut arguments.positional) {
            match to_operand(vm, &value)? {
                Operand::Expr(_) => unnamed.push(value),
                _ => names.push(vm.str(&value)?.to_string()),
            }
        }
        arguments.positional = unnamed;
        let (_, named) = annotations(vm, &arguments)?;
        own.made(vm, own.queryset().values(&names, named))
    });
    method(class, "values_list", |vm, own, mut arguments| {
        let mut truth = |vm: &mut Interpreter, name: &str| match arguments.take_keyword(name) {
            Some(value) => vm.is_true(&value),
            None => Ok(false),
        };
        let (flat, named) = (truth(vm, "flat")?, truth(vm, "named")?);
        let shape = match (flat, named) {
            (true, true) => {
                return Err(vm.type_error("'flat' and 'named' can't be used together."));
            }
            (true, false) => RowShape::Flat,
            (false, true) => RowShape::Named,
            (false, false) => RowShape::Tuples,
        };
        if let Some((name, _)) = arguments.keywords.first() {
            let message =
                format!("QuerySet.values_list() got an unexpected keyword argument '{name}'");
            return Err(vm.type_error(message));
        }
        let columns = operands(vm, &arguments.positional)?;
        own.made(vm, own.queryset().values_list(columns, shape))
    });
    method(class, "dates", |vm, own, arguments| {
        let [field, kind, order] =
            arguments.bind(vm, "dates", ["field_name", "kind", "order"], 2)?;
        let field = vm.str(&field.unwrap_or(Object::None))?;
        let kind = vm.str(&kind.unwrap_or(Object::None))?;
        let order = vm.str(&order.unwrap_or(Object::from("ASC")))?;
        own.made(vm, own.queryset().dates(&field, &kind, &order))
    });
    method(class, "datetimes", |vm, own, arguments| {
        let [field, kind, order, zone] = arguments.bind(
            vm,
            "datetimes",
            ["field_name", "kind", "order", "tzinfo"],
            2,
        )?;
        let field = vm.str(&field.unwrap_or(Object::None))?;
        let kind = vm.str(&kind.unwrap_or(Object::None))?;
        let order = vm.str(&order.unwrap_or(Object::from("ASC")))?;
        let zone = match zone {
            Some(Object::TimeZone(zone)) => Some(zone.name()),
            _ => None,
        };
        own.made(vm, own.queryset().datetimes(&field, &kind, &order, zone))
    });
}
