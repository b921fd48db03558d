//! How a call finds its overload (PostgreSQL 15 manual, 10.2 and 10.3).

use super::registry::{all_functions, overloads};
use super::{Parameter, ScalarFunction, Syntax};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::expr::CastForm;
use crate::engine::types::{Category, can_cast, category, common_type, is_preferred};

/// The overload that a call means.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The overload.
    pub function: &'static ScalarFunction,
    /// The types to cast the arguments to.
    pub arguments: Vec<Type>,
    /// The type of the result.
    pub ty: Type,
}

/// Finds the function of this name, in lower case, for these arguments.
pub fn resolve_function(name: &str, arguments: &[Type], span: Option<Span>) -> Result<Resolved> {
    resolve(Syntax::Function, name, arguments).map_err(|failure| {
        match failure {
            Failure::None => no_function(name, arguments),
            Failure::Several => Diagnostic::error(
                sqlstate::AMBIGUOUS_FUNCTION,
                format!("function {} is not unique", signature(name, arguments)),
            )
            .hint(
                "Could not choose a best candidate function. \
                 You might need to add explicit type casts.",
            ),
        }
        .at(span)
    })
}

/// Finds the operator of this sign for one argument (a prefix operator) or two.
pub fn resolve_operator(sign: &str, arguments: &[Type], span: Option<Span>) -> Result<Resolved> {
    // Manual, 10.2 step 2a: an unknown beside an array is taken for one like it.
    let alike = match arguments {
        [array @ Type::Array(_), Type::Unknown] | [Type::Unknown, array @ Type::Array(_)]
            if sign == "||" =>
        {
            Some([array.clone(), array.clone()])
        }
        _ => None,
    };
    let taken = alike.as_ref().map_or(arguments, |both| both.as_slice());
    resolve(Syntax::Operator, sign, taken).map_err(|failure| {
        match failure {
            Failure::None => no_operator(sign, arguments),
            Failure::Several => Diagnostic::error(
                sqlstate::AMBIGUOUS_FUNCTION,
                format!("operator is not unique: {}", operation(sign, arguments)),
            )
            .hint(
                "Could not choose a best candidate operator. \
                 You might need to add explicit type casts.",
            ),
        }
        .at(span)
    })
}

/// `operator does not exist: text + integer`
pub fn no_operator(sign: &str, arguments: &[Type]) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::UNDEFINED_FUNCTION,
        format!("operator does not exist: {}", operation(sign, arguments)),
    )
    .hint(
        "No operator matches the given name and argument types. \
         You might need to add explicit type casts.",
    )
}

fn operation(sign: &str, arguments: &[Type]) -> String {
    match arguments {
        [only] => format!("{sign} {}", only.without_modifier()),
        [left, right] => {
            format!(
                "{} {sign} {}",
                left.without_modifier(),
                right.without_modifier()
            )
        }
        _ => sign.to_owned(),
    }
}

fn signature(name: &str, arguments: &[Type]) -> String {
    let types: Vec<String> = arguments
        .iter()
        .map(|ty| ty.without_modifier().to_string())
        .collect();
    format!("{name}({})", types.join(", "))
}

fn no_function(name: &str, arguments: &[Type]) -> Box<Diagnostic> {
    let error = Diagnostic::error(
        sqlstate::UNDEFINED_FUNCTION,
        format!("function {} does not exist", signature(name, arguments)),
    );
    let known = overloads(Syntax::Function, name);
    if !known.is_empty() {
        let mut forms: Vec<String> = known.iter().map(|function| function.signature()).collect();
        forms.truncate(6);
        return error
            .hint(
                "No function matches the given name and argument types. \
                 You might need to add explicit type casts.",
            )
            .hint(format!("There is {}.", forms.join(", ")));
    }
    match nearest(name) {
        Some(other) => error.hint(format!("Perhaps {other} is meant.")),
        None => error,
    }
}

/// The function whose name is nearest, if it is near.
fn nearest(name: &str) -> Option<&'static str> {
    let limit = if name.len() < 5 { 1 } else { 2 };
    all_functions()
        .filter(|function| function.syntax == Syntax::Function)
        .map(|function| (distance(name, function.name), function.name))
        .min()
        .filter(|(distance, _)| *distance <= limit)
        .map(|(_, name)| name)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let mut above: Vec<usize> = (0..=b.chars().count()).collect();
    for (row, x) in a.chars().enumerate() {
        let mut diagonal = row;
        let mut left = row + 1;
        if let Some(first) = above.first_mut() {
            *first = left;
        }
        for (y, cell) in b.chars().zip(above.iter_mut().skip(1)) {
            left = (diagonal + usize::from(x != y))
                .min(*cell + 1)
                .min(left + 1);
            diagonal = std::mem::replace(cell, left);
        }
    }
    above.last().copied().unwrap_or(0)
}

impl ScalarFunction {
    /// `name(type, type)` or `type sign type`, for the documentation.
    pub fn signature(&self) -> String {
        let mut parameters: Vec<String> =
            self.parameters.iter().map(Parameter::to_string).collect();
        match (self.syntax, parameters.as_slice()) {
            (Syntax::Operator, [only]) => format!("{} {only}", self.name),
            (Syntax::Operator, [left, right]) => format!("{left} {} {right}", self.name),
            (Syntax::Operator | Syntax::Function, _) => {
                if let Some(more) = self.variadic {
                    parameters.push(format!("variadic {more}"));
                }
                format!("{}({})", self.name, parameters.join(", "))
            }
        }
    }
}

enum Failure {
    None,
    Several,
}

/// A candidate and the types its parameters have for this call.
#[derive(Clone)]
struct Candidate {
    function: &'static ScalarFunction,
    types: Vec<Type>,
    ty: Type,
}

fn resolve(
    syntax: Syntax,
    name: &str,
    arguments: &[Type],
) -> std::result::Result<Resolved, Failure> {
    let fitting: Vec<&'static ScalarFunction> = overloads(syntax, name)
        .iter()
        .copied()
        .filter(|function| function.takes(arguments.len()))
        .collect();
    let mut candidates: Vec<Candidate> = fitting
        .iter()
        .filter_map(|function| candidate(function, arguments))
        .collect();
    // An exact match is taken at once; one unknown operand first tries the type of the other.
    let assumed = match arguments {
        [Type::Unknown, other] | [other, Type::Unknown]
            if syntax == Syntax::Operator && *other != Type::Unknown =>
        {
            vec![other.without_modifier(); 2]
        }
        _ => arguments.iter().map(Type::without_modifier).collect(),
    };
    if let Some(exact) = candidates
        .iter()
        .find(|candidate| is_concrete(candidate.function) && candidate.types == assumed)
    {
        return Ok(exact.clone().into());
    }
    if candidates.len() > 1 {
        candidates = closest(candidates, arguments);
    }
    match candidates.as_slice() {
        [] => Err(Failure::None),
        [only] => Ok(only.clone().into()),
        [_, _, ..] => Err(Failure::Several),
    }
}

impl From<Candidate> for Resolved {
    fn from(candidate: Candidate) -> Self {
        Self {
            function: candidate.function,
            arguments: candidate.types,
            ty: candidate.ty,
        }
    }
}

fn is_concrete(function: &ScalarFunction) -> bool {
    function
        .parameters
        .iter()
        .all(|parameter| parameter.concrete().is_some())
}

/// The types a function's parameters take for these arguments, if all can be converted.
fn candidate(function: &'static ScalarFunction, arguments: &[Type]) -> Option<Candidate> {
    // What the polymorphic parameters stand for.
    let mut elements = Vec::new();
    for (place, argument) in arguments.iter().enumerate() {
        match (function.parameter(place)?, argument) {
            (Parameter::AnyArray, Type::Array(element)) => elements.push((**element).clone()),
            (Parameter::AnyArray, Type::Unknown) => elements.push(Type::Unknown),
            (Parameter::AnyArray, _) => return None,
            (Parameter::AnyNonArray, Type::Array(_)) => return None,
            (Parameter::AnyElement | Parameter::AnyNonArray, ty) => elements.push(ty.clone()),
            _ => {}
        }
    }
    // These three want arrays of one type; the others find one that all can be converted to.
    if matches!(function.name, "@>" | "<@" | "&&") {
        let mut known = elements.iter().filter(|ty| **ty != Type::Unknown);
        let first = known.next().map(Type::without_modifier);
        if known.any(|ty| Some(ty.without_modifier()) != first) {
            return None;
        }
    }
    let element = match elements.as_slice() {
        [] => Type::Unknown,
        types => common_type(types, function.name).ok()?,
    };
    let array = || Type::Array(Box::new(element.without_modifier()));
    let mut types = Vec::with_capacity(arguments.len());
    for (place, argument) in arguments.iter().enumerate() {
        let parameter = function.parameter(place)?;
        let ty = match parameter {
            Parameter::Any => argument.clone(),
            Parameter::AnyElement | Parameter::AnyNonArray => element.clone(),
            Parameter::AnyArray => array(),
            concrete => concrete.concrete()?,
        };
        if !can_cast(argument, &ty, CastForm::Implicit) {
            return None;
        }
        types.push(ty);
    }
    let ty = match function.returns {
        Parameter::Any | Parameter::AnyElement | Parameter::AnyNonArray => element,
        Parameter::AnyArray => array(),
        concrete => concrete.concrete()?,
    };
    Some(Candidate {
        function,
        types,
        ty,
    })
}

/// Manual, 10.3 step 4, b to f.
fn closest(mut candidates: Vec<Candidate>, arguments: &[Type]) -> Vec<Candidate> {
    let known = |place: usize| arguments.get(place).filter(|ty| **ty != Type::Unknown);
    let exact = |candidate: &Candidate, place: usize| {
        known(place).is_some_and(|argument| {
            declared(candidate, place).is_some_and(|ty| ty == argument.without_modifier())
        })
    };
    let places = 0..arguments.len();
    keep_best(&mut candidates, |candidate| {
        places
            .clone()
            .filter(|&place| exact(candidate, place))
            .count()
    });
    if candidates.len() == 1 {
        return candidates;
    }
    keep_best(&mut candidates, |candidate| {
        places
            .clone()
            .filter(|&place| {
                known(place).is_some_and(|argument| {
                    exact(candidate, place)
                        || declared(candidate, place).is_some_and(|ty| {
                            is_preferred(&ty) && category(&ty) == category(argument)
                        })
                })
            })
            .count()
    });
    if candidates.len() == 1 || arguments.iter().all(|ty| *ty != Type::Unknown) {
        return candidates;
    }
    let unknown = || {
        arguments
            .iter()
            .enumerate()
            .filter(|(_, ty)| **ty == Type::Unknown)
            .map(|(place, _)| place)
    };
    let mut narrowed = candidates.clone();
    for place in unknown() {
        let categories: Vec<Category> = candidates
            .iter()
            .map(|candidate| {
                declared(candidate, place).map_or(Category::Unknown, |ty| category(&ty))
            })
            .collect();
        let chosen = match categories.as_slice() {
            all if all.contains(&Category::String) => Category::String,
            [first, rest @ ..] if rest.iter().all(|other| other == first) => *first,
            _ => {
                narrowed = candidates.clone();
                break;
            }
        };
        let of_category = |candidate: &Candidate| {
            declared(candidate, place).is_some_and(|ty| category(&ty) == chosen)
        };
        let preferred = candidates.iter().any(|candidate| {
            of_category(candidate) && declared(candidate, place).is_some_and(|ty| is_preferred(&ty))
        });
        narrowed.retain(|candidate| {
            of_category(candidate)
                && (!preferred || declared(candidate, place).is_some_and(|ty| is_preferred(&ty)))
        });
    }
    if !narrowed.is_empty() {
        candidates = narrowed;
    }
    if candidates.len() == 1 {
        return candidates;
    }
    // All known arguments of one type: the unknown ones are assumed to be of it too.
    let mut known_types = arguments.iter().filter(|ty| **ty != Type::Unknown);
    if let Some(first) = known_types.next()
        && known_types.all(|ty| ty.without_modifier() == first.without_modifier())
    {
        let accepting: Vec<Candidate> = candidates
            .iter()
            .filter(|candidate| {
                unknown().all(|place| {
                    declared(candidate, place)
                        .is_some_and(|ty| can_cast(first, &ty, CastForm::Implicit))
                })
            })
            .cloned()
            .collect();
        if accepting.len() == 1 {
            return accepting;
        }
    }
    candidates
}

/// The type a candidate names at a place; none where it takes every type.
fn declared(candidate: &Candidate, place: usize) -> Option<Type> {
    candidate.function.parameter(place)?.concrete()
}

fn keep_best(candidates: &mut Vec<Candidate>, score: impl Fn(&Candidate) -> usize) {
    let best = candidates.iter().map(&score).max().unwrap_or(0);
    candidates.retain(|candidate| score(candidate) == best);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operator(sign: &str, arguments: &[Type]) -> String {
        match resolve_operator(sign, arguments, None) {
            Ok(resolved) => {
                let types: Vec<String> = resolved.arguments.iter().map(Type::to_string).collect();
                format!("{} -> {}", types.join(", "), resolved.ty)
            }
            Err(error) => error.message,
        }
    }

    /// Answers are PostgreSQL 15's.
    #[test]
    fn operators_find_their_overload() {
        use Type::{Date, Double, Integer, Interval, Real, SmallInt, Text, Timestamp, Unknown};
        let numeric = Type::Numeric(Some((10, 2)));
        for (left, sign, right, expected) in [
            (Integer, "+", Integer, "integer, integer -> integer"),
            (SmallInt, "+", Integer, "integer, integer -> integer"),
            (Integer, "*", numeric.clone(), "numeric, numeric -> numeric"),
            (
                numeric.clone(),
                "/",
                Double,
                "double precision, double precision -> double precision",
            ),
            (
                Real,
                "+",
                Integer,
                "real, double precision -> double precision",
            ),
            (Integer, "+", Unknown, "integer, integer -> integer"),
            (
                Unknown,
                "+",
                Unknown,
                "operator is not unique: unknown + unknown",
            ),
            (Date, "+", Integer, "date, integer -> date"),
            (Date, "-", Unknown, "date, date -> integer"),
            (
                Date,
                "+",
                Interval,
                "date, interval -> timestamp without time zone",
            ),
            (
                Timestamp,
                "-",
                Date,
                "timestamp without time zone, timestamp without time zone -> interval",
            ),
            (Unknown, "+", Interval, "interval, interval -> interval"),
            (
                Text,
                "+",
                Integer,
                "operator does not exist: text + integer",
            ),
        ] {
            assert_eq!(
                operator(sign, &[left.clone(), right.clone()]),
                expected,
                "{left} {sign} {right}"
            );
        }
        assert_eq!(operator("-", &[Text]), "operator does not exist: - text");
    }

    #[test]
    fn unknown_functions_suggest_the_nearest() {
        let error = resolve_function("absx", &[Type::Integer], None).map(|r| r.ty);
        let error = error.err();
        assert_eq!(
            error.as_ref().map(|e| e.message.as_str()),
            Some("function absx(integer) does not exist")
        );
        assert_eq!(
            error.map(|e| e.hints),
            Some(vec!["Perhaps abs is meant.".to_owned()])
        );
    }
}
