//! Initial values of a network before its training.

use crate::random::Random;

/// Generator of initial values, by the kind of a tensor.
pub(super) struct Untrained(Random);

impl Untrained {
    /// The same seed gives the same numbers.
    pub(super) fn new(seed: u64) -> Self {
        Self(Random::new(seed))
    }

    /// Initial values of a tensor: weights normal with variance 2 / (numbers that one output sums), embeddings small,
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
        (0..count).map(|_| self.0.normal() * deviation).collect()
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
