//! RoIAlign in burn's own operations.

use burn::tensor::{Tensor, TensorData};

use crate::ops::region::{AxisTaps, Region};

/// See [`super::roi_align`]. The samples of a region lie on a grid, so their bilinear weights are products of a weight
/// for the row and one for the column: the operator is two small matrix products. The first is one for all neighbouring
/// regions of a photo, so that no region needs a copy of its map.
#[must_use]
pub fn roi_align(map: Tensor<4>, regions: &[Region], side: usize, samples: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let device = map.device();
    let of_photo = |regions: &[Region]| {
        let (count, photo) = (regions.len(), regions[0].photo);
        let rows = AxisTaps::rows(regions, height, side, samples).matrices(height);
        let rows = Tensor::<2>::from_data(TensorData::new(rows, [count * side, height]), &device);
        let columns = AxisTaps::columns(regions, width, side, samples).matrices(width);
        let columns = Tensor::<4>::from_data(TensorData::new(columns, [count, 1, side, width]), &device);
        let map = map.clone().narrow(0, photo, 1).reshape([height, width * channels]);
        let shrunk = rows.matmul(map).reshape([count, side, width, channels]);
        columns.expand([count, side, side, width]).matmul(shrunk)
    };
    Tensor::cat(regions.chunk_by(|a, b| a.photo == b.photo).map(of_photo).collect(), 0)
}
