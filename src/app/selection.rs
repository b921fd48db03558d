//! The cells that are chosen in a result grid, and how keys move among them.

use crate::wire::Area;

/// A cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u32,
}

/// The rectangle between two cells; keys and the pointer move the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Where it began.
    pub anchor: Cell,
    /// Where it is now.
    pub active: Cell,
}

/// Whether the rectangle grows or begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It begins anew at the cell.
    Move,
    /// It grows to the cell.
    Extend,
}

/// How far a key goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Rows and columns, backwards when negative.
    By(i64, i64),
    /// The first column.
    RowStart,
    /// The last column.
    RowEnd,
    /// The first cell of all.
    TableStart,
    /// The last cell of all.
    TableEnd,
}

impl Selection {
    /// The selection after going to a cell.
    #[must_use]
    pub fn to(self, cell: Cell, reach: Reach) -> Self {
        let anchor = match reach {
            Reach::Move => cell,
            Reach::Extend => self.anchor,
        };
        Self {
            anchor,
            active: cell,
        }
    }

    /// The selection after a key, in a table of so many rows and columns.
    #[must_use]
    pub fn step(self, step: Step, reach: Reach, rows: u32, columns: u32) -> Self {
        let Cell { row, column } = self.active;
        let (last_row, last_column) = (rows.saturating_sub(1), columns.saturating_sub(1));
        let cell = match step {
            Step::By(down, right) => Cell {
                row: moved(row, down, last_row),
                column: moved(column, right, last_column),
            },
            Step::RowStart => Cell { row, column: 0 },
            Step::RowEnd => Cell {
                row,
                column: last_column,
            },
            Step::TableStart => Cell { row: 0, column: 0 },
            Step::TableEnd => Cell {
                row: last_row,
                column: last_column,
            },
        };
        self.to(cell, reach)
    }

    /// The cells in it.
    pub fn area(self) -> Area {
        let span = |a: u32, b: u32| (a.min(b), a.max(b) + 1);
        Area {
            rows: span(self.anchor.row, self.active.row),
            columns: span(self.anchor.column, self.active.column),
        }
    }

    /// Whether a cell is in it.
    pub fn holds(self, cell: Cell) -> bool {
        let Area { rows, columns } = self.area();
        (rows.0..rows.1).contains(&cell.row) && (columns.0..columns.1).contains(&cell.column)
    }
}

fn moved(from: u32, by: i64, last: u32) -> u32 {
    (i64::from(from) + by).clamp(0, i64::from(last)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stop_at_the_edges() {
        let start = Selection::default();
        assert_eq!(start.step(Step::By(-1, -1), Reach::Move, 3, 2), start);
        let end = start.step(Step::TableEnd, Reach::Move, 3, 2);
        assert_eq!(end.active, Cell { row: 2, column: 1 });
        assert_eq!(end.step(Step::By(5, 5), Reach::Move, 3, 2), end);
        assert_eq!(start.step(Step::TableEnd, Reach::Move, 0, 0), start);
    }

    #[test]
    fn extending_keeps_the_anchor() {
        let chosen = Selection::default()
            .to(Cell { row: 4, column: 2 }, Reach::Move)
            .step(Step::By(-2, -1), Reach::Extend, 10, 5);
        assert_eq!(
            chosen.area(),
            Area {
                rows: (2, 5),
                columns: (1, 3)
            }
        );
        assert!(chosen.holds(Cell { row: 3, column: 2 }));
        assert!(!chosen.holds(Cell { row: 3, column: 3 }));
    }
}
