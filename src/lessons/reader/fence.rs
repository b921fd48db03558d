//! The words behind a fence's backticks.

use crate::lessons::chart::{Chart, ChartKind};
use crate::lessons::lesson::{Data, Language};

/// What a fence is for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fence {
    /// Only shown; the language when it is one that is highlighted.
    Shown(Option<Language>),
    /// Runs.
    Live(Language, Box<Words>),
    /// Controls.
    Params,
    /// A special part.
    Widget,
    /// What an exercise compares.
    Check,
}

/// What else is said of a fence that runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Words {
    pub role: Role,
    pub queries: Option<u32>,
    pub chart: Option<Chart>,
    pub data: Data,
    pub label: Option<String>,
}

/// The part that code plays in an exercise.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Role {
    /// None: it is a panel's.
    #[default]
    Panel,
    Starter,
    Solution,
    /// A wrong answer and its verdict.
    Wrong(String),
}

/// A fault, and how to mend it.
pub(super) type Fault = (String, &'static str);

/// The language of a fence that is only shown.
pub(super) fn shown(info: &str) -> Result<Option<Language>, Fault> {
    match read(info)? {
        Fence::Shown(language) => Ok(language),
        Fence::Live(..) | Fence::Params | Fence::Widget | Fence::Check => {
            Err(("this fence runs".into(), "Add the word show."))
        }
    }
}

/// What the words of a fence say.
pub(super) fn read(info: &str) -> Result<Fence, Fault> {
    let words = split(info)?;
    let Some((first, rest)) = words.split_first() else {
        return Ok(Fence::Shown(None));
    };
    let language = match first.as_str() {
        "django" => Language::Django,
        "sql" => Language::Sql,
        other => {
            let fence = match other {
                "params" => Fence::Params,
                "widget" => Fence::Widget,
                "check" => Fence::Check,
                "text" => Fence::Shown(None),
                "python" => Fence::Shown(Some(Language::Django)),
                _ => {
                    return Err((
                        format!("there is no fence \"{other}\""),
                        "Fences are django, sql, params, widget, check, and text or python, \
                         which are only shown.",
                    ));
                }
            };
            return match rest.first() {
                None => Ok(fence),
                Some(word) => Err((
                    format!("a fence \"{other}\" takes no word \"{word}\""),
                    "Leave the word out.",
                )),
            };
        }
    };
    if rest.first().is_some_and(|word| word == "show") {
        return match rest.get(1) {
            None => Ok(Fence::Shown(Some(language))),
            Some(word) => Err((
                format!("what is only shown takes no word \"{word}\""),
                "Leave the word out.",
            )),
        };
    }
    let mut live = Words::default();
    let mut chart = Chart {
        kind: ChartKind::Bar,
        x: None,
        y: Vec::new(),
        series: None,
    };
    let mut kind = None;
    for word in rest {
        match word.split_once('=') {
            None => {
                live.role = match word.as_str() {
                    "starter" => Role::Starter,
                    "solution" => Role::Solution,
                    other => return Err(unknown(other)),
                }
            }
            Some(("queries", count)) => {
                let count = count.parse();
                let count = count.map_err(|_| {
                    let message = format!("\"{word}\" does not say how many queries");
                    (message, "Write queries=2.")
                })?;
                live.queries = Some(count);
            }
            Some(("chart", name)) => {
                let found = ChartKind::of_word(name);
                kind = Some(found.ok_or_else(|| {
                    (
                        format!("there is no chart \"{name}\""),
                        "Charts are bar, line, area, scatter, histogram, heatmap, stacked and \
                         cumulative.",
                    )
                })?);
            }
            Some(("x", column)) => chart.x = Some(column.to_owned()),
            Some(("y", columns)) => {
                chart.y = columns.split(',').map(|it| it.trim().to_owned()).collect();
            }
            Some(("series", column)) => chart.series = Some(column.to_owned()),
            Some(("on", "medium")) => live.data = Data::Medium,
            Some(("label", label)) => live.label = Some(label.to_owned()),
            Some(("wrong", verdict)) => live.role = Role::Wrong(verdict.to_owned()),
            Some(_) => return Err(unknown(word)),
        }
    }
    let has_columns = chart.x.is_some() || !chart.y.is_empty() || chart.series.is_some();
    live.chart = kind.map(|kind| Chart { kind, ..chart });
    if has_columns && live.chart.is_none() {
        return Err((
            "x, y and series say nothing without a chart".into(),
            "Add chart=bar or another kind.",
        ));
    }
    Ok(Fence::Live(language, Box::new(live)))
}

fn unknown(word: &str) -> Fault {
    (
        format!("a fence that runs takes no word \"{word}\""),
        "It takes queries=N, chart=KIND, x=, y=, series=, on=medium, label=\"..\", show, starter, \
         solution and wrong=\"..\".",
    )
}

/// Words apart, where quotes hold words together.
fn split(info: &str) -> Result<Vec<String>, Fault> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut begun) = (false, false);
    for letter in info.chars() {
        match letter {
            '"' => (quoted, begun) = (!quoted, true),
            letter if letter.is_whitespace() && !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            letter => {
                word.push(letter);
                begun = true;
            }
        }
    }
    if quoted {
        return Err((
            "a quotation mark is not closed".into(),
            "Write label=\"Slow\".",
        ));
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_fence_are_read_in_any_order() {
        let Ok(Fence::Live(Language::Django, words)) =
            read("django y=a,b label=\"Slow one\" chart=line queries=61 x=month on=medium")
        else {
            panic!("a fence that runs");
        };
        assert_eq!(words.queries, Some(61));
        assert_eq!(words.data, Data::Medium);
        assert_eq!(words.label.as_deref(), Some("Slow one"));
        let chart = words.chart.expect("a chart");
        assert_eq!((chart.kind, chart.y.len()), (ChartKind::Line, 2));
    }

    #[test]
    fn what_a_fence_does_not_know_is_refused() {
        for info in [
            "jango",
            "django fast",
            "django queries=two",
            "sql chart=pie",
            "sql x=a",
            "params a",
            "django show queries=1",
            "sql label=\"Slow",
            "sql on=large",
            "sql size=3",
        ] {
            assert!(read(info).is_err(), "{info}");
        }
    }

    #[test]
    fn what_is_only_shown_does_not_run() {
        assert_eq!(read(""), Ok(Fence::Shown(None)));
        assert_eq!(read("text"), Ok(Fence::Shown(None)));
        assert_eq!(read("sql show"), Ok(Fence::Shown(Some(Language::Sql))));
        assert_eq!(read("python"), Ok(Fence::Shown(Some(Language::Django))));
        assert!(shown("sql").is_err());
    }
}
