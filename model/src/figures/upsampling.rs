//! Ways from a small map to a larger one: nearest neighbour, bed of nails, max unpooling (Zeiler and Fergus 2014,
//! "Visualizing and Understanding Convolutional Networks", section 2.1) and transposed convolution (Dumoulin and Visin 2016,
//! "A guide to convolution arithmetic for deep learning", chapter 4), each with the terms that its numbers are sums of.

use super::grid::Grid;

/// A summand of an output: an input times a weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// Index of the input cell, row by row.
    pub input: usize,
    /// Index of the kernel's weight, row by row.
    pub tap: usize,
    /// That weight; 1 where values are only moved.
    pub weight: f64,
}

/// A larger map, and what each of its numbers is the sum of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Upsampled {
    /// The map.
    pub map: Grid,
    /// The summands of each cell, row by row, in the order of the inputs; none where nothing was laid down.
    pub terms: Vec<Vec<Term>>,
}

impl Upsampled {
    /// How many copies lie over each cell.
    #[must_use]
    pub fn counts(&self) -> Grid {
        Grid { values: self.terms.iter().map(|terms| terms.len() as f64).collect(), ..self.map }
    }

    /// The map with each number divided by how many copies lie over its cell.
    #[must_use]
    pub fn divided_by_count(&self) -> Grid {
        let values = self.map.values.iter().zip(&self.terms);
        Grid { values: values.map(|(value, terms)| value / terms.len().max(1) as f64).collect(), ..self.map }
    }

    /// The output cells that an input cell has a part in, as indices with the weight.
    pub fn outputs_of(&self, input: usize) -> impl Iterator<Item = (usize, Term)> + '_ {
        let of_cell = move |(cell, terms): (usize, &Vec<Term>)| {
            terms.iter().find(|term| term.input == input).map(|&term| (cell, term))
        };
        self.terms.iter().enumerate().filter_map(of_cell)
    }
}

/// Transposed convolution without bias or padding: each input weights a copy of the kernel, which is laid into the output,
/// `stride` cells further for each input cell; where copies overlap they are summed.
///
/// # Arguments
/// * `input` - `[height, width]`.
/// * `kernel` - `[side, side]`.
/// * `stride` - output cells for one input cell, at least 1.
///
/// # Returns
/// `[(height - 1) * stride + side, (width - 1) * stride + side]`; empty if `input` is.
#[must_use]
pub fn transposed_convolution(input: &Grid, kernel: &Grid, stride: usize) -> Upsampled {
    if input.values.is_empty() || kernel.values.is_empty() {
        return Upsampled::default();
    }
    let size = ((input.width - 1) * stride + kernel.width, (input.height - 1) * stride + kernel.height);
    let mut out = Upsampled { map: Grid::filled(size, 0.0), terms: vec![Vec::new(); size.0 * size.1] };
    for (cell, &value) in input.values.iter().enumerate() {
        let (left, top) = (cell % input.width * stride, cell / input.width * stride);
        for (tap, &weight) in kernel.values.iter().enumerate() {
            let at = (top + tap / kernel.width) * size.0 + left + tap % kernel.width;
            out.map.values[at] += value * weight;
            out.terms[at].push(Term { input: cell, tap, weight });
        }
    }
    out
}

/// Nearest neighbour: each number fills a square of `side x side` cells.
#[must_use]
pub fn nearest_neighbour(input: &Grid, side: usize) -> Upsampled {
    transposed_convolution(input, &Grid::filled((side, side), 1.0), side)
}

/// Bed of nails: each number goes to the upper left cell of its square of `side x side` cells, all else is 0.
#[must_use]
pub fn bed_of_nails(input: &Grid, side: usize) -> Upsampled {
    placed(input, side, &vec![0; input.values.len()])
}

/// Max unpooling: each number goes to the cell of its square that the pooling took its maximum from, all else is 0.
///
/// # Arguments
/// * `positions` - as [`Pooled::positions`] has them.
#[must_use]
pub fn max_unpooling(input: &Grid, side: usize, positions: &[usize]) -> Upsampled {
    placed(input, side, positions)
}

/// Puts each number into one cell of its square, named by an index into the square.
fn placed(input: &Grid, side: usize, positions: &[usize]) -> Upsampled {
    let size = (input.width * side, input.height * side);
    let mut out = Upsampled { map: Grid::filled(size, 0.0), terms: vec![Vec::new(); size.0 * size.1] };
    for (cell, (&value, &tap)) in input.values.iter().zip(positions).enumerate() {
        let (x, y) = (cell % input.width * side + tap % side, cell / input.width * side + tap / side);
        out.map.values[y * size.0 + x] = value;
        out.terms[y * size.0 + x].push(Term { input: cell, tap, weight: 1.0 });
    }
    out
}

/// The result of [`max_pooling`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pooled {
    /// The maximum of each square.
    pub map: Grid,
    /// Where in its square each maximum was, counted row by row.
    pub positions: Vec<usize>,
}

impl Pooled {
    /// The cell of the pooling's input that a maximum was taken from: column and row.
    #[must_use]
    pub fn source(&self, cell: usize, side: usize) -> (usize, usize) {
        let tap = self.positions.get(cell).copied().unwrap_or_default();
        (cell % self.map.width * side + tap % side, cell / self.map.width * side + tap / side)
    }
}

/// Max pooling over squares of `side x side` cells that do not overlap; of equal numbers the first one counts. Columns and
/// rows that fill no square are left out.
#[must_use]
pub fn max_pooling(input: &Grid, side: usize) -> Pooled {
    let size = (input.width / side, input.height / side);
    let mut positions = Vec::with_capacity(size.0 * size.1);
    for cell in 0..size.0 * size.1 {
        let (left, top) = (cell % size.0 * side, cell / size.0 * side);
        let value = |tap: &usize| input.at(left + tap % side, top + tap / side);
        let first_largest = |best: usize, tap: usize| if value(&tap) > value(&best) { tap } else { best };
        positions.push((0..side * side).fold(0, first_largest));
    }
    let source = |x: usize, y: usize| {
        let tap = positions[y * size.0 + x];
        input.at(x * side + tap % side, y * side + tap / side)
    };
    let map = Grid::from_fn(size, source);
    Pooled { map, positions }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(width: usize, values: &[f64]) -> Grid {
        Grid { width, height: values.len() / width, values: values.to_vec() }
    }

    #[test]
    fn unpooling_by_hand() {
        let input = grid(2, &[1.0, 2.0, 3.0, 4.0]);
        let near = nearest_neighbour(&input, 2);
        assert_eq!(near.map.values, [1., 1., 2., 2., 1., 1., 2., 2., 3., 3., 4., 4., 3., 3., 4., 4.]);
        let nails = bed_of_nails(&input, 2);
        assert_eq!(nails.map.values, [1., 0., 2., 0., 0., 0., 0., 0., 3., 0., 4., 0., 0., 0., 0., 0.]);
        assert_eq!(nails.terms.iter().filter(|terms| terms.is_empty()).count(), 12, "three quarters are 0");
        // The lecture's slide.
        let fine = grid(4, &[1., 2., 6., 3., 3., 5., 2., 1., 1., 2., 2., 1., 7., 3., 4., 8.]);
        let pooled = max_pooling(&fine, 2);
        assert_eq!((&pooled.map.values[..], &pooled.positions[..]), (&[5., 6., 7., 8.][..], &[3, 0, 2, 3][..]));
        assert_eq!((pooled.source(0, 2), pooled.source(2, 2)), ((1, 1), (0, 3)));
        let back = max_unpooling(&input, 2, &pooled.positions);
        assert_eq!(back.map.values, [0., 0., 2., 0., 0., 1., 0., 0., 0., 0., 0., 0., 3., 0., 0., 4.]);
    }

    #[test]
    fn copies_overlap_and_are_summed() {
        // The lecture's one-dimensional example: ax, ay, az + bx, by, bz.
        let found = transposed_convolution(&grid(2, &[2.0, 3.0]), &grid(3, &[1.0, 10.0, 100.0]), 2);
        assert_eq!(found.map.values, [2.0, 20.0, 203.0, 30.0, 300.0]);
        assert_eq!(found.counts().values, [1.0, 1.0, 2.0, 1.0, 1.0]);
        assert_eq!(found.divided_by_count().values, [2.0, 20.0, 101.5, 30.0, 300.0]);
        let terms: Vec<_> = found.terms[2].iter().map(|it| (it.input, it.tap, it.weight)).collect();
        assert_eq!(terms, [(0, 2, 100.0), (1, 0, 1.0)]);
        assert_eq!(found.outputs_of(1).map(|it| it.0).collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn every_output_is_the_sum_of_its_terms() {
        let input = Grid::from_fn((3, 2), |x, y| (x * 7 + y * 5) as f64 % 4.0 - 1.5);
        let kernel = Grid::from_fn((3, 3), |x, y| (x * 2 + y) as f64 / 4.0 - 0.6);
        for stride in [1, 2, 3] {
            let found = transposed_convolution(&input, &kernel, stride);
            assert_eq!(found.map.size(), (2 * stride + 3, stride + 3));
            for (value, terms) in found.map.values.iter().zip(&found.terms) {
                let sum: f64 = terms.iter().map(|it| input.values[it.input] * it.weight).sum();
                assert!((sum - value).abs() < 1e-12);
            }
        }
        assert_eq!(transposed_convolution(&Grid::default(), &kernel, 2), Upsampled::default());
    }
}
