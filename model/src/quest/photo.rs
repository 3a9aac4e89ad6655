//! A photo of the visitor with its class map: what a data set of patches is cut from.
//!
//! The number of such a data set is a fingerprint of the photo, so that leaderboards, baselines and kept games need nothing
//! new. Nobody can make the data set from the number alone: the photo stays in the tab that it was opened in.

use serde::{Deserialize, Serialize};

use crate::structures::class_map::{CLASSES, ClassMap};

/// The longer side of the small copy, in pixels.
const LONG_SIDE: usize = 384;
/// The label of a pixel of which the class map is not sure.
pub(super) const UNSURE: u8 = u8::MAX;
/// The least probability of a label, 0 to 255.
const SURE: u8 = 128;
/// The bit that tells the fingerprint of a photo from a seed.
const FINGERPRINT: u32 = 1 << 31;
/// Bytes before the pixels: width and height.
const HEADER: usize = 4;

/// A small copy of a photo, each pixel with the class that a class map gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelledPhoto {
    /// Pixels across and down, at most 384.
    pub(super) size: [u16; 2],
    /// RGB, row by row from the top left.
    #[serde(with = "serde_bytes")]
    pub(super) pixels: Vec<u8>,
    /// Indices into [`CLASSES`], or [`UNSURE`].
    #[serde(with = "serde_bytes")]
    pub(super) labels: Vec<u8>,
}

/// Why no data set can be cut from a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// Its sizes do not fit together.
    #[error("the photo and its class map do not fit together")]
    Damaged,
    /// It shows one class, or others are too small.
    #[error("the class map has no two classes that are large enough to cut patches from")]
    TooFewClasses,
    /// It is not here.
    #[error(
        "the data set was cut from a photo that this tab does not have: open it on the photo page and train on it once more"
    )]
    Elsewhere,
}

/// Whether a data set's number is the fingerprint of a photo.
#[must_use]
pub const fn is_of_photo(seed: u32) -> bool {
    seed & FINGERPRINT != 0
}

impl LabelledPhoto {
    /// A small copy of a photo.
    ///
    /// # Arguments
    /// * `pixels` - RGBA, row by row from the top left.
    /// * `size` - the photo's width and height.
    /// * `map` - covers the photo, at any resolution.
    ///
    /// # Errors
    /// [`PhotoError::Damaged`] when there are fewer pixels or labels than the sizes say.
    pub fn new(pixels: &[u8], size: (usize, usize), map: &ClassMap) -> Result<Self, PhotoError> {
        let (width, height) = size;
        let is_whole = width * height > 0 && pixels.len() == width * height * 4;
        let labels = map.width * map.height;
        if !is_whole || labels == 0 || map.labels.len() != labels || map.certainty.len() != labels {
            return Err(PhotoError::Damaged);
        }
        let scale = (LONG_SIDE as f32 / width.max(height) as f32).min(1.0);
        let side = |full: usize| ((full as f32 * scale).round() as usize).clamp(1, LONG_SIDE);
        let (across, down) = (side(width), side(height));
        let mut small = Self {
            size: [across as u16, down as u16], // at most 384
            pixels: Vec::with_capacity(across * down * 3),
            labels: Vec::with_capacity(across * down),
        };
        for y in 0..down {
            for x in 0..across {
                let columns = span(x, across, width);
                let rows = span(y, down, height);
                for channel in 0..3 {
                    let line = |row: usize| {
                        columns.clone().map(move |column| u32::from(pixels[(row * width + column) * 4 + channel]))
                    };
                    let sum: u32 = rows.clone().flat_map(line).sum();
                    small.pixels.push((sum / (rows.len() * columns.len()) as u32) as u8);
                }
                let place = (2 * y + 1) * map.height / (2 * down) * map.width + (2 * x + 1) * map.width / (2 * across);
                small.labels.push(if map.certainty[place] < SURE { UNSURE } else { map.labels[place] });
            }
        }
        Ok(small)
    }

    /// The number of the data set: a fingerprint of pixels and labels (Fowler, Noll and Vo's hash), the highest bit set.
    #[must_use]
    pub fn seed(&self) -> u32 {
        let bytes = self.to_bytes();
        let hash = bytes.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
        hash | FINGERPRINT
    }

    /// As bytes: width and height as two little-endian bytes each, pixels, labels.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let size = self.size.iter().flat_map(|side| side.to_le_bytes());
        size.chain(self.pixels.iter().copied()).chain(self.labels.iter().copied()).collect()
    }

    /// What [`Self::to_bytes`] has written.
    ///
    /// # Errors
    /// [`PhotoError::Damaged`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PhotoError> {
        let side = |at: usize| bytes.get(at..at + 2).map(|it| u16::from_le_bytes([it[0], it[1]]));
        let size = [side(0).ok_or(PhotoError::Damaged)?, side(2).ok_or(PhotoError::Damaged)?];
        let count = usize::from(size[0]) * usize::from(size[1]);
        if bytes.len() != HEADER + count * 4 {
            return Err(PhotoError::Damaged);
        }
        let (pixels, labels) = bytes[HEADER..].split_at(count * 3);
        let photo = Self { size, pixels: pixels.to_vec(), labels: labels.to_vec() };
        if photo.is_sound() { Ok(photo) } else { Err(PhotoError::Damaged) }
    }

    /// Whether sizes and labels fit together.
    pub(super) fn is_sound(&self) -> bool {
        let [across, down] = self.size.map(usize::from);
        let fits = (1..=LONG_SIDE).contains(&across) && (1..=LONG_SIDE).contains(&down);
        fits && self.pixels.len() == across * down * 3
            && self.labels.len() == across * down
            && self.labels.iter().all(|label| *label == UNSURE || usize::from(*label) < CLASSES.len())
    }
}

/// Pixels of the photo that one of the small copy covers.
fn span(place: usize, small: usize, full: usize) -> std::ops::Range<usize> {
    let start = place * full / small;
    start..((place + 1) * full / small).max(start + 1)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A photo of which the left part is one class and the right part another, with different stripes.
    pub fn halves(width: usize, height: usize) -> LabelledPhoto {
        let pixel = |at: usize| {
            let (x, y) = (at % width, at / width);
            let stripe = if x < width / 2 { x / 3 % 2 } else { y / 3 % 2 };
            [40 + 150 * stripe as u8, (x * 200 / width) as u8, 90, 255]
        };
        let pixels: Vec<u8> = (0..width * height).flat_map(pixel).collect();
        let map = ClassMap {
            width: 4,
            height: 2,
            labels: vec![0, 0, 13, 13, 0, 0, 13, 13],
            certainty: vec![255, 255, 255, 255, 255, 255, 255, 20],
        };
        LabelledPhoto::new(&pixels, (width, height), &map).expect("the sizes fit")
    }

    #[test]
    fn a_photo_gets_small_and_keeps_its_labels() {
        let photo = halves(800, 400);
        assert_eq!(photo.size, [384, 192]);
        let label = |x: usize, y: usize| photo.labels[y * 384 + x];
        assert_eq!((label(10, 10), label(380, 10), label(380, 190)), (0, 13, UNSURE));
        assert!(photo.is_sound() && is_of_photo(photo.seed()) && !is_of_photo(9999));
        assert_eq!(halves(100, 60).size, [100, 60], "small photos stay as they are");
    }

    #[test]
    fn bytes_come_back_and_others_are_refused() {
        let photo = halves(120, 80);
        let bytes = photo.to_bytes();
        assert!(LabelledPhoto::from_bytes(&bytes).is_ok_and(|it| it == photo && it.seed() == photo.seed()));
        let mut other = photo.clone();
        other.pixels[7] ^= 1;
        assert_ne!(other.seed(), photo.seed());
        let mut labels = bytes.clone();
        *labels.last_mut().expect("there are bytes") = 77;
        for bytes in [&bytes[1..], &bytes[..3], &[], &labels] {
            assert_eq!(LabelledPhoto::from_bytes(bytes).err(), Some(PhotoError::Damaged));
        }
    }

    #[test]
    fn maps_that_do_not_fit_are_refused() {
        let map = ClassMap { width: 2, height: 2, labels: vec![0; 3], certainty: vec![255; 4] };
        assert_eq!(LabelledPhoto::new(&[0; 16], (2, 2), &map).err(), Some(PhotoError::Damaged));
        assert_eq!(LabelledPhoto::new(&[0; 15], (2, 2), &ClassMap::default()).err(), Some(PhotoError::Damaged));
    }
}
