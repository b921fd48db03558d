//! Filters on window expressions: the query becomes a subquery that computes them.

use super::{Compiled, Compiler, Labels, Limits};
use crate::orm::errors::OrmError;
use crate::orm::expressions::Expr;
use crate::orm::q::Connector;
use crate::orm::query::Select;
use crate::orm::sql::{Sql, quote};
use crate::orm::where_tree::WhereNode;
use std::collections::BTreeSet;

impl Compiler<'_> {
    pub(super) fn qualify_sql(&mut self) -> Compiled {
        let mut inner = self.query.clone();
        inner.subquery = true;
        let parts: Vec<Expr> = [self.filter.clone(), self.having.clone()]
            .into_iter()
            .flatten()
            .map(|node| Expr::Where(Box::new(node)))
            .collect();
        inner.where_tree = WhereNode::new(parts, Connector::And, false);
        // The selected columns, labelled as the subquery will label them.
        let mut labelled = self.sibling(&self.query);
        labelled.setup(Labels::All)?;
        let select: Vec<(Expr, String)> = labelled
            .select
            .iter()
            .map(|column| {
                (
                    column.expr.clone(),
                    column.alias.clone().unwrap_or_default(),
                )
            })
            .collect();
        let labels: BTreeSet<String> = select.iter().map(|(_, alias)| alias.clone()).collect();
        let qualify = self
            .qualify
            .clone()
            .ok_or_else(|| OrmError::internal("nothing to qualify"))?;
        let mut collected = Collected {
            select: &select,
            labels: &labels,
            added: Vec::new(),
            replacements: Vec::new(),
        };
        collected.collect(qualify.leaves().into_iter().cloned().collect());
        let refs = collected.references();
        let condition = Expr::Where(Box::new(qualify)).replaced(&refs);
        let mut order_by = Vec::new();
        for key in self.order_by()? {
            collected.collect(key.expr.sources().into_iter().cloned().collect());
            order_by.push(key.expr.replaced(&collected.references()));
        }
        for (expr, alias) in &collected.added {
            inner.place_annotation(expr.clone(), alias, Select::Yes);
        }
        let masked = !collected.added.is_empty();
        let inner = self.sibling(&inner).as_sql(Limits::Leave, Labels::All)?;
        let mut out = inner.wrap("SELECT * FROM ( ", " ) \"qualify\" WHERE ");
        out.append(self.compile(&condition)?);
        if masked {
            let mut seen: Vec<String> = Vec::new();
            for (expr, _) in &select {
                // A label that a later equal column took over is the one that counts.
                if let Some((_, alias)) = select.iter().rev().find(|(known, _)| known == expr) {
                    let alias = quote(alias);
                    if !seen.contains(&alias) {
                        seen.push(alias);
                    }
                }
            }
            out = out.wrap(
                &format!("SELECT {} FROM ( ", seen.join(", ")),
                " ) \"qualify_mask\"",
            );
        }
        if !order_by.is_empty() {
            let keys = self.compile_all(&order_by)?;
            out.push(" ORDER BY ");
            out.append(Sql::join(keys, ", "));
        }
        Ok(out)
    }
}

/// What the query around refers to by label.
struct Collected<'a> {
    select: &'a [(Expr, String)],
    labels: &'a BTreeSet<String>,
    added: Vec<(Expr, String)>,
    replacements: Vec<(Expr, String)>,
}

impl Collected<'_> {
    fn collect(&mut self, mut exprs: Vec<Expr>) {
        while let Some(expr) = exprs.pop() {
            if self.replacements.iter().any(|(known, _)| *known == expr) {
                continue;
            }
            if let Some((_, alias)) = self.select.iter().rev().find(|(known, _)| *known == expr) {
                self.replacements.push((expr, alias.clone()));
                continue;
            }
            match &expr {
                Expr::Lookup(_) => exprs.extend(expr.sources().into_iter().cloned()),
                Expr::Ref(name, _) | Expr::PositionRef(_, name, _) => {
                    if !self.labels.contains(name) {
                        exprs.extend(expr.sources().into_iter().cloned());
                    }
                }
                _ => {
                    let alias = format!("qual{}", self.added.len());
                    self.added.push((expr.clone(), alias.clone()));
                    self.replacements.push((expr, alias));
                }
            }
        }
    }

    fn references(&self) -> Vec<(Expr, Expr)> {
        self.replacements
            .iter()
            .map(|(expr, alias)| {
                (
                    expr.clone(),
                    Expr::Ref(alias.clone(), Box::new(expr.clone())),
                )
            })
            .collect()
    }
}
