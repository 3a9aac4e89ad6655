//! How much of a map is a checkerboard (Odena et al. 2016, "Deconvolution and Checkerboard Artifacts").

use super::grid::Grid;

/// Which part of a map's energy is where.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shares {
    /// At the Nyquist frequency along one axis or both, where numbers alternate from cell to cell: 0 to 1.
    pub nyquist: f64,
    /// At any frequency but 0: what makes the map other than its mean; 0 to 1.
    pub ripple: f64,
}

/// The shares of the energy (the sum of squares) of a map by its discrete Fourier transform. An odd last column or row is
/// left out: without it no frequency is exactly that of Nyquist.
///
/// # Returns
/// Nothing for a map that is 0 or has fewer than two columns or rows.
#[must_use]
pub fn shares(map: &Grid) -> Shares {
    let (width, height) = (map.width / 2 * 2, map.height / 2 * 2);
    let cells = (width * height) as f64;
    let even = map.crop((0, 0), (width, height));
    let energy: f64 = even.values.iter().map(|value| value * value).sum();
    if energy <= 0.0 {
        return Shares::default();
    }
    // Energy at a frequency is the squared coefficient over the number of cells.
    let at = |across: bool, down: bool| {
        let sign = |x: usize, y: usize| if (across && x % 2 == 1) != (down && y % 2 == 1) { -1.0 } else { 1.0 };
        let coefficient: f64 =
            even.values.iter().enumerate().map(|(i, value)| sign(i % width, i / width) * value).sum();
        coefficient * coefficient / cells
    };
    let nyquist = at(true, false) + at(false, true) + at(true, true);
    Shares { nyquist: nyquist / energy, ripple: (1.0 - at(false, false) / energy).max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkerboard_and_a_flat_map() {
        let board = Grid::from_fn((6, 4), |x, y| if (x + y) % 2 == 0 { 3.0 } else { 1.0 });
        // Mean 2, amplitude 1: energies 4 and 1.
        let found = shares(&board);
        assert!((found.nyquist - 0.2).abs() < 1e-12 && (found.ripple - 0.2).abs() < 1e-12, "{found:?}");
        let flat = shares(&Grid::filled((4, 4), 5.0));
        assert!(flat.nyquist.abs() < 1e-12 && flat.ripple.abs() < 1e-12, "{flat:?}");
        assert_eq!(shares(&Grid::filled((4, 4), 0.0)), Shares::default());
    }

    #[test]
    fn a_slow_wave_is_ripple_but_not_nyquist() {
        let wave = Grid::from_fn((8, 2), |x, _| if x % 4 < 2 { 2.0 } else { 0.0 });
        let found = shares(&wave);
        assert!(found.nyquist.abs() < 1e-12 && (found.ripple - 0.5).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn counts_of_three_by_three_at_stride_two() {
        // 1 and 2 copies along each axis: 6.25 in all, 5.0625 of it the mean.
        let counts = Grid::from_fn((8, 8), |x, y| ((x % 2 + 1) * (y % 2 + 1)) as f64);
        assert!((shares(&counts).nyquist - 0.19).abs() < 1e-12);
    }
}
