//! Writes random Python of the subset, and damages texts.

pub struct Writer {
    state: u64,
    /// How much more may be nested.
    fuel: u32,
}

impl Writer {
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            fuel: 0,
        }
    }

    /// A number below `n` (Knuth's MMIX generator).
    fn below(&mut self, n: usize) -> usize {
        self.state = self
            .state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.state >> 33) as usize % n
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    /// One to three statements.
    pub fn module(&mut self) -> String {
        self.fuel = 30;
        self.block("", false, false)
    }

    /// `text` with some characters or words lost, doubled or strange.
    pub fn damage(&mut self, text: &str) -> String {
        let mut words = words(text);
        for _ in 0..1 + self.below(2) {
            let at = self.below(words.len());
            match self.below(4) {
                0 => {
                    words.remove(at);
                }
                1 => {
                    let copy = words[at].clone();
                    words.insert(at, copy);
                }
                2 => {
                    let other = self.below(words.len());
                    words.swap(at, other);
                }
                _ => {
                    let strange = self.pick(&[
                        "(", ")", "[", "]", "{", "}", ",", ":", "=", "*", "**", "\n", "\n  ", "if",
                        "else", "for", "in", "not", "lambda", "'", ".", ":=", "is", "f'", "0", "a",
                        "del", "import", "as", "class", "def", "@", "->", ";", "\\", "print",
                        "...", "from", "with", "try:", "global", "assert", "raise", "~", "==", " ",
                    ]);
                    words.insert(at, format!(" {strange} "));
                }
            }
            if words.is_empty() {
                break;
            }
        }
        words.concat()
    }

    fn block(&mut self, indent: &str, function: bool, cycle: bool) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.below(3) {
            text.push_str(&self.statement(indent, function, cycle));
        }
        text
    }

    fn inner(&mut self, indent: &str, function: bool, cycle: bool) -> String {
        if self.chance(5) {
            return format!(" {}\n", self.simple(function, cycle));
        }
        let deeper = format!("{indent}{}", self.pick(&["    ", "  ", "\t"]));
        format!("\n{}", self.block(&deeper, function, cycle))
    }

    fn statement(&mut self, indent: &str, function: bool, cycle: bool) -> String {
        if self.fuel == 0 || self.below(10) < 6 {
            let mut line = self.simple(function, cycle);
            while self.chance(8) {
                line = format!("{line}; {}", self.simple(function, cycle));
            }
            let comment = if self.chance(9) { "  # é" } else { "" };
            return format!("{indent}{line}{comment}\n");
        }
        self.fuel = self.fuel.saturating_sub(3);
        match self.below(7) {
            0 => {
                let test = self.named();
                let mut text = format!("{indent}if {test}:{}", self.inner(indent, function, cycle));
                while self.chance(3) {
                    let test = self.named();
                    text += &format!(
                        "{indent}elif {test}:{}",
                        self.inner(indent, function, cycle)
                    );
                }
                text + &self.maybe_else(indent, function, cycle)
            }
            1 => {
                let (target, value) = (self.targets(), self.list());
                format!(
                    "{indent}for {target} in {value}:{}{}",
                    self.inner(indent, function, true),
                    self.maybe_else(indent, function, cycle)
                )
            }
            2 => {
                let test = self.named();
                format!(
                    "{indent}while {test}:{}",
                    self.inner(indent, function, true)
                )
            }
            3 => {
                let mut text = format!("{indent}try:{}", self.inner(indent, function, cycle));
                if self.chance(4) {
                    return format!(
                        "{text}{indent}finally:{}",
                        self.inner(indent, function, cycle)
                    );
                }
                let class = self.expression();
                let name = self.pick(&["", " as e"]);
                text += &format!(
                    "{indent}except {class}{name}:{}",
                    self.inner(indent, function, cycle)
                );
                text + &self.maybe_else(indent, function, cycle)
            }
            4 => {
                let (one, two) = (self.expression(), self.expression());
                let head = self.pick(&["A as a, B", "(A as a, B)", "(A, B)", "A as (a, b)", "(A)"]);
                let head = head.replace('A', &one).replace('B', &two);
                format!(
                    "{indent}with {head}:{}",
                    self.inner(indent, function, cycle)
                )
            }
            5 => {
                let decorator = match self.chance(3) {
                    true => format!("{indent}@{}\n", self.named()),
                    false => String::new(),
                };
                let parameters = self.parameters(true);
                let returns = self.pick(&["", " -> int", " -> a.b[c]"]);
                format!(
                    "{decorator}{indent}def f({parameters}){returns}:{}",
                    self.inner(indent, true, false)
                )
            }
            _ => {
                let bases = match self.below(3) {
                    0 => String::new(),
                    1 => String::from("()"),
                    _ => format!("({})", self.arguments()),
                };
                format!(
                    "{indent}class C{bases}:{}",
                    self.inner(indent, false, false)
                )
            }
        }
    }

    fn maybe_else(&mut self, indent: &str, function: bool, cycle: bool) -> String {
        match self.chance(3) {
            true => format!("{indent}else:{}", self.inner(indent, function, cycle)),
            false => String::new(),
        }
    }

    fn simple(&mut self, function: bool, cycle: bool) -> String {
        match self.below(16) {
            0 => String::from("pass"),
            1 if cycle => self.pick(&["break", "continue"]).to_owned(),
            1 | 2 if function => format!("return {}", self.list()),
            3 => format!("{} = {}", self.targets(), self.list()),
            4 => format!("{} = {} = {}", self.targets(), self.target(), self.list()),
            5 => {
                let operator = self.pick(&[
                    "+=", "-=", "*=", "/=", "//=", "%=", "**=", "<<=", ">>=", "&=", "|=", "^=",
                    "@=",
                ]);
                format!("{} {operator} {}", self.target(), self.list())
            }
            6 => format!("{}: {} = {}", self.target(), self.expression(), self.list()),
            7 => format!("assert {}, {}", self.expression(), self.expression()),
            8 => format!("raise {} from {}", self.expression(), self.expression()),
            9 => format!("del {}, {}", self.target(), self.target()),
            10 => self
                .pick(&[
                    "import a",
                    "import a.b as c, d",
                    "from a.b import c as d, e",
                    "from . import x",
                    "from ...x import (a, b as c,)",
                    "from .x import *",
                    "global a, b",
                ])
                .to_owned(),
            _ => self.list(),
        }
    }

    fn target(&mut self) -> String {
        match self.below(4) {
            0 => format!("{}.b", self.primary()),
            1 => format!("{}[{}]", self.primary(), self.expression()),
            _ => self.pick(&["a", "b", "match", "type", "_x"]).to_owned(),
        }
    }

    fn targets(&mut self) -> String {
        match self.below(5) {
            0 => format!("{}, {}", self.target(), self.target()),
            1 => format!("({}, *{})", self.target(), self.target()),
            2 => format!("[{}, ({},)]", self.target(), self.target()),
            _ => self.target(),
        }
    }

    fn list(&mut self) -> String {
        match self.below(8) {
            0 => format!("{}, {}", self.expression(), self.expression()),
            1 => format!("{},", self.expression()),
            2 => format!("*{}, {}", self.primary(), self.expression()),
            _ => self.expression(),
        }
    }

    fn named(&mut self) -> String {
        match self.chance(6) {
            true => format!("w := {}", self.expression()),
            false => self.expression(),
        }
    }

    fn expression(&mut self) -> String {
        self.fuel = self.fuel.saturating_sub(1);
        if self.fuel == 0 {
            return self.leaf();
        }
        match self.below(24) {
            0 => format!(
                "{} if {} else {}",
                self.operand(),
                self.operand(),
                self.expression()
            ),
            1 => format!("lambda {}: {}", self.parameters(false), self.expression()),
            2 => format!("not {}", self.expression_but_conditional()),
            3..=9 => {
                let operator = self.pick(&[
                    "+", "-", "*", "/", "//", "%", "**", "@", "<<", ">>", "&", "|", "^", "and",
                    "or", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not",
                ]);
                format!("{} {operator} {}", self.operand(), self.operand())
            }
            10 => format!("{}{}", self.pick(&["-", "+", "~"]), self.operand()),
            _ => self.primary(),
        }
    }

    fn expression_but_conditional(&mut self) -> String {
        format!("{} < {}", self.operand(), self.operand())
    }

    fn operand(&mut self) -> String {
        match self.below(4) {
            0 if self.fuel > 0 => format!("({})", self.named()),
            1 if self.fuel > 0 => {
                self.fuel -= 1;
                let operator = self.pick(&["+", "-", "*", "**", "|", "and", "or", "<", "is not"]);
                format!("{} {operator} {}", self.primary(), self.primary())
            }
            _ => self.primary(),
        }
    }

    fn primary(&mut self) -> String {
        self.fuel = self.fuel.saturating_sub(1);
        if self.fuel == 0 {
            return self.leaf();
        }
        match self.below(16) {
            0 => format!("{}.name", self.primary()),
            1 | 2 => format!("{}({})", self.primary(), self.arguments()),
            3 => {
                let inner = match self.below(5) {
                    0 => format!("{}:", self.expression()),
                    1 => format!(":{}, ::{}", self.expression(), self.expression()),
                    2 => String::from(":"),
                    3 => format!(
                        "{}:{}:{}",
                        self.expression(),
                        self.expression(),
                        self.expression()
                    ),
                    _ => self.list(),
                };
                format!("a[{inner}]")
            }
            4 => format!("[{}]", self.list()),
            5 => format!("({})", self.list()),
            6 => format!("{{{}}}", self.list()),
            7 => format!(
                "{{{}: {}, **{}}}",
                self.expression(),
                self.expression(),
                self.primary()
            ),
            8 => {
                let (element, clauses) = (self.named(), self.clauses());
                let (open, close) = [("[", "]"), ("(", ")"), ("{", "}")][self.below(3)];
                format!("{open}{element} {clauses}{close}")
            }
            9 => {
                let (key, value, clauses) = (self.expression(), self.expression(), self.clauses());
                format!("{{{key}: {value} {clauses}}}")
            }
            10 => {
                let value = self.primary();
                let tail = self.pick(&["", "!r", ":>10", "=", " = !s:", ":{w}.{p}f", "!a:x"]);
                format!("f'a{{ {value} {tail}}}{{{{b}}}}'")
            }
            _ => self.leaf(),
        }
    }

    fn clauses(&mut self) -> String {
        let mut text = format!("for {} in {}", self.targets(), self.operand());
        if self.chance(3) {
            text += &format!(" if {} if {}", self.operand(), self.operand());
        }
        if self.chance(4) {
            text += &format!(" for x in {}", self.operand());
        }
        text
    }

    fn arguments(&mut self) -> String {
        match self.below(7) {
            0 => String::new(),
            1 => format!("*{}, a={}", self.expression(), self.expression()),
            2 => format!(
                "{}, b={}, **{}",
                self.named(),
                self.expression(),
                self.expression()
            ),
            3 => format!("{},", self.expression()),
            4 => format!("a={}, *{}", self.expression(), self.expression()),
            _ => self.named(),
        }
    }

    fn parameters(&mut self, annotations: bool) -> String {
        let note = if annotations && self.chance(2) {
            ": x"
        } else {
            ""
        };
        let default = self.leaf();
        self.pick(&[
            "",
            "aN",
            "aN, bN=D",
            "*aN",
            "**aN",
            "aN, /, bN",
            "*, aN=D, bN",
            "aN, *bN, cN=D, **dN",
            "aN=D, /, bN=D, *, cN",
        ])
        .replace('N', note)
        .replace('D', &default)
    }

    fn leaf(&mut self) -> String {
        self.pick(&[
            "a",
            "b",
            "None",
            "True",
            "False",
            "...",
            "0",
            "1_000",
            "0xFF",
            "0o17",
            "0b101",
            "1.5",
            ".5e-3",
            "1e10",
            "5.",
            "'s'",
            "\"d'\"",
            "r'\\d'",
            "'\\n\\x41\\u00e9\\q'",
            "'a' \"b\"",
            "'''t\n'q' '''",
            "f'x'",
            "'a' f'{b}' 'c'",
            "()",
            "[]",
            "{}",
            "é",
            "match",
            "type",
            "case",
            "99999999999999999999",
            "f'{a}{b!r}'",
            "f'{x:%Y-%m}'",
            "u'u'",
        ])
        .to_owned()
    }
}

/// Words, numbers, white space and single other characters.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = '\0';
    for c in text.chars() {
        let same = (c.is_alphanumeric() && last.is_alphanumeric()) || (c == ' ' && last == ' ');
        match words.last_mut() {
            Some(word) if same => word.push(c),
            _ => words.push(c.to_string()),
        }
        last = c;
    }
    words
}
