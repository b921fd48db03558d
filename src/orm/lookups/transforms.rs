//! Transforms: `created_at__year`, `created_at__date`.

use super::LookupKind;
use crate::market::catalogue::FieldKind;
use crate::orm::expressions::{Expr, Func};
use crate::orm::functions::{self, FunctionClass};

/// The names of all transforms.
pub const TRANSFORMS: &[&str] = &[
    "year",
    "month",
    "day",
    "week_day",
    "iso_week_day",
    "week",
    "iso_year",
    "quarter",
    "hour",
    "minute",
    "second",
    "date",
    "time",
];

/// The transform of that name on a field of that kind.
pub fn transform(kind: &FieldKind, name: &str) -> Option<&'static FunctionClass> {
    let dates = matches!(kind, FieldKind::Date | FieldKind::DateTime);
    let times = matches!(kind, FieldKind::Time | FieldKind::DateTime);
    let class = match name {
        "year" if dates => "ExtractYear",
        "month" if dates => "ExtractMonth",
        "day" if dates => "ExtractDay",
        "week_day" if dates => "ExtractWeekDay",
        "iso_week_day" if dates => "ExtractIsoWeekDay",
        "week" if dates => "ExtractWeek",
        "iso_year" if dates => "ExtractIsoYear",
        "quarter" if dates => "ExtractQuarter",
        "hour" if times => "ExtractHour",
        "minute" if times => "ExtractMinute",
        "second" if times => "ExtractSecond",
        "date" if *kind == FieldKind::DateTime => "TruncDate",
        "time" if *kind == FieldKind::DateTime => "TruncTime",
        _ => return None,
    };
    functions::class(class)
}

/// A transform around an expression.
pub fn apply(class: &'static FunctionClass, lhs: Expr) -> Expr {
    Expr::Func(Box::new(Func::of(class, vec![lhs])))
}

/// Everything that may follow a field of that kind in a path, for suggestions.
pub fn lookup_names(kind: &FieldKind) -> Vec<&'static str> {
    let mut names: Vec<_> = LookupKind::NAMES
        .iter()
        .copied()
        .filter(|name| LookupKind::on(Some(kind), name).is_some_and(LookupKind::is_named))
        .collect();
    for &name in TRANSFORMS {
        if transform(kind, name).is_some() {
            names.push(name);
        }
    }
    names
}
