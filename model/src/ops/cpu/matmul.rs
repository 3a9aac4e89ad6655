//! A matrix product whose left side is a matrix or the windows of a convolution, with bias, clamp and residual fused.
//!
//! Left rows are taken a chunk at a time so that the chunk stays in the second-level cache; the right matrix goes by in
//! panels of eight columns, packed so that the inner loop reads it in order.

use std::mem::MaybeUninit;

use super::simd::{Clamp, F32x4};
use crate::ops::activation::Activation;

/// Columns of a panel: two vectors.
const PANEL: usize = 8;

/// Rows of a block.
///
/// V8 has fifteen vector registers and loads all operands of an iteration before it multiplies: eight sums, two weights
/// and four inputs fit, those of a fifth row do not, and every sum that does not fit is written to memory and read back
/// at each iteration (twice the time, measured).
const BLOCK: usize = 4;

/// Numbers of the left side that one chunk may hold: 128 KiB, half of a small second-level cache.
const CHUNK: usize = 32 * 1024;

/// The left side of the product.
pub enum Rows<'a> {
    /// A row-major matrix.
    Matrix {
        /// `rows * width` numbers.
        values: &'a [f32],
        /// Numbers a row.
        width: usize,
    },
    /// The windows of a convolution over one photo (`[height, width, channels]`); outside the photo is 0.
    Windows {
        /// The photo.
        values: &'a [f32],
        /// Its rows.
        height: usize,
        /// Its columns.
        width: usize,
        /// Its channels.
        channels: usize,
        /// Side of the square window.
        kernel: usize,
        /// Pixels from window to window.
        stride: usize,
        /// Windows a row.
        out_w: usize,
        /// Padding above.
        top: usize,
        /// Padding to the left.
        left: usize,
    },
}

impl Rows<'_> {
    /// Numbers in a row.
    fn width(&self) -> usize {
        match *self {
            Self::Matrix { width, .. } => width,
            Self::Windows { channels, kernel, .. } => kernel * kernel * channels,
        }
    }

    /// Rows `from..to`, in place or gathered into `scratch`.
    fn chunk<'s>(&'s self, from: usize, to: usize, scratch: &'s mut Vec<f32>) -> &'s [f32] {
        match *self {
            Self::Matrix { values, width } => &values[from * width..to * width],
            Self::Windows { values, height, width, channels, kernel, stride, out_w, top, left } => {
                scratch.clear();
                for window in from..to {
                    let (y0, x0) = (window / out_w * stride, window % out_w * stride);
                    // A window's line is one run of numbers: what hangs over the left edge, the pixels, the right edge.
                    let before = left.saturating_sub(x0).min(kernel);
                    let inside = (width + left).saturating_sub(x0).min(kernel).max(before);
                    for y in y0..y0 + kernel {
                        let y = y.wrapping_sub(top);
                        let start = scratch.len();
                        if y < height && before < inside {
                            scratch.resize(start + before * channels, 0.0);
                            let at = (y * width + x0 + before - left) * channels;
                            scratch.extend_from_slice(&values[at..at + (inside - before) * channels]);
                        }
                        scratch.resize(start + kernel * channels, 0.0);
                    }
                }
                scratch
            }
        }
    }
}

/// Bias, activation and residual of a product.
pub struct Epilogue<'a> {
    /// One number a column.
    pub bias: &'a [f32],
    /// After the bias.
    pub activation: Activation,
    /// Added last; as large as the output.
    pub residual: Option<&'a [f32]>,
}

/// The right side of the product: some columns of a row-major matrix.
pub struct Weight<'a> {
    /// The matrix, one row a column of the left side.
    pub values: &'a [f32],
    /// Its columns.
    pub stride: usize,
    /// The first column that takes part; as many do as there are biases.
    pub first: usize,
}

impl<'a> Weight<'a> {
    /// All columns of a matrix.
    pub const fn whole(values: &'a [f32], columns: usize) -> Self {
        Self { values, stride: columns, first: 0 }
    }
}

/// The right side in panels of eight columns, one after the other, zeros beyond the last column.
#[derive(Debug)]
pub struct Panels {
    values: Vec<f32>,
    depth: usize,
    columns: usize,
}

impl Panels {
    /// Rearranges `columns` columns of a weight.
    pub fn of(weight: &Weight<'_>, columns: usize) -> Self {
        let depth = weight.values.len() / weight.stride;
        assert!(weight.values.len() == depth * weight.stride && weight.first + columns <= weight.stride);
        let mut values = vec![0.0; depth * columns.next_multiple_of(PANEL)];
        for (i, panel) in values.chunks_exact_mut((depth * PANEL).max(1)).enumerate() {
            let (from, wide) = (weight.first + i * PANEL, PANEL.min(columns - i * PANEL));
            for (row, packed) in weight.values.chunks_exact(weight.stride).zip(panel.chunks_exact_mut(PANEL)) {
                packed[..wide].copy_from_slice(&row[from..from + wide]);
            }
        }
        Self { values, depth, columns }
    }
}

/// Places of the rows of a product in the output.
#[derive(Clone, Copy)]
pub enum Target {
    /// One after the other.
    Rows,
    /// `width` of them are a line, and lines are written to every other place.
    Alternate {
        /// Rows a line.
        width: usize,
        /// 0 for places 0, 2, ...; 1 for 1, 3, ...
        lower: usize,
    },
}

impl Target {
    /// Rows that fill an output.
    fn count(self, len: usize, columns: usize) -> usize {
        match self {
            Self::Rows => len / columns,
            Self::Alternate { .. } => len / columns / 2,
        }
    }

    /// The start of a row.
    #[inline(always)]
    fn start(self, row: usize, columns: usize) -> usize {
        match self {
            Self::Rows => row * columns,
            Self::Alternate { width, lower } => ((row / width * 2 + lower) * width + row % width) * columns,
        }
    }
}

/// `out = activation(rows * weight + bias) + residual`.
///
/// # Arguments
/// * `weight` - `[width of rows, columns]`; there are as many columns as biases.
/// * `out` - `[rows, columns]`, row-major, the rows where `target` has them: all of it is written, or with
///   [`Target::Alternate`] every other line.
#[cfg_attr(all(target_arch = "wasm32", feature = "relaxed-simd"), target_feature(enable = "relaxed-simd"))]
pub fn multiply(
    rows: &Rows<'_>,
    weight: &Panels,
    epilogue: &Epilogue<'_>,
    target: Target,
    out: &mut [MaybeUninit<f32>],
) {
    let Panels { depth, columns, .. } = *weight;
    assert!(
        rows.width() == depth && epilogue.bias.len() == columns,
        "the weight has one row a column of the left side"
    );
    let count = target.count(out.len(), columns);
    let clamp = Clamp::of(epilogue.activation);
    let chunk_rows = (CHUNK / depth).next_multiple_of(BLOCK).max(BLOCK);
    let mut gathered = Vec::new();
    for from in (0..count).step_by(chunk_rows) {
        let to = (from + chunk_rows).min(count);
        let left = rows.chunk(from, to, &mut gathered);
        for (panel, column) in weight.values.chunks_exact(depth * PANEL).zip((0..columns).step_by(PANEL)) {
            let wide = PANEL.min(columns - column);
            let mut bias = [0.0; PANEL];
            bias[..wide].copy_from_slice(&epilogue.bias[column..column + wide]);
            let strip = Strip { depth, panel, bias, clamp, column, columns, target, residual: epilogue.residual };
            let mut row = 0;
            while row < to - from {
                let block = &left[row * depth..];
                row += match to - from - row {
                    1 => strip.run::<1>(block, from + row, out),
                    2 => strip.run::<2>(block, from + row, out),
                    3 => strip.run::<3>(block, from + row, out),
                    _ => strip.run::<BLOCK>(block, from + row, out),
                };
            }
        }
    }
}

/// A panel of the right side with the epilogue of its sums.
struct Strip<'a> {
    depth: usize,
    /// `depth` times eight numbers.
    panel: &'a [f32],
    bias: [f32; PANEL],
    clamp: Clamp,
    /// The panel's first column.
    column: usize,
    columns: usize,
    target: Target,
    residual: Option<&'a [f32]>,
}

impl Strip<'_> {
    /// Multiplies `ROWS` rows by the panel and stores; returns `ROWS`.
    ///
    /// # Arguments
    /// * `left` - starts with these rows.
    /// * `row` - the first one's number.
    #[inline]
    #[cfg_attr(all(target_arch = "wasm32", feature = "relaxed-simd"), target_feature(enable = "relaxed-simd"))]
    fn run<const ROWS: usize>(&self, left: &[f32], row: usize, out: &mut [MaybeUninit<f32>]) -> usize {
        assert!(left.len() >= ROWS * self.depth && self.panel.len() >= self.depth * PANEL);
        // SAFETY: eight biases are two vectors.
        let bias = unsafe { [F32x4::load(&self.bias, 0), F32x4::load(&self.bias, 4)] };
        let mut sums = [bias; ROWS];
        for k in 0..self.depth {
            // SAFETY: the assertion above bounds both; `k` is below `depth`.
            unsafe {
                let (w0, w1) = (F32x4::load(self.panel, k * PANEL), F32x4::load(self.panel, k * PANEL + 4));
                for (row, sum) in sums.iter_mut().enumerate() {
                    let x = F32x4::load_splat(left, row * self.depth + k);
                    sum[0] = sum[0].fuse_product(x, w0);
                    sum[1] = sum[1].fuse_product(x, w1);
                }
            }
        }
        for (i, sum) in sums.into_iter().enumerate() {
            self.store(sum, self.target.start(row + i, self.columns) + self.column, out);
        }
        ROWS
    }

    /// Activation, residual, store at `at`: eight columns, or what is left of them.
    #[inline(always)]
    fn store(&self, sums: [F32x4; 2], at: usize, out: &mut [MaybeUninit<f32>]) {
        for (half, sum) in sums.into_iter().enumerate() {
            let (column, at) = (self.column + half * 4, at + half * 4);
            let sum = sum.clamp(self.clamp);
            if column + 4 <= self.columns {
                assert!(at + 4 <= out.len());
                // SAFETY: asserted, and the residual is sliced with a check.
                unsafe {
                    let sum = match self.residual {
                        Some(residual) => sum.plus(F32x4::load(&residual[at..at + 4], 0)),
                        None => sum,
                    };
                    sum.write(out, at);
                }
            } else {
                let lanes = sum.lanes();
                for lane in 0..self.columns.saturating_sub(column) {
                    out[at + lane].write(lanes[lane] + self.residual.map_or(0.0, |residual| residual[at + lane]));
                }
            }
        }
    }
}
