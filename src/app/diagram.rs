//! Where the tables of a schema stand in its drawing: referring tables to the right of the ones
//! they refer to.

use crate::wire::TableInfo;

/// Width of a table's box.
pub const WIDTH: f64 = 248.0;
/// Height of a box's head.
pub const HEAD: f64 = 36.0;
/// Height of a column in a box.
pub const LINE: f64 = 24.0;
/// Space at the foot of a box.
pub const FOOT: f64 = 8.0;
/// Space between layers; the lines run there.
const BETWEEN: f64 = 96.0;
/// Space between boxes of a layer.
const BELOW: f64 = 32.0;
/// Space around everything.
const MARGIN: f64 = 24.0;

/// A drawing of a schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagram {
    /// Where each table stands, in the order of the tables.
    pub boxes: Vec<TableBox>,
    /// A line for each reference.
    pub lines: Vec<Line>,
    /// Width of it all.
    pub width: f64,
    /// Height of it all.
    pub height: f64,
}

/// A table's box; its upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TableBox {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Its height.
    pub height: f64,
}

/// A reference, from the referring column to the column referred to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The referring end.
    pub from: (f64, f64),
    /// The end referred to.
    pub to: (f64, f64),
    /// Whether it leads back to its own table.
    pub course: Course,
}

/// How a line runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// To another table.
    Across,
    /// Back to its own.
    Loop,
}

/// Draws a schema.
pub fn draw(tables: &[TableInfo]) -> Diagram {
    let layers = layers(tables);
    let mut diagram = Diagram {
        boxes: vec![TableBox::default(); tables.len()],
        ..Diagram::default()
    };
    for (number, layer) in layers.iter().enumerate() {
        let mut y = MARGIN;
        for &table in layer {
            let height = HEAD + LINE * count(tables, table) as f64 + FOOT;
            if let Some(place) = diagram.boxes.get_mut(table) {
                *place = TableBox {
                    x: MARGIN + number as f64 * (WIDTH + BETWEEN),
                    y,
                    height,
                };
            }
            y += height + BELOW;
        }
        diagram.height = diagram.height.max(y - BELOW + MARGIN);
    }
    let count = layers.len() as f64;
    diagram.width = 2.0 * MARGIN + count * WIDTH + (count - 1.0).max(0.0) * BETWEEN;
    center(&mut diagram, &layers);
    diagram.lines = lines(tables, &diagram.boxes);
    diagram
}

fn count(tables: &[TableInfo], table: usize) -> usize {
    tables.get(table).map_or(0, |table| table.columns.len())
}

/// The tables that each table refers to, itself left out.
fn targets(tables: &[TableInfo], table: usize) -> impl Iterator<Item = usize> {
    tables
        .get(table)
        .into_iter()
        .flat_map(|table| &table.columns)
        .filter_map(|column| column.references.as_ref())
        .filter_map(|(target, _)| tables.iter().position(|table| table.name == *target))
        .filter(move |&target| target != table)
}

/// The tables by layers; a table stands one layer behind the last one it refers to.
fn layers(tables: &[TableInfo]) -> Vec<Vec<usize>> {
    let mut depth = vec![0usize; tables.len()];
    // As many rounds as there are tables settle every chain; a cycle stops there too.
    for _ in 0..tables.len() {
        for table in 0..tables.len() {
            let behind = targets(tables, table)
                .filter_map(|target| depth.get(target).map(|depth| depth + 1))
                .max()
                .unwrap_or(0)
                .min(tables.len() - 1);
            if let Some(depth) = depth.get_mut(table) {
                *depth = behind;
            }
        }
    }
    let deepest = depth.iter().copied().max().unwrap_or(0);
    let mut layers: Vec<Vec<usize>> = Vec::new();
    for number in 0..=deepest {
        let mut layer: Vec<usize> = (0..tables.len())
            .filter(|&table| depth.get(table) == Some(&number))
            .collect();
        // A table stands beside the first that it refers to, so that lines cross less.
        layer.sort_by_key(|&table| {
            let beside = targets(tables, table)
                .filter_map(|target| {
                    layers
                        .iter()
                        .find_map(|layer| layer.iter().position(|&other| other == target))
                })
                .min();
            (beside, table)
        });
        if !layer.is_empty() {
            layers.push(layer);
        }
    }
    layers
}

/// Moves each layer to the middle of the height.
fn center(diagram: &mut Diagram, layers: &[Vec<usize>]) {
    for layer in layers {
        let end = layer
            .iter()
            .filter_map(|&table| diagram.boxes.get(table))
            .map(|place| place.y + place.height)
            .fold(0.0, f64::max);
        let down = (diagram.height - MARGIN - end) / 2.0;
        for &table in layer {
            if let Some(place) = diagram.boxes.get_mut(table) {
                place.y += down;
            }
        }
    }
}

fn lines(tables: &[TableInfo], boxes: &[TableBox]) -> Vec<Line> {
    let mut lines = Vec::new();
    for (table, from) in tables.iter().zip(boxes) {
        for (place, column) in table.columns.iter().enumerate() {
            let Some((target, target_column)) = &column.references else {
                continue;
            };
            let Some((target, to)) = tables.iter().zip(boxes).find(|(t, _)| t.name == *target)
            else {
                continue;
            };
            let target_place = target
                .columns
                .iter()
                .position(|column| column.name == *target_column)
                .unwrap_or(0);
            let height = |place: usize, top: f64| top + HEAD + LINE * (place as f64 + 0.5);
            let (from_y, to_y) = (height(place, from.y), height(target_place, to.y));
            lines.push(if target.name == table.name {
                Line {
                    from: (from.x, from_y),
                    to: (to.x, to_y),
                    course: Course::Loop,
                }
            } else if from.x >= to.x {
                Line {
                    from: (from.x, from_y),
                    to: (to.x + WIDTH, to_y),
                    course: Course::Across,
                }
            } else {
                Line {
                    from: (from.x + WIDTH, from_y),
                    to: (to.x, to_y),
                    course: Course::Across,
                }
            });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ColumnInfo;

    fn table(name: &str, references: &[&str]) -> TableInfo {
        let column = |name: String, references| ColumnInfo {
            name,
            type_name: "bigint".into(),
            nullable: false,
            primary_key: false,
            unique: false,
            references,
        };
        let mut columns = vec![column("id".into(), None)];
        columns.extend(references.iter().map(|target| {
            column(
                format!("{target}_id"),
                Some(((*target).to_owned(), "id".to_owned())),
            )
        }));
        TableInfo {
            name: name.into(),
            rows: 0,
            columns,
            constraints: Vec::new(),
        }
    }

    #[test]
    fn referring_tables_stand_to_the_right() {
        let tables = [
            table("category", &["category"]),
            table("customer", &[]),
            table("order_item", &["orders", "product"]),
            table("orders", &["customer"]),
            table("product", &["category"]),
        ];
        let diagram = draw(&tables);
        let x: Vec<f64> = diagram.boxes.iter().map(|place| place.x).collect();
        assert_eq!(x[0], x[1]);
        assert_eq!(x[3], x[4]);
        assert!(x[0] < x[3] && x[3] < x[2]);
        // product stands beside category, which is above customer.
        assert!(diagram.boxes[4].y < diagram.boxes[3].y);
        assert_eq!(diagram.lines.len(), 5);
        assert_eq!(diagram.lines[0].course, Course::Loop);
    }

    #[test]
    fn tables_that_refer_to_each_other_do_not_hang_it() {
        let diagram = draw(&[table("a", &["b"]), table("b", &["a"])]);
        assert_eq!(diagram.lines.len(), 2);
        assert_eq!(draw(&[]).boxes, []);
    }
}
