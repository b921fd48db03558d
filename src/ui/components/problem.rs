use crate::ui::shared::Shared;
use crate::wire::{Problem, Severity};
use std::rc::Rc;
use yew::prelude::*;

/// How many problems of a long list are shown.
const MOST_PROBLEMS: usize = 20;

/// Props of [`ProblemView`].
#[derive(Clone, PartialEq, Properties)]
pub struct ProblemViewProps {
    /// What is wrong.
    pub problem: Shared<Problem>,
    /// The text that ran.
    pub source: AttrValue,
    /// Where the text starts in its editor, in lines; line numbers are the editor's.
    #[prop_or_default]
    pub lines_before: u32,
}

/// A problem with its code, its place in the text and the ways to mend it.
#[component]
pub fn ProblemView(props: &ProblemViewProps) -> Html {
    let problem = &*props.problem;
    let (class, role) = match problem.severity {
        Severity::Error => ("problem", "alert"),
        Severity::Warning => ("problem problem-warning", "status"),
    };
    html! {
        <div {class} {role}>
            <p class="problem-message">
                <span class="problem-code">{ &problem.code }</span>
                <span>{ &problem.message }</span>
            </p>
            if let Some(traceback) = &problem.traceback {
                { draw_traceback(traceback) }
            } else {
                { excerpt(props) }
            }
            if !problem.hints.is_empty() {
                <ul class="problem-hints">
                    { for problem.hints.iter().map(|hint| html! { <li>{ with_code(hint) }</li> }) }
                </ul>
            }
        </div>
    }
}

/// What is wrong with a text, at most [`MOST_PROBLEMS`] of it.
pub fn problem_list(problems: &[Problem], source: &str) -> Html {
    let source = AttrValue::from(source.to_owned());
    let hidden = problems.len().saturating_sub(MOST_PROBLEMS);
    html! {
        <>
            { for problems.iter().take(MOST_PROBLEMS).map(|problem| html! {
                <ProblemView problem={Shared(Rc::new(problem.clone()))} source={source.clone()} />
            }) }
            if hidden > 0 {
                <p class="problem-more">{ format!("and {hidden} more") }</p>
            }
        </>
    }
}

/// A sentence with its code set as code.
fn with_code(sentence: &str) -> Html {
    let parts = sentence.split('`').enumerate();
    parts
        .map(|(number, part)| {
            let part = part.to_owned();
            match number % 2 {
                1 => html! { <code>{ part }</code> },
                _ => html! { part },
            }
        })
        .collect()
}

/// A traceback without its last line, which the message repeats.
fn draw_traceback(traceback: &str) -> Html {
    let lines = traceback.rsplit_once('\n').map_or("", |(lines, _)| lines);
    // The text of a message may have several lines; a place always starts its own.
    let shown = lines.strip_prefix("Traceback (most recent call last):\n");
    let shown = shown.unwrap_or(lines).lines();
    let shown: Vec<&str> = shown
        .map(|line| line.strip_prefix("  ").unwrap_or(line))
        .collect();
    html! { <pre class="problem-traceback"><code>{ shown.join("\n") }</code></pre> }
}

/// The offending line with the offending part marked.
fn excerpt(props: &ProblemViewProps) -> Html {
    /// Columns shown before the marked part when the line is long.
    const BEFORE: usize = 60;
    /// Columns shown of the line.
    const SHOWN: usize = 160;
    let Some(place) = props.problem.place else {
        return Html::default();
    };
    let Some(line) = props
        .source
        .split('\n')
        .nth(place.line.saturating_sub(1) as usize)
    else {
        return Html::default();
    };
    let column = place.column.saturating_sub(1) as usize;
    let skipped = column.saturating_sub(BEFORE);
    let wanted = place.to.saturating_sub(place.from).max(1) as usize;
    let shown: Vec<char> = line.chars().skip(skipped).take(SHOWN).collect();
    let start = (column - skipped).min(shown.len());
    let end = (start + wanted).min(shown.len());
    let part = |range: std::ops::Range<usize>| -> String {
        shown.get(range).unwrap_or_default().iter().collect()
    };
    // A problem at the end of the line has nothing to mark but the place behind it.
    let marked = if start == end {
        " ".to_owned()
    } else {
        part(start..end)
    };
    html! {
        <div class="problem-place">
            <span class="problem-line">
                { format!("line {}, column {}", place.line + props.lines_before, place.column) }
            </span>
            <pre><code>{ part(0..start) }<mark>{ marked }</mark>{ part(end..shown.len()) }</code></pre>
        </div>
    }
}
