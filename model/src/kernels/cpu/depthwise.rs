//! Depthwise 3x3: four neighbouring outputs at a time share their weights, four channels a vector.

use super::simd::F32x4;
use crate::kernels::Activation;

/// Outputs computed together.
const TILE: usize = 4;

/// The sizes of one photo's map and of its output.
pub struct Shape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels.
    pub channels: usize,
    /// Output columns.
    pub out_w: usize,
    /// Padding above.
    pub top: usize,
    /// Padding to the left.
    pub left: usize,
    /// 1 or 2.
    pub stride: usize,
}

/// Filters one photo's map.
///
/// # Arguments
/// * `x` - `[height, width, channels]`.
/// * `weight` - `[3, 3, channels]`.
/// * `bias` - `[channels]`.
/// * `out` - `[out_h, out_w, channels]`.
pub fn filter(x: &[f32], weight: &[f32], bias: &[f32], shape: &Shape, activation: Activation, out: &mut [f32]) {
    let c = shape.channels;
    assert!(x.len() == shape.height * shape.width * c && weight.len() == 9 * c && bias.len() == c);
    let filter = Filter { x, weight, bias, shape, activation };
    // Columns whose window lies inside the map: those can be tiled without asking.
    let first = shape.left.div_ceil(shape.stride).min(shape.out_w);
    let last = if shape.width + shape.left < 3 {
        first
    } else {
        ((shape.width + shape.left - 3) / shape.stride + 1).clamp(first, shape.out_w)
    };
    for (row, out) in out.chunks_exact_mut(shape.out_w * c).enumerate() {
        let top = (row * shape.stride).wrapping_sub(shape.top);
        let inside = top < shape.height && top + 3 <= shape.height;
        let mut column = 0;
        while column < shape.out_w {
            let tiled = inside && column >= first && column + TILE <= last;
            column += match (tiled, shape.stride) {
                (true, 1) => filter.tile::<1>(top, column, out),
                (true, 2) => filter.tile::<2>(top, column, out),
                _ => filter.single(top, column, out),
            };
        }
    }
}

struct Filter<'a> {
    x: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    shape: &'a Shape,
    activation: Activation,
}

impl Filter<'_> {
    /// `TILE` outputs whose windows lie inside; `out` is the output row. Returns `TILE`.
    #[inline(always)]
    fn tile<const STRIDE: usize>(&self, top: usize, column: usize, out: &mut [f32]) -> usize {
        let c = self.shape.channels;
        let left = column * STRIDE - self.shape.left;
        let start = (top * self.shape.width + left) * c;
        let row = self.shape.width * c;
        // The furthest number read: last row, last column, last channel.
        assert!(start + 2 * row + ((TILE - 1) * STRIDE + 3) * c <= self.x.len());
        assert!((column + TILE) * c <= out.len());
        let whole = c / 4 * 4;
        for channel in (0..whole).step_by(4) {
            // SAFETY: the assertions above and in `filter` bound every access.
            unsafe {
                let mut sums = [F32x4::load(self.bias, channel); TILE];
                for y in 0..3 {
                    let weight = |x: usize| F32x4::load(self.weight, (y * 3 + x) * c + channel);
                    let weights = [weight(0), weight(1), weight(2)];
                    let at = start + y * row + channel;
                    for x in 0..(TILE - 1) * STRIDE + 3 {
                        let value = F32x4::load(self.x, at + x * c);
                        for (i, sum) in sums.iter_mut().enumerate() {
                            if x >= i * STRIDE && x < i * STRIDE + 3 {
                                *sum = sum.add_product(value, weights[x - i * STRIDE]);
                            }
                        }
                    }
                }
                for (i, sum) in sums.into_iter().enumerate() {
                    sum.activate(self.activation).store(out, (column + i) * c + channel);
                }
            }
        }
        for i in 0..TILE {
            self.scalar(top, column + i, whole, out);
        }
        TILE
    }

    /// One output whose window may hang over the edge. `top` may have wrapped below 0. Returns 1.
    fn single(&self, top: usize, column: usize, out: &mut [f32]) -> usize {
        let c = self.shape.channels;
        let whole = c / 4 * 4;
        assert!((column + 1) * c <= out.len());
        for channel in (0..whole).step_by(4) {
            // SAFETY: `taps` yields offsets of pixels inside the map; the rest is asserted here and in `filter`.
            unsafe {
                let mut sum = F32x4::load(self.bias, channel);
                for (tap, at) in self.taps(top, column) {
                    let weight = F32x4::load(self.weight, tap * c + channel);
                    sum = sum.add_product(F32x4::load(self.x, at + channel), weight);
                }
                sum.activate(self.activation).store(out, column * c + channel);
            }
        }
        self.scalar(top, column, whole, out);
        1
    }

    /// Channels `from..` of one output, one at a time.
    fn scalar(&self, top: usize, column: usize, from: usize, out: &mut [f32]) {
        let c = self.shape.channels;
        for channel in from..c {
            let taps = self.taps(top, column);
            let sum = taps
                .fold(self.bias[channel], |sum, (tap, at)| sum + self.x[at + channel] * self.weight[tap * c + channel]);
            out[column * c + channel] = self.activation.apply(sum);
        }
    }

    /// The taps of a window that lie inside the map: index of the tap (0 to 8), offset of the pixel's first channel.
    fn taps(&self, top: usize, column: usize) -> impl Iterator<Item = (usize, usize)> {
        let shape = self.shape;
        let left = (column * shape.stride).wrapping_sub(shape.left);
        (0..9).filter_map(move |tap| {
            let (y, x) = (top.wrapping_add(tap / 3), left.wrapping_add(tap % 3));
            (y < shape.height && x < shape.width).then(|| (tap, (y * shape.width + x) * shape.channels))
        })
    }
}
