//! Padding of convolutions.

/// What a convolution computes at its map's edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// TensorFlow's "same": zeros round the map, so that there are as many outputs as steps.
    Same,
    /// TensorFlow's "valid": only windows that lie inside the map.
    Valid,
}

impl Padding {
    /// Outputs and leading padding along one axis.
    ///
    /// # Returns
    /// `(outputs, padding before the first pixel)`; no outputs where a valid window is larger than the map.
    #[must_use]
    pub fn outputs(self, size: usize, kernel: usize, stride: usize) -> (usize, usize) {
        match self {
            Self::Same => same_padding(size, kernel, stride),
            Self::Valid => ((size + 1).saturating_sub(kernel).div_ceil(stride), 0),
        }
    }
}

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
    use super::{Padding, same_padding};

    #[test]
    fn same_padding_is_tensorflows() {
        assert_eq!(same_padding(300, 3, 2), (150, 0)); // 1 pixel of padding, at the end
        assert_eq!(same_padding(75, 3, 2), (38, 1));
        assert_eq!(same_padding(19, 3, 1), (19, 1));
        assert_eq!(same_padding(1, 3, 2), (1, 1));
        assert_eq!(same_padding(2, 3, 2), (1, 0));
    }

    #[test]
    fn valid_windows_lie_inside() {
        assert_eq!(Padding::Valid.outputs(9, 3, 1), (7, 0));
        assert_eq!(Padding::Valid.outputs(9, 3, 2), (4, 0));
        assert_eq!(Padding::Valid.outputs(10, 3, 2), (4, 0));
        assert_eq!(Padding::Valid.outputs(2, 3, 1), (0, 0));
        assert_eq!(Padding::Same.outputs(75, 3, 2), same_padding(75, 3, 2));
    }
}
