//! What a detector lets a sentence speak of: which categories it may name, how many of each, and which it must.

use crate::structures::{
    boxes::{BBox, Candidate, Suppression, suppress},
    classes::PERSON,
    nouns::Nouns,
};

/// A sentence may name what a box with this score holds, where the language model says so by itself. Of 600 photos of the train
/// part 52 % of the categories whose best score is from 0.2 to 0.3 are there.
const MAY_SCORE: f32 = 0.2;
/// A detection chooses a noun with this score: of the categories whose best score is from 0.4 to 0.5, 84 % are there.
const SURE_SCORE: f32 = 0.4;
/// A sentence should name what a box with this score holds, if the box is large.
const MUST_SCORE: f32 = 0.5;
/// The smallest share of the photo that is large.
const MUST_AREA: f32 = 0.03;
/// At most so many categories should be named.
const MUST_MOST: usize = 3;
/// Of two like categories at one place only the surer one is sure: a box that overlaps a surer one of its group by more than
/// this (intersection over union) chooses no noun.
const SAME_PLACE: f32 = 0.6;
/// A box belongs to a region when at least this share of it is inside.
const INSIDE: f32 = 0.7;
/// A thing stands on another when the middle of its lower edge is inside the other's box, or outside by at most this share of its
/// own height.
const STANDS_ON: f32 = 0.1;
/// Things whose box is smaller than this share of the largest one's are in the background: they need not be counted.
const ALIKE: f32 = 0.5;

/// A category that a sentence may name.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// COCO category id.
    pub class: u16,
    /// Group of like categories.
    pub group: usize,
    /// Its detections, the sure ones first, largest box first: no sentence may speak of more.
    pub detections: Vec<usize>,
    /// How many of them are sure: those may choose a noun.
    pub sure: usize,
    /// How many of the sure ones are about as large as the largest: no sentence may speak of fewer.
    pub least: usize,
    /// Whether the sentence should name it.
    pub must: bool,
    /// The boxes of its detections, in the same order, in photo pixels.
    pub boxes: Vec<BBox>,
}

impl Thing {
    /// Whether one of it stands on one of another, as far as boxes tell.
    #[must_use]
    pub fn stands_on(&self, other: &Self) -> bool {
        let on = |it: &BBox, below: &BBox| {
            let ((x, _), tolerance) = (it.centre(), STANDS_ON * it.height());
            let across = (below.x0..=below.x1).contains(&x);
            across && (below.y0 - tolerance..=below.y1 + tolerance).contains(&it.y1)
        };
        self.boxes.iter().any(|it| other.boxes.iter().any(|below| on(it, below)))
    }
}

/// What a sentence may and should name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grounding {
    /// The categories; those that should be named first, most prominent first.
    pub things: Vec<Thing>,
    /// The category that must be named before any other: that of the region that the sentence is about.
    pub first: Option<u16>,
}

/// A detection that counts.
#[derive(Clone, Copy)]
struct Kept {
    index: usize,
    class: u16,
    group: usize,
    score: f32,
    sure: bool,
    bbox: BBox,
}

/// The detections that count, surest first, with their boxes clipped to the photo.
fn kept(nouns: &Nouns, detections: &[Candidate], (width, height): (u32, u32)) -> Vec<Kept> {
    let rule = Suppression { min_score: MAY_SCORE, ..Suppression::default() };
    let mut kept: Vec<Kept> = Vec::new();
    for index in suppress(detections, &rule).kept {
        let Candidate { bbox, class, score, .. } = detections[index];
        let Some(name) = nouns.name(class) else { continue };
        let rival =
            |other: &Kept| other.group == name.group && other.class != class && other.bbox.iou(&bbox) > SAME_PLACE;
        let sure = score >= SURE_SCORE && !kept.iter().any(rival);
        let bbox = bbox.clip(width as f32, height as f32);
        kept.push(Kept { index, class, group: name.group, score, sure, bbox });
    }
    kept
}

impl Grounding {
    /// What a sentence about the whole photo may and should name.
    ///
    /// # Arguments
    /// * `detections` - before suppression.
    /// * `photo` - width and height in pixels.
    #[must_use]
    pub fn of_photo(nouns: &Nouns, detections: &[Candidate], photo: (u32, u32)) -> Self {
        let area = (photo.0 as f32 * photo.1 as f32).max(1.0);
        let mut things: Vec<(f32, Thing)> = Vec::new();
        let mut left = kept(nouns, detections, photo);
        while let Some(&Kept { class, group, .. }) = left.first() {
            let (mut same, others): (Vec<Kept>, Vec<Kept>) = left.into_iter().partition(|it| it.class == class);
            left = others;
            same.sort_by(|a, b| b.sure.cmp(&a.sure).then(b.bbox.area().total_cmp(&a.bbox.area())));
            let largest = same[0].bbox.area();
            let alike = |it: &&Kept| it.sure && it.score >= MUST_SCORE && it.bbox.area() >= ALIKE * largest;
            let sure = same.iter().filter(|it| it.sure).count();
            let prominent = |it: &Kept| it.sure && it.score >= MUST_SCORE && it.bbox.area() >= MUST_AREA * area;
            let prominence = same.iter().filter(|it| prominent(it)).map(|it| it.score * it.bbox.area().sqrt());
            let prominence = prominence.fold(0.0, f32::max);
            // People in the background are often there, and "a man" is no lie about two.
            let least = if class == PERSON { 1 } else { same.iter().filter(alike).count().max(1) };
            let detections = same.iter().map(|it| it.index).collect();
            let boxes = same.iter().map(|it| it.bbox).collect();
            things.push((prominence, Thing { class, group, detections, sure, least, must: false, boxes }));
        }
        things.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (prominence, thing) in things.iter_mut().take(MUST_MOST) {
            thing.must = *prominence > 0.0;
        }
        Self { things: things.into_iter().map(|it| it.1).collect(), first: None }
    }

    /// What a sentence about a region may name, and that it must name the region's own category first.
    ///
    /// # Arguments
    /// * `detections`, `photo` - as for [`Grounding::of_photo`].
    /// * `region` - index of the detection that the region is of.
    #[must_use]
    pub fn of_region(nouns: &Nouns, detections: &[Candidate], photo: (u32, u32), region: usize) -> Self {
        let Some(Candidate { bbox: around, class, .. }) = detections.get(region).copied() else {
            return Self::default();
        };
        let group = nouns.name(class).map_or(0, |name| name.group);
        let boxes = vec![around];
        let own = Thing { class, group, detections: vec![region], sure: 1, least: 1, must: true, boxes };
        let mut things = vec![own];
        let inside = |it: &Kept| it.class != class && it.bbox.intersection(&around) >= INSIDE * it.bbox.area().max(1.0);
        for it in kept(nouns, detections, photo).into_iter().filter(inside) {
            match things.iter_mut().find(|thing| thing.class == it.class) {
                // Surest first.
                Some(thing) => {
                    thing.detections.push(it.index);
                    thing.boxes.push(it.bbox);
                    thing.sure += usize::from(it.sure);
                }
                None => things.push(Thing {
                    class: it.class,
                    group: it.group,
                    detections: vec![it.index],
                    sure: usize::from(it.sure),
                    least: 1,
                    must: false,
                    boxes: vec![it.bbox],
                }),
            }
        }
        Self { things, first: Some(class) }
    }

    /// The thing of a category, with its index.
    #[must_use]
    pub fn thing(&self, class: u16) -> Option<(usize, &Thing)> {
        self.things.iter().enumerate().find(|(_, thing)| thing.class == class)
    }

    /// How many categories should be named.
    #[must_use]
    pub fn wanted(&self) -> usize {
        self.things.iter().filter(|thing| thing.must).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(left: f32, side: f32, class: u16, score: f32) -> Candidate {
        Candidate { bbox: BBox::new(left, 0.0, left + side, side), class, score, prior: 0 }
    }

    #[test]
    fn large_sure_things_must_be_named_and_counted() {
        let found = [
            candidate(0.0, 50.0, 25, 0.9),
            candidate(50.0, 45.0, 25, 0.8),
            candidate(96.0, 4.0, 1, 0.9),
            candidate(0.0, 49.0, 24, 0.6), // the first giraffe once more
            candidate(60.0, 30.0, 16, 0.3),
        ];
        let Grounding { things, first } = Grounding::of_photo(&Nouns::of_coco(), &found, (100, 100));
        assert_eq!(first, None);
        let sure: Vec<_> = things.iter().map(|it| (it.class, it.sure)).collect();
        assert_eq!(sure, [(25, 2), (1, 1), (24, 0), (16, 0)], "no zebra where a giraffe is, and no doubtful bird");
        let giraffes = &things[0];
        assert_eq!(
            (giraffes.class, &giraffes.detections[..], giraffes.least, giraffes.must),
            (25, &[0, 1][..], 2, true)
        );
        assert_eq!((things[1].class, things[1].must), (1, false), "a small person may be named");
    }

    #[test]
    fn a_cup_stands_on_a_table_and_not_the_other_way_round() {
        let mut cup = candidate(40.0, 20.0, 47, 0.9);
        (cup.bbox.y0, cup.bbox.y1) = (30.0, 50.0);
        let mut table = candidate(0.0, 100.0, 67, 0.9);
        table.bbox.y0 = 20.0;
        let Grounding { things, .. } = Grounding::of_photo(&Nouns::of_coco(), &[cup, table], (100, 100));
        let of = |class: u16| things.iter().find(|it| it.class == class).expect("both are there");
        assert!(of(47).stands_on(of(67)) && !of(67).stands_on(of(47)));
    }

    #[test]
    fn a_region_is_one_thing_and_what_is_inside_it() {
        let found = [
            candidate(0.0, 60.0, 1, 0.9),
            candidate(10.0, 20.0, 28, 0.6),
            candidate(50.0, 50.0, 18, 0.9),
            candidate(5.0, 20.0, 1, 0.9),
        ];
        let grounding = Grounding::of_region(&Nouns::of_coco(), &found, (100, 100), 0);
        assert_eq!(grounding.first, Some(1));
        let things: Vec<_> = grounding.things.iter().map(|it| (it.class, it.detections.len(), it.must)).collect();
        assert_eq!(things, [(1, 1, true), (28, 1, false)]);
        assert_eq!((grounding.wanted(), grounding.thing(28).map(|it| it.0)), (1, Some(1)));
    }
}
