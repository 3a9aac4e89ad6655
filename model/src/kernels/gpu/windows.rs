//! Convolutions with a window on the GPU: depthwise 3x3, and dense with any square kernel. Each unit computes a few
//! neighbouring outputs of one row for one vector of channels, so that they share weights and pixels.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use cubecl::prelude::*;

use super::activation::activate;
use crate::kernels::Activation;

/// The sizes that a windowed convolution works on.
#[derive(CubeLaunch, CubeType, Clone)]
pub struct Sizes {
    /// Rows of the map.
    pub height: u32,
    /// Columns of the map.
    pub width: u32,
    /// Output rows.
    pub out_h: u32,
    /// Output columns.
    pub out_w: u32,
    /// Tiles that an output row is cut into.
    pub tiles: u32,
    /// Padding above.
    pub top: u32,
    /// Padding to the left.
    pub left: u32,
    /// Vectors of output channels.
    pub channels: u32,
    /// Scalars of input channels (dense convolution only).
    pub depth: u32,
    /// Units with work.
    pub units: u32,
}

/// Which outputs a unit computes: its vector of channels, first column, row and photo.
#[cube]
fn place(unit: u32, sizes: &Sizes, #[comptime] tile: u32) -> (u32, u32, u32, u32) {
    let channel = unit % sizes.channels;
    let rest = unit / sizes.channels;
    let row = rest / sizes.tiles;
    (channel, rest % sizes.tiles * tile, row % sizes.out_h, row / sizes.out_h)
}

/// Depthwise 3x3 convolution.
///
/// # Arguments
/// * `x` - `[batch, height, width, channels]`, channels in vectors of `N`.
/// * `weight` - `[3, 3, channels]`; `bias` - `[channels]`.
/// * `out` - `[batch, out_h, out_w, channels]`.
/// * `tile` - output columns a unit computes.
#[cube(launch_unchecked)]
pub fn depthwise_kernel<N: Size>(
    x: &[Vector<f32, N>],
    weight: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    out: &mut [Vector<f32, N>],
    sizes: &Sizes,
    #[comptime] stride: u32,
    #[comptime] tile: u32,
    #[comptime] activation: Activation,
) {
    let unit = ABSOLUTE_POS as u32;
    if unit >= sizes.units {
        terminate!();
    }
    let (channel, first, out_y, batch) = place(unit, sizes, tile);

    let mut sums = Array::<Vector<f32, N>>::new(comptime![tile as usize]);
    #[unroll]
    for i in 0..tile {
        sums[i as usize] = bias[channel as usize];
    }
    let zero = Vector::<f32, N>::new(0.0);
    #[unroll]
    for ky in 0..3u32 {
        // Wraps above the map, and is then as far out of it as below. Taps outside read the border and count 0:
        // without branches all units of a group stay in step.
        let y = out_y * stride + ky - sizes.top;
        let inside = y < sizes.height;
        let start = (batch * sizes.height + min(y, sizes.height - 1)) * sizes.width;
        let at = ky * 3 * sizes.channels + channel;
        let w0 = select(inside, weight[at as usize], zero);
        let w1 = select(inside, weight[(at + sizes.channels) as usize], zero);
        let w2 = select(inside, weight[(at + 2 * sizes.channels) as usize], zero);
        #[unroll]
        for kx in 0..comptime![(tile - 1) * stride + 3] {
            let column = first * stride + kx - sizes.left;
            let pixel = start + min(column, sizes.width - 1);
            let value = select(column < sizes.width, x[(pixel * sizes.channels + channel) as usize], zero);
            #[unroll]
            for i in 0..tile {
                if comptime![kx == i * stride] {
                    sums[i as usize] += value * w0;
                }
                if comptime![kx == i * stride + 1] {
                    sums[i as usize] += value * w1;
                }
                if comptime![kx == i * stride + 2] {
                    sums[i as usize] += value * w2;
                }
            }
        }
    }
    let start = (batch * sizes.out_h + out_y) * sizes.out_w + first;
    #[unroll]
    for i in 0..tile {
        if first + i < sizes.out_w {
            out[((start + i) * sizes.channels + channel) as usize] = activate(sums[i as usize], activation);
        }
    }
}

/// Dense convolution with a square kernel.
///
/// # Arguments
/// * `x` - `[batch, height, width, depth]`, scalars.
/// * `weight` - `[kernel, kernel, depth, channels]`, channels in vectors of `N`; `bias` - `[channels]`.
/// * `out` - `[batch, out_h, out_w, channels]`.
/// * `tile` - output columns a unit computes.
#[cube(launch_unchecked)]
#[expect(clippy::too_many_arguments, reason = "a kernel's bindings are its arguments")]
pub fn dense_kernel<N: Size>(
    x: &[f32],
    weight: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    out: &mut [Vector<f32, N>],
    sizes: &Sizes,
    kernel: u32,
    stride: u32,
    #[comptime] tile: u32,
    #[comptime] activation: Activation,
) {
    let unit = ABSOLUTE_POS as u32;
    if unit >= sizes.units {
        terminate!();
    }
    let (channel, first, out_y, batch) = place(unit, sizes, tile);

    let mut sums = Array::<Vector<f32, N>>::new(comptime![tile as usize]);
    #[unroll]
    for i in 0..tile {
        sums[i as usize] = bias[channel as usize];
    }
    for ky in 0..kernel {
        let y = out_y * stride + ky - sizes.top;
        let inside = y < sizes.height;
        let start = (batch * sizes.height + min(y, sizes.height - 1)) * sizes.width;
        for kx in 0..kernel {
            let mut pixels = Array::<u32>::new(comptime![tile as usize]);
            let mut masks = Array::<f32>::new(comptime![tile as usize]);
            #[unroll]
            for i in 0..tile {
                let column = (first + i) * stride + kx - sizes.left;
                pixels[i as usize] = (start + min(column, sizes.width - 1)) * sizes.depth;
                masks[i as usize] = select(inside && column < sizes.width, 1.0f32, 0.0f32);
            }
            let tap = (ky * kernel + kx) * sizes.depth;
            for c in 0..sizes.depth {
                let w = weight[((tap + c) * sizes.channels + channel) as usize];
                #[unroll]
                for i in 0..tile {
                    sums[i as usize] += Vector::new(x[(pixels[i as usize] + c) as usize] * masks[i as usize]) * w;
                }
            }
        }
    }
    let start = (batch * sizes.out_h + out_y) * sizes.out_w + first;
    #[unroll]
    for i in 0..tile {
        if first + i < sizes.out_w {
            out[((start + i) * sizes.channels + channel) as usize] = activate(sums[i as usize], activation);
        }
    }
}
