//! Softmax and cross-entropy.

/// What a batch of scores says about its labels.
pub struct Judgement {
    /// The mean cross-entropy in nats; not finite where a score is not.
    pub loss: f32,
    /// How many of the batch have their largest score at the label.
    pub right: usize,
    /// The gradient of the mean with respect to the scores, `[batch, classes]`.
    pub gradient: Vec<f32>,
}

/// # Shapes
/// `scores` `[batch, classes]`, `labels` `[batch]`.
pub fn cross_entropy(scores: &[f32], labels: &[u8], classes: usize) -> Judgement {
    let share = 1.0 / labels.len().max(1) as f32;
    let (mut sum, mut right, mut gradient) = (0.0_f64, 0, Vec::with_capacity(scores.len()));
    for (row, label) in scores.chunks_exact(classes).zip(labels) {
        let label = usize::from(*label);
        right += usize::from(largest(row) == Some(label));
        let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let start = gradient.len();
        gradient.extend(row.iter().map(|score| libm::expf(score - top)));
        let total: f32 = gradient[start..].iter().sum();
        sum += f64::from(libm::logf(total) - (row[label] - top));
        for value in &mut gradient[start..] {
            *value = *value / total * share;
        }
        gradient[start + label] -= share;
    }
    Judgement { loss: (sum * f64::from(share)) as f32, right, gradient }
}

/// The place of the largest score, the first of equal ones; none where a score is not a number.
pub fn largest(scores: &[f32]) -> Option<usize> {
    if scores.iter().any(|score| score.is_nan()) {
        return None;
    }
    (0..scores.len()).reduce(|best, i| if scores[i] > scores[best] { i } else { best })
}
