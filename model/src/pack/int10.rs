//! Weights in ten bits: whole levels with a scale for each output channel (see [`super::quantization`]).
//!
//! A file holds the upper eight bits and the lower two apart. The lower two are noise to a compressor, the upper eight
//! are not: a web server's compression takes them down by a seventh, which it cannot do to float16.

use super::quantization::{MAX_LEVEL, dequantize};

/// The largest level.
const MAX: f32 = MAX_LEVEL as f32;

/// The name of the tensor that holds another one's lower bits.
pub fn lower_name(name: &str) -> String {
    format!("{name}.lower")
}

/// The name of the tensor that holds another one's scales.
pub fn scales_name(name: &str) -> String {
    format!("{name}.widths")
}

/// A tensor as it is stored.
pub struct Int10 {
    /// The upper eight bits of each level, in the tensor's order.
    pub upper: Vec<i8>,
    /// The lower two bits of each, four in a byte, the first one lowest.
    pub lower: Vec<u8>,
    /// The scale of each channel's levels (the tensor's last axis).
    pub scales: Vec<f32>,
}

impl Int10 {
    /// Quantizes a tensor.
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
        let scales: Vec<f32> = largest.iter().map(|largest| largest / MAX).collect();
        let mut upper = Vec::with_capacity(values.len());
        let mut lower = vec![0; values.len().div_ceil(4)];
        for (i, value) in values.iter().enumerate() {
            let scale = scales[i % channels];
            let level = if scale > 0.0 { (value / scale).round().clamp(-MAX, MAX) as i16 } else { 0 };
            // Shifting keeps the sign: the lower bits count upwards from the multiple of four below.
            upper.push((level >> 2) as i8);
            lower[i / 4] |= ((level & 3) as u8) << (i % 4 * 2);
        }
        Self { upper, lower, scales }
    }

    /// The levels, or `None` when the parts do not belong together.
    pub fn levels(&self) -> Option<Vec<i16>> {
        let (count, channels) = (self.upper.len(), self.scales.len());
        if channels == 0 || !count.is_multiple_of(channels) || self.lower.len() != count.div_ceil(4) {
            return None;
        }
        let low = |i: usize| i16::from(self.lower[i / 4] >> (i % 4 * 2) & 3);
        Some(self.upper.iter().enumerate().map(|(i, upper)| i16::from(*upper) * 4 + low(i)).collect())
    }

    /// The values, or `None` when the parts do not belong together.
    pub fn values(&self) -> Option<Vec<f32>> {
        Some(dequantize(&self.levels()?, &self.scales))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_to_half_a_level() {
        let values: Vec<f32> = (0..3 * 7).map(|i| (i as f32 * 1.7).sin() * [1.0, 100.0, 0.0][i % 3]).collect();
        let stored = Int10::of(&values, 3);
        let found = stored.values().expect("the parts belong together");
        for (i, (found, value)) in found.iter().zip(&values).enumerate() {
            assert!((found - value).abs() <= stored.scales[i % 3] * 0.501, "{i}: {found}, not {value}");
        }
        // The largest of a channel is exact, whatever its sign.
        let ends = Int10::of(&[-2.0, 3.0, 1.0, -3.0], 2).values();
        assert_eq!(ends.map(|it| [it[0], it[1], it[3]]), Some([-2.0, 3.0, -3.0]));
    }

    #[test]
    fn parts_of_different_tensors_are_refused() {
        let stored = || Int10::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3);
        assert!(stored().values().is_some());
        assert!(Int10 { lower: vec![0], ..stored() }.values().is_none());
        assert!(Int10 { scales: vec![1.0; 4], ..stored() }.values().is_none());
        assert!(Int10 { scales: vec![], ..stored() }.values().is_none());
    }
}
