//! What a system found of the things that a visitor has marked as right, by the rule of PASCAL VOC (Everingham et al. 2010).

use model::structures::{boxes::BBox, class_map::ClassMap, proposal::Proposal};

/// A box finds a thing from this intersection over union on.
pub const MIN_IOU: f32 = 0.5;

/// A thing with its box in photo pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thing {
    /// COCO category id.
    pub class: u16,
    /// Where.
    pub bbox: BBox,
}

/// For each detection the thing that it finds: each takes the one of its class that it covers best, and a thing is found
/// once.
///
/// # Arguments
/// * `truth` - the things that are there.
/// * `found` - detections, best score first.
///
/// # Returns
/// Indices into `truth`, one place a detection.
pub fn matches(truth: &[Thing], found: &[Thing]) -> Vec<Option<usize>> {
    let mut taken = vec![false; truth.len()];
    let find = |it: &Thing| {
        let free = truth.iter().enumerate().filter(|&(index, thing)| !taken[index] && thing.class == it.class);
        let overlaps = free.map(|(index, thing)| (index, thing.bbox.iou(&it.bbox)));
        let best = overlaps.filter(|it| it.1 >= MIN_IOU).max_by(|a, b| a.1.total_cmp(&b.1))?.0;
        taken[best] = true;
        Some(best)
    };
    found.iter().map(find).collect()
}

/// How many things detections find.
pub fn count(truth: &[Thing], found: &[Thing]) -> usize {
    matches(truth, found).iter().flatten().count()
}

/// How many things some proposal covers, whatever its class: more cannot be found by what looks at proposals only.
pub fn held(truth: &[Thing], proposals: &[Proposal]) -> usize {
    truth.iter().filter(|thing| proposals.iter().any(|it| it.bbox.iou(&thing.bbox) >= MIN_IOU)).count()
}

/// Marks a detection as right, or takes that back.
///
/// # Arguments
/// * `found` - all detections of the row, best score first.
/// * `index` - the one that is marked.
pub fn toggle(truth: &mut Vec<Thing>, found: &[Thing], index: usize) {
    let Some(&thing) = found.get(index) else { return };
    match matches(truth, found)[index] {
        Some(known) => drop(truth.remove(known)),
        None => truth.push(thing),
    }
}

/// The share of the photo on which two class maps agree, 0 to 1; they may have other sizes.
pub fn agreement(map: &ClassMap, other: &ClassMap) -> f32 {
    if other.labels.is_empty() || map.labels.is_empty() {
        return 0.0;
    }
    let mut same = 0_usize;
    for y in 0..map.height {
        let row = (2 * y + 1) * other.height / (2 * map.height);
        for x in 0..map.width {
            let column = (2 * x + 1) * other.width / (2 * map.width);
            same += usize::from(map.labels[y * map.width + x] == other.labels[row * other.width + column]);
        }
    }
    same as f32 / map.labels.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing(class: u16, x0: f32, x1: f32) -> Thing {
        Thing { class, bbox: BBox::new(x0, 0.0, x1, 10.0) }
    }

    #[test]
    fn a_thing_is_found_by_its_class_and_half_its_box() {
        let truth = [thing(1, 0.0, 10.0), thing(18, 50.0, 60.0)];
        assert_eq!(matches(&truth, &[thing(1, 0.0, 5.0)]), [Some(0)], "half of it");
        assert_eq!(matches(&truth, &[thing(1, 0.0, 4.9)]), [None]);
        assert_eq!(matches(&truth, &[thing(18, 0.0, 10.0)]), [None], "another class");
        assert_eq!(count(&truth, &[thing(18, 50.0, 61.0), thing(1, 1.0, 10.0), thing(3, 0.0, 9.0)]), 2);
    }

    #[test]
    fn a_thing_is_found_once_and_by_the_best_score() {
        let truth = [thing(1, 0.0, 10.0)];
        assert_eq!(matches(&truth, &[thing(1, 0.0, 8.0), thing(1, 0.0, 10.0)]), [Some(0), None]);
        let two = [thing(1, 0.0, 10.0), thing(1, 2.0, 12.0)];
        assert_eq!(matches(&two, &[thing(1, 2.0, 12.0), thing(1, 1.0, 11.0)]), [Some(1), Some(0)]);
    }

    #[test]
    fn marking_twice_takes_it_back_even_through_another_row() {
        let (mut truth, first) = (Vec::new(), [thing(1, 0.0, 10.0), thing(1, 30.0, 40.0)]);
        toggle(&mut truth, &first, 1);
        toggle(&mut truth, &first, 0);
        assert_eq!(truth.len(), 2);
        let other = [thing(1, 31.0, 40.0)];
        assert_eq!(matches(&truth, &other), [Some(0)], "it is marked in the other row as well");
        toggle(&mut truth, &other, 0);
        assert_eq!(truth, [first[0]]);
        toggle(&mut truth, &other, 5);
        assert_eq!(truth.len(), 1);
    }

    #[test]
    fn proposals_hold_things_of_any_class() {
        let truth = [thing(1, 0.0, 10.0), thing(18, 50.0, 60.0)];
        let proposal = |x0: f32, x1: f32| Proposal { bbox: BBox::new(x0, 0.0, x1, 10.0), score: 1.0, anchor: None };
        assert_eq!(held(&truth, &[proposal(0.0, 12.0), proposal(20.0, 30.0)]), 1);
        assert_eq!(held(&truth, &[]), 0);
    }

    #[test]
    fn maps_of_other_sizes_agree_by_place() {
        let map = |width, height, labels: Vec<u8>| ClassMap { width, height, labels, certainty: vec![] };
        let (coarse, fine) = (map(2, 1, vec![1, 0]), map(4, 2, vec![1, 1, 0, 0, 1, 1, 0, 5]));
        assert!((agreement(&fine, &coarse) - 7.0 / 8.0).abs() < 1e-6);
        assert!((agreement(&coarse, &coarse) - 1.0).abs() < 1e-6);
        assert_eq!(agreement(&coarse, &ClassMap::default()), 0.0);
    }
}
