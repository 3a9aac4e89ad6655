//! R-CNN (Girshick et al. 2014, "Rich feature hierarchies for accurate object detection and semantic segmentation"): each
//! proposal is cut out of the photo and warped to a square, a network computes its features, and a linear classifier a class
//! says what it is.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    backbone::{MobileNetV2, TOP},
    device::{RunError, read},
    heads::keypoint::sigmoid,
    nn::{
        Conv1x1,
        weights::{Network, Weights, WeightsError},
    },
    ops::{Activation, tensor_from},
    photo::{Framing, Photo, crop_at_centres},
    structures::{
        boxes::{BBox, BoxCoding, Candidate},
        class_map,
        classes::COCO,
    },
};

/// Side of a warped crop, in pixels: a multiple of 32.
pub const INPUT: usize = 160;
/// Pixels of context on each side of a crop, of [`PAPER_INPUT`] (appendix A of the paper).
const CONTEXT: f32 = 16.0;
/// Side of a warped crop in the paper.
const PAPER_INPUT: f32 = 227.0;
/// Cells along each axis that the last map is averaged to: all of its 5 x 5 would be three times the weights.
pub const CELLS: usize = 3;
/// Channels of the wide map at stride 16.
pub const WIDE: usize = 576;
/// Features of a crop: the last map, then the mean over the wide map at stride 16.
pub const FEATURES: usize = CELLS * CELLS * TOP + WIDE;
/// Classes whose boxes are corrected by weights of their own: PASCAL VOC's, in the order of [`class_map::COCO_IDS`]; behind
/// them one correction for all other classes, which have too few true boxes.
pub const CORRECTIONS: usize = class_map::COCO_IDS.len() + 1;
/// How steeply a margin becomes a score: a margin of 0 is one half, of 1 or -1 is .88 or .12.
const STEEPNESS: f32 = 2.0;
/// The coding of corrections: the paper's, without scales.
pub const CODING: BoxCoding = BoxCoding { centre_scale: 1.0, size_scale: 1.0 };

/// The region of the photo that is warped for a proposal: with context round it, so that it may leave the photo.
///
/// # Arguments
/// * `bbox` - in photo pixels.
#[must_use]
pub fn with_context(bbox: &BBox) -> BBox {
    let factor = PAPER_INPUT / (PAPER_INPUT - 2.0 * CONTEXT) / 2.0;
    let ((x, y), width, height) = (bbox.centre(), bbox.width().max(1.0) * factor, bbox.height().max(1.0) * factor);
    BBox::new(x - width, y - height, x + width, y + height)
}

/// A region warped to a square; what lies outside the photo is grey.
///
/// # Arguments
/// * `region` - in photo pixels.
///
/// # Returns
/// `[side, side, 3]`, RGB of 0 to 255.
#[must_use]
pub fn warp(photo: &Photo, region: &BBox, side: usize) -> Vec<f32> {
    warp_part(photo, region, side, |_| true)
}

/// As [`warp`], with a part of the photo only: the rest is grey, too.
///
/// # Arguments
/// * `is_kept` - whether a point of the photo, in its pixels, is shown.
#[must_use]
pub fn warp_part(photo: &Photo, region: &BBox, side: usize, is_kept: impl Fn((f32, f32)) -> bool) -> Vec<f32> {
    const GREY: f32 = 127.5;
    // A side has few pixels.
    let framing = Framing::crop(*region, (side as u32, side as u32));
    let mut values = crop_at_centres(photo, &framing);
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    for (i, pixel) in values.chunks_exact_mut(3).enumerate() {
        let (x, y) = framing.point_to_photo(((i % side) as f32 + 0.5, (i / side) as f32 + 0.5));
        if !((0.0..=width).contains(&x) && (0.0..=height).contains(&y) && is_kept((x, y))) {
            pixel.fill(GREY);
        }
    }
    values
}

/// Proposals as the network reads them.
///
/// # Arguments
/// * `boxes` - in photo pixels.
///
/// # Returns
/// `[boxes, 160, 160, 3]`, RGB in `[-1, 1]`.
#[must_use]
pub fn crops(photo: &Photo, boxes: &[BBox], device: &Device) -> Tensor<4> {
    input(boxes.iter().flat_map(|bbox| warp(photo, &with_context(bbox), INPUT)), boxes.len(), device)
}

/// Warped crops as the network reads them.
///
/// # Arguments
/// * `values` - of `count` crops, as [`warp`] returns them with a side of [`INPUT`].
///
/// # Returns
/// `[count, 160, 160, 3]`, RGB in `[-1, 1]`.
#[must_use]
pub fn input(values: impl Iterator<Item = f32>, count: usize, device: &Device) -> Tensor<4> {
    tensor_from(values.map(|v| v * (2.0 / 255.0) - 1.0).collect(), [count, INPUT, INPUT, 3], device)
}

/// The features of crops.
///
/// # Arguments
/// * `crops` - as [`crops`] returns them.
///
/// # Returns
/// `[1, 1, crops, FEATURES]`.
#[must_use]
pub fn features(backbone: &MobileNetV2, crops: Tensor<4>) -> Tensor<4> {
    let maps = backbone.forward(crops);
    let cells = averaged(averaged(maps.stride_32, 1), 2);
    let [count, height, width, channels] = cells.dims();
    let last = cells.reshape([1, 1, count, height * width * channels]);
    let [_, height, width, channels] = maps.stride_16_wide.dims();
    let wide = maps.stride_16_wide.reshape([1, count, height * width, channels]).mean_dim(2);
    Tensor::cat(vec![last, wide.reshape([1, 1, count, channels])], 3)
}

/// The means of [`CELLS`] windows along an axis that together cover it and overlap where it cannot be divided.
fn averaged(map: Tensor<4>, axis: usize) -> Tensor<4> {
    let length = map.dims()[axis];
    let mean = |i: usize| {
        let (from, to) = (i * length / CELLS, ((i + 1) * length).div_ceil(CELLS));
        map.clone().narrow(axis, from, to - from).mean_dim(axis)
    };
    Tensor::cat((0..CELLS).map(mean).collect(), axis)
}

/// A linear classifier and a correction a class.
#[derive(Module, Debug)]
pub struct RcnnHead {
    classify: Conv1x1,
    correct: Conv1x1,
}

/// What the head says of some crops.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CropOutputs {
    /// The margin of each class of [`COCO`]: on which side of its plane a crop lies, and how far. A row a crop.
    pub margins: Vec<f32>,
    /// `ty, tx, th, tw` of each of [`CORRECTIONS`], coded by [`CODING`]. A row a crop.
    pub corrections: Vec<f32>,
}

impl CropOutputs {
    /// Appends the outputs of further crops.
    pub fn extend(&mut self, other: Self) {
        self.margins.extend(other.margins);
        self.corrections.extend(other.corrections);
    }

    /// Crops.
    #[must_use]
    pub fn len(&self) -> usize {
        self.margins.len() / COCO.len()
    }

    /// Whether there is no crop.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.margins.is_empty()
    }

    /// The outputs from a crop on, for another worker: bytes of several calls one after the other are one again.
    #[must_use]
    pub fn to_bytes(&self, from: usize) -> Vec<u8> {
        let rows = self.margins.chunks_exact(COCO.len()).zip(self.corrections.chunks_exact(CORRECTIONS * 4));
        let numbers = rows.skip(from).flat_map(|(margins, corrections)| margins.iter().chain(corrections));
        numbers.flat_map(|number| number.to_le_bytes()).collect()
    }

    /// The outputs of [`CropOutputs::to_bytes`]; `None` where the bytes are not whole crops.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (rows, []) = bytes.as_chunks::<{ 4 * (COCO.len() + CORRECTIONS * 4) }>() else { return None };
        let mut outputs = Self::default();
        for row in rows {
            let (margins, corrections) = row.split_at(4 * COCO.len());
            outputs.margins.extend(numbers(margins));
            outputs.corrections.extend(numbers(corrections));
        }
        Some(outputs)
    }
}

/// Numbers of four bytes each, the lowest first.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.as_chunks().0.iter().copied().map(f32::from_le_bytes)
}

impl RcnnHead {
    /// Loads `classify` and `correct`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn from_weights(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let layer = |part, outputs| Conv1x1::load(weights, part, (FEATURES, outputs), Activation::Linear, device);
        Ok(Self { classify: layer("classify", COCO.len())?, correct: layer("correct", CORRECTIONS * 4)? })
    }

    /// Classifies and corrects crops.
    ///
    /// # Arguments
    /// * `features` - as [`features`] returns them.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn outputs(&self, features: Tensor<4>) -> Result<CropOutputs, RunError> {
        let both = vec![self.classify.forward(features.clone(), None), self.correct.forward(features, None)];
        let values = read(both).await?;
        let [margins, corrections] = values.try_into().map_err(|_| RunError::NotFinite)?;
        Ok(CropOutputs { margins, corrections })
    }
}

impl Network for RcnnHead {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::from_weights(&Weights::from_bytes(bytes)?, device)
    }
}

/// The score of a margin, 0 to 1.
#[must_use]
pub fn score(margin: f32) -> f32 {
    sigmoid(margin * STEEPNESS)
}

/// Which of [`CORRECTIONS`] a class is corrected by.
///
/// # Arguments
/// * `class` - COCO category id.
#[must_use]
pub fn correction_of(class: u16) -> usize {
    class_map::COCO_IDS.iter().position(|&id| id == class).unwrap_or(CORRECTIONS - 1)
}

/// The classes of crops, at the proposals' own boxes.
///
/// # Arguments
/// * `proposals` - in photo pixels; those that the outputs do not reach are left out.
/// * `min_score` - guesses with a lower score are left out.
///
/// # Returns
/// One guess for each class of a crop that is likely enough; their priors are the places among `proposals`.
#[must_use]
pub fn guesses(outputs: &CropOutputs, proposals: &[BBox], min_score: f32) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (prior, (margins, &bbox)) in (0u32..).zip(outputs.margins.chunks_exact(COCO.len()).zip(proposals)) {
        let scored = COCO.iter().zip(margins).map(|(&(class, _), &margin)| (class, score(margin)));
        let likely = scored.filter(|&(_, score)| score >= min_score);
        found.extend(likely.map(|(class, score)| Candidate { bbox, class, score, prior }));
    }
    found
}

/// Guesses with their boxes corrected.
///
/// # Arguments
/// * `guesses` - as [`guesses`] returns them for the same outputs.
/// * `photo` - width and height in pixels, to which boxes are clipped.
#[must_use]
pub fn corrected(outputs: &CropOutputs, guesses: &[Candidate], photo: (u32, u32)) -> Vec<Candidate> {
    let correct = |guess: &Candidate| {
        let at = (guess.prior as usize * CORRECTIONS + correction_of(guess.class)) * 4;
        let code = std::array::from_fn(|i| outputs.corrections[at + i]);
        let bbox = CODING.decode(code, &guess.bbox).clip(photo.0 as f32, photo.1 as f32);
        Candidate { bbox, ..*guess }
    };
    guesses.iter().map(correct).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: &BBox, b: &BBox) -> bool {
        [(a.x0, b.x0), (a.y0, b.y0), (a.x1, b.x1), (a.y1, b.y1)].iter().all(|(a, b)| (a - b).abs() < 1e-3)
    }

    #[test]
    fn sixteen_of_227_pixels_are_context() {
        let region = with_context(&BBox::new(100.0, 200.0, 295.0, 395.0));
        assert!(close(&region, &BBox::new(84.0, 184.0, 311.0, 411.0)), "{region:?}");
        // A box without a side still has a region.
        assert!(with_context(&BBox::new(5.0, 5.0, 5.0, 9.0)).width() > 1.0);
    }

    #[test]
    fn what_lies_outside_the_photo_is_grey() {
        let photo = Photo::from_rgb(4, 4, vec![200; 48]).expect("48 bytes");
        let values = warp(&photo, &BBox::new(-4.0, 0.0, 4.0, 4.0), 8);
        let red: Vec<f32> = values.iter().step_by(3).take(8).copied().collect();
        assert_eq!(red, [127.5, 127.5, 127.5, 127.5, 200.0, 200.0, 200.0, 200.0]);
        assert_eq!(values.len(), 8 * 8 * 3);
    }

    #[test]
    fn guesses_and_corrections_by_hand() {
        let mut outputs =
            CropOutputs { margins: vec![-9.0; 2 * COCO.len()], corrections: vec![0.0; 2 * CORRECTIONS * 4] };
        let (dog, bench) = (18, 15);
        let column = |class| COCO.iter().position(|it| it.0 == class).expect("one of COCO's");
        outputs.margins[column(dog)] = 0.0;
        outputs.margins[COCO.len() + column(bench)] = 1.0;
        let proposals = [BBox::new(10.0, 10.0, 30.0, 50.0), BBox::new(0.0, 0.0, 40.0, 40.0)];
        // A tenth of its width to the right and twice as wide for the dog; the bench is corrected as other classes are.
        outputs.corrections[correction_of(dog) * 4..][..4].copy_from_slice(&[0.0, 0.1, 0.0, 2.0f32.ln()]);
        let at = (CORRECTIONS + CORRECTIONS - 1) * 4;
        outputs.corrections[at..at + 4].copy_from_slice(&[0.5, 0.0, 0.0, 0.0]);
        let found = guesses(&outputs, &proposals, 0.05);
        assert_eq!(found.iter().map(|it| (it.class, it.prior)).collect::<Vec<_>>(), [(dog, 0), (bench, 1)]);
        assert!((found[0].score - 0.5).abs() < 1e-6 && (found[1].score - 0.8808).abs() < 1e-4);
        assert_eq!(found[0].bbox, proposals[0]);
        let moved = corrected(&outputs, &found, (60, 50));
        assert!(close(&moved[0].bbox, &BBox::new(2.0, 10.0, 42.0, 50.0)), "{:?}", moved[0].bbox);
        assert!(close(&moved[1].bbox, &BBox::new(0.0, 20.0, 40.0, 50.0)), "clipped: {:?}", moved[1].bbox);
        assert_eq!(guesses(&CropOutputs::default(), &proposals, 0.0), [], "a run that was ended before the first crop");
    }

    #[test]
    fn windows_by_hand() {
        let means = |values: &[f32]| -> Vec<f32> {
            let map = Tensor::<1>::from_floats(values, &Device::flex()).reshape([1, values.len(), 1, 1]);
            averaged(map, 1).into_data().try_into_vec().expect("float32 here")
        };
        assert_eq!(means(&[1.0, 2.0, 3.0, 4.0, 5.0]), [1.5, 3.0, 4.5]);
        assert_eq!(means(&[1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn shapes_of_the_network() {
        let device = Device::flex();
        let weights = Weights::untrained(1);
        let backbone = MobileNetV2::load(&weights, "backbone", &device).expect("untrained");
        let head = RcnnHead::from_weights(&weights, &device).expect("untrained");
        let photo = Photo::from_rgb(20, 10, vec![90; 600]).expect("600 bytes");
        let boxes = [BBox::new(0.0, 0.0, 20.0, 10.0), BBox::new(5.0, 5.0, 6.0, 6.0), BBox::new(9.0, 0.0, 20.0, 10.0)];
        let features = features(&backbone, crops(&photo, &boxes, &device));
        assert_eq!(features.dims(), [1, 1, 3, FEATURES]);
        let outputs = pollster::block_on(head.outputs(features)).expect("the CPU does not fail");
        assert_eq!((outputs.margins.len(), outputs.corrections.len()), (3 * COCO.len(), 3 * CORRECTIONS * 4));
    }
}
