//! Classification + localization: two fully connected heads on one vector.

use burn::{
    module::Module,
    tensor::{Device, Tensor, activation::softmax},
};

use crate::{
    backbone::{BackboneTail, Features, TOP},
    device::{RunError, read},
    nn::{
        Conv1x1,
        weights::{Network, Weights, WeightsError},
    },
    ops::{Activation, tensor_from},
    structures::{
        boxes::BBox,
        location::{CLASSES, Location},
        question::LinearHeads,
    },
};

/// Channels that each place of the stride-32 map keeps.
const SQUEEZED: usize = 64;
/// Cells along each axis of the stride-32 map of a 300 x 300 input.
pub const CELLS: usize = 10;
/// How much the loss of the box counts beside that of the class.
pub const BOX_WEIGHT: f32 = 6.0;

/// Sizes of a head that has not learnt yet; otherwise its weights say them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Numbers of the shared vector.
    pub vector: usize,
    /// 1 box for all classes, or one for each (Girshick 2015, "Fast R-CNN", section 2.1).
    pub boxes: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { vector: 256, boxes: 1 }
    }
}

/// From the stride-32 map to one vector, and from the vector to a class and to four numbers.
#[derive(Module, Debug)]
pub struct LocateHead {
    /// Makes that map where the heads were trained together with it; otherwise it is the backbone's.
    tail: Option<BackboneTail>,
    squeeze: Conv1x1,
    vector: Conv1x1,
    class: Conv1x1,
    corners: Conv1x1,
}

/// What the two heads say, one row a photo.
#[derive(Clone, Debug)]
pub struct LocateOutput {
    /// The shared vector, `[batch, numbers]`.
    pub vector: Tensor<2>,
    /// Logits of [`CLASSES`], `[batch, 21]`.
    pub classes: Tensor<2>,
    /// Left, top, right and bottom edge of each box in fractions of the photo, `[batch, boxes * 4]`.
    pub corners: Tensor<2>,
}

impl LocateHead {
    /// Loads `{prefix}squeeze`, `{prefix}vector`, `{prefix}class` and `{prefix}corners`, and `{prefix}tail` where the file has
    /// one.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        let columns = |name: &str| weights.shape(&format!("{prefix}{name}.weight")).and_then(|it| it.last().copied());
        let usual = Sizes::default();
        let boxes = columns("corners").map_or(usual.boxes, |columns| columns / 4);
        let sizes = Sizes { vector: columns("vector").unwrap_or(usual.vector), boxes };
        let head = Self::with_sizes(weights, prefix, sizes, device)?;
        if columns("tail.top").is_none() {
            return Ok(head);
        }
        Ok(head.with_tail(BackboneTail::load(weights, &format!("{prefix}tail"), device)?))
    }

    /// As [`LocateHead::load`], of given sizes and on the backbone's own map.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn with_sizes(weights: &Weights, prefix: &str, sizes: Sizes, device: &Device) -> Result<Self, WeightsError> {
        let load = |name: &str, shape, activation| {
            Conv1x1::load(weights, &format!("{prefix}{name}"), shape, activation, device)
        };
        let Sizes { vector, boxes } = sizes;
        Ok(Self {
            tail: None,
            squeeze: load("squeeze", (TOP, SQUEEZED), Activation::Relu)?,
            vector: load("vector", (CELLS * CELLS * SQUEEZED, vector), Activation::Relu)?,
            class: load("class", (vector, CLASSES.len()), Activation::Linear)?,
            corners: load("corners", (vector, boxes * 4), Activation::Linear)?,
        })
    }

    /// The same heads on a map of their own.
    #[must_use]
    pub fn with_tail(self, tail: BackboneTail) -> Self {
        Self { tail: Some(tail), ..self }
    }

    /// The map at stride 32 that the heads read, `[batch, height, width, 1280]`: their own, or the backbone's.
    ///
    /// # Arguments
    /// * `features` - the backbone's maps; `stride_16_wide` of them is read for a map of their own, otherwise `stride_32`.
    #[must_use]
    pub fn map(&self, features: &Features) -> Tensor<4> {
        match &self.tail {
            Some(tail) => tail.forward(features.stride_16_wide.clone()),
            None => features.stride_32.clone(),
        }
    }

    /// The shared vector: `[batch, 1, 1, numbers]`.
    ///
    /// # Arguments
    /// * `stride_32` - from [`LocateHead::map`], `[batch, 10, 10, 1280]`.
    #[must_use]
    pub fn vector(&self, stride_32: Tensor<4>) -> Tensor<4> {
        let n = stride_32.dims()[0];
        let squeezed = self.squeeze.forward(stride_32, None).reshape([n, 1, 1, CELLS * CELLS * SQUEEZED]);
        self.vector.forward(squeezed, None)
    }

    /// The two heads on the shared vector.
    ///
    /// # Arguments
    /// * `vector` - from [`LocateHead::vector`].
    #[must_use]
    pub fn heads(&self, vector: Tensor<4>) -> LocateOutput {
        let rows = |it: Tensor<4>| {
            let [n, _, _, columns] = it.dims();
            it.reshape([n, columns])
        };
        LocateOutput {
            classes: rows(self.class.forward(vector.clone(), None)),
            corners: rows(self.corners.forward(vector.clone(), None)) + 0.5,
            vector: rows(vector),
        }
    }

    /// Reads the two heads as numbers, with the vector that they are on.
    ///
    /// # Arguments
    /// * `vector` - from [`LocateHead::vector`], of one photo.
    ///
    /// # Returns
    /// The heads with the weight of the box that the packaged head was trained with, and no measure.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn numbers(&self, vector: Tensor<4>) -> Result<LinearHeads, RunError> {
        // The heads are linear: what they say of each unit vector is a row of weights and the biases, of 0 the biases.
        let length = vector.dims()[3];
        let mut probes = vec![0.0; (length + 1) * length];
        probes.iter_mut().step_by(length + 1).take(length).for_each(|it| *it = 1.0);
        let probes = tensor_from(probes, [length + 1, 1, 1, length], &vector.device());
        let said = self.heads(probes);
        let values = read(vec![vector.reshape([1, length]), said.classes, said.corners]).await?;
        let [vector, mut classes, mut corners] = values.try_into().map_err(|_| RunError::NotFinite)?;
        for outputs in [&mut classes, &mut corners] {
            let columns = outputs.len() / (length + 1);
            let (weights, biases) = outputs.split_at_mut(length * columns);
            weights.iter_mut().enumerate().for_each(|(i, it)| *it -= biases[i % columns]);
        }
        Ok(LinearHeads { box_weight: BOX_WEIGHT, right: None, vector, classes, corners })
    }

    /// Runs the heads.
    ///
    /// # Arguments
    /// * `features` - the backbone's maps, as [`LocateHead::map`] reads them.
    /// * `drop` - applied to the shared vector: dropout while training, nothing otherwise.
    #[must_use]
    pub fn forward(&self, features: &Features, drop: impl FnOnce(Tensor<4>) -> Tensor<4>) -> LocateOutput {
        self.heads(drop(self.vector(self.map(features))))
    }
}

impl LocateOutput {
    /// Reads one class and one box from the device.
    ///
    /// # Arguments
    /// * `photo` - width and height in pixels.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn location(self, photo: (u32, u32)) -> Result<Location, RunError> {
        let mut values = read(vec![softmax(self.classes, 1), self.corners]).await?.into_iter();
        let (Some(probabilities), Some(corners)) = (values.next(), values.next()) else {
            return Err(RunError::NotFinite);
        };
        let [x0, y0, x1, y1] = [corners[0], corners[1], corners[2], corners[3]];
        let bbox = BBox::new(x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)).clip(1.0, 1.0);
        Ok(Location { probabilities, bbox: bbox.scale(photo.0 as f32, photo.1 as f32) })
    }
}

impl Network for LocateHead {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::load(&Weights::from_bytes(bytes)?, "", device)
    }
}

/// A head that was trained to be compared with others.
#[derive(Clone, Debug)]
pub struct ComparedHead {
    /// How much the loss of the box counted.
    pub box_weight: f32,
    /// The share of the dev part's photos where its class and its box are right.
    pub right: f32,
    /// The head.
    pub head: LocateHead,
}

/// Heads that differ in the weight of the box, and one with a box for each class.
#[derive(Clone, Debug)]
pub struct ComparedHeads(pub Vec<ComparedHead>);

impl ComparedHeads {
    /// The key of the note that says how many heads there are.
    pub const COUNT: &'static str = "heads";

    /// The prefix of a head's tensors, and of its notes `weight` and `right`.
    #[must_use]
    pub fn prefix(index: usize) -> String {
        format!("{index}.")
    }
}

impl Network for ComparedHeads {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        let weights = Weights::from_bytes(bytes)?;
        // A small whole number.
        let count = weights.number(Self::COUNT)? as usize;
        let head = |index| {
            let prefix = Self::prefix(index);
            Ok(ComparedHead {
                box_weight: weights.number(&format!("{prefix}weight"))?,
                right: weights.number(&format!("{prefix}right"))?,
                head: LocateHead::load(&weights, &prefix, device)?,
            })
        };
        (0..count).map(head).collect::<Result<_, _>>().map(Self)
    }
}
