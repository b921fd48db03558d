//! Field classes: as output types of expressions, and in the classes of models.

use crate::market::catalogue::{Field, FieldKind};
use crate::orm::FieldRef;
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::modules::add_class;
use crate::shell::value::{Instance, Module, Object};
use std::rc::Rc;

/// A field as it was written in a class.
pub(super) struct Written {
    /// As an output type.
    pub field: FieldRef,
    /// Its class.
    pub class: &'static str,
}

/// The field behind an object.
pub(super) fn field_of(object: &Object) -> Option<FieldRef> {
    Some(object.as_instance()?.native::<Written>()?.field.clone())
}

const CLASSES: [&str; 26] = [
    "Field",
    "AutoField",
    "BigAutoField",
    "SmallAutoField",
    "BooleanField",
    "CharField",
    "EmailField",
    "SlugField",
    "URLField",
    "TextField",
    "SmallIntegerField",
    "IntegerField",
    "BigIntegerField",
    "PositiveSmallIntegerField",
    "PositiveIntegerField",
    "PositiveBigIntegerField",
    "DecimalField",
    "FloatField",
    "DateField",
    "DateTimeField",
    "TimeField",
    "DurationField",
    "UUIDField",
    "JSONField",
    "ForeignKey",
    "OneToOneField",
];

/// Adds the classes.
pub(super) fn install(vm: &mut Interpreter, models: &Rc<Module>) {
    let base = Types::class("Field", "django.db.models.fields", &[&vm.types.object]);
    for name in CLASSES {
        let class = match name {
            "Field" => base.clone(),
            _ => Types::class(name, "django.db.models.fields", &[&base]),
        };
        let own = class.clone();
        add_class(&class, move |_, arguments| {
            let number = |name: &str| {
                let found = arguments.keywords.iter().find(|(key, _)| &**key == name)?;
                found.1.as_i64()
            };
            let length = number("max_length").and_then(|it| u32::try_from(it).ok());
            let digits = number("max_digits")
                .zip(number("decimal_places"))
                .and_then(|(a, b)| Some((u16::try_from(a).ok()?, u16::try_from(b).ok()?)));
            let kind = match name {
                "AutoField" => FieldKind::Auto,
                "BigAutoField" => FieldKind::BigAuto,
                "SmallAutoField" => FieldKind::SmallAuto,
                "BooleanField" => FieldKind::Boolean,
                "CharField" => FieldKind::Char(length),
                "EmailField" => FieldKind::Email(length.unwrap_or(254)),
                "SlugField" => FieldKind::Slug(length.unwrap_or(50)),
                "URLField" => FieldKind::Url(length.unwrap_or(200)),
                "TextField" => FieldKind::Text,
                "SmallIntegerField" => FieldKind::SmallInteger,
                "IntegerField" => FieldKind::Integer,
                "BigIntegerField" => FieldKind::BigInteger,
                "PositiveSmallIntegerField" => FieldKind::PositiveSmallInteger,
                "PositiveIntegerField" => FieldKind::PositiveInteger,
                "PositiveBigIntegerField" => FieldKind::PositiveBigInteger,
                "DecimalField" => FieldKind::Decimal(digits),
                "FloatField" => FieldKind::Float,
                "DateField" => FieldKind::Date,
                "DateTimeField" => FieldKind::DateTime,
                "TimeField" => FieldKind::Time,
                "DurationField" => FieldKind::Duration,
                "UUIDField" => FieldKind::Uuid,
                "JSONField" => FieldKind::Json,
                "ForeignKey" => FieldKind::ForeignKey,
                "OneToOneField" => FieldKind::OneToOne,
                _ => FieldKind::Untyped,
            };
            let written = Written {
                field: Field::output(kind),
                class: name,
            };
            Ok(Object::Instance(Rc::new(Instance::with_native(
                own.clone(),
                Rc::new(written),
            ))))
        });
        models.set(name, Object::Class(class));
    }
    for name in [
        "CASCADE",
        "PROTECT",
        "SET_NULL",
        "SET_DEFAULT",
        "RESTRICT",
        "DO_NOTHING",
    ] {
        models.set(name, name);
    }
    let base = vm.types.object.clone();
    for name in ["CheckConstraint", "UniqueConstraint", "Index"] {
        let class = Types::class(name, "django.db.models", &[&base]);
        let own = class.clone();
        add_class(&class, move |_, arguments| {
            let made = Instance::new(own.clone());
            for (name, value) in arguments.keywords {
                made.set(&name, value);
            }
            Ok(Object::Instance(Rc::new(made)))
        });
        models.set(name, Object::Class(class));
    }
}
