//! Convolutions with a window on the GPU: depthwise 3x3, and dense with any square kernel. Each unit computes a few
//! neighbouring outputs (depthwise: of two rows) for some vectors of channels, so that they share weights and pixels.
//!
//! `F` is what maps are stored in. Depthwise filters stay in float32, and their sums, too: the loads are what takes the time.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use cubecl::{ir::ElemType, prelude::*};

use super::{activation::activate, pointwise::add_vector};
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
    /// Bands that the output rows are cut into.
    pub bands: u32,
    /// Tiles that a band is cut into.
    pub tiles: u32,
    /// Padding above.
    pub top: u32,
    /// Padding to the left.
    pub left: u32,
    /// Vectors of output channels, or groups of them.
    pub channels: u32,
    /// Vectors of input channels (dense convolution only).
    pub depth: u32,
    /// Units with work.
    pub units: u32,
}

/// Which outputs a unit computes: its vector of channels, first column, first row and photo.
#[cube]
fn place(unit: u32, sizes: &Sizes, #[comptime] tile: u32, #[comptime] lines: u32) -> (u32, u32, u32, u32) {
    let channel = unit % sizes.channels;
    let rest = unit / sizes.channels;
    let band = rest / sizes.tiles;
    (channel, rest % sizes.tiles * tile, band % sizes.bands * lines, band / sizes.bands)
}

/// Depthwise 3x3 convolution.
///
/// # Arguments
/// * `x` - `[batch, height, width, channels]`, channels in vectors of `N`.
/// * `weight` - `[3, 3, channels]`; `bias` - `[channels]`.
/// * `out` - `[batch, out_h, out_w, channels]`.
/// * `tile` - output columns a unit computes; `lines` - output rows.
#[cube(launch_unchecked)]
#[expect(clippy::too_many_arguments, reason = "a kernel's bindings are its arguments")]
pub fn depthwise_kernel<F: Float, N: Size>(
    x: &[Vector<F, N>],
    weight: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    out: &mut [Vector<F, N>],
    sizes: &Sizes,
    #[comptime] stride: u32,
    #[comptime] tile: u32,
    #[comptime] lines: u32,
    #[comptime] activation: Activation,
    #[define(F)] _dtype: ElemType,
) {
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
                out[((start + i) * sizes.channels + channel) as usize] = Vector::cast_from(activate(sum, activation));
            }
        }
    }
}

/// Dense convolution with a square kernel.
///
/// # Arguments
/// * `x` - `[batch, height, width, depth]`, `depth` in vectors of `K`.
/// * `weight` - `[kernel, kernel, depth * K, channels]`, channels in vectors of `N`; `bias` - `[channels]`.
/// * `out` - `[batch, out_h, out_w, channels]`.
/// * `sizes` - `channels` counts groups of `vectors`.
/// * `k_size` - the size of `K`.
/// * `tile` - output columns a unit computes.
/// * `vectors` - neighbouring vectors of channels a unit computes.
#[cube(launch_unchecked)]
#[expect(clippy::too_many_arguments, reason = "a kernel's bindings are its arguments")]
pub fn dense_kernel<F: Float, K: Size, N: Size>(
    x: &[Vector<F, K>],
    weight: &[Vector<F, N>],
    bias: &[Vector<f32, N>],
    out: &mut [Vector<F, N>],
    sizes: &Sizes,
    kernel: u32,
    stride: u32,
    #[comptime] k_size: usize,
    #[comptime] tile: u32,
    #[comptime] vectors: usize,
    #[comptime] half: bool,
    #[comptime] activation: Activation,
    #[define(F)] _dtype: ElemType,
) {
    let unit = ABSOLUTE_POS as u32;
    if unit >= sizes.units {
        terminate!();
    }
    let (group, first, out_y, batch) = place(unit, sizes, tile, 1u32);
    let channel = group as usize * vectors;
    let channels = sizes.channels as usize * vectors;
    let depth = sizes.depth as usize;

    let mut sums = Array::<Vector<f32, N>>::new(comptime![tile as usize * vectors]);
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
            let mut pixels = Array::<usize>::new(comptime![tile as usize]);
            let mut known = Array::<bool>::new(comptime![tile as usize]);
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
                    add_vector(value, &weights, &mut sums, i as usize * vectors, k_size, vectors, half);
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
                out[at] = Vector::cast_from(activate(sums[i as usize * vectors + v], activation));
            }
        }
    }
}
