//! Transposed convolution on the GPU: a matrix product whose rows are patches of the output.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use burn::tensor::{DType, Tensor};
use burn_cubecl::Cube;
use cubecl::{ir::ElemType, prelude::*};

use crate::ops::{
    activation::Activation,
    gpu::{
        activation::activate,
        launch::{Numbers, buffer, empty, grid, lanes, operand, primitive},
        matmul::add_products,
        tiling,
    },
};

/// See [`super::conv_transpose`].
pub(super) fn conv_transpose(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, activation: Activation) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.dims()[3];
    let (rows, lanes, k) = (n * h * w, lanes(c_out), lanes(c_in));
    let x = primitive(x);
    let Numbers { dtype, half, elem } = Numbers::of(&x);
    let (weight, bias) = (operand(weight, dtype), operand(bias, DType::F32));
    let out = empty(&x, &[n, 2 * h, 2 * w, c_out]);
    let client = x.client.clone();
    let channels = c_out / lanes;
    let tiling = tiling::current();
    let (tile, vectors) = (tiling.rows, tiling.vectors_of(channels));
    let (count, dim) = grid(&client, rows.div_ceil(tile) * 4 * (channels / vectors));
    // SAFETY: the kernel reads and writes inside the lengths given here.
    unsafe {
        conv_transpose_kernel::launch_unchecked(
            &client,
            count,
            dim,
            k,
            lanes,
            buffer(x, k),
            buffer(weight, lanes),
            buffer(bias, lanes),
            buffer(out.clone(), lanes),
            rows,
            w,
            c_in / k,
            channels,
            k,
            tile,
            vectors,
            half,
            activation,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
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
pub fn conv_transpose_kernel<F: Float, K: Size, N: Size>(
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
