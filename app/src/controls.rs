//! How much of the page is shown round the photo, for frames on other pages and for lessons.

use crate::words::Language;

/// How much of the page is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Controls {
    /// The photo with its result.
    None,
    /// The photo, what was found, its sliders, the stages if they are open: no choice of task, system or photo.
    Few,
    /// Everything.
    #[default]
    All,
}

impl Controls {
    /// All, from the fewest.
    pub const ALL: [Self; 3] = [Self::None, Self::Few, Self::All];

    /// The word for it in the address.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Few => "few",
            Self::All => "all",
        }
    }

    /// The inverse of [`Controls::key`].
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.key() == key)
    }

    /// Whether the visitor chooses task, system and photo, saves files and moves the network.
    #[must_use]
    pub const fn has_choices(self) -> bool {
        matches!(self, Self::All)
    }

    /// Whether there is a panel: what was found, sliders, the open stage in words.
    #[must_use]
    pub const fn has_panel(self) -> bool {
        !matches!(self, Self::None)
    }

    /// The language of the page: that which was asked for, where the page has it.
    ///
    /// # Arguments
    /// * `has_figure` - whether a figure is open.
    #[must_use]
    pub const fn language(self, asked: Language, has_figure: bool) -> Language {
        if self.has_choices() || has_figure { Language::English } else { asked }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_one_each() {
        for controls in Controls::ALL {
            assert_eq!(Controls::from_key(controls.key()), Some(controls));
        }
        assert_eq!(Controls::from_key("some"), None);
    }

    #[test]
    fn more_controls_show_more() {
        let shown = Controls::ALL.map(|it| u8::from(it.has_panel()) + u8::from(it.has_choices()));
        assert_eq!(shown, [0, 1, 2]);
    }

    #[test]
    fn the_whole_page_and_figures_are_in_english() {
        let language = |controls: Controls, has_figure| controls.language(Language::German, has_figure).key();
        assert_eq!(Controls::ALL.map(|it| language(it, false)), ["de", "de", "en"]);
        assert_eq!(Controls::ALL.map(|it| language(it, true)), ["en"; 3]);
    }
}
