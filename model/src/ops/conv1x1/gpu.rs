//! 1x1 convolution on the GPU: each unit keeps a tile of sums in registers, rows of pixels by a few vectors of channels.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use burn::tensor::{DType, Tensor};
use burn_cubecl::Cube;
use cubecl::{ir::ElemType, prelude::*};

use crate::ops::{
    activation::Activation,
    gpu::{
        launch::{Numbers, buffer, empty, grid, lanes, operand, primitive},
        matmul::{add_products, scale_levels},
        tiling,
    },
    packed_weights::PackedWeights,
};

/// See [`super::conv1x1`].
pub(super) fn conv1x1(
    x: Tensor<4>,
    weight: PackedWeights,
    bias: Tensor<1>,
    activation: Activation,
    residual: Option<Tensor<4>>,
) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.weight.dims()[1];
    let (rows, lanes, k) = (n * h * w, lanes(c_out), lanes(c_in));
    let x = primitive(x);
    let Numbers { dtype, half, elem } = Numbers::of(&x);
    let in_pairs = weight.scales.is_some();
    let (weight, bias) = (operand(weight.weight, dtype), operand(bias, DType::F32));
    // Without pairs another buffer that is only read.
    let scales = weight.scales.map_or_else(|| bias.clone(), |scales| operand(scales, DType::F32));
    let residual = residual.map(|residual| operand(residual, dtype));
    let out = empty(&x, &[n, h, w, c_out]);
    let client = x.client.clone();
    let columns = c_out / lanes;
    let tiling = tiling::current();
    let (tile, vectors) = (tiling.rows, tiling.vectors_of(columns));
    let units = rows.div_ceil(tile) * (columns / vectors);
    let (count, dim) = grid(&client, units);
    let (low, high) = match activation {
        Activation::Linear => (f32::NEG_INFINITY, f32::INFINITY),
        Activation::Relu => (0.0, f32::INFINITY),
        Activation::Relu6 => (0.0, 6.0),
    };
    let has_residual = residual.is_some();
    // Something that is only read, too: a buffer cannot be bound for reading beside its binding for writing.
    let residual = residual.unwrap_or_else(|| x.clone());
    // SAFETY: the kernel reads and writes inside the lengths given here.
    unsafe {
        conv1x1_kernel::launch_unchecked(
            &client,
            count,
            dim,
            k,
            lanes,
            buffer(x, k),
            buffer(weight, lanes),
            buffer(scales, lanes),
            buffer(bias, lanes),
            buffer(residual, lanes),
            buffer(out.clone(), lanes),
            rows,
            c_in / k,
            columns,
            low,
            high,
            k,
            tile,
            vectors,
            half,
            in_pairs,
            has_residual,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// `out = clamp(x * weight + bias) + residual`.
///
/// # Arguments
/// * `x` - `[rows, depth]`, `depth` in vectors of `K`.
/// * `weight` - `[depth * K, columns]`, `columns` in vectors of `N`; or `[depth * K / 2, columns]` pairs of levels (see
///   [`PackedWeights`]).
/// * `scales` - of the levels, `[columns]`; anything where there are none.
/// * `bias` - `[columns]`.
/// * `residual`, `out` - `[rows, columns]`; `residual` is `x` again where there is none.
/// * `k_size` - the size of `K`.
/// * `tile` - rows a unit computes.
/// * `vectors` - neighbouring columns a unit computes; they divide `columns`.
/// * `low`, `high` - what the sums are clamped to. Arguments, not constants, so that layers with different activations share
///   a program: compiling it takes longer than running it a few times.
#[cube(launch_unchecked)]
#[expect(clippy::too_many_arguments, reason = "a kernel's bindings are its arguments")]
pub fn conv1x1_kernel<F: Float, K: Size, N: Size>(
    x: &[Vector<F, K>],
    weight: &[Vector<F, N>],
    scales: &[Vector<f32, N>],
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
        scale_levels(&mut sums, scales, bias, column, tile, vectors);
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
