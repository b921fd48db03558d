//! `str`.

use crate::shell::interpret::Interpreter;
use crate::shell::value::{Arguments, Object, PyResult};
use std::rc::Rc;

pub(super) fn install(vm: &mut Interpreter) {
    let class = vm.types.str.clone();
    class.static_method("__new__", |vm, mut arguments| {
        let class = arguments.take_first();
        let [value] = arguments.bind(vm, "str", ["object"], 0)?;
        let text = match value {
            Some(value) => vm.str(&value)?,
            None => "".into(),
        };
        Ok(vm.wrap(&class, Object::Str(text)))
    });
    changers(vm);
    testers(vm);
    searchers(vm);
    splitters(vm);
}

/// The text, and the other arguments.
fn own(vm: &Interpreter, arguments: &mut Arguments) -> PyResult<Rc<str>> {
    let value = arguments.take_first();
    match value.as_str() {
        Some(text) => Ok(text.clone()),
        None => Err(vm.type_error(format!(
            "descriptor requires a 'str' object but received a '{}'",
            vm.type_name(&value)
        ))),
    }
}

fn text(vm: &Interpreter, value: &Object, what: &str) -> PyResult<Rc<str>> {
    match value.as_str() {
        Some(text) => Ok(text.clone()),
        None => {
            let name = vm.type_name(value);
            Err(vm.type_error(format!("{what} must be str, not {name}")))
        }
    }
}

fn simple(vm: &Interpreter, name: &'static str, change: impl Fn(&str) -> Object + 'static) {
    vm.types.str.method(name, move |vm, mut arguments| {
        let text = own(vm, &mut arguments)?;
        let [] = arguments.exactly(vm, &format!("str.{name}"))?;
        Ok(change(&text))
    });
}

fn title(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        inside = c.is_alphabetic();
    }
    out
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().collect::<String>() + &chars.as_str().to_lowercase(),
        None => String::new(),
    }
}

fn changers(vm: &mut Interpreter) {
    simple(vm, "upper", |text| Object::from(text.to_uppercase()));
    simple(vm, "lower", |text| Object::from(text.to_lowercase()));
    simple(vm, "casefold", |text| {
        Object::from(text.to_lowercase().replace('ß', "ss"))
    });
    simple(vm, "title", |text| Object::from(title(text)));
    simple(vm, "capitalize", |text| Object::from(capitalize(text)));
    simple(vm, "swapcase", |text| {
        let swapped: String = text
            .chars()
            .flat_map(|c| -> Vec<char> {
                if c.is_uppercase() {
                    c.to_lowercase().collect()
                } else {
                    c.to_uppercase().collect()
                }
            })
            .collect();
        Object::from(swapped)
    });
    let class = vm.types.str.clone();
    for (name, left, right) in [
        ("strip", true, true),
        ("lstrip", true, false),
        ("rstrip", false, true),
    ] {
        class.method(name, move |vm, mut arguments| {
            let own = own(vm, &mut arguments)?;
            let [chars] = arguments.bind(vm, name, ["chars"], 0)?;
            let set: Option<Vec<char>> = match chars.and_then(Object::some) {
                Some(chars) => Some(text(vm, &chars, &format!("{name} arg"))?.chars().collect()),
                None => None,
            };
            let drop = |c: char| match &set {
                Some(set) => set.contains(&c),
                None => c.is_whitespace(),
            };
            let mut rest: &str = &own;
            if left {
                rest = rest.trim_start_matches(drop);
            }
            if right {
                rest = rest.trim_end_matches(drop);
            }
            Ok(Object::from(rest))
        });
    }
    class.method("replace", |vm, mut arguments| {
        let own = own(vm, &mut arguments)?;
        let [old, new, count] = arguments.bind(vm, "replace", ["old", "new", "count"], 2)?;
        let old = text(vm, &old.unwrap_or(Object::None), "replace() argument 1")?;
        let new = text(vm, &new.unwrap_or(Object::None), "replace() argument 2")?;
        vm.check_size(own.len().saturating_mul(new.len().max(1)))?;
        let count = count.and_then(|it| it.as_i64()).filter(|it| *it >= 0);
        Ok(Object::from(match count {
            Some(count) => own.replacen(&*old, &new, usize::try_from(count).unwrap_or(usize::MAX)),
            None => own.replace(&*old, &new),
        }))
    });
    for (name, prefix) in [("removeprefix", true), ("removesuffix", false)] {
        class.method(name, move |vm, mut arguments| {
            let own = own(vm, &mut arguments)?;
            let [part] = arguments.exactly(vm, name)?;
            let part = text(vm, &part, &format!("{name}() argument"))?;
            let rest = if prefix {
                own.strip_prefix(&*part)
            } else {
                own.strip_suffix(&*part)
            };
            Ok(Object::from(rest.unwrap_or(&own)))
        });
    }
    for (name, align) in [("ljust", '<'), ("rjust", '>'), ("center", '^')] {
        class.method(name, move |vm, mut arguments| {
            let own = own(vm, &mut arguments)?;
            let [width, fill] = arguments.bind(vm, name, ["width", "fillchar"], 1)?;
            let width = width
                .and_then(|it| it.as_i64())
                .unwrap_or(0)
                .clamp(0, 1_000_000);
            let fill = match fill {
                Some(fill) => text(vm, &fill, "The fill character")?,
                None => " ".into(),
            };
            if fill.chars().count() != 1 {
                let message = "The fill character must be exactly one character long";
                return Err(vm.type_error(message));
            }
            let missing = usize::try_from(width)
                .unwrap_or(0)
                .saturating_sub(own.chars().count());
            // CPython puts the odd one left when the width is odd.
            let left = match align {
                '<' => 0,
                '>' => missing,
                _ => missing / 2 + (missing & usize::try_from(width).unwrap_or(0) & 1),
            };
            let (before, after) = (fill.repeat(left), fill.repeat(missing - left));
            Ok(Object::from(format!("{before}{own}{after}")))
        });
    }
    class.method("zfill", |vm, mut arguments| {
        let own = own(vm, &mut arguments)?;
        let [width] = arguments.exactly(vm, "zfill")?;
        let width = usize::try_from(width.as_i64().unwrap_or(0).clamp(0, 1_000_000)).unwrap_or(0);
        let (sign, digits) = match own.strip_prefix(['-', '+']) {
            Some(digits) => (&own[..1], digits),
            None => ("", &*own),
        };
        let missing = width.saturating_sub(own.chars().count());
        Ok(Object::from(format!(
            "{sign}{}{digits}",
            "0".repeat(missing)
        )))
    });
    class.method("format", |vm, mut arguments| {
        let own = own(vm, &mut arguments)?;
        Ok(Object::from(vm.str_format(&own, &arguments)?))
    });
    class.method("format_map", |vm, mut arguments| {
        let own = own(vm, &mut arguments)?;
        let [mapping] = arguments.exactly(vm, "format_map")?;
        let mut given = Arguments::default();
        if let Object::Dict(dict) = mapping.plain() {
            for (key, value) in dict.borrow().items() {
                if let Some(key) = key.as_str() {
                    given.keywords.push((key.clone(), value));
                }
            }
        }
        Ok(Object::from(vm.str_format(&own, &given)?))
    });
    class.method("expandtabs", |vm, mut arguments| {
        let own = own(vm, &mut arguments)?;
        let [size] = arguments.bind(vm, "expandtabs", ["tabsize"], 0)?;
        let size = size.and_then(|it| it.as_i64()).unwrap_or(8).clamp(0, 1_000);
        let size = usize::try_from(size).unwrap_or(8);
        let mut out = String::new();
        let mut column = 0;
        for c in own.chars() {
            match c {
                '\t' if size > 0 => {
                    let blanks = size - column % size;
                    out.extend(std::iter::repeat_n(' ', blanks));
                    column += blanks;
                    vm.check_size(out.len())?;
                }
                '\t' => {}
                '\n' | '\r' => {
                    out.push(c);
                    column = 0;
                }
                c => {
                    out.push(c);
                    column += 1;
                }
            }
        }
        Ok(Object::from(out))
    });
    class.static_method("maketrans", maketrans);
    class.method("translate", translate);
    class.method("encode", |vm, _| {
        Err(vm.error("NotImplementedError", "not supported here: bytes"))
    });
}

/// `str.maketrans()`: a dict from the numbers of characters.
fn maketrans(vm: &mut Interpreter, arguments: Arguments) -> PyResult {
    let [from, to, without] = arguments.bind(vm, "maketrans", ["x", "y", "z"], 1)?;
    let from = from.unwrap_or(Object::None);
    let table = vm.dict_from::<&str>([]);
    let Object::Dict(dict) = &table else {
        return Ok(table);
    };
    let number = |c: char| Object::from(i64::from(u32::from(c)));
    let Some(to) = to else {
        let Object::Dict(given) = from.plain() else {
            let message = "if you give only one argument to maketrans it must be a dict";
            return Err(vm.type_error(message));
        };
        let items = given.borrow().items();
        for (key, value) in items {
            let mut chars = key.as_str().map(|it| it.chars()).into_iter().flatten();
            let key = match (chars.next(), chars.next()) {
                (Some(c), None) => number(c),
                (None, _) if key.as_i64().is_some() => key,
                _ => {
                    let message = "string keys in translate table must be of length 1";
                    return Err(vm.value_error(message));
                }
            };
            vm.dict_set(dict, key, value)?;
        }
        return Ok(table);
    };
    let from = text(vm, &from, "maketrans() argument 1")?;
    let to = text(vm, &to, "maketrans() argument 2")?;
    if from.chars().count() != to.chars().count() {
        let message = "the first two maketrans arguments must have equal length";
        return Err(vm.value_error(message));
    }
    for (one, other) in from.chars().zip(to.chars()) {
        vm.dict_set(dict, number(one), number(other))?;
    }
    if let Some(without) = without {
        for c in text(vm, &without, "maketrans() argument 3")?.chars() {
            vm.dict_set(dict, number(c), Object::None)?;
        }
    }
    Ok(table)
}

fn translate(vm: &mut Interpreter, mut arguments: Arguments) -> PyResult {
    let own = own(vm, &mut arguments)?;
    let [table] = arguments.exactly(vm, "str.translate")?;
    let mut out = String::new();
    for c in own.chars() {
        let key = Object::from(i64::from(u32::from(c)));
        match vm.item(&table, &key) {
            Ok(Object::None) => {}
            Ok(found) => match found.as_i64().and_then(|it| u32::try_from(it).ok()) {
                Some(code) => out.extend(char::from_u32(code)),
                None => out.push_str(&vm.str(&found)?),
            },
            Err(raised) if raised.is("LookupError") || raised.is("KeyError") => out.push(c),
            Err(raised) => return Err(raised),
        }
        vm.check_size(out.len())?;
    }
    Ok(Object::from(out))
}

fn testers(vm: &mut Interpreter) {
    fn all(text: &str, test: impl Fn(char) -> bool) -> Object {
        Object::Bool(!text.is_empty() && text.chars().all(test))
    }
    simple(vm, "isdigit", |text| {
        all(text, |c| {
            c.is_ascii_digit() || "²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉".contains(c)
        })
    });
    simple(vm, "isdecimal", |text| all(text, |c| c.is_ascii_digit()));
    simple(vm, "isnumeric", |text| all(text, char::is_numeric));
    simple(vm, "isalpha", |text| all(text, char::is_alphabetic));
    simple(vm, "isalnum", |text| all(text, char::is_alphanumeric));
    simple(vm, "isspace", |text| all(text, char::is_whitespace));
    simple(vm, "isascii", |text| Object::Bool(text.is_ascii()));
    simple(vm, "isupper", |text| {
        Object::Bool(text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase))
    });
    simple(vm, "islower", |text| {
        Object::Bool(text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase))
    });
    simple(vm, "istitle", |text| {
        Object::Bool(text.chars().any(char::is_alphabetic) && title(text) == text)
    });
    simple(vm, "isidentifier", |text| {
        let mut chars = text.chars();
        let first = chars.next().is_some_and(|c| c == '_' || c.is_alphabetic());
        Object::Bool(first && chars.all(|c| c == '_' || c.is_alphanumeric()))
    });
}

/// The part that `start` and `end` (in characters) leave, with the characters before it.
fn window<'t>(text: &'t str, start: &Option<Object>, end: &Option<Object>) -> (&'t str, usize) {
    let length = text.chars().count();
    let place =
        |value: &Option<Object>, default: usize| match value.as_ref().and_then(Object::as_i64) {
            Some(at) if at < 0 => usize::try_from(at + length as i64).unwrap_or(0),
            Some(at) => usize::try_from(at).unwrap_or(0).min(length),
            None => default,
        };
    let (start, end) = (place(start, 0), place(end, length));
    let byte = |at: usize| {
        text.char_indices()
            .nth(at)
            .map_or(text.len(), |(byte, _)| byte)
    };
    (text.get(byte(start)..byte(end)).unwrap_or(""), start)
}

fn searchers(vm: &mut Interpreter) {
    let class = vm.types.str.clone();
    for (name, last, raises) in [
        ("find", false, false),
        ("index", false, true),
        ("rfind", true, false),
        ("rindex", true, true),
    ] {
        class.method(name, move |vm, mut arguments| {
            let own = own(vm, &mut arguments)?;
            let [part, start, end] = arguments.bind(vm, name, ["sub", "start", "end"], 1)?;
            let part = text(
                vm,
                &part.unwrap_or(Object::None),
                &format!("{name}() argument 1"),
            )?;
            let (inside, before) = window(&own, &start, &end);
            let found = if last {
                inside.rfind(&*part)
            } else {
                inside.find(&*part)
            };
            match found {
                Some(byte) => {
                    let chars = inside.get(..byte).unwrap_or("").chars().count();
                    Ok(Object::from(before + chars))
                }
                None if raises => Err(vm.value_error("substring not found")),
                None => Ok(Object::from(-1i64)),
            }
        });
    }
    class.method("count", |vm, mut arguments| {
        let own = own(vm, &mut arguments)?;
        let [part, start, end] = arguments.bind(vm, "count", ["sub", "start", "end"], 1)?;
        let part = text(vm, &part.unwrap_or(Object::None), "count() argument 1")?;
        let (inside, _) = window(&own, &start, &end);
        Ok(Object::from(match part.is_empty() {
            true => inside.chars().count() + 1,
            false => inside.matches(&*part).count(),
        }))
    });
    for (name, prefix) in [("startswith", true), ("endswith", false)] {
        class.method(name, move |vm, mut arguments| {
            let own = own(vm, &mut arguments)?;
            let [parts, start, end] = arguments.bind(vm, name, ["prefix", "start", "end"], 1)?;
            let parts = parts.unwrap_or(Object::None);
            let (inside, _) = window(&own, &start, &end);
            let choices = match parts.plain() {
                Object::Tuple(items) => items.to_vec(),
                Object::Str(_) => vec![parts.clone()],
                other => {
                    let kind = vm.type_name(other);
                    let message =
                        format!("{name} first arg must be str or a tuple of str, not {kind}");
                    return Err(vm.type_error(message));
                }
            };
            for choice in choices {
                let part = text(vm, &choice, &format!("tuple for {name}"))?;
                let fits = if prefix {
                    inside.starts_with(&*part)
                } else {
                    inside.ends_with(&*part)
                };
                if fits {
                    return Ok(Object::Bool(true));
                }
            }
            Ok(Object::Bool(false))
        });
    }
}

fn splitters(vm: &mut Interpreter) {
    let class = vm.types.str.clone();
    class.method("join", |vm, mut arguments| {
        let own = own(vm, &mut arguments)?;
        let [items] = arguments.exactly(vm, "str.join")?;
        if matches!(
            items.plain(),
            Object::None | Object::Int(_) | Object::Bool(_) | Object::Float(_) | Object::Decimal(_)
        ) {
            return Err(vm.type_error("can only join an iterable"));
        }
        let mut parts = Vec::new();
        let mut size = 0;
        for (at, item) in vm.collect(&items)?.into_iter().enumerate() {
            let Some(part) = item.as_str() else {
                let name = vm.type_name(&item);
                let message = format!("sequence item {at}: expected str instance, {name} found");
                return Err(vm.type_error(message));
            };
            size += part.len() + own.len();
            vm.check_size(size)?;
            parts.push(part.clone());
        }
        Ok(Object::from(parts.join(&*own)))
    });
    for (name, last) in [("split", false), ("rsplit", true)] {
        class.method(name, move |vm, mut arguments| {
            let own = own(vm, &mut arguments)?;
            let [separator, most] = arguments.bind(vm, name, ["sep", "maxsplit"], 0)?;
            let most = most.and_then(|it| it.as_i64()).unwrap_or(-1);
            let most = usize::try_from(most).ok();
            let parts = match separator.and_then(Object::some) {
                Some(separator) => {
                    let separator = text(vm, &separator, "separator")?;
                    if separator.is_empty() {
                        return Err(vm.value_error("empty separator"));
                    }
                    split(&own, &separator, most, last)
                }
                None => split_spaces(&own, most, last),
            };
            Ok(Object::list(parts.into_iter().map(Object::from).collect()))
        });
    }
    simple(vm, "splitlines", |text| {
        Object::list(text.lines().map(Object::from).collect())
    });
    for (name, last) in [("partition", false), ("rpartition", true)] {
        class.method(name, move |vm, mut arguments| {
            let own = own(vm, &mut arguments)?;
            let [separator] = arguments.exactly(vm, name)?;
            let separator = text(vm, &separator, "must be str, argument")?;
            if separator.is_empty() {
                return Err(vm.value_error("empty separator"));
            }
            let found = if last {
                own.rsplit_once(&*separator)
            } else {
                own.split_once(&*separator)
            };
            let parts = match found {
                Some((before, after)) => [before, &separator, after],
                None if last => ["", "", &own],
                None => [&own, "", ""],
            };
            Ok(Object::tuple(parts.map(Object::from)))
        });
    }
}

fn split(text: &str, separator: &str, most: Option<usize>, last: bool) -> Vec<String> {
    match (most, last) {
        (None, _) => text.split(separator).map(String::from).collect(),
        (Some(most), false) => text.splitn(most + 1, separator).map(String::from).collect(),
        (Some(most), true) => {
            let mut parts: Vec<String> = text
                .rsplitn(most + 1, separator)
                .map(String::from)
                .collect();
            parts.reverse();
            parts
        }
    }
}

fn split_spaces(text: &str, most: Option<usize>, last: bool) -> Vec<String> {
    let Some(most) = most else {
        return text.split_whitespace().map(String::from).collect();
    };
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while parts.len() < most && !rest.is_empty() {
        let at = if last {
            rest.rfind(char::is_whitespace)
        } else {
            rest.find(char::is_whitespace)
        };
        let Some(at) = at else {
            break;
        };
        let (before, after) = rest.split_at(at);
        if last {
            parts.push(after.trim().to_owned());
            rest = before.trim_end();
        } else {
            parts.push(before.to_owned());
            rest = after.trim_start();
        }
    }
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    if last {
        parts.reverse();
    }
    parts
}
