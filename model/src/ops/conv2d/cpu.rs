//! Convolution on the CPU: a matrix product of its windows.

use burn::tensor::Tensor;

use crate::ops::{
    activation::Activation,
    cpu::{
        matmul::{Epilogue, Rows, Target, multiply},
        panel_cache::PanelCache,
        primitive, tensor, written,
    },
    padding::Padding,
};

/// See [`super::conv2d`].
pub(super) fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    padding: Padding,
    activation: Activation,
    cache: &PanelCache,
) -> Tensor<4> {
    let [n, height, width, channels] = x.dims();
    let [kernel, _, _, c_out] = weight.dims();
    let ((out_h, top), (out_w, left)) =
        (padding.outputs(height, kernel, stride), padding.outputs(width, kernel, stride));
    let (x, weight, bias) = (primitive(x), cache.of(&primitive(weight), c_out), primitive(bias));
    let epilogue = Epilogue { bias: bias.storage(), activation, residual: None };
    let source: &[f32] = x.storage();
    // SAFETY: there are as many photos as outputs, and each product has as many rows as its output.
    let out = unsafe {
        written(n * out_h * out_w * c_out, |out| {
            let photos = source.chunks_exact(height * width * channels);
            for (values, out) in photos.zip(out.chunks_exact_mut(out_h * out_w * c_out)) {
                let rows = Rows::Windows { values, height, width, channels, kernel, stride, out_w, top, left };
                multiply(&rows, &weight, &epilogue, Target::Rows, out);
            }
        })
    };
    tensor(out, [n, out_h, out_w, c_out])
}

#[cfg(test)]
mod tests {
    use super::{super::reference, *};
    use crate::ops::cpu::testing::{SHAPES, assert_close, random};

    #[test]
    fn conv2d_agrees_with_burn() {
        for shape in SHAPES {
            for (kernel, c_out, stride) in [(3, 32, 2), (3, 5, 1), (1, 4, 2), (5, 6, 1)] {
                let fits = shape[1].min(shape[2]) >= kernel;
                for padding in [Padding::Same, Padding::Valid].into_iter().take(1 + usize::from(fits)) {
                    let (x, weight, bias) = (random(shape), random([kernel, kernel, shape[3], c_out]), random([c_out]));
                    let (linear, cache) = (Activation::Linear, PanelCache::default());
                    let ours = conv2d(x.clone(), weight.clone(), bias.clone(), stride, padding, linear, &cache);
                    let theirs = reference::conv2d(x, weight, bias, stride, padding, linear);
                    assert_close(ours, theirs, &format!("{shape:?} {kernel}x{kernel} stride {stride} {padding:?}"));
                }
            }
        }
    }
}
