//! The one error type that reaches a person.

use super::text::Span;
use std::borrow::Cow;
use std::fmt;

/// `Err` is boxed so that the good path stays small.
pub type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// Which error this is: a SQLSTATE (`42703`) or a Python exception class (`FieldError`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code(pub Cow<'static, str>);

impl Code {
    /// A code known when compiling.
    pub const fn new(code: &'static str) -> Self {
        Self(Cow::Borrowed(code))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The statement did not run.
    Error,
    /// It ran, and something deserves attention.
    Warning,
}

/// What went wrong, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// SQLSTATE or exception class.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// What was found and what was expected, in one sentence; PostgreSQL's or Django's own
    /// words where they have some.
    pub message: String,
    /// The offending part of the source text, when there is one.
    pub span: Option<Span>,
    /// Ways to mend it, each a sentence.
    pub hints: Vec<String>,
}

/// A message of at most a thousand characters: a name or a number may be a megabyte long.
fn abridged(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(1000) {
        message.truncate(end);
        message.push('…');
    }
    message
}

impl Diagnostic {
    /// An error with neither place nor hint yet.
    pub fn error(code: Code, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            code,
            severity: Severity::Error,
            message: abridged(message.into()),
            span: None,
            hints: Vec::new(),
        })
    }

    /// Says where, unless an inner layer already said it more closely.
    #[must_use]
    pub fn at(mut self: Box<Self>, span: impl Into<Option<Span>>) -> Box<Self> {
        self.span = self.span.or(span.into());
        self
    }

    /// Adds a way to mend it.
    #[must_use]
    pub fn hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Self> {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// SQLSTATEs in use (PostgreSQL 15 manual, appendix A).
pub mod sqlstate {
    use super::Code;

    macro_rules! states {
        ($($(#[doc = $doc:literal])* $name:ident = $code:literal;)*) => {
            $($(#[doc = $doc])* pub const $name: Code = Code::new($code);)*
        };
    }

    states! {
        /// A construct that is not supported here.
        FEATURE_NOT_SUPPORTED = "0A000";
        /// Text that does not parse.
        SYNTAX_ERROR = "42601";
        /// No such column.
        UNDEFINED_COLUMN = "42703";
        /// No such table.
        UNDEFINED_TABLE = "42P01";
        /// No such function, or not for these types.
        UNDEFINED_FUNCTION = "42883";
        /// No such object of another kind.
        UNDEFINED_OBJECT = "42704";
        /// No such parameter.
        UNDEFINED_PARAMETER = "42P02";
        /// A column name that fits several tables.
        AMBIGUOUS_COLUMN = "42702";
        /// Several functions fit.
        AMBIGUOUS_FUNCTION = "42725";
        /// A table name used twice in FROM.
        DUPLICATE_ALIAS = "42712";
        /// The table is there already.
        DUPLICATE_TABLE = "42P07";
        /// The column is there already.
        DUPLICATE_COLUMN = "42701";
        /// Another object of that name is there already.
        DUPLICATE_OBJECT = "42710";
        /// Aggregates where they may not be, or columns that are not grouped.
        GROUPING_ERROR = "42803";
        /// Window functions where they may not be.
        WINDOWING_ERROR = "42P20";
        /// Types that do not fit.
        DATATYPE_MISMATCH = "42804";
        /// A parameter or literal whose type cannot be found.
        INDETERMINATE_DATATYPE = "42P18";
        /// A cast that does not exist.
        CANNOT_COERCE = "42846";
        /// A reference to FROM that may not be there.
        INVALID_COLUMN_REFERENCE = "42P10";
        /// A wrong definition of a table.
        INVALID_TABLE_DEFINITION = "42P16";
        /// A wrong definition of a column.
        INVALID_COLUMN_DEFINITION = "42611";
        /// A wrong definition of a foreign key.
        INVALID_FOREIGN_KEY = "42830";
        /// A wrong recursion.
        INVALID_RECURSION = "42P19";
        /// The object is of the wrong kind.
        WRONG_OBJECT_TYPE = "42809";
        /// A scalar subquery with several rows.
        CARDINALITY_VIOLATION = "21000";
        /// A NULL where none may be.
        NULL_VALUE_NOT_ALLOWED = "22004";
        /// A number outside its type.
        NUMERIC_VALUE_OUT_OF_RANGE = "22003";
        /// A text that is too long for its column.
        STRING_DATA_RIGHT_TRUNCATION = "22001";
        /// A division by zero.
        DIVISION_BY_ZERO = "22012";
        /// A text that is no value of the type.
        INVALID_TEXT_REPRESENTATION = "22P02";
        /// A text that is no date or time.
        INVALID_DATETIME_FORMAT = "22007";
        /// A date or time outside its range.
        DATETIME_FIELD_OVERFLOW = "22008";
        /// A wrong argument of a function.
        INVALID_PARAMETER_VALUE = "22023";
        /// A wrong regular expression.
        INVALID_REGULAR_EXPRESSION = "2201B";
        /// A wrong ESCAPE.
        INVALID_ESCAPE_SEQUENCE = "22025";
        /// A negative length for substring.
        SUBSTRING_ERROR = "22011";
        /// A wrong LIMIT.
        INVALID_ROW_COUNT_IN_LIMIT = "2201W";
        /// A wrong OFFSET.
        INVALID_ROW_COUNT_IN_OFFSET = "2201X";
        /// A logarithm of zero or less.
        INVALID_ARGUMENT_FOR_LOG = "2201E";
        /// A power that has no real value.
        INVALID_ARGUMENT_FOR_POWER = "2201F";
        /// A wrong frame.
        INVALID_PRECEDING_OR_FOLLOWING_SIZE = "22013";
        /// A wrong ntile.
        INVALID_ARGUMENT_FOR_NTILE = "22014";
        /// A wrong nth_value.
        INVALID_ARGUMENT_FOR_NTH_VALUE = "22016";
        /// NULL in a NOT NULL column.
        NOT_NULL_VIOLATION = "23502";
        /// A missing or still needed row.
        FOREIGN_KEY_VIOLATION = "23503";
        /// A key that is there already.
        UNIQUE_VIOLATION = "23505";
        /// A CHECK that is false.
        CHECK_VIOLATION = "23514";
        /// A statement after an error inside a transaction.
        IN_FAILED_SQL_TRANSACTION = "25P02";
        /// No transaction is open.
        NO_ACTIVE_SQL_TRANSACTION = "25P01";
        /// A transaction is open already.
        ACTIVE_SQL_TRANSACTION = "25001";
        /// No such savepoint.
        INVALID_SAVEPOINT = "3B001";
        /// Something else needs the object.
        DEPENDENT_OBJECTS_STILL_EXIST = "2BP01";
        /// currval before nextval.
        OBJECT_NOT_IN_PREREQUISITE_STATE = "55000";
        /// The statement took longer than its deadline.
        QUERY_CANCELED = "57014";
        /// The statement needed more memory than its budget.
        OUT_OF_MEMORY = "53200";
        /// The statement nests too deeply.
        STATEMENT_TOO_COMPLEX = "54001";
        /// A table of too many columns.
        TOO_MANY_COLUMNS = "54011";
        /// Our own fault.
        INTERNAL_ERROR = "XX000";
    }
}
