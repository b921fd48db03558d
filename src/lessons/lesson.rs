//! A lesson as data: prose as a tree, panels, exercises, questions.

use super::chart::Chart;
use serde::{Deserialize, Serialize};

/// A page of the course, or a teacher's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// Its first-level heading.
    pub title: String,
    /// What stands before the first section.
    pub introduction: Vec<Block>,
    /// Panels and exercises, as they follow each other.
    pub sections: Vec<Section>,
    /// What an interviewer would ask.
    pub questions: Vec<Question>,
}

impl Lesson {
    /// The panels, in order.
    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.sections.iter().filter_map(|section| match section {
            Section::Panel(panel) => Some(panel),
            Section::Exercise(_) => None,
        })
    }

    /// The exercises, in order.
    pub fn exercises(&self) -> impl Iterator<Item = &Exercise> {
        self.sections.iter().filter_map(|section| match section {
            Section::Exercise(exercise) => Some(exercise),
            Section::Panel(_) => None,
        })
    }
}

/// What a second-level heading begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Section {
    /// Something to read, run and change.
    Panel(Panel),
    /// Something to solve.
    Exercise(Exercise),
}

impl Section {
    /// The slug of its title, unique on the page.
    pub fn id(&self) -> &str {
        match self {
            Self::Panel(panel) => &panel.id,
            Self::Exercise(exercise) => &exercise.id,
        }
    }

    /// Its title.
    pub fn title(&self) -> &str {
        match self {
            Self::Panel(panel) => &panel.title,
            Self::Exercise(exercise) => &exercise.title,
        }
    }
}

/// A task with code that runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    /// The slug of its title.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// The line of its heading, from 1.
    pub line: u32,
    /// What it asks and what is new about it.
    pub task: Vec<Block>,
    /// What runs, in order.
    pub codes: Vec<Code>,
    /// Controls over literals of the code.
    pub params: Vec<Param>,
    /// A special part.
    pub widget: Option<Widget>,
    /// Prose behind the code.
    pub notes: Vec<Block>,
    /// What is folded until opened.
    pub folds: Vec<Fold>,
}

/// Prose under a title, folded until opened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    /// The title.
    pub title: String,
    /// What it hides.
    pub body: Vec<Block>,
}

/// A question of an interview and its answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The question.
    pub question: Vec<Inline>,
    /// The answer.
    pub answer: Vec<Block>,
}

/// What code is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// Python with Django's names.
    #[default]
    Django,
    /// PostgreSQL's SQL.
    Sql,
}

impl Language {
    /// Both, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::Django, Self::Sql];

    /// As fences write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Django => "django",
            Self::Sql => "sql",
        }
    }

    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Django => "Django",
            Self::Sql => "SQL",
        }
    }
}

/// A text to run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// Its language.
    pub language: Language,
    /// The text.
    pub text: String,
    /// The line of the page where the text begins, from 1.
    pub line: u32,
    /// How many queries it makes.
    pub queries: Option<u32>,
    /// How its result is drawn at first.
    pub chart: Option<Chart>,
    /// The data set that it runs on.
    pub data: Data,
    /// What it is called beside its siblings.
    pub label: Option<String>,
}

/// The data set that a code runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Data {
    /// The learner's own, whatever it holds.
    #[default]
    Own,
    /// A fresh Medium data set.
    Medium,
}

/// A control over a literal of the code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// The name at the literal.
    pub name: String,
    /// What the control is called.
    pub label: String,
    /// Which values it offers.
    pub kind: ParamKind,
}

/// Which values a control offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ParamKind {
    /// Numbers, as decimal text.
    Number {
        /// The least.
        min: String,
        /// The greatest.
        max: String,
        /// The distance of two.
        step: String,
    },
    /// One of these texts.
    Choice(Vec<String>),
    /// The rows of a query: value, label.
    Rows(String),
}

/// A special part of a panel. The page has a file for each in `ui/components/widgets`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Widget {
    /// The five models as code beside the ER diagram and their tables.
    Models,
    /// Two sessions that lose an update, stepped by hand.
    LostUpdate,
    /// Which rows are in the frame of a row.
    Frames,
    /// The marketplace's own querysets as code.
    Querysets,
    /// The services as code.
    Services,
}

impl Widget {
    /// All widgets.
    pub const ALL: [Self; 5] = [
        Self::Models,
        Self::LostUpdate,
        Self::Frames,
        Self::Querysets,
        Self::Services,
    ];

    /// As fences write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Models => "models",
            Self::LostUpdate => "lost-update",
            Self::Frames => "frames",
            Self::Querysets => "querysets",
            Self::Services => "services",
        }
    }
}

/// Something to solve.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exercise {
    /// The slug of its title.
    pub id: String,
    /// Its heading, without the word Exercise.
    pub title: String,
    /// The line of its heading, from 1.
    pub line: u32,
    /// What is to be done.
    pub task: Vec<Block>,
    /// What the learner finds, a text for each language.
    pub starters: Vec<Code>,
    /// Hints, each a step further.
    pub hints: Vec<Vec<Block>>,
    /// Why the solution is so.
    pub explanation: Vec<Block>,
    /// The model answers, one for each language of the starters.
    pub solutions: Vec<Code>,
    /// What is compared.
    pub check: Check,
    /// Typical wrong answers and the verdict that each must get. Never shown.
    pub wrongs: Vec<Wrong>,
}

impl Exercise {
    /// The model answer in a language.
    pub fn solution(&self, language: Language) -> Option<&Code> {
        let mut solutions = self.solutions.iter();
        solutions.find(|solution| solution.language == language)
    }
}

/// What a check compares, beside the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Whether the order of the rows counts.
    pub order: Order,
    /// Whether the names of the columns count.
    pub names: Names,
    /// How many queries Django code may make.
    pub most_queries: Option<u32>,
    /// What must or must not stand in the code.
    pub demands: Vec<Demand>,
    /// A query whose rows are compared instead of the last value.
    pub then: Option<String>,
}

/// Whether the order of rows counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Any order is right.
    #[default]
    Any,
    /// Only the solution's is.
    AsGiven,
}

/// Whether the names of columns count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Names {
    /// They must be the solution's; the columns may stand in any order.
    #[default]
    Matter,
    /// They are free; the columns must stand in the solution's order.
    Free,
}

/// A name or keyword that must or must not stand in the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// Which of the two.
    pub kind: DemandKind,
    /// The name, or several words that must follow each other.
    pub name: String,
    /// The only language that it holds for.
    pub language: Option<Language>,
}

/// Whether a name must or must not be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DemandKind {
    /// It must.
    Uses,
    /// It must not.
    Avoids,
}

/// A wrong answer and its verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wrong {
    /// The answer.
    pub code: Code,
    /// The name of the verdict: `missing rows`, `must use Window` and so on.
    pub verdict: String,
}

/// A block of prose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Block {
    /// Text.
    Paragraph(Vec<Inline>),
    /// A heading within prose.
    Heading(Vec<Inline>),
    /// A list.
    List {
        /// The first number of an ordered list.
        first: Option<u64>,
        /// Its items.
        items: Vec<Vec<Block>>,
    },
    /// A table.
    Table {
        /// The titles of the columns.
        head: Vec<Vec<Inline>>,
        /// Its cells, row by row.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// Code that is only shown.
    Code {
        /// Its language, when it is one that is highlighted.
        language: Option<Language>,
        /// The text.
        text: String,
    },
    /// Something set apart.
    Quote(Vec<Block>),
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Inline {
    /// Text.
    Text(String),
    /// A name or an expression.
    Code(String),
    /// Bold text.
    Strong(Vec<Inline>),
    /// Italic text.
    Emphasis(Vec<Inline>),
    /// A way to another place of the page.
    Link {
        /// The address, `#/phase/2`.
        place: String,
        /// What it says.
        text: Vec<Inline>,
    },
}

impl Inline {
    /// The text without its form.
    pub fn plain(inlines: &[Self]) -> String {
        let mut text = String::new();
        for inline in inlines {
            match inline {
                Self::Text(piece) | Self::Code(piece) => text.push_str(piece),
                Self::Strong(inner) | Self::Emphasis(inner) | Self::Link { text: inner, .. } => {
                    text.push_str(&Self::plain(inner));
                }
            }
        }
        text
    }
}
