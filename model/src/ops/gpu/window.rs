//! Sizes of a convolution with a window, and the outputs of a unit.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use cubecl::prelude::*;

use crate::ops::padding::Padding;

/// Neighbouring outputs a unit computes in a convolution with a window.
pub const COLUMNS: u32 = 4;

/// Sizes of a convolution with a window.
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
    /// Bands of output rows.
    pub bands: u32,
    /// Tiles in a band.
    pub tiles: u32,
    /// Padding above.
    pub top: u32,
    /// Padding to the left.
    pub left: u32,
    /// Vectors of output channels, or groups of them.
    pub channels: u32,
    /// Vectors of input channels (not for depthwise convolution).
    pub depth: u32,
    /// Units with work.
    pub units: u32,
}

/// The outputs of a unit: its vector of channels, first column, first row and photo.
#[cube]
pub fn place(unit: u32, sizes: &Sizes, #[comptime] tile: u32, #[comptime] lines: u32) -> (u32, u32, u32, u32) {
    let channel = unit % sizes.channels;
    let rest = unit / sizes.channels;
    let band = rest / sizes.tiles;
    (channel, rest % sizes.tiles * tile, band % sizes.bands * lines, band / sizes.bands)
}

/// Window of a convolution over a batch of maps.
pub struct Window {
    /// Photos.
    pub n: usize,
    /// Rows of a map.
    pub h: usize,
    /// Columns of a map.
    pub w: usize,
    /// Side of the square window.
    pub kernel: usize,
    /// 1 or 2, both ways.
    pub stride: usize,
    /// Round the maps.
    pub padding: Padding,
}

impl Window {
    /// Computes the kernel's sizes, its units, and the output's height and width.
    pub fn sizes(&self, channels: usize, depth: usize, lines: u32) -> (SizesLaunch, usize, [usize; 2]) {
        let (out_h, top) = self.padding.outputs(self.h, self.kernel, self.stride);
        let (out_w, left) = self.padding.outputs(self.w, self.kernel, self.stride);
        let tiles = out_w.div_ceil(COLUMNS as usize);
        let bands = out_h.div_ceil(lines as usize);
        let units = self.n * bands * tiles * channels;
        let sizes = SizesLaunch::new(
            self.h as u32,
            self.w as u32,
            out_h as u32,
            out_w as u32,
            bands as u32,
            tiles as u32,
            top as u32,
            left as u32,
            channels as u32,
            depth as u32,
            units as u32,
        );
        (sizes, units, [out_h, out_w])
    }
}
