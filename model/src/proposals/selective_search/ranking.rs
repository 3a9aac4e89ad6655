//! The order of proposals (section 3.4 of the paper): regions near the top of a hierarchy first, mixed by random numbers so
//! that no hierarchy and no size comes first as a whole.

use std::collections::{HashMap, HashSet};

use crate::{
    random::Random,
    structures::{
        boxes::BBox,
        hierarchy::{Hierarchy, Proposal},
    },
};

/// Which boxes of regions become proposals.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// Boxes with a shorter side are left out, in photo pixels.
    pub min_side: f32,
    /// A box that overlaps an earlier one by more than this (intersection over union) comes behind all that do not.
    pub iou: f32,
    /// Where the random numbers start.
    pub seed: u64,
}

/// The boxes of regions by place in the hierarchy (1 for the whole photo) times a random number, lowest first, without
/// duplicates. Near duplicates come last: the hierarchies find much the same, and boxes that differ cover more.
pub fn rank(hierarchies: &[Hierarchy], choice: Choice) -> Vec<Proposal> {
    let mut random = Random::new(choice.seed);
    let mut ranked = Vec::with_capacity(hierarchies.iter().map(Hierarchy::len).sum());
    for (hierarchy, own) in hierarchies.iter().enumerate() {
        for region in 0..own.len() {
            let rank = (own.len() - region) as f32 * random.uniform();
            let Some(bbox) = own.bbox(region) else { continue };
            if bbox.width().min(bbox.height()) >= choice.min_side {
                ranked.push((rank, Proposal { bbox, hierarchy: hierarchy as u32, region: region as u32 }));
            }
        }
    }
    // Stable, so that the order of equals does not depend on the sort.
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut known = HashSet::with_capacity(ranked.len());
    let corners = |bbox: BBox| [bbox.x0, bbox.y0, bbox.x1, bbox.y1].map(f32::to_bits);
    let unequal = ranked.into_iter().map(|ranked| ranked.1).filter(|proposal| known.insert(corners(proposal.bbox)));
    let mut seen = SeenBoxes::new(choice.iou);
    let (mut order, similar): (Vec<_>, Vec<_>) = unequal.partition(|proposal| seen.is_new(proposal.bbox));
    order.extend(similar);
    order
}

/// Boxes by their area: two that overlap much are about equally large, so that only few need comparing.
struct SeenBoxes {
    iou: f32,
    /// One over the logarithm of the largest ratio of areas at that overlap.
    per_step: f32,
    by_area: HashMap<i32, Vec<BBox>>,
}

impl SeenBoxes {
    fn new(iou: f32) -> Self {
        // At 1 steps would vanish.
        let iou = iou.clamp(0.1, 1.0);
        Self { iou, per_step: -1.0 / iou.min(0.95).ln(), by_area: HashMap::new() }
    }

    /// Whether a box is unlike those that were new before it.
    fn is_new(&mut self, bbox: BBox) -> bool {
        let step = (bbox.area().max(f32::MIN_POSITIVE).ln() * self.per_step).floor() as i32;
        let near = (step - 1..=step + 1).filter_map(|step| self.by_area.get(&step)).flatten();
        let is_new = near.into_iter().all(|seen| seen.iou(&bbox) <= self.iou);
        if is_new {
            self.by_area.entry(step).or_default().push(bbox);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structures::hierarchy::Merge;

    fn hierarchy(boxes: &[BBox], merges: &[(u32, u32, BBox)]) -> Hierarchy {
        let merge = |&(a, b, bbox)| Merge { regions: (a, b), similarity: 1.0, bbox, level: 1 };
        Hierarchy { segments: boxes.to_vec(), merges: merges.iter().map(merge).collect(), ..Hierarchy::default() }
    }

    fn choice() -> Choice {
        Choice { min_side: 1.0, iou: 0.8, seed: 1 }
    }

    #[test]
    fn equal_boxes_come_once_and_near_ones_last() {
        let span = |x1: f32| BBox::new(0.0, 0.0, x1, 10.0);
        let one = hierarchy(&[span(10.0), span(50.0)], &[(0, 1, span(100.0))]);
        let two = hierarchy(&[span(10.0), span(52.0)], &[(0, 1, span(100.0))]);
        for seed in 0..20 {
            let found = rank(&[one.clone(), two.clone()], Choice { seed, ..choice() });
            let widths: Vec<f32> = found.iter().map(|it| it.bbox.x1).collect();
            assert_eq!(widths.len(), 4, "{widths:?}");
            assert!([50.0, 52.0].contains(&widths[3]), "the second of the two that are nearly equal: {widths:?}");
        }
    }

    #[test]
    fn the_whole_photo_is_early_and_slivers_are_left_out() {
        let boxes: Vec<BBox> = (0..200).map(|i| BBox::new(3.0 * i as f32, 0.0, 3.0 * i as f32 + 2.0, 9.0)).collect();
        let merges = [(0, 1, BBox::new(0.0, 0.0, 600.0, 9.0)), (2, 3, BBox::new(0.0, 0.0, 600.0, 0.5))];
        let places = (0..50).map(|seed| {
            let found = rank(&[hierarchy(&boxes, &merges)], Choice { seed, ..choice() });
            assert_eq!(found.len(), 201, "the sliver is no proposal");
            found.iter().position(|it| it.region == 200).expect("the whole photo")
        });
        assert!(places.sum::<usize>() < 50 * 20, "of 201");
    }
}
