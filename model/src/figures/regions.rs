//! A region of a map of one channel as a grid of fixed size: RoI pooling (Girshick 2015, "Fast R-CNN", section 2.1), RoIAlign (He et
//! al. 2017, "Mask R-CNN", section 3) and position-sensitive pooling (Dai et al. 2016, "R-FCN", section 2), as `ops` computes them.

use std::ops::Range;

use super::grid::Grid;
use crate::structures::boxes::BBox;

/// Samples that a bin of RoIAlign takes along each axis.
pub const SAMPLES: usize = 2;

/// Bins of whole cells along one axis.
pub type Bins = Vec<Range<usize>>;

/// Rows and columns of bins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BinGrid {
    /// The rows of cells of each row of bins.
    pub rows: Bins,
    /// The columns of cells of each column of bins.
    pub columns: Bins,
}

/// Cuts an axis into bins of equal length; a bin has every cell that it touches.
fn bins(start: f32, length: f32, side: usize, end: usize) -> Bins {
    let bin = length / side as f32;
    // In 0 to the number of cells.
    let inside = |cell: f32| (cell + start).clamp(0.0, end as f32) as usize;
    (0..side).map(|i| inside((i as f32 * bin).floor())..inside(((i + 1) as f32 * bin).ceil())).collect()
}

impl BinGrid {
    /// The bins of RoI pooling: corners are rounded to cells, and the region spans from its first to its last cell.
    ///
    /// # Arguments
    /// * `bbox` - the region in fractions of the photo.
    /// * `(width, height)` - cells of the map.
    /// * `side` - bins along each axis.
    #[must_use]
    pub fn roi_pool(bbox: &BBox, (width, height): (usize, usize), side: usize) -> Self {
        let along = |start: f32, end: f32, cells: usize| {
            let (start, end) = ((start * cells as f32).round(), (end * cells as f32).round());
            bins(start, (end - start + 1.0).max(1.0), side, cells)
        };
        Self { rows: along(bbox.y0, bbox.y1, height), columns: along(bbox.x0, bbox.x1, width) }
    }

    /// The bins of position-sensitive pooling: the last row and column of a map are in none.
    ///
    /// # Arguments
    /// * as in [`BinGrid::roi_pool`].
    #[must_use]
    pub fn position_sensitive(bbox: &BBox, (width, height): (usize, usize), side: usize) -> Self {
        let along = |start: f32, end: f32, cells: usize| {
            let (start, end) = ((start * cells as f32).round(), (end * cells as f32).round());
            bins(start, (end - start).max(1.0), side, cells - 1)
        };
        Self { rows: along(bbox.y0, bbox.y1, height), columns: along(bbox.x0, bbox.x1, width) }
    }

    /// The cells of the bin at column `x` and row `y`: columns, rows.
    #[must_use]
    pub fn bin(&self, x: usize, y: usize) -> (Range<usize>, Range<usize>) {
        (self.columns[x].clone(), self.rows[y].clone())
    }

    /// What all bins cover, in cells; empty where they have none.
    #[must_use]
    pub fn extent(&self) -> BBox {
        let ends = |bins: &Bins| {
            let first = bins.iter().map(|it| it.start).min().unwrap_or_default();
            (first as f32, bins.iter().map(|it| it.end).max().unwrap_or(first) as f32)
        };
        let ((x0, x1), (y0, y1)) = (ends(&self.columns), ends(&self.rows));
        BBox::new(x0, y0, x1, y1)
    }

    /// Each bin's largest number and the cell that it is from; 0 and none for a bin without cells.
    #[must_use]
    pub fn largest(&self, map: &Grid) -> (Grid, Vec<Option<usize>>) {
        let side = (self.columns.len(), self.rows.len());
        let cell = |i: usize| {
            let (columns, rows) = self.bin(i % side.0, i / side.0);
            let cells = rows.flat_map(|y| columns.clone().map(move |x| y * map.width + x));
            cells.reduce(|best, cell| if map.values[cell] > map.values[best] { cell } else { best })
        };
        let from: Vec<Option<usize>> = (0..side.0 * side.1).map(cell).collect();
        let values = from.iter().map(|cell| cell.map_or(0.0, |cell| map.values[cell])).collect();
        (Grid { width: side.0, height: side.1, values }, from)
    }

    /// Each bin's mean; 0 for a bin without cells.
    #[must_use]
    pub fn mean(&self, map: &Grid) -> Grid {
        Grid::from_fn((self.columns.len(), self.rows.len()), |x, y| {
            let (columns, rows) = self.bin(x, y);
            let count = columns.len() * rows.len();
            let sum: f64 = rows.map(|row| columns.clone().map(|column| map.at(column, row)).sum::<f64>()).sum();
            if count == 0 { 0.0 } else { sum / count as f64 }
        })
    }
}

/// Where a bin of RoIAlign takes its samples, in cells from the map's upper left corner, row by row.
///
/// # Arguments
/// * `(x, y)` - the bin's column and row.
/// * others as in [`BinGrid::roi_pool`].
#[must_use]
pub fn sample_points(
    bbox: &BBox,
    (width, height): (usize, usize),
    side: usize,
    (x, y): (usize, usize),
) -> Vec<(f64, f64)> {
    let along = |start: f32, end: f32, cells: usize, bin: usize| {
        let (start, end) = (f64::from(start) * cells as f64, f64::from(end) * cells as f64);
        let step = (end - start) / side as f64;
        move |sample: usize| start + step * (bin as f64 + (sample as f64 + 0.5) / SAMPLES as f64)
    };
    let (across, down) = (along(bbox.x0, bbox.x1, width, x), along(bbox.y0, bbox.y1, height, y));
    (0..SAMPLES).flat_map(|j| (0..SAMPLES).map(move |i| (i, j))).map(|(i, j)| (across(i), down(j))).collect()
}

/// The number of a map between the middles of its cells, interpolated bilinearly; beyond the outermost middles it is theirs, and 0
/// more than half a cell outside the map.
///
/// # Arguments
/// * `(x, y)` - in cells from the map's upper left corner.
#[must_use]
pub fn interpolated(map: &Grid, (x, y): (f64, f64)) -> f64 {
    let (x, y) = (x - 0.5, y - 0.5); // a cell's number belongs to its middle
    if !(-1.0..=map.width as f64).contains(&x) || !(-1.0..=map.height as f64).contains(&y) {
        return 0.0;
    }
    let axis = |at: f64, cells: usize| {
        let at = at.clamp(0.0, (cells - 1) as f64);
        // Not negative, so it rounds down.
        (at as usize, (at as usize + 1).min(cells - 1), at.fract())
    };
    let ((x0, x1, right), (y0, y1, low)) = (axis(x, map.width), axis(y, map.height));
    let along = |row: usize| map.at(x0, row) * (1.0 - right) + map.at(x1, row) * right;
    along(y0) * (1.0 - low) + along(y1) * low
}

/// RoIAlign: each bin is the mean of its samples.
///
/// # Arguments
/// * as in [`BinGrid::roi_pool`].
#[must_use]
pub fn roi_align(map: &Grid, bbox: &BBox, side: usize) -> Grid {
    Grid::from_fn((side, side), |x, y| {
        let points = sample_points(bbox, map.size(), side, (x, y));
        points.iter().map(|&at| interpolated(map, at)).sum::<f64>() / points.len() as f64
    })
}

/// What rounding does to a region.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rounding {
    /// The part of the region that no bin covers, 0 to 1.
    pub lost: f32,
    /// What bins cover beyond the region, as a part of the region.
    pub added: f32,
    /// How far the middle has moved, in cells to the right and down.
    pub shift: (f32, f32),
}

/// Compares a region with what its bins cover.
///
/// # Arguments
/// * `region`, `covered` - in cells.
#[must_use]
pub fn rounding(region: &BBox, covered: &BBox) -> Rounding {
    let (area, both) = (region.area().max(f32::MIN_POSITIVE), region.intersection(covered));
    let ((x0, y0), (x1, y1)) = (region.centre(), covered.centre());
    Rounding { lost: 1.0 - both / area, added: (covered.area() - both) / area, shift: (x1 - x0, y1 - y0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roi_pooling_rounds_to_cells() {
        // 10 cells: from 2.4 to 6.6 becomes cells 2 to 7, both included.
        let bbox = BBox::new(0.24, 0.0, 0.66, 0.5);
        let bins = BinGrid::roi_pool(&bbox, (10, 10), 2);
        assert_eq!((&bins.columns[..], &bins.rows[..]), (&[2..5, 5..8][..], &[0..3, 3..6][..]));
        let found = rounding(&bbox.scale(10.0, 10.0), &bins.extent());
        assert!(found.lost.abs() < 1e-6 && (found.shift.0 - 0.5).abs() < 1e-5, "{found:?}");
        assert!((found.added - (36.0 - 21.0) / 21.0).abs() < 1e-5);
        let up = BBox::new(0.16, 0.16, 0.5, 0.5); // 1.6 becomes 2: a strip is lost
        assert!(rounding(&up.scale(10.0, 10.0), &BinGrid::roi_pool(&up, (10, 10), 2).extent()).lost > 0.2);
    }

    #[test]
    fn samples_lie_in_their_bins() {
        let bbox = BBox::new(0.25, 0.25, 0.75, 0.75); // 2 to 6 of 8 cells: bins of 2
        assert_eq!(sample_points(&bbox, (8, 8), 2, (0, 1)), [(2.5, 4.5), (3.5, 4.5), (2.5, 5.5), (3.5, 5.5)]);
        let ramp = Grid::from_fn((8, 8), |x, _| x as f64);
        assert_eq!(interpolated(&ramp, (3.0, 4.0)), 2.5);
        let found = roi_align(&ramp, &bbox, 2);
        assert!((found.at(0, 0) - 2.5).abs() < 1e-6 && (found.at(1, 1) - 4.5).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn bins_without_cells_are_0() {
        let outside = BBox::new(1.2, 0.0, 1.4, 0.3);
        let map = Grid::filled((10, 10), 3.0);
        let bins = BinGrid::roi_pool(&outside, map.size(), 2);
        let (found, from) = bins.largest(&map);
        assert!(found.values.iter().all(|&it| it == 0.0) && from.iter().all(Option::is_none));
        assert_eq!(BinGrid::position_sensitive(&outside, map.size(), 2).mean(&map).values, [0.0; 4]);
    }
}
