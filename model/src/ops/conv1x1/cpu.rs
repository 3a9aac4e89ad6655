//! 1x1 convolution on the CPU: a matrix product with everything fused.

use burn::tensor::Tensor;
use burn_flex::FlexTensor;

use crate::ops::{
    activation::Activation,
    cpu::{
        matmul::{Epilogue, Rows, Target, multiply},
        panel_cache::PanelCache,
        primitive, tensor, written,
    },
};

/// See [`super::conv1x1`].
pub(super) fn conv1x1(
    x: Tensor<4>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    activation: Activation,
    residual: Option<Tensor<4>>,
    cache: &PanelCache,
) -> Tensor<4> {
    let [n, h, w, c_in] = x.dims();
    let c_out = weight.dims()[1];
    let (x, weight, bias) = (primitive(x), cache.of(&primitive(weight), c_out), primitive(bias));
    let residual = residual.map(primitive);
    let epilogue = Epilogue { bias: bias.storage(), activation, residual: residual.as_ref().map(FlexTensor::storage) };
    let left = Rows::Matrix { values: x.storage(), width: c_in };
    // SAFETY: the product has as many rows as the output.
    let out = unsafe { written(n * h * w * c_out, |out| multiply(&left, &weight, &epilogue, Target::Rows, out)) };
    tensor(out, [n, h, w, c_out])
}

#[cfg(test)]
mod tests {
    use super::{super::reference, *};
    use crate::ops::cpu::testing::{SHAPES, assert_close, random};

    #[test]
    fn conv1x1_agrees_with_burn() {
        for shape in SHAPES {
            for c_out in [1, 3, 8, 12, 21, 32] {
                let (x, weight, bias) = (random(shape), random([shape[3], c_out]), random([c_out]));
                let residual = random([shape[0], shape[1], shape[2], c_out]);
                for (activation, residual) in [(Activation::Relu6, None), (Activation::Linear, Some(residual))] {
                    let ours = conv1x1(
                        x.clone(),
                        weight.clone(),
                        bias.clone(),
                        activation,
                        residual.clone(),
                        &PanelCache::default(),
                    );
                    let theirs = reference::conv1x1(x.clone(), weight.clone(), bias.clone(), activation, residual);
                    assert_close(ours, theirs, &format!("{shape:?} to {c_out}"));
                }
            }
        }
    }

    #[test]
    fn another_weight_in_the_same_place_is_packed_anew() {
        let (x, bias, cache) = (random([1, 3, 5, 7]), random([9]), PanelCache::default());
        for _ in 0..3 {
            // The one before is gone by now: its memory may be this one's.
            let weight = random([7, 9]);
            for _ in 0..2 {
                let ours = conv1x1(x.clone(), weight.clone(), bias.clone(), Activation::Linear, None, &cache.clone());
                let theirs = reference::conv1x1(x.clone(), weight.clone(), bias.clone(), Activation::Linear, None);
                assert_close(ours, theirs, "the weight of this turn");
            }
        }
    }
}
