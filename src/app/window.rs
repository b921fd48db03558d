//! Which rows of a long table are in sight: the arithmetic behind the result grid.

/// Height of a row in pixels.
pub const ROW: f64 = 28.0;

/// Browsers lay out no element much taller than this; longer tables scroll proportionally.
const TALLEST: f64 = 12_000_000.0;

/// Rows that are drawn above and below the visible ones.
const MARGIN: u32 = 8;

/// A table of some length, seen through an opening of some height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Opening {
    /// How many rows the table has.
    pub rows: u32,
    /// Height of the opening in pixels.
    pub height: f64,
}

/// The rows to draw and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// The first row.
    pub first: u32,
    /// The row after the last.
    pub end: u32,
    /// Where the first row lies, in pixels from the top of the scrolled area.
    pub top: f64,
}

impl Opening {
    /// Height of the scrolled area in pixels.
    pub fn area(self) -> f64 {
        (f64::from(self.rows) * ROW).min(TALLEST)
    }

    /// What is in sight when scrolled down by so many pixels.
    pub fn sight(self, scrolled: f64) -> Sight {
        let scrolled = scrolled.clamp(0.0, (self.area() - self.height).max(0.0));
        let exact = scrolled * self.rows_per_pixel();
        let seen = exact.floor() as u32;
        let first = seen.saturating_sub(MARGIN);
        // Blocks of rows change less often than single ones, so that scrolling draws less.
        let first = first - first % MARGIN;
        let visible = (self.height / ROW).ceil() as u32;
        let end = (first + visible + 3 * MARGIN).min(self.rows);
        let top = if self.is_proportional() {
            scrolled - (exact - f64::from(first)) * ROW
        } else {
            f64::from(first) * ROW
        };
        Sight { first, end, top }
    }

    /// How far to scroll so that a row is in sight, when it is not at `scrolled`.
    pub fn reveal(self, row: u32, scrolled: f64) -> Option<f64> {
        let above = scrolled * self.rows_per_pixel();
        let visible = (self.height / ROW).max(1.0);
        let row = f64::from(row);
        let first = if row < above {
            row
        } else if row + 1.0 > above + visible {
            row + 1.0 - visible
        } else {
            return None;
        };
        Some((first / self.rows_per_pixel()).max(0.0))
    }

    /// Whether the table is so long that scrolling is proportional.
    fn is_proportional(self) -> bool {
        f64::from(self.rows) * ROW > TALLEST
    }

    fn rows_per_pixel(self) -> f64 {
        if self.is_proportional() {
            let hidden_rows = f64::from(self.rows) - self.height / ROW;
            hidden_rows / (TALLEST - self.height).max(1.0)
        } else {
            1.0 / ROW
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_table_is_drawn_whole() {
        let opening = Opening {
            rows: 5,
            height: 400.0,
        };
        assert_eq!(
            opening.sight(0.0),
            Sight {
                first: 0,
                end: 5,
                top: 0.0
            }
        );
        assert_eq!(opening.reveal(4, 0.0), None);
    }

    #[test]
    fn every_visible_row_is_drawn_where_it_belongs() {
        let opening = Opening {
            rows: 100_000,
            height: 280.0,
        };
        for scrolled in [0.0, 1.0, 27.9, 28.0, 1000.0, 2_799_720.0] {
            let sight = opening.sight(scrolled);
            assert!(sight.top <= scrolled);
            assert!(f64::from(sight.first) * ROW == sight.top);
            assert!(f64::from(sight.end) * ROW >= (scrolled + 280.0).min(opening.area()));
        }
    }

    #[test]
    fn the_last_row_of_a_very_long_table_can_be_reached() {
        let opening = Opening {
            rows: 5_000_000,
            height: 560.0,
        };
        let bottom = opening.area() - opening.height;
        let sight = opening.sight(bottom);
        assert_eq!(sight.end, 5_000_000);
        let below = sight.top + f64::from(sight.end - sight.first) * ROW;
        assert!((below - opening.area()).abs() < 1.0, "{below}");
        assert_eq!(opening.sight(0.0).first, 0);
    }

    #[test]
    fn a_hidden_row_is_revealed_at_the_nearer_edge() {
        let opening = Opening {
            rows: 1000,
            height: 280.0,
        };
        assert_eq!(opening.reveal(5, 280.0), Some(5.0 * ROW));
        assert_eq!(opening.reveal(25, 280.0), Some(16.0 * ROW));
        assert_eq!(opening.reveal(12, 280.0), None);
    }
}
