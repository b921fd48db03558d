//! `repr()` and `str()`, as CPython writes them.

use super::Interpreter;
use crate::shell::value::date::{iso_date, iso_time, timedelta_text};
use crate::shell::value::{DateTime, Object, PyResult, TimeZone};
use chrono::{Datelike, Timelike};
use std::rc::Rc;

impl Interpreter {
    /// `repr(value)`
    ///
    /// # Errors
    /// What a `__repr__` raises.
    pub fn repr(&mut self, value: &Object) -> PyResult<String> {
        let mut open = Vec::new();
        self.write_repr(value, &mut open)
    }

    fn write_repr(&mut self, value: &Object, open: &mut Vec<Object>) -> PyResult<String> {
        self.step()?;
        if let Object::Instance(instance) = value {
            if let Some(method) = instance.class.lookup("__repr__") {
                let text = self.nested(|vm| vm.call(&method, [value.clone()].into()))?;
                return match text.as_str() {
                    Some(text) => Ok(text.to_string()),
                    None => {
                        let name = self.type_name(&text);
                        let message = format!("__repr__ returned non-string (type {name})");
                        Err(self.type_error(message))
                    }
                };
            }
            if instance.value.is_none() {
                let address = Rc::as_ptr(instance) as usize;
                let class = &instance.class;
                let name = qualified_name(class);
                return Ok(format!("<{name} object at 0x{address:012x}>"));
            }
        }
        let plain = value.plain().clone();
        let container = matches!(plain, Object::List(_) | Object::Dict(_) | Object::Set(_));
        if container {
            if open.iter().any(|it| it.is(&plain)) {
                return Ok(String::from(match plain {
                    Object::List(_) => "[...]",
                    _ => "{...}",
                }));
            }
            open.push(plain.clone());
        }
        let text = self.nested(|vm| vm.repr_of(&plain, open));
        if container {
            open.pop();
        }
        text
    }

    fn repr_of(&mut self, value: &Object, open: &mut Vec<Object>) -> PyResult<String> {
        Ok(match value {
            Object::None => String::from("None"),
            Object::NotImplemented => String::from("NotImplemented"),
            Object::Ellipsis => String::from("Ellipsis"),
            Object::Bool(true) => String::from("True"),
            Object::Bool(false) => String::from("False"),
            Object::Int(value) => value.to_string(),
            Object::Float(value) => float_repr(*value),
            Object::Decimal(value) => format!("Decimal('{value}')"),
            Object::Str(text) => str_repr(text),
            Object::List(list) => {
                let items = list.borrow().clone();
                format!("[{}]", self.joined(&items, open)?)
            }
            Object::Tuple(items) => match &**items {
                [one] => format!("({},)", self.write_repr(one, open)?),
                items => format!("({})", self.joined(items, open)?),
            },
            Object::Dict(dict) => {
                let items = dict.borrow().items();
                let mut parts = Vec::with_capacity(items.len());
                for (key, value) in items {
                    let key = self.write_repr(&key, open)?;
                    parts.push(format!("{key}: {}", self.write_repr(&value, open)?));
                }
                format!("{{{}}}", parts.join(", "))
            }
            Object::Set(set) => {
                let keys = set.borrow().keys();
                match keys.is_empty() {
                    true => String::from("set()"),
                    false => format!("{{{}}}", self.joined(&keys, open)?),
                }
            }
            Object::FrozenSet(set) => {
                let keys = set.borrow().keys();
                match keys.is_empty() {
                    true => String::from("frozenset()"),
                    false => format!("frozenset({{{}}})", self.joined(&keys, open)?),
                }
            }
            Object::Range(range) => match range.step {
                1 => format!("range({}, {})", range.start, range.stop),
                step => format!("range({}, {}, {step})", range.start, range.stop),
            },
            Object::Slice(parts) => format!("slice({})", self.joined(&parts[..], open)?),
            Object::Date(date) => {
                format!(
                    "datetime.date({}, {}, {})",
                    date.year(),
                    date.month(),
                    date.day()
                )
            }
            Object::DateTime(moment) => datetime_repr(moment),
            Object::Time(time) => {
                format!("datetime.time({})", time_parts(*time).join(", "))
            }
            Object::TimeDelta(micros) => timedelta_repr(*micros),
            Object::TimeZone(zone) => zone_repr(zone),
            Object::Iterator(iterator) => {
                let address = Rc::as_ptr(iterator) as usize;
                match iterator.kind {
                    "generator" => format!("<generator object <genexpr> at 0x{address:012x}>"),
                    kind => format!("<{kind} object at 0x{address:012x}>"),
                }
            }
            Object::Function(function) => {
                let address = Rc::as_ptr(function) as usize;
                format!("<function {} at 0x{address:012x}>", function.qualified)
            }
            Object::Native(native) => format!("<built-in function {}>", native.name),
            Object::Method(method) => {
                let name = match &method.function {
                    Object::Function(function) => function.qualified.to_string(),
                    Object::Native(native) => {
                        format!("{}.{}", self.type_name(&method.receiver), native.name)
                    }
                    other => self.write_repr(other, open)?,
                };
                let receiver = self.write_repr(&method.receiver, open)?;
                format!("<bound method {name} of {receiver}>")
            }
            Object::Class(class) => match class.meta.as_ref().and_then(|it| it.repr(class)) {
                Some(text) => text,
                None => format!("<class '{}'>", qualified_name(class)),
            },
            Object::Module(module) => format!("<module '{}'>", module.name),
            Object::Descriptor(_) => String::from("<property object>"),
            Object::StaticMethod(_) => String::from("<staticmethod object>"),
            Object::ClassMethod(_) => String::from("<classmethod object>"),
            Object::Super(_) => String::from("<super object>"),
            Object::Instance(instance) => format!("<{} object>", instance.class.name),
        })
    }

    fn joined(&mut self, items: &[Object], open: &mut Vec<Object>) -> PyResult<String> {
        let mut parts = Vec::with_capacity(items.len());
        let mut size = 0;
        for item in items {
            let text = self.write_repr(item, open)?;
            size += text.len();
            self.check_size(size)?;
            parts.push(text);
        }
        Ok(parts.join(", "))
    }

    /// `str(value)`
    ///
    /// # Errors
    /// What a `__str__` raises.
    pub fn str(&mut self, value: &Object) -> PyResult<Rc<str>> {
        match value {
            Object::Str(text) => return Ok(text.clone()),
            Object::Instance(instance) => {
                if let Some(method) = instance.class.lookup("__str__") {
                    let text = self.nested(|vm| vm.call(&method, [value.clone()].into()))?;
                    return match text.as_str() {
                        Some(text) => Ok(text.clone()),
                        None => {
                            let name = self.type_name(&text);
                            let message = format!("__str__ returned non-string (type {name})");
                            Err(self.type_error(message))
                        }
                    };
                }
                if let (Some(Object::Str(text)), None) =
                    (&instance.value, instance.class.lookup("__repr__"))
                {
                    return Ok(text.clone());
                }
            }
            _ => {}
        }
        Ok(match value {
            Object::Decimal(value) => value.to_string().into(),
            Object::Date(date) => iso_date(*date).into(),
            Object::DateTime(moment) => moment.iso(" ").into(),
            Object::Time(time) => iso_time(*time).into(),
            Object::TimeDelta(micros) => timedelta_text(*micros).into(),
            Object::TimeZone(zone) => zone.name().into(),
            other => self.repr(other)?.into(),
        })
    }

    /// `ascii(value)`
    ///
    /// # Errors
    /// As [`Interpreter::repr`].
    pub fn ascii(&mut self, value: &Object) -> PyResult<String> {
        let text = self.repr(value)?;
        let mut out = String::new();
        for c in text.chars() {
            match c as u32 {
                _ if c.is_ascii() => out.push(c),
                code @ ..0x100 => out += &format!("\\x{code:02x}"),
                code @ ..0x10000 => out += &format!("\\u{code:04x}"),
                code => out += &format!("\\U{code:08x}"),
            }
        }
        Ok(out)
    }
}

/// A class's name with its module, as `repr` shows it.
pub(crate) fn qualified_name(class: &Rc<crate::shell::value::Class>) -> String {
    match &*class.module {
        "builtins" => class.qualified.to_string(),
        module => format!("{module}.{}", class.qualified),
    }
}

/// A float as Python prints it: the shortest digits that give it back.
pub(crate) fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return String::from("nan");
    }
    if value.is_infinite() {
        return String::from(if value > 0.0 { "inf" } else { "-inf" });
    }
    let short = format!("{value:e}");
    let (digits, exponent) = short.split_once('e').unwrap_or((&short, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') {
            plain
        } else {
            format!("{plain}.0")
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// A text as a Python literal.
pub(crate) fn str_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c => match c as u32 {
                code @ ..0x100 => out += &format!("\\x{code:02x}"),
                code @ ..0x10000 => out += &format!("\\u{code:04x}"),
                code => out += &format!("\\U{code:08x}"),
            },
        }
    }
    out.push(quote);
    out
}

fn is_printable(c: char) -> bool {
    if c == ' ' {
        return true;
    }
    !(c.is_control()
        || c.is_whitespace()
        || matches!(c as u32, 0xAD | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFEFF
            | 0xE000..=0xF8FF | 0xFFF0..=0xFFFB | 0xE0000..=0x10FFFF))
}

fn time_parts(time: chrono::NaiveTime) -> Vec<String> {
    let mut parts = vec![time.hour().to_string(), time.minute().to_string()];
    let micros = time.nanosecond() / 1000;
    if time.second() != 0 || micros != 0 {
        parts.push(time.second().to_string());
    }
    if micros != 0 {
        parts.push(micros.to_string());
    }
    parts
}

fn datetime_repr(moment: &DateTime) -> String {
    let date = moment.wall.date();
    let mut parts = vec![
        date.year().to_string(),
        date.month().to_string(),
        date.day().to_string(),
    ];
    parts.extend(time_parts(moment.wall.time()));
    if let Some(zone) = &moment.zone {
        parts.push(format!("tzinfo={}", zone_repr(zone)));
    }
    format!("datetime.datetime({})", parts.join(", "))
}

fn zone_repr(zone: &TimeZone) -> String {
    match zone {
        TimeZone::Fixed(0, None) => String::from("datetime.timezone.utc"),
        TimeZone::Fixed(seconds, name) => {
            let offset = timedelta_repr(i64::from(*seconds) * 1_000_000);
            match name {
                Some(name) => format!("datetime.timezone({offset}, {})", str_repr(name)),
                None => format!("datetime.timezone({offset})"),
            }
        }
        TimeZone::Place(name, _, _) => format!("zoneinfo.ZoneInfo(key='{name}')"),
    }
}

fn timedelta_repr(micros: i64) -> String {
    let day = 86_400_000_000;
    let (days, rest) = (micros.div_euclid(day), micros.rem_euclid(day));
    let mut parts = Vec::new();
    if days != 0 {
        parts.push(format!("days={days}"));
    }
    if rest / 1_000_000 != 0 {
        parts.push(format!("seconds={}", rest / 1_000_000));
    }
    if rest % 1_000_000 != 0 {
        parts.push(format!("microseconds={}", rest % 1_000_000));
    }
    if parts.is_empty() {
        parts.push(String::from("0"));
    }
    format!("datetime.timedelta({})", parts.join(", "))
}
