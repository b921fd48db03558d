//! The places of the page and their addresses.

use crate::wire::{Language, PanelId};
use std::ops::Range;
use std::rc::Rc;

/// What the work area shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Editor and result.
    #[default]
    Playground,
    /// The course as a whole: its phases, the progress, pages of one's own.
    Course,
    /// A phase of the course, from 1.
    Phase(u8),
    /// A page of a teacher's own, by its number on the shelf, from 1.
    Own(u8),
    /// The services' figures.
    Dashboard,
    /// The tables.
    Schema,
    /// What is supported of a language.
    Help(Language),
}

impl Place {
    /// How many phases there are.
    pub const PHASES: u8 = 9;
    /// How many pages of one's own there may be.
    pub const OWN_PAGES: u8 = 9;

    /// The panels of a lesson page; of no other place are there any, but for the playground's
    /// own, which is no panel of a page.
    pub fn panels(self) -> Range<PanelId> {
        let page = match self {
            Self::Phase(number) => u32::from(number),
            Self::Own(number) => 100 + u32::from(number),
            Self::Playground | Self::Course | Self::Dashboard | Self::Schema | Self::Help(_) => {
                return PanelId(1)..PanelId(1);
            }
        };
        PanelId(10_000 * (page + 1))..PanelId(10_000 * (page + 2))
    }

    /// The fragment of the page's address, with its `#`.
    pub fn fragment(self) -> String {
        match self {
            Self::Playground => "#/playground".into(),
            Self::Course => "#/course".into(),
            Self::Phase(number) => format!("#/phase/{number}"),
            Self::Own(number) => format!("#/own/{number}"),
            Self::Dashboard => "#/dashboard".into(),
            Self::Schema => "#/schema".into(),
            Self::Help(language) => format!("#/help/{}", language.name()),
        }
    }

    /// The place of a fragment; whatever is none is the playground.
    pub fn from_fragment(fragment: &str) -> Self {
        let path = fragment.trim_start_matches("#/");
        let (word, rest) = path.split_once('/').unwrap_or((path, ""));
        let numbered = |most: u8| {
            let number = rest.parse().ok();
            number.filter(|number| (1..=most).contains(number))
        };
        let found = match word {
            "course" => Some(Self::Course),
            "phase" => numbered(Self::PHASES).map(Self::Phase),
            "own" => numbered(Self::OWN_PAGES).map(Self::Own),
            "dashboard" => Some(Self::Dashboard),
            "schema" => Some(Self::Schema),
            "help" => Some(Self::Help(Language::from_name(rest).unwrap_or_default())),
            _ => None,
        };
        found.unwrap_or_default()
    }
}

/// An address of the page: a place, and in the playground what its editor is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Where.
    pub place: Place,
    /// The playground's language, where the address names one.
    pub language: Option<Language>,
    /// A text for the playground's editor, packed as `static/script/link.js` packs it.
    pub packed: Option<Rc<str>>,
}

impl Address {
    /// A place; of the playground, with its editor for a language.
    pub fn new(place: Place, language: Language) -> Self {
        Self {
            place,
            language: (place == Place::Playground).then_some(language),
            packed: None,
        }
    }

    /// The fragment of the page's address, with its `#`.
    pub fn fragment(&self) -> String {
        let mut fragment = self.place.fragment();
        for part in [self.language.map(Language::name), self.packed.as_deref()]
            .into_iter()
            .flatten()
        {
            fragment.push('/');
            fragment.push_str(part);
        }
        fragment
    }

    /// The address of a fragment: `#/playground/sql/eJw...`.
    pub fn from_fragment(fragment: &str) -> Self {
        let place = Place::from_fragment(fragment);
        let mut address = Self {
            place,
            ..Self::default()
        };
        if let Some(rest) = fragment.strip_prefix("#/playground/") {
            let (language, packed) = rest.split_once('/').unwrap_or((rest, ""));
            address.language = Language::from_name(language);
            if address.language.is_some() && !packed.is_empty() {
                address.packed = Some(packed.into());
            }
        }
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_by_its_address() {
        for place in [
            Place::Playground,
            Place::Course,
            Place::Phase(1),
            Place::Phase(9),
            Place::Own(1),
            Place::Own(9),
            Place::Dashboard,
            Place::Schema,
            Place::Help(Language::Sql),
            Place::Help(Language::Django),
        ] {
            assert_eq!(Place::from_fragment(&place.fragment()), place);
            for language in Language::ALL {
                let address = Address::new(place, language);
                assert_eq!(Address::from_fragment(&address.fragment()), address);
            }
        }
    }

    #[test]
    fn unknown_addresses_lead_to_the_playground() {
        for fragment in [
            "",
            "#",
            "#/",
            "#/phase/0",
            "#/phase/10",
            "#/phase/x",
            "#/own/0",
            "#/own/10",
            "#/nowhere",
        ] {
            assert_eq!(
                Place::from_fragment(fragment),
                Place::Playground,
                "{fragment}"
            );
        }
    }

    #[test]
    fn an_address_of_the_playground_names_language_and_text() {
        let address = Address::from_fragment("#/playground/django/eJw_-9");
        assert_eq!(address.language, Some(Language::Django));
        assert_eq!(address.packed.as_deref(), Some("eJw_-9"));
        assert_eq!(address.fragment(), "#/playground/django/eJw_-9");
        let bare = Address::from_fragment("#/playground");
        assert_eq!((bare.language, bare.packed), (None, None));
        assert_eq!(Address::from_fragment("#/playground/cobol/x").packed, None);
    }
}
