//! RoIPool on the CPU: loops over the cells of each bin, channels innermost.

use burn::tensor::Tensor;

use crate::ops::{
    cpu::{feature_maps::FeatureMaps, filled, primitive, tensor},
    region::{Bins, Region},
};

/// See [`super::roi_pool`].
pub(super) fn roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let map = primitive(map);
    let source = FeatureMaps { map: map.storage(), height, width, channels };
    let out = filled(regions.len() * side * side * channels, |out| {
        for (region, out) in regions.iter().zip(out.chunks_exact_mut(side * side * channels)) {
            let [rows, columns] = Bins::of_roi_pool(region, [height, width], side);
            largest(&source, region.photo, &rows, &columns, out);
        }
    });
    tensor(out, [regions.len(), side, side, channels])
}

/// The largest number of each bin and channel, 0 in bins without cells.
///
/// # Arguments
/// * `out` - `[rows, columns, channels]`.
fn largest(source: &FeatureMaps<'_>, photo: usize, rows: &Bins, columns: &Bins, out: &mut [f32]) {
    let mut bins = out.chunks_exact_mut(source.channels);
    for row in rows.iter() {
        for column in columns.iter() {
            let out = bins.next().expect("the output has a place for each bin");
            if row.is_empty() || column.is_empty() {
                out.fill(0.0);
                continue;
            }
            out.fill(f32::NEG_INFINITY);
            for y in row.clone() {
                for x in column.clone() {
                    let at = source.at(photo, y, x);
                    for (most, &value) in out.iter_mut().zip(&source.map[at..at + source.channels]) {
                        *most = if value > *most { value } else { *most };
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::reference, *};
    use crate::ops::cpu::testing::{SHAPES, assert_close, random, regions};

    #[test]
    fn roi_pool_agrees_with_burn() {
        for shape in SHAPES {
            let regions = regions(shape[0]);
            for side in [1, 2, 3, 7] {
                let map = random(shape);
                let (ours, theirs) = (roi_pool(map.clone(), &regions, side), reference::roi_pool(map, &regions, side));
                assert_close(ours, theirs, &format!("{shape:?} {side} bins"));
            }
        }
    }
}
