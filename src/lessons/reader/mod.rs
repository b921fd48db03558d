//! The reader: a page's text into a lesson, and everything that is wrong with it.
//!
//! Text -> `prose` (headings, fences, blocks) -> sections. Reading never fails: what is wrong is
//! told and left out. Nothing of a page becomes markup of ours: HTML is text, and links lead to
//! places of the page only.

mod fence;
mod lines;
mod prose;
#[cfg(test)]
mod tests;

use super::lesson::{
    Block, Code, Exercise, Fold, Inline, Language, Lesson, Panel, Question, Section, Wrong,
};
use super::literal;
use crate::base::{self, Diagnostic, SourceText, Span};
use fence::{Fence, Role, Words};
use prose::NodeKind;
use std::collections::BTreeSet;
use std::ops::Range;

/// The longest page that is read, in bytes.
const MAX_PAGE: usize = 1 << 20;

/// The code of all that is wrong with a page.
const LESSON: base::Code = base::Code::new("Lesson");

/// A page that was read.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What it says.
    pub lesson: Lesson,
    /// What is wrong with it, in the order of the page.
    pub problems: Vec<Diagnostic>,
}

/// Reads a page.
pub fn read(text: &str) -> Page {
    let mut problems = Problems::default();
    if text.len() > MAX_PAGE {
        problems.error(
            0..0,
            format!(
                "the page is {} bytes long, more than {MAX_PAGE}",
                text.len()
            ),
            "Split it into several pages.",
        );
        return Page {
            lesson: Lesson::default(),
            problems: problems.list,
        };
    }
    let nodes = prose::nodes(text, &mut problems);
    let mut reader = Reader {
        source: SourceText::new(text),
        lesson: Lesson::default(),
        part: Part::Introduction,
        titles: BTreeSet::new(),
        problems,
    };
    for node in nodes {
        reader.take(node);
    }
    reader.finish();
    let mut problems = reader.problems.list;
    problems.sort_by_key(|problem| problem.span);
    Page {
        lesson: reader.lesson,
        problems,
    }
}

/// What is wrong with a page.
#[derive(Default)]
pub(super) struct Problems {
    list: Vec<Diagnostic>,
}

impl Problems {
    fn error(&mut self, span: Range<usize>, message: impl Into<String>, hint: &str) {
        let span = Span::new(span.start as u32, span.end as u32);
        let problem = Diagnostic::error(LESSON, message).at(span).hint(hint);
        self.list.push(*problem);
    }

    fn warn(&mut self, span: Range<usize>, message: &str, hint: &str) {
        self.error(span, message, hint);
        if let Some(problem) = self.list.last_mut() {
            problem.severity = base::Severity::Warning;
        }
    }
}

/// Where the reader is, with the section that it is filling and where that began.
enum Part {
    Introduction,
    Panel(Box<Panel>, Range<usize>),
    Exercise(Box<Exercise>, Range<usize>, Step),
    Questions,
}

/// Which part of an exercise is being filled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Task,
    Hint,
    Solution,
}

struct Reader {
    source: SourceText,
    lesson: Lesson,
    part: Part,
    /// The slugs of the sections so far.
    titles: BTreeSet<String>,
    problems: Problems,
}

impl Reader {
    fn line(&self, at: usize) -> u32 {
        self.source.line_column(at as u32).line
    }

    fn take(&mut self, node: prose::Node) {
        match node.kind {
            NodeKind::Heading(1, inlines) => self.title(&inlines, node.span),
            NodeKind::Heading(2, inlines) => self.section(&inlines, node.span),
            NodeKind::Heading(3, inlines) => self.subsection(inlines, node.span),
            NodeKind::Heading(_, inlines) => self.prose(Block::Heading(inlines), &node.span),
            NodeKind::Prose(block) => self.prose(block, &node.span),
            NodeKind::Fence { info, text, start } => match fence::read(&info) {
                Ok(Fence::Shown(language)) => {
                    self.prose(Block::Code { language, text }, &node.span)
                }
                Ok(fence) => self.fence(fence, text, start, node.span),
                Err((message, hint)) => self.problems.error(node.span, message, hint),
            },
        }
    }

    fn title(&mut self, inlines: &[Inline], span: Range<usize>) {
        if self.lesson.title.is_empty() && matches!(self.part, Part::Introduction) {
            self.lesson.title = Inline::plain(inlines);
        } else {
            self.problems.error(
                span,
                "a page has one title",
                "Begin a section with two signs: ## Title.",
            );
        }
    }

    fn section(&mut self, inlines: &[Inline], span: Range<usize>) {
        self.close();
        let title = Inline::plain(inlines).trim().to_owned();
        let line = self.line(span.start);
        if title == "Interview questions" {
            self.part = Part::Questions;
            return;
        }
        let exercise = title.strip_prefix("Exercise:").map(str::trim);
        let id = slug(exercise.unwrap_or(&title));
        if id.is_empty() {
            let hint = "Write ## Title, with letters or digits.";
            self.problems
                .error(span.clone(), "a section has a title", hint);
        } else if !self.titles.insert(id.clone()) {
            self.problems.error(
                span.clone(),
                format!("there is a section \"{title}\" already"),
                "Give each section of the page a title of its own.",
            );
        }
        self.part = match exercise {
            Some(title) => Part::Exercise(
                Box::new(Exercise {
                    id,
                    title: title.to_owned(),
                    line,
                    ..Exercise::default()
                }),
                span,
                Step::Task,
            ),
            None => Part::Panel(
                Box::new(Panel {
                    id,
                    title,
                    line,
                    ..Panel::default()
                }),
                span,
            ),
        };
    }

    fn subsection(&mut self, inlines: Vec<Inline>, span: Range<usize>) {
        let title = Inline::plain(&inlines).trim().to_owned();
        match &mut self.part {
            Part::Introduction => self.problems.error(
                span,
                "a part stands in a section",
                "Begin a section with two signs: ## Title.",
            ),
            Part::Panel(panel, _) => panel.folds.push(Fold {
                title,
                body: Vec::new(),
            }),
            Part::Questions => self.lesson.questions.push(Question {
                question: inlines,
                answer: Vec::new(),
            }),
            Part::Exercise(exercise, _, step) => match title.as_str() {
                "Hint" => {
                    *step = Step::Hint;
                    exercise.hints.push(Vec::new());
                }
                "Solution" => *step = Step::Solution,
                other => self.problems.error(
                    span,
                    format!("an exercise has no part \"{other}\""),
                    "Its parts are ### Hint and ### Solution.",
                ),
            },
        }
    }

    fn prose(&mut self, block: Block, span: &Range<usize>) {
        let place = match &mut self.part {
            Part::Introduction => &mut self.lesson.introduction,
            Part::Panel(panel, _) => match panel.folds.last_mut() {
                Some(fold) => &mut fold.body,
                None if panel.codes.is_empty() && panel.widget.is_none() => &mut panel.task,
                None => &mut panel.notes,
            },
            Part::Exercise(exercise, _, Step::Task) => &mut exercise.task,
            Part::Exercise(exercise, _, Step::Solution) => &mut exercise.explanation,
            Part::Exercise(exercise, _, Step::Hint) => match exercise.hints.last_mut() {
                Some(hint) => hint,
                None => return,
            },
            Part::Questions => match self.lesson.questions.last_mut() {
                Some(question) => &mut question.answer,
                None => {
                    self.problems.error(
                        span.clone(),
                        "this answers no question",
                        "Begin a question with three signs: ### A question?",
                    );
                    return;
                }
            },
        };
        place.push(block);
    }

    fn fence(&mut self, fence: Fence, text: String, start: usize, span: Range<usize>) {
        let line = self.line(start);
        let problems = &mut self.problems;
        match (fence, &mut self.part) {
            (Fence::Live(language, words), part) => {
                let code = |words: &mut Words| Code {
                    language,
                    line,
                    queries: words.queries,
                    chart: words.chart.take(),
                    data: words.data,
                    label: words.label.take(),
                    text: text.clone(),
                };
                let mut words = *words;
                let code = code(&mut words);
                if code.text.trim().is_empty() && words.role != Role::Starter {
                    problems.error(
                        span,
                        "there is no code in this fence",
                        "Write some, or take it out.",
                    );
                    return;
                }
                if code.queries.is_some() && language == Language::Sql {
                    let hint = "Take the word out: a script makes as many queries as it has.";
                    problems.error(span, "queries=N counts what Django code makes", hint);
                    return;
                }
                live(part, code, words.role, span, problems);
            }
            (Fence::Params, Part::Panel(panel, _)) => {
                panel.params.extend(lines::params(&text, start, problems));
            }
            (Fence::Widget, Part::Panel(panel, _)) => {
                panel.widget = lines::widget(&text, start, problems);
            }
            (Fence::Check, Part::Exercise(exercise, ..)) => {
                exercise.check = lines::check(&text, start, problems);
            }
            (Fence::Params | Fence::Widget, _) => problems.error(
                span,
                "controls and widgets stand in a panel",
                "Move it under a heading ## Title.",
            ),
            (Fence::Check, _) => problems.error(
                span,
                "a check stands in an exercise",
                "Move it under a heading ## Exercise: Title.",
            ),
            // `take` puts it among the prose.
            (Fence::Shown(_), _) => {}
        }
    }

    /// Puts the section that is open into the lesson.
    fn close(&mut self) {
        match std::mem::replace(&mut self.part, Part::Introduction) {
            Part::Introduction | Part::Questions => {}
            Part::Panel(panel, span) => {
                check_panel(&panel, span, &mut self.problems);
                self.lesson.sections.push(Section::Panel(*panel));
            }
            Part::Exercise(exercise, span, _) => {
                check_exercise(&exercise, &span, &mut self.problems);
                self.lesson.sections.push(Section::Exercise(*exercise));
            }
        }
    }

    fn finish(&mut self) {
        self.close();
        if self.lesson.title.is_empty() {
            let hint = "Begin the page with one sign: # Title.";
            self.problems.error(0..0, "the page has no title", hint);
        }
        if self.lesson.sections.is_empty() {
            let hint = "Add a panel, ## Title, or an exercise, ## Exercise: Title.";
            self.problems.error(0..0, "the page has no sections", hint);
        }
    }
}

/// Puts code that runs where it belongs.
fn live(part: &mut Part, code: Code, role: Role, span: Range<usize>, problems: &mut Problems) {
    match (part, role) {
        (Part::Panel(panel, _), Role::Panel) if panel.folds.is_empty() => panel.codes.push(code),
        (Part::Panel(..), Role::Panel) => problems.error(
            span,
            "what is folded does not run",
            "Add the word show, or move the fence before the part.",
        ),
        (Part::Exercise(exercise, _, Step::Task), Role::Starter) => exercise.starters.push(code),
        (Part::Exercise(exercise, ..), Role::Wrong(verdict)) => {
            if !is_verdict(&verdict) {
                problems.error(
                    span,
                    format!("there is no verdict \"{verdict}\""),
                    "Verdicts are missing rows, extra rows, wrong values, wrong columns, wrong \
                     order, too many queries, must use X, must not use X, no answer and error.",
                );
                return;
            }
            exercise.wrongs.push(Wrong { code, verdict });
        }
        (Part::Exercise(exercise, _, Step::Solution), Role::Solution) => {
            exercise.solutions.push(code);
        }
        (Part::Exercise(..), Role::Panel) => problems.error(
            span,
            "code of an exercise says what it is for",
            "Add starter, solution, wrong=\"..\" or show.",
        ),
        (Part::Exercise(..), Role::Starter) => problems.error(
            span,
            "a starter stands in the task",
            "Move it before the first ### Hint.",
        ),
        (Part::Exercise(..), Role::Solution) => problems.error(
            span,
            "a solution stands under ### Solution",
            "Move it there.",
        ),
        (Part::Panel(..) | Part::Introduction | Part::Questions, _) => problems.error(
            span,
            "this code stands where nothing runs",
            "Move it into a panel, or add the word show.",
        ),
    }
}

/// Whether an answer can get this verdict.
fn is_verdict(verdict: &str) -> bool {
    const PLAIN: [&str; 8] = [
        "missing rows",
        "extra rows",
        "wrong values",
        "wrong columns",
        "wrong order",
        "too many queries",
        "no answer",
        "error",
    ];
    let named = |start: &str| {
        let name = verdict.strip_prefix(start);
        name.is_some_and(|name| !name.trim().is_empty())
    };
    PLAIN.contains(&verdict) || named("must use ") || named("must not use ")
}

fn check_panel(panel: &Panel, span: Range<usize>, problems: &mut Problems) {
    if panel.codes.is_empty() && panel.widget.is_none() {
        problems.error(
            span.clone(),
            format!("the panel \"{}\" runs nothing", panel.title),
            "Add a fence django or sql, or a widget.",
        );
    }
    for language in Language::ALL {
        let mut labels = BTreeSet::new();
        for code in panel.codes.iter().filter(|code| code.language == language) {
            if !labels.insert(&code.label) {
                problems.error(
                    span.clone(),
                    format!("two fences {} of a panel need labels", language.word()),
                    "Write label=\"Slow\" and label=\"Fast\".",
                );
            }
        }
    }
    for param in &panel.params {
        let mut codes = panel.codes.iter();
        if codes.all(|code| literal::value(code.language, &code.text, &param.name).is_none()) {
            let name = &param.name;
            problems.error(
                span.clone(),
                format!("no code of the panel holds the parameter \"{name}\""),
                &format!("Write {name} = 10 on a line of its own, or in SQL 10 /* {name} */."),
            );
        }
    }
}

fn check_exercise(exercise: &Exercise, span: &Range<usize>, problems: &mut Problems) {
    let title = &exercise.title;
    let mut fault = |message: String, hint: &str| problems.error(span.clone(), message, hint);
    if exercise.task.is_empty() {
        let hint = "Say what is to be done, below the heading.";
        fault(format!("the exercise \"{title}\" has no task"), hint);
    }
    if exercise.hints.is_empty() {
        let hint = "Add one or more parts ### Hint.";
        fault(format!("the exercise \"{title}\" has no hint"), hint);
    }
    if exercise.starters.is_empty() {
        let hint = "Add a fence django starter.";
        fault(format!("the exercise \"{title}\" has no starter"), hint);
    }
    for language in Language::ALL {
        let word = language.word();
        let count = |codes: &[Code]| codes.iter().filter(|it| it.language == language).count();
        match (count(&exercise.starters), count(&exercise.solutions)) {
            (0, 0) | (1, 1) => {}
            (1, 0) => fault(
                format!("the exercise \"{title}\" has no solution in {word}"),
                "Add ### Solution with a fence that says solution.",
            ),
            (0, 1) => fault(
                format!("the exercise \"{title}\" has no starter in {word}"),
                "Add a fence that says starter to the task.",
            ),
            _ => fault(
                format!("the exercise \"{title}\" has two starters or solutions in {word}"),
                "Keep one of them.",
            ),
        }
        if count(&exercise.starters) == 0
            && exercise
                .wrongs
                .iter()
                .any(|it| it.code.language == language)
        {
            let message = format!("a wrong answer of \"{title}\" is in {word}, which it has not");
            fault(message, "Add a starter and a solution in that language.");
        }
    }
}

/// A title as an id: lower-case letters and digits, and dashes between the words.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for letter in title.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}
