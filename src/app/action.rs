//! Everything that can happen to the page, one variant each.

use super::state::{Notice, Origin, RunId, Source, Theme};
use super::{Address, Place};
use crate::wire::{Language, MarketInfo, PanelId, Problem, RunReport, Size, TableInfo};
use std::rc::Rc;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Bytes of the worker's module came in.
    EngineProgress {
        /// Bytes so far.
        received: f64,
        /// Bytes in all, when known.
        total: Option<f64>,
    },
    /// The worker listens.
    EngineUp,
    /// The worker broke, with this message, and is being replaced.
    EngineBroke(String),
    /// The worker could not be loaded.
    EngineFailed(String),
    /// The worker holds this data set now.
    MarketReady(MarketInfo),
    /// The worker could not make the data set.
    MarketFailed(Problem),
    /// The tables are these.
    CatalogLoaded(Vec<TableInfo>),
    /// A program changed the data through `window.playground`.
    DataChanged,
    /// A person wants a text to run.
    Run {
        /// Where.
        panel: PanelId,
        /// What.
        source: Source,
    },
    /// The worker answered a run.
    RunAnswered {
        /// Whose.
        panel: PanelId,
        /// Which.
        run: RunId,
        /// What came of it, or why the request failed as a whole.
        result: Result<RunReport, Problem>,
    },
    /// A person wants the run stopped.
    Cancel,
    /// A person wants a fresh data set.
    Reset(Size),
    /// A person goes somewhere.
    Navigate(Place),
    /// A page of a person's own was loaded, in place of an earlier one perhaps.
    OwnPageLoaded(u8),
    /// The address changed by itself: back, forward, or typed.
    AddressChanged(Address),
    /// A text for the playground's editor.
    OpenText {
        /// What it is written in.
        language: Language,
        /// The text.
        text: Rc<str>,
        /// Whence it comes.
        origin: Origin,
    },
    /// The playground's editor has the text that was opened, in place of this one.
    TextOpened {
        /// What stood there, when that was another text.
        before: Option<Rc<str>>,
    },
    /// The address brings a text that cannot be unpacked.
    LinkBroken,
    /// Something that a person must be told.
    Tell(Notice),
    /// A person chose the playground's language.
    ChooseLanguage(Language),
    /// A person chose a theme.
    ChooseTheme(Theme),
    /// A person moved the divider; in thousandths.
    MoveSplit(u16),
    /// A person let go of the divider.
    KeepSplit,
    /// A person opened or closed the menu of a narrow screen.
    ToggleMenu,
    /// A person opened or closed the command palette.
    TogglePalette,
    /// A person has read the notice.
    DismissNotice,
    /// Effects up to this number have been performed.
    Performed(u64),
}
