//! Numbers on a grid that are made to follow the edges of a photo: the guided filter (He, Sun and Tang 2013, "Guided Image
//! Filtering"). In each small window the numbers are explained as a linear function of the photo's colours; where the colours
//! change at once, so do they. The functions are found on a coarse grid and used on the photo's own (He and Sun 2015, "Fast
//! Guided Filter").

/// How unlike colours must be to count as an edge: the variance, of colours from 0 to 1, at which a window explains half of it.
const EDGE: f32 = 1e-4;

/// A linear function of a colour: three factors and what is added.
pub type OfColour = [f32; 4];

/// The colours of a photo on a grid, ready to explain numbers on that grid.
pub struct GuidedFilter {
    size: (usize, usize),
    radius: usize,
    colours: Vec<[f32; 3]>,
    means: Vec<[f32; 3]>,
    /// The inverse of each window's covariance matrix: of red with red, green, blue, green with green, blue, blue with blue.
    inverse: Vec<[f32; 6]>,
}

impl GuidedFilter {
    /// Prepares the filter.
    ///
    /// # Arguments
    /// * `colours` - red, green and blue from 0 to 1, row by row.
    /// * `size` - columns and rows of the grid.
    /// * `radius` - of the windows, in cells.
    ///
    /// # Panics
    /// Unless there is a colour for each cell.
    #[must_use]
    pub fn new(colours: Vec<[f32; 3]>, size: (usize, usize), radius: usize) -> Self {
        assert_eq!(colours.len(), size.0 * size.1, "a colour for each cell");
        let means = windowed(&colours, size, radius);
        let products: Vec<[f32; 6]> =
            colours.iter().map(|&[r, g, b]| [r * r, r * g, r * b, g * g, g * b, b * b]).collect();
        let products = windowed(&products, size, radius);
        let inverse = products.iter().zip(&means).map(|(products, &[r, g, b])| {
            let [rr, rg, rb, gg, gb, bb] = products;
            invert([rr - r * r + EDGE, rg - r * g, rb - r * b, gg - g * g + EDGE, gb - g * b, bb - b * b + EDGE])
        });
        let inverse = inverse.collect();
        Self { size, radius, colours, means, inverse }
    }

    /// For each cell the function of the colour that explains the numbers round it best.
    ///
    /// # Arguments
    /// * `values` - a number for each cell, row by row.
    ///
    /// # Panics
    /// Unless there is a number for each cell.
    #[must_use]
    pub fn explain(&self, values: &[f32]) -> Vec<OfColour> {
        assert_eq!(values.len(), self.colours.len(), "a number for each cell");
        let products: Vec<[f32; 4]> =
            self.colours.iter().zip(values).map(|(&[r, g, b], &it)| [r * it, g * it, b * it, it]).collect();
        let products = windowed(&products, self.size, self.radius);
        let functions: Vec<OfColour> = products
            .iter()
            .zip(&self.means)
            .zip(&self.inverse)
            .map(|((&[r, g, b, mean], colour), &[rr, rg, rb, gg, gb, bb])| {
                let (r, g, b) = (r - colour[0] * mean, g - colour[1] * mean, b - colour[2] * mean);
                let factors = [rr * r + rg * g + rb * b, rg * r + gg * g + gb * b, rb * r + gb * g + bb * b];
                let explained: f32 = factors.iter().zip(colour).map(|(factor, colour)| factor * colour).sum();
                [factors[0], factors[1], factors[2], mean - explained]
            })
            .collect();
        windowed(&functions, self.size, self.radius)
    }
}

/// What a function says of a colour.
#[must_use]
pub fn of_colour([r, g, b, added]: OfColour, colour: [f32; 3]) -> f32 {
    r * colour[0] + g * colour[1] + b * colour[2] + added
}

/// The inverse of a symmetric matrix of three rows, by its upper triangle.
fn invert([a, b, c, d, e, f]: [f32; 6]) -> [f32; 6] {
    let (x, y, z) = (d * f - e * e, c * e - b * f, b * e - c * d);
    let scale = 1.0 / (a * x + b * y + c * z);
    [x, y, z, a * f - c * c, b * c - a * e, a * d - b * b].map(|it| it * scale)
}

/// The mean of the window round each cell; at the border of what of it is on the grid.
fn windowed<const N: usize>(values: &[[f32; N]], (width, height): (usize, usize), radius: usize) -> Vec<[f32; N]> {
    let mut across = Vec::with_capacity(values.len());
    for row in values.chunks_exact(width.max(1)) {
        let mut sum = [0.0; N];
        row.iter().take(radius).for_each(|it| add(&mut sum, it, 1.0));
        for x in 0..width {
            if let Some(next) = row.get(x + radius) {
                add(&mut sum, next, 1.0);
            }
            if x > radius {
                add(&mut sum, &row[x - radius - 1], -1.0);
            }
            across.push(sum.map(|it| it / reach(x, radius, width)));
        }
    }
    let row = |y: usize| &across[y * width..][..width];
    let mut sums = vec![[0.0; N]; width];
    let add_row = |sums: &mut Vec<[f32; N]>, y: usize, sign: f32| {
        sums.iter_mut().zip(row(y)).for_each(|(sum, it)| add(sum, it, sign));
    };
    (0..radius.min(height)).for_each(|y| add_row(&mut sums, y, 1.0));
    let mut means = Vec::with_capacity(values.len());
    for y in 0..height {
        if y + radius < height {
            add_row(&mut sums, y + radius, 1.0);
        }
        if y > radius {
            add_row(&mut sums, y - radius - 1, -1.0);
        }
        let cells = reach(y, radius, height);
        means.extend(sums.iter().map(|sum| sum.map(|it| it / cells)));
    }
    means
}

fn add<const N: usize>(sum: &mut [f32; N], values: &[f32; N], sign: f32) {
    sum.iter_mut().zip(values).for_each(|(sum, it)| *sum += sign * it);
}

/// How many cells of a window are on the grid along an axis.
fn reach(at: usize, radius: usize, cells: usize) -> f32 {
    // At most a few thousand.
    ((at + radius).min(cells - 1) - at.saturating_sub(radius) + 1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_of_windows_by_hand() {
        let values: Vec<[f32; 1]> = (1..=6).map(|it| [it as f32]).collect();
        // Two rows of three: 1 2 3 / 4 5 6.
        let means: Vec<f32> = windowed(&values, (3, 2), 1).into_iter().flatten().collect();
        assert_eq!(means, [3.0, 3.5, 4.0, 3.0, 3.5, 4.0]);
        let wide: Vec<f32> = windowed(&values, (3, 2), 9).into_iter().flatten().collect();
        assert_eq!(wide, [3.5; 6]);
    }

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let [a, b, c, d, e, f] = invert([4.0, 1.0, 0.5, 3.0, 0.2, 2.0]);
        let row = [4.0 * a + b + 0.5 * c, 4.0 * b + d + 0.5 * e, 4.0 * c + e + 0.5 * f];
        for (found, wanted) in row.iter().zip([1.0, 0.0, 0.0]) {
            assert!((found - wanted).abs() < 1e-6, "{row:?}");
        }
    }

    #[test]
    fn a_soft_step_moves_to_the_edge_of_the_colours() {
        // Dark up to column 11, bright from there on; the numbers rise slowly from column 6 to 14.
        let (width, height) = (24, 8);
        let colour = |x: usize| if x < 11 { [0.1, 0.1, 0.2] } else { [0.8, 0.7, 0.6] };
        let colours: Vec<[f32; 3]> = (0..height).flat_map(|_| (0..width).map(colour)).collect();
        let number = |x: usize| ((x as f32 - 6.0) / 8.0).clamp(0.0, 1.0);
        let values: Vec<f32> = (0..height).flat_map(|_| (0..width).map(number)).collect();
        let functions = GuidedFilter::new(colours, (width, height), 4).explain(&values);
        let middle = &functions[4 * width..][..width];
        let found: Vec<f32> = (0..width).map(|x| of_colour(middle[x], colour(x))).collect();
        assert!(number(10) >= 0.5, "the numbers change too early");
        assert!(found[10] < 0.5 && found[11] > 0.5 && found[11] - found[10] > 0.2, "{found:?}");
        assert!(found[1] < 0.05 && found[22] > 0.95, "{found:?}");
    }

    #[test]
    fn one_colour_and_one_cell_are_no_trouble() {
        let functions = GuidedFilter::new(vec![[0.5; 3]; 12], (4, 3), 2).explain(&[0.25; 12]);
        assert!(functions.iter().all(|&it| (of_colour(it, [0.5; 3]) - 0.25).abs() < 1e-5));
        let one = GuidedFilter::new(vec![[0.1, 0.9, 0.3]], (1, 1), 3).explain(&[0.7]);
        assert!((of_colour(one[0], [0.1, 0.9, 0.3]) - 0.7).abs() < 1e-5);
    }
}
