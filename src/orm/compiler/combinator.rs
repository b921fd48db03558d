//! UNION, INTERSECT and EXCEPT.

use super::{Compiled, Compiler, Elide, Labels, Limits, Stop};
use crate::orm::query::{Combinator, Query, Selected};
use crate::orm::sql::Sql;

/// The queries of a set operation with the operator between them.
pub(super) fn sql(compiler: &mut Compiler<'_>, combinator: Combinator) -> Compiled {
    let queries = compiler.query.combined_queries.clone();
    let mut parts: Vec<Sql> = Vec::new();
    let mut empty: Option<Query> = None;
    for query in &queries {
        match part(compiler, query, compiler.elide) {
            Ok(sql) => parts.push(sql),
            Err(Stop::Empty)
                if combinator == Combinator::Union
                    || (combinator == Combinator::Difference && !parts.is_empty()) =>
            {
                empty = Some(query.clone());
            }
            Err(stop) => return Err(stop),
        }
    }
    if parts.is_empty() {
        return Err(Stop::Empty);
    }
    // One branch alone would lose the slice of the whole.
    if parts.len() == 1
        && combinator == Combinator::Union
        && compiler.query.is_sliced()
        && let Some(query) = empty
    {
        parts.push(part(compiler, &query, Elide::No)?);
    }
    let mut operator = combinator.sql().to_owned();
    if compiler.query.combinator_all && combinator == Combinator::Union {
        operator.push_str(" ALL");
    }
    let parts = if compiler.query.subquery {
        parts
    } else {
        parts.into_iter().map(|part| part.wrap("(", ")")).collect()
    };
    Ok(Sql::join(parts, &format!(" {operator} ")))
}

fn part(compiler: &Compiler<'_>, query: &Query, elide: Elide) -> Compiled {
    let mut query = query.clone();
    if let Some(selected) = &compiler.query.selected
        && query.selected.is_none()
    {
        let names: Vec<String> = selected
            .iter()
            .map(|(name, what)| match what {
                Selected::Annotation(annotation) => annotation.clone(),
                Selected::Column(_) => name.to_owned(),
            })
            .collect();
        query.set_values(&names)?;
    }
    let mut inner = Compiler::new(&query, compiler.timezone, elide);
    let sql = inner.as_sql(Limits::Keep, Labels::All)?;
    // In a subquery every branch is in parentheses, elsewhere none.
    Ok(if compiler.query.subquery {
        sql.wrap("(", ")")
    } else {
        sql
    })
}
