//! JSON texts: what stands where in them, and their normal form.

use super::{Type, Value};
use std::ops::Range;

/// How deep a text may nest; a text that is accepted nests no deeper.
const MAX_DEPTH: usize = 200;

/// A value in a JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json {
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    /// What it is.
    pub kind: JsonKind,
}

/// The kinds of JSON values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonKind {
    /// `null`
    Null,
    /// `true` and `false`
    Bool,
    /// A number, as its text says.
    Number,
    /// A string, without quotes and escapes.
    Text(String),
    /// The elements.
    Array(Vec<Json>),
    /// The members, as they are written; of equal keys the last one counts.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text; nothing if it is not JSON.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.blanks();
        (reader.at == text.len()).then_some(value)
    }

    /// The name of its kind, as `json_typeof` gives it.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            JsonKind::Null => "null",
            JsonKind::Bool => "boolean",
            JsonKind::Number => "number",
            JsonKind::Text(_) => "string",
            JsonKind::Array(_) => "array",
            JsonKind::Object(_) => "object",
        }
    }

    /// The member of an object.
    pub fn member(&self, key: &str) -> Option<&Json> {
        match &self.kind {
            JsonKind::Object(members) => {
                let found = members.iter().rev().find(|(known, _)| known == key)?;
                Some(&found.1)
            }
            _ => None,
        }
    }

    /// The element of an array, counted from 0, or from the end when negative.
    pub fn element(&self, place: i64) -> Option<&Json> {
        let JsonKind::Array(elements) = &self.kind else {
            return None;
        };
        let length = i64::try_from(elements.len()).ok()?;
        let place = if place < 0 { place + length } else { place };
        elements.get(usize::try_from(place).ok()?)
    }

    /// The text that it stands in, cut out.
    pub fn slice<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.span.clone()).unwrap_or_default()
    }

    /// Its form as PostgreSQL keeps `jsonb`: keys once each, short ones first, a blank behind
    /// colons and commas.
    pub fn normal(&self, text: &str) -> String {
        match &self.kind {
            JsonKind::Null | JsonKind::Bool => self.slice(text).to_owned(),
            JsonKind::Number => {
                let number = self.slice(text);
                let ty = Type::Numeric(None);
                match Value::parse(number, &ty, 0) {
                    Ok(value) => value.to_text(&ty),
                    Err(_) => number.to_owned(),
                }
            }
            JsonKind::Text(content) => quoted(content),
            JsonKind::Array(elements) => {
                let parts: Vec<String> = elements.iter().map(|e| e.normal(text)).collect();
                format!("[{}]", parts.join(", "))
            }
            JsonKind::Object(members) => {
                let mut kept: Vec<&(String, Json)> = Vec::new();
                for member in members {
                    kept.retain(|known| known.0 != member.0);
                    kept.push(member);
                }
                kept.sort_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
                let parts: Vec<String> = kept
                    .into_iter()
                    .map(|(key, value)| format!("{}: {}", quoted(key), value.normal(text)))
                    .collect();
                format!("{{{}}}", parts.join(", "))
            }
        }
    }
}

/// A JSON string.
pub fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            c if u32::from(c) < 32 => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

/// Reads a text from left to right.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.blanks();
        let start = self.at;
        let kind = match self.peek()? {
            b'"' => JsonKind::Text(self.string()?),
            b'[' => {
                self.at += 1;
                let mut elements = Vec::new();
                self.blanks();
                if self.eat(b']').is_none() {
                    loop {
                        elements.push(self.value(depth + 1)?);
                        self.blanks();
                        if self.eat(b',').is_none() {
                            break;
                        }
                    }
                    self.eat(b']')?;
                }
                JsonKind::Array(elements)
            }
            b'{' => {
                self.at += 1;
                let mut members = Vec::new();
                self.blanks();
                if self.eat(b'}').is_none() {
                    loop {
                        self.blanks();
                        let key = self.string()?;
                        self.blanks();
                        self.eat(b':')?;
                        members.push((key, self.value(depth + 1)?));
                        self.blanks();
                        if self.eat(b',').is_none() {
                            break;
                        }
                    }
                    self.eat(b'}')?;
                }
                JsonKind::Object(members)
            }
            _ => {
                let word = |c: u8| c.is_ascii_alphanumeric() || b"+-.".contains(&c);
                while self.peek().is_some_and(word) {
                    self.at += 1;
                }
                match self.text.get(start..self.at)? {
                    "" => return None,
                    "null" => JsonKind::Null,
                    "true" | "false" => JsonKind::Bool,
                    _ => JsonKind::Number,
                }
            }
        };
        Some(Json {
            span: start..self.at,
            kind,
        })
    }

    fn string(&mut self) -> Option<String> {
        self.eat(b'"')?;
        let mut content = String::new();
        loop {
            let c = self.text.get(self.at..)?.chars().next()?;
            self.at += c.len_utf8();
            match c {
                '"' => return Some(content),
                '\\' => content.push(self.escape()?),
                c => content.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(match letter {
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let high = self.code()?;
                match high {
                    0xd800..0xdc00 => {
                        self.eat(b'\\')?;
                        self.eat(b'u')?;
                        let low = self.code()?.checked_sub(0xdc00)?;
                        char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)?
                    }
                    code => char::from_u32(code)?,
                }
            }
            other => char::from(other),
        })
    }

    fn code(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> Option<String> {
        Some(Json::parse(text)?.normal(text))
    }

    #[test]
    fn objects_keep_the_last_of_equal_keys_and_short_keys_first() {
        let text = r#" {"bb":1, "a" : [1,{"x":null}],"bb":2.50} "#;
        let wanted = r#"{"a": [1, {"x": null}], "bb": 2.50}"#;
        assert_eq!(normal(text).as_deref(), Some(wanted));
    }

    #[test]
    fn strings_lose_escapes_that_they_do_not_need() {
        let text = r#""\u00e9\n\u0001\ud83d\ude00\/""#.replace("\\\\", "\\");
        assert_eq!(normal(&text).as_deref(), Some("\"é\\n\\u0001😀/\""));
    }

    #[test]
    fn what_is_no_json_is_not_read() {
        for text in ["", "[1", "{\"a\"}", "\"a", "1 2", "[1,]"] {
            assert_eq!(normal(text), None, "{text}");
        }
        assert_eq!(normal(&"[".repeat(100_000)), None);
    }
}
