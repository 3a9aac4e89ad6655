//! The cells of a coarse grid with their boxes and classes, as the page draws them: YOLO's output.

use serde::{Deserialize, Serialize};

use crate::structures::boxes::BBox;

/// Everything that a network says in one tensor of `side x side x (5 B + C)` numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cells {
    /// Cells along each axis.
    pub side: usize,
    /// Boxes of a cell.
    pub per_cell: usize,
    /// The boxes, cell by cell, row by row, in photo pixels.
    pub boxes: Vec<CellBox>,
    /// The probability of each class of COCO in each cell, given that there is an object.
    pub classes: Vec<f32>,
}

/// A box of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellBox {
    /// Where, in photo pixels.
    pub bbox: BBox,
    /// Probability of an object times the box's overlap with it, as the network estimates them.
    pub confidence: f32,
}

impl Cells {
    /// How many classes a cell knows.
    #[must_use]
    pub fn class_count(&self) -> usize {
        self.classes.len() / (self.side * self.side).max(1)
    }

    /// The boxes of a cell, counted row by row.
    #[must_use]
    pub fn boxes_of(&self, cell: usize) -> &[CellBox] {
        self.boxes.get(cell * self.per_cell..(cell + 1) * self.per_cell).unwrap_or_default()
    }

    /// The probabilities of a cell's classes.
    #[must_use]
    pub fn classes_of(&self, cell: usize) -> &[f32] {
        let count = self.class_count();
        self.classes.get(cell * count..(cell + 1) * count).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_their_boxes_and_classes() {
        let of = |x: f32| CellBox { bbox: BBox::new(x, 0.0, x + 1.0, 1.0), confidence: x / 10.0 };
        let cells = Cells {
            side: 2,
            per_cell: 2,
            boxes: (0..8).map(|i| of(i as f32)).collect(),
            classes: (0..12).map(|i| i as f32).collect(),
        };
        assert_eq!(cells.boxes_of(1), [of(2.0), of(3.0)]);
        assert_eq!((cells.class_count(), cells.classes_of(3)), (3, &[9.0, 10.0, 11.0][..]));
        assert!(cells.boxes_of(4).is_empty() && Cells::default().classes_of(0).is_empty());
    }
}
