//! Products of rows of pixels with columns of channels, in registers.
//!
//! `F` is what maps and weights are stored in. In float16 the products of one vector of inputs are added in float16,
//! too, and then join sums in float32: over a thousand channels float16 alone would lose two of its three digits.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use cubecl::prelude::*;

use crate::pack::quantization::PAIR_BASE;

/// The tile of sums that a unit keeps in registers, known when the kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnitTile {
    /// Inputs in a vector: the size of `K`.
    pub k_size: usize,
    /// Rows of outputs (pixels).
    pub rows: usize,
    /// Neighbouring vectors of outputs; they divide the columns.
    pub vectors: usize,
    /// Whether maps and weights are float16.
    pub half: bool,
}

/// Adds the products of a tile of rows with some neighbouring columns to their sums.
///
/// # Arguments
/// * `starts` - where each row starts in `x`.
/// * `column` - the first column.
#[cube]
#[expect(clippy::too_many_arguments, reason = "CubeCL turns arguments into registers, a struct of slices it cannot")]
pub fn add_products<F: Float, K: Size, N: Size>(
    x: &[Vector<F, K>],
    weight: &[Vector<F, N>],
    starts: &Array<usize>,
    sums: &mut Array<Vector<f32, N>>,
    depth: usize,
    columns: usize,
    column: usize,
    #[comptime] tile: UnitTile,
    #[comptime] in_pairs: bool,
) {
    let k_size = comptime![tile.k_size];
    let vectors = comptime![tile.vectors];
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
        for r in 0..comptime![tile.rows] {
            add_vector(x[starts[r] + k], &weights, sums, r * vectors, tile);
        }
    }
}

/// Takes the levels of one vector of inputs out of their pairs.
#[cube]
pub fn load_pairs<F: Float, N: Size>(
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
            let second = (pair * Vector::new(F::new(1.0 / PAIR_BASE)) + Vector::new(F::new(0.5))).floor();
            weights[2 * i * vectors + v] = pair - second * Vector::new(F::new(PAIR_BASE));
            weights[(2 * i + 1) * vectors + v] = second;
        }
    }
}

/// Scales sums of levels and adds the bias.
#[cube]
pub fn scale_levels<N: Size>(
    sums: &mut Array<Vector<f32, N>>,
    scales: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    column: usize,
    #[comptime] tile: UnitTile,
) {
    let vectors = comptime![tile.vectors];
    #[unroll]
    for v in 0..vectors {
        let (scale, bias) = (scales[column + v], bias[column + v]);
        #[unroll]
        for r in 0..comptime![tile.rows] {
            sums[r * vectors + v] = sums[r * vectors + v] * scale + bias;
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
    #[comptime] tile: UnitTile,
) {
    let k_size = comptime![tile.k_size];
    let vectors = comptime![tile.vectors];
    if comptime![tile.half] {
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
