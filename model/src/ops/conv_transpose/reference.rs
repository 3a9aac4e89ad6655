//! Transposed convolution in burn's own operations.

use burn::tensor::Tensor;

use crate::ops::{activation::Activation, reference::activate};

/// See [`super::conv_transpose`]. The patches of different inputs do not overlap, so it is a matrix product and a
/// rearrangement.
#[must_use]
pub fn conv_transpose(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, activation: Activation) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.dims()[3];
    let patches = x.reshape([n * h * w, c_in]).matmul(weight.reshape([c_in, 4 * c_out]));
    let patches = patches.reshape([n * h, w, 2, 2 * c_out]).swap_dims(1, 2);
    activate(patches.reshape([n, 2 * h, 2 * w, c_out]) + bias.unsqueeze::<4>(), activation)
}
