//! What a frame with few controls or none says, in each of its languages: the one place for it.
//!
//! Both languages of a phrase stand beside each other, so that none is forgotten. Phrases are functions, and the language is a
//! signal: a view that holds a [`Phrase`] follows it, and a sentence is in the language of the moment in which it is made.
//! Everything else on the page is in English, and marked so where a frame in another language shows it.

pub mod classes;
pub mod controls;
pub mod faults;
pub mod lists;
pub mod numbers;
pub mod photos;
pub mod progress;
pub mod results;

use std::cell::Cell;

use leptos::prelude::*;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, the language of the whole page.
    #[default]
    English,
    /// German, for frames with few controls or none.
    German,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its tag in the address and in HTML.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The language of a tag such as `de` or `de-AT`; `None` for one that the page does not have.
    #[must_use]
    pub fn from_key(tag: &str) -> Option<Self> {
        let main = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|it| it.key().eq_ignore_ascii_case(main))
    }
}

/// What is said in the language of the moment. A type of its own for all phrases, so that views are compiled once for it.
pub type Phrase = fn() -> &'static str;

thread_local! {
    static LANGUAGE: ArcRwSignal<Language> = ArcRwSignal::new(Language::default());
    static FOR_A_WHILE: Cell<Option<Language>> = const { Cell::new(None) };
}

/// The language of the moment; views and effects that read it follow it.
pub fn language() -> Language {
    FOR_A_WHILE.get().unwrap_or_else(|| LANGUAGE.with(|language| language.get()))
}

/// Chooses the language of everything that is said from now on.
pub fn set_language(language: Language) {
    LANGUAGE.with(|signal| {
        if signal.get_untracked() != language {
            signal.set(language);
        }
    });
}

/// What a function says in one language, whatever that of the moment is.
pub fn in_language<T>(language: Language, say: impl FnOnce() -> T) -> T {
    let before = FOR_A_WHILE.replace(Some(language));
    let said = say();
    FOR_A_WHILE.set(before);
    said
}

/// What a function says in English: for parts of the page that are in English as a whole.
pub fn in_english<T>(say: impl FnOnce() -> T) -> T {
    in_language(Language::English, say)
}

/// One of the languages of a phrase.
pub fn say(english: &'static str, german: &'static str) -> &'static str {
    match language() {
        Language::English => english,
        Language::German => german,
    }
}

/// The tag of the language of the moment.
pub const LANG: Phrase = || language().key();

/// One of the languages of a sentence, with the values that its braces name.
macro_rules! tell {
    ($english:literal, $german:literal $(,)?) => {
        match $crate::words::language() {
            $crate::words::Language::English => format!($english),
            $crate::words::Language::German => format!($german),
        }
    };
}
pub(crate) use tell;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_languages_and_their_countries() {
        for language in Language::ALL {
            assert_eq!(Language::from_key(language.key()), Some(language));
        }
        assert_eq!(
            (Language::from_key("de-AT"), Language::from_key("DE")),
            (Some(Language::German), Some(Language::German))
        );
        assert_eq!((Language::from_key("fr"), Language::from_key("")), (None, None));
    }

    #[test]
    fn a_part_in_another_language_changes_nothing_round_it() {
        let word = || say("horse", "Pferd");
        assert_eq!((word(), LANG()), ("horse", "en"));
        assert_eq!(in_language(Language::German, || (word(), in_english(word), word())), ("Pferd", "horse", "Pferd"));
        assert_eq!(word(), "horse");
        set_language(Language::German);
        assert_eq!((word(), in_english(word), LANG()), ("Pferd", "horse", "de"));
        let count = 3;
        assert_eq!(tell!("{count} horses", "{count} Pferde"), "3 Pferde");
    }

    /// What shows before the page's module is there has its German in `frame.js`, by the English sentences.
    #[test]
    fn the_sentences_of_the_start_have_their_german() {
        let frame = include_str!("../../www/frame.js");
        let others = [include_str!("../../www/boot.js"), include_str!("../../www/index.html"), frame];
        let table = frame.split_once("const GERMAN = {").and_then(|it| it.1.split_once("};"));
        let table = table.expect("the table").0;
        let rows = table.lines().map(str::trim).filter(|it| it.starts_with('\''));
        let keys: Vec<&str> = rows.filter_map(|row| row.split('\'').nth(1)).collect();
        assert!(keys.len() >= 8, "{keys:?}");
        for key in keys {
            let outside = others
                .iter()
                .map(|it| it.replace(table, ""))
                .any(|it| it.contains(key) || it.contains(&key.replace("Lookout", "${title}")));
            assert!(outside, "nobody says: {key}");
        }
    }
}
