//! A table and a choice into a drawing.

use super::choose::{Choice, MOST_SERIES};
use super::mark::{Context, DAY, Mark, Names, capital, note_extent, point, words};
use super::table::{Column, Extent, Role, Table};
use super::{Axis, Drawing, Scale, summary};
use crate::app::format;
use crate::lessons::chart::ChartKind;
use std::collections::{BTreeMap, BTreeSet};

/// Categories that an axis holds at most.
const MOST_NAMES: usize = 40;
/// From this length on a name is easier to read beside a lying bar.
const LONG_NAME: usize = 9;

/// Draws a choice; `None` when the columns do not fit it.
pub fn draw(table: &Table, choice: &Choice) -> Option<Drawing> {
    if choice.kind == ChartKind::Histogram {
        return super::histogram::histogram(table, choice);
    }
    let x = table.columns.get(choice.x)?;
    let measures: Vec<&Column> = choice
        .y
        .iter()
        .filter_map(|&place| table.columns.get(place))
        .filter(|column| column.role == Role::Number)
        .collect();
    let first = *measures.first()?;
    let decimals = measures.iter().map(|column| column.decimals).max()?;
    // Several measures are the series; they are not split further.
    let split = choice.series.filter(|_| measures.len() == 1);
    let split = split.and_then(|place| table.columns.get(place));
    let mut notes = Vec::new();
    let scale = match (choice.kind, x.role) {
        (ChartKind::Heatmap, _) | (_, Role::Category) => Scale::Band,
        (ChartKind::Bar | ChartKind::Stacked, Role::Number) => Scale::Band,
        (_, Role::Time) => Scale::Time,
        (_, Role::Number) => Scale::Number,
    };
    let (mut marks, mut names, mut series) = (Vec::new(), Names::default(), Names::default());
    let mut empty = 0u64;
    let mut namesakes = Namesakes::of(table, x, split);
    for row in 0..table.rows {
        let place = match (scale, x.text(row)) {
            (Scale::Band, Some(text)) => {
                let text = namesakes.told_apart(text, split.and_then(|split| split.text(row)));
                Some(names.place(&text) as i128)
            }
            (Scale::Band, None) => None,
            (Scale::Time | Scale::Number, _) => x.number(row),
        };
        for measure in &measures {
            let name = match split {
                Some(split) => split.text(row).map(str::to_owned),
                None => Some(words(&measure.name)),
            };
            match (place, measure.number(row), name) {
                (Some(x), Some(y), Some(name)) => marks.push(Mark {
                    x,
                    y: y * 10i128.pow(u32::from(decimals - measure.decimals)),
                    series: series.place(&name),
                }),
                _ => empty += 1,
            }
        }
    }
    let empty = empty + note_extent(table, first, &mut notes);
    if empty > 0 {
        notes.push(format!(
            "{} left out, being NULL.",
            format::count(empty, "value")
        ));
    }
    if scale == Scale::Band && namesakes.rows == Equal::Others {
        notes.push("Rows that share a name are numbered.".into());
    }
    if choice.adds_up() {
        marks = added_up(marks, &mut notes, first);
    }
    if choice.kind == ChartKind::Area && split.is_some() {
        fill_up(&mut marks);
    }
    keep_largest(
        &mut marks,
        &mut names,
        |mark| mark.x as usize,
        |mark, to| mark.x = to as i128,
        if scale == Scale::Band {
            MOST_NAMES
        } else {
            usize::MAX
        },
        "values along x",
        &mut notes,
    );
    let most_series = match choice.kind {
        ChartKind::Heatmap => MOST_NAMES,
        _ => MOST_SERIES,
    };
    keep_largest(
        &mut marks,
        &mut series,
        |mark| mark.series,
        |mark, to| mark.series = to,
        most_series,
        "series",
        &mut notes,
    );
    if scale != Scale::Band {
        marks.sort_by_key(|mark| (mark.x, mark.series));
    }
    if choice.kind == ChartKind::Cumulative {
        let mut running: BTreeMap<usize, i128> = BTreeMap::new();
        for mark in &mut marks {
            let total = running.entry(mark.series).or_default();
            *total += mark.y;
            mark.y = *total;
        }
    }
    if marks.is_empty() {
        return None;
    }
    let step = span(&marks, scale);
    let sideways = choice_is_sideways(choice.kind, scale, &names);
    let context = Context {
        scale,
        names: &names,
        series: &series,
        x,
        decimals,
    };
    let points = marks
        .iter()
        .map(|mark| point(choice.kind, mark, step, &context))
        .collect();
    let (measured, along) = (title_of(&measures), words(&x.name));
    let title = match (choice.kind, split) {
        (ChartKind::Cumulative, _) => format!("Cumulative {} by {along}", measured.to_lowercase()),
        (_, Some(split)) => format!("{measured} by {along} and {}", words(&split.name)),
        (_, None) => format!("{measured} by {along}"),
    };
    let y = match choice.kind {
        ChartKind::Heatmap => Axis {
            label: capital(&split.map(|split| words(&split.name)).unwrap_or_default()),
            scale: Scale::Band,
            domain: series.texts.clone(),
            decimals: 0,
        },
        _ => Axis {
            label: measured.clone(),
            scale: Scale::Number,
            domain: Vec::new(),
            decimals,
        },
    };
    let summary = summary::words(&title, choice.kind, &marks, &context);
    Some(Drawing {
        title,
        kind: choice.kind,
        sideways,
        parts: match choice.kind {
            ChartKind::Stacked => true,
            // Several measures are no parts of each other.
            ChartKind::Area => split.is_some(),
            ChartKind::Bar
            | ChartKind::Line
            | ChartKind::Scatter
            | ChartKind::Histogram
            | ChartKind::Heatmap
            | ChartKind::Cumulative => false,
        },
        measure: measured,
        x: Axis {
            label: capital(&along),
            scale,
            domain: names.texts.clone(),
            decimals: if x.role == Role::Number {
                x.decimals
            } else {
                0
            },
        },
        y,
        series: if choice.kind == ChartKind::Heatmap {
            Vec::new()
        } else {
            series.texts.clone()
        },
        points,
        summary,
        notes,
    })
}

/// How long a bar's span along a time axis is: the smallest distance, or the month it starts.
fn span(marks: &[Mark], scale: Scale) -> i128 {
    if scale == Scale::Band {
        return 0;
    }
    let gaps = marks.windows(2).filter_map(|pair| match pair {
        [a, b] if b.x > a.x => Some(b.x - a.x),
        _ => None,
    });
    gaps.min().unwrap_or(DAY)
}

/// Values of one place and series become one.
fn added_up(marks: Vec<Mark>, notes: &mut Vec<String>, measure: &Column) -> Vec<Mark> {
    let mut places: BTreeMap<(i128, usize), usize> = BTreeMap::new();
    let mut kept: Vec<Mark> = Vec::with_capacity(marks.len());
    let before = marks.len();
    for mark in marks {
        match places
            .get(&(mark.x, mark.series))
            .and_then(|&at| kept.get_mut(at))
        {
            Some(first) => first.y += mark.y,
            None => {
                places.insert((mark.x, mark.series), kept.len());
                kept.push(mark);
            }
        }
    }
    if kept.len() < before {
        notes.push(format!(
            "Rows of the same place are added up: the sum of {}.",
            words(&measure.name)
        ));
    }
    kept
}

/// Gives every series a value at every place: what has no rows there adds nothing. Parts that lie
/// upon each other have no shape otherwise.
fn fill_up(marks: &mut Vec<Mark>) {
    let places: BTreeSet<i128> = marks.iter().map(|mark| mark.x).collect();
    let series: BTreeSet<usize> = marks.iter().map(|mark| mark.series).collect();
    let there: BTreeSet<(i128, usize)> = marks.iter().map(|mark| (mark.x, mark.series)).collect();
    for &x in &places {
        for &series in series
            .iter()
            .filter(|&&series| !there.contains(&(x, series)))
        {
            marks.push(Mark { x, series, y: 0 });
        }
    }
}

/// Whether rows of one name along x are the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Equal {
    /// They are: most names come several times, as those of categories do.
    Same,
    /// They are not: nearly every row has a name of its own, as customers and products have.
    Others,
}

/// Tells rows apart that have the same name by chance.
struct Namesakes {
    rows: Equal,
    seen: BTreeMap<(String, String), usize>,
}

impl Namesakes {
    fn of(table: &Table, x: &Column, split: Option<&Column>) -> Self {
        let key = |row| Some((x.text(row)?, split.and_then(|split| split.text(row))));
        let named: Vec<_> = (0..table.rows).filter_map(key).collect();
        let distinct = named.iter().collect::<BTreeSet<_>>().len();
        let few = x.role == Role::Category && distinct < named.len();
        let rows = match table.extent {
            Extent::All if few && distinct * 2 > named.len() => Equal::Others,
            Extent::All | Extent::Sample { .. } | Extent::Sums { .. } => Equal::Same,
        };
        let seen = BTreeMap::new();
        Self { rows, seen }
    }

    /// `Desk Lamp`, and for the second of them `Desk Lamp (2)`.
    fn told_apart(&mut self, name: &str, series: Option<&str>) -> String {
        if self.rows == Equal::Same {
            return name.to_owned();
        }
        let key = (name.to_owned(), series.unwrap_or_default().to_owned());
        let count = self.seen.entry(key).or_default();
        *count += 1;
        match count {
            1 => name.to_owned(),
            count => format!("{name} ({count})"),
        }
    }
}

/// Keeps the names with the largest sums, in their order, and says so.
fn keep_largest(
    marks: &mut Vec<Mark>,
    names: &mut Names,
    get: impl Fn(&Mark) -> usize,
    set: impl Fn(&mut Mark, usize),
    most: usize,
    what: &str,
    notes: &mut Vec<String>,
) {
    if names.texts.len() <= most {
        return;
    }
    let mut sums = vec![0i128; names.texts.len()];
    for mark in marks.iter() {
        if let Some(sum) = sums.get_mut(get(mark)) {
            *sum += mark.y.abs();
        }
    }
    let mut ranked: Vec<usize> = (0..sums.len()).collect();
    ranked.sort_by_key(|&place| (std::cmp::Reverse(sums.get(place).copied()), place));
    ranked.truncate(most);
    ranked.sort_unstable();
    notes.push(format!(
        "The {most} largest of {} {what} are shown.",
        format::grouped(&names.texts.len().to_string())
    ));
    marks.retain_mut(|mark| match ranked.binary_search(&get(mark)) {
        Ok(to) => {
            set(mark, to);
            true
        }
        Err(_) => false,
    });
    let kept = ranked.iter().map(|&place| names.text(place).to_owned());
    *names = Names::of(kept.collect());
}

/// Bars lie when their names are long or many.
fn choice_is_sideways(kind: ChartKind, scale: Scale, names: &Names) -> bool {
    let longest = names.texts.iter().map(|name| name.chars().count()).max();
    matches!(kind, ChartKind::Bar | ChartKind::Stacked)
        && scale == Scale::Band
        && (longest > Some(LONG_NAME) || names.texts.len() > 12)
}

fn title_of(measures: &[&Column]) -> String {
    let names: Vec<String> = measures.iter().map(|column| words(&column.name)).collect();
    match names.split_last() {
        Some((last, before)) if !before.is_empty() => {
            capital(&format!("{} and {last}", before.join(", ")))
        }
        _ => capital(&names.concat()),
    }
}

#[cfg(test)]
mod tests;
