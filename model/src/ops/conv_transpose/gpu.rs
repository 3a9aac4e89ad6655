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
        launch::{Precision, buffer, empty, grid, lanes, operand, primitive},
        matmul::{UnitTile, add_products},
        tiling,
    },
};

/// See [`super::conv_transpose`].
pub(super) fn conv_transpose(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, activation: Activation) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.dims()[3];
    let (rows, lanes, k) = (n * h * w, lanes(c_out), lanes(c_in));
    let x = primitive(x);
    let Precision { dtype, half, elem } = Precision::of(&x);
    let (weight, bias) = (operand(weight, dtype), operand(bias, DType::F32));
    let out = empty(&x, &[n, 2 * h, 2 * w, c_out]);
    let client = x.client.clone();
    let channels = c_out / lanes;
    let tiling = tiling::current();
    let tile = UnitTile { k_size: k, rows: tiling.rows, vectors: tiling.vectors_of(channels), half };
    let (count, dim) = grid(&client, rows.div_ceil(tile.rows) * 4 * (channels / tile.vectors));
    let sizes = ConvTransposeSizesLaunch::new(rows, w, c_in / k, channels);
    let config = ConvTransposeConfig { tile, activation };
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
            sizes,
            config,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// Sizes of a transposed convolution.
#[derive(CubeLaunch, CubeType, Clone)]
pub struct ConvTransposeSizes {
    /// Pixels.
    pub rows: usize,
    /// Pixels in a row of the map.
    pub width: usize,
    /// Vectors of input channels.
    pub depth: usize,
    /// Vectors of output channels.
    pub channels: usize,
}

/// Settings that the kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConvTransposeConfig {
    /// The tile of a unit.
    pub tile: UnitTile,
    /// The activation.
    pub activation: Activation,
}

/// Transposed convolution 2x2 at stride 2: row `r` of the product `x * weight` is a patch of two lines of two pixels.
///
/// # Arguments
/// * `x` - `[rows, depth]`, `depth` in vectors of `K`; a row is a pixel of a map.
/// * `weight` - `[depth * K, 2, 2, channels]`, `channels` in vectors of `N`.
/// * `bias` - `[channels]`.
/// * `out` - the maps at twice their height and width.
#[cube(launch_unchecked)]
pub fn conv_transpose_kernel<F: Float, K: Size, N: Size>(
    x: &[Vector<F, K>],
    weight: &[Vector<F, N>],
    bias: &[Vector<f32, N>],
    out: &mut [Vector<F, N>],
    sizes: &ConvTransposeSizes,
    #[comptime] config: ConvTransposeConfig,
    #[define(F)] _dtype: ElemType,
) {
    let rows = sizes.rows;
    let width = sizes.width;
    let depth = sizes.depth;
    let channels = sizes.channels;
    let tile = comptime![config.tile];
    let vectors = comptime![config.tile.vectors];
    let columns = 4 * channels;
    let units = columns / vectors;
    let column = ABSOLUTE_POS % units * vectors;
    let first = ABSOLUTE_POS / units * comptime![tile.rows];
    if first >= rows {
        terminate!();
    }
    let channel = column % channels;
    let mut sums = Array::<Vector<f32, N>>::new(comptime![tile.rows * tile.vectors]);
    let mut starts = Array::<usize>::new(comptime![tile.rows]);
    #[unroll]
    for v in 0..vectors {
        let bias = bias[channel + v];
        #[unroll]
        for r in 0..comptime![tile.rows] {
            sums[r * vectors + v] = bias;
        }
    }
    #[unroll]
    for r in 0..comptime![tile.rows] {
        // Rows beyond the last are computed from the last and never stored.
        starts[r] = min(first + r, rows - 1) * depth;
    }
    add_products(x, weight, &starts, &mut sums, depth, columns, column, tile, false);
    // Which of the patch's pixels: its lower line, its right column.
    let place = column / channels;
    let (lower, right) = (place / 2, place % 2);
    #[unroll]
    for r in 0..comptime![tile.rows] {
        let row = first + r;
        if row < rows {
            let line = row / width * 2 + lower;
            let pixel = line * 2 * width + row % width * 2 + right;
            #[unroll]
            for v in 0..vectors {
                out[pixel * channels + channel + v] =
                    Vector::cast_from(activate(sums[r * vectors + v], comptime![config.activation]));
            }
        }
    }
}
