//! SSD's default boxes (Liu et al. 2016, "SSD: Single Shot MultiBox Detector", section 2.2): where its head starts from.

use crate::structures::boxes::BBox;

/// Default boxes at each position of the six maps.
pub const BOXES_PER_POSITION: [usize; 6] = [3, 6, 6, 6, 6, 6];

/// One third, as the network's own settings round it.
const THIRD: f32 = 0.3333;

/// The default boxes of six maps, in fractions of the photo, in the order of the head's outputs (map, row, column, box).
///
/// Scales grow evenly from 0.2 to 0.95, each map also has a square between its scale and the next, and the finest map
/// has only three boxes (the settings of TensorFlow's `ssdlite_mobilenet_v2_coco`).
///
/// # Arguments
/// * `grids` - height and width of each map.
#[must_use]
pub fn default_boxes(grids: &[(usize, usize); 6]) -> Vec<BBox> {
    let scale = |map: usize| if map == 6 { 1.0 } else { 0.2 + (0.95 - 0.2) * map as f32 / 5.0 };
    let mut boxes = Vec::new();
    for (map, &(rows, columns)) in grids.iter().enumerate() {
        let s = scale(map);
        let shapes: Vec<(f32, f32)> = if map == 0 {
            vec![(0.1, 1.0), (s, 2.0), (s, 0.5)]
        } else {
            let between = (s * scale(map + 1)).sqrt();
            vec![(s, 1.0), (s, 2.0), (s, 0.5), (s, 3.0), (s, THIRD), (between, 1.0)]
        };
        for row in 0..rows {
            for column in 0..columns {
                let (cy, cx) = ((row as f32 + 0.5) / rows as f32, (column as f32 + 0.5) / columns as f32);
                boxes.extend(shapes.iter().map(|&(scale, aspect)| {
                    let (h, w) = (scale / aspect.sqrt(), scale * aspect.sqrt());
                    BBox::new(cx - w / 2.0, cy - h / 2.0, cx + w / 2.0, cy + h / 2.0)
                }));
            }
        }
    }
    boxes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_boxes_count_and_first() {
        let boxes = default_boxes(&[(19, 19), (10, 10), (5, 5), (3, 3), (2, 2), (1, 1)]);
        assert_eq!(boxes.len(), 1917);
        let (cx, cy) = boxes[0].centre();
        assert!((cx - 0.5 / 19.0).abs() < 1e-6 && (cy - 0.5 / 19.0).abs() < 1e-6);
        assert!((boxes[0].width() - 0.1).abs() < 1e-6);
        // Aspect 2 is wide.
        assert!((boxes[1].width() / boxes[1].height() - 2.0).abs() < 1e-5);
    }
}
