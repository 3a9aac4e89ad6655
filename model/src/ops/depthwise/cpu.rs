//! Depthwise 3x3 convolution on the CPU: four neighbouring outputs at a time share their weights, four channels a
//! vector.

use std::{mem::MaybeUninit, ops::Range};

use burn::tensor::Tensor;

use crate::ops::{
    activation::Activation,
    cpu::{
        primitive,
        simd::{Clamp, F32x4},
        tensor, written,
    },
    padding::same_padding,
};

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
    let shape = Shape { height: h, width: w, channels: c, out_w, top, left, stride };
    let (source, weight, bias): (&[f32], &[f32], &[f32]) = (x.storage(), weight.storage(), bias.storage());
    // SAFETY: there are as many maps as outputs, and each output is written.
    let out = unsafe {
        written(n * out_h * out_w * c, |out| {
            for (source, out) in source.chunks_exact(h * w * c).zip(out.chunks_exact_mut(out_h * out_w * c)) {
                filter(source, weight, bias, &shape, activation, out);
            }
        })
    };
    tensor(out, [n, out_h, out_w, c])
}

/// Outputs computed together.
const TILE: usize = 4;

/// The sizes of one photo's map and of its output.
struct Shape {
    /// Rows.
    height: usize,
    /// Columns.
    width: usize,
    /// Channels.
    channels: usize,
    /// Output columns.
    out_w: usize,
    /// Padding above.
    top: usize,
    /// Padding to the left.
    left: usize,
    /// 1 or 2.
    stride: usize,
}

/// Filters one photo's map.
///
/// # Arguments
/// * `x` - `[height, width, channels]`.
/// * `weight` - `[3, 3, channels]`.
/// * `bias` - `[channels]`.
/// * `out` - `[out_h, out_w, channels]`; all of it is written.
#[cfg_attr(all(target_arch = "wasm32", feature = "relaxed-simd"), target_feature(enable = "relaxed-simd"))]
fn filter(
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    shape: &Shape,
    activation: Activation,
    out: &mut [MaybeUninit<f32>],
) {
    let c = shape.channels;
    assert!(x.len() == shape.height * shape.width * c && weight.len() == 9 * c && bias.len() == c);
    assert!(shape.stride == 1 || shape.stride == 2, "a stride of 1 or 2");
    let filter = Filter { x, weight, bias, shape, activation, clamp: Clamp::of(activation) };
    // Columns whose window lies inside the map: those can be tiled without asking.
    let first = shape.left.div_ceil(shape.stride).min(shape.out_w);
    let last = if shape.width + shape.left < 3 {
        first
    } else {
        ((shape.width + shape.left - 3) / shape.stride + 1).clamp(first, shape.out_w)
    };
    for (row, out) in out.chunks_exact_mut(shape.out_w * c).enumerate() {
        let line = Line { row, taps: taps(row * shape.stride, shape.top, shape.height) };
        let mut column = 0;
        while column < shape.out_w {
            if column < first || column >= last || last - first < TILE {
                filter.single(&line, column, out);
                column += 1;
            } else {
                // The last tile moves back to fit, and computes what is there already once more.
                let at = column.min(last - TILE);
                if shape.stride == 1 {
                    filter.tile::<1>(&line, at, out)
                } else {
                    filter.tile::<2>(&line, at, out)
                }
                column = at + TILE;
            }
        }
    }
}

/// The taps (0 to 2) of a window that lie inside the map, along one axis.
///
/// # Arguments
/// * `start` - where the window starts, counted from the first pixel of the padding.
/// * `before` - pixels of padding.
/// * `size` - pixels of the map.
fn taps(start: usize, before: usize, size: usize) -> Range<usize> {
    before.saturating_sub(start)..(size + before - start).min(3)
}

/// An output row, with the lines of its windows that lie inside the map.
struct Line {
    row: usize,
    taps: Range<usize>,
}

struct Filter<'a> {
    x: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    shape: &'a Shape,
    activation: Activation,
    clamp: Clamp,
}

impl Filter<'_> {
    /// The map's row under a window's first line that lies inside.
    fn top(&self, line: &Line) -> usize {
        line.row * self.shape.stride + line.taps.start - self.shape.top
    }

    /// `TILE` outputs whose columns lie inside; `out` is the output row.
    #[inline]
    #[cfg_attr(all(target_arch = "wasm32", feature = "relaxed-simd"), target_feature(enable = "relaxed-simd"))]
    fn tile<const STRIDE: usize>(&self, line: &Line, column: usize, out: &mut [MaybeUninit<f32>]) {
        let c = self.shape.channels;
        let row = self.shape.width * c;
        let start = self.top(line) * row + (column * STRIDE - self.shape.left) * c;
        // The furthest number read: last line, last column, last channel.
        assert!(start + (line.taps.len() - 1) * row + ((TILE - 1) * STRIDE + 3) * c <= self.x.len());
        assert!((column + TILE) * c <= out.len());
        let whole = c / 4 * 4;
        for channel in (0..whole).step_by(4) {
            // SAFETY: the assertions above and in `filter` bound every access.
            unsafe {
                let mut sums = [F32x4::load(self.bias, channel); TILE];
                let mut at = start + channel;
                // A loop of unknown length stays a loop: the sums of three lines at once would not fit the registers.
                for y in line.taps.clone() {
                    let weight = |x: usize| F32x4::load(self.weight, (y * 3 + x) * c + channel);
                    let weights = [weight(0), weight(1), weight(2)];
                    for x in 0..(TILE - 1) * STRIDE + 3 {
                        let value = F32x4::load(self.x, at + x * c);
                        for (i, sum) in sums.iter_mut().enumerate() {
                            if x >= i * STRIDE && x < i * STRIDE + 3 {
                                *sum = sum.fuse_product(value, weights[x - i * STRIDE]);
                            }
                        }
                    }
                    at += row;
                }
                for (i, sum) in sums.into_iter().enumerate() {
                    sum.clamp(self.clamp).write(out, (column + i) * c + channel);
                }
            }
        }
        for i in 0..TILE {
            self.scalar(line, column + i, whole, out);
        }
    }

    /// One output whose window may hang over the edge.
    #[cfg_attr(all(target_arch = "wasm32", feature = "relaxed-simd"), target_feature(enable = "relaxed-simd"))]
    fn single(&self, line: &Line, column: usize, out: &mut [MaybeUninit<f32>]) {
        let Shape { channels: c, width, left, stride, .. } = *self.shape;
        let across = taps(column * stride, left, width);
        let row = width * c;
        let start = self.top(line) * row + (column * stride + across.start - left) * c;
        assert!(start + (line.taps.len() - 1) * row + across.len() * c <= self.x.len());
        assert!((column + 1) * c <= out.len());
        let whole = c / 4 * 4;
        for channel in (0..whole).step_by(4) {
            // SAFETY: the assertions above and in `filter` bound every access.
            unsafe {
                let mut sum = F32x4::load(self.bias, channel);
                for (i, y) in line.taps.clone().enumerate() {
                    for (j, x) in across.clone().enumerate() {
                        let value = F32x4::load(self.x, start + i * row + j * c + channel);
                        sum = sum.fuse_product(value, F32x4::load(self.weight, (y * 3 + x) * c + channel));
                    }
                }
                sum.clamp(self.clamp).write(out, column * c + channel);
            }
        }
        self.scalar(line, column, whole, out);
    }

    /// Channels `from..` of one output, one at a time.
    fn scalar(&self, line: &Line, column: usize, from: usize, out: &mut [MaybeUninit<f32>]) {
        let Shape { channels: c, width, left, stride, .. } = *self.shape;
        for channel in from..c {
            let across = taps(column * stride, left, width);
            let start = (self.top(line) * width + column * stride + across.start - left) * c + channel;
            let mut sum = self.bias[channel];
            for (i, y) in line.taps.clone().enumerate() {
                for (j, x) in across.clone().enumerate() {
                    sum += self.x[start + (i * width + j) * c] * self.weight[(y * 3 + x) * c + channel];
                }
            }
            out[column * c + channel].write(self.activation.apply(sum));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::reference, *};
    use crate::ops::cpu::testing::{SHAPES, assert_close, random};

    #[test]
    fn depthwise_agrees_with_burn() {
        for shape in SHAPES {
            let (x, weight, bias) = (random(shape), random([3, 3, shape[3]]), random([shape[3]]));
            for stride in [1, 2] {
                for activation in [Activation::Relu6, Activation::Linear] {
                    let ours = depthwise(x.clone(), weight.clone(), bias.clone(), stride, activation);
                    let theirs = reference::depthwise(x.clone(), weight.clone(), bias.clone(), stride, activation);
                    assert_close(ours, theirs, &format!("{shape:?} stride {stride}"));
                }
            }
        }
    }
}
