//! Where an answer differs from the solution's.

use super::answer::{Answer, Cell, Form, texts};
use crate::lessons::lesson::{Check, Names, Order};
use crate::lessons::verdict::{Fault, Sample};

/// How many rows a verdict shows.
const SHOWN: usize = 5;

/// What is wrong with an answer; `None` when nothing is.
pub fn compare(expected: &Answer, found: &Answer, check: &Check) -> Option<Fault> {
    let found = match aligned(expected, found, check.names) {
        Ok(found) => found,
        Err(fault) => return Some(*fault),
    };
    let columns = &expected.columns;
    let missing = without(&expected.rows, &found);
    let extra = without(&found, &expected.rows);
    if missing.is_empty() && extra.is_empty() {
        return match check.order {
            Order::Any => None,
            Order::AsGiven => disorder(columns, &expected.rows, &found),
        };
    }
    if missing.len() == extra.len()
        && let Some(fault) = wrong_values(columns, &missing, &extra)
    {
        return Some(fault);
    }
    Some(Fault::Rows {
        missing: count(missing.len()),
        missing_rows: sample(columns, &missing),
        extra: count(extra.len()),
        extra_rows: sample(columns, &extra),
    })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn sample<R: AsRef<[Cell]>>(columns: &[String], rows: &[R]) -> Sample {
    Sample {
        columns: columns.to_vec(),
        rows: rows
            .iter()
            .take(SHOWN)
            .map(|row| texts(row.as_ref()))
            .collect(),
    }
}

/// The rows of `found` with the columns as `expected` has them.
fn aligned(expected: &Answer, found: &Answer, names: Names) -> Result<Vec<Vec<Cell>>, Box<Fault>> {
    let wrong = || {
        Box::new(Fault::Columns {
            expected: described(expected),
            found: described(found),
        })
    };
    // No rows, no columns: the rows tell what is wrong.
    if found.rows.is_empty() && found.form == Form::Positional {
        return Ok(Vec::new());
    }
    if expected.rows.is_empty() && expected.form == Form::Positional {
        return Ok(found.rows.clone());
    }
    let by_place =
        names == Names::Free && expected.form != Form::Instances && found.form != Form::Instances;
    if by_place || (expected.form == Form::Positional && found.form == Form::Positional) {
        return match expected.columns.len() == found.columns.len() {
            true => Ok(found.rows.clone()),
            false => Err(wrong()),
        };
    }
    if expected.form != found.form {
        return Err(wrong());
    }
    // Annotations that an instance has besides do no harm.
    let exact = expected.form == Form::Named;
    if exact && expected.columns.len() != found.columns.len() {
        return Err(wrong());
    }
    let unique = |columns: &[String]| {
        let repeated =
            |(at, name): (usize, &String)| columns.iter().skip(at + 1).any(|it| it == name);
        !columns.iter().enumerate().any(repeated)
    };
    let places: Option<Vec<usize>> = if unique(&expected.columns) && unique(&found.columns) {
        let place = |name: &String| found.columns.iter().position(|it| it == name);
        expected.columns.iter().map(place).collect()
    } else {
        (expected.columns == found.columns).then(|| (0..expected.columns.len()).collect())
    };
    let places = places.ok_or_else(wrong)?;
    let row = |row: &Vec<Cell>| {
        let cells = places.iter().filter_map(|&place| row.get(place).cloned());
        cells.collect()
    };
    Ok(found.rows.iter().map(row).collect())
}

/// The columns of an answer in the words of a verdict.
fn described(answer: &Answer) -> Vec<String> {
    match answer.form {
        Form::Named => answer.columns.clone(),
        Form::Positional => match answer.columns.len() {
            1 => vec!["one column without a name".into()],
            several => vec![format!("{several} columns without names")],
        },
        Form::Instances => {
            let mut columns = answer.columns.iter();
            let model = columns
                .next()
                .map_or(String::new(), |it| format!("{it} objects"));
            std::iter::once(model).chain(columns.cloned()).collect()
        }
    }
}

/// The rows of `rows` that `other` does not have, each as often as it is missing.
fn without<'a>(rows: &'a [Vec<Cell>], other: &[Vec<Cell>]) -> Vec<&'a Vec<Cell>> {
    let mut left: Vec<&Vec<Cell>> = other.iter().collect();
    rows.iter()
        .filter(|row| match left.iter().position(|it| it == row) {
            Some(at) => {
                left.swap_remove(at);
                false
            }
            None => true,
        })
        .collect()
}

fn disorder(columns: &[String], expected: &[Vec<Cell>], found: &[Vec<Cell>]) -> Option<Fault> {
    let mut pairs = expected.iter().zip(found).enumerate();
    let (at, (expected, found)) = pairs.find(|(_, (expected, found))| expected != found)?;
    Some(Fault::Order {
        place: count(at + 1),
        expected: sample(columns, &[expected]),
        found: sample(columns, &[found]),
    })
}

/// Rows that differ in some columns only: those where the other columns tell which is which.
fn wrong_values(columns: &[String], missing: &[&Vec<Cell>], extra: &[&Vec<Cell>]) -> Option<Fault> {
    let cells = |rows: &[&Vec<Cell>], at: usize| -> Vec<Vec<Cell>> {
        rows.iter()
            .map(|row| row.get(at).cloned().into_iter().collect())
            .collect()
    };
    let same: Vec<usize> = (0..columns.len())
        .filter(|&at| without(&cells(missing, at), &cells(extra, at)).is_empty())
        .collect();
    let pairs_by = |key: &[usize]| -> Option<Vec<(&Vec<Cell>, &Vec<Cell>)>> {
        let key = |row: &Vec<Cell>| -> Vec<Cell> {
            key.iter().filter_map(|&at| row.get(at).cloned()).collect()
        };
        let keys: Vec<Vec<Cell>> = missing.iter().map(|row| key(row)).collect();
        let mut places = keys.iter().enumerate();
        if places.any(|(at, key)| keys.iter().skip(at + 1).any(|it| it == key)) {
            return None;
        }
        let mut rows = missing.iter().zip(&keys);
        rows.try_fold(Vec::new(), |mut pairs, (row, own)| {
            pairs.push((*row, *extra.iter().find(|it| key(it) == *own)?));
            Some(pairs)
        })
    };
    // A column whose values changed places looks right as a whole, so that each may be the key.
    let mut keys = Vec::from([same.clone()]);
    keys.extend(same.iter().map(|&at| vec![at]));
    keys.retain(|key| !key.is_empty());
    let pairs = match keys.iter().find_map(|key| pairs_by(key)) {
        Some(pairs) => pairs,
        None if missing.len() == 1 => missing.iter().copied().zip(extra.iter().copied()).collect(),
        None => return None,
    };
    let differs = |at: usize| pairs.iter().any(|(a, b)| a.get(at) != b.get(at));
    let wrong = columns.iter().enumerate().filter(|(at, _)| differs(*at));
    let (expected, found): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
    Some(Fault::Values {
        wrong: wrong.map(|(_, name)| name.clone()).collect(),
        expected: sample(columns, &expected),
        found: sample(columns, &found),
    })
}
