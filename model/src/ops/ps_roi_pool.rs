//! Position-sensitive RoIPool (Dai et al. 2016, "R-FCN: Object Detection via Region-based Fully Convolutional
//! Networks", section 2): each bin averages score maps of its own, so that "the upper left of a dog" is another map
//! than "the lower right of a dog" and nothing after the pooling needs to be computed for each region.

use burn::tensor::Tensor;

use super::region::{Region, assert_photos};

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
pub(super) mod reference;

/// Averages score maps over regions: torchvision's `ps_roi_pool`.
///
/// Channel `(i * side + j) * scores + c` is the map of score `c` for the bin in row `i` and column `j`: a bin reads
/// neighbouring channels. torchvision has it as channel `(c * side + i) * side + j`, the transpose. As there, corners
/// are rounded to cells, the last row and column of a map are never read, and a bin without cells is 0.
///
/// Differentiable with respect to the map. (torchvision 0.24 goes back through bins that do read the last row and
/// column, so its gradient is not quite that of its result; ours is.)
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
pub fn ps_roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [batch, _, _, channels] = map.dims();
    assert_photos(batch, regions);
    assert!(channels.is_multiple_of(side * side), "{channels} channels are not a map a bin for {side} x {side} bins");
    #[cfg(feature = "cpu")]
    if super::cpu::serves(&map) {
        return cpu::ps_roi_pool(map, regions, side);
    }
    #[cfg(feature = "gpu")]
    if super::gpu::serves(&map) {
        return gpu::ps_roi_pool(map, regions, side);
    }
    fallback!(reference::ps_roi_pool(map, regions, side))
}

/// The share of each cell of a map in each bin's mean: position-sensitive RoIPool of a region as a matrix, for training.
///
/// # Arguments
/// * `[height, width]` - of the map in cells.
///
/// # Returns
/// `[side * side, height * width]`; the rows of bins without cells are 0.
#[cfg(feature = "train")]
pub(crate) fn bin_shares(region: &Region, [height, width]: [usize; 2], side: usize) -> Vec<f32> {
    let [rows, columns] = super::region::Bins::of_ps_roi_pool(region, [height, width], side);
    let mut shares = vec![0.0; side * side * height * width];
    let bins = rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)));
    for ((row, column), shares) in bins.zip(shares.chunks_exact_mut(height * width)) {
        let share = 1.0 / (row.len() * column.len()).max(1) as f32;
        for y in row.clone() {
            shares[y * width..][column.clone()].fill(share);
        }
    }
    shares
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::structures::boxes::BBox;

    /// Channel `k` of cell `i` is `100 k + i`.
    fn ramps(channels: usize) -> Tensor<4> {
        let values: Vec<f32> = (0..25 * channels).map(|i| (i % channels * 100 + i / channels) as f32).collect();
        Tensor::from_data(TensorData::new(values, [1, 5, 5, channels]), &Device::flex())
    }

    #[test]
    fn each_bin_reads_its_own_maps() {
        // Cells 0 to 3 both ways; bins of two cells. The means of the ramp are 3, 5, 13 and 15.
        let region = Region { photo: 0, bbox: BBox::new(0.0, 0.0, 0.8, 0.8) };
        let found = ps_roi_pool(ramps(8), &[region], 2);
        assert_eq!(found.dims(), [1, 2, 2, 2]);
        let found: Vec<f32> = found.into_data().try_into_vec().unwrap();
        assert_eq!(found, [3.0, 103.0, 205.0, 305.0, 413.0, 513.0, 615.0, 715.0]);
    }

    #[test]
    fn outside_the_photo_is_nothing() {
        let region = Region { photo: 0, bbox: BBox::new(1.5, 0.0, 2.0, 1.0) };
        let found = ps_roi_pool(ramps(4), &[region], 2);
        assert_eq!(found.into_data().try_into_vec::<f32>().unwrap(), [0.0; 4]);
    }
}
