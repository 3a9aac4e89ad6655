//! TensorFlow's "same" padding.

/// Computes outputs and leading padding of TensorFlow's "same" convolution along one axis.
///
/// # Returns
/// `(outputs, padding before the first pixel)`.
#[must_use]
pub fn same_padding(size: usize, kernel: usize, stride: usize) -> (usize, usize) {
    let out = size.div_ceil(stride);
    let total = ((out - 1) * stride + kernel).saturating_sub(size);
    (out, total / 2)
}

#[cfg(test)]
mod tests {
    use super::same_padding;

    #[test]
    fn same_padding_is_tensorflows() {
        assert_eq!(same_padding(300, 3, 2), (150, 0)); // 1 pixel of padding, at the end
        assert_eq!(same_padding(75, 3, 2), (38, 1));
        assert_eq!(same_padding(19, 3, 1), (19, 1));
        assert_eq!(same_padding(1, 3, 2), (1, 1));
        assert_eq!(same_padding(2, 3, 2), (1, 0));
    }
}
