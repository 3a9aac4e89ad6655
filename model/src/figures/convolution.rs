//! Convolution as networks have it (no kernel is flipped), product by product, and its gradient.

use super::{grid::Grid, tape::Tape};

/// How a kernel walks over a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    /// Input cells from one output to the next, at least 1.
    pub stride: usize,
    /// Rows and columns of zeros on each side of the input.
    pub padding: usize,
}

/// A product under the kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Product {
    /// Index of the input cell, row by row; `None` in the padding, which is 0.
    pub input: Option<usize>,
    /// Index of the kernel's weight, row by row.
    pub tap: usize,
    /// The input.
    pub value: f64,
    /// The weight.
    pub weight: f64,
}

impl Walk {
    /// Columns and rows of the output; 0 where the kernel does not fit.
    #[must_use]
    pub const fn output(&self, input: (usize, usize), kernel: (usize, usize)) -> (usize, usize) {
        (self.places(input.0, kernel.0), self.places(input.1, kernel.1))
    }

    const fn places(&self, input: usize, kernel: usize) -> usize {
        let padded = input + 2 * self.padding;
        if padded < kernel { 0 } else { (padded - kernel) / self.stride + 1 }
    }

    /// The products whose sum is the output at column `x` and row `y`, in the order of the kernel.
    pub fn products(self, input: &Grid, kernel: &Grid, (x, y): (usize, usize)) -> impl Iterator<Item = Product> {
        let (width, height) = input.size();
        let side = kernel.width.max(1);
        kernel.values.iter().enumerate().map(move |(tap, &weight)| {
            let column = (x * self.stride + tap % side).checked_sub(self.padding).filter(|&it| it < width);
            let row = (y * self.stride + tap / side).checked_sub(self.padding).filter(|&it| it < height);
            let cell = column.zip(row).map(|(column, row)| row * width + column);
            Product { input: cell, tap, value: cell.map_or(0.0, |cell| input.values[cell]), weight }
        })
    }
}

/// Convolution of one channel to one channel, without bias.
///
/// # Arguments
/// * `input` - `[height, width]`.
/// * `kernel` - `[side, side]`.
///
/// # Returns
/// One number for each place of the kernel, row by row.
#[must_use]
pub fn convolution(input: &Grid, kernel: &Grid, walk: Walk) -> Grid {
    let size = walk.output(input.size(), kernel.size());
    Grid::from_fn(size, |x, y| walk.products(input, kernel, (x, y)).map(|it| it.value * it.weight).sum())
}

/// The gradient of a convolution's output with respect to its input, by reverse-mode differentiation of the operations that
/// the convolution consists of; no transposed convolution takes part in it.
///
/// # Arguments
/// * `input` - `[height, width]`.
/// * `upstream` - the gradient of a loss with respect to each output, of the size of the output.
///
/// # Returns
/// The gradient of the loss with respect to each input, of the size of `input`.
///
/// # Panics
/// When `upstream` has another size than the output.
#[must_use]
pub fn gradient(input: &Grid, kernel: &Grid, walk: Walk, upstream: &Grid) -> Grid {
    let size = walk.output(input.size(), kernel.size());
    assert_eq!(size, upstream.size(), "one gradient for each output");
    let mut tape = Tape::default();
    let inputs: Vec<_> = input.values.iter().map(|&value| tape.variable(value)).collect();
    let weights: Vec<_> = kernel.values.iter().map(|&value| tape.variable(value)).collect();
    let mut loss = tape.variable(0.0);
    for y in 0..size.1 {
        for x in 0..size.0 {
            let mut output = tape.variable(0.0);
            for it in walk.products(input, kernel, (x, y)) {
                let Some(cell) = it.input else { continue };
                let product = tape.times(inputs[cell], weights[it.tap]);
                output = tape.plus(output, product);
            }
            let factor = tape.variable(upstream.at(x, y));
            let part = tape.times(output, factor);
            loss = tape.plus(loss, part);
        }
    }
    let gradients = tape.gradients(loss);
    Grid { values: inputs.iter().map(|&it| gradients.of(it)).collect(), ..*input }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::upsampling::transposed_convolution;

    #[test]
    fn the_lecture_s_sizes() {
        let size = |input, stride, padding| Walk { stride, padding }.output((input, input), (3, 3)).0;
        assert_eq!([size(4, 1, 1), size(4, 2, 1), size(4, 1, 0), size(2, 1, 0)], [4, 2, 2, 0]);
    }

    #[test]
    fn a_corner_by_hand() {
        let input = Grid::from_fn((4, 4), |x, y| (4 * y + x + 1) as f64);
        let kernel = Grid::from_fn((3, 3), |x, y| (3 * y + x) as f64);
        let walk = Walk { stride: 2, padding: 1 };
        // Under the corner lie 1, 2, 5, 6 with the weights 4, 5, 7, 8.
        assert_eq!(convolution(&input, &kernel, walk).at(0, 0), 4.0 + 10.0 + 35.0 + 48.0);
        let products: Vec<_> = walk.products(&input, &kernel, (0, 0)).collect();
        assert_eq!(products.iter().filter(|it| it.input.is_none()).count(), 5);
        assert_eq!((products[8].input, products[8].value, products[8].weight), (Some(5), 6.0, 8.0));
    }

    #[test]
    fn the_gradient_of_a_convolution_is_the_transposed_convolution() {
        let kernel = Grid::from_fn((3, 3), |x, y| (x as f64 - 1.0) * 0.5 + y as f64);
        for stride in [1, 2] {
            let upstream = Grid::from_fn((3, 2), |x, y| (x * 3 + y) as f64 / 2.0 - 1.0);
            let forward = transposed_convolution(&upstream, &kernel, stride).map;
            let input = Grid::from_fn(forward.size(), |x, y| (x + y) as f64);
            let backward = gradient(&input, &kernel, Walk { stride, padding: 0 }, &upstream);
            assert!(forward.off(&backward) < 1e-12, "stride {stride}");
        }
    }
}
