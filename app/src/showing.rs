//! Everything that is drawn and said about a photo for one task, under the settings.

use std::sync::Arc;

use lookout_protocol::{Found, Task};
use model::structures::{
    caption::Caption,
    location::{CLASSES, Location},
};

use crate::{
    findings::Findings,
    legend::Legend,
    palette::Palette,
    people::People,
    settings::{LOWEST_MASK_SCORE, Settings},
    silhouettes::Silhouettes,
};

/// What is on show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Showing {
    /// What was asked.
    pub task: Task,
    /// Things with their boxes.
    pub findings: Arc<Findings>,
    /// People with their joints.
    pub people: Arc<People>,
    /// The outlines of the things.
    pub silhouettes: Arc<Silhouettes>,
    /// The class of each pixel.
    pub legend: Arc<Legend>,
    /// The photo's caption, then those of its regions.
    pub captions: Arc<Vec<Caption>>,
    /// The one class and box.
    pub location: Option<Location>,
    /// How strongly masks and class map cover the photo, 0 to 1.
    pub opacity: f32,
    /// Whether masks are outlines only.
    pub outline: bool,
}

impl Showing {
    /// What a task shows of what was found.
    #[must_use]
    pub fn of(task: Task, found: &Found, settings: &Settings) -> Self {
        let candidates = found.candidates.as_deref().unwrap_or_default();
        Self {
            task,
            findings: Arc::new(things(task, found, settings, &Palette::of(candidates))),
            people: Arc::new(People::of(found.skeletons.as_deref().unwrap_or_default(), settings)),
            silhouettes: Arc::new(Silhouettes::of(found.masks.as_deref().unwrap_or_default())),
            legend: Arc::new(Legend::of(found.class_map.clone().unwrap_or_default())),
            captions: Arc::new(found.captions.clone().unwrap_or_default()),
            location: found.location.clone(),
            opacity: settings.opacity,
            outline: settings.outline,
        }
    }

    /// What was found, in a few words.
    #[must_use]
    pub fn headline(&self) -> String {
        match self.task {
            Task::Boxes | Task::Masks => self.findings.headline(),
            Task::Skeletons => self.people.headline(),
            Task::ClassMap => self.legend.headline(),
            Task::Captions => self.sentence(),
            Task::Localize => self.location.as_ref().map_or_else(String::new, |it| named(it.best().0)),
            Task::Everything => self.sentence(),
        }
    }

    /// More about it.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self.task {
            Task::Boxes | Task::Masks | Task::Everything => self.findings.in_words(),
            Task::Skeletons => self.people.in_words(),
            Task::ClassMap => self.legend.in_words(),
            Task::Captions => match self.captions.len() {
                0 | 1 => "Nothing in the photo stands out enough for a sentence of its own.".into(),
                2 => "One region has a sentence of its own.".into(),
                n => format!("{} regions have sentences of their own.", n - 1),
            },
            Task::Localize => self.location.as_ref().map_or_else(String::new, located),
        }
    }

    /// The caption of the whole photo.
    #[must_use]
    pub fn sentence(&self) -> String {
        let sentence = self.captions.first().map(Caption::sentence).unwrap_or_default();
        if sentence.is_empty() { "No words for this photo.".into() } else { sentence }
    }
}

/// The things of a task: with masks, those that have one; else what suppression keeps.
#[must_use]
pub fn things(task: Task, found: &Found, settings: &Settings, palette: &Palette) -> Findings {
    let candidates = found.candidates.as_deref().unwrap_or_default();
    match &found.masks {
        Some(masks) if matches!(task, Task::Masks | Task::Everything) => {
            let kept: Vec<usize> = masks.iter().map(|mask| mask.candidate).collect();
            let score = settings.score.max(LOWEST_MASK_SCORE);
            Findings::of_kept(candidates, &kept, &Settings { score, ..settings.clone() }, palette)
        }
        _ => Findings::of(candidates, settings, palette),
    }
}

/// Whether a location names one of its animals.
#[must_use]
pub fn names_one(location: &Location) -> bool {
    location.best().0 + 1 < CLASSES.len()
}

/// A class as a headline.
fn named(class: usize) -> String {
    let name = CLASSES.get(class).copied().unwrap_or_default();
    name.get(..1).map_or_else(String::new, |first| first.to_uppercase() + &name[1..])
}

fn located(location: &Location) -> String {
    let (_, probability) = location.best();
    if names_one(location) {
        return format!("{:.0}% sure, in one box.", probability * 100.0);
    }
    let (others, last) = CLASSES[..CLASSES.len() - 1].split_at(CLASSES.len() - 2);
    format!(
        "This network looks for one {} or {}, and is {:.0}% sure that there is none.",
        others.join(", "),
        last[0],
        probability * 100.0
    )
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::{BBox, Candidate};
    use model::structures::mask::InstanceMask;

    use super::*;

    fn location(probabilities: [f32; 6]) -> Found {
        let location = Location { probabilities: probabilities.into(), bbox: BBox::new(0.0, 0.0, 1.0, 1.0) };
        Found { location: Some(location), ..Found::default() }
    }

    #[test]
    fn one_animal_or_none() {
        let cat = Showing::of(Task::Localize, &location([0.1, 0.8, 0.1, 0.0, 0.0, 0.0]), &Settings::default());
        assert_eq!((cat.headline().as_str(), cat.in_words().as_str()), ("Cat", "80% sure, in one box."));
        let none = Showing::of(Task::Localize, &location([0.1, 0.1, 0.1, 0.0, 0.0, 0.7]), &Settings::default());
        assert_eq!(none.headline(), "None of these");
        assert!(none.in_words().contains("dog, cat, horse, sheep or cow, and is 70% sure"), "{}", none.in_words());
    }

    #[test]
    fn masks_show_what_has_one() {
        let bbox = BBox::new(0.0, 0.0, 10.0, 10.0);
        let candidate = |score| Candidate { bbox, class: 17, score, prior: 0 };
        let mask = InstanceMask { candidate: 1, bbox, class: 17, score: 0.9, cells: vec![] };
        let found = Found {
            candidates: Some(vec![candidate(0.8), candidate(0.9)]),
            masks: Some(vec![mask]),
            ..Found::default()
        };
        let loose = Settings { iou: 1.0, ..Settings::default() };
        assert_eq!(Showing::of(Task::Boxes, &found, &loose).findings.shown.len(), 2);
        let masks = Showing::of(Task::Masks, &found, &loose);
        assert_eq!(masks.findings.shown.iter().map(|it| it.key).collect::<Vec<_>>(), [1]);
    }
}
