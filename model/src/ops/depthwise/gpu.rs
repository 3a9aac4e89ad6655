//! Depthwise 3x3 convolution on the GPU: each unit computes a few neighbouring outputs of two rows for one vector of
//! channels, so that they share weights and pixels.
//!
//! `F` is what maps are stored in. Filters stay in float32, and their sums, too: the loads are what takes the time.

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
        window::{COLUMNS, Sizes, Window, place},
    },
    padding::Padding,
};

/// Rows of outputs a unit computes.
const LINES: u32 = 2;

/// See [`super::depthwise`].
pub(super) fn depthwise(
    x: Tensor<4>,
    weight: Tensor<3>,
    bias: Tensor<1>,
    stride: usize,
    activation: Activation,
) -> Tensor<4> {
    let [n, h, w, c] = x.dims();
    let lanes = lanes(c);
    let window = Window { n, h, w, kernel: 3, stride, padding: Padding::Same };
    let (sizes, units, [out_h, out_w]) = window.sizes(c / lanes, c, LINES);
    let x = primitive(x);
    let (weight, bias) = (operand(weight, DType::F32), operand(bias, DType::F32));
    let elem = Precision::of(&x).elem;
    let out = empty(&x, &[n, out_h, out_w, c]);
    let config = DepthwiseConfig { stride: stride as u32, columns: COLUMNS, lines: LINES, activation };
    let client = x.client.clone();
    let (count, dim) = grid(&client, units);
    // SAFETY: the kernel reads and writes inside the lengths given here.
    unsafe {
        depthwise_kernel::launch_unchecked(
            &client,
            count,
            dim,
            lanes,
            buffer(x, lanes),
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

/// Settings that the kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DepthwiseConfig {
    /// 1 or 2, both ways.
    pub stride: u32,
    /// Output columns a unit computes.
    pub columns: u32,
    /// Output rows a unit computes.
    pub lines: u32,
    /// The activation.
    pub activation: Activation,
}

/// Depthwise 3x3 convolution.
///
/// # Arguments
/// * `x` - `[batch, height, width, channels]`, channels in vectors of `N`.
/// * `weight` - `[3, 3, channels]`; `bias` - `[channels]`.
/// * `out` - `[batch, out_h, out_w, channels]`.
#[cube(launch_unchecked)]
pub fn depthwise_kernel<F: Float, N: Size>(
    x: &[Vector<F, N>],
    weight: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    out: &mut [Vector<F, N>],
    sizes: &Sizes,
    #[comptime] config: DepthwiseConfig,
    #[define(F)] _dtype: ElemType,
) {
    let stride = comptime![config.stride];
    let tile = comptime![config.columns];
    let lines = comptime![config.lines];
    let unit = ABSOLUTE_POS as u32;
    if unit >= sizes.units {
        terminate!();
    }
    let (channel, first, out_y, batch) = place(unit, sizes, tile, lines);

    let mut sums = Array::<Vector<f32, N>>::new(comptime![(tile * lines) as usize]);
    let bias = bias[channel as usize];
    #[unroll]
    for i in 0..comptime![tile * lines] {
        sums[i as usize] = bias;
    }
    let mut weights = Array::<Vector<f32, N>>::new(9usize);
    #[unroll]
    for tap in 0..9u32 {
        weights[tap as usize] = weight[(tap * sizes.channels + channel) as usize];
    }
    let zero = Vector::<f32, N>::new(0.0);
    #[unroll]
    for ry in 0..comptime![(lines - 1) * stride + 3] {
        // Wraps above the map, and is then as far out of it as below. Taps outside read the border and count 0:
        // without branches all units of a group stay in step.
        let y = out_y * stride + ry - sizes.top;
        let inside = y < sizes.height;
        let start = (batch * sizes.height + min(y, sizes.height - 1)) * sizes.width;
        #[unroll]
        for rx in 0..comptime![(tile - 1) * stride + 3] {
            let column = first * stride + rx - sizes.left;
            let pixel = start + min(column, sizes.width - 1);
            let value = Vector::cast_from(x[(pixel * sizes.channels + channel) as usize]);
            let value = select(inside && column < sizes.width, value, zero);
            // Every output whose window has this pixel.
            #[unroll]
            for line in 0..lines {
                #[unroll]
                for i in 0..tile {
                    if comptime![
                        ry >= line * stride && ry < line * stride + 3 && rx >= i * stride && rx < i * stride + 3
                    ] {
                        let tap = comptime![((ry - line * stride) * 3 + rx - i * stride) as usize];
                        sums[comptime![(line * tile + i) as usize]] += value * weights[tap];
                    }
                }
            }
        }
    }
    #[unroll]
    for line in 0..lines {
        let start = (batch * sizes.out_h + out_y + line) * sizes.out_w + first;
        #[unroll]
        for i in 0..tile {
            if out_y + line < sizes.out_h && first + i < sizes.out_w {
                let sum = sums[comptime![(line * tile + i) as usize]];
                out[((start + i) * sizes.channels + channel) as usize] =
                    Vector::cast_from(activate(sum, comptime![config.activation]));
            }
        }
    }
}
