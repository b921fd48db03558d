//! Rows of a large result for a chart: evenly spaced ones, or sums over all of them.

use super::values;
use crate::base::{Numeric, Result, ResultSet, Type, Value};
use crate::session::shown;
use crate::wire::chart::{ChartRows, Sums};
use std::collections::BTreeMap;

/// At most `most` rows, evenly spaced over all.
pub fn sample(result: &ResultSet, most: usize) -> ChartRows {
    let rows = values::rows(result, 0).step_by(step(result.len(), most));
    ChartRows {
        rows: rows
            .map(|row| {
                let fields = row.iter().zip(&result.fields);
                fields
                    .map(|(value, field)| text(value, &field.ty))
                    .collect()
            })
            .collect(),
        of: result.len() as u64,
        left_out: 0,
    }
}

/// The sums of all rows that share a place along x and a series, in order of arrival; at most
/// `most` of them, evenly spaced over all.
///
/// # Errors
/// A sum has more digits than a decimal can hold.
pub fn sums(result: &ResultSet, wanted: &Sums, most: usize) -> Result<ChartRows> {
    let mut places: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut left_out = 0;
    for row in values::rows(result, 0) {
        let key = |place: usize| text(row.get(place)?, &result.fields.get(place)?.ty);
        let series = wanted.series.map(key);
        let (Some(x), false) = (key(wanted.x), series == Some(None)) else {
            left_out += wanted.y.len() as u64;
            continue;
        };
        let key = (x, series.flatten());
        let at = *places.entry(key).or_insert_with_key(|(x, series)| {
            groups.push(Group {
                x: x.clone(),
                series: series.clone(),
                sums: vec![None; wanted.y.len()],
            });
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(at) else {
            continue;
        };
        for (sum, place) in group.sums.iter_mut().zip(&wanted.y) {
            match row.get(*place).and_then(Sum::of) {
                Some(value) => *sum = Some(value.plus(*sum)?),
                None => left_out += 1,
            }
        }
    }
    let of = groups.len() as u64;
    let width = result.fields.len();
    let rows = groups.into_iter().step_by(step(of as usize, most));
    Ok(ChartRows {
        rows: rows.map(|group| group.row(width, wanted)).collect(),
        of,
        left_out,
    })
}

/// Which step through `count` rows gives at most `most`.
fn step(count: usize, most: usize) -> usize {
    count.div_ceil(most.max(1)).max(1)
}

fn text(value: &Value, ty: &Type) -> Option<String> {
    match value {
        Value::Null => None,
        value => Some(shown(value, ty)),
    }
}

/// The rows of a place along x and a series.
struct Group {
    x: String,
    series: Option<String>,
    sums: Vec<Option<Sum>>,
}

impl Group {
    fn row(self, width: usize, wanted: &Sums) -> Vec<Option<String>> {
        let mut row = vec![None; width];
        let mut put = |place: usize, text: Option<String>| {
            if let Some(cell) = row.get_mut(place) {
                *cell = text;
            }
        };
        for (place, sum) in wanted.y.iter().zip(&self.sums) {
            put(*place, sum.map(Sum::text));
        }
        if let Some(series) = wanted.series {
            put(series, self.series);
        }
        put(wanted.x, Some(self.x));
        row
    }
}

/// A sum, exact as long as its values are.
#[derive(Clone, Copy)]
enum Sum {
    Exact(Numeric),
    Float(f64),
}

impl Sum {
    /// A number; nothing of NULL and of what is no number.
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Int(value) => Some(Self::Exact(Numeric::new(i128::from(*value), 0))),
            Value::Numeric(value) => Some(Self::Exact(*value)),
            Value::Float(value) => Some(Self::Float(*value)),
            _ => None,
        }
    }

    fn plus(self, other: Option<Self>) -> Result<Self> {
        Ok(match (self, other) {
            (sum, None) => sum,
            (Self::Exact(a), Some(Self::Exact(b))) => Self::Exact(a.add(b)?),
            (Self::Float(a), Some(b)) => Self::Float(a + b.double()),
            (Self::Exact(a), Some(Self::Float(b))) => Self::Float(a.to_f64() + b),
        })
    }

    fn double(self) -> f64 {
        match self {
            Self::Exact(value) => value.to_f64(),
            Self::Float(value) => value,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Exact(value) => value.to_string(),
            Self::Float(value) => value.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;

    fn result(sql: &str) -> ResultSet {
        let mut session = Session::new(|| 0.0);
        let run = session.execute(sql);
        assert!(run.error.is_none(), "{:?}", run.error);
        let result = run.outcomes.into_iter().find_map(|outcome| outcome.result);
        result.expect("rows")
    }

    fn texts(rows: &[Vec<Option<String>>]) -> Vec<Vec<&str>> {
        rows.iter()
            .map(|row| {
                row.iter()
                    .map(|cell| cell.as_deref().unwrap_or("NULL"))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn a_sample_is_evenly_spaced_and_says_of_how_many() {
        let result = result("SELECT n FROM generate_series(0, 9999) AS n");
        let found = sample(&result, 4);
        assert_eq!(texts(&found.rows), [["0"], ["2500"], ["5000"], ["7500"]]);
        assert_eq!(found.of, 10_000);
    }

    #[test]
    fn sums_are_exact_over_all_rows_and_nulls_are_counted() {
        let result = result(
            "SELECT n % 2 AS half, 'x' AS other, 0.10::numeric AS money, \
             CASE WHEN n % 4 = 0 THEN NULL ELSE n END AS units \
             FROM generate_series(0, 9999) AS n",
        );
        let wanted = Sums {
            x: 0,
            y: vec![2, 3],
            series: None,
        };
        let found = sums(&result, &wanted, 100).expect("sums");
        assert_eq!(
            texts(&found.rows),
            [
                ["0", "NULL", "500.00", "12500000"],
                ["1", "NULL", "500.00", "25000000"]
            ]
        );
        assert_eq!((found.of, found.left_out), (2, 2500));
    }

    #[test]
    fn places_and_series_without_a_name_are_left_out_and_many_sums_are_thinned() {
        let result = result(
            "SELECT n / 2 AS pair, CASE WHEN n < 2 THEN NULL ELSE 'a' END AS kind, 1 AS one \
             FROM generate_series(0, 99) AS n",
        );
        let wanted = Sums {
            x: 0,
            y: vec![2],
            series: Some(1),
        };
        let found = sums(&result, &wanted, 10).expect("sums");
        assert_eq!((found.of, found.left_out, found.rows.len()), (49, 2, 10));
        assert_eq!(texts(&found.rows)[1], ["6", "a", "2"]);
    }
}
