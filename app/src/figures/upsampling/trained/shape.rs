//! A mask as SVG path data, in units of its pixels.

use std::fmt::Write;

/// What lies inside of a mask, as rectangles one row high.
///
/// # Arguments
/// * `mask` - row by row, whole rows of `width` pixels.
pub fn area(mask: &[bool], width: usize) -> String {
    let mut path = String::new();
    for (y, row) in mask.chunks_exact(width.max(1)).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] {
                // A string takes everything.
                let _ = write!(path, "M{x} {y}h{0}v1h-{0}z", run.len());
            }
            x += run.len();
        }
    }
    path
}

/// The line between inside and outside, along the sides of pixels; the edge of the map is none of it.
///
/// # Arguments
/// * `mask` - row by row, whole rows of `width` pixels.
pub fn line(mask: &[bool], width: usize) -> String {
    let (mut path, height) = (String::new(), mask.len() / width.max(1));
    let is = |x: usize, y: usize| mask[y * width + x];
    // A string takes everything.
    for y in 0..height {
        for x in 0..width {
            if x > 0 && is(x, y) != is(x - 1, y) {
                let _ = write!(path, "M{x} {y}v1");
            }
            if y > 0 && is(x, y) != is(x, y - 1) {
                let _ = write!(path, "M{x} {y}h1");
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_by_hand() {
        let mask = [true, true, false, false, false, true];
        assert_eq!(area(&mask, 3), "M0 0h2v1h-2zM2 1h1v1h-1z");
        assert_eq!(line(&mask, 3), "M2 0v1M0 1h1M1 1h1M2 1v1M2 1h1");
        assert_eq!((area(&[], 0), line(&[], 3)), (String::new(), String::new()));
        assert_eq!(line(&[true; 9], 3), "");
    }
}
