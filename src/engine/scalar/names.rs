//! The names of parameters, for the functions that are called by them.

/// The names of a function's parameters, and the default of those that are not given.
pub fn parameter_names(function: &str) -> Option<(&'static [&'static str], Option<i64>)> {
    Some(match function {
        "make_interval" => (
            &["years", "months", "weeks", "days", "hours", "mins", "secs"],
            Some(0),
        ),
        "make_date" => (&["year", "month", "day"], None),
        "make_time" => (&["hour", "min", "sec"], None),
        "make_timestamp" => (&["year", "month", "mday", "hour", "min", "sec"], None),
        _ => return None,
    })
}
