//! 1x1 convolution in burn's own operations.

use burn::tensor::Tensor;

use crate::ops::{activation::Activation, reference::activate};

/// See [`super::conv1x1`].
#[must_use]
pub fn conv1x1(
    x: Tensor<4>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    activation: Activation,
    residual: Option<Tensor<4>>,
) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.dims()[1];
    let y = x.reshape([n * h * w, c_in]).matmul(weight) + bias.unsqueeze::<2>();
    let y = activate(y.reshape([n, h, w, c_out]), activation);
    match residual {
        Some(residual) => y + residual,
        None => y,
    }
}
