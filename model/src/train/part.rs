//! Parts of maps that are computed already: nearly what the backbone would compute on parts of the photo, without running it.

use crate::structures::boxes::BBox;

/// Appends a part of a map as a map of the same size, by bilinear interpolation.
///
/// # Arguments
/// * `map` - `[side, side, channels]`; a side has at least two cells.
/// * `part` - in fractions of the map.
pub fn part_of_map(map: &[f32], side: usize, part: &BBox, out: &mut Vec<f32>) {
    let channels = map.len() / (side * side);
    // The first of the two cells around a place, and the share of the second.
    let around = |i: usize, start: f32, length: f32| {
        let at = (start + (i as f32 + 0.5) / side as f32 * length) * side as f32 - 0.5;
        let at = at.clamp(0.0, (side - 1) as f32);
        // In 0 to side - 1.
        let first = (at as usize).min(side - 2);
        (first, at - first as f32)
    };
    for y in 0..side {
        let (row, down) = around(y, part.y0, part.height());
        for x in 0..side {
            let (column, across) = around(x, part.x0, part.width());
            let cell = |row: usize, column: usize| &map[(row * side + column) * channels..][..channels];
            let upper = cell(row, column).iter().zip(cell(row, column + 1));
            let lower = cell(row + 1, column).iter().zip(cell(row + 1, column + 1));
            out.extend(upper.zip(lower).map(|((a, b), (c, d))| {
                let (upper, lower) = (a + across * (b - a), c + across * (d - c));
                upper + down * (lower - upper)
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_ramp_is_a_ramp() {
        let ramp: Vec<f32> = (0..100).flat_map(|i| [(i % 10) as f32, (i / 10) as f32]).collect();
        let mut whole = vec![];
        part_of_map(&ramp, 10, &BBox::new(0.0, 0.0, 1.0, 1.0), &mut whole);
        assert_eq!(whole.len(), ramp.len());
        assert!(whole.iter().zip(&ramp).all(|(a, b)| (a - b).abs() < 1e-5));
        let mut part = vec![];
        part_of_map(&ramp, 10, &BBox::new(0.5, 0.2, 1.0, 0.8), &mut part);
        // The first cell's middle lies a twentieth of the part from its edge: at 0.525, which is cell 4.75, and 0.23, cell 1.8.
        assert!((part[0] - 4.75).abs() < 1e-5 && (part[1] - 1.8).abs() < 1e-5, "{:?}", &part[..2]);
    }
}
