//! Convolution with a square kernel on the GPU: each unit computes a few neighbouring outputs for some vectors of
//! channels, so that they share weights and pixels.

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
        matmul::{UnitTile, add_vector},
        tiling,
        window::{COLUMNS, Sizes, Window, place},
    },
    padding::Padding,
};

/// See [`super::conv2d`].
pub(super) fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    padding: Padding,
    activation: Activation,
) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let [kernel, _, _, c_out] = weight.dims();
    let (lanes, k) = (lanes(c_out), lanes(c_in));
    let vectors = tiling::current().vectors_of(c_out / lanes);
    let window = Window { n, h, w, kernel, stride, padding };
    let (sizes, units, [out_h, out_w]) = window.sizes(c_out / lanes / vectors, c_in / k, 1);
    let x = primitive(x);
    let Precision { dtype, half, elem } = Precision::of(&x);
    let (weight, bias) = (operand(weight, dtype), operand(bias, DType::F32));
    let out = empty(&x, &[n, out_h, out_w, c_out]);
    let tile = UnitTile { k_size: k, rows: COLUMNS as usize, vectors, half };
    let config = Conv2dConfig { tile, activation };
    let client = x.client.clone();
    let (count, dim) = grid(&client, units);
    // SAFETY: the kernel reads and writes inside the lengths given here.
    unsafe {
        conv2d_kernel::launch_unchecked(
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
            kernel as u32,
            stride as u32,
            config,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// Settings that the kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conv2dConfig {
    /// The tile of a unit: its rows are neighbouring columns of the output.
    pub tile: UnitTile,
    /// The activation.
    pub activation: Activation,
}

/// Convolution with a square kernel.
///
/// # Arguments
/// * `x` - `[batch, height, width, depth]`, `depth` in vectors of `K`.
/// * `weight` - `[kernel, kernel, depth * K, channels]`, channels in vectors of `N`; `bias` - `[channels]`.
/// * `out` - `[batch, out_h, out_w, channels]`.
/// * `sizes` - `channels` counts groups of as many vectors as a unit computes.
#[cube(launch_unchecked)]
#[expect(clippy::too_many_arguments, reason = "a kernel's bindings are its arguments")]
pub fn conv2d_kernel<F: Float, K: Size, N: Size>(
    x: &[Vector<F, K>],
    weight: &[Vector<F, N>],
    bias: &[Vector<f32, N>],
    out: &mut [Vector<F, N>],
    sizes: &Sizes,
    kernel: u32,
    stride: u32,
    #[comptime] config: Conv2dConfig,
    #[define(F)] _dtype: ElemType,
) {
    let k_size = comptime![config.tile.k_size];
    let vectors = comptime![config.tile.vectors];
    let tile = comptime![config.tile.rows as u32];
    let unit = ABSOLUTE_POS as u32;
    if unit >= sizes.units {
        terminate!();
    }
    let (group, first, out_y, batch) = place(unit, sizes, tile, 1u32);
    let channel = group as usize * vectors;
    let channels = sizes.channels as usize * vectors;
    let depth = sizes.depth as usize;

    let mut sums = Array::<Vector<f32, N>>::new(comptime![config.tile.rows * config.tile.vectors]);
    #[unroll]
    for v in 0..vectors {
        let bias = bias[channel + v];
        #[unroll]
        for i in 0..tile {
            sums[i as usize * vectors + v] = bias;
        }
    }
    let zero = Vector::<F, K>::new(F::new(0.0));
    for ky in 0..kernel {
        let y = out_y * stride + ky - sizes.top;
        let inside = y < sizes.height;
        let start = (batch * sizes.height + min(y, sizes.height - 1)) * sizes.width;
        for kx in 0..kernel {
            let mut pixels = Array::<usize>::new(comptime![config.tile.rows]);
            let mut known = Array::<bool>::new(comptime![config.tile.rows]);
            #[unroll]
            for i in 0..tile {
                let column = (first + i) * stride + kx - sizes.left;
                pixels[i as usize] = (start + min(column, sizes.width - 1)) as usize * depth;
                known[i as usize] = inside && column < sizes.width;
            }
            let tap = (ky * kernel + kx) as usize * depth;
            for c in 0..depth {
                let at = (tap + c) * k_size * channels + channel;
                let mut weights = Array::<Vector<F, N>>::new(k_size * vectors);
                #[unroll]
                for k in 0..k_size {
                    #[unroll]
                    for v in 0..vectors {
                        weights[k * vectors + v] = weight[at + k * channels + v];
                    }
                }
                #[unroll]
                for i in 0..tile {
                    let value = select(known[i as usize], x[pixels[i as usize] + c], zero);
                    add_vector(value, &weights, &mut sums, i as usize * vectors, comptime![config.tile]);
                }
            }
        }
    }
    let start = (batch * sizes.out_h + out_y) * sizes.out_w + first;
    #[unroll]
    for i in 0..tile {
        if first + i < sizes.out_w {
            #[unroll]
            for v in 0..vectors {
                let at = (start + i) as usize * channels + channel + v;
                out[at] = Vector::cast_from(activate(sums[i as usize * vectors + v], comptime![config.activation]));
            }
        }
    }
}
