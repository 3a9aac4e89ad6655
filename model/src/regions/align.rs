//! RoIAlign (He et al. 2017, "Mask R-CNN", section 3): the region is cut into bins without rounding, and each bin is the
//! mean of a few bilinear samples.

use burn::tensor::{Int, Tensor, TensorData};

use super::Region;

/// Samples a bin takes along each axis; the paper's choice.
pub const SAMPLES: usize = 2;

/// Cuts regions out of feature maps.
///
/// The samples of a region lie on a grid, so their bilinear weights are products of a weight for the row and one for the
/// column: the operator is two small matrix products, and burn differentiates it.
///
/// # Arguments
/// * `map` - `[batch, height, width, channels]`.
/// * `regions` - the regions, of any photos of the batch.
/// * `side` - bins along each axis.
/// * `samples` - samples a bin takes along each axis (see [`SAMPLES`]).
///
/// # Returns
/// `[regions, side, side, channels]`; at least one region is needed.
#[must_use]
pub fn roi_align(map: Tensor<4>, regions: &[Region], side: usize, samples: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let (count, device) = (regions.len(), map.device());
    let mut rows = Vec::with_capacity(count * side * height);
    let mut columns = Vec::with_capacity(count * side * width);
    for Region { bbox, .. } in regions {
        weights(bbox.y0, bbox.y1, height, side, samples, &mut rows);
        weights(bbox.x0, bbox.x1, width, side, samples, &mut columns);
    }
    let rows = Tensor::<3>::from_data(TensorData::new(rows, [count, side, height]), &device);
    let columns = Tensor::<3>::from_data(TensorData::new(columns, [count, side, width]), &device);
    // Each region's own photo.
    let map = if regions.iter().all(|region| region.photo == 0) && map.dims()[0] == 1 {
        map.expand([count, height, width, channels])
    } else {
        let photos: Vec<i32> = regions.iter().map(|region| region.photo as i32).collect();
        map.select(0, Tensor::<1, Int>::from_data(TensorData::new(photos, [count]), &device))
    };
    let shrunk = rows.matmul(map.reshape([count, height, width * channels]));
    // Bring the columns to where the second product sums: [count, side, width, channels] to [count, width, side * channels].
    let shrunk = shrunk.reshape([count, side, width, channels]).swap_dims(1, 2);
    let cut = columns.matmul(shrunk.reshape([count, width, side * channels]));
    cut.reshape([count, side, side, channels]).swap_dims(1, 2)
}

/// The weights of the cells of one axis in each bin of a region, appended as `[side, cells]`.
///
/// # Arguments
/// * `start`, `end` - fractions of the axis.
fn weights(start: f32, end: f32, cells: usize, side: usize, samples: usize, out: &mut Vec<f32>) {
    let first = out.len();
    out.resize(first + side * cells, 0.0);
    // A cell's value belongs to its centre: half a cell to the left of where its index would have it.
    let (start, length) = (start * cells as f32 - 0.5, (end - start) * cells as f32);
    let bin = length / side as f32;
    for i in 0..side {
        let row = &mut out[first + i * cells..][..cells];
        for j in 0..samples {
            let at = start + (i as f32 + (j as f32 + 0.5) / samples as f32) * bin;
            // Samples further out than one cell count 0; those nearer repeat the border.
            if !(-1.0..=cells as f32).contains(&at) {
                continue;
            }
            let at = at.clamp(0.0, (cells - 1) as f32);
            let (low, part) = (at as usize, at.fract());
            row[low] += (1.0 - part) / samples as f32;
            row[(low + 1).min(cells - 1)] += part / samples as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::boxes::BBox;

    fn ramp() -> Tensor<4> {
        let values: Vec<f32> = (0..25).map(|i| i as f32).collect();
        Tensor::from_data(TensorData::new(values, [1, 5, 5, 1]), &Device::flex())
    }

    /// detectron2's case: a 5x5 ramp, the box (1, 1, 3, 3), 4x4 bins; by hand each bin's centre is at 0.75, 1.25, ...
    #[test]
    fn a_ramp_by_hand() {
        let region = Region { photo: 0, bbox: BBox::new(0.2, 0.2, 0.6, 0.6) };
        let found: Vec<f32> = roi_align(ramp(), &[region], 4, 2).into_data().try_into_vec().unwrap();
        let expected = [4.5, 5.0, 5.5, 6.0, 7.0, 7.5, 8.0, 8.5, 9.5, 10.0, 10.5, 11.0, 12.0, 12.5, 13.0, 13.5];
        for (ours, theirs) in found.iter().zip(expected) {
            assert!((ours - theirs).abs() < 1e-4, "{found:?}");
        }
    }
}
