//! Weights in ten or twelve bits: whole levels with a scale for each output channel (see [`super::quantization`]).
//!
//! A file holds the upper eight bits and the lower two or four apart. The lower ones are noise to a compressor, the upper eight
//! are not: a web server's compression takes them down by a seventh, which it cannot do to float16.

use super::quantization::dequantize;

/// How finely a tensor is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// Levels from -511 to 511.
    Ten,
    /// Levels from -2047 to 2047.
    Twelve,
}

impl Bits {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ten, Self::Twelve];

    /// Bits below the upper eight.
    const fn lower(self) -> usize {
        match self {
            Self::Ten => 2,
            Self::Twelve => 4,
        }
    }

    /// The largest level, up or down.
    const fn max_level(self) -> i16 {
        (1 << (7 + self.lower())) - 1
    }

    /// The name of the tensor that holds another one's lower bits.
    pub fn lower_name(self, name: &str) -> String {
        match self {
            Self::Ten => format!("{name}.lower"),
            Self::Twelve => format!("{name}.lower_four"),
        }
    }
}

/// The name of the tensor that holds another one's scales.
pub fn scales_name(name: &str) -> String {
    format!("{name}.widths")
}

/// A tensor as it is stored.
pub struct Levels {
    /// How finely.
    pub bits: Bits,
    /// The upper eight bits of each level, in the tensor's order.
    pub upper: Vec<i8>,
    /// The lower bits of each, four or two in a byte, the first one lowest.
    pub lower: Vec<u8>,
    /// The scale of each channel's levels (the tensor's last axis).
    pub scales: Vec<f32>,
}

impl Levels {
    /// Quantizes a tensor.
    ///
    /// # Arguments
    /// * `values` - finite; row-major, `channels` a row.
    pub fn of(values: &[f32], channels: usize, bits: Bits) -> Self {
        let mut largest = vec![0f32; channels];
        for row in values.chunks_exact(channels) {
            for (largest, value) in largest.iter_mut().zip(row) {
                *largest = largest.max(value.abs());
            }
        }
        let max = f32::from(bits.max_level());
        let scales: Vec<f32> = largest.iter().map(|largest| largest / max).collect();
        let (width, mut upper) = (bits.lower(), Vec::with_capacity(values.len()));
        let mut lower = vec![0; values.len().div_ceil(8 / width)];
        for (i, value) in values.iter().enumerate() {
            let scale = scales[i % channels];
            let level = if scale > 0.0 { (value / scale).round().clamp(-max, max) as i16 } else { 0 };
            // Shifting keeps the sign: the lower bits count upwards from the multiple below.
            upper.push((level >> width) as i8);
            lower[i * width / 8] |= ((level & ((1 << width) - 1)) as u8) << (i * width % 8);
        }
        Self { bits, upper, lower, scales }
    }

    /// The levels, or `None` when the parts do not belong together.
    pub fn levels(&self) -> Option<Vec<i16>> {
        let (count, channels, width) = (self.upper.len(), self.scales.len(), self.bits.lower());
        if channels == 0 || !count.is_multiple_of(channels) || self.lower.len() != count.div_ceil(8 / width) {
            return None;
        }
        let low = |i: usize| i16::from(self.lower[i * width / 8] >> (i * width % 8)) & ((1 << width) - 1);
        Some(self.upper.iter().enumerate().map(|(i, upper)| (i16::from(*upper) << width) + low(i)).collect())
    }

    /// The values, or `None` when the parts do not belong together.
    pub fn values(&self) -> Option<Vec<f32>> {
        Some(dequantize(&self.levels()?, &self.scales))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::quantization::MAX_LEVEL;

    #[test]
    fn values_come_back_to_half_a_level() {
        let values: Vec<f32> = (0..3 * 7).map(|i| (i as f32 * 1.7).sin() * [1.0, 100.0, 0.0][i % 3]).collect();
        for bits in Bits::ALL {
            let stored = Levels::of(&values, 3, bits);
            let found = stored.values().expect("the parts belong together");
            for (i, (found, value)) in found.iter().zip(&values).enumerate() {
                assert!((found - value).abs() <= stored.scales[i % 3] * 0.501, "{i}: {found}, not {value}");
            }
            // The largest of a channel is exact, whatever its sign.
            let ends = Levels::of(&[-2.0, 3.0, 1.0, -3.0], 2, bits).values().expect("the parts belong together");
            for (found, value) in [ends[0], ends[1], ends[3]].into_iter().zip([-2.0, 3.0, -3.0]) {
                assert!((found - value).abs() < 1e-6, "{found}, not {value}");
            }
            assert!(bits.max_level() <= MAX_LEVEL);
        }
        assert_eq!(Levels::of(&[-2047.0, 5.0], 1, Bits::Twelve).levels(), Some(vec![-2047, 5]));
        assert_eq!(Levels::of(&[-511.0, 5.0], 1, Bits::Ten).levels(), Some(vec![-511, 5]));
    }

    #[test]
    fn parts_of_different_tensors_are_refused() {
        let stored = || Levels::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, Bits::Ten);
        assert!(stored().values().is_some());
        assert!(Levels { lower: vec![0], ..stored() }.values().is_none());
        assert!(Levels { bits: Bits::Twelve, ..stored() }.values().is_none());
        assert!(Levels { scales: vec![1.0; 4], ..stored() }.values().is_none());
        assert!(Levels { scales: vec![], ..stored() }.values().is_none());
    }
}
