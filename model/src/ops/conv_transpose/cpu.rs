//! Transposed convolution on the CPU: two matrix products.

use burn::tensor::Tensor;

use crate::ops::{
    activation::Activation,
    cpu::{
        matmul::{Epilogue, Panels, Rows, Target, Weight, multiply},
        primitive, tensor, written,
    },
};

/// See [`super::conv_transpose`]. An output line holds, pixel after pixel, the upper or the lower halves of the patches
/// of one input line, so each of the two is a matrix product whose result needs no rearranging.
pub(super) fn conv_transpose(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, activation: Activation) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.dims()[3];
    let (x, weight, bias) = (primitive(x), primitive(weight), primitive(bias));
    let bias = bias.storage::<f32>().repeat(2);
    let epilogue = Epilogue { bias: &bias, activation, residual: None };
    let left = Rows::Matrix { values: x.storage(), width: c_in };
    // SAFETY: the two products write every other line each.
    let out = unsafe {
        written(4 * n * h * w * c_out, |out| {
            for lower in 0..2 {
                let half = Weight { values: weight.storage(), stride: 4 * c_out, first: lower * 2 * c_out };
                let half = Panels::of(&half, 2 * c_out);
                multiply(&left, &half, &epilogue, Target::Alternate { width: w, lower }, out);
            }
        })
    };
    tensor(out, [n, 2 * h, 2 * w, c_out])
}
