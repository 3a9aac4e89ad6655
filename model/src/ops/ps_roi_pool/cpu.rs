//! Position-sensitive RoIPool on the CPU: loops over the cells of each bin, channels innermost.

use burn::tensor::Tensor;

use crate::ops::{
    cpu::{feature_maps::FeatureMaps, filled, primitive, tensor},
    region::{Bins, Region},
};

/// See [`super::ps_roi_pool`].
pub(super) fn ps_roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let map = primitive(map);
    let source = FeatureMaps { map: map.storage(), height, width, channels };
    // As many numbers a region as a cell has channels: each bin averages its own share of them.
    let out = filled(regions.len() * channels, |out| {
        for (region, out) in regions.iter().zip(out.chunks_exact_mut(channels)) {
            let [rows, columns] = Bins::of_ps_roi_pool(region, [height, width], side);
            means(&source, region.photo, &rows, &columns, out);
        }
    });
    tensor(out, [regions.len(), side, side, channels / (side * side)])
}

/// The mean of each bin over its own share of the channels, 0 in bins without cells.
///
/// # Arguments
/// * `out` - as many numbers as channels: `[rows, columns, a bin's channels]`.
fn means(source: &FeatureMaps<'_>, photo: usize, rows: &Bins, columns: &Bins, out: &mut [f32]) {
    let share = out.len() / (rows.iter().count() * columns.iter().count());
    let mut first = 0;
    for row in rows.iter() {
        for column in columns.iter() {
            let out = &mut out[first..first + share];
            out.fill(0.0);
            for y in row.clone() {
                for x in column.clone() {
                    let at = source.at(photo, y, x) + first;
                    for (sum, value) in out.iter_mut().zip(&source.map[at..at + share]) {
                        *sum += value;
                    }
                }
            }
            let cells = (row.len() * column.len()).max(1) as f32;
            out.iter_mut().for_each(|sum| *sum /= cells);
            first += share;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::reference, *};
    use crate::ops::cpu::testing::{SHAPES, assert_close, random, regions};

    #[test]
    fn ps_roi_pool_agrees_with_burn() {
        for shape in SHAPES {
            let regions = regions(shape[0]);
            for side in [1, 2, 3, 7] {
                let map = random([shape[0], shape[1], shape[2], side * side * 3]);
                let ours = ps_roi_pool(map.clone(), &regions, side);
                let theirs = reference::ps_roi_pool(map, &regions, side);
                assert_close(ours, theirs, &format!("{shape:?} {side} position-sensitive bins"));
            }
        }
    }
}
