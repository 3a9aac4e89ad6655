//! RoIAlign on the GPU: each unit sums the cells of one bin for one vector of channels. Which cells those are is
//! computed on the host, a few numbers a region, and read from a table.

// CubeCL's macro turns these functions into kernels; what it generates has no docs of its own.
#![allow(missing_docs)]

use burn::tensor::{DType, Tensor, TensorData};
use burn_cubecl::Cube;
use cubecl::{ir::ElemType, prelude::*};

use crate::ops::{
    gpu::launch::{Precision, buffer, empty, grid, lanes, operand, primitive},
    region::{AxisTaps, Region},
};

/// See [`super::roi_align`].
pub(super) fn roi_align(map: Tensor<4>, regions: &[Region], side: usize, samples: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let lanes = lanes(channels);
    let rows = AxisTaps::rows(regions, height, side, samples);
    let columns = AxisTaps::columns(regions, width, side, samples);
    let table = table(regions, &rows, &columns, height);
    let table = operand(Tensor::<1>::from_data(TensorData::from(table.as_slice()), &map.device()), DType::F32);
    let map = primitive(map);
    let elem = Precision::of(&map).elem;
    let out = empty(&map, &[regions.len(), side, side, channels]);
    let client = map.client.clone();
    let units = regions.len() * side * side * (channels / lanes);
    let (count, dim) = grid(&client, units);
    // SAFETY: the table names cells of the map only (`super::roi_align` checks the photos), and the kernel writes
    // inside the length given here.
    unsafe {
        roi_align_kernel::launch_unchecked(
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
            rows.slots() as u32,
            elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// The table that the kernel reads: `[regions, rows and columns, bins, slots, cell and weight]`. Cells of rows are
/// counted through the batch; float32 holds them exactly up to sixteen million.
fn table(regions: &[Region], rows: &AxisTaps, columns: &AxisTaps, height: usize) -> Vec<f32> {
    let mut table = Vec::new();
    for (i, region) in regions.iter().enumerate() {
        let first = region.photo * height;
        table.extend(rows.all_of(i).iter().flat_map(|tap| [(first + tap.cell) as f32, tap.weight]));
        table.extend(columns.all_of(i).iter().flat_map(|tap| [tap.cell as f32, tap.weight]));
    }
    table
}

/// RoIAlign.
///
/// # Arguments
/// * `map` - `[batch, height, width, channels]`, channels in vectors of `N`.
/// * `table` - see [`table`].
/// * `out` - `[regions, side, side, channels]`.
/// * `units` - with work.
/// * `slots` - of the table, for each bin along one axis.
#[cube(launch_unchecked)]
#[expect(clippy::too_many_arguments, reason = "a kernel's bindings are its arguments")]
pub fn roi_align_kernel<F: Float, N: Size>(
    map: &[Vector<F, N>],
    table: &[f32],
    out: &mut [Vector<F, N>],
    units: u32,
    width: u32,
    channels: u32,
    side: u32,
    slots: u32,
    #[define(F)] _dtype: ElemType,
) {
    let unit = ABSOLUTE_POS as u32;
    if unit >= units {
        terminate!();
    }
    let channel = unit % channels;
    let bin = unit / channels;
    let region = bin / (side * side);
    let rows = (region * 2 * side + bin / side % side) * slots * 2;
    let columns = ((region * 2 + 1) * side + bin % side) * slots * 2;
    let mut sum = Vector::<f32, N>::new(0.0);
    for i in 0..slots {
        let row_weight = table[(rows + 2 * i + 1) as usize];
        // Units of a bin read the same slots, so a group goes the same way.
        if row_weight > 0.0 {
            let start = u32::cast_from(table[(rows + 2 * i) as usize]) * width;
            for j in 0..slots {
                let weight = row_weight * table[(columns + 2 * j + 1) as usize];
                if weight > 0.0 {
                    let cell = start + u32::cast_from(table[(columns + 2 * j) as usize]);
                    sum += Vector::cast_from(map[(cell * channels + channel) as usize]) * Vector::new(weight);
                }
            }
        }
    }
    out[unit as usize] = Vector::cast_from(sum);
}
