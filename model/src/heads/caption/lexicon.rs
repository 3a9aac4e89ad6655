//! What the words of a model's vocabulary mean: nouns of COCO's categories, words of number, colours.

use std::collections::BTreeMap;

use crate::structures::nouns::{Noun, Nouns, Number};

/// How many things a word in front of a noun speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Determiner {
    /// "a", "one"
    One,
    /// "two"
    Exactly(usize),
    /// "several", "a group of": at least so many.
    AtLeast(usize),
    /// "the": any number, and perhaps of what was named before.
    Any,
}

#[rustfmt::skip]
const DETERMINERS: [(&str, Determiner); 42] = {
    use Determiner::{Any, AtLeast, Exactly, One};
    [
        ("a", One), ("an", One), ("one", One), ("another", One), ("each", One), ("single", One), ("lone", One),
        ("two", Exactly(2)), ("both", Exactly(2)), ("couple", Exactly(2)), ("pair", Exactly(2)), ("three", Exactly(3)),
        ("trio", Exactly(3)), ("four", Exactly(4)), ("five", Exactly(5)), ("six", Exactly(6)), ("seven", Exactly(7)),
        ("eight", Exactly(8)), ("nine", Exactly(9)), ("ten", Exactly(10)), ("some", AtLeast(2)), ("several", AtLeast(3)),
        ("many", AtLeast(4)), ("multiple", AtLeast(2)), ("few", AtLeast(2)), ("group", AtLeast(3)), ("bunch", AtLeast(3)),
        ("crowd", AtLeast(4)), ("team", AtLeast(2)), ("herd", AtLeast(3)), ("flock", AtLeast(3)), ("pack", AtLeast(3)),
        ("row", AtLeast(3)), ("line", AtLeast(3)), ("the", Any), ("his", Any), ("her", Any), ("their", Any), ("its", Any),
        ("other", Any), ("this", Any), ("that", Any),
    ]
};

/// Words that no noun phrase reaches back over.
const BEFORE_A_PHRASE: [&str; 44] = [
    "in", "on", "at", "with", "by", "near", "over", "under", "through", "is", "are", "and", "wearing", "holding", "to",
    "from", "next", "front", "behind", "beside", "across", "along", "around", "into", "onto", "towards", "toward",
    "while", "as", "for", "off", "up", "down", "sitting", "standing", "playing", "riding", "running", "walking", "has",
    "have", "carrying", "looking", "against",
];

/// Words of colour.
const COLOURS: [&str; 22] = [
    "red", "blue", "green", "yellow", "orange", "black", "white", "brown", "pink", "purple", "grey", "gray", "tan",
    "blond", "blonde", "silver", "golden", "gold", "beige", "maroon", "dark", "tabby",
];

/// Words that a noun phrase may reach back over, from its noun to its word of number.
const LONGEST_PHRASE: usize = 5;

/// The meanings of a vocabulary.
#[derive(Clone, Debug)]
pub struct Lexicon {
    nouns: Nouns,
    numbers: BTreeMap<String, usize>,
    /// Of each word by itself.
    meanings: Vec<Option<Noun>>,
    /// Whether each word may be the last of a noun of several words.
    ends_compound: Vec<bool>,
    /// The words that are nouns by themselves.
    single_nouns: Vec<(usize, Noun)>,
    /// The words that are colours.
    colours: Vec<usize>,
}

impl Lexicon {
    /// The meanings of some words.
    #[must_use]
    pub fn of(words: &[String]) -> Self {
        let nouns = Nouns::of_coco();
        let lasts = nouns.last_words_of_compounds();
        let meanings: Vec<Option<Noun>> = words.iter().map(|word| nouns.meaning(word)).collect();
        Self {
            numbers: words.iter().enumerate().map(|(number, word)| (word.clone(), number)).collect(),
            single_nouns: meanings.iter().enumerate().filter_map(|(word, noun)| Some((word, (*noun)?))).collect(),
            ends_compound: words.iter().map(|word| lasts.contains(word.as_str())).collect(),
            colours: (0..words.len()).filter(|&word| COLOURS.contains(&words[word].as_str())).collect(),
            meanings,
            nouns,
        }
    }

    /// The list of nouns.
    #[must_use]
    pub const fn nouns(&self) -> &Nouns {
        &self.nouns
    }

    /// The number of a word; `None` when the vocabulary lacks it.
    #[must_use]
    pub fn number(&self, word: &str) -> Option<usize> {
        self.numbers.get(word).copied()
    }

    /// The words that are colours.
    #[must_use]
    pub fn colours(&self) -> &[usize] {
        &self.colours
    }

    /// The words that are nouns by themselves, with their meanings.
    #[must_use]
    pub fn single_nouns(&self) -> &[(usize, Noun)] {
        &self.single_nouns
    }

    /// What a word means behind others: "dog" behind "hot" is food. `None` where it is no noun of the list.
    #[must_use]
    pub fn meaning_behind(&self, before: &[&str], word: usize, text: &str) -> Option<Noun> {
        if self.ends_compound[word] {
            let words: Vec<&str> = before[before.len().saturating_sub(3)..].iter().copied().chain([text]).collect();
            for from in 0..words.len() - 1 {
                if let Some(meaning) = self.nouns.entry(&words[from..].join(" ")) {
                    return meaning;
                }
            }
        }
        self.meanings[word]
    }

    /// The word of number that belongs to a noun behind some words; `None` where the noun phrase has none.
    #[must_use]
    pub fn determiner(&self, before: &[&str]) -> Option<Determiner> {
        let mut back = before.iter().rev().take(LONGEST_PHRASE).peekable();
        while let Some(word) = back.next() {
            let known = DETERMINERS.iter().find(|it| it.0 == *word).map(|it| it.1);
            match known {
                Some(Determiner::AtLeast(_) | Determiner::Exactly(_) | Determiner::One | Determiner::Any) => {
                    return known;
                }
                // "a group of people", but not "in front of people".
                None if *word == "of" => {
                    let collective = back.peek().and_then(|it| DETERMINERS.iter().find(|known| known.0 == **it));
                    return collective.map(|it| it.1).filter(|it| !matches!(it, Determiner::One | Determiner::Any));
                }
                // "black and white" is one phrase.
                None if *word == "and" && back.peek().is_some_and(|it| COLOURS.contains(*it)) => {}
                None if BEFORE_A_PHRASE.contains(word) => return None,
                None => {}
            }
        }
        None
    }

    /// The number of things that a word in front of a noun asks for; 1 for other words.
    #[must_use]
    pub fn asks_for(word: &str) -> usize {
        match DETERMINERS.iter().find(|it| it.0 == word).map(|it| it.1) {
            Some(Determiner::Exactly(count) | Determiner::AtLeast(count)) => count,
            _ => 1,
        }
    }

    /// Whether a word stands in front of a noun and its adjectives.
    #[must_use]
    pub fn is_determiner(word: &str) -> bool {
        DETERMINERS.iter().any(|it| it.0 == word)
    }

    /// Whether a word may begin a noun phrase about one thing.
    #[must_use]
    pub fn begins_one(word: &str) -> bool {
        DETERMINERS.iter().any(|it| it.0 == word && matches!(it.1, Determiner::One | Determiner::Any))
    }

    /// Whether a noun phrase may begin behind some words.
    #[must_use]
    pub fn may_begin_phrase(&self, before: &[&str]) -> bool {
        before.last().is_none_or(|last| BEFORE_A_PHRASE.contains(last) || *last == "of")
    }
}

/// The word of number for so many things; "some" for more than the vocabulary counts.
#[must_use]
pub const fn count_word(count: usize) -> &'static str {
    match count {
        0 | 1 => "a",
        2 => "two",
        3 => "three",
        4 => "four",
        _ => "several",
    }
}

impl Determiner {
    /// How many things a noun behind it speaks of, where a photo holds between `least` and `most`; `None` where they do
    /// not go together.
    ///
    /// # Arguments
    /// * `determiner` - `None` where the noun has none.
    /// * `number` - of the noun.
    #[must_use]
    pub fn count(determiner: Option<Self>, number: Number, least: usize, most: usize) -> Option<usize> {
        let fits = |count: usize| (count <= most).then_some(count);
        let number = match (number, determiner) {
            (Number::Either, Some(Self::One)) => Number::One,
            (Number::Either, Some(Self::Exactly(_) | Self::AtLeast(_))) => Number::Several,
            (Number::Either, _) => {
                if most < 2 {
                    Number::One
                } else {
                    Number::Several
                }
            }
            (number, _) => number,
        };
        match (number, determiner) {
            (Number::One, None | Some(Self::One | Self::Any)) => fits(1),
            (Number::One, _) | (_, Some(Self::One)) => None,
            (_, Some(Self::Exactly(count))) => fits(count).filter(|&count| count >= least),
            (_, Some(Self::AtLeast(count))) => (most >= count).then_some(most),
            (_, None | Some(Self::Any)) => (most >= 2).then_some(most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        let words = ["(end)", "(rare)", "a", "dog", "dogs", "hot", "two", "animal", "red"];
        Lexicon::of(&words.map(str::to_owned))
    }

    #[test]
    fn a_noun_may_mean_something_else_behind_another_word() {
        let lexicon = lexicon();
        let class = |before: &[&str]| lexicon.meaning_behind(before, 3, "dog").and_then(|it| it.class);
        assert_eq!((class(&["a"]), class(&["a", "hot"])), (Some(18), Some(58)));
        assert_eq!(lexicon.meaning_behind(&[], 2, "a"), None);
        assert_eq!(lexicon.single_nouns().iter().map(|it| it.0).collect::<Vec<_>>(), [3, 4, 7]);
        assert_eq!((lexicon.number("two"), lexicon.number("cat")), (Some(6), None));
        assert_eq!(lexicon.colours(), [8]);
    }

    #[test]
    fn words_of_number_are_found_in_front_of_adjectives_and_of() {
        let lexicon = lexicon();
        let of = |text: &str| lexicon.determiner(&text.split(' ').collect::<Vec<_>>());
        assert_eq!(of("a black and white"), Some(Determiner::One));
        assert_eq!(of("two small"), Some(Determiner::Exactly(2)));
        assert_eq!(of("a group of"), Some(Determiner::AtLeast(3)));
        assert_eq!(of("a man in front of"), None);
        assert_eq!(of("two dogs and"), None);
        assert!(lexicon.may_begin_phrase(&[]) && lexicon.may_begin_phrase(&["a", "dog", "and"]));
        assert!(!lexicon.may_begin_phrase(&["a"]));
    }

    #[test]
    fn counts_follow_what_is_there() {
        let count = |determiner, number| Determiner::count(determiner, number, 2, 3);
        assert_eq!(count(Some(Determiner::One), Number::One), Some(1));
        assert_eq!(count(Some(Determiner::One), Number::Several), None);
        assert_eq!(count(Some(Determiner::Exactly(2)), Number::One), None);
        assert_eq!(count(Some(Determiner::Exactly(2)), Number::Several), Some(2));
        assert_eq!(count(Some(Determiner::Exactly(4)), Number::Several), None);
        assert_eq!(count(Some(Determiner::AtLeast(3)), Number::Several), Some(3));
        assert_eq!(Determiner::count(None, Number::Several, 1, 1), None);
        assert_eq!(count(Some(Determiner::Exactly(3)), Number::Either), Some(3));
        assert_eq!(Determiner::count(None, Number::Either, 1, 1), Some(1));
    }
}
