//! Position-sensitive RoIPool in burn's own operations.

use burn::tensor::{Tensor, TensorData};

use crate::ops::region::{Bins, Region, photos_of};

/// See [`super::ps_roi_pool`]. The cells of a bin are a rectangle, so its mean is a mean over rows and one
/// over columns, both matrix products.
#[must_use]
pub fn ps_roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let (count, scores, device) = (regions.len(), channels / (side * side), map.device());
    let (mut rows, mut columns) = (Vec::new(), Vec::new());
    for region in regions {
        let bins = Bins::of_ps_roi_pool(region, [height, width], side);
        means(&bins[0], height, &mut rows);
        means(&bins[1], width, &mut columns);
    }
    let rows = Tensor::<4>::from_data(TensorData::new(rows, [count, side, 1, height]), &device);
    let columns = Tensor::<5>::from_data(TensorData::new(columns, [count, 1, side, 1, width]), &device);
    // Each row of bins averages the rows of its own maps: [regions, i, height, width * j * scores].
    let maps = photos_of(map, regions).reshape([count, height, width, side, side * scores]);
    let maps = maps.permute([0, 3, 1, 2, 4]).reshape([count, side, height, width * side * scores]);
    // And then each bin the columns of its own: [regions, i, j, width, scores].
    let maps = rows.matmul(maps).reshape([count, side, width, side, scores]).permute([0, 1, 3, 2, 4]);
    columns.expand([count, side, side, 1, width]).matmul(maps).reshape([count, side, side, scores])
}

/// The weights of the cells of one axis in each bin's mean, appended as `[bins, cells]`.
fn means(bins: &Bins, cells: usize, out: &mut Vec<f32>) {
    for bin in bins.iter() {
        let from = out.len();
        out.resize(from + cells, 0.0);
        out[from..][bin.clone()].fill(1.0 / bin.len() as f32);
    }
}
