//! What the command line asks for.

use crate::market::seed::Size;
use crate::session::Language;
use std::collections::BTreeMap;

/// A command with its options.
#[derive(Debug, PartialEq)]
pub(super) enum Command {
    /// `--help`
    Help,
    /// `market run`
    Run(RunOptions),
    /// `market shell`
    Shell(ShellOptions),
    /// `market cases`
    Cases(CasesOptions),
    /// `market check`
    Check(Vec<String>),
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// Columns that stand under each other.
    #[default]
    Table,
    /// Arrays of objects.
    Json,
    /// Comma-separated with a header.
    Csv,
}

#[derive(Debug, PartialEq)]
pub(super) struct RunOptions {
    /// A path, or `-` for standard input.
    pub file: String,
    pub language: Language,
    pub size: Size,
    pub format: Format,
}

#[derive(Debug, PartialEq)]
pub(super) struct ShellOptions {
    pub language: Language,
    pub size: Size,
    pub format: Format,
}

#[derive(Debug, PartialEq)]
pub(super) struct CasesOptions {
    pub files: Vec<String>,
    /// Other rows than those of the Small data set.
    pub fixture: Option<String>,
    /// What the names of the cases must hold; empty for all.
    pub only: String,
    /// Whether to print statements with their answers, in place of the comparison.
    pub print: Printed,
}

/// What `market cases` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Printed {
    /// Which cases differ from Django, and how.
    #[default]
    Differences,
    /// The statements of each case with what they give, a JSON object a line.
    Statements,
}

/// Reads the words after the program's name.
pub(super) fn parse(words: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut words = words;
    let command = words.next().ok_or("a command is missing")?;
    match command.as_str() {
        "run" => {
            let mut given = Given::read(words, &["--format", "--size", "--language"])?;
            let file = given.files.pop().ok_or("a file is missing")?;
            if let Some(other) = given.files.first() {
                return Err(format!("\"{other}\" is one file too many"));
            }
            let by_name = match file.ends_with(".py") {
                true => Language::Django,
                false => Language::Sql,
            };
            Ok(Command::Run(RunOptions {
                language: given.language()?.unwrap_or(by_name),
                size: given.size()?,
                format: given.format()?,
                file,
            }))
        }
        "shell" => {
            let given = Given::read(words, &["--format", "--size", "--language"])?;
            if let Some(file) = given.files.first() {
                return Err(format!("\"{file}\": the shell takes no file"));
            }
            Ok(Command::Shell(ShellOptions {
                language: given.language()?.unwrap_or(Language::Django),
                size: given.size()?,
                format: given.format()?,
            }))
        }
        "cases" => {
            let mut given = Given::read(words, &["--fixture", "--only", "--print"])?;
            if given.files.is_empty() {
                return Err("a case file is missing".into());
            }
            let prints = [
                ("differences", Printed::Differences),
                ("statements", Printed::Statements),
            ];
            Ok(Command::Cases(CasesOptions {
                print: given.choice("--print", &prints)?.unwrap_or_default(),
                fixture: given.options.remove("--fixture"),
                only: given.options.remove("--only").unwrap_or_default(),
                files: given.files,
            }))
        }
        "check" => {
            let given = Given::read(words, &[])?;
            match given.files.is_empty() {
                true => Err("a lesson page is missing".into()),
                false => Ok(Command::Check(given.files)),
            }
        }
        "help" | "--help" | "-h" => Ok(Command::Help),
        other => Err(format!("there is no command \"{other}\"")),
    }
}

/// The words after a command: files, and options with their values.
struct Given {
    files: Vec<String>,
    options: BTreeMap<String, String>,
}

impl Given {
    fn read(
        mut words: impl Iterator<Item = String>,
        allowed: &[&'static str],
    ) -> Result<Self, String> {
        let (mut files, mut options) = (Vec::new(), BTreeMap::new());
        while let Some(word) = words.next() {
            if !word.starts_with("--") {
                files.push(word);
            } else if allowed.contains(&word.as_str()) {
                let value = words.next();
                let value = value.ok_or_else(|| format!("{word} takes a value"))?;
                options.insert(word, value);
            } else {
                return Err(format!("there is no option {word} here"));
            }
        }
        Ok(Self { files, options })
    }

    /// One of the values that an option may have.
    fn choice<T>(&self, option: &str, values: &[(&str, T)]) -> Result<Option<T>, String>
    where
        T: Copy,
    {
        let Some(given) = self.options.get(option) else {
            return Ok(None);
        };
        match values.iter().find(|(name, _)| name == given) {
            Some((_, value)) => Ok(Some(*value)),
            None => {
                let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
                let names = names.join(", ");
                Err(format!("{option} takes one of: {names}"))
            }
        }
    }

    fn language(&self) -> Result<Option<Language>, String> {
        let values = [("django", Language::Django), ("sql", Language::Sql)];
        self.choice("--language", &values)
    }

    fn size(&self) -> Result<Size, String> {
        let values = [
            ("small", Size::Small),
            ("medium", Size::Medium),
            ("large", Size::Large),
        ];
        Ok(self.choice("--size", &values)?.unwrap_or(Size::Small))
    }

    fn format(&self) -> Result<Format, String> {
        Ok(self.choice("--format", &FORMATS)?.unwrap_or_default())
    }
}

/// The formats by name.
pub(super) const FORMATS: [(&str, Format); 3] = [
    ("table", Format::Table),
    ("json", Format::Json),
    ("csv", Format::Csv),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_file_says_its_language_unless_an_option_does() {
        let language = |line: &str| match read(line) {
            Ok(Command::Run(options)) => Some(options.language),
            _ => None,
        };
        assert_eq!(language("run x.py"), Some(Language::Django));
        assert_eq!(language("run x.sql"), Some(Language::Sql));
        assert_eq!(language("run -"), Some(Language::Sql));
        assert_eq!(language("run --language django -"), Some(Language::Django));
    }

    #[test]
    fn wrong_usage_is_told_by_what_is_wrong() {
        let cases = [
            ("", "a command is missing"),
            ("walk", "there is no command \"walk\""),
            ("run", "a file is missing"),
            ("run a.sql b.sql", "\"a.sql\" is one file too many"),
            ("run a.sql --size", "--size takes a value"),
            (
                "run a.sql --size huge",
                "--size takes one of: small, medium, large",
            ),
            ("run a.sql --fixture f", "there is no option --fixture here"),
            ("shell a.py", "\"a.py\": the shell takes no file"),
            ("cases --only x", "a case file is missing"),
            ("check", "a lesson page is missing"),
        ];
        for (line, message) in cases {
            assert_eq!(read(line), Err(message.to_owned()), "{line}");
        }
    }

    #[test]
    fn options_may_stand_anywhere() {
        let expected = Command::Cases(CasesOptions {
            files: vec!["a.json".into(), "b.json".into()],
            fixture: Some("f.json".into()),
            only: "p1".into(),
            print: Printed::Differences,
        });
        let line = "cases a.json --fixture f.json --only p1 b.json";
        assert_eq!(read(line), Ok(expected));
    }
}
