use super::*;
use crate::app::state::{Kept, Theme};
use crate::wire::{MarketInfo, Severity, Size};

const PANEL: PanelId = PanelId::PLAYGROUND;

fn after(state: AppState, actions: impl IntoIterator<Item = Action>) -> AppState {
    actions.into_iter().fold(state, |state, action| {
        reduce(&state, action).unwrap_or(state)
    })
}

fn fresh() -> AppState {
    AppState::new(Address::default(), &Kept::default())
}

fn ready() -> AppState {
    let market = MarketInfo {
        size: Size::Small,
        now: "2026-03-01T12:00:00Z".into(),
        orders: 60,
    };
    after(
        fresh(),
        [
            Action::EngineUp,
            Action::MarketReady(market),
            Action::Performed(1),
        ],
    )
}

fn run(text: &str) -> Action {
    Action::Run {
        panel: PANEL,
        source: Source {
            text: text.into(),
            ..Source::default()
        },
    }
}

fn answer(run: u32) -> Action {
    Action::RunAnswered {
        panel: PANEL,
        run: RunId(run),
        result: Ok(RunReport {
            ms: 1.0,
            ..RunReport::default()
        }),
    }
}

fn problem() -> Problem {
    Problem {
        code: "42601".into(),
        severity: Severity::Error,
        message: "syntax error".into(),
        place: None,
        hints: Vec::new(),
        traceback: None,
    }
}

#[test]
fn a_run_goes_to_the_worker_and_comes_back() {
    let state = after(ready(), [run("SELECT 1")]);
    assert_eq!(state.engine, Engine::Running(PANEL));
    assert!(matches!(
        state.outbox(),
        [(_, Effect::Run { run: RunId(1), .. })]
    ));
    let state = after(state, [answer(1)]);
    assert_eq!(state.engine, Engine::Ready);
    assert!(matches!(
        state.run(PANEL).map(|run| &run.state),
        Some(RunState::Done(_))
    ));
    assert_eq!(state.history.len(), 1);
}

#[test]
fn one_run_at_a_time() {
    let state = after(ready(), [run("SELECT 1")]);
    assert_eq!(reduce(&state, run("SELECT 2")), None);
}

#[test]
fn a_run_waits_for_a_worker_that_is_still_loading() {
    let state = after(fresh(), [run("SELECT 1"), Action::EngineUp]);
    assert!(state.is_running());
    assert!(matches!(state.outbox(), [(_, Effect::Run { .. })]));
}

#[test]
fn stale_answers_are_dropped() {
    let state = after(ready(), [run("SELECT 1"), answer(1), run("SELECT 2")]);
    assert_eq!(reduce(&state, answer(1)), None);
    let cancelled = after(state, [Action::Cancel]);
    assert_eq!(reduce(&cancelled, answer(2)), None);
}

#[test]
fn cancel_restarts_the_worker_and_says_so() {
    let state = after(ready(), [run("SELECT 1"), Action::Cancel]);
    assert!(matches!(
        state.run(PANEL).map(|run| &run.state),
        Some(RunState::Cancelled)
    ));
    assert!(
        state
            .outbox()
            .iter()
            .any(|(_, effect)| *effect == Effect::Restart)
    );
    assert!(state.notice.is_some());
    assert_eq!(reduce(&ready(), Action::Cancel), None);
}

#[test]
fn a_broken_engine_is_our_fault() {
    let state = after(
        ready(),
        [run("SELECT 1"), Action::EngineBroke("index".into())],
    );
    let notice = state
        .notice
        .as_ref()
        .map(|notice| (notice.tone, notice.text.contains("index")));
    assert_eq!(notice, Some((Tone::Fault, true)));
    assert!(!state.is_running());
}

#[test]
fn reset_makes_old_rows_stale() {
    let state = after(
        ready(),
        [run("SELECT 1"), answer(1), Action::Reset(Size::Medium)],
    );
    assert_eq!(state.size, Size::Medium);
    assert!(matches!(
        state.run(PANEL).map(|run| &run.state),
        Some(RunState::Stale)
    ));
    assert_eq!(reduce(&state, Action::Reset(Size::Large)), None);
}

#[test]
fn the_history_keeps_a_text_once_and_tells_errors() {
    let failed = Action::RunAnswered {
        panel: PANEL,
        run: RunId(3),
        result: Err(problem()),
    };
    let state = after(
        ready(),
        [run("a"), answer(1), run("b"), answer(2), run("a"), failed],
    );
    let seen: Vec<_> = state
        .history
        .iter()
        .map(|past| (&*past.text, past.ending))
        .collect();
    assert_eq!(seen, [("a", Ending::Bad), ("b", Ending::Good)]);
}

#[test]
fn performed_effects_leave_the_outbox() {
    let state = after(
        ready(),
        [Action::ChooseTheme(Theme::Dark), Action::KeepSplit],
    );
    let [(first, _), (second, _)] = state.outbox() else {
        panic!("two effects wait");
    };
    let (first, second) = (*first, *second);
    let state = after(state, [Action::Performed(first)]);
    assert_eq!(state.outbox().len(), 1);
    assert_eq!(
        reduce(
            &after(state, [Action::Performed(second)]),
            Action::Performed(second)
        ),
        None
    );
}

#[test]
fn the_divider_stays_within_its_bounds() {
    let state = after(ready(), [Action::MoveSplit(2)]);
    assert_eq!(state.split, AppState::SPLIT.0);
    assert_eq!(reduce(&state, Action::MoveSplit(0)), None);
}

#[test]
fn going_somewhere_closes_the_menu_and_shows_the_address() {
    let state = after(
        ready(),
        [Action::ToggleMenu, Action::Navigate(Place::Schema)],
    );
    assert_eq!(state.menu, Visibility::Hidden);
    assert!(matches!(
        state.outbox(),
        [(
            _,
            Effect::ShowAddress(Address {
                place: Place::Schema,
                ..
            })
        )]
    ));
    let address = Address::from_fragment("#/schema");
    assert_eq!(reduce(&state, Action::AddressChanged(address)), None);
}

#[test]
fn a_page_that_is_loaded_again_shows_nothing_of_its_earlier_runs() {
    let on = |panel| Action::Run {
        panel,
        source: Source::default(),
    };
    let done = |panel, run| Action::RunAnswered {
        panel,
        run: RunId(run),
        result: Ok(RunReport::default()),
    };
    let (own, other) = (Place::Own(1).panels().start, Place::Own(2).panels().start);
    let state = after(ready(), [on(own), done(own, 1), on(other), done(other, 2)]);
    let state = after(state, [Action::OwnPageLoaded(1)]);
    assert_eq!(state.place, Place::Own(1));
    assert!(state.run(own).is_none() && state.run(other).is_some());
    // The answer to a run that is on its way frees the engine.
    let state = after(state, [on(own), Action::OwnPageLoaded(1), done(own, 3)]);
    assert_eq!(state.engine, Engine::Ready);
    assert!(state.run(own).is_none());
}

#[test]
fn switching_the_language_shows_in_the_address_and_back_again() {
    let state = after(ready(), [Action::ChooseLanguage(Language::Django)]);
    let shown = |state: &AppState| match state.outbox().last() {
        Some((_, Effect::ShowAddress(address))) => address.fragment(),
        other => format!("{other:?}"),
    };
    assert_eq!(shown(&state), "#/playground/django");
    let address = Address::from_fragment("#/playground/sql");
    let state = after(state, [Action::AddressChanged(address.clone())]);
    assert_eq!(state.language, Language::Sql);
    assert_eq!(reduce(&state, Action::AddressChanged(address)), None);
    let elsewhere = after(
        state,
        [
            Action::Navigate(Place::Schema),
            Action::ChooseLanguage(Language::Django),
        ],
    );
    assert_eq!(elsewhere.place, Place::Schema);
}

#[test]
fn a_link_is_unpacked_once_and_what_stood_there_is_in_the_history() {
    let address = Address::from_fragment("#/playground/sql/eJw");
    let state = AppState::new(address, &Kept::default());
    assert!(matches!(state.outbox(), [(_, Effect::Unpack { .. })]));
    let open = Action::OpenText {
        language: Language::Sql,
        text: "SELECT 1".into(),
        origin: Origin::Link,
    };
    let state = after(state, [Action::Performed(1), open]);
    let replaced = state.outbox().iter().any(
        |(_, effect)| matches!(effect, Effect::ReplaceAddress(address) if address.packed.is_none()),
    );
    assert!(replaced);
    let before = Some("mine".into());
    let state = after(state, [Action::TextOpened { before }]);
    assert_eq!(state.opened, None);
    assert_eq!(state.history.first().map(|past| &*past.text), Some("mine"));
    assert!(state.notice.is_some());
    assert_eq!(reduce(&state, Action::TextOpened { before: None }), None);
}

#[test]
fn a_broken_link_leaves_the_editor_alone_and_says_so() {
    let state = after(ready(), [Action::LinkBroken]);
    assert_eq!(state.opened, None);
    assert!(state.notice.is_some());
}
