//! Django's exceptions.

use super::Django;
use super::validation::{Message, Problems};
use crate::orm::{ExceptionClass, Instance as Row, OrmError};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::value::set_order::set_order;
use crate::shell::value::{Class, Instance, Object, PyResult, Raised};
use std::rc::Rc;

const DATABASE: [&str; 7] = [
    "IntegrityError",
    "ProgrammingError",
    "DataError",
    "OperationalError",
    "InternalError",
    "NotSupportedError",
    "InterfaceError",
];

/// Adds the classes.
pub(super) fn install(vm: &mut Interpreter) {
    let types = vm.types.clone();
    let core = "django.core.exceptions";
    for name in [
        "FieldError",
        "FieldDoesNotExist",
        "ValidationError",
        "ObjectDoesNotExist",
        "ObjectNotUpdated",
        "MultipleObjectsReturned",
        "ImproperlyConfigured",
        "PermissionDenied",
    ] {
        types.add_exception(name, core, &["Exception"]);
    }
    let connections = "django.utils.connection";
    types.add_exception("ConnectionDoesNotExist", connections, &["Exception"]);
    types.add_exception("FieldFetchBlocked", core, &["FieldError"]);
    types.add_exception("EmptyResultSet", core, &["Exception"]);
    let command = "django.core.management.base";
    types.add_exception("CommandError", command, &["Exception"]);
    types.add_exception("SystemCheckError", command, &["CommandError"]);
    super::validation::exception(vm);
    types.add_exception(
        "OutputFieldIsNoneError",
        "django.db.models.expressions",
        &["FieldError"],
    );
    types.add_exception("Error", "django.db.utils", &["Exception"]);
    types.add_exception("DatabaseError", "django.db.utils", &["Error"]);
    for name in DATABASE {
        types.add_exception(name, "django.db.utils", &["DatabaseError"]);
    }
    types.add_exception(
        "TransactionManagementError",
        "django.db.transaction",
        &["ProgrammingError"],
    );
    for name in ["ProtectedError", "RestrictedError"] {
        let class = types.add_exception(name, "django.db.models.deletion", &["IntegrityError"]);
        let attribute = match name {
            "ProtectedError" => "protected_objects",
            _ => "restricted_objects",
        };
        class.property(attribute, |vm, own| {
            let arguments = vm.attribute(&own, "args")?;
            let rows = match vm.collect(&arguments)?.get(1) {
                Some(set) => obstacles(vm, set)?,
                None => Vec::new(),
            };
            vm.set_of(rows)
        });
    }
}

/// The rows that stand in the way of a deletion, in the order of Python's set.
fn obstacles(vm: &mut Interpreter, set: &Object) -> PyResult<Vec<Object>> {
    let held = set.as_instance().and_then(|it| it.native::<Vec<Row>>());
    let mut rows: Vec<Row> = Vec::new();
    for row in held.iter().flat_map(|held| held.iter()) {
        if !rows.contains(row) {
            rows.push(row.clone());
        }
    }
    let mut hashes = Vec::new();
    for row in &rows {
        let key = row
            .key()
            .map_or(Object::None, |key| super::convert::to_python(&key));
        hashes.push(match key.as_i64().map(u64::try_from) {
            Some(Ok(number)) => number,
            _ => vm.hash(&key)?,
        });
    }
    let order = set_order(&hashes).into_iter();
    let rows = order.filter_map(|at| rows.get(at));
    rows.map(|row| super::model::object(vm, row)).collect()
}

/// A text that names instances: as their class prints them, once somebody reads it.
fn told(vm: &Interpreter, text: String, instances: Vec<Row>) -> Object {
    let class = Types::class("str", "builtins", &[&vm.types.object]);
    class.method("__str__", move |vm, _| {
        let mut told = text.clone();
        for instance in &instances {
            let object = super::model::object(vm, instance)?;
            told = told.replace(&instance.to_string(), &vm.str(&object)?);
        }
        Ok(Object::from(told))
    });
    class.method("__repr__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__repr__")?;
        let text = Object::Str(vm.str(&own)?);
        vm.repr(&text).map(Object::from)
    });
    Object::Instance(Rc::new(Instance::new(class)))
}

impl Interpreter {
    /// What the ORM refused, as Python's exception.
    pub(super) fn orm_error(&self, error: OrmError) -> Box<Raised> {
        let class = self.orm_error_class(&error);
        if !error.messages.is_empty() {
            let texts = error
                .messages
                .into_vec()
                .into_iter()
                .map(Message::text)
                .collect();
            return super::validation::raised(self, Problems::List(texts));
        }
        let arguments = match error.class {
            ExceptionClass::ProtectedError | ExceptionClass::RestrictedError => {
                let class = Types::class("set", "builtins", &[&self.types.object]);
                class.method("__repr__", |vm, arguments| {
                    let [own] = arguments.exactly(vm, "__repr__")?;
                    let mut shown = Vec::new();
                    for object in obstacles(vm, &own)? {
                        shown.push(vm.repr(&object)?);
                    }
                    Ok(Object::from(format!("{{{}}}", shown.join(", "))))
                });
                let set = Instance::with_native(class, Rc::new(error.objects));
                vec![Object::from(error.message), Object::Instance(Rc::new(set))]
            }
            _ if !error.objects.is_empty() => vec![told(self, error.message, error.objects)],
            _ => vec![Object::from(error.message)],
        };
        let mut raised = self.error_of(&class, arguments);
        raised.hints = error.hints.into_vec();
        raised
    }

    fn orm_error_class(&self, error: &OrmError) -> Rc<Class> {
        let own = match error.class {
            ExceptionClass::DoesNotExist
            | ExceptionClass::MultipleObjectsReturned
            | ExceptionClass::NotUpdated => {
                let model = error.model.as_deref().unwrap_or_default();
                let model = model.rsplit('.').next().unwrap_or(model);
                let class = self.django().ok().and_then(|it| it.model_class(model));
                class.and_then(|class| match class.lookup(error.class.name()) {
                    Some(Object::Class(class)) => Some(class),
                    _ => None,
                })
            }
            ExceptionClass::RelatedObjectDoesNotExist => {
                let base = self.types.exception("ObjectDoesNotExist");
                let other = self.types.exception("AttributeError");
                Some(Types::class(
                    "RelatedObjectDoesNotExist",
                    error.model.as_deref().unwrap_or(""),
                    &[&base, &other],
                ))
            }
            _ => None,
        };
        own.unwrap_or_else(|| self.types.exception(error.class.name()))
    }
}

impl Django {
    /// `DoesNotExist` and `MultipleObjectsReturned` of a model.
    pub(super) fn model_exceptions(vm: &Interpreter, model: &Rc<Class>) {
        for (name, bases) in [
            ("DoesNotExist", &["ObjectDoesNotExist"][..]),
            ("MultipleObjectsReturned", &["MultipleObjectsReturned"]),
            ("NotUpdated", &["ObjectNotUpdated", "DatabaseError"]),
        ] {
            let bases: Vec<Rc<Class>> = bases.iter().map(|it| vm.types.exception(it)).collect();
            let bases: Vec<&Rc<Class>> = bases.iter().collect();
            let plain = Types::class(name, &model.module, &bases);
            let class = Class {
                name: plain.name.clone(),
                qualified: format!("{}.{name}", model.qualified).into(),
                module: plain.module.clone(),
                bases: plain.bases.clone(),
                ancestors: plain.ancestors.clone(),
                attributes: Default::default(),
                meta: None,
            };
            model.set(name, Object::Class(Rc::new(class)));
        }
    }
}
