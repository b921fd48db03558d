//! Django's exceptions.

use super::Django;
use crate::orm::{ExceptionClass, OrmError};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::value::{Class, Object, Raised};
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
    types.add_exception("FieldFetchBlocked", core, &["FieldError"]);
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
        types.add_exception(name, "django.db.models.deletion", &["IntegrityError"]);
    }
}

impl Interpreter {
    /// What the ORM refused, as Python's exception.
    pub(super) fn orm_error(&self, error: OrmError) -> Box<Raised> {
        let class = self.orm_error_class(&error);
        let mut raised = self.error_of(&class, vec![Object::from(error.message)]);
        raised.hints = error.hints;
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
