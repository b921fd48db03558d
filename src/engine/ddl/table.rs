//! CREATE TABLE and CREATE TABLE AS.

use super::column::Defined;
use super::constraint::Wanted;
use super::name::table_name;
use super::{Definer, Done, already_exists, binding, relation_exists, unset, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Field, Result, ResultSet, Type};
use crate::engine::catalog::{Column, TEMPORARY, Table};
use crate::engine::glue::{self, Prepared};
use crate::engine::storage::TableData;
use crate::engine::{bind, exec, plan};
use sqlparser::ast;
use std::sync::Arc;

/// As many columns as PostgreSQL's tables have at most.
const MAX_COLUMNS: usize = 1_600;

/// Whether CREATE TABLE AS takes the rows of its query.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filling {
    /// `WITH DATA`, or nothing said.
    Rows,
    /// `WITH NO DATA`
    Empty,
}

impl Definer<'_> {
    pub(super) fn create_table(&mut self, create: &ast::CreateTable) -> Result<Done> {
        clauses(create)?;
        let named = table_name(&create.name)?;
        let catalog_name: Arc<str> = match create.temporary {
            true => format!("{TEMPORARY}{}", named.name).into(),
            false => named.name.clone(),
        };
        let tag = match create.query {
            Some(_) => "CREATE TABLE AS",
            None => "CREATE TABLE",
        };
        let catalog = self.storage.catalog();
        let exists = match create.temporary {
            true => catalog.tables.contains_key(&catalog_name),
            false => {
                catalog.tables.contains_key(&named.name)
                    || (relation_exists(catalog, &named.name)
                        && catalog.table(&named.name).is_none())
            }
        };
        if exists {
            if create.if_not_exists {
                self.notice(format!(
                    "relation \"{}\" already exists, skipping",
                    named.name
                ));
                return Ok(Done::command(tag));
            }
            return Err(already_exists(&named));
        }
        if create.columns.len() > MAX_COLUMNS {
            return Err(Diagnostic::error(
                sqlstate::TOO_MANY_COLUMNS,
                format!("tables can have at most {MAX_COLUMNS} columns"),
            )
            .at(named.span));
        }
        let mut table = Table::empty(catalog_name);
        if let Some(query) = &create.query {
            let filling = match &create.with_data {
                Some(ast::WithData {
                    data: false,
                    statistics: _,
                }) => Filling::Empty,
                Some(ast::WithData {
                    data: true,
                    statistics: _,
                })
                | None => Filling::Rows,
            };
            return self.create_table_as(table, &create.columns, query, filling);
        }
        if let Some(like) = &create.like {
            table.columns = self.columns_like(like)?;
        }
        let mut sequences = Vec::new();
        let mut constraints = Vec::new();
        for (place, definition) in create.columns.iter().enumerate() {
            let Defined {
                column,
                constraints: wanted,
                sequence,
            } = self.column(&named.name, place, definition)?;
            if table.position(&column.name).is_some() {
                return Err(Diagnostic::error(
                    sqlstate::DUPLICATE_COLUMN,
                    format!("column \"{}\" specified more than once", column.name),
                )
                .at(crate::sql::span_of(definition.name.span)));
            }
            table.columns.push(column);
            constraints.extend(wanted);
            sequences.extend(sequence);
        }
        for constraint in &create.constraints {
            constraints.push(Wanted::of_table(constraint)?);
        }
        for wanted in constraints {
            self.add_constraint(&mut table, wanted)?;
        }
        for sequence in sequences {
            self.put_sequence(sequence);
        }
        self.check_generated(&table)?;
        let data = TableData::new(&table);
        glue::create_table(self.storage, Prepared { table, data })?;
        Ok(Done::command(tag))
    }

    /// The columns of another table: names, types and NOT NULL, as LIKE takes them when nothing
    /// more is included.
    fn columns_like(&self, like: &ast::CreateTableLikeKind) -> Result<Vec<Column>> {
        let (ast::CreateTableLikeKind::Parenthesized(like) | ast::CreateTableLikeKind::Plain(like)) =
            like;
        let ast::CreateTableLike { name, defaults } = like;
        let source = table_name(name)?;
        let including = matches!(defaults, Some(ast::CreateTableLikeDefaults::Including));
        unset(including, "INCLUDING DEFAULTS", source.span)?;
        let columns = self.table(&source)?.columns.clone();
        let plain = columns.into_iter().map(|column| Column {
            default: None,
            identity: None,
            generated: None,
            ..column
        });
        Ok(plain.collect())
    }

    fn create_table_as(
        &mut self,
        mut table: Table,
        names: &[ast::ColumnDef],
        query: &ast::Query,
        filling: Filling,
    ) -> Result<Done> {
        let catalog = self.storage.shared_catalog();
        let snapshot = self.storage.clone();
        let bound = bind::bind_query(query, &binding(&catalog, self.eval.now))?;
        let query = plan::rewrite::optimize(bound, &snapshot)?;
        let context = exec::Context::new(&snapshot, self.eval, self.budget);
        let ResultSet { fields, batches } = exec::run(&query, &context)?;
        if names.len() > fields.len() {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                "too many column names were specified",
            ));
        }
        for (place, Field { name, ty }) in fields.into_iter().enumerate() {
            let name: Arc<str> = match names.get(place) {
                None => name.into(),
                Some(ast::ColumnDef {
                    name,
                    data_type,
                    options,
                }) => {
                    let typed = match data_type {
                        ast::DataType::Unspecified => false,
                        other => other.to_string() != format!("\"{}\"", crate::sql::UNTYPED_MARK),
                    };
                    unset(
                        typed || !options.is_empty(),
                        "a type in CREATE TABLE AS",
                        None,
                    )?;
                    super::fold(name)
                }
            };
            if table.position(&name).is_some() {
                return Err(Diagnostic::error(
                    sqlstate::DUPLICATE_COLUMN,
                    format!("column \"{name}\" specified more than once"),
                ));
            }
            let ty = match ty {
                Type::Unknown => Type::Text,
                Type::Record(_) => {
                    return Err(Diagnostic::error(
                        sqlstate::INVALID_TABLE_DEFINITION,
                        format!("column \"{name}\" has pseudo-type record"),
                    ));
                }
                ty => ty,
            };
            table.columns.push(Column::plain(name, ty));
        }
        let mut data = TableData::new(&table);
        let mut rows = 0;
        for batch in batches.iter().filter(|_| filling == Filling::Rows) {
            data.append(&batch.columns, batch.rows)?;
            rows += batch.rows as u64;
        }
        glue::create_table(self.storage, Prepared { table, data })?;
        Ok(Done {
            command: match filling {
                Filling::Rows => "SELECT",
                Filling::Empty => "CREATE TABLE AS",
            },
            rows,
            result: None,
        })
    }
}

/// Refuses the clauses of other databases and those of PostgreSQL that are not supported.
fn clauses(create: &ast::CreateTable) -> Result<()> {
    let ast::CreateTable {
        or_replace,
        temporary: _,
        unlogged: _,
        external,
        dynamic,
        global: _,
        if_not_exists: _,
        transient,
        volatile,
        iceberg,
        snapshot,
        name,
        columns: _,
        constraints: _,
        hive_distribution,
        hive_formats,
        table_options,
        file_format,
        location,
        query: _,
        without_rowid,
        like: _,
        clone,
        version,
        comment,
        on_commit,
        on_cluster,
        primary_key,
        order_by,
        partition_by,
        cluster_by,
        clustered_by,
        inherits,
        partition_of,
        for_values,
        strict,
        copy_grants,
        enable_schema_evolution,
        change_tracking,
        data_retention_time_in_days,
        max_data_extension_time_in_days,
        default_ddl_collation,
        with_aggregation_policy,
        with_row_access_policy,
        with_storage_lifecycle_policy,
        with_tags,
        external_volume,
        with_connection,
        base_location,
        catalog,
        catalog_sync,
        storage_serialization_policy,
        target_lag,
        warehouse,
        refresh_mode,
        initialize,
        require_user,
        diststyle,
        distkey,
        sortkey,
        backup,
        multiset,
        fallback,
        with_data,
    } = create;
    let span = table_name(name)?.span;
    let hive = match hive_formats {
        None => false,
        Some(ast::HiveFormat {
            row_format,
            serde_properties,
            storage,
            location,
        }) => {
            row_format.is_some()
                || serde_properties.is_some()
                || storage.is_some()
                || location.is_some()
        }
    };
    let statistics = match with_data {
        None => false,
        Some(ast::WithData {
            data: _,
            statistics,
        }) => statistics.is_some(),
    };
    let refused = [
        (*or_replace, "CREATE OR REPLACE TABLE"),
        (*external, "EXTERNAL"),
        (*dynamic, "DYNAMIC"),
        (*transient, "TRANSIENT"),
        (*volatile, "VOLATILE"),
        (*iceberg, "ICEBERG"),
        (*snapshot, "SNAPSHOT"),
        (
            !matches!(hive_distribution, ast::HiveDistributionStyle::NONE),
            "PARTITIONED BY",
        ),
        (hive, "ROW FORMAT"),
        (
            // WITH (fillfactor = 70) and its like say how to store, not what.
            !matches!(
                table_options,
                ast::CreateTableOptions::None | ast::CreateTableOptions::With(_)
            ),
            "a table option",
        ),
        (file_format.is_some(), "STORED AS"),
        (location.is_some(), "LOCATION"),
        (*without_rowid, "WITHOUT ROWID"),
        (clone.is_some(), "CLONE"),
        (version.is_some(), "a table version"),
        (comment.is_some(), "COMMENT in CREATE TABLE"),
        (
            matches!(
                on_commit,
                Some(ast::OnCommit::DeleteRows | ast::OnCommit::Drop)
            ),
            "ON COMMIT but PRESERVE ROWS",
        ),
        (on_cluster.is_some(), "ON CLUSTER"),
        (primary_key.is_some(), "PRIMARY KEY behind the columns"),
        (order_by.is_some(), "ORDER BY in CREATE TABLE"),
        (partition_by.is_some(), "PARTITION BY"),
        (cluster_by.is_some(), "CLUSTER BY"),
        (clustered_by.is_some(), "CLUSTERED BY"),
        (inherits.is_some(), "INHERITS"),
        (partition_of.is_some(), "PARTITION OF"),
        (for_values.is_some(), "FOR VALUES"),
        (*strict, "STRICT"),
        (*copy_grants, "COPY GRANTS"),
        (enable_schema_evolution.is_some(), "ENABLE_SCHEMA_EVOLUTION"),
        (change_tracking.is_some(), "CHANGE_TRACKING"),
        (
            data_retention_time_in_days.is_some(),
            "DATA_RETENTION_TIME_IN_DAYS",
        ),
        (
            max_data_extension_time_in_days.is_some(),
            "MAX_DATA_EXTENSION_TIME_IN_DAYS",
        ),
        (default_ddl_collation.is_some(), "DEFAULT_DDL_COLLATION"),
        (with_aggregation_policy.is_some(), "WITH AGGREGATION POLICY"),
        (with_row_access_policy.is_some(), "WITH ROW ACCESS POLICY"),
        (
            with_storage_lifecycle_policy.is_some(),
            "WITH STORAGE LIFECYCLE POLICY",
        ),
        (with_tags.is_some(), "WITH TAG"),
        (external_volume.is_some(), "EXTERNAL_VOLUME"),
        (with_connection.is_some(), "WITH CONNECTION"),
        (base_location.is_some(), "BASE_LOCATION"),
        (catalog.is_some(), "CATALOG"),
        (catalog_sync.is_some(), "CATALOG_SYNC"),
        (
            storage_serialization_policy.is_some(),
            "STORAGE_SERIALIZATION_POLICY",
        ),
        (target_lag.is_some(), "TARGET_LAG"),
        (warehouse.is_some(), "WAREHOUSE"),
        (refresh_mode.is_some(), "REFRESH_MODE"),
        (initialize.is_some(), "INITIALIZE"),
        (*require_user, "REQUIRE USER"),
        (diststyle.is_some(), "DISTSTYLE"),
        (distkey.is_some(), "DISTKEY"),
        (sortkey.is_some(), "SORTKEY"),
        (backup.is_some(), "BACKUP"),
        (multiset.is_some(), "MULTISET"),
        (fallback.is_some(), "FALLBACK"),
        (statistics, "AND STATISTICS"),
    ];
    match refused.iter().find(|(there, _)| *there) {
        Some((_, what)) => Err(unsupported(what, span)),
        None => Ok(()),
    }
}
