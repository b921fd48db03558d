//! Django's exceptions: class, message, and the classes they inherit from.

use super::excerpt::{excerpt, place};
use super::instance::Instance;
use crate::base::{Diagnostic, Span};
use std::fmt;

/// The result of building or running a queryset.
pub type Result<T> = std::result::Result<T, OrmError>;

/// An exception as Django raises it.
#[derive(Clone, Debug)]
pub struct OrmError {
    /// Its class.
    pub class: ExceptionClass,
    /// Its text, as `str(exception)` gives it.
    pub message: String,
    /// For `DoesNotExist` and `MultipleObjectsReturned`, the model that it belongs to
    /// (`marketplace.models.Customer`).
    pub model: Option<Box<str>>,
    /// For `ProtectedError` and `RestrictedError`, the rows that stand in the way; for others the
    /// instances that the text names.
    pub objects: Vec<Instance>,
    /// What the engine said, for an error of the database.
    pub cause: Option<Box<Diagnostic>>,
    /// Ways to mend it.
    pub hints: Box<[String]>,
    /// For `ValidationError`, the bare messages of one value.
    pub messages: Box<[String]>,
}

impl OrmError {
    /// An exception of a class with a text.
    pub fn new(class: ExceptionClass, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            model: None,
            objects: Vec::new(),
            cause: None,
            hints: Box::default(),
            messages: Box::default(),
        }
    }

    /// `FieldError`
    pub fn field(message: impl Into<String>) -> Self {
        Self::new(ExceptionClass::FieldError, message)
    }

    /// `ValueError`
    pub fn value(message: impl Into<String>) -> Self {
        Self::new(ExceptionClass::ValueError, message)
    }

    /// `TypeError`
    pub fn kind(message: impl Into<String>) -> Self {
        Self::new(ExceptionClass::TypeError, message)
    }

    /// `NotSupportedError`
    pub fn not_supported(message: impl Into<String>) -> Self {
        Self::new(ExceptionClass::NotSupportedError, message)
    }

    /// `NotImplementedError`
    pub fn not_implemented(message: impl Into<String>) -> Self {
        Self::new(ExceptionClass::NotImplementedError, message)
    }

    /// `ValidationError` with one message; its text is the list that Python prints.
    pub fn validation(message: impl AsRef<str>) -> Self {
        Self {
            messages: Box::new([message.as_ref().to_owned()]),
            ..Self::new(
                ExceptionClass::ValidationError,
                format!("['{}']", message.as_ref()),
            )
        }
    }

    /// A fault of ours, never of the person who wrote the code.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ExceptionClass::InternalError, message)
    }

    /// Says which instance the text names.
    #[must_use]
    pub fn naming(mut self, instance: &Instance) -> Self {
        self.objects.push(instance.clone());
        self
    }

    /// Adds a way to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let mut hints = std::mem::take(&mut self.hints).into_vec();
        hints.push(hint.into());
        self.hints = hints.into();
        self
    }

    /// What a failed statement raises: the class by its SQLSTATE and the text with its place and
    /// details, as psycopg and Django have them.
    pub fn from_database(diagnostic: Box<Diagnostic>, sql: &str) -> Self {
        let code = diagnostic.code.as_str();
        let class = match code.get(..2) {
            Some("22") => ExceptionClass::DataError,
            Some("23") => ExceptionClass::IntegrityError,
            Some("0A") => ExceptionClass::NotSupportedError,
            Some("42" | "3D" | "3F" | "2B") => ExceptionClass::ProgrammingError,
            Some("21") => ExceptionClass::ProgrammingError,
            Some("25" | "XX") => ExceptionClass::InternalError,
            Some("40" | "53" | "54" | "55" | "57" | "58" | "08") => {
                ExceptionClass::OperationalError
            }
            _ => ExceptionClass::DatabaseError,
        };
        let mut message = diagnostic.message.clone();
        let mut hints = diagnostic.hints.clone();
        // A value is refused where the rows are, not in the text; but for literals of a wrong form.
        let literal = |span: Span| {
            let from = sql.get(span.start as usize..).unwrap_or_default();
            from.starts_with(['\'', 'E', '%', '$'])
        };
        let in_text = !code.starts_with("22")
            || (matches!(code, "22P02" | "22007") && diagnostic.span.is_some_and(literal));
        if let Some(span) = diagnostic.span.filter(|_| in_text) {
            let at = place(sql, span.start as usize, &diagnostic.message);
            message += &format!("\n{}", excerpt(sql, at));
        }
        // What the engine says of a broken constraint is PostgreSQL's detail.
        let detailed = code.starts_with("23") || message == "numeric field overflow";
        if detailed && !hints.is_empty() {
            message += &format!("\nDETAIL:  {}", hints.remove(0));
        }
        if code == "42883" {
            let what = match diagnostic.message.starts_with("operator") {
                true => "operator",
                false => "function",
            };
            message += &format!(
                "\nHINT:  No {what} matches the given name and argument types. You might need to \
                 add explicit type casts."
            );
        }
        Self {
            message,
            hints: hints.into(),
            cause: Some(diagnostic),
            ..Self::new(class, "")
        }
    }

    /// `type(exception).__name__`
    pub fn class_name(&self) -> &'static str {
        self.class.name()
    }

    /// Module and qualified name, `marketplace.models.Customer.DoesNotExist`.
    pub fn qualified_name(&self) -> String {
        match &self.model {
            Some(model) => format!("{model}.{}", self.class.name()),
            None => format!("{}.{}", self.class.module(), self.class.name()),
        }
    }

    /// The names of the classes it inherits from, nearest first.
    pub fn mro(&self) -> &'static [&'static str] {
        self.class.mro()
    }
}

impl fmt::Display for OrmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class.name(), self.message)
    }
}

impl std::error::Error for OrmError {}

macro_rules! exceptions {
    ($($(#[doc = $doc:literal])* $name:ident = $module:literal, [$($parent:literal),* $(,)?];)*) => {
        /// The exception classes that the ORM raises.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ExceptionClass {
            $($(#[doc = $doc])* $name,)*
        }

        impl ExceptionClass {
            /// The class name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The module it is defined in.
            pub fn module(self) -> &'static str {
                match self { $(Self::$name => $module,)* }
            }

            /// The names of the classes it inherits from, nearest first.
            pub fn mro(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($parent),*],)* }
            }
        }
    };
}

exceptions! {
    /// A name that is no field, or a wrong use of one.
    FieldError = "django.core.exceptions", ["Exception", "BaseException"];
    /// A field that the model does not have.
    FieldDoesNotExist = "django.core.exceptions", ["Exception", "BaseException"];
    /// A deferred value that may not be fetched.
    FieldFetchBlocked = "django.core.exceptions", ["FieldError", "Exception", "BaseException"];
    /// A value that its field refuses.
    ValidationError = "django.core.exceptions", ["Exception", "BaseException"];
    /// `get()` found no row; a class of its own for each model.
    DoesNotExist = "django.core.exceptions", ["ObjectDoesNotExist", "Exception", "BaseException"];
    /// `get()` found several rows; a class of its own for each model.
    MultipleObjectsReturned = "django.core.exceptions", ["MultipleObjectsReturned", "Exception", "BaseException"];
    /// A forced update found no row; a class of its own for each model.
    NotUpdated = "django.core.exceptions", ["ObjectNotUpdated", "DatabaseError", "Error", "Exception", "BaseException"];
    /// A one-to-one relation with nothing at its end.
    RelatedObjectDoesNotExist = "django.core.exceptions", ["DoesNotExist", "ObjectDoesNotExist", "AttributeError", "Exception", "BaseException"];
    /// An expression whose type nobody said.
    OutputFieldIsNoneError = "django.db.models.expressions", ["FieldError", "Exception", "BaseException"];
    /// A wrong value.
    ValueError = "builtins", ["Exception", "BaseException"];
    /// A wrong type.
    TypeError = "builtins", ["Exception", "BaseException"];
    /// No such attribute.
    AttributeError = "builtins", ["Exception", "BaseException"];
    /// No such position.
    IndexError = "builtins", ["LookupError", "Exception", "BaseException"];
    /// Django itself does not do it.
    NotImplementedError = "builtins", ["RuntimeError", "Exception", "BaseException"];
    /// Too deep.
    RecursionError = "builtins", ["RuntimeError", "Exception", "BaseException"];
    /// A constraint is broken.
    IntegrityError = "django.db.utils", ["DatabaseError", "Error", "Exception", "BaseException"];
    /// A statement that is wrong.
    ProgrammingError = "django.db.utils", ["DatabaseError", "Error", "Exception", "BaseException"];
    /// A value that the database refuses.
    DataError = "django.db.utils", ["DatabaseError", "Error", "Exception", "BaseException"];
    /// The database could not.
    OperationalError = "django.db.utils", ["DatabaseError", "Error", "Exception", "BaseException"];
    /// A fault inside.
    InternalError = "django.db.utils", ["DatabaseError", "Error", "Exception", "BaseException"];
    /// Not supported by the database or by Django for it.
    NotSupportedError = "django.db.utils", ["DatabaseError", "Error", "Exception", "BaseException"];
    /// Another error of the database.
    DatabaseError = "django.db.utils", ["Error", "Exception", "BaseException"];
    /// A transaction used wrongly.
    TransactionManagementError = "django.db.transaction", ["ProgrammingError", "DatabaseError", "Error", "Exception", "BaseException"];
    /// Rows that are protected from deletion.
    ProtectedError = "django.db.models.deletion", ["IntegrityError", "DatabaseError", "Error", "Exception", "BaseException"];
    /// Rows that are restricted from deletion.
    RestrictedError = "django.db.models.deletion", ["IntegrityError", "DatabaseError", "Error", "Exception", "BaseException"];
}
