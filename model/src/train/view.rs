//! What the network sees of a photo while training: a crop, perhaps mirrored. The owner of the map between a photo and
//! its view.

use image::GrayImage;
use serde::{Deserialize, Serialize};

use crate::{
    heads::ssd::INPUT,
    photo::{Framing, Photo, sample_bilinear_tf},
    random::Random,
    structures::boxes::BBox,
};

/// A crop of a photo, stretched to the network's input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Set and name of the photo, e.g. `animals/2007_000063`.
    pub photo: String,
    /// The crop in fractions of the photo.
    pub crop: BBox,
    /// Whether left and right are exchanged.
    pub mirror: bool,
}

impl View {
    /// The whole photo.
    #[must_use]
    pub fn whole(photo: &str) -> Self {
        Self { photo: photo.to_owned(), crop: BBox::new(0.0, 0.0, 1.0, 1.0), mirror: false }
    }

    /// A random crop that keeps at least `least` of each side, mirrored half of the time.
    #[must_use]
    pub fn random(photo: &str, least: f32, random: &mut Random) -> Self {
        let mut side = || {
            let length = least + (1.0 - least) * random.uniform();
            let start = (1.0 - length) * random.uniform();
            (start, start + length)
        };
        let ((x0, x1), (y0, y1)) = (side(), side());
        Self { photo: photo.to_owned(), crop: BBox::new(x0, y0, x1, y1), mirror: random.uniform() < 0.5 }
    }

    /// What the network reads: `[300, 300, 3]`, RGB in `[-1, 1]`, as [`crate::heads::ssd::Ssd::input`] gives it for the
    /// whole photo.
    #[must_use]
    pub fn input(&self, photo: &Photo) -> Vec<f32> {
        self.input_at(photo, INPUT)
    }

    /// As [`View::input`], for a network with another square input.
    ///
    /// # Arguments
    /// * `side` - pixels of the input along each axis.
    ///
    /// # Returns
    /// `[side, side, 3]`.
    #[must_use]
    pub fn input_at(&self, photo: &Photo, side: usize) -> Vec<f32> {
        let region = self.crop.scale(photo.width() as f32, photo.height() as f32);
        let framing = Framing::crop(region, (side as u32, side as u32));
        let mut values = sample_bilinear_tf(photo, &framing);
        for value in &mut values {
            *value = *value * (2.0 / 255.0) - 1.0;
        }
        if self.mirror {
            for row in values.chunks_exact_mut(side * 3) {
                for i in 0..side / 2 {
                    let j = side - 1 - i;
                    for channel in 0..3 {
                        row.swap(i * 3 + channel, j * 3 + channel);
                    }
                }
            }
        }
        values
    }

    /// The mask's value at the centre of each of the network's pixels, `[300, 300]`.
    #[must_use]
    pub fn labels(&self, mask: &GrayImage) -> Vec<u8> {
        self.labels_at(mask, INPUT)
    }

    /// As [`View::labels`], for a network with another square input.
    ///
    /// # Arguments
    /// * `side` - pixels of the input along each axis.
    ///
    /// # Returns
    /// `[side, side]`.
    #[must_use]
    pub fn labels_at(&self, mask: &GrayImage, side: usize) -> Vec<u8> {
        let place = |i: usize, start: f32, length: f32, size: u32| {
            let at = start + (i as f32 + 0.5) / side as f32 * length;
            ((at * size as f32) as u32).min(size - 1)
        };
        let columns: Vec<u32> = (0..side)
            .map(|i| {
                let i = if self.mirror { side - 1 - i } else { i };
                place(i, self.crop.x0, self.crop.width(), mask.width())
            })
            .collect();
        (0..side)
            .flat_map(|i| {
                let y = place(i, self.crop.y0, self.crop.height(), mask.height());
                columns.iter().map(move |&x| mask.get_pixel(x, y).0[0])
            })
            .collect()
    }

    /// A box in fractions of the photo as fractions of the view, not clipped.
    #[must_use]
    pub fn bbox(&self, bbox: &BBox) -> BBox {
        let x = |x: f32| (x - self.crop.x0) / self.crop.width();
        let y = |y: f32| (y - self.crop.y0) / self.crop.height();
        let (x0, x1) = (x(bbox.x0), x(bbox.x1));
        let (x0, x1) = if self.mirror { (1.0 - x1, 1.0 - x0) } else { (x0, x1) };
        BBox::new(x0, y(bbox.y0), x1, y(bbox.y1))
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn boxes_and_labels_move_together() {
        // The right half of a mask is 7, and a box says so.
        let mask = GrayImage::from_fn(40, 20, |x, _| Luma([if x >= 20 { 7 } else { 0 }]));
        let half = BBox::new(0.5, 0.0, 1.0, 1.0);
        for mirror in [false, true] {
            let view = View { photo: String::new(), crop: BBox::new(0.25, 0.0, 1.0, 0.5), mirror };
            let (labels, bbox) = (view.labels(&mask), view.bbox(&half));
            for (x, &label) in labels[..INPUT].iter().enumerate() {
                let centre = (x as f32 + 0.5) / INPUT as f32;
                assert_eq!(label == 7, (bbox.x0..bbox.x1).contains(&centre), "column {x}, mirror {mirror}");
            }
        }
    }

    #[test]
    fn the_whole_photo_is_the_detector_s_input() {
        let photo = Photo::from_rgb(5, 4, (0..60).map(|i| i * 4).collect()).unwrap();
        let input: Vec<f32> =
            crate::heads::ssd::Ssd::input(&photo, &burn::tensor::Device::flex()).into_data().try_into_vec().unwrap();
        let view = View::whole("a");
        assert_eq!(view.input(&photo), input);
        let mirrored = View { mirror: true, ..view }.input(&photo);
        assert_eq!(mirrored[..3], input[299 * 3..300 * 3]);
    }
}
