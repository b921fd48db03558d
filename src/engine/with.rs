//! WITH that changes rows: every part sees the rows as they were before the statement.

use super::expr::Expr;
use super::plan::{CteId, Plan};
use super::statement::Bound;
use crate::base::ResultSet;

/// What the writes of a WITH have returned so far.
#[derive(Default)]
pub(super) struct Returned {
    rows: Vec<(CteId, Vec<Vec<Expr>>)>,
}

impl Returned {
    /// Keeps the rows of a write.
    pub(super) fn keep(&mut self, cte: CteId, result: Option<&ResultSet>) {
        let Some(result) = result else { return };
        let rows = result.rows(0).map(|row| {
            let cells = row.iter().zip(&result.fields);
            cells
                .map(|(value, field)| Expr::literal(value.clone(), field.ty.clone()))
                .collect()
        });
        self.rows.push((cte, rows.collect()));
    }

    /// Puts the rows into the places where a statement reads them.
    pub(super) fn fill(&self, bound: &mut Bound) {
        match bound {
            Bound::Query(query) => self.fill_plan(&mut query.plan),
            Bound::Insert(insert) => self.fill_plan(&mut insert.source),
            Bound::Update(update) => self.fill_plan(&mut update.source),
            Bound::Delete(delete) => self.fill_plan(&mut delete.source),
            Bound::Writing(writing) => self.fill(&mut writing.body),
        }
    }

    fn fill_plan(&self, plan: &mut Plan) {
        if let Plan::With { ctes, body: _ } = plan {
            for cte in ctes {
                let given = self.rows.iter().find(|(id, _)| *id == cte.id);
                if let (Some((_, given)), Plan::Values { columns: _, rows }) =
                    (given, &mut cte.plan)
                {
                    rows.clone_from(given);
                }
            }
        }
        plan.inputs_mut(&mut |input| self.fill_plan(input));
    }
}
