//! What the planner may know about stored rows, told without reading them.

use super::{Storage, TableData};
use crate::engine::catalog::Uniqueness;
use crate::engine::plan::rewrite::Statistics;

impl Statistics for Storage {
    fn rows(&self, table: &str) -> f64 {
        self.table(table)
            .map_or(0.0, |data| data.row_count() as f64)
    }

    fn distinct(&self, table: &str, column: usize) -> f64 {
        let data = self.table(table);
        data.map_or(1.0, |data| data.distinct(column).max(1) as f64)
    }
}

impl TableData {
    /// At most how many different values a column has: exact for unique columns, never too small
    /// for texts by code and for integers, the number of rows where nothing is known.
    pub fn distinct(&self, column: usize) -> u64 {
        let rows = self.row_count() as u64;
        self.known_distinct(column).unwrap_or(rows).min(rows)
    }

    fn known_distinct(&self, column: usize) -> Option<u64> {
        let rows = self.row_count() as u64;
        let unique = self
            .indexes()
            .iter()
            .any(|index| index.uniqueness == Uniqueness::Unique && index.columns == [column]);
        if unique {
            return Some(rows);
        }
        if let Some(dictionary) = self.dictionary(column) {
            return Some(rows.min(dictionary.len() as u64));
        }
        let zones = self.chunks().iter().map(|chunk| chunk.zones.get(column));
        let (mut min, mut max) = (i64::MAX, i64::MIN);
        for zone in zones {
            let zone = (*zone?)?;
            min = min.min(zone.min);
            max = max.max(zone.max);
        }
        Some(rows.min(max.abs_diff(min).saturating_add(1))).filter(|_| min <= max)
    }
}
