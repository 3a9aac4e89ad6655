//! Position-sensitive RoIPool (Dai et al. 2016, "R-FCN: Object Detection via Region-based Fully Convolutional Networks",
//! section 2): each bin averages score maps of its own, so that "the upper left of a dog" is another map than "the lower
//! right of a dog" and nothing after the pooling needs to be computed for each region.

use burn::tensor::{Tensor, TensorData};

use super::{Region, bins::Bins, photos_of};

/// Averages score maps over regions: torchvision's `ps_roi_pool`.
///
/// Channel `(i * side + j) * scores + c` is the map of score `c` for the bin in row `i` and column `j`: a bin reads
/// neighbouring channels. torchvision has it as channel `(c * side + i) * side + j`, the transpose. As there, corners are
/// rounded to cells, the last row and column of a map are never read, and a bin without cells is 0.
///
/// Differentiable with respect to the map. (torchvision 0.24 goes back through bins that do read the last row and column,
/// so its gradient is not quite that of its result; ours is.)
///
/// # Arguments
/// * `map` - `[batch, height, width, side * side * scores]`.
/// * `regions` - at least one, of any photos of the batch, in fractions of the photo.
/// * `side` - bins along each axis.
///
/// # Returns
/// `[regions, side, side, scores]`.
///
/// # Panics
/// When the bins do not divide the channels, or a region's photo is not in the batch.
#[must_use]
pub fn position_sensitive_roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    assert!(channels.is_multiple_of(side * side), "{channels} channels are not a map a bin for {side} x {side} bins");
    let (count, scores, device) = (regions.len(), channels / (side * side), map.device());
    let (mut rows, mut columns) = (Vec::new(), Vec::new());
    for Region { bbox, .. } in regions {
        means(bbox.y0, bbox.y1, height, side, &mut rows);
        means(bbox.x0, bbox.x1, width, side, &mut columns);
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

/// The weights of the cells of one axis in each bin's mean, appended as `[side, cells]`; `start` and `end` are fractions
/// of the axis.
fn means(start: f32, end: f32, cells: usize, side: usize, out: &mut Vec<f32>) {
    let (start, end) = ((start * cells as f32).round(), (end * cells as f32).round());
    for bin in Bins::new(start, (end - start).max(1.0), side, cells - 1).iter() {
        let from = out.len();
        out.resize(from + cells, 0.0);
        out[from..][bin.clone()].fill(1.0 / bin.len() as f32);
    }
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::boxes::BBox;

    /// Channel `k` of cell `i` is `100 k + i`.
    fn ramps(channels: usize) -> Tensor<4> {
        let values: Vec<f32> = (0..25 * channels).map(|i| (i % channels * 100 + i / channels) as f32).collect();
        Tensor::from_data(TensorData::new(values, [1, 5, 5, channels]), &Device::flex())
    }

    #[test]
    fn each_bin_reads_its_own_maps() {
        // Cells 0 to 3 both ways; bins of two cells. The means of the ramp are 3, 5, 13 and 15.
        let region = Region { photo: 0, bbox: BBox::new(0.0, 0.0, 0.8, 0.8) };
        let found = position_sensitive_roi_pool(ramps(8), &[region], 2);
        assert_eq!(found.dims(), [1, 2, 2, 2]);
        let found: Vec<f32> = found.into_data().try_into_vec().unwrap();
        assert_eq!(found, [3.0, 103.0, 205.0, 305.0, 413.0, 513.0, 615.0, 715.0]);
    }

    #[test]
    fn outside_the_photo_is_nothing() {
        let region = Region { photo: 0, bbox: BBox::new(1.5, 0.0, 2.0, 1.0) };
        let found = position_sensitive_roi_pool(ramps(4), &[region], 2);
        assert_eq!(found.into_data().try_into_vec::<f32>().unwrap(), [0.0; 4]);
    }
}
