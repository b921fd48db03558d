//! The reducer: what each action makes of the state, and which effects it calls for.

use super::state::{
    AppState, Ending, Engine, HistoryEntry, Notice, Opened, Origin, PanelRun, RunId, RunState,
    Source, Tone, Visibility,
};
use super::{Action, Address, Effect, Place, format};
use crate::wire::{Changes, Language, PanelId, Problem, RunReport, World};
use std::rc::Rc;

/// How many runs the history keeps.
const HISTORY: usize = 50;

/// The state after an action. An action that changes nothing gives `None`.
pub fn reduce(state: &AppState, action: Action) -> Option<AppState> {
    let mut next = state.clone();
    let acted = next.act(action);
    (acted == Acted::Yes).then_some(next)
}

#[derive(PartialEq, Eq)]
enum Acted {
    Yes,
    No,
}

impl AppState {
    fn act(&mut self, action: Action) -> Acted {
        match action {
            Action::EngineProgress { received, total } => {
                self.engine = Engine::Loading { received, total };
            }
            Action::EngineUp => self.engine = Engine::Seeding,
            Action::EngineBroke(message) => self.break_engine(message),
            Action::EngineFailed(message) => self.engine = Engine::Failed(message.into()),
            Action::MarketReady(market) => {
                self.size = market.size;
                self.market = Some(Rc::new(market));
                self.catalog = None;
                self.engine = match self.waiting_panel() {
                    Some(panel) => Engine::Running(panel),
                    None => Engine::Ready,
                };
                self.perform(Effect::LoadCatalog);
            }
            Action::MarketFailed(problem) => {
                self.engine = Engine::Failed(problem.message.as_str().into());
            }
            Action::CatalogLoaded(tables) => self.catalog = Some(tables.into()),
            Action::DataChanged => self.perform(Effect::LoadCatalog),
            Action::Run { panel, source } => return self.run_source(panel, source),
            Action::RunAnswered { panel, run, result } => {
                return self.take_answer(panel, run, result);
            }
            Action::Cancel => return self.cancel(),
            Action::Reset(size) => return self.reset(size),
            Action::Navigate(place) => self.navigate(place),
            Action::OwnPageLoaded(number) => {
                let page = Place::Own(number);
                self.forget_runs(page);
                self.navigate(page);
            }
            Action::AddressChanged(address) => {
                let known = address.language.unwrap_or(self.language);
                if (self.place, self.language) == (address.place, known) && address.packed.is_none()
                {
                    return Acted::No;
                }
                self.follow(address);
            }
            Action::OpenText {
                language,
                text,
                origin,
            } => self.open_text(language, text, origin),
            Action::TextOpened { before } => return self.text_opened(before),
            Action::LinkBroken => {
                self.perform(Effect::ReplaceAddress(self.address()));
                self.notice = Some(Rc::new(Notice {
                    tone: Tone::Plain,
                    title: "This link brings no text.".into(),
                    text: "It may have been cut off: ask for it again, and copy all of it.".into(),
                }));
            }
            Action::Tell(notice) => self.notice = Some(Rc::new(notice)),
            Action::ChooseLanguage(language) => {
                if self.language == language {
                    return Acted::No;
                }
                self.choose_language(language);
                if self.place == Place::Playground {
                    self.show_address();
                }
            }
            Action::ChooseTheme(theme) => {
                self.theme = theme;
                self.perform(Effect::KeepTheme(theme));
            }
            Action::MoveSplit(split) => {
                let split = split.clamp(Self::SPLIT.0, Self::SPLIT.1);
                if self.split == split {
                    return Acted::No;
                }
                self.split = split;
            }
            Action::KeepSplit => self.perform(Effect::KeepSplit(self.split)),
            Action::ToggleMenu => self.menu = self.menu.toggled(),
            Action::TogglePalette => self.palette = self.palette.toggled(),
            Action::DismissNotice => {
                if self.notice.take().is_none() {
                    return Acted::No;
                }
            }
            Action::Performed(last) => {
                let before = self.outbox.len();
                self.outbox.retain(|(number, _)| *number > last);
                if self.outbox.len() == before {
                    return Acted::No;
                }
            }
        }
        Acted::Yes
    }

    fn navigate(&mut self, place: Place) {
        self.menu = Visibility::Hidden;
        self.palette = Visibility::Hidden;
        if self.place != place {
            self.place = place;
            self.show_address();
        }
    }

    /// Forgets what ran on a page.
    fn forget_runs(&mut self, page: Place) {
        let panels = page.panels();
        self.panels.retain(|id, _| !panels.contains(id));
    }

    fn perform(&mut self, effect: Effect) {
        self.last_effect += 1;
        self.outbox.push((self.last_effect, effect));
    }

    fn choose_language(&mut self, language: Language) {
        if self.language != language {
            self.language = language;
            self.perform(Effect::KeepLanguage(language));
        }
    }

    /// The address of where one is.
    fn address(&self) -> Address {
        Address::new(self.place, self.language)
    }

    fn show_address(&mut self) {
        self.perform(Effect::ShowAddress(self.address()));
    }

    /// Goes where an address leads.
    pub(super) fn follow(&mut self, address: Address) {
        self.place = address.place;
        if let Some(language) = address.language {
            self.choose_language(language);
            if let Some(packed) = address.packed {
                self.perform(Effect::Unpack { language, packed });
            }
        }
    }

    fn open_text(&mut self, language: Language, text: Rc<str>, origin: Origin) {
        self.choose_language(language);
        self.place = Place::Playground;
        match origin {
            // A text is opened once: coming back or loading again finds what became of it.
            Origin::Link => self.perform(Effect::ReplaceAddress(self.address())),
            Origin::Page => self.show_address(),
        }
        self.opened = Some(Rc::new(Opened {
            language,
            text,
            origin,
        }));
    }

    fn text_opened(&mut self, before: Option<Rc<str>>) -> Acted {
        let Some(opened) = self.opened.take() else {
            return Acted::No;
        };
        let Some(text) = before else {
            return Acted::Yes;
        };
        self.last_run = RunId(self.last_run.0 + 1);
        self.keep_in_history(HistoryEntry {
            id: self.last_run,
            language: opened.language,
            text,
            outcome: "stood in the editor".into(),
            ending: Ending::Good,
        });
        if opened.origin == Origin::Link {
            self.notice = Some(Rc::new(Notice {
                tone: Tone::Plain,
                title: "Opened from a link.".into(),
                text: "What stood in the editor before is under History.".into(),
            }));
        }
        Acted::Yes
    }

    fn waiting_panel(&self) -> Option<PanelId> {
        self.panels
            .iter()
            .find(|(_, run)| run.state == RunState::Running)
            .map(|(&panel, _)| panel)
    }

    fn run_source(&mut self, panel: PanelId, source: Source) -> Acted {
        if !self.takes_runs() {
            return Acted::No;
        }
        self.last_run = RunId(self.last_run.0 + 1);
        self.perform(Effect::Run {
            run: self.last_run,
            panel,
            language: source.language,
            world: source.world,
            text: source.text.clone(),
        });
        let run = PanelRun {
            id: self.last_run,
            source,
            state: RunState::Running,
        };
        self.panels.insert(panel, Rc::new(run));
        if self.engine == Engine::Ready {
            self.engine = Engine::Running(panel);
        }
        Acted::Yes
    }

    fn take_answer(
        &mut self,
        panel: PanelId,
        run: RunId,
        result: Result<RunReport, Problem>,
    ) -> Acted {
        let Some(current) = self.panels.get(&panel) else {
            // Its page was loaded again meanwhile.
            if self.engine != Engine::Running(panel) {
                return Acted::No;
            }
            self.engine = Engine::Ready;
            return Acted::Yes;
        };
        if current.id != run || current.state != RunState::Running {
            return Acted::No;
        }
        let source = current.source.clone();
        if panel == PanelId::PLAYGROUND {
            self.remember(run, &source, &result);
        }
        let state = match result {
            Ok(report) => {
                if report.changes == Changes::Possible {
                    self.perform(Effect::LoadCatalog);
                }
                if source.language == Language::Django && source.world == World::Main {
                    self.variables = report.variables.as_slice().into();
                }
                RunState::Done(Rc::new(report))
            }
            Err(problem) => RunState::Refused(Rc::new(problem)),
        };
        let run = PanelRun {
            id: run,
            source,
            state,
        };
        self.panels.insert(panel, Rc::new(run));
        if matches!(self.engine, Engine::Running(_)) {
            self.engine = Engine::Ready;
        }
        Acted::Yes
    }

    fn remember(&mut self, id: RunId, source: &Source, result: &Result<RunReport, Problem>) {
        let (outcome, ending) = match result {
            Ok(report) => match &report.error {
                None => (format::summary(report), Ending::Good),
                Some(problem) => (problem.message.clone(), Ending::Bad),
            },
            Err(problem) => (problem.message.clone(), Ending::Bad),
        };
        let entry = HistoryEntry {
            id,
            language: source.language,
            text: source.text.clone(),
            outcome: outcome.into(),
            ending,
        };
        self.keep_in_history(entry);
    }

    /// The same text again takes the place of its earlier run.
    fn keep_in_history(&mut self, entry: HistoryEntry) {
        let is_other =
            |past: &&HistoryEntry| (past.language, &past.text) != (entry.language, &entry.text);
        let others = self.history.iter().filter(is_other).cloned();
        let others: Vec<_> = others.take(HISTORY - 1).collect();
        self.history = std::iter::once(entry).chain(others).collect();
    }

    fn cancel(&mut self) -> Acted {
        if !self.is_running() {
            return Acted::No;
        }
        self.lose_results();
        self.engine = Engine::Seeding;
        self.notice = Some(Rc::new(Notice {
            tone: Tone::Plain,
            title: "Stopped.".into(),
            text: format!(
                "The data is restored to what it was before; an open transaction is rolled \
                 back.{}",
                self.lost_variables()
            ),
        }));
        self.perform(Effect::Restart);
        Acted::Yes
    }

    fn reset(&mut self, size: crate::wire::Size) -> Acted {
        if self.is_running() || self.engine == Engine::Seeding {
            return Acted::No;
        }
        self.size = size;
        self.variables = Rc::new([]);
        self.lose_results();
        if self.engine == Engine::Ready {
            self.engine = Engine::Seeding;
        }
        self.perform(Effect::Reset(size));
        Acted::Yes
    }

    fn break_engine(&mut self, message: String) {
        self.lose_results();
        self.engine = Engine::Seeding;
        self.notice = Some(Rc::new(Notice {
            tone: Tone::Fault,
            title: "The engine broke. This is a bug of ours, not of the statement.".into(),
            text: format!(
                "It was restarted and the data restored.{} Please report it together with the \
                 code. What it said: {message}",
                self.lost_variables()
            ),
        }));
    }

    /// What a restart has cost the Django shell, in a sentence that starts with a space.
    fn lost_variables(&mut self) -> String {
        let names = std::mem::replace(&mut self.variables, Rc::new([]));
        match &*names {
            [] => String::new(),
            names => format!(
                " Functions and classes of the Django shell are there again; its variables are \
                 not: {}.",
                names.join(", ")
            ),
        }
    }

    /// Rows stay in the worker, so nothing can be shown of what it held.
    fn lose_results(&mut self) {
        for run in self.panels.values_mut() {
            let state = match run.state {
                RunState::Running => RunState::Cancelled,
                RunState::Done(_) => RunState::Stale,
                RunState::Refused(_) | RunState::Cancelled | RunState::Stale => continue,
            };
            *run = Rc::new(PanelRun {
                id: run.id,
                source: run.source.clone(),
                state,
            });
        }
    }
}

/// Where a place leads a reader next, for the foot of a page.
pub fn next_place(place: Place) -> Option<Place> {
    match place {
        Place::Phase(number) if number < Place::PHASES => Some(Place::Phase(number + 1)),
        Place::Phase(_) => Some(Place::Dashboard),
        Place::Own(_) => Some(Place::Course),
        Place::Playground | Place::Course | Place::Dashboard | Place::Schema | Place::Help(_) => {
            None
        }
    }
}

#[cfg(test)]
mod tests;
