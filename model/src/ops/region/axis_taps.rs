//! Cells that RoIAlign reads along one axis, and their weights.

use super::Region;

/// A cell of an axis and its weight in a bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tap {
    /// Index of the cell.
    pub cell: usize,
    /// 0 in slots that no cell needs.
    pub weight: f32,
}

/// Cells that the bins of regions read along one axis, with their weights.
///
/// A bin's samples lie between two cells each; neighbouring samples share
/// cells, so that a bin smaller than a cell reads two cells, not two a sample.
#[derive(Clone, Debug)]
pub(crate) struct AxisTaps {
    side: usize,
    /// Taps a bin has room for.
    slots: usize,
    /// `[regions, side, slots]`; used slots come first.
    taps: Vec<Tap>,
}

impl AxisTaps {
    /// Along the rows of a map of that height.
    pub fn rows(regions: &[Region], height: usize, side: usize, samples: usize) -> Self {
        Self::along(regions.iter().map(|region| (region.bbox.y0, region.bbox.y1)), height, side, samples)
    }

    /// Along the columns of a map of that width.
    pub fn columns(regions: &[Region], width: usize, side: usize, samples: usize) -> Self {
        Self::along(regions.iter().map(|region| (region.bbox.x0, region.bbox.x1)), width, side, samples)
    }

    /// `spans` are fractions of the axis: start and end of each region.
    fn along(spans: impl Iterator<Item = (f32, f32)>, cells: usize, side: usize, samples: usize) -> Self {
        let slots = 2 * samples;
        let mut taps = Vec::new();
        for (start, end) in spans {
            // A cell's value belongs to its centre: half a cell to the left of where its index would have it.
            let (start, end) = (start * cells as f32 - 0.5, end * cells as f32 - 0.5);
            let bin = (end - start) / side as f32;
            for i in 0..side {
                let from = taps.len();
                taps.resize(from + slots, Tap::default());
                for j in 0..samples {
                    let at = start + i as f32 * bin + (j as f32 + 0.5) * bin / samples as f32;
                    // Samples further out than one cell count 0; those nearer repeat the border.
                    if !(-1.0..=cells as f32).contains(&at) {
                        continue;
                    }
                    let at = at.clamp(0.0, (cells - 1) as f32);
                    let (low, part) = (at as usize, at.fract());
                    add(&mut taps[from..], low, (1.0 - part) / samples as f32);
                    add(&mut taps[from..], low + 1, part / samples as f32);
                }
            }
        }
        Self { side, slots, taps }
    }

    /// Taps that each bin has room for.
    #[cfg(feature = "gpu")]
    pub const fn slots(&self) -> usize {
        self.slots
    }

    /// All taps of one region's bins, `[side, slots]`.
    pub fn all_of(&self, region: usize) -> &[Tap] {
        let len = self.side * self.slots;
        &self.taps[region * len..][..len]
    }

    /// The taps of one region's bins: `side` slices with the used slots of each.
    #[cfg(feature = "cpu")]
    pub fn of(&self, region: usize) -> impl Iterator<Item = &[Tap]> + Clone {
        self.all_of(region).chunks_exact(self.slots).map(|bin| {
            let used = bin.iter().take_while(|tap| tap.weight > 0.0).count();
            &bin[..used]
        })
    }

    /// As matrices, row-major `[regions, side, cells]`.
    pub fn matrices(&self, cells: usize) -> Vec<f32> {
        let mut matrices = vec![0.0; self.taps.len() / self.slots * cells];
        for (row, bin) in matrices.chunks_exact_mut(cells).zip(self.taps.chunks_exact(self.slots)) {
            for tap in bin {
                row[tap.cell] += tap.weight;
            }
        }
        matrices
    }
}

/// Adds to the slot of a cell, or to the first free one.
fn add(bin: &mut [Tap], cell: usize, weight: f32) {
    if weight > 0.0 {
        let slot = bin.iter_mut().find(|tap| tap.weight == 0.0 || tap.cell == cell);
        let slot = slot.expect("a bin has two slots a sample");
        *slot = Tap { cell, weight: slot.weight + weight };
    }
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use super::*;
    use crate::structures::boxes::BBox;

    #[test]
    fn a_small_bin_reads_each_cell_once() {
        let region = Region { photo: 0, bbox: BBox::new(0.4, 0.0, 0.6, 1.0) };
        let taps = AxisTaps::columns(&[region], 5, 1, 2);
        // Samples at 1.75 and 2.25.
        let bins: Vec<_> = taps.of(0).collect();
        let expected = [(1, 0.125), (2, 0.75), (3, 0.125)];
        assert_eq!(bins[0].len(), expected.len(), "{bins:?}");
        for (tap, (cell, weight)) in bins[0].iter().zip(expected) {
            assert!(tap.cell == cell && (tap.weight - weight).abs() < 1e-6, "{bins:?}");
        }
    }
}
