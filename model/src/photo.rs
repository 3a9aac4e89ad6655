//! Photos: what a file holds ([`probe`]), upright pixels ([`Photo`]), and the one owner of the map between photo
//! coordinates and network coordinates ([`Framing`]).
//!
//! In the browser the page reads the header here and lets the browser decode (it applies the orientation and the colour
//! profile itself); natively, [`Photo::decode`] does all of it.

mod bytes;
#[cfg(feature = "native")]
mod decode;
mod error;
mod exif;
mod framing;
mod guided_filter;
mod header;
mod sample;

pub use error::PhotoError;
pub use framing::Framing;
pub use guided_filter::{GuidedFilter, OfColour, of_colour};
pub use header::{Format, PhotoHeader, probe};
pub use sample::{crop_and_resize, crop_at_centres, sample_bilinear_tf};

/// Photos with more pixels than this are refused before anything is decoded (100 megapixels: 400 MB as RGBA).
pub const MAX_PIXELS: u64 = 100_000_000;

/// An upright photo: 8-bit sRGB, opaque, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    width: u32,
    height: u32,
    /// Bytes per pixel: 3 (RGB) or 4 (RGBA whose alpha is not looked at).
    step: usize,
    pixels: Vec<u8>,
}

impl Photo {
    /// A photo from RGB bytes.
    ///
    /// # Errors
    /// [`PhotoError::NoPixels`] for an empty photo, [`PhotoError::WrongLength`] unless there are `width * height * 3` bytes.
    pub fn from_rgb(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, PhotoError> {
        Self::new(width, height, 3, pixels)
    }

    /// A photo from RGBA bytes, as a canvas gives them: already upright and composited on white, so that alpha can be
    /// ignored.
    ///
    /// # Errors
    /// [`PhotoError::NoPixels`] for an empty photo, [`PhotoError::WrongLength`] unless there are `width * height * 4` bytes.
    pub fn from_rgba(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, PhotoError> {
        Self::new(width, height, 4, pixels)
    }

    fn new(width: u32, height: u32, step: usize, pixels: Vec<u8>) -> Result<Self, PhotoError> {
        if width == 0 || height == 0 {
            return Err(PhotoError::NoPixels);
        }
        let expected = u64::from(width) * u64::from(height) * step as u64;
        if pixels.len() as u64 != expected {
            return Err(PhotoError::WrongLength { width, height, expected, got: pixels.len() });
        }
        Ok(Self { width, height, step, pixels })
    }

    /// Pixels across.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Pixels down.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// `(width, height)`.
    #[must_use]
    pub const fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The colour at column `x` of row `y`.
    ///
    /// # Panics
    /// Outside the photo.
    #[must_use]
    pub fn rgb(&self, x: u32, y: u32) -> [u8; 3] {
        assert!(x < self.width, "column {x} of a photo {} wide", self.width);
        let at = x as usize * self.step;
        let row = self.row(y);
        [row[at], row[at + 1], row[at + 2]]
    }

    /// The bytes of row `y`, [`Photo::step`] for each pixel.
    ///
    /// # Panics
    /// Outside the photo.
    #[must_use]
    pub fn row(&self, y: u32) -> &[u8] {
        let stride = self.width as usize * self.step;
        &self.pixels[y as usize * stride..][..stride]
    }

    /// Bytes from one pixel of a row to the next: 3 or 4, of which the first three are red, green, blue.
    #[must_use]
    pub const fn step(&self) -> usize {
        self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rgb_and_rgba_read_alike() {
        let rgb = Photo::from_rgb(2, 1, vec![1, 2, 3, 4, 5, 6]).expect("six bytes");
        let rgba = Photo::from_rgba(2, 1, vec![1, 2, 3, 99, 4, 5, 6, 99]).expect("eight bytes");
        for x in 0..2 {
            assert_eq!(rgb.rgb(x, 0), rgba.rgb(x, 0));
        }
        assert_eq!(rgb.rgb(1, 0), [4, 5, 6]);
    }

    #[test]
    fn sizes_and_lengths_must_agree() {
        assert!(matches!(Photo::from_rgb(0, 4, vec![]), Err(PhotoError::NoPixels)));
        assert!(matches!(Photo::from_rgba(2, 2, vec![0; 15]), Err(PhotoError::WrongLength { expected: 16, .. })));
    }
}
