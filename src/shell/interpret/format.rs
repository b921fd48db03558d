//! Format specifications: `f"{x:>10,.2f}"`, `format()`, `str.format()`, and `%` on texts.

use super::Interpreter;
use super::text::float_repr;
use crate::shell::value::decimal::Rounding;
use crate::shell::value::{Arguments, Decimal, Int, Object, PyResult};
use std::rc::Rc;

/// Widths and precisions beyond this are refused.
const MAX_WIDTH: usize = 10_000;

/// A parsed format specification (Python library reference, "Format Specification
/// Mini-Language").
#[derive(Clone, Debug, Default)]
struct Specification {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    zero: bool,
    /// `z`: no minus before a zero.
    coerce: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Specification {
    fn parse(text: &str) -> Option<Self> {
        let mut found = Self::default();
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        let peek = |at: usize| chars.get(at).copied();
        let is_align = |c: Option<char>| c.is_some_and(|c| "<>=^".contains(c));
        if is_align(peek(1)) {
            found.fill = peek(0);
            found.align = peek(1);
            at = 2;
        } else if is_align(peek(0)) {
            found.align = peek(0);
            at = 1;
        }
        if let Some(sign) = peek(at).filter(|c| "+- ".contains(*c)) {
            found.sign = Some(sign);
            at += 1;
        }
        if peek(at) == Some('z') {
            found.coerce = true;
            at += 1;
        }
        if peek(at) == Some('#') {
            found.alternate = true;
            at += 1;
        }
        if peek(at) == Some('0') {
            found.zero = true;
            at += 1;
        }
        let number = |at: &mut usize| {
            let digits: String = chars
                .iter()
                .skip(*at)
                .take_while(|c| c.is_ascii_digit())
                .collect();
            *at += digits.len();
            digits.parse::<usize>().ok().filter(|it| *it <= MAX_WIDTH)
        };
        if peek(at).is_some_and(|c| c.is_ascii_digit()) {
            found.width = number(&mut at)?;
        }
        if let Some(grouping) = peek(at).filter(|c| ",_".contains(*c)) {
            found.grouping = Some(grouping);
            at += 1;
        }
        if peek(at) == Some('.') {
            at += 1;
            found.precision = Some(number(&mut at)?);
        }
        found.kind = peek(at);
        at += usize::from(found.kind.is_some());
        (at == chars.len()).then_some(found)
    }

    /// `body` (with its sign before it) filled up to the width.
    fn pad(&self, sign: &str, body: &str, default: char) -> String {
        let align = match self.align {
            Some(align) => align,
            None if self.zero && default == '>' => '=',
            None => default,
        };
        let fill = self.fill.unwrap_or(if self.zero { '0' } else { ' ' });
        let length = sign.chars().count() + body.chars().count();
        let missing = self.width.saturating_sub(length);
        let run = |count: usize| fill.to_string().repeat(count);
        match align {
            '<' => format!("{sign}{body}{}", run(missing)),
            '^' => format!(
                "{}{sign}{body}{}",
                run(missing / 2),
                run(missing - missing / 2)
            ),
            '=' => format!("{sign}{}{body}", run(missing)),
            _ => format!("{}{sign}{body}", run(missing)),
        }
    }

    /// Zeros before the number count as digits of its groups.
    fn number(&self, negative: bool, whole: &str, rest: &str) -> String {
        let sign = match (negative, self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        };
        let Some(separator) = self.grouping else {
            return self.pad(sign, &format!("{whole}{rest}"), '>');
        };
        let size = match self.kind {
            Some('x' | 'X' | 'b' | 'o') => 4,
            _ => 3,
        };
        let mut digits = whole.to_owned();
        if self.zero && self.align.is_none() {
            let room = self.width.saturating_sub(sign.len() + rest.len());
            while grouped(&digits, separator, size).len() < room {
                digits.insert(0, '0');
            }
        }
        self.pad(
            sign,
            &format!("{}{rest}", grouped(&digits, separator, size)),
            '>',
        )
    }
}

fn grouped(digits: &str, separator: char, size: usize) -> String {
    let mut out = String::new();
    let length = digits.chars().count();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (length - at).is_multiple_of(size) {
            out.push(separator);
        }
        out.push(c);
    }
    out
}

impl Interpreter {
    /// `format(value, specification)`
    ///
    /// # Errors
    /// `ValueError` for a specification that does not fit.
    pub fn format(&mut self, value: &Object, specification: &str) -> PyResult<String> {
        if let Object::Instance(instance) = value
            && let Some(method) = instance.class.lookup("__format__")
        {
            let text = self.call(&method, [value.clone(), Object::from(specification)].into())?;
            return Ok(self.str(&text)?.to_string());
        }
        if specification.is_empty() {
            return Ok(self.str(value)?.to_string());
        }
        let plain = value.plain().clone();
        match &plain {
            Object::Date(_) | Object::DateTime(_) | Object::Time(_) => {
                return crate::shell::modules::datetime_text::strftime(self, &plain, specification);
            }
            _ => {}
        }
        let name = self.type_name(value);
        let Some(found) = Specification::parse(specification) else {
            let message =
                format!("Invalid format specifier '{specification}' for object of type '{name}'");
            return Err(self.value_error(message));
        };
        let text = match &plain {
            Object::Bool(flag) if matches!(found.kind, None | Some('s')) => {
                let text = if *flag { "True" } else { "False" };
                match found.kind {
                    None => return self.format_int(&Int::from(i64::from(*flag)), &found),
                    _ => Some(String::from(text)),
                }
            }
            Object::Bool(flag) => return self.format_int(&Int::from(i64::from(*flag)), &found),
            Object::Int(value) => return self.format_int(value, &found),
            Object::Float(value) => return self.format_float(*value, &found, "float"),
            Object::Decimal(value) => return self.format_decimal(value, &found),
            Object::Str(text) => Some(text.to_string()),
            _ => None,
        };
        let Some(text) = text else {
            let message = format!("unsupported format string passed to {name}.__format__");
            return Err(self.type_error(message));
        };
        if !matches!(found.kind, None | Some('s')) {
            return Err(self.unknown_code(&found, "str"));
        }
        if found.sign.is_some() {
            return Err(self.value_error("Sign not allowed in string format specifier"));
        }
        if found.align == Some('=') {
            let message = "'=' alignment not allowed in string format specifier";
            return Err(self.value_error(message));
        }
        if let Some(grouping) = found.grouping {
            return Err(self.value_error(format!("Cannot specify '{grouping}' with 's'.")));
        }
        let text = match found.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text,
        };
        Ok(found.pad("", &text, '<'))
    }

    fn unknown_code(&self, found: &Specification, name: &str) -> Box<crate::shell::value::Raised> {
        let kind = found.kind.unwrap_or(' ');
        self.value_error(format!(
            "Unknown format code '{kind}' for object of type '{name}'"
        ))
    }

    fn format_int(&mut self, value: &Int, found: &Specification) -> PyResult<String> {
        let (radix, prefix) = match found.kind {
            None | Some('d' | 'n') => (10, ""),
            Some('x') => (16, "0x"),
            Some('X') => (16, "0X"),
            Some('o') => (8, "0o"),
            Some('b') => (2, "0b"),
            Some('c') => {
                let c = value
                    .to_i64()
                    .and_then(|it| u32::try_from(it).ok())
                    .and_then(char::from_u32);
                return match c {
                    Some(c) => Ok(found.pad("", &c.to_string(), '<')),
                    None => Err(self.error("OverflowError", "%c arg not in range(0x110000)")),
                };
            }
            Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
                return self.format_float(value.to_f64(), found, "int");
            }
            Some(_) => return Err(self.unknown_code(found, "int")),
        };
        if found.precision.is_some() {
            return Err(self.value_error("Precision not allowed in integer format specifier"));
        }
        if found.coerce {
            let message = "Negative zero coercion (z) not allowed in integer format specifier";
            return Err(self.value_error(message));
        }
        let mut digits = value.abs().to_radix(radix);
        if found.kind == Some('X') {
            digits = digits.to_uppercase();
        }
        if found.alternate {
            digits = format!("{prefix}{digits}");
        }
        Ok(found.number(value.is_negative(), &digits, ""))
    }

    fn format_float(&mut self, value: f64, found: &Specification, name: &str) -> PyResult<String> {
        let kind = found.kind;
        if value.is_nan() || value.is_infinite() {
            let text = if value.is_nan() { "nan" } else { "inf" };
            let upper = kind.is_some_and(|it| it.is_ascii_uppercase());
            let text = if upper {
                text.to_uppercase()
            } else {
                text.to_owned()
            };
            let percent = if kind == Some('%') { "%" } else { "" };
            return Ok(found.number(value < 0.0, &text, percent));
        }
        let negative = value.is_sign_negative();
        let size = value.abs();
        let precision = found.precision;
        let body = match kind {
            Some('f' | 'F') => format!("{size:.*}", precision.unwrap_or(6)),
            Some('%') => {
                let percent = Decimal::from_f64(size).multiply(&Decimal::new(100, 0));
                match percent {
                    Ok(percent) => {
                        let places = precision.unwrap_or(6);
                        let target = -i64::try_from(places).unwrap_or(0);
                        let text = percent.with_exponent(target, Rounding::HalfEven);
                        format!("{}%", text.to_plain_string())
                    }
                    Err(_) => format!("{:.*}%", precision.unwrap_or(6), size * 100.0),
                }
            }
            Some('e' | 'E') => exponent_form(size, precision.unwrap_or(6), kind == Some('E')),
            Some('g' | 'G' | 'n') => general_form(size, precision.unwrap_or(6), kind == Some('G')),
            None => match precision {
                None => float_repr(size),
                Some(precision) => {
                    let text = general_form(size, precision, false);
                    if text.contains(['.', 'e']) {
                        text
                    } else {
                        format!("{text}.0")
                    }
                }
            },
            Some(_) => return Err(self.unknown_code(found, name)),
        };
        let split = body
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(body.len());
        let (whole, rest) = body.split_at(split);
        Ok(found.number(negative, whole, rest))
    }

    fn format_decimal(&mut self, value: &Rc<Decimal>, found: &Specification) -> PyResult<String> {
        let places = |count: usize| -i64::try_from(count).unwrap_or(0);
        let body = match found.kind {
            Some('f' | 'F') => match found.precision {
                Some(precision) => value
                    .with_exponent(places(precision), Rounding::HalfEven)
                    .abs()
                    .to_plain_string(),
                None => value.abs().to_plain_string(),
            },
            Some('%') => {
                let percent = value
                    .multiply(&Decimal::new(100, 0))
                    .unwrap_or(Decimal::NaN)
                    .abs();
                let percent = match found.precision {
                    Some(precision) => percent.with_exponent(places(precision), Rounding::HalfEven),
                    None => percent,
                };
                format!("{}%", percent.to_plain_string())
            }
            None | Some('g' | 'G' | 'n') => match found.precision {
                None => value.abs().to_string(),
                Some(precision) => general_form(value.abs().to_f64(), precision, false),
            },
            Some('e' | 'E') => {
                let precision = found.precision.unwrap_or(6);
                exponent_form(value.abs().to_f64(), precision, found.kind == Some('E'))
            }
            Some(_) => return Err(self.value_error("invalid format string")),
        };
        let split = body
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(body.len());
        let (whole, rest) = body.split_at(split);
        Ok(found.number(value.is_negative(), whole, rest))
    }

    /// `"{} {name!r:>5}".format(…)`
    pub(crate) fn str_format(&mut self, text: &str, arguments: &Arguments) -> PyResult<String> {
        let mut out = String::new();
        let mut next = 0;
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            if from.starts_with("{{") || from.starts_with("}}") {
                out.push_str(&from[..1]);
                rest = &from[2..];
                continue;
            }
            if from.starts_with('}') {
                return Err(self.value_error("Single '}' encountered in format string"));
            }
            let Some(end) = matching_brace(from) else {
                return Err(self.value_error("expected '}' before end of string"));
            };
            let field = from.get(1..end).unwrap_or("");
            rest = from.get(end + 1..).unwrap_or("");
            let (field, specification) = field.split_once(':').unwrap_or((field, ""));
            let (name, conversion) = field.split_once('!').unwrap_or((field, ""));
            let mut value = self.format_field(name, arguments, &mut next)?;
            value = match conversion {
                "" => value,
                "r" => Object::from(self.repr(&value)?),
                "s" => Object::Str(self.str(&value)?),
                "a" => Object::from(self.ascii(&value)?),
                other => {
                    let message = format!("Unknown conversion specifier '{other}'");
                    return Err(self.value_error(message));
                }
            };
            let specification = match specification.contains('{') {
                true => self.nested(|vm| vm.str_format(specification, arguments))?,
                false => specification.to_owned(),
            };
            out.push_str(&self.format(&value, &specification)?);
        }
        out.push_str(rest);
        Ok(out)
    }

    fn format_field(&mut self, name: &str, arguments: &Arguments, next: &mut usize) -> PyResult {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut path) = name.split_at(end);
        let mut value = if first.is_empty() {
            *next += 1;
            arguments.positional.get(*next - 1).cloned()
        } else if let Ok(at) = first.parse::<usize>() {
            if *next > 0 {
                let message = "cannot switch from automatic field numbering to manual field \
                               specification";
                return Err(self.value_error(message));
            }
            arguments.positional.get(at).cloned()
        } else {
            let found = arguments.keywords.iter().find(|(key, _)| &**key == first);
            match found {
                Some((_, value)) => Some(value.clone()),
                None => return Err(self.key_error(&Object::from(first))),
            }
        };
        while let (Some(current), false) = (&value, path.is_empty()) {
            if let Some(rest) = path.strip_prefix('.') {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (name, rest) = rest.split_at(end);
                value = Some(self.attribute(&current.clone(), name)?);
                path = rest;
            } else {
                let inside = path.get(1..).unwrap_or("");
                let end = inside.find(']').unwrap_or(inside.len());
                let (key, rest) = inside.split_at(end);
                let key = match key.parse::<i64>() {
                    Ok(at) => Object::from(at),
                    Err(_) => Object::from(key),
                };
                value = Some(self.item(&current.clone(), &key)?);
                path = rest.get(1..).unwrap_or("");
            }
        }
        value.ok_or_else(|| {
            let message = format!(
                "Replacement index {} out of range for positional args tuple",
                *next - 1
            );
            self.error("IndexError", &message)
        })
    }

    /// `text % values`
    pub(crate) fn percent_format(&mut self, text: &str, values: &Object) -> PyResult<String> {
        let items = match values {
            Object::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        let mut items = items.into_iter();
        let mut out = String::new();
        let mut chars = text.chars().peekable();
        let mut by_name = matches!(values, Object::Dict(_));
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let mut key = None;
            if chars.next_if_eq(&'(').is_some() {
                let name: String = chars.by_ref().take_while(|c| *c != ')').collect();
                key = Some(name);
            }
            let mut specification = String::new();
            let mut minus = false;
            while let Some(flag) = chars.next_if(|c| "-+ #0123456789.".contains(*c)) {
                if flag == '-' {
                    minus = true;
                } else {
                    specification.push(flag);
                }
            }
            let Some(kind) = chars.next() else {
                return Err(self.value_error("incomplete format"));
            };
            if kind == '%' {
                out.push('%');
                continue;
            }
            let value = match &key {
                Some(key) => {
                    by_name = true;
                    self.item(values, &Object::from(key.as_str()))?
                }
                None => match items.next() {
                    Some(value) => value,
                    None => return Err(self.type_error("not enough arguments for format string")),
                },
            };
            let align = if minus { "<" } else { ">" };
            let text = match kind {
                's' => {
                    let text = Object::Str(self.str(&value)?);
                    self.format(&text, &format!("{align}{specification}"))?
                }
                'r' => {
                    let text = Object::from(self.repr(&value)?);
                    self.format(&text, &format!("{align}{specification}"))?
                }
                'd' | 'i' | 'u' => {
                    let whole = match value.plain() {
                        Object::Int(_) | Object::Bool(_) => value.plain().clone(),
                        Object::Float(value) => match Int::from_f64(*value) {
                            Some(value) => Object::Int(value),
                            None => return Err(self.value_error("cannot convert float to integer")),
                        },
                        Object::Decimal(value) => value.to_int().map_or(Object::None, Object::Int),
                        _ => Object::None,
                    };
                    if whole.is_none() {
                        let message = format!(
                            "%{kind} format: a real number is required, not {}",
                            self.type_name(&value)
                        );
                        return Err(self.type_error(message));
                    }
                    let minus = if minus { "<" } else { "" };
                    self.format(&whole, &format!("{minus}{specification}d"))?
                }
                'f' | 'F' | 'e' | 'E' | 'g' | 'G' | 'x' | 'X' | 'o' => {
                    let number = match (value.plain(), kind) {
                        (Object::Decimal(value), _) => Object::Float(value.to_f64()),
                        (Object::Int(_) | Object::Float(_) | Object::Bool(_), _) => {
                            value.plain().clone()
                        }
                        _ => {
                            let message =
                                format!("must be real number, not {}", self.type_name(&value));
                            return Err(self.type_error(message));
                        }
                    };
                    let minus = if minus { "<" } else { "" };
                    self.format(&number, &format!("{minus}{specification}{kind}"))?
                }
                'c' => {
                    let c = match value.plain() {
                        Object::Str(text) if text.chars().count() == 1 => Some(text.to_string()),
                        Object::Int(code) => code
                            .to_i64()
                            .and_then(|it| u32::try_from(it).ok())
                            .and_then(char::from_u32)
                            .map(String::from),
                        _ => None,
                    };
                    let Some(c) = c else {
                        return Err(self.type_error("%c requires int or char"));
                    };
                    self.format(&Object::from(c), &format!("{align}{specification}"))?
                }
                other => {
                    let message = format!("unsupported format character '{other}'");
                    return Err(self.value_error(message));
                }
            };
            out.push_str(&text);
        }
        if items.next().is_some() && !by_name {
            let message = "not all arguments converted during string formatting";
            return Err(self.type_error(message));
        }
        Ok(out)
    }
}

fn matching_brace(text: &str) -> Option<usize> {
    let mut open = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn exponent_form(value: f64, precision: usize, upper: bool) -> String {
    let text = format!("{value:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    let letter = if upper { 'E' } else { 'e' };
    format!("{digits}{letter}{sign}{:02}", exponent.abs())
}

fn general_form(value: f64, precision: usize, upper: bool) -> String {
    let precision = precision.max(1);
    if value == 0.0 {
        return String::from("0");
    }
    let scientific = format!("{value:.*e}", precision - 1);
    let exponent: i32 = scientific
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let width = i32::try_from(precision).unwrap_or(i32::MAX);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= width {
        let text = exponent_form(value, precision - 1, upper);
        let split = text.find(['e', 'E']).unwrap_or(text.len());
        let (digits, exponent) = text.split_at(split);
        return format!("{}{exponent}", trimmed(digits));
    }
    let places = usize::try_from(width - 1 - exponent).unwrap_or(0);
    trimmed(&format!("{value:.places$}"))
}
