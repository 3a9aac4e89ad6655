//! How far the boundary of one mask lies from that of another: intersection over union hardly changes with it, since few pixels
//! lie there (Csurka et al. 2013, "What is a good evaluation measure for semantic segmentation?").

/// How far from each other two boundaries are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BoundaryError {
    /// The mean distance in pixels from each boundary pixel of one mask to the nearest one of the other, both ways, averaged.
    pub mean: f64,
    /// The share of boundary pixels that lie at most [`NEAR`] pixels from one of the other mask, both ways, averaged.
    pub near: f64,
}

/// A boundary pixel is near another that it is, or is next to, or diagonally next to.
pub const NEAR: f64 = 1.5;

/// The pixels of a mask that are next to one outside of it, as columns and rows. The edge of the map is no boundary.
///
/// # Arguments
/// * `mask` - row by row, whole rows of `width` pixels.
#[must_use]
pub fn boundary(mask: &[bool], width: usize) -> Vec<(usize, usize)> {
    let height = mask.len() / width.max(1);
    let is = |x: usize, y: usize| mask[y * width + x];
    let meets = |&(x, y): &(usize, usize)| {
        let across = (x > 0 && !is(x - 1, y)) || (x + 1 < width && !is(x + 1, y));
        is(x, y) && (across || (y > 0 && !is(x, y - 1)) || (y + 1 < height && !is(x, y + 1)))
    };
    (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).filter(meets).collect()
}

/// Compares the boundaries of two masks of one size.
///
/// # Arguments
/// * `a`, `b` - row by row, whole rows of `width` pixels.
///
/// # Returns
/// `None` when one of them has no boundary: there is no distance then.
#[must_use]
pub fn boundary_error(a: &[bool], b: &[bool], width: usize) -> Option<BoundaryError> {
    let (a, b) = (boundary(a, width), boundary(b, width));
    let (there, back) = (directed(&a, &b)?, directed(&b, &a)?);
    Some(BoundaryError { mean: (there.mean + back.mean) / 2.0, near: (there.near + back.near) / 2.0 })
}

/// One way: from each pixel of `from` to the nearest of `to`.
fn directed(from: &[(usize, usize)], to: &[(usize, usize)]) -> Option<BoundaryError> {
    let squared = |a: &(usize, usize), b: &(usize, usize)| a.0.abs_diff(b.0).pow(2) + a.1.abs_diff(b.1).pow(2);
    let (mut sum, mut near) = (0.0, 0);
    for pixel in from {
        // Without pixels to go to there is no distance.
        let distance = (to.iter().map(|other| squared(pixel, other)).min()? as f64).sqrt();
        sum += distance;
        near += usize::from(distance <= NEAR);
    }
    let count = from.len() as f64;
    (!from.is_empty()).then(|| BoundaryError { mean: sum / count, near: near as f64 / count })
}

/// Gives each pixel that is not known the value of the nearest known ones, step by step outwards from them, so that a boundary
/// that annotators left open runs through the middle of what they left open.
///
/// # Arguments
/// * `mask` - row by row, whole rows of `width` pixels; `None` where nothing is known.
///
/// # Returns
/// The mask; all of it outside when nothing is known anywhere.
#[must_use]
pub fn filled(mask: &[Option<bool>], width: usize) -> Vec<bool> {
    let mut mask = mask.to_vec();
    let height = mask.len() / width.max(1);
    loop {
        let mut next = mask.clone();
        for (at, pixel) in next.iter_mut().enumerate().filter(|(_, pixel)| pixel.is_none()) {
            let (x, y) = (at % width, at / width);
            let beside = [
                (x > 0).then(|| at - 1),
                (x + 1 < width).then(|| at + 1),
                (y > 0).then(|| at - width),
                (y + 1 < height).then(|| at + width),
            ];
            let known = || beside.iter().flatten().filter_map(|&at| mask[at]);
            if known().next().is_some() {
                // Of as many inside as outside it is outside.
                *pixel = Some(2 * known().filter(|&it| it).count() > known().count());
            }
        }
        if next == mask {
            return mask.into_iter().map(|pixel| pixel.unwrap_or(false)).collect();
        }
        mask = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(rows: &[&str]) -> Vec<bool> {
        rows.iter().flat_map(|row| row.chars().map(|it| it == '#')).collect()
    }

    #[test]
    fn boundaries_by_hand() {
        let square = mask(&[".....", ".###.", ".###.", ".###.", "....."]);
        assert_eq!(boundary(&square, 5).len(), 8, "all but the middle");
        let corner = mask(&["##..", "##..", "....", "...."]);
        assert_eq!(boundary(&corner, 4), [(1, 0), (0, 1), (1, 1)], "the map's edge is none");
        assert_eq!(boundary(&[true; 9], 3), []);
        assert_eq!(boundary(&[], 0), []);
    }

    #[test]
    fn distances_by_hand() {
        let (left, right) = (mask(&["#....", "#....", "#...."]), mask(&["###..", "###..", "###.."]));
        assert_eq!(boundary_error(&left, &right, 5), Some(BoundaryError { mean: 2.0, near: 0.0 }));
        assert_eq!(boundary_error(&left, &left, 5), Some(BoundaryError { mean: 0.0, near: 1.0 }));
        assert_eq!(boundary_error(&left, &[false; 15], 5), None);
        // One pixel more on one side: the two nearest are next to each other diagonally.
        let (dot, two) = (mask(&["....", ".#..", "...."]), mask(&["..#.", ".##.", "...."]));
        let error = boundary_error(&dot, &two, 4).expect("both have one");
        // Back: the three pixels of the second are 0, 1 and the root of 2 away.
        assert!((error.mean - (1.0 + 2f64.sqrt()) / 6.0).abs() < 1e-12 && error.near == 1.0, "{error:?}");
    }

    #[test]
    fn what_is_not_known_is_filled_from_both_sides() {
        let open = [Some(true), None, None, Some(false), None];
        assert_eq!(filled(&open, 5), [true, true, false, false, false]);
        assert_eq!(filled(&[None; 4], 2), [false; 4]);
        let middle = [Some(true), None, Some(false)];
        assert_eq!(filled(&middle, 3), [true, false, false]);
    }
}
