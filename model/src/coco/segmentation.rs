//! Masks in COCO's JSON: polygons, run lengths as numbers, run lengths as text.

mod text;

use serde::{Deserialize, Serialize};

use crate::structures::rle::{Rle, RleError};

/// A mask in COCO's JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Segmentation {
    /// The parts of one object, each `x, y, x, y ...` in photo pixels.
    Polygons(Vec<Vec<f64>>),
    /// Run lengths as numbers: labels of crowds.
    Runs {
        /// Height and width.
        size: [usize; 2],
        /// As [`Rle::counts`].
        counts: Vec<u32>,
    },
    /// Run lengths as text: results.
    Compressed {
        /// Height and width.
        size: [usize; 2],
        /// Six bits a character; see pycocotools' `mask.encode`.
        counts: String,
    },
}

impl Segmentation {
    /// The mask's pixels.
    ///
    /// # Arguments
    /// * `size` - width and height of the photo in pixels.
    ///
    /// # Errors
    /// When the mask is damaged or for a photo of another size.
    pub fn to_rle(&self, size: (usize, usize)) -> Result<Rle, RleError> {
        let rle = match self {
            Self::Polygons(parts) => {
                let parts: Vec<Rle> =
                    parts.iter().map(|part| Rle::from_polygon(part, size)).collect::<Result<_, _>>()?;
                Rle::union(&parts).unwrap_or_else(|| Rle::from_pixels(size, |_, _| false))
            }
            Self::Runs { size: [height, width], counts } => Rle::from_counts((*width, *height), counts.clone())?,
            Self::Compressed { size: [height, width], counts } => {
                Rle::from_counts((*width, *height), text::decode(counts)?)?
            }
        };
        if rle.size() == size { Ok(rle) } else { Err(RleError::Size(rle.size(), size)) }
    }
}

impl From<&Rle> for Segmentation {
    fn from(rle: &Rle) -> Self {
        let (width, height) = rle.size();
        Self::Compressed { size: [height, width], counts: text::encode(rle.counts()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_of_another_size_is_an_error() {
        let mask: Segmentation = serde_json::from_str(r#"{"size": [2, 1], "counts": [1, 1]}"#).expect("COCO's format");
        assert_eq!(mask.to_rle((2, 1)), Err(RleError::Size((1, 2), (2, 1))));
        assert!(mask.to_rle((1, 2)).is_ok());
    }

    #[test]
    fn an_object_without_polygons_has_no_pixels() {
        let mask = Segmentation::Polygons(vec![]).to_rle((3, 2)).expect("no polygon is damaged");
        assert_eq!((mask.size(), mask.area()), ((3, 2), 0));
    }
}
