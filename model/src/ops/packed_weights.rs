//! The weights of 1x1 convolutions.

use burn::tensor::{Device, Tensor};
#[cfg(feature = "gpu")]
use burn_cubecl::Cube;

#[cfg(feature = "gpu")]
use super::gpu::{
    launch::LANES,
    storage::{self, Storage},
};
use super::tensor_from::tensor_from;

/// The most steps that a weight has, up or down: ten bits.
pub const MOST_STEPS: i16 = 511;

/// What the second step of a pair is multiplied by: more than twice [`MOST_STEPS`], so that the first one cannot be
/// mistaken for part of it, and so little that float32 holds both exactly.
pub(super) const PAIR: f32 = 1024.0;

/// How a 1x1 convolution mixes channels: a matrix `[in, out]`, in the form that the device's kernels read.
///
/// Weights that are whole steps (of a width of its own for each output channel) can stay in pairs, two inputs' steps in
/// one number: `first + 1024 * second`. A GPU kernel then loads half as many numbers and takes them apart in registers; loads
/// are what its time goes into. The steps are exact, so nothing else changes.
#[derive(Clone, Debug)]
pub struct Mix {
    /// `[in, out]`; or, where `widths` is there, `[in / 2, out]` pairs.
    pub weight: Tensor<2>,
    /// What a step of each output channel is worth, `[out]`.
    pub widths: Option<Tensor<1>>,
}

impl From<Tensor<2>> for Mix {
    fn from(weight: Tensor<2>) -> Self {
        Self { weight, widths: None }
    }
}

impl Mix {
    /// Whole numbers of steps, in pairs where the device's kernels read them.
    ///
    /// # Arguments
    /// * `counts` - `[in, out]`, at most [`MOST_STEPS`] up or down.
    /// * `widths` - `[out]`.
    ///
    /// # Panics
    /// When the shape does not hold the numbers.
    #[must_use]
    pub fn of_steps(counts: &[i16], widths: Vec<f32>, [c_in, c_out]: [usize; 2], device: &Device) -> Self {
        #[cfg(feature = "gpu")]
        if let Some(widths) = reads_pairs(&widths, c_in, device) {
            return Self { weight: tensor_from(pairs(counts, c_out), [c_in / 2, c_out], device), widths: Some(widths) };
        }
        tensor_from(values_of_steps(counts, &widths), [c_in, c_out], device).into()
    }

    /// Input channels.
    #[must_use]
    pub fn c_in(&self) -> usize {
        self.weight.dims()[0] * if self.widths.is_some() { 2 } else { 1 }
    }

    /// The matrix `[in, out]` itself.
    #[must_use]
    pub fn into_numbers(self) -> Tensor<2> {
        let Some(widths) = self.widths else { return self.weight };
        let [rows, c_out] = self.weight.dims();
        let second = (self.weight.clone() / PAIR).round();
        let first = self.weight - second.clone() * PAIR;
        Tensor::stack::<3>(vec![first, second], 1).reshape([2 * rows, c_out]) * widths.unsqueeze::<2>()
    }
}

/// What steps are worth, on a device whose kernels read them in pairs (see [`Mix`]), and where there are whole vectors of
/// inputs.
#[cfg(feature = "gpu")]
fn reads_pairs(widths: &[f32], c_in: usize, device: &Device) -> Option<Tensor<1>> {
    if storage::current() != Storage::Pairs || !c_in.is_multiple_of(LANES) {
        return None;
    }
    let widths = tensor_from(widths.to_vec(), [widths.len()], device);
    widths.clone().try_into_primitive::<Cube>().is_ok().then_some(widths)
}

/// What whole numbers of steps are worth.
///
/// # Arguments
/// * `counts` - rows of as many as there are widths.
/// * `widths` - at least one.
pub(crate) fn values_of_steps(counts: &[i16], widths: &[f32]) -> Vec<f32> {
    let rows = counts.chunks_exact(widths.len());
    rows.flat_map(|row| row.iter().zip(widths).map(|(&count, width)| f32::from(count) * width)).collect()
}

/// Rows of steps, two by two.
#[cfg(any(feature = "gpu", test))]
fn pairs(counts: &[i16], c_out: usize) -> Vec<f32> {
    let two = counts.chunks_exact(2 * c_out).map(|two| two.split_at(c_out));
    let pair = |(&first, &second): (&i16, &i16)| f32::from(second).mul_add(PAIR, f32::from(first));
    two.flat_map(|(first, second)| first.iter().zip(second).map(pair)).collect()
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use super::*;

    #[test]
    fn pairs_hold_every_step_exactly() {
        const MOST: i32 = MOST_STEPS as i32;
        let device = Device::flex();
        // Every first step beside every thirteenth second one, and both ends.
        let seconds: Vec<i32> = (-MOST..=MOST).step_by(13).chain([MOST]).collect();
        let firsts: Vec<i32> = (-MOST..=MOST).collect();
        let c_out = firsts.len();
        let counts: Vec<i16> = seconds
            .iter()
            .flat_map(|&second| firsts.iter().copied().chain(vec![second; c_out]))
            .map(|it| it as i16)
            .collect();
        let rows = 2 * seconds.len();
        let weight = tensor_from(pairs(&counts, c_out), [rows / 2, c_out], &device);
        let mix = Mix { weight, widths: Some(Tensor::ones([c_out], &device)) };
        assert_eq!(mix.c_in(), rows);
        let found = mix.into_numbers().into_data().try_into_vec::<f32>().expect("float32 here");
        let expected: Vec<f32> = counts.iter().map(|&count| f32::from(count)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn steps_are_numbers_for_a_processor() {
        let mix = Mix::of_steps(&[511, -2, 3, 0], vec![0.5, 2.0], [2, 2], &Device::flex());
        assert!(mix.widths.is_none());
        let values = mix.into_numbers().into_data().try_into_vec::<f32>().expect("float32 here");
        assert_eq!(values, [255.5, -4.0, 1.5, 0.0]);
    }
}
