//! SSD (Liu et al. 2016): boxes in one pass, from default boxes on six feature maps.

use std::sync::{Arc, OnceLock};

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use web_time::Instant;

use crate::{
    backbone::{Features, MobileNetV2},
    boxes::Candidate,
    heads::{
        single_shot::{ExtraLayers, MapOutput, MapValues, SingleShotHead, decode, default_boxes},
        votes::Votes,
    },
    kernels::numbers,
    layers::profile,
    photo::{Framing, Photo, sample_bilinear_tf},
    systems::{RunError, ms, read},
    trace::{LayerTable, Trace},
    weights::{Weights, WeightsError},
};

/// Side of the network's square input, in pixels.
pub const INPUT: usize = 300;

/// Guesses with a lower score never leave the network: 0.05 is where COCO's evaluation stops caring.
pub const SCORE_FLOOR: f32 = 0.05;

/// A photo after the backbone: the features that all tasks on it share.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Width and height of the photo in pixels.
    pub photo: (u32, u32),
    /// The backbone's maps.
    pub features: Features,
    /// The six maps that the detector's head reads, finest first.
    pub maps: Vec<Tensor<4>>,
    /// The head's class logits on them, once something has asked for them; clones share it.
    logits: Arc<OnceLock<Vec<Tensor<4>>>>,
}

impl Seen {
    /// A photo of a size in pixels, with what [`Ssd::features`] made of it.
    #[must_use]
    pub fn new(photo: (u32, u32), features: Features, maps: Vec<Tensor<4>>) -> Self {
        Self { photo, features, maps, logits: Arc::default() }
    }
}

/// SSDLite on MobileNetV2, trained on COCO.
#[derive(Module, Debug)]
pub struct Ssd {
    backbone: MobileNetV2,
    extra: ExtraLayers,
    head: SingleShotHead,
}

impl Ssd {
    /// Loads the network from a burnpack file in memory.
    ///
    /// # Errors
    /// When the file is damaged or not this network's.
    pub fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        let weights = Weights::from_bytes(bytes)?;
        Ok(Self {
            backbone: MobileNetV2::load(&weights, "backbone", device)?,
            extra: ExtraLayers::load(&weights, "extra", device)?,
            head: SingleShotHead::load(&weights, "head", device)?,
        })
    }

    /// The backbone, which other systems run at inputs of their own size.
    #[must_use]
    pub const fn backbone(&self) -> &MobileNetV2 {
        &self.backbone
    }

    /// What the network reads: the whole photo squashed to 300 x 300, RGB in `[-1, 1]`.
    ///
    /// # Returns
    /// `[1, 300, 300, 3]`.
    #[must_use]
    pub fn input(photo: &Photo, device: &Device) -> Tensor<4> {
        let framing = Framing::squash(photo.size(), (INPUT as u32, INPUT as u32));
        let mut values = sample_bilinear_tf(photo, &framing);
        for value in &mut values {
            *value = *value * (2.0 / 255.0) - 1.0;
        }
        numbers(values, [1, INPUT, INPUT, 3], device)
    }

    /// The backbone's maps, and the six that the head reads (finest first).
    #[must_use]
    pub fn features(&self, input: Tensor<4>) -> (Features, Vec<Tensor<4>>) {
        let features = self.backbone.forward(input);
        let maps = self.maps(&features);
        (features, maps)
    }

    /// The six maps that the head reads (finest first), from the backbone's.
    #[must_use]
    pub fn maps(&self, features: &Features) -> Vec<Tensor<4>> {
        let mut maps = vec![features.stride_16_wide.clone(), features.stride_32.clone()];
        maps.extend(self.extra.forward(features.stride_32.clone()));
        maps
    }

    /// The head's raw outputs on the six maps.
    #[must_use]
    pub fn head(&self, maps: &[Tensor<4>]) -> Vec<MapOutput> {
        self.head.forward(maps)
    }

    /// What the head's class scores say about places, for semantic segmentation.
    #[must_use]
    pub fn votes(&self, maps: &[Tensor<4>]) -> Votes {
        Votes::gather(&self.head.logits(maps))
    }

    /// As [`Ssd::votes`], with the scores that the boxes of the same photo were made from.
    #[must_use]
    pub fn votes_in(&self, seen: &Seen) -> Votes {
        Votes::gather(self.logits_in(seen))
    }

    fn logits_in<'a>(&self, seen: &'a Seen) -> &'a [Tensor<4>] {
        seen.logits.get_or_init(|| self.head.logits(&seen.maps))
    }

    /// Runs the backbone on a photo: what every further task on it starts from.
    #[must_use]
    pub fn look(&self, photo: &Photo, device: &Device, trace: &mut Trace) -> Seen {
        let start = Instant::now();
        let input = Self::input(photo, device);
        let sampled = Instant::now();
        let (features, maps) = self.features(input);
        trace.push("resize to 300 x 300", ms(start, sampled));
        trace.push("backbone", ms(sampled, Instant::now()));
        Seen::new(photo.size(), features, maps)
    }

    /// Finds everything in a photo.
    ///
    /// # Returns
    /// Guesses with a score of at least [`SCORE_FLOOR`] in photo pixels, before suppression. Not clipped
    /// to the photo: suppression at the photo's edge would come out otherwise than TensorFlow.js's.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn detect(&self, photo: &Photo, device: &Device, trace: &mut Trace) -> Result<Vec<Candidate>, RunError> {
        let seen = self.look(photo, device, trace);
        self.detect_in(&seen, trace).await
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
        let input = numbers(wave, [1, INPUT, INPUT, 3], device);
        let runs = profile::record(|| {
            let (_, maps) = self.features(input);
            drop(self.head(&maps));
        });
        profile::time(runs, device, rounds).await
    }

    /// As [`Ssd::detect`], with a backbone that has run.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn detect_in(&self, seen: &Seen, trace: &mut Trace) -> Result<Vec<Candidate>, RunError> {
        let start = Instant::now();
        let maps = &seen.maps;
        let grids = std::array::from_fn(|i| (maps[i].dims()[1], maps[i].dims()[2]));
        let outputs = self.head.codes(maps).into_iter().zip(self.logits_in(seen));
        let values = read_maps(outputs.map(|(codes, logits)| MapOutput { codes, logits: logits.clone() })).await?;
        let ran = Instant::now();
        let framing = Framing::squash(seen.photo, (INPUT as u32, INPUT as u32));
        let mut found = decode(&values, &default_boxes(&grids), SCORE_FLOOR);
        for guess in &mut found {
            guess.bbox = framing.fractions_to_photo(&guess.bbox);
        }
        trace.push("network", ms(start, ran));
        trace.push("decode boxes", ms(ran, Instant::now()));
        Ok(found)
    }
}

/// Reads all twelve outputs in one go.
async fn read_maps(outputs: impl Iterator<Item = MapOutput>) -> Result<Vec<MapValues>, RunError> {
    let values = read(outputs.flat_map(|output| [output.codes, output.logits]).collect()).await?;
    let mut values = values.into_iter();
    let mut maps = Vec::new();
    while let (Some(codes), Some(logits)) = (values.next(), values.next()) {
        maps.push(MapValues { codes, logits });
    }
    Ok(maps)
}
