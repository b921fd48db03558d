//! Frames as a person chooses them.

use super::*;
use crate::report::frames::{Bound, Exclude, Function, Mode, Rows};
use crate::session::{Language, Session, Size};

fn choice(rows: Rows, mode: Mode, start: Bound, end: Bound) -> Choice {
    Choice {
        rows,
        function: Function::Sum,
        mode,
        start,
        end,
        exclude: Exclude::NoOthers,
    }
}

const ROWS: [Rows; 3] = [Rows::Months, Rows::Products, Rows::Lines { customer: 1 }];

fn session() -> Session {
    let mut session = Session::new(|| 0.0);
    session.reset(Size::Small).expect("the data set");
    session
}

#[test]
fn a_moving_frame_holds_the_row_and_the_two_before_it() {
    let choice = choice(
        Rows::Months,
        Mode::Rows,
        Bound::Preceding(2),
        Bound::CurrentRow,
    );
    let found = session().frames(&choice).expect("frames");
    let members: Vec<_> = found
        .rows
        .iter()
        .take(4)
        .map(|row| row.members.clone())
        .collect();
    assert_eq!(members, [vec![0], vec![0, 1], vec![0, 1, 2], vec![1, 2, 3]]);
}

#[test]
fn a_range_of_months_skips_a_month_without_sales() {
    // August 2025 has no orders.
    let choice = choice(
        Rows::Months,
        Mode::Range,
        Bound::Preceding(1),
        Bound::CurrentRow,
    );
    let found = session().frames(&choice).expect("frames");
    let september = found
        .rows
        .iter()
        .position(|row| row.label == "2025-09")
        .expect("a row");
    assert_eq!(found.rows[september].members, [september as u32]);
}

#[test]
fn peers_come_and_go_together_but_for_rows() {
    let customer = 1;
    let rows = Rows::Lines { customer };
    for mode in [Mode::Range, Mode::Groups] {
        let choice = choice(rows, mode, Bound::CurrentRow, Bound::CurrentRow);
        for row in session().frames(&choice).expect("frames").rows.iter() {
            assert!(!row.members.is_empty());
        }
        let found = session().frames(&choice).expect("frames");
        for (place, row) in found.rows.iter().enumerate() {
            let peers: Vec<u32> = (0..found.rows.len() as u32)
                .filter(|&other| found.rows[other as usize].order == row.order)
                .collect();
            assert_eq!(row.members, peers, "{mode:?} row {place}");
        }
    }
}

#[test]
fn the_value_is_what_the_shown_query_gives() {
    for mode in [Mode::Rows, Mode::Range, Mode::Groups] {
        for rows in ROWS {
            let choice = choice(rows, mode, Bound::Preceding(1), Bound::Following(1));
            let mut session = session();
            let found = session.frames(&choice).expect("frames");
            let run = session.execute(&found.sql);
            assert!(run.error.is_none(), "{}: {:?}", found.sql, run.error);
            let result = run.outcomes.into_iter().find_map(|outcome| outcome.result);
            let result = result.expect("rows");
            let ty = result.fields.last().expect("a value").ty.clone();
            let values: Vec<_> = result
                .rows(0)
                .map(|row| match row.last() {
                    None | Some(Value::Null) => None,
                    Some(value) => Some(shown(value, &ty)),
                })
                .collect();
            let given: Vec<_> = found.rows.iter().map(|row| row.value.clone()).collect();
            assert_eq!(given, values, "{}", found.sql);
        }
    }
}

/// Values as whole ten-thousandths, in ascending order; NULL is absent.
fn figures(texts: Vec<Option<String>>) -> Vec<Option<i64>> {
    let figure = |text: String| {
        let value: f64 = text.parse().expect("a number");
        (value * 10_000.0).round() as i64
    };
    let mut figures: Vec<_> = texts.into_iter().map(|text| text.map(figure)).collect();
    figures.sort_unstable();
    figures
}

#[test]
fn django_gives_the_same_values_where_it_can_say_the_frame() {
    let functions = [
        Function::Sum,
        Function::Avg,
        Function::Count,
        Function::First,
        Function::Last,
    ];
    let mut said = 0;
    for function in functions {
        for mode in [Mode::Rows, Mode::Range, Mode::Groups] {
            for exclude in [
                Exclude::NoOthers,
                Exclude::CurrentRow,
                Exclude::Group,
                Exclude::Ties,
            ] {
                for rows in ROWS {
                    let (start, end) = match mode {
                        Mode::Rows => (Bound::Preceding(2), Bound::Following(1)),
                        Mode::Range | Mode::Groups => {
                            (Bound::UnboundedPreceding, Bound::CurrentRow)
                        }
                    };
                    let choice = Choice {
                        rows,
                        function,
                        mode,
                        start,
                        end,
                        exclude,
                    };
                    let mut session = session();
                    let found = session.frames(&choice).expect("frames");
                    let Ok(code) = found.django else {
                        continue;
                    };
                    said += 1;
                    let mut world = session.fresh(Size::Small).expect("the data set");
                    let run = world.run(Language::Django, &code);
                    assert!(run.error.is_none(), "{code}: {:?}", run.error);
                    let table = run.value.and_then(|value| value.table).expect("a table");
                    let place = table.fields.iter().position(|field| field.name == "value");
                    let place = place.expect("a value");
                    let ty = table.fields[place].ty.clone();
                    let values: Vec<_> = table
                        .rows(0)
                        .map(|row| match &row[place] {
                            Value::Null => None,
                            value => Some(shown(value, &ty)),
                        })
                        .collect();
                    let given: Vec<_> = found.rows.into_iter().map(|row| row.value).collect();
                    // Rows of equal position may come in another order, and an average of whole
                    // numbers is a float in Django and a decimal in PostgreSQL.
                    let (values, given) = (figures(values), figures(given));
                    assert_eq!(given, values, "{code}");
                }
            }
        }
    }
    assert_eq!(said, 104);
}

#[test]
fn a_frame_stays_in_its_partition_and_ranks_show_ties() {
    let choice = choice(
        Rows::Products,
        Mode::Rows,
        Bound::UnboundedPreceding,
        Bound::UnboundedFollowing,
    );
    let found = session().frames(&choice).expect("frames");
    for row in &found.rows {
        let partition: Vec<u32> = (0..found.rows.len() as u32)
            .filter(|&other| found.rows[other as usize].part == row.part)
            .collect();
        assert_eq!(row.members, partition, "{row:?}");
    }
    let books: Vec<_> = found
        .rows
        .iter()
        .filter(|row| row.part.as_deref() == Some("Books"))
        .map(|row| (row.order.as_str(), row.rank, row.dense_rank))
        .collect();
    assert_eq!(books, [("29.95", 1, 1), ("29.95", 1, 1), ("39.95", 3, 2)]);
}

#[test]
fn what_exclude_takes_out_is_named() {
    let frame = |exclude| Choice {
        exclude,
        ..choice(
            Rows::Products,
            Mode::Range,
            Bound::CurrentRow,
            Bound::CurrentRow,
        )
    };
    let row = |exclude| {
        let found = session().frames(&frame(exclude)).expect("frames");
        let rows = found.rows.into_iter();
        let mut books = rows.filter(|row| row.part.as_deref() == Some("Books"));
        books.next().expect("a book")
    };
    let whole = row(Exclude::NoOthers);
    let [this, peer] = whole.members[..] else {
        panic!("two books of one price: {whole:?}");
    };
    for (exclude, members, left_out) in [
        (Exclude::NoOthers, vec![this, peer], vec![]),
        (Exclude::CurrentRow, vec![peer], vec![this]),
        (Exclude::Ties, vec![this], vec![peer]),
        (Exclude::Group, vec![], vec![this, peer]),
    ] {
        let found = row(exclude);
        assert_eq!(
            (found.members, found.left_out),
            (members, left_out),
            "{exclude:?}"
        );
    }
    assert_eq!(row(Exclude::Group).value, None);
}
