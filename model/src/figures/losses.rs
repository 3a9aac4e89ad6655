//! Losses of one thing: what class it is, and where (Girshick 2015, "Fast R-CNN", section 2.3), with their gradients.

/// A regression loss of an error in one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Regression {
    /// Half the square.
    L2,
    /// The absolute value.
    L1,
    /// Half the square over the bend up to the bend, a line of slope 1 beyond.
    SmoothL1 {
        /// Where the square becomes a line.
        bend: f64,
    },
}

impl Regression {
    /// The loss of an error.
    #[must_use]
    pub fn loss(self, error: f64) -> f64 {
        let size = error.abs();
        match self {
            Self::L2 => size * size / 2.0,
            Self::L1 => size,
            Self::SmoothL1 { bend } if size < bend => size * size / (2.0 * bend),
            Self::SmoothL1 { bend } => size - bend / 2.0,
        }
    }

    /// Its derivative; 0 where there is none.
    #[must_use]
    pub fn slope(self, error: f64) -> f64 {
        match self {
            Self::L2 => error,
            Self::L1 if error == 0.0 => 0.0,
            Self::L1 => error.signum(),
            Self::SmoothL1 { bend } => (error / bend).clamp(-1.0, 1.0),
        }
    }
}

/// Cross entropy after softmax: minus the logarithm of the true class's probability.
#[must_use]
pub fn cross_entropy(probability: f64) -> f64 {
    // The smallest probability that single precision tells from 0.
    -probability.max(f64::from(f32::MIN_POSITIVE)).ln()
}

/// The margin loss of a multi-class SVM on the same scores (Weston and Watkins 1999): how far each wrong class comes nearer than 1 to
/// the true one's score. Scores are logarithms of probabilities, which logits are up to a shift that cancels.
#[must_use]
pub fn margin_loss(probabilities: &[f64], truth: usize) -> f64 {
    let score = |p: f64| -cross_entropy(p);
    let Some(&own) = probabilities.get(truth) else { return 0.0 };
    let others = probabilities.iter().enumerate().filter(|it| it.0 != truth);
    others.map(|(_, &p)| (1.0 + score(p) - score(own)).max(0.0)).sum()
}

/// The length of cross entropy's gradient with respect to the class scores: that of the probabilities less 1 at the true class.
///
/// # Arguments
/// * `probabilities` - of all classes.
/// * `truth` - an index into them.
#[must_use]
pub fn class_gradient(probabilities: &[f64], truth: usize) -> f64 {
    let part = |(class, &p): (usize, &f64)| if class == truth { p - 1.0 } else { p };
    probabilities.iter().enumerate().map(part).map(|it| it * it).sum::<f64>().sqrt()
}

/// The length of a regression loss's gradient with respect to the numbers of the box.
#[must_use]
pub fn box_gradient(loss: Regression, errors: &[f64]) -> f64 {
    errors.iter().map(|&it| loss.slope(it).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_by_hand() {
        let smooth = Regression::SmoothL1 { bend: 0.5 };
        assert_eq!([Regression::L2, Regression::L1, smooth].map(|it| it.loss(-2.0)), [2.0, 2.0, 1.75]);
        assert_eq!(
            [Regression::L2, Regression::L1, smooth].map(|it| it.loss(0.1)).map(|it| (it * 1e6).round()),
            [5e3, 1e5, 1e4]
        );
        assert!((cross_entropy(0.5) - 2f64.ln()).abs() < 1e-12 && cross_entropy(0.0).is_finite());
        assert!((margin_loss(&[0.25, 0.25, 0.5], 2) - 2.0 * (1.0 - 2f64.ln())).abs() < 1e-12);
        assert_eq!((margin_loss(&[0.01, 0.98, 0.01], 1), margin_loss(&[], 0)), (0.0, 0.0));
        assert_eq!(class_gradient(&[0.0, 1.0], 1), 0.0);
        assert!((class_gradient(&[0.5, 0.5], 0) - 0.5f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn slopes_are_those_of_the_losses() {
        for loss in [Regression::L2, Regression::L1, Regression::SmoothL1 { bend: 0.05 }] {
            for error in [-0.4, -0.03, 0.01, 0.2] {
                let numeric = (loss.loss(error + 1e-6) - loss.loss(error - 1e-6)) / 2e-6;
                assert!((numeric - loss.slope(error)).abs() < 1e-5, "{loss:?} at {error}");
            }
        }
        assert!((box_gradient(Regression::L1, &[0.1, -0.2, 0.0, 3.0]) - 3f64.sqrt()).abs() < 1e-12);
    }
}
