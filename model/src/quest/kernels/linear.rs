//! The fully connected layer.

use super::tile::{LANES, Panels, in_rows, load, multiply, multiply_transposed, store};

/// `x w + bias`.
///
/// # Shapes
/// `x` `[rows, inputs]`, `w` `[inputs, outputs]`, `bias` `[outputs]` (all zero where it is empty); `[rows, outputs]`.
pub fn forward(x: &[f32], w: &[f32], bias: &[f32], inputs: usize, outputs: usize) -> Vec<f32> {
    product(x, &Panels::pack(w, inputs, outputs, [outputs, 1]), bias, inputs)
}

/// The gradient with respect to `x`: `gradient w^T`.
pub fn backward_input(gradient: &[f32], w: &[f32], inputs: usize, outputs: usize) -> Vec<f32> {
    product(gradient, &Panels::pack(w, outputs, inputs, [1, outputs]), &[], outputs)
}

/// The gradient with respect to `w`: `x^T gradient`.
pub fn backward_weights(x: &[f32], gradient: &[f32], inputs: usize, outputs: usize) -> Vec<f32> {
    let rows = gradient.len() / outputs.max(1);
    let panels = Panels::pack(gradient, rows, outputs, [outputs, 1]);
    let mut out = vec![0.0; inputs * outputs];
    in_rows!(first in 0..inputs, R => {
        for (column, panel) in panels.iter() {
            let mut sums = [[0.0; LANES]; R];
            multiply_transposed(&x[first..], inputs, panel, &mut sums);
            for (r, sum) in sums.iter().enumerate() {
                store(sum, &mut out[(first + r) * outputs..][column..outputs]);
            }
        }
    });
    out
}

fn product(x: &[f32], panels: &Panels, bias: &[f32], depth: usize) -> Vec<f32> {
    let (rows, columns) = (x.len() / depth.max(1), panels.columns());
    let mut out = vec![0.0; rows * columns];
    in_rows!(first in 0..rows, R => {
        let inputs: [&[f32]; R] = std::array::from_fn(|r| &x[(first + r) * depth..][..depth]);
        for (column, panel) in panels.iter() {
            let mut sums = [load(bias.get(column..).unwrap_or_default()); R];
            multiply(inputs, panel, &mut sums);
            for (r, sum) in sums.iter().enumerate() {
                store(sum, &mut out[(first + r) * columns..][column..columns]);
            }
        }
    });
    out
}
