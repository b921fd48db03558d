//! Random window functions. What depends on the order of rows is ordered by every column; frames
//! over peers and distances hold the same rows in any order.

use super::query::{Generator, Name, Scope};
use super::schema::Ty;

impl Generator<'_> {
    /// Outputs of which one is a window function: which of several equal rows comes first may be
    /// another in each window.
    pub(super) fn windowed(&mut self, types: &[Ty], scope: &Scope) -> Vec<String> {
        let chosen = self.random.below(types.len());
        (0..types.len())
            .map(|at| {
                if at == chosen {
                    self.window(types[at], scope)
                } else {
                    self.flat(types[at], scope, 1)
                }
            })
            .collect()
    }

    /// A window function, or now and then a plain expression.
    fn window(&mut self, ty: Ty, scope: &Scope) -> String {
        let own = scope.last().cloned().unwrap_or_default();
        // SQLite has no aggregate of booleans, and there is none that gives arrays here.
        let lacking = ty == Ty::Bool && !self.full();
        if own.is_empty() || lacking || self.random.chance(30) {
            return self.expression(ty, scope, 1);
        }
        let partition = if self.random.chance(60) {
            format!("PARTITION BY {} ", self.random.pick(&own).sql)
        } else {
            String::new()
        };
        let every = self.by_every(&own);
        let key = format!(
            "{}{} NULLS LAST",
            self.random.pick(&own).sql,
            ["", " DESC"][self.random.below(2)]
        );
        let mut x = self.flat(ty, scope, 1);
        if x.starts_with('\'') {
            // A literal alone has no type yet.
            x = format!("CAST({x} AS text)");
        }
        if ty == Ty::Int && self.random.chance(40) {
            return match self.random.below(5) {
                0 => format!("row_number() OVER ({partition}ORDER BY {every})"),
                1 => format!("rank() OVER ({partition}ORDER BY {key})"),
                2 => format!("dense_rank() OVER ({partition}ORDER BY {key})"),
                3 => format!(
                    "ntile({}) OVER ({partition}ORDER BY {every})",
                    1 + self.random.below(4)
                ),
                _ => format!("count(*) OVER ({partition}ORDER BY {key})"),
            };
        }
        if ty == Ty::Num && self.full() && self.random.chance(15) {
            let name = ["percent_rank", "cume_dist"][self.random.below(2)];
            return format!("round(CAST({name}() OVER ({partition}ORDER BY {key}) AS numeric), 6)");
        }
        match self.random.below(6) {
            0 => {
                let name = ["lag", "lead"][self.random.below(2)];
                let offset = self.random.below(3);
                let default = match self.random.below(3) {
                    0 if ty != Ty::Text => format!(", {}", self.leaf(ty, scope)),
                    _ => String::new(),
                };
                format!("{name}({x}, {offset}{default}) OVER ({partition}ORDER BY {every})")
            }
            1 => {
                let call = match self.random.below(3) {
                    0 => format!("first_value({x})"),
                    1 => format!("last_value({x})"),
                    _ => format!("nth_value({x}, {})", 1 + self.random.below(3)),
                };
                let frame = self.frame();
                format!("{call} OVER ({partition}ORDER BY {every} {frame})")
            }
            2 if self.random.chance(50) => {
                let call = self.window_aggregate(ty, scope);
                format!("{call} OVER ({partition}ORDER BY {key})")
            }
            2 => {
                let call = self.window_aggregate(ty, scope);
                format!("{call} OVER ({})", partition.trim_end())
            }
            3 if self.full() => self.named_window(ty, scope, &partition, &every),
            4 if self.full() => match self.distances(&own) {
                Some((key, frame)) => {
                    let call = self.window_aggregate(ty, scope);
                    format!("{call} OVER ({partition}ORDER BY {key} {frame})")
                }
                None => x,
            },
            _ => {
                let call = self.window_aggregate(ty, scope);
                let frame = self.frame();
                format!("{call} OVER ({partition}ORDER BY {every} {frame})")
            }
        }
    }

    /// An order in which no two different rows are peers.
    fn by_every(&mut self, own: &[Name]) -> String {
        let every: Vec<String> = own
            .iter()
            .map(|name| {
                let way = ["", " DESC"][self.random.below(2)];
                let nulls = ["FIRST", "LAST"][self.random.below(2)];
                format!("{}{way} NULLS {nulls}", name.sql)
            })
            .collect();
        every.join(", ")
    }

    /// A function over a window of the WINDOW clause, perhaps with an order and a frame of its own.
    fn named_window(&mut self, ty: Ty, scope: &Scope, partition: &str, every: &str) -> String {
        let call = self.window_aggregate(ty, scope);
        let name = self.alias("w");
        let frame = self.frame();
        match self.random.below(4) {
            0 => {
                self.windows
                    .push(format!("{name} AS ({partition}ORDER BY {every} {frame})"));
                format!("{call} OVER {name}")
            }
            1 => {
                self.windows
                    .push(format!("{name} AS ({partition}ORDER BY {every})"));
                format!("{call} OVER ({name} {frame})")
            }
            2 => {
                self.windows.push(format!("{name} AS ({partition})"));
                format!("{call} OVER ({name} ORDER BY {every} {frame})")
            }
            _ => {
                let second = self.alias("w");
                self.windows.push(format!("{name} AS ({partition})"));
                self.windows
                    .push(format!("{second} AS ({name} ORDER BY {every})"));
                format!("{call} OVER {second}")
            }
        }
    }

    /// A sort key and a RANGE frame of distances from it.
    fn distances(&mut self, own: &[Name]) -> Option<(String, String)> {
        let fitting: Vec<&Name> = own
            .iter()
            .filter(|name| matches!(name.ty, Ty::Int | Ty::Num | Ty::Date | Ty::Ts))
            .collect();
        if fitting.is_empty() {
            return None;
        }
        let name = (*self.random.pick(&fitting)).clone();
        let mut distance = || match name.ty {
            Ty::Int => ["0", "1", "3", "10"][self.random.below(4)].to_owned(),
            Ty::Num => ["0", "1.5", "2.25", "100"][self.random.below(4)].to_owned(),
            _ => format!(
                "INTERVAL '{}'",
                ["0 days", "1 day", "1 month", "30 days 12 hours", "1 year"][self.random.below(5)]
            ),
        };
        let (back, ahead) = (distance(), distance());
        let bounds = match self.random.below(5) {
            0 => format!("{back} PRECEDING AND CURRENT ROW"),
            1 => format!("CURRENT ROW AND {ahead} FOLLOWING"),
            2 => format!("UNBOUNDED PRECEDING AND {ahead} FOLLOWING"),
            3 => format!("{back} PRECEDING AND UNBOUNDED FOLLOWING"),
            _ => format!("{back} PRECEDING AND {ahead} FOLLOWING"),
        };
        let exclude = self.exclude();
        let way = ["", " DESC"][self.random.below(2)];
        let nulls = ["FIRST", "LAST"][self.random.below(2)];
        Some((
            format!("{}{way} NULLS {nulls}", name.sql),
            format!("RANGE BETWEEN {bounds}{exclude}"),
        ))
    }

    fn window_aggregate(&mut self, ty: Ty, scope: &Scope) -> String {
        let x = self.flat(ty, scope, 1);
        let call = match ty {
            Ty::Int => format!(
                "{}({x})",
                ["count", "min", "max", "sum"][self.random.below(4)]
            ),
            Ty::Num => format!(
                "{}({x})",
                ["sum", "min", "max", "avg"][self.random.below(4)]
            ),
            Ty::Bool if self.full() => {
                format!("{}({x})", ["bool_and", "bool_or"][self.random.below(2)])
            }
            // Never asked for: `window` leaves it out.
            Ty::Bool => return x,
            Ty::Text | Ty::Date | Ty::Ts | Ty::Ints => {
                format!("{}({x})", ["min", "max"][self.random.below(2)])
            }
        };
        if self.full() && self.random.chance(15) {
            return format!("{call} FILTER (WHERE {})", self.flat(Ty::Bool, scope, 1));
        }
        call
    }

    fn exclude(&mut self) -> &'static str {
        [
            "",
            "",
            "",
            " EXCLUDE CURRENT ROW",
            " EXCLUDE GROUP",
            " EXCLUDE TIES",
        ][self.random.below(6)]
    }

    fn frame(&mut self) -> String {
        let unit = ["ROWS", "GROUPS", "ROWS"][self.random.below(3)];
        let starts = [
            "UNBOUNDED PRECEDING",
            "2 PRECEDING",
            "1 PRECEDING",
            "CURRENT ROW",
            "1 FOLLOWING",
        ];
        let ends = [
            "1 PRECEDING",
            "CURRENT ROW",
            "1 FOLLOWING",
            "2 FOLLOWING",
            "UNBOUNDED FOLLOWING",
        ];
        let start = self.random.below(5);
        // An end is never in front of its start.
        let first_end = start.saturating_sub(2);
        let end = first_end + self.random.below(5 - first_end);
        let exclude = self.exclude();
        format!(
            "{unit} BETWEEN {} AND {}{exclude}",
            starts[start], ends[end]
        )
    }
}
