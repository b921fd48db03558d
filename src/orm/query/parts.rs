//! What a query is made of beside its joins and conditions.

use crate::orm::expressions::Expr;
use crate::orm::ordered::OrderedMap;
use std::collections::BTreeSet;

/// What a name of `values()` selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selected {
    /// The column at that place of `select`.
    Column(usize),
    /// The annotation of that name.
    Annotation(String),
}

/// The grouping of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupBy {
    /// None.
    None,
    /// By whatever is selected.
    Selection,
    /// By these.
    By(Vec<Expr>),
}

/// One argument of `order_by()`.
#[derive(Clone, Debug, PartialEq)]
pub enum Ordering {
    /// A path, `-` in front for descending, or `?`.
    Name(String),
    /// An expression.
    Expr(Expr),
}

/// What `select_related()` asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectRelated {
    /// Nothing.
    No,
    /// Every relation that is not nullable.
    All,
    /// These, by name.
    Paths(Paths),
}

/// A tree of names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paths(pub OrderedMap<Paths>);

impl Paths {
    /// Adds a path of names joined by `__`.
    pub fn add(&mut self, path: &str) {
        let mut at = self;
        for part in path.split("__") {
            at = at.0.entry(part);
        }
    }
}

/// What `only()` and `defer()` asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deferred {
    /// All but these.
    Except(BTreeSet<String>),
    /// Only these.
    Only(BTreeSet<String>),
}

/// `select_for_update()`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForUpdate {
    /// `nowait=True`
    pub nowait: bool,
    /// `skip_locked=True`
    pub skip_locked: bool,
    /// `of=`
    pub of: Vec<String>,
    /// `no_key=True`
    pub no_key: bool,
}

/// `explain()`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explain {
    /// `format=`
    pub format: Option<String>,
    /// The options, each on or off.
    pub options: Vec<(String, bool)>,
}

/// A set operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combinator {
    /// `union()`
    Union,
    /// `intersection()`
    Intersection,
    /// `difference()`
    Difference,
}

impl Combinator {
    /// The method's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Union => "union",
            Self::Intersection => "intersection",
            Self::Difference => "difference",
        }
    }

    /// The operator in SQL.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Union => "UNION",
            Self::Intersection => "INTERSECT",
            Self::Difference => "EXCEPT",
        }
    }
}

/// Whether an ordering is removed even where it decides which rows there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clear {
    /// Always.
    Always,
    /// Unless a slice, `DISTINCT ON` or a lock depends on it.
    Unless,
}

/// Whether an annotation is selected (`annotate`) or only named (`alias`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    /// It is a column of the result.
    Yes,
    /// It may only be referred to.
    No,
}

/// Whether a grouping may refer to labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aliases {
    /// It may.
    Yes,
    /// It may not.
    No,
}
