//! A colour and a line style for each class.
//!
//! Eight colours can be told apart with any kind of colour vision, so classes share them. A class of boxes has one colour on
//! every photo; where a photo has several classes of a colour, the best-scoring one has a solid outline, the next a dashed,
//! then a dotted one. Areas have no outline to tell them apart: there the later ones move to a free colour. The colours
//! themselves are the CSS tokens `--class-0` to `--class-7` with their text colours `--class-ink-0` ...; this module only
//! hands out slots.

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
        let mut slots = BTreeMap::new();
        let mut styles = [0; COLOURS];
        for (class, _) in classes {
            let colour = usual_colour(class);
            slots.insert(class, styles[colour] % STYLES * COLOURS + colour);
            styles[colour] += 1;
        }
        Self { slots }
    }

    /// Hands out slots to areas of classes in order of importance: the first eight have different colours.
    #[must_use]
    pub fn of_areas(classes: &[u16]) -> Self {
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

/// The colour of each class in the order of [`COCO`]. Chosen so that classes that share photos differ: of COCO's photos with
/// two or more classes, 13 % have two of one colour (counted on the labels of 4,708 photos; colours dealt out in turn: 32 %),
/// and few classes of a supercategory share one.
#[rustfmt::skip]
const COLOUR_OF_CLASS: [u8; COCO.len()] = [
    0, 6, 4, 5, 6, 2, 5, 7, 3, 1, 6, 2, 5, 1, 5, 7, 2, 3, 1, 6, 3, 5, 0, 4, 7, 2, 3, 5, 1, 5, 6, 4, 2, 1, 3, 7, 5, 1, 3, 4,
    1, 1, 2, 5, 6, 3, 2, 4, 0, 1, 5, 6, 3, 3, 5, 4, 6, 5, 3, 5, 7, 2, 1, 3, 5, 2, 7, 2, 0, 2, 1, 5, 7, 4, 6, 0, 2, 7, 1, 3,
];

/// The colour of a class's boxes.
fn usual_colour(class: u16) -> usize {
    usize::from(COLOUR_OF_CLASS[COCO.binary_search_by_key(&class, |&(id, _)| id).unwrap_or(0)])
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
    fn a_class_has_one_colour_on_every_photo_and_lines_tell_classes_of_a_colour_apart() {
        let all: Vec<_> = COCO.iter().enumerate().map(|(i, &(id, _))| candidate(id, 0.9 - i as f32 * 0.01)).collect();
        let crowded = Palette::of(&all);
        for it in &all {
            let alone = Palette::of(&[*it]);
            assert_eq!(colour_of(crowded.slot(it.class)), alone.slot(it.class), "class {}", it.class);
            assert_eq!(style_of(alone.slot(it.class)), LineStyle::Solid);
        }
        let of_colour = |colour| all.iter().filter(move |it| usual_colour(it.class) == colour);
        for colour in 0..COLOURS {
            let styles: Vec<_> = of_colour(colour).map(|it| style_of(crowded.slot(it.class))).collect();
            assert_eq!(styles[..3], [LineStyle::Solid, LineStyle::Dashed, LineStyle::Dotted], "colour {colour}");
        }
    }

    #[test]
    fn the_first_eight_areas_differ_in_colour_and_all_in_slot() {
        let classes: Vec<u16> = COCO.iter().step_by(4).map(|&(id, _)| id).collect();
        let palette = Palette::of_areas(&classes);
        let slots: Vec<usize> = classes.iter().map(|&class| palette.slot(class)).collect();
        assert_eq!(slots.iter().collect::<BTreeSet<_>>().len(), slots.len());
        assert_eq!(slots[..8].iter().map(|&slot| colour_of(slot)).collect::<BTreeSet<_>>().len(), COLOURS);
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
}
