//! SSD (Liu et al. 2016): boxes in one pass, from default boxes on six feature maps.

use burn::{
    module::Module,
    tensor::{Device, ExecutionError, Tensor, TensorData, Transaction},
};
use web_time::Instant;

use crate::{
    backbone::{Features, MobileNetV2},
    boxes::Candidate,
    heads::single_shot::{
        BOXES_PER_POSITION, ExtraLayers, MapOutput, MapValues, SingleShotHead, decode, default_boxes,
    },
    photo::{Framing, Photo, sample_bilinear_tf},
    trace::Trace,
    weights::{Weights, WeightsError},
};

/// Side of the network's square input, in pixels.
pub const INPUT: usize = 300;

/// Guesses with a lower score never leave the network: 0.05 is where COCO's evaluation stops caring.
pub const SCORE_FLOOR: f32 = 0.05;

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The device could not finish.
    #[error("the device stopped while the network ran ({0})")]
    Device(String),
    /// The network's output has numbers that are not finite: the device computed wrong.
    #[error("the network's output is not finite: this device computes wrong")]
    NotFinite,
}

impl From<ExecutionError> for RunError {
    fn from(error: ExecutionError) -> Self {
        Self::Device(format!("{error:?}"))
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
        Tensor::from_data(TensorData::new(values, [1, INPUT, INPUT, 3]), device)
    }

    /// The backbone's maps, and the six that the head reads (finest first).
    #[must_use]
    pub fn features(&self, input: Tensor<4>) -> (Features, Vec<Tensor<4>>) {
        let features = self.backbone.forward(input);
        let mut maps = vec![features.stride_16_wide.clone(), features.stride_32.clone()];
        maps.extend(self.extra.forward(features.stride_32.clone()));
        (features, maps)
    }

    /// The head's raw outputs on the six maps.
    #[must_use]
    pub fn head(&self, maps: &[Tensor<4>]) -> Vec<MapOutput> {
        self.head.forward(maps)
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
        let start = Instant::now();
        let input = Self::input(photo, device);
        let sampled = Instant::now();
        let (_, maps) = self.features(input);
        let grids = std::array::from_fn(|i| (maps[i].dims()[1], maps[i].dims()[2]));
        let values = read(self.head(&maps)).await?;
        let ran = Instant::now();
        let framing = Framing::squash(photo.size(), (INPUT as u32, INPUT as u32));
        let mut found = decode(&values, &default_boxes(&grids), SCORE_FLOOR);
        for guess in &mut found {
            guess.bbox = framing.fractions_to_photo(&guess.bbox);
        }
        trace.push("resize to 300 x 300", ms(start, sampled));
        trace.push("network", ms(sampled, ran));
        trace.push("decode boxes", ms(ran, Instant::now()));
        Ok(found)
    }
}

/// Reads all twelve outputs in one go: one submission, one wait.
async fn read(outputs: Vec<MapOutput>) -> Result<Vec<MapValues>, RunError> {
    let mut transaction = Transaction::default();
    let mut strides = Vec::with_capacity(outputs.len());
    for output in outputs {
        strides.push(output.logits.dims()[3]);
        transaction = transaction.register(output.codes).register(output.logits);
    }
    let mut data = transaction.execute_async().await?.into_iter();
    let mut values = || {
        let numbers = data.next().and_then(|data| data.try_into_vec::<f32>().ok()).ok_or(RunError::NotFinite)?;
        if numbers.iter().all(|v| v.is_finite()) { Ok(numbers) } else { Err(RunError::NotFinite) }
    };
    let mut maps = Vec::with_capacity(strides.len());
    for (stride, boxes) in strides.into_iter().zip(BOXES_PER_POSITION) {
        maps.push(MapValues { codes: values()?, logits: values()?, stride, boxes });
    }
    Ok(maps)
}

/// Milliseconds between two moments.
fn ms(from: Instant, to: Instant) -> f64 {
    to.duration_since(from).as_secs_f64() * 1e3
}
