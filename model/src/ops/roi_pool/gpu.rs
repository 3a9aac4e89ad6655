//! RoIPool on the GPU: each unit takes the maximum of one bin for one vector of channels. Which cells a bin has is computed
//! on the host and read from a table.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use burn::tensor::{DType, Tensor, TensorData};
use burn_cubecl::Cube;
use cubecl::{ir::ElemType, prelude::*};

use crate::ops::{
    gpu::launch::{Precision, buffer, empty, grid, lanes, operand, primitive},
    region::{Bins, Region},
};

/// See [`super::roi_pool`].
pub(super) fn roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let lanes = lanes(channels);
    let table = Bins::table(regions, height, |region| Bins::of_roi_pool(region, [height, width], side));
    let table = operand(Tensor::<1>::from_data(TensorData::from(table.as_slice()), &map.device()), DType::F32);
    let map = primitive(map);
    let elem = Precision::of(&map).elem;
    let out = empty(&map, &[regions.len(), side, side, channels]);
    let client = map.client.clone();
    let units = regions.len() * side * side * (channels / lanes);
    let (count, dim) = grid(&client, units);
    // SAFETY: the table names cells of the map only (`super::roi_pool` checks the photos), and the kernel writes inside the
    // length given here.
    unsafe {
        roi_pool_kernel::launch_unchecked(
            &client,
            count,
            dim,
            lanes,
            buffer(map, lanes),
            buffer(table, 1),
            buffer(out.clone(), lanes),
            units as u32,
            width as u32,
            (channels / lanes) as u32,
            side as u32,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// RoIPool.
///
/// # Arguments
/// * `map` - `[batch, height, width, channels]`, channels in vectors of `N`.
/// * `table` - see [`Bins::table`].
/// * `out` - `[regions, side, side, channels]`.
/// * `units` - with work.
#[cube(launch_unchecked)]
#[expect(clippy::too_many_arguments, reason = "a kernel's bindings are its arguments")]
pub fn roi_pool_kernel<F: Float, N: Size>(
    map: &[Vector<F, N>],
    table: &[f32],
    out: &mut [Vector<F, N>],
    units: u32,
    width: u32,
    channels: u32,
    side: u32,
    #[define(F)] _dtype: ElemType,
) {
    let unit = ABSOLUTE_POS as u32;
    if unit >= units {
        terminate!();
    }
    let channel = unit % channels;
    let bin = unit / channels;
    let region = bin / (side * side);
    let row = (region * 2 * side + bin / side % side) * 2;
    let column = ((region * 2 + 1) * side + bin % side) * 2;
    let top = u32::cast_from(table[row as usize]);
    let bottom = u32::cast_from(table[(row + 1) as usize]);
    let left = u32::cast_from(table[column as usize]);
    let right = u32::cast_from(table[(column + 1) as usize]);
    // A bin without cells is 0.
    let mut largest = Vector::<f32, N>::new(0.0);
    if top < bottom && left < right {
        largest = Vector::cast_from(map[((top * width + left) * channels + channel) as usize]);
    }
    for y in top..bottom {
        for x in left..right {
            largest = max(largest, Vector::cast_from(map[((y * width + x) * channels + channel) as usize]));
        }
    }
    out[unit as usize] = Vector::cast_from(largest);
}
