//! Region proposals (Uijlings et al. 2013, "Selective Search"; Ren et al. 2015, "Faster R-CNN", section 3.1).

use serde::{Deserialize, Serialize};

use super::boxes::BBox;

/// A region that may hold an object of any class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Where, in whatever unit its owner states (photo pixels, or fractions of the photo).
    pub bbox: BBox,
    /// What proposals are ranked by, 0 to 1: objectness, where a network proposes.
    pub score: f32,
    /// The anchor that was corrected to it, where there is one.
    pub anchor: Option<u32>,
}

/// From this size on, the square root of the area in fractions of the photo, a region is cut out of stride 16, and from
/// the second on out of stride 32; at 416 x 416 these are 96 and 256 pixels, so that a region spans about eight cells.
pub const LEVEL_SIZES: [f32; 2] = [96.0 / 416.0, 256.0 / 416.0];

/// The level of a feature pyramid that a region is cut out of, an index into its maps, finest first (Lin et al. 2017, "Feature
/// Pyramid Networks", section 4.2).
///
/// # Arguments
/// * `bbox` - in fractions of the photo.
#[must_use]
pub fn level_of(bbox: &BBox) -> usize {
    let size = bbox.area().sqrt();
    LEVEL_SIZES.iter().filter(|&&least| size >= least).count()
}
