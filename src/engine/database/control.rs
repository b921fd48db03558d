//! BEGIN, COMMIT, SAVEPOINT and SET CONSTRAINTS: statements that a transaction answers itself.

use super::{Database, Outcome, refuse};
use crate::base::Result;
use crate::engine::ddl;
use crate::engine::transaction::Ended;
use sqlparser::ast::Statement;

impl Database {
    /// BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their like; none of them when absent.
    pub(super) fn control(&mut self, statement: &Statement) -> Result<Option<Outcome>> {
        let mut notices = Vec::new();
        let command = match statement {
            Statement::StartTransaction {
                modes: _,
                begin,
                transaction: _,
                modifier,
                statements,
                exception,
                has_end_keyword: _,
            } => {
                refuse(modifier.is_some(), "a modifier of BEGIN")?;
                refuse(
                    !statements.is_empty() || exception.is_some(),
                    "a block of statements",
                )?;
                self.transaction.admit()?;
                notices.extend(self.transaction.begin(&self.storage));
                if *begin { "BEGIN" } else { "START TRANSACTION" }
            }
            Statement::Commit {
                chain,
                end: _,
                modifier,
            } => {
                refuse(*chain, "COMMIT AND CHAIN")?;
                refuse(modifier.is_some(), "a modifier of COMMIT")?;
                let (ended, warning) = self.transaction.commit(&mut self.storage)?;
                notices.extend(warning);
                match ended {
                    Ended::Committed => "COMMIT",
                    Ended::RolledBack => "ROLLBACK",
                }
            }
            Statement::Rollback {
                chain,
                savepoint: None,
            } => {
                refuse(*chain, "ROLLBACK AND CHAIN")?;
                let (_, warning) = self.transaction.rollback(&mut self.storage);
                notices.extend(warning);
                "ROLLBACK"
            }
            Statement::Rollback {
                chain,
                savepoint: Some(name),
            } => {
                refuse(*chain, "ROLLBACK AND CHAIN")?;
                let name = ddl::fold(name);
                let outcome = self.transaction.rollback_to(&name, &mut self.storage);
                outcome.inspect_err(|_| self.transaction.fail())?;
                "ROLLBACK"
            }
            Statement::Savepoint { name } => {
                let outcome = self.transaction.savepoint(ddl::fold(name), &self.storage);
                outcome.inspect_err(|_| self.transaction.fail())?;
                "SAVEPOINT"
            }
            Statement::ReleaseSavepoint { name } => {
                let outcome = self.transaction.release(&ddl::fold(name));
                outcome.inspect_err(|_| self.transaction.fail())?;
                "RELEASE"
            }
            Statement::AlterCollation(_)
            | Statement::AlterConnector { .. }
            | Statement::AlterFunction(_)
            | Statement::AlterIndex { .. }
            | Statement::AlterOperator(_)
            | Statement::AlterOperatorClass(_)
            | Statement::AlterOperatorFamily(_)
            | Statement::AlterPolicy(_)
            | Statement::AlterRole { .. }
            | Statement::AlterSchema(_)
            | Statement::AlterSession { .. }
            | Statement::AlterTable(_)
            | Statement::AlterTextSearch(_)
            | Statement::AlterType(_)
            | Statement::AlterUser(_)
            | Statement::AlterView { .. }
            | Statement::Analyze(_)
            | Statement::Assert { .. }
            | Statement::AttachDatabase { .. }
            | Statement::AttachDuckDBDatabase { .. }
            | Statement::Cache { .. }
            | Statement::Call(_)
            | Statement::Case(_)
            | Statement::Close { .. }
            | Statement::Comment { .. }
            | Statement::Copy { .. }
            | Statement::CopyIntoSnowflake { .. }
            | Statement::CreateCollation(_)
            | Statement::CreateConnector(_)
            | Statement::CreateDatabase { .. }
            | Statement::CreateDomain(_)
            | Statement::CreateExtension(_)
            | Statement::CreateFileFormat { .. }
            | Statement::CreateFunction(_)
            | Statement::CreateIndex(_)
            | Statement::CreateMacro { .. }
            | Statement::CreateOperator(_)
            | Statement::CreateOperatorClass(_)
            | Statement::CreateOperatorFamily(_)
            | Statement::CreatePolicy(_)
            | Statement::CreateProcedure { .. }
            | Statement::CreateRole(_)
            | Statement::CreateSchema { .. }
            | Statement::CreateSecret { .. }
            | Statement::CreateSequence { .. }
            | Statement::CreateServer(_)
            | Statement::CreateStage { .. }
            | Statement::CreateTable(_)
            | Statement::CreateTextSearch(_)
            | Statement::CreateTrigger(_)
            | Statement::CreateType { .. }
            | Statement::CreateUser(_)
            | Statement::CreateView(_)
            | Statement::CreateVirtualTable { .. }
            | Statement::CreateWarehouse(_)
            | Statement::Deallocate { .. }
            | Statement::Declare { .. }
            | Statement::Delete(_)
            | Statement::Deny(_)
            | Statement::DetachDuckDBDatabase { .. }
            | Statement::Directory { .. }
            | Statement::Discard { .. }
            | Statement::Drop { .. }
            | Statement::DropConnector { .. }
            | Statement::DropDomain(_)
            | Statement::DropExtension(_)
            | Statement::DropFunction(_)
            | Statement::DropOperator(_)
            | Statement::DropOperatorClass(_)
            | Statement::DropOperatorFamily(_)
            | Statement::DropPolicy(_)
            | Statement::DropProcedure { .. }
            | Statement::DropSecret { .. }
            | Statement::DropTrigger(_)
            | Statement::Execute { .. }
            | Statement::Explain { .. }
            | Statement::ExplainTable { .. }
            | Statement::ExportData(_)
            | Statement::Fetch { .. }
            | Statement::Flush { .. }
            | Statement::Grant(_)
            | Statement::If(_)
            | Statement::Insert(_)
            | Statement::Install { .. }
            | Statement::Kill { .. }
            | Statement::LISTEN { .. }
            | Statement::List(_)
            | Statement::Load { .. }
            | Statement::LoadData { .. }
            | Statement::Lock(_)
            | Statement::LockTables { .. }
            | Statement::Merge(_)
            | Statement::Msck(_)
            | Statement::NOTIFY { .. }
            | Statement::Open(_)
            | Statement::OptimizeTable { .. }
            | Statement::Pragma { .. }
            | Statement::Prepare { .. }
            | Statement::Print(_)
            | Statement::Put { .. }
            | Statement::Query(_)
            | Statement::RaisError { .. }
            | Statement::Raise(_)
            | Statement::Remove(_)
            | Statement::RenameTable(_)
            | Statement::Reset(_)
            | Statement::Return(_)
            | Statement::Revoke(_)
            | Statement::Set(_)
            | Statement::ShowCatalogs { .. }
            | Statement::ShowCharset(_)
            | Statement::ShowCollation { .. }
            | Statement::ShowColumns { .. }
            | Statement::ShowCreate { .. }
            | Statement::ShowDatabases { .. }
            | Statement::ShowFunctions { .. }
            | Statement::ShowObjects(_)
            | Statement::ShowProcessList { .. }
            | Statement::ShowSchemas { .. }
            | Statement::ShowStatus { .. }
            | Statement::ShowTables { .. }
            | Statement::ShowVariable { .. }
            | Statement::ShowVariables { .. }
            | Statement::ShowViews { .. }
            | Statement::Throw(_)
            | Statement::Truncate(_)
            | Statement::UNCache { .. }
            | Statement::UNLISTEN { .. }
            | Statement::Unload { .. }
            | Statement::UnlockTables
            | Statement::Update(_)
            | Statement::Use(_)
            | Statement::Vacuum(_)
            | Statement::WaitFor(_)
            | Statement::While(_) => return Ok(None),
        };
        Ok(Some(Outcome {
            notices,
            ..Outcome::command(command)
        }))
    }

    pub(super) fn set_constraints(&mut self, timings: ddl::SetConstraints) -> Result<Outcome> {
        self.transaction.admit()?;
        if let Some(names) = &timings.names {
            ddl::deferrable(self.storage.catalog(), names)
                .inspect_err(|_| self.transaction.fail())?;
        }
        if self.transaction.is_open() {
            self.transaction
                .set_timing(timings.names.as_deref(), timings.timing, &self.storage)
                .inspect_err(|_| self.transaction.fail())?;
        }
        Ok(Outcome::command("SET CONSTRAINTS"))
    }
}
