//! What the page does to the world, as data. `ui::hooks::use_effects` performs it.

use super::Address;
use super::state::{RunId, Theme};
use crate::wire::{Language, PanelId, Size, World};
use std::rc::Rc;

/// Something to be done outside of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Run code; its answer is `Action::RunAnswered`.
    Run {
        /// The run's number.
        run: RunId,
        /// Whose run it is.
        panel: PanelId,
        /// What it is written in.
        language: Language,
        /// On which data it runs.
        world: World,
        /// The code.
        text: Rc<str>,
    },
    /// Stop the worker, start another and bring it to where the first was.
    Restart,
    /// Seed anew.
    Reset(Size),
    /// Ask for the tables.
    LoadCatalog,
    /// Write this into the page's address, which makes an entry in the browser's history.
    ShowAddress(Address),
    /// Write this into the page's address in place of what stands there.
    ReplaceAddress(Address),
    /// Unpack a text of the address; its answer is `Action::OpenText` or `Action::LinkBroken`.
    Unpack {
        /// What it is written in.
        language: Language,
        /// The packed text.
        packed: Rc<str>,
    },
    /// Keep the playground's language.
    KeepLanguage(Language),
    /// Put the theme on the document and keep it.
    KeepTheme(Theme),
    /// Keep the editor's share.
    KeepSplit(u16),
}
