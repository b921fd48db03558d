//! `datetime` and `zoneinfo`.

use super::datetime_text::{parse_datetime, strftime};
use crate::shell::interpret::Interpreter;
use crate::shell::value::date::{in_range, iso_date, iso_offset, iso_time};
use crate::shell::value::{DateTime, Object, PyResult, TimeZone};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use std::rc::Rc;

pub(super) fn install(vm: &mut Interpreter) {
    let types = vm.types.clone();
    let module = super::add(vm, "datetime");
    for class in [
        &types.date,
        &types.datetime,
        &types.time,
        &types.timedelta,
        &types.tzinfo,
        &types.timezone,
    ] {
        module.set(&class.name, Object::Class(class.clone()));
    }
    module.set("UTC", Object::TimeZone(TimeZone::utc()));
    types.timezone.set("utc", Object::TimeZone(TimeZone::utc()));
    let zones = super::add(vm, "zoneinfo");
    zones.set("ZoneInfo", Object::Class(types.zoneinfo.clone()));
    let missing =
        vm.types
            .add_exception("ZoneInfoNotFoundError", "zoneinfo._common", &["KeyError"]);
    zones.set("ZoneInfoNotFoundError", Object::Class(missing));
    constructors(vm);
    parts(vm);
    changes(vm);
    moments(vm);
}

/// Whole numbers for the parameters that are given.
fn numbers<const N: usize>(
    vm: &Interpreter,
    given: &[Option<Object>; N],
    defaults: [i64; N],
) -> PyResult<[i64; N]> {
    let mut found = defaults;
    for (slot, value) in found.iter_mut().zip(given) {
        if let Some(value) = value {
            match value.as_i64() {
                Some(number) => *slot = number,
                None => {
                    let name = vm.type_name(value);
                    let message = format!("'{name}' object cannot be interpreted as an integer");
                    return Err(vm.type_error(message));
                }
            }
        }
    }
    Ok(found)
}

fn date_of(vm: &Interpreter, year: i64, month: i64, day: i64) -> PyResult<NaiveDate> {
    if !(1..=9999).contains(&year) {
        return Err(vm.value_error(format!("year {year} is out of range")));
    }
    if !(1..=12).contains(&month) {
        return Err(vm.value_error("month must be in 1..12"));
    }
    let made = NaiveDate::from_ymd_opt(
        i32::try_from(year).unwrap_or(1),
        u32::try_from(month).unwrap_or(0),
        u32::try_from(day).unwrap_or(0),
    );
    made.ok_or_else(|| vm.value_error("day is out of range for month"))
}

fn time_of(vm: &Interpreter, parts: [i64; 4]) -> PyResult<NaiveTime> {
    let [hour, minute, second, micros] = parts;
    for (value, limit, what) in [
        (hour, 23, "hour"),
        (minute, 59, "minute"),
        (second, 59, "second"),
        (micros, 999_999, "microsecond"),
    ] {
        if !(0..=limit).contains(&value) {
            return Err(vm.value_error(format!("{what} must be in 0..{limit}")));
        }
    }
    let part = |value: i64| u32::try_from(value).unwrap_or(0);
    NaiveTime::from_hms_micro_opt(part(hour), part(minute), part(second), part(micros))
        .ok_or_else(|| vm.value_error("time out of range"))
}

fn zone_of(vm: &Interpreter, value: Option<Object>) -> PyResult<Option<Rc<TimeZone>>> {
    match value.and_then(Object::some) {
        None => Ok(None),
        Some(Object::TimeZone(zone)) => Ok(Some(zone)),
        Some(other) => {
            let name = vm.type_name(&other);
            let message =
                format!("tzinfo argument must be None or of a tzinfo subclass, not type '{name}'");
            Err(vm.type_error(message))
        }
    }
}

fn moment(wall: NaiveDateTime, zone: Option<Rc<TimeZone>>) -> Object {
    Object::DateTime(Rc::new(DateTime { wall, zone }))
}

fn constructors(vm: &mut Interpreter) {
    let types = vm.types.clone();
    types.date.static_method("__new__", |vm, mut arguments| {
        arguments.take_first();
        let given = arguments.bind(vm, "date", ["year", "month", "day"], 3)?;
        let [year, month, day] = numbers(vm, &given, [1, 1, 1])?;
        Ok(Object::Date(date_of(vm, year, month, day)?))
    });
    types
        .datetime
        .static_method("__new__", |vm, mut arguments| {
            arguments.take_first();
            let names = [
                "year",
                "month",
                "day",
                "hour",
                "minute",
                "second",
                "microsecond",
                "tzinfo",
                "fold",
            ];
            let [year, month, day, hour, minute, second, micros, zone, _] =
                arguments.bind(vm, "datetime", names, 3)?;
            let [year, month, day] = numbers(vm, &[year, month, day], [1, 1, 1])?;
            let clock = numbers(vm, &[hour, minute, second, micros], [0; 4])?;
            let wall = date_of(vm, year, month, day)?.and_time(time_of(vm, clock)?);
            Ok(moment(wall, zone_of(vm, zone)?))
        });
    types.time.static_method("__new__", |vm, mut arguments| {
        arguments.take_first();
        let given = arguments.bind(vm, "time", ["hour", "minute", "second", "microsecond"], 0)?;
        let clock = numbers(vm, &given, [0; 4])?;
        Ok(Object::Time(time_of(vm, clock)?))
    });
    types
        .timedelta
        .static_method("__new__", |vm, mut arguments| {
            arguments.take_first();
            let names = [
                "days",
                "seconds",
                "microseconds",
                "milliseconds",
                "minutes",
                "hours",
                "weeks",
            ];
            let unknown = arguments
                .keywords
                .iter()
                .find(|(name, _)| !names.contains(&&**name));
            if let Some((name, _)) = unknown {
                let message = format!("'{name}' is an invalid keyword argument for __new__()");
                return Err(vm.type_error(message));
            }
            let given = arguments.bind(vm, "timedelta", names, 0)?;
            let day = 86_400_000_000i128;
            let units = [day, 1_000_000, 1, 1_000, 60_000_000, 3_600_000_000, 7 * day];
            let mut total = 0i128;
            let mut fraction = 0f64;
            for (value, unit) in given.iter().zip(units) {
                match value.as_ref().map(Object::plain) {
                    None => {}
                    Some(Object::Int(value)) => {
                        let value = i128::from(value.to_i64().unwrap_or(i64::MAX));
                        total = total.saturating_add(value.saturating_mul(unit));
                    }
                    Some(Object::Bool(value)) => total += i128::from(*value) * unit,
                    Some(Object::Float(value)) => fraction += value * unit as f64,
                    Some(other) => {
                        let name = vm.type_name(other);
                        let message =
                            format!("unsupported type for timedelta days component: {name}");
                        return Err(vm.type_error(message));
                    }
                }
            }
            let total = total.saturating_add(fraction.round_ties_even() as i128);
            vm.timedelta(i64::try_from(total).ok())
        });
    types
        .timezone
        .static_method("__new__", |vm, mut arguments| {
            arguments.take_first();
            let [offset, name] = arguments.bind(vm, "timezone", ["offset", "name"], 1)?;
            let Some(Object::TimeDelta(micros)) = offset else {
                return Err(vm.type_error("timezone() argument 1 must be datetime.timedelta"));
            };
            let seconds = i32::try_from(micros / 1_000_000).unwrap_or(i32::MAX);
            if seconds.abs() >= 86_400 {
                let message = "offset must be a timedelta strictly between \
                           -timedelta(hours=24) and timedelta(hours=24).";
                return Err(vm.value_error(message));
            }
            let name = name.as_ref().and_then(Object::as_str).cloned();
            Ok(Object::TimeZone(Rc::new(TimeZone::Fixed(seconds, name))))
        });
    types
        .zoneinfo
        .static_method("__new__", |vm, mut arguments| {
            arguments.take_first();
            let [key] = arguments.bind(vm, "ZoneInfo", ["key"], 1)?;
            let key = key.unwrap_or(Object::None);
            match key.as_str().and_then(|key| TimeZone::place(key)) {
                Some(zone) => Ok(Object::TimeZone(zone)),
                None => {
                    let shown = vm.str(&key)?;
                    let class = vm.types.exception("ZoneInfoNotFoundError");
                    let message = format!("No time zone found with key {shown}");
                    Err(vm.error_of(&class, vec![Object::from(message)]))
                }
            }
        });
    types.zoneinfo.property("key", |_, value| match &value {
        Object::TimeZone(zone) => Ok(Object::from(zone.name())),
        _ => Ok(Object::None),
    });
}

pub(super) fn date_part(value: &Object) -> Option<NaiveDate> {
    match value.plain() {
        Object::Date(date) => Some(*date),
        Object::DateTime(moment) => Some(moment.wall.date()),
        _ => None,
    }
}

pub(super) fn time_part(value: &Object) -> Option<NaiveTime> {
    match value.plain() {
        Object::Time(time) => Some(*time),
        Object::DateTime(moment) => Some(moment.wall.time()),
        _ => None,
    }
}

fn parts(vm: &mut Interpreter) {
    let types = vm.types.clone();
    let of_date = |name, part: fn(NaiveDate) -> i64| {
        types.date.property(name, move |_, value| {
            Ok(date_part(&value).map_or(Object::None, |date| Object::from(part(date))))
        });
    };
    of_date("year", |date| i64::from(date.year()));
    of_date("month", |date| i64::from(date.month()));
    of_date("day", |date| i64::from(date.day()));
    for class in [&types.datetime, &types.time] {
        let of_time = |name, part: fn(NaiveTime) -> u32| {
            class.property(name, move |_, value| {
                let found = time_part(&value).map(|time| i64::from(part(time)));
                Ok(Object::from(found))
            });
        };
        of_time("hour", |time| time.hour());
        of_time("minute", |time| time.minute());
        of_time("second", |time| time.second());
        of_time("microsecond", |time| time.nanosecond() / 1000);
    }
    types
        .datetime
        .property("tzinfo", |_, value| match value.plain() {
            Object::DateTime(moment) => {
                Ok(moment.zone.clone().map_or(Object::None, Object::TimeZone))
            }
            _ => Ok(Object::None),
        });
    let day = 86_400_000_000;
    let of_delta = |name, part: fn(i64) -> i64| {
        types
            .timedelta
            .property(name, move |_, value| match value.plain() {
                Object::TimeDelta(micros) => Ok(Object::from(part(*micros))),
                _ => Ok(Object::None),
            });
    };
    of_delta("days", |micros| micros.div_euclid(86_400_000_000));
    of_delta("seconds", |micros| {
        micros.rem_euclid(86_400_000_000) / 1_000_000
    });
    of_delta("microseconds", |micros| micros.rem_euclid(1_000_000));
    let bounds = [("min", (1, 1, 1)), ("max", (9999, 12, 31))];
    for (name, (year, month, day)) in bounds {
        let Some(date) = NaiveDate::from_ymd_opt(year, month, day) else {
            continue;
        };
        let time = match name {
            "min" => Some(NaiveTime::MIN),
            _ => NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999),
        };
        types.date.set(name, Object::Date(date));
        if let Some(time) = time {
            types.datetime.set(name, moment(date.and_time(time), None));
        }
    }
    types.time.set("min", Object::Time(NaiveTime::MIN));
    if let Some(last) = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999) {
        types.time.set("max", Object::Time(last));
    }
    types.timedelta.set("resolution", Object::TimeDelta(1));
    types
        .timedelta
        .set("max", Object::TimeDelta(day * 36_500_000));
    types.timedelta.method("total_seconds", |_, mut arguments| {
        match arguments.take_first().plain() {
            Object::TimeDelta(micros) => Ok(Object::Float(*micros as f64 / 1e6)),
            _ => Ok(Object::None),
        }
    });
}

/// Adds a method that takes no arguments but the object.
fn simple(
    class: &Rc<crate::shell::value::Class>,
    name: &'static str,
    code: impl Fn(&mut Interpreter, Object) -> PyResult + 'static,
) {
    class.method(name, move |vm, arguments| {
        let [value] = arguments.exactly(vm, name)?;
        code(vm, value)
    });
}

fn changes(vm: &mut Interpreter) {
    let types = vm.types.clone();
    simple(&types.date, "weekday", |_, value| {
        let day = date_part(&value).map(|date| i64::from(date.weekday().num_days_from_monday()));
        Ok(Object::from(day))
    });
    simple(&types.date, "isoweekday", |_, value| {
        let day = date_part(&value).map(|date| i64::from(date.weekday().number_from_monday()));
        Ok(Object::from(day))
    });
    simple(&types.date, "toordinal", |_, value| {
        Ok(Object::from(
            date_part(&value).map(|date| i64::from(date.num_days_from_ce())),
        ))
    });
    let parts = ["year", "week", "weekday"].map(Into::into).to_vec();
    let calendar = super::named_tuple(vm, "datetime.IsoCalendarDate", "datetime", parts);
    let calendar = Object::Class(calendar);
    simple(&types.date, "isocalendar", move |vm, value| {
        let Some(date) = date_part(&value) else {
            return Ok(Object::None);
        };
        let week = date.iso_week();
        let parts = Object::tuple([
            Object::from(i64::from(week.year())),
            Object::from(i64::from(week.week())),
            Object::from(i64::from(date.weekday().number_from_monday())),
        ]);
        Ok(vm.wrap(&calendar, parts))
    });
    simple(&types.date, "isoformat", |_, value| {
        Ok(Object::from(date_part(&value).map(iso_date)))
    });
    simple(&types.time, "isoformat", |_, value| {
        Ok(Object::from(time_part(&value).map(iso_time)))
    });
    types.datetime.method("isoformat", |vm, arguments| {
        let [value, separator, precision] =
            arguments.bind(vm, "isoformat", ["self", "sep", "timespec"], 1)?;
        let separator = match &separator {
            Some(separator) => vm.str(separator)?,
            None => "T".into(),
        };
        match value {
            Some(Object::DateTime(moment)) => match precision {
                None => Ok(Object::from(moment.iso(&separator))),
                Some(precision) => {
                    let precision = vm.str(&precision)?;
                    let clock = clock(vm, moment.wall.time(), &precision)?;
                    let date = iso_date(moment.wall.date());
                    let offset = moment.offset().map(|it| iso_offset(it, ":"));
                    let offset = offset.unwrap_or_default();
                    Ok(Object::from(format!("{date}{separator}{clock}{offset}")))
                }
            },
            _ => Ok(Object::None),
        }
    });
    for class in [&types.date, &types.time] {
        class.method("strftime", |vm, arguments| {
            let [value, format] = arguments.exactly(vm, "strftime")?;
            let format = vm.str(&format)?;
            strftime(vm, &value, &format).map(Object::from)
        });
    }
    types.date.method("replace", |vm, arguments| {
        let [value, year, month, day] =
            arguments.bind(vm, "replace", ["self", "year", "month", "day"], 1)?;
        let Some(date) = value.as_ref().and_then(date_part) else {
            return Ok(Object::None);
        };
        let now = [
            i64::from(date.year()),
            i64::from(date.month()),
            i64::from(date.day()),
        ];
        let [year, month, day] = numbers(vm, &[year, month, day], now)?;
        Ok(Object::Date(date_of(vm, year, month, day)?))
    });
    types.datetime.method("replace", |vm, mut arguments| {
        let zone = arguments.take_keyword("tzinfo");
        let names = [
            "self",
            "year",
            "month",
            "day",
            "hour",
            "minute",
            "second",
            "microsecond",
        ];
        let [value, year, month, day, hour, minute, second, micros] =
            arguments.bind(vm, "replace", names, 1)?;
        let Some(Object::DateTime(now)) = value else {
            return Ok(Object::None);
        };
        let wall = now.wall;
        let date = [
            i64::from(wall.year()),
            i64::from(wall.month()),
            i64::from(wall.day()),
        ];
        let [year, month, day] = numbers(vm, &[year, month, day], date)?;
        let clock = [
            i64::from(wall.hour()),
            i64::from(wall.minute()),
            i64::from(wall.second()),
            i64::from(wall.nanosecond() / 1000),
        ];
        let clock = numbers(vm, &[hour, minute, second, micros], clock)?;
        let wall = date_of(vm, year, month, day)?.and_time(time_of(vm, clock)?);
        let zone = match zone {
            Some(zone) => zone_of(vm, Some(zone))?,
            None => now.zone.clone(),
        };
        Ok(moment(wall, zone))
    });
    simple(&types.datetime, "date", |_, value| {
        Ok(date_part(&value).map_or(Object::None, Object::Date))
    });
    simple(&types.datetime, "time", |_, value| {
        Ok(time_part(&value).map_or(Object::None, Object::Time))
    });
    simple(&types.datetime, "timestamp", |_, value| {
        match value.plain() {
            Object::DateTime(moment) => Ok(Object::Float(moment.micros() as f64 / 1e6)),
            _ => Ok(Object::None),
        }
    });
    simple(&types.datetime, "utcoffset", |_, value| {
        match value.plain() {
            Object::DateTime(moment) => Ok(match moment.offset() {
                Some(seconds) => Object::TimeDelta(i64::from(seconds) * 1_000_000),
                None => Object::None,
            }),
            _ => Ok(Object::None),
        }
    });
    simple(&types.datetime, "tzname", |_, value| match value.plain() {
        Object::DateTime(moment) => Ok(Object::from(moment.zone.as_ref().map(|it| it.name()))),
        _ => Ok(Object::None),
    });
    types.datetime.method("astimezone", |vm, arguments| {
        let [value, zone] = arguments.bind(vm, "astimezone", ["self", "tz"], 1)?;
        let zone = zone_of(vm, zone)?.unwrap_or_else(TimeZone::utc);
        match value {
            Some(Object::DateTime(now)) => match DateTime::at(now.micros(), &zone) {
                Some(moved) => Ok(Object::DateTime(Rc::new(moved))),
                None => Err(vm.error("OverflowError", "date value out of range")),
            },
            _ => Ok(Object::None),
        }
    });
}

/// A time of day cut at a `timespec` of `isoformat()`.
fn clock(vm: &Interpreter, time: NaiveTime, precision: &str) -> PyResult<String> {
    let micros = time.nanosecond() / 1000;
    Ok(match precision {
        "auto" => iso_time(time),
        "hours" => time.format("%H").to_string(),
        "minutes" => time.format("%H:%M").to_string(),
        "seconds" => time.format("%H:%M:%S").to_string(),
        "milliseconds" => format!("{}.{:03}", time.format("%H:%M:%S"), micros / 1000),
        "microseconds" => format!("{}.{micros:06}", time.format("%H:%M:%S")),
        _ => return Err(vm.value_error("Unknown timespec value")),
    })
}

fn moments(vm: &mut Interpreter) {
    let class = vm.types.time.clone();
    class.class_method("fromisoformat", |vm, arguments| {
        let [_, text] = arguments.exactly(vm, "fromisoformat")?;
        let Some(text) = text.as_str() else {
            return Err(vm.type_error("fromisoformat: argument must be str"));
        };
        let found = ["%H:%M:%S%.f", "%H:%M"].iter();
        let mut found = found.filter_map(|it| NaiveTime::parse_from_str(text, it).ok());
        match found.next() {
            Some(time) => Ok(Object::Time(time)),
            None => Err(vm.value_error(format!("Invalid isoformat string: '{text}'"))),
        }
    });
    let types = vm.types.clone();
    types.date.class_method("fromisoformat", |vm, arguments| {
        let [class, text] = arguments.exactly(vm, "fromisoformat")?;
        let Some(text) = text.as_str() else {
            return Err(vm.type_error("fromisoformat: argument must be str"));
        };
        let whole = matches!(&class, Object::Class(class) if class.is_named("datetime"));
        let parsed = if whole {
            parse_datetime(text).map(|it| Object::DateTime(Rc::new(it)))
        } else {
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()
                .filter(|_| text.len() == 10)
                .map(Object::Date)
        };
        parsed.ok_or_else(|| vm.value_error(format!("Invalid isoformat string: '{text}'")))
    });
    for name in ["now", "utcnow", "today"] {
        types.datetime.class_method(name, |vm, mut arguments| {
            arguments.take_first();
            let [zone] = arguments.bind(vm, "now", ["tz"], 0)?;
            let zone = zone_of(vm, zone)?;
            let utc = TimeZone::utc();
            let now = DateTime::at(vm.now, zone.as_ref().unwrap_or(&utc));
            let wall = now.map(|it| it.wall).unwrap_or_default();
            Ok(moment(wall, zone))
        });
    }
    types.date.class_method("today", |vm, _| {
        let now = DateTime::at(vm.now, &TimeZone::utc());
        Ok(now.map_or(Object::None, |it| Object::Date(it.wall.date())))
    });
    types.datetime.class_method("combine", |vm, arguments| {
        let [_, date, time, zone] =
            arguments.bind(vm, "combine", ["cls", "date", "time", "tzinfo"], 3)?;
        let zone = zone_of(vm, zone)?;
        match (
            date.as_ref().and_then(date_part),
            time.as_ref().and_then(time_part),
        ) {
            (Some(date), Some(time)) => Ok(moment(date.and_time(time), zone)),
            _ => Err(vm.type_error("combine() argument 1 must be datetime.date")),
        }
    });
    types.datetime.class_method("strptime", |vm, arguments| {
        let [_, text, format] = arguments.exactly(vm, "strptime")?;
        let (text, format) = (vm.str(&text)?, vm.str(&format)?);
        let parsed = NaiveDateTime::parse_from_str(&text, &format)
            .ok()
            .or_else(|| {
                let date = NaiveDate::parse_from_str(&text, &format).ok()?;
                Some(date.and_time(NaiveTime::MIN))
            });
        match parsed.and_then(in_range) {
            Some(wall) => Ok(moment(wall, None)),
            None => {
                let mut shorter = text.char_indices().map(|(at, _)| text.split_at(at)).rev();
                let fits = |text: &str| {
                    NaiveDateTime::parse_from_str(text, &format).is_ok()
                        || NaiveDate::parse_from_str(text, &format).is_ok()
                };
                let message = match shorter.find(|(start, _)| fits(start)) {
                    Some((_, rest)) => format!("unconverted data remains: {rest}"),
                    None => format!("time data '{text}' does not match format '{format}'"),
                };
                Err(vm.value_error(message))
            }
        }
    });
    types
        .datetime
        .class_method("fromtimestamp", |vm, arguments| {
            let [_, seconds, zone] =
                arguments.bind(vm, "fromtimestamp", ["cls", "timestamp", "tz"], 2)?;
            let zone = zone_of(vm, zone)?;
            let seconds = match seconds.as_ref().map(Object::plain) {
                Some(Object::Float(value)) => *value,
                Some(Object::Int(value)) => value.to_f64(),
                _ => return Err(vm.type_error("a number is required")),
            };
            let utc = TimeZone::utc();
            match DateTime::at((seconds * 1e6) as i64, zone.as_ref().unwrap_or(&utc)) {
                Some(now) => Ok(moment(now.wall, zone)),
                None => Err(vm.value_error("year is out of range")),
            }
        });
}
