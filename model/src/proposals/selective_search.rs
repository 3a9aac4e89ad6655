//! Selective Search (Uijlings et al. 2013, "Selective Search for Object Recognition"): segments of the photo are grouped,
//! the two most similar neighbours first, until one region is left; the boxes of all regions on the way are the proposals.
//! Several colour spaces, coarsenesses and similarities make up for what a single grouping gets wrong.
//!
//! Plain data without burn. Its time is linear in the pixels, times the starting segmentations.

mod colour;
mod grouping;
mod histograms;
mod planes;
mod ranking;
mod segmentation;

pub use self::{colour::ColourSpace, grouping::Similarities};
use self::{
    grouping::group,
    histograms::{CodeMap, Histograms},
    planes::{Planes, Rgb},
    ranking::{Choice, rank},
    segmentation::{Segments, segment},
};
use crate::{
    photo::Photo,
    structures::hierarchy::{Hierarchies, Hierarchy, Merge, Segmentation},
};

/// What is grouped, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Larger photos are shrunk to this many pixels along the longer side first.
    pub max_side: u32,
    /// Standard deviation of the Gaussian that smooths the photo, in its (shrunk) pixels.
    pub sigma: f32,
    /// How much an edge inside a segment may cost, over the segment's pixels (Felzenszwalb and Huttenlocher's `k`, for colours
    /// of 0 to 255): a starting segmentation each.
    pub coarseness: Vec<f32>,
    /// Segments with fewer pixels are joined to a neighbour.
    pub min_size: u32,
    /// Colour spaces: each with every `k` is a starting segmentation.
    pub colour_spaces: Vec<ColourSpace>,
    /// What segments are compared by: a grouping each of every starting segmentation.
    pub similarities: Vec<Similarities>,
    /// Boxes with a shorter side, in the shrunk photo's pixels, are no proposals.
    pub min_side: u32,
    /// A box that overlaps a better ranked one by more than this (intersection over union) comes behind all that do not: the
    /// hierarchies find much the same, and 2,000 boxes that differ cover more.
    pub iou: f32,
    /// Where the random numbers of the ranking start.
    pub seed: u64,
}

impl Rule {
    /// The paper's "fast" set: two colour spaces, two starting segmentations, two similarities, so eight hierarchies.
    #[must_use]
    pub fn fast() -> Self {
        Self {
            max_side: 640,
            sigma: 0.8,
            coarseness: vec![100.0, 200.0],
            min_size: 50,
            colour_spaces: vec![ColourSpace::Hsv, ColourSpace::Lab],
            similarities: vec![Similarities::ALL, Similarities { colour: false, ..Similarities::ALL }],
            min_side: 1,
            iou: 0.8,
            seed: 1,
        }
    }
}

impl Default for Rule {
    fn default() -> Self {
        Self::fast()
    }
}

/// A search under way, one starting segmentation a step, so that its owner can show how far it is, or end it.
pub struct SelectiveSearch<'a> {
    rule: &'a Rule,
    photo: (u32, u32),
    rgb: Rgb,
    /// The colour space in hand: its planes serve several segmentations.
    prepared: Option<(ColourSpace, Planes, CodeMap)>,
    done: usize,
    found: Hierarchies,
}

impl<'a> SelectiveSearch<'a> {
    /// A search that has not begun.
    #[must_use]
    pub fn new(photo: &Photo, rule: &'a Rule) -> Self {
        let rgb = Rgb::shrunk(photo, rule.max_side);
        Self { rule, photo: photo.size(), rgb, prepared: None, done: 0, found: Hierarchies::default() }
    }

    /// Starting segmentations in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.rule.colour_spaces.len() * self.rule.coarseness.len()
    }

    /// Does the next starting segmentation with its groupings. Returns how many are done, `None` when there was none left.
    pub fn step(&mut self) -> Option<usize> {
        let rule = self.rule;
        if self.done == self.total() {
            return None;
        }
        let space = rule.colour_spaces[self.done / rule.coarseness.len()];
        let coarseness = rule.coarseness[self.done % rule.coarseness.len()];
        if self.prepared.as_ref().is_none_or(|prepared| prepared.0 != space) {
            let planes = Planes::smoothed(&self.rgb, space, rule.sigma);
            let codes = CodeMap::of(&planes);
            self.prepared = Some((space, planes, codes));
        }
        if let Some((_, planes, codes)) = &self.prepared {
            let segments = segment(planes, coarseness, rule.min_size);
            let histograms = Histograms::of(codes, &segments);
            self.note(&format!("{}, k = {coarseness}", space.name()), &segments, &histograms);
        }
        self.done += 1;
        Some(self.done)
    }

    /// Groups segments by every similarity and keeps what came of it.
    fn note(&mut self, name: &str, segments: &Segments, histograms: &Histograms) {
        let size = self.rgb.size;
        let scale = (self.photo.0 as f32 / size.0 as f32, self.photo.1 as f32 / size.1 as f32);
        let (width, height) = (self.photo.0 as f32, self.photo.1 as f32);
        let index = self.found.segmentations.len();
        self.found.segmentations.push(Segmentation::new(name.to_owned(), size, &segments.labels));
        for &similarities in &self.rule.similarities {
            let merges = group(segments, histograms, similarities);
            self.found.hierarchies.push(Hierarchy {
                name: similarities.name().into(),
                segmentation: index,
                segments: segments.extents.iter().map(|it| it.bbox(scale).clip(width, height)).collect(),
                merges: merges
                    .iter()
                    .map(|it| Merge {
                        regions: it.regions,
                        similarity: it.similarity,
                        bbox: it.extent.bbox(scale).clip(width, height),
                        level: it.level,
                    })
                    .collect(),
            });
        }
    }

    /// What was found, with the proposals of the segmentations that are done.
    #[must_use]
    pub fn finish(mut self) -> Hierarchies {
        let shrunk = self.photo.0.max(self.photo.1) as f32 / self.rgb.size.0.max(self.rgb.size.1) as f32;
        let min_side = self.rule.min_side as f32 * shrunk;
        let choice = Choice { min_side, iou: self.rule.iou, seed: self.rule.seed };
        self.found.proposals = rank(&self.found.hierarchies, choice);
        self.found
    }
}

/// Searches a photo from the first starting segmentation to the last.
///
/// # Returns
/// The hierarchies, in the order colour space, `k`, similarity, and the proposals in photo pixels.
#[must_use]
pub fn propose(photo: &Photo, rule: &Rule) -> Hierarchies {
    let mut search = SelectiveSearch::new(photo, rule);
    while search.step().is_some() {}
    search.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// A photo with a colour for each pixel.
    fn photo(width: u32, height: u32, colour: impl FnMut(u32) -> [u8; 3]) -> Photo {
        Photo::from_rgb(width, height, (0..width * height).flat_map(colour).collect()).expect("a colour a pixel")
    }

    fn noise(width: u32, height: u32) -> Photo {
        let mut random = Random::new(3);
        photo(width, height, |_| std::array::from_fn(|_| random.below(256) as u8))
    }

    /// What holds for every search.
    fn check(photo: &Photo, found: &Hierarchies) {
        let (width, height) = (photo.width() as f32, photo.height() as f32);
        for own in &found.hierarchies {
            assert_eq!(own.merges.len() + 1, own.segments.len(), "one region is left");
            let whole = own.bbox(own.len() - 1).expect("the last region");
            assert!(whole.x0 == 0.0 && whole.y0 == 0.0, "{whole:?}");
            assert!((whole.x1 - width).abs() < 1e-3 && (whole.y1 - height).abs() < 1e-3, "{whole:?}");
            assert!(own.merges.iter().all(|merge| (0.0..=1.0001).contains(&merge.similarity)));
            let tops = own.after(own.merges.len());
            assert!(tops.iter().all(|&top| top as usize == own.len() - 1), "every segment is in the last region");
        }
        for (i, it) in found.proposals.iter().enumerate() {
            let region = found.hierarchies[it.hierarchy as usize].bbox(it.region as usize);
            assert_eq!(region, Some(it.bbox));
            assert!(it.bbox.x0 >= 0.0 && it.bbox.y0 >= 0.0 && it.bbox.x1 <= width && it.bbox.y1 <= height);
            assert!(found.proposals[..i].iter().all(|other| other.bbox != it.bbox), "no box twice");
        }
    }

    #[test]
    fn a_square_on_a_plain_ground_is_proposed() {
        let scene = photo(80, 60, |i| {
            let (x, y) = (i % 80, i / 80);
            if (20..50).contains(&x) && (10..40).contains(&y) { [200, 40, 30] } else { [60, 90, 160] }
        });
        let found = propose(&scene, &Rule::fast());
        check(&scene, &found);
        let square = crate::structures::boxes::BBox::new(20.0, 10.0, 50.0, 40.0);
        let best = found.proposals.iter().map(|it| it.bbox.iou(&square)).fold(0.0, f32::max);
        assert!(best > 0.85, "{best}");
    }

    #[test]
    fn odd_photos_have_at_least_the_whole_of_them() {
        let odd = [(1, 1), (8, 1), (1, 300), (8, 200), (700, 3)];
        for (width, height) in odd {
            for scene in [photo(width, height, |_| [7, 7, 7]), noise(width, height)] {
                let found = propose(&scene, &Rule::fast());
                check(&scene, &found);
                assert_eq!(found.hierarchies.len(), 8);
                assert!(!found.proposals.is_empty(), "{width} x {height}");
            }
        }
    }

    #[test]
    fn thousands_of_segments_are_grouped() {
        let rule = Rule { min_size: 20, coarseness: vec![1.0], colour_spaces: vec![ColourSpace::RgI], ..Rule::fast() };
        let scene = noise(500, 400);
        let found = propose(&scene, &rule);
        assert!(found.hierarchies[0].segments.len() >= 2_500, "{}", found.hierarchies[0].segments.len());
        assert!(found.proposals.len() >= 2_500);
        let whole = found.hierarchies[0].after(usize::MAX);
        assert!(whole.iter().all(|&top| top == whole[0]));
    }

    #[test]
    fn a_seed_repeats_and_steps_can_be_left_out() {
        let (scene, rule) = (noise(90, 70), Rule::fast());
        let found = propose(&scene, &rule);
        assert_eq!(found, propose(&scene, &rule));
        let other = propose(&scene, &Rule { seed: 2, ..rule.clone() });
        assert_eq!(found.hierarchies, other.hierarchies, "the seed is that of the order");
        let mut search = SelectiveSearch::new(&scene, &rule);
        assert_eq!((search.total(), search.step()), (4, Some(1)));
        let part = search.finish();
        assert_eq!(part.hierarchies, found.hierarchies[..2]);
        check(&scene, &part);
    }

    #[test]
    fn large_photos_are_searched_small() {
        let scene = noise(200, 100);
        let rule = Rule { max_side: 50, ..Rule::fast() };
        let found = propose(&scene, &rule);
        assert_eq!((found.segmentations[0].width, found.segmentations[0].height), (50, 25));
        check(&scene, &found);
    }
}
