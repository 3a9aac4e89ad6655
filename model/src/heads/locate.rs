//! Classification + localization: two fully connected heads on one vector.

use burn::{
    module::Module,
    tensor::{Device, Tensor, activation::softmax},
};

use crate::{
    backbone::TOP,
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
/// Numbers of the shared vector.
pub const VECTOR: usize = 256;
/// How much the loss of the box counts beside that of the class.
pub const BOX_WEIGHT: f32 = 2.0;

/// From the stride-32 map to one vector, and from the vector to a class and to four numbers.
#[derive(Module, Debug)]
pub struct LocateHead {
    squeeze: Conv1x1,
    vector: Conv1x1,
    class: Conv1x1,
    corners: Conv1x1,
}

/// What the two heads say, one row a photo.
#[derive(Clone, Debug)]
pub struct LocateOutput {
    /// The shared vector, `[batch, 256]`.
    pub vector: Tensor<2>,
    /// Logits of [`CLASSES`], `[batch, 6]`.
    pub classes: Tensor<2>,
    /// The box's left, top, right and bottom edge in fractions of the photo, `[batch, 4]`.
    pub corners: Tensor<2>,
}

impl LocateHead {
    /// Loads `squeeze`, `vector`, `class` and `corners`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let all = CELLS * CELLS * SQUEEZED;
        Ok(Self {
            squeeze: Conv1x1::load(weights, "squeeze", (TOP, SQUEEZED), Activation::Relu, device)?,
            vector: Conv1x1::load(weights, "vector", (all, VECTOR), Activation::Relu, device)?,
            class: Conv1x1::load(weights, "class", (VECTOR, CLASSES.len()), Activation::Linear, device)?,
            corners: Conv1x1::load(weights, "corners", (VECTOR, 4), Activation::Linear, device)?,
        })
    }

    /// The shared vector: `[batch, 1, 1, 256]`.
    ///
    /// # Arguments
    /// * `stride_32` - `[batch, 10, 10, 1280]`.
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
        let n = vector.dims()[0];
        LocateOutput {
            classes: self.class.forward(vector.clone(), None).reshape([n, CLASSES.len()]),
            corners: self.corners.forward(vector.clone(), None).reshape([n, 4]) + 0.5,
            vector: vector.reshape([n, VECTOR]),
        }
    }

    /// Reads the two heads as numbers, with the vector that they are on.
    ///
    /// # Arguments
    /// * `vector` - from [`LocateHead::vector`], of one photo.
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
        Ok(LinearHeads { box_weight: BOX_WEIGHT, vector, classes, corners })
    }

    /// Runs the heads.
    ///
    /// # Arguments
    /// * `stride_32` - `[batch, 10, 10, 1280]`.
    /// * `drop` - applied to the shared vector: dropout while training, nothing otherwise.
    #[must_use]
    pub fn forward(&self, stride_32: Tensor<4>, drop: impl FnOnce(Tensor<4>) -> Tensor<4>) -> LocateOutput {
        self.heads(drop(self.vector(stride_32)))
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
        Self::load(&Weights::from_bytes(bytes)?, device)
    }
}
