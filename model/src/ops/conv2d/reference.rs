//! Convolution in burn's own operations.

use burn::tensor::Tensor;

use crate::ops::{activation::Activation, padding::Padding, reference::convolve};

/// See [`super::conv2d`].
#[must_use]
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    padding: Padding,
    activation: Activation,
) -> Tensor<4> {
    convolve(x, weight.permute([3, 2, 0, 1]), bias, (stride, padding), 1, activation)
}
