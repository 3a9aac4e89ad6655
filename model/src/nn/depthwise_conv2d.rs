//! Depthwise 3x3 convolution.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{
    profile::{self, Layer},
    weights::{Weights, WeightsError},
};
use crate::ops::{self, Activation};

/// Depthwise 3x3 convolution with bias.
#[derive(Module, Debug)]
pub struct DepthwiseConv2d {
    /// `[3, 3, channels]`.
    weight: Param<Tensor<3>>,
    /// `[channels]`.
    bias: Param<Tensor<1>>,
    #[module(skip)]
    stride: usize,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    name: String,
}

impl DepthwiseConv2d {
    /// Loads `{name}.weight` (`[3, 3, channels]`) and `{name}.bias`.
    ///
    /// # Errors
    /// When one is missing or of another shape.
    pub fn load(
        weights: &Weights,
        name: &str,
        channels: usize,
        stride: usize,
        activation: Activation,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        Ok(Self {
            weight: Param::from_tensor(weights.tensor(&format!("{name}.weight"), [3, 3, channels], device)?),
            bias: Param::from_tensor(weights.tensor(&format!("{name}.bias"), [channels], device)?),
            stride,
            activation,
            name: name.to_owned(),
        })
    }

    /// `[batch, height, width, channels]` to `[batch, ceil(height / stride), ceil(width / stride), channels]`.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        profile::forward(self, x, None)
    }
}

impl Layer for DepthwiseConv2d {
    fn title(&self) -> (&str, String) {
        (&self.name, format!("depthwise 3x3 /{}", self.stride))
    }

    fn depth(&self) -> usize {
        9
    }

    fn compute(&self, x: Tensor<4>, _: Option<Tensor<4>>) -> Tensor<4> {
        ops::depthwise(x, self.weight.val(), self.bias.val(), self.stride, self.activation)
    }
}
