//! The convolutions that every network here is made of, and the region operators, behind one small
//! interface.
//!
//! Activations are `[batch, height, width, channels]` (NHWC), so that a 1x1 convolution is a plain matrix product and
//! vector loads run along channels. Padding is TensorFlow's "same": `ceil(size / stride)` outputs, the odd pixel of
//! padding at the bottom and right. Bias, clamp and the residual sum are part of the convolution.
//!
//! Each function picks the fastest implementation for the device that the tensor lives on: `cpu` for `flex`, `gpu`
//! for WebGPU, and [`plain`] (burn's own operations) elsewhere, under autodiff, and as what tests compare with. A module
//! for the GPU alone has no such elsewhere: burn's products and convolutions would be a third of it.

#[cfg(feature = "gpu")]
use burn::tensor::DType;
use burn::tensor::{Device, Tensor, TensorData};

use crate::regions::{Region, assert_photos};

pub mod compare;
#[cfg(feature = "cpu")]
pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
mod mix;
pub mod plain;

pub(crate) use mix::values_of_steps;
pub use mix::{MOST_STEPS, Mix};

/// What follows the bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// Nothing.
    Linear,
    /// Negative numbers become 0.
    Relu,
    /// Clamp to `[0, 6]` (Krizhevsky 2010; MobileNetV2 uses it so that low precision stays accurate).
    Relu6,
}

impl Activation {
    /// One number after the activation; NaN stays NaN.
    #[must_use]
    #[inline(always)]
    pub fn apply(self, value: f32) -> f32 {
        match self {
            Self::Linear => value,
            // Not `f32::max`, which would turn NaN, a sign of a broken device, into 0.
            Self::Relu => {
                if value < 0.0 {
                    0.0
                } else {
                    value
                }
            }
            Self::Relu6 => value.clamp(0.0, 6.0),
        }
    }
}

/// The answer for tensors that no kernel serves: burn's own operations, where they are linked.
macro_rules! otherwise {
    ($plain:expr) => {{
        #[cfg(any(feature = "cpu", not(feature = "gpu")))]
        return $plain;
        #[cfg(all(feature = "gpu", not(feature = "cpu")))]
        unreachable!("this build is for one GPU, without autodiff: its kernels serve every tensor")
    }};
}

/// A layer's place for its weight in the order in which the CPU kernels read it, kept from call to call; empty on other
/// devices. A weight that changes is rearranged anew.
#[derive(Clone, Debug, Default)]
pub struct Packing {
    #[cfg(feature = "cpu")]
    cpu: cpu::Packing,
}

/// Numbers that a network computes with, on a device: in float32, or in float16 where [`gpu::storage`] says so. Biases
/// (1-D) and depthwise filters (3-D) are few and reach a whole channel each: they are float32 everywhere.
///
/// # Panics
/// When the shape does not hold the numbers.
#[must_use]
pub fn numbers<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    let data = TensorData::new(values, shape);
    #[cfg(feature = "gpu")]
    if gpu::storage::is_half() && !matches!(D, 1 | 3) {
        return Tensor::from_data(data, (device, DType::F16));
    }
    Tensor::from_data(data, device)
}

/// Outputs and leading padding of TensorFlow's "same" convolution along one axis.
///
/// # Returns
/// `(outputs, padding before the first pixel)`.
#[must_use]
pub fn same_padding(size: usize, kernel: usize, stride: usize) -> (usize, usize) {
    let out = size.div_ceil(stride);
    let total = ((out - 1) * stride + kernel).saturating_sub(size);
    (out, total / 2)
}

/// 1x1 convolution.
///
/// # Arguments
/// * `x` - `[batch, height, width, in]`.
/// * `mix` - `[in, out]`.
/// * `bias` - `[out]`.
/// * `residual` - added after the activation, in the shape of the output.
/// * `packing` - the layer's own; a new one for a weight that is used once.
///
/// # Returns
/// `[batch, height, width, out]`.
#[must_use]
#[cfg_attr(not(feature = "cpu"), expect(unused_variables, reason = "only the CPU kernels pack"))]
pub fn pointwise(
    x: Tensor<4>,
    mix: Mix,
    bias: Tensor<1>,
    activation: Activation,
    residual: Option<Tensor<4>>,
    packing: &Packing,
) -> Tensor<4> {
    #[cfg(feature = "cpu")]
    if cpu::serves(&x) {
        return cpu::pointwise(x, mix.into_numbers(), bias, activation, residual, &packing.cpu);
    }
    #[cfg(feature = "gpu")]
    if gpu::serves(&x) {
        return gpu::pointwise(x, mix, bias, activation, residual);
    }
    otherwise!(plain::pointwise(x, mix.into_numbers(), bias, activation, residual))
}

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
    if cpu::serves(&x) {
        return cpu::depthwise(x, weight, bias, stride, activation);
    }
    #[cfg(feature = "gpu")]
    if gpu::serves(&x) {
        return gpu::depthwise(x, weight, bias, stride, activation);
    }
    otherwise!(plain::depthwise(x, weight, bias, stride, activation))
}

/// Dense convolution with a square kernel (the 3x3 stem; heads).
///
/// # Arguments
/// * `x` - `[batch, height, width, in]`.
/// * `weight` - `[kernel, kernel, in, out]`.
/// * `bias` - `[out]`.
/// * `stride` - 1 or 2, both ways.
/// * `packing` - the layer's own; a new one for a weight that is used once.
///
/// # Returns
/// `[batch, ceil(height / stride), ceil(width / stride), out]`.
#[must_use]
#[cfg_attr(not(feature = "cpu"), expect(unused_variables, reason = "only the CPU kernels pack"))]
pub fn dense(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    activation: Activation,
    packing: &Packing,
) -> Tensor<4> {
    #[cfg(feature = "cpu")]
    if cpu::serves(&x) {
        return cpu::dense(x, weight, bias, stride, activation, &packing.cpu);
    }
    #[cfg(feature = "gpu")]
    if gpu::serves(&x) {
        return gpu::dense(x, weight, bias, stride, activation);
    }
    otherwise!(plain::dense(x, weight, bias, stride, activation))
}

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
pub fn transposed(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, activation: Activation) -> Tensor<4> {
    #[cfg(feature = "cpu")]
    if cpu::serves(&x) {
        return cpu::transposed(x, weight, bias, activation);
    }
    #[cfg(feature = "gpu")]
    if gpu::serves(&x) {
        return gpu::transposed(x, weight, bias, activation);
    }
    otherwise!(plain::transposed(x, weight, bias, activation))
}

/// RoIAlign; see [`crate::regions::align::roi_align`], which networks call.
///
/// # Arguments
/// * `map` - `[batch, height, width, channels]`.
/// * `regions` - at least one, of any photos of the batch.
/// * `side` - bins along each axis.
/// * `samples` - samples a bin takes along each axis.
///
/// # Returns
/// `[regions, side, side, channels]`.
#[must_use]
pub fn roi_align(map: Tensor<4>, regions: &[Region], side: usize, samples: usize) -> Tensor<4> {
    assert_photos(map.dims()[0], regions);
    #[cfg(feature = "cpu")]
    if cpu::serves(&map) {
        return cpu::roi_align(map, regions, side, samples);
    }
    #[cfg(feature = "gpu")]
    if gpu::serves(&map) {
        return gpu::roi_align(map, regions, side, samples);
    }
    otherwise!(plain::roi_align(map, regions, side, samples))
}

/// RoIPool; see [`crate::regions::pool::roi_pool`], which networks call. On the GPU burn's own operations do it.
///
/// # Returns
/// `[regions, side, side, channels]`.
#[must_use]
pub fn roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    assert_photos(map.dims()[0], regions);
    #[cfg(feature = "cpu")]
    if cpu::serves(&map) {
        return cpu::roi_pool(map, regions, side);
    }
    plain::roi_pool(map, regions, side)
}

/// Position-sensitive RoIPool; see [`crate::regions::position_sensitive::position_sensitive_roi_pool`], which networks
/// call. On the GPU burn's own operations do it.
///
/// # Returns
/// `[regions, side, side, channels / (side * side)]`.
#[must_use]
pub fn position_sensitive_roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [batch, _, _, channels] = map.dims();
    assert_photos(batch, regions);
    assert!(channels.is_multiple_of(side * side), "{channels} channels are not a map a bin for {side} x {side} bins");
    #[cfg(feature = "cpu")]
    if cpu::serves(&map) {
        return cpu::position_sensitive_roi_pool(map, regions, side);
    }
    plain::position_sensitive_roi_pool(map, regions, side)
}

#[cfg(test)]
mod tests {
    use super::same_padding;

    #[test]
    fn same_padding_is_tensorflows() {
        assert_eq!(same_padding(300, 3, 2), (150, 0)); // 1 pixel of padding, at the end
        assert_eq!(same_padding(75, 3, 2), (38, 1));
        assert_eq!(same_padding(19, 3, 1), (19, 1));
        assert_eq!(same_padding(1, 3, 2), (1, 1));
        assert_eq!(same_padding(2, 3, 2), (1, 0));
    }
}
