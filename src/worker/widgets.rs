//! The special panels in the wire's words.

use crate::session::frames as f;
use crate::session::lost_update as l;
use crate::wire::widgets as wire;

/// A scenario, for the session.
pub fn scenario(scenario: wire::Scenario) -> l::Scenario {
    match scenario {
        wire::Scenario::ReadChangeWrite => l::Scenario::ReadChangeWrite,
        wire::Scenario::Expression => l::Scenario::Expression,
        wire::Scenario::Locked => l::Scenario::Locked,
    }
}

/// Where the two sessions are, for the page.
pub fn lost_update(played: l::Played) -> wire::LostUpdate {
    wire::LostUpdate {
        product: played.product,
        before: played.before,
        plan: played
            .plan
            .iter()
            .map(|step| {
                let who = match step.who {
                    l::Who::A => wire::Who::A,
                    l::Who::B => wire::Who::B,
                };
                (who, step.code.to_owned())
            })
            .collect(),
        taken: played
            .taken
            .into_iter()
            .map(|step| wire::StepTaken {
                sql: step.sql,
                ending: match step.ending {
                    l::Ending::Ran => wire::StepEnding::Ran,
                    l::Ending::Waits => wire::StepEnding::Waits,
                    l::Ending::Failed(message) => wire::StepEnding::Failed(message),
                },
                memory: step.memory,
                stock: step.stock,
                uncommitted: step.uncommitted,
            })
            .collect(),
        expected: played.expected,
    }
}

/// A window, for the session.
pub fn choice(choice: wire::FrameChoice) -> f::Choice {
    f::Choice {
        rows: match choice.rows {
            wire::FrameSource::Months => f::Rows::Months,
            wire::FrameSource::Products => f::Rows::Products,
            wire::FrameSource::Lines { customer } => f::Rows::Lines { customer },
        },
        function: match choice.function {
            wire::FrameFunction::Sum => f::Function::Sum,
            wire::FrameFunction::Avg => f::Function::Avg,
            wire::FrameFunction::Count => f::Function::Count,
            wire::FrameFunction::First => f::Function::First,
            wire::FrameFunction::Last => f::Function::Last,
        },
        mode: match choice.mode {
            wire::FrameMode::Rows => f::Mode::Rows,
            wire::FrameMode::Range => f::Mode::Range,
            wire::FrameMode::Groups => f::Mode::Groups,
        },
        start: bound(choice.start),
        end: bound(choice.end),
        exclude: match choice.exclude {
            wire::FrameExclude::NoOthers => f::Exclude::NoOthers,
            wire::FrameExclude::CurrentRow => f::Exclude::CurrentRow,
            wire::FrameExclude::Group => f::Exclude::Group,
            wire::FrameExclude::Ties => f::Exclude::Ties,
        },
    }
}

fn bound(bound: wire::FrameBound) -> f::Bound {
    match bound {
        wire::FrameBound::UnboundedPreceding => f::Bound::UnboundedPreceding,
        wire::FrameBound::Preceding(count) => f::Bound::Preceding(count),
        wire::FrameBound::CurrentRow => f::Bound::CurrentRow,
        wire::FrameBound::Following(count) => f::Bound::Following(count),
        wire::FrameBound::UnboundedFollowing => f::Bound::UnboundedFollowing,
    }
}

/// The frames, for the page.
pub fn frames(choice: wire::FrameChoice, frames: f::Frames) -> wire::Frames {
    let (django, without_django) = match frames.django {
        Ok(code) => (Some(code), None),
        Err(why) => (None, Some(why.to_owned())),
    };
    wire::Frames {
        choice,
        rows: frames
            .rows
            .into_iter()
            .map(|row| wire::FrameRow {
                part: row.part,
                label: row.label,
                order: row.order,
                amount: row.amount,
                rank: row.rank,
                dense_rank: row.dense_rank,
                value: row.value,
                members: row.members,
                left_out: row.left_out,
            })
            .collect(),
        sql: frames.sql,
        django,
        without_django,
        customers: frames.customers,
    }
}
