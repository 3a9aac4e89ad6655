//! The convolutions and the region operators for `flex`: four numbers at a time, in wasm SIMD and in portable native code alike.

use std::mem::MaybeUninit;

use burn::tensor::{DType, Tensor, TensorData};
use burn_flex::{Flex, FlexTensor};

use super::{Activation, same_padding};
use crate::regions::{self, Region, align::AxisTaps};

mod depthwise;
mod matmul;
mod packing;
mod pool;
mod roi_align;
mod simd;

use matmul::{Epilogue, Packed, Rows, Target, Weight};
pub use packing::Packing;

/// Whether `x` lives on `flex` in float32, outside autodiff.
pub(super) fn serves(x: &Tensor<4>) -> bool {
    // Cloning counts a reference; the conversion fails for other backends and for tensors under autodiff.
    x.clone().try_into_primitive::<Flex>().is_ok_and(|primitive| primitive.dtype() == DType::F32)
}

/// See [`super::pointwise`].
pub(super) fn pointwise(
    x: Tensor<4>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    activation: Activation,
    residual: Option<Tensor<4>>,
    packing: &Packing,
) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.dims()[1];
    let (x, weight, bias) = (primitive(x), packing.of(&primitive(weight), c_out), primitive(bias));
    let residual = residual.map(primitive);
    let epilogue = Epilogue { bias: bias.storage(), activation, residual: residual.as_ref().map(FlexTensor::storage) };
    let left = Rows::Matrix { values: x.storage(), width: c_in };
    // SAFETY: the product has as many rows as the output.
    let out =
        unsafe { written(n * h * w * c_out, |out| matmul::multiply(&left, &weight, &epilogue, Target::Rows, out)) };
    tensor(out, [n, h, w, c_out])
}

/// See [`super::depthwise`].
pub(super) fn depthwise(
    x: Tensor<4>,
    weight: Tensor<3>,
    bias: Tensor<1>,
    stride: usize,
    activation: Activation,
) -> Tensor<4> {
    let [n, h, w, c] = x.dims();
    let ((out_h, top), (out_w, left)) = (same_padding(h, 3, stride), same_padding(w, 3, stride));
    let (x, weight, bias) = (primitive(x), primitive(weight), primitive(bias));
    let shape = depthwise::Shape { height: h, width: w, channels: c, out_w, top, left, stride };
    let (source, weight, bias): (&[f32], &[f32], &[f32]) = (x.storage(), weight.storage(), bias.storage());
    // SAFETY: there are as many maps as outputs, and each output is written.
    let out = unsafe {
        written(n * out_h * out_w * c, |out| {
            for (source, out) in source.chunks_exact(h * w * c).zip(out.chunks_exact_mut(out_h * out_w * c)) {
                depthwise::filter(source, weight, bias, &shape, activation, out);
            }
        })
    };
    tensor(out, [n, out_h, out_w, c])
}

/// See [`super::dense`].
pub(super) fn dense(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    activation: Activation,
    packing: &Packing,
) -> Tensor<4> {
    let [n, height, width, channels] = x.dims();
    let [kernel, _, _, c_out] = weight.dims();
    let ((out_h, top), (out_w, left)) = (same_padding(height, kernel, stride), same_padding(width, kernel, stride));
    let (x, weight, bias) = (primitive(x), packing.of(&primitive(weight), c_out), primitive(bias));
    let epilogue = Epilogue { bias: bias.storage(), activation, residual: None };
    let source: &[f32] = x.storage();
    // SAFETY: there are as many photos as outputs, and each product has as many rows as its output.
    let out = unsafe {
        written(n * out_h * out_w * c_out, |out| {
            let photos = source.chunks_exact(height * width * channels);
            for (values, out) in photos.zip(out.chunks_exact_mut(out_h * out_w * c_out)) {
                let rows = Rows::Windows { values, height, width, channels, kernel, stride, out_w, top, left };
                matmul::multiply(&rows, &weight, &epilogue, Target::Rows, out);
            }
        })
    };
    tensor(out, [n, out_h, out_w, c_out])
}

/// See [`super::transposed`]. An output line holds, pixel after pixel, the upper or the lower halves of the patches of one
/// input line, so each of the two is a matrix product whose result needs no rearranging.
pub(super) fn transposed(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, activation: Activation) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.dims()[3];
    let (x, weight, bias) = (primitive(x), primitive(weight), primitive(bias));
    let bias = bias.storage::<f32>().repeat(2);
    let epilogue = Epilogue { bias: &bias, activation, residual: None };
    let left = Rows::Matrix { values: x.storage(), width: c_in };
    // SAFETY: the two products write every other line each.
    let out = unsafe {
        written(4 * n * h * w * c_out, |out| {
            for lower in 0..2 {
                let half = Weight { values: weight.storage(), stride: 4 * c_out, first: lower * 2 * c_out };
                let half = Packed::of(&half, 2 * c_out);
                matmul::multiply(&left, &half, &epilogue, Target::Alternate { width: w, lower }, out);
            }
        })
    };
    tensor(out, [n, 2 * h, 2 * w, c_out])
}

/// See [`super::roi_align`].
pub(super) fn roi_align(map: Tensor<4>, regions: &[Region], side: usize, samples: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let map = primitive(map);
    let rows = AxisTaps::rows(regions, height, side, samples);
    let columns = AxisTaps::columns(regions, width, side, samples);
    let source = Source { map: map.storage(), height, width, channels };
    let out = filled(regions.len() * side * side * channels, |out| {
        for (i, (region, out)) in regions.iter().zip(out.chunks_exact_mut(side * side * channels)).enumerate() {
            roi_align::cut(&source, region.photo, rows.of(i), columns.of(i), out);
        }
    });
    tensor(out, [regions.len(), side, side, channels])
}

/// See [`super::roi_pool`].
pub(super) fn roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let map = primitive(map);
    let source = Source { map: map.storage(), height, width, channels };
    let out = filled(regions.len() * side * side * channels, |out| {
        for (region, out) in regions.iter().zip(out.chunks_exact_mut(side * side * channels)) {
            let [rows, columns] = regions::pool::bins(region, [height, width], side);
            pool::largest(&source, region.photo, &rows, &columns, out);
        }
    });
    tensor(out, [regions.len(), side, side, channels])
}

/// See [`super::position_sensitive_roi_pool`].
pub(super) fn position_sensitive_roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let map = primitive(map);
    let source = Source { map: map.storage(), height, width, channels };
    // As many numbers a region as a cell has channels: each bin averages its own share of them.
    let out = filled(regions.len() * channels, |out| {
        for (region, out) in regions.iter().zip(out.chunks_exact_mut(channels)) {
            let [rows, columns] = regions::position_sensitive::bins(region, [height, width], side);
            pool::means(&source, region.photo, &rows, &columns, out);
        }
    });
    tensor(out, [regions.len(), side, side, channels / (side * side)])
}

/// The maps that regions are cut from.
struct Source<'a> {
    /// `[batch, height, width, channels]`.
    map: &'a [f32],
    /// Rows of a map.
    height: usize,
    /// Columns of a map.
    width: usize,
    /// Channels of a map.
    channels: usize,
}

impl Source<'_> {
    /// Where the channels of a cell start.
    #[inline(always)]
    fn at(&self, photo: usize, row: usize, column: usize) -> usize {
        ((photo * self.height + row) * self.width + column) * self.channels
    }
}

/// The contiguous primitive of a tensor that lives on `flex`.
fn primitive<const D: usize>(x: Tensor<D>) -> FlexTensor {
    // `serves` was asked about the input; weights and residuals live on the device of their input (burn checks that
    // for its own operations, here a mixture is a bug of the caller).
    x.try_into_primitive::<Flex>().expect("all operands live on flex").to_contiguous()
}

/// A vector of `len` numbers, without zeros that nobody reads: clearing a large map costs a tenth of computing it.
///
/// # Safety
/// `fill` writes every number.
unsafe fn written(len: usize, fill: impl FnOnce(&mut [MaybeUninit<f32>])) -> Vec<f32> {
    let mut out = Vec::with_capacity(len);
    fill(&mut out.spare_capacity_mut()[..len]);
    // SAFETY: the caller's promise.
    unsafe { out.set_len(len) };
    out
}

/// A vector of `len` numbers that `fill` writes in full.
fn filled(len: usize, fill: impl FnOnce(&mut [f32])) -> Vec<f32> {
    let mut out = vec![0.0; len];
    fill(&mut out);
    out
}

fn tensor(values: Vec<f32>, shape: [usize; 4]) -> Tensor<4> {
    Tensor::from_primitive::<Flex>(FlexTensor::from_data(TensorData::new(values, shape)))
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};

    use super::super::plain;
    use super::*;
    use crate::structures::boxes::BBox;

    fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &Device::flex())
    }

    fn assert_close(ours: Tensor<4>, plain: Tensor<4>, what: &str) {
        assert_eq!(ours.dims(), plain.dims(), "{what}");
        let off: f32 = (ours - plain).abs().max().into_scalar();
        assert!(off < 1e-4, "{what}: off by {off}");
    }

    /// Odd sizes, single pixels, channels that four does not divide, batches.
    const SHAPES: [[usize; 4]; 6] =
        [[1, 19, 19, 16], [2, 7, 5, 24], [1, 1, 1, 9], [3, 2, 3, 7], [1, 38, 37, 32], [1, 1, 8, 130]];

    #[test]
    fn pointwise_agrees_with_burn() {
        for shape in SHAPES {
            for c_out in [1, 3, 8, 12, 21, 32] {
                let (x, weight, bias) = (random(shape), random([shape[3], c_out]), random([c_out]));
                let residual = random([shape[0], shape[1], shape[2], c_out]);
                for (activation, residual) in [(Activation::Relu6, None), (Activation::Linear, Some(residual))] {
                    let ours = pointwise(
                        x.clone(),
                        weight.clone(),
                        bias.clone(),
                        activation,
                        residual.clone(),
                        &Packing::default(),
                    );
                    let theirs = plain::pointwise(x.clone(), weight.clone(), bias.clone(), activation, residual);
                    assert_close(ours, theirs, &format!("{shape:?} to {c_out}"));
                }
            }
        }
    }

    #[test]
    fn another_weight_in_the_same_place_is_packed_anew() {
        let (x, bias, packing) = (random([1, 3, 5, 7]), random([9]), Packing::default());
        for _ in 0..3 {
            // The one before is gone by now: its memory may be this one's.
            let weight = random([7, 9]);
            for _ in 0..2 {
                let ours =
                    pointwise(x.clone(), weight.clone(), bias.clone(), Activation::Linear, None, &packing.clone());
                let theirs = plain::pointwise(x.clone(), weight.clone(), bias.clone(), Activation::Linear, None);
                assert_close(ours, theirs, "the weight of this turn");
            }
        }
    }

    #[test]
    fn depthwise_agrees_with_burn() {
        for shape in SHAPES {
            let (x, weight, bias) = (random(shape), random([3, 3, shape[3]]), random([shape[3]]));
            for stride in [1, 2] {
                for activation in [Activation::Relu6, Activation::Linear] {
                    let ours = depthwise(x.clone(), weight.clone(), bias.clone(), stride, activation);
                    let theirs = plain::depthwise(x.clone(), weight.clone(), bias.clone(), stride, activation);
                    assert_close(ours, theirs, &format!("{shape:?} stride {stride}"));
                }
            }
        }
    }

    #[test]
    fn dense_agrees_with_burn() {
        for shape in SHAPES {
            for (kernel, c_out, stride) in [(3, 32, 2), (3, 5, 1), (1, 4, 2), (5, 6, 1)] {
                let (x, weight, bias) = (random(shape), random([kernel, kernel, shape[3], c_out]), random([c_out]));
                let ours =
                    dense(x.clone(), weight.clone(), bias.clone(), stride, Activation::Linear, &Packing::default());
                let theirs = plain::dense(x, weight, bias, stride, Activation::Linear);
                assert_close(ours, theirs, &format!("{shape:?} {kernel}x{kernel} stride {stride}"));
            }
        }
    }

    #[test]
    fn pooling_agrees_with_burn() {
        let regions: Vec<Region> =
            [(0.1, 0.2, 0.7, 0.9), (-0.3, 0.4, 0.5, 1.3), (0.5, 0.5, 0.5, 0.5), (0.0, 0.0, 1.0, 1.0)]
                .into_iter()
                .map(|(x0, y0, x1, y1)| Region { photo: 0, bbox: BBox::new(x0, y0, x1, y1) })
                .collect();
        for shape in SHAPES {
            // The last photo, too.
            let mut regions = regions.clone();
            regions[1].photo = shape[0] - 1;
            for side in [1, 2, 3, 7] {
                let map = random(shape);
                let (ours, theirs) = (roi_pool(map.clone(), &regions, side), plain::roi_pool(map, &regions, side));
                assert_close(ours, theirs, &format!("{shape:?} {side} bins"));
                let map = random([shape[0], shape[1], shape[2], side * side * 3]);
                let ours = position_sensitive_roi_pool(map.clone(), &regions, side);
                let theirs = plain::position_sensitive_roi_pool(map, &regions, side);
                assert_close(ours, theirs, &format!("{shape:?} {side} position-sensitive bins"));
            }
        }
    }
}
