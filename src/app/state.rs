//! The state of the page.

use super::{Address, Effect, Place};
use crate::wire::{Language, MarketInfo, PanelId, Problem, RunReport, Size, TableInfo, World};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Numbers runs; an answer whose number is not the latest of its panel is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(pub u32);

/// Everything the page knows.
#[derive(Clone, Debug, PartialEq)]
pub struct AppState {
    /// What the work area shows.
    pub place: Place,
    /// How the worker is.
    pub engine: Engine,
    /// The data set that the worker holds; the one before while it is seeding another.
    pub market: Option<Rc<MarketInfo>>,
    /// The size that was asked for last.
    pub size: Size,
    /// The tables, when they are known.
    pub catalog: Option<Rc<[TableInfo]>>,
    /// The last run of each panel that has run.
    pub panels: BTreeMap<PanelId, Rc<PanelRun>>,
    /// The playground's runs, latest first.
    pub history: Rc<[HistoryEntry]>,
    /// The variables of the Django shell, which a restart loses.
    pub variables: Rc<[String]>,
    /// What the playground's editor is for.
    pub language: Language,
    /// A text that waits for the playground's editor.
    pub opened: Option<Rc<Opened>>,
    /// Light, dark or the system's.
    pub theme: Theme,
    /// The editor's share of the playground, in thousandths.
    pub split: u16,
    /// Whether the rail covers a narrow screen.
    pub menu: Visibility,
    /// Whether the command palette is open.
    pub palette: Visibility,
    /// What a person must be told, until dismissed.
    pub notice: Option<Rc<Notice>>,
    pub(super) last_run: RunId,
    /// Effects that wait for being performed, each with its number.
    pub(super) outbox: Vec<(u64, Effect)>,
    pub(super) last_effect: u64,
}

/// How the worker is.
#[derive(Clone, Debug, PartialEq)]
pub enum Engine {
    /// Its module is on its way.
    Loading {
        /// Bytes that have come.
        received: f64,
        /// Bytes that will come, when the server said so.
        total: Option<f64>,
    },
    /// It makes the data set.
    Seeding,
    /// It waits for work.
    Ready,
    /// It runs something for this panel.
    Running(PanelId),
    /// It could not be started.
    Failed(Rc<str>),
}

/// A panel's last run.
#[derive(Clone, Debug, PartialEq)]
pub struct PanelRun {
    /// Its number.
    pub id: RunId,
    /// What ran.
    pub source: Source,
    /// What came of it.
    pub state: RunState,
}

/// A text that ran, and where in its editor it stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// What it is written in.
    pub language: Language,
    /// On which data it runs.
    pub world: World,
    /// The text.
    pub text: Rc<str>,
    /// UTF-16 units of the editor's text before it.
    pub offset: u32,
    /// Line ends of the editor's text before it.
    pub lines: u32,
}

/// A text for the playground's editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What it is written in.
    pub language: Language,
    /// The text.
    pub text: Rc<str>,
    /// Whence it comes.
    pub origin: Origin,
}

/// Whence a text for the playground's editor comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From a link that brought a person here.
    Link,
    /// From another place of the page.
    Page,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum RunState {
    /// Not yet known.
    Running,
    /// The worker answered.
    Done(Rc<RunReport>),
    /// The worker refused the request as a whole.
    Refused(Rc<Problem>),
    /// The worker was stopped; its results are gone.
    Cancelled,
    /// The data set has changed since; the rows are gone.
    Stale,
}

/// A run of the playground that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its number.
    pub id: RunId,
    /// What it is written in.
    pub language: Language,
    /// What ran.
    pub text: Rc<str>,
    /// In a few words.
    pub outcome: Rc<str>,
    /// Whether it ended well.
    pub ending: Ending,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every statement ran.
    Good,
    /// An error stopped it.
    Bad,
}

/// Whether something is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// It is not.
    #[default]
    Hidden,
    /// It is.
    Shown,
}

impl Visibility {
    /// Whether it is shown.
    pub const fn is_shown(self) -> bool {
        matches!(self, Self::Shown)
    }

    /// The other one.
    #[must_use]
    pub const fn toggled(self) -> Self {
        match self {
            Self::Hidden => Self::Shown,
            Self::Shown => Self::Hidden,
        }
    }
}

/// The page's colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The name that is kept in the browser.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a name; the system's for an unknown one.
    pub fn from_name(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The one that follows when a person steps through them.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// Something a person must be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whose fault it is.
    pub tone: Tone,
    /// In a few words.
    pub title: String,
    /// What happened and what follows from it.
    pub text: String,
}

/// Whether a notice tells of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// For information.
    Plain,
    /// A fault of ours.
    Fault,
}

/// What the browser kept from the last visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The playground's language.
    pub language: Language,
    /// The theme.
    pub theme: Theme,
    /// The editor's share of the playground, in thousandths.
    pub split: Option<u16>,
}

impl AppState {
    /// The narrowest and the widest share that the editor may have.
    pub const SPLIT: (u16, u16) = (150, 850);

    /// The state of a page that has just opened.
    pub fn new(address: Address, kept: &Kept) -> Self {
        let mut state = Self {
            place: address.place,
            engine: Engine::Loading {
                received: 0.0,
                total: None,
            },
            market: None,
            size: Size::Small,
            catalog: None,
            panels: BTreeMap::new(),
            history: Rc::new([]),
            variables: Rc::new([]),
            language: address.language.unwrap_or(kept.language),
            opened: None,
            theme: kept.theme,
            split: kept
                .split
                .unwrap_or(450)
                .clamp(Self::SPLIT.0, Self::SPLIT.1),
            menu: Visibility::Hidden,
            palette: Visibility::Hidden,
            notice: None,
            last_run: RunId(0),
            outbox: Vec::new(),
            last_effect: 0,
        };
        state.follow(address);
        state
    }

    /// The last run of a panel.
    pub fn run(&self, panel: PanelId) -> Option<&Rc<PanelRun>> {
        self.panels.get(&panel)
    }

    /// Whether the worker takes a run now; while it is loading, runs wait for it.
    pub fn takes_runs(&self) -> bool {
        match self.engine {
            Engine::Loading { .. } | Engine::Seeding | Engine::Ready => !self.is_running(),
            Engine::Running(_) | Engine::Failed(_) => false,
        }
    }

    /// Whether a run is under way or waits for the worker.
    pub fn is_running(&self) -> bool {
        self.panels
            .values()
            .any(|run| run.state == RunState::Running)
    }

    /// Effects that wait for being performed.
    pub fn outbox(&self) -> &[(u64, Effect)] {
        &self.outbox
    }
}
