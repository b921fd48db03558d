//! Fresh worlds to run exercises in, so that nothing of the learner's own is touched.

use super::answer::{Answer, of_object, of_result};
use crate::base::Result;
use crate::engine::Database;
use crate::lessons::lesson::Language;
use crate::lessons::verdict::DataSet;
use crate::market::seed::{self, Size};
use crate::session::{self, World, WorldRun};

/// A world of its own.
pub struct Fresh(World);

/// What came of a run.
#[derive(Debug)]
pub struct Ran {
    /// The answer, or what the last line is instead of one.
    pub answer: std::result::Result<Answer, String>,
    /// The statements that ran, but for transaction control.
    pub queries: u32,
}

impl Fresh {
    /// A world with a data set of the exercises.
    ///
    /// # Errors
    /// When it cannot be made, which is a fault of ours.
    pub fn of(data: DataSet) -> Result<Self> {
        let rows = match data {
            DataSet::Shown => seed::generate(Size::Small),
            DataSet::Hidden => seed::hidden(),
        };
        let mut database = Database::new();
        database.load_rows(&rows)?;
        Ok(Self::over(database))
    }

    /// A world with the Medium data set.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn medium() -> Result<Self> {
        let mut database = Database::new();
        database.load_market(Size::Medium)?;
        Ok(Self::over(database))
    }

    fn over(database: Database) -> Self {
        // Nothing here asks how long it took.
        Self(World::new(database, || 0.0))
    }

    /// Runs code to its end.
    ///
    /// # Errors
    /// What stopped it.
    pub fn run(&mut self, language: Language, code: &str) -> Result<Ran> {
        match language {
            Language::Sql => {
                let run = finished(self.0.run(session::Language::Sql, code))?;
                let mut results = run.outcomes.iter().rev();
                let result = results.find_map(|outcome| outcome.result.as_ref());
                Ok(Ran {
                    answer: result
                        .map(of_result)
                        .ok_or_else(|| "No statement gives rows.".into()),
                    queries: count(&run),
                })
            }
            Language::Django => {
                let run = self.0.run_django(code, |vm, value| of_object(vm, &value));
                let run = finished(run)?;
                let queries = count(&run);
                let none = "The last line gives no value: make it the answer, an expression.";
                Ok(Ran {
                    answer: run.value.unwrap_or_else(|| Err(none.into())),
                    queries,
                })
            }
        }
    }
}

fn finished<V>(run: WorldRun<V>) -> Result<WorldRun<V>> {
    match run.error {
        Some(error) => Err(error),
        None => Ok(run),
    }
}

fn count<V>(run: &WorldRun<V>) -> u32 {
    u32::try_from(run.log.count()).unwrap_or(u32::MAX)
}
