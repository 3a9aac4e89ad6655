//! Boxes on grids as the page draws them: SSD's default boxes, an RPN's anchors.

use serde::{Deserialize, Serialize};

use crate::structures::boxes::BBox;

/// Boxes on grids, each with what a head says of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Anchors {
    /// The grids in the order of the boxes.
    pub grids: Vec<AnchorGrid>,
    /// Left, top, right, bottom of each box before correction, in photo pixels: grid by grid, row by row, then the boxes of a
    /// cell.
    pub boxes: Vec<f32>,
    /// The correction `dx, dy, dw, dh` of each box: shifts of the centre in widths and heights of the box, logarithms of the
    /// factors of its size.
    pub corrections: Vec<f32>,
    /// Left, top, right, bottom of each box after correction, in photo pixels.
    pub corrected: Vec<f32>,
    /// The [`TOP`] best classes of each box, best first: COCO category ids, 0 for "an object" where a head knows no classes.
    pub classes: Vec<u16>,
    /// The scores of those classes, 0 to 1.
    pub scores: Vec<f32>,
}

/// Classes that [`Anchors`] keeps of each box.
pub const TOP: usize = 3;

/// A grid of [`Anchors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorGrid {
    /// Cells across.
    pub width: usize,
    /// Cells down.
    pub height: usize,
    /// Boxes a cell.
    pub per_cell: usize,
}

impl Anchors {
    /// How many boxes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.boxes.len() / 4
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.boxes.is_empty()
    }

    /// The boxes of one cell as indices.
    ///
    /// # Arguments
    /// * `grid` - an index into [`Anchors::grids`].
    /// * `(x, y)` - the cell's column and row.
    #[must_use]
    pub fn of_cell(&self, grid: usize, (x, y): (usize, usize)) -> std::ops::Range<usize> {
        let count = |grid: &AnchorGrid| grid.width * grid.height * grid.per_cell;
        let before: usize = self.grids.iter().take(grid).map(count).sum();
        match self.grids.get(grid) {
            Some(it) if x < it.width && y < it.height => {
                let first = before + (y * it.width + x) * it.per_cell;
                first..first + it.per_cell
            }
            _ => 0..0,
        }
    }

    /// A box before correction, in photo pixels.
    #[must_use]
    pub fn bbox(&self, index: usize) -> Option<BBox> {
        four(&self.boxes, index).map(|[x0, y0, x1, y1]| BBox::new(x0, y0, x1, y1))
    }

    /// A box after correction, in photo pixels.
    #[must_use]
    pub fn corrected(&self, index: usize) -> Option<BBox> {
        four(&self.corrected, index).map(|[x0, y0, x1, y1]| BBox::new(x0, y0, x1, y1))
    }

    /// The correction `dx, dy, dw, dh` of a box.
    #[must_use]
    pub fn correction(&self, index: usize) -> Option<[f32; 4]> {
        four(&self.corrections, index)
    }

    /// The best classes of a box with their scores, best first.
    pub fn top(&self, index: usize) -> impl Iterator<Item = (u16, f32)> + '_ {
        let classes = self.classes.iter().copied().skip(index * TOP).take(TOP);
        classes.zip(self.scores.iter().copied().skip(index * TOP).take(TOP))
    }
}

fn four(values: &[f32], index: usize) -> Option<[f32; 4]> {
    values.get(index * 4..index * 4 + 4)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_their_boxes() {
        let grid = |width, height, per_cell| AnchorGrid { width, height, per_cell };
        let grids = vec![grid(2, 2, 3), grid(1, 1, 6)];
        let boxes = (0..18 * 4).map(|i| i as f32).collect();
        let anchors = Anchors { grids, boxes, ..Anchors::default() };
        assert_eq!((anchors.of_cell(0, (1, 1)), anchors.of_cell(1, (0, 0))), (9..12, 12..18));
        assert!(anchors.of_cell(0, (2, 0)).is_empty() && anchors.of_cell(2, (0, 0)).is_empty());
        assert_eq!(anchors.bbox(1), Some(BBox::new(4.0, 5.0, 6.0, 7.0)));
        assert_eq!((anchors.len(), anchors.bbox(18), anchors.corrected(0)), (18, None, None));
    }
}
