//! Calls of functions as Python code writes them: positions, keywords, and their refusals.

use super::{Form, argument, class};
use crate::base::Value;
use crate::orm::aggregates;
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{Expr, FieldRef, Func, Operand, PlainValue};

/// The arguments of a call.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// By position.
    pub args: Vec<Operand>,
    /// By name, without the two below.
    pub keywords: Vec<(String, Operand)>,
    /// `output_field=`, or the second argument of `Cast`.
    pub output_field: Option<FieldRef>,
    /// `tzinfo=`, or the time zone in force when it is not UTC.
    pub timezone: Option<String>,
}

impl Call {
    /// Arguments by position only.
    pub fn of(args: Vec<Operand>) -> Self {
        Self {
            args,
            ..Self::default()
        }
    }

    /// Takes a keyword out.
    pub fn take(&mut self, name: &str) -> Option<Operand> {
        let at = self.keywords.iter().position(|(known, _)| known == name)?;
        Some(self.keywords.remove(at).1)
    }

    /// Takes a keyword that is a text.
    pub fn take_text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Operand::Value(PlainValue(Value::Text(text))) => Some(text.to_string()),
            _ => None,
        }
    }

    /// Takes a keyword that is a truth value.
    pub fn take_truth(&mut self, name: &str) -> bool {
        matches!(
            self.take(name),
            Some(Operand::Value(PlainValue(Value::Bool(true))))
        )
    }
}

/// Calls a function or aggregate class by its name.
///
/// # Errors
/// Django's `TypeError` and `ValueError` for wrong arguments.
pub fn call(name: &str, mut call: Call) -> Result<Expr> {
    if let Some(kind) = aggregates::kind(name) {
        return aggregates::call(kind, call);
    }
    let Some(class) = class(name) else {
        return Err(OrmError::new(
            crate::orm::errors::ExceptionClass::AttributeError,
            format!("module 'django.db.models.functions' has no attribute '{name}'"),
        ));
    };
    if name == "Func" {
        return custom(call);
    }
    let mut part = None;
    for (at, parameter) in parameters(name).iter().enumerate() {
        if let Some(given) = call.take(parameter) {
            while call.args.len() < at {
                let filler = default(name, call.args.len()).ok_or_else(|| {
                    OrmError::kind(format!(
                        "{name}() got an unexpected keyword argument '{parameter}'"
                    ))
                })?;
                call.args.push(filler);
            }
            call.args.insert(at.min(call.args.len()), given);
        }
    }
    match class.form {
        Form::Extract("") | Form::Trunc("") => {
            let word = if class.form == Form::Trunc("") {
                "kind"
            } else {
                "lookup_name"
            };
            part = match (call.take_text(word), call.args.len()) {
                (Some(part), _) => Some(part),
                (None, 2) => match call.args.pop() {
                    Some(Operand::Value(PlainValue(Value::Text(part)))) => Some(part.to_string()),
                    _ => None,
                },
                (None, _) => None,
            };
            if part.is_none() {
                return Err(OrmError::value("lookup_name must be provided"));
            }
        }
        Form::Cast if call.output_field.is_none() => {
            return Err(OrmError::kind(
                "Cast.__init__() missing 1 required positional argument: 'output_field'",
            ));
        }
        _ => {}
    }
    let collation = match class.form {
        Form::Collate => {
            let given = call
                .take_text("collation")
                .or_else(|| match call.args.get(1) {
                    Some(Operand::Value(PlainValue(Value::Text(text)))) => Some(text.to_string()),
                    _ => None,
                });
            call.args.truncate(1);
            let given = given.unwrap_or_default();
            if given.is_empty()
                || !given
                    .chars()
                    .all(|c| c.is_alphanumeric() || "_-".contains(c))
            {
                return Err(OrmError::value(format!(
                    "Invalid collation name: '{given}'."
                )));
            }
            Some(given)
        }
        _ => None,
    };
    check(name, &call.args)?;
    let given = call.args.len();
    if given < class.arity.0 || given > class.arity.1 {
        return Err(match name {
            "Coalesce" | "Concat" | "Greatest" | "Least" => {
                OrmError::value(format!("{name} must take at least two expressions"))
            }
            _ => {
                let wanted = class.arity.0;
                let noun = if wanted == 1 { "argument" } else { "arguments" };
                OrmError::kind(format!(
                    "'{name}' takes exactly {wanted} {noun} ({given} given)"
                ))
            }
        });
    }
    while let Some(filler) = default(name, call.args.len()) {
        call.args.push(filler);
    }
    if let Some((keyword, _)) = call.keywords.first() {
        return Err(OrmError::kind(format!(
            "{name}.__init__() got an unexpected keyword argument '{keyword}'"
        )));
    }
    let mut args = call
        .args
        .into_iter()
        .map(argument)
        .collect::<Result<Vec<_>>>()?;
    if class.form == Form::Concat {
        args = vec![pairs(args, call.output_field.as_ref())?];
    }
    let mut func = Func::of(class, args);
    if part.is_some() {
        func.part = part;
    }
    func.output_field = call.output_field;
    func.timezone = call.timezone;
    if let Some(collation) = collation {
        func.extra.push(("collation".to_owned(), collation));
    }
    Ok(Expr::Func(Box::new(func)))
}

/// `Func(.., function=.., template=.., arg_joiner=..)`
fn custom(mut call: Call) -> Result<Expr> {
    let class = class("Func").ok_or_else(|| OrmError::internal("no Func"))?;
    let function = call.take_text("function");
    let template = call.take_text("template");
    let arg_joiner = call.take_text("arg_joiner");
    let args = call
        .args
        .into_iter()
        .map(argument)
        .collect::<Result<Vec<_>>>()?;
    let extra = call
        .keywords
        .into_iter()
        .map(|(name, value)| match value {
            Operand::Value(PlainValue(value)) => (name, crate::orm::sql::plain(&value)),
            other => (name, crate::orm::expressions::python_repr(&other)),
        })
        .collect();
    Ok(Expr::Func(Box::new(Func {
        function,
        template,
        arg_joiner,
        output_field: call.output_field,
        extra,
        ..Func::of(class, args)
    })))
}

/// The names of a class's parameters.
fn parameters(name: &str) -> &'static [&'static str] {
    match name {
        "Left" | "Right" => &["expression", "length"],
        "LPad" | "RPad" => &["expression", "length", "fill_text"],
        "Repeat" => &["expression", "number"],
        "Replace" => &["expression", "text", "replacement"],
        "Substr" => &["expression", "pos", "length"],
        "Round" => &["expression", "precision"],
        "Lag" | "Lead" => &["expression", "offset", "default"],
        "NthValue" => &["expression", "nth"],
        "Ntile" => &["num_buckets"],
        _ => &["expression"],
    }
}

/// What an argument is when it is left out.
fn default(name: &str, at: usize) -> Option<Operand> {
    let value = match (name, at) {
        ("LPad" | "RPad", 2) => return Some(text(" ")),
        ("Replace", 2) => return Some(text("")),
        ("Round", 1) => 0,
        ("Lag" | "Lead" | "NthValue", 1) | ("Ntile", 0) => 1,
        _ => return None,
    };
    Some(Operand::value(Value::Int(value)))
}

/// A text that is a value and not a field's name.
fn text(value: &str) -> Operand {
    Operand::Expr(crate::orm::expressions::value(value))
}

/// Refuses numbers that a class does not take.
fn check(name: &str, args: &[Operand]) -> Result<()> {
    let number = |at: usize| match args.get(at) {
        Some(Operand::Value(PlainValue(Value::Int(number)))) => Some(*number),
        _ => None,
    };
    let none = |at: usize| matches!(args.get(at), Some(Operand::Value(PlainValue(Value::Null))));
    let refused = match name {
        "Left" | "Right" if number(1).is_some_and(|n| n < 1) => {
            "'length' must be greater than 0.".to_owned()
        }
        "LPad" | "RPad" if number(1).is_some_and(|n| n < 0) => {
            "'length' must be greater or equal to 0.".to_owned()
        }
        "Repeat" if number(1).is_some_and(|n| n < 0) => {
            "'number' must be greater or equal to 0.".to_owned()
        }
        "Substr" if number(1).is_some_and(|n| n < 1) => "'pos' must be greater than 0".to_owned(),
        "Lag" | "Lead" | "NthValue" if none(0) => {
            format!("{name} requires a non-null source expression.")
        }
        "Lag" | "Lead" if number(1).is_some_and(|n| n <= 0) || none(1) => {
            format!("{name} requires a positive integer for the offset.")
        }
        "NthValue" if number(1).is_some_and(|n| n <= 0) || none(1) => {
            format!("{name} requires a positive integer as for nth.")
        }
        "Ntile" if number(0).is_some_and(|n| n <= 0) => {
            "num_buckets must be greater than 0.".to_owned()
        }
        _ => return Ok(()),
    };
    Err(OrmError::value(refused))
}

/// `Concat(a, b, c)` as pairs: a with (b with c).
fn pairs(mut args: Vec<Expr>, output_field: Option<&FieldRef>) -> Result<Expr> {
    let class = class("ConcatPair").ok_or_else(|| OrmError::internal("no ConcatPair"))?;
    let Some(last) = args.pop() else {
        return Err(OrmError::value("Concat must take at least two expressions"));
    };
    Ok(args.into_iter().rev().fold(last, |right, left| {
        Expr::Func(Box::new(Func {
            output_field: output_field.cloned(),
            ..Func::of(class, vec![left, right])
        }))
    }))
}
