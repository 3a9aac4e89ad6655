//! Convolution with a square kernel.

use burn::tensor::Tensor;

use super::{activation::Activation, padding::Padding, weight_cache::WeightCache};

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
pub(super) mod reference;

/// Convolution with a square kernel.
///
/// # Arguments
/// * `x` - `[batch, height, width, in]`.
/// * `weight` - `[kernel, kernel, in, out]`.
/// * `bias` - `[out]`.
/// * `stride` - 1 or 2, both ways.
/// * `padding` - without it the map must be at least as large as the kernel.
/// * `cache` - the layer's own; a new one for a weight that is used once.
///
/// # Returns
/// `[batch, ceil(height / stride), ceil(width / stride), out]`; without padding the height and width count `kernel - 1` less.
#[must_use]
#[cfg_attr(not(feature = "cpu"), expect(unused_variables, reason = "only the CPU kernels pack"))]
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    padding: Padding,
    activation: Activation,
    cache: &WeightCache,
) -> Tensor<4> {
    #[cfg(feature = "cpu")]
    if super::cpu::serves(&x) {
        return cpu::conv2d(x, weight, bias, stride, padding, activation, &cache.cpu);
    }
    #[cfg(feature = "gpu")]
    if super::gpu::serves(&x) {
        return gpu::conv2d(x, weight, bias, stride, padding, activation);
    }
    fallback!(reference::conv2d(x, weight, bias, stride, padding, activation))
}
