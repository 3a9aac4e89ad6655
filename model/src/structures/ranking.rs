//! Classes by their probabilities.

/// Classes with their probabilities, likeliest first; of equals the first.
///
/// # Arguments
/// * `probabilities` - of each class.
/// * `count` - at most so many.
///
/// # Returns
/// Places among `probabilities` with what stands there.
#[must_use]
pub fn ranked(probabilities: &[f32], count: usize) -> Vec<(usize, f32)> {
    let mut ranked: Vec<(usize, f32)> = probabilities.iter().copied().enumerate().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.truncate(count);
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_class_is_first_and_equals_keep_their_order() {
        assert_eq!(ranked(&[0.1, 0.4, 0.1, 0.4], 9), [(1, 0.4), (3, 0.4), (0, 0.1), (2, 0.1)]);
        assert_eq!((ranked(&[0.1, 0.6, 0.3], 2), ranked(&[], 1)), (vec![(1, 0.6), (2, 0.3)], vec![]));
    }
}
