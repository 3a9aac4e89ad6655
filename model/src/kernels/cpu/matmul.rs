//! A matrix product whose left side is a matrix or the windows of a convolution, with bias, clamp and residual fused.
//!
//! Left rows are taken a chunk at a time so that the chunk stays in the second-level cache; the right matrix goes by in
//! panels of eight columns, packed so that the inner loop reads it in order.

use super::simd::F32x4;
use crate::kernels::Activation;

/// Columns of a panel: two vectors.
const PANEL: usize = 8;

/// Rows of a block. Ten accumulators, two weights, one input and one product fit V8's fifteen vector registers.
const BLOCK: usize = 5;

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
    /// Numbers a row.
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
                    for y in y0..y0 + kernel {
                        for x in x0..x0 + kernel {
                            let (y, x) = (y.wrapping_sub(top), x.wrapping_sub(left));
                            if y < height && x < width {
                                let at = (y * width + x) * channels;
                                scratch.extend_from_slice(&values[at..at + channels]);
                            } else {
                                scratch.resize(scratch.len() + channels, 0.0);
                            }
                        }
                    }
                }
                scratch
            }
        }
    }
}

/// What happens to a sum before it is stored.
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

/// Where the rows of the product go.
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
    /// How many rows fill an output.
    fn count(self, len: usize, columns: usize) -> usize {
        match self {
            Self::Rows => len / columns,
            Self::Alternate { .. } => len / columns / 2,
        }
    }

    /// Where a row starts.
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
/// * `out` - `[rows, columns]`, row-major, the rows where `target` has them.
pub fn multiply(rows: &Rows<'_>, weight: &Weight<'_>, epilogue: &Epilogue<'_>, target: Target, out: &mut [f32]) {
    let (depth, columns) = (rows.width(), epilogue.bias.len());
    assert_eq!(weight.values.len(), depth * weight.stride, "the weight has one row a column of the left side");
    assert!(weight.first + columns <= weight.stride, "the columns lie in the weight");
    let count = target.count(out.len(), columns);
    let chunk_rows = (CHUNK / depth).next_multiple_of(BLOCK).max(BLOCK);
    let (mut panel, mut gathered) = (vec![0.0; depth * PANEL], Vec::new());
    for from in (0..count).step_by(chunk_rows) {
        let to = (from + chunk_rows).min(count);
        let left = rows.chunk(from, to, &mut gathered);
        for column in (0..columns).step_by(PANEL) {
            pack(weight, columns, column, &mut panel);
            let mut row = 0;
            while row < to - from {
                let block = Block { left: &left[row * depth..], depth, panel: &panel };
                let place = Place { row: from + row, column, columns, target };
                row += match to - from - row {
                    1 => block.run::<1>(&place, epilogue, out),
                    2 => block.run::<2>(&place, epilogue, out),
                    3 => block.run::<3>(&place, epilogue, out),
                    4 => block.run::<4>(&place, epilogue, out),
                    _ => block.run::<BLOCK>(&place, epilogue, out),
                };
            }
        }
    }
}

/// Copies eight columns of the weight, zeros beyond the last.
fn pack(weight: &Weight<'_>, columns: usize, column: usize, panel: &mut [f32]) {
    let (wide, from) = (PANEL.min(columns - column), weight.first + column);
    for (row, packed) in weight.values.chunks_exact(weight.stride).zip(panel.chunks_exact_mut(PANEL)) {
        if wide == PANEL {
            packed.copy_from_slice(&row[from..from + PANEL]);
        } else {
            packed[..wide].copy_from_slice(&row[from..from + wide]);
            packed[wide..].fill(0.0);
        }
    }
}

/// A few rows of the left side and a panel of the right.
struct Block<'a> {
    left: &'a [f32],
    depth: usize,
    panel: &'a [f32],
}

/// Where a block's result goes.
struct Place {
    row: usize,
    column: usize,
    columns: usize,
    target: Target,
}

impl Block<'_> {
    /// Multiplies `ROWS` rows by the panel and stores; returns `ROWS`.
    #[inline(always)]
    fn run<const ROWS: usize>(&self, place: &Place, epilogue: &Epilogue<'_>, out: &mut [f32]) -> usize {
        assert!(self.left.len() >= ROWS * self.depth && self.panel.len() >= self.depth * PANEL);
        let mut sums = [[F32x4::splat(0.0); 2]; ROWS];
        for k in 0..self.depth {
            // SAFETY: the assertion above bounds both; `k` is below `depth`.
            unsafe {
                let (w0, w1) = (F32x4::load(self.panel, k * PANEL), F32x4::load(self.panel, k * PANEL + 4));
                for (row, sum) in sums.iter_mut().enumerate() {
                    let x = F32x4::load_splat(self.left, row * self.depth + k);
                    sum[0] = sum[0].add_product(x, w0);
                    sum[1] = sum[1].add_product(x, w1);
                }
            }
        }
        for (row, sum) in sums.into_iter().enumerate() {
            store(sum, &Place { row: place.row + row, ..*place }, epilogue, out);
        }
        ROWS
    }
}

/// Bias, activation, residual, store: eight columns, or what is left of them.
#[inline(always)]
fn store(sum: [F32x4; 2], place: &Place, epilogue: &Epilogue<'_>, out: &mut [f32]) {
    let at = place.target.start(place.row, place.columns) + place.column;
    for (half, sum) in sum.into_iter().enumerate() {
        let (column, at) = (place.column + half * 4, at + half * 4);
        if column + 4 <= place.columns {
            assert!(at + 4 <= out.len() && column + 4 <= epilogue.bias.len());
            // SAFETY: asserted, and the residual is sliced with a check.
            unsafe {
                let mut sum = sum.plus(F32x4::load(epilogue.bias, column)).activate(epilogue.activation);
                if let Some(residual) = epilogue.residual {
                    sum = sum.plus(F32x4::load(&residual[at..at + 4], 0));
                }
                sum.store(out, at);
            }
        } else {
            let lanes = sum.lanes();
            for lane in 0..place.columns.saturating_sub(column) {
                let value = epilogue.activation.apply(lanes[lane] + epilogue.bias[column + lane]);
                out[at + lane] = value + epilogue.residual.map_or(0.0, |residual| residual[at + lane]);
            }
        }
    }
}
