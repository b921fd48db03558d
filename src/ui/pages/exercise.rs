use super::live_code::LiveCode;
use super::panel::tabs;
use crate::app::Action;
use crate::app::state::PanelRun;
use crate::lessons::Lesson;
use crate::lessons::lesson::{Block, Code, Exercise, Language, Section};
use crate::lessons::verdict::Verdict;
use crate::ui::client::Client;
use crate::ui::components::{EditorHandle, Icon, blocks, icon, verdict};
use crate::ui::shared::Shared;
use crate::wire::{PanelId, Problem, Reply, Request, TableInfo};
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Props of [`ExerciseSection`].
#[derive(Clone, PartialEq, Properties)]
pub struct ExerciseSectionProps {
    /// The page.
    pub lesson: Shared<Lesson>,
    /// Which of its sections.
    pub place: usize,
    /// The panel number of its first starter; the others follow.
    pub id: PanelId,
    /// Its number on the page, from 1.
    pub number: usize,
    /// The last runs of its codes.
    pub runs: BTreeMap<PanelId, Shared<PanelRun>>,
    /// Whether the worker takes a run now.
    pub free: bool,
    /// Whether it is solved.
    pub solved: bool,
    /// The book that it is kept in.
    pub book: AttrValue,
    /// An exercise was solved just now: its book and its slug.
    pub on_solved: Callback<(String, String)>,
    /// The tables, for completion.
    pub catalog: Option<Rc<[TableInfo]>>,
    /// The way to the worker.
    pub client: Client,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// How a check stands.
#[derive(Clone, PartialEq)]
enum Checking {
    /// Nothing was checked yet.
    Not,
    /// The worker is at it.
    Running,
    /// It is done.
    Done(Verdict),
    /// The solution itself did not run: the page's fault.
    Broken(Problem),
}

/// An exercise: task, code, check, hints, solution.
#[component]
pub fn ExerciseSection(props: &ExerciseSectionProps) -> Html {
    let Some(Section::Exercise(exercise)) = props.lesson.sections.get(props.place) else {
        return Html::default();
    };
    let handles = use_memo(exercise.starters.len(), |count| {
        (0..*count)
            .map(|_| EditorHandle::default())
            .collect::<Vec<_>>()
    });
    let first = exercise
        .starters
        .first()
        .map_or(Language::Django, |code| code.language);
    let language = use_state_eq(|| first);
    let checking = use_state_eq(|| Checking::Not);
    let hints = use_state_eq(|| 0usize);
    let revealed = use_state_eq(|| false);
    let heading = format!("exercise-{}", props.id.0);
    let languages: Vec<Language> = exercise.starters.iter().map(|code| code.language).collect();

    let starters = exercise.starters.iter().enumerate().map(|(place, code)| {
        let id = PanelId(props.id.0 + place as u32);
        let handle = handles.get(place).cloned().unwrap_or_default();
        let on_check = check_callback(props, exercise, code, &handle, &checking);
        let busy = *checking == Checking::Running;
        let tools = html! {
            <button class="button button-run" disabled={busy || !props.free} onclick={on_check.reform(|_| ())}
                title="Check (Ctrl+Enter)">{ icon(Icon::Check) }<span>{ "Check" }</span></button>
        };
        html! {
            <div key={place} class="panel-code" hidden={code.language != *language}>
                <LiveCode code={code.clone()} label={format!("Your answer to {}: {}", exercise.title, code.language.name())} {id}
                    run={props.runs.get(&id).cloned()} {handle} free={props.free} catalog={props.catalog.clone()}
                    on_submit={on_check} {tools} client={props.client.clone()} dispatch={props.dispatch.clone()}>
                    if code.language == *language {
                        { outcome(&checking) }
                    }
                </LiveCode>
            </div>
        }
    });
    html! {
        <section class={classes!("panel", "exercise", props.solved.then_some("is-solved"))} aria-labelledby={heading.clone()}>
            <header class="panel-head">
                <h2 id={heading}>
                    <span class="exercise-number">{ format!("Exercise {}", props.number) }</span>
                    { &exercise.title }
                    if props.solved {
                        <span class="exercise-solved">{ icon(Icon::Check) }{ "Solved" }</span>
                    }
                </h2>
                if languages.len() > 1 {
                    { tabs(&languages, &language) }
                }
            </header>
            <div class="prose panel-task">{ blocks(&exercise.task) }</div>
            <div class="panel-codes">{ for starters }</div>
            { help(exercise, *language, &hints, &revealed) }
        </section>
    }
}

/// Has the worker check what the editor holds.
fn check_callback(
    props: &ExerciseSectionProps,
    exercise: &Exercise,
    starter: &Code,
    handle: &EditorHandle,
    checking: &UseStateHandle<Checking>,
) -> Callback<()> {
    let (handle, checking, client) = (handle.clone(), checking.clone(), props.client.clone());
    let (check, language) = (exercise.check.clone(), starter.language);
    let solution = exercise.solution(language).map(|code| code.text.clone());
    let (text, on_solved) = (starter.text.clone(), props.on_solved.clone());
    let key = (props.book.to_string(), exercise.id.clone());
    Callback::from(move |()| {
        let Some(solution) = solution.clone() else {
            return;
        };
        let request = Request::CheckAnswer {
            check: check.clone(),
            language,
            solution,
            code: handle.text().unwrap_or_else(|| text.clone()),
        };
        checking.set(Checking::Running);
        let (checking, client, on_solved) = (checking.clone(), client.clone(), on_solved.clone());
        let key = key.clone();
        spawn_local(async move {
            checking.set(match client.call(request).await {
                Ok((Reply::Verdict(verdict), _)) => {
                    if verdict == Verdict::Right {
                        on_solved.emit(key);
                    }
                    Checking::Done(verdict)
                }
                Ok((Reply::Failed(problem), _)) | Err(problem) => Checking::Broken(problem),
                Ok(_) => Checking::Not,
            });
        });
    })
}

fn outcome(checking: &Checking) -> Html {
    match checking {
        Checking::Not => Html::default(),
        Checking::Running => html! { <p class="verdict" role="status">{ "Checking…" }</p> },
        Checking::Done(found) => verdict(found),
        Checking::Broken(problem) => html! {
            <p class="verdict is-wrong" role="status">{ format!("It could not be checked: {}", problem.message) }</p>
        },
    }
}

/// Hints one by one, and the solution.
fn help(
    exercise: &Exercise,
    language: Language,
    hints: &UseStateHandle<usize>,
    revealed: &UseStateHandle<bool>,
) -> Html {
    let more = {
        let hints = hints.clone();
        Callback::from(move |_: MouseEvent| hints.set(*hints + 1))
    };
    let toggle = {
        let revealed = revealed.clone();
        Callback::from(move |_: MouseEvent| revealed.set(!*revealed))
    };
    let left = exercise.hints.len().saturating_sub(**hints);
    let solution = exercise.solution(language).map(|code| Block::Code {
        language: Some(code.language),
        text: code.text.clone(),
    });
    html! {
        <div class="panel-foot">
            { for exercise.hints.iter().take(**hints).enumerate().map(|(number, hint)| html! {
                <div class="hint"><h3>{ format!("Hint {}", number + 1) }</h3><div class="prose">{ blocks(hint) }</div></div>
            }) }
            if **revealed {
                <div class="hint"><h3>{ "Solution" }</h3>
                    <div class="prose">{ blocks(&exercise.explanation) }{ solution.map(|code| blocks(&[code])).unwrap_or_default() }</div>
                </div>
            }
            <div class="exercise-help">
                if left > 0 {
                    <button class="button" onclick={more}>{ if **hints == 0 { "Hint" } else { "Next hint" } }</button>
                }
                <button class="button" aria-expanded={revealed.to_string()} onclick={toggle}>
                    { if **revealed { "Hide the solution" } else { "Show the solution" } }
                </button>
            </div>
        </div>
    }
}
