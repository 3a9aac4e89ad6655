//! The losses of detection.

use burn::tensor::{Tensor, activation::log_softmax};

/// Added to the logit of a class that is left out: its probability becomes 0, and no gradient reaches it.
const LEFT_OUT: f32 = -1e4;

/// Binary cross entropy on logits, in the form that does not overflow.
///
/// # Arguments
/// * `truth` - 0 or 1 each.
pub(super) fn binary_cross_entropy<const D: usize>(logits: Tensor<D>, truth: Tensor<D>) -> Tensor<D> {
    logits.clone().clamp_min(0.0) - logits.clone() * truth + ((-logits.abs()).exp() + 1.0).log()
}

/// Cross entropy of a softmax over the classes that a region's photo says something about.
///
/// A softmax, as in Fast R-CNN, because the classes exclude each other. Leaving a class out of its sum is what "not
/// labelled" means: the others are compared among themselves, and the class learns neither that it is there nor that it
/// is not. (With a sigmoid a class the mask would be as clean, but nothing would have the classes compete.)
///
/// # Arguments
/// * `logits` - `[regions, classes]`.
/// * `truth` - `[regions, classes]`: 1 at the class of each region.
/// * `left_out` - `[regions, classes]`: 1 where a class is left out of the sum.
///
/// # Returns
/// The mean over the regions.
pub(super) fn cross_entropy(logits: Tensor<2>, truth: Tensor<2>, left_out: Tensor<2>) -> Tensor<1> {
    let count = logits.dims()[0];
    let chances = log_softmax(logits + left_out * LEFT_OUT, 1);
    (chances * truth).sum() / -(count.max(1) as f32)
}

/// Quadratic below 1, linear above (Girshick 2015, "Fast R-CNN", section 2.3).
pub(super) fn smooth_l1(difference: Tensor<2>) -> Tensor<2> {
    let distance = difference.abs();
    let near = distance.clone().clamp_max(1.0);
    near.clone() * near.clone() * 0.5 + (distance - near)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn row(values: &[f32]) -> Tensor<2> {
        Tensor::<1>::from_floats(values, &Device::flex()).reshape([1, values.len()])
    }

    #[test]
    fn smooth_l1_by_hand() {
        let found: Vec<f32> = smooth_l1(row(&[0.0, 0.5, -1.0, 3.0])).into_data().try_into_vec().unwrap();
        assert_eq!(found, [0.0, 0.125, 0.5, 2.5]);
    }

    #[test]
    fn binary_cross_entropy_by_hand() {
        let found = binary_cross_entropy(row(&[0.0, 2.0, 90.0, -90.0]), row(&[1.0, 0.0, 1.0, 1.0]));
        let found: Vec<f32> = found.into_data().try_into_vec().unwrap();
        for (found, expected) in found.iter().zip([2.0f32.ln(), 2.0 + (-2.0f32).exp().ln_1p(), 0.0, 90.0]) {
            assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_class_that_is_left_out_neither_counts_nor_learns() {
        let device = Device::flex().autodiff();
        let logits = Tensor::<1>::from_floats([1.0, 5.0, 1.0], &device).reshape([1, 3]).require_grad();
        let constant = |values: [f32; 3]| Tensor::<1>::from_floats(values, &device).reshape([1, 3]);
        let loss = cross_entropy(logits.clone(), constant([0.0, 0.0, 1.0]), constant([0.0, 1.0, 0.0]));
        assert!((loss.clone().into_scalar::<f32>() - 2.0f32.ln()).abs() < 1e-5, "two equal classes are left");
        let gradient = logits.grad(&loss.backward()).unwrap();
        let gradient: Vec<f32> = gradient.into_data().try_into_vec().unwrap();
        for (found, expected) in gradient.iter().zip([0.5, 0.0, -0.5]) {
            assert!((found - expected).abs() < 1e-5, "{gradient:?}");
        }
    }
}
