//! The printer that recorded answers are compared by.

mod support;

use marketplace_analytics::base::{Interval, Type, Value};
use support::answer::print;

#[test]
fn doubles_are_as_c_prints_them() {
    let print = |value| print(&Value::Float(value), &Type::Double);
    assert_eq!(print(0.1 + 0.2), "0.3");
    assert_eq!(print(1.0 / 3.0), "0.333333333333333");
    assert_eq!(print(1e15), "1e+15");
    assert_eq!(print(123_456_789_012_345.0), "123456789012345");
    assert_eq!(print(0.000_012_5), "1.25e-05");
    assert_eq!(print(-0.0), "-0");
    assert_eq!(print(f64::NAN), "NaN");
}

#[test]
fn intervals_keep_their_signs() {
    let print = |months, days, micros| {
        let interval = Interval {
            months,
            days,
            micros,
        };
        print(&Value::Interval(interval), &Type::Interval)
    };
    assert_eq!(print(0, 0, 0), "00:00:00");
    assert_eq!(
        print(14, 3, 14_706_700_000),
        "1 year 2 mons 3 days 04:05:06.7"
    );
    assert_eq!(print(-10, 0, 0), "-10 mons");
    assert_eq!(print(1, -1, 0), "1 mon -1 days");
    assert_eq!(print(0, -1, 7_200_000_000), "-1 days +02:00:00");
}

#[test]
fn times_leave_zeros_out() {
    let stamp = Value::Timestamp(1_706_696_430_500_000);
    assert_eq!(print(&stamp, &Type::Timestamp), "2024-01-31 10:20:30.5");
    assert_eq!(
        print(&stamp, &Type::TimestampTz),
        "2024-01-31 10:20:30.5+00"
    );
    assert_eq!(print(&Value::Date(-719_163), &Type::Date), "0001-12-31 BC");
}

#[test]
fn arrays_quote_what_needs_it() {
    let items = ["a", "b c", "", "null", "x,y"].map(Value::text);
    let array = Value::Array(items.into());
    let ty = Type::Array(Box::new(Type::Text));
    assert_eq!(print(&array, &ty), r#"{a,"b c","","null","x,y"}"#);
}
