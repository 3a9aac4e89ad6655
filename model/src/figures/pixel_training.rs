//! A last layer that is trained on the pixels of one photo: a 1x1 convolution of the class scores, by gradient descent on the mean
//! cross entropy (Long et al. 2015, "Fully Convolutional Networks for Semantic Segmentation").

/// A 1x1 convolution from as many scores as classes to as many.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreLayer {
    classes: usize,
    /// `[in, out]`.
    weights: Vec<f32>,
    biases: Vec<f32>,
}

impl ScoreLayer {
    /// The layer that changes nothing.
    #[must_use]
    pub fn identity(classes: usize) -> Self {
        let weight = |i: usize| f32::from(u8::from(i / classes == i % classes));
        Self { classes, weights: (0..classes * classes).map(weight).collect(), biases: vec![0.0; classes] }
    }

    /// The probabilities of a cell's classes after the layer.
    ///
    /// # Arguments
    /// * `scores` - the cell's; logarithms of probabilities serve as well as logits.
    #[must_use]
    pub fn probabilities(&self, scores: &[f32]) -> Vec<f32> {
        let mut out = self.biases.clone();
        for (score, row) in scores.iter().zip(self.weights.chunks_exact(self.classes)) {
            out.iter_mut().zip(row).for_each(|(sum, weight)| *sum += score * weight);
        }
        let most = out.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        out.iter_mut().for_each(|it| *it = (*it - most).exp());
        let sum: f32 = out.iter().sum();
        out.into_iter().map(|it| it / sum).collect()
    }

    /// A step of gradient descent on the mean cross entropy of cells.
    ///
    /// # Arguments
    /// * `cells` - the scores of each with its true class.
    /// * `rate` - the learning rate.
    ///
    /// # Returns
    /// The mean before the step; `None` without cells.
    pub fn step<'a>(&mut self, cells: impl Iterator<Item = (&'a [f32], usize)>, rate: f32) -> Option<f32> {
        let mut by_weights = vec![0.0_f32; self.weights.len()];
        let mut by_biases = vec![0.0_f32; self.classes];
        let (mut sum, mut count) = (0.0, 0.0);
        for (scores, truth) in cells {
            let mut gradient = self.probabilities(scores);
            sum -= gradient.get(truth)?.max(f32::MIN_POSITIVE).ln();
            count += 1.0;
            gradient[truth] -= 1.0;
            by_biases.iter_mut().zip(&gradient).for_each(|(to, it)| *to += it);
            for (score, row) in scores.iter().zip(by_weights.chunks_exact_mut(self.classes)) {
                row.iter_mut().zip(&gradient).for_each(|(to, it)| *to += score * it);
            }
        }
        if count == 0.0 {
            return None;
        }
        let by = rate / count;
        self.weights.iter_mut().zip(by_weights).for_each(|(weight, it)| *weight -= by * it);
        self.biases.iter_mut().zip(by_biases).for_each(|(bias, it)| *bias -= by * it);
        Some(sum / count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_keeps_probabilities_and_steps_lower_the_loss() {
        let cells = [([0.7_f32, 0.2, 0.1], 1), ([0.1, 0.8, 0.1], 1), ([0.3, 0.3, 0.4], 2)];
        let scores: Vec<Vec<f32>> = cells.iter().map(|it| it.0.iter().map(|p| p.ln()).collect()).collect();
        let mut layer = ScoreLayer::identity(3);
        for (cell, scores) in cells.iter().zip(&scores) {
            assert!(layer.probabilities(scores).iter().zip(cell.0).all(|(a, b)| (a - b).abs() < 1e-6));
        }
        let truth = || scores.iter().zip(&cells).map(|(scores, cell)| (&scores[..], cell.1));
        let first = layer.step(truth(), 0.05).expect("three cells");
        assert!((first + (0.2_f32.ln() + 0.8_f32.ln() + 0.4_f32.ln()) / 3.0).abs() < 1e-5);
        let mut before = first;
        for _ in 0..50 {
            let now = layer.step(truth(), 0.05).expect("three cells");
            assert!(now < before);
            before = now;
        }
        assert_eq!(layer.step(std::iter::empty(), 0.1), None);
    }
}
