//! Anchors: the boxes that a region proposal network corrects (Ren et al. 2015, "Faster R-CNN", section 3.1.1), spread over
//! the levels of a feature pyramid (Lin et al. 2017, "Feature Pyramid Networks", section 4.1).

use crate::structures::boxes::BBox;

/// Levels of the pyramid, finest first: strides 8, 16 and 32.
pub const LEVELS: usize = 3;

/// Sizes of each level's anchors: the square root of their area, in fractions of the input. Neighbours are a factor of
/// about 1.6 apart, so that some anchor overlaps any box of a usual shape by more than half.
pub const SIZES: [[f32; 2]; LEVELS] = [[0.06, 0.12], [0.2, 0.32], [0.5, 0.82]];

/// Width by height of the anchors; those of Ren et al.
pub const ASPECTS: [f32; 3] = [0.5, 1.0, 2.0];

/// Anchors at each position of a level.
pub const PER_POSITION: usize = 2 * ASPECTS.len();

/// All anchors of a pyramid, in the order of the network's outputs: level, row, column, size, aspect.
///
/// # Arguments
/// * `grids` - height and width of each level, finest first.
///
/// # Returns
/// Boxes in fractions of the input; those near the border reach past it.
#[must_use]
pub fn anchors(grids: &[(usize, usize); LEVELS]) -> Vec<BBox> {
    let mut boxes = Vec::with_capacity(grids.iter().map(|(rows, columns)| rows * columns * PER_POSITION).sum());
    for (&(rows, columns), sizes) in grids.iter().zip(SIZES) {
        let shapes: Vec<(f32, f32)> = sizes
            .into_iter()
            .flat_map(|size| ASPECTS.map(|aspect| (size * aspect.sqrt() / 2.0, size / aspect.sqrt() / 2.0)))
            .collect();
        for row in 0..rows {
            let y = (row as f32 + 0.5) / rows as f32;
            for column in 0..columns {
                let x = (column as f32 + 0.5) / columns as f32;
                boxes.extend(shapes.iter().map(|&(w, h)| BBox::new(x - w, y - h, x + w, y + h)));
            }
        }
    }
    boxes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_by_hand() {
        let boxes = anchors(&[(2, 4), (1, 2), (1, 1)]);
        assert_eq!(boxes.len(), (8 + 2 + 1) * PER_POSITION);
        // The second one is the small square at the first position, whose centre is (1/8, 1/4).
        for (found, expected) in boxes[1].to_xywh().iter().zip([0.125 - 0.03, 0.25 - 0.03, 0.06, 0.06]) {
            assert!((found - expected).abs() < 1e-6, "{:?}", boxes[1]);
        }
        // The last one is wide: twice as wide as high, with the area of the largest square.
        let last = boxes[boxes.len() - 1];
        assert!((last.width() / last.height() - 2.0).abs() < 1e-5);
        assert!((last.area() - 0.82 * 0.82).abs() < 1e-5);
        assert!((last.centre().0 - 0.5).abs() < 1e-6 && (last.centre().1 - 0.5).abs() < 1e-6);
    }

    #[test]
    fn columns_come_before_rows() {
        let boxes = anchors(&[(2, 2), (1, 1), (1, 1)]);
        let centre = |position: usize| boxes[position * PER_POSITION].centre();
        let expected = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
        for (position, (x, y)) in expected.into_iter().enumerate() {
            let (found_x, found_y) = centre(position);
            assert!((found_x - x).abs() < 1e-6 && (found_y - y).abs() < 1e-6, "position {position}");
        }
    }
}
