//! Which words may come next in a sentence that names what a detector sees: slots that detections fill (Lu et al. 2018,
//! "Neural Baby Talk") in a search that is held to them (Anderson et al. 2017, "Guided Open Vocabulary Image Captioning with
//! Constrained Beam Search").
//!
//! A noun of a category that no detection bears out is never said. What the language model gives to such nouns goes to the
//! like categories that are there, so that "two dogs" becomes "two giraffes" where its vocabulary has no giraffe.

use super::{
    END, RARE,
    grounding::{Grounding, Thing},
    lexicon::{Determiner, Lexicon, count_word},
};
use crate::structures::{
    classes::PERSON,
    nouns::{Noun, Number},
};

/// Of the likeliest words so many are looked at, lest those that may not be said leave too few.
const LOOKED_AT: usize = 24;
/// The least part of what all nouns have that a category which should be named gets: the language model may never have seen
/// such a thing, the detector has.
const FLOOR: f32 = 0.1;
/// A colour is said where it has at least this share of what all colours have.
const COLOUR_SHARE: f32 = 0.4;
/// Words that lead on to what has not been named yet.
const LEADING_ON: [&str; 5] = ["and", "with", "on", "near", "next"];
/// Words that a noun in the plural may follow without a word of number.
const BEFORE_PLURALS: [&str; 4] = ["and", "with", "of", "near"];
/// No other word comes again in a sentence.
const OFTEN: [&str; 14] =
    ["a", "an", "the", "in", "on", "of", "and", "with", "to", "is", "his", "her", "another", "other"];
/// What only people and animals do: the language model has seen few sentences about anything else, and lets airplanes walk.
#[rustfmt::skip]
const OF_BODIES: [&str; 26] = [
    "climbing", "climbs", "dancing", "eating", "eats", "holding", "holds", "jumping", "jumps", "leaping", "leaps", "looking",
    "looks", "playing", "plays", "riding", "rides", "running", "runs", "smiling", "swimming", "swims", "walking", "walks",
    "wearing", "wears",
];
/// What only people are.
const OF_PEOPLE: [&str; 6] = ["haired", "shirtless", "barefoot", "bearded", "elderly", "teenage"];
/// A region is named after at most so many words.
const BEFORE_A_REGION: usize = 3;

/// What a word names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naming {
    /// Index of the thing.
    pub thing: usize,
    /// How many of it, 0 for what was named before.
    pub count: usize,
}

/// A word that may come next.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What is said; empty for the end of the sentence. Several words where a category is called so.
    pub text: String,
    /// The word that the language model is told of: this one, or where it does not know it the likeliest like one.
    pub fed: usize,
    /// How likely it is.
    pub probability: f32,
    /// What it names.
    pub naming: Option<Naming>,
}

/// A sentence so far, and what may be said in it.
#[derive(Clone, Copy)]
pub struct Prefix<'a> {
    /// The words of the vocabulary.
    pub words: &'a [String],
    /// Their meanings.
    pub lexicon: &'a Lexicon,
    /// What was said.
    pub said: &'a [&'a str],
    /// What may be named; `None` where anything may.
    pub grounding: Option<&'a Grounding>,
    /// How many of each thing were named.
    pub used: &'a [usize],
    /// Whether the last word names something.
    pub after_noun: bool,
    /// The probability of each word.
    pub chances: &'a [f32],
}

/// What the nouns of some categories have together.
#[derive(Clone, Copy, Debug, Default)]
struct Mass {
    sum: f32,
    /// The likeliest of them.
    best: Option<(usize, f32)>,
}

impl Mass {
    fn add(&mut self, word: usize, chance: f32) {
        self.sum += chance;
        if self.best.is_none_or(|best| chance > best.1) {
            self.best = Some((word, chance));
        }
    }
}

impl Prefix<'_> {
    /// The words that may come next, likeliest first.
    ///
    /// # Arguments
    /// * `width` - of the language model's own words so many are returned, beside what detections ask for.
    #[must_use]
    pub fn choices(&self, width: usize) -> Vec<Choice> {
        let mut choices = Vec::new();
        for word in likeliest(self.chances, LOOKED_AT.max(width)) {
            choices.extend(self.choice(word));
            if choices.len() == width {
                break;
            }
        }
        if let Some(grounding) = self.grounding {
            // However unlikely the end is, it may be all that is left.
            if self.after_noun && self.says_no_more(grounding) && choices.iter().all(|it| it.fed != END) {
                choices.extend(self.choice(END));
            }
            for word in self.leading_on(grounding) {
                if choices.iter().all(|it: &Choice| it.fed != word) {
                    choices.extend(self.choice(word));
                }
            }
            for (index, thing) in grounding.things.iter().enumerate() {
                for number in [Number::One, Number::Several] {
                    let Some(slot) = self.slot(grounding, index, thing, number) else { continue };
                    match choices.iter_mut().find(|it| it.text == slot.text) {
                        Some(known) => *known = slot,
                        None => choices.push(slot),
                    }
                }
            }
        }
        choices.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        choices
    }

    /// A word of the vocabulary, if it may be said.
    fn choice(&self, word: usize) -> Option<Choice> {
        let probability = self.chances[word];
        let plain = |naming| {
            let text = if word == END { String::new() } else { self.words[word].clone() };
            Some(Choice { text, fed: word, probability, naming })
        };
        let Some(grounding) = self.grounding else { return plain(None) };
        let waits = self.waits(grounding);
        if word == END {
            return if waits { None } else { plain(None) };
        }
        if !self.may_be_said(grounding, &self.words[word]) {
            return None;
        }
        if self.lexicon.colours().contains(&word) && !self.is_sure_colour(word) {
            return None;
        }
        match self.lexicon.meaning_behind(self.said, word, &self.words[word]) {
            Some(Noun { class: Some(class), number, counts: true, .. }) => {
                let (index, thing) = grounding.thing(class)?;
                let count = self.count(thing, self.used[index], number);
                let count = count
                    .filter(|_| !self.after_noun && (!waits || index == 0) && self.fits_behind(grounding, thing))?;
                plain(Some(Naming { thing: index, count }))
            }
            Some(Noun { class: None, group, .. }) if grounding.things.iter().any(|it| it.group == group) && !waits => {
                plain(None)
            }
            Some(Noun { class: None, .. }) => None,
            _ => plain(None),
        }
    }

    /// Whether the region that the sentence is about has not been named yet.
    fn waits(&self, grounding: &Grounding) -> bool {
        grounding.first.is_some() && self.used.first() == Some(&0)
    }

    /// Whether a word may come next, whatever it names.
    fn may_be_said(&self, grounding: &Grounding, text: &str) -> bool {
        if self.said.contains(&text) && !OFTEN.contains(&text) && self.lexicon.nouns().meaning(text).is_none() {
            return false;
        }
        if OF_BODIES.contains(&text) && !self.speaks_of_life() {
            return false;
        }
        if OF_PEOPLE.contains(&text) && grounding.thing(PERSON).is_none() {
            return false;
        }
        // "a smaller one" is nobody knows what.
        if text == "one" && !self.lexicon.may_begin_phrase(self.said) {
            return false;
        }
        let waits = self.waits(grounding);
        let begins = !self.said.is_empty() || (Lexicon::begins_one(text) && text != "one");
        if waits && (self.said.len() >= BEFORE_A_REGION || !begins || LEADING_ON.contains(&text)) {
            return false;
        }
        if self.after_noun && self.says_no_more(grounding) {
            return LEADING_ON.contains(&text) && self.missing(grounding).next().is_some();
        }
        let left =
            grounding.things.iter().zip(self.used).map(|(thing, used)| thing.detections.len().saturating_sub(*used));
        let most = if waits { 1 } else { left.max().unwrap_or(0) };
        Lexicon::asks_for(text) <= most.max(1)
    }

    /// Whether only what is with the last noun may still be named: a thing that does nothing has no verb, and of a region the
    /// model cannot tell what happens in it ("a man and a family pose for a picture").
    fn says_no_more(&self, grounding: &Grounding) -> bool {
        grounding.first.is_some() || !self.names_mover(grounding)
    }

    /// Whether a noun was said of what has a body.
    fn speaks_of_life(&self) -> bool {
        let nouns = self.lexicon.nouns();
        self.said.iter().filter_map(|word| nouns.meaning(word)).any(|noun| nouns.group(noun.group).lives)
    }

    /// Whether something was named that does something.
    fn names_mover(&self, grounding: &Grounding) -> bool {
        self.named(grounding).any(|thing| self.lexicon.nouns().group(thing.group).moves)
    }

    /// What was named.
    fn named<'b>(&'b self, grounding: &'b Grounding) -> impl Iterator<Item = &'b Thing> {
        grounding.things.iter().zip(self.used).filter(|(_, used)| **used > 0).map(|it| it.0)
    }

    /// Whether a thing may stand behind "wearing", "on" or "with": not everything is worn and nothing is on its like ("a bicycle
    /// on a bike"); of things that do nothing their boxes tell which it is ("a cup on a table"), people and animals do it
    /// otherwise ("on a cell phone").
    fn fits_behind(&self, grounding: &Grounding, below: &Thing) -> bool {
        let before = self.said.iter().rev().take(2).find(|it| ["on", "with", "wearing", "wears"].contains(it));
        let Some(before) = before else { return true };
        if before.starts_with("wear") {
            return self.lexicon.nouns().group(below.group).worn;
        }
        if *before == "on" && self.named(grounding).any(|thing| thing.class == below.class) {
            return false;
        }
        if self.names_mover(grounding) {
            return true;
        }
        let stands = self.named(grounding).any(|thing| thing.class != below.class && thing.stands_on(below));
        stands == (*before == "on")
    }

    /// What should be named and has not been.
    fn missing<'b>(&'b self, grounding: &'b Grounding) -> impl Iterator<Item = &'b Thing> {
        grounding.things.iter().zip(self.used).filter(|(thing, used)| thing.must && **used == 0).map(|it| it.0)
    }

    /// How many of a thing a noun behind what was said speaks of; `None` where it may not be said.
    fn count(&self, thing: &Thing, used: usize, number: Number) -> Option<usize> {
        let determiner = self.lexicon.determiner(self.said);
        if used > 0 && determiner == Some(Determiner::Any) {
            return Some(0);
        }
        let (least, most) = (if used == 0 { thing.least } else { 1 }, thing.detections.len() - used);
        Determiner::count(determiner, number, least, most).filter(|&count| count >= least)
    }

    fn is_sure_colour(&self, word: usize) -> bool {
        let all: f32 = self.lexicon.colours().iter().map(|&it| self.chances[it]).sum();
        self.chances[word] >= COLOUR_SHARE * all
    }

    /// Words that lead to a noun phrase about what should be named and has not been.
    fn leading_on(&self, grounding: &Grounding) -> Vec<usize> {
        let words: Vec<&str> = if self.lexicon.may_begin_phrase(self.said) {
            self.missing(grounding).map(|thing| count_word(thing.least)).collect()
        } else if self.missing(grounding).next().is_some() && !self.said.is_empty() {
            LEADING_ON.to_vec()
        } else {
            vec![]
        };
        words.into_iter().filter_map(|word| self.lexicon.number(word)).collect()
    }

    /// Whether a thing's noun may stand behind what was said: the model's adjectives are for people and animals, and a man is
    /// in no bat.
    fn has_place_for(&self, thing: &Thing) -> bool {
        let group = self.lexicon.nouns().group(thing.group);
        let last = self.said.last();
        let adjective = last.is_some_and(|last| !Lexicon::is_determiner(last) && !BEFORE_PLURALS.contains(last));
        let inside = self.said.iter().rev().take(2).any(|it| *it == "in");
        (group.moves || !adjective) && (group.holds || !inside)
    }

    /// A noun that a detection chooses.
    fn slot(&self, grounding: &Grounding, index: usize, thing: &Thing, number: Number) -> Option<Choice> {
        let used = self.used[index];
        if self.after_noun || (self.waits(grounding) && index > 0) || used >= thing.sure {
            return None;
        }
        if number == Number::Several && thing.sure < 2 {
            return None;
        }
        if !self.has_place_for(thing) || !self.fits_behind(grounding, thing) {
            return None;
        }
        // "with giraffe", "is giraffes"
        let bare = self.lexicon.determiner(self.said).is_none();
        if bare && (number == Number::One || self.said.last().is_some_and(|last| !BEFORE_PLURALS.contains(last))) {
            return None;
        }
        let count = self.count(thing, used, number).filter(|&count| count > 0)?;
        let like = grounding.things.iter().filter(|it| it.group == thing.group && it.sure > 0).count().max(1);
        let (mut own, mut borne_out, mut group, mut all) =
            (Mass::default(), Mass::default(), Mass::default(), Mass::default());
        for &(word, noun) in self.lexicon.single_nouns() {
            if noun.number != number && noun.number != Number::Either {
                continue;
            }
            let chance = self.chances[word];
            all.add(word, chance);
            if noun.group == thing.group {
                group.add(word, chance);
                if noun.class.is_some_and(|class| grounding.thing(class).is_some()) {
                    borne_out.add(word, chance);
                }
            }
            if noun.class == Some(thing.class) && noun.counts {
                own.add(word, chance);
            }
        }
        let share = (group.sum - borne_out.sum) / like as f32;
        let floor = if thing.must && used == 0 { FLOOR * all.sum } else { 0.0 };
        let name = self.lexicon.nouns().name(thing.class)?;
        let name = if number == Number::One { &name.singular } else { &name.plural };
        let (text, said) = match own.best {
            Some((word, chance)) if chance >= share.max(floor) || self.words[word] == *name => {
                (self.words[word].clone(), chance)
            }
            _ => (name.clone(), self.lexicon.number(name).map_or(0.0, |word| self.chances[word])),
        };
        let known = self.lexicon.number(&text).or_else(|| self.lexicon.number(text.rsplit(' ').next()?));
        let fed = known.or(group.best.map(|it| it.0)).or(all.best.map(|it| it.0)).unwrap_or(RARE);
        let probability = (said + share).max(floor).min(1.0);
        (probability > 0.0).then_some(Choice { text, fed, probability, naming: Some(Naming { thing: index, count }) })
    }
}

/// The likeliest words, best first; never the one that stands for rare words, which says nothing.
#[must_use]
pub fn likeliest(chances: &[f32], count: usize) -> Vec<usize> {
    let mut words: Vec<usize> = (0..chances.len()).filter(|&word| word != RARE).collect();
    let count = count.min(words.len());
    if count == 0 {
        return words;
    }
    let by_chance = |a: &usize, b: &usize| chances[*b].total_cmp(&chances[*a]);
    words.select_nth_unstable_by(count - 1, by_chance);
    words.truncate(count);
    words.sort_by(by_chance);
    words
}

#[cfg(test)]
mod tests;
