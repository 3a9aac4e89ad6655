//! Classification + localization: two fully connected heads on one vector.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    backbone::TOP,
    nn::{
        Conv1x1,
        weights::{Weights, WeightsError},
    },
    ops::Activation,
    structures::location::CLASSES,
};

/// Channels that each place of the stride-32 map keeps.
const SQUEEZED: usize = 64;
/// Cells along each axis of the stride-32 map of a 300 x 300 input.
pub const CELLS: usize = 10;
/// Numbers of the shared vector.
pub const VECTOR: usize = 256;

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

    /// Runs the heads.
    ///
    /// # Arguments
    /// * `stride_32` - `[batch, 10, 10, 1280]`.
    /// * `drop` - applied to the shared vector: dropout while training, nothing otherwise.
    #[must_use]
    pub fn forward(&self, stride_32: Tensor<4>, drop: impl FnOnce(Tensor<4>) -> Tensor<4>) -> LocateOutput {
        let n = stride_32.dims()[0];
        let squeezed = self.squeeze.forward(stride_32, None).reshape([n, 1, 1, CELLS * CELLS * SQUEEZED]);
        let vector = drop(self.vector.forward(squeezed, None));
        LocateOutput {
            classes: self.class.forward(vector.clone(), None).reshape([n, CLASSES.len()]),
            corners: self.corners.forward(vector.clone(), None).reshape([n, 4]) + 0.5,
            vector: vector.reshape([n, VECTOR]),
        }
    }
}
