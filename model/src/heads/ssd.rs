//! SSD (Liu et al. 2016): boxes in one pass, from default boxes on six feature maps.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    input::squashed,
    single_shot::{ExtraLayers, MapOutput, MapValues, SingleShotHead, decode},
    votes::Votes,
};
use crate::{
    backbone::{BackbonePass, Features, MobileNetV2, PhotoFeatures},
    device::{RunError, read},
    nn::{
        profile,
        weights::{Network, Weights, WeightsError},
    },
    ops::tensor_from,
    photo::{Framing, Photo},
    proposals::default_boxes::default_boxes,
    structures::{
        boxes::{BBox, BoxCoding, Candidate},
        classes::COCO,
        stage::{AnchorGrid, Anchors, LayerTable, TOP},
    },
};

/// Side of the network's square input, in pixels.
pub const INPUT: usize = 300;

/// Detections with a lower score never leave the network: 0.05 is where COCO's evaluation stops caring.
pub const MIN_SCORE: f32 = 0.05;

/// SSDLite on MobileNetV2, trained on COCO.
#[derive(Module, Debug)]
pub struct Ssd {
    backbone: MobileNetV2,
    extra: ExtraLayers,
    head: SingleShotHead,
}

/// The six maps of a photo, and what the head says of the class of each default box on them.
#[derive(Clone, Debug)]
pub struct ClassScores {
    /// The six maps that the head reads, finest first.
    pub maps: Vec<Tensor<4>>,
    /// Logits of each default box, `[batch, height, width, boxes * 80]` a map.
    pub logits: Vec<Tensor<4>>,
}

/// The head's output for one photo, on the host.
#[derive(Clone, Debug)]
pub struct SsdOutput {
    /// Width and height of the photo in pixels.
    pub photo: (u32, u32),
    /// Height and width of the six maps.
    pub grids: [(usize, usize); 6],
    /// The outputs on the six maps.
    pub maps: Vec<MapValues>,
}

impl Ssd {
    /// Loads `backbone`, `extra` and `head`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn from_weights(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        Ok(Self {
            backbone: MobileNetV2::load(weights, "backbone", device)?,
            extra: ExtraLayers::load(weights, "extra", device)?,
            head: SingleShotHead::load(weights, "head", device)?,
        })
    }

    /// The backbone, which region systems run at inputs of their own size.
    #[must_use]
    pub const fn backbone(&self) -> &MobileNetV2 {
        &self.backbone
    }

    /// The whole photo squashed to 300 x 300, RGB in `[-1, 1]`.
    ///
    /// # Returns
    /// `[1, 300, 300, 3]`.
    #[must_use]
    pub fn input(photo: &Photo, device: &Device) -> Tensor<4> {
        squashed(photo, INPUT, device)
    }

    /// The backbone's maps.
    ///
    /// # Arguments
    /// * `input` - `[batch, height, width, 3]`, RGB in `[-1, 1]`.
    #[must_use]
    pub fn features(&self, input: Tensor<4>) -> Features {
        self.backbone.forward(input)
    }

    /// As [`Ssd::features`], stride by stride.
    #[must_use]
    pub fn begin_features(&self, input: Tensor<4>) -> BackbonePass<'_> {
        self.backbone.begin(input)
    }

    /// The six maps that the head reads (finest first), from the backbone's.
    #[must_use]
    pub fn maps(&self, features: &Features) -> Vec<Tensor<4>> {
        let mut maps = vec![features.stride_16_wide.clone(), features.stride_32.clone()];
        maps.extend(self.extra.forward(features.stride_32.clone()));
        maps
    }

    /// The six maps and the class logits on them.
    #[must_use]
    pub fn class_scores(&self, features: &Features) -> ClassScores {
        let maps = self.maps(features);
        ClassScores { logits: self.head.logits(&maps), maps }
    }

    /// The head's raw outputs on the six maps.
    #[must_use]
    pub fn head(&self, maps: &[Tensor<4>]) -> Vec<MapOutput> {
        self.head.forward(maps)
    }

    /// Runs the head's box branch and reads both branches from the device.
    ///
    /// # Arguments
    /// * `photo` - width and height in pixels.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn output(&self, photo: (u32, u32), scores: &ClassScores) -> Result<SsdOutput, RunError> {
        let maps = &scores.maps;
        let grids = std::array::from_fn(|i| (maps[i].dims()[1], maps[i].dims()[2]));
        let outputs = self.head.codes(maps).into_iter().zip(&scores.logits);
        let values = read(outputs.flat_map(|(codes, logits)| [codes, logits.clone()]).collect()).await?;
        let mut values = values.into_iter();
        let mut maps = Vec::new();
        while let (Some(codes), Some(logits)) = (values.next(), values.next()) {
            maps.push(MapValues { codes, logits });
        }
        Ok(SsdOutput { photo, grids, maps })
    }

    /// Detects objects in a photo.
    ///
    /// # Returns
    /// As [`SsdOutput::detections`].
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn detect(&self, photo: &Photo, device: &Device) -> Result<Vec<Candidate>, RunError> {
        self.detect_in(&self.photo_features(photo, device)).await
    }

    /// Runs the backbone on a photo.
    #[must_use]
    pub fn photo_features(&self, photo: &Photo, device: &Device) -> PhotoFeatures {
        PhotoFeatures { photo: photo.size(), maps: self.features(Self::input(photo, device)), map_ms: vec![] }
    }

    /// As [`Ssd::detect`], with a backbone that has run.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn detect_in(&self, features: &PhotoFeatures) -> Result<Vec<Candidate>, RunError> {
        Ok(self.output(features.photo, &self.class_scores(&features.maps)).await?.detections())
    }

    /// Times every layer of the network on made-up numbers.
    ///
    /// # Arguments
    /// * `rounds` - measurements of each layer.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn time_layers(&self, device: &Device, rounds: usize) -> Result<LayerTable, RunError> {
        let wave = (0..INPUT * INPUT * 3).map(|i| (i as f32 * 0.37).sin()).collect::<Vec<f32>>();
        let input = tensor_from(wave, [1, INPUT, INPUT, 3], device);
        let runs = profile::record(|| drop(self.head(&self.maps(&self.features(input)))));
        profile::time(runs, device, rounds).await
    }
}

impl Network for Ssd {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::from_weights(&Weights::from_bytes(bytes)?, device)
    }
}

impl ClassScores {
    /// The scores as a prior of the class at each place, for semantic segmentation.
    #[must_use]
    pub fn prior(&self) -> Votes {
        Votes::gather(&self.logits)
    }
}

impl SsdOutput {
    fn framing(&self) -> Framing {
        Framing::squash(self.photo, (INPUT as u32, INPUT as u32))
    }

    /// The detections before suppression.
    ///
    /// # Returns
    /// Boxes with a score of at least [`MIN_SCORE`] in photo pixels. Not clipped to the photo: suppression at the photo's edge
    /// would come out otherwise than TensorFlow.js's.
    #[must_use]
    pub fn detections(&self) -> Vec<Candidate> {
        let framing = self.framing();
        let mut found = decode(&self.maps, &default_boxes(&self.grids), MIN_SCORE);
        for detection in &mut found {
            detection.bbox = framing.fractions_to_photo(&detection.bbox);
        }
        found
    }

    /// Every default box with its correction and its best classes, sure and unsure alike.
    #[must_use]
    pub fn anchors(&self) -> Anchors {
        let framing = self.framing();
        let per_cell = |map: &MapValues, (rows, columns): (usize, usize)| map.codes.len() / 4 / (rows * columns).max(1);
        let grids = self.maps.iter().zip(self.grids);
        let grids =
            grids.map(|(map, (height, width))| AnchorGrid { width, height, per_cell: per_cell(map, (height, width)) });
        let mut anchors = Anchors { grids: grids.collect(), ..Anchors::default() };
        let boxes = default_boxes(&self.grids);
        let codes = self.maps.iter().flat_map(|map| map.codes.chunks_exact(4));
        let logits = self.maps.iter().flat_map(|map| map.logits.chunks_exact(COCO.len()));
        for ((default, code), logits) in boxes.iter().zip(codes).zip(logits) {
            let code = [code[0], code[1], code[2], code[3]];
            let corrected = framing.fractions_to_photo(&BoxCoding::SSD.decode(code, default));
            anchors.boxes.extend(corners(&framing.fractions_to_photo(default)));
            anchors.corrected.extend(corners(&corrected));
            anchors.corrections.extend(BoxCoding::SSD.offsets(code));
            let mut best: Vec<usize> = (0..logits.len()).collect();
            best.select_nth_unstable_by(TOP, |&a, &b| logits[b].total_cmp(&logits[a]));
            best.truncate(TOP);
            best.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
            anchors.classes.extend(best.iter().map(|&column| COCO[column].0));
            anchors.scores.extend(best.iter().map(|&column| 1.0 / (1.0 + (-logits[column]).exp())));
        }
        anchors
    }
}

/// Left, top, right, bottom.
const fn corners(bbox: &BBox) -> [f32; 4] {
    [bbox.x0, bbox.y0, bbox.x1, bbox.y1]
}
