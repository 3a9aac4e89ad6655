//! The convolutions and the region operators in burn's own operations: slow in a browser, differentiable, and what the kernels are tested
//! against.

use std::ops::Range;

use burn::tensor::{
    Int, Tensor, TensorData,
    module::conv2d,
    ops::{ConvOptions, PadMode},
};

use super::{Activation, same_padding};
use crate::regions::{Region, align::AxisTaps, bins::Bins, photos_of, pool, position_sensitive};

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
/// the row and one for the column: the operator is two small matrix products. The first is one for all neighbouring
/// regions of a photo, so that no region needs a copy of its map.
#[must_use]
pub fn roi_align(map: Tensor<4>, regions: &[Region], side: usize, samples: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let device = map.device();
    let of_photo = |regions: &[Region]| {
        let (count, photo) = (regions.len(), regions[0].photo);
        let rows = AxisTaps::rows(regions, height, side, samples).matrices(height);
        let rows = Tensor::<2>::from_data(TensorData::new(rows, [count * side, height]), &device);
        let columns = AxisTaps::columns(regions, width, side, samples).matrices(width);
        let columns = Tensor::<4>::from_data(TensorData::new(columns, [count, 1, side, width]), &device);
        let map = map.clone().narrow(0, photo, 1).reshape([height, width * channels]);
        let shrunk = rows.matmul(map).reshape([count, side, width, channels]);
        columns.expand([count, side, side, width]).matmul(shrunk)
    };
    Tensor::cat(regions.chunk_by(|a, b| a.photo == b.photo).map(of_photo).collect(), 0)
}

/// See [`super::roi_pool`]. Each bin lists as many cells as the largest has, the smaller ones some cells again, so that one
/// selection and one maximum serve all.
#[must_use]
pub fn roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [batch, height, width, channels] = map.dims();
    let bins: Vec<[Bins; 2]> = regions.iter().map(|region| pool::bins(region, [height, width], side)).collect();
    let [tall, wide] = [0, 1].map(|axis| bins.iter().map(|bins| bins[axis].longest()).max().unwrap_or(0).max(1));
    let count = regions.len() * side * side;
    let mut cells = Vec::with_capacity(count * tall * wide);
    let mut filled = Vec::with_capacity(count);
    for (region, [rows, columns]) in regions.iter().zip(&bins) {
        for (row, column) in rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column))) {
            let is_empty = row.is_empty() || column.is_empty();
            filled.push(if is_empty { 0.0f32 } else { 1.0 });
            let cell = |bin: &Range<usize>, i: usize| if is_empty { 0 } else { (bin.start + i).min(bin.end - 1) };
            for y in 0..tall {
                let line = (region.photo * height + cell(row, y)) * width;
                cells.extend((0..wide).map(|x| (line + cell(column, x)) as i32));
            }
        }
    }
    let device = map.device();
    let cells = Tensor::<1, Int>::from_data(TensorData::new(cells, [count * tall * wide]), &device);
    let filled = Tensor::<2>::from_data(TensorData::new(filled, [count, 1]), &device);
    let listed = map.reshape([batch * height * width, channels]).select(0, cells);
    let largest = listed.reshape([count, tall * wide, channels]).max_dim(1).reshape([count, channels]);
    (largest * filled).reshape([regions.len(), side, side, channels])
}

/// See [`super::position_sensitive_roi_pool`]. The cells of a bin are a rectangle, so its mean is a mean over rows and one
/// over columns, both matrix products.
#[must_use]
pub fn position_sensitive_roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let (count, scores, device) = (regions.len(), channels / (side * side), map.device());
    let (mut rows, mut columns) = (Vec::new(), Vec::new());
    for region in regions {
        let bins = position_sensitive::bins(region, [height, width], side);
        means(&bins[0], height, &mut rows);
        means(&bins[1], width, &mut columns);
    }
    let rows = Tensor::<4>::from_data(TensorData::new(rows, [count, side, 1, height]), &device);
    let columns = Tensor::<5>::from_data(TensorData::new(columns, [count, 1, side, 1, width]), &device);
    // Each row of bins averages the rows of its own maps: [regions, i, height, width * j * scores].
    let maps = photos_of(map, regions).reshape([count, height, width, side, side * scores]);
    let maps = maps.permute([0, 3, 1, 2, 4]).reshape([count, side, height, width * side * scores]);
    // And then each bin the columns of its own: [regions, i, j, width, scores].
    let maps = rows.matmul(maps).reshape([count, side, width, side, scores]).permute([0, 1, 3, 2, 4]);
    columns.expand([count, side, side, 1, width]).matmul(maps).reshape([count, side, side, scores])
}

/// The weights of the cells of one axis in each bin's mean, appended as `[bins, cells]`.
fn means(bins: &Bins, cells: usize, out: &mut Vec<f32>) {
    for bin in bins.iter() {
        let from = out.len();
        out.resize(from + cells, 0.0);
        out[from..][bin.clone()].fill(1.0 / bin.len() as f32);
    }
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
    let x = x.permute([0, 3, 1, 2]);
    // What is the same at both ends the convolution adds itself, without a copy.
    let even = padding.iter().all(|(before, after)| before == after);
    let inner = if even { [padding[0].0, padding[1].0] } else { [0, 0] };
    let x = if even { x } else { x.pad(padding, PadMode::Constant(0.0)) };
    let options = ConvOptions::new([stride, stride], inner, [1, 1], groups);
    activate(conv2d(x, weight, Some(bias), options).permute([0, 2, 3, 1]), activation)
}

fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    match activation {
        Activation::Linear => x,
        Activation::Relu => x.clamp_min(0.0),
        Activation::Relu6 => x.clamp(0.0, 6.0),
    }
}
