//! The lost update, played by two sessions on a database of their own.
//!
//! Every line really runs: each session is a Django shell, both see one database, and what is
//! shown of memory and stock is read after each step. Only the order of the lines is written
//! down here. One database that runs one statement at a time cannot make a session wait, so a
//! session whose line needs a row that the other one has locked does not get to run it.

use super::world::{Language, World};
use crate::base::{Diagnostic, Result, Value, diagnostic::sqlstate};
use crate::report::lost_update::{Ending, Planned, Played, Scenario, Taken, Who};

/// A step: whose it is, the Python that is shown, and what it does.
struct Step {
    who: Who,
    code: &'static str,
    acts: &'static [Act],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// What `atomic()` does when its block begins.
    Begin,
    /// What it does when its block ends well.
    Commit,
    /// Python.
    Run(&'static str),
}

/// The product is the one of the panel beside it; its key stands in the code below too.
const PICK: &str = "SELECT id, name, stock FROM product WHERE id = 8";
const STOCK: &str = "SELECT stock FROM product WHERE id = 8";

const READ: &str = "product = Product.objects.get(pk=8)";
const LOCK: &str = "product = Product.objects.select_for_update().get(pk=8)";
const CHANGE: &str = "product.stock = product.stock - 1";
const COUNT: &str = "product.stock = F(\"stock\") - 1";
const SAVE: &str = "product.save(update_fields=[\"stock\"])";
const LOCK_SHOWN: &str =
    "with transaction.atomic():\n    product = Product.objects.select_for_update().get(pk=8)";
const CHANGE_INSIDE: &str = "    product.stock = product.stock - 1";
const SAVE_INSIDE: &str = "    product.save(update_fields=[\"stock\"])";
const END: &str = "# the end of the block";

const fn step(who: Who, code: &'static str, acts: &'static [Act]) -> Step {
    Step { who, code, acts }
}

/// The steps of a scenario, in order.
fn plan(scenario: Scenario) -> Vec<Step> {
    use Act::{Begin, Commit, Run};
    use Who::{A, B};
    match scenario {
        Scenario::ReadChangeWrite => vec![
            step(A, READ, &[Run(READ)]),
            step(B, READ, &[Run(READ)]),
            step(A, CHANGE, &[Run(CHANGE)]),
            step(A, SAVE, &[Run(SAVE)]),
            step(B, CHANGE, &[Run(CHANGE)]),
            step(B, SAVE, &[Run(SAVE)]),
        ],
        Scenario::Expression => vec![
            step(A, READ, &[Run(READ)]),
            step(B, READ, &[Run(READ)]),
            step(A, COUNT, &[Run(COUNT)]),
            step(A, SAVE, &[Run(SAVE)]),
            step(B, COUNT, &[Run(COUNT)]),
            step(B, SAVE, &[Run(SAVE)]),
        ],
        Scenario::Locked => vec![
            step(A, LOCK_SHOWN, &[Begin, Run(LOCK)]),
            step(B, LOCK_SHOWN, &[Begin, Run(LOCK)]),
            step(A, CHANGE_INSIDE, &[Run(CHANGE)]),
            step(A, SAVE_INSIDE, &[Run(SAVE)]),
            step(A, END, &[Commit]),
            step(B, LOCK_SHOWN, &[Begin, Run(LOCK)]),
            step(B, CHANGE_INSIDE, &[Run(CHANGE)]),
            step(B, SAVE_INSIDE, &[Run(SAVE)]),
            step(B, END, &[Commit]),
        ],
    }
}

/// Takes so many steps of a scenario from the start, on a world that nobody else uses.
///
/// # Errors
/// The world has no such product, which is a fault of ours.
pub fn play(world: World, scenario: Scenario, steps: usize) -> Result<Played> {
    let plan = plan(scenario);
    let mut database = world.beside();
    let Some((product, before)) = pick(&mut database) else {
        return Err(Diagnostic::error(
            sqlstate::INTERNAL_ERROR,
            "the product of the lost update is not there",
        ));
    };
    let mut stage = Stage {
        sessions: [world.beside(), world],
        database,
        holder: None,
        committed: before,
    };
    let taken = plan
        .iter()
        .take(steps)
        .map(|step| stage.take(step))
        .collect();
    let planned = |step: &Step| Planned {
        who: step.who,
        code: step.code.to_owned(),
    };
    Ok(Played {
        product,
        before,
        plan: plan.iter().map(planned).collect(),
        taken,
        expected: before - 2,
    })
}

/// Where a session's shell and memory stand.
const fn place(who: Who) -> usize {
    match who {
        Who::A => 0,
        Who::B => 1,
    }
}

/// The two sessions, and a third one that looks on.
struct Stage {
    sessions: [World; 2],
    database: World,
    /// Who has a transaction open.
    holder: Option<Who>,
    /// The stock at the last moment without an open transaction.
    committed: i64,
}

impl Stage {
    fn take(&mut self, step: &Step) -> Taken {
        let (sql, ending) = self.act(step);
        let memory = [self.memory(Who::A), self.memory(Who::B)];
        let now = stock(&mut self.database).unwrap_or(self.committed);
        if self.holder.is_none() {
            self.committed = now;
        }
        Taken {
            sql,
            ending,
            memory,
            stock: self.committed,
            uncommitted: (now != self.committed).then_some(now),
        }
    }

    fn act(&mut self, step: &Step) -> (Vec<String>, Ending) {
        let mut ran = Vec::new();
        if self.holder.is_some_and(|holder| holder != step.who) {
            return (ran, Ending::Waits);
        }
        let Some(session) = self.sessions.get_mut(place(step.who)) else {
            return (ran, Ending::Ran);
        };
        for act in step.acts {
            let run = match act {
                Act::Begin => session.run(Language::Sql, "BEGIN"),
                Act::Commit => session.run(Language::Sql, "COMMIT"),
                Act::Run(code) => session.run(Language::Django, code),
            };
            ran.extend(run.log.queries.into_iter().map(|query| query.sql));
            match (act, &run.error) {
                (Act::Begin, None) => self.holder = Some(step.who),
                (Act::Commit, None) => self.holder = None,
                (_, Some(error)) => return (ran, Ending::Failed(error.message.clone())),
                (Act::Run(_), None) => {}
            }
        }
        (ran, Ending::Ran)
    }

    /// `product.stock` in a session; nothing before it has a product.
    fn memory(&mut self, who: Who) -> Option<String> {
        let session = self.sessions.get_mut(place(who))?;
        let run = session.run(Language::Django, "product.stock");
        run.value.map(|value| value.repr)
    }
}

fn pick(world: &mut World) -> Option<(String, i64)> {
    let outcome = world.database_mut().run(PICK, &[]).ok()?;
    let row = outcome.result?.rows(0).next()?;
    match row.as_slice() {
        [_, Value::Text(name), Value::Int(stock)] => Some((name.to_string(), *stock)),
        _ => None,
    }
}

fn stock(world: &mut World) -> Option<i64> {
    let outcome = world.database_mut().run(STOCK, &[]).ok()?;
    match outcome.result?.rows(0).next()?.as_slice() {
        [Value::Int(stock)] => Some(*stock),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Session, Size};
    use super::*;

    fn played(scenario: Scenario, steps: usize) -> Played {
        let mut session = Session::new(|| 0.0);
        let world = session.fresh(Size::Small).expect("the data set");
        play(world, scenario, steps).expect("a play")
    }

    fn last(played: &Played) -> i64 {
        played
            .taken
            .last()
            .map_or(played.before, |taken| taken.stock)
    }

    #[test]
    fn only_reading_changing_and_writing_loses_an_update() {
        for (scenario, lost) in [
            (Scenario::ReadChangeWrite, 1),
            (Scenario::Expression, 0),
            (Scenario::Locked, 0),
        ] {
            let played = played(scenario, 99);
            for (planned, taken) in played.plan.iter().zip(&played.taken) {
                assert!(
                    !matches!(taken.ending, Ending::Failed(_)),
                    "{scenario:?} {planned:?} {taken:?}"
                );
            }
            assert_eq!(last(&played), played.expected + lost, "{scenario:?}");
        }
    }

    #[test]
    fn each_session_holds_what_it_read() {
        let played = played(Scenario::ReadChangeWrite, 4);
        let memory: Vec<_> = played
            .taken
            .iter()
            .map(|taken| taken.memory.clone())
            .collect();
        let (before, after) = (played.before.to_string(), (played.before - 1).to_string());
        assert_eq!(
            memory,
            [
                [Some(before.clone()), None],
                [Some(before.clone()), Some(before.clone())],
                [Some(after.clone()), Some(before.clone())],
                [Some(after), Some(before)],
            ]
        );
        let sql: Vec<usize> = played.taken.iter().map(|taken| taken.sql.len()).collect();
        assert_eq!(sql, [1, 1, 0, 1]);
    }

    #[test]
    fn an_expression_is_in_memory_until_it_is_saved() {
        let played = played(Scenario::Expression, 3);
        let memory = played
            .taken
            .last()
            .and_then(|taken| taken.memory[0].clone());
        assert_eq!(
            memory.as_deref(),
            Some("<CombinedExpression: F(stock) - Value(1)>")
        );
    }

    #[test]
    fn the_other_session_waits_until_the_lock_is_gone_and_nobody_sees_what_is_not_committed() {
        let played = played(Scenario::Locked, 6);
        let endings: Vec<_> = played.taken.iter().map(|taken| &taken.ending).collect();
        assert_eq!(endings[1], &Ending::Waits);
        assert_eq!(endings[5], &Ending::Ran);
        let saved = &played.taken[3];
        assert_eq!(
            (saved.stock, saved.uncommitted),
            (played.before, Some(played.before - 1))
        );
        assert_eq!(played.taken[4].stock, played.before - 1);
        assert!(
            played.taken[5]
                .sql
                .iter()
                .any(|sql| sql.contains("FOR UPDATE"))
        );
    }
}
