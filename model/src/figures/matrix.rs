//! Convolution of one dimension as a matrix, which is where transposed convolution has its name from.

use super::grid::Grid;

/// The matrix whose product with an input is its convolution: one row an output, offset copies of the kernel.
///
/// # Arguments
/// * `kernel` - its weights.
/// * `length` - inputs, padding included.
/// * `stride` - inputs from one output to the next, at least 1.
///
/// # Returns
/// As many rows as the kernel has places, `length` columns.
#[must_use]
pub fn convolution_matrix(kernel: &[f64], length: usize, stride: usize) -> Grid {
    let rows = length.checked_sub(kernel.len()).map_or(0, |free| free / stride + 1);
    let weight = |x: usize, y: usize| x.checked_sub(y * stride).and_then(|tap| kernel.get(tap)).copied();
    Grid::from_fn((length, rows), |x, y| weight(x, y).unwrap_or(0.0))
}

/// Rows become columns.
#[must_use]
pub fn transposed(matrix: &Grid) -> Grid {
    Grid::from_fn((matrix.height, matrix.width), |x, y| matrix.at(y, x))
}

/// The product of a matrix and a vector.
///
/// # Panics
/// When the vector has not one number for each column.
#[must_use]
pub fn product(matrix: &Grid, vector: &[f64]) -> Vec<f64> {
    assert_eq!(matrix.width, vector.len(), "one number for each column");
    let row = |y: usize| vector.iter().enumerate().map(|(x, value)| matrix.at(x, y) * value).sum();
    (0..matrix.height).map(row).collect()
}

/// Which rows of a transposed convolution's matrix have the same weights, apart from where they begin and from what the border
/// cuts off: the class of a row is its index modulo the stride, so there is one at stride 1, and two at stride 2.
#[must_use]
pub const fn row_class(row: usize, stride: usize) -> usize {
    row % stride
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lecture_s_matrices() {
        let (x, y, z) = (1.0, 2.0, 3.0);
        let one = convolution_matrix(&[x, y, z], 6, 1);
        assert_eq!(one.size(), (6, 4));
        assert_eq!(one.values[6..12], [0.0, x, y, z, 0.0, 0.0]);
        assert_eq!(product(&one, &[0.0, 4.0, 5.0, 6.0, 7.0, 0.0]), [23.0, 32.0, 38.0, 20.0]);
        let two = convolution_matrix(&[x, y, z], 6, 2);
        assert_eq!(two.values, [x, y, z, 0., 0., 0., 0., 0., x, y, z, 0.]);
        assert_eq!(product(&transposed(&two), &[2.0, 3.0]), [2.0, 4.0, 9.0, 6.0, 9.0, 0.0]);
        assert_eq!(convolution_matrix(&[x, y, z], 2, 1).height, 0);
    }

    #[test]
    fn at_stride_1_the_transpose_is_a_convolution_with_the_flipped_kernel() {
        let input = [0.5, -1.0, 2.0, 4.0];
        let transpose = transposed(&convolution_matrix(&[1.0, 2.0, 3.0], 6, 1));
        let padded = [&[0.0; 2][..], &input, &[0.0; 2]].concat();
        let again = convolution_matrix(&[3.0, 2.0, 1.0], 8, 1);
        assert_eq!(product(&transpose, &input), product(&again, &padded));
    }
}
