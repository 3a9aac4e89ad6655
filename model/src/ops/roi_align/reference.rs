//! RoIAlign in burn's own operations.

use burn::tensor::{Tensor, TensorData};

use crate::ops::region::{AxisTaps, Region, photos_of};

/// See [`super::roi_align`]. The samples of a region lie on a grid, so their bilinear weights are products of a weight
/// for the row and one for the column: the operator is two small matrix products.
#[must_use]
pub fn roi_align(map: Tensor<4>, regions: &[Region], side: usize, samples: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let (count, device) = (regions.len(), map.device());
    let matrices = |taps: AxisTaps, cells: usize| {
        Tensor::<3>::from_data(TensorData::new(taps.matrices(cells), [count, side, cells]), &device)
    };
    let rows = matrices(AxisTaps::rows(regions, height, side, samples), height);
    let columns = matrices(AxisTaps::columns(regions, width, side, samples), width);
    let shrunk = rows.matmul(photos_of(map, regions).reshape([count, height, width * channels]));
    // The columns to where the second product sums: [count, side, width, channels] to [count, width, side * channels].
    let shrunk = shrunk.reshape([count, side, width, channels]).swap_dims(1, 2);
    let cut = columns.matmul(shrunk.reshape([count, width, side * channels]));
    cut.reshape([count, side, side, channels]).swap_dims(1, 2)
}
