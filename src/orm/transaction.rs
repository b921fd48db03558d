//! `transaction.atomic()`: blocks, savepoints, commit and rollback.

use super::connection::{Cause, Connection};
use super::errors::{ExceptionClass, OrmError, Result};
use super::sql::Sql;

/// Whether an inner block makes a savepoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Savepoint {
    /// `atomic()`
    Make,
    /// `atomic(savepoint=False)`
    Skip,
}

/// How a block ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Without an exception.
    Success,
    /// With one.
    Failure,
}

/// Enters a block: `BEGIN` for the outermost, `SAVEPOINT` for one inside.
///
/// # Errors
/// What the database says.
pub fn enter(connection: &mut dyn Connection, savepoint: Savepoint) -> Result<()> {
    let outermost = connection.transaction().blocks.is_empty();
    if outermost {
        run(connection, "BEGIN")?;
        let state = connection.transaction();
        state.needs_rollback = false;
        state.blocks.push(None);
        return Ok(());
    }
    if savepoint == Savepoint::Skip || connection.transaction().needs_rollback {
        connection.transaction().blocks.push(None);
        return Ok(());
    }
    let state = connection.transaction();
    state.savepoints += 1;
    let name = format!("s{}", state.savepoints);
    run(connection, &format!("SAVEPOINT \"{name}\""))?;
    connection.transaction().blocks.push(Some(name));
    Ok(())
}

/// Leaves a block.
///
/// # Errors
/// What the database says, for deferred constraints at COMMIT for instance.
pub fn leave(connection: &mut dyn Connection, outcome: Outcome) -> Result<()> {
    let state = connection.transaction();
    let Some(savepoint) = state.blocks.pop() else {
        return Err(OrmError::new(
            ExceptionClass::TransactionManagementError,
            "This is forbidden when no 'atomic' block is active.",
        ));
    };
    let outermost = state.blocks.is_empty();
    let failed = outcome == Outcome::Failure || state.needs_rollback;
    match (savepoint, outermost) {
        (_, true) => {
            state.needs_rollback = false;
            run(connection, if failed { "ROLLBACK" } else { "COMMIT" })
        }
        (Some(name), false) => {
            state.needs_rollback = false;
            if failed {
                run(connection, &format!("ROLLBACK TO SAVEPOINT \"{name}\""))?;
            }
            run(connection, &format!("RELEASE SAVEPOINT \"{name}\""))
        }
        (None, false) => {
            // Without a savepoint of its own, the block around has to be rolled back.
            state.needs_rollback = failed;
            Ok(())
        }
    }
}

/// Runs something in a block.
///
/// # Errors
/// What it runs into; its changes are undone then.
pub fn atomic<T>(
    connection: &mut dyn Connection,
    savepoint: Savepoint,
    body: impl FnOnce(&mut dyn Connection) -> Result<T>,
) -> Result<T> {
    enter(connection, savepoint)?;
    match body(connection) {
        Ok(value) => {
            leave(connection, Outcome::Success)?;
            Ok(value)
        }
        Err(error) => {
            leave(connection, Outcome::Failure)?;
            Err(error)
        }
    }
}

/// How a savepoint of one's own ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavepointEnd {
    /// `transaction.savepoint_commit()`
    Release,
    /// `transaction.savepoint_rollback()`
    Rollback,
}

/// `transaction.savepoint()`: its name; `None` outside of every block.
///
/// # Errors
/// What the database says.
pub fn savepoint(connection: &mut dyn Connection) -> Result<Option<String>> {
    let state = connection.transaction();
    if state.blocks.is_empty() {
        return Ok(None);
    }
    state.savepoints += 1;
    let name = format!("s{}", state.savepoints);
    run(connection, &format!("SAVEPOINT \"{name}\""))?;
    Ok(Some(name))
}

/// Ends a savepoint that [`savepoint`] made.
///
/// # Errors
/// What the database says.
pub fn end_savepoint(connection: &mut dyn Connection, name: &str, end: SavepointEnd) -> Result<()> {
    if connection.transaction().blocks.is_empty() {
        return Ok(());
    }
    let name = super::sql::quote(name);
    run(
        connection,
        &match end {
            SavepointEnd::Release => format!("RELEASE SAVEPOINT {name}"),
            SavepointEnd::Rollback => format!("ROLLBACK TO SAVEPOINT {name}"),
        },
    )
}

/// Runs something whose failure leaves the block around it good for nothing but a rollback
/// (Django's `mark_for_rollback_on_error`).
///
/// # Errors
/// What it runs into.
pub(super) fn marking<T>(
    connection: &mut dyn Connection,
    body: impl FnOnce(&mut dyn Connection) -> Result<T>,
) -> Result<T> {
    let result = body(connection);
    let state = connection.transaction();
    if result.is_err() && !state.blocks.is_empty() {
        state.needs_rollback = true;
    }
    result
}

/// Refuses statements in a block that can only be rolled back.
///
/// # Errors
/// `TransactionManagementError`
pub fn check_usable(connection: &mut dyn Connection) -> Result<()> {
    if connection.transaction().needs_rollback {
        return Err(OrmError::new(
            ExceptionClass::TransactionManagementError,
            "An error occurred in the current transaction. You can't execute queries until the \
             end of the 'atomic' block.",
        ));
    }
    Ok(())
}

fn run(connection: &mut dyn Connection, statement: &str) -> Result<()> {
    let before = connection.note_cause(Some(Cause::Transaction));
    // The transaction of a migration is part of it.
    if before == Some(Cause::Migration) {
        connection.note_cause(before.clone());
    }
    let result = connection.execute(&Sql::raw(statement));
    connection.note_cause(before);
    result
        .map(|_| ())
        .map_err(|error| OrmError::from_database(error, statement))
}
