//! Fields: the columns of models.

use super::{OnDelete, Relation};
use crate::base::Value;
use std::sync::Arc;

/// A column, or the output type of an expression (then it has neither model nor name).
#[derive(Clone, Debug)]
pub struct Field {
    /// The class name of the model it belongs to; empty for an output type.
    pub model: Arc<str>,
    /// The application of that model.
    pub app_label: Arc<str>,
    /// The attribute, `customer`.
    pub name: String,
    /// The attribute of the stored value: `customer_id` for a foreign key, else the name.
    pub attname: String,
    /// The column, `customer_id`.
    pub column: String,
    /// The class and its arguments.
    pub kind: FieldKind,
    /// Whether NULL may be stored.
    pub null: bool,
    /// Whether forms and `full_clean` allow it to be empty.
    pub blank: bool,
    /// Whether no two rows may share a value.
    pub unique: bool,
    /// Whether it is the key.
    pub primary_key: bool,
    /// Whether it has an index of its own.
    pub db_index: bool,
    /// The value a new instance starts with.
    pub default: Option<FieldDefault>,
    /// Whether saving writes the moment into it.
    pub auto_now: Option<AutoNow>,
    /// The values that may be chosen, each with the text that people read.
    pub choices: Vec<(Value, String)>,
    /// What `full_clean` checks.
    pub validators: Vec<Validator>,
    /// Where a foreign key points.
    pub relation: Option<Relation>,
    /// The name that people read.
    pub verbose_name: String,
    /// A sentence of help.
    pub help_text: String,
}

/// Two fields are one when they are the same column of the same model, or the same output type.
impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.model == other.model
            && self.name == other.name
            && self.kind == other.kind
            && self.primary_key == other.primary_key
    }
}

impl Field {
    /// A field with Django's defaults.
    pub fn new(name: &str, kind: FieldKind) -> Self {
        Self {
            model: "".into(),
            app_label: "".into(),
            name: name.to_owned(),
            attname: name.to_owned(),
            column: name.to_owned(),
            kind,
            null: false,
            blank: false,
            unique: false,
            primary_key: false,
            db_index: false,
            default: None,
            auto_now: None,
            choices: Vec::new(),
            validators: Vec::new(),
            relation: None,
            verbose_name: name.replace('_', " "),
            help_text: String::new(),
        }
    }

    /// An output type, `IntegerField()`.
    pub fn output(kind: FieldKind) -> Arc<Self> {
        Arc::new(Self::new("", kind))
    }

    /// The key that Django adds: `id BigAutoField`.
    pub fn auto_key() -> Self {
        Self {
            primary_key: true,
            unique: true,
            blank: true,
            verbose_name: "ID".to_owned(),
            ..Self::new("id", FieldKind::BigAuto)
        }
    }

    /// A foreign key. Its column ends in `_id`.
    pub fn foreign_key(name: &str, to: &str, on_delete: OnDelete, related_name: &str) -> Self {
        Self {
            attname: format!("{name}_id"),
            column: format!("{name}_id"),
            db_index: true,
            relation: Some(Relation {
                to: to.to_owned(),
                to_field: None,
                on_delete,
                related_name: Some(related_name.to_owned()).filter(|name| !name.is_empty()),
                related_query_name: None,
            }),
            ..Self::new(name, FieldKind::ForeignKey)
        }
    }

    /// The attribute that holds the stored value: `customer_id` for a foreign key, else the name.
    pub fn attname(&self) -> &str {
        &self.attname
    }

    /// Whether it points at another model.
    pub fn is_relation(&self) -> bool {
        self.relation.is_some()
    }

    /// `marketplace.Order.status`, the name Django prints.
    pub fn label(&self) -> String {
        format!("{}.{}.{}", self.app_label, self.model, self.name)
    }

    /// Allows NULL.
    #[must_use]
    pub fn null(mut self) -> Self {
        self.null = true;
        self
    }

    /// Allows emptiness.
    #[must_use]
    pub fn blank(mut self) -> Self {
        self.blank = true;
        self
    }

    /// Allows a value only once.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Adds an index.
    #[must_use]
    pub fn indexed(mut self) -> Self {
        self.db_index = true;
        self
    }

    /// Sets the default.
    #[must_use]
    pub fn default(mut self, default: FieldDefault) -> Self {
        self.default = Some(default);
        self
    }
}

/// The class of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// `AutoField`
    Auto,
    /// `BigAutoField`
    BigAuto,
    /// `SmallAutoField`
    SmallAuto,
    /// `BooleanField`
    Boolean,
    /// `CharField(max_length)`
    Char(Option<u32>),
    /// `EmailField(max_length)`
    Email(u32),
    /// `SlugField(max_length)`
    Slug(u32),
    /// `URLField(max_length)`
    Url(u32),
    /// `TextField`
    Text,
    /// `SmallIntegerField`
    SmallInteger,
    /// `IntegerField`
    Integer,
    /// `BigIntegerField`
    BigInteger,
    /// `PositiveSmallIntegerField`
    PositiveSmallInteger,
    /// `PositiveIntegerField`
    PositiveInteger,
    /// `PositiveBigIntegerField`
    PositiveBigInteger,
    /// `DecimalField(max_digits, decimal_places)`
    Decimal(Option<(u16, u16)>),
    /// `FloatField`
    Float,
    /// `DateField`
    Date,
    /// `DateTimeField`
    DateTime,
    /// `TimeField`
    Time,
    /// `DurationField`
    Duration,
    /// `UUIDField`
    Uuid,
    /// `JSONField`
    Json,
    /// `ForeignKey`
    ForeignKey,
    /// `OneToOneField`
    OneToOne,
    /// `Field` itself, whose type nobody said.
    Untyped,
}

impl FieldKind {
    /// The class name in Django.
    pub fn class_name(&self) -> &'static str {
        match self {
            Self::Auto => "AutoField",
            Self::BigAuto => "BigAutoField",
            Self::SmallAuto => "SmallAutoField",
            Self::Boolean => "BooleanField",
            Self::Char(_) => "CharField",
            Self::Email(_) => "EmailField",
            Self::Slug(_) => "SlugField",
            Self::Url(_) => "URLField",
            Self::Text => "TextField",
            Self::SmallInteger => "SmallIntegerField",
            Self::Integer => "IntegerField",
            Self::BigInteger => "BigIntegerField",
            Self::PositiveSmallInteger => "PositiveSmallIntegerField",
            Self::PositiveInteger => "PositiveIntegerField",
            Self::PositiveBigInteger => "PositiveBigIntegerField",
            Self::Decimal(_) => "DecimalField",
            Self::Float => "FloatField",
            Self::Date => "DateField",
            Self::DateTime => "DateTimeField",
            Self::Time => "TimeField",
            Self::Duration => "DurationField",
            Self::Uuid => "UUIDField",
            Self::Json => "JSONField",
            Self::ForeignKey => "ForeignKey",
            Self::OneToOne => "OneToOneField",
            Self::Untyped => "Field",
        }
    }

    /// Whether Django counts it among the subclasses of `IntegerField`.
    pub fn is_integer(&self) -> bool {
        matches!(
            self,
            Self::Auto
                | Self::BigAuto
                | Self::SmallAuto
                | Self::SmallInteger
                | Self::Integer
                | Self::BigInteger
                | Self::PositiveSmallInteger
                | Self::PositiveInteger
                | Self::PositiveBigInteger
        )
    }

    /// Whether Django counts it among the subclasses of `CharField`.
    pub fn is_char(&self) -> bool {
        matches!(
            self,
            Self::Char(_) | Self::Email(_) | Self::Slug(_) | Self::Url(_)
        )
    }

    /// Whether the database counts rows with it.
    pub fn is_auto(&self) -> bool {
        matches!(self, Self::Auto | Self::BigAuto | Self::SmallAuto)
    }
}

/// What a new instance starts with.
#[derive(Clone, Debug)]
pub enum FieldDefault {
    /// A constant.
    Value(Value),
    /// `timezone.now`
    Now,
    /// Another callable of the learner's, by its name in the shell.
    Callable(String),
}

/// When saving writes the moment into a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoNow {
    /// Each time (`auto_now`).
    Save,
    /// When the row is made (`auto_now_add`).
    Creation,
}

/// What `full_clean` checks of a value.
#[derive(Clone, Debug)]
pub enum Validator {
    /// `MinValueValidator`
    MinValue(Value),
    /// `MaxValueValidator`
    MaxValue(Value),
    /// `MinLengthValidator`
    MinLength(u32),
    /// `MaxLengthValidator`
    MaxLength(u32),
    /// `EmailValidator`
    Email,
}
