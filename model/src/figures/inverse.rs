//! What undoes a convolution, as far as anything can: the inverse of its matrix, or at a larger stride the pseudo-inverse (Penrose
//! 1955, "A generalized inverse for matrices").

use super::{convolution::Walk, grid::Grid};

/// A pivot below this share of the largest weight counts as 0: the matrix cannot be inverted.
const MIN_PIVOT: f64 = 1e-9;

/// The matrix of a convolution of two dimensions: a row an output, a column an input, both counted row by row.
///
/// # Arguments
/// * `size` - columns and rows of the input.
#[must_use]
pub fn convolution_matrix_2d(size: (usize, usize), kernel: &Grid, walk: Walk) -> Grid {
    let (columns, rows) = walk.output(size, kernel.size());
    let inputs = size.0 * size.1;
    let mut matrix = Grid::filled((inputs, columns * rows), 0.0);
    let input = Grid::filled(size, 0.0);
    for output in 0..columns * rows {
        for it in walk.products(&input, kernel, (output % columns, output / columns)) {
            if let Some(cell) = it.input {
                matrix.values[output * inputs + cell] = it.weight;
            }
        }
    }
    matrix
}

/// Solves a system of as many equations as unknowns, by Gaussian elimination with partial pivoting.
///
/// # Returns
/// `None` where the matrix has no inverse.
///
/// # Panics
/// When the matrix is not square, or the right side has not one number for each row.
#[must_use]
pub fn solve(matrix: &Grid, right: &[f64]) -> Option<Vec<f64>> {
    let n = matrix.width;
    assert_eq!((n, n), (matrix.height, right.len()), "as many equations as unknowns");
    let (mut a, mut b) = (matrix.values.clone(), right.to_vec());
    let largest = a.iter().fold(0.0, |most: f64, it| most.max(it.abs()));
    for column in 0..n {
        let size = |row: &usize| a[row * n + column].abs();
        let pivot = (column..n).max_by(|x, y| size(x).total_cmp(&size(y)))?;
        if size(&pivot) <= MIN_PIVOT * largest {
            return None;
        }
        if pivot != column {
            (column..n).for_each(|x| a.swap(pivot * n + x, column * n + x));
            b.swap(pivot, column);
        }
        for row in column + 1..n {
            let factor = a[row * n + column] / a[column * n + column];
            if factor != 0.0 {
                (column..n).for_each(|x| a[row * n + x] -= factor * a[column * n + x]);
                b[row] -= factor * b[column];
            }
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|x| a[row * n + x] * b[x]).sum();
        b[row] = (b[row] - known) / a[row * n + row];
    }
    Some(b)
}

/// The input that a convolution's output came from: the only one if there are as many outputs as inputs, of all that are
/// possible the one with the least squares if there are fewer.
///
/// # Arguments
/// * `matrix` - the convolution's, with at most as many rows as columns.
///
/// # Returns
/// `None` where the rows are not independent: then the convolution has lost even more.
#[must_use]
pub fn undone(matrix: &Grid, output: &[f64]) -> Option<Vec<f64>> {
    if matrix.width == matrix.height {
        return solve(matrix, output);
    }
    // The input lies in the span of the rows: input = X' u with X X' u = output.
    let (columns, rows) = matrix.size();
    let row = |y: usize| &matrix.values[y * columns..(y + 1) * columns];
    let gram = Grid::from_fn((rows, rows), |x, y| row(x).iter().zip(row(y)).map(|(a, b)| a * b).sum());
    let u = solve(&gram, output)?;
    Some((0..columns).map(|x| (0..rows).map(|y| row(y)[x] * u[y]).sum()).collect())
}

/// The matrix whose product with any output is [`undone`]: the inverse or the pseudo-inverse, row by row.
#[must_use]
pub fn inverse(matrix: &Grid) -> Option<Grid> {
    let (columns, rows) = matrix.size();
    let unit = |y: usize| (0..rows).map(|it| f64::from(u8::from(it == y))).collect::<Vec<_>>();
    let all: Vec<Vec<f64>> = (0..rows).map(|y| undone(matrix, &unit(y))).collect::<Option<_>>()?;
    Some(Grid::from_fn((rows, columns), |x, y| all[x][y]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{
        convolution::convolution,
        matrix::{convolution_matrix, product, transposed},
    };

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?} is not {expected:?}");
    }

    #[test]
    fn a_convolution_is_undone_by_its_inverse_and_not_by_its_transpose() {
        let input = [1.0, 4.0, 2.0, 8.0];
        let whole = convolution_matrix(&[1.0, 3.0, 0.5], 6, 1);
        let matrix = Grid::from_fn((4, 4), |x, y| whole.at(x + 1, y)); // without the zeros of the padding
        let output = product(&matrix, &input);
        close(&undone(&matrix, &output).expect("it has an inverse"), &input);
        close(&product(&inverse(&matrix).expect("it has an inverse"), &output), &input);
        assert!(product(&transposed(&matrix), &output).iter().zip(input).any(|(a, b)| (a - b).abs() > 1.0));
    }

    #[test]
    fn of_fewer_outputs_the_least_input_is_found() {
        let matrix = Grid { width: 2, height: 1, values: vec![3.0, 4.0] };
        close(&undone(&matrix, &[5.0]).expect("the row is not 0"), &[0.6, 0.8]);
        let again = inverse(&matrix).expect("the row is not 0");
        assert_eq!(again.size(), (1, 2));
        close(&again.values, &[0.12, 0.16]);
        assert_eq!(undone(&Grid { width: 2, height: 1, values: vec![0.0; 2] }, &[1.0]), None);
        let twice = Grid { width: 2, height: 2, values: vec![1.0, 2.0, 2.0, 4.0] };
        assert_eq!((solve(&twice, &[1.0, 1.0]), inverse(&twice)), (None, None));
    }

    #[test]
    fn the_matrix_of_two_dimensions_convolves() {
        let input = Grid::from_fn((5, 4), |x, y| (3 * x + y * y) as f64 % 7.0);
        let kernel = Grid::from_fn((3, 3), |x, y| (x + 3 * y) as f64 - 4.0);
        for (stride, padding) in [(1, 1), (2, 1), (1, 0)] {
            let walk = Walk { stride, padding };
            let matrix = convolution_matrix_2d(input.size(), &kernel, walk);
            close(&product(&matrix, &input.values), &convolution(&input, &kernel, walk).values);
        }
    }
}
