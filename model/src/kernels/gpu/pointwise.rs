//! 1x1 convolution and transposed convolution on the GPU, both matrix products: each unit keeps a tile of sums in
//! registers, rows of pixels by a few vectors of channels.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use cubecl::prelude::*;

use super::activation::activate;
use crate::kernels::Activation;

/// `out = activation(x * weight + bias) + residual`.
///
/// # Arguments
/// * `x` - `[rows, depth]`, `depth` in vectors of `K`.
/// * `weight` - `[depth * K, columns]`, `columns` in vectors of `N`.
/// * `bias` - `[columns]`.
/// * `residual`, `out` - `[rows, columns]`; `residual` is `bias` again where there is none.
/// * `k_size` - the size of `K`.
/// * `tile` - rows a unit computes.
/// * `vectors` - neighbouring columns a unit computes; they divide `columns`.
#[cube(launch_unchecked)]
#[expect(clippy::too_many_arguments, reason = "a kernel's bindings are its arguments")]
pub fn pointwise_kernel<K: Size, N: Size>(
    x: &[Vector<f32, K>],
    weight: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    residual: &[Vector<f32, N>],
    out: &mut [Vector<f32, N>],
    rows: usize,
    depth: usize,
    columns: usize,
    #[comptime] k_size: usize,
    #[comptime] tile: usize,
    #[comptime] vectors: usize,
    #[comptime] activation: Activation,
    #[comptime] has_residual: bool,
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
    for r in 0..tile {
        #[unroll]
        for v in 0..vectors {
            sums[r * vectors + v] = bias[column + v];
        }
        // Rows beyond the last are computed from the last and never stored.
        starts[r] = min(first + r, rows - 1) * depth;
    }
    add_products(x, weight, &starts, &mut sums, depth, columns, column, k_size, tile, vectors);
    #[unroll]
    for r in 0..tile {
        if first + r < rows {
            #[unroll]
            for v in 0..vectors {
                let at = (first + r) * columns + column + v;
                let mut value = activate(sums[r * vectors + v], activation);
                if comptime![has_residual] {
                    value += residual[at];
                }
                out[at] = value;
            }
        }
    }
}

/// Adds the products of a tile of rows with some neighbouring columns to their sums.
#[cube]
#[expect(clippy::too_many_arguments, reason = "CubeCL turns arguments into registers, a struct of slices it cannot")]
fn add_products<K: Size, N: Size>(
    x: &[Vector<f32, K>],
    weight: &[Vector<f32, N>],
    starts: &Array<usize>,
    sums: &mut Array<Vector<f32, N>>,
    depth: usize,
    columns: usize,
    column: usize,
    #[comptime] k_size: usize,
    #[comptime] tile: usize,
    #[comptime] vectors: usize,
) {
    for k in 0..depth {
        let at = k * k_size * columns + column;
        let mut weights = Array::<Vector<f32, N>>::new(k_size * vectors);
        #[unroll]
        for i in 0..k_size {
            #[unroll]
            for v in 0..vectors {
                weights[i * vectors + v] = weight[at + i * columns + v];
            }
        }
        #[unroll]
        for r in 0..tile {
            let value = x[starts[r] + k];
            #[unroll]
            for i in 0..k_size {
                let factor = Vector::new(value.extract(i));
                #[unroll]
                for v in 0..vectors {
                    sums[r * vectors + v] += factor * weights[i * vectors + v];
                }
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
pub fn transposed_kernel<K: Size, N: Size>(
    x: &[Vector<f32, K>],
    weight: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    out: &mut [Vector<f32, N>],
    rows: usize,
    width: usize,
    depth: usize,
    channels: usize,
    #[comptime] k_size: usize,
    #[comptime] tile: usize,
    #[comptime] vectors: usize,
    #[comptime] activation: Activation,
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
    for r in 0..tile {
        #[unroll]
        for v in 0..vectors {
            sums[r * vectors + v] = bias[channel + v];
        }
        // Rows beyond the last are computed from the last and never stored.
        starts[r] = min(first + r, rows - 1) * depth;
    }
    add_products(x, weight, &starts, &mut sums, depth, columns, column, k_size, tile, vectors);
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
                out[pixel * channels + channel + v] = activate(sums[r * vectors + v], activation);
            }
        }
    }
}
