//! Expressions: `F`, `Q`, `Value`, functions, aggregates, subqueries, windows.

use super::convert::{keywords, operands, to_operand, to_value};
use super::field::field_of;
use super::operators::{self, condition_of};
use super::queryset::queryset_of;
use crate::orm::expressions::{
    Frame, FrameExclusion, FrameUnit, OuterName, case, exists, f, outer_outer_ref, subquery,
    typed_value, value, when, window,
};
use crate::orm::functions::{self, Call};
use crate::orm::query::FilteredRelation;
use crate::orm::{Connector, Expr, FieldRef, Operand, OrmError, Prefetch, Q, QChild};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::modules::add_class;
use crate::shell::value::{Arguments, Class, Instance, Module, Object, PyResult, Raised};
use std::rc::Rc;

/// The expression behind an object.
pub(super) fn expression_of(object: &Object) -> Option<Expr> {
    object
        .as_instance()?
        .native::<Expr>()
        .map(|it| (*it).clone())
}

/// An object for an expression.
pub(super) fn object(vm: &mut Interpreter, expression: Expr) -> PyResult {
    let name = match &expression {
        Expr::Q(_) => "Q",
        Expr::F(_) => "F",
        Expr::Combined(_) => "CombinedExpression",
        Expr::OrderBy(_) => "OrderBy",
        other => other.class_name(),
    };
    let django = vm.django()?;
    let class = match django.class(name) {
        Some(class) => class,
        None => match django.class("Expression") {
            Some(base) => {
                let class = Types::class(name, "django.db.models.expressions", &[&base]);
                django
                    .classes
                    .borrow_mut()
                    .insert(name.to_owned(), class.clone());
                class
            }
            None => vm.types.object.clone(),
        },
    };
    Ok(Object::Instance(Rc::new(Instance::with_native(
        class,
        Rc::new(expression),
    ))))
}

/// Raises what the ORM refuses.
pub(super) fn made(vm: &mut Interpreter, result: Result<Expr, OrmError>) -> PyResult {
    match result {
        Ok(expression) => object(vm, expression),
        Err(error) => Err(vm.orm_error(error)),
    }
}

type Maker = fn(&mut Interpreter, Arguments) -> PyResult<Result<Expr, OrmError>>;

/// Adds the classes to `django.db.models` and `django.db.models.functions`.
pub(super) fn install(vm: &mut Interpreter, models: &Rc<Module>, all: &Rc<Module>) -> PyResult<()> {
    let module = "django.db.models.expressions";
    let base = Types::class("Expression", module, &[&vm.types.object]);
    operators::install(&base);
    register(vm, "Expression", &base)?;
    models.set("Expression", Object::Class(base.clone()));
    let makers: [(&str, Maker); 10] = [
        ("F", make_f),
        ("OuterRef", make_outer_ref),
        ("Value", make_value),
        ("Q", make_q),
        ("Case", make_case),
        ("When", make_when),
        ("ExpressionWrapper", make_wrapper),
        ("Subquery", make_subquery),
        ("Exists", make_exists),
        ("Window", make_window),
    ];
    for (name, maker) in makers {
        let class = Types::class(name, module, &[&base]);
        add_class(&class, move |vm, arguments| {
            let result = maker(vm, arguments)?;
            made(vm, result)
        });
        register(vm, name, &class)?;
        models.set(name, Object::Class(class));
    }
    let aggregates = [
        "AnyValue",
        "Avg",
        "BitAnd",
        "BitOr",
        "BitXor",
        "Count",
        "Max",
        "Min",
        "StdDev",
        "StringAgg",
        "Sum",
        "Variance",
    ];
    let names = functions::CLASSES.iter().map(|class| class.name);
    for name in names.chain(aggregates) {
        let class = Types::class(name, "django.db.models.functions", &[&base]);
        add_class(&class, move |vm, arguments| {
            let call = call(vm, name, arguments)?;
            let result = functions::call(name, call);
            made(vm, result)
        });
        register(vm, name, &class)?;
        let target = if name == "Func" || aggregates.contains(&name) {
            models
        } else {
            all
        };
        target.set(name, Object::Class(class));
    }
    others(vm, models);
    Ok(())
}

pub(super) fn register(vm: &Interpreter, name: &str, class: &Rc<Class>) -> PyResult<()> {
    let django = vm.django()?;
    django
        .classes
        .borrow_mut()
        .insert(name.to_owned(), class.clone());
    Ok(())
}

/// The arguments of a function: positional, keywords, and the two that are no operands.
fn call(vm: &mut Interpreter, name: &str, mut arguments: Arguments) -> PyResult<Call> {
    let mut call = Call {
        output_field: output_field(vm, &mut arguments)?,
        ..Call::default()
    };
    if name == "Cast" && call.output_field.is_none() && arguments.positional.len() == 2 {
        call.output_field = arguments.positional.pop().and_then(|it| field_of(&it));
    }
    match arguments.take_keyword("tzinfo").and_then(Object::some) {
        Some(Object::TimeZone(zone)) => call.timezone = Some(zone.name()),
        _ => call.timezone = super::convert::current_zone(vm).map(|zone| zone.name()),
    }
    call.args = operands(vm, &arguments.positional)?;
    call.keywords = keywords(vm, &arguments.keywords)?;
    Ok(call)
}

fn output_field(vm: &Interpreter, arguments: &mut Arguments) -> PyResult<Option<FieldRef>> {
    match arguments
        .take_keyword("output_field")
        .and_then(Object::some)
    {
        None => Ok(None),
        Some(field) => match field_of(&field) {
            Some(field) => Ok(Some(field)),
            None => Err(vm.type_error("output_field must be a field instance")),
        },
    }
}

fn make_f(vm: &mut Interpreter, arguments: Arguments) -> PyResult<Result<Expr, OrmError>> {
    let [name] = arguments.bind_method(vm, "F.__init__", ["name"], 1)?;
    let name = vm.str(&name.unwrap_or(Object::None))?;
    Ok(Ok(f(&*name)))
}

fn make_outer_ref(vm: &mut Interpreter, arguments: Arguments) -> PyResult<Result<Expr, OrmError>> {
    let [name] = arguments.bind_method(vm, "OuterRef.__init__", ["name"], 1)?;
    let name = name.unwrap_or(Object::None);
    if let Some(Expr::OuterRef(inner)) = expression_of(&name) {
        return Ok(Ok(outer_outer_ref(*inner)));
    }
    let name = vm.str(&name)?;
    Ok(Ok(Expr::OuterRef(Box::new(OuterName::Path(
        name.to_string(),
    )))))
}

fn make_value(vm: &mut Interpreter, arguments: Arguments) -> PyResult<Result<Expr, OrmError>> {
    let [given, field] =
        arguments.bind_method(vm, "Value.__init__", ["value", "output_field"], 1)?;
    let given = given.unwrap_or(Object::None);
    let Some(plain) = to_value(vm, &given)? else {
        let name = vm.type_name(&given);
        return Err(vm.type_error(format!("Value() cannot hold a '{name}' here")));
    };
    Ok(Ok(match field.as_ref().and_then(field_of) {
        Some(field) => typed_value(plain, field),
        None => value(plain),
    }))
}

/// Conditions as `filter()` takes them.
pub(super) fn condition(vm: &mut Interpreter, arguments: &Arguments) -> PyResult<Q> {
    let mut children = Vec::new();
    for value in &arguments.positional {
        children.push(match to_operand(vm, value)? {
            Operand::Expr(Expr::Q(q)) => QChild::Q(q),
            Operand::Expr(expression) => QChild::Expr(expression),
            Operand::Value(value) => QChild::Plain(value),
            Operand::List(_) | Operand::Instance(_) => match value.plain() {
                Object::Tuple(pair) => {
                    let [name, value] = &**pair else {
                        return Err(vm.value_error("too many values to unpack (expected 2)"));
                    };
                    let name = vm.str(name)?;
                    QChild::Lookup(name.to_string(), to_operand(vm, value)?)
                }
                Object::Dict(_) => {
                    let message = "Cannot parse keyword query as dict";
                    return Err(vm
                        .error("FieldError", message)
                        .hint("Write filter(**lookups)."));
                }
                _ => {
                    let name = vm.type_name(value);
                    let message = format!("cannot unpack non-iterable {name} object");
                    return Err(vm.type_error(message));
                }
            },
        });
    }
    let given = keywords(vm, &arguments.keywords)?;
    Ok(Q::of(children, given))
}

fn make_q(vm: &mut Interpreter, mut arguments: Arguments) -> PyResult<Result<Expr, OrmError>> {
    let connector = arguments.take_keyword("_connector").and_then(Object::some);
    let negated = arguments.take_keyword("_negated");
    let mut q = condition(vm, &arguments)?;
    if let Some(connector) = connector {
        q.connector = match &*vm.str(&connector)? {
            "OR" => Connector::Or,
            "XOR" => Connector::Xor,
            _ => Connector::And,
        };
    }
    if let Some(negated) = negated {
        q.negated = vm.is_true(&negated)?;
    }
    Ok(Ok(Expr::Q(q)))
}

fn make_case(vm: &mut Interpreter, mut arguments: Arguments) -> PyResult<Result<Expr, OrmError>> {
    let field = output_field(vm, &mut arguments)?;
    let default = match arguments.take_keyword("default") {
        Some(default) => Some(to_operand(vm, &default)?),
        None => None,
    };
    let cases = operands(vm, &arguments.positional)?;
    Ok(case(cases, default, field))
}

fn make_when(vm: &mut Interpreter, mut arguments: Arguments) -> PyResult<Result<Expr, OrmError>> {
    let then = match arguments.take_keyword("then") {
        Some(then) => Some(to_operand(vm, &then)?),
        None => None,
    };
    let condition = match arguments.take_keyword("condition") {
        Some(condition) => Some(condition),
        None if arguments.positional.is_empty() => None,
        None => Some(arguments.take_first()),
    };
    let condition = match condition {
        Some(condition) => Some(to_operand(vm, &condition)?),
        None => None,
    };
    let lookups = keywords(vm, &arguments.keywords)?;
    Ok(when(condition, then, lookups).map(|it| Expr::When(Box::new(it))))
}

fn make_wrapper(vm: &mut Interpreter, arguments: Arguments) -> PyResult<Result<Expr, OrmError>> {
    let [inner, field] = arguments.bind_method(
        vm,
        "ExpressionWrapper.__init__",
        ["expression", "output_field"],
        2,
    )?;
    let inner = to_operand(vm, &inner.unwrap_or(Object::None))?;
    let Some(field) = field.as_ref().and_then(field_of) else {
        return Err(vm.type_error("output_field must be a field instance"));
    };
    Ok(functions::argument(inner).map(|inner| inner.wrapped(field)))
}

fn make_subquery(
    vm: &mut Interpreter,
    mut arguments: Arguments,
) -> PyResult<Result<Expr, OrmError>> {
    let field = output_field(vm, &mut arguments)?;
    let [query] = arguments.bind_method(vm, "Subquery.__init__", ["queryset"], 1)?;
    let query = query.unwrap_or(Object::None);
    match queryset_of(vm, &query)? {
        Some(queryset) => Ok(Ok(subquery(&queryset, field))),
        None => Err(no_query(vm, &query)),
    }
}

fn make_exists(vm: &mut Interpreter, mut arguments: Arguments) -> PyResult<Result<Expr, OrmError>> {
    output_field(vm, &mut arguments)?;
    let [query] = arguments.bind_method(vm, "Exists.__init__", ["queryset"], 1)?;
    let query = query.unwrap_or(Object::None);
    match queryset_of(vm, &query)? {
        Some(queryset) => Ok(exists(&queryset)),
        None => Err(no_query(vm, &query)),
    }
}

/// What Django raises for a subquery of something else.
fn no_query(vm: &Interpreter, value: &Object) -> Box<Raised> {
    let owner = match value {
        Object::Class(class) => format!("type object '{}'", class.name),
        other => format!("'{}' object", vm.type_name(other)),
    };
    let error = vm.error(
        "AttributeError",
        &format!("{owner} has no attribute 'clone'"),
    );
    error.hint("A subquery is made of a queryset, such as `Order.objects.filter(..)`.")
}

fn make_window(vm: &mut Interpreter, mut arguments: Arguments) -> PyResult<Result<Expr, OrmError>> {
    let field = output_field(vm, &mut arguments)?;
    let [source, partition, order, frame] = arguments.bind_method(
        vm,
        "Window.__init__",
        ["expression", "partition_by", "order_by", "frame"],
        1,
    )?;
    let source = to_operand(vm, &source.unwrap_or(Object::None))?;
    let mut optional = |value: Option<Object>| match value {
        Some(value) => to_operand(vm, &value).map(Some),
        None => Ok(None),
    };
    let (partition, order) = (optional(partition)?, optional(order)?);
    let frame = frame
        .as_ref()
        .and_then(Object::as_instance)
        .and_then(|it| it.native::<Frame>())
        .map(|it| (*it).clone());
    Ok(window(source, partition, order, frame, field))
}

/// `Prefetch`, `FilteredRelation`, frames.
fn others(vm: &mut Interpreter, models: &Rc<Module>) {
    let object_class = vm.types.object.clone();
    let prefetch = Types::class("Prefetch", "django.db.models.query", &[&object_class]);
    let own = prefetch.clone();
    add_class(&prefetch, move |vm, arguments| {
        let [lookup, query, attribute] = arguments.bind_method(
            vm,
            "Prefetch.__init__",
            ["lookup", "queryset", "to_attr"],
            1,
        )?;
        let lookup = vm.str(&lookup.unwrap_or(Object::None))?;
        let query = match query.and_then(Object::some) {
            Some(query) => match queryset_of(vm, &query)? {
                Some(query) => Some(query),
                None if super::raw::is_raw(&query) => {
                    let message = "Prefetch querysets cannot use raw(), values(), and \
                                   values_list().";
                    return Err(vm.value_error(message));
                }
                None => return Err(no_query(vm, &query)),
            },
            None => None,
        };
        let attribute = match attribute.and_then(Object::some) {
            Some(attribute) => Some(vm.str(&attribute)?.to_string()),
            None => None,
        };
        let made = Prefetch::new(&lookup, query, attribute).map_err(|error| vm.orm_error(error))?;
        let named = [
            ("prefetch_through", Object::from(made.through.as_str())),
            ("prefetch_to", Object::from(made.to.as_str())),
            (
                "to_attr",
                made.to_attr.as_deref().map_or(Object::None, Object::from),
            ),
        ];
        let prefetch = Instance::with_native(own.clone(), Rc::new(made));
        for (name, value) in named {
            prefetch.set(name, value);
        }
        Ok(Object::Instance(Rc::new(prefetch)))
    });
    prefetch.method("__eq__", |vm, arguments| {
        let [left, right] = arguments.exactly(vm, "__eq__")?;
        let path = |it: &Object| Some(it.as_instance()?.native::<Prefetch>()?.to.clone());
        match (path(&left), path(&right)) {
            (Some(left), Some(right)) => Ok(Object::Bool(left == right)),
            _ => Ok(Object::NotImplemented),
        }
    });
    models.set("Prefetch", Object::Class(prefetch));
    let relation = Types::class(
        "FilteredRelation",
        "django.db.models.query_utils",
        &[&object_class],
    );
    let own = relation.clone();
    add_class(&relation, move |vm, mut arguments| {
        let condition = arguments.take_keyword("condition");
        let [name] = arguments.bind(vm, "FilteredRelation.__init__", ["relation_name"], 1)?;
        let name = vm.str(&name.unwrap_or(Object::None))?;
        let condition = match condition.as_ref().and_then(condition_of) {
            Some(condition) => condition,
            None if condition.is_none() => Q::new(),
            None => {
                return Err(vm.value_error("condition argument must be a Q() instance."));
            }
        };
        let made = FilteredRelation::new(&name, condition).map_err(|error| vm.orm_error(error))?;
        Ok(Object::Instance(Rc::new(Instance::with_native(
            own.clone(),
            Rc::new(made),
        ))))
    });
    models.set("FilteredRelation", Object::Class(relation));
    for (name, unit) in [
        ("RowRange", FrameUnit::Rows),
        ("ValueRange", FrameUnit::Range),
    ] {
        let class = Types::class(name, "django.db.models.expressions", &[&object_class]);
        let own = class.clone();
        add_class(&class, move |vm, arguments| {
            let [start, end, exclusion] =
                arguments.bind(vm, name, ["start", "end", "exclusion"], 0)?;
            let exclusion = match exclusion.and_then(Object::some) {
                None => None,
                Some(value) => {
                    let name = vm.attribute(&value, "name")?;
                    match &*vm.str(&name)? {
                        "CURRENT_ROW" => Some(FrameExclusion::CurrentRow),
                        "GROUP" => Some(FrameExclusion::Group),
                        "TIES" => Some(FrameExclusion::Ties),
                        _ => Some(FrameExclusion::NoOthers),
                    }
                }
            };
            let bound = |vm: &mut Interpreter, name: &str, value: Option<Object>| {
                let Some(value) = value.and_then(Object::some) else {
                    return Ok(None);
                };
                match value.as_i64() {
                    Some(value) => Ok(Some(value)),
                    None => {
                        let shown = vm.str(&value)?;
                        let message = format!(
                            "{name} argument must be an integer, zero, or None, but got '{shown}'."
                        );
                        Err(vm.value_error(message))
                    }
                }
            };
            let frame = Frame {
                unit,
                start: bound(vm, "start", start)?,
                end: bound(vm, "end", end)?,
                exclusion,
            };
            Ok(Object::Instance(Rc::new(Instance::with_native(
                own.clone(),
                Rc::new(frame),
            ))))
        });
        class.method("__repr__", move |vm, arguments| {
            let [own] = arguments.exactly(vm, "__repr__")?;
            let frame = own.as_instance().and_then(|it| it.native::<Frame>());
            let text = frame.map(|frame| frame.sql()).unwrap_or_default();
            Ok(Object::from(format!("<{name}: {text}>")))
        });
        models.set(name, Object::Class(class));
    }
    let exclusion = Types::class(
        "WindowFrameExclusion",
        "django.db.models.expressions",
        &[&object_class],
    );
    for (name, value) in [
        ("CURRENT_ROW", "CURRENT ROW"),
        ("GROUP", "GROUP"),
        ("TIES", "TIES"),
        ("NO_OTHERS", "NO OTHERS"),
    ] {
        let member = Instance::new(exclusion.clone());
        member.set("name", name);
        member.set("value", value);
        exclusion.set(name, Object::Instance(Rc::new(member)));
    }
    models.set("WindowFrameExclusion", Object::Class(exclusion));
}

/// The lookups of `prefetch_related()`.
pub(super) fn prefetches(vm: &mut Interpreter, values: &[Object]) -> PyResult<Vec<Prefetch>> {
    let mut found = Vec::new();
    for value in values {
        match value.as_instance().and_then(|it| it.native::<Prefetch>()) {
            Some(prefetch) => found.push((*prefetch).clone()),
            None => {
                let Some(name) = value.as_str() else {
                    let class = vm.type_name(value);
                    let message = format!("'{class}' object has no attribute 'split'");
                    return Err(vm.error("AttributeError", &message));
                };
                found.push(Prefetch::from(&**name));
            }
        }
    }
    Ok(found)
}
