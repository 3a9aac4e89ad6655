//! A map of one channel.

/// Numbers in rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Cells across.
    pub width: usize,
    /// Cells down.
    pub height: usize,
    /// `[height, width]`, row by row.
    pub values: Vec<f64>,
}

impl Grid {
    /// A map with one number everywhere.
    #[must_use]
    pub fn filled((width, height): (usize, usize), value: f64) -> Self {
        Self { width, height, values: vec![value; width * height] }
    }

    /// A map whose number at column `x` and row `y` is `value(x, y)`.
    #[must_use]
    pub fn from_fn((width, height): (usize, usize), value: impl Fn(usize, usize) -> f64) -> Self {
        let cells = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self { width, height, values: cells.map(|(x, y)| value(x, y)).collect() }
    }

    /// Cells across and down.
    #[must_use]
    pub const fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The number at column `x` and row `y`; 0 outside.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> f64 {
        let inside = x < self.width && y < self.height;
        self.values.get(y * self.width + x).copied().filter(|_| inside).unwrap_or(0.0)
    }

    /// The least and the largest number; 0 and 0 without any.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let range = self.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), &v| (lo.min(v), hi.max(v)));
        if self.values.is_empty() { (0.0, 0.0) } else { range }
    }

    /// The map turned by 180 degrees: a flipped kernel.
    #[must_use]
    pub fn flipped(&self) -> Self {
        Self { values: self.values.iter().rev().copied().collect(), ..*self }
    }

    /// A rectangle of the map; what lies outside the map is 0.
    ///
    /// # Arguments
    /// * `(left, top)` - its first column and row.
    /// * `size` - its columns and rows.
    #[must_use]
    pub fn crop(&self, (left, top): (usize, usize), size: (usize, usize)) -> Self {
        Self::from_fn(size, |x, y| self.at(left + x, top + y))
    }

    /// The largest absolute difference from another map.
    ///
    /// # Panics
    /// When it has another size.
    #[must_use]
    pub fn off(&self, other: &Self) -> f64 {
        assert_eq!(self.size(), other.size(), "maps of different sizes have no difference");
        self.values.iter().zip(&other.values).fold(0.0, |most, (a, b)| most.max((a - b).abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_by_hand() {
        let grid = Grid::from_fn((3, 2), |x, y| (10 * y + x) as f64);
        assert_eq!(grid.values, [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]);
        assert_eq!((grid.at(2, 1), grid.at(3, 0), grid.at(0, 2)), (12.0, 0.0, 0.0));
        assert_eq!((grid.range(), Grid::default().range()), ((0.0, 12.0), (0.0, 0.0)));
        assert_eq!(grid.flipped().values, [12.0, 11.0, 10.0, 2.0, 1.0, 0.0]);
        assert_eq!(grid.crop((2, 0), (2, 2)).values, [2.0, 0.0, 12.0, 0.0]);
        assert_eq!(grid.off(&Grid::filled((3, 2), 1.0)), 11.0);
    }
}
