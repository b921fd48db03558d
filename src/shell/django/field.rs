//! Field classes: as output types of expressions, and in the classes of models.

use super::convert::to_value;
use super::many::{self, WrittenMany};
use crate::base::Value;
use crate::market::catalogue::{
    AutoNow, Field, FieldDefault, FieldKind, OnDelete, Relation, Validator,
};
use crate::orm::FieldRef;
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::modules::add_class;
use crate::shell::value::class::native;
use crate::shell::value::{Arguments, Class, Instance, Module, Object, PyResult};
use std::rc::Rc;

/// A field as it was written in a class.
pub(super) struct Written {
    /// All that is known before it stands in a class: not its name, nor its model.
    pub field: FieldRef,
    /// Its class.
    pub class: &'static str,
    /// Where a relation points.
    pub target: Option<Target>,
    /// A default that is called for each new instance.
    pub default: Option<Object>,
    /// Validators that are functions.
    pub validators: Vec<Object>,
    /// `db_column`
    pub column: Option<String>,
    /// Whether `verbose_name` was given.
    pub titled: bool,
    /// What makes it a many-to-many relation.
    pub many: Option<WrittenMany>,
}

/// The model at the other end of a relation, as it was written.
pub(super) enum Target {
    /// A class.
    Class(Rc<Class>),
    /// A name, or `self`.
    Name(String),
}

/// The field behind an object.
pub(super) fn field_of(object: &Object) -> Option<FieldRef> {
    Some(written(object)?.field.clone())
}

/// The field that an object is, as it was written.
pub(super) fn written(object: &Object) -> Option<Rc<Written>> {
    object.as_instance()?.native::<Written>()
}

/// The classes.
pub(in crate::shell) const CLASSES: [&str; 27] = [
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
    "ManyToManyField",
];

/// Django's fields that are not here, each with what to do instead.
pub(in crate::shell) const ABSENT: [(&str, &str); 7] = [
    ("BinaryField", "there are no files here"),
    ("FileField", "there are no files here"),
    ("FilePathField", "there are no files here"),
    ("ImageField", "there are no files here"),
    ("GeneratedField", "annotate() computes a value from columns"),
    ("GenericIPAddressField", "a CharField holds an address"),
    (
        "CompositePrimaryKey",
        "a UniqueConstraint holds fields together",
    ),
];

/// Arguments that Django knows and this shell does not.
const UNSUPPORTED: [&str; 16] = [
    "auto_created",
    "db_collation",
    "db_comment",
    "db_constraint",
    "db_default",
    "db_tablespace",
    "encoder",
    "decoder",
    "error_messages",
    "limit_choices_to",
    "parent_link",
    "rel",
    "swappable",
    "unique_for_date",
    "unique_for_month",
    "unique_for_year",
];

/// The rules of `on_delete`, by name.
const RULES: [(&str, OnDelete); 6] = [
    ("CASCADE", OnDelete::Cascade),
    ("PROTECT", OnDelete::Protect),
    ("RESTRICT", OnDelete::Restrict),
    ("SET_NULL", OnDelete::SetNull),
    ("SET_DEFAULT", OnDelete::SetDefault),
    ("DO_NOTHING", OnDelete::DoNothing),
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
        add_class(&class, move |vm, arguments| {
            let written = write(vm, name, arguments)?;
            Ok(Object::Instance(Rc::new(Instance::with_native(
                own.clone(),
                Rc::new(written),
            ))))
        });
        models.set(name, Object::Class(class));
    }
    for (name, instead) in ABSENT {
        models.function(name, move |vm, _| {
            let message = format!("not supported here: {name}; {instead}");
            Err(vm.error("NotImplementedError", &message))
        });
    }
    for (name, _) in RULES {
        models.set(
            name,
            native(name, move |vm, _| {
                Err(vm.type_error(format!("{name} is a rule for on_delete")))
            }),
        );
    }
    let base = vm.types.object.clone();
    for name in ["CheckConstraint", "UniqueConstraint", "Index"] {
        let class = Types::class(name, "django.db.models", &[&base]);
        let own = class.clone();
        add_class(&class, move |vm, arguments| {
            if !arguments.positional.is_empty() {
                let message = format!("not supported here: expressions in {name}; name fields");
                return Err(vm.error("NotImplementedError", &message));
            }
            let made = Instance::new(own.clone());
            for (name, value) in arguments.keywords {
                made.set(&name, value);
            }
            Ok(Object::Instance(Rc::new(made)))
        });
        models.set(name, Object::Class(class));
    }
}

/// A field of a class with its arguments.
fn write(vm: &mut Interpreter, class: &'static str, mut arguments: Arguments) -> PyResult<Written> {
    let relation = match class {
        "ForeignKey" | "OneToOneField" => Some(relation(vm, class, &mut arguments)?),
        _ => None,
    };
    let many = match class {
        "ManyToManyField" => Some(many::arguments(vm, &mut arguments)?),
        _ => None,
    };
    let number = |vm: &Interpreter, arguments: &mut Arguments, name: &str| {
        let given = arguments.take_keyword(name).and_then(Object::some);
        match given.map(|it| it.as_i64().and_then(|it| u32::try_from(it).ok())) {
            None => Ok(None),
            Some(Some(number)) => Ok(Some(number)),
            Some(None) => Err(vm.type_error(format!("{name} must be a positive integer"))),
        }
    };
    let length = number(vm, &mut arguments, "max_length")?;
    let digits = number(vm, &mut arguments, "max_digits")?
        .zip(number(vm, &mut arguments, "decimal_places")?)
        .and_then(|(a, b)| Some((u16::try_from(a).ok()?, u16::try_from(b).ok()?)));
    let mut field = Field::new("", kind(class, length, digits));
    let truth = |vm: &mut Interpreter, arguments: &mut Arguments, name: &str| match arguments
        .take_keyword(name)
    {
        Some(value) => vm.is_true(&value).map(Some),
        None => Ok(None),
    };
    for (name, slot) in [
        ("null", &mut field.null),
        ("blank", &mut field.blank),
        ("unique", &mut field.unique),
        ("primary_key", &mut field.primary_key),
    ] {
        *slot = truth(vm, &mut arguments, name)?.unwrap_or(false);
    }
    let indexed = truth(vm, &mut arguments, "db_index")?;
    let every = truth(vm, &mut arguments, "auto_now")?.unwrap_or(false);
    let first = truth(vm, &mut arguments, "auto_now_add")?.unwrap_or(false);
    let dated = matches!(class, "DateField" | "DateTimeField" | "TimeField");
    if dated && (every || first) {
        field.auto_now = Some(if every {
            AutoNow::Save
        } else {
            AutoNow::Creation
        });
        field.blank = true;
    }
    field.db_index = indexed.unwrap_or(class == "ForeignKey" || class == "SlugField");
    if field.primary_key || class == "OneToOneField" {
        field.unique = true;
    }
    if field.kind.is_auto() {
        field.blank = true;
    }
    let mut out = Written {
        field: Field::output(field.kind.clone()),
        class,
        target: None,
        default: None,
        validators: Vec::new(),
        column: None,
        titled: false,
        many: None,
    };
    if let Some((target, many)) = many {
        out.target = Some(target);
        out.many = Some(many);
    }
    if let Some((target, to)) = relation {
        out.target = Some(target);
        field.relation = Some(to);
    } else {
        // verbose_name, name
        let mut leading = std::mem::take(&mut arguments.positional).into_iter();
        let title = leading
            .next()
            .or_else(|| arguments.take_keyword("verbose_name"));
        if leading.next().is_some() {
            let message = "not supported here: a field's name as an argument; the attribute is it";
            return Err(vm.error("NotImplementedError", message));
        }
        title_of(vm, title, &mut field, &mut out)?;
    }
    let title = arguments.take_keyword("verbose_name");
    title_of(vm, title, &mut field, &mut out)?;
    if let Some(text) = arguments.take_keyword("help_text").and_then(Object::some) {
        field.help_text = vm.str(&text)?.to_string();
    }
    if let Some(column) = arguments.take_keyword("db_column").and_then(Object::some) {
        out.column = Some(vm.str(&column)?.to_string());
    }
    if let Some(given) = arguments.take_keyword("choices").and_then(Object::some) {
        field.choices = choices(vm, &given)?;
    }
    if let Some(given) = arguments.take_keyword("default") {
        default(vm, given, &mut field, &mut out)?;
    }
    if class == "EmailField" {
        field.validators.push(Validator::Email);
    }
    if let Some(given) = arguments.take_keyword("validators").and_then(Object::some) {
        for validator in vm.collect(&given)? {
            match known_validator(vm, &validator)? {
                Some(known) => field.validators.push(known),
                None => out.validators.push(validator),
            }
        }
    }
    arguments.take_keyword("editable");
    arguments.take_keyword("serialize");
    if let Some((name, _)) = arguments.keywords.first() {
        if UNSUPPORTED.contains(&&**name) {
            let message = format!("not supported here: {class}({name}=..)");
            return Err(vm.error("NotImplementedError", &message));
        }
        let message = format!("Field.__init__() got an unexpected keyword argument '{name}'");
        return Err(vm.type_error(message));
    }
    out.field = FieldRef::new(field);
    Ok(out)
}

fn title_of(
    vm: &mut Interpreter,
    title: Option<Object>,
    field: &mut Field,
    out: &mut Written,
) -> PyResult<()> {
    if let Some(title) = title.and_then(Object::some) {
        field.verbose_name = vm.str(&title)?.to_string();
        out.titled = true;
    }
    Ok(())
}

/// `ForeignKey(to, on_delete, related_name=, related_query_name=, to_field=)`
fn relation(
    vm: &mut Interpreter,
    class: &str,
    arguments: &mut Arguments,
) -> PyResult<(Target, Relation)> {
    let mut leading = std::mem::take(&mut arguments.positional).into_iter();
    let to = leading.next().or_else(|| arguments.take_keyword("to"));
    let rule = leading
        .next()
        .or_else(|| arguments.take_keyword("on_delete"));
    if leading.next().is_some() {
        let message = format!("not supported here: {class} with a third argument by position");
        return Err(vm.error("NotImplementedError", &message));
    }
    let missing = match (&to, &rule) {
        (None, None) => Some("2 required positional arguments: 'to' and 'on_delete'"),
        (None, Some(_)) => Some("1 required positional argument: 'to'"),
        (Some(_), None) => Some("1 required positional argument: 'on_delete'"),
        (Some(_), Some(_)) => None,
    };
    if let Some(missing) = missing {
        return Err(vm.type_error(format!("{class}.__init__() missing {missing}")));
    }
    let (to, rule) = (to.unwrap_or(Object::None), rule.unwrap_or(Object::None));
    let on_delete = match &rule {
        Object::Native(function) => RULES.iter().find(|(name, _)| *name == &*function.name),
        _ => None,
    };
    let Some((_, on_delete)) = on_delete else {
        return Err(vm.type_error("on_delete must be callable."));
    };
    let target = match to.plain() {
        Object::Class(class) => Target::Class(class.clone()),
        Object::Str(name) => Target::Name(name.to_string()),
        other => {
            let shown = vm.repr(other)?;
            return Err(not_a_model(vm, class, &shown));
        }
    };
    let mut text = |vm: &mut Interpreter, name: &str| match arguments
        .take_keyword(name)
        .and_then(Object::some)
    {
        Some(value) => vm.str(&value).map(|it| Some(it.to_string())),
        None => Ok(None),
    };
    let relation = Relation {
        // Known once the field stands in a class.
        to: String::new(),
        to_field: text(vm, "to_field")?,
        on_delete: *on_delete,
        related_name: text(vm, "related_name")?,
        related_query_name: text(vm, "related_query_name")?,
    };
    Ok((target, relation))
}

/// What Django says of a relation to something that is no model.
pub(super) fn not_a_model(
    vm: &Interpreter,
    class: &str,
    shown: &str,
) -> Box<crate::shell::value::Raised> {
    vm.type_error(format!(
        "{class}({shown}) is invalid. First parameter to {class} must be either a model, a model \
         name, or the string 'self'"
    ))
}

fn kind(class: &str, length: Option<u32>, digits: Option<(u16, u16)>) -> FieldKind {
    match class {
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
    }
}

/// Pairs of a value and its text: as a list, a dict, or a class of choices; groups are opened.
fn choices(vm: &mut Interpreter, given: &Object) -> PyResult<Vec<(Value, String)>> {
    let pairs = match given {
        Object::Class(class) => match class.lookup("choices") {
            Some(pairs) => pairs,
            None => given.clone(),
        },
        other => other.clone(),
    };
    let items = match pairs.plain() {
        Object::Dict(dict) => {
            let items = dict.borrow().items();
            items
                .into_iter()
                .map(|(key, value)| Object::tuple([key, value]))
                .collect()
        }
        other => vm.collect(other)?,
    };
    let mut found = Vec::new();
    for item in items {
        let pair = vm.collect(&item)?;
        let [value, label] = pair.as_slice() else {
            let message = "'choices' must be a mapping of actual values to human readable names \
                           or an iterable containing (actual value, human readable name) tuples.";
            return Err(vm.value_error(message));
        };
        if matches!(
            label.plain(),
            Object::List(_) | Object::Tuple(_) | Object::Dict(_)
        ) {
            found.extend(choices(vm, label)?);
            continue;
        }
        let label = vm.str(label)?.to_string();
        match to_value(vm, value)? {
            Some(value) => found.push((value, label)),
            None => return Err(vm.type_error("a choice must be a plain value")),
        }
    }
    Ok(found)
}

/// `default=`: a value, `timezone.now`, or another callable.
fn default(
    vm: &mut Interpreter,
    given: Object,
    field: &mut Field,
    out: &mut Written,
) -> PyResult<()> {
    let now = vm.module("django.utils.timezone")?;
    let now = now.names.borrow().get("now").cloned();
    if now.is_some_and(|now| now.is(&given)) {
        field.default = Some(FieldDefault::Now);
        return Ok(());
    }
    let name = match &given {
        Object::Function(function) => Some(function.name.to_string()),
        Object::Native(function) => Some(function.name.to_string()),
        Object::Class(class) => Some(class.name.to_string()),
        Object::Method(_) => Some("method".to_owned()),
        _ => None,
    };
    if let Some(name) = name {
        field.default = Some(FieldDefault::Callable(name));
        out.default = Some(given);
        return Ok(());
    }
    match to_value(vm, &given)? {
        Some(value) => field.default = Some(FieldDefault::Value(value)),
        None => {
            let name = vm.type_name(&given);
            return Err(vm.type_error(format!("a default cannot be a '{name}' here")));
        }
    }
    Ok(())
}

/// One of Django's own validators; `None` for a function.
fn known_validator(vm: &mut Interpreter, validator: &Object) -> PyResult<Option<Validator>> {
    let Some(instance) = validator.as_instance() else {
        return Ok(None);
    };
    let limit = instance.get("limit_value").unwrap_or(Object::None);
    if instance.get("message").is_some_and(|it| !it.is_none()) {
        let message = "not supported here: a validator's own message; write a function instead";
        return Err(vm.error("NotImplementedError", message));
    }
    let length = || limit.as_i64().and_then(|it| u32::try_from(it).ok());
    let value = to_value(vm, &limit)?;
    Ok(match (&*instance.class.name, value, length()) {
        ("MinValueValidator", Some(value), _) => Some(Validator::MinValue(value)),
        ("MaxValueValidator", Some(value), _) => Some(Validator::MaxValue(value)),
        ("MinLengthValidator", _, Some(length)) => Some(Validator::MinLength(length)),
        ("MaxLengthValidator", _, Some(length)) => Some(Validator::MaxLength(length)),
        ("EmailValidator", _, _) => Some(Validator::Email),
        _ => None,
    })
}
