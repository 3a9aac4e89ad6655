//! The convolutions in burn's own operations: slow in a browser, differentiable, and what the kernels are tested
//! against.

use burn::tensor::{
    Tensor, TensorData,
    module::conv2d,
    ops::{ConvOptions, PadMode},
};

use super::{Activation, same_padding};
use crate::regions::{Region, align::AxisTaps, photos_of};

/// See [`super::pointwise`].
#[must_use]
pub fn pointwise(
    x: Tensor<4>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    activation: Activation,
    residual: Option<Tensor<4>>,
) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.dims()[1];
    let y = x.reshape([n * h * w, c_in]).matmul(weight) + bias.unsqueeze::<2>();
    let y = activate(y.reshape([n, h, w, c_out]), activation);
    match residual {
        Some(residual) => y + residual,
        None => y,
    }
}

/// See [`super::depthwise`].
#[must_use]
pub fn depthwise(x: Tensor<4>, weight: Tensor<3>, bias: Tensor<1>, stride: usize, activation: Activation) -> Tensor<4> {
    let channels = weight.dims()[2];
    let weight = weight.permute([2, 0, 1]).unsqueeze_dim::<4>(1);
    convolve(x, weight, bias, stride, channels, activation)
}

/// See [`super::dense`].
#[must_use]
pub fn dense(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, stride: usize, activation: Activation) -> Tensor<4> {
    convolve(x, weight.permute([3, 2, 0, 1]), bias, stride, 1, activation)
}

/// See [`super::transposed`]. The patches of different inputs do not overlap, so it is a matrix product and a
/// rearrangement.
#[must_use]
pub fn transposed(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, activation: Activation) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.dims()[3];
    let patches = x.reshape([n * h * w, c_in]).matmul(weight.reshape([c_in, 4 * c_out]));
    let patches = patches.reshape([n * h, w, 2, 2 * c_out]).swap_dims(1, 2);
    activate(patches.reshape([n, 2 * h, 2 * w, c_out]) + bias.unsqueeze::<4>(), activation)
}

/// See [`super::roi_align`]. The samples of a region lie on a grid, so their bilinear weights are products of a weight for
/// the row and one for the column: the operator is two small matrix products.
#[must_use]
pub fn roi_align(map: Tensor<4>, regions: &[Region], side: usize, samples: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let (count, device) = (regions.len(), map.device());
    let matrices = |taps: AxisTaps, cells: usize| {
        Tensor::<3>::from_data(TensorData::new(taps.matrices(cells), [count, side, cells]), &device)
    };
    let rows = matrices(AxisTaps::rows(regions, height, side, samples), height);
    let columns = matrices(AxisTaps::columns(regions, width, side, samples), width);
    let shrunk = rows.matmul(photos_of(map, regions).reshape([count, height, width * channels]));
    // Bring the columns to where the second product sums: [count, side, width, channels] to [count, width, side * channels].
    let shrunk = shrunk.reshape([count, side, width, channels]).swap_dims(1, 2);
    let cut = columns.matmul(shrunk.reshape([count, width, side * channels]));
    cut.reshape([count, side, side, channels]).swap_dims(1, 2)
}

/// burn's convolution between the two layouts, with explicit "same" padding; `weight` is `[out, in / groups, k, k]`.
fn convolve(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    groups: usize,
    activation: Activation,
) -> Tensor<4> {
    let [_, h, w, _] = x.dims();
    let kernel = weight.dims()[2];
    let ((out_h, top), (out_w, left)) = (same_padding(h, kernel, stride), same_padding(w, kernel, stride));
    let needs = |out: usize, size: usize, before: usize| ((out - 1) * stride + kernel).saturating_sub(size + before);
    let padding = [(top, needs(out_h, h, top)), (left, needs(out_w, w, left))];
    let x = x.permute([0, 3, 1, 2]).pad(padding, PadMode::Constant(0.0));
    let options = ConvOptions::new([stride, stride], [0, 0], [1, 1], groups);
    activate(conv2d(x, weight, Some(bias), options).permute([0, 2, 3, 1]), activation)
}

fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    match activation {
        Activation::Linear => x,
        Activation::Relu => x.clamp_min(0.0),
        Activation::Relu6 => x.clamp(0.0, 6.0),
    }
}
