use crate::app::diagram::{self, Course, HEAD, LINE, WIDTH};
use crate::app::format;
use crate::wire::{ColumnInfo, TableInfo};
use std::rc::Rc;
use yew::prelude::*;

/// Props of [`ErDiagram`].
#[derive(Clone, PartialEq, Properties)]
pub struct ErDiagramProps {
    /// The tables.
    pub tables: Rc<[TableInfo]>,
}

/// The tables as boxes, their references as lines.
#[component]
pub fn ErDiagram(props: &ErDiagramProps) -> Html {
    let diagram = diagram::draw(&props.tables);
    let lines = diagram.lines.iter().map(|line| {
        let ((x1, y1), (x2, y2)) = (line.from, line.to);
        let path = match line.course {
            Course::Across => {
                let middle = (x1 + x2) / 2.0;
                format!("M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}")
            }
            Course::Loop => {
                let left = x1 - 20.0;
                format!("M{x1} {y1}C{left} {y1} {left} {y2} {x2} {y2}")
            }
        };
        html! {
            <g class="er-line">
                <path d={path} />
                <circle cx={x2.to_string()} cy={y2.to_string()} r="3.5" />
            </g>
        }
    });
    let boxes = props
        .tables
        .iter()
        .zip(&diagram.boxes)
        .map(|(table, place)| {
            html! {
                <g key={table.name.clone()} transform={format!("translate({} {})", place.x, place.y)}>
                    <rect class="er-box" width={WIDTH.to_string()} height={place.height.to_string()} rx="6" />
                    <path class="er-rule" d={format!("M0 {HEAD}h{WIDTH}")} />
                    <text class="er-name" x="12" y="23">{ &table.name }</text>
                    <text class="er-count" x={(WIDTH - 12.0).to_string()} y="23">
                        { format::count(table.rows, "row") }
                    </text>
                    { for table.columns.iter().enumerate().map(|(number, column)| draw_column(number, column)) }
                </g>
            }
        });
    html! {
        <svg class="er" viewBox={format!("0 0 {} {}", diagram.width, diagram.height)}
            style={format!("max-width: {}px", diagram.width)}
            role="img" aria-label="The tables and their references; the lists below say the same in words">
            { for lines }
            { for boxes }
        </svg>
    }
}

fn draw_column(number: usize, column: &ColumnInfo) -> Html {
    let y = HEAD + LINE * (number as f64 + 0.5) + 5.0;
    let class = classes!(
        "er-column",
        column.primary_key.then_some("is-key"),
        column.references.is_some().then_some("is-reference"),
    );
    html! {
        <>
            <text {class} x="12" y={y.to_string()}>{ &column.name }</text>
            <text class="er-type" x={(WIDTH - 12.0).to_string()} y={y.to_string()}>{ short(&column.type_name) }</text>
        </>
    }
}

/// The everyday name of a type whose full name is long.
fn short(type_name: &str) -> String {
    type_name
        .replace("timestamp with time zone", "timestamptz")
        .replace("timestamp without time zone", "timestamp")
        .replace("character varying", "varchar")
        .replace("double precision", "double")
}
