//! Nouns that name COCO's categories in sentences.

use std::collections::{BTreeMap, BTreeSet};

use super::classes::COCO;

/// How many of a thing a noun speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Number {
    /// "a dog"
    One,
    /// "dogs"
    Several,
    /// "sheep"
    Either,
}

/// What a noun means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noun {
    /// COCO category id; `None` for nouns that mean one of the group without saying which ("animal").
    pub class: Option<u16>,
    /// Index of the group of like categories that it belongs to.
    pub group: usize,
    /// How many it speaks of.
    pub number: Number,
    /// Whether it names its category wherever it stands: "orange" is more often a colour.
    pub counts: bool,
}

/// A noun in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Its first word.
    pub from: usize,
    /// How many words it has.
    pub words: usize,
    /// What it means.
    pub noun: Noun,
}

/// What a sentence calls a category by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Of one.
    pub singular: String,
    /// Of several.
    pub plural: String,
    /// Index of the category's group.
    pub group: usize,
}

/// What is known of a group of like categories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Whether its things do something: "a train is standing".
    pub moves: bool,
    /// Whether its things have a body: "a dog is running".
    pub lives: bool,
    /// Whether a thing can be in one of them: "in a car".
    pub holds: bool,
    /// Whether people wear them: "wearing a tie".
    pub worn: bool,
}

/// The nouns of `nouns.txt`.
#[derive(Clone, Debug)]
pub struct Nouns {
    /// By their words, joined by spaces; `None` for compounds that name nothing.
    meanings: BTreeMap<String, Option<Noun>>,
    names: BTreeMap<u16, Name>,
    groups: Vec<Group>,
    /// Words of the longest noun.
    longest: usize,
}

impl Nouns {
    /// The list that is part of this crate; `nouns.txt` says how it is written.
    ///
    /// # Panics
    /// Never on the list as it is: a test reads it.
    #[must_use]
    pub fn of_coco() -> Self {
        let mut nouns = Self { meanings: BTreeMap::new(), names: BTreeMap::new(), groups: vec![], longest: 1 };
        let lines = include_str!("nouns.txt").lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if line.starts_with('[') {
                let says = |word| line.contains(word);
                let [moves, lives, holds, worn] = ["moves", "lives", "holds", "worn"].map(says);
                nouns.groups.push(Group { moves, lives, holds, worn });
            } else if let Some(list) = line.strip_prefix('~') {
                nouns.add(list, None);
            } else if let Some(list) = line.strip_prefix('-') {
                for compound in list.split(',').map(str::trim) {
                    nouns.meanings.insert(compound.into(), None);
                    nouns.meanings.insert(plural(compound), None);
                }
            } else {
                let (category, list) = line.split_once(':').expect("every other line is of a category");
                let class = COCO.iter().find(|it| it.1 == category).expect("categories have COCO's names").0;
                nouns.add(if list.trim().is_empty() { category } else { list }, Some(class));
            }
        }
        nouns.longest = nouns.meanings.keys().map(|noun| noun.split(' ').count()).max().unwrap_or(1);
        nouns
    }

    /// Adds nouns of the last group.
    fn add(&mut self, list: &str, class: Option<u16>) {
        let group = self.groups.len().saturating_sub(1);
        for entry in list.split(',').map(str::trim) {
            let (one, several) = match entry.split_once('/') {
                Some((one, several)) => (one.to_owned(), several.to_owned()),
                None => (entry.to_owned(), plural(entry)),
            };
            let bare = |noun: &str| noun.trim_matches(['(', ')']).to_owned();
            for (noun, number) in [(&one, Number::One), (&several, Number::Several)] {
                let number = if one == several { Number::Either } else { number };
                let meaning = Noun { class, group, number, counts: !noun.starts_with('(') };
                self.meanings.insert(bare(noun), Some(meaning));
            }
            if let Some(class) = class {
                let name = || Name { singular: bare(&one), plural: bare(&several), group };
                self.names.entry(class).or_insert_with(name);
            }
        }
    }

    /// What a word, or several joined by spaces, means; `None` for what is no noun of the list.
    #[must_use]
    pub fn meaning(&self, noun: &str) -> Option<Noun> {
        self.entry(noun).flatten()
    }

    /// As [`Nouns::meaning`], but `Some(None)` for compounds that are in the list and name nothing.
    #[must_use]
    pub fn entry(&self, noun: &str) -> Option<Option<Noun>> {
        self.meanings.get(noun).copied()
    }

    /// The last words of nouns of several words.
    #[must_use]
    pub fn last_words_of_compounds(&self) -> BTreeSet<&str> {
        self.meanings.keys().filter_map(|noun| Some(noun.rsplit_once(' ')?.1)).collect()
    }

    /// What is known of a group.
    #[must_use]
    pub fn group(&self, group: usize) -> Group {
        self.groups.get(group).copied().unwrap_or_default()
    }

    /// What a sentence calls a category by itself; `None` for an id that COCO does not have.
    #[must_use]
    pub fn name(&self, class: u16) -> Option<&Name> {
        self.names.get(&class)
    }

    /// The nouns of a sentence, in their order; of nouns that begin at one word the longest.
    ///
    /// # Arguments
    /// * `words` - in lower case, without punctuation.
    #[must_use]
    pub fn mentions<S: AsRef<str>>(&self, words: &[S]) -> Vec<Mention> {
        let (mut found, mut at) = (Vec::new(), 0);
        while at < words.len() {
            let longest = self.longest.min(words.len() - at);
            let entry = (1..=longest).rev().find_map(|length| {
                let noun = words[at..at + length].iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" ");
                self.meanings.get(&noun).map(|&meaning| (length, meaning))
            });
            let Some((words, meaning)) = entry else {
                at += 1;
                continue;
            };
            found.extend(meaning.map(|noun| Mention { from: at, words, noun }));
            at += words;
        }
        found
    }
}

/// The regular plural of a noun.
fn plural(noun: &str) -> String {
    let before_last = noun.chars().rev().nth(1);
    if ["s", "x", "ch", "sh"].iter().any(|ending| noun.ends_with(ending)) {
        format!("{noun}es")
    } else if noun.ends_with('y') && before_last.is_some_and(|letter| !"aeiou".contains(letter)) {
        format!("{}ies", &noun[..noun.len() - 1])
    } else {
        format!("{noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(sentence: &str) -> Vec<u16> {
        let words: Vec<&str> = sentence.split(' ').collect();
        Nouns::of_coco().mentions(&words).into_iter().filter_map(|it| it.noun.class).collect()
    }

    #[test]
    fn every_category_has_a_name() {
        let nouns = Nouns::of_coco();
        assert!(COCO.iter().all(|&(id, _)| nouns.name(id).is_some()));
        let plurals =
            [(1, "people"), (11, "fire hydrants"), (20, "sheep"), (15, "benches"), (49, "knives"), (74, "mice")];
        for (class, plural) in plurals {
            assert_eq!(nouns.name(class).map(|it| it.plural.as_str()), Some(plural));
        }
        assert_eq!(nouns.name(67).map(|it| it.singular.as_str()), Some("table"));
        assert_eq!(nouns.name(12), None);
        let animals = [16, 17, 18, 25].map(|class| nouns.name(class).map(|it| it.group));
        let group = |class| nouns.name(class).map(|it| nouns.group(it.group)).unwrap_or_default();
        assert_eq!(group(7), Group { moves: true, holds: true, ..Group::default() });
        assert_eq!(group(67), Group { holds: true, ..Group::default() });
        assert_eq!(group(37), Group::default());
        assert!(animals.iter().all(|group| *group == animals[0]) && animals[0] != nouns.name(1).map(|it| it.group));
    }

    #[test]
    fn the_longest_noun_counts_and_compounds_may_name_nothing() {
        assert_eq!(classes("a man eats a hot dog beside two dogs and a teddy bear"), [1, 58, 18, 88]);
        assert_eq!(classes("people wait at the bus stop for a bus"), [1, 6]);
        assert_eq!(classes("the puppies play with ponies"), [18, 19]);
    }

    #[test]
    fn number_and_doubtful_nouns() {
        let nouns = Nouns::of_coco();
        let number = |noun: &str| nouns.meaning(noun).map(|it| (it.number, it.counts));
        assert_eq!(number("men"), Some((Number::Several, true)));
        assert_eq!(number("sheep"), Some((Number::Either, true)));
        assert_eq!(number("orange"), Some((Number::One, false)));
        assert_eq!(number("oranges"), Some((Number::Several, true)));
        assert_eq!(nouns.meaning("animals").map(|it| it.class), Some(None));
        assert_eq!(nouns.meaning("bus stop"), None);
    }
}
