//! Convolution and activation in burn's own operations, for the reference of each operator.

use burn::tensor::{
    Tensor,
    module::conv2d,
    ops::{ConvOptions, PadMode},
};

use super::{activation::Activation, padding::Padding};

/// burn's convolution between the two layouts, with explicit padding; `weight` is `[out, in / groups, k, k]`.
pub fn convolve(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    (stride, padding): (usize, Padding),
    groups: usize,
    activation: Activation,
) -> Tensor<4> {
    let [_, h, w, _] = x.dims();
    let kernel = weight.dims()[2];
    let ((out_h, top), (out_w, left)) = (padding.outputs(h, kernel, stride), padding.outputs(w, kernel, stride));
    let needs = |out: usize, size: usize, before: usize| ((out - 1) * stride + kernel).saturating_sub(size + before);
    let zeros = [(top, needs(out_h, h, top)), (left, needs(out_w, w, left))];
    let x = x.permute([0, 3, 1, 2]);
    // What is the same at both ends the convolution adds itself, without a copy.
    let even = zeros.iter().all(|(before, after)| before == after);
    let inner = if even { [zeros[0].0, zeros[1].0] } else { [0, 0] };
    let x = if even { x } else { x.pad(zeros, PadMode::Constant(0.0)) };
    let options = ConvOptions::new([stride, stride], inner, [1, 1], groups);
    activate(conv2d(x, weight, Some(bias), options).permute([0, 2, 3, 1]), activation)
}

/// Applies an activation.
pub fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    match activation {
        Activation::Linear => x,
        Activation::Relu => x.clamp_min(0.0),
        Activation::Relu6 => x.clamp(0.0, 6.0),
    }
}
