//! Weights in ten bits: whole steps of a width of its own for each output channel (Jacob et al. 2018, "Quantization and
//! Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", with more bits and float arithmetic).
//!
//! A file holds the upper eight bits and the lower two apart. The lower two are noise to a compressor, the upper eight are
//! not: a web server's compression takes them down by a seventh, which it cannot do to float16.

use crate::ops::{MOST_STEPS, values_of_steps};

/// The largest number of steps.
const MOST: f32 = MOST_STEPS as f32;

/// The name of the tensor that holds another one's lower bits.
pub(super) fn lower(name: &str) -> String {
    format!("{name}.lower")
}

/// The name of the tensor that holds what another one's steps are worth.
pub(super) fn widths(name: &str) -> String {
    format!("{name}.widths")
}

/// A tensor as it is stored.
pub(super) struct Steps {
    /// The upper eight bits of each number of steps, in the tensor's order.
    pub upper: Vec<i8>,
    /// The lower two bits of each, four in a byte, the first one lowest.
    pub lower: Vec<u8>,
    /// What a step is worth, for each channel (the tensor's last axis).
    pub widths: Vec<f32>,
}

impl Steps {
    /// The nearest steps of a tensor.
    ///
    /// # Arguments
    /// * `values` - finite; row-major, `channels` a row.
    pub fn of(values: &[f32], channels: usize) -> Self {
        let mut largest = vec![0f32; channels];
        for row in values.chunks_exact(channels) {
            for (largest, value) in largest.iter_mut().zip(row) {
                *largest = largest.max(value.abs());
            }
        }
        let widths: Vec<f32> = largest.iter().map(|largest| largest / MOST).collect();
        let mut upper = Vec::with_capacity(values.len());
        let mut lower = vec![0; values.len().div_ceil(4)];
        for (i, value) in values.iter().enumerate() {
            let width = widths[i % channels];
            let steps = if width > 0.0 { (value / width).round().clamp(-MOST, MOST) as i16 } else { 0 };
            // Shifting keeps the sign: the lower bits count upwards from the multiple of four below.
            upper.push((steps >> 2) as i8);
            lower[i / 4] |= ((steps & 3) as u8) << (i % 4 * 2);
        }
        Self { upper, lower, widths }
    }

    /// The whole numbers of steps, or `None` when the parts do not belong together.
    pub fn counts(&self) -> Option<Vec<i16>> {
        let (count, channels) = (self.upper.len(), self.widths.len());
        if channels == 0 || !count.is_multiple_of(channels) || self.lower.len() != count.div_ceil(4) {
            return None;
        }
        let low = |i: usize| i16::from(self.lower[i / 4] >> (i % 4 * 2) & 3);
        Some(self.upper.iter().enumerate().map(|(i, upper)| i16::from(*upper) * 4 + low(i)).collect())
    }

    /// The values, or `None` when the parts do not belong together.
    pub fn values(&self) -> Option<Vec<f32>> {
        Some(values_of_steps(&self.counts()?, &self.widths))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_to_half_a_step() {
        let values: Vec<f32> = (0..3 * 7).map(|i| (i as f32 * 1.7).sin() * [1.0, 100.0, 0.0][i % 3]).collect();
        let steps = Steps::of(&values, 3);
        let found = steps.values().expect("the parts belong together");
        for (i, (found, value)) in found.iter().zip(&values).enumerate() {
            assert!((found - value).abs() <= steps.widths[i % 3] * 0.501, "{i}: {found}, not {value}");
        }
        // The largest of a channel is exact, whatever its sign.
        let ends = Steps::of(&[-2.0, 3.0, 1.0, -3.0], 2).values();
        assert_eq!(ends.map(|it| [it[0], it[1], it[3]]), Some([-2.0, 3.0, -3.0]));
    }

    #[test]
    fn parts_of_different_tensors_are_refused() {
        let steps = || Steps::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3);
        assert!(steps().values().is_some());
        assert!(Steps { lower: vec![0], ..steps() }.values().is_none());
        assert!(Steps { widths: vec![1.0; 4], ..steps() }.values().is_none());
        assert!(Steps { widths: vec![], ..steps() }.values().is_none());
    }
}
