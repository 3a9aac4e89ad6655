//! Where to look: the region proposal network (Ren et al. 2015, "Faster R-CNN", section 3.1), which Faster R-CNN, R-FCN,
//! Mask R-CNN and DenseCap share, and Selective Search (Uijlings et al. 2013), which R-CNN, SPP-net and Fast R-CNN share.

pub mod anchors;
pub mod default_boxes;
#[cfg(feature = "network")]
pub mod levels;
pub mod matching;
#[cfg(feature = "network")]
pub mod reading;
#[cfg(feature = "network")]
pub mod rpn;
pub mod selective_search;
