//! From the candidates of the network to what the page shows: numbered findings, counts by class, and a sentence.

use std::collections::BTreeMap;

use model::structures::{
    boxes::{BBox, Candidate, suppress},
    classes::coco_name,
};

use crate::{
    palette::Palette,
    settings::{MIN_SCORE, Settings},
    words::{classes, results},
};

/// One thing that was found, as the canvas and the list show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Index of the candidate: stays the same while the settings change.
    pub key: usize,
    /// Counts from 1 in the order of the list; also written on the box.
    pub number: usize,
    /// COCO category id.
    pub class: u16,
    /// Its name in English.
    pub name: &'static str,
    /// Probability, 0 to 1.
    pub score: f32,
    /// Where, in pixels of the photo that the network saw.
    pub bbox: BBox,
    /// Its place in the palette (see [`crate::palette`]).
    pub slot: usize,
}

impl Finding {
    /// The score in whole percent.
    #[must_use]
    pub fn percent(&self) -> u32 {
        // In range and finite by construction: suppression drops the rest.
        (self.score * 100.0).round() as u32
    }
}

/// How many findings a class has, hidden ones included.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassCount {
    /// COCO category id.
    pub class: u16,
    /// Its name in English.
    pub name: &'static str,
    /// Its place in the palette.
    pub slot: usize,
    /// Its findings.
    pub count: usize,
    /// Whether the visitor has switched it off.
    pub hidden: bool,
}

/// Everything that the settings make of the candidates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// What is shown, best score first.
    pub shown: Vec<Finding>,
    /// The classes found, most findings first, then by best score.
    pub classes: Vec<ClassCount>,
    /// The best of all guesses, by class and score, so that an empty list can say how far to lower the bar.
    pub best: Option<(u16, f32)>,
}

impl Findings {
    /// Suppresses, numbers and counts.
    ///
    /// # Arguments
    /// * `candidates` - guesses of the network, in photo pixels.
    /// * `settings` - thresholds and hidden classes.
    /// * `palette` - the colours of the classes in this photo.
    #[must_use]
    pub fn of(candidates: &[Candidate], settings: &Settings, palette: &Palette) -> Self {
        Self::of_kept(candidates, &suppress(candidates, &settings.rule()).kept, settings, palette)
    }

    /// As [`Findings::of`], for guesses that have won already, e.g. those that have a mask.
    ///
    /// # Arguments
    /// * `kept` - indices of the winners, best first; those below the score of the settings are left out.
    #[must_use]
    pub fn of_kept(candidates: &[Candidate], kept: &[usize], settings: &Settings, palette: &Palette) -> Self {
        let mut findings = Self::default();
        let mut places: BTreeMap<u16, usize> = BTreeMap::new();
        for &key in kept {
            let Some(&Candidate { bbox, class, score, .. }) = candidates.get(key) else { continue };
            if score < settings.score {
                continue;
            }
            let Some(name) = coco_name(class) else { continue };
            let (slot, hidden) = (palette.slot(class), settings.hidden.contains(&class));
            let place = *places.entry(class).or_insert_with(|| {
                findings.classes.push(ClassCount { class, name, slot, count: 0, hidden });
                findings.classes.len() - 1
            });
            findings.classes[place].count += 1;
            if !hidden {
                let number = findings.shown.len() + 1;
                findings.shown.push(Finding { key, number, class, name, score, bbox, slot });
            }
        }
        findings.classes.sort_by_key(|class| std::cmp::Reverse(class.count)); // stable: ties stay by best score
        let guesses = candidates.iter().filter(|it| it.score.is_finite());
        let guesses = guesses.filter(|it| coco_name(it.class).is_some()).map(|it| (it.class, it.score));
        findings.best = guesses.reduce(|best, it| if it.1 > best.1 { it } else { best });
        findings
    }

    /// The shown finding of a key.
    #[must_use]
    pub fn by_key(&self, key: Option<usize>) -> Option<&Finding> {
        self.shown.iter().find(|it| Some(it.key) == key)
    }

    /// The classes in words, or a way out of an empty list.
    #[must_use]
    pub fn detail(&self) -> String {
        if !self.classes.is_empty() {
            return self.in_words();
        }
        match (self.best, self.best_guess()) {
            (Some((class, _)), Some(score)) => results::best_guess(class, score),
            _ => results::NO_THING().into(),
        }
    }

    /// As [`Findings::in_words`], below a small picture.
    #[must_use]
    pub fn in_short(&self) -> String {
        if self.classes.is_empty() { results::NOTHING().into() } else { self.in_words() }
    }

    /// The score of the best guess in whole percent, from 0 to 1, where the settings let nothing pass and a lower score would.
    #[must_use]
    pub fn best_guess(&self) -> Option<f32> {
        let score = self.best.filter(|_| self.classes.is_empty())?.1;
        whole_percent(score)
    }

    /// The headline, e.g. "5 things found".
    #[must_use]
    pub fn headline(&self) -> String {
        results::things_found(self.shown.len(), !self.classes.is_empty())
    }

    /// The shown classes in words, e.g. "2 people, 1 dog"; empty when nothing is shown.
    #[must_use]
    pub fn in_words(&self) -> String {
        let shown = self.classes.iter().filter(|class| !class.hidden);
        shown.map(|class| classes::counted(class.count, class.class)).collect::<Vec<_>>().join(", ")
    }
}

/// A score in whole percent, rounded down so that it passes its own threshold; `None` below the sliders' lowest.
#[must_use]
pub fn whole_percent(score: f32) -> Option<f32> {
    let percent = (score * 100.0).floor() / 100.0;
    (percent >= MIN_SCORE).then_some(percent)
}

/// A number with its noun in English, e.g. "2 people".
#[must_use]
pub fn counted(count: usize, name: &str) -> String {
    if count == 1 { format!("1 {name}") } else { format!("{count} {}", plural(name)) }
}

/// The English plural of a COCO class name.
#[must_use]
pub fn plural(name: &str) -> String {
    match name {
        "person" => return "people".into(),
        "mouse" => return "mice".into(),
        "knife" => return "knives".into(),
        "sheep" | "skis" | "scissors" | "broccoli" => return name.into(),
        _ => {}
    }
    let hissing = ["s", "x", "ch", "sh"].iter().any(|ending| name.ends_with(ending));
    format!("{name}{}", if hissing { "es" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(x0: f32, class: u16, score: f32, prior: u32) -> Candidate {
        Candidate { bbox: BBox::new(x0, 0.0, x0 + 10.0, 10.0), class, score, prior }
    }

    fn found(candidates: &[Candidate], settings: &Settings) -> Findings {
        Findings::of(candidates, settings, &Palette::of(candidates))
    }

    #[test]
    fn findings_are_numbered_and_counted() {
        let guesses = [
            candidate(0.0, 1, 0.7, 0),
            candidate(50.0, 18, 0.9, 1),
            candidate(100.0, 1, 0.6, 2),
            candidate(0.5, 1, 0.55, 3),
        ];
        let all = found(&guesses, &Settings::default());
        assert_eq!(all.shown.iter().map(|it| (it.number, it.key)).collect::<Vec<_>>(), [(1, 1), (2, 0), (3, 2)]);
        assert_eq!(all.headline(), "3 things found");
        assert_eq!(all.in_words(), "2 people, 1 dog");
        assert_eq!((all.best, all.best_guess()), (Some((18, 0.9)), None), "it is on show");
    }

    #[test]
    fn hidden_classes_are_counted_but_not_shown() {
        let guesses = [candidate(0.0, 1, 0.7, 0), candidate(50.0, 18, 0.9, 1)];
        let mut settings = Settings::default();
        settings.hidden.insert(18);
        let some = found(&guesses, &settings);
        assert_eq!((some.shown.len(), some.classes.len()), (1, 2));
        assert_eq!(some.in_words(), "1 person");
        settings.hidden.insert(1);
        assert_eq!(found(&guesses, &settings).headline(), "Everything is hidden");
    }

    #[test]
    fn nothing_found_knows_the_best_score() {
        let none = found(&[candidate(0.0, 1, 0.3, 0)], &Settings::default());
        assert_eq!((none.headline().as_str(), none.best_guess()), ("Nothing found", Some(0.3)));
        assert_eq!(none.detail(), "The best guess is a person with 30%.");
        let shown = Settings { score: none.best_guess().expect("there is one"), ..Settings::default() };
        assert_eq!(found(&[candidate(0.0, 1, 0.309, 0)], &shown).shown.len(), 1, "its button shows it");
        assert_eq!(found(&[], &Settings::default()).best, None);
        assert!(found(&[], &Settings::default()).detail().contains("none of its 80 kinds"));
    }

    #[test]
    fn unknown_classes_are_left_out() {
        assert!(found(&[candidate(0.0, 12, 0.9, 0)], &Settings::default()).shown.is_empty());
    }

    #[test]
    fn plurals() {
        for (one, many) in [("bus", "buses"), ("couch", "couches"), ("wine glass", "wine glasses"), ("dog", "dogs")] {
            assert_eq!(plural(one), many);
        }
        assert_eq!(counted(2, "person"), "2 people");
        assert_eq!(counted(1, "sheep"), "1 sheep");
        assert_eq!(counted(3, "sheep"), "3 sheep");
    }
}
