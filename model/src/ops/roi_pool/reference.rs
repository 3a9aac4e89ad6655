//! RoIPool in burn's own operations.

use std::ops::Range;

use burn::tensor::{Int, Tensor, TensorData};

use crate::ops::region::{Bins, Region};

/// See [`super::roi_pool`]. Each bin lists as many cells as the largest has, the smaller ones some cells again, so that
/// one selection and one maximum serve all.
#[must_use]
pub fn roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [batch, height, width, channels] = map.dims();
    let bins: Vec<[Bins; 2]> = regions.iter().map(|region| Bins::of_roi_pool(region, [height, width], side)).collect();
    let [tall, wide] = [0, 1].map(|axis| bins.iter().map(|bins| bins[axis].longest()).max().unwrap_or(0).max(1));
    let count = regions.len() * side * side;
    let mut cells = Vec::with_capacity(count * tall * wide);
    let mut filled = Vec::with_capacity(count);
    for (region, [rows, columns]) in regions.iter().zip(&bins) {
        for (row, column) in rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column))) {
            let is_empty = row.is_empty() || column.is_empty();
            filled.push(if is_empty { 0.0f32 } else { 1.0 });
            let cell = |bin: &Range<usize>, i: usize| if is_empty { 0 } else { (bin.start + i).min(bin.end - 1) };
            for y in 0..tall {
                let line = (region.photo * height + cell(row, y)) * width;
                cells.extend((0..wide).map(|x| (line + cell(column, x)) as i32));
            }
        }
    }
    let device = map.device();
    let cells = Tensor::<1, Int>::from_data(TensorData::new(cells, [count * tall * wide]), &device);
    let filled = Tensor::<2>::from_data(TensorData::new(filled, [count, 1]), &device);
    let listed = map.reshape([batch * height * width, channels]).select(0, cells);
    let largest = listed.reshape([count, tall * wide, channels]).max_dim(1).reshape([count, channels]);
    (largest * filled).reshape([regions.len(), side, side, channels])
}
