//! Depthwise 3x3 convolution.

use burn::tensor::Tensor;

use super::activation::Activation;

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
pub(super) mod reference;

/// Depthwise 3x3 convolution: one filter a channel.
///
/// # Arguments
/// * `x` - `[batch, height, width, channels]`.
/// * `weight` - `[3, 3, channels]`.
/// * `bias` - `[channels]`.
/// * `stride` - 1 or 2, both ways.
///
/// # Returns
/// `[batch, ceil(height / stride), ceil(width / stride), channels]`.
#[must_use]
pub fn depthwise(x: Tensor<4>, weight: Tensor<3>, bias: Tensor<1>, stride: usize, activation: Activation) -> Tensor<4> {
    #[cfg(feature = "cpu")]
    if super::cpu::serves(&x) {
        return cpu::depthwise(x, weight, bias, stride, activation);
    }
    #[cfg(feature = "gpu")]
    if super::gpu::serves(&x) {
        return gpu::depthwise(x, weight, bias, stride, activation);
    }
    fallback!(reference::depthwise(x, weight, bias, stride, activation))
}
