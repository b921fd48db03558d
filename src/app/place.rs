//! The places of the page and their addresses.

/// What the work area shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Editor and result.
    #[default]
    Playground,
    /// A phase of the course, from 1.
    Phase(u8),
    /// The services' figures.
    Dashboard,
    /// The tables.
    Schema,
}

impl Place {
    /// How many phases there are.
    pub const PHASES: u8 = 9;

    /// The fragment of the page's address, with its `#`.
    pub fn fragment(self) -> String {
        match self {
            Self::Playground => "#/playground".into(),
            Self::Phase(number) => format!("#/phase/{number}"),
            Self::Dashboard => "#/dashboard".into(),
            Self::Schema => "#/schema".into(),
        }
    }

    /// The place of a fragment; whatever is none is the playground.
    pub fn from_fragment(fragment: &str) -> Self {
        match fragment.trim_start_matches("#/") {
            "dashboard" => Self::Dashboard,
            "schema" => Self::Schema,
            other => other
                .strip_prefix("phase/")
                .and_then(|number| number.parse().ok())
                .filter(|number| (1..=Self::PHASES).contains(number))
                .map_or(Self::Playground, Self::Phase),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_by_its_address() {
        for place in [
            Place::Playground,
            Place::Phase(1),
            Place::Phase(9),
            Place::Dashboard,
            Place::Schema,
        ] {
            assert_eq!(Place::from_fragment(&place.fragment()), place);
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
            "#/nowhere",
        ] {
            assert_eq!(
                Place::from_fragment(fragment),
                Place::Playground,
                "{fragment}"
            );
        }
    }
}
