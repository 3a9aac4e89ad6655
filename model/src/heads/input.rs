//! The pixels that a network on the backbone reads.

use burn::tensor::{Device, Tensor};

use crate::{
    ops::tensor_from,
    photo::{Framing, Photo, sample_bilinear_tf},
};

/// The whole photo squashed to a square.
///
/// # Arguments
/// * `side` - of the square, in pixels.
///
/// # Returns
/// `[1, side, side, 3]`, RGB in `[-1, 1]`.
#[must_use]
pub fn squashed(photo: &Photo, side: usize, device: &Device) -> Tensor<4> {
    // A side has few pixels.
    input(photo, &[Framing::squash(photo.size(), (side as u32, side as u32))], device)
}

/// Parts of a photo as a batch.
///
/// # Arguments
/// * `framings` - at least one, all of one size of the network's input.
///
/// # Returns
/// `[framings, height, width, 3]`, RGB in `[-1, 1]`.
#[must_use]
pub fn input(photo: &Photo, framings: &[Framing], device: &Device) -> Tensor<4> {
    let (width, height) = framings[0].network();
    let (width, height) = (width as usize, height as usize);
    let mut batch = Vec::new();
    for framing in framings {
        let mut values = sample_bilinear_tf(photo, framing);
        for value in &mut values {
            *value = *value * (2.0 / 255.0) - 1.0;
        }
        // A batch of one is not copied.
        if batch.is_empty() { batch = values } else { batch.extend(values) }
    }
    tensor_from(batch, [framings.len(), height, width, 3], device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structures::boxes::BBox;

    #[test]
    fn parts_of_a_photo_lie_one_behind_the_other() {
        // Black on the left, white on the right.
        let rgba = [[0, 0, 0, 255], [0, 0, 0, 255], [255, 255, 255, 255], [255, 255, 255, 255]].concat().repeat(4);
        let photo = Photo::from_rgba(4, 4, rgba).expect("as many pixels");
        let half = |x: f32| Framing::crop(BBox::new(x, 0.0, x + 2.0, 4.0), (2, 3));
        let batch = input(&photo, &[half(0.0), half(2.0)], &Device::flex());
        assert_eq!(batch.dims(), [2, 3, 2, 3]);
        let values: Vec<f32> = batch.into_data().try_into_vec().expect("floats");
        assert!(values[..18].iter().all(|&v| v == -1.0) && values[18..].iter().all(|&v| (v - 1.0).abs() < 1e-6));
    }
}
