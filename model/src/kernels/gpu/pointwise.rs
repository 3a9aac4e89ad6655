//! 1x1 convolution and transposed convolution on the GPU, both matrix products: each unit keeps a tile of sums in
//! registers, rows of pixels by a few vectors of channels.
//!
//! `F` is what maps and weights are stored in. In float16 the products of one vector of inputs are added in float16, too,
//! and then join sums in float32: over a thousand channels float16 alone would lose two of its three digits.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use cubecl::{ir::ElemType, prelude::*};

use super::activation::activate;
use crate::kernels::{Activation, mix::PAIR};

/// `out = clamp(x * weight + bias) + residual`.
///
/// # Arguments
/// * `x` - `[rows, depth]`, `depth` in vectors of `K`.
/// * `weight` - `[depth * K, columns]`, `columns` in vectors of `N`; or `[depth * K / 2, columns]` pairs of steps (see
///   [`crate::kernels::Mix`]).
/// * `widths` - what the steps are worth, `[columns]`; anything where there are none.
/// * `bias` - `[columns]`.
/// * `residual`, `out` - `[rows, columns]`; `residual` is `x` again where there is none.
/// * `k_size` - the size of `K`.
/// * `tile` - rows a unit computes.
/// * `vectors` - neighbouring columns a unit computes; they divide `columns`.
/// * `low`, `high` - what the sums are clamped to. Arguments, not constants, so that layers with different activations share
///   a program: compiling it takes longer than running it a few times.
#[cube(launch_unchecked)]
#[expect(clippy::too_many_arguments, reason = "a kernel's bindings are its arguments")]
pub fn pointwise_kernel<F: Float, K: Size, N: Size>(
    x: &[Vector<F, K>],
    weight: &[Vector<F, N>],
    widths: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    residual: &[Vector<F, N>],
    out: &mut [Vector<F, N>],
    rows: usize,
    depth: usize,
    columns: usize,
    low: f32,
    high: f32,
    #[comptime] k_size: usize,
    #[comptime] tile: usize,
    #[comptime] vectors: usize,
    #[comptime] half: bool,
    #[comptime] in_pairs: bool,
    #[comptime] has_residual: bool,
    #[define(F)] _dtype: ElemType,
) {
    let units = columns / vectors;
    let column = ABSOLUTE_POS % units * vectors;
    let first = ABSOLUTE_POS / units * tile;
    if first >= rows {
        terminate!();
    }
    let mut sums = Array::<Vector<f32, N>>::new(tile * vectors);
    let mut starts = Array::<usize>::new(tile);
    #[unroll]
    for v in 0..vectors {
        let start = if comptime![in_pairs] { Vector::new(0.0) } else { bias[column + v] };
        #[unroll]
        for r in 0..tile {
            sums[r * vectors + v] = start;
        }
    }
    #[unroll]
    for r in 0..tile {
        // Rows beyond the last are computed from the last and never stored.
        starts[r] = min(first + r, rows - 1) * depth;
    }
    add_products(x, weight, &starts, &mut sums, depth, columns, column, k_size, tile, vectors, half, in_pairs);
    if comptime![in_pairs] {
        weigh_steps(&mut sums, widths, bias, column, tile, vectors);
    }
    #[unroll]
    for r in 0..tile {
        if first + r < rows {
            #[unroll]
            for v in 0..vectors {
                let at = (first + r) * columns + column + v;
                let mut value = clamp(sums[r * vectors + v], Vector::new(low), Vector::new(high));
                if comptime![has_residual] {
                    value += Vector::cast_from(residual[at]);
                }
                out[at] = Vector::cast_from(value);
            }
        }
    }
}

/// Adds the products of a tile of rows with some neighbouring columns to their sums.
///
/// # Arguments
/// * `starts` - where each row starts in `x`.
/// * `column` - the first column.
#[cube]
#[expect(clippy::too_many_arguments, reason = "CubeCL turns arguments into registers, a struct of slices it cannot")]
fn add_products<F: Float, K: Size, N: Size>(
    x: &[Vector<F, K>],
    weight: &[Vector<F, N>],
    starts: &Array<usize>,
    sums: &mut Array<Vector<f32, N>>,
    depth: usize,
    columns: usize,
    column: usize,
    #[comptime] k_size: usize,
    #[comptime] tile: usize,
    #[comptime] vectors: usize,
    #[comptime] half: bool,
    #[comptime] in_pairs: bool,
) {
    for k in 0..depth {
        let mut weights = Array::<Vector<F, N>>::new(k_size * vectors);
        if comptime![in_pairs] {
            load_pairs(weight, &mut weights, k, columns, column, k_size, vectors);
        } else {
            let at = k * k_size * columns + column;
            #[unroll]
            for i in 0..k_size {
                #[unroll]
                for v in 0..vectors {
                    weights[i * vectors + v] = weight[at + i * columns + v];
                }
            }
        }
        #[unroll]
        for r in 0..tile {
            add_vector(x[starts[r] + k], &weights, sums, r * vectors, k_size, vectors, half);
        }
    }
}

/// Takes the weights of one vector of inputs out of their pairs.
#[cube]
fn load_pairs<F: Float, N: Size>(
    weight: &[Vector<F, N>],
    weights: &mut Array<Vector<F, N>>,
    k: usize,
    columns: usize,
    column: usize,
    #[comptime] k_size: usize,
    #[comptime] vectors: usize,
) {
    let at = k * comptime![k_size / 2] * columns + column;
    #[unroll]
    for i in 0..comptime![k_size / 2] {
        #[unroll]
        for v in 0..vectors {
            let pair = weight[at + i * columns + v];
            // The nearest whole number: the first of the pair is less than half of what the second counts in.
            let second = (pair * Vector::new(F::new(1.0 / PAIR)) + Vector::new(F::new(0.5))).floor();
            weights[2 * i * vectors + v] = pair - second * Vector::new(F::new(PAIR));
            weights[(2 * i + 1) * vectors + v] = second;
        }
    }
}

/// Turns sums of steps into sums, and adds the bias.
#[cube]
fn weigh_steps<N: Size>(
    sums: &mut Array<Vector<f32, N>>,
    widths: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    column: usize,
    #[comptime] tile: usize,
    #[comptime] vectors: usize,
) {
    #[unroll]
    for v in 0..vectors {
        let (width, bias) = (widths[column + v], bias[column + v]);
        #[unroll]
        for r in 0..tile {
            sums[r * vectors + v] = sums[r * vectors + v] * width + bias;
        }
    }
}

/// Adds the products of one vector of inputs with its weights to the sums of one output.
///
/// # Arguments
/// * `weights` - `[k_size, vectors]`.
/// * `first` - the first of the output's sums; it has `vectors`.
#[cube]
pub fn add_vector<F: Float, K: Size, N: Size>(
    value: Vector<F, K>,
    weights: &Array<Vector<F, N>>,
    sums: &mut Array<Vector<f32, N>>,
    first: usize,
    #[comptime] k_size: usize,
    #[comptime] vectors: usize,
    #[comptime] half: bool,
) {
    if comptime![half] {
        #[unroll]
        for v in 0..vectors {
            let mut sum = Vector::new(value.extract(0usize)) * weights[v];
            #[unroll]
            for i in 1..k_size {
                sum += Vector::new(value.extract(i)) * weights[i * vectors + v];
            }
            sums[first + v] += Vector::cast_from(sum);
        }
    } else {
        #[unroll]
        for i in 0..k_size {
            let factor = Vector::new(value.extract(i));
            #[unroll]
            for v in 0..vectors {
                // Nothing is cast here: `F` is float32.
                sums[first + v] += Vector::cast_from(factor * weights[i * vectors + v]);
            }
        }
    }
}

/// Transposed convolution 2x2 at stride 2: row `r` of the product `x * weight` is a patch of two lines of two pixels.
///
/// # Arguments
/// * `x` - `[rows, depth]`, `depth` in vectors of `K`; a row is a pixel of a map.
/// * `weight` - `[depth * K, 2, 2, channels]`, `channels` in vectors of `N`.
/// * `bias` - `[channels]`.
/// * `out` - the maps at twice their height and width.
/// * `width` - of the map.
/// * `k_size` - the size of `K`.
/// * `tile` - rows a unit computes.
/// * `vectors` - neighbouring channels a unit computes; they divide `channels`.
#[cube(launch_unchecked)]
#[expect(clippy::too_many_arguments, reason = "a kernel's bindings are its arguments")]
pub fn transposed_kernel<F: Float, K: Size, N: Size>(
    x: &[Vector<F, K>],
    weight: &[Vector<F, N>],
    bias: &[Vector<f32, N>],
    out: &mut [Vector<F, N>],
    rows: usize,
    width: usize,
    depth: usize,
    channels: usize,
    #[comptime] k_size: usize,
    #[comptime] tile: usize,
    #[comptime] vectors: usize,
    #[comptime] half: bool,
    #[comptime] activation: Activation,
    #[define(F)] _dtype: ElemType,
) {
    let columns = 4 * channels;
    let units = columns / vectors;
    let column = ABSOLUTE_POS % units * vectors;
    let first = ABSOLUTE_POS / units * tile;
    if first >= rows {
        terminate!();
    }
    let channel = column % channels;
    let mut sums = Array::<Vector<f32, N>>::new(tile * vectors);
    let mut starts = Array::<usize>::new(tile);
    #[unroll]
    for v in 0..vectors {
        let bias = bias[channel + v];
        #[unroll]
        for r in 0..tile {
            sums[r * vectors + v] = bias;
        }
    }
    #[unroll]
    for r in 0..tile {
        // Rows beyond the last are computed from the last and never stored.
        starts[r] = min(first + r, rows - 1) * depth;
    }
    add_products(x, weight, &starts, &mut sums, depth, columns, column, k_size, tile, vectors, half, false);
    // Which of the patch's pixels: its lower line, its right column.
    let place = column / channels;
    let (lower, right) = (place / 2, place % 2);
    #[unroll]
    for r in 0..tile {
        let row = first + r;
        if row < rows {
            let line = row / width * 2 + lower;
            let pixel = line * 2 * width + row % width * 2 + right;
            #[unroll]
            for v in 0..vectors {
                out[pixel * channels + channel + v] = Vector::cast_from(activate(sums[r * vectors + v], activation));
            }
        }
    }
}
