//! All functions and operators.

use super::{ScalarFunction, Syntax};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The tables, a subject each.
static TABLES: &[&[ScalarFunction]] = &[
    super::arithmetic::SMALLINT,
    super::arithmetic::INTEGER,
    super::arithmetic::BIGINT,
    super::arithmetic::NUMERIC,
    super::arithmetic::FLOAT,
    super::math::FUNCTIONS,
    super::power::FUNCTIONS,
    super::text::FUNCTIONS,
    super::format::FUNCTIONS,
    super::pattern::FUNCTIONS,
    super::regexp::FUNCTIONS,
    super::datetime::FUNCTIONS,
    super::fields::FUNCTIONS,
    super::formatting::FUNCTIONS,
    super::array::FUNCTIONS,
    super::json::FUNCTIONS,
    super::json_parts::FUNCTIONS,
    super::system::FUNCTIONS,
];

/// All overloads, in the order of their tables.
pub fn all_functions() -> impl Iterator<Item = &'static ScalarFunction> {
    TABLES.iter().copied().flatten()
}

type Overloads = &'static [&'static ScalarFunction];

/// Made once and kept for as long as the program runs.
static INDEX: LazyLock<HashMap<(Syntax, &'static str), Overloads>> = LazyLock::new(|| {
    let mut index: HashMap<_, Vec<_>> = HashMap::new();
    for function in all_functions() {
        index
            .entry((function.syntax, function.name))
            .or_default()
            .push(function);
    }
    index
        .into_iter()
        .map(|(key, functions)| (key, &*functions.leak()))
        .collect()
});

/// All overloads of a name, in the order of their table.
pub fn overloads(syntax: Syntax, name: &str) -> Overloads {
    INDEX.get(&(syntax, name)).copied().unwrap_or_default()
}

/// Whether there is a function of this name.
pub fn is_function(name: &str) -> bool {
    !overloads(Syntax::Function, name).is_empty()
}
