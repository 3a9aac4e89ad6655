//! 1x1 convolution.

use burn::tensor::Tensor;

use super::{activation::Activation, packed_weights::PackedWeights, weight_cache::WeightCache};

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
pub(super) mod reference;

/// 1x1 convolution.
///
/// # Arguments
/// * `x` - `[batch, height, width, in]`.
/// * `weight` - `[in, out]`.
/// * `bias` - `[out]`.
/// * `residual` - added after the activation, in the shape of the output.
/// * `cache` - the layer's own; a new one for a weight that is used once.
///
/// # Returns
/// `[batch, height, width, out]`.
#[must_use]
#[cfg_attr(not(feature = "cpu"), expect(unused_variables, reason = "only the CPU kernels pack"))]
pub fn conv1x1(
    x: Tensor<4>,
    weight: PackedWeights,
    bias: Tensor<1>,
    activation: Activation,
    residual: Option<Tensor<4>>,
    cache: &WeightCache,
) -> Tensor<4> {
    #[cfg(feature = "cpu")]
    if super::cpu::serves(&x) {
        return cpu::conv1x1(x, weight.unpack(), bias, activation, residual, &cache.cpu);
    }
    #[cfg(feature = "gpu")]
    if super::gpu::serves(&x) {
        return gpu::conv1x1(x, weight, bias, activation, residual);
    }
    fallback!(reference::conv1x1(x, weight.unpack(), bias, activation, residual))
}
