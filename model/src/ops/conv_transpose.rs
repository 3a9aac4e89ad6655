//! Transposed convolution 2x2 at stride 2.

use burn::tensor::Tensor;

use super::activation::Activation;

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
pub(super) mod reference;

/// Transposed convolution 2x2 at stride 2 (Zeiler et al. 2010, "Deconvolutional Networks"; Long et al. 2015).
///
/// # Arguments
/// * `x` - `[batch, height, width, in]`.
/// * `weight` - `[in, 2, 2, out]`: the 2x2 patch that an input channel writes.
/// * `bias` - `[out]`.
///
/// # Returns
/// `[batch, 2 * height, 2 * width, out]`.
#[must_use]
pub fn conv_transpose(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, activation: Activation) -> Tensor<4> {
    #[cfg(feature = "cpu")]
    if super::cpu::serves(&x) {
        return cpu::conv_transpose(x, weight, bias, activation);
    }
    #[cfg(feature = "gpu")]
    if super::gpu::serves(&x) {
        return gpu::conv_transpose(x, weight, bias, activation);
    }
    fallback!(reference::conv_transpose(x, weight, bias, activation))
}
