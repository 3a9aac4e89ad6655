//! Light or dark: as the system says, unless the visitor has chosen.

use crate::storage::{keep, stored};

/// The key in `localStorage`.
const STORED: &str = "lookout-theme";

/// What the visitor has chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says (`prefers-color-scheme`).
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The word for it in the address and in the attribute `data-theme`; none for the system's.
    #[must_use]
    pub const fn key(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// The theme that a word names; the system's for anything else.
    #[must_use]
    pub fn from_key(key: &str) -> Self {
        [Self::Light, Self::Dark].into_iter().find(|it| it.key() == Some(key)).unwrap_or_default()
    }

    /// Whether the page is dark under this choice.
    ///
    /// # Arguments
    /// * `system_dark` - what the system says.
    #[must_use]
    pub const fn is_dark(self, system_dark: bool) -> bool {
        match self {
            Self::System => system_dark,
            Self::Light => false,
            Self::Dark => true,
        }
    }

    /// The choice after a press on the toggle: the other look; back to the system's where that is the other look.
    #[must_use]
    pub const fn toggled(self, system_dark: bool) -> Self {
        match (self.is_dark(system_dark), system_dark) {
            (true, true) => Self::Light,
            (false, false) => Self::Dark,
            (true, false) | (false, true) => Self::System,
        }
    }

    /// Keeps the choice for later visits; where the browser keeps nothing, each visit begins as the system says.
    pub fn remember(self) {
        keep(STORED, self.key());
    }

    /// The choice of an earlier visit.
    #[must_use]
    pub fn remembered() -> Self {
        stored(STORED).map_or(Self::System, |key| Self::from_key(&key))
    }

    /// Puts the choice on the document, where the style sheet reads it.
    pub fn apply(self) {
        let Some(root) = leptos::prelude::document().document_element() else { return };
        let done = match self.key() {
            Some(key) => root.set_attribute("data-theme", key),
            None => root.remove_attribute("data-theme"),
        };
        done.expect("`data-theme` is a valid attribute name");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toggle_always_changes_the_look_and_returns() {
        for system_dark in [false, true] {
            let mut theme = Theme::System;
            for _ in 0..4 {
                let next = theme.toggled(system_dark);
                assert_ne!(next.is_dark(system_dark), theme.is_dark(system_dark));
                theme = next;
            }
            assert_eq!(theme, Theme::System);
        }
    }
}
