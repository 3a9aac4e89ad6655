//! Depthwise convolution in burn's own operations.

use burn::tensor::Tensor;

use crate::ops::{activation::Activation, padding::Padding, reference::convolve};

/// See [`super::depthwise`].
#[must_use]
pub fn depthwise(x: Tensor<4>, weight: Tensor<3>, bias: Tensor<1>, stride: usize, activation: Activation) -> Tensor<4> {
    let channels = weight.dims()[2];
    let weight = weight.permute([2, 0, 1]).unsqueeze_dim::<4>(1);
    convolve(x, weight, bias, (stride, Padding::Same), channels, activation)
}
