//! Which anchors and proposals a step learns from, and what they are to become.

use crate::{
    heads::box_head::{BACKGROUND, CLASSES},
    ops::Region,
    proposals::{
        matching::{Match, Thresholds, match_boxes},
        rpn::CODING,
    },
    random::Random,
    structures::{boxes::BBox, proposal::Proposal},
    train::detection_labels::{Labels, Object},
};

/// Anchors of a photo that a step learns from, half of them positive at most (Ren et al. 2015, section 3.1.3).
const ANCHORS: usize = 256;
/// Proposals of a photo that a step learns from, a quarter of them positive at most (Girshick 2015, "Fast R-CNN", section
/// 2.3; he takes the same number).
const REGIONS: usize = 64;
/// A proposal that overlaps something unsure by this much may be one of it.
const NEAR: f32 = 0.3;

/// A sample of the anchors of a batch.
#[derive(Debug, Default)]
pub(super) struct AnchorSample {
    /// Which anchors: photo by photo, in the order of the anchors.
    pub indices: Vec<i32>,
    /// For each of them 1 for an object, 0 for the background.
    pub truth: Vec<f32>,
    /// The positive ones, as in `indices`.
    pub positive: Vec<i32>,
    /// The correction of each positive one, four numbers each.
    pub codes: Vec<f32>,
}

/// Adds a sample of a photo's anchors.
///
/// # Arguments
/// * `first` - the index of the photo's first anchor.
pub(super) fn sample_anchors(
    anchors: &[BBox],
    labels: &Labels,
    first: usize,
    random: &mut Random,
    sample: &mut AnchorSample,
) {
    let (truths, unsure) = (boxes(&labels.objects), boxes(&labels.unsure));
    let matches = match_boxes(anchors, &truths, &unsure, Thresholds::ANCHORS);
    let (positive, negative) = balanced(&matches, ANCHORS, ANCHORS / 2, random);
    // An index of a batch's anchors fits: there are some ten thousand a photo.
    let index = |anchor: usize| (first + anchor) as i32;
    for (anchor, truth) in positive {
        sample.indices.push(index(anchor));
        sample.truth.push(1.0);
        sample.positive.push(index(anchor));
        sample.codes.extend(CODING.encode(&truths[truth], &anchors[anchor]));
    }
    sample.truth.resize(sample.truth.len() + negative.len(), 0.0);
    sample.indices.extend(negative.into_iter().map(index));
}

/// A sample of the proposals of a batch.
#[derive(Debug, Default)]
pub(super) struct RegionSample {
    /// Where they are.
    pub regions: Vec<Region>,
    /// `[regions, CLASSES]`: 1 at the class of each.
    pub truth: Vec<f32>,
    /// `[regions, CLASSES]`: 1 where a class must not be learnt.
    pub left_out: Vec<f32>,
    /// Places of the positive ones.
    pub positive: Vec<i32>,
    /// The correction of each positive one, four numbers each.
    pub codes: Vec<f32>,
}

impl RegionSample {
    fn push(&mut self, region: Region, class: usize, left_out: impl IntoIterator<Item = usize>) {
        self.regions.push(region);
        let start = self.truth.len();
        self.truth.resize(start + CLASSES, 0.0);
        self.truth[start + class] = 1.0;
        self.left_out.resize(start + CLASSES, 0.0);
        for class in left_out {
            self.left_out[start + class] = 1.0;
        }
    }

    /// The same sample in another order.
    ///
    /// # Arguments
    /// * `order` - for each new place the old one.
    pub(super) fn in_order(self, order: &[usize]) -> Self {
        let mut places = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            // As in `sample_anchors`, the number fits.
            places[old] = new as i32;
        }
        let rows = |values: &[f32]| -> Vec<f32> {
            order.iter().flat_map(|&old| values[old * CLASSES..][..CLASSES].iter().copied()).collect()
        };
        Self {
            regions: order.iter().map(|&old| self.regions[old]).collect(),
            truth: rows(&self.truth),
            left_out: rows(&self.left_out),
            positive: self.positive.iter().map(|&old| places[old as usize]).collect(),
            codes: self.codes,
        }
    }
}

/// Adds a sample of a photo's proposals. Its true boxes are among them, so that the second stage has something to learn
/// before the first one can find anything.
pub(super) fn sample_regions(
    proposals: &[Proposal],
    labels: &Labels,
    photo: usize,
    random: &mut Random,
    sample: &mut RegionSample,
) {
    let truths = boxes(&labels.objects);
    let mut candidates = truths.clone();
    candidates.extend(proposals.iter().map(|proposal| proposal.bbox));
    let matches = match_boxes(&candidates, &truths, &[], Thresholds::PROPOSALS);
    let (positive, negative) = balanced(&matches, REGIONS, REGIONS / 4, random);
    for (candidate, truth) in positive {
        // As in `sample_anchors`, the number fits.
        sample.positive.push(sample.regions.len() as i32);
        sample.codes.extend(CODING.encode(&truths[truth], &candidates[candidate]));
        sample.push(Region { photo, bbox: candidates[candidate] }, labels.objects[truth].class, []);
    }
    for candidate in negative {
        let bbox = candidates[candidate];
        let near = labels.unsure.iter().filter(|it| it.bbox.iou(&bbox) >= NEAR).map(|it| it.class);
        let left_out = near.chain(labels.unlabelled.iter().copied());
        sample.push(Region { photo, bbox }, BACKGROUND, left_out);
    }
}

fn boxes(objects: &[Object]) -> Vec<BBox> {
    objects.iter().map(|object| object.bbox).collect()
}

/// Random positive boxes, with their truths, and random negative ones.
///
/// # Arguments
/// * `count` - boxes in all, at most.
/// * `most` - positive ones, at most.
fn balanced(matches: &[Match], count: usize, most: usize, random: &mut Random) -> (Vec<(usize, usize)>, Vec<usize>) {
    let (mut positive, mut negative) = (Vec::new(), Vec::new());
    for (i, it) in matches.iter().enumerate() {
        match *it {
            Match::Positive(truth) => positive.push((i, truth)),
            Match::Negative => negative.push(i),
            Match::Ignored => {}
        }
    }
    draw(&mut positive, most, random);
    draw(&mut negative, count - positive.len(), random);
    (positive, negative)
}

/// Keeps some items, any with the same chance.
fn draw<T>(items: &mut Vec<T>, most: usize, random: &mut Random) {
    for i in 0..most.min(items.len()) {
        let other = i + random.below(items.len() - i);
        items.swap(i, other);
    }
    items.truncate(most);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(class: usize, bbox: BBox) -> Object {
        Object { class, bbox }
    }

    fn square(x0: f32, side: f32) -> BBox {
        BBox::new(x0, 0.0, x0 + side, side)
    }

    #[test]
    fn anchors_are_indexed_through_the_batch() {
        let anchors = [square(0.0, 0.2), square(0.5, 0.2), square(0.75, 0.2)];
        let labels = Labels {
            objects: vec![object(3, square(0.5, 0.2))],
            unsure: vec![object(4, square(0.75, 0.2))],
            unlabelled: vec![],
        };
        let mut sample = AnchorSample::default();
        sample_anchors(&anchors, &labels, 30, &mut Random::new(1), &mut sample);
        assert_eq!((&sample.indices[..], &sample.truth[..]), (&[31, 30][..], &[1.0, 0.0][..]));
        assert_eq!((&sample.positive[..], &sample.codes[..]), (&[31][..], &[0.0; 4][..]));
    }

    #[test]
    fn background_leaves_out_what_it_may_be() {
        let proposal = |bbox| Proposal { bbox, score: 0.5, anchor: None };
        let labels = Labels {
            objects: vec![object(3, square(0.5, 0.2))],
            unsure: vec![object(4, square(0.75, 0.2))],
            unlabelled: vec![7],
        };
        let proposals = [proposal(square(0.74, 0.2)), proposal(square(0.0, 0.2))];
        let mut sample = RegionSample::default();
        sample_regions(&proposals, &labels, 1, &mut Random::new(1), &mut sample);
        let of = |values: &[f32]| -> Vec<Vec<usize>> {
            let columns = |row: &[f32]| (0..CLASSES).filter(|&i| row[i] > 0.0).collect();
            values.chunks_exact(CLASSES).map(columns).collect()
        };
        assert!(sample.regions.iter().all(|region| region.photo == 1));
        assert_eq!(of(&sample.truth), [vec![3], vec![BACKGROUND], vec![BACKGROUND]]);
        let first = sample.regions.iter().position(|region| region.bbox.x0 == 0.74).unwrap();
        assert_eq!(of(&sample.left_out)[first], [4, 7]);
        assert_eq!(of(&sample.left_out)[3 - first], [7]);
        let moved = sample.in_order(&[2, 1, 0]);
        assert_eq!((of(&moved.truth)[2].clone(), &moved.positive[..]), (vec![3], &[2][..]));
    }

    #[test]
    fn samples_are_balanced_and_random() {
        let matches: Vec<Match> =
            (0..100).map(|i| if i % 2 == 0 { Match::Positive(i) } else { Match::Negative }).collect();
        let (positive, negative) = balanced(&matches, 40, 10, &mut Random::new(1));
        assert_eq!((positive.len(), negative.len()), (10, 30));
        assert!(positive.iter().all(|(i, truth)| i == truth) && positive.iter().any(|(i, _)| *i > 20));
        let mut unique = negative.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), 30);
        let (positive, negative) = balanced(&matches[..2], 40, 10, &mut Random::new(1));
        assert_eq!((positive.len(), negative.len()), (1, 1));
    }
}
