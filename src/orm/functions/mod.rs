//! `django.db.models.functions` as a table: one row a class.

use super::errors::{OrmError, Result};
use super::expressions::{Expr, FieldRef, Func, Operand, PlainValue, ValueExpr};
use crate::base::Value;
use crate::market::catalogue::FieldKind;

mod construct;

pub use construct::{Call, call};

/// A class of functions.
#[derive(Debug)]
pub struct FunctionClass {
    /// The class name in Python.
    pub name: &'static str,
    /// The name in SQL.
    pub sql: &'static str,
    /// How many arguments it takes, at least and at most.
    pub arity: (usize, usize),
    /// Where its type comes from.
    pub output: Output,
    /// How its SQL is written.
    pub form: Form,
}

/// Two classes are one when they have one name.
impl PartialEq for FunctionClass {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Where the type of a function comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Its arguments, which must agree.
    Arguments,
    /// Its first argument.
    First,
    /// A type of its own.
    Is(FieldKind),
    /// A decimal if an argument is one, a float if an argument is an integer, else its
    /// arguments' (`NumericOutputFieldMixin`).
    Numeric,
    /// `output_field`, which must be given.
    Given,
}

/// How the SQL of a function is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `NAME(a, b)`
    Call,
    /// `NAME(a, b)`, and it may stand before `OVER`.
    Window,
    /// `NAME(a, b)` with floats cast to numeric, which PostgreSQL asks for.
    DecimalCall,
    /// `(a)::type`
    Cast,
    /// `a COLLATE "name"`
    Collate,
    /// The one argument, which is a chain of pairs.
    Concat,
    /// `(COALESCE(a, '') || COALESCE(b, ''))`
    ConcatPair,
    /// `EXTRACT(part FROM a AT TIME ZONE zone)`
    Extract(&'static str),
    /// `DATE_TRUNC(part, a AT TIME ZONE zone)`
    Trunc(&'static str),
    /// `(a AT TIME ZONE zone)::date`
    TruncDate,
    /// `(a AT TIME ZONE zone)::time`
    TruncTime,
    /// `STATEMENT_TIMESTAMP()`
    Now,
    /// `ENCODE(DIGEST(a, 'name'), 'hex')`
    Digest,
}

macro_rules! classes {
    ($($name:literal, $sql:literal, $least:literal ..= $most:expr, $output:expr, $form:expr;)*) => {
        /// All classes, by name.
        pub static CLASSES: &[FunctionClass] = &[$(
            FunctionClass { name: $name, sql: $sql, arity: ($least, $most), output: $output, form: $form },
        )*];
    };
}

const ANY: usize = usize::MAX;

classes! {
    "Func", "", 0..=ANY, Output::Arguments, Form::Call;
    "Cast", "CAST", 1..=1, Output::Given, Form::Cast;
    "Coalesce", "COALESCE", 2..=ANY, Output::Arguments, Form::Call;
    "Collate", "COLLATE", 1..=1, Output::Arguments, Form::Collate;
    "Greatest", "GREATEST", 2..=ANY, Output::Arguments, Form::Call;
    "Least", "LEAST", 2..=ANY, Output::Arguments, Form::Call;
    "NullIf", "NULLIF", 2..=2, Output::Arguments, Form::Call;

    "Extract", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("");
    "ExtractYear", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("year");
    "ExtractIsoYear", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("iso_year");
    "ExtractMonth", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("month");
    "ExtractDay", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("day");
    "ExtractWeek", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("week");
    "ExtractWeekDay", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("week_day");
    "ExtractIsoWeekDay", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("iso_week_day");
    "ExtractQuarter", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("quarter");
    "ExtractHour", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("hour");
    "ExtractMinute", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("minute");
    "ExtractSecond", "EXTRACT", 1..=1, Output::Is(FieldKind::Integer), Form::Extract("second");
    "Now", "STATEMENT_TIMESTAMP", 0..=0, Output::Is(FieldKind::DateTime), Form::Now;
    "Trunc", "DATE_TRUNC", 1..=1, Output::Arguments, Form::Trunc("");
    "TruncYear", "DATE_TRUNC", 1..=1, Output::Arguments, Form::Trunc("year");
    "TruncQuarter", "DATE_TRUNC", 1..=1, Output::Arguments, Form::Trunc("quarter");
    "TruncMonth", "DATE_TRUNC", 1..=1, Output::Arguments, Form::Trunc("month");
    "TruncWeek", "DATE_TRUNC", 1..=1, Output::Arguments, Form::Trunc("week");
    "TruncDay", "DATE_TRUNC", 1..=1, Output::Arguments, Form::Trunc("day");
    "TruncHour", "DATE_TRUNC", 1..=1, Output::Arguments, Form::Trunc("hour");
    "TruncMinute", "DATE_TRUNC", 1..=1, Output::Arguments, Form::Trunc("minute");
    "TruncSecond", "DATE_TRUNC", 1..=1, Output::Arguments, Form::Trunc("second");
    "TruncDate", "DATE_TRUNC", 1..=1, Output::Is(FieldKind::Date), Form::TruncDate;
    "TruncTime", "DATE_TRUNC", 1..=1, Output::Is(FieldKind::Time), Form::TruncTime;

    "Abs", "ABS", 1..=1, Output::Arguments, Form::Call;
    "ACos", "ACOS", 1..=1, Output::Numeric, Form::Call;
    "ASin", "ASIN", 1..=1, Output::Numeric, Form::Call;
    "ATan", "ATAN", 1..=1, Output::Numeric, Form::Call;
    "ATan2", "ATAN2", 2..=2, Output::Numeric, Form::Call;
    "Ceil", "CEILING", 1..=1, Output::Arguments, Form::Call;
    "Cos", "COS", 1..=1, Output::Numeric, Form::Call;
    "Cot", "COT", 1..=1, Output::Numeric, Form::Call;
    "Degrees", "DEGREES", 1..=1, Output::Numeric, Form::Call;
    "Exp", "EXP", 1..=1, Output::Numeric, Form::Call;
    "Floor", "FLOOR", 1..=1, Output::Arguments, Form::Call;
    "Ln", "LN", 1..=1, Output::Numeric, Form::Call;
    "Log", "LOG", 2..=2, Output::Numeric, Form::DecimalCall;
    "Mod", "MOD", 2..=2, Output::Numeric, Form::DecimalCall;
    "Pi", "PI", 0..=0, Output::Numeric, Form::Call;
    "Power", "POWER", 2..=2, Output::Numeric, Form::Call;
    "Radians", "RADIANS", 1..=1, Output::Numeric, Form::Call;
    "Random", "RANDOM", 0..=0, Output::Numeric, Form::Call;
    "Round", "ROUND", 1..=2, Output::First, Form::DecimalCall;
    "Sign", "SIGN", 1..=1, Output::Arguments, Form::Call;
    "Sin", "SIN", 1..=1, Output::Numeric, Form::Call;
    "Sqrt", "SQRT", 1..=1, Output::Numeric, Form::Call;
    "Tan", "TAN", 1..=1, Output::Numeric, Form::Call;

    "Chr", "CHR", 1..=1, Output::Is(FieldKind::Char(None)), Form::Call;
    "Concat", "CONCAT", 2..=ANY, Output::Arguments, Form::Concat;
    "ConcatPair", "CONCAT", 2..=2, Output::Arguments, Form::ConcatPair;
    "Left", "LEFT", 2..=2, Output::Is(FieldKind::Char(None)), Form::Call;
    "Length", "LENGTH", 1..=1, Output::Is(FieldKind::Integer), Form::Call;
    "Lower", "LOWER", 1..=1, Output::Arguments, Form::Call;
    "LPad", "LPAD", 2..=3, Output::Is(FieldKind::Char(None)), Form::Call;
    "LTrim", "LTRIM", 1..=1, Output::Arguments, Form::Call;
    "MD5", "MD5", 1..=1, Output::Arguments, Form::Call;
    "Ord", "ASCII", 1..=1, Output::Is(FieldKind::Integer), Form::Call;
    "Repeat", "REPEAT", 2..=2, Output::Is(FieldKind::Char(None)), Form::Call;
    "Replace", "REPLACE", 2..=3, Output::Arguments, Form::Call;
    "Reverse", "REVERSE", 1..=1, Output::Arguments, Form::Call;
    "Right", "RIGHT", 2..=2, Output::Is(FieldKind::Char(None)), Form::Call;
    "RPad", "RPAD", 2..=3, Output::Is(FieldKind::Char(None)), Form::Call;
    "RTrim", "RTRIM", 1..=1, Output::Arguments, Form::Call;
    "SHA1", "sha1", 1..=1, Output::Arguments, Form::Digest;
    "SHA224", "sha224", 1..=1, Output::Arguments, Form::Digest;
    "SHA256", "sha256", 1..=1, Output::Arguments, Form::Digest;
    "SHA384", "sha384", 1..=1, Output::Arguments, Form::Digest;
    "SHA512", "sha512", 1..=1, Output::Arguments, Form::Digest;
    "StrIndex", "STRPOS", 2..=2, Output::Is(FieldKind::Integer), Form::Call;
    "Substr", "SUBSTRING", 2..=3, Output::Is(FieldKind::Char(None)), Form::Call;
    "Trim", "TRIM", 1..=1, Output::Arguments, Form::Call;
    "Upper", "UPPER", 1..=1, Output::Arguments, Form::Call;

    "CumeDist", "CUME_DIST", 0..=0, Output::Is(FieldKind::Float), Form::Window;
    "DenseRank", "DENSE_RANK", 0..=0, Output::Is(FieldKind::Integer), Form::Window;
    "FirstValue", "FIRST_VALUE", 1..=1, Output::Arguments, Form::Window;
    "Lag", "LAG", 1..=3, Output::First, Form::Window;
    "LastValue", "LAST_VALUE", 1..=1, Output::Arguments, Form::Window;
    "Lead", "LEAD", 1..=3, Output::First, Form::Window;
    "NthValue", "NTH_VALUE", 1..=2, Output::First, Form::Window;
    "Ntile", "NTILE", 0..=1, Output::Is(FieldKind::Integer), Form::Window;
    "PercentRank", "PERCENT_RANK", 0..=0, Output::Is(FieldKind::Float), Form::Window;
    "Rank", "RANK", 0..=0, Output::Is(FieldKind::Integer), Form::Window;
    "RowNumber", "ROW_NUMBER", 0..=0, Output::Is(FieldKind::Integer), Form::Window;
}

/// The class of that name.
pub fn class(name: &str) -> Option<&'static FunctionClass> {
    CLASSES.iter().find(|class| class.name == name)
}

impl Func {
    /// A call with nothing special about it.
    pub fn of(class: &'static FunctionClass, args: Vec<Expr>) -> Self {
        let part = match class.form {
            Form::Extract(part) | Form::Trunc(part) if !part.is_empty() => Some(part.to_owned()),
            _ => None,
        };
        Self {
            class,
            args,
            output_field: None,
            function: None,
            template: None,
            arg_joiner: None,
            part,
            timezone: None,
            extra: Vec::new(),
            class_name: None,
        }
    }

    /// The class name that messages show.
    pub fn name(&self) -> &str {
        self.class_name.as_deref().unwrap_or(self.class.name)
    }

    /// Whether it may stand before `OVER`.
    pub fn is_window_compatible(&self) -> bool {
        self.class.form == Form::Window
    }
}

/// A call of a class that is known to be in the table.
pub fn known(name: &str, args: Vec<Expr>) -> Result<Expr> {
    let class =
        class(name).ok_or_else(|| OrmError::internal(format!("no function class {name}")))?;
    Ok(Expr::Func(Box::new(Func::of(class, args))))
}

/// A cast to a type.
pub fn cast(expr: Expr, output_field: FieldRef) -> Result<Expr> {
    let class = class("Cast").ok_or_else(|| OrmError::internal("no Cast"))?;
    Ok(Expr::Func(Box::new(Func {
        output_field: Some(output_field),
        ..Func::of(class, vec![expr])
    })))
}

/// An argument as `_parse_expressions` reads it: text is a field's name, other values are values.
pub fn argument(operand: Operand) -> Result<Expr> {
    Ok(match operand {
        Operand::Expr(expr) => expr,
        Operand::Value(PlainValue(Value::Text(name))) => Expr::F(name.to_string()),
        Operand::Value(PlainValue(value)) => Expr::Value(ValueExpr {
            value,
            output_field: None,
        }),
        Operand::Instance(instance) => Expr::Value(ValueExpr {
            value: instance.key().unwrap_or(Value::Null),
            output_field: None,
        }),
        Operand::List(items) => Expr::List(
            items
                .into_iter()
                .map(argument)
                .collect::<Result<Vec<_>>>()?,
        ),
    })
}
