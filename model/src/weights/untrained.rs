//! The numbers of a network before its training.

/// A stream of random numbers (xorshift64*, Vigna 2016) that gives each tensor what its kind starts with.
pub(super) struct Untrained(u64);

impl Untrained {
    /// The same seed gives the same numbers.
    pub(super) fn new(seed: u64) -> Self {
        // The generator must not start at 0, and near seeds must not give near numbers.
        Self(seed.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1)
    }

    /// The first numbers of a tensor: weights normal with variance 2 / (numbers that one output sums), embeddings small,
    /// biases 0.
    pub(super) fn values(&mut self, name: &str, shape: &[usize]) -> Vec<f32> {
        let count = shape.iter().product();
        let deviation = match (name.rsplit('.').next(), shape.len()) {
            // Vectors are added, whatever they are called.
            (_, 1) => return vec![0.0; count],
            (Some("embedding"), _) => 0.05,
            // Depthwise: each output sums the window of one channel.
            (_, 3) => (2.0 / (shape[0] * shape[1]) as f32).sqrt(),
            // Transposed 2x2 at stride 2: `[in, 2, 2, out]`, each output sums the inputs of one place.
            (Some("spread"), _) => (2.0 / shape[0] as f32).sqrt(),
            (_, n) => (2.0 / shape[..n - 1].iter().product::<usize>() as f32).sqrt(),
        };
        (0..count).map(|_| self.normal() * deviation).collect()
    }

    fn uniform(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40;
        // 24 random bits in the middle of their interval: never 0, whose logarithm is not finite.
        (bits as f32 + 0.5) / 16_777_216.0
    }

    /// Box and Muller 1958.
    fn normal(&mut self) -> f32 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f32::consts::TAU * self.uniform()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_follow_the_inputs() {
        let mut untrained = Untrained::new(1);
        for (name, shape, expected) in [
            ("a.weight", &[50, 400][..], (2.0f32 / 50.0).sqrt()),
            ("a.weight", &[3, 3, 20, 100], (2.0f32 / 180.0).sqrt()),
            ("a.spread", &[40, 2, 2, 100], (2.0f32 / 40.0).sqrt()),
            ("a.embedding", &[300, 50], 0.05),
        ] {
            let values = untrained.values(name, shape);
            let mean = values.iter().sum::<f32>() / values.len() as f32;
            let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32).sqrt();
            assert!((deviation / expected - 1.0).abs() < 0.05, "{name}: {deviation} is not {expected}");
            assert!(mean.abs() < 0.05 * expected, "{name}: mean {mean}");
        }
        assert_eq!(untrained.values("a.bias", &[3]), [0.0; 3]);
        assert_eq!(untrained.values("common", &[2]), [0.0; 2]);
    }

    #[test]
    fn a_seed_repeats() {
        assert_eq!(Untrained::new(7).values("w", &[4, 4]), Untrained::new(7).values("w", &[4, 4]));
        assert_ne!(Untrained::new(7).values("w", &[4, 4]), Untrained::new(8).values("w", &[4, 4]));
    }
}
