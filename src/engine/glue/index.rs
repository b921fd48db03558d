//! GlueSQL's `Index`, `IndexMut` and `Planner`.
//!
//! An index over a column is one of ours. GlueSQL also knows indexes over expressions; they keep
//! nothing but their definition, and a scan computes and sorts their keys.

use super::GlueStore;
use super::store::keyed;
use crate::engine::catalog::{self, Uniqueness};
use gluesql_core::ast::{Expr, IndexOperator, OrderByExpr};
use gluesql_core::chrono::DateTime;
use gluesql_core::data::{Row, Schema, SchemaIndex, SchemaIndexOrd, Value};
use gluesql_core::error::{Error, IndexError, Result};
use gluesql_core::executor::evaluate_stateless;
use gluesql_core::plan::{StatementPlan, plan_scalar_expr};
use gluesql_core::planner::{
    fetch_schema_map, plan_aggregate, plan_hash_join, plan_index, plan_primary_key,
    plan_schemaless, validate,
};
use gluesql_core::store::{Index, IndexMut, Planner, RowIter};
use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

impl Planner for GlueStore {
    fn plan(&self, statement: StatementPlan) -> Result<StatementPlan> {
        let schemas = fetch_schema_map(self, &statement)?;
        validate(&schemas, &statement)?;
        let statement = plan_schemaless(&schemas, statement)?;
        let statement = plan_primary_key(&schemas, statement);
        let statement = plan_index(&schemas, statement);
        let statement = plan_hash_join(&schemas, statement);
        Ok(plan_aggregate(statement))
    }
}

impl Index for GlueStore {
    fn scan_indexed_data<'a>(
        &'a self,
        table_name: &str,
        index_name: &str,
        asc: Option<bool>,
        cmp_value: Option<(&IndexOperator, Value)>,
    ) -> Result<RowIter<'a>> {
        let table = self
            .storage
            .table(table_name)
            .ok_or_else(|| IndexError::ConflictTableNotFound(table_name.to_owned()))?;
        let schema = self
            .schema(table_name)
            .ok_or_else(|| IndexError::ConflictTableNotFound(table_name.to_owned()))?;
        let index = schema
            .indexes
            .iter()
            .find(|index| index.name == index_name)
            .ok_or_else(|| IndexError::IndexNameDoesNotExist(index_name.to_owned()))?;
        let expr = plan_scalar_expr(index.expr.clone());
        let columns: Rc<[String]> = names(&schema).into();
        let types = self.data_types(table_name);
        let key = self.key_column(table_name);
        let mut rows = Vec::new();
        for row in table.row_ids() {
            let (key, values) = keyed(table, row, &types, key)?;
            let row = Row {
                columns: columns.clone(),
                values,
            };
            let indexed: Value = evaluate_stateless(Some(row.as_context()), &expr)?.try_into()?;
            let wanted = match &cmp_value {
                Some((operator, value)) => holds(operator, &indexed, value),
                None => true,
            };
            if wanted {
                rows.push((indexed, (key, row.into_values())));
            }
        }
        rows.sort_by(|(a, _), (b, _)| order(a, b));
        if asc == Some(false) {
            rows.reverse();
        }
        Ok(Box::new(rows.into_iter().map(|(_, row)| Ok(row))))
    }
}

fn names(schema: &Schema) -> Vec<String> {
    let columns = schema.column_defs.iter().flatten();
    columns.map(|column| column.name.clone()).collect()
}

/// NULLs last, as GlueSQL orders them.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (a, b) => a.evaluate_cmp(b).unwrap_or(Ordering::Equal),
    }
}

/// In an index NULL counts as larger than every value, also for comparisons: that is how
/// GlueSQL's storages answer them.
fn holds(operator: &IndexOperator, indexed: &Value, value: &Value) -> bool {
    let order = match (indexed, value) {
        (Value::Null, _) | (_, Value::Null) => Some(order(indexed, value)),
        (indexed, value) => indexed.evaluate_cmp(value),
    };
    order.is_some_and(|order| match operator {
        IndexOperator::Gt => order.is_gt(),
        IndexOperator::Lt => order.is_lt(),
        IndexOperator::GtEq => order.is_ge(),
        IndexOperator::LtEq => order.is_le(),
        IndexOperator::Eq => order.is_eq(),
    })
}

impl IndexMut for GlueStore {
    fn create_index(
        &mut self,
        table_name: &str,
        index_name: &str,
        column: &OrderByExpr,
    ) -> Result<()> {
        if let Some(prepared) = self.prepared.take() {
            self.install(table_name, prepared);
            return Ok(());
        }
        let mut schema = self
            .schema(table_name)
            .ok_or_else(|| IndexError::TableNotFound(table_name.to_owned()))?;
        if schema.indexes.iter().any(|index| index.name == index_name) {
            return Err(IndexError::IndexNameAlreadyExists(index_name.to_owned()).into());
        }
        schema.indexes.push(SchemaIndex {
            name: index_name.to_owned(),
            expr: column.expr.clone(),
            order: SchemaIndexOrd::Both,
            created: DateTime::UNIX_EPOCH.naive_utc(),
        });
        if let Expr::Identifier(name) = &column.expr {
            let tables = &mut self.storage.catalog_mut().tables;
            let place = tables.get(table_name).and_then(|t| t.position(name));
            if let (Some(place), Some(table)) = (place, tables.get_mut(table_name)) {
                let name: Arc<str> = index_name.into();
                Arc::make_mut(table).indexes.push(catalog::Index {
                    name: name.clone(),
                    columns: vec![place],
                    uniqueness: Uniqueness::Plain,
                });
                if let Some(data) = self.storage.table_mut(table_name) {
                    data.add_index(name, vec![place], Uniqueness::Plain);
                }
            }
        }
        self.schemas.insert(table_name.to_owned(), schema);
        Ok(())
    }

    fn drop_index(&mut self, table_name: &str, index_name: &str) -> Result<()> {
        if let Some(prepared) = self.prepared.take() {
            self.install(table_name, prepared);
            return Ok(());
        }
        let mut schema = self
            .schema(table_name)
            .ok_or_else(|| IndexError::TableNotFound(table_name.to_owned()))?;
        let before = schema.indexes.len();
        schema.indexes.retain(|index| index.name != index_name);
        if schema.indexes.len() == before {
            let name = index_name.to_owned();
            return Err(Error::from(IndexError::IndexNameDoesNotExist(name)));
        }
        if let Some(table) = self.storage.catalog_mut().tables.get_mut(table_name) {
            let table = Arc::make_mut(table);
            table.indexes.retain(|index| &*index.name != index_name);
        }
        if let Some(data) = self.storage.table_mut(table_name) {
            data.drop_index(index_name);
        }
        self.schemas.insert(table_name.to_owned(), schema);
        Ok(())
    }
}
