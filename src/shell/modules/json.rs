//! `json`: `dumps` and `loads`.

use crate::base::json::{Json, JsonKind};
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Int, Object, PyResult};
use std::fmt::Write;

pub(super) fn install(vm: &mut Interpreter) {
    let error = vm
        .types
        .add_exception("JSONDecodeError", "json.decoder", &["ValueError"]);
    let module = super::add(vm, "json");
    module.set("JSONDecodeError", Object::Class(error));
    module.function("dumps", |vm, mut arguments| {
        let mut flag = |name: &str, usual: bool| match arguments.take_keyword(name) {
            Some(value) => vm.is_true(&value),
            None => Ok(usual),
        };
        let (ascii, sorted) = (flag("ensure_ascii", true)?, flag("sort_keys", false)?);
        let default = arguments.take_keyword("default").and_then(Object::some);
        let indent = match arguments.take_keyword("indent").and_then(Object::some) {
            None => None,
            Some(value) => match (value.as_str(), value.as_i64()) {
                (Some(text), _) => Some(text.to_string()),
                (None, count) => {
                    let count = usize::try_from(count.unwrap_or(0)).unwrap_or(0);
                    Some(" ".repeat(count.min(100)))
                }
            },
        };
        let [value] = arguments.exactly(vm, "dumps")?;
        let mut writer = Writer {
            out: String::new(),
            ascii,
            sorted,
            default,
            indent,
        };
        writer.value(vm, &value, 0)?;
        Ok(Object::from(writer.out))
    });
    module.function("loads", |vm, arguments| {
        let [text] = arguments.exactly(vm, "loads")?;
        let Some(text) = text.as_str() else {
            let name = vm.type_name(&text);
            let message = format!("the JSON object must be str, bytes or bytearray, not {name}");
            return Err(vm.type_error(message));
        };
        match Json::parse(text) {
            Some(found) => object(vm, &found, text),
            None => Err(vm.error("JSONDecodeError", "the text is not JSON")),
        }
    });
}

/// What JSON is in Python.
fn object(vm: &mut Interpreter, json: &Json, text: &str) -> PyResult {
    vm.step()?;
    let slice = json.slice(text);
    Ok(match &json.kind {
        JsonKind::Null => Object::None,
        JsonKind::Bool => Object::Bool(slice == "true"),
        JsonKind::Text(content) => Object::from(content.as_str()),
        JsonKind::Number => {
            let (sign, digits) = match slice.strip_prefix('-') {
                Some(digits) => (-1_i64, digits),
                None => (1, slice),
            };
            match Int::parse(digits, 10).filter(|_| digits.bytes().all(|it| it.is_ascii_digit())) {
                Some(whole) if sign < 0 => Object::Int(whole.negate()),
                Some(whole) => Object::Int(whole),
                None => Object::Float(slice.parse().unwrap_or(f64::NAN)),
            }
        }
        JsonKind::Array(elements) => {
            let mut found = Vec::with_capacity(elements.len());
            for element in elements {
                found.push(object(vm, element, text)?);
            }
            Object::list(found)
        }
        JsonKind::Object(members) => {
            let made = vm.dict_from::<&str>([]);
            if let Object::Dict(dict) = &made {
                for (key, member) in members {
                    let member = object(vm, member, text)?;
                    vm.dict_set(dict, Object::from(key.as_str()), member)?;
                }
            }
            made
        }
    })
}

struct Writer {
    out: String,
    ascii: bool,
    sorted: bool,
    default: Option<Object>,
    /// What a level is indented by; without it all is on one line.
    indent: Option<String>,
}

/// Values inside of values beyond this are refused.
const DEEPEST: usize = 100;

impl Writer {
    fn value(&mut self, vm: &mut Interpreter, value: &Object, depth: usize) -> PyResult<()> {
        vm.step()?;
        vm.check_size(self.out.len())?;
        if depth > DEEPEST {
            return Err(vm.value_error("Circular reference detected"));
        }
        match value.plain() {
            Object::None => self.out.push_str("null"),
            Object::Bool(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Object::Int(number) => self.out.push_str(&number.to_string()),
            Object::Float(number) if number.is_finite() => self.out.push_str(&vm.repr(value)?),
            Object::Float(number) if number.is_nan() => self.out.push_str("NaN"),
            Object::Float(number) => {
                let text = if *number > 0.0 {
                    "Infinity"
                } else {
                    "-Infinity"
                };
                self.out.push_str(text);
            }
            Object::Str(text) => self.text(text),
            Object::List(_) | Object::Tuple(_) => {
                let items = vm.collect(value.plain())?;
                self.out.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.before(at, depth + 1);
                    self.value(vm, item, depth + 1)?;
                }
                self.after(items.is_empty(), depth);
                self.out.push(']');
            }
            Object::Dict(dict) => {
                let mut members = Vec::new();
                let items = dict.borrow().items();
                for (key, member) in items {
                    members.push((self.key(vm, &key)?, member));
                }
                if self.sorted {
                    members.sort_by(|(a, _), (b, _)| a.cmp(b));
                }
                self.out.push('{');
                for (at, (key, member)) in members.iter().enumerate() {
                    self.before(at, depth + 1);
                    self.text(key);
                    self.out.push_str(": ");
                    self.value(vm, member, depth + 1)?;
                }
                self.after(members.is_empty(), depth);
                self.out.push('}');
            }
            _ => match self.default.clone() {
                Some(default) => {
                    let made = vm.call(&default, [value.clone()].into())?;
                    self.value(vm, &made, depth + 1)?;
                }
                None => {
                    // Python names the class without its module.
                    let name = vm.class_of(value).name.clone();
                    let message = format!("Object of type {name} is not JSON serializable");
                    return Err(vm.type_error(message));
                }
            },
        }
        Ok(())
    }

    fn key(&self, vm: &mut Interpreter, key: &Object) -> PyResult<String> {
        Ok(match key.plain() {
            Object::Str(text) => text.to_string(),
            Object::None => String::from("null"),
            Object::Bool(flag) => String::from(if *flag { "true" } else { "false" }),
            Object::Int(_) | Object::Float(_) => vm.repr(key)?,
            _ => {
                let name = vm.class_of(key).name.clone();
                let message = format!("keys must be str, int, float, bool or None, not {name}");
                return Err(vm.type_error(message));
            }
        })
    }

    /// What stands before an element.
    fn before(&mut self, at: usize, depth: usize) {
        match &self.indent {
            None if at > 0 => self.out.push_str(", "),
            None => {}
            Some(indent) => {
                if at > 0 {
                    self.out.push(',');
                }
                self.out.push('\n');
                self.out.push_str(&indent.repeat(depth));
            }
        }
    }

    fn after(&mut self, empty: bool, depth: usize) {
        if let Some(indent) = self.indent.as_ref().filter(|_| !empty) {
            self.out.push('\n');
            self.out.push_str(&indent.repeat(depth));
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                c if u32::from(c) < 0x20 || (self.ascii && !c.is_ascii()) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        // Writing to a text cannot fail.
                        let _ = write!(self.out, "\\u{unit:04x}");
                    }
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}
