//! Bins of whole cells along one axis, for RoIPool and position-sensitive RoIPool.

use std::ops::Range;

use super::Region;

/// The cells of each bin of a region along one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bins(Vec<Range<usize>>);

impl Bins {
    /// Cuts a region into bins of equal length; a bin has every cell that it touches.
    ///
    /// # Arguments
    /// * `start`, `length` - of the region in cells, whole numbers.
    /// * `side` - bins.
    /// * `end` - cells from here on are in no bin.
    pub fn new(start: f32, length: f32, side: usize, end: usize) -> Self {
        let bin = length / side as f32;
        let inside = |cell: f32| (cell + start).clamp(0.0, end as f32) as usize;
        Self((0..side).map(|i| inside((i as f32 * bin).floor())..inside(((i + 1) as f32 * bin).ceil())).collect())
    }

    /// Rows and columns of RoIPool's bins, on a map of that height and width: a region spans from its first to its last
    /// cell, both included.
    pub fn of_roi_pool(region: &Region, [height, width]: [usize; 2], side: usize) -> [Self; 2] {
        let along = |start: f32, end: f32, cells: usize| {
            let (start, end) = ((start * cells as f32).round(), (end * cells as f32).round());
            Self::new(start, (end - start + 1.0).max(1.0), side, cells)
        };
        [along(region.bbox.y0, region.bbox.y1, height), along(region.bbox.x0, region.bbox.x1, width)]
    }

    /// Rows and columns of position-sensitive RoIPool's bins, on a map of that height and width: the last row and
    /// column of the map are in none.
    pub fn of_ps_roi_pool(region: &Region, [height, width]: [usize; 2], side: usize) -> [Self; 2] {
        let along = |start: f32, end: f32, cells: usize| {
            let (start, end) = ((start * cells as f32).round(), (end * cells as f32).round());
            Self::new(start, (end - start).max(1.0), side, cells - 1)
        };
        [along(region.bbox.y0, region.bbox.y1, height), along(region.bbox.x0, region.bbox.x1, width)]
    }

    /// The bins of regions as a kernel reads them: `[regions, rows and columns, bins, first cell and end]`. Rows are counted
    /// through the batch; float32 holds them exactly up to sixteen million.
    ///
    /// # Arguments
    /// * `height` - rows of a map.
    /// * `of` - rows and columns of a region's bins.
    #[cfg(feature = "gpu")]
    pub fn table(regions: &[Region], height: usize, of: impl Fn(&Region) -> [Self; 2]) -> Vec<f32> {
        let mut table = Vec::new();
        for region in regions {
            let [rows, columns] = of(region);
            let first = region.photo * height;
            // A bin without cells may begin behind the last one.
            table.extend(rows.iter().flat_map(|bin| [(first + bin.start) as f32, (first + bin.end) as f32]));
            table.extend(columns.iter().flat_map(|bin| [bin.start as f32, bin.end as f32]));
        }
        table
    }

    /// The bins in order.
    pub fn iter(&self) -> impl Iterator<Item = &Range<usize>> {
        self.0.iter()
    }

    /// Cells of the largest bin.
    pub fn longest(&self) -> usize {
        self.0.iter().map(Range::len).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::Bins;

    #[test]
    fn bins_share_the_cells_that_they_cut() {
        let bins = Bins::new(1.0, 5.0, 2, 10);
        assert_eq!(bins.iter().cloned().collect::<Vec<_>>(), [1..4, 3..6]);
        assert_eq!(bins.longest(), 3);
    }

    #[test]
    fn cells_outside_are_in_no_bin() {
        let bins = Bins::new(-2.0, 4.0, 4, 1);
        assert_eq!(bins.iter().cloned().collect::<Vec<_>>(), [0..0, 0..0, 0..1, 1..1]);
    }
}
