//! 1x1 convolution on the GPU: each unit keeps a tile of sums in registers, rows of pixels by one vector of channels.

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
    #[comptime] activation: Activation,
    #[comptime] has_residual: bool,
) {
    let column = ABSOLUTE_POS % columns;
    let first = ABSOLUTE_POS / columns * tile;
    if first >= rows {
        terminate!();
    }
    let mut sums = Array::<Vector<f32, N>>::new(tile);
    let mut starts = Array::<usize>::new(tile);
    #[unroll]
    for r in 0..tile {
        sums[r] = bias[column];
        // Rows beyond the last are computed from the last and never stored.
        starts[r] = min(first + r, rows - 1) * depth;
    }
    for k in 0..depth {
        let at = k * k_size * columns + column;
        let mut weights = Array::<Vector<f32, N>>::new(k_size);
        #[unroll]
        for i in 0..k_size {
            weights[i] = weight[at + i * columns];
        }
        #[unroll]
        for r in 0..tile {
            let value = x[starts[r] + k];
            #[unroll]
            for i in 0..k_size {
                sums[r] += Vector::new(value.extract(i)) * weights[i];
            }
        }
    }
    #[unroll]
    for r in 0..tile {
        if first + r < rows {
            let at = (first + r) * columns + column;
            let mut value = activate(sums[r], activation);
            if comptime![has_residual] {
                value += residual[at];
            }
            out[at] = value;
        }
    }
}
