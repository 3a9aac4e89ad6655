//! Mask R-CNN's mask branch (He et al. 2017): for each box a 28 x 28 grid of probabilities, the same for every class.

use burn::{
    module::Module,
    tensor::{Device, Tensor, activation::sigmoid},
};

use super::pyramid::{FINE, MIDDLE, Pyramid, PyramidMaps, PyramidPass};
use crate::{
    backbone::{Features, PhotoFeatures},
    device::{RunError, read},
    nn::{
        Conv1x1, Conv2d, ConvTranspose2d,
        weights::{Network, Weights, WeightsError},
    },
    ops::{Activation, Region, SAMPLES, roi_align, roi_pool},
    structures::{
        boxes::{BBox, Candidate},
        mask::{InstanceMask, SIDE},
    },
};

/// Bins of a region along each axis.
const BINS: usize = 14;
/// Channels of the branch.
const CHANNELS: usize = 64;

/// Regions after RoIAlign, `[regions, 14, 14, channels]`.
#[derive(Clone, Debug)]
pub struct PooledRegions {
    /// From stride 4.
    pub fine: Tensor<4>,
    /// From stride 8.
    pub middle: Tensor<4>,
}

/// The pyramid and the branch.
#[derive(Module, Debug)]
pub struct MaskHead {
    pyramid: Pyramid,
    middle: Conv1x1,
    fine: Conv1x1,
    first: Conv2d,
    second: Conv2d,
    third: Conv2d,
    up: ConvTranspose2d,
    decide: Conv1x1,
}

impl MaskHead {
    /// Loads `pyramid`, `middle`, `fine`, `first`, `second`, `third`, `up` and `decide`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let (act, square) = (Activation::Relu, [3, 3, CHANNELS, CHANNELS]);
        Ok(Self {
            pyramid: Pyramid::load(weights, "pyramid", device)?,
            middle: Conv1x1::load(weights, "middle", (MIDDLE, CHANNELS), Activation::Linear, device)?,
            fine: Conv1x1::load(weights, "fine", (FINE, CHANNELS), Activation::Linear, device)?,
            first: Conv2d::load(weights, "first", square, 1, act, device)?,
            second: Conv2d::load(weights, "second", square, 1, act, device)?,
            third: Conv2d::load(weights, "third", square, 1, act, device)?,
            up: ConvTranspose2d::load(weights, "up", (CHANNELS, 48), act, device)?,
            // One output would leave a vector of four three quarters empty and make the GPU read scalars: the first counts.
            decide: Conv1x1::load(weights, "decide", (48, 4), Activation::Linear, device)?,
        })
    }

    /// The pyramid's maps; they serve all boxes of a photo.
    #[must_use]
    pub fn maps(&self, features: &Features) -> PyramidMaps {
        self.pyramid.forward(features, None)
    }

    /// As [`MaskHead::maps`], stride by stride.
    #[must_use]
    pub const fn begin_maps<'a>(&'a self, features: &'a Features) -> PyramidPass<'a> {
        self.pyramid.begin(features, None)
    }

    /// Pools regions from the pyramid by RoIAlign.
    ///
    /// # Arguments
    /// * `maps` - of the photos.
    /// * `regions` - at least one.
    #[must_use]
    pub fn pool(&self, maps: &PyramidMaps, regions: &[Region]) -> PooledRegions {
        PooledRegions {
            fine: roi_align(maps.stride_4.clone(), regions, BINS, SAMPLES),
            middle: roi_align(maps.stride_8.clone(), regions, BINS, SAMPLES),
        }
    }

    /// Pools regions from the pyramid by RoIPool, as Mask R-CNN's authors did to compare (He et al. 2017, section 4.2). The branch
    /// was not trained on it.
    ///
    /// # Arguments
    /// * `maps` - of the photos.
    /// * `regions` - at least one.
    #[must_use]
    pub fn pool_rounded(&self, maps: &PyramidMaps, regions: &[Region]) -> PooledRegions {
        PooledRegions {
            fine: roi_pool(maps.stride_4.clone(), regions, BINS),
            middle: roi_pool(maps.stride_8.clone(), regions, BINS),
        }
    }

    /// Logits of the masks of pooled regions: `[regions, 28, 28]`.
    #[must_use]
    pub fn predict(&self, pooled: PooledRegions) -> Tensor<3> {
        let regions = pooled.fine.dims()[0];
        // Each region reads both maps: the finer one knows the edges, the coarser one which pixels belong to one object.
        let middle = self.middle.forward(pooled.middle, None);
        let x = self.fine.forward(pooled.fine, Some(middle)).clamp_min(0.0);
        let x = self.third.forward(self.second.forward(self.first.forward(x)));
        let x = self.decide.forward(self.up.forward(x), None);
        x.slice([0..regions, 0..SIDE, 0..SIDE, 0..1]).reshape([regions, SIDE, SIDE])
    }

    /// Logits of the masks of regions: `[regions, 28, 28]`.
    ///
    /// # Arguments
    /// * `maps` - of the photos.
    /// * `regions` - at least one.
    #[must_use]
    pub fn logits(&self, maps: &PyramidMaps, regions: &[Region]) -> Tensor<3> {
        self.predict(self.pool(maps, regions))
    }

    /// Masks for some of a photo's detections, all in one batch.
    ///
    /// # Arguments
    /// * `candidates` - the detections, in photo pixels.
    /// * `chosen` - indices of those that get a mask.
    ///
    /// # Returns
    /// A mask for each of `chosen`, in that order.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn masks(
        &self,
        features: &PhotoFeatures,
        candidates: &[Candidate],
        chosen: &[usize],
    ) -> Result<Vec<InstanceMask>, RunError> {
        let (boxes, regions) = regions(features.photo, candidates, chosen);
        if regions.is_empty() {
            return Ok(vec![]);
        }
        let pooled = self.pool(&self.maps(&features.maps), &regions);
        self.decode(pooled, candidates, chosen, &boxes).await
    }

    /// As [`MaskHead::masks`], with regions that are pooled already.
    ///
    /// # Arguments
    /// * `boxes` - of `chosen`, in photo pixels and inside the photo.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn decode(
        &self,
        pooled: PooledRegions,
        candidates: &[Candidate],
        chosen: &[usize],
        boxes: &[BBox],
    ) -> Result<Vec<InstanceMask>, RunError> {
        let grids = self.grids(pooled).await?;
        let masks = chosen.iter().zip(boxes).zip(grids).map(|((&candidate, &bbox), cells)| {
            let Candidate { class, score, .. } = candidates[candidate];
            InstanceMask { candidate, bbox, class, score, cells }
        });
        Ok(masks.collect())
    }

    /// The masks of pooled regions: `[28, 28]` each, 255 times the probability of a cell.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn grids(&self, pooled: PooledRegions) -> Result<Vec<Vec<u8>>, RunError> {
        let values = read(vec![sigmoid(self.predict(pooled))]).await?;
        // Probabilities are in [0, 1].
        let cells = |grid: &[f32]| grid.iter().map(|probability| (probability * 255.0).round() as u8).collect();
        Ok(values[0].chunks_exact(SIDE * SIDE).map(cells).collect())
    }
}

/// The boxes of some detections inside the photo, in photo pixels, and the same as regions.
#[must_use]
pub fn regions((width, height): (u32, u32), candidates: &[Candidate], chosen: &[usize]) -> (Vec<BBox>, Vec<Region>) {
    let (width, height) = (width as f32, height as f32);
    // What the detector predicts outside the photo has no pixels.
    let boxes: Vec<BBox> = chosen.iter().map(|&i| candidates[i].bbox.clip(width, height)).collect();
    let region = |bbox: &BBox| Region { photo: 0, bbox: bbox.scale(1.0 / width, 1.0 / height) };
    let regions = boxes.iter().map(region).collect();
    (boxes, regions)
}

impl Network for MaskHead {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::load(&Weights::from_bytes(bytes)?, device)
    }
}
