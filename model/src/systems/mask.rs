//! Instance segmentation: Mask R-CNN's mask branch (He et al. 2017) on the boxes of the single-shot detector.

use burn::{module::Module, tensor::Device};
use web_time::Instant;

use crate::{
    device::{RunError, ms, read},
    heads::mask::MaskHead,
    nn::weights::{Weights, WeightsError},
    structures::{
        boxes::{BBox, Candidate},
        mask::{InstanceMask, SIDE},
        stage::Trace,
    },
    systems::ssd::Seen,
};

/// The mask head on the detector's backbone.
#[derive(Module, Debug)]
pub struct Masker {
    head: MaskHead,
}

impl Masker {
    /// Loads the head from a burnpack file in memory.
    ///
    /// # Errors
    /// When the file is damaged or not this network's.
    pub fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Ok(Self { head: MaskHead::load(&Weights::from_bytes(bytes)?, device)? })
    }

    /// The pixels of some of the detector's guesses, all in one batch.
    ///
    /// # Arguments
    /// * `seen` - the photo after the backbone.
    /// * `candidates` - the detector's guesses in photo pixels.
    /// * `chosen` - indices of those that get a mask, usually what suppression has kept.
    ///
    /// # Returns
    /// A mask for each of `chosen`, in that order.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn masks(
        &self,
        seen: &Seen,
        candidates: &[Candidate],
        chosen: &[usize],
        trace: &mut Trace,
    ) -> Result<Vec<InstanceMask>, RunError> {
        if chosen.is_empty() {
            return Ok(vec![]);
        }
        let start = Instant::now();
        let (width, height) = (seen.photo.0 as f32, seen.photo.1 as f32);
        // What the detector guessed outside the photo has no pixels.
        let boxes: Vec<BBox> = chosen.iter().map(|&i| candidates[i].bbox.clip(width, height)).collect();
        let fractions: Vec<BBox> = boxes.iter().map(|bbox| bbox.scale(1.0 / width, 1.0 / height)).collect();
        let values = read(vec![self.head.forward(&seen.features, &fractions)]).await?;
        let grids = values[0].chunks_exact(SIDE * SIDE);
        let masks = chosen.iter().zip(boxes).zip(grids).map(|((&candidate, bbox), grid)| {
            let Candidate { class, score, .. } = candidates[candidate];
            // Probabilities are in [0, 1].
            let cells = grid.iter().map(|probability| (probability * 255.0).round() as u8).collect();
            InstanceMask { candidate, bbox, class, score, cells }
        });
        let masks = masks.collect();
        trace.push("mask head", ms(start, Instant::now()));
        Ok(masks)
    }
}
