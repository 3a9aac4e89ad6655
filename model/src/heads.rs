//! Networks that say something about feature maps or regions.

pub mod caption;
pub mod keypoint;
pub mod locate;
pub mod mask;
pub mod movenet;
pub mod pyramid;
pub mod segment;
pub mod single_shot;
pub mod ssd;
pub mod votes;
