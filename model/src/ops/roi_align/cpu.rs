//! RoIAlign on the CPU: each bin is a weighted sum of a few cells, sixteen channels at a time in registers.

use burn::tensor::Tensor;

use crate::ops::{
    cpu::{feature_maps::FeatureMaps, filled, primitive, simd::F32x4, tensor},
    region::{AxisTaps, Region, Tap},
};

/// See [`super::roi_align`].
pub(super) fn roi_align(map: Tensor<4>, regions: &[Region], side: usize, samples: usize) -> Tensor<4> {
    let [_, height, width, channels] = map.dims();
    let map = primitive(map);
    let rows = AxisTaps::rows(regions, height, side, samples);
    let columns = AxisTaps::columns(regions, width, side, samples);
    let source = FeatureMaps { map: map.storage(), height, width, channels };
    let out = filled(regions.len() * side * side * channels, |out| {
        for (i, (region, out)) in regions.iter().zip(out.chunks_exact_mut(side * side * channels)).enumerate() {
            cut(&source, region.photo, rows.of(i), columns.of(i), out);
        }
    });
    tensor(out, [regions.len(), side, side, channels])
}

/// Vectors of channels summed together.
const VECTORS: usize = 4;

/// A cell: where its channels start, and its share of the bin.
type Cell = (usize, f32);

/// Cuts one region.
///
/// # Arguments
/// * `rows`, `columns` - cells that the bins read along each axis.
/// * `out` - `[bins, bins, channels]`.
fn cut<'a>(
    source: &FeatureMaps<'_>,
    photo: usize,
    rows: impl Iterator<Item = &'a [Tap]>,
    columns: impl Iterator<Item = &'a [Tap]> + Clone,
    out: &mut [f32],
) {
    let c = source.channels;
    let mut bins = out.chunks_exact_mut(c);
    let mut cells: Vec<Cell> = Vec::new();
    for row in rows {
        for column in columns.clone() {
            cells.clear();
            for y in row {
                cells.extend(column.iter().map(|x| (source.at(photo, y.cell, x.cell), y.weight * x.weight)));
            }
            sum(source.map, &cells, bins.next().expect("the output has a place for each bin"));
        }
    }
}

/// The weighted sum of some cells' channels.
fn sum(map: &[f32], cells: &[Cell], out: &mut [f32]) {
    let c = out.len();
    assert!(cells.iter().all(|&(at, _)| at + c <= map.len()), "cells lie in the map");
    let mut channel = 0;
    while channel + 4 * VECTORS <= c {
        // SAFETY: the assertion above and the loop's condition bound every access.
        unsafe { block::<VECTORS>(map, cells, channel, out) };
        channel += 4 * VECTORS;
    }
    while channel + 4 <= c {
        // SAFETY: as above.
        unsafe { block::<1>(map, cells, channel, out) };
        channel += 4;
    }
    for channel in channel..c {
        out[channel] = cells.iter().fold(0.0, |sum, &(at, weight)| sum + map[at + channel] * weight);
    }
}

/// `COUNT` vectors of channels from `channel` on.
///
/// # Safety
/// They lie in `out`, and in `map` behind the start of each cell.
#[inline(always)]
unsafe fn block<const COUNT: usize>(map: &[f32], cells: &[Cell], channel: usize, out: &mut [f32]) {
    let mut sums = [F32x4::splat(0.0); COUNT];
    for &(at, weight) in cells {
        let weight = F32x4::splat(weight);
        for (i, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            *sum = sum.add_product(unsafe { F32x4::load(map, at + channel + 4 * i) }, weight);
        }
    }
    for (i, sum) in sums.into_iter().enumerate() {
        // SAFETY: the caller's promise.
        unsafe { sum.store(out, channel + 4 * i) };
    }
}
