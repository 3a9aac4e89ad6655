//! What to say about a feature map or a region.

pub mod keypoint;
pub mod single_shot;
