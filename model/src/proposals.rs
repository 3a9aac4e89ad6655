//! Where to look: the region proposal network (Ren et al. 2015, "Faster R-CNN", section 3.1), which Faster R-CNN, R-FCN,
//! Mask R-CNN and DenseCap share.

pub mod anchors;
pub mod levels;
pub mod matching;
pub mod rpn;
