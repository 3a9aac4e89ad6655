//! Convolution with a square kernel.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{
    profile::{self, Layer},
    weights::{Weights, WeightsError},
};
use crate::ops::{self, Activation, Padding, WeightCache};

/// Convolution with a square kernel and bias.
#[derive(Module, Debug)]
pub struct Conv2d {
    /// `[kernel, kernel, in, out]`.
    weight: Param<Tensor<4>>,
    /// `[out]`.
    bias: Param<Tensor<1>>,
    #[module(skip)]
    stride: usize,
    #[module(skip)]
    padding: Padding,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    cache: WeightCache,
    #[module(skip)]
    name: String,
}

impl Conv2d {
    /// Loads `{name}.weight` (`[kernel, kernel, in, out]`) and `{name}.bias`.
    ///
    /// # Errors
    /// When one is missing or of another shape.
    pub fn load(
        weights: &Weights,
        name: &str,
        shape: [usize; 4],
        stride: usize,
        activation: Activation,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        Ok(Self {
            weight: Param::from_tensor(weights.tensor(&format!("{name}.weight"), shape, device)?),
            bias: Param::from_tensor(weights.tensor(&format!("{name}.bias"), [shape[3]], device)?),
            stride,
            padding: Padding::Same,
            activation,
            cache: WeightCache::default(),
            name: name.to_owned(),
        })
    }

    /// The same layer without padding.
    #[must_use]
    pub fn unpadded(self) -> Self {
        Self { padding: Padding::Valid, ..self }
    }

    /// `[batch, height, width, in]` to `[batch, ceil(height / stride), ceil(width / stride), out]`, `kernel - 1` less of the
    /// height and width without padding.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        profile::forward(self, x, None)
    }
}

impl Layer for Conv2d {
    fn title(&self) -> (&str, String) {
        let kernel = self.weight.dims()[0];
        (&self.name, format!("{kernel}x{kernel} /{}", self.stride))
    }

    fn depth(&self) -> usize {
        let [kernel, _, c_in, _] = self.weight.dims();
        kernel * kernel * c_in
    }

    fn compute(&self, x: Tensor<4>, _: Option<Tensor<4>>) -> Tensor<4> {
        ops::conv2d(x, self.weight.val(), self.bias.val(), self.stride, self.padding, self.activation, &self.cache)
    }
}
