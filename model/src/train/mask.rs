//! Instance masks: where a box meets a class mask and no other box of that class, the class mask is the thing's own.

use burn::tensor::{Device, Tensor, TensorData, activation::sigmoid};

use super::{
    TrainError,
    bank::{Bank, Map, Place, UNKNOWN, features},
    course::Lesson,
    segment::pyramid_readers,
};
use crate::{
    device::read,
    heads::{mask::MaskHead, ssd::INPUT},
    nn::weights::{Weights, WeightsError},
    ops::Region,
    random::Random,
    structures::{
        boxes::BBox,
        mask::{InstanceMask, SIDE},
        rle::Rle,
    },
};

/// Points along each axis of a cell at which its truth is read.
const POINTS: usize = 3;
/// A side of a box may move by this share of its length while training: the detector's boxes are not exact either.
const JITTER: f32 = 0.08;
/// Sides that are shorter than this share of the view say little.
const SMALLEST: f32 = 0.04;

/// Sides of a thing with a mask of its own may be shorter: about four pixels.
const SMALLEST_DRAWN: f32 = 0.013;

/// A thing whose mask is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// Its box in fractions of the view.
    pub bbox: BBox,
    /// Its pixels.
    pub pixels: Pixels,
}

/// Which pixels of a view are a thing's.
#[derive(Clone, Debug, PartialEq)]
pub enum Pixels {
    /// Those of a class in the view's class mask.
    Class(u8),
    /// Those that people drew.
    Drawn(Rle),
}

impl Instance {
    /// A thing that is all of its class in its box.
    #[must_use]
    pub const fn of_class(bbox: BBox, class: u8) -> Self {
        Self { bbox, pixels: Pixels::Class(class) }
    }

    /// A thing that people drew, seen in a view; `None` when too little of it is seen.
    ///
    /// # Arguments
    /// * `bbox` - in fractions of the view, not clipped.
    /// * `labels` - of the view: 1 where the thing is.
    #[must_use]
    pub fn drawn(bbox: &BBox, labels: &[u8]) -> Option<Self> {
        let seen = bbox.clip(1.0, 1.0);
        let cut = seen.area() < 0.98 * bbox.area();
        // A box that the view cuts need not be tight any more.
        let seen = if cut { extent(&seen, 1, labels)? } else { seen };
        let large = seen.width() >= SMALLEST_DRAWN && seen.height() >= SMALLEST_DRAWN;
        let pixels = Rle::from_pixels((INPUT, INPUT), |x, y| labels[y * INPUT + x] == 1);
        let much = seen.area() >= 0.3 * bbox.area() && pixels.area() > 0;
        (large && much).then_some(Self { bbox: seen, pixels: Pixels::Drawn(pixels) })
    }

    /// For each pixel of the view 1 where the thing is, 0 where it is not, and [`UNKNOWN`].
    fn map(&self, labels: &[u8]) -> Vec<u8> {
        match &self.pixels {
            Pixels::Class(class) => {
                let known = |&label: &u8| if label == UNKNOWN { UNKNOWN } else { u8::from(label == *class) };
                labels.iter().map(known).collect()
            }
            Pixels::Drawn(pixels) => pixels.to_pixels().into_iter().map(u8::from).collect(),
        }
    }
}

/// A view with its things.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The view.
    pub place: Place,
    /// At least one.
    pub instances: Vec<Instance>,
}

/// The views with things whose masks are known.
pub struct Masks {
    /// The maps.
    pub banks: Vec<Bank>,
    /// Groups of views to train on, each with its share of the batches.
    pub groups: Vec<(f32, Vec<Scene>)>,
    /// Groups of views to measure on; what counts is the mean of their means.
    pub dev: Vec<Vec<Scene>>,
    /// Views a step.
    pub batch: usize,
    /// Things a view, at most.
    pub things: usize,
}

impl Lesson for Masks {
    type Head = MaskHead;

    fn load(&self, weights: &Weights, device: &Device) -> Result<MaskHead, WeightsError> {
        MaskHead::load(weights, device)
    }

    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
        pyramid_readers()
    }

    fn loss(&self, head: &MaskHead, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
        let scenes: Vec<&Scene> = (0..self.batch).map(|_| random.among(&self.groups)).collect();
        let places: Vec<Place> = scenes.iter().map(|scene| scene.place).collect();
        let (mut regions, mut truth, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for (photo, scene) in scenes.iter().enumerate() {
            let labels = self.banks[scene.place.bank].labels(scene.place.view)?;
            let mut order: Vec<usize> = (0..scene.instances.len()).collect();
            random.shuffle(&mut order);
            for &i in order.iter().take(self.things) {
                let instance = &scene.instances[i];
                let bbox = jitter(&instance.bbox, random);
                target(&instance.map(&labels), 1, &bbox, &mut truth, &mut known);
                regions.push(Region { photo, bbox });
            }
        }
        let maps = head.maps(&features(&self.banks, &places, device)?);
        let logits = head.logits(&maps, &regions);
        let shape = [regions.len(), SIDE, SIDE];
        let total: f32 = known.iter().sum();
        let truth = Tensor::<3>::from_data(TensorData::new(truth, shape), device);
        let known = Tensor::<3>::from_data(TensorData::new(known, shape), device);
        // Binary cross entropy on logits, in the form that does not overflow.
        let loss = logits.clone().clamp_min(0.0) - logits.clone() * truth + ((-logits.abs()).exp() + 1.0).log();
        Ok((loss * known).sum() / total.max(1.0))
    }

    fn measure(&self, head: &MaskHead, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let means = self.dev.iter().map(|scenes| self.mean_iou(head, scenes, device));
        let means = means.collect::<Result<Vec<f64>, _>>()?;
        let mut measures = vec![("mean_iou", means.iter().sum::<f64>() / means.len().max(1) as f64)];
        measures.extend(["animals", "drawn"].into_iter().zip(means));
        Ok(measures)
    }
}

impl Masks {
    /// The mean over all things of some views.
    fn mean_iou(&self, head: &MaskHead, scenes: &[Scene], device: &Device) -> Result<f64, TrainError> {
        let (mut sum, mut count) = (0.0, 0);
        for scenes in scenes.chunks(8) {
            let places: Vec<Place> = scenes.iter().map(|scene| scene.place).collect();
            let regions = scenes.iter().enumerate().flat_map(|(photo, scene)| {
                scene.instances.iter().map(move |instance| Region { photo, bbox: instance.bbox })
            });
            let regions: Vec<Region> = regions.collect();
            let maps = head.maps(&features(&self.banks, &places, device)?);
            let chances = sigmoid(head.logits(&maps, &regions)).unsqueeze_dim::<4>(3);
            let chances = pollster::block_on(read(vec![chances]))?.remove(0);
            let mut grids = chances.chunks_exact(SIDE * SIDE);
            for scene in scenes {
                let labels = self.banks[scene.place.bank].labels(scene.place.view)?;
                for (instance, grid) in scene.instances.iter().zip(&mut grids) {
                    (sum, count) = (sum + iou(instance, grid, &labels), count + 1);
                }
            }
        }
        Ok(sum / f64::from(count.max(1)))
    }
}

/// IoU of a pasted mask and the truth, on the view's own pixels.
fn iou(instance: &Instance, grid: &[f32], labels: &[u8]) -> f64 {
    let side = INPUT as f32;
    let bbox = instance.bbox.scale(side, side);
    let cells = grid.iter().map(|chance| (chance * 255.0).round() as u8).collect();
    let mask = InstanceMask { candidate: 0, bbox, class: 0, score: 1.0, cells };
    let patch = mask.paste((INPUT, INPUT), (1.0, 1.0));
    let truth = instance.map(labels);
    // What is the thing's outside its box is missed, but of a class mask only what is in the box is the thing's.
    let (mut both, mut any) = match &instance.pixels {
        Pixels::Class(_) => (0, 0),
        Pixels::Drawn(pixels) => (0, pixels.area() as usize),
    };
    let outside = any > 0;
    for (i, &value) in patch.values.iter().enumerate() {
        let label = truth[(patch.y + i / patch.width) * INPUT + patch.x + i % patch.width];
        if label != UNKNOWN {
            let (ours, theirs) = (value >= 128, label == 1);
            both += usize::from(ours && theirs);
            any += usize::from(if outside { ours && !theirs } else { ours || theirs });
        }
    }
    both as f64 / any.max(1) as f64
}

fn jitter(bbox: &BBox, random: &mut Random) -> BBox {
    let mut move_by = |length: f32| (random.uniform() * 2.0 - 1.0) * JITTER * length;
    let (w, h) = (bbox.width(), bbox.height());
    BBox::new(bbox.x0 + move_by(w), bbox.y0 + move_by(h), bbox.x1 + move_by(w), bbox.y1 + move_by(h)).clip(1.0, 1.0)
}

/// The share of each cell that is the class, and the share that is known, appended as `[28, 28]` each.
fn target(labels: &[u8], class: u8, bbox: &BBox, truth: &mut Vec<f32>, known: &mut Vec<f32>) {
    let places = |from: f32, length: f32| -> Vec<usize> {
        let fine = SIDE * POINTS;
        let at = |i: usize| from + length * (i as f32 + 0.5) / fine as f32;
        (0..fine).map(|i| ((at(i) * INPUT as f32).max(0.0) as usize).min(INPUT - 1)).collect()
    };
    let (columns, rows) = (places(bbox.x0, bbox.width()), places(bbox.y0, bbox.height()));
    for rows in rows.chunks_exact(POINTS) {
        for columns in columns.chunks_exact(POINTS) {
            let (mut is, mut seen) = (0u8, 0u8);
            for &y in rows {
                for &x in columns {
                    let label = labels[y * INPUT + x];
                    seen += u8::from(label != UNKNOWN);
                    is += u8::from(label == class);
                }
            }
            truth.push(if seen > 0 { f32::from(is) / f32::from(seen) } else { 0.0 });
            known.push(f32::from(seen) / (POINTS * POINTS) as f32);
        }
    }
}

/// Which of a view's labelled boxes have a mask of their own: enough of the box is in the view, no other box of the class
/// meets it, and the class mask fills a fair share of it.
///
/// # Arguments
/// * `listed` - every box of the photo in fractions of the view, with its class in the class mask.
/// * `labels` - the view's class mask.
#[must_use]
pub fn instances(listed: &[(BBox, u8)], labels: &[u8]) -> Vec<Instance> {
    let alone = |i: usize| {
        let (bbox, class) = listed[i];
        let apart = |(j, other): (usize, &(BBox, u8))| j == i || other.1 != class || other.0.intersection(&bbox) == 0.0;
        listed.iter().enumerate().all(apart)
    };
    let mut found = Vec::new();
    for (i, &(whole, class)) in listed.iter().enumerate() {
        let bbox = whole.clip(1.0, 1.0);
        let large = bbox.width() >= SMALLEST && bbox.height() >= SMALLEST && bbox.area() >= 0.3 * whole.area();
        if large && alone(i) && (0.1..=1.0).contains(&filled(&bbox, class, labels)) {
            found.push(Instance::of_class(bbox, class));
        }
    }
    found
}

/// The share of a box that its class fills.
#[must_use]
pub fn filled(bbox: &BBox, class: u8, labels: &[u8]) -> f32 {
    let (mut truth, mut known) = (Vec::new(), Vec::new());
    target(labels, class, bbox, &mut truth, &mut known);
    truth.iter().sum::<f32>() / truth.len() as f32
}

/// Things of a photo without labelled boxes, from the detector's boxes and the teacher's class mask: kept where the pixels
/// of the class in and round the detector's box have a tight box that agrees with it.
///
/// # Arguments
/// * `detected` - the detector's boxes in fractions of the view, with their classes in the class mask.
/// * `labels` - the view's class mask.
#[must_use]
pub fn agreed(detected: &[(BBox, u8)], labels: &[u8]) -> Vec<Instance> {
    let tight = detected.iter().filter_map(|&(bbox, class)| {
        let tight = extent(&grown(&bbox), class, labels)?;
        (tight.iou(&bbox) >= 0.7).then_some((tight, class))
    });
    let tight: Vec<(BBox, u8)> = tight.collect();
    instances(&tight, labels)
}

/// A box a fifth longer on each axis.
fn grown(bbox: &BBox) -> BBox {
    let (w, h) = (bbox.width() / 10.0, bbox.height() / 10.0);
    BBox::new(bbox.x0 - w, bbox.y0 - h, bbox.x1 + w, bbox.y1 + h).clip(1.0, 1.0)
}

/// The tight box round the pixels of a class inside a box.
fn extent(bbox: &BBox, class: u8, labels: &[u8]) -> Option<BBox> {
    let side = INPUT as f32;
    let pixel = |at: f32| ((at * side) as usize).min(INPUT);
    let (mut x0, mut y0, mut x1, mut y1) = (INPUT, INPUT, 0, 0);
    for y in pixel(bbox.y0)..pixel(bbox.y1) {
        for x in pixel(bbox.x0)..pixel(bbox.x1) {
            if labels[y * INPUT + x] == class {
                (x0, y0, x1, y1) = (x0.min(x), y0.min(y), x1.max(x + 1), y1.max(y + 1));
            }
        }
    }
    let corner = |at: usize| at as f32 / side;
    (x0 < x1).then(|| BBox::new(corner(x0), corner(y0), corner(x1), corner(y1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A view whose pixels from (30, 60) to (90, 150) are of class 12.
    fn labels() -> Vec<u8> {
        let mut labels = vec![0; INPUT * INPUT];
        for y in 60..150 {
            labels[y * INPUT + 30..y * INPUT + 90].fill(12);
        }
        labels
    }

    const THING: BBox = BBox::new(0.1, 0.2, 0.3, 0.5);

    #[test]
    fn boxes_that_meet_one_of_their_class_are_ambiguous() {
        let other = BBox::new(0.25, 0.2, 0.6, 0.5);
        assert_eq!(instances(&[(THING, 12)], &labels()), [Instance::of_class(THING, 12)]);
        assert_eq!(instances(&[(THING, 12), (other, 12)], &labels()), []);
        assert_eq!(instances(&[(THING, 12), (other, 8)], &labels()), [Instance::of_class(THING, 12)]);
        assert_eq!(instances(&[(THING, 8)], &labels()), [], "none of its class there");
    }

    #[test]
    fn the_detector_s_box_is_tightened() {
        let loose = BBox::new(0.09, 0.19, 0.31, 0.52);
        assert_eq!(agreed(&[(loose, 12)], &labels()), [Instance::of_class(THING, 12)]);
        assert_eq!(agreed(&[(BBox::new(0.0, 0.0, 0.9, 0.9), 12)], &labels()), [], "too far off");
    }

    #[test]
    fn a_perfect_mask_has_iou_one() {
        let thing = Instance::of_class(BBox::new(0.0, 0.2, 0.2, 0.5), 12);
        let (mut truth, mut known) = (vec![], vec![]);
        target(&labels(), 12, &thing.bbox, &mut truth, &mut known);
        assert!(iou(&thing, &truth, &labels()) > 0.97);
        assert!(known.iter().all(|&v| v == 1.0));
    }

    #[test]
    fn what_people_drew_is_seen_in_part() {
        let labels: Vec<u8> = labels().into_iter().map(|label| u8::from(label == 12)).collect();
        let whole = Instance::drawn(&THING, &labels).unwrap();
        assert_eq!(whole.bbox, THING);
        assert_eq!(whole.map(&[]), labels, "the class mask does not matter");
        // Half of the box is outside the view: the rest is made tight.
        let cut = Instance::drawn(&BBox::new(-0.1, 0.1, 0.3, 0.6), &labels).unwrap();
        assert_eq!(cut.bbox, BBox::new(0.1, 0.2, 0.3, 0.5));
        assert_eq!(Instance::drawn(&BBox::new(-2.0, 0.2, 0.3, 0.5), &labels), None, "too little is seen");
        // A mask that fills a box half as high: half of the thing is missed.
        let half = Instance { bbox: BBox::new(0.1, 0.2, 0.3, 0.35), ..whole };
        assert!((iou(&half, &[1.0; SIDE * SIDE], &[]) - 0.5).abs() < 0.02);
    }
}
