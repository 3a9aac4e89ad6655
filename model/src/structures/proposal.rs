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
