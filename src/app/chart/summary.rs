//! A chart in words, for those who cannot see it.

use super::Scale;
use super::mark::{Context, Mark};
use crate::app::format;
use crate::lessons::chart::ChartKind;

/// Highest, lowest, total and trend.
pub fn words(title: &str, kind: ChartKind, marks: &[Mark], context: &Context<'_>) -> String {
    let mut text = format!(
        "{title}. {} of {}.",
        match kind {
            ChartKind::Heatmap => "Heat map".to_owned(),
            ChartKind::Scatter => "Scatter plot".to_owned(),
            _ => format!("{} chart", kind.title()),
        },
        format::count(marks.len() as u64, "value")
    );
    // Of equal values the first is named.
    let highest = marks.iter().rev().max_by_key(|mark| mark.y);
    let lowest = marks.iter().min_by_key(|mark| mark.y);
    for (name, mark) in [("Highest", highest), ("Lowest", lowest)] {
        if let Some(mark) = mark {
            let series = match context.series.texts.len() {
                0 | 1 => String::new(),
                _ => format!(" {}", context.series.text(mark.series)),
            };
            text += &format!(
                " {name}: {}{series}, {}.",
                context.place(mark),
                context.value(mark.y)
            );
        }
    }
    if !matches!(kind, ChartKind::Cumulative | ChartKind::Scatter) {
        let total = marks.iter().map(|mark| mark.y).sum();
        text += &format!(" Total: {}.", context.value(total));
    }
    if let (Scale::Time, 1, Some(first), Some(last)) = (
        context.scale,
        context.series.texts.len(),
        marks.first(),
        marks.last(),
    ) {
        let trend = match last.y.cmp(&first.y) {
            std::cmp::Ordering::Greater => "rises",
            std::cmp::Ordering::Less => "falls",
            std::cmp::Ordering::Equal => "ends where it starts,",
        };
        text += &format!(
            " It {trend} from {} to {}.",
            context.value(first.y),
            context.value(last.y)
        );
    }
    text
}
