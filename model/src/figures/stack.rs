//! Several transposed convolutions, one after the other: what makes checkerboards plain to see (Odena et al. 2016).

use super::{grid::Grid, upsampling::transposed_convolution};

/// Repeats a transposed convolution of stride 2. After each layer the border is cut off, over which fewer copies lie than
/// elsewhere: as many cells on each side as the kernel's side less 1.
///
/// # Arguments
/// * `input` - `[height, width]`.
/// * `kernel` - `[side, side]`.
/// * `layers` - how often.
/// * `is_divided` - whether each number is divided by how many copies lie over its cell.
///
/// # Returns
/// The last map; empty where the border is all there is.
#[must_use]
pub fn stacked(input: &Grid, kernel: &Grid, layers: usize, is_divided: bool) -> Grid {
    let border = kernel.width.saturating_sub(1);
    let mut map = input.clone();
    for _ in 0..layers {
        let up = transposed_convolution(&map, kernel, 2);
        let all = if is_divided { up.divided_by_count() } else { up.map };
        let inside = |length: usize| length.saturating_sub(2 * border);
        map = all.crop((border, border), (inside(all.width), inside(all.height)));
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::spectrum::shares;

    #[test]
    fn three_by_three_makes_a_checkerboard_that_dividing_by_the_count_removes() {
        let flat = Grid::filled((8, 8), 0.5);
        let ones = |side| Grid::filled((side, side), 1.0);
        for layers in 1..=3 {
            assert!(shares(&stacked(&flat, &ones(3), layers, false)).nyquist > 0.18);
            for side in [2, 4] {
                assert!(shares(&stacked(&flat, &ones(side), layers, false)).nyquist < 1e-12);
            }
            let divided = stacked(&flat, &ones(3), layers, true);
            assert!(divided.values.iter().all(|it| (it - 0.5).abs() < 1e-12));
        }
        assert_eq!(stacked(&flat, &ones(3), 1, false).size(), (13, 13));
        assert!(stacked(&Grid::filled((1, 1), 1.0), &ones(4), 1, false).values.is_empty());
    }
}
