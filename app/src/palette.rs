//! A colour and a line style for each class of a photo.
//!
//! Eight colours can be told apart with any kind of colour vision, so classes share them: the best-scoring classes of a
//! photo get different colours (a class keeps its usual one where it can, so that people look alike from photo to photo),
//! and from the ninth class on the line is dashed, then dotted. The colours themselves are the CSS tokens `--class-0` to
//! `--class-7` with their text colours `--class-ink-0` ...; this module only hands out slots.

use std::collections::BTreeMap;

use model::structures::{boxes::Candidate, classes::COCO};

/// The number of colours.
pub const COLOURS: usize = 8;
/// The number of line styles.
pub const STYLES: usize = 3;

/// How the outline of a box is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineStyle {
    /// Without gaps.
    Solid,
    /// Long strokes.
    Dashed,
    /// Short strokes.
    Dotted,
}

/// The colour of a slot: an index into the tokens `--class-N`.
#[must_use]
pub const fn colour_of(slot: usize) -> usize {
    slot % COLOURS
}

/// The line style of a slot.
#[must_use]
pub const fn style_of(slot: usize) -> LineStyle {
    match slot / COLOURS % STYLES {
        0 => LineStyle::Solid,
        1 => LineStyle::Dashed,
        _ => LineStyle::Dotted,
    }
}

/// Which slot each class of one photo has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    slots: BTreeMap<u16, usize>,
}

impl Palette {
    /// Hands out slots to the classes of all candidates, best score first: they do not depend on the settings, so no
    /// slider ever changes a colour.
    #[must_use]
    pub fn of(candidates: &[Candidate]) -> Self {
        let mut best: BTreeMap<u16, f32> = BTreeMap::new();
        for candidate in candidates.iter().filter(|it| it.score.is_finite()) {
            let score = best.entry(candidate.class).or_insert(candidate.score);
            *score = score.max(candidate.score);
        }
        let mut classes: Vec<(u16, f32)> = best.into_iter().collect();
        classes.sort_by(|a, b| b.1.total_cmp(&a.1)); // stable: ties stay by class id
        Self::ranked(&classes.into_iter().map(|(class, _)| class).collect::<Vec<_>>())
    }

    /// Hands out slots to classes in order of importance.
    #[must_use]
    pub fn ranked(classes: &[u16]) -> Self {
        let mut slots = BTreeMap::new();
        for (round, group) in classes.chunks(COLOURS).enumerate() {
            let mut taken = [false; COLOURS];
            for &class in group {
                let usual = usual_colour(class);
                let free = (0..COLOURS).map(|step| (usual + step) % COLOURS).find(|&colour| !taken[colour]);
                let colour = free.expect("a group has at most as many classes as there are colours");
                taken[colour] = true;
                slots.insert(class, round * COLOURS + colour);
            }
        }
        Self { slots }
    }

    /// The slot of a class; its usual colour with a solid line if the photo has no candidate of it.
    #[must_use]
    pub fn slot(&self, class: u16) -> usize {
        self.slots.get(&class).copied().unwrap_or_else(|| usual_colour(class))
    }

    /// A slot for each of several things, so that two of a class differ: the colour of its class where it is free, else the
    /// next free one. From the ninth thing on colours come again. All lines are solid.
    ///
    /// # Arguments
    /// * `classes` - the class of each thing, best first; things that follow do not change the slots of earlier ones.
    #[must_use]
    pub fn instances(&self, classes: &[u16]) -> Vec<usize> {
        let mut slots = Vec::with_capacity(classes.len());
        for group in classes.chunks(COLOURS) {
            let mut taken = [false; COLOURS];
            for &class in group {
                let usual = colour_of(self.slot(class));
                let free = (0..COLOURS).map(|step| (usual + step) % COLOURS).find(|&colour| !taken[colour]);
                let colour = free.expect("a group has at most as many things as there are colours");
                taken[colour] = true;
                slots.push(colour);
            }
        }
        slots
    }
}

/// The colour that a class has unless a better-scoring class of the photo has it too.
fn usual_colour(class: u16) -> usize {
    // Places in COCO's list rather than ids: neighbours (cat, dog, horse ...) often share a photo and should differ.
    COCO.binary_search_by_key(&class, |&(id, _)| id).unwrap_or(0) % COLOURS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::structures::boxes::BBox;

    use super::*;

    fn candidate(class: u16, score: f32) -> Candidate {
        Candidate { bbox: BBox::new(0.0, 0.0, 1.0, 1.0), class, score, prior: 0 }
    }

    #[test]
    fn the_best_eight_classes_differ_in_colour_and_all_in_slot() {
        let candidates: Vec<_> =
            COCO.iter().step_by(4).enumerate().map(|(i, &(id, _))| candidate(id, 0.9 - i as f32 * 0.02)).collect();
        let palette = Palette::of(&candidates);
        let slots: Vec<usize> = candidates.iter().map(|it| palette.slot(it.class)).collect();
        assert_eq!(slots.iter().collect::<BTreeSet<_>>().len(), slots.len());
        assert_eq!(slots[..8].iter().map(|&slot| colour_of(slot)).collect::<BTreeSet<_>>().len(), COLOURS);
        assert!(slots[..8].iter().all(|&slot| style_of(slot) == LineStyle::Solid));
        assert!(slots[8..16].iter().all(|&slot| style_of(slot) == LineStyle::Dashed));
        assert!(slots[16..].iter().all(|&slot| style_of(slot) == LineStyle::Dotted));
    }

    #[test]
    fn things_of_one_class_differ_and_the_first_has_the_colour_of_its_class() {
        let palette = Palette::of(&[candidate(18, 0.9), candidate(1, 0.8)]);
        let slots = palette.instances(&[18, 18, 1, 18]);
        assert_eq!(slots[0], palette.slot(18));
        assert_eq!(slots.iter().collect::<BTreeSet<_>>().len(), 4);
        assert_eq!(palette.instances(&[18, 18]), slots[..2], "what follows changes nothing");
        let crowd = palette.instances(&[1; 20]);
        assert_eq!(crowd[..8].iter().collect::<BTreeSet<_>>().len(), COLOURS);
        assert!(crowd[8..16] == crowd[..8] && crowd.iter().all(|&slot| style_of(slot) == LineStyle::Solid));
    }

    #[test]
    fn a_person_alone_and_a_person_in_a_crowd_of_classes_look_alike() {
        let alone = Palette::of(&[candidate(1, 0.6)]);
        let beside = Palette::of(&[candidate(18, 0.5), candidate(1, 0.9), candidate(90, 0.1)]);
        assert_eq!(alone.slot(1), beside.slot(1));
        assert_eq!(Palette::default().slot(1), alone.slot(1));
    }
}
