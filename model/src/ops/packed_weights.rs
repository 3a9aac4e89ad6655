//! The weights of 1x1 convolutions in the form that the device's kernels read.

use burn::tensor::{Device, Tensor};
#[cfg(feature = "gpu")]
use burn_cubecl::Cube;

#[cfg(feature = "gpu")]
use super::gpu::{
    launch::LANES,
    storage::{self, Storage},
};
use super::tensor_from::tensor_from;
#[cfg(feature = "gpu")]
use crate::pack::quantization::pair_levels;
use crate::pack::quantization::{PAIR_BASE, dequantize};

/// The matrix `[in, out]` of a 1x1 convolution, in the form that the device's kernels read.
///
/// Quantized weights can stay levels, two inputs' levels in one number: `first + 4096 * second`. A GPU kernel then
/// loads half as many numbers and takes them apart in registers; loads are what its time goes into. Levels are exact,
/// so nothing else changes.
#[derive(Clone, Debug)]
pub struct PackedWeights {
    /// `[in, out]`; or, with `scales`, `[in / 2, out]` pairs of levels.
    pub weight: Tensor<2>,
    /// The scale of each output channel's levels, `[out]`.
    pub scales: Option<Tensor<1>>,
}

impl From<Tensor<2>> for PackedWeights {
    fn from(weight: Tensor<2>) -> Self {
        Self { weight, scales: None }
    }
}

impl PackedWeights {
    /// Packs quantized weights: in pairs where the device's kernels read them, dequantized elsewhere.
    ///
    /// # Arguments
    /// * `levels` - `[in, out]`, at most [`MAX_LEVEL`](crate::pack::quantization::MAX_LEVEL) up or down.
    /// * `scales` - `[out]`.
    ///
    /// # Panics
    /// When the shape does not hold the levels.
    #[must_use]
    pub fn from_levels(levels: &[i16], scales: Vec<f32>, [c_in, c_out]: [usize; 2], device: &Device) -> Self {
        #[cfg(feature = "gpu")]
        if let Some(scales) = scales_of_pairs(&scales, c_in, device) {
            let pairs = tensor_from(pair_levels(levels, c_out), [c_in / 2, c_out], device);
            return Self { weight: pairs, scales: Some(scales) };
        }
        tensor_from(dequantize(levels, &scales), [c_in, c_out], device).into()
    }

    /// Input channels.
    #[must_use]
    pub fn c_in(&self) -> usize {
        self.weight.dims()[0] * if self.scales.is_some() { 2 } else { 1 }
    }

    /// The matrix `[in, out]` itself.
    #[must_use]
    pub fn unpack(self) -> Tensor<2> {
        let Some(scales) = self.scales else { return self.weight };
        let [rows, c_out] = self.weight.dims();
        let second = (self.weight.clone() / PAIR_BASE).round();
        let first = self.weight - second.clone() * PAIR_BASE;
        Tensor::stack::<3>(vec![first, second], 1).reshape([2 * rows, c_out]) * scales.unsqueeze::<2>()
    }
}

/// The scales on a device whose kernels read pairs, where the inputs are whole vectors; `None` elsewhere.
#[cfg(feature = "gpu")]
fn scales_of_pairs(scales: &[f32], c_in: usize, device: &Device) -> Option<Tensor<1>> {
    if storage::current() != Storage::Pairs || !c_in.is_multiple_of(LANES) {
        return None;
    }
    let scales = tensor_from(scales.to_vec(), [scales.len()], device);
    scales.clone().try_into_primitive::<Cube>().is_ok().then_some(scales)
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use super::*;
    use crate::pack::quantization::{MAX_LEVEL, pair_levels};

    #[test]
    fn pairs_hold_every_level_exactly() {
        const MAX: i32 = MAX_LEVEL as i32;
        let device = Device::flex();
        // Every first level beside every thirteenth second one, and both ends.
        let seconds: Vec<i32> = (-MAX..=MAX).step_by(13).chain([MAX]).collect();
        let firsts: Vec<i32> = (-MAX..=MAX).collect();
        let c_out = firsts.len();
        let levels: Vec<i16> = seconds
            .iter()
            .flat_map(|&second| firsts.iter().copied().chain(vec![second; c_out]))
            .map(|level| level as i16)
            .collect();
        let rows = 2 * seconds.len();
        let weight = tensor_from(pair_levels(&levels, c_out), [rows / 2, c_out], &device);
        let packed = PackedWeights { weight, scales: Some(Tensor::ones([c_out], &device)) };
        assert_eq!(packed.c_in(), rows);
        let found = packed.unpack().into_data().try_into_vec::<f32>().expect("float32 here");
        let expected: Vec<f32> = levels.iter().map(|&level| f32::from(level)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_cpu_gets_dequantized_weights() {
        let packed = PackedWeights::from_levels(&[511, -2, 3, 0], vec![0.5, 2.0], [2, 2], &Device::flex());
        assert!(packed.scales.is_none());
        let values = packed.unpack().into_data().try_into_vec::<f32>().expect("float32 here");
        assert_eq!(values, [255.5, -4.0, 1.5, 0.0]);
    }
}
