//! Transposed convolution.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{
    profile::{self, Layer},
    weights::{Weights, WeightsError},
};
use crate::ops::{self, Activation};

/// Transposed convolution 2x2 at stride 2 with bias: each input writes a 2x2 patch of its own, so nothing overlaps and
/// no checkerboard can come from uneven sums.
#[derive(Module, Debug)]
pub struct ConvTranspose2d {
    /// `[in, 2, 2, out]`.
    spread: Param<Tensor<4>>,
    /// `[out]`.
    bias: Param<Tensor<1>>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    name: String,
}

impl ConvTranspose2d {
    /// Loads `{name}.spread` (`[in, 2, 2, out]`) and `{name}.bias` (`[out]`).
    ///
    /// # Errors
    /// When one is missing or of another shape.
    pub fn load(
        weights: &Weights,
        name: &str,
        (c_in, c_out): (usize, usize),
        activation: Activation,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        Ok(Self {
            spread: Param::from_tensor(weights.tensor(&format!("{name}.spread"), [c_in, 2, 2, c_out], device)?),
            bias: Param::from_tensor(weights.tensor(&format!("{name}.bias"), [c_out], device)?),
            activation,
            name: name.to_owned(),
        })
    }

    /// `[batch, height, width, in]` to `[batch, 2 * height, 2 * width, out]`.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        profile::forward(self, x, None)
    }
}

impl Layer for ConvTranspose2d {
    fn title(&self) -> (&str, String) {
        (&self.name, "transposed 2x2 /2".into())
    }

    fn depth(&self) -> usize {
        self.spread.dims()[0]
    }

    fn compute(&self, x: Tensor<4>, _: Option<Tensor<4>>) -> Tensor<4> {
        ops::conv_transpose(x, self.spread.val(), self.bias.val(), self.activation)
    }
}
