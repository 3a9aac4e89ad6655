//! Depthwise separable convolution.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    conv1x1::Conv1x1,
    depthwise_conv2d::DepthwiseConv2d,
    weights::{Weights, WeightsError},
};
use crate::ops::Activation;

/// Depthwise separable convolution (Howard et al. 2017, "MobileNets"): a filter for each channel, 3x3 at stride 1, then
/// 1x1 across channels.
#[derive(Module, Debug)]
pub struct SeparableConv2d {
    depthwise: DepthwiseConv2d,
    pointwise: Conv1x1,
}

impl SeparableConv2d {
    /// Loads `{prefix}depthwise` and `{prefix}pointwise`.
    ///
    /// # Arguments
    /// * `prefix` - of both names, with what separates them (`heads.0.`, `heads.0.box_`).
    /// * `shape` - input and output channels.
    /// * `activations` - after the depthwise and after the 1x1 convolution.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(
        weights: &Weights,
        prefix: &str,
        shape: (usize, usize),
        activations: [Activation; 2],
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let name = |part: &str| format!("{prefix}{part}");
        Ok(Self {
            depthwise: DepthwiseConv2d::load(weights, &name("depthwise"), shape.0, 1, activations[0], device)?,
            pointwise: Conv1x1::load(weights, &name("pointwise"), shape, activations[1], device)?,
        })
    }

    /// `[batch, height, width, in]` to `[batch, height, width, out]`.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.pointwise.forward(self.depthwise.forward(x), None)
    }
}
