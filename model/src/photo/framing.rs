//! Where a network looks in a photo: the one owner of the map between photo coordinates and network coordinates.
//!
//! Photo coordinates are pixels, `x` right and `y` down from the top left corner of the top left pixel, so that a photo
//! covers `[0, width] x [0, height]`. Network coordinates are the same on the network's input.

use serde::{Deserialize, Serialize};

use crate::structures::boxes::BBox;

/// A region of a photo, stretched onto the input of a network. The region may reach past the photo.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Framing {
    /// The region in photo pixels.
    region: BBox,
    /// Width and height of the network's input in pixels.
    network: (u32, u32),
}

impl Framing {
    /// The whole photo squashed onto the network's input, its aspect given up: what SSD does (no letterbox).
    ///
    /// # Arguments
    /// * `photo` - width and height of the photo in pixels, both at least 1.
    /// * `network` - width and height of the network's input in pixels, both at least 1.
    #[must_use]
    pub fn squash(photo: (u32, u32), network: (u32, u32)) -> Self {
        Self::crop(BBox::new(0.0, 0.0, photo.0 as f32, photo.1 as f32), network)
    }

    /// A region of the photo stretched onto the network's input. With a region of the input's aspect (see
    /// [`Framing::square_around`]) nothing is distorted.
    ///
    /// # Arguments
    /// * `region` - in photo pixels; it may reach past the photo. A side of less than a millionth of a pixel, or one
    ///   that is not a number, becomes a millionth, so that the map can always be inverted.
    /// * `network` - width and height of the network's input in pixels, both at least 1.
    #[must_use]
    pub fn crop(region: BBox, network: (u32, u32)) -> Self {
        const SMALLEST: f32 = 1e-6;
        let [x, y, width, height] = region.to_xywh();
        // `max` also turns NaN into the other operand.
        let region = BBox::new(x, y, x + width.max(SMALLEST), y + height.max(SMALLEST));
        Self { region, network: (network.0.max(1), network.1.max(1)) }
    }

    /// The square round a box with the same centre: its side is the longer side of the box times `margin`.
    #[must_use]
    pub fn square_around(bbox: &BBox, margin: f32) -> BBox {
        let (cx, cy) = bbox.centre();
        let half = bbox.width().max(bbox.height()) * margin / 2.0;
        BBox::new(cx - half, cy - half, cx + half, cy + half)
    }

    /// The region in photo pixels.
    #[must_use]
    pub const fn region(&self) -> &BBox {
        &self.region
    }

    /// Width and height of the network's input in pixels.
    #[must_use]
    pub const fn network(&self) -> (u32, u32) {
        self.network
    }

    /// Photo pixels in one network pixel, across and down.
    #[must_use]
    pub fn photo_per_network(&self) -> (f32, f32) {
        (self.region.width() / self.network.0 as f32, self.region.height() / self.network.1 as f32)
    }

    /// A point of the network's input, in its pixels, as photo pixels.
    #[must_use]
    pub fn point_to_photo(&self, (x, y): (f32, f32)) -> (f32, f32) {
        self.fraction_to_photo((x / self.network.0 as f32, y / self.network.1 as f32))
    }

    /// A point in fractions of the network's input (0 to 1) as photo pixels.
    #[must_use]
    pub fn fraction_to_photo(&self, (x, y): (f32, f32)) -> (f32, f32) {
        (self.region.x0 + x * self.region.width(), self.region.y0 + y * self.region.height())
    }

    /// A point of the photo, in its pixels, as network pixels.
    #[must_use]
    pub fn point_to_network(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let fraction = ((x - self.region.x0) / self.region.width(), (y - self.region.y0) / self.region.height());
        (fraction.0 * self.network.0 as f32, fraction.1 * self.network.1 as f32)
    }

    /// A box in network pixels as a box in photo pixels (not clipped to the photo).
    #[must_use]
    pub fn to_photo(&self, bbox: &BBox) -> BBox {
        map_corners(bbox, |point| self.point_to_photo(point))
    }

    /// A box in fractions of the network's input (0 to 1) as a box in photo pixels (not clipped to the photo).
    #[must_use]
    pub fn fractions_to_photo(&self, bbox: &BBox) -> BBox {
        map_corners(bbox, |point| self.fraction_to_photo(point))
    }

    /// A box in photo pixels as a box in network pixels (not clipped to the input).
    #[must_use]
    pub fn to_network(&self, bbox: &BBox) -> BBox {
        map_corners(bbox, |point| self.point_to_network(point))
    }
}

fn map_corners(bbox: &BBox, map: impl Fn((f32, f32)) -> (f32, f32)) -> BBox {
    let ((x0, y0), (x1, y1)) = (map((bbox.x0, bbox.y0)), map((bbox.x1, bbox.y1)));
    BBox::new(x0, y0, x1, y1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD_SIZES: [(u32, u32); 5] = [(1, 1), (1, 8000), (8000, 1), (333, 777), (9999, 5001)];

    fn close(a: &BBox, b: &BBox, tolerance: f32) -> bool {
        [(a.x0, b.x0), (a.y0, b.y0), (a.x1, b.x1), (a.y1, b.y1)].iter().all(|(a, b)| (a - b).abs() <= tolerance)
    }

    #[test]
    fn a_squashed_photo_fills_the_input() {
        for photo in ODD_SIZES {
            let framing = Framing::squash(photo, (300, 300));
            let whole = BBox::new(0.0, 0.0, photo.0 as f32, photo.1 as f32);
            assert!(close(&framing.to_network(&whole), &BBox::new(0.0, 0.0, 300.0, 300.0), 1e-4));
            assert_eq!(framing.fractions_to_photo(&BBox::new(0.0, 0.0, 1.0, 1.0)), whole);
            assert_eq!(framing.to_photo(&BBox::new(0.0, 0.0, 300.0, 300.0)), whole);
        }
    }

    #[test]
    fn there_and_back_again_on_odd_sizes() {
        for photo in ODD_SIZES {
            let (width, height) = (photo.0 as f32, photo.1 as f32);
            let person = BBox::new(0.21 * width, 0.33 * height, 0.77 * width, 0.98 * height);
            let square = Framing::square_around(&person, 1.25);
            for framing in [Framing::squash(photo, (300, 300)), Framing::crop(square, (192, 192))] {
                let back = framing.to_photo(&framing.to_network(&person));
                // Single precision: a few units in the last place of the longer side.
                assert!(close(&back, &person, width.max(height) * 1e-6), "{photo:?}: {person:?} became {back:?}");
            }
        }
    }

    #[test]
    fn a_square_keeps_the_aspect_and_may_reach_out() {
        let square = Framing::square_around(&BBox::new(0.0, 10.0, 20.0, 110.0), 1.25);
        assert_eq!(square, BBox::new(-52.5, -2.5, 72.5, 122.5));
        let framing = Framing::crop(square, (192, 192));
        let (across, down) = framing.photo_per_network();
        assert!((across - down).abs() < 1e-6);
        assert_eq!(framing.point_to_network((-52.5, -2.5)), (0.0, 0.0));
        assert_eq!(framing.point_to_photo((96.0, 96.0)), (10.0, 60.0));
    }

    #[test]
    fn an_empty_or_nonsensical_region_still_maps_to_numbers() {
        for region in [BBox::new(5.0, 5.0, 5.0, 5.0), BBox::new(5.0, 5.0, 1.0, f32::NAN)] {
            let (x, y) = Framing::crop(region, (0, 192)).point_to_network((5.0, 5.0));
            assert!(x.is_finite() && y.is_finite());
        }
    }
}
