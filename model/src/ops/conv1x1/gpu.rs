//! 1x1 convolution on the GPU: each unit keeps a tile of sums in registers, rows of pixels by a few vectors of
//! channels.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use burn::tensor::{DType, Tensor};
use burn_cubecl::Cube;
use cubecl::{ir::ElemType, prelude::*};

use crate::ops::{
    activation::Activation,
    gpu::{
        launch::{Precision, buffer, empty, grid, lanes, operand, primitive},
        matmul::{UnitTile, add_products, scale_levels},
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
    let PackedWeights { weight, scales } = weight;
    let c_out = weight.dims()[1];
    let (rows, lanes, k) = (n * h * w, lanes(c_out), lanes(c_in));
    let x = primitive(x);
    let Precision { dtype, half, elem } = Precision::of(&x);
    let in_pairs = scales.is_some();
    let (weight, bias) = (operand(weight, dtype), operand(bias, DType::F32));
    // Without pairs another buffer that is only read.
    let scales = scales.map_or_else(|| bias.clone(), |scales| operand(scales, DType::F32));
    let residual = residual.map(|residual| operand(residual, dtype));
    let out = empty(&x, &[n, h, w, c_out]);
    let client = x.client.clone();
    let columns = c_out / lanes;
    let tiling = tiling::current();
    let tile = UnitTile { k_size: k, rows: tiling.rows, vectors: tiling.vectors_of(columns), half };
    let units = rows.div_ceil(tile.rows) * (columns / tile.vectors);
    let (count, dim) = grid(&client, units);
    let (low, high) = match activation {
        Activation::Linear => (f32::NEG_INFINITY, f32::INFINITY),
        Activation::Relu => (0.0, f32::INFINITY),
        Activation::Relu6 => (0.0, 6.0),
    };
    let sizes = Conv1x1SizesLaunch::new(rows, c_in / k, columns, low, high);
    let config = Conv1x1Config { tile, in_pairs, has_residual: residual.is_some() };
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
            sizes,
            config,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// Sizes of a 1x1 convolution, and its activation as two bounds.
///
/// Bounds are arguments, not constants, so that layers with different activations share a program: compiling it takes
/// longer than running it a few times.
#[derive(CubeLaunch, CubeType, Clone)]
pub struct Conv1x1Sizes {
    /// Pixels.
    pub rows: usize,
    /// Vectors of input channels.
    pub depth: usize,
    /// Vectors of output channels.
    pub columns: usize,
    /// Lower bound of the sums.
    pub low: f32,
    /// Upper bound of the sums.
    pub high: f32,
}

/// Settings that the kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conv1x1Config {
    /// The tile of a unit.
    pub tile: UnitTile,
    /// Whether the weights are pairs of levels.
    pub in_pairs: bool,
    /// Whether there is a residual.
    pub has_residual: bool,
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
#[cube(launch_unchecked)]
#[expect(clippy::too_many_arguments, reason = "a kernel's bindings are its arguments")]
pub fn conv1x1_kernel<F: Float, K: Size, N: Size>(
    x: &[Vector<F, K>],
    weight: &[Vector<F, N>],
    scales: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    residual: &[Vector<F, N>],
    out: &mut [Vector<F, N>],
    sizes: &Conv1x1Sizes,
    #[comptime] config: Conv1x1Config,
    #[define(F)] _dtype: ElemType,
) {
    let rows = sizes.rows;
    let depth = sizes.depth;
    let columns = sizes.columns;
    let tile = comptime![config.tile];
    let vectors = comptime![config.tile.vectors];
    let units = columns / vectors;
    let column = ABSOLUTE_POS % units * vectors;
    let first = ABSOLUTE_POS / units * comptime![tile.rows];
    if first >= rows {
        terminate!();
    }
    let mut sums = Array::<Vector<f32, N>>::new(comptime![tile.rows * tile.vectors]);
    let mut starts = Array::<usize>::new(comptime![tile.rows]);
    #[unroll]
    for v in 0..vectors {
        let start = if comptime![config.in_pairs] { Vector::new(0.0) } else { bias[column + v] };
        #[unroll]
        for r in 0..comptime![tile.rows] {
            sums[r * vectors + v] = start;
        }
    }
    #[unroll]
    for r in 0..comptime![tile.rows] {
        // Rows beyond the last are computed from the last and never stored.
        starts[r] = min(first + r, rows - 1) * depth;
    }
    add_products(x, weight, &starts, &mut sums, depth, columns, column, tile, comptime![config.in_pairs]);
    if comptime![config.in_pairs] {
        scale_levels(&mut sums, scales, bias, column, tile);
    }
    #[unroll]
    for r in 0..comptime![tile.rows] {
        if first + r < rows {
            #[unroll]
            for v in 0..vectors {
                let at = (first + r) * columns + column + v;
                let mut value = clamp(sums[r * vectors + v], Vector::new(sizes.low), Vector::new(sizes.high));
                if comptime![config.has_residual] {
                    value += Vector::cast_from(residual[at]);
                }
                out[at] = Vector::cast_from(value);
            }
        }
    }
}
