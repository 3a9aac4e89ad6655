//! The way back through RoIAlign.

use crate::ops::region::{AxisTaps, Region};

/// The gradient with respect to the map that a region was cut out of: each bin's gradient goes to the cells that its samples
/// read, by their bilinear weights. Plain loops on the host: it is asked of single regions.
///
/// # Arguments
/// * `gradient` - with respect to the region's feature, `[side, side, channels]`.
/// * `size` - height and width of the map.
/// * `side`, `samples` - as [`roi_align`](super::roi_align) had them.
///
/// # Returns
/// `[height, width, channels]`.
#[must_use]
pub fn roi_align_backward(
    gradient: &[f32],
    region: &Region,
    (height, width): (usize, usize),
    side: usize,
    samples: usize,
) -> Vec<f32> {
    let regions = std::slice::from_ref(region);
    let rows = AxisTaps::rows(regions, height, side, samples).matrices(height);
    let columns = AxisTaps::columns(regions, width, side, samples).matrices(width);
    let channels = gradient.len() / (side * side).max(1);
    let mut map = vec![0.0; height * width * channels];
    let taps = |weights: &[f32], bin: usize, cells: usize| {
        let weights = weights[bin * cells..][..cells].iter().copied().enumerate();
        weights.filter(|it| it.1 > 0.0).collect::<Vec<_>>()
    };
    for (bin, gradient) in gradient.chunks_exact(channels.max(1)).enumerate() {
        let across = taps(&columns, bin % side, width);
        for (row, down) in taps(&rows, bin / side, height) {
            for &(column, weight) in &across {
                let cell = &mut map[(row * width + column) * channels..][..channels];
                cell.iter_mut().zip(gradient).for_each(|(cell, g)| *cell += down * weight * g);
            }
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structures::boxes::BBox;

    #[test]
    fn a_bin_s_gradient_goes_where_its_samples_lie() {
        // One bin with one sample at the corner of four cells of a 4 x 4 map.
        let region = Region { photo: 0, bbox: BBox::new(0.25, 0.25, 0.75, 0.75) };
        let map = roi_align_backward(&[8.0, -4.0], &region, (4, 4), 1, 1);
        for (cell, found) in map.chunks_exact(2).enumerate() {
            let expected = if [5, 6, 9, 10].contains(&cell) { [2.0, -1.0] } else { [0.0; 2] };
            assert_eq!(found, expected, "cell {cell}");
        }
        assert!(roi_align_backward(&[], &region, (4, 4), 1, 1).is_empty());
    }
}
