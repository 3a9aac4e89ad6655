//! Upsampling.

use burn::tensor::Tensor;

/// Doubles the size by bilinear interpolation between pixel centres (TensorFlow's `ResizeBilinear` with half-pixel
/// centres, Keras' `UpSampling2D`).
///
/// At twice the size every output lies a quarter of a pixel from one input and three quarters from the next, so the
/// four phases are weighted sums of the map and its shifted selves; the border repeats.
///
/// # Arguments
/// * `x` - `[batch, height, width, channels]`.
///
/// # Returns
/// `[batch, 2 * height, 2 * width, channels]`.
#[must_use]
pub fn bilinear_double(x: Tensor<4>) -> Tensor<4> {
    double_along(double_along(x, 1), 2)
}

/// Doubles axis 1 (rows) or 2 (columns).
fn double_along(x: Tensor<4>, axis: usize) -> Tensor<4> {
    let mut shape = x.dims();
    let size = shape[axis];
    // The map moved by one pixel, its border repeated; a single pixel is its own neighbour.
    let (before, after) = if size == 1 {
        (x.clone(), x.clone())
    } else {
        let (first, last) = (x.clone().narrow(axis, 0, 1), x.clone().narrow(axis, size - 1, 1));
        let (head, tail) = (x.clone().narrow(axis, 0, size - 1), x.clone().narrow(axis, 1, size - 1));
        (Tensor::cat(vec![first, head], axis), Tensor::cat(vec![tail, last], axis))
    };
    let near = x * 0.75;
    let phases = [near.clone() + before * 0.25, near + after * 0.25];
    // Interleave: each pixel is followed by its second phase.
    let interleaved = Tensor::cat(phases.map(|phase| phase.unsqueeze_dim::<5>(axis + 1)).to_vec(), axis + 1);
    shape[axis] = 2 * size;
    interleaved.reshape(shape)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn a_row_by_hand() {
        let x = Tensor::<1>::from_floats([0.0, 4.0, 8.0], &Device::flex()).reshape([1, 1, 3, 1]);
        let doubled: Vec<f32> = double_along(x, 2).into_data().try_into_vec().unwrap();
        assert_eq!(doubled, [0.0, 1.0, 3.0, 5.0, 7.0, 8.0]);
    }

    #[test]
    fn both_axes_and_channels() {
        let x = Tensor::<1>::from_floats([0.0, 10.0, 4.0, 10.0], &Device::flex()).reshape([1, 2, 1, 2]);
        let doubled = bilinear_double(x);
        assert_eq!(doubled.dims(), [1, 4, 2, 2]);
        let doubled: Vec<f32> = doubled.into_data().try_into_vec().unwrap();
        let first_channel: Vec<f32> = doubled.iter().copied().step_by(2).collect();
        assert_eq!(first_channel, [0.0, 0.0, 1.0, 1.0, 3.0, 3.0, 4.0, 4.0]);
        assert!(doubled.iter().skip(1).step_by(2).all(|&v| v == 10.0));
    }
}
